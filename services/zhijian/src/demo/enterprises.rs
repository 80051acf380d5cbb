//! The enterprises that take part in running schools, and what their reports say.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{
    GenerateError, Level,
    dice::Dice,
    figures::Table,
    names::{self, Name},
    schools::School,
};

/// An enterprise with the school it is bound to.
pub(crate) struct Enterprise {
    pub code: String,
    pub name: Name,
    /// The school's place in the list of schools.
    pub school: usize,
}

/// How many enterprises report: each higher institution has two, the ten largest three, and thirty-six secondary schools
/// have one.
const THIRD: usize = 10;
const SECONDARY: usize = 36;

/// The enterprises, in order of their codes.
pub(crate) fn enterprises(schools: &[School]) -> Result<Vec<Enterprise>, GenerateError> {
    let mut dice = Dice::of("enterprises");
    let mut brands = names::brands()?;
    let trades = names::trades()?;
    dice.shuffle(&mut brands);
    let mut largest: Vec<usize> = (0..schools.len()).collect();
    largest.sort_by_key(|&school| std::cmp::Reverse(schools[school].enrolment));
    let of_level =
        |level: Level| largest.iter().filter(move |&&school| schools[school].kind.level() == level);
    let mut bound: Vec<usize> = of_level(Level::Higher).flat_map(|&school| [school, school]).collect();
    bound.extend(of_level(Level::Higher).take(THIRD));
    bound.extend(of_level(Level::Secondary).take(SECONDARY));
    bound.sort_unstable();
    if brands.len() != bound.len() {
        return Err(GenerateError::BadFile {
            name: "brands.csv",
            reason: format!("{} names for {} enterprises", brands.len(), bound.len()),
        });
    }
    let mut enterprises = Vec::with_capacity(bound.len());
    for (index, (school, brand)) in bound.into_iter().zip(brands).enumerate() {
        let class = dice.pick(&schools[school].classes);
        // 41, 51, … and 61, 71, … share the ordinals 1 to 19.
        let ordinal = class.parse::<u8>().map(|class| class % 20).ok();
        let fitting: Vec<&names::Trade> =
            trades.iter().filter(|trade| Some(trade.class) == ordinal).collect();
        if fitting.is_empty() {
            return Err(GenerateError::BadFile {
                name: "trades.csv",
                reason: format!("no trade for {class}"),
            });
        }
        let trade = &dice.pick(&fitting).name;
        enterprises.push(Enterprise {
            code: format!("9211{:06}", index + 1),
            name: Name {
                zh: format!("演示{}{}有限公司", brand.zh, trade.zh),
                en: format!("Demo {} {} Co., Ltd.", brand.en, trade.en),
            },
            school,
        });
    }
    Ok(enterprises)
}

/// What an enterprise reports, never more than its school does of the same: `place` is the school's among its level.
pub(crate) fn figures(
    label: &str,
    level: Level,
    table: &Table,
    place: usize,
    siblings: u64,
) -> BTreeMap<&'static str, Decimal> {
    let mut dice = Dice::of(label);
    let mut part = |code: &str, low: i64, high: i64| {
        let units = table.unit(code, place) * dice.between(low, high) as u64;
        i64::try_from(units / (100 * siblings)).unwrap_or(0)
    };
    let equipment = if level == Level::Higher { part("COP02", 25, 70) } else { part("SC01", 300, 1500) };
    let interns = part("SC01", 4, 14).max(1);
    let teachers = part("POL16", 12, 40);
    let hired = if level == Level::Higher { part("SC02", 1, 4) } else { part("COP12", 40, 95) };
    let courses = part("COP10", 8, 24);
    BTreeMap::from([
        ("ENT01", Decimal::new(equipment, 2)),
        ("ENT02", Decimal::from(interns)),
        ("ENT03", Decimal::from(teachers)),
        ("ENT04", Decimal::from(hired.min(interns))),
        ("ENT05", Decimal::from(courses)),
    ])
}
