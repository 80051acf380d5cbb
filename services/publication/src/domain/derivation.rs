//! How a published number came about: from its name back to the reports that it was computed from.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use zhijian_platform::Text;

use super::{
    definition::Plan,
    edition::Templates,
    facts::hidden,
    figure::{Figure, Measure, Outcome, ROUNDED, Reading, Tally, Told, WITHHELD},
    number::plain,
    pin::{Pinned, PinnedReport, PinnedRound},
    trace::{self, Counted},
};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A figure of a year, over every report of its kinds or those about one organisation.
    Figure { year: i32, figure: Figure, organisation: Option<String> },
    /// Grades of a scheme's round.
    Grades { scheme: String, counted: BTreeSet<String> },
    /// A sum over a table's column by its key, or its lines ("count").
    OfTable { number: String, what: String },
    /// A number published elsewhere, by its key.
    Published(String),
    /// Institutions of these kinds; all of them if none is named.
    Institutions(Vec<String>),
}

/// An indicator in a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    pub code: String,
    pub name: Text,
    pub unit: Text,
    /// Over all contributions, withheld ones included; nothing where adding up means nothing.
    pub sum: Option<Decimal>,
}

/// A figure's derivation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivation<'a> {
    /// What the number is.
    pub name: Text,
    pub unit: Text,
    pub value: Option<Decimal>,
    /// Whether the value is what is told instead of the exact one.
    pub is_rounded: bool,
    pub formula: Text,
    pub terms: Vec<Term>,
    /// The reports that answer, in order of organisation.
    pub reports: Vec<&'a PinnedReport>,
    /// How many of them withhold a cell.
    pub withheld: usize,
    /// How many of the others tell a rounded cell.
    pub rounded: usize,
}

/// What `name` stands for, if the release publishes it: if `plan` or the templates have it.
pub fn resolve(name: &str, pinned: &Pinned, plan: &Plan, templates: Option<&Templates>) -> Option<Named> {
    let (base, organisation) = match name.split_once('@') {
        Some((base, organisation)) => (base, Some(organisation.to_owned())),
        None => (name, None),
    };
    let told = match organisation {
        None => plan.figures.iter().flat_map(pairs).collect::<Vec<_>>(),
        Some(_) => {
            let lists = plan.lists.iter().map(|figure| (pinned.year, figure));
            plan.own.iter().flat_map(pairs).chain(lists).collect()
        }
    };
    if let Some((year, figure)) = told.into_iter().find(|(year, figure)| trace::figure(*year, figure) == base)
    {
        return Some(Named::Figure { year, figure: figure.clone(), organisation });
    }
    if organisation.is_some() {
        return None;
    }
    grades(name, pinned)
        .or_else(|| of_table(name, pinned.year))
        .or_else(|| elsewhere(name, pinned, templates?))
}

fn pairs<'p>((year, figures): (&'p i32, &'p BTreeSet<Figure>)) -> impl Iterator<Item = (i32, &'p Figure)> {
    figures.iter().map(|figure| (*year, figure))
}

fn grades(name: &str, pinned: &Pinned) -> Option<Named> {
    pinned.rounds.iter().find_map(|(scheme, round)| {
        let is = |counted: &Counted<'_>| trace::grades(pinned.year, scheme, counted) == name;
        let counted: BTreeSet<String> = round
            .bands
            .iter()
            .filter(|band| {
                is(&Counted::All) || is(&Counted::Grade(&band.grade)) || is(&Counted::Group(&band.group))
            })
            .map(|band| band.grade.clone())
            .collect();
        (!counted.is_empty()).then(|| Named::Grades { scheme: scheme.clone(), counted })
    })
}

fn of_table(name: &str, year: i32) -> Option<Named> {
    let (number, what) = name.strip_prefix(&format!("{year}.table."))?.split_once('.')?;
    Some(Named::OfTable { number: number.to_owned(), what: what.to_owned() })
}

fn elsewhere(name: &str, pinned: &Pinned, templates: &Templates) -> Option<Named> {
    if let Some(key) = templates.published.keys().find(|key| trace::published(pinned.year, key) == name) {
        return Some(Named::Published(key.clone()));
    }
    let kinds = name.strip_prefix(&format!("{}.institutions.", pinned.year))?;
    let known: BTreeSet<&str> =
        pinned.organisations.values().map(|organisation| organisation.kind.as_str()).collect();
    if kinds == "all" {
        return Some(Named::Institutions(vec![]));
    }
    // Kinds hold the character that joins them: the longest known one that fits comes first.
    let mut rest = kinds;
    let mut named = Vec::new();
    while !rest.is_empty() {
        let kind = known.iter().filter(|kind| rest.starts_with(**kind)).max_by_key(|kind| kind.len())?;
        named.push((*kind).to_owned());
        rest = rest[kind.len()..].trim_start_matches('_');
    }
    Some(Named::Institutions(named))
}

