//! What the other services told, reduced while it streams in to what the tables need.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_platform::Text;

use super::{
    figure::{Figure, Measure, Outcome, Reading, Report, Tally, Told, TooLarge},
    lack::Lack,
};

/// Everything that the tables of one release are computed from.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The reports of each year; an earlier year before the first cycle is absent.
    pub years: BTreeMap<i32, YearFacts>,
    /// The grades of each scheme's newest finalised round.
    pub gradings: BTreeMap<String, Grading>,
    /// The programmes with a pathway in the year, in the plan's order.
    pub pathways: Vec<PathwayRow>,
    /// The names of organisations, by code.
    pub names: HashMap<String, Text>,
}

/// The grades of a round.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grading {
    /// Every grade of the scheme, highest first.
    pub counts: Vec<GradeCount>,
}

/// How many programmes got a grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradeCount {
    /// The letter with its sign ("A+").
    pub grade: String,
    /// The letter alone ("A").
    pub group: String,
    pub count: u64,
}

impl Grading {
    /// How many programmes were graded.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|count| count.count).sum()
    }

    /// How many programmes got a grade of `group`.
    pub fn group_total(&self, group: &str) -> u64 {
        self.counts.iter().filter(|count| count.group == group).map(|count| count.count).sum()
    }
}

/// A programme with a pathway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathwayRow {
    /// The row's number in the plan.
    pub sequence: i32,
    pub organisation_code: String,
    pub programme: Text,
    pub programme_code: String,
    pub places: i32,
    pub partner: String,
    pub partner_programme: String,
}

/// Whether reports were asked for a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    Yes,
    No,
    /// The catalogue does not know this indicator.
    Unknown(String),
}

/// An institution in a list.
#[derive(Debug, Clone, Copy, Default)]
struct Listed {
    tally: Tally,
    /// Whether its number is not for the public.
    withheld: bool,
    /// What is told instead of a part of its number.
    rounded: Option<Decimal>,
}

/// The sums over one year's accepted reports.
#[derive(Debug, Clone)]
pub struct YearFacts {
    year: i32,
    /// The kinds of report that are asked, by indicator.
    asked: HashMap<String, BTreeSet<String>>,
    figures: BTreeMap<Figure, Tally>,
    /// One tally for each place of the report's kind in the figure, and organisation.
    lists: BTreeMap<Figure, BTreeMap<(usize, String), Listed>>,
    reports: BTreeMap<String, u64>,
    /// What rounded counts of institutions are multiples of; empty where none is rounded.
    pub rounded_to: BTreeSet<u32>,
}

impl YearFacts {
    /// Sums that are still empty. `asked` says which kinds of report the year's catalogue asks for each indicator.
    pub fn new(
        year: i32,
        asked: HashMap<String, BTreeSet<String>>,
        figures: BTreeSet<Figure>,
        lists: BTreeSet<Figure>,
    ) -> Self {
        Self {
            year,
            asked,
            figures: figures.into_iter().map(|figure| (figure, Tally::default())).collect(),
            lists: lists.into_iter().map(|figure| (figure, BTreeMap::new())).collect(),
            reports: BTreeMap::new(),
            rounded_to: BTreeSet::new(),
        }
    }

    /// Adds a report to every sum that it belongs to.
    ///
    /// # Errors
    /// Says which indicator grew too large.
    pub fn add(&mut self, report: &Report) -> Result<(), Lack> {
        let too_large =
            |figure: &Figure, _: TooLarge| Lack::TooLarge { year: self.year, indicator: codes(figure) };
        for (figure, tally) in &mut self.figures {
            if figure.report_kinds.contains(&report.kind) {
                tally.add(&figure.measure, report).map_err(|error| too_large(figure, error))?;
            }
        }
        for (figure, list) in &mut self.lists {
            if let Some(place) = figure.report_kinds.iter().position(|kind| *kind == report.kind) {
                let listed = list.entry((place, report.subject.clone())).or_default();
                listed.tally.add(&figure.measure, report).map_err(|error| too_large(figure, error))?;
                match hidden(&figure.measure, report) {
                    Some(Told::Rounded(rounded)) => *listed.rounded.get_or_insert_default() += rounded,
                    Some(_) => listed.withheld = true,
                    None => {}
                }
            }
        }
        *self.reports.entry(report.kind.clone()).or_default() += 1;
        Ok(())
    }

