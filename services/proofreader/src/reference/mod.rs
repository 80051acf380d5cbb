//! Figures, tables, cases and headings: numbering, lists, and the references to them.

mod contents;
mod labels;
mod order;
mod target;

use std::ops::Range;

use crate::context::Context;
use crate::document::label::{Label, LabelKind, numbers};
use crate::report::Report;

/// All checks of references.
pub(crate) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let references = references(context);
    labels::check(context, &references, report);
    order::check(context, &references, report);
    contents::check(context, report);
    target::check(context, &references, report);
}

/// A mention of a label in running text.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub label: Label,
    pub paragraph: usize,
    pub range: Range<usize>,
}

/// All mentions of figures, tables and cases in running text, in order.
fn references(context: &Context<'_, '_>) -> Vec<Reference> {
    let mut found = Vec::new();
    for (paragraph, p) in context.document.paragraphs.iter().enumerate() {
        let text = p.text();
        let mut at = 0;
        while let Some((start, kind, used)) = next_label_word(text, at) {
            at = start + used;
            let mut end = at;
            let mut from = start;
            while let Some(((chapter, number), used)) = numbers(&text[end..]) {
                let label = Label { kind, chapter, number };
                let range = from..end + used;
                end += used;
                let cut_off = text[end..].starts_with(['-', '—']);
                if chapter.is_some() || is_called(text, start) && !cut_off {
                    found.push(Reference { label, paragraph, range });
                }
                // 图2-2、2-3 and 图2-2、图2-3.
                let rest = &text[end..];
                let Some(next) = ["、", "和", "及", "与"].iter().find_map(|s| rest.strip_prefix(s))
                else {
                    break;
                };
                let next = next.strip_prefix(kind.zh()).unwrap_or(next);
                if !next.starts_with(|c: char| c.is_ascii_digit()) || chapter.is_none() {
                    break;
                }
                let next_at = text.len() - next.len();
                if numbers(next).is_none_or(|((c, _), _)| c.is_none()) {
                    break;
                }
                from = next_at;
                end = next_at;
            }
            at = at.max(end);
        }
    }
    found
}

/// The next 图, 表 or 案例 that a digit follows.
fn next_label_word(text: &str, from: usize) -> Option<(usize, LabelKind, usize)> {
    LabelKind::ALL
        .iter()
        .filter_map(|&kind| {
            let word = kind.zh();
            text[from..]
                .match_indices(word)
                .find(|(at, _)| text[from + at + word.len()..].starts_with(|c: char| c.is_ascii_digit()))
                .map(|(at, _)| (from + at, kind, word.len()))
        })
        .min_by_key(|&(at, _, _)| at)
}

/// A plain number (图3) is a reference where the text says so: 见图3, （图3）.
fn is_called(text: &str, at: usize) -> bool {
    text[..at].ends_with(['见', '如', '（', '由'])
}
