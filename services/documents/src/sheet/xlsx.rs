//! XLSX workbooks, read cell by cell so that a sheet's claimed size costs nothing.

use std::{collections::HashMap, io::Cursor};

use calamine::{
    Data, DataRef, Dimensions, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx,
    XlsxFormulaMetadata, expand_shared_formula,
};

use super::{Cell, Range, Row, Sheet, Value, Workbook};
use crate::{Bound, Limits, Refusal, bytes};

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads a workbook whose parts were looked through before.
pub(super) fn read(file: &[u8], limits: &Limits) -> Result<Workbook, Refusal> {
    bytes::fenced("workbook.xml", || {
        let mut book: Book<'_> =
            Xlsx::new(Cursor::new(file)).map_err(|_| Refusal::damaged("workbook.xml"))?;
        let properties = book.workbook_properties().map(|p| p.custom_properties).unwrap_or_default();
        let mut sheets = Vec::new();
        let mut cells = 0;
        let list = book.sheets_metadata().to_vec();
        for entry in list.iter().filter(|s| s.typ == SheetType::WorkSheet) {
            let mut sheet = sheet(&mut book, &entry.name, &mut cells, limits)?;
            sheet.hidden = entry.visible != SheetVisible::Visible;
            sheets.push(sheet);
        }
        Ok(Workbook { sheets, properties: properties.into_iter().collect(), csv: None })
    })
}

fn sheet(book: &mut Book<'_>, name: &str, total: &mut u64, limits: &Limits) -> Result<Sheet, Refusal> {
    let damaged = || Refusal::damaged(name);
    let too_large = |bound, limit| Refusal::TooLarge { bound, limit, place: name.to_owned() };
    let merged: Vec<Range> =
        book.merge_cells_by_sheet_name(name).map_err(|_| damaged())?.into_iter().map(range).collect();
    if merged.len() as u64 > limits.rows {
        return Err(too_large(Bound::Rows, limits.rows));
    }
    let mut reader = book.worksheet_cells_reader(name).map_err(|_| damaged())?;
    let mut templates: HashMap<usize, (String, (u32, u32))> = HashMap::new();
    let mut cells = Vec::new();
    while let Some(record) = reader.next_cell_with_formula_metadata().map_err(|_| damaged())? {
        let formula = match record.formula {
            None => None,
            Some(XlsxFormulaMetadata::Shared { shared_index, formula, .. }) => {
                templates.insert(shared_index, (formula.clone(), record.pos));
                Some(formula)
            }
            Some(XlsxFormulaMetadata::SharedDerived { shared_index }) => {
                let template = templates.get(&shared_index);
                Some(
                    template
                        .and_then(|(f, at)| expand_shared_formula(f, *at, record.pos).ok())
                        .unwrap_or_default(),
                )
            }
            Some(XlsxFormulaMetadata::Normal { formula }) => Some(formula),
            Some(_) => Some(String::new()),
        };
        let value = value(record.value);
        if value == Value::Nothing && formula.is_none() {
            continue;
        }
        let (row, column) = (record.pos.0 + 1, record.pos.1 + 1);
        if u64::from(row) > limits.rows {
            return Err(too_large(Bound::Rows, limits.rows));
        }
        *total += 1;
        if *total > limits.cells {
            return Err(too_large(Bound::Cells, limits.cells));
        }
        cells.push(Cell { row, column, value, formula, merged: None });
    }
    Ok(Sheet { name: name.to_owned(), hidden: false, rows: rows(cells, &merged), merged })
}

/// Cells in rows; a damaged or unusual writer may have put them in any order, or one twice (the last counts).
fn rows(mut cells: Vec<Cell>, merged: &[Range]) -> Vec<Row> {
    let in_order = cells.windows(2).all(|w| (w[0].row, w[0].column) < (w[1].row, w[1].column));
    if !in_order {
        cells.sort_by_key(|c| (c.row, c.column));
        cells.reverse();
        cells.dedup_by_key(|c| (c.row, c.column));
        cells.reverse();
    }
    let by_row = MergedRows::of(merged);
    let mut rows: Vec<Row> = Vec::new();
    for mut cell in cells {
        cell.merged = by_row.find(cell.row, cell.column);
        match rows.last_mut() {
            Some(row) if row.number == cell.row => row.cells.push(cell),
            _ => rows.push(Row { number: cell.row, line: cell.row, cells: vec![cell] }),
        }
    }
    rows
}

/// Merged ranges by row, from left to right.
struct MergedRows(HashMap<u32, Vec<Range>>);

impl MergedRows {
    /// Rows that ranges may cover together: more is no table.
    const MOST: u32 = 2_000_000;

    fn of(merged: &[Range]) -> Self {
        let mut rows: HashMap<u32, Vec<Range>> = HashMap::new();
        let mut covered = 0_u32;
        for range in merged {
            covered = covered.saturating_add(range.bottom.saturating_sub(range.top) + 1);
            if covered > Self::MOST {
                break;
            }
            for row in range.top..=range.bottom {
                rows.entry(row).or_default().push(*range);
            }
        }
        for ranges in rows.values_mut() {
            ranges.sort_by_key(|r| r.left);
        }
        Self(rows)
    }

    /// The range a cell is in; ranges of one row do not overlap.
    fn find(&self, row: u32, column: u32) -> Option<Range> {
        let ranges = self.0.get(&row)?;
        let after = ranges.partition_point(|r| r.left <= column);
        ranges[..after].last().copied().filter(|r| r.contains(row, column))
    }
}

fn range(d: Dimensions) -> Range {
    Range { top: d.start.0 + 1, left: d.start.1 + 1, bottom: d.end.0 + 1, right: d.end.1 + 1 }
}

fn value(data: DataRef<'_>) -> Value {
    match data {
        DataRef::Int(n) => Value::Number(n.to_string()),
        DataRef::Float(n) => number(n),
        DataRef::String(text) => text_value(text),
        DataRef::SharedString(text) => text_value(text.to_owned()),
        DataRef::Bool(b) => Value::Boolean(b),
        DataRef::DateTime(date) => Value::Date(moment(&date)),
        DataRef::DateTimeIso(text) => {
            Value::Date(text.replacen('T', " ", 1).trim_end_matches(" 00:00:00").to_owned())
        }
        DataRef::DurationIso(text) => Value::Date(text),
        DataRef::Error(error) => Value::Error(Data::Error(error).to_string()),
        DataRef::Empty => Value::Nothing,
    }
}

fn text_value(text: String) -> Value {
    if text.is_empty() { Value::Nothing } else { Value::Text(text) }
}

/// The shortest decimal text of a double, never scientific.
fn number(n: f64) -> Value {
    if !n.is_finite() {
        return Value::Error("#NUM!".into());
    }
    // Adding zero takes the sign off a negative zero.
    Value::Number(format!("{}", n + 0.0))
}

fn moment(date: &ExcelDateTime) -> String {
    let serial = date.as_f64();
    if date.is_duration() || (0.0..1.0).contains(&serial) {
        let seconds = (serial * 86_400.0).round() as i64;
        let sign = if seconds < 0 { "-" } else { "" };
        let s = seconds.unsigned_abs();
        return format!("{sign}{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60);
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
