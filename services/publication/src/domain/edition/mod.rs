//! Editions: reports over the data of a release, as their templates define them (`services/publication/editions`).
//!
//! A template's text cannot state a number of its own: every quantity is a [`Binding`] to the pins.

use super::{
    case::Wanted,
    definition::Plan,
    figure::{Figure, Measure},
};

mod attributes;
mod bind;
mod build;
mod case;
mod chart;
mod fault;
mod load;
mod own;
mod parse;
mod plain;
mod prose;
#[cfg(test)]
mod tests;

pub use bind::Ground;
pub use build::{Built, Cover, LeftOut, build};
pub use fault::Fault;
pub use load::{Editions, Templates};
pub use plain::{of_draft, of_version, unlinked};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as in the rules directory.
    pub file: String,
    /// From 1; in a manifest, where the key says more, 0.
    pub line: usize,
    /// What is there: a key, or the binding as it is written.
    pub key: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.key),
            line => write!(f, "{}:{line}: {}", self.file, self.key),
        }
    }
}

/// A chapter of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    pub title: String,
    pub blocks: Vec<Block>,
}

/// A part of a chapter on lines of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A section (1) or a section of a section (2).
    Heading(u8, String),
    Paragraph(Vec<Piece>),
    List {
        ordered: bool,
        items: Vec<Vec<Piece>>,
    },
    /// A table of the release.
    Table(Place, String),
    /// A chart of the manifest.
    Chart(Place, String),
    /// The institution's own indicators beside last year's.
    Indicators(Place, Indicators),
    /// Cases of accepted reports.
    Cases(Place, Cases),
}

/// Cases of accepted reports, in the schools' own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cases {
    pub wanted: Wanted,
    /// The heading of their section, which is left out with them; nothing for none.
    pub title: Option<String>,
    /// Whether they are of the edition's institution alone.
    pub own: bool,
    /// Whether the edition does without them where there are none.
    pub optional: bool,
}

/// A table of an institution's indicators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicators {
    pub title: String,
    pub codes: Vec<String>,
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// May hold placeholders of the year.
    Text(String),
    Strong(String),
    Bound(Place, Binding),
    Footnote(Vec<Piece>),
    /// A mention of a table of the release.
    TableReference(Place, String),
    /// A mention of a chart of the manifest.
    ChartReference(Place, String),
}

/// Something computed that stands in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// A figure of the release's year, or so many years before.
    Value { figure: Scoped, back: i32, look: Look },
    /// How a figure has changed since last year.
    Change { figure: Scoped, kind: ChangeKind, look: Look },
    /// A cell of a table: the row by its first word, the column by its key.
    Cell { table: String, row: String, column: String },
    /// How many lines a table has, sums left out.
    Count { table: String, unit: String },
    /// What a column of a table adds up to.
    Total { table: String, column: String, unit: String },
    /// How many institutions of these kinds handed in an accepted report.
    Institutions { kinds: Vec<String>, unit: String },
    /// A number published elsewhere, by its key in the manifest.
    Published(String),
    /// The institution's name.
    Name,
}

/// A measure over some kinds of report, or over the reports of the edition's institution alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scoped {
    pub figure: Figure,
    pub own: bool,
}

/// How a number is written; what is absent follows from the indicator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    pub decimals: Option<u32>,
    pub unit: Option<String>,
}

/// How a change is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// In per cent of last year's ("升6.91%").
    Relative,
    /// In the figure's unit ("减少883人").
    Absolute,
    /// Of a rate, in percentage points ("提高1.20个百分点").
    Points,
}

impl Binding {
    /// Adds what it needs to a plan.
    fn want(&self, year: i32, plan: &mut Plan) {
        let (figure, back) = match self {
            Self::Value { figure, back, .. } => (figure, *back..=*back),
            Self::Change { figure, .. } => (figure, 0..=1),
            _ => return,
        };
        for back in back {
            let wanted = if figure.own { &mut plan.own } else { &mut plan.figures };
            wanted.entry(year - back).or_default().insert(figure.figure.clone());
        }
    }
}

impl Chapter {
    /// Adds what it needs to a plan.
    fn want(&self, year: i32, scope: &[String], plan: &mut Plan) {
        for block in &self.blocks {
            match block {
                Block::Paragraph(pieces) => want_pieces(pieces, year, plan),
                Block::List { items, .. } => {
                    items.iter().for_each(|pieces| want_pieces(pieces, year, plan));
                }
                Block::Indicators(_, indicators) => {
                    for code in &indicators.codes {
                        let measure = Measure::Sum(code.clone());
                        let figure = Figure { report_kinds: scope.to_vec(), measure };
                        for year in [year, year - 1] {
                            plan.own.entry(year).or_default().insert(figure.clone());
                        }
                    }
                }
                Block::Cases(_, cases) => {
                    plan.cases.insert(cases.wanted.clone());
                }
                Block::Heading(..) | Block::Table(..) | Block::Chart(..) => {}
            }
        }
    }
}

fn want_pieces(pieces: &[Piece], year: i32, plan: &mut Plan) {
    for piece in pieces {
        match piece {
            Piece::Bound(_, binding) => binding.want(year, plan),
            Piece::Footnote(pieces) => want_pieces(pieces, year, plan),
            _ => {}
        }
    }
}
