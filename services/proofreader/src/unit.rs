//! Every readable piece of the report once: paragraphs whole, everything else by line.

use crate::document::{Block, Document, Place};
use crate::text::Norm;

/// The kind of piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnitKind {
    /// Index into [`Document::paragraphs`].
    Paragraph(usize),
    Contents,
    /// Index into [`Document::headings`].
    Heading(usize),
    /// Index into [`Document::captions`].
    Caption(usize),
    /// Table and row.
    Row(usize, usize),
    Note,
}

/// A piece of text with its way back to the lines.
#[derive(Debug)]
pub(crate) struct Unit {
    pub norm: Norm,
    pub kind: UnitKind,
    pub place: Place,
}

impl Unit {
    pub fn text(&self) -> &str {
        &self.norm.text
    }
}

/// All pieces: the lists of the front matter first, then the text in order.
pub(crate) fn units(document: &Document<'_>) -> Vec<Unit> {
    let line = |index: usize| Norm::of_line(index, document.lines.get(index).copied().unwrap_or(""));
    let mut found: Vec<Unit> = document
        .contents
        .iter()
        .map(|e| Unit { norm: line(e.line), kind: UnitKind::Contents, place: Place::default() })
        .collect();
    let mut place = Place::default();
    for block in &document.blocks {
        match *block {
            Block::Paragraph(i) => {
                let p = &document.paragraphs[i];
                place = p.place;
                found.push(Unit { norm: p.norm.clone(), kind: UnitKind::Paragraph(i), place });
            }
            Block::Heading(i) => {
                let norm = line(document.headings[i].line);
                found.push(Unit { norm, kind: UnitKind::Heading(i), place });
            }
            Block::Caption(i) => {
                let c = &document.captions[i];
                place = c.place;
                let mut norm = line(c.line);
                if let Some(tail) = c.tail {
                    norm.push_line(tail, document.lines.get(tail).copied().unwrap_or(""));
                }
                found.push(Unit { norm, kind: UnitKind::Caption(i), place });
            }
            Block::Table(t) => {
                let table = &document.tables[t];
                place = table.place;
                for (r, row) in table.rows.iter().enumerate() {
                    found.push(Unit { norm: tabbed(row.line, document), kind: UnitKind::Row(t, r), place });
                }
            }
            Block::Note(l) | Block::Footnote(l) => {
                found.push(Unit { norm: line(l), kind: UnitKind::Note, place });
            }
        }
    }
    found
}

/// A table row with its cells kept apart.
fn tabbed(index: usize, document: &Document<'_>) -> Norm {
    let source = document.lines.get(index).copied().unwrap_or("");
    Norm::of_row(index, source)
}
