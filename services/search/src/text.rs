//! Text as it is looked up: characters evened out one by one, then cut into terms.

/// What is looked up: a pair of Chinese characters, a single one that stands alone, or a word.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Term {
    /// Two neighbouring characters.
    Pair(char, char),
    /// A character without neighbours.
    Single(char),
    /// A Latin word in small letters, or a number without its thousands' commas.
    Word(Box<str>),
}

/// A term, and which characters of the text it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The term.
    pub term: Term,
    /// The first character.
    pub start: usize,
    /// The one after the last.
    pub end: usize,
}

/// The characters evened out, one for one: full width becomes half width, capitals become small.
pub fn even(text: &str) -> Vec<char> {
    text.chars().map(even_char).collect()
}

fn even_char(c: char) -> char {
    let half = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    };
    half.to_lowercase().next().unwrap_or(half)
}

/// Whether a character is one of those that are written without spaces between words.
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' | '〇' | '々')
}

/// Cuts evened characters into terms, in order. Pairs overlap.
pub fn terms(chars: &[char]) -> Vec<Found> {
    let mut found = vec![];
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        if is_han(chars[at]) {
            while at < chars.len() && is_han(chars[at]) {
                at += 1;
            }
            run(&chars[start..at], start, &mut found);
        } else if chars[at].is_alphanumeric() {
            while at < chars.len() && in_word(chars, start, at) {
                at += 1;
            }
            let word: String = chars[start..at].iter().filter(|c| **c != ',').collect();
            found.push(Found { term: Term::Word(word.into()), start, end: at });
        } else {
            at += 1;
        }
    }
    found
}

fn run(chars: &[char], start: usize, found: &mut Vec<Found>) {
    if let [only] = chars {
        found.push(Found { term: Term::Single(*only), start, end: start + 1 });
    }
    for (offset, pair) in chars.windows(2).enumerate() {
        let start = start + offset;
        found.push(Found { term: Term::Pair(pair[0], pair[1]), start, end: start + 2 });
    }
}

/// Whether the character at `at` goes on with the word that began at `start`. A point or a comma stays inside a number.
fn in_word(chars: &[char], start: usize, at: usize) -> bool {
    let c = chars[at];
    if is_han(c) {
        return false;
    }
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    c.is_alphanumeric() || (matches!(c, '.' | ',') && at > start && digit(at - 1) && digit(at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let name = |found: Found| match found.term {
            Term::Pair(a, b) => format!("{a}{b}"),
            Term::Single(a) => a.to_string(),
            Term::Word(word) => word.to_string(),
        };
        terms(&even(text)).into_iter().map(name).collect()
    }

    #[test]
    fn chinese_is_cut_into_pairs_and_the_rest_into_words() {
        assert_eq!(shown("产教融合，课"), ["产教", "教融", "融合", "课"]);
        assert_eq!(shown("ＡＩ辅助Review"), ["ai", "辅助", "review"]);
        assert_eq!(shown("共232,441人，占94.26%。"), ["共", "232441", "人", "占", "94.26"]);
        assert_eq!(shown("见表2-2."), ["见表", "2", "2"]);
        assert_eq!(shown("  ，。"), Vec::<String>::new());
    }

    #[test]
    fn places_are_those_of_the_text() {
        let found = terms(&even("a课程"));
        assert_eq!((found[1].start, found[1].end), (1, 3));
    }
}
