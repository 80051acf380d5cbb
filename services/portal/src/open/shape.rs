//! The open data's documents. Decimals are strings, so that no reader rounds them.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use zhijian_proto::{
    common::v1::Text,
    publication::v1::{Column, Release, Row, Table, TableCell, Version, VersionKind, release},
};

use crate::web::{format, link};

/// A release without its tables.
pub fn release(release: &Release) -> Value {
    let year = release.year;
    json!({
        "year": year,
        "title": text(release.title.as_ref()),
        "state": match release.state() {
            release::State::Published => "published",
            release::State::Corrected => "corrected",
            release::State::Withdrawn => "withdrawn",
            release::State::Notice => "notice",
            _ => "draft",
        },
        "notice_start": some(&release.notice_start),
        "notice_end": some(&release.notice_end),
        "publish_time": format::moment(release.publish_time.as_ref()).map(|time| time.to_rfc3339()),
        "demonstration": release.demonstration,
        "note": text(release.note.as_ref()),
        "page": format!("/releases/{year}"),
        "tables": format!("/open/v1/releases/{year}/tables"),
        "version": release.version,
        "versions": format!("/open/v1/releases/{year}/versions"),
    })
}

/// Where a release's data is, or that of one of its versions.
pub fn base(year: i32, version: i32) -> String {
    match version {
        0 => format!("/open/v1/releases/{year}"),
        _ => format!("/open/v1/releases/{year}/versions/{version}"),
    }
}

/// A version without its tables.
pub fn version(year: i32, version: &Version) -> Value {
    let number = version.number;
    json!({
        "version": number,
        "kind": match version.kind() {
            VersionKind::Erratum => "erratum",
            VersionKind::Revision => "revision",
            VersionKind::Addition => "addition",
            VersionKind::Withdrawal => "withdrawal",
            VersionKind::Original | VersionKind::Unspecified => "original",
        },
        "text": text(version.text.as_ref()),
        "publish_time": format::moment(version.publish_time.as_ref()).map(|time| time.to_rfc3339()),
        "page": format!("/releases/{year}/versions/{number}"),
        "tables": format!("{}/tables", base(year, number)),
    })
}

/// A table without its rows; `base` is where the release's data is.
pub fn heading(base: &str, table: &Table) -> Value {
    let address = format!("{base}/tables/{}", link::segment(&table.number));
    json!({
        "number": table.number,
        "title": text(table.title.as_ref()),
        "source": text(table.source.as_ref()),
        "content_hash": table.content_hash,
        "csv": format!("{address}.csv"),
        "json": format!("{address}.json"),
    })
}

/// A whole table. Each row is an object under the columns' keys.
#[derive(Serialize)]
pub struct Whole<'a> {
    year: i32,
    number: &'a str,
    title: Value,
    source: Value,
    note: Value,
    demonstration: bool,
    /// The SHA-256 of the table's CSV.
    content_hash: &'a str,
    columns: Vec<Value>,
    rows: Vec<Line<'a>>,
}

/// The whole table of a release.
pub fn table<'a>(release: &Release, table: &'a Table) -> Whole<'a> {
    Whole {
        year: release.year,
        number: &table.number,
        title: text(table.title.as_ref()),
        source: text(table.source.as_ref()),
        note: text(release.note.as_ref()),
        demonstration: release.demonstration,
        content_hash: &table.content_hash,
        columns: table.columns.iter().map(column).collect(),
        rows: table.rows.iter().map(|row| Line { row, columns: &table.columns }).collect(),
    }
}

fn column(column: &Column) -> Value {
    json!({
        "key": column.key,
        "name": text(column.name.as_ref()),
        "unit": column.unit.as_ref().map(|unit| text(Some(unit))),
        "numeric": column.numeric,
    })
}

struct Line<'a> {
    row: &'a Row,
    columns: &'a [Column],
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entry<'a> {
    Total(bool),
    Cell { display: &'a str, display_en: &'a str, value: Option<&'a str> },
}

impl Serialize for Line<'_> {
    /// An object in the order of the columns, and "total" where the line is a sum.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cells =
            self.columns.iter().zip(&self.row.cells).map(|(column, cell)| (column.key.as_str(), entry(cell)));
        let total = self.row.total.then_some(("total", Entry::Total(true)));
        serializer.collect_map(cells.chain(total))
    }
}

fn entry(cell: &TableCell) -> Entry<'_> {
    let display_en = if cell.display_en.is_empty() { &cell.display } else { &cell.display_en };
    Entry::Cell { display: &cell.display, display_en, value: (!cell.value.is_empty()).then_some(&cell.value) }
}

fn text(text: Option<&Text>) -> Value {
    text.map_or(Value::Null, |text| json!({ "zh": text.zh, "en": text.en }))
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_the_order_of_its_columns_and_every_digit() {
        let column = |key: &str, numeric| Column { key: key.into(), numeric, ..Column::default() };
        let cell = |display: &str, value: &str| TableCell {
            display: display.into(),
            value: value.into(),
            ..TableCell::default()
        };
        let source = Table {
            number: "2-2".into(),
            columns: vec![column("grade", false), column("count", true), column("share", true)],
            rows: vec![
                Row {
                    cells: vec![
                        cell("A+", ""),
                        cell("19", "19"),
                        cell("10.4%", "10.439560439560439560439560440"),
                    ],
                    total: false,
                },
                Row { cells: vec![cell("合计", ""), cell("182", "182"), cell("100%", "100")], total: true },
            ],
            content_hash: "abc".into(),
            ..Table::default()
        };
        let json = serde_json::to_string(&table(&Release { year: 2025, ..Release::default() }, &source))
            .expect("plain data");
        let row = r#"{"grade":{"display":"A+","display_en":"A+","value":null},"count":{"display":"19","display_en":"19","value":"19"},"share":{"display":"10.4%","display_en":"10.4%","value":"10.439560439560439560439560440"}}"#;
        assert!(json.contains(row), "{json}");
        assert!(json.ends_with(r#""total":true}]}"#), "{json}");
    }

    #[test]
    fn a_release_says_whether_it_is_final_and_where_its_tables_are() {
        let notice = Release {
            year: 2025,
            state: release::State::Notice.into(),
            notice_end: "2026-01-09".into(),
            ..Release::default()
        };
        let shown = release(&notice);
        assert_eq!(shown["state"], "notice");
        assert_eq!(shown["notice_end"], "2026-01-09");
        assert_eq!(shown["publish_time"], Value::Null);
        assert_eq!(shown["tables"], "/open/v1/releases/2025/tables");
    }
}
