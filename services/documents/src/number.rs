//! What people type where a number is wanted.

use std::fmt;

/// Digits that a decimal of 96 bits holds for certain.
const DIGITS: usize = 28;

/// A number as it was meant, and what had to be evened out to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// Plain decimal text: an optional `-`, digits, at most one point with digits on both sides. No more than 28 digits,
    /// trailing zeros kept as typed. Parses as `rust_decimal::Decimal` without loss.
    pub decimal: String,
    /// What was evened out, in the order of [`Normalised`]; empty if the text was plain.
    pub normalised: Vec<Normalised>,
}

/// Something in a number that is a way of writing, not a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Normalised {
    /// Full-width digits, signs or points.
    FullWidth,
    /// Separators between groups of three digits.
    Thousands,
    /// A percent sign: `12.5%` is read as 12.5. The caller knows whether the field is a percentage.
    Percent,
    /// A plus sign in front.
    Plus,
    /// Spaces around, a point without a digit before or after it, zeros in front.
    Spelling,
}

/// Why a text is not a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotANumber {
    /// Nothing but spaces.
    Empty,
    /// Letters or other signs that no number has.
    Text,
    /// A number with something after it, such as `12 人` or `3.5万元`. Converting is the writer's decision: the field has
    /// a unit of its own.
    Unit {
        /// The number in front, plain.
        number: String,
        /// What follows it.
        unit: String,
        /// What the unit multiplies by, as a power of ten, where it has 万 or 亿.
        power: Option<u32>,
    },
    /// Commas that do not stand between groups of three digits, such as `1,23` or `12,34`.
    Grouping,
    /// `1.2E+05`: digits may have been lost when it was written.
    Scientific,
    /// More digits than any count or amount has.
    TooLong,
    /// `(123)`: minus to accountants, a remark to others.
    Brackets,
}

impl Number {
    /// Reads what was typed.
    ///
    /// ```
    /// use zhijian_documents::Number;
    /// assert_eq!(Number::parse(" １２，３４５．６０ ").unwrap().decimal, "12345.60");
    /// assert!(Number::parse("3.5万元").is_err());
    /// ```
    ///
    /// # Errors
    /// Whatever is not plainly one number.
    pub fn parse(text: &str) -> Result<Self, NotANumber> {
        let mut notes = Vec::new();
        let trimmed = text.trim_matches(is_space);
        if trimmed.is_empty() {
            return Err(NotANumber::Empty);
        }
        if trimmed.len() != text.len() {
            notes.push(Normalised::Spelling);
        }
        let even: String = trimmed.chars().map(even).collect();
        if trimmed.chars().any(even_changes) {
            notes.push(Normalised::FullWidth);
        }
        if even.starts_with('(') && even.ends_with(')') && Self::parse(&even[1..even.len() - 1]).is_ok() {
            return Err(NotANumber::Brackets);
        }
        let (sign, rest) = match even.strip_prefix(['-', '+']) {
            Some(rest) => (even.starts_with('-'), rest.trim_start_matches(is_space)),
            None => (false, even.as_str()),
        };
        if even.starts_with('+') {
            notes.push(Normalised::Plus);
        }
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || is_separator(c) || is_space(c)))
            .unwrap_or(rest.len());
        let (digits, tail) = (
            rest[..end].trim_end_matches(|c| is_space(c) || is_separator(c)),
            rest[end..].trim_matches(is_space),
        );
        if digits.is_empty() {
            return Err(NotANumber::Text);
        }
        // A separator at the end of the digits belongs to nothing.
        if rest[digits.len()..end].contains(is_separator) {
            return Err(NotANumber::Grouping);
        }
        let mut decimal = plain(digits, &mut notes)?;
        if sign && decimal.contains(|c: char| c.is_ascii_digit() && c != '0') {
            decimal.insert(0, '-');
        }
        match tail {
            "" => {}
            "%" => notes.push(Normalised::Percent),
            _ if is_exponent(tail) => return Err(NotANumber::Scientific),
            _ if tail.contains(|c: char| c.is_ascii_digit() || c == '.') => return Err(NotANumber::Text),
            _ => {
                return Err(NotANumber::Unit { number: decimal, unit: tail.to_owned(), power: power(tail) });
            }
        }
        notes.sort_unstable();
        notes.dedup();
        Ok(Self { decimal, normalised: notes })
    }
}

