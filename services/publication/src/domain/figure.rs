//! Figures: what a number of a table is computed from, and its exact computation over the reports of a year.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How one number comes out of many reports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Measure {
    /// The sum of an indicator.
    Sum(String),
    /// The sum of one indicator over the sum of another.
    Ratio {
        /// The dividend.
        of: String,
        /// The divisor.
        to: String,
        /// What the quotient is multiplied by: 100 for a percentage.
        #[serde(default = "one")]
        per: u32,
    },
    /// The mean of an indicator, weighted by another.
    Mean {
        /// What is averaged.
        of: String,
        /// How much each report weighs.
        weight: String,
    },
}

fn one() -> u32 {
    1
}

impl Measure {
    /// The codes of the indicators it needs.
    pub fn indicators(&self) -> Vec<&str> {
        match self {
            Self::Sum(of) => vec![of],
            Self::Ratio { of, to, .. } => vec![of, to],
            Self::Mean { of, weight } => vec![of, weight],
        }
    }
}

/// A number of a table: a measure over the reports of some kinds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The kinds of report that it covers.
    pub report_kinds: Vec<String>,
    /// How it is computed from them.
    pub measure: Measure,
}

/// What one report says of one indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Option<String>", into = "Option<String>")]
pub enum Reading {
    /// A number.
    Number(Decimal),
    /// A reason why it does not apply.
    NotApplicable,
    /// A number that the public is not told.
    Withheld,
    /// What the public is told instead of the number: a multiple of the rules' base.
    Rounded(Decimal),
}

/// How a withheld number is written.
pub const WITHHELD: &str = "*";
/// What stands before a rounded number.
pub const ROUNDED: char = '≈';

impl Reading {
    /// Whether there is a number behind it that the public is not told.
    pub fn is_hidden(self) -> bool {
        matches!(self, Self::Withheld | Self::Rounded(_))
    }
}

/// What is told of a number of one institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The exact number.
    Number(Decimal),
    /// A multiple of the rules' base.
    Rounded(Decimal),
    /// Nothing.
    Withheld,
}

impl From<Reading> for Option<String> {
    fn from(reading: Reading) -> Self {
        match reading {
            Reading::Number(number) => Some(number.to_string()),
            Reading::NotApplicable => None,
            Reading::Withheld => Some(WITHHELD.to_owned()),
            Reading::Rounded(number) => Some(format!("{ROUNDED}{number}")),
        }
    }
}

impl TryFrom<Option<String>> for Reading {
    type Error = rust_decimal::Error;

    fn try_from(text: Option<String>) -> Result<Self, Self::Error> {
        match text.as_deref() {
            None => Ok(Self::NotApplicable),
            Some(WITHHELD) => Ok(Self::Withheld),
            Some(number) => match number.strip_prefix(ROUNDED) {
                Some(rounded) => Decimal::from_str_exact(rounded).map(Self::Rounded),
                None => Decimal::from_str_exact(number).map(Self::Number),
            },
        }
    }
}

/// One accepted report, as far as figures need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The code of its kind.
    pub kind: String,
    /// The organisation that it is about.
    pub subject: String,
    /// Its readings by indicator code; an empty cell has none.
    pub readings: HashMap<String, Reading>,
}

/// What a figure comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The exact number; quotients have 28 significant digits.
    Value(Decimal),
    /// Every report answers that it does not apply, or the divisor is zero.
    Undefined,
    /// No report answers.
    Missing,
}

/// A sum grew beyond 28 significant digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sum has more than 28 digits")]
pub struct TooLarge;

/// The running sums of a figure. The order of the reports does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    dividend: Decimal,
    divisor: Decimal,
    answered: u64,
    inapplicable: u64,
}

