//! From the domain to the wire.

mod rectification;

use rust_decimal::Decimal;
use zhijian_platform::{etag, time::timestamp};
use zhijian_proto::review::v1 as wire;

pub use rectification::{event, measure_given, rectification, timed};

use super::procedure;
use crate::{
    domain::{
        agreement::Agreement,
        assignment::{Assignment, State as AssignmentState},
        entry::{Entry, Kind},
        grading::Join,
        outcome::{ElementScore, Outcome},
        reviewer::Reviewer,
        round::{Round, State as RoundState},
        scheme::{Anchor, Criterion, Scheme},
        sheet::Sheet,
    },
    store::{self, round::Progress},
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
                anchors: element.anchors.iter().map(anchor).collect(),
                criteria: element.criteria.iter().map(criterion).collect(),
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
                name: band.name.clone().map(Into::into),
            })
            .collect(),
        panel_size: count(definition.panel_size),
        arbitration_spread: definition.arbitration_spread.normalize().to_string(),
        join: match definition.grading.join {
            Join::Median => wire::scheme::Join::Median,
            Join::Mean => wire::scheme::Join::Mean,
            Join::TrimmedMean => wire::scheme::Join::TrimmedMean,
        }
        .into(),
        calibrated: definition.grading.calibrate,
        ranked: definition.grading.rank.is_some(),
        subject: subject_kind(scheme.procedure().map(|procedure| procedure.subject).unwrap_or_default())
            .into(),
        steps: scheme.procedure().map(procedure::steps).unwrap_or_default(),
        ends: scheme.procedure().map(procedure::ends).unwrap_or_default(),
    }
}

fn criterion(criterion: &Criterion) -> wire::Criterion {
    wire::Criterion {
        code: criterion.code.clone(),
        name: Some(criterion.name.clone().into()),
        weight: criterion.weight.normalize().to_string(),
        description: Some(criterion.description.clone().into()),
        anchors: criterion.anchors.iter().map(anchor).collect(),
        quantity: criterion.quantity.as_ref().map(|quantity| wire::Quantity {
            field: quantity.field.clone(),
            standard: quantity.standard.normalize().to_string(),
            restricted: quantity.restricted.normalize().to_string(),
        }),
    }
}

fn anchor(anchor: &Anchor) -> wire::Anchor {
    wire::Anchor { from: anchor.from.normalize().to_string(), text: Some(anchor.text.clone().into()) }
}

/// What kind of thing is reviewed.
pub fn subject_kind(kind: Kind) -> wire::Subject {
    match kind {
        Kind::Programme => wire::Subject::Programme,
        Kind::Institution => wire::Subject::Institution,
        Kind::Project => wire::Subject::Project,
        Kind::Textbook => wire::Subject::Textbook,
        Kind::Case => wire::Subject::Case,
        Kind::Report => wire::Subject::Report,
    }
}

pub fn reviewer(reviewer: Reviewer) -> wire::Reviewer {
    wire::Reviewer {
        account_id: reviewer.account_id,
        name: reviewer.name,
        organisation_code: reviewer.organisation_code,
        past_employers: reviewer
            .past
            .into_iter()
            .map(|past| wire::PastEmployer {
                organisation_code: past.organisation_code,
                left_on: past.left_on,
            })
            .collect(),
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
        short_count: short(round, progress),
        reveal_time: None,
    }
}

/// How many seats were given back and not taken yet.
fn short(round: &Round, progress: Progress) -> i32 {
    if round.state != RoundState::Scoring {
        return 0;
    }
    let seats = round.entry_count.saturating_mul(count(round.scheme.definition().panel_size));
    seats.saturating_sub(progress.seated).max(0)
}

/// Results that an appeal has replaced.
///
/// # Errors
/// INTERNAL if one cannot be read.
pub fn former(
    rows: Vec<store::former_result::Model>,
) -> Result<Vec<wire::FormerResult>, zhijian_platform::Error> {
    let one = |row: store::former_result::Model| {
        Ok(wire::FormerResult {
            elements: row.element_scores()?.into_iter().map(element).collect(),
            grade: row.grade,
            total: row.total,
            reason: row.reason,
            until_time: Some(timestamp(row.until_time)),
        })
    };
    rows.into_iter().map(one).collect()
}

