//! Words in quotation marks, and what they are the name of: `“三步并进”教学体系`.

use std::ops::Range;

use crate::context::Context;
use crate::names::institution::mentions;
use crate::text::{bare, is_han, since};
use crate::unit::UnitKind;

/// A quotation.
#[derive(Debug, Clone)]
pub(crate) struct Quotation {
    pub unit: usize,
    /// The bytes between the marks.
    pub range: Range<usize>,
    pub text: String,
    /// Its letters and ideographs.
    pub bare: String,
    /// The noun it qualifies, may be empty.
    pub head: String,
}

/// Most characters of a quotation that can be a name.
const LONGEST: usize = 40;

/// All short quotations of the text, the lists of the front matter included.
pub(crate) fn quotations(context: &Context<'_, '_>) -> Vec<Quotation> {
    let mut found = Vec::new();
    for (unit, piece) in context.units.iter().enumerate() {
        let text = piece.text();
        let mut open: Option<usize> = None;
        for (at, c) in text.char_indices() {
            match c {
                '“' => open = Some(at + c.len_utf8()),
                '”' => {
                    if let Some(start) = open.take()
                        && text[start..at].chars().count() <= LONGEST
                    {
                        let inner = &text[start..at];
                        let head = head(&text[at + c.len_utf8()..]);
                        let range = start..at;
                        found.push(Quotation {
                            unit,
                            range,
                            text: inner.to_owned(),
                            bare: bare(inner),
                            head,
                        });
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// The run of ideographs behind a quotation, up to a particle.
fn head(after: &str) -> String {
    after
        .chars()
        .take_while(|&c| is_han(c) && !matches!(c, '的' | '和' | '与' | '及' | '等' | '在' | '为'))
        .take(10)
        .collect()
}

/// The institution a place in the text is about: the last one named before it in its sentence, or that of its case.
pub(crate) fn attribution(context: &Context<'_, '_>, unit: usize, at: usize) -> Option<String> {
    let piece = &context.units[unit];
    let caption = |i: usize| context.document.captions[i].owner.clone();
    match piece.kind {
        UnitKind::Caption(i) => caption(i).or_else(|| case_owner(context, unit)),
        UnitKind::Paragraph(_) => {
            let last = mentions(since(piece.text(), at, &['。', '；'])).pop().map(|m| m.name);
            last.or_else(|| case_owner(context, unit))
        }
        _ => None,
    }
}

fn case_owner(context: &Context<'_, '_>, unit: usize) -> Option<String> {
    let case = context.units[unit].place.case?;
    context.document.captions[case].owner.clone()
}
