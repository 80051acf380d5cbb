//! The commission's tasks: years to open and close, reports to look at.

use maud::html;
use zhijian_proto::submission::v1::{
    CountProgressRequest, CountSubmissionsRequest, Cycle, GetOutboxRequest, SubmissionCount, cycle, notice,
    submission,
};

use super::Task;
use crate::{
    pages::lookup::cycles,
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
    for cycle in cycles(visitor).await? {
        match cycle.state() {
            cycle::State::Draft | cycle::State::Unspecified => tasks.push(to_open(visitor, &cycle)),
            cycle::State::Collecting => tasks.extend(collecting(visitor, &cycle).await?),
            cycle::State::Closed | cycle::State::Released => {}
        }
    }
    tasks.extend(super::rectifications::commission(visitor).await?);
    Ok(tasks)
}

fn to_open(visitor: &Visitor, cycle: &Cycle) -> Task {
    let t = words(visitor.lang());
    Task {
        title: title(visitor, cycle),
        href: format!("/cycles/{}", cycle.year),
        mark: states::cycle(visitor.lang(), cycle.state()),
        way: html! { (t("年度已定义，学校还不能填报。", "Defined; schools cannot report yet.")) },
        due: None,
        action: Some(t("开放填报", "Open for reports")),
    }
}

async fn collecting(visitor: &Visitor, cycle: &Cycle) -> Result<Vec<Task>, Failure> {
    use submission::State;
    let lang = visitor.lang();
    let t = words(lang);
    let request = CountSubmissionsRequest { cycle_year: cycle.year };
    let counts = visitor.clients().submissions().count_submissions(request).await?.into_inner().counts;
    let of = |states: &[State]| total(&counts, states);
    let to_review = of(&[State::Submitted, State::UnderReview]);
    let accepted = of(&[State::Accepted, State::Published]);
    let all: i32 = counts.iter().map(|count| count.count).sum();
    let year = cycle.year;
    let due = format::moment(cycle.due_time.as_ref());
    let past = due.is_some_and(|due| due < visitor.now());
    let mut tasks = vec![];
    if to_review > 0 {
        tasks.push(Task {
            title: say!(lang, "{to_review} 份年报等待审核", "{to_review} reports wait to be looked at"),
            href: format!("/desk?year={year}&state=to-review"),
            mark: Mark::new(Sign::Empty, Tone::Need, t("待审核", "To be reviewed")),
            way: html! { (progress(lang, accepted, all)) " " (t("份已接收", "accepted")) },
            due: None,
            action: Some(t("去受理台", "Go to the desk")),
        });
    }
    tasks.extend(reminders(visitor, year).await?);
    let way = html! {
        @if past { (t("截止时间已过。截止后未接收的年报不进入结果。", "The due date has passed. What is not accepted at closing stays out of the results.")) }
        @else { (progress(lang, accepted, all)) " " (t("份已接收", "accepted")) }
    };
    tasks.push(Task {
        title: title(visitor, cycle),
        href: if past { format!("/cycles/{year}") } else { format!("/desk?year={year}") },
        mark: states::cycle(lang, cycle.state()),
        way,
        due,
        action: past.then(|| t("截止填报", "Close the year")),
    });
    Ok(tasks)
}

/// Who is late, and what waits in the outbox to be looked at.
async fn reminders(visitor: &Visitor, year: i32) -> Result<Vec<Task>, Failure> {
    let lang = visitor.lang();
    let t = words(lang);
    let (mut desk, mut outbox) = (visitor.clients().desk(), visitor.clients().notices());
    let progress = desk.count_progress(CountProgressRequest { cycle_year: year, idle_days: 0 });
    let outbox = outbox.get_outbox(GetOutboxRequest { cycle_year: year });
    let (progress, outbox) = futures::try_join!(progress, outbox)?;
    let late: i32 = progress.into_inner().counts.iter().map(|count| count.late).sum();
    let drafts = outbox.into_inner().counts.into_iter().find(|count| count.state() == notice::State::Draft);
    let mut tasks = vec![];
    if late > 0 {
        tasks.push(Task {
            title: say!(lang, "{late} 份年报逾期未交", "{late} reports are late"),
            href: format!("/desk?year={year}&want=late#reports"),
            mark: Mark::new(Sign::Warn, Tone::Wrong, t("逾期", "Late")),
            way: html! { a href={ "/notices?year=" (year) } { (t("起草并批准提醒", "Draft and approve reminders")) } },
            due: None,
            action: Some(t("看是谁", "See who")),
        });
    }
    if let Some(count) = drafts.map(|drafts| drafts.count).filter(|count| *count > 0) {
        tasks.push(Task {
            title: say!(lang, "{count} 条提醒待批准", "{count} reminders to approve"),
            href: format!("/notices?year={year}&state=draft"),
            mark: Mark::new(Sign::Empty, Tone::Need, t("草稿", "Drafts")),
            way: html! { (t("看过并批准之后，学校才会看到。", "Schools see nothing before somebody has looked at them.")) },
            due: None,
            action: Some(t("去审阅", "Look at them")),
        });
    }
    Ok(tasks)
}

fn total(counts: &[SubmissionCount], states: &[submission::State]) -> i32 {
    counts.iter().filter(|count| states.contains(&count.state())).map(|count| count.count).sum()
}

fn title(visitor: &Visitor, cycle: &Cycle) -> String {
    let year = cycle.year;
    let name = name_or(visitor.lang(), cycle.name.as_ref(), "").to_owned();
    if name.is_empty() { say!(visitor.lang(), "{year} 年度", "Cycle {year}") } else { name }
}
