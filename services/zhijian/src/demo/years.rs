//! The year before and the year after 2025.

use super::{
    GenerateError, Level,
    apportion::last_year,
    dice::Dice,
    figures::{Ground, Table, specs, units},
    printed::Printed,
    satisfaction::PARTS,
};

/// How much a school's figure changes from 2024 to 2025 as a rule, in percent. Reports explain what changed by more
/// than thirty.
const USUAL_CHANGE: u64 = 28;

/// 2024: what is printed for it, split so that most schools changed little.
pub(crate) fn before(table: &Table, level: Level, printed: &Printed) -> Result<Table, GenerateError> {
    let mut before = Table::default();
    for (code, decimals) in table.codes() {
        let Some(total) = printed.get(2024, level, code) else { continue };
        let this_year = table.units(code).unwrap_or_default();
        let mut dice = Dice::of(&format!("{level:?} {code} 2024"));
        let parts = last_year(units(code, total, decimals)?, this_year, USUAL_CHANGE, &mut dice)
            .map_err(GenerateError::of(code))?;
        before.set(code, decimals, parts);
    }
    Ok(before)
}

/// 2026: every school a little changed, with the same relations among its figures.
pub(crate) fn after(table: &Table, ground: &Ground<'_>) -> Table {
    let mut dice = Dice::of(&format!("{:?} 2026", ground.level));
    let schools = ground.enrolment.len();
    let growth: Vec<u64> = (0..schools).map(|_| dice.between(96, 105) as u64).collect();
    let mut after = Table::default();
    let enrolment =
        ground.enrolment.iter().zip(&growth).map(|(&students, &percent)| students * percent / 100);
    after.set("BAS02", 0, enrolment.collect());
    after.set("TBK01", 0, ground.textbooks.to_vec());
    for spec in specs(ground.level) {
        let values = (0..schools).map(|school| {
            let before = table.unit(spec.code, school);
            let change = growth[school] * dice.between(97, 105) as u64;
            let share =
                |(code, percent): (&str, u64), up: u64| (after.unit(code, school) * percent + up) / 100;
            let low = spec.at_least.map_or(0, |limit| share(limit, 99));
            let low = match spec.code {
                "RES05" => low.max(ground.registered[school]),
                "RES15" => low.max(ground.textbooks[school]),
                _ => low,
            };
            let high = spec.at_most.map_or(u64::MAX, |limit| share(limit, 0));
            let grown = match (spec.code, ground.level) {
                // Nearly all study on: it is the few who go to work whose number changes little.
                ("SC03", Level::Secondary) => {
                    let working = table.unit("SC02", school) - before;
                    after.unit("SC02", school).saturating_sub((working * growth[school] + 50) / 100)
                }
                _ => (before * change + 5_000) / 10_000,
            };
            // What a school did not have, it does not begin.
            if before == 0 { 0 } else { grown.clamp(low.min(high), high) }
        });
        let values: Vec<u64> = values.collect();
        after.set(spec.code, spec.decimals, values);
    }
    satisfaction(&mut after, table, schools, &mut dice);
    after
}

fn satisfaction(after: &mut Table, table: &Table, schools: usize, dice: &mut Dice) {
    for code in PARTS {
        let rates = (0..schools).map(|school| {
            let rate = table.unit(code, school) as i64 + dice.between(-40, 40);
            rate.min(9_980) as u64
        });
        after.set(code, 2, rates.collect());
    }
    let overall = (0..schools).map(|school| {
        let parts = PARTS.map(|code| after.unit(code, school));
        let (low, high) =
            parts.iter().fold((u64::MAX, 0), |(low, high), &part| (low.min(part), high.max(part)));
        let rate = table.unit("SAT01", school) as i64 + dice.between(-40, 40);
        (rate as u64).clamp(low, high)
    });
    let overall: Vec<u64> = overall.collect();
    after.set("SAT01", 2, overall);
}
