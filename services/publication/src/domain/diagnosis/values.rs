//! What the institutions of a region reported of the indicators looked at, year by year.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use super::rules::{Indicator, Rules};
use crate::domain::figure::{Reading, Report};

/// Beyond this a number cannot be compared without losing digits, and is no figure of an institution.
const LARGEST: Decimal = Decimal::from_parts(2_808_348_672, 232_830_643, 0, false, 0);

/// What an institution's report says of an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Value(Decimal),
    /// It does not apply, or the divisor is nought.
    NotApplicable,
    /// The cell is empty.
    Missing,
}

impl Answer {
    /// The number, if there is one.
    pub fn value(self) -> Option<Decimal> {
        match self {
            Self::Value(value) => Some(value),
            Self::NotApplicable | Self::Missing => None,
        }
    }
}

/// The reports of one kind and year: by institution, one answer for each of the rules' indicators, in the rules' order.
#[derive(Debug, Clone)]
pub struct YearValues {
    report_kind: String,
    answers: BTreeMap<String, Vec<Answer>>,
}

impl YearValues {
    /// No reports yet of this kind.
    pub fn of(report_kind: &str) -> Self {
        Self { report_kind: report_kind.to_owned(), answers: BTreeMap::new() }
    }

    /// Adds an accepted report, if it is of the kind.
    pub fn add(&mut self, rules: &Rules, report: &Report) {
        if report.kind == self.report_kind {
            let answers = rules.indicators.iter().map(|one| answer(one, &report.readings)).collect();
            self.answers.insert(report.subject.clone(), answers);
        }
    }

    /// Whether an institution's report is there.
    pub fn has(&self, organisation: &str) -> bool {
        self.answers.contains_key(organisation)
    }

    /// What an institution's report says of the indicator in this place of the rules; nothing if there is no report.
    pub fn answer(&self, organisation: &str, place: usize) -> Option<Answer> {
        self.answers.get(organisation)?.get(place).copied()
    }
}

/// The catalogue's indicators that the rules need.
pub fn terms(rules: &Rules) -> Vec<String> {
    let mut terms: Vec<String> =
        rules.indicators.iter().flat_map(Indicator::terms).map(str::to_owned).collect();
    terms.sort();
    terms.dedup();
    terms
}

fn answer(indicator: &Indicator, readings: &HashMap<String, Reading>) -> Answer {
    let read = |code: &str| match readings.get(code) {
        Some(Reading::Number(number)) if number.abs() <= LARGEST => Answer::Value(*number),
        Some(_) => Answer::NotApplicable,
        None => Answer::Missing,
    };
    let (Some(of), Some(to)) = (&indicator.of, &indicator.to) else { return read(&indicator.code) };
    match (read(of), read(to)) {
        (Answer::Value(of), Answer::Value(to)) => {
            let per = Decimal::from(indicator.per.unwrap_or(1));
            let quotient = of.checked_mul(per).and_then(|of| of.checked_div(to));
            quotient.filter(|value| value.abs() <= LARGEST).map_or(Answer::NotApplicable, Answer::Value)
        }
        (Answer::Missing, _) | (_, Answer::Missing) => Answer::Missing,
        _ => Answer::NotApplicable,
    }
}
