//! What a cell holds, and how it is read from what people type.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_platform::Text;

use super::{
    catalogue::{Choice, Indicator, IndicatorKind},
    text::is_filled,
    units::{self, Conversion, ConvertError, Unit, Units},
};

/// How many significant digits a number may have.
const MAX_DIGITS: usize = 28;
/// How many characters a reason for 不适用 may have.
const MAX_REASON: usize = 200;

/// A cell's value. A cell without one is empty, which is neither zero nor not applicable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number, without trailing zeros.
    Number(Decimal),
    /// The code of the chosen option.
    Text(String),
    /// The reason why the indicator does not apply (不适用).
    NotApplicable(String),
}

/// Why a value is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Not digits with at most a sign and a point.
    #[error("{given:?} is not a number")]
    NotANumber { given: String },
    /// Written with an exponent.
    #[error("{given:?} is written with an exponent")]
    Exponent { given: String },
    /// More digits after the point than the indicator keeps.
    #[error("more than {allowed} decimals")]
    TooManyDecimals { allowed: u32 },
    /// More than 28 digits.
    #[error("more than 28 digits")]
    TooLong,
    /// A count below zero.
    #[error("a negative count")]
    Negative,
    /// A percent sign where no percentage is asked for.
    #[error("not a percentage")]
    NotAPercentage,
    /// A text where a number is asked for.
    #[error("a number is wanted")]
    NumberWanted,
    /// A number where an option is asked for, or an option that is not offered.
    #[error("one of the options is wanted")]
    OptionWanted { options: Vec<Choice> },
    /// A unit that the catalogue does not know.
    #[error("{given:?} is not a unit")]
    UnknownUnit { given: String, known: Vec<Text> },
    /// A unit that measures something else.
    #[error("{given:?} measures something else")]
    WrongDimension { given: String, known: Vec<Text> },
    /// A unit in the number and another beside it.
    #[error("both {written:?} and {chosen:?} are given")]
    TwoUnits { written: String, chosen: String },
    /// Converted into the indicator's unit, it has more digits after the point than the indicator keeps.
    #[error("{} has more than {allowed} decimals", conversion.text().en)]
    TooManyDecimalsConverted { conversion: Box<Conversion>, allowed: u32 },
    /// 不适用 without a reason, or with a very long one.
    #[error("a reason of 1–200 characters is wanted")]
    ReasonWanted,
    /// A derived indicator is computed, never typed.
    #[error("derived indicators are computed")]
    Derived,
}

impl ValueError {
    /// What is wrong and what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::NotANumber { given } => Text::new(
                format!("“{}”不是数字，请只填数字，例如 1234.5。", shorten(given)),
                format!("“{}” is not a number; write digits alone, such as 1234.5.", shorten(given)),
            ),
            Self::Exponent { given } => Text::new(
                format!("“{}”是科学记数法，请写出完整数字。", shorten(given)),
                format!("“{}” has an exponent; write the number out.", shorten(given)),
            ),
            Self::TooManyDecimals { allowed: 0 } => {
                Text::new("应为整数，请去掉小数部分。", "A whole number is wanted; leave out the decimals.")
            }
            Self::TooManyDecimals { allowed } => Text::new(
                format!("小数最多 {allowed} 位，请四舍五入后填写。"),
                format!("At most {allowed} decimals are kept; round it first."),
            ),
            Self::TooLong => Text::new("数字最多 28 位。", "A number has at most 28 digits."),
            Self::Negative => Text::new("数量不能为负。", "A count cannot be negative."),
            Self::NotAPercentage => {
                Text::new("这里不填百分数，请去掉 % 号。", "This is no percentage; leave out the % sign.")
            }
            Self::NumberWanted => Text::new("这里应填数字。", "A number is wanted here."),
            Self::OptionWanted { options } => Text::new(
                format!("请从选项中选择：{}。", joined(options, "、", |option| &option.name.zh)),
                format!("Choose one of: {}.", joined(options, ", ", |option| &option.name.en)),
            ),
            Self::UnknownUnit { given, known } => Text::new(
                format!(
                    "“{}”不是可用的单位，这里可用：{}。",
                    shorten(given),
                    joined(known, "、", |unit| &unit.zh)
                ),
                format!(
                    "“{}” is not a unit; here you can use: {}.",
                    shorten(given),
                    joined(known, ", ", |unit| &unit.en)
                ),
            ),
            Self::WrongDimension { given, known } => Text::new(
                format!("这里不能用“{}”，可用：{}。", shorten(given), joined(known, "、", |unit| &unit.zh)),
                format!(
                    "“{}” does not fit here; you can use: {}.",
                    shorten(given),
                    joined(known, ", ", |unit| &unit.en)
                ),
            ),
            Self::TwoUnits { written, chosen } => Text::new(
                format!(
                    "数字里写了“{}”，旁边又选了“{}”，请只留一个单位。",
                    shorten(written),
                    shorten(chosen)
                ),
                format!(
                    "The number says “{}” and the unit beside it “{}”; keep one of them.",
                    shorten(written),
                    shorten(chosen)
                ),
            ),
            Self::TooManyDecimalsConverted { conversion, allowed } => {
                let equation = conversion.text();
                let rest = Self::TooManyDecimals { allowed: *allowed }.text();
                Text::new(format!("{}。{}", equation.zh, rest.zh), format!("{}. {}", equation.en, rest.en))
            }
            Self::ReasonWanted => Text::new(
                "填“不适用”时请写明理由（1–200 字）。",
                "Give a reason of 1–200 characters why it does not apply.",
            ),
            Self::Derived => Text::new(
                "这一项由系统按公式计算，不能填写。",
                "This is computed from other indicators and cannot be typed.",
            ),
        }
    }
}

