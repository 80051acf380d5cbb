//! Cells as JSON: `{"submission_id": "sub_…", "cells": [{"code": "SC01", "value": "12", "note": "…"}]}`.

use serde::Deserialize;
use zhijian_platform::Text;

use super::lines::{Base, Lines, Raw, Target};

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    submission_id: Option<String>,
    cells: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    code: String,
    #[serde(default)]
    value: serde_json::Value,
    #[serde(default)]
    not_applicable: Option<String>,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    etag: Option<String>,
}

/// Reads a JSON file.
pub fn read(target: &Target<'_>, text: &str) -> Lines {
    let report: Report = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(report) => report,
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            return Lines::unusable(Text::new(
                format!(
                    "JSON 第 {line} 行第 {column} 列有误，或缺少 cells、code。文件不完整时也会这样，请重新生成。（{error}）"
                ),
                format!("The JSON is at fault at line {line}, column {column}: {error}"),
            ));
        }
    };
    if report.submission_id.as_deref().is_some_and(|id| !id.is_empty() && id != target.submission_id) {
        return Lines::unusable(Text::new(
            "这个文件是另一份年报的，请核对 submission_id。",
            "The file is of another report; check its submission_id.",
        ));
    }
    let mut lines = Lines::default();
    for (number, cell) in report.cells.into_iter().enumerate() {
        let place = format!("cells[{number}]");
        let Some(indicator) = lines.indicator(target, &place, &cell.code) else { continue };
        let value = match cell.value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text,
            serde_json::Value::Number(number) => number.to_string(),
            other => {
                lines.fault(
                    &place,
                    &cell.code,
                    format!("{} 的 value 应为文本或数字，现在是 {other}。", cell.code),
                    format!("{}: value must be a text or a number, and is {other}.", cell.code),
                );
                continue;
            }
        };
        let reason = cell.not_applicable.unwrap_or_default();
        let base = cell
            .etag
            .filter(|etag| !etag.is_empty())
            .map(|etag| Base { etag: if etag == "-" { String::new() } else { etag }, content: None });
        let raw = Raw {
            place,
            code: cell.code,
            value,
            not_applicable: !reason.is_empty(),
            reason,
            note: cell.note,
            base,
        };
        lines.read(target, indicator, raw);
    }
    lines
}
