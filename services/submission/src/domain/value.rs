//! What a cell holds, and how it is read from what people type.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_platform::Text;

use super::{
    catalogue::{Indicator, IndicatorKind},
    text::is_filled,
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
    OptionWanted { options: Vec<String> },
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
                format!("请从选项中选择：{}。", options.join("、")),
                format!("Choose one of: {}.", options.join(", ")),
            ),
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

/// Enough of what was typed to recognise it.
fn shorten(text: &str) -> String {
    const SHOWN: usize = 20;
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

/// Reads a number for `indicator`.
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
    let mut plain: String = given.trim().chars().map(half_width).collect();
    if plain.ends_with('%') {
        if indicator.kind != IndicatorKind::Rate {
            return Err(ValueError::NotAPercentage);
        }
        plain.pop();
    }
    let plain = plain.trim_end();
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain),
    };
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let whole = without_separators(whole).ok_or_else(|| not_a_number(given, plain))?;
    if !all_digits(&whole) || !fraction.is_none_or(all_digits) {
        return Err(not_a_number(given, plain));
    }
    let fraction = fraction.unwrap_or_default().trim_end_matches('0');
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        significant => significant,
    };
    if fraction.len() > indicator.decimals as usize {
        return Err(ValueError::TooManyDecimals { allowed: indicator.decimals });
    }
    if whole.len() + fraction.len() > MAX_DIGITS {
        return Err(ValueError::TooLong);
    }
    let text = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    let mut number = Decimal::from_str_exact(&text).map_err(|_| ValueError::TooLong)?;
    if negative && !number.is_zero() {
        if indicator.kind == IndicatorKind::Count {
            return Err(ValueError::Negative);
        }
        number.set_sign_negative(true);
    }
    Ok(Value::Number(number))
}

/// Reads the choice of an option.
///
/// # Errors
/// [`ValueError::NumberWanted`] if the indicator is no choice, [`ValueError::OptionWanted`] if it is not offered.
pub fn option(indicator: &Indicator, given: &str) -> Result<Value, ValueError> {
    if indicator.kind != IndicatorKind::Choice {
        return Err(ValueError::NumberWanted);
    }
    if indicator.options.iter().any(|option| option == given) {
        Ok(Value::Text(given.to_owned()))
    } else {
        Err(ValueError::OptionWanted { options: indicator.options.clone() })
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
        let choice =
            Indicator { options: vec!["yes".into(), "no".into()], ..indicator(IndicatorKind::Choice, 0) };
        assert_eq!(option(&choice, "yes"), Ok(Value::Text("yes".into())));
        assert!(matches!(option(&choice, "maybe"), Err(ValueError::OptionWanted { .. })));
        assert_eq!(option(&indicator(IndicatorKind::Count, 0), "yes"), Err(ValueError::NumberWanted));
        assert_eq!(not_applicable(" 无毕业生 "), Ok(Value::NotApplicable("无毕业生".into())));
        assert_eq!(not_applicable("  "), Err(ValueError::ReasonWanted));
        assert_eq!(not_applicable(&"长".repeat(201)), Err(ValueError::ReasonWanted));
    }

    proptest! {
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