/// Digits with separators and points to digits with one point.
fn plain(text: &str, notes: &mut Vec<Normalised>) -> Result<String, NotANumber> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.contains('.') {
        return Err(NotANumber::Text);
    }
    if fraction.contains(|c| is_separator(c) || is_space(c)) {
        return Err(NotANumber::Grouping);
    }
    let groups: Vec<&str> =
        whole.split(|c| is_separator(c) || is_space(c)).filter(|g| !g.is_empty()).collect();
    let separators = whole.chars().filter(|&c| is_separator(c)).count();
    if groups.len() > 1 {
        let first = groups[0].len();
        if !(1..=3).contains(&first) || groups[1..].iter().any(|g| g.len() != 3) || separators >= groups.len()
        {
            return Err(NotANumber::Grouping);
        }
        notes.push(Normalised::Thousands);
    } else if separators > 0 {
        return Err(NotANumber::Grouping);
    }
    let whole = groups.concat();
    if whole.is_empty() && fraction.is_empty() {
        return Err(NotANumber::Text);
    }
    let significant = whole.trim_start_matches('0');
    let shown = if significant.is_empty() { "0" } else { significant };
    if shown != whole || (text.contains('.') && fraction.is_empty()) {
        notes.push(Normalised::Spelling);
    }
    if significant.len() + fraction.len() > DIGITS {
        return Err(NotANumber::TooLong);
    }
    Ok(if fraction.is_empty() { shown.to_owned() } else { format!("{shown}.{fraction}") })
}

fn is_exponent(tail: &str) -> bool {
    let Some(rest) = tail.strip_prefix(['e', 'E']) else { return false };
    let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn power(unit: &str) -> Option<u32> {
    let mut power = 0;
    for c in unit.chars() {
        power += match c {
            '十' => 1,
            '百' => 2,
            '千' => 3,
            '万' | '萬' => 4,
            '亿' | '億' => 8,
            _ => break,
        };
    }
    (power > 0).then_some(power)
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}' | '\u{200C}' | '\u{200D}' | '\u{2060}')
}

fn is_separator(c: char) -> bool {
    matches!(c, ',' | '、' | '\'' | '’')
}

fn even_changes(c: char) -> bool {
    // Typographic minus signs are as common as full-width ones.
    even(c) != c
}

fn even(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '−' | '–' | '—' | '﹣' => '-',
        '。' => '.',
        '﹪' => '%',
        _ => c,
    }
}

impl NotANumber {
    /// What is wrong and what to do, in Chinese.
    pub fn message_zh(&self) -> String {
        match self {
            Self::Empty => "没有填写。".into(),
            Self::Text => "不是数字。请只填数字，如 1234.5。".into(),
            Self::Unit { number, unit, power: None } => {
                format!("数字后面带了“{unit}”。请只填数字 {number}，单位以表头为准。")
            }
            Self::Unit { number, unit, power: Some(power) } => format!(
                "数字后面带了“{unit}”。请按表头的单位换算后只填数字（{number}{unit} 即 {number}×10 的 {power} 次方）。"
            ),
            Self::Grouping => {
                "分节号的位置不对：只能每三位一节，如 1,234,567。请检查是否漏了数字或误用了小数点。".into()
            }
            Self::Scientific => "这是科学计数法，可能已经丢失位数。请填写完整的数字。".into(),
            Self::TooLong => format!("数字超过 {DIGITS} 位，请检查。"),
            Self::Brackets => "括号里的数字含义不明。若为负数，请写成 -123。".into(),
        }
    }

