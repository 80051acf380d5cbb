//! Between the wire and the domain.

mod workflow;

pub use workflow::*;
use zhijian_platform::{Error, Text, etag, time::timestamp};
use zhijian_proto::{
    common::v1 as common,
    submission::v1::{self as wire, submission},
};

use crate::{
    domain::{
        answer::{Bounds, Earlier, Verdict},
        catalogue::{Severity, Stage, Standing},
        check::Finding,
        cycle,
        edit::{self, Typed},
        programme::{self, Level, Pathway},
        submission::{Declaration, State},
        units::Conversion,
        value::Value,
    },
    store,
};

pub fn cycle(row: store::cycle::Model) -> Result<wire::Cycle, Error> {
    let state = match row.state()? {
        cycle::State::Draft => wire::cycle::State::Draft,
        cycle::State::Collecting => wire::cycle::State::Collecting,
        cycle::State::Closed => wire::cycle::State::Closed,
        cycle::State::Released => wire::cycle::State::Released,
    };
    Ok(wire::Cycle {
        contact: row.contact().map(contact),
        year: row.year,
        name: Some(Text::new(row.name_zh, row.name_en).into()),
        window_start: row.window_start,
        window_end: row.window_end,
        due_time: row.due_time.map(timestamp),
        catalogue_year: row.catalogue_year,
        state: state.into(),
        grace: (row.grace_hours > 0)
            .then(|| wire::Grace { hours: row.grace_hours, allows: allows(row.grace_editing).into() }),
        create_time: Some(timestamp(row.create_time)),
        etag: etag::of(row.version),
    })
}

pub fn severity(severity: Severity) -> wire::Severity {
    match severity {
        Severity::Error => wire::Severity::Error,
        Severity::Warning => wire::Severity::Warning,
        Severity::Info => wire::Severity::Info,
    }
}

/// A number that is small by its nature, as the wire has it.
pub fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub fn programme_given(row: wire::Programme) -> programme::Given {
    let level = match row.level() {
        common::Level::Secondary => Some(Level::Secondary),
        common::Level::Higher => Some(Level::Higher),
        common::Level::Unspecified => None,
    };
    programme::Given {
        organisation_code: row.organisation_code,
        code: row.code,
        level,
        name: row.name.map(|name| Text::new(name.zh.trim(), name.en.trim())),
        opened_year: row.opened_year,
        pilot: row.pilot,
        pathway: row.pathway.map(|pathway| Pathway {
            year: pathway.year,
            places: pathway.places,
            partner: pathway.partner.trim().to_owned(),
            partner_programme: pathway.partner_programme.trim().to_owned(),
            sequence: pathway.sequence,
        }),
        cluster: row.cluster.trim().to_owned(),
        withdrawn_year: row.withdrawn_year,
    }
}

pub fn programme(row: store::programme::Registered) -> wire::Programme {
    let programme = row.programme;
    let level = match programme.key.level {
        Level::Secondary => common::Level::Secondary,
        Level::Higher => common::Level::Higher,
    };
    wire::Programme {
        programme_id: row.programme_id,
        organisation_code: programme.key.organisation_code,
        code: programme.key.code,
        name: Some(programme.name.into()),
        level: level.into(),
        opened_year: programme.opened_year,
        pilot: programme.pilot,
        pathway: programme.pathway.map(|pathway| wire::Pathway {
            year: pathway.year,
            places: pathway.places,
            partner: pathway.partner,
            partner_programme: pathway.partner_programme,
            sequence: pathway.sequence,
        }),
        etag: etag::of(row.version),
        cluster: programme.cluster,
        withdrawn_year: programme.withdrawn_year.unwrap_or(0),
    }
}

pub fn state(state: State) -> submission::State {
    match state {
        State::Draft => submission::State::Draft,
        State::Approved => submission::State::Approved,
        State::Submitted => submission::State::Submitted,
        State::UnderReview => submission::State::UnderReview,
        State::Returned => submission::State::Returned,
        State::Accepted => submission::State::Accepted,
        State::Published => submission::State::Published,
        State::Corrected => submission::State::Corrected,
    }
}

/// The state that the wire names; nothing for an unspecified one.
pub fn state_given(state: submission::State) -> Option<State> {
    match state {
        submission::State::Unspecified => None,
        submission::State::Draft => Some(State::Draft),
        submission::State::Approved => Some(State::Approved),
        submission::State::Submitted => Some(State::Submitted),
        submission::State::UnderReview => Some(State::UnderReview),
        submission::State::Returned => Some(State::Returned),
        submission::State::Accepted => Some(State::Accepted),
        submission::State::Published => Some(State::Published),
        submission::State::Corrected => Some(State::Corrected),
    }
}

pub fn submission(row: store::report::Model) -> Result<wire::Submission, Error> {
    Ok(wire::Submission {
        state: state(row.state()?).into(),
        correcting: row.correcting(),
        accepted_revision: row.accepted_revision,
        declaration: row.declaration().map(declaration),
        submission_id: row.submission_id,
        cycle_year: row.cycle_year,
        report_kind: row.report_kind,
        organisation_code: row.organisation_code,
        subject_code: row.subject_code,
        revision_number: row.revision_number,
        filled_cells: row.filled_cells,
        required_cells: row.required_cells,
        return_comment: row.return_comment,
        create_time: Some(timestamp(row.create_time)),
        update_time: Some(timestamp(row.update_time)),
        etag: etag::of(row.version),
        ..wire::Submission::default()
    })
}