impl Tally {
    /// Adds what `report` says. A ratio or mean counts a report only where it answers both indicators, so that both
    /// sums speak of the same institutions.
    ///
    /// # Errors
    /// [`TooLarge`] if a sum overflows.
    pub fn add(&mut self, measure: &Measure, report: &Report) -> Result<(), TooLarge> {
        let (dividend, divisor) = match measure {
            Measure::Sum(of) => match report.readings.get(of) {
                Some(Reading::Number(number)) => (*number, Decimal::ZERO),
                other => return self.skip(&[other]),
            },
            Measure::Ratio { of, to, .. } => match (report.readings.get(of), report.readings.get(to)) {
                (Some(Reading::Number(of)), Some(Reading::Number(to))) => (*of, *to),
                (of, to) => return self.skip(&[of, to]),
            },
            Measure::Mean { of, weight } => match (report.readings.get(of), report.readings.get(weight)) {
                (Some(Reading::Number(of)), Some(Reading::Number(weight))) => {
                    (of.checked_mul(*weight).ok_or(TooLarge)?, *weight)
                }
                (of, weight) => return self.skip(&[of, weight]),
            },
        };
        self.dividend = self.dividend.checked_add(dividend).ok_or(TooLarge)?;
        self.divisor = self.divisor.checked_add(divisor).ok_or(TooLarge)?;
        self.answered += 1;
        Ok(())
    }

    /// Adds the sums of other reports.
    ///
    /// # Errors
    /// [`TooLarge`] if a sum overflows.
    pub fn join(&mut self, other: &Self) -> Result<(), TooLarge> {
        self.dividend = self.dividend.checked_add(other.dividend).ok_or(TooLarge)?;
        self.divisor = self.divisor.checked_add(other.divisor).ok_or(TooLarge)?;
        self.answered += other.answered;
        self.inapplicable += other.inapplicable;
        Ok(())
    }

    /// What the measure's indicators add up to, in their order; nothing where adding up means nothing.
    pub fn sums(&self, measure: &Measure) -> Vec<Option<Decimal>> {
        match measure {
            Measure::Sum(_) => vec![Some(self.dividend)],
            Measure::Ratio { .. } => vec![Some(self.dividend), Some(self.divisor)],
            Measure::Mean { .. } => vec![None, Some(self.divisor)],
        }
    }

    /// Whether any report answers.
    pub fn is_answered(&self) -> bool {
        self.answered > 0
    }

    fn skip(&mut self, readings: &[Option<&Reading>]) -> Result<(), TooLarge> {
        if readings.contains(&Some(&Reading::NotApplicable)) {
            self.inapplicable += 1;
        }
        Ok(())
    }

