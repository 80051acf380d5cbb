//! Text made comparable without losing where each character came from.
//!
//! PDF and Word conversions differ in spaces, digit widths and comma shapes. [`Norm`] evens these out and remembers, for
//! every byte, the line and byte it stands for, so that findings quote the text as it was read.

/// Evened-out text with a way back to the source lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Norm {
    /// The evened-out text.
    pub text: String,
    /// Points where the distance between evened-out and source bytes changes.
    marks: Vec<Mark>,
}

/// From byte `at` on, source bytes run in step from `byte` of `line`.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: usize,
    line: usize,
    byte: usize,
}

impl Norm {
    /// Evens out one source line; `line` is its index.
    pub fn of_line(line: usize, source: &str) -> Self {
        let mut norm = Self::default();
        norm.push_line(line, source);
        norm
    }

    /// Evens out a table row; a bar stands between its cells.
    pub fn of_row(line: usize, source: &str) -> Self {
        let mut norm = Self::default();
        let mut at = 0;
        for cell in source.split_inclusive(['\t', '|']) {
            let inner = cell.trim_end_matches(['\t', '|']);
            norm.push_at(line, inner, at);
            if inner.len() < cell.len() {
                norm.push('|', line, at + inner.len());
            }
            at += cell.len();
        }
        norm
    }

    /// Appends a source line as if it continued the text.
    pub fn push_line(&mut self, line: usize, source: &str) {
        self.push_at(line, source, 0);
    }

    /// Appends a piece of a source line that starts at byte `offset` of it.
    fn push_at(&mut self, line: usize, source: &str, offset: usize) {
        let mut pending_space: Option<usize> = None;
        let mut previous_source: Option<char> = None;
        let mut chars = source.char_indices().peekable();
        while let Some((byte, c)) = chars.next() {
            let next = chars.peek().map(|&(_, c)| c);
            let Some(even) = even(c, previous_source, next) else {
                if c.is_whitespace() {
                    pending_space = pending_space.or(Some(byte));
                }
                continue;
            };
            if let Some(space) = pending_space.take() {
                let before = self.text.chars().next_back();
                if before.is_some_and(is_word) && is_word(even) {
                    self.push(' ', line, offset + space);
                }
            }
            self.push(even, line, offset + byte);
            previous_source = Some(c);
        }
    }

    fn push(&mut self, c: char, line: usize, byte: usize) {
        let at = self.text.len();
        let in_step = self.marks.last().is_some_and(|m| m.line == line && m.byte + (at - m.at) == byte);
        if !in_step {
            self.marks.push(Mark { at, line, byte });
        }
        self.text.push(c);
    }

    /// Source line and byte of a byte of the evened-out text.
    pub fn origin(&self, at: usize) -> (usize, usize) {
        let index = self.marks.partition_point(|m| m.at <= at);
        match index.checked_sub(1).and_then(|i| self.marks.get(i)) {
            Some(mark) => (mark.line, mark.byte + (at - mark.at)),
            None => (0, 0),
        }
    }

    /// Source line of a byte.
    pub fn line_at(&self, at: usize) -> usize {
        self.origin(at).0
    }
}

/// A character that keeps its distance from a neighbour of the same kind: `2-1 2025`, `AI Lab`.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

/// The evened-out form of a character, `None` for one that is left out.
fn even(c: char, previous: Option<char>, next: Option<char>) -> Option<char> {
    let between_digits =
        || previous.is_some_and(|p| p.is_ascii_digit()) && next.is_some_and(|n| n.is_ascii_digit());
    Some(match c {
        _ if c.is_whitespace() => return None,
        '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}' | '\u{ad}' => return None,
        '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' => return None,
        ',' | ':' | '，' | '：' if between_digits() => match c {
            ',' => ',',
            '：' | ':' => ':',
            other => other,
        },
        ',' => '，',
        ':' => '：',
        ';' => '；',
        '?' => '？',
        '!' => '！',
        '(' => '（',
        ')' => '）',
        '．' => '.',
        '％' | '﹪' => '%',
        '﹐' => '，',
        '～' | '〜' => '~',
        '–' | '―' | '─' | '━' => '—',
        '－' | '‐' | '‑' | '−' => '-',
        '「' | '『' | '＂' => '“',
        '」' | '』' => '”',
        '•' | '・' | '‧' => '·',
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '＋' | '／' | '＝' | '＜' | '＞' => {
            char::from_u32(c as u32 - 0xFEE0).unwrap_or(c)
        }
        other => other,
    })
}

