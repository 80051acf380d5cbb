#![no_main]

//! Registers that are imported, such as those of institutions: the first byte tells whether the rest is CSV or a workbook.

mod fence;

use libfuzzer_sys::fuzz_target;
use zhijian_documents::{
    Limits,
    register::{self, Column, Given, Row},
    sheet,
};

const fn column(key: &'static str, zh: &'static str, en: &'static str, required: bool) -> Column {
    Column { key, zh, en, aliases: &[], required, choices: &[], hint: ("", ""), width: 12 }
}

const COLUMNS: &[Column] = &[
    column("code", "机构代码", "Code", true),
    column("name", "名称", "Name", true),
    column("year", "开设年份", "Year", false),
    column("count", "人数", "Count", false),
    column("public", "公办", "Public", false),
    column("level", "层次", "Level", false),
];

/// The cells of a row, each read as every kind.
fn read(row: &mut Row<'_>) -> Vec<String> {
    if let Given::Some(year) = row.year("year") {
        assert!((0..=9999).contains(&year));
    }
    if let Given::Some(count) = row.count("count") {
        assert!(count >= 0);
    }
    let _ = (row.yes("public"), row.choice("level", &[(1, &["本科", "first"]), (2, &["专科"])]));
    if let Given::Some(code) = row.code("code", 10) {
        assert!(!code.is_empty());
    }
    let _ = row.wanted("name");
    for fault in &row.faults {
        assert!(!fault.path().is_empty() && !fault.place_zh().is_empty());
        assert!(fault.value.chars().count() <= 100);
    }
    COLUMNS.iter().map(|column| row.text(column.key).some().unwrap_or_default()).collect()
}

fuzz_target!(init: fence::raise(), |file: &[u8]| {
    let Some((form, bytes)) = file.split_first() else { return };
    let limits = Limits { bytes: 1 << 20, unpacked: 16 << 20, ..Limits::default() };
    let Ok(book) = sheet::read(["a.csv", "a.xlsx"][usize::from(*form) % 2], bytes, &limits) else { return };
    let grids = register::grids(&book);
    let Ok(mut table) = register::read(&grids, COLUMNS, 1000) else { return };
    let rows: Vec<Vec<String>> = table.rows.iter_mut().map(read).collect();
    let rows: Vec<Vec<String>> =
        rows.into_iter().filter(|cells| cells.iter().any(|cell| !register::narrow(cell).is_empty())).collect();
    if rows.is_empty() {
        return;
    }
    // What was read is written and read again as the same.
    let again = sheet::read("a.csv", &register::csv(COLUMNS, rows.clone()), &limits).expect("our own CSV");
    let grids = register::grids(&again);
    let mut table = register::read(&grids, COLUMNS, 1000).expect("our own register");
    let texts = |row: &mut Row<'_>| -> Vec<String> {
        COLUMNS.iter().map(|column| row.text(column.key).some().unwrap_or_default()).collect()
    };
    assert_eq!(table.rows.iter_mut().map(texts).collect::<Vec<_>>(), rows);
});
