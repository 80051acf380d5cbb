//! From pins to tables: a pure function.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use zhijian_platform::{Violation, rules::RulesError};

use super::{FORMAT, Pinned, PinnedYear, grades};
use crate::domain::{
    definition::{Edition, Library, Plan, TableDefinition},
    facts::{Facts, YearFacts},
    figure::Figure,
    lack::Lack,
    render::{self, Rendered},
    table::{self, Table},
};

/// Why pins do not give tables.
#[derive(Debug, thiserror::Error)]
pub enum RecomputeError {
    /// The pins are of a format that this version does not read.
    #[error("the pins have the format {0:?}; this version reads {FORMAT:?}")]
    Format(String),
    /// The definitions contradict themselves.
    #[error("the tables' definition is not sound")]
    Definition(#[from] RulesError),
    /// The definitions say nothing of the release's year.
    #[error("no definition is of the year {0}")]
    NoDefinition(i32),
    /// A round does not fit together.
    #[error("the round of {scheme} cannot be graded: {detail}")]
    Round { scheme: String, detail: String },
    /// A recorded grade is not what the scores give.
    #[error("{scheme}, entry {entry}: recorded {recorded}, computed {computed}")]
    Grade { scheme: String, entry: usize, recorded: String, computed: String },
    /// A year's reports cannot be added up.
    #[error("{}", .0.text().en)]
    Sum(Lack),
    /// Tables lack something; each violation names its table.
    #[error("{}", .0.iter().map(|one| one.description.en.as_str()).collect::<Vec<_>>().join(" "))]
    Lacking(Vec<Violation>),
    /// A table cannot be written as CSV.
    #[error("a table cannot be written as CSV")]
    Csv(#[from] csv::Error),
}

/// A table with what the open data serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recomputed {
    pub table: Table,
    /// The whole table as CSV.
    pub csv: String,
    /// The SHA-256 of the CSV, in hex.
    pub content_hash: String,
}

/// What pins come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// The tables in order of number.
    pub tables: Vec<Recomputed>,
    /// The numbers of the optional tables with nothing to show.
    pub left_out: Vec<String>,
}

/// Computes every table, and on the way every grade from its scores.
///
/// # Errors
/// Names what is missing, contradicts itself or differs from what the scores give.
pub fn recompute(pinned: &Pinned) -> Result<Tables, RecomputeError> {
    let edition = edition(pinned)?;
    let facts = facts(pinned, edition.plan())?;
    let mut tables = Tables { tables: Vec::with_capacity(edition.tables.len()), left_out: vec![] };
    let mut violations = Vec::new();
    for definition in &edition.tables {
        match table(&edition, definition, &facts) {
            Ok(Some(table)) => tables.tables.push(table),
            Ok(None) => tables.left_out.push(definition.number.clone()),
            Err(RecomputeError::Lacking(lacks)) => violations.extend(lacks),
            Err(other) => return Err(other),
        }
    }
    if violations.is_empty() { Ok(tables) } else { Err(RecomputeError::Lacking(violations)) }
}

/// Computes one table; nothing where the edition does without it.
///
/// # Errors
/// [`RecomputeError::Lacking`] names everything that lacks.
pub fn table(
    edition: &Edition,
    definition: &TableDefinition,
    facts: &Facts,
) -> Result<Option<Recomputed>, RecomputeError> {
    match render::table(edition, definition, facts) {
        Ok(Rendered::Table(table)) => {
            let csv = table::csv(&table, definition.brackets)?;
            Ok(Some(Recomputed { content_hash: table::content_hash(&csv), table, csv }))
        }
        Ok(Rendered::LeftOut) => Ok(None),
        Err(lacks) => {
            let violations = lacks.iter().map(|lack| lack.violation(&definition.number));
            Err(RecomputeError::Lacking(violations.collect()))
        }
    }
}

/// The grades of every round's entries, by the scheme's code, computed from the scores.
///
/// # Errors
/// As [`recompute`].
pub fn recompute_grades(pinned: &Pinned) -> Result<BTreeMap<String, Vec<String>>, RecomputeError> {
    let rounds = pinned.rounds.iter();
    rounds.map(|(scheme, round)| Ok((scheme.clone(), grades::grades(scheme, round)?))).collect()
}

/// The definitions that pins carry.
///
/// # Errors
/// Says what is wrong with them.
pub fn edition(pinned: &Pinned) -> Result<Edition, RecomputeError> {
    if pinned.format != FORMAT {
        return Err(RecomputeError::Format(pinned.format.clone()));
    }
    let library = Library::read(pinned.definitions.clone())?;
    library.edition(pinned.year).cloned().ok_or(RecomputeError::NoDefinition(pinned.year))
}

/// What `plan` needs, out of the pins.
///
/// # Errors
/// As [`recompute`].
pub fn facts(pinned: &Pinned, plan: Plan) -> Result<Facts, RecomputeError> {
    let mut facts = Facts { pathways: pinned.pathways.clone(), ..Facts::default() };
    let mut figures = plan.figures;
    // Numbers of one institution and lists may speak of years of which nothing is added up.
    for year in plan.own.keys().chain([&pinned.year]) {
        figures.entry(*year).or_default();
    }
    for (year, figures) in figures {
        let lists = if year == pinned.year { plan.lists.clone() } else { BTreeSet::new() };
        if let Some(pins) = pinned.years.get(&year) {
            facts.years.insert(year, year_facts(year, pins, figures, lists).map_err(RecomputeError::Sum)?);
        }
    }
    for scheme in &plan.schemes {
        if let Some(round) = pinned.rounds.get(scheme) {
            let grades = grades::grades(scheme, round)?;
            facts.gradings.insert(scheme.clone(), grades::counts(round, &grades));
        }
    }
    facts.names =
        pinned.organisations.iter().map(|(code, found)| (code.clone(), found.name.clone())).collect();
    Ok(facts)
}

fn year_facts(
    year: i32,
    pins: &PinnedYear,
    figures: BTreeSet<Figure>,
    lists: BTreeSet<Figure>,
) -> Result<YearFacts, Lack> {
    let asked: HashMap<String, BTreeSet<String>> = pins
        .indicators
        .iter()
        .map(|(code, indicator)| (code.clone(), indicator.report_kinds.clone()))
        .collect();
    let mut sums = YearFacts::new(year, asked, figures, lists);
    sums.rounded_to.clone_from(&pins.rounded_to);
    for report in &pins.reports {
        sums.add(&report.report())?;
    }
    for withheld in &pins.withheld {
        sums.add_withheld(&withheld.figure, &withheld.tally)?;
    }
    Ok(sums)
}
