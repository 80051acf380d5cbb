//! Texts as they may be stored.

/// Whether a text can be stored: PostgreSQL keeps no U+0000, and nobody types one.
pub fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// Whether a text has 1 to `max` characters, white space around it aside, and can be stored.
pub fn is_filled(text: &str, max: usize) -> bool {
    is_storable(text) && (1..=max).contains(&text.trim().chars().count())
}

/// How many characters a text has as people count them: white space does not count, punctuation does.
pub fn characters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Whether a text is an organisation's code: ten digits.
pub fn is_organisation_code(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters_and_nul_is_refused() {
        assert!(is_filled("校长", 2) && is_filled(" 校长 ", 2));
        assert!(!is_filled("校长们", 2) && !is_filled("  ", 2) && !is_filled("校\0", 2));
        assert!(is_organisation_code("4111000001"));
        assert!(!is_organisation_code("411100000") && !is_organisation_code("411100000１"));
    }
}
