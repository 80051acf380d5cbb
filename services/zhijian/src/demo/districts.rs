//! What the district commissions report.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{
    dice::Dice,
    figures::Table,
    schools::{School, SchoolKind},
};

/// The figures of a district, from its vocational high schools: `places` are theirs among the secondary schools.
pub(crate) fn figures(
    year: i32,
    district: &str,
    places: &[usize],
    table: &Table,
) -> BTreeMap<&'static str, Decimal> {
    // One stream for all years: a district changes as its schools do.
    let mut dice = Dice::of(&format!("district {district}"));
    let sum = |code: &str| -> u64 { places.iter().map(|&place| table.unit(code, place)).sum() };
    let students = sum("BAS02");
    let drift = u64::try_from(100 + (year - 2025) * 3).unwrap_or(100);
    // Between 32,000 and 46,000 yuan a student, in hundredths of 万元.
    let funds = students * dice.between(320, 460) as u64 * drift / 100;
    let residents = students * dice.between(8, 30) as u64 * drift / 100 + 2_400;
    BTreeMap::from([
        ("DIS01", Decimal::from(places.len())),
        ("DIS02", Decimal::new(i64::try_from(funds).unwrap_or(i64::MAX), 2)),
        ("DIS03", Decimal::from(sum("COP01") * dice.between(60, 90) as u64 / 100)),
        ("DIS04", Decimal::from(residents)),
    ])
}

/// The places, among the secondary schools, of the vocational high schools that a district runs.
pub(crate) fn places(district: &str, secondary: &[&School]) -> Vec<usize> {
    secondary
        .iter()
        .enumerate()
        .filter(|(_, school)| school.kind == SchoolKind::VocationalHigh && school.district == district)
        .map(|(place, _)| place)
        .collect()
}
