//! Where the numbers of documents lead.

use zhijian_typeset::model::{Block, Document, Inline, Text};

/// The document without the links to where its numbers come from: it leaves the site.
pub fn unlinked(document: Document) -> Document {
    relinked(document, &|_| None)
}

/// The document of one version, whose numbers lead to what they were computed from then: not to what stands now.
pub fn of_version(document: Document, version: u32) -> Document {
    relinked(document, &|href| Some(format!("{href}?version={version}")))
}

/// The document of what was compiled last, published or not.
pub fn of_draft(document: Document) -> Document {
    relinked(document, &|href| Some(format!("{href}?draft=1")))
}

type Relink<'a> = &'a dyn Fn(&str) -> Option<String>;

fn relinked(mut document: Document, to: Relink<'_>) -> Document {
    for block in document.chapters.iter_mut().flat_map(|chapter| &mut chapter.blocks) {
        match block {
            Block::Paragraph(line) => relink(line, to),
            Block::List(list) => list.items.iter_mut().for_each(|line| relink(line, to)),
            Block::Table(table) => {
                for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells) {
                    cell.href = cell.href.as_deref().and_then(to);
                }
            }
            Block::Case(case) => case.paragraphs.iter_mut().for_each(|line| relink(line, to)),
            Block::Quote(quote) => quote.paragraphs.iter_mut().for_each(|line| relink(line, to)),
            Block::Heading(_) | Block::Chart(_) => {}
        }
    }
    document
}

fn relink(line: &mut Text, to: Relink<'_>) {
    for piece in line {
        match piece {
            Inline::Bound { href, .. } => *href = href.as_deref().and_then(to),
            Inline::Footnote(line) => relink(line, to),
            _ => {}
        }
    }
}
