//! Units of measurement, and the exact conversion of a value given in one unit into another of the same dimension.
//!
//! Units are data of the catalogue: a base unit for each dimension (元, 人, ㎡), and others that are a multiple of it (万元,
//! 亿元). Nothing is ever converted silently: who gives a value in another unit is told what it became.

use rust_decimal::Decimal;
use zhijian_platform::Text;

/// A unit of measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its code, unique within the catalogue.
    pub code: String,
    /// How it is shown.
    pub name: Text,
    /// The code of the unit in which its dimension is measured; its own if it is that unit.
    pub base: String,
    /// How many of the base unit one of it is; above zero.
    pub factor: Decimal,
    /// The other ways in which people write it.
    pub spellings: Vec<String>,
}

impl Unit {
    /// A unit in which a dimension is measured.
    #[cfg(test)]
    pub fn base(code: &str, name: Text) -> Self {
        Self { code: code.to_owned(), name, base: code.to_owned(), factor: Decimal::ONE, spellings: vec![] }
    }

    /// Whether values of both are converted into each other.
    pub fn same_dimension(&self, other: &Self) -> bool {
        self.base == other.base
    }

    /// Every way in which it may be written, its code first.
    pub fn written(&self) -> impl Iterator<Item = &str> {
        let names = [self.code.as_str(), self.name.zh.as_str(), self.name.en.as_str()];
        names.into_iter().chain(self.spellings.iter().map(String::as_str))
    }

    fn is_written(&self, text: &str) -> bool {
        self.written().any(|name| name.eq_ignore_ascii_case(text))
    }
}

/// The units of a catalogue.
#[derive(Debug, Clone, Default)]
pub struct Units(Vec<Unit>);

impl Units {
    /// These units. Who calls has checked that every base is among them.
    pub fn new(mut units: Vec<Unit>) -> Self {
        units.sort_by(|one, other| {
            (&one.base, one.factor, &one.code).cmp(&(&other.base, other.factor, &other.code))
        });
        Self(units)
    }

    /// Each unit, by dimension, the smaller ones first.
    pub fn iter(&self) -> impl Iterator<Item = &Unit> {
        self.0.iter()
    }

    /// The unit of this code.
    pub fn get(&self, code: &str) -> Option<&Unit> {
        self.0.iter().find(|unit| unit.code == code)
    }

    /// The units into which values of `unit` can be converted, itself included, the smaller ones first.
    pub fn alike<'a>(&'a self, unit: &'a Unit) -> impl Iterator<Item = &'a Unit> {
        self.0.iter().filter(|other| other.same_dimension(unit))
    }

    /// The unit that is written `text`, by code, name or spelling. A spelling that several dimensions share ("万") is taken
    /// in that of `near`.
    pub fn find<'a>(&'a self, text: &str, near: &'a Unit) -> Option<&'a Unit> {
        self.alike(near)
            .find(|unit| unit.is_written(text))
            .or_else(|| self.0.iter().find(|unit| unit.is_written(text)))
    }
}

/// Why a value cannot be given in a unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConvertError {
    /// They measure different things.
    #[error("{from} and {to} measure different things")]
    Dimension { from: String, to: String },
    /// The result has more than 28 digits.
    #[error("the result has more than 28 digits")]
    Inexact,
}

/// `number` of the unit `from` as so many of the unit `to`, exactly, without trailing zeros.
///
/// # Errors
/// [`ConvertError`]; nothing is rounded.
pub fn convert(number: Decimal, from: &Unit, to: &Unit) -> Result<Decimal, ConvertError> {
    if !from.same_dimension(to) {
        return Err(ConvertError::Dimension { from: from.code.clone(), to: to.code.clone() });
    }
    let base = number.checked_mul(from.factor).ok_or(ConvertError::Inexact)?;
    let result = base.checked_div(to.factor).ok_or(ConvertError::Inexact)?;
    // Both a product and a quotient are rounded to 28 digits where they do not fit: then the way back does not lead home.
    let exact = base.checked_div(from.factor) == Some(number) && result.checked_mul(to.factor) == Some(base);
    if exact { Ok(result.normalize()) } else { Err(ConvertError::Inexact) }
}

