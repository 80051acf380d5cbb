//! What a text is made of, for counting.

use std::ops::Range;

/// What is counted: two neighbouring Chinese characters, or a Latin word in small letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    Pair(char, char),
    Word(String),
}

/// The terms of a text, in order, with where they stand.
pub fn terms_of(text: &[char]) -> impl Iterator<Item = (Term, Range<usize>)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let start = at;
            if is_han(text[at]) {
                at += 1;
                if let Some(next) = text.get(at).filter(|next| is_han(**next)) {
                    return Some((Term::Pair(text[start], *next), start..at + 1));
                }
            } else if folded(text[at]).is_ascii_alphanumeric() {
                let mut word = String::new();
                while let Some(c) = text.get(at).map(|c| folded(*c)).filter(char::is_ascii_alphanumeric) {
                    word.push(c);
                    at += 1;
                }
                // Numbers by themselves say nothing of what is counted.
                if !word.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Some((Term::Word(word), start..at));
                }
            } else {
                at += 1;
            }
        }
        None
    })
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// Half-width and in small letters.
fn folded(c: char) -> char {
    let narrow = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        other => other,
    };
    narrow.to_ascii_lowercase()
}