pub fn declaration(declaration: Declaration) -> wire::Declaration {
    wire::Declaration {
        name: declaration.name,
        office: declaration.office,
        time: Some(timestamp(declaration.time)),
    }
}

pub fn value(value: Value) -> common::Value {
    let kind = match value {
        Value::Number(number) => common::value::Kind::Number(number.to_string()),
        Value::Text(text) => common::value::Kind::Text(text),
        Value::NotApplicable(reason) => common::value::Kind::NotApplicable(reason),
    };
    common::Value { kind: Some(kind) }
}

pub fn cell_given(cell: wire::Cell) -> edit::Given {
    let typed = match cell.value.and_then(|value| value.kind) {
        None => Typed::Nothing,
        Some(common::value::Kind::Number(text)) => Typed::Number(text),
        Some(common::value::Kind::Text(code)) => Typed::Option(code),
        Some(common::value::Kind::NotApplicable(reason)) => Typed::NotApplicable(reason),
    };
    edit::Given { code: cell.indicator_code, typed, unit: cell.unit, note: cell.note, etag: cell.etag }
}

pub fn conversion(conversion: &Conversion) -> wire::Conversion {
    wire::Conversion {
        given: conversion.given.to_string(),
        given_unit_code: conversion.from.code.clone(),
        kept: conversion.kept.to_string(),
        kept_unit_code: conversion.to.code.clone(),
        text: Some(conversion.text().into()),
    }
}

pub fn last_year(cycle_year: i32, report: store::revision::LastYear) -> wire::LastYear {
    wire::LastYear {
        cycle_year,
        submission_id: report.submission_id,
        revision_number: report.revision_number,
        organisation_code: report.organisation_code,
        released: report.released,
        submit_time: Some(timestamp(report.submit_time)),
    }
}

pub fn stage(stage: Stage) -> wire::RuleStage {
    match stage {
        Stage::Form => wire::RuleStage::Form,
        Stage::Structure => wire::RuleStage::Structure,
        Stage::Values => wire::RuleStage::Values,
        Stage::Across => wire::RuleStage::Across,
        Stage::LastYear => wire::RuleStage::LastYear,
        Stage::Platform => wire::RuleStage::Platform,
        Stage::Peers => wire::RuleStage::Peers,
    }
}

pub fn standing(standing: Standing) -> wire::RuleStanding {
    match standing {
        Standing::New => wire::RuleStanding::New,
        Standing::Changed => wire::RuleStanding::Changed,
        Standing::Carried => wire::RuleStanding::Carried,
    }
}

/// What the commission said of an answer, if it has said anything.
fn decision(answer: &store::explanation::Model) -> Option<wire::ExplanationDecision> {
    use wire::explanation_decision::Verdict as WireVerdict;
    let verdict = match Verdict::parse(&answer.verdict)? {
        Verdict::Accepted => WireVerdict::Accepted,
        Verdict::Rejected => WireVerdict::Rejected,
    };
    Some(wire::ExplanationDecision {
        verdict: verdict.into(),
        reason: answer.verdict_reason.clone(),
        account_name: answer.decided_by_name.clone(),
        time: answer.decided_time.map(timestamp),
        low: answer.low.clone(),
        high: answer.high.clone(),
        expires_year: answer.expires_year,
    })
}

pub fn proposal(earlier: &Earlier) -> wire::ExplanationProposal {
    let end = |of: fn(&Bounds) -> String| earlier.bounds.as_ref().map(of).unwrap_or_default();
    wire::ExplanationProposal {
        explanation: earlier.text.clone(),
        year: earlier.year,
        low: end(|bounds| bounds.low.to_string()),
        high: end(|bounds| bounds.high.to_string()),
        expires_year: earlier.expires_year,
    }
}

/// A finding with the submitter's answer, and whether it still stands in the way.
pub fn finding(finding: Finding, answer: Option<&store::explanation::Model>, open: bool) -> wire::Finding {
    wire::Finding {
        stage: stage(finding.stage).into(),
        standing: standing(finding.standing).into(),
        value: finding.value.map(|value| value.to_string()).unwrap_or_default(),
        open,
        decision: answer.and_then(decision),
        carried_from: answer.map_or(0, |answer| answer.carried_from),
        proposal: None,
        finding_id: finding.id,
        rule_code: finding.rule_code,
        severity: severity(finding.severity).into(),
        message: Some(finding.message.into()),
        hint: Some(finding.hint.into()),
        indicator_codes: finding.indicator_codes,
        section_code: finding.section_code,
        line: count(finding.line),
        computation: finding.computation,
        computation_en: finding.computation_en,
        explanation: answer.map(|answer| answer.explanation.clone()).unwrap_or_default(),
    }
}
