//! Workbooks and CSV files to hand out.
//!
//! ```
//! use zhijian_documents::{Limits, sheet::{self, write::{Book, Look}}};
//!
//! let mut book = Book::new();
//! book.property("zhijian.school", "4111010001");
//! let mut page = book.page("计分卡").unwrap();
//! page.width(1, 24.0).put(1, 1, "指标", Look::HEADING).put(1, 2, "本年", Look::HEADING);
//! page.put(2, 1, "毕业生人数", Look::LABEL).number(2, 2, "1234", Look::INPUT.decimals(0));
//! page.freeze(1, 1).protect();
//! page.done().unwrap();
//! let read = sheet::read("a.xlsx", &book.finish().unwrap(), &Limits::default()).unwrap();
//! assert_eq!(read.sheets[0].text(2, 2), "1234");
//! ```

mod csv;
mod look;

use std::collections::HashMap;

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DocProperties, Format, Formula, Note, ProtectionOptions,
    Workbook, Worksheet, XlsxError,
};

pub use csv::Csv;
pub use look::{Look, Role};

use super::{address, guard, letters};

/// Why a workbook cannot be written: a text over 32,767 characters, a row beyond 1,048,576, a sheet's name that Excel
/// does not take or that is there twice.
#[derive(Debug, thiserror::Error)]
#[error("the workbook cannot be written")]
pub struct WriteError(#[from] XlsxError);

/// Excel's limit for a list written into the cell's rule itself.
const SHORT_LIST: usize = 255;
/// Where longer lists are kept.
const LISTS: &str = "_lists";

/// A workbook in the making.
pub struct Book {
    workbook: Workbook,
    properties: DocProperties,
    formats: HashMap<Look, Format>,
    lists: Vec<Vec<String>>,
}

/// A sheet in the making. Rows and columns count from 1, as people see them. The first error is kept and told by
/// [`Page::done`], so that calls can be chained.
pub struct Page<'a> {
    sheet: &'a mut Worksheet,
    formats: &'a mut HashMap<Look, Format>,
    lists: &'a mut Vec<Vec<String>>,
    fault: Option<XlsxError>,
}

impl Default for Book {
    fn default() -> Self {
        Self::new()
    }
}

impl Book {
    /// An empty workbook.
    pub fn new() -> Self {
        Self {
            workbook: Workbook::new(),
            properties: DocProperties::new().set_author("质鉴 Zhijian"),
            formats: HashMap::new(),
            lists: Vec::new(),
        }
    }

    /// The title that programs show for the file.
    pub fn title(&mut self, title: &str) -> &mut Self {
        self.properties = self.properties.clone().set_title(title);
        self
    }

    /// A custom document property, which survives saving in Excel, WPS and LibreOffice and is read back in
    /// [`super::Workbook::properties`]. At most 255 characters.
    pub fn property(&mut self, name: &str, value: &str) -> &mut Self {
        self.properties = self.properties.clone().set_custom_property(name, value);
        self
    }

    /// Adds a sheet.
    ///
    /// # Errors
    /// A name that is taken, empty, over 31 characters, or has one of `[ ] : * ? / \`.
    pub fn page(&mut self, name: &str) -> Result<Page<'_>, WriteError> {
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(name)?;
        Ok(Page { sheet, formats: &mut self.formats, lists: &mut self.lists, fault: None })
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// Two sheets with one name, or no memory.
    pub fn finish(mut self) -> Result<Vec<u8>, WriteError> {
        if !self.lists.is_empty() {
            let sheet = self.workbook.add_worksheet();
            sheet.set_name(LISTS)?.set_very_hidden(true);
            for (column, list) in self.lists.iter().enumerate() {
                for (row, text) in list.iter().enumerate() {
                    sheet.write_string(row as u32, column as u16, text)?;
                }
            }
        }
        self.workbook.set_properties(&self.properties);
        Ok(self.workbook.save_to_buffer()?)
    }
}