    /// Adds what reports with withheld cells add to a figure, where the figure is wanted.
    ///
    /// # Errors
    /// Says which indicator grew too large.
    pub fn add_withheld(&mut self, figure: &Figure, withheld: &Tally) -> Result<(), Lack> {
        let Some(tally) = self.figures.get_mut(figure) else { return Ok(()) };
        tally.join(withheld).map_err(|TooLarge| Lack::TooLarge { year: self.year, indicator: codes(figure) })
    }

    /// How many reports of `kinds` were added.
    pub fn report_count(&self, kinds: &BTreeSet<&String>) -> u64 {
        kinds.iter().filter_map(|kind| self.reports.get(*kind)).sum()
    }

    /// Whether the reports of a figure's kinds were asked for all that it needs.
    pub fn asked(&self, figure: &Figure) -> Asked {
        for indicator in figure.measure.indicators() {
            match self.asked.get(indicator) {
                None => return Asked::Unknown(indicator.to_owned()),
                Some(kinds) if !figure.report_kinds.iter().any(|kind| kinds.contains(kind)) => {
                    return Asked::No;
                }
                Some(_) => {}
            }
        }
        Asked::Yes
    }

    /// What a figure comes to.
    ///
    /// # Errors
    /// Says what lacks.
    pub fn outcome(&self, figure: &Figure) -> Result<Outcome, Lack> {
        let tally = self.figures.get(figure).copied().unwrap_or_default();
        self.checked(figure, tally.outcome(&figure.measure))
    }

    /// The institutions with more than zero, in the figure's order of kinds, then by code. One whose number is withheld or
    /// rounded is among them whatever the number is: that it is not zero may be all that there is to know.
    ///
    /// # Errors
    /// Says what lacks, if no report answers at all.
    pub fn list(&self, figure: &Figure) -> Result<Vec<(&str, Told)>, Lack> {
        let mut answered = false;
        let mut rows = Vec::new();
        for ((_, organisation), listed) in self.lists.get(figure).into_iter().flatten() {
            if listed.withheld {
                answered = true;
                rows.push((organisation.as_str(), Told::Withheld));
                continue;
            }
            let outcome = listed.tally.outcome(&figure.measure);
            if let Some(rounded) = listed.rounded {
                answered = true;
                let exact = if let Ok(Outcome::Value(value)) = outcome { value } else { Decimal::ZERO };
                rows.push((organisation.as_str(), Told::Rounded(rounded + exact)));
                continue;
            }
            match outcome {
                Ok(Outcome::Value(value)) => {
                    answered = true;
                    if value > Decimal::ZERO {
                        rows.push((organisation.as_str(), Told::Number(value)));
                    }
                }
                Ok(Outcome::Undefined) => answered = true,
                Ok(Outcome::Missing) => {}
                Err(error) => return self.checked(figure, Err(error)).map(|_| Vec::new()),
            }
        }
        if !answered {
            self.checked(figure, Ok(Outcome::Missing))?;
        }
        Ok(rows)
    }

    fn checked(&self, figure: &Figure, outcome: Result<Outcome, TooLarge>) -> Result<Outcome, Lack> {
        match outcome {
            Ok(Outcome::Missing) => Err(Lack::NoAnswer {
                year: self.year,
                report_kinds: figure.report_kinds.join("、"),
                indicator: codes(figure),
            }),
            Ok(outcome) => Ok(outcome),
            Err(TooLarge) => Err(Lack::TooLarge { year: self.year, indicator: codes(figure) }),
        }
    }
}

/// What is told instead of a report's number; nothing where the number itself is told.
pub fn hidden(measure: &Measure, report: &Report) -> Option<Told> {
    let readings = || measure.indicators().into_iter().filter_map(|code| report.readings.get(code));
    match (measure, readings().find(|reading| reading.is_hidden())?) {
        (Measure::Sum(_), Reading::Rounded(rounded)) => Some(Told::Rounded(*rounded)),
        _ => Some(Told::Withheld),
    }
}

fn codes(figure: &Figure) -> String {
    figure.measure.indicators().join("、")
}
