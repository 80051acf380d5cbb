//! A school's tasks: the reports of the year that collects, and plans for what was graded low.

use maud::{Markup, html};
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{ListRectificationsRequest, Rectification, rectification},
    submission::v1::{
        CheckSubmissionRequest, Cycle, Finding, ListSubmissionsRequest, Severity, Submission, cycle,
        submission,
    },
};

use super::Task;
use crate::{
    pages::lookup::{self, Organisations, kind_name},
    say,
    web::{
        chart::progress,
        components::{Mark, Sign, Tone},
        error::Failure,
        format,
        i18n::{name_or, words},
        session::Visitor,
        states,
    },
};

pub async fn tasks(visitor: &Visitor) -> Result<Vec<Task>, Failure> {
    let mut tasks = vec![];
    let cycles = lookup::cycles(visitor).await?;
    for organisation in visitor.organisations(Role::School) {
        for cycle in cycles.iter().filter(|cycle| cycle.state() == cycle::State::Collecting) {
            tasks.extend(reports(visitor, cycle, &organisation).await?);
        }
        tasks.extend(plans(visitor, &organisation).await?);
    }
    Ok(tasks)
}

async fn reports(visitor: &Visitor, cycle: &Cycle, organisation: &str) -> Result<Vec<Task>, Failure> {
    let lang = visitor.lang();
    let t = words(lang);
    let request = ListSubmissionsRequest {
        page_size: 100,
        cycle_year: cycle.year,
        organisation_code: organisation.to_owned(),
        ..ListSubmissionsRequest::default()
    };
    let listed = visitor.clients().submissions().list_submissions(request).await?.into_inner().submissions;
    let due = format::moment(cycle.due_time.as_ref());
    let year = name_or(lang, cycle.name.as_ref(), "").to_owned();
    if listed.is_empty() {
        return Ok(vec![Task {
            title: say!(lang, "{year}：还没有开始填报", "{year}: no report begun yet"),
            href: format!("/submissions?year={}", cycle.year),
            mark: Mark::new(Sign::Empty, Tone::Need, t("未开始", "Not begun")),
            way: html! { (t("新建年报之后就可以填数据。", "Start the report to fill in its data.")) },
            due,
            action: Some(t("新建年报", "Start the report")),
        }]);
    }
    let catalogue = lookup::catalogue(visitor, cycle).await?;
    let subjects =
        Organisations::of(visitor, listed.iter().map(|submission| submission.subject_code.as_str())).await?;
    let mut tasks = vec![];
    let unfinished = |one: &&Submission| {
        !matches!(one.state(), submission::State::Accepted | submission::State::Published)
    };
    for submission in listed.iter().filter(unfinished) {
        let kind = kind_name(lang, &catalogue, &submission.report_kind);
        let about = subjects.plain(lang, &submission.subject_code);
        let title = say!(lang, "{kind}：{about}", "{kind}: {about}");
        tasks.push(report(visitor, submission, title, due).await?);
    }
    Ok(tasks)
}

async fn report(
    visitor: &Visitor,
    submission: &Submission,
    title: String,
    due: Option<chrono::DateTime<chrono::Utc>>,
) -> Result<Task, Failure> {
    use submission::State;
    let lang = visitor.lang();
    let t = words(lang);
    let state = submission.state();
    let (filled, required) = (submission.filled_cells, submission.required_cells);
    let complete = filled >= required;
    let action = match state {
        State::Draft if !complete => Some(t("继续填报", "Go on filling in")),
        State::Draft => Some(t("核对并审定", "Check and approve")),
        State::Returned => Some(t("按意见修改", "Mend as asked")),
        State::Approved => Some(t("提交年报", "Submit the report")),
        _ => None,
    };
    let findings =
        if state == State::Draft && complete { findings(visitor, submission).await? } else { vec![] };
    let open = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity() == severity && finding.explanation.is_empty())
            .count()
    };
    let (errors, warnings) = (open(Severity::Error), open(Severity::Warning));
    let way = html! {
        @if state == State::Returned && !submission.return_comment.is_empty() {
            (t("退回意见：", "Returned: ")) (submission.return_comment)
        } @else if matches!(state, State::Draft | State::Returned) && !complete {
            (progress(lang, filled, required)) " " (t("项指标已填", "indicators filled in"))
        } @else if errors > 0 {
            (say!(lang, "{errors} 处错误必须改正", "{errors} errors must be mended"))
            @if warnings > 0 { (say!(lang, "，{warnings} 处提醒须说明", ", {warnings} warnings to explain")) }
        } @else if warnings > 0 {
            (say!(lang, "{warnings} 处提醒须说明", "{warnings} warnings to explain"))
        } @else if state == State::Draft {
            (t("数据已填全，没有待处理的检查结果。", "All filled in; no findings stand open."))
        } @else if action.is_none() {
            (t("由教育主管部门审核，有结果会出现在这里。", "With the commission; the outcome will appear here."))
        }
    };
    let href = format!("/submissions/{}", submission.submission_id);
    let due = due.filter(|_| action.is_some());
    Ok(Task { title, href, mark: states::submission(lang, state), way, due, action })
}

async fn findings(visitor: &Visitor, submission: &Submission) -> Result<Vec<Finding>, Failure> {
    let request = CheckSubmissionRequest { submission_id: submission.submission_id.clone() };
    Ok(visitor.clients().submissions().check_submission(request).await?.into_inner().findings)
}

async fn plans(visitor: &Visitor, organisation: &str) -> Result<Vec<Task>, Failure> {
    let lang = visitor.lang();
    let t = words(lang);
    let request = ListRectificationsRequest {
        page_size: 100,
        organisation_code: organisation.to_owned(),
        ..ListRectificationsRequest::default()
    };
    let listed =
        visitor.clients().rectifications().list_rectifications(request).await?.into_inner().rectifications;
    use rectification::State;
    let open = listed.into_iter().filter(|one| matches!(one.state(), State::Opened | State::Mending));
    Ok(open
        .map(|rectification| {
            let entry = rectification.entry.clone().unwrap_or_default();
            let programme = name_or(lang, entry.programme_name.as_ref(), &entry.programme_code);
            let grade = &rectification.grade;
            Task {
                title: say!(lang, "整改：{programme}", "Rectification: {programme}"),
                href: format!("/rectifications/{}", rectification.rectification_id),
                mark: states::rectification(lang, rectification.state()),
                way: html! {
                    (remaining(visitor, &rectification))
                    @if rectification.state() == State::Mending { (say!(lang, "监测等级 {grade}，方案已通过，请按期完成并填报佐证。", "Graded {grade}: the plan is taken; carry it out and report the evidence.")) }
                    @else { (say!(lang, "监测等级 {grade}，须提交一校一专一策方案。", "Graded {grade}: a plan of its own is due.")) }
                },
                due: rectification.due_date.parse().ok().and_then(format::end_of_day),
                action: Some(match rectification.state() {
                    State::Mending => t("填报整改进展", "Report progress"),
                    _ => t("写整改方案", "Write the plan"),
                }),
            }
        })
        .collect())
}

/// How many working days are left, once the school is reminded of them.
fn remaining(visitor: &Visitor, rectification: &Rectification) -> Markup {
    let lang = visitor.lang();
    let (left, past) = (rectification.working_days_left, -rectification.working_days_left);
    html! {
        @if rectification.overdue { strong { (say!(lang, "已逾期 {past} 个工作日。", "{past} working days late. ")) } }
        @else if rectification.reminding { strong { (say!(lang, "还有 {left} 个工作日。", "{left} working days left. ")) } }
    }
}
