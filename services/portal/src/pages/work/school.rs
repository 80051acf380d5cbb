//! A school's tasks: the reports of the year that collects, and plans for what was graded low.

use maud::{Markup, html};
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{ListRectificationsRequest, Rectification, rectification},
    submission::v1::{
        CheckSubmissionRequest, Comment, Cycle, Extension, Finding, GetSubmissionRequest,
        ListCommentsRequest, ListCorrectionsRequest, ListExtensionsRequest, ListSubmissionsRequest, Severity,
        Submission, comment, correction, cycle, extension, submission,
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
        i18n::{name_or, text, words},
        link,
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
            tasks.extend(asked_for_time(visitor, cycle, &organisation).await?);
        }
        tasks.extend(corrections(visitor, &organisation).await?);
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
    // One that is being put right has a task of its own.
    let unfinished = |one: &&Submission| {
        !one.correcting
            && !matches!(
                one.state(),
                submission::State::Accepted | submission::State::Published | submission::State::Corrected
            )
    };
    for submission in listed.iter().filter(unfinished) {
        let kind = kind_name(lang, &catalogue, &submission.report_kind);
        let about = subjects.plain(lang, &submission.subject_code);
        let title = say!(lang, "{kind}：{about}", "{kind}: {about}");
        tasks.push(report(visitor, &submission.submission_id, title, due).await?);
    }
    Ok(tasks)
}

/// A report as it stands: how far it is, what is the reader's, until when.
async fn report(
    visitor: &Visitor,
    submission_id: &str,
    title: String,
    due: Option<chrono::DateTime<chrono::Utc>>,
) -> Result<Task, Failure> {
    use submission::State;
    let lang = visitor.lang();
    let t = words(lang);
    let request = GetSubmissionRequest { submission_id: submission_id.to_owned() };
    let answer = visitor.clients().submissions().get_submission(request).await?.into_inner();
    let submission = &answer.submission.ok_or_else(Failure::not_found)?;
    let state = submission.state();
    let unanswered = unanswered(visitor, submission).await?;
    let limited = submission.rights.as_ref().filter(|rights| !rights.all);
    let coordinates = submission.rights.as_ref().is_none_or(|rights| rights.coordinator);
    let lock = submission.lock.as_ref();
    let due = submission.deadline.as_ref().map_or(due, |deadline| format::moment(deadline.due_time.as_ref()));
    let (filled, required) = (submission.filled_cells, submission.required_cells);
    let complete = filled >= required;
    let action = match state {
        State::Draft | State::Approved | State::Returned if unanswered > 0 => {
            Some(t("处理退回意见", "Deal with the remarks"))
        }
        State::Draft if limited.is_some() => Some(t("填我负责的部分", "Fill in my parts")),
        State::Draft if !complete => Some(t("继续填报", "Go on filling in")),
        State::Draft => Some(t("核对并审定", "Check and approve")),
        State::Returned => Some(t("按意见修改", "Mend as asked")),
        State::Approved if coordinates => Some(t("提交年报", "Submit the report")),
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
        @if let (Some(lock), Some(_)) = (lock, action) {
            (text(lang, lock.reason.as_ref()))
        } @else if unanswered > 0 {
            (say!(lang, "{unanswered} 条意见待答复", "{unanswered} remarks to answer"))
            @if !submission.return_comment.is_empty() { (t("；退回意见：", "; returned: ")) (submission.return_comment) }
        } @else if let (State::Draft | State::Returned, Some(rights)) = (state, limited) {
            @let count = rights.section_codes.len() + rights.group_codes.len();
            (say!(lang, "您负责其中 {count} 个部分", "{count} parts of it are yours"))
        } @else if state == State::Returned && !submission.return_comment.is_empty() {
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
    let page = if unanswered > 0 && action.is_some() { "/comments" } else { "" };
    let href = format!("/submissions/{}{page}", submission.submission_id);
    let due = due.filter(|_| action.is_some());
    Ok(Task { title, href, mark: states::submission(lang, state), way, due, action })
}

/// How many of the commission's remarks wait for an answer.
async fn unanswered(visitor: &Visitor, submission: &Submission) -> Result<usize, Failure> {
    use submission::State;
    if submission.revision_number == 0
        || !matches!(submission.state(), State::Draft | State::Approved | State::Returned)
    {
        return Ok(0);
    }
    let request = ListCommentsRequest { submission_id: submission.submission_id.clone() };
    let listed: Vec<Comment> =
        visitor.clients().comments().list_comments(request).await?.into_inner().comments;
    Ok(listed.iter().filter(|comment| comment.state() == comment::State::Open).count())
}

/// The newest request for more time: waiting, or just decided.
async fn asked_for_time(
    visitor: &Visitor,
    cycle: &Cycle,
    organisation: &str,
) -> Result<Option<Task>, Failure> {
    let lang = visitor.lang();
    let t = words(lang);
    let request = ListExtensionsRequest {
        page_size: 1,
        cycle_year: cycle.year,
        organisation_code: organisation.to_owned(),
        ..ListExtensionsRequest::default()
    };
    let listed = visitor.clients().extensions().list_extensions(request).await?.into_inner().extensions;
    let newest: Option<&Extension> = listed.first().filter(|one| one.state() != extension::State::Withdrawn);
    let year = cycle.year.to_string();
    Ok(newest.map(|one| Task {
        title: t("延期申请", "Request for an extension").to_owned(),
        href: link::address("/extensions", &[("year", &year)]),
        mark: states::extension(lang, one.state()),
        way: html! {
            @if let Some(time) = format::moment(one.granted_time.as_ref()) {
                (t("同意延到 ", "Granted until ")) (format::deadline(lang, time, visitor.now())) " "
            } @else if let Some(time) = format::moment(one.wanted_time.as_ref()) {
                (t("希望延到 ", "Asked for ")) (format::exact(lang, time, visitor.now())) " "
            }
            (one.decision)
        },
        due: None,
        action: None,
    }))
}

/// Reports in the results that are being put right, or that were asked to be.
async fn corrections(visitor: &Visitor, organisation: &str) -> Result<Vec<Task>, Failure> {
    let lang = visitor.lang();
    let t = words(lang);
    let request = ListCorrectionsRequest {
        page_size: 100,
        organisation_code: organisation.to_owned(),
        states: vec![correction::State::Requested.into(), correction::State::Open.into()],
        ..ListCorrectionsRequest::default()
    };
    let listed = visitor.clients().corrections().list_corrections(request).await?.into_inner().corrections;
    let mut tasks = vec![];
    for one in listed {
        let (year, number) = (one.cycle_year, one.old_revision);
        let title = say!(
            lang,
            "更正 {year} 年度年报（第 {number} 版）",
            "Correct the report of {year} (revision {number})"
        );
        if one.state() == correction::State::Open {
            tasks.push(report(visitor, &one.submission_id, title, None).await?);
        } else {
            tasks.push(Task {
                title,
                href: format!("/submissions/{}/corrections", one.submission_id),
                mark: states::correction(lang, one.state()),
                way: html! { (t("理由：", "Reason: ")) (one.reason) },
                due: None,
                action: None,
            });
        }
    }
    Ok(tasks)
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
