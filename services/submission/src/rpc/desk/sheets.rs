//! Lists as files: one CSV or workbook, or many lists in one ZIP or workbook. Rows go to a thread of their own, so that a long
//! export is written while it is read.

use std::io::Write;

use rust_decimal::Decimal;
use tokio::sync::mpsc;
use zhijian_documents::sheet::write::{Book, Csv, Look};
use zhijian_platform::Error;
use zhijian_proto::submission::v1::FileFormat;
use zip::{ZipWriter, write::SimpleFileOptions};

/// The most rows that a sheet holds, its heading among them.
const SHEET_ROWS: u32 = 1_048_576;
/// The most characters that a cell of a workbook holds; counted as programs do, in UTF-16.
pub const CELL_UNITS: usize = 32_767;
/// How many rows may wait for the writer.
const WAITING: usize = 1_000;
/// How wide a column is, in characters.
const WIDTH: f64 = 18.0;

/// What a cell of a list holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text; what a spreadsheet would run as a formula is guarded.
    Text(String),
    /// A number.
    Number(Decimal),
}

/// A list under its headings.
#[derive(Debug)]
pub struct List {
    /// What it is called.
    pub name: String,
    /// Its columns' names.
    pub headings: Vec<String>,
    /// Its rows, each as long as the headings.
    pub rows: Vec<Vec<Value>>,
}

/// How files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CSV; many lists are one ZIP.
    Csv,
    /// A workbook.
    Xlsx,
}

/// The format that was asked for.
///
/// # Errors
/// INVALID_ARGUMENT if none was.
pub fn format(given: FileFormat) -> Result<Format, Error> {
    match given {
        FileFormat::Csv => Ok(Format::Csv),
        FileFormat::Xlsx => Ok(Format::Xlsx),
        FileFormat::Unspecified => {
            Err(Error::invalid("format", "请选择 CSV 或 XLSX。", "Choose CSV or XLSX."))
        }
    }
}