fn joined<T>(items: &[T], between: &str, name: impl Fn(&T) -> &String) -> String {
    items.iter().map(|item| name(item).as_str()).collect::<Vec<_>>().join(between)
}

/// Enough of what was typed to recognise it.
pub(super) fn shorten(text: &str) -> String {
    const SHOWN: usize = 20;
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

/// Reads a number for `indicator`, given in `unit` – by code or as people write it – or in the unit written behind it
/// ("1.2亿元"); without either it is in the indicator's own. The answer says how it was converted, if it was.
///
/// # Errors
/// [`ValueError`]; nothing is guessed or rounded.
pub fn read(
    units: &Units,
    indicator: &Indicator,
    given: &str,
    unit: &str,
) -> Result<(Value, Option<Conversion>), ValueError> {
    let (digits, written) = split_unit(given);
    let unit = unit.trim();
    if written.is_empty() && unit.is_empty() {
        return Ok((number(indicator, given)?, None));
    }
    if indicator.kind == IndicatorKind::Choice {
        return Err(ValueError::OptionWanted { options: indicator.options.clone() });
    }
    let find = |text: &str| unit_of(units, indicator, text);
    let from = match (written, unit) {
        (written, "") => find(written)?,
        ("", unit) => find(unit)?,
        (written, unit) => {
            let (inside, beside) = (find(written)?, find(unit)?);
            if inside.code != beside.code {
                return Err(ValueError::TwoUnits { written: written.to_owned(), chosen: unit.to_owned() });
            }
            inside
        }
    };
    if from.code == indicator.unit.code {
        return Ok((number(indicator, digits)?, None));
    }
    let given = decimal(digits)?;
    let kept = units::convert(given, from, &indicator.unit).map_err(|error| match error {
        ConvertError::Dimension { .. } => {
            ValueError::WrongDimension { given: from.name.zh.clone(), known: usable(units, indicator) }
        }
        ConvertError::Inexact => ValueError::TooLong,
    })?;
    let conversion = Conversion { given, from: from.clone(), kept, to: indicator.unit.clone() };
    match fitting(indicator, kept) {
        Ok(value) => Ok((value, Some(conversion))),
        Err(ValueError::TooManyDecimals { allowed }) => {
            Err(ValueError::TooManyDecimalsConverted { conversion: Box::new(conversion), allowed })
        }
        Err(error) => Err(error),
    }
}

fn unit_of<'a>(units: &'a Units, indicator: &'a Indicator, text: &str) -> Result<&'a Unit, ValueError> {
    match units.find(text, &indicator.unit) {
        Some(unit) if unit.same_dimension(&indicator.unit) => Ok(unit),
        Some(_) => {
            Err(ValueError::WrongDimension { given: text.to_owned(), known: usable(units, indicator) })
        }
        None => Err(ValueError::UnknownUnit { given: text.to_owned(), known: usable(units, indicator) }),
    }
}

/// The names of the units in which the indicator may be given.
fn usable(units: &Units, indicator: &Indicator) -> Vec<Text> {
    units.alike(&indicator.unit).map(|unit| unit.name.clone()).collect()
}

/// The number and the unit behind it, or "". What looks like no unit, such as an exponent, stays with the number, for its
/// reader to judge.
fn split_unit(given: &str) -> (&str, &str) {
    let given = given.trim();
    let belongs = |c: char| matches!(half_width(c), '0'..='9' | '.' | ',' | '-' | '+') || c.is_whitespace();
    let start = given.find(|c| !belongs(c)).unwrap_or(given.len());
    let (digits, unit) = given.split_at(start);
    let has_digits = digits.chars().any(|c| half_width(c).is_ascii_digit());
    let is_unit = !unit.is_empty()
        && unit != "%"
        && unit != "％"
        && !unit.chars().any(|c| half_width(c).is_ascii_digit());
    if has_digits && is_unit { (digits.trim_end(), unit) } else { (given, "") }
}

/// Reads a number for `indicator`, in its own unit.
///
/// Full-width digits and signs, thousands separators in groups of three and, for a percentage, a percent sign at the
/// end are accepted and normalised, as are zeros that say nothing.
///
/// # Errors
/// [`ValueError`]; nothing is guessed.
pub fn number(indicator: &Indicator, given: &str) -> Result<Value, ValueError> {
    if indicator.kind == IndicatorKind::Choice {
        return Err(ValueError::OptionWanted { options: indicator.options.clone() });
    }
    let plain = given.trim();
    let plain = match plain.strip_suffix(['%', '％']) {
        Some(_) if indicator.kind != IndicatorKind::Rate => return Err(ValueError::NotAPercentage),
        Some(rest) => rest,
        None => plain,
    };
    fitting(indicator, decimal(plain)?)
}

/// The number as the indicator keeps it.
fn fitting(indicator: &Indicator, number: Decimal) -> Result<Value, ValueError> {
    if number.scale() > indicator.decimals {
        return Err(ValueError::TooManyDecimals { allowed: indicator.decimals });
    }
    if number.is_sign_negative() && indicator.kind == IndicatorKind::Count {
        return Err(ValueError::Negative);
    }
    Ok(Value::Number(number))
}

/// The number that is typed, without trailing zeros and never minus zero.
fn decimal(given: &str) -> Result<Decimal, ValueError> {
    let plain: String = given.trim().chars().map(half_width).collect();
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.as_str()),
    };
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let whole = without_separators(whole).ok_or_else(|| not_a_number(given, &plain))?;
    if !all_digits(&whole) || !fraction.is_none_or(all_digits) {
        return Err(not_a_number(given, &plain));
    }
    let fraction = fraction.unwrap_or_default().trim_end_matches('0');
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        significant => significant,
    };
    if whole.len() + fraction.len() > MAX_DIGITS {
        return Err(ValueError::TooLong);
    }
    let text = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    let mut number = Decimal::from_str_exact(&text).map_err(|_| ValueError::TooLong)?;
    number.set_sign_negative(negative && !number.is_zero());
    Ok(number)
}