impl Page<'_> {
    /// Writes a text. Digits stay text: codes keep their zeros.
    pub fn put(&mut self, row: u32, column: u32, text: &str, look: Look) -> &mut Self {
        let look = if guard::is_dangerous(text) { look.as_text() } else { look };
        let format = self.format(look);
        self.keep(|sheet| sheet.write_string_with_format(row - 1, index(column), text, &format).map(drop))
    }

    /// Writes a number given as plain decimal text. What a double cannot hold exactly, and what is no number, is written
    /// as text, so that nothing is lost.
    pub fn number(&mut self, row: u32, column: u32, decimal: &str, look: Look) -> &mut Self {
        let Some(value) = exact(decimal) else { return self.put(row, column, decimal, look) };
        let format = self.format(look);
        self.keep(|sheet| sheet.write_number_with_format(row - 1, index(column), value, &format).map(drop))
    }

    /// Gives an empty cell its look.
    pub fn blank(&mut self, row: u32, column: u32, look: Look) -> &mut Self {
        let format = self.format(look);
        self.keep(|sheet| sheet.write_blank(row - 1, index(column), &format).map(drop))
    }

    /// Writes a formula of our own (never one that people typed), without `=`, with the result programs show before they
    /// compute.
    pub fn formula(&mut self, row: u32, column: u32, formula: &str, result: &str, look: Look) -> &mut Self {
        let format = self.format(look);
        let formula = Formula::new(formula).set_result(result);
        self.keep(|sheet| sheet.write_formula_with_format(row - 1, index(column), formula, &format).map(drop))
    }

    /// Merges cells from (`top`, `left`) to (`bottom`, `right`) around one text.
    pub fn merge(&mut self, range: super::Range, text: &str, look: Look) -> &mut Self {
        let format = self.format(look);
        self.keep(|sheet| {
            let (left, right) = (index(range.left), index(range.right));
            sheet.merge_range(range.top - 1, left, range.bottom - 1, right, text, &format).map(drop)
        })
    }

    /// A drop-down list for a range of cells; other values are refused with `advice`.
    pub fn choices(&mut self, range: super::Range, choices: &[&str], advice: &str) -> &mut Self {
        let length: usize = choices.iter().map(|c| c.encode_utf16().count() + 1).sum();
        let short = length <= SHORT_LIST && !choices.iter().any(|c| c.contains([',', '"']));
        let rule = if short {
            DataValidation::new().allow_list_strings(choices)
        } else {
            let column = letters(self.lists.len() as u32 + 1);
            self.lists.push(choices.iter().map(|&c| c.to_owned()).collect());
            let formula = format!("={LISTS}!${column}$1:${column}${}", choices.len().max(1));
            Ok(DataValidation::new().allow_list_formula(Formula::new(formula)))
        };
        let rule = rule
            .and_then(|r| r.set_error_title("请从下拉列表中选择"))
            .and_then(|r| r.set_error_message(clipped(advice, 255)))
            .map(|r| r.set_error_style(DataValidationErrorStyle::Stop));
        self.keep(|sheet| {
            let (left, right) = (index(range.left), index(range.right));
            sheet.add_data_validation(range.top - 1, left, range.bottom - 1, right, &rule?).map(drop)
        })
    }

    /// What a program shows while one of these cells is chosen; it refuses nothing.
    pub fn hint(&mut self, range: super::Range, title: &str, text: &str) -> &mut Self {
        let rule = DataValidation::new()
            .allow_any_value()
            .set_input_title(clipped(title, 32))
            .and_then(|r| r.set_input_message(clipped(text, 255)));
        self.keep(|sheet| {
            let (left, right) = (index(range.left), index(range.right));
            sheet.add_data_validation(range.top - 1, left, range.bottom - 1, right, &rule?).map(drop)
        })
    }

    /// A note at a cell's corner.
    pub fn note(&mut self, row: u32, column: u32, text: &str) -> &mut Self {
        let note = Note::new(text).set_author("质鉴").add_author_prefix(false).set_width(280).set_height(140);
        self.keep(|sheet| sheet.insert_note(row - 1, index(column), &note).map(drop))
    }

    /// A column's width in characters; a Chinese character takes two.
    pub fn width(&mut self, column: u32, characters: f64) -> &mut Self {
        self.keep(|sheet| sheet.set_column_width(index(column), characters).map(drop))
    }

    /// A row's height in points.
    pub fn height(&mut self, row: u32, points: f64) -> &mut Self {
        self.keep(|sheet| sheet.set_row_height(row - 1, points).map(drop))
    }

    /// Hides a column, which stays readable for us.
    pub fn hide_column(&mut self, column: u32) -> &mut Self {
        self.keep(|sheet| sheet.set_column_hidden(index(column)).map(drop))
    }

    /// Keeps the first rows and columns in view.
    pub fn freeze(&mut self, rows: u32, columns: u32) -> &mut Self {
        self.keep(|sheet| sheet.set_freeze_panes(rows, columns as u16).map(drop))
    }

    /// Buttons to filter by, on the headings of a table.
    pub fn filter(&mut self, range: super::Range) -> &mut Self {
        self.keep(|sheet| {
            sheet.autofilter(range.top - 1, index(range.left), range.bottom - 1, index(range.right)).map(drop)
        })
    }

    /// Locks every cell but those whose look is unlocked. There is no password: it keeps people from slips, not from
    /// anything they mean to do. Widths may still be changed.
    pub fn protect(&mut self) -> &mut Self {
        let options =
            ProtectionOptions { format_columns: true, format_rows: true, ..ProtectionOptions::default() };
        self.sheet.protect_with_options(&options);
        self
    }

    /// Hides the sheet from people; programs still read it.
    pub fn hide(&mut self) -> &mut Self {
        self.sheet.set_very_hidden(true);
        self
    }

    /// Prints on landscape A4, as wide as one page, with the first rows on each page.
    pub fn print_wide(&mut self, heading_rows: u32) -> &mut Self {
        self.sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
        if heading_rows == 0 {
            return self;
        }
        self.keep(|sheet| sheet.set_repeat_rows(0, heading_rows - 1).map(drop))
    }

    /// Ends the sheet.
    ///
    /// # Errors
    /// The first thing that could not be written.
    pub fn done(&mut self) -> Result<(), WriteError> {
        self.fault.take().map_or(Ok(()), |fault| Err(fault.into()))
    }

    fn format(&mut self, look: Look) -> Format {
        self.formats.entry(look).or_insert_with(|| look.format()).clone()
    }

    fn keep(&mut self, write: impl FnOnce(&mut Worksheet) -> Result<(), XlsxError>) -> &mut Self {
        if self.fault.is_none() {
            self.fault = write(self.sheet).err();
        }
        self
    }
}

