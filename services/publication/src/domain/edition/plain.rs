//! Documents that leave the site.

use zhijian_typeset::model::{Block, Document, Inline, Text};

/// The document without the links to where its numbers come from.
pub fn unlinked(mut document: Document) -> Document {
    for block in document.chapters.iter_mut().flat_map(|chapter| &mut chapter.blocks) {
        match block {
            Block::Paragraph(line) => unlink(line),
            Block::List(list) => list.items.iter_mut().for_each(unlink),
            Block::Table(table) => {
                for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells) {
                    cell.href = None;
                }
            }
            Block::Case(case) => case.paragraphs.iter_mut().for_each(unlink),
            Block::Quote(quote) => quote.paragraphs.iter_mut().for_each(unlink),
            Block::Heading(_) | Block::Chart(_) => {}
        }
    }
    document
}

fn unlink(line: &mut Text) {
    for piece in line {
        match piece {
            Inline::Bound { href, .. } => *href = None,
            Inline::Footnote(line) => unlink(line),
            _ => {}
        }
    }
}
