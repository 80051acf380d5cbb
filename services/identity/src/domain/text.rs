//! Names and notes that are written in both languages.

use super::Broken;

/// The longest name, in characters.
pub const NAME: usize = 100;
/// The longest note, in characters.
pub const NOTE: usize = 1000;

/// A text in both languages. Neither is empty, begins or ends with white space, or holds a control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bilingual {
    zh: String,
    en: String,
}

impl Bilingual {
    /// Takes a text of at most `longest` characters in each language; drops white space around it.
    ///
    /// # Errors
    /// The first rule that either language breaks.
    pub fn parse(zh: &str, en: &str, longest: usize) -> Result<Self, TextError> {
        Ok(Self { zh: line(zh, longest)?, en: line(en, longest)? })
    }

    /// A text as it was kept; it kept the rules when it was taken.
    pub fn kept(zh: String, en: String) -> Self {
        Self { zh, en }
    }

    /// The Chinese and the English text.
    pub fn into_parts(self) -> (String, String) {
        (self.zh, self.en)
    }

    /// The Chinese text.
    pub fn zh(&self) -> &str {
        &self.zh
    }

    /// The English text.
    pub fn en(&self) -> &str {
        &self.en
    }
}

/// Takes one line of 1 to `longest` characters; drops white space around it.
///
/// # Errors
/// The first rule that it breaks.
pub fn line(text: &str, longest: usize) -> Result<String, TextError> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(TextError::Empty),
        length if length > longest => Err(TextError::TooLong { length, longest }),
        _ if text.chars().any(char::is_control) => Err(TextError::Control),
        _ => Ok(text.to_owned()),
    }
}

/// Why a text is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("Fill this in, in both languages where both are asked for.")]
    Empty,
    #[error("Shorten this to {longest} characters; it has {length}.")]
    TooLong { length: usize, longest: usize },
    #[error("Take out line breaks, tabs and other control characters.")]
    Control,
}

impl Broken for TextError {
    fn zh(&self) -> String {
        match self {
            Self::Empty => "请填写此项；需要双语的，中文和英文都要填写。".to_owned(),
            Self::TooLong { length, longest } => format!("现有 {length} 个字符，请缩短到 {longest} 个以内。"),
            Self::Control => "请去掉换行、制表符等控制字符。".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn needs_both_languages() {
        assert_eq!(Bilingual::parse("演示市", " ", NAME), Err(TextError::Empty));
        assert_eq!(Bilingual::parse("", "Demonstration City", NAME), Err(TextError::Empty));
        let name = Bilingual::parse(" 演示市", "Demonstration City ", NAME).unwrap();
        assert_eq!((name.zh(), name.en()), ("演示市", "Demonstration City"));
    }

    #[test]
    fn counts_characters_not_bytes() {
        assert!(line(&"质".repeat(100), NAME).is_ok());
        assert_eq!(line(&"质".repeat(101), NAME), Err(TextError::TooLong { length: 101, longest: 100 }));
    }

    #[test]
    fn refuses_control_characters() {
        assert_eq!(line("演示\n学校", NAME), Err(TextError::Control));
        assert_eq!(line("演示\u{0}学校", NAME), Err(TextError::Control));
    }

    proptest! {
        #[test]
        fn what_is_taken_keeps_the_rules_and_is_taken_again(text in any::<String>(), longest in 1_usize..120) {
            if let Ok(taken) = line(&text, longest) {
                prop_assert!((1..=longest).contains(&taken.chars().count()));
                prop_assert_eq!(taken.trim(), &taken);
                prop_assert!(!taken.chars().any(char::is_control));
                prop_assert_eq!(line(&taken, longest), Ok(taken.clone()));
            }
        }
    }
}