/// A name for a range in formulas, such as `$B$2:$B$9`.
pub fn absolute(range: super::Range) -> String {
    format!("${}${}:${}${}", letters(range.left), range.top, letters(range.right), range.bottom)
}

fn index(column: u32) -> u16 {
    // A column beyond Excel's last is refused by the writer.
    u16::try_from(column - 1).unwrap_or(u16::MAX)
}

/// A number's double, if reading it back gives the same digits.
fn exact(decimal: &str) -> Option<f64> {
    let value: f64 = decimal.parse().ok().filter(|v: &f64| v.is_finite())?;
    let plain = decimal.strip_prefix('+').unwrap_or(decimal);
    let same = if plain.contains('.') {
        plain.trim_end_matches('0').trim_end_matches('.') == format!("{value}")
    } else {
        plain == format!("{value}")
    };
    same.then_some(value)
}

fn clipped(text: &str, most: usize) -> String {
    let mut units = 0;
    text.chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= most
        })
        .collect()
}

impl From<&super::Cell> for super::Range {
    fn from(cell: &super::Cell) -> Self {
        Self::cell(cell.row, cell.column)
    }
}

impl super::Range {
    /// One cell.
    pub fn cell(row: u32, column: u32) -> Self {
        Self { top: row, left: column, bottom: row, right: column }
    }

    /// From (`top`, `left`) to (`bottom`, `right`), from 1, ends included.
    pub fn new(top: u32, left: u32, bottom: u32, right: u32) -> Self {
        Self { top, left, bottom, right }
    }

    /// Its name, such as `B2:C9`.
    pub fn name(&self) -> String {
        let first = address(self.top, self.left);
        if (self.top, self.left) == (self.bottom, self.right) {
            first
        } else {
            format!("{first}:{}", address(self.bottom, self.right))
        }
    }
}
