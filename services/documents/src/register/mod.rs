//! Registers as tables: columns known by their headings in either language and any order, rows read cell by cell, and
//! every fault named by sheet, row and column. What the rows mean is for the caller to say.

mod cell;
mod read;
mod write;

use crate::sheet::{self, Cell, Value, Workbook, letters, unguarded};

pub use cell::{Given, Row};
pub use read::{Table, read};
pub use write::{csv, xlsx};

/// A column of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The name by which the caller asks for it.
    pub key: &'static str,
    /// Its heading in Chinese.
    pub zh: &'static str,
    /// Its heading in English.
    pub en: &'static str,
    /// Other headings that mean the same.
    pub aliases: &'static [&'static str],
    /// Whether a file without it cannot be read.
    pub required: bool,
    /// What may stand in it, where that is a choice of few.
    pub choices: &'static [&'static str],
    /// What belongs in it, in Chinese and English.
    pub hint: (&'static str, &'static str),
    /// Its width in a workbook, in characters.
    pub width: u16,
}

impl Column {
    /// A column that a file may lack, with nothing said about what belongs in it.
    pub const fn new(key: &'static str, zh: &'static str, en: &'static str) -> Self {
        Self { key, zh, en, aliases: &[], required: false, choices: &[], hint: ("", ""), width: 14 }
    }

    /// The same, known by these headings too.
    pub const fn also(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// The same, without which a file cannot be read.
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same, for one of few words.
    pub const fn one_of(self, choices: &'static [&'static str]) -> Self {
        Self { choices, ..self }
    }

    /// The same, with what belongs in it.
    pub const fn hint(self, zh: &'static str, en: &'static str) -> Self {
        Self { hint: (zh, en), ..self }
    }

    /// The same, so many characters wide in a workbook.
    pub const fn width(self, width: u16) -> Self {
        Self { width, ..self }
    }
}

/// A sheet as plain cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    /// The sheet's name; empty for CSV.
    pub name: String,
    /// Its rows that hold anything, from the top.
    pub lines: Vec<Line>,
}

/// A row's cells. Those that hold nothing are not there: a small file may have a cell in the last column of every row, and
/// what lies between them must cost nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The row, from 1.
    pub number: usize,
    /// The columns, from 0 and rising, with what they hold.
    pub cells: Vec<(usize, Plain)>,
}

impl Line {
    /// What the column holds, counted from 0.
    pub fn cell(&self, column: usize) -> Option<&Plain> {
        let found = self.cells.binary_search_by_key(&column, |(place, _)| *place).ok()?;
        self.cells.get(found).map(|(_, cell)| cell)
    }
}

/// What a cell holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    /// Its value as text, numbers in plain notation.
    pub text: String,
    /// Whether the file holds it as a number, which cannot have more than 15 digits or a leading zero.
    pub number: bool,
    /// Whether the value is a spreadsheet's error, such as #N/A.
    pub error: bool,
}

impl Plain {
    /// A cell of text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// What is wrong with a cell, a row or a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The sheet's name; empty for CSV.
    pub sheet: String,
    /// The row, from 1; 0 for the sheet as a whole.
    pub row: usize,
    /// The column's letter; empty for the row as a whole.
    pub column: String,
    /// The column's heading.
    pub heading: String,
    /// What the cell holds, at most 100 characters of it.
    pub value: String,
    /// What is wrong and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Fault {
    /// Where it is, for messages: "“机构”表第 3 行 C 列".
    pub fn place_zh(&self) -> String {
        let sheet = if self.sheet.is_empty() { String::new() } else { format!("“{}”表", self.sheet) };
        let row = if self.row == 0 { String::new() } else { format!("第 {} 行", self.row) };
        let column = if self.column.is_empty() { String::new() } else { format!(" {} 列", self.column) };
        format!("{sheet}{row}{column}")
    }

    /// Where it is, as a path: "sheet[机构].C3".
    pub fn path(&self) -> String {
        let cell = match (self.column.as_str(), self.row) {
            ("", 0) => "file".to_owned(),
            ("", row) => format!("row {row}"),
            (column, row) => format!("{column}{row}"),
        };
        if self.sheet.is_empty() { cell } else { format!("{}!{cell}", self.sheet) }
    }
}

/// The sheets that people see, as plain cells.
pub fn grids(book: &Workbook) -> Vec<Grid> {
    let is_csv = book.csv.is_some();
    book.sheets
        .iter()
        .filter(|sheet| !sheet.hidden)
        .map(|sheet| {
            let line = |row: &sheet::Row| {
                let place = |cell: &Cell| Some(((cell.column as usize).checked_sub(1)?, plain_cell(cell)));
                Line { number: row.number as usize, cells: row.cells.iter().filter_map(place).collect() }
            };
            let name = if is_csv { String::new() } else { sheet.name.clone() };
            Grid { name, lines: sheet.rows.iter().map(line).collect() }
        })
        .collect()
}

fn plain_cell(cell: &Cell) -> Plain {
    Plain {
        text: unguarded(cell.text()).to_owned(),
        number: matches!(cell.value, Value::Number(_)),
        error: matches!(cell.value, Value::Error(_)),
    }
}

/// The letter of a column counted from 0: A, B, … Z, AA.
fn letter(column: usize) -> String {
    letters(u32::try_from(column + 1).unwrap_or(u32::MAX))
}

/// Full-width digits, letters and signs as their plain forms, and no white space around.
pub fn narrow(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(plain).collect::<String>().trim().to_owned()
}

/// The first `most` characters of a text, with "…" where something is cut off.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