/// Whether a character is a Chinese ideograph.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// Letters, digits and ideographs only: what remains of a wording when punctuation does not count.
pub(crate) fn bare(s: &str) -> String {
    s.chars().filter(|c| c.is_alphanumeric() && !matches!(c, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹')).collect()
}

/// The largest byte index not above `at` that starts a character.
pub(crate) fn floor(s: &str, at: usize) -> usize {
    let mut at = at.min(s.len());
    while !s.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// At most `n` characters from the end of `s`.
pub(crate) fn last_chars(s: &str, n: usize) -> &str {
    match s.char_indices().rev().nth(n.saturating_sub(1)) {
        Some((at, _)) if n > 0 => &s[at..],
        _ if n == 0 => "",
        _ => s,
    }
}

/// At most `n` characters from the start of `s`.
pub(crate) fn first_chars(s: &str, n: usize) -> &str {
    s.char_indices().nth(n).map_or(s, |(at, _)| &s[..at])
}

/// Most bytes looked back for the start of a sentence: text without punctuation must not cost the square of its length.
const SENTENCE: usize = 1800;

/// The words right before byte `at`, back to the last of `stops`.
pub(crate) fn since<'t>(text: &'t str, at: usize, stops: &[char]) -> &'t str {
    let reach = &text[floor(text, at.saturating_sub(SENTENCE))..at];
    match reach.rfind(stops) {
        Some(i) => &reach[i + reach[i..].chars().next().map_or(0, char::len_utf8)..],
        None => reach,
    }
}

/// The words right behind byte `at`, up to the first of `stops`.
pub(crate) fn until<'t>(text: &'t str, at: usize, stops: &[char]) -> &'t str {
    let reach = &text[at..floor(text, at.saturating_add(SENTENCE))];
    reach.find(stops).map_or(reach, |i| &reach[..i])
}

/// A few words around bytes `from..to` of a source line, cut at clause ends, at most about forty characters either side.
pub(crate) fn excerpt(line: &str, from: usize, to: usize) -> String {
    const STOP: [char; 12] = ['。', '；', '，', '！', '？', ',', ';', '\t', '：', '|', '（', '('];
    let from = floor(line, from);
    let to = floor(line, to.max(from));
    let before = last_chars(&line[..from], 40);
    let start = from - before.len()
        + before.rfind(STOP).map_or(0, |i| i + before[i..].chars().next().map_or(0, char::len_utf8));
    let after = first_chars(&line[to..], 24);
    let end = to + after.find(|c| STOP.contains(&c) || matches!(c, '）' | ')' | '、')).unwrap_or(after.len());
    line[start..end].trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_widths_do_not_matter_and_origins_survive() {
        let source = "达到 １２.34 万人(其中,专科 5,678 人)";
        let norm = Norm::of_line(4, source);
        assert_eq!(norm.text, "达到12.34万人（其中，专科5,678人）");
        let at = norm.text.find("5,678").expect("number");
        let (line, byte) = norm.origin(at);
        assert_eq!(line, 4);
        assert!(source[byte..].starts_with("5,678"));
    }

    #[test]
    fn a_label_keeps_its_distance_from_a_year() {
        assert_eq!(Norm::of_line(0, "图 1- 1\t2025 年数量").text, "图1-1 2025年数量");
    }

    #[test]
    fn excerpts_end_at_clauses() {
        let line = "前文，全日制在校生总数达到 12.34 万人(其中";
        let at = line.find("12.34").expect("number");
        assert_eq!(excerpt(line, at, at + 5), "全日制在校生总数达到 12.34 万人");
    }
}
