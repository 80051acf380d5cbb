//! Reviewers' and the chair's tasks.

use std::collections::BTreeMap;

use maud::html;
use zhijian_proto::review::v1::{
    Assignment, GetRoundRequest, ListAssignmentsRequest, ListRoundsRequest, Round, appeal, assignment, round,
};

use super::Task;
use crate::{
    pages::{
        appeals::open_appeals,
        lookup::{WHOLE_PAGE, all_pages},
    },
    say,
    web::{
        chart::progress,
        error::Failure,
        format,
        i18n::{name_or, words},
        session::Visitor,
        states,
    },
};

/// A reviewer's tasks: one for each round with open assignments.
pub async fn reviewer(visitor: &Visitor) -> Result<Vec<Task>, Failure> {
    let lang = visitor.lang();
    let t = words(lang);
    let mut by_round: BTreeMap<String, Vec<Assignment>> = BTreeMap::new();
    for assignment in all_assignments(visitor).await? {
        by_round.entry(assignment.round_id.clone()).or_default().push(assignment);
    }
    let mut tasks = vec![];
    for (round_id, assignments) in by_round {
        let done = assignments.iter().filter(|one| one.state() == assignment::State::Submitted).count();
        let next = assignments.iter().find(|one| one.state() == assignment::State::Open);
        let request = GetRoundRequest { round_id: round_id.clone() };
        let round =
            visitor.clients().rounds().get_round(request).await?.into_inner().round.unwrap_or_default();
        let all = assignments.len();
        let (done, all) = (i32::try_from(done).unwrap_or(i32::MAX), i32::try_from(all).unwrap_or(i32::MAX));
        let open = round.state() == round::State::Scoring && next.is_some();
        tasks.push(Task {
            title: name_or(lang, round.name.as_ref(), &round_id).to_owned(),
            href: match next {
                Some(_) if open => "/assignments/next".to_owned(),
                _ => "/assignments".to_owned(),
            },
            mark: states::round(lang, round.state()),
            way: html! { (progress(lang, done, all)) " " (t("个专业已评", "programmes scored")) },
            due: format::moment(round.due_time.as_ref()).filter(|_| open),
            action: open.then(|| t("继续评分", "Go on scoring")),
        });
    }
    Ok(tasks)
}

async fn all_assignments(visitor: &Visitor) -> Result<Vec<Assignment>, Failure> {
    all_pages(|page_token| {
        let mut assignments = visitor.clients().assignments();
        async move {
            let request = ListAssignmentsRequest {
                page_size: WHOLE_PAGE,
                page_token,
                ..ListAssignmentsRequest::default()
            };
            let answer = assignments.list_assignments(request).await?.into_inner();
            Ok((answer.assignments, answer.next_page_token))
        }
    })
    .await
}

/// The chair's tasks: the rounds that wait for a step.
pub async fn chair(visitor: &Visitor) -> Result<Vec<Task>, Failure> {
    let request = ListRoundsRequest { page_size: 100, ..ListRoundsRequest::default() };
    let rounds = visitor.clients().rounds().list_rounds(request).await?.into_inner().rounds;
    let mut tasks: Vec<Task> = rounds.into_iter().filter_map(|round| step(visitor, &round)).collect();
    tasks.extend(super::rectifications::chair(visitor).await?);
    tasks.extend(appeals(visitor).await?);
    Ok(tasks)
}

fn step(visitor: &Visitor, round: &Round) -> Option<Task> {
    use round::State;
    let lang = visitor.lang();
    let t = words(lang);
    let state = round.state();
    let (submitted, assignments, entries) =
        (round.submitted_count, round.assignment_count, round.entry_count);
    let complete = assignments > 0 && submitted >= assignments;
    let action = match state {
        State::Draft | State::Unspecified => Some(t("分配专家", "Assign the panel")),
        State::Assigned => Some(t("开放评分", "Open for scoring")),
        State::Scoring if round.short_count > 0 => Some(t("补派专家", "Fill the seats given back")),
        State::Scoring if complete => Some(t("定级", "Finalise the grades")),
        State::Scoring => None,
        State::Finalised | State::Revealed => return None,
    };
    let way = html! {
        @match state {
            State::Scoring if round.short_count > 0 => {
                @let short = round.short_count;
                (say!(lang, "{short} 个席位因专家退出而空缺。", "{short} seats were given back."))
            },
            State::Scoring if complete => (t("评分已全部交齐。", "All scores are in.")),
            State::Scoring => { (progress(lang, submitted, assignments)) " " (t("份评分已交", "scores handed in")) },
            State::Assigned => (t("分配已完成，专家还看不到任务。", "Assigned; reviewers cannot see their tasks yet.")),
            _ => (say!(lang, "{entries} 个专业待分配评审专家。", "{entries} programmes want reviewers.")),
        }
    };
    Some(Task {
        title: name_or(lang, round.name.as_ref(), &round.round_id).to_owned(),
        href: format!("/rounds/{}", round.round_id),
        mark: states::round(lang, state),
        way,
        due: format::moment(round.due_time.as_ref()),
        action,
    })
}

/// The appeals that wait for the chair, the most pressing first.
async fn appeals(visitor: &Visitor) -> Result<Vec<Task>, Failure> {
    let lang = visitor.lang();
    let t = words(lang);
    let tasks = open_appeals(visitor).await?.into_iter().map(|one| {
        let entry = one.entry.clone().unwrap_or_default();
        let programme = name_or(lang, entry.programme_name.as_ref(), &entry.programme_code);
        Task {
            title: say!(lang, "申诉：{programme}", "Appeal: {programme}"),
            href: format!("/appeals/{}", one.appeal_id),
            mark: states::appeal(lang, &one),
            way: html! { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) },
            due: one.decide_due_date.parse().ok().and_then(format::end_of_day),
            action: Some(match one.state() {
                appeal::State::Filed => t("安排复评", "Appoint the hearing"),
                _ => t("作出结论", "Decide"),
            }),
        }
    });
    Ok(tasks.collect())
}
