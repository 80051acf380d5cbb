//! A document as the lines a proofreader reads.

use super::{Block, Document, headings};

pub(super) fn of(document: &Document) -> Vec<String> {
    let mut lines = Vec::new();
    let mut told = 0;
    for block in &document.blocks {
        let mut last = 0;
        match block {
            Block::Heading { level, text } => {
                let text = plain(text, &mut last);
                // A heading without a number is told from a short paragraph by its marks.
                if headings::level(&text).is_some() || *level == 0 {
                    push(&text, &mut lines);
                } else {
                    lines.push(format!(
                        "{} {}",
                        "#".repeat(usize::from(*level).clamp(1, 6)),
                        text.replace('\n', " ")
                    ));
                }
            }
            Block::Paragraph { text } | Block::Caption { text, .. } => {
                push(&plain(text, &mut last), &mut lines)
            }
            Block::Item { mark, text, .. } if mark.is_empty() => push(&plain(text, &mut last), &mut lines),
            Block::Item { mark, text, .. } => {
                let space = if mark.ends_with(['、', '）', '．']) { "" } else { " " };
                push(&format!("{mark}{space}{}", plain(text, &mut last)), &mut lines);
            }
            Block::Contents { text, .. } => lines.push(text.clone()),
            Block::Picture { .. } => {}
            Block::Table(table) => {
                if lines.last().is_some_and(|l| l.contains('\t')) {
                    // Two tables in a row stay two.
                    lines.push(String::new());
                }
                for row in table.grid() {
                    let cells: Vec<String> =
                        row.iter().map(|c| plain(c, &mut last).replace(['\n', '\t'], " ")).collect();
                    lines.push(cells.join("\t"));
                }
            }
        }
        for (index, note) in document.notes.iter().enumerate().take(last).skip(told) {
            lines.push(format!("[^{}]: {}", index + 1, plain(note, &mut 0)));
        }
        told = told.max(last);
    }
    lines
}

fn push(text: &str, lines: &mut Vec<String>) {
    lines.extend(text.split('\n').map(str::to_owned));
}

/// The words without their references to notes; the highest number goes to `last`.
fn plain(text: &str, last: &mut usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("[^") {
        let after = &rest[at + 2..];
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && after[digits..].starts_with(']') {
            out.push_str(&rest[..at]);
            *last = (*last).max(after[..digits].parse().unwrap_or(0));
            rest = &after[digits + 1..];
        } else {
            out.push_str(&rest[..at + 2]);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The numbers of the notes a text refers to.
pub(super) fn notes_in(text: &str) -> Vec<usize> {
    let parts = text.split("[^").skip(1);
    parts.filter_map(|p| p.split_once(']')).filter_map(|(number, _)| number.parse().ok()).collect()
}
