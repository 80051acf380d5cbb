//! Word documents as blocks: headings, paragraphs, lists, tables, captions, pictures, footnotes.
//!
//! What people see is read: numbers that Word counts by itself stand in the text, tracked deletions, hidden text and
//! comments are gone, text boxes follow the paragraph that holds them.
//!
//! ```
//! use zhijian_documents::{Limits, docx::{self, Block}};
//!
//! let file = docx::write(&docx::blocks("# 一、概况\n\n共有学校 50 所。\n")).unwrap();
//! let document = docx::read("报告.docx", &file, &Limits::default()).unwrap();
//! assert_eq!(document.blocks[0], Block::Heading { level: 1, text: "一、概况".into() });
//! assert_eq!(document.lines(), ["一、概况", "共有学校 50 所。"]);
//! ```

mod body;
mod dom;
mod headings;
mod lines;
mod markdown;
mod numbering;
mod run;
mod styles;
mod table;
mod write;

use std::ops::Range;

use crate::{Kind, Limits, Refusal, archive::Archive, kind};

pub use markdown::blocks;
pub use write::{WriteError, write};

/// A document's content in reading order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Everything but footnotes.
    pub blocks: Vec<Block>,
    /// Footnotes and endnotes in the order in which they are referred to: the first is `[^1]`.
    pub notes: Vec<String>,
    /// Pictures that blocks show.
    pub images: Vec<Image>,
}

/// A piece of a document. In texts `\n` is a line break within a paragraph, and `[^2]` refers to the second note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading; its text begins with its number, if it has one.
    Heading {
        /// 1 to 9; 0 is the document's title.
        level: u8,
        /// Its words.
        text: String,
    },
    /// Running text.
    Paragraph {
        /// Its words.
        text: String,
    },
    /// One item of a list.
    Item {
        /// 0 for the outermost list.
        level: u8,
        /// What stands in front, such as `1.` or `（二）`; empty for a bullet.
        mark: String,
        /// Its words, without the mark.
        text: String,
    },
    /// A table.
    Table(Table),
    /// The caption of a figure or table.
    Caption {
        /// Of which.
        of: Captioned,
        /// All of it, such as `图 2-1 在校生规模`.
        text: String,
    },
    /// A picture.
    Picture {
        /// Its place in [`Document::images`].
        image: usize,
        /// The caption below it, else what its author wrote to describe it, else empty.
        caption: String,
    },
    /// A line of the table of contents or of a list of figures.
    Contents {
        /// 1 for chapters.
        level: u8,
        /// Title and page, with a tab between.
        text: String,
    },
}

/// What a caption belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Captioned {
    /// A figure, above the caption.
    Figure,
    /// A table, below the caption.
    Table,
}

/// A table by its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The caption above it, or empty.
    pub caption: String,
    /// Rows from top to bottom.
    pub rows: Vec<TableRow>,
}

/// A table's row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableRow {
    /// Whether it is repeated as a heading on each page.
    pub header: bool,
    /// Cells that begin in this row.
    pub cells: Vec<TableCell>,
}

/// A table's cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCell {
    /// Column it begins in, from 0.
    pub column: usize,
    /// Columns it spans, at least 1.
    pub columns: usize,
    /// Rows it spans, at least 1.
    pub rows: usize,
    /// Its words; paragraphs and inner tables' rows on lines of their own.
    pub text: String,
}

/// A picture's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its file name inside the document, such as `image1.png`.
    pub name: String,
    /// What it is by its content; [`Kind::Unknown`] for vector formats such as EMF.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads a DOCX file; `name` is the file's name, which must suit the content.
///
/// # Errors
/// Everything that makes the file unusable, macros included, by name.
pub fn read(name: &str, file: &[u8], limits: &Limits) -> Result<Document, Refusal> {
    kind::check(name, None, file, &[Kind::Docx], limits)?;
    let mut archive = Archive::open(file, limits)?;
    crate::bytes::fenced("word/document.xml", || body::read(&mut archive, limits))
}

impl Document {
    /// The lines a proofreader reads: tables by tabs, contents with their pages, headings and captions on lines of their
    /// own, notes after the block that refers to them.
    pub fn lines(&self) -> Vec<String> {
        lines::of(self)
    }

    /// Markdown of the whole document, contents left out, notes at the end. Pictures are `![caption](name)`.
    pub fn markdown(&self) -> String {
        markdown::of(self, 0..self.blocks.len())
    }

    /// Markdown of some of its blocks, such as one section, with the notes these refer to.
    ///
    /// # Panics
    /// If the range goes beyond the blocks.
    pub fn markdown_of(&self, blocks: Range<usize>) -> String {
        markdown::of(self, blocks)
    }
}

impl Table {
    /// Its texts by row and column; a cell that spans several stands at its first place, the others are empty.
    pub fn grid(&self) -> Vec<Vec<&str>> {
        let width = self.width();
        let mut grid = vec![vec![""; width]; self.rows.len()];
        for (line, row) in grid.iter_mut().zip(&self.rows) {
            for cell in &row.cells {
                line[cell.column] = &cell.text;
            }
        }
        grid
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.rows.iter().flat_map(|r| &r.cells).map(|c| c.column + c.columns).max().unwrap_or(0)
    }
}
