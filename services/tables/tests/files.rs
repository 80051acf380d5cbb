//! What other programs read out of the files.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use zhijian_tables::{Cell, Column, Error, Fact, Row, Table, Words, parquet as columnar, xlsx};

fn table() -> Table {
    Table {
        name: "2-2".into(),
        title: Words::new("专业等级分布", "Distribution of grades"),
        columns: vec![
            Column { key: "grade".into(), name: Words::new("等级", "Grade"), unit: None, numeric: false },
            Column {
                key: "count".into(),
                name: Words::new("数量", "Count"),
                unit: Some(Words::new("个", "number")),
                numeric: true,
            },
            Column { key: "share".into(), name: Words::new("占比", "Share"), unit: None, numeric: true },
        ],
        rows: vec![
            Row {
                cells: vec![
                    Cell::word("A+"),
                    Cell::number("19", "19"),
                    Cell::number("10.4%", "10.439560439560439560439560440"),
                ],
                total: false,
            },
            Row {
                cells: vec![Cell::words(Words::new("未评", "Not graded")), Cell::word("—"), Cell::word("<5")],
                total: false,
            },
            Row {
                cells: vec![
                    Cell::words(Words::new("合计", "Total")),
                    Cell::number("182", "182"),
                    Cell::number("100%", "100"),
                ],
                total: true,
            },
        ],
        facts: vec![Fact {
            key: "source".into(),
            name: Words::new("来源", "Source"),
            text: Words::new("据 182 个专业的等级", "From the grades of 182 programmes"),
        }],
        date: chrono::NaiveDate::from_ymd_opt(2026, 1, 9),
    }
}

#[test]
fn a_workbook_has_numbers_as_numbers_and_says_its_source() {
    let bytes = xlsx::write(&table()).expect("a sound table");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    assert_eq!(book.sheet_names(), ["2-2", "来源 Source"]);
    let sheet = book.worksheet_range("2-2").expect("the table");
    let cell = |row, column| sheet.get_value((row, column)).cloned().unwrap_or(Data::Empty);
    assert_eq!(cell(0, 2), Data::String("数量（个）".into()));
    assert_eq!(cell(1, 2), Data::String("Count (number)".into()));
    assert_eq!(cell(2, 2), Data::Float(19.0));
    assert_eq!(cell(2, 3), Data::Float(10.43956043956044));
    assert_eq!(cell(3, 1), Data::String("Not graded".into()), "the English beside the Chinese");
    assert_eq!(cell(3, 2), Data::String("—".into()));
    let source = book.worksheet_range("来源 Source").expect("its source");
    let said: Vec<String> = source.rows().map(|row| row[1].to_string()).collect();
    assert_eq!(said, ["专业等级分布", "2026-01-09", "据 182 个专业的等级"]);
}

#[test]
fn parquet_keeps_every_digit_and_the_printed_form() {
    let bytes = columnar::write(&table()).expect("a sound table");
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).expect("a Parquet file");
    let metadata = reader.metadata().file_metadata().key_value_metadata().expect("facts").clone();
    let source =
        metadata.iter().find(|entry| entry.key == "zhijian.source").and_then(|entry| entry.value.clone());
    assert!(source.is_some_and(|source| source.contains("据 182 个专业的等级")));
    let rows: Vec<_> = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row")).collect();
    let names: Vec<&String> = rows[0].get_column_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["grade", "grade_en", "count", "count_display", "share", "share_display", "total"]);
    let field = |row: usize, name: &str| {
        rows[row]
            .get_column_iter()
            .find(|(key, _)| *key == name)
            .map(|(_, field)| field.clone())
            .expect("a column")
    };
    assert_eq!(field(0, "grade_en"), Field::Str("A+".into()));
    assert_eq!(field(0, "share").to_string(), "10.439560439560439560439560440");
    assert_eq!(field(0, "share_display"), Field::Str("10.4%".into()));
    assert_eq!(field(1, "count"), Field::Null);
    assert_eq!(field(1, "share_display"), Field::Str("<5".into()));
    assert_eq!(field(2, "total"), Field::Bool(true));
}

#[test]
fn the_same_table_gives_the_same_bytes() {
    assert_eq!(xlsx::write(&table()).expect("sound"), xlsx::write(&table()).expect("sound"));
    assert_eq!(columnar::write(&table()).expect("sound"), columnar::write(&table()).expect("sound"));
}

#[test]
fn a_table_that_contradicts_itself_is_refused() {
    let with = |change: fn(&mut Table)| {
        let mut table = table();
        change(&mut table);
        table
    };
    let ragged = with(|table| table.rows[1].cells.truncate(2));
    assert!(matches!(xlsx::write(&ragged), Err(Error::Ragged { row: 2, cells: 2, columns: 3 })));
    let twice = with(|table| table.columns[1].key = "grade".into());
    assert!(matches!(columnar::write(&twice), Err(Error::Key { key }) if key == "grade"));
    let word = with(|table| table.rows[0].cells[1].value = "viele".into());
    assert!(matches!(zhijian_tables::csv::write(&word), Err(Error::Value { row: 1, .. })));
}

#[test]
fn an_empty_table_can_be_written() {
    let empty = Table { rows: vec![], ..table() };
    assert!(xlsx::write(&empty).is_ok());
    let bytes = columnar::write(&empty).expect("no rows");
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).expect("a Parquet file");
    assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
}

proptest! {
    #[test]
    fn a_decimal_comes_back_as_it_went_in(
        values in proptest::collection::vec((-1_000_000_000_000_i64..1_000_000_000_000, 0_u32..20), 1..20)
    ) {
        let values: Vec<Decimal> = values.into_iter().map(|(mantissa, scale)| Decimal::new(mantissa, scale)).collect();
        let cell = |value: &Decimal| Cell::number(value.to_string(), value.to_string());
        let table = Table {
            columns: vec![Column { key: "n".into(), numeric: true, ..Column::default() }],
            rows: values.iter().map(|value| Row { cells: vec![cell(value)], total: false }).collect(),
            ..Table::default()
        };
        let bytes = columnar::write(&table).expect("a sound table");
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).expect("a Parquet file");
        for (row, value) in reader.get_row_iter(None).expect("rows").zip(&values) {
            let row = row.expect("a row");
            let (_, field) = row.get_column_iter().next().expect("a column");
            prop_assert_eq!(field.to_string().parse::<Decimal>().expect("a decimal"), *value);
        }
    }
}
