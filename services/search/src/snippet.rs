//! The part of a text where most was found, with what was found marked.

use std::collections::HashSet;

use crate::text::{Found, Term, even, is_han, terms};

/// How many characters a snippet shows.
const LENGTH: usize = 110;
/// How many of them come before what was found.
const BEFORE: usize = 24;
/// Texts are looked through up to here: 200,000 characters are the most that a section has.
const MOST: usize = 200_000;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The characters.
    pub text: String,
    /// Whether they were looked for.
    pub hit: bool,
}

/// A whole text with what was found marked.
pub fn whole(text: &str, wanted: &[Term]) -> Vec<Piece> {
    let chars: Vec<char> = text.chars().collect();
    let found = matches(text, wanted);
    pieces(&chars, &found, 0, chars.len())
}

/// The best part of a text; its beginning if nothing was found in it.
pub fn best(text: &str, wanted: &[Term]) -> Vec<Piece> {
    let chars: Vec<char> = text.chars().take(MOST).collect();
    let found = matches(text, wanted);
    let start = window(&found).map_or(0, |at| begin(&chars, at));
    let end = chars.len().min(start + LENGTH);
    let mut shown = pieces(&chars, &found, start, end);
    if start > 0 {
        shown.insert(0, Piece { text: "…".to_owned(), hit: false });
    }
    if end < chars.len() {
        shown.push(Piece { text: "…".to_owned(), hit: false });
    }
    shown
}

fn matches(text: &str, wanted: &[Term]) -> Vec<Found> {
    let chars: Vec<char> = even(text).into_iter().take(MOST).collect();
    let singles: HashSet<char> =
        wanted.iter().filter_map(|term| if let Term::Single(c) = term { Some(*c) } else { None }).collect();
    let others: HashSet<&Term> = wanted.iter().collect();
    let mut found: Vec<Found> = terms(&chars).into_iter().filter(|one| others.contains(&one.term)).collect();
    if !singles.is_empty() {
        let alone = chars.iter().enumerate().filter(|(_, c)| singles.contains(c));
        found.extend(alone.map(|(at, c)| Found { term: Term::Single(*c), start: at, end: at + 1 }));
        found.sort_by_key(|one| one.start);
    }
    found
}

/// Where the window with the most different terms begins: at the first of them.
fn window(found: &[Found]) -> Option<usize> {
    let mut best = (0, None);
    let mut last = 0;
    for (first, one) in found.iter().enumerate() {
        last = last.max(first);
        while last < found.len() && found[last].end <= one.start + LENGTH - BEFORE {
            last += 1;
        }
        let different: HashSet<&Term> = found[first..last].iter().map(|one| &one.term).collect();
        if different.len() > best.0 {
            best = (different.len(), Some(one.start));
        }
        // A text full of the words: what comes later is no better than what was seen.
        if first > 2000 {
            break;
        }
    }
    best.1
}

/// Goes back a little, to the beginning of a sentence if there is one.
fn begin(chars: &[char], at: usize) -> usize {
    let from = at.saturating_sub(BEFORE);
    let sentence = (from..at).rev().find(|at| matches!(chars[*at], '。' | '！' | '？' | '；' | '\n'));
    match sentence {
        Some(end) => end + 1,
        None if from == 0 => 0,
        // Not inside a Latin word.
        None => (from..at).find(|at| is_han(chars[*at]) || !chars[*at - 1].is_alphanumeric()).unwrap_or(at),
    }
}

fn pieces(chars: &[char], found: &[Found], start: usize, end: usize) -> Vec<Piece> {
    let mut marked = vec![false; end - start];
    for one in found.iter().filter(|one| one.start < end && one.end > start) {
        marked[one.start.max(start) - start..one.end.min(end) - start].fill(true);
    }
    let mut shown: Vec<Piece> = vec![];
    for (c, hit) in chars[start..end].iter().zip(marked) {
        let c = if c.is_whitespace() { ' ' } else { *c };
        match shown.last_mut() {
            Some(piece) if piece.hit == hit => piece.text.push(c),
            _ => shown.push(Piece { text: c.to_string(), hit }),
        }
    }
    shown
}