    /// What the sums come to.
    ///
    /// # Errors
    /// [`TooLarge`] if the quotient overflows.
    pub fn outcome(&self, measure: &Measure) -> Result<Outcome, TooLarge> {
        if self.answered == 0 {
            return Ok(if self.inapplicable > 0 { Outcome::Undefined } else { Outcome::Missing });
        }
        let per = match measure {
            Measure::Sum(_) => return Ok(Outcome::Value(self.dividend)),
            Measure::Ratio { per, .. } => Decimal::from(*per),
            Measure::Mean { .. } => Decimal::ONE,
        };
        if self.divisor.is_zero() {
            return Ok(Outcome::Undefined);
        }
        let dividend = self.dividend.checked_mul(per).ok_or(TooLarge)?;
        dividend.checked_div(self.divisor).map(Outcome::Value).ok_or(TooLarge)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn report(readings: &[(&str, &str)]) -> Report {
        let reading = |text: &str| match text {
            "n/a" => Reading::NotApplicable,
            number => Reading::Number(number.parse().expect("a decimal")),
        };
        Report {
            kind: "higher".to_owned(),
            subject: "4111000001".to_owned(),
            readings: readings.iter().map(|(code, text)| ((*code).to_owned(), reading(text))).collect(),
        }
    }

    fn outcome(measure: &Measure, reports: &[Report]) -> Outcome {
        let mut tally = Tally::default();
        for report in reports {
            tally.add(measure, report).expect("small numbers");
        }
        tally.outcome(measure).expect("small numbers")
    }

    fn sum() -> Measure {
        Measure::Sum("A".to_owned())
    }

    fn rate() -> Measure {
        Measure::Ratio { of: "A".to_owned(), to: "B".to_owned(), per: 100 }
    }

    fn mean() -> Measure {
        Measure::Mean { of: "A".to_owned(), weight: "B".to_owned() }
    }

    #[test]
    fn sums_are_exact() {
        let reports = [report(&[("A", "0.10")]), report(&[("A", "0.20")]), report(&[("A", "4767.40")])];
        assert_eq!(outcome(&sum(), &reports), Outcome::Value("4767.70".parse().expect("a decimal")));
    }

    #[test]
    fn a_rate_divides_sums_and_does_not_average_rates() {
        let reports = [report(&[("A", "1"), ("B", "1")]), report(&[("A", "0"), ("B", "3")])];
        assert_eq!(outcome(&rate(), &reports), Outcome::Value(Decimal::from(25)));
    }

    #[test]
    fn a_report_without_a_weight_does_not_weigh() {
        let reports = [report(&[("A", "90"), ("B", "10")]), report(&[("A", "10"), ("B", "n/a")])];
        assert_eq!(outcome(&mean(), &reports), Outcome::Value(Decimal::from(90)));
    }

    #[test]
    fn tells_nothing_to_say_from_nothing_said() {
        assert_eq!(outcome(&sum(), &[]), Outcome::Missing);
        assert_eq!(outcome(&sum(), &[report(&[("B", "1")])]), Outcome::Missing);
        assert_eq!(outcome(&sum(), &[report(&[("A", "n/a")])]), Outcome::Undefined);
        assert_eq!(outcome(&rate(), &[report(&[("A", "0"), ("B", "0")])]), Outcome::Undefined);
        assert_eq!(outcome(&sum(), &[report(&[("A", "0")])]), Outcome::Value(Decimal::ZERO));
    }

    #[test]
    fn refuses_to_lose_digits() {
        let huge = report(&[("A", "79228162514264337593543950335"), ("B", "2")]);
        let mut tally = Tally::default();
        tally.add(&sum(), &huge).expect("fits once");
        assert_eq!(tally.add(&sum(), &huge), Err(TooLarge));
        assert_eq!(Tally::default().add(&mean(), &huge), Err(TooLarge));
    }

    fn any_report() -> impl Strategy<Value = Report> {
        let reading = prop_oneof![
            8 => (0_i64..100_000_000, 0_u32..3).prop_map(|(mantissa, scale)| Some(Reading::Number(Decimal::new(mantissa, scale)))),
            1 => Just(Some(Reading::NotApplicable)),
            1 => Just(None),
        ];
        (reading.clone(), reading).prop_map(|(a, b)| Report {
            kind: "higher".to_owned(),
            subject: String::new(),
            readings: [("A", a), ("B", b)]
                .into_iter()
                .filter_map(|(code, r)| Some((code.to_owned(), r?)))
                .collect(),
        })
    }

    proptest! {
        #[test]
        fn the_order_of_reports_does_not_matter(
            (reports, shuffled) in proptest::collection::vec(any_report(), 0..30)
                .prop_flat_map(|reports| (Just(reports.clone()), Just(reports).prop_shuffle()))
        ) {
            for measure in [sum(), rate(), mean()] {
                prop_assert_eq!(outcome(&measure, &reports), outcome(&measure, &shuffled));
            }
        }

        #[test]
        fn a_ratio_is_the_quotient_of_the_sums_where_both_are_told(reports in proptest::collection::vec(any_report(), 1..30)) {
            let both: Vec<Report> = reports.iter().filter(|report| {
                ["A", "B"].iter().all(|code| matches!(report.readings.get(*code), Some(Reading::Number(_))))
            }).cloned().collect();
            let b = Measure::Sum("B".to_owned());
            match (outcome(&sum(), &both), outcome(&b, &both)) {
                (Outcome::Value(of), Outcome::Value(to)) if !to.is_zero() => {
                    prop_assert_eq!(outcome(&rate(), &reports), Outcome::Value(of * Decimal::ONE_HUNDRED / to));
                }
                _ => prop_assert!(!matches!(outcome(&rate(), &reports), Outcome::Value(_))),
            }
        }

        #[test]
        fn a_mean_lies_between_the_extremes(values in proptest::collection::vec((0_i64..=10_000, 1_i64..5_000), 1..20)) {
            let reports: Vec<Report> = values.iter().map(|(value, weight)| {
                let value = Decimal::new(*value, 2);
                report(&[("A", &value.to_string()), ("B", &weight.to_string())])
            }).collect();
            let Outcome::Value(mean) = outcome(&mean(), &reports) else { panic!("every report answers") };
            let least = values.iter().map(|(value, _)| *value).min().unwrap_or_default();
            let greatest = values.iter().map(|(value, _)| *value).max().unwrap_or_default();
            prop_assert!(Decimal::new(least, 2) <= mean && mean <= Decimal::new(greatest, 2));
        }
    }
}