/// One list as a file.
///
/// # Errors
/// INTERNAL if it cannot be written.
pub async fn single(format: Format, list: List) -> Result<Vec<u8>, Error> {
    match format {
        Format::Csv => {
            let mut csv = Csv::new();
            csv.row(&list.headings);
            for row in &list.rows {
                csv.row(row.iter().map(shown));
            }
            Ok(csv.finish())
        }
        Format::Xlsx => {
            let mut lists = Lists::begin(Format::Xlsx);
            lists.list(&list.name, list.headings).await?;
            for row in list.rows {
                lists.row(row).await?;
            }
            lists.finish().await
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
    }
}

enum Step {
    List(String, Vec<String>),
    Row(Vec<Value>),
}

/// Many lists, written one after another.
pub struct Lists {
    steps: mpsc::Sender<Step>,
    writer: tokio::task::JoinHandle<Result<Vec<u8>, Error>>,
}

impl Lists {
    /// Begins a file.
    pub fn begin(format: Format) -> Self {
        let (steps, received) = mpsc::channel(WAITING);
        let writer = tokio::task::spawn_blocking(move || match format {
            Format::Csv => zipped(received),
            Format::Xlsx => workbook(received),
        });
        Self { steps, writer }
    }

    /// Begins a list; its name is at most 25 characters, and no other's.
    ///
    /// # Errors
    /// INTERNAL if the writer gave up.
    pub async fn list(&mut self, name: &str, headings: Vec<String>) -> Result<(), Error> {
        self.send(Step::List(name.to_owned(), headings)).await
    }

    /// Adds a row to the list that was begun last.
    ///
    /// # Errors
    /// INTERNAL if the writer gave up.
    pub async fn row(&mut self, row: Vec<Value>) -> Result<(), Error> {
        self.send(Step::Row(row)).await
    }

    async fn send(&mut self, step: Step) -> Result<(), Error> {
        if self.steps.send(step).await.is_ok() {
            return Ok(());
        }
        // The writer has ended before its time: its error says why.
        match (&mut self.writer).await {
            Ok(Err(error)) => Err(error),
            Ok(Ok(_)) => Err(Error::internal("the writer of a file ended early")),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// The file.
    ///
    /// # Errors
    /// INTERNAL if it could not be written.
    pub async fn finish(self) -> Result<Vec<u8>, Error> {
        drop(self.steps);
        self.writer.await.map_err(Error::internal)?
    }
}

fn zipped(mut steps: mpsc::Receiver<Step>) -> Result<Vec<u8>, Error> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().large_file(true);
    let mut csv = Csv::new();
    while let Some(step) = steps.blocking_recv() {
        match step {
            Step::List(name, headings) => {
                zip.start_file(format!("{name}.csv"), options).map_err(Error::internal)?;
                csv = Csv::new();
                csv.row(headings);
            }
            Step::Row(row) => {
                csv.row(row.iter().map(shown));
            }
        }
        zip.write_all(&csv.take()).map_err(Error::internal)?;
    }
    Ok(zip.finish().map_err(Error::internal)?.into_inner())
}

fn workbook(mut steps: mpsc::Receiver<Step>) -> Result<Vec<u8>, Error> {
    let mut book = Book::new();
    let mut next = steps.blocking_recv();
    while let Some(Step::List(name, headings)) = next.take() {
        let mut part = 1;
        // A list longer than a sheet goes on in another.
        loop {
            let title = if part == 1 { name.clone() } else { format!("{name} {part}") };
            let mut page = book.page(&title).map_err(Error::internal)?;
            for (column, heading) in (1..).zip(&headings) {
                page.put(1, column, heading, Look::HEADING).width(column, WIDTH);
            }
            page.freeze(1, 0);
            let mut row_number = 1;
            while row_number < SHEET_ROWS {
                match steps.blocking_recv() {
                    Some(Step::Row(row)) => {
                        row_number += 1;
                        for (column, value) in (1..).zip(&row) {
                            match value {
                                Value::Text(text) if text.is_empty() => {}
                                Value::Text(text) => {
                                    page.put(row_number, column, text, Look::PLAIN);
                                }
                                Value::Number(number) => {
                                    page.number(row_number, column, &number.to_string(), Look::PLAIN);
                                }
                            }
                        }
                    }
                    other => {
                        next = other;
                        break;
                    }
                }
            }
            page.done().map_err(Error::internal)?;
            if row_number < SHEET_ROWS {
                break;
            }
            part += 1;
        }
    }
    book.finish().map_err(Error::internal)
}

/// A text in parts that each fit into a cell; one empty part for an empty text.
pub fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut units = 0;
    for c in text.chars() {
        // One unit is kept for the apostrophe that guards a formula.
        if units + c.len_utf16() >= CELL_UNITS {
            parts.push(String::new());
            units = 0;
        }
        units += c.len_utf16();
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use zhijian_documents::{Limits, sheet};

    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[tokio::test]
    async fn lists_read_back_and_formulas_stay_texts() {
        let mut lists = Lists::begin(Format::Xlsx);
        lists.list("状态", vec!["单位".into(), "数".into()]).await.unwrap();
        lists.row(vec![text("=1+1"), Value::Number("-12.50".parse().unwrap())]).await.unwrap();
        lists.list("章节", vec!["正文".into()]).await.unwrap();
        lists.row(vec![text("一")]).await.unwrap();
        lists.row(vec![text("")]).await.unwrap();
        let file = lists.finish().await.unwrap();
        let book = sheet::read("a.xlsx", &file, &Limits::default()).expect("readable");
        let names: Vec<&str> = book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        assert_eq!(names, ["状态", "章节"]);
        assert_eq!((book.sheets[0].text(2, 1), book.sheets[0].text(2, 2)), ("=1+1", "-12.5"));
        assert_eq!(book.sheets[1].text(2, 1), "一");
    }

    #[tokio::test]
    async fn one_list_is_plain_csv() {
        let list = List {
            name: "x".into(),
            headings: vec!["名称".into(), "数".into()],
            rows: vec![vec![text("=cmd|' /C calc'!A0"), Value::Number((-3).into())]],
        };
        let file = String::from_utf8(single(Format::Csv, list).await.unwrap()).unwrap();
        assert_eq!(file, "\u{feff}名称,数\r\n'=cmd|' /C calc'!A0,-3\r\n");
    }

    #[test]
    fn long_texts_are_cut_where_a_cell_ends() {
        let long = "字".repeat(CELL_UNITS * 2);
        let parts = parts(&long);
        assert_eq!(parts.len(), 3);
        assert_eq!(parts.concat(), long);
        assert!(parts.iter().all(|part| part.encode_utf16().count() < CELL_UNITS));
        assert_eq!(super::parts(""), [""]);
    }
}
