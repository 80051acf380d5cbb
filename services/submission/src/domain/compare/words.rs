//! Differences of Chinese prose. Lines are matched first; a changed line is compared by words: a number or a Latin word is
//! one, and Chinese characters are joined to what changed around them, so that no lone 的 is left standing in between.

use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

/// How long the search for the shortest difference may take; then a coarser one is taken.
const PATIENCE: Duration = Duration::from_millis(400);
/// An unchanged piece of at most so many characters between two changes is shown as part of them.
const ISLAND: usize = 2;
/// So many unchanged characters stand before and after a change; what is further away is left out.
const CONTEXT: usize = 60;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// On both sides.
    Same,
    /// On the old side alone.
    Removed,
    /// On the new side alone.
    Added,
    /// On both sides, far from any change: left out.
    Skipped,
}

/// A piece of a compared text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// What it is.
    pub piece: Piece,
    /// The text; empty if it was left out.
    pub text: String,
    /// How many characters were left out.
    pub skipped: usize,
}

/// The pieces of two texts in order, unchanged stretches cut down to what stands around the changes.
pub fn passages(old: &str, new: &str) -> Vec<Passage> {
    shorten(pieces(old, new))
}

/// All pieces: those that are not added make up the old text, those that are not removed the new one.
fn pieces(old: &str, new: &str) -> Vec<(Piece, String)> {
    let deadline = Some(Instant::now() + PATIENCE);
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(old), lines(new));
    let mut pieces = vec![];
    for op in capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline) {
        match op {
            DiffOp::Equal { old_index, len, .. } => {
                pieces.push((Piece::Same, old[old_index..old_index + len].concat()));
            }
            DiffOp::Delete { old_index, old_len, .. } => {
                pieces.push((Piece::Removed, old[old_index..old_index + old_len].concat()));
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                pieces.push((Piece::Added, new[new_index..new_index + new_len].concat()));
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                let before = old[old_index..old_index + old_len].concat();
                let after = new[new_index..new_index + new_len].concat();
                pieces.extend(by_words(&before, &after, deadline));
            }
        }
    }
    join(pieces)
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn by_words(old: &str, new: &str, deadline: Option<Instant>) -> Vec<(Piece, String)> {
    let (old, new) = (words(old), words(new));
    let mut pieces = vec![];
    for op in capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline) {
        let (before, after) = (old[op.old_range()].concat(), new[op.new_range()].concat());
        match op {
            DiffOp::Equal { .. } => pieces.push((Piece::Same, before)),
            DiffOp::Delete { .. } => pieces.push((Piece::Removed, before)),
            DiffOp::Insert { .. } => pieces.push((Piece::Added, after)),
            DiffOp::Replace { .. } => pieces.extend([(Piece::Removed, before), (Piece::Added, after)]),
        }
    }
    // An island between two changes belongs to them.
    let changed = |piece: Option<&(Piece, String)>| piece.is_some_and(|(piece, _)| *piece != Piece::Same);
    let islands: Vec<bool> = pieces
        .iter()
        .enumerate()
        .map(|(at, (piece, text))| {
            *piece == Piece::Same
                && text.chars().count() <= ISLAND
                && !text.contains('\n')
                && at > 0
                && changed(pieces.get(at - 1))
                && changed(pieces.get(at + 1))
        })
        .collect();
    let mut joined = vec![];
    for ((piece, text), island) in pieces.into_iter().zip(islands) {
        if island {
            joined.push((Piece::Removed, text.clone()));
            joined.push((Piece::Added, text));
        } else {
            joined.push((piece, text));
        }
    }
    joined
}

/// A number with its point, separators and percent sign, a Latin word, a run of blanks; else a single character.
fn words(text: &str) -> Vec<&str> {
    let mut words = vec![];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '%'))).unwrap_or(rest.len())
        } else if first.is_ascii_alphabetic() {
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '\''))).unwrap_or(rest.len())
        } else if first == ' ' {
            rest.find(|c: char| c != ' ').unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(length);
        words.push(word);
        rest = after;
    }
    words
}

