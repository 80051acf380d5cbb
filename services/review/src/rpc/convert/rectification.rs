//! Rectifications from the domain to the wire, and measures from the wire.

use chrono::{DateTime, NaiveDate, Utc};
use zhijian_platform::{Calendar, date_in_china, etag, time::timestamp};
use zhijian_proto::review::v1 as wire;

use super::{element, entry as entry_of};
use crate::{
    domain::{
        entry::Entry,
        evidence::Item,
        measure::{Given, Measure},
        rectification::{Outcome as RectificationOutcome, Rectification, State as RectificationState},
        reminder,
        scheme::{Level, Scheme},
    },
    store,
};

/// A rectification without its history and without a word about who re-checks.
pub fn rectification(found: Rectification, entry: Option<Entry>, scheme: &Scheme) -> wire::Rectification {
    let levels = &scheme.definition().rectification.levels;
    let (new_grade, new_total) =
        found.regraded.as_ref().map(|new| (new.grade.clone(), new.total.to_string())).unwrap_or_default();
    wire::Rectification {
        entry: entry.map(entry_of),
        state: rectification_state(found.state).into(),
        plan_due_date: found.plan_due_date.to_string(),
        due_date: found.due().map(|due| due.to_string()).unwrap_or_default(),
        overdue: found.overdue(Utc::now()),
        level: found.on(levels).map(level),
        next_level: found.next(levels).map(level),
        outcome: match found.outcome {
            None => wire::rectification::Outcome::Unspecified,
            Some(RectificationOutcome::Mended) => wire::rectification::Outcome::Mended,
            Some(RectificationOutcome::Withdrawn) => wire::rectification::Outcome::Withdrawn,
            Some(RectificationOutcome::Lifted) => wire::rectification::Outcome::Lifted,
        }
        .into(),
        measures: found.measures.iter().cloned().map(measure).collect(),
        rectification_id: found.id,
        grade: found.grade,
        findings: found.findings.into_iter().map(element).collect(),
        plan: found.plan,
        create_time: Some(timestamp(found.create_time)),
        etag: etag::of(found.version),
        new_grade,
        new_total,
        history: vec![],
        recheck_submitted: 0,
        recheck_count: 0,
        working_days_left: 0,
        reminding: false,
    }
}

/// A rectification with what its date means now.
pub fn timed(
    shown: wire::Rectification,
    scheme: &Scheme,
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> wire::Rectification {
    let today = date_in_china(now);
    let Ok(due) = shown.due_date.parse::<NaiveDate>() else { return shown };
    let left = reminder::working_days_left(calendar, today, due);
    let (overdue, remind) = (today > due, scheme.definition().review.follow_up.remind_working_days);
    wire::Rectification {
        overdue,
        working_days_left: left,
        reminding: reminder::reminds(left, overdue, remind),
        ..shown
    }
}

fn rectification_state(state: RectificationState) -> wire::rectification::State {
    match state {
        RectificationState::Opened => wire::rectification::State::Opened,
        RectificationState::Planned => wire::rectification::State::Planned,
        RectificationState::Mending => wire::rectification::State::Mending,
        RectificationState::Claimed => wire::rectification::State::Claimed,
        RectificationState::Rechecking => wire::rectification::State::Rechecking,
        RectificationState::Closed => wire::rectification::State::Closed,
    }
}

fn level(level: &Level) -> wire::RectificationLevel {
    wire::RectificationLevel { code: level.code.clone(), name: Some(level.name.clone().into()) }
}

fn measure(measure: Measure) -> wire::Measure {
    wire::Measure {
        element_code: measure.element_code,
        title: measure.title,
        responsible: measure.responsible,
        due_date: measure.due_date.map(|date| date.to_string()).unwrap_or_default(),
        progress: measure.progress,
        evidence: measure.evidence,
        done: measure.done,
        items: measure
            .items
            .into_iter()
            .map(|item| wire::EvidenceItem { title: item.title, link: item.link, sha256: item.sha256 })
            .collect(),
    }
}

/// A measure as it was sent.
pub fn measure_given(sent: wire::Measure) -> Given {
    Given {
        element_code: sent.element_code,
        title: sent.title,
        responsible: sent.responsible,
        due_date: sent.due_date,
        progress: sent.progress,
        evidence: sent.evidence,
        done: sent.done,
        items: sent
            .items
            .into_iter()
            .map(|item| Item { title: item.title, link: item.link, sha256: item.sha256 })
            .collect(),
    }
}

/// Something that happened to a rectification.
pub fn event(event: store::rectification_event::Model, scheme: &Scheme) -> wire::RectificationEvent {
    let levels = &scheme.definition().rectification.levels;
    let place = usize::try_from(event.level).unwrap_or_default().checked_sub(1);
    let state = event.state.parse().map(rectification_state).unwrap_or_default();
    wire::RectificationEvent {
        time: Some(timestamp(event.time)),
        action: event.action,
        state: state.into(),
        level: place.and_then(|place| levels.get(place)).map(level),
        comment: event.comment,
    }
}