/// Reads the choice of an option, by its code or by its name in either language.
///
/// # Errors
/// [`ValueError::NumberWanted`] if the indicator is no choice, [`ValueError::OptionWanted`] if it is not offered.
pub fn option(indicator: &Indicator, given: &str) -> Result<Value, ValueError> {
    if indicator.kind != IndicatorKind::Choice {
        return Err(ValueError::NumberWanted);
    }
    let given = given.trim();
    let named = |option: &&Choice| {
        option.code == given || option.name.zh == given || option.name.en.eq_ignore_ascii_case(given)
    };
    match indicator.options.iter().find(named) {
        Some(option) => Ok(Value::Text(option.code.clone())),
        None => Err(ValueError::OptionWanted { options: indicator.options.clone() }),
    }
}

/// Reads the reason of 不适用.
///
/// # Errors
/// [`ValueError::ReasonWanted`] unless it has 1–200 characters.
pub fn not_applicable(given: &str) -> Result<Value, ValueError> {
    if is_filled(given, MAX_REASON) {
        Ok(Value::NotApplicable(given.trim().to_owned()))
    } else {
        Err(ValueError::ReasonWanted)
    }
}

/// The character as it is on a keyboard in Latin mode.
fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        '．' => '.',
        '，' => ',',
        '－' | '−' => '-',
        '％' => '%',
        other => other,
    }
}