/// Neighbours of one kind become one; between two unchanged pieces what was removed stands before what was added.
fn join(pieces: Vec<(Piece, String)>) -> Vec<(Piece, String)> {
    let mut joined: Vec<(Piece, String)> = vec![];
    let (mut removed, mut added) = (String::new(), String::new());
    let flush = |joined: &mut Vec<(Piece, String)>, removed: &mut String, added: &mut String| {
        for (piece, text) in [(Piece::Removed, removed), (Piece::Added, added)] {
            if !text.is_empty() {
                joined.push((piece, std::mem::take(text)));
            }
        }
    };
    for (piece, text) in pieces {
        match piece {
            Piece::Removed => removed.push_str(&text),
            Piece::Added => added.push_str(&text),
            Piece::Same | Piece::Skipped => {
                flush(&mut joined, &mut removed, &mut added);
                match joined.last_mut() {
                    Some((Piece::Same, before)) => before.push_str(&text),
                    _ => joined.push((Piece::Same, text)),
                }
            }
        }
    }
    flush(&mut joined, &mut removed, &mut added);
    joined
}

fn shorten(pieces: Vec<(Piece, String)>) -> Vec<Passage> {
    let last = pieces.len().saturating_sub(1);
    let shown = |piece, text: &str| Passage { piece, text: text.to_owned(), skipped: 0 };
    let mut passages = vec![];
    for (at, (piece, text)) in pieces.into_iter().enumerate() {
        let count = text.chars().count();
        let (lead, trail) = (if at == 0 { 0 } else { CONTEXT }, if at == last { 0 } else { CONTEXT });
        // A cut is worth it only where it saves more than it costs to read.
        if piece != Piece::Same || count <= lead + trail + CONTEXT {
            passages.push(shown(piece, &text));
            continue;
        }
        let place =
            |characters: usize| text.char_indices().nth(characters).map_or(text.len(), |(offset, _)| offset);
        let (head, tail) = (place(lead), place(count - trail));
        if head > 0 {
            passages.push(shown(Piece::Same, &text[..head]));
        }
        let skipped = count - lead - trail;
        passages.push(Passage { piece: Piece::Skipped, text: String::new(), skipped });
        if tail < text.len() {
            passages.push(shown(Piece::Same, &text[tail..]));
        }
    }
    passages
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn show(old: &str, new: &str) -> String {
        pieces(old, new)
            .into_iter()
            .map(|(piece, text)| match piece {
                Piece::Removed => format!("[-{text}]"),
                Piece::Added => format!("[+{text}]"),
                Piece::Same | Piece::Skipped => text,
            })
            .collect()
    }

    #[test]
    fn numbers_change_as_a_whole_and_words_without_splinters() {
        assert_eq!(
            show("专任教师4993人，占比50.05%。", "专任教师5173人，占比50.03%。"),
            "专任教师[-4993][+5173]人，占比[-50.05%][+50.03%]。"
        );
        assert_eq!(
            show("深化产教融合，办学质量提高。", "推进产教结合，办学质量提高。"),
            "[-深化产教融][+推进产教结]合，办学质量提高。"
        );
        assert_eq!(show("同", "同"), "同");
        assert_eq!(show("", "新"), "[+新]");
    }

    #[test]
    fn whole_lines_come_and_go() {
        assert_eq!(show("一\n二\n三\n", "一\n三\n"), "一\n[-二\n]三\n");
    }

    #[test]
    fn far_from_a_change_the_text_is_left_out() {
        let long = "学校坚持立德树人根本任务。".repeat(40);
        let shown = passages(&format!("{long}旧{long}"), &format!("{long}新{long}"));
        let kinds: Vec<Piece> = shown.iter().map(|passage| passage.piece).collect();
        use Piece::{Added, Removed, Same, Skipped};
        assert_eq!(kinds, [Skipped, Same, Removed, Added, Same, Skipped]);
        assert_eq!(shown[0].skipped + shown[1].text.chars().count(), long.chars().count());
    }

    #[test]
    fn two_long_texts_are_compared_in_time() {
        let old: String = (0..100_000).map(|n| char::from_u32(0x4e00 + n * 7 % 5000).unwrap()).collect();
        let new: String = (0..100_000).map(|n| char::from_u32(0x4e00 + n * 11 % 5000).unwrap()).collect();
        let started = Instant::now();
        passages(&old, &new);
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_from_the_pieces(old in "[学校教师 a1.\n，]{0,40}", new in "[学校教师 a1.\n，]{0,40}") {
            let pieces = pieces(&old, &new);
            let without = |gone: Piece| -> String {
                pieces.iter().filter(|(piece, _)| *piece != gone).map(|(_, text)| text.as_str()).collect()
            };
            prop_assert_eq!(without(Piece::Added), old);
            prop_assert_eq!(without(Piece::Removed), new);
        }
    }
}
