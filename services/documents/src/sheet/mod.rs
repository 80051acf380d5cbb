//! Workbooks and CSV files: one structure for both.
//!
//! ```
//! use zhijian_documents::{Limits, sheet};
//!
//! let book = sheet::read("学校.csv", "代码,名称\n4111010001,某某学院\n".as_bytes(), &Limits::default()).unwrap();
//! let cell = book.sheets[0].cell(2, 1).unwrap();
//! assert_eq!((cell.address().as_str(), cell.text()), ("A2", "4111010001"));
//! ```

mod csv;
mod guard;
pub mod write;
mod xlsx;

use std::collections::BTreeMap;

use crate::{Kind, Limits, Refusal, kind};

pub use guard::{guarded, unguarded};

/// A workbook, or a CSV file as a workbook of one sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workbook {
    /// Its sheets in their order. Charts and the like are left out.
    pub sheets: Vec<Sheet>,
    /// The document's own (custom) properties by name; empty for CSV.
    pub properties: BTreeMap<String, String>,
    /// How a CSV file was read; `None` for a workbook.
    pub csv: Option<CsvForm>,
}

/// How a CSV file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvForm {
    /// Its encoding, such as `UTF-8` or `gb18030`.
    pub encoding: &'static str,
    /// What stands between its fields: `,`, `;` or a tab.
    pub delimiter: char,
}

/// A sheet: the rows that hold something, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its name; for CSV the file's name without extension.
    pub name: String,
    /// Whether people cannot see it.
    pub hidden: bool,
    /// Rows with at least one cell, by rising number.
    pub rows: Vec<Row>,
    /// Ranges of merged cells; only the first cell of each holds a value.
    pub merged: Vec<Range>,
}

/// A row with its cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Number as shown at the margin, from 1. In a CSV file the record's number.
    pub number: u32,
    /// In a CSV file the line on which the record starts, from 1 (fields may hold line breaks); else `number`.
    pub line: u32,
    /// Cells that hold something, by rising column.
    pub cells: Vec<Cell>,
}

/// A cell that holds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Row, from 1.
    pub row: u32,
    /// Column, from 1.
    pub column: u32,
    /// What it holds; of a formula the result that was stored with it.
    pub value: Value,
    /// The formula without `=`, if it is one. In a CSV file a text that Excel would take for one.
    pub formula: Option<String>,
    /// The range it belongs to, if it is merged with others.
    pub merged: Option<Range>,
}

/// What a cell holds, as text that loses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text as typed. A number typed as text is text; see [`crate::Number::parse`].
    Text(String),
    /// A number as plain decimal text, never scientific: the shortest that gives the file's double again.
    Number(String),
    /// TRUE or FALSE.
    Boolean(bool),
    /// A date as `2025-08-31`, with ` 13:30:00` if it has a time; a time or duration alone as `13:30:00`.
    Date(String),
    /// An error value such as `#DIV/0!`; `#NUM!` also for a number beyond what a double holds.
    Error(String),
    /// A formula without a stored result, or a cell that only belongs to a merged range.
    Nothing,
}

/// A rectangle of cells, ends included, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Range {
    /// First row.
    pub top: u32,
    /// First column.
    pub left: u32,
    /// Last row.
    pub bottom: u32,
    /// Last column.
    pub right: u32,
}

/// Reads an XLSX or CSV file; `name` is the file's name, which must suit the content.
///
/// # Errors
/// Everything that makes the file unusable, macros included, by name.
pub fn read(name: &str, file: &[u8], limits: &Limits) -> Result<Workbook, Refusal> {
    match kind::check(name, None, file, &[Kind::Xlsx, Kind::Text], limits)? {
        Kind::Xlsx => xlsx::read(file, limits),
        _ => csv::read(name, file, limits),
    }
}

/// A text file's text, whatever its encoding: UTF-8 and UTF-16 with or without mark, GB18030.
///
/// # Errors
/// [`Refusal::Encoding`] with the first line that cannot be read.
pub fn decode(file: &[u8]) -> Result<String, Refusal> {
    csv::decode(file).map(|(text, _)| text)
}

impl Workbook {
    /// The sheet of this name, spaces around it apart.
    pub fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|s| s.name.trim() == name.trim())
    }
}

