//! The figures of 2025: every printed total split over the institutions of its level.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    GenerateError, Level,
    apportion::apportion,
    dice::Dice,
    printed::Printed,
    specs::{Base, HIGHER, Holders, SECONDARY, Spec, Total},
};

/// The indicators of one level, each with one value a school, in units of its last digit.
#[derive(Default)]
pub(crate) struct Table {
    values: BTreeMap<&'static str, Vec<u64>>,
    decimals: BTreeMap<&'static str, u32>,
}

impl Table {
    pub(crate) fn set(&mut self, code: &'static str, decimals: u32, values: Vec<u64>) {
        self.decimals.insert(code, decimals);
        self.values.insert(code, values);
    }

    /// The values of an indicator, one a school, in units of its last digit.
    pub(crate) fn units(&self, code: &str) -> Option<&[u64]> {
        self.values.get(code).map(Vec::as_slice)
    }

    /// The value of one school, in units; 0 where the indicator is not asked for.
    pub(crate) fn unit(&self, code: &str, school: usize) -> u64 {
        self.values.get(code).and_then(|values| values.get(school)).copied().unwrap_or(0)
    }

    /// Every indicator of one school.
    pub(crate) fn of_school(&self, school: usize) -> impl Iterator<Item = (&'static str, Decimal)> + '_ {
        self.values.iter().filter_map(move |(code, values)| {
            let units = i64::try_from(*values.get(school)?).ok()?;
            Some((*code, Decimal::new(units, self.decimals[code])))
        })
    }

    /// Every indicator with its decimals.
    pub(crate) fn codes(&self) -> impl Iterator<Item = (&'static str, u32)> + '_ {
        self.decimals.iter().map(|(code, decimals)| (*code, *decimals))
    }
}

/// What is known of the schools of a level before their figures are split.
pub(crate) struct Ground<'a> {
    pub level: Level,
    /// Enrolment (BAS02), one a school.
    pub enrolment: &'a [u64],
    /// Programmes in the register: no school offers fewer (RES05).
    pub registered: &'a [u64],
    /// Textbooks selected (TBK01): no school developed fewer with enterprises (RES15).
    pub textbooks: &'a [u64],
}

/// Splits every indicator of a level but the rates of satisfaction.
pub(crate) fn split(ground: &Ground<'_>, printed: &Printed) -> Result<Table, GenerateError> {
    let mut table = Table::default();
    table.set("BAS02", 0, ground.enrolment.to_vec());
    table.set("TBK01", 0, ground.textbooks.to_vec());
    for spec in specs(ground.level) {
        let values = split_one(spec, ground, &table, printed).map_err(GenerateError::of(spec.code))?;
        table.set(spec.code, spec.decimals, values);
    }
    Ok(table)
}

/// The lines of a level.
pub(crate) fn specs(level: Level) -> &'static [Spec] {
    match level {
        Level::Higher => HIGHER,
        Level::Secondary => SECONDARY,
    }
}

fn split_one(
    spec: &Spec,
    ground: &Ground<'_>,
    table: &Table,
    printed: &Printed,
) -> Result<Vec<u64>, GenerateError> {
    let mut dice = Dice::of(&format!("{:?} {}", ground.level, spec.code));
    let schools = ground.enrolment.len();
    let total = total(spec, ground.level, table, printed)?;
    let weights: Vec<u64> = (0..schools)
        .map(|school| {
            let base = match spec.base {
                Base::Size => ground.enrolment[school],
                Base::Root => (ground.enrolment[school] * 100).isqrt(),
                Base::Of(code) => table.unit(code, school),
            };
            base * dice.between(100 - spec.noise, 100 + spec.noise) as u64
        })
        .collect();
    let floors = match spec.code {
        "RES05" => ground.registered,
        "RES15" => ground.textbooks,
        _ => &[],
    };
    let holders = holders(spec, &weights, floors, table, &mut dice);
    let bounds: Vec<RangeInclusive<u64>> = (0..schools)
        .map(|school| {
            if !holders.contains(&school) {
                return 0..=0;
            }
            let share = |(code, percent): (&str, u64)| table.unit(code, school) * percent;
            let low = spec.at_least.map_or(0, |limit| share(limit).div_ceil(100));
            let low = low.max(spec.floor).max(floors.get(school).copied().unwrap_or(0));
            let high = spec.at_most.map_or(total, |limit| share(limit) / 100);
            // A holder too small for the floor keeps to what it can have.
            low.min(high)..=high
        })
        .collect();
    apportion(total, &weights, &bounds)
}

/// The schools that have any: those with a floor of their own first.
fn holders(spec: &Spec, weights: &[u64], floors: &[u64], table: &Table, dice: &mut Dice) -> BTreeSet<usize> {
    let all = 0..weights.len();
    let with = |code: &str| -> BTreeSet<usize> {
        all.clone().filter(|&school| table.unit(code, school) > 0).collect()
    };
    match spec.holders {
        Holders::All => all.collect(),
        Holders::With(code) => with(code),
        Holders::Some(count) => {
            let mut chosen: BTreeSet<usize> =
                all.clone().filter(|&school| floors.get(school).is_some_and(|&floor| floor > 0)).collect();
            if let Some((code, _)) = spec.at_least {
                chosen.extend(with(code));
            }
            let rest: Vec<u64> =
                all.map(|school| if chosen.contains(&school) { 0 } else { weights[school] }).collect();
            chosen.extend(dice.draw(count.saturating_sub(chosen.len()), &rest));
            chosen
        }
        Holders::SomeWith(count, code) => {
            let eligible = with(code);
            let rest: Vec<u64> =
                all.map(|school| if eligible.contains(&school) { weights[school] } else { 0 }).collect();
            dice.draw(count, &rest).into_iter().collect()
        }
    }
}

/// The total in units of the last digit.
fn total(spec: &Spec, level: Level, table: &Table, printed: &Printed) -> Result<u64, GenerateError> {
    let print = |code: &'static str| printed.get(2025, level, code).ok_or(GenerateError::NotPrinted { code });
    match spec.total {
        Total::Known(total) => Ok(total),
        Total::Printed => units(spec.code, print(spec.code)?, spec.decimals),
        Total::Share { of, rate } => {
            let whole: u64 = table.units(of).unwrap_or_default().iter().sum();
            let share = print(rate)? * Decimal::from(whole) / Decimal::ONE_HUNDRED;
            share.round().to_u64().ok_or(GenerateError::NotPrinted { code: rate })
        }
    }
}

/// A printed number in units of its last digit.
pub(crate) fn units(code: &'static str, value: Decimal, decimals: u32) -> Result<u64, GenerateError> {
    let units = value * Decimal::from(10_u64.pow(decimals));
    units
        .is_integer()
        .then(|| units.to_u64())
        .flatten()
        .ok_or_else(|| GenerateError::BadFile { name: "tables", reason: format!("{code} prints {value}") })
}
