//! A register as a file, in the columns that it is read in.

use super::Column;
use crate::sheet::{
    Range,
    write::{Book, Csv, Look, WriteError},
};

/// For how many rows an empty template is prepared: cells as text, choices as lists.
const PREPARED: u32 = 500;

/// A register as CSV that spreadsheets open with their Chinese intact; the headings alone make a template.
pub fn csv(columns: &[Column], rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut csv = Csv::new();
    csv.row(columns.iter().map(|column| column.zh));
    for row in rows {
        csv.row(row);
    }
    csv.finish()
}

/// A register as a workbook: a sheet called `name` with every cell as text, so that codes keep their zeros, and a sheet
/// that explains the columns. Without rows it is a template.
///
/// # Errors
/// A name that Excel does not take, or a text over 32,767 characters.
pub fn xlsx(name: &str, columns: &[Column], rows: &[Vec<String>]) -> Result<Vec<u8>, WriteError> {
    let mut book = Book::new();
    book.title(name);
    let mut page = book.page(name)?;
    let last = u32::try_from(rows.len()).unwrap_or(u32::MAX - 1).max(PREPARED) + 1;
    let width = u32::try_from(columns.len()).unwrap_or(1);
    for (place, column) in (1..).zip(columns) {
        page.width(place, f64::from(column.width)).put(1, place, column.zh, Look::HEADING);
        let required = if column.required { "必填。" } else { "" };
        page.note(1, place, &format!("{required}{}\n\n{}: {}", column.hint.0, column.en, column.hint.1));
        if !column.choices.is_empty() {
            let advice = format!("请从列表中选择：{}。", column.choices.join("、"));
            page.choices(Range::new(2, place, last, place), column.choices, &advice);
        }
    }
    for (number, row) in (2..).zip(rows) {
        for (place, cell) in (1..).zip(row) {
            page.put(number, place, cell, Look::PLAIN.as_text());
        }
    }
    let prepared = if rows.is_empty() { PREPARED } else { 0 };
    for number in (2..).take(prepared as usize) {
        for place in 1..=width {
            page.blank(number, place, Look::PLAIN.as_text());
        }
    }
    page.freeze(1, 2).print_wide(1);
    if !rows.is_empty() {
        page.filter(Range::new(1, 1, last.min(u32::try_from(rows.len()).unwrap_or(0) + 1), width));
    }
    page.done()?;
    explain(&mut book, columns)?;
    book.finish()
}

fn explain(book: &mut Book, columns: &[Column]) -> Result<(), WriteError> {
    let mut page = book.page("填写说明")?;
    page.width(1, 20.0).width(2, 8.0).width(3, 70.0).width(4, 22.0).width(5, 70.0);
    page.put(1, 1, "填写说明", Look::TITLE);
    let rules = [
        "各列顺序可以调整，可以删去不用的列；标题不要改。一行一条，从标题的下一行开始填写。",
        "单元格留空表示“不改动已登记的内容”；要清除已登记的内容，请填“—”。",
        "各列都是文本格式。从别处粘贴代码时请“选择性粘贴—值”，以免表格软件改成数字而丢失开头的 0。",
        "Columns may stand in any order; an empty cell leaves what is registered, a dash (—) takes it away.",
    ];
    for (row, rule) in (2..).zip(rules) {
        page.put(row, 1, rule, Look::PLAIN);
    }
    for (place, heading) in (1..).zip(["列", "必填", "怎样填写", "Column", "What belongs in it"]) {
        page.put(7, place, heading, Look::HEADING);
    }
    for (row, column) in (8..).zip(columns) {
        let choices = if column.choices.is_empty() {
            String::new()
        } else {
            format!("（{}）", column.choices.join("、"))
        };
        page.put(row, 1, column.zh, Look::LABEL)
            .put(row, 2, if column.required { "是" } else { "" }, Look::LABEL)
            .put(row, 3, &format!("{}{choices}", column.hint.0), Look::LABEL)
            .put(row, 4, column.en, Look::LABEL)
            .put(row, 5, column.hint.1, Look::LABEL);
    }
    page.done()
}
