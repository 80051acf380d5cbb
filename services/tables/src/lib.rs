//! A finished table, written as CSV, JSON, XLSX and Parquet. Pure: the same table gives the same bytes.
//!
//! A number keeps two forms in every file: as it is printed ("94.26%"), and as the exact decimal it was rounded from.
//! Decimals are never passed through binary floats, but in XLSX, which knows nothing else.
//!
//! ```
//! use zhijian_tables::{Cell, Column, Row, Table, Words, parquet, xlsx};
//!
//! let words = |zh: &str, en: &str| Words { zh: zh.to_owned(), en: en.to_owned() };
//! let table = Table {
//!     name: "2-2".to_owned(),
//!     title: words("专业等级", "Grades of programmes"),
//!     columns: vec![
//!         Column { key: "grade".into(), name: words("等级", "Grade"), unit: None, numeric: false },
//!         Column { key: "count".into(), name: words("数量", "Count"), unit: Some(words("个", "number")), numeric: true },
//!     ],
//!     rows: vec![Row { cells: vec![Cell::word("A+"), Cell::number("19", "19")], total: false }],
//!     ..Table::default()
//! };
//! assert!(xlsx::write(&table).unwrap().starts_with(b"PK"));
//! assert!(parquet::write(&table).unwrap().starts_with(b"PAR1"));
//! ```

pub mod csv;
pub mod json;
mod origin;
pub mod parquet;
pub mod query;
mod shown;
pub mod xlsx;

pub use origin::Origin;

use std::collections::HashSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Words {
    /// Puts the two together.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// A finished table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// A short name, which the sheet bears ("2-2").
    pub name: String,
    /// The caption.
    pub title: Words,
    /// The headings, from left to right. Their keys are unique and not empty.
    pub columns: Vec<Column>,
    /// The lines, from top to bottom; each has a cell for every column.
    pub rows: Vec<Row>,
    /// What is said about the table: its source, its scope, whether it is a demonstration.
    pub facts: Vec<Fact>,
    /// When it was made public, or compiled; stands in the files, so that the same table gives the same bytes.
    pub date: Option<NaiveDate>,
}

/// A heading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    /// Names the column for programs.
    pub key: String,
    /// The words of the heading, without the unit.
    pub name: Words,
    /// The unit, where the heading names one.
    pub unit: Option<Words>,
    /// Whether the cells are numbers.
    pub numeric: bool,
}

impl Column {
    /// The heading with its unit in brackets.
    pub fn heading(&self) -> Words {
        match &self.unit {
            Some(unit) => Words::new(
                format!("{}（{}）", self.name.zh, unit.zh),
                format!("{} ({})", self.name.en, unit.en),
            ),
            None => self.name.clone(),
        }
    }
}

/// A line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// A cell for every column.
    pub cells: Vec<Cell>,
    /// Marks a line of sums.
    pub total: bool,
}

/// One number or word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// What is shown ("94.26%", "—").
    pub display: String,
    /// The exact decimal in plain notation; empty for words, and where only the shown form is public.
    pub value: String,
    /// The English where it differs; else empty.
    pub display_en: String,
}

impl Cell {
    /// Words that read the same in both languages.
    pub fn word(display: impl Into<String>) -> Self {
        Self { display: display.into(), ..Self::default() }
    }

    /// Words in the two languages.
    pub fn words(words: Words) -> Self {
        let display_en = if words.en == words.zh { String::new() } else { words.en };
        Self { display: words.zh, value: String::new(), display_en }
    }

    /// A number as shown, and exactly.
    pub fn number(display: impl Into<String>, value: impl Into<String>) -> Self {
        Self { display: display.into(), value: value.into(), display_en: String::new() }
    }

    /// The exact decimal, if there is one.
    pub fn decimal(&self) -> Option<Decimal> {
        Decimal::from_str_exact(&self.value).ok()
    }
}

/// One thing said about a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Names it for programs ("source").
    pub key: String,
    /// What it is about ("来源", "Source").
    pub name: Words,
    /// What is said.
    pub text: Words,
}

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A line has more or fewer cells than there are columns.
    #[error("row {row} has {cells} cells, but there are {columns} columns")]
    Ragged {
        /// Counted from 1.
        row: usize,
        /// How many it has.
        cells: usize,
        /// How many it should have.
        columns: usize,
    },
    /// Two columns have the same key, or one has none.
    #[error("the key of a column is empty or not its own: {key:?}")]
    Key {
        /// The key.
        key: String,
    },
    /// An exact value is no decimal.
    #[error("row {row}, column {key:?}: {value:?} is not a decimal of at most 28 digits")]
    Value {
        /// Counted from 1.
        row: usize,
        /// The column's key.
        key: String,
        /// What stands there.
        value: String,
    },
    /// The workbook takes no more: a text over 32,767 characters, or a line beyond 1,048,576.
    #[error("the workbook cannot be written")]
    Workbook(#[source] rust_xlsxwriter::XlsxError),
    /// The Parquet writer failed.
    #[error("the Parquet file cannot be written")]
    Parquet(#[source] ::parquet::errors::ParquetError),
    /// The CSV writer failed.
    #[error("the CSV file cannot be written")]
    Csv(#[source] ::csv::Error),
}

impl Table {
    /// Whether every line fits the columns, every key is one, and every exact value is a decimal.
    ///
    /// # Errors
    /// The first thing found wrong.
    pub fn check(&self) -> Result<(), Error> {
        let mut keys = HashSet::new();
        if let Some(column) =
            self.columns.iter().find(|column| column.key.is_empty() || !keys.insert(&column.key))
        {
            return Err(Error::Key { key: column.key.clone() });
        }
        for (row, line) in (1..).zip(&self.rows) {
            if line.cells.len() != self.columns.len() {
                let (cells, columns) = (line.cells.len(), self.columns.len());
                return Err(Error::Ragged { row, cells, columns });
            }
            let mut cells = self.columns.iter().zip(&line.cells);
            if let Some((column, cell)) =
                cells.find(|(_, cell)| !cell.value.is_empty() && cell.decimal().is_none())
            {
                return Err(Error::Value { row, key: column.key.clone(), value: cell.value.clone() });
            }
        }
        Ok(())
    }

    /// Whether any cell of the column reads differently in English.
    fn is_translated(&self, column: usize) -> bool {
        self.rows.iter().any(|row| !row.cells[column].display_en.is_empty())
    }
}
