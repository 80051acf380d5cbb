//! The people who sign in.

use std::fmt;

use super::{
    Broken,
    text::{self, TextError},
};

/// The longest display name, in characters.
const DISPLAY_NAME: usize = 60;

/// The name a person types to sign in: 3–64 of a–z, 0–9, "-", "_" and ".".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignInName(String);

impl SignInName {
    /// Reads a sign-in name as it is typed; nothing is trimmed or folded.
    ///
    /// # Errors
    /// [`SignInNameError`] if it is not one.
    pub fn parse(text: &str) -> Result<Self, SignInNameError> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
        if (3..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(SignInNameError)
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SignInName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that cannot be a sign-in name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Choose a sign-in name of 3 to 64 lower-case letters, digits, hyphens, underscores or full stops.")]
pub struct SignInNameError;

impl Broken for SignInNameError {
    fn zh(&self) -> String {
        "登录名应为 3 至 64 个字符，只能使用小写字母、数字、连字符、下划线和句点。".to_owned()
    }
}

/// How pages call a person: 1–60 characters in whatever language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Reads a display name; drops white space around it.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        text::line(text, DISPLAY_NAME).map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sign_in_names_are_taken_as_typed() {
        for name in ["abc", "zhang.san", "school_01-a", &"a".repeat(64)] {
            assert_eq!(SignInName::parse(name).unwrap().as_str(), name);
        }
        for name in ["", "ab", &"a".repeat(65), "Zhang", "zhang san", " abc", "张三丰", "abc\0"] {
            assert_eq!(SignInName::parse(name), Err(SignInNameError), "{name:?}");
        }
    }

    #[test]
    fn display_names_have_up_to_sixty_characters() {
        assert_eq!(DisplayName::parse(" 张三 ").unwrap().as_str(), "张三");
        assert!(DisplayName::parse(&"张".repeat(60)).is_ok());
        assert_eq!(DisplayName::parse(&"张".repeat(61)), Err(TextError::TooLong { length: 61, longest: 60 }));
        assert_eq!(DisplayName::parse("  "), Err(TextError::Empty));
    }

    proptest! {
        #[test]
        fn a_sign_in_name_is_taken_exactly_if_it_keeps_the_rule(text in "[a-z0-9._-]{0,70}|[ -~]{1,10}|\\PC{0,70}") {
            let keeps = (3..=64).contains(&text.chars().count())
                && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c));
            prop_assert_eq!(SignInName::parse(&text).is_ok(), keeps);
        }
    }
}
