//! Unified social credit codes (GB 32100—2015): 18 characters, the last of which checks the others.

use super::Broken;

/// The characters in the order of their values; I, O, S, V and Z are left out, being easily misread.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Characters before the check character.
const BODY: usize = 17;

/// Reads a credit code; small letters, full-width characters and spaces are put right.
///
/// # Errors
/// Which rule it breaks.
pub fn parse(text: &str) -> Result<String, CreditError> {
    let code: String = zhijian_documents::register::narrow(text)
        .to_uppercase()
        .chars()
        .filter(|c| !matches!(c, ' ' | '-'))
        .collect();
    let length = code.chars().count();
    if length != BODY + 1 {
        return Err(CreditError::Length { length });
    }
    if let Some(found) = code.chars().find(|c| value(*c).is_none()) {
        return Err(CreditError::Character { found });
    }
    match check_character(&code[..BODY]) {
        Some(check) if code.ends_with(check) => Ok(code),
        _ => Err(CreditError::Check),
    }
}

/// The check character of the 17 characters before it, if those are of the alphabet: 31 less the sum of the values, each
/// weighted by a power of 3, modulo 31.
pub fn check_character(body: &str) -> Option<char> {
    let mut weight = 1;
    let mut sum = 0;
    for c in body.chars() {
        sum += value(c)? * weight;
        weight = weight * 3 % 31;
    }
    Some(char::from(ALPHABET[(31 - sum % 31) % 31]))
}

fn value(c: char) -> Option<usize> {
    ALPHABET.iter().position(|known| char::from(*known) == c)
}

/// Why a text is no credit code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreditError {
    #[error("A credit code has 18 characters; this has {length}.")]
    Length { length: usize },
    #[error(
        "“{found}” does not occur in credit codes: they have digits and capital letters other than I, O, S, V and Z."
    )]
    Character { found: char },
    #[error(
        "The check character does not fit: a character is wrong or two are swapped; compare with the licence."
    )]
    Check,
}

impl Broken for CreditError {
    fn zh(&self) -> String {
        match self {
            Self::Length { length } => format!("统一社会信用代码为 18 位，现在是 {length} 位。"),
            Self::Character { found } => {
                format!("统一社会信用代码中不会出现“{found}”：只有数字和大写字母，不用 I、O、S、V、Z。")
            }
            Self::Check => "校验码不符：可能写错或写颠倒了某一位，请对照营业执照核对。".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of the standard, and one made up.
    #[test]
    fn codes_are_checked_by_their_last_character() {
        assert_eq!(parse("91350100M000100Y43").as_deref(), Ok("91350100M000100Y43"));
        assert_eq!(parse(" ９1350100m000100y43 ").as_deref(), Ok("91350100M000100Y43"));
        assert_eq!(parse("91350100M000100Y44"), Err(CreditError::Check));
        assert_eq!(parse("91350100M000100Y4"), Err(CreditError::Length { length: 17 }));
        assert_eq!(parse("91350100M0001O0Y43"), Err(CreditError::Character { found: 'O' }));
    }

    proptest! {
        #[test]
        fn one_wrong_or_two_swapped_characters_are_found(
            body in "[0-9A-HJ-NP-RTUWXY]{17}", place in 0_usize..17, other in "[0-9A-HJ-NP-RTUWXY]"
        ) {
            let code = format!("{body}{}", check_character(&body).unwrap());
            prop_assert_eq!(parse(&code).unwrap(), code.clone());
            let mut wrong: Vec<char> = code.chars().collect();
            wrong[place] = other.chars().next().unwrap();
            let wrong: String = wrong.into_iter().collect();
            prop_assert_eq!(parse(&wrong).is_ok(), wrong == code);
            let mut swapped: Vec<char> = code.chars().collect();
            swapped.swap(place, place + 1);
            let swapped: String = swapped.into_iter().collect();
            prop_assert_eq!(parse(&swapped).is_ok(), swapped == code);
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,24}") {
            let _ = parse(&text);
        }
    }
}
