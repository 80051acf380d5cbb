//! The catalogue as the wire has it.

use zhijian_platform::Text;
use zhijian_proto::{
    common::v1 as common,
    identity::v1::organisation,
    submission::v1::{self as wire, indicator::Aggregation as WireAggregation, report_kind},
};

use super::convert::{count, severity, stage, standing};
use crate::domain::{
    catalogue::{
        Aggregation, Annex, Catalogue, Group, Indicator, IndicatorKind, Level, Missing, OrganisationKind,
        ReportKind, Rule, Scope, SectionKind, Source, Subject,
    },
    units::Unit,
};

pub fn catalogue(catalogue: &Catalogue) -> wire::Catalogue {
    wire::Catalogue {
        year: catalogue.year,
        units: catalogue.units.iter().map(unit).collect(),
        groups: catalogue.groups.iter().map(group).collect(),
        indicators: catalogue.indicators.iter().map(indicator).collect(),
        report_kinds: catalogue.kinds.iter().map(report_kind).collect(),
        rules: catalogue.rules.iter().map(rule).collect(),
    }
}

fn text(text: &Text) -> Option<common::Text> {
    Some(text.clone().into())
}

fn unit(unit: &Unit) -> wire::Unit {
    wire::Unit {
        code: unit.code.clone(),
        name: text(&unit.name),
        base_code: unit.base.clone(),
        factor: unit.factor.to_string(),
        spellings: unit.spellings.clone(),
    }
}

fn group(group: &Group) -> wire::IndicatorGroup {
    wire::IndicatorGroup { code: group.code.clone(), name: text(&group.name) }
}

fn levels(level: Level) -> Vec<i32> {
    let levels: &[common::Level] = match level {
        Level::Secondary => &[common::Level::Secondary],
        Level::Higher => &[common::Level::Higher],
        Level::Both => &[common::Level::Secondary, common::Level::Higher],
    };
    levels.iter().map(|level| (*level).into()).collect()
}

fn indicator(indicator: &Indicator) -> wire::Indicator {
    let kind = match indicator.kind {
        IndicatorKind::Count => wire::indicator::Kind::Count,
        IndicatorKind::Amount => wire::indicator::Kind::Amount,
        IndicatorKind::Ratio => wire::indicator::Kind::Ratio,
        IndicatorKind::Rate => wire::indicator::Kind::Rate,
        IndicatorKind::Choice => wire::indicator::Kind::Choice,
    };
    let source = match indicator.source {
        Source::Platform => wire::indicator::Source::Platform,
        Source::School => wire::indicator::Source::School,
        Source::Survey => wire::indicator::Source::Survey,
        Source::Finance => wire::indicator::Source::Finance,
        Source::Formula => wire::indicator::Source::Formula,
    };
    let (aggregation, weight_code) = match &indicator.aggregation {
        Aggregation::None => (WireAggregation::None, String::new()),
        Aggregation::Sum => (WireAggregation::Sum, String::new()),
        Aggregation::Mean => (WireAggregation::Mean, String::new()),
        Aggregation::WeightedMean(weight) => (WireAggregation::WeightedMean, weight.clone()),
        Aggregation::Formula => (WireAggregation::Formula, String::new()),
    };
    wire::Indicator {
        code: indicator.code.clone(),
        group_code: indicator.group.clone(),
        name: text(&indicator.name),
        unit: text(&indicator.unit.name),
        kind: kind.into(),
        decimals: count(indicator.decimals),
        report_kinds: indicator.report_kinds.clone(),
        formula: indicator.formula.as_ref().map(|formula| formula.source().to_owned()).unwrap_or_default(),
        note: indicator.note.as_ref().and_then(text),
        options: indicator.options.iter().map(|option| option.code.clone()).collect(),
        unit_code: indicator.unit.code.clone(),
        aggregation: aggregation.into(),
        weight_code,
        levels: levels(indicator.level),
        source: source.into(),
        tables: indicator.tables.clone(),
        required: indicator.required,
        choices: indicator
            .options
            .iter()
            .map(|option| wire::Choice { code: option.code.clone(), name: text(&option.name) })
            .collect(),
        formula_words: indicator.formula_words.as_ref().and_then(text),
    }
}

fn report_kind(kind: &ReportKind) -> wire::ReportKind {
    let subject = match kind.subject {
        Subject::Submitter => report_kind::Subject::Submitter,
        Subject::Enterprise => report_kind::Subject::Enterprise,
    };
    wire::ReportKind {
        code: kind.code.clone(),
        name: text(&kind.name),
        sections: kind.sections.iter().map(section_kind).collect(),
        group_codes: kind.groups.clone(),
        signatory: text(&kind.signatory),
        levels: levels(kind.level),
        annexes: kind.annexes.iter().map(annex).collect(),
        max_case_characters: count(kind.max_case_characters),
        subject: subject.into(),
        submitter_kinds: kind.submitters.iter().map(|kind| organisation_kind(*kind).into()).collect(),
    }
}

fn organisation_kind(kind: OrganisationKind) -> organisation::Kind {
    match kind {
        OrganisationKind::HigherVocational => organisation::Kind::HigherVocational,
        OrganisationKind::SpecialisedSecondary => organisation::Kind::SpecialisedSecondary,
        OrganisationKind::VocationalHigh => organisation::Kind::VocationalHigh,
        OrganisationKind::DistrictCommission => organisation::Kind::DistrictCommission,
        OrganisationKind::Enterprise => organisation::Kind::Enterprise,
    }
}

fn section_kind(section: &SectionKind) -> wire::SectionKind {
    wire::SectionKind {
        code: section.code.clone(),
        name: text(&section.name),
        min_characters: count(section.min_characters),
        max_characters: count(section.max_characters),
        required: section.required(),
        min_cases: count(section.min_cases),
    }
}

fn annex(annex: &Annex) -> wire::AnnexKind {
    wire::AnnexKind {
        code: annex.code.clone(),
        name: text(&annex.name),
        note: text(&annex.note),
        required: annex.required,
        media_types: annex.media_types.clone(),
        max_bytes: i64::try_from(annex.max_bytes).unwrap_or(i64::MAX),
        max_files: count(annex.max_files),
        signed: annex.signed,
    }
}

fn rule(rule: &Rule) -> wire::Rule {
    // What must hold, with the condition under which it must.
    let expression = match &rule.when {
        Some(when) => format!("!({}) || ({})", when.source(), rule.words),
        None => rule.words.clone(),
    };
    wire::Rule {
        code: rule.code.clone(),
        severity: severity(rule.severity).into(),
        expression,
        message: text(&rule.message),
        hint: text(&rule.hint),
        stage: stage(rule.stage).into(),
        standing: standing(rule.standing).into(),
        report_kinds: rule.report_kinds.clone(),
        scope: match rule.scope {
            Scope::Report => wire::rule::Scope::Report,
            Scope::Cell => wire::rule::Scope::Cell,
            Scope::Section => wire::rule::Scope::Section,
        }
        .into(),
        indicator_codes: rule.indicators.clone(),
        tolerance: rule.tolerance.map(|tolerance| tolerance.normalize().to_string()).unwrap_or_default(),
        missing: match rule.missing {
            Missing::SkipIfAny => wire::rule::Missing::SkipIfAny,
            Missing::SkipIfAll => wire::rule::Missing::SkipIfAll,
            Missing::Never => wire::rule::Missing::Never,
        }
        .into(),
        range: rule.range.normalize().to_string(),
    }
}
