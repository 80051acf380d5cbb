//! CSV files as Excel, WPS, LibreOffice and data systems write them.

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::{Cell, CsvForm, Row, Sheet, Value, Workbook, guard, unguarded};
use crate::{Bound, Limits, Refusal};

pub(super) fn read(name: &str, file: &[u8], limits: &Limits) -> Result<Workbook, Refusal> {
    let (text, encoding) = decode(file)?;
    let (delimiter, body, skipped) = delimiter(&text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(body.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut cells = 0;
    let sheet_name = sheet_name(name);
    let too_large = |bound, limit| Refusal::TooLarge { bound, limit, place: sheet_name.clone() };
    let (mut number, mut last_line, mut next_line) = (0, 0, 1);
    loop {
        let more = reader.read_record(&mut record).map_err(|_| Refusal::damaged(name))?;
        if !more {
            break;
        }
        let line = record.position().map_or(1, |p| first_line(body, p));
        // Excel shows blank lines as rows; the reader passes over them.
        number += 1 + line.saturating_sub(next_line);
        next_line = first_end(body, reader.position());
        last_line = line;
        let row = row(&record, number as u32, (line + skipped) as u32);
        cells += row.cells.len() as u64;
        if rows.len() as u64 >= limits.rows {
            return Err(too_large(Bound::Rows, limits.rows));
        }
        if cells > limits.cells {
            return Err(too_large(Bound::Cells, limits.cells));
        }
        if !row.cells.is_empty() {
            rows.push(row);
        }
    }
    let total = body.lines().count() as u64;
    if last_line < total && body.bytes().filter(|&b| b == b'"').count() % 2 == 1 {
        // The last record swallowed the lines after it.
        return Err(Refusal::OpenQuote { line: (last_line + skipped) as usize });
    }
    let form = CsvForm { encoding: encoding.name(), delimiter: char::from(delimiter) };
    let sheet = Sheet { name: sheet_name, hidden: false, rows, merged: Vec::new() };
    Ok(Workbook { sheets: vec![sheet], csv: Some(form), ..Workbook::default() })
}

fn row(record: &csv::StringRecord, number: u32, line: u32) -> Row {
    let filled = record.iter().enumerate().filter(|(_, text)| !text.is_empty());
    let cells = filled
        .map(|(column, text)| {
            let formula = guard::is_dangerous(text) && !text.starts_with('\'');
            Cell {
                row: number,
                column: column as u32 + 1,
                value: Value::Text(unguarded(text).to_owned()),
                formula: formula.then(|| text.trim_start_matches('=').to_owned()),
                merged: None,
            }
        })
        .collect();
    Row { number, line, cells }
}

/// The line on which a record starts, from 1; its position may still point at the line ends before it.
fn first_line(body: &str, position: &csv::Position) -> u64 {
    let rest = body.as_bytes().get(position.byte() as usize..).unwrap_or_default();
    let ends = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    position.line() + ends.filter(|&&b| b == b'\n').count() as u64
}

/// The line after a record; the second half of its line end may not be counted yet.
fn first_end(body: &str, position: &csv::Position) -> u64 {
    let at = position.byte() as usize;
    let bytes = body.as_bytes();
    let half = at > 0 && bytes.get(at - 1) == Some(&b'\r') && bytes.get(at) == Some(&b'\n');
    position.line() + u64::from(half)
}

fn sheet_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    base.rsplit_once('.').map_or(base, |(stem, _)| stem).to_owned()
}

/// The text of a file and the encoding it was in.
pub(super) fn decode(file: &[u8]) -> Result<(String, &'static Encoding), Refusal> {
    let (encoding, body) = match Encoding::for_bom(file) {
        Some((encoding, length)) => (encoding, &file[length..]),
        None if std::str::from_utf8(file).is_ok() => (UTF_8, file),
        None => (wide(file).unwrap_or(GB18030), file),
    };
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(body) {
        return Ok((text.into_owned(), encoding));
    }
    // A file in UTF-8 with one broken byte should be told so, at that byte's line.
    let broken = match std::str::from_utf8(body) {
        Err(error) if error.valid_up_to() > body.len() / 2 || encoding == UTF_8 => error.valid_up_to(),
        _ => bad_line(body, encoding),
    };
    Err(Refusal::Encoding { line: body[..broken].iter().filter(|&&b| b == b'\n').count() + 1 })
}

/// UTF-16 without a mark: every second byte of its ASCII is zero.
fn wide(file: &[u8]) -> Option<&'static Encoding> {
    let start = &file[..file.len().min(4096)];
    let zeros = |parity: usize| start.iter().skip(parity).step_by(2).filter(|&&b| b == 0).count();
    match (zeros(0), zeros(1)) {
        (even, odd) if odd > 4 && even == 0 => Some(UTF_16LE),
        (even, odd) if even > 4 && odd == 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// The end of the lines that can be decoded.
fn bad_line(body: &[u8], encoding: &'static Encoding) -> usize {
    let mut start = 0;
    for line in body.split_inclusive(|&b| b == b'\n') {
        if encoding.decode_without_bom_handling_and_without_replacement(line).is_none() {
            break;
        }
        start += line.len();
    }
    start
}

/// What stands between the fields, the text without Excel's `sep=` line, and how many lines that was.
fn delimiter(text: &str) -> (u8, &str, u64) {
    if let Some(rest) = text.get(..4).filter(|s| s.eq_ignore_ascii_case("sep=")).and(text.get(4..)) {
        let line = rest.lines().next().unwrap_or_default();
        if let [byte @ (b',' | b';' | b'\t')] = line.as_bytes() {
            return (*byte, rest.split_once('\n').map_or("", |(_, body)| body), 1);
        }
    }
    let mut counts = [0_usize; 3];
    let mut lines = [0_usize; 3];
    let mut quoted = false;
    // The separator is what appears in most lines, outside quotation marks; the first ones are enough.
    for line in text.lines().take(100) {
        let mut here = [0_usize; 3];
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => here[0] += 1,
                ';' if !quoted => here[1] += 1,
                '\t' if !quoted => here[2] += 1,
                _ => {}
            }
        }
        for i in 0..3 {
            counts[i] += here[i];
            lines[i] += usize::from(here[i] > 0);
        }
    }
    let best = (0..3).rev().max_by_key(|&i| (lines[i], counts[i])).filter(|&i| counts[i] > 0).unwrap_or(0);
    ([b',', b';', b'\t'][best], text, 0)
}
