//! The open data's documents. Decimals are strings, so that no reader rounds them.

use serde_json::{Value, json};
use zhijian_proto::{
    common::v1::Text,
    publication::v1::{Release, Table, Version, VersionKind, release},
};
use zhijian_tables::{Cell, Column, Origin, Row, Words};

use super::route::FORMATS;
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
    let mut heading = json!({
        "number": table.number,
        "title": text(table.title.as_ref()),
        "source": text(table.source.as_ref()),
        "content_hash": table.content_hash,
    });
    for format in FORMATS {
        heading[format] = Value::from(table_address(base, &table.number, format));
    }
    heading
}

/// Where a table is in a format; `base` is where the release's data is.
pub fn table_address(base: &str, number: &str, format: &str) -> String {
    format!("{base}/tables/{}.{format}", link::segment(number))
}

/// The whole table of a version of a release, ready to be written in any format.
pub fn table(release: &Release, version: i32, table: &Table) -> zhijian_tables::Table {
    let origin = Origin {
        source: words(table.source.as_ref()),
        release: words(release.title.as_ref()),
        version: version.unsigned_abs(),
        note: words(release.note.as_ref()),
        content_hash: &table.content_hash,
        demonstration: release.demonstration,
    };
    zhijian_tables::Table {
        name: table.number.clone(),
        title: words(table.title.as_ref()),
        columns: table
            .columns
            .iter()
            .map(|column| Column {
                key: column.key.clone(),
                name: words(column.name.as_ref()),
                unit: column.unit.as_ref().map(|unit| words(Some(unit))),
                numeric: column.numeric,
            })
            .collect(),
        rows: table
            .rows
            .iter()
            .map(|row| Row {
                cells: row
                    .cells
                    .iter()
                    .map(|cell| Cell {
                        display: cell.display.clone(),
                        value: cell.value.clone(),
                        display_en: cell.display_en.clone(),
                    })
                    .collect(),
                total: row.total,
            })
            .collect(),
        facts: origin.facts(),
        date: format::moment(release.publish_time.as_ref()).map(format::day),
    }
}

/// A text of a message in both languages.
pub fn words(text: Option<&Text>) -> Words {
    text.map(|text| Words::new(&*text.zh, &*text.en)).unwrap_or_default()
}

/// A text of a message as JSON.
pub fn text(text: Option<&Text>) -> Value {
    text.map_or(Value::Null, |text| json!({ "zh": text.zh, "en": text.en }))
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

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
