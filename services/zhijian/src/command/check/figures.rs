//! A workbook's cells as figures the text must not contradict.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use zhijian_documents::{
    Normalised, Number,
    sheet::{self, Cell, Row, Sheet, Value, Workbook},
};
use zhijian_proofreader::Figure;

/// Headings that name indicators, in lower case and without spaces.
const NAMES: &[&str] = &["指标", "指标名称", "名称", "项目", "内容", "indicator", "name"];
const UNITS: &[&str] = &["单位", "计量单位", "unit"];
/// Headings of this year's values, the surest first.
const VALUES: &[&str] = &[
    "本年",
    "本年度",
    "本学年",
    "本年值",
    "本年数",
    "本期",
    "填报值",
    "数值",
    "数据",
    "值",
    "value",
    "current",
];
/// Words by which headings part a value by kind of school.
const KINDS: &[&str] = &["高职", "中职", "高等职业", "中等职业", "公办", "民办"];
/// Rows in which the headings may stand.
const HEADER_ROWS: usize = 12;

/// The figures of all visible sheets; `end` is the last day of the reports' window, where it is known.
pub(super) fn of(book: &Workbook, end: Option<NaiveDate>) -> Vec<Figure> {
    book.sheets.iter().filter(|s| !s.hidden).flat_map(|s| of_sheet(s, end)).collect()
}

/// Where names, units and values stand.
struct Columns {
    name: u32,
    unit: Option<u32>,
    /// Columns of values, with what their headings add to a name: nothing for the year's, a kind of school for those that
    /// part it.
    values: Vec<(u32, String)>,
}

fn of_sheet(sheet: &Sheet, end: Option<NaiveDate>) -> Vec<Figure> {
    let header = sheet.rows.iter().take(HEADER_ROWS).enumerate();
    let header = header.filter_map(|(i, row)| Some((i, columns(row, end)?))).next();
    let figure = |cell: &Cell, kind: &str, name: &str, unit: &str| {
        let (name, bracket) = in_brackets(name);
        let (value, percent) = value(cell)?;
        let unit = match (unit, percent) {
            ("", true) => "%",
            ("", false) => bracket,
            (unit, _) => unit,
        };
        let place = format!("{}!{}", sheet.name, cell.address());
        let named = name.chars().count() >= 3;
        named.then(|| Figure { name: format!("{kind}{name}"), value, unit: unit.to_owned(), place })
    };
    match header {
        Some((at, columns)) => sheet.rows[at + 1..]
            .iter()
            .flat_map(|row| columns.values.iter().map(move |(column, kind)| (row, *column, kind)))
            .filter_map(|(row, column, kind)| {
                let unit = columns.unit.map_or("", |c| row.text(c));
                figure(row.cell(column)?, kind, row.text(columns.name), unit)
            })
            .collect(),
        // Without headings: rows of a name and one number.
        None => sheet
            .rows
            .iter()
            .filter_map(|row| {
                let name = row.cells.first().filter(|c| matches!(c.value, Value::Text(_)))?;
                let mut numbers = row.cells[1..].iter().filter(|c| value(c).is_some());
                let (cell, None) = (numbers.next()?, numbers.next()) else { return None };
                figure(cell, "", name.text().trim(), "")
            })
            .collect(),
    }
}

fn columns(row: &Row, end: Option<NaiveDate>) -> Option<Columns> {
    let heading = |cell: &Cell| {
        let text: String = cell.text().to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
        in_brackets(&text).0.to_owned()
    };
    let find = |words: &[&str]| {
        words.iter().find_map(|word| row.cells.iter().find(|c| heading(c) == *word).map(|c| c.column))
    };
    let (name, unit) = (find(NAMES)?, find(UNITS));
    let year = |cell: &Cell| {
        heading(cell).get(..4).and_then(|y| y.parse::<i32>().ok()).filter(|y| (1990..2100).contains(y))
    };
    let of_window = end.and_then(|end| row.cells.iter().find(|c| year(c) == Some(end.year())));
    let latest = || row.cells.iter().filter(|c| year(c).is_some()).max_by_key(|c| year(c));
    let value = of_window.map(|c| c.column).or_else(|| find(VALUES)).or_else(|| latest().map(|c| c.column));
    let values = match value {
        Some(column) => vec![(column, String::new())],
        None => {
            let kinds = row.cells.iter().filter(|c| c.column != name && Some(c.column) != unit);
            kinds
                .filter(|c| KINDS.iter().any(|k| c.text().contains(k)))
                .map(|c| (c.column, heading(c)))
                .collect()
        }
    };
    (!values.is_empty()).then_some(Columns { name, unit, values })
}

/// `毕业生人数（人）`: the words and what stands in brackets at their end.
fn in_brackets(text: &str) -> (&str, &str) {
    let text = text.trim();
    let open = text.rfind(['（', '(']);
    match open.filter(|_| text.ends_with(['）', ')'])) {
        Some(at) => {
            let inner = text[at..].trim_start_matches(['（', '(']).trim_end_matches(['）', ')']);
            (text[..at].trim_end(), inner.trim())
        }
        None => (text, ""),
    }
}

/// A cell's number, and whether it was typed with a percent sign.
fn value(cell: &Cell) -> Option<(Decimal, bool)> {
    match &cell.value {
        Value::Number(number) => sheet::fifteen_digits(number).parse().ok().map(|v| (v, false)),
        Value::Text(text) => {
            let number = Number::parse(text).ok()?;
            Some((number.decimal.parse().ok()?, number.normalised.contains(&Normalised::Percent)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use zhijian_documents::Limits;

    use super::*;

    fn figures(csv: &str, end: Option<&str>) -> Vec<String> {
        let book = sheet::read("表.csv", csv.as_bytes(), &Limits::default()).expect("reads");
        let end = end.map(|e| e.parse().expect("day"));
        of(&book, end).into_iter().map(|f| format!("{} {}{} {}", f.name, f.value, f.unit, f.place)).collect()
    }

    #[test]
    fn values_of_this_year_are_taken() {
        let csv = "演示学院计分卡,,,,\n代码,指标名称,单位,上年,本年\nSC01,毕业生人数,人,1200,\"1,234\"\nSC04,毕业去向落实率,%,95.1,95.4\nSC09,月收入,元,,不适用\n";
        assert_eq!(figures(csv, None), ["毕业生人数 1234人 表!E3", "毕业去向落实率 95.4% 表!E4"]);
        let years = "指标,2024年,2025年\n毕业生人数（人）,1200,1234\n去向落实率,95.1%,95.4%\n";
        assert_eq!(figures(years, None), ["毕业生人数 1234人 表!C2", "去向落实率 95.4% 表!C3"]);
        assert_eq!(figures(years, Some("2024-08-31")), ["毕业生人数 1200人 表!B2", "去向落实率 95.1% 表!B3"]);
    }

    #[test]
    fn kinds_of_school_are_told_apart() {
        let csv = "项目,高职院校,中职学校\n专任教师数（人）,600,400\n毕业生升学率,19.05%,—\n";
        assert_eq!(
            figures(csv, None),
            [
                "高职院校专任教师数 600人 表!B2",
                "中职学校专任教师数 400人 表!C2",
                "高职院校毕业生升学率 19.05% 表!B3"
            ]
        );
    }

    #[test]
    fn rows_of_a_name_and_a_number_need_no_headings() {
        assert_eq!(figures("毕业生人数（人）,1234\n备注,无\n规模,3,4\n", None), ["毕业生人数 1234人 表!B1"]);
    }
}