/// How a figure came about. `pinned` may be what everybody may have, or what the caller may see besides.
pub fn figure<'a>(
    pinned: &'a Pinned,
    year: i32,
    figure: &Figure,
    organisation: Option<&str>,
) -> Option<Derivation<'a>> {
    let pins = pinned.years.get(&year)?;
    let codes = figure.measure.indicators();
    let mut tally = Tally::default();
    let (mut withheld, mut rounded) = (0, 0);
    let mut instead = None;
    let mut reports = Vec::new();
    for report in &pins.reports {
        let concerned = figure.report_kinds.contains(&report.kind)
            && organisation.is_none_or(|organisation| report.subject == organisation);
        let told =
            |code: &&str| report.cells.get(*code).is_some_and(|reading| *reading != Reading::NotApplicable);
        if !concerned || !codes.iter().any(told) {
            continue;
        }
        let own = report.report();
        tally.add(&figure.measure, &own).ok()?;
        let is = |hidden: fn(&Reading) -> bool| {
            codes.iter().any(|code| report.cells.get(*code).is_some_and(hidden))
        };
        if is(|reading| *reading == Reading::Withheld) {
            withheld += 1;
        } else if is(|reading| reading.is_hidden()) {
            rounded += 1;
        }
        instead = hidden(&figure.measure, &own);
        reports.push(report);
    }
    let hides = withheld + rounded > 0;
    if organisation.is_none() && hides {
        for sum in pins.withheld.iter().filter(|sum| sum.figure == *figure) {
            tally.join(&sum.tally).ok()?;
        }
    }
    reports.sort_by(|a, b| (&a.subject, &a.submission_id).cmp(&(&b.subject, &b.submission_id)));
    let value = match tally.outcome(&figure.measure).ok()? {
        Outcome::Value(value) if organisation.is_none() || !hides => Some(value),
        _ => None,
    };
    // Of one institution that rounds, its own cell is what is told.
    let (value, is_rounded) = match instead {
        Some(Told::Rounded(told)) if organisation.is_some() && reports.len() == 1 => (Some(told), true),
        _ => (value, false),
    };
    let sums = tally.sums(&figure.measure);
    let terms = codes.iter().zip(sums).map(|(code, sum)| {
        let found = pins.indicators.get(*code);
        let text = |pick: fn(&super::pin::PinnedIndicator) -> &Text| {
            found.map_or_else(|| Text::new(*code, *code), |found| pick(found).clone())
        };
        Term {
            code: (*code).to_owned(),
            name: text(|found| &found.name),
            unit: text(|found| &found.unit),
            sum: sum.filter(|_| value.is_some() && !is_rounded),
        }
    });
    let terms: Vec<Term> = terms.collect();
    let (name, unit) = named(&figure.measure, &terms);
    Some(Derivation {
        name,
        unit,
        value,
        is_rounded,
        formula: formula(&figure.measure, &terms),
        terms,
        reports,
        withheld,
        rounded,
    })
}

fn named(measure: &Measure, terms: &[Term]) -> (Text, Text) {
    let nothing = || Text::new("", "");
    let name = |place: usize| terms.get(place).map_or_else(nothing, |term| term.name.clone());
    let unit = terms.first().map_or_else(nothing, |term| term.unit.clone());
    match measure {
        Measure::Sum(_) | Measure::Mean { .. } => (name(0), unit),
        Measure::Ratio { per, .. } => {
            let (of, to) = (name(0), name(1));
            let name = Text::new(format!("{} ÷ {}", of.zh, to.zh), format!("{} ÷ {}", of.en, to.en));
            (name, if *per == 100 { Text::new("%", "%") } else { nothing() })
        }
    }
}

fn formula(measure: &Measure, terms: &[Term]) -> Text {
    let name = |place: usize| terms.get(place).map_or(("", ""), |term| (&term.name.zh, &term.name.en));
    let ((of_zh, of_en), (by_zh, by_en)) = (name(0), name(1));
    match measure {
        Measure::Sum(_) => {
            Text::new(format!("各校“{of_zh}”之和"), format!("the sum of {of_en} over the reports"))
        }
        Measure::Ratio { per, .. } => Text::new(
            format!("各校“{of_zh}”之和 ÷ 各校“{by_zh}”之和 × {per}；只计两项都填报的学校"),
            format!("the sum of {of_en} ÷ the sum of {by_en} × {per}, over the reports that answer both"),
        ),
        Measure::Mean { .. } => Text::new(
            format!("各校“{of_zh}”按“{by_zh}”加权平均；只计两项都填报的学校"),
            format!("the mean of {of_en}, weighted by {by_en}, over the reports that answer both"),
        ),
    }
}

/// How many entries of a round have each grade, highest first.
pub fn bands(round: &PinnedRound) -> Vec<(&str, Decimal, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &round.entries {
        *counts.entry(entry.grade.as_str()).or_default() += 1;
    }
    let bands = round.bands.iter();
    bands
        .map(|band| {
            let count = counts.get(band.grade.as_str()).copied().unwrap_or_default();
            (band.grade.as_str(), band.cut_off, count)
        })
        .collect()
}

/// A report's cells in the order of the terms: a decimal, "" where there is none, "*" where it is withheld, "≈15" where it
/// is rounded.
pub fn cells(report: &PinnedReport, terms: &[Term]) -> Vec<String> {
    let cell = |term: &Term| match report.cells.get(&term.code) {
        Some(Reading::Number(number)) => plain(*number),
        Some(Reading::Withheld) => WITHHELD.to_owned(),
        Some(Reading::Rounded(number)) => format!("{ROUNDED}{}", plain(*number)),
        Some(Reading::NotApplicable) | None => String::new(),
    };
    terms.iter().map(cell).collect()
}
