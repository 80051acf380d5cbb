//! Between the wire and the domain.

use zhijian_platform::{Error, Text, etag, time::timestamp};
use zhijian_proto::{
    common::v1 as common,
    submission::v1::{self as wire, submission},
};

use crate::{
    domain::{
        catalogue::{Catalogue, Group, Indicator, IndicatorKind, ReportKind, Rule, SectionKind, Severity},
        check::Finding,
        cycle,
        edit::{self, Typed},
        programme::{self, Level, Pathway},
        submission::{Declaration, State},
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
        year: row.year,
        name: Some(Text::new(row.name_zh, row.name_en).into()),
        window_start: row.window_start,
        window_end: row.window_end,
        due_time: row.due_time.map(timestamp),
        catalogue_year: row.catalogue_year,
        state: state.into(),
        create_time: Some(timestamp(row.create_time)),
        etag: etag::of(row.version),
    })
}

pub fn catalogue(catalogue: &Catalogue) -> wire::Catalogue {
    wire::Catalogue {
        year: catalogue.year,
        groups: catalogue.groups.iter().map(group).collect(),
        indicators: catalogue.indicators.iter().map(indicator).collect(),
        report_kinds: catalogue.kinds.iter().map(report_kind).collect(),
        rules: catalogue.rules.iter().map(rule).collect(),
    }
}

fn group(group: &Group) -> wire::IndicatorGroup {
    wire::IndicatorGroup { code: group.code.clone(), name: Some(group.name.clone().into()) }
}

fn indicator(indicator: &Indicator) -> wire::Indicator {
    let kind = match indicator.kind {
        IndicatorKind::Count => wire::indicator::Kind::Count,
        IndicatorKind::Amount => wire::indicator::Kind::Amount,
        IndicatorKind::Ratio => wire::indicator::Kind::Ratio,
        IndicatorKind::Rate => wire::indicator::Kind::Rate,
        IndicatorKind::Choice => wire::indicator::Kind::Choice,
    };
    wire::Indicator {
        code: indicator.code.clone(),
        group_code: indicator.group.clone(),
        name: Some(indicator.name.clone().into()),
        unit: Some(indicator.unit.clone().into()),
        kind: kind.into(),
        decimals: count(indicator.decimals),
        report_kinds: indicator.report_kinds.clone(),
        formula: indicator.formula.as_ref().map(|formula| formula.source().to_owned()).unwrap_or_default(),
        note: indicator.note.clone().map(Into::into),
        options: indicator.options.clone(),
    }
}

fn report_kind(kind: &ReportKind) -> wire::ReportKind {
    wire::ReportKind {
        code: kind.code.clone(),
        name: Some(kind.name.clone().into()),
        sections: kind.sections.iter().map(section_kind).collect(),
        group_codes: kind.groups.clone(),
        signatory: Some(kind.signatory.clone().into()),
    }
}

fn section_kind(section: &SectionKind) -> wire::SectionKind {
    wire::SectionKind {
        code: section.code.clone(),
        name: Some(section.name.clone().into()),
        min_characters: count(section.min_characters),
        max_characters: count(section.max_characters),
    }
}

fn rule(rule: &Rule) -> wire::Rule {
    // What must hold, with the condition under which it must.
    let expression = match &rule.when {
        Some(when) => format!("!({}) || ({})", when.source(), rule.expression.source()),
        None => rule.expression.source().to_owned(),
    };
    wire::Rule {
        code: rule.code.clone(),
        severity: severity(rule.severity).into(),
        expression,
        message: Some(rule.message.clone().into()),
        hint: Some(rule.hint.clone().into()),
    }
}

fn severity(severity: Severity) -> wire::Severity {
    match severity {
        Severity::Error => wire::Severity::Error,
        Severity::Warning => wire::Severity::Warning,
        Severity::Info => wire::Severity::Info,
    }
}

/// A number that is small by its nature, as the wire has it.
fn count(number: u32) -> i32 {
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
    }
}

pub fn submission(row: store::report::Model) -> Result<wire::Submission, Error> {
    Ok(wire::Submission {
        state: state(row.state()?).into(),
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
    edit::Given { code: cell.indicator_code, typed, note: cell.note, etag: cell.etag }
}

pub fn finding(finding: Finding, explanation: Option<&String>) -> wire::Finding {
    wire::Finding {
        finding_id: finding.id,
        rule_code: finding.rule_code,
        severity: severity(finding.severity).into(),
        message: Some(finding.message.into()),
        hint: Some(finding.hint.into()),
        indicator_codes: finding.indicator_codes,
        section_code: finding.section_code,
        line: count(finding.line),
        computation: finding.computation,
        explanation: explanation.cloned().unwrap_or_default(),
    }
}