/// A value as it was given and as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// The number given.
    pub given: Decimal,
    /// The unit it was given in.
    pub from: Unit,
    /// The number kept.
    pub kept: Decimal,
    /// The indicator's unit.
    pub to: Unit,
}

impl Conversion {
    /// The equation in words: "1.2 亿元 = 12000 万元".
    pub fn text(&self) -> Text {
        let Self { given, from, kept, to } = self;
        Text::new(
            format!("{given} {} = {kept} {}", from.name.zh, to.name.zh),
            format!("{given} {} = {kept} {}", from.name.en, to.name.en),
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unit(code: &str, zh: &str, base: &str, factor: i64, spellings: &[&str]) -> Unit {
        Unit {
            code: code.into(),
            name: Text::new(zh, code),
            base: base.into(),
            factor: Decimal::from(factor),
            spellings: spellings.iter().map(|spelling| (*spelling).to_owned()).collect(),
        }
    }

    fn money() -> Units {
        Units::new(vec![
            unit("yi", "亿元", "yuan", 100_000_000, &["亿"]),
            unit("yuan", "元", "yuan", 1, &["CNY"]),
            unit("wan", "万元", "yuan", 10_000, &["万"]),
            unit("person", "人", "person", 1, &[]),
            unit("wan_person", "万人", "person", 10_000, &["万"]),
        ])
    }

    fn converted(number: &str, from: &str, to: &str) -> Result<String, ConvertError> {
        let units = money();
        let unit = |code: &str| units.get(code).expect("a unit of the test");
        convert(number.parse().expect("a number"), unit(from), unit(to)).map(|number| number.to_string())
    }

    #[test]
    fn money_is_converted_exactly_both_ways() {
        for (number, from, to, wanted) in [
            ("1.2", "yi", "wan", "12000"),
            ("12000", "wan", "yi", "1.2"),
            ("2832.17", "wan", "yuan", "28321700"),
            ("1", "yuan", "yi", "0.00000001"),
            ("0", "yi", "yuan", "0"),
            ("-3.5", "wan", "yuan", "-35000"),
        ] {
            assert_eq!(converted(number, from, to).as_deref(), Ok(wanted), "{number} {from}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(matches!(converted("1", "wan", "person"), Err(ConvertError::Dimension { .. })));
        assert_eq!(converted(&"9".repeat(28), "yi", "yuan"), Err(ConvertError::Inexact));
        assert_eq!(converted(&format!("0.{}1", "0".repeat(26)), "yuan", "yi"), Err(ConvertError::Inexact));
    }

    #[test]
    fn a_shared_spelling_is_taken_in_the_dimension_at_hand() {
        let units = money();
        let find = |text: &str, near: &str| {
            units.find(text, units.get(near).expect("known")).map(|unit| unit.code.as_str())
        };
        assert_eq!(find("万", "person"), Some("wan_person"));
        assert_eq!(find("万", "yuan"), Some("wan"));
        assert_eq!(find("cny", "wan"), Some("yuan"));
        assert_eq!(find("亿元", "person"), Some("yi"));
        assert_eq!(find("箱", "person"), None);
        let alike: Vec<_> =
            units.alike(units.get("wan").expect("known")).map(|unit| unit.code.as_str()).collect();
        assert_eq!(alike, ["yuan", "wan", "yi"]);
    }

    proptest! {
        #[test]
        fn there_and_back_is_where_it_began(units in -10_i64.pow(12)..10_i64.pow(12), scale in 0_u32..=6) {
            let number = Decimal::new(units, scale).normalize();
            let all = money();
            for from in all.iter() {
                for to in all.alike(from) {
                    let there = convert(number, from, to).expect("it fits");
                    prop_assert_eq!(convert(there, to, from), Ok(number));
                }
            }
        }
    }
}