impl Sheet {
    /// The row of this number, from 1, if it holds anything.
    pub fn row(&self, number: u32) -> Option<&Row> {
        self.rows.binary_search_by_key(&number, |r| r.number).ok().map(|i| &self.rows[i])
    }

    /// The cell at this row and column, both from 1, if it holds anything.
    pub fn cell(&self, row: u32, column: u32) -> Option<&Cell> {
        self.row(row)?.cell(column)
    }

    /// The text at this row and column, both from 1; empty if there is nothing.
    pub fn text(&self, row: u32, column: u32) -> &str {
        self.cell(row, column).map_or("", Cell::text)
    }

    /// The last column with a content; 0 if there is none.
    pub fn width(&self) -> u32 {
        self.rows.iter().filter_map(|r| r.cells.last()).map(|c| c.column).max().unwrap_or(0)
    }
}

impl Row {
    /// The cell in this column, from 1, if it holds anything.
    pub fn cell(&self, column: u32) -> Option<&Cell> {
        self.cells.binary_search_by_key(&column, |c| c.column).ok().map(|i| &self.cells[i])
    }

    /// The text in this column, from 1, without spaces around it; empty if there is nothing.
    pub fn text(&self, column: u32) -> &str {
        self.cell(column).map_or("", |c| c.text().trim())
    }

    /// Whether no cell shows anything.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|c| c.text().trim().is_empty())
    }
}

impl Cell {
    /// Where it is, such as `B7`.
    pub fn address(&self) -> String {
        address(self.row, self.column)
    }

    /// Its value as text; `TRUE` and `FALSE` for booleans, empty for nothing.
    pub fn text(&self) -> &str {
        match &self.value {
            Value::Text(t) | Value::Number(t) | Value::Date(t) | Value::Error(t) => t,
            Value::Boolean(true) => "TRUE",
            Value::Boolean(false) => "FALSE",
            Value::Nothing => "",
        }
    }
}

impl Range {
    /// Whether the cell at this row and column is in it.
    pub fn contains(&self, row: u32, column: u32) -> bool {
        (self.top..=self.bottom).contains(&row) && (self.left..=self.right).contains(&column)
    }
}

/// A cell's name: row 7, column 2 is `B7`. Both from 1.
pub fn address(row: u32, column: u32) -> String {
    format!("{}{row}", letters(column))
}

/// A column's name: 1 is `A`, 28 is `AB`.
pub fn letters(mut column: u32) -> String {
    let mut name = Vec::new();
    while column > 0 {
        column -= 1;
        name.push(b'A' + (column % 26) as u8);
        column /= 26;
    }
    name.iter().rev().map(|&b| char::from(b)).collect()
}

/// A number of 15 digits, as Excel shows and compares them: `0.30000000000000004` is `0.3`. Text that is no plain decimal
/// or has 15 digits or fewer stays as it is.
pub fn fifteen_digits(number: &str) -> String {
    let plain = number.strip_prefix('-').unwrap_or(number);
    let digits = plain.bytes().filter(u8::is_ascii_digit).skip_while(|&b| b == b'0').count();
    let Some(value) = number.parse::<f64>().ok().filter(|v| digits > 15 && v.is_finite()) else {
        return number.to_owned();
    };
    // `{:e}` rounds to significant digits; reading it back gives the double whose shortest text is wanted.
    format!("{value:.14e}").parse::<f64>().map_or_else(|_| number.to_owned(), |v| format!("{v}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_names_excel_gives_them() {
        let names: Vec<String> = [1, 26, 27, 52, 53, 702, 703, 16_384].into_iter().map(letters).collect();
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]);
        assert_eq!(address(7, 2), "B7");
    }

    #[test]
    fn what_doubles_add_is_taken_away() {
        for (file, shown) in [
            ("0.30000000000000004", "0.3"),
            ("11.540000000000001", "11.54"),
            ("-2.2737367544323206", "-2.27373675443232"),
            ("12.5", "12.5"),
            ("1234567890123456", "1234567890123460"),
            ("x", "x"),
        ] {
            assert_eq!(fifteen_digits(file), shown);
        }
    }
}
