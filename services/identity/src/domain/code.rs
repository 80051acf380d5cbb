//! The codes that identify organisations.

use std::fmt;

use super::{Broken, organisation::Kind};

/// The code of an organisation: two digits of type, two of province (11–65), six of serial.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(String);

impl Code {
    /// Reads a code.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.len() != 10 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CodeError::Form);
        }
        if !Kind::ALL.into_iter().any(|kind| text.starts_with(kind.prefix())) {
            return Err(CodeError::Type);
        }
        // Digits compare as text as they do as numbers, the widths being the same.
        if !("11"..="65").contains(&&text[2..4]) {
            return Err(CodeError::Province);
        }
        if text.starts_with(Kind::HigherVocational.prefix()) && !text[4..].starts_with('0') {
            return Err(CodeError::Higher);
        }
        Ok(Self(text.to_owned()))
    }

    /// A code as it was kept; it kept the rules when it was taken.
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// The ten digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    #[error("Give the organisation's ten-digit code.")]
    Form,
    #[error("The first two digits must be 36, 41, 90, 91, 92 or 93; check the code.")]
    Type,
    #[error("The third and fourth digits must be a province, 11 to 65; check the code.")]
    Province,
    #[error("After the province, a higher institution's code has 0 and five digits; check the code.")]
    Higher,
}

impl Broken for CodeError {
    fn zh(&self) -> String {
        match self {
            Self::Form => "请填写十位数字的机构代码。",
            Self::Type => "前两位应为 36、41、90、91、92 或 93，请核对代码。",
            Self::Province => "第三、四位应为 11 至 65 的省份代码，请核对代码。",
            Self::Higher => "高等院校代码在省份之后应为 0 加五位数字，请核对代码。",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_codes_and_says_which_rule_one_breaks() {
        for code in ["3611000001", "4111010853", "9011000001", "9165000001", "9211000096", "9342000001"] {
            assert_eq!(Code::parse(code).unwrap().as_str(), code);
        }
        for (code, error) in [
            ("", CodeError::Form),
            ("361100001", CodeError::Form),
            ("36110000011", CodeError::Form),
            ("36１1000001", CodeError::Form),
            ("361100000a", CodeError::Form),
            ("3711000001", CodeError::Type),
            ("3610000001", CodeError::Province),
            ("3666000001", CodeError::Province),
            ("4111110853", CodeError::Higher),
        ] {
            assert_eq!(Code::parse(code), Err(error), "{code}");
        }
    }

    proptest! {
        #[test]
        fn a_code_is_ten_digits_of_a_known_type_and_province(text in "[0-9]{9,11}|[0-9a-z]{10}|\\PC{0,12}") {
            if let Ok(code) = Code::parse(&text) {
                prop_assert_eq!(code.as_str(), &text);
                prop_assert_eq!(text.len(), 10);
                let province: u8 = text[2..4].parse().unwrap();
                prop_assert!((11..=65).contains(&province));
                prop_assert!(Kind::ALL.iter().any(|kind| text.starts_with(kind.prefix())));
            }
        }

        #[test]
        fn every_well_formed_code_is_taken(
            kind in prop::sample::select(Kind::ALL.to_vec()), province in 11_u8..=65, serial in 0_u32..100_000
        ) {
            let text = format!("{}{province}0{serial:05}", kind.prefix());
            prop_assert_eq!(Code::parse(&text).unwrap().to_string(), text);
            prop_assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }
}
