//! Why a value is refused, and what to do about it.

use zhijian_platform::Text;

use super::Choice;
use crate::domain::units::Conversion;

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
pub(in crate::domain) fn shorten(text: &str) -> String {
    const SHOWN: usize = 20;
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}
