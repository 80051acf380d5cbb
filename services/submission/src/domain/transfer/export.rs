//! A report's cells as CSV and JSON, in the form in which they are read again.

use serde::Serialize;
use zhijian_documents::sheet::write::Csv;
use zhijian_platform::etag;

use super::{lines::Target, template::written};
use crate::domain::{
    derive::Cells,
    edit::{StoredCell, StoredCells},
    value::Value,
};

/// The headings; those of an import may stand in any order.
const HEADINGS: [&str; 10] = [
    "年报编号 submission_id",
    "代码 code",
    "指标 name",
    "单位 unit",
    "填报值 value",
    "不适用理由 reason",
    "备注 note",
    "上年值 last_value",
    "版本 etag",
    "系统计算 derived",
];

/// Value, reason and note of a cell, as texts.
fn parts(cell: Option<&StoredCell>) -> (String, String) {
    match cell.and_then(|cell| cell.value.as_ref()) {
        None => (String::new(), String::new()),
        Some(Value::NotApplicable(reason)) => (String::new(), reason.clone()),
        Some(value) => (written(value), String::new()),
    }
}

/// The cells as CSV: UTF-8 with a mark; what a spreadsheet program would run is guarded.
pub fn csv(target: &Target<'_>, stored: &StoredCells, last: &Cells) -> Vec<u8> {
    let mut csv = Csv::new();
    csv.row(HEADINGS);
    for indicator in target.catalogue.indicators_of(target.kind) {
        let cell = stored.get(&indicator.code);
        let computed = target.derived.get(&indicator.code).filter(|_| indicator.formula.is_some());
        let (value, reason) = match computed {
            Some(value) => (written(value), String::new()),
            None => parts(cell),
        };
        let is_derived = indicator.formula.is_some();
        let etag = match cell {
            _ if is_derived => String::new(),
            Some(cell) => etag::of(cell.version),
            None => "-".to_owned(),
        };
        csv.row([
            target.submission_id,
            &indicator.code,
            &indicator.name.zh,
            &indicator.unit.name.zh,
            &value,
            &reason,
            cell.map(|cell| cell.note.as_str()).unwrap_or_default(),
            &last.get(&indicator.code).map(written).unwrap_or_default(),
            &etag,
            if is_derived { "是" } else { "" },
        ]);
    }
    csv.finish()
}

#[derive(Serialize)]
struct Report<'a> {
    submission_id: &'a str,
    organisation_code: &'a str,
    report_kind: &'a str,
    cycle_year: i32,
    cells: Vec<Cell<'a>>,
}

#[derive(Serialize)]
struct Cell<'a> {
    code: &'a str,
    name: &'a str,
    unit: &'a str,
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_applicable: Option<String>,
    note: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    derived: bool,
}

/// The cells as JSON; numbers are texts, so that no reader rounds them.
///
/// # Errors
/// None in practice.
pub fn json(target: &Target<'_>, stored: &StoredCells, last: &Cells) -> Result<Vec<u8>, serde_json::Error> {
    let cells = target.catalogue.indicators_of(target.kind).map(|indicator| {
        let cell = stored.get(&indicator.code);
        let (value, reason) = parts(cell);
        let derived = indicator.formula.is_some();
        let value = if derived { target.derived.get(&indicator.code).map(written) } else { Some(value) };
        Cell {
            code: &indicator.code,
            name: &indicator.name.zh,
            unit: &indicator.unit.name.zh,
            value: value.filter(|value| !value.is_empty()),
            not_applicable: Some(reason).filter(|reason| !reason.is_empty()),
            note: cell.map(|cell| cell.note.as_str()).unwrap_or_default(),
            last_value: last.get(&indicator.code).map(written),
            etag: (!derived).then(|| cell.map_or_else(|| "-".to_owned(), |cell| etag::of(cell.version))),
            derived,
        }
    });
    serde_json::to_vec_pretty(&Report {
        submission_id: target.submission_id,
        organisation_code: target.organisation_code,
        report_kind: target.kind,
        cycle_year: target.cycle_year,
        cells: cells.collect(),
    })
}