/// An entry without its result and without a word about its reviewers.
pub fn entry(entry: Entry) -> wire::Entry {
    wire::Entry {
        entry_id: entry.id,
        round_id: entry.round_id,
        subject: subject_kind(entry.subject.kind).into(),
        programme_id: entry.subject.id,
        programme_code: entry.subject.code,
        programme_name: Some(entry.subject.name.into()),
        organisation_code: entry.organisation_code,
        organisation_name: Some(entry.organisation_name.into()),
        result: None,
        submitted_count: 0,
        panel_size: 0,
        compulsory: false,
    }
}

/// A result for those who see everybody's, or for the school, which learns nothing of how far its reviewers differ.
pub fn result_for(outcome: Outcome, everybodys: bool) -> wire::Result {
    let spread = if everybodys { outcome.spread.to_string() } else { String::new() };
    wire::Result { spread, ..result(outcome) }
}

fn result(outcome: Outcome) -> wire::Result {
    let (plain_grade, plain_total) =
        outcome.plain.map(|plain| (plain.grade, plain.total.to_string())).unwrap_or_default();
    wire::Result {
        plain_grade,
        plain_total,
        grade: outcome.grade,
        group: outcome.group,
        total: outcome.total.to_string(),
        elements: outcome.elements.into_iter().map(element).collect(),
        to_next: outcome.to_next.map(|distance| distance.to_string()).unwrap_or_default(),
        decided_by_one: outcome.decided_by_one,
        spread: String::new(),
        former: vec![],
    }
}

/// Who is how severe is only for those who may see who scores.
pub fn agreement(agreement: Agreement, with_names: bool) -> wire::Agreement {
    let shown = |alpha: Option<Decimal>| alpha.map(|alpha| alpha.to_string()).unwrap_or_default();
    wire::Agreement {
        total_alpha: shown(agreement.total),
        elements: agreement
            .elements
            .into_iter()
            .map(|(element_code, alpha)| wire::ElementAgreement { element_code, alpha: shown(alpha) })
            .collect(),
        calibration: agreement.calibration.map(|found| wire::Calibration {
            severity_deviation: found.severity_deviation.to_string(),
            noise_deviation: found.noise_deviation.to_string(),
            part_count: count(found.part_count),
            changed_grades: count(found.changed_grades),
            reviewers: found
                .reviewers
                .into_iter()
                .filter(|_| with_names)
                .map(|reviewer| wire::ReviewerSeverity {
                    account_id: reviewer.account_id,
                    severity: reviewer.severity.to_string(),
                    sheet_count: count(reviewer.sheets),
                })
                .collect(),
        }),
    }
}

fn element(element: ElementScore) -> wire::ElementResult {
    wire::ElementResult { element_code: element.code, score: element.score.to_string() }
}

/// Whether a sheet is handed in.
pub fn assignment_state(state: AssignmentState) -> wire::assignment::State {
    match state {
        AssignmentState::Open => wire::assignment::State::Open,
        AssignmentState::Submitted => wire::assignment::State::Submitted,
        AssignmentState::Abstained => wire::assignment::State::Abstained,
    }
}

/// The points of every element.
pub fn scores(sheet: &Sheet, scheme: &Scheme) -> Vec<wire::Score> {
    let score = |(code, points): (String, Option<Decimal>)| wire::Score {
        element_code: code,
        points: points.map(|points| points.to_string()).unwrap_or_default(),
    };
    sheet.points(scheme).map(score).collect()
}

pub fn assignment(assignment: Assignment, entry: Option<Entry>, scheme: &Scheme) -> wire::Assignment {
    wire::Assignment {
        scores: scores(&assignment.sheet, scheme),
        assignment_id: assignment.id,
        round_id: assignment.round_id,
        entry: entry.map(self::entry),
        reviewer_account_id: assignment.account_id,
        state: assignment_state(assignment.state).into(),
        comment: assignment.comment,
        submit_time: assignment.submit_time.map(timestamp),
        etag: etag::of(assignment.version),
        rectification: None,
        appeal: None,
        return_reason: String::new(),
        abstain_reason: String::new(),
        revised: false,
        arbiter: assignment.arbiter,
    }
}

/// A count on the wire, where counts are signed.
pub fn count(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}

/// A count from the wire, where counts are signed.
pub fn size(count: i32) -> usize {
    usize::try_from(count).unwrap_or_default()
}
