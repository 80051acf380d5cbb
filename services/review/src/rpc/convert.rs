//! From the domain to the wire.

use zhijian_platform::{etag, time::timestamp};
use zhijian_proto::review::v1 as wire;

use crate::{
    domain::{
        assignment::{Assignment, State as AssignmentState},
        entry::Entry,
        outcome::{ElementScore, Outcome},
        rectification::{Rectification, State as RectificationState},
        reviewer::Reviewer,
        round::{Round, State as RoundState},
        scheme::Scheme,
    },
    store::round::Progress,
};

pub fn scheme(scheme: &Scheme) -> wire::Scheme {
    let definition = scheme.definition();
    wire::Scheme {
        code: definition.code.clone(),
        name: Some(definition.name.clone().into()),
        elements: definition
            .elements
            .iter()
            .map(|element| wire::Element {
                code: element.code.clone(),
                name: Some(element.name.clone().into()),
                weight: element.weight.normalize().to_string(),
                description: Some(element.description.clone().into()),
            })
            .collect(),
        bands: definition
            .bands
            .iter()
            .map(|band| wire::Band {
                grade: band.grade.clone(),
                group: band.group.clone(),
                cut_off: band.cut_off.normalize().to_string(),
                rectify: band.rectify,
            })
            .collect(),
        panel_size: count(definition.panel_size),
        arbitration_spread: definition.arbitration_spread.normalize().to_string(),
    }
}

pub fn reviewer(reviewer: Reviewer) -> wire::Reviewer {
    wire::Reviewer {
        account_id: reviewer.account_id,
        name: reviewer.name,
        organisation_code: reviewer.organisation_code,
        past_organisation_codes: reviewer.past.into_iter().collect(),
        expertise: reviewer.expertise.into_iter().collect(),
        max_load: reviewer.max_load,
        etag: etag::of(reviewer.version),
    }
}

pub fn round(round: &Round, progress: Progress) -> wire::Round {
    let state = match round.state {
        RoundState::Draft => wire::round::State::Draft,
        RoundState::Assigned => wire::round::State::Assigned,
        RoundState::Scoring => wire::round::State::Scoring,
        RoundState::Finalised => wire::round::State::Finalised,
        RoundState::Revealed => wire::round::State::Revealed,
    };
    wire::Round {
        round_id: round.id.clone(),
        cycle_year: round.cycle_year,
        scheme_code: round.scheme.code().to_owned(),
        name: Some(round.name.clone().into()),
        state: state.into(),
        entry_count: round.entry_count,
        assignment_count: progress.assignments,
        submitted_count: progress.submitted,
        due_time: round.due_time.map(timestamp),
        create_time: Some(timestamp(round.create_time)),
        etag: etag::of(round.version),
    }
}

/// An entry without its result and without a word about its reviewers.
pub fn entry(entry: Entry) -> wire::Entry {
    wire::Entry {
        entry_id: entry.id,
        round_id: entry.round_id,
        programme_id: entry.programme_id,
        programme_code: entry.programme_code,
        programme_name: Some(entry.programme_name.into()),
        organisation_code: entry.organisation_code,
        organisation_name: Some(entry.organisation_name.into()),
        result: None,
        submitted_count: 0,
        panel_size: 0,
    }
}

pub fn result(outcome: Outcome) -> wire::Result {
    wire::Result {
        grade: outcome.grade,
        group: outcome.group,
        total: outcome.total.to_string(),
        elements: outcome.elements.into_iter().map(element).collect(),
        to_next: outcome.to_next.map(|distance| distance.to_string()).unwrap_or_default(),
        decided_by_one: outcome.decided_by_one,
    }
}

fn element(element: ElementScore) -> wire::ElementResult {
    wire::ElementResult { element_code: element.code, score: element.score.to_string() }
}

pub fn assignment(assignment: Assignment, entry: Option<Entry>, scheme: &Scheme) -> wire::Assignment {
    let state = match assignment.state {
        AssignmentState::Open => wire::assignment::State::Open,
        AssignmentState::Submitted => wire::assignment::State::Submitted,
    };
    wire::Assignment {
        scores: assignment
            .sheet
            .points(scheme)
            .map(|(code, points)| wire::Score {
                element_code: code.to_owned(),
                points: points.map(|points| points.to_string()).unwrap_or_default(),
            })
            .collect(),
        assignment_id: assignment.id,
        round_id: assignment.round_id,
        entry: entry.map(self::entry),
        reviewer_account_id: assignment.account_id,
        state: state.into(),
        comment: assignment.comment,
        submit_time: assignment.submit_time.map(timestamp),
        etag: etag::of(assignment.version),
    }
}

pub fn rectification(rectification: Rectification, entry: Option<Entry>) -> wire::Rectification {
    let state = match rectification.state {
        RectificationState::Opened => wire::rectification::State::Opened,
        RectificationState::Planned => wire::rectification::State::Planned,
    };
    wire::Rectification {
        rectification_id: rectification.id,
        entry: entry.map(self::entry),
        grade: rectification.grade,
        state: state.into(),
        findings: rectification.findings.into_iter().map(element).collect(),
        plan_due_date: rectification.plan_due_date.to_string(),
        plan: rectification.plan,
        create_time: Some(timestamp(rectification.create_time)),
        etag: etag::of(rectification.version),
    }
}

/// A count on the wire, where counts are signed.
pub fn count(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}