/// The digits without separators; nothing if the separators do not stand in groups of three.
fn without_separators(whole: &str) -> Option<String> {
    if !whole.contains(',') {
        return Some(whole.to_owned());
    }
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let sound = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    sound.then(|| whole.replace(',', ""))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn not_a_number(given: &str, plain: &str) -> ValueError {
    let given = given.trim().to_owned();
    let has_exponent = plain.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
        mantissa.parse::<Decimal>().is_ok() && exponent.trim_start_matches(['+', '-']).parse::<u32>().is_ok()
    });
    if has_exponent { ValueError::Exponent { given } } else { ValueError::NotANumber { given } }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::catalogue::Catalogues;

    fn indicator(kind: IndicatorKind, decimals: u32) -> Indicator {
        Indicator { kind, decimals, ..Indicator::for_tests("X01") }
    }

    fn read(kind: IndicatorKind, decimals: u32, text: &str) -> Result<String, ValueError> {
        number(&indicator(kind, decimals), text).map(|value| match value {
            Value::Number(number) => number.to_string(),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn what_people_type_is_normalised_where_it_is_clear() {
        use IndicatorKind::{Amount, Count, Rate};
        for (kind, decimals, typed, stored) in [
            (Count, 0, "1234", "1234"),
            (Count, 0, " 1,234,567 ", "1234567"),
            (Count, 0, "１２，３４５", "12345"),
            (Count, 0, "007", "7"),
            (Count, 0, "12.00", "12"),
            (Count, 0, "-0", "0"),
            (Amount, 2, "4767.70", "4767.7"),
            (Amount, 2, "－12．５", "-12.5"),
            (Rate, 2, "94.26%", "94.26"),
            (Rate, 2, "９４．２６ ％", "94.26"),
        ] {
            assert_eq!(read(kind, decimals, typed).as_deref(), Ok(stored), "{typed}");
        }
    }

    #[test]
    fn what_is_not_clear_is_refused() {
        use IndicatorKind::{Amount, Count, Rate};
        for typed in [
            "", "一百", "12人", "1 234", "1,23", "1234,567", ",123", "1.2.3", ".5", "5.", "--5", "+5", "NaN",
            "0x10",
        ] {
            assert!(matches!(read(Amount, 2, typed), Err(ValueError::NotANumber { .. })), "{typed}");
        }
        assert_eq!(read(Count, 0, "1e5"), Err(ValueError::Exponent { given: "1e5".to_owned() }));
        assert_eq!(read(Count, 0, "1.5"), Err(ValueError::TooManyDecimals { allowed: 0 }));
        assert_eq!(read(Rate, 2, "94.265"), Err(ValueError::TooManyDecimals { allowed: 2 }));
        assert_eq!(read(Count, 0, "-3"), Err(ValueError::Negative));
        assert_eq!(read(Count, 0, "50%"), Err(ValueError::NotAPercentage));
        assert_eq!(read(Count, 0, &"9".repeat(29)), Err(ValueError::TooLong));
        assert_eq!(read(Count, 0, &"9".repeat(28)).as_deref(), Ok("9".repeat(28).as_str()));
    }

    #[test]
    fn options_and_reasons_are_checked() {
        let answer = |code: &str, zh: &str, en: &str| Choice { code: code.into(), name: Text::new(zh, en) };
        let options = vec![answer("yes", "是", "Yes, it is"), answer("no", "否", "No")];
        let choice = Indicator { options, ..indicator(IndicatorKind::Choice, 0) };
        for given in ["yes", "是", " yes, it is "] {
            assert_eq!(option(&choice, given), Ok(Value::Text("yes".into())), "{given}");
        }
        assert_eq!(option(&choice, "maybe").unwrap_err().text().zh, "请从选项中选择：是、否。");
        assert!(matches!(option(&choice, "maybe"), Err(ValueError::OptionWanted { .. })));
        assert_eq!(option(&indicator(IndicatorKind::Count, 0), "yes"), Err(ValueError::NumberWanted));
        assert_eq!(not_applicable(" 无毕业生 "), Ok(Value::NotApplicable("无毕业生".into())));
        assert_eq!(not_applicable("  "), Err(ValueError::ReasonWanted));
        assert_eq!(not_applicable(&"长".repeat(201)), Err(ValueError::ReasonWanted));
    }

    fn in_units(
        kind: IndicatorKind,
        decimals: u32,
        own: &str,
        given: &str,
        unit: &str,
    ) -> Result<(String, String), String> {
        let catalogue = Catalogues::shipped().get(2025).expect("2025 is shipped");
        let own = catalogue.units.get(own).expect("a unit of 2025").clone();
        let indicator = Indicator { unit: own, ..indicator(kind, decimals) };
        match super::read(&catalogue.units, &indicator, given, unit) {
            Ok((Value::Number(number), conversion)) => {
                Ok((number.to_string(), conversion.map(|it| it.text().zh).unwrap_or_default()))
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.text().zh),
        }
    }

    #[test]
    fn a_value_in_another_unit_is_converted_and_says_so() {
        use IndicatorKind::{Amount, Count, Rate};
        for (kind, decimals, own, typed, unit, kept, said) in [
            (Amount, 2, "wan", "1.2", "yi", "12000", "1.2 亿元 = 12000 万元"),
            (Amount, 2, "wan", "1.2亿元", "", "12000", "1.2 亿元 = 12000 万元"),
            (Amount, 2, "wan", "１．２ 亿", "", "12000", "1.2 亿元 = 12000 万元"),
            (Amount, 2, "wan", "1.2 亿元", "亿元", "12000", "1.2 亿元 = 12000 万元"),
            (Amount, 2, "wan", "28,321,700元", "", "2832.17", "28321700 元 = 2832.17 万元"),
            (Amount, 2, "wan", "12.5 万元", "", "12.5", ""),
            (Amount, 2, "wan", "12.5", "wan", "12.5", ""),
            (Count, 0, "person", "1.2万人", "", "12000", "1.2 万人 = 12000 人"),
            (Count, 0, "person", "12人", "", "12", ""),
            (Amount, 2, "square_metre", "3万平方米", "", "30000", "3 万㎡ = 30000 ㎡"),
            (Rate, 2, "percent", "94.26 %", "", "94.26", ""),
        ] {
            assert_eq!(
                in_units(kind, decimals, own, typed, unit),
                Ok((kept.to_owned(), said.to_owned())),
                "{typed} {unit}"
            );
        }
    }

    #[test]
    fn a_unit_that_does_not_fit_is_refused_with_those_that_do() {
        use IndicatorKind::{Amount, Count, Rate};
        for (kind, decimals, own, typed, unit, said) in [
            (Amount, 2, "wan", "3箱", "", "“箱”不是可用的单位，这里可用：元、万元、亿元。"),
            (Amount, 2, "wan", "3", "人", "这里不能用“人”，可用：元、万元、亿元。"),
            (Count, 0, "person", "50", "%", "这里不能用“%”，可用：人、万人。"),
            (Amount, 2, "wan", "1.2亿元", "万元", "数字里写了“亿元”，旁边又选了“万元”，请只留一个单位。"),
            (Amount, 2, "wan", "123456元", "", "123456 元 = 12.3456 万元。小数最多 2 位，请四舍五入后填写。"),
            (Count, 0, "person", "1.23456万人", "", "1.23456 万人 = 12345.6 人。应为整数，请去掉小数部分。"),
            (Count, 0, "person", "-1万人", "", "数量不能为负。"),
            (Rate, 2, "percent", "1e5", "", "“1e5”是科学记数法，请写出完整数字。"),
            (Amount, 2, "wan", "一百万元", "", "“一百万元”不是数字，请只填数字，例如 1234.5。"),
            (Amount, 2, "wan", "99999999999999999999999999亿元", "", "数字最多 28 位。"),
        ] {
            assert_eq!(in_units(kind, decimals, own, typed, unit), Err(said.to_owned()), "{typed} {unit}");
        }
    }

    proptest! {
        #[test]
        fn any_text_in_any_unit_is_read_or_refused_without_a_panic(text in "\\PC{0,20}", unit in "\\PC{0,4}|亿元|万") {
            let _ = in_units(IndicatorKind::Amount, 2, "wan", &text, &unit);
        }

        #[test]
        fn a_canonical_number_reads_back_as_itself(units in -10_i64.pow(15)..10_i64.pow(15), scale in 0_u32..=6) {
            let canonical = Decimal::new(units, scale).normalize();
            let value = number(&indicator(IndicatorKind::Amount, 6), &canonical.to_string());
            prop_assert_eq!(value, Ok(Value::Number(canonical)));
        }

        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in "\\PC{0,40}") {
            let _ = read(IndicatorKind::Rate, 2, &text);
        }
    }
}
