//! Satisfaction by school: rates whose means, weighted by valid questionnaires, come out as printed.

use std::ops::RangeInclusive;

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    GenerateError, Level,
    apportion::weighted_rates,
    dice::Dice,
    figures::{Table, units},
    printed::Printed,
};

/// What students were asked about: classroom education, ideological-political, general and specialised courses.
pub(crate) const PARTS: [&str; 4] = ["SAT02", "SAT04", "SAT05", "SAT06"];

/// Adds the rates of satisfaction, in hundredths of a percent.
pub(crate) fn add(table: &mut Table, level: Level, printed: &Printed) -> Result<(), GenerateError> {
    let answers = table.units("SAT01N").unwrap_or_default().to_vec();
    let mut extremes: Vec<(i64, i64)> = vec![(i64::MAX, i64::MIN); answers.len()];
    // The further the parts stray, the lower the lowest of them: higher institutions' overall mean needs that.
    let stray = if level == Level::Higher { 480 } else { 260 };
    for code in PARTS {
        let bounds = vec![8_300..=9_970; answers.len()];
        let rates = spread(code, stray, &answers, &bounds, level, printed)?;
        for (extreme, &rate) in extremes.iter_mut().zip(&rates) {
            *extreme = (extreme.0.min(rate), extreme.1.max(rate));
        }
        table.set(code, 2, rates.into_iter().map(|rate| rate as u64).collect());
    }
    // The overall mean is printed below each part's. School by school it still lies among them: which part a school's
    // students like least differs.
    let bounds: Vec<RangeInclusive<i64>> = extremes.into_iter().map(|(low, high)| low..=high).collect();
    let overall = spread("SAT01", 120, &answers, &bounds, level, printed)?;
    table.set("SAT01", 2, overall.into_iter().map(|rate| rate as u64).collect());
    Ok(())
}

fn spread(
    code: &'static str,
    noise: i64,
    answers: &[u64],
    bounds: &[RangeInclusive<i64>],
    level: Level,
    printed: &Printed,
) -> Result<Vec<i64>, GenerateError> {
    let target: Decimal = printed.get(2025, level, code).ok_or(GenerateError::NotPrinted { code })?;
    let target = units(code, target, 2)?.to_i64().ok_or(GenerateError::NotPrinted { code })?;
    let mut dice = Dice::of(&format!("{level:?} {code}"));
    let offsets: Vec<i64> = answers.iter().map(|_| dice.between(-noise, noise)).collect();
    weighted_rates(target, answers, &offsets, bounds).map_err(GenerateError::of(code))
}