    /// The same in English.
    pub fn message_en(&self) -> String {
        match self {
            Self::Empty => "Nothing is filled in.".into(),
            Self::Text => "This is not a number. Type digits only, such as 1234.5.".into(),
            Self::Unit { number, unit, power: None } => {
                format!("The number is followed by \"{unit}\". Type {number} alone; the heading states the unit.")
            }
            Self::Unit { number, unit, power: Some(power) } => format!(
                "The number is followed by \"{unit}\". Convert it to the heading's unit ({number}{unit} is {number} × 10^{power}) and type digits only."
            ),
            Self::Grouping => {
                "The separators are out of place: only groups of three, as in 1,234,567. Is a digit missing, or was a decimal point meant?".into()
            }
            Self::Scientific => {
                "This is scientific notation, which may have lost digits. Type the whole number.".into()
            }
            Self::TooLong => format!("The number has more than {DIGITS} digits. Check it."),
            Self::Brackets => "A number in brackets is ambiguous. Write -123 if it is negative.".into(),
        }
    }
}

impl fmt::Display for NotANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message_en())
    }
}

impl std::error::Error for NotANumber {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, decimal: &str) {
        assert_eq!(Number::parse(text).map(|n| n.decimal), Ok(decimal.to_owned()), "{text}");
    }

    #[test]
    fn ways_of_writing_one_number() {
        for text in [
            "1234567",
            "1,234,567",
            "１，２３４，５６７",
            "1 234 567",
            "1、234、567",
            "+1234567",
            " 1234567\u{3000}",
            "01234567",
            "1,234, 567",
            "1'234'567",
        ] {
            reads(text, "1234567");
        }
        reads("－１２．５％", "-12.5");
        reads("−0.50", "-0.50");
        reads(".5", "0.5");
        reads("5.", "5");
        reads("-0", "0");
        reads("１２。５", "12.5");
        let number = Number::parse("１，２３４％").expect("number");
        assert_eq!(number.normalised, [Normalised::FullWidth, Normalised::Thousands, Normalised::Percent]);
        assert_eq!(Number::parse("12.50").expect("number").normalised, []);
    }

    #[test]
    fn what_is_not_a_number() {
        for (text, why) in [
            ("", NotANumber::Empty),
            (" \u{3000}", NotANumber::Empty),
            ("约", NotANumber::Text),
            ("不适用", NotANumber::Text),
            ("1.2.3", NotANumber::Text),
            ("12-15", NotANumber::Text),
            ("2024年5月", NotANumber::Text),
            ("--", NotANumber::Text),
            ("1,23", NotANumber::Grouping),
            ("1234,567", NotANumber::Grouping),
            ("1,,234", NotANumber::Grouping),
            ("1,234,", NotANumber::Grouping),
            ("1.234,5", NotANumber::Grouping),
            ("1e400", NotANumber::Scientific),
            ("1.2E+05", NotANumber::Scientific),
            ("（123）", NotANumber::Brackets),
            ("12345678901234567890123456789", NotANumber::TooLong),
        ] {
            assert_eq!(Number::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn units_are_told_not_converted() {
        let unit = |number: &str, unit: &str, power| NotANumber::Unit {
            number: number.into(),
            unit: unit.into(),
            power,
        };
        assert_eq!(Number::parse("3.5 万元"), Err(unit("3.5", "万元", Some(4))));
        assert_eq!(Number::parse("-2亿"), Err(unit("-2", "亿", Some(8))));
        assert_eq!(Number::parse("1.2千万"), Err(unit("1.2", "千万", Some(7))));
        assert_eq!(Number::parse("12人"), Err(unit("12", "人", None)));
        assert_eq!(Number::parse("5‰"), Err(unit("5", "‰", None)));
    }
}
