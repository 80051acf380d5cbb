//! Workbooks and CSV files through the public interface.

use zhijian_documents::{
    Limits, Number, Refusal,
    sheet::{
        self, Range, Value, Workbook,
        write::{Book, Csv, Look},
    },
};

fn csv(text: &str) -> Workbook {
    sheet::read("a.csv", text.as_bytes(), &Limits::default()).expect("reads")
}

#[test]
fn a_csv_file_in_each_encoding_reads_the_same() {
    let text = "代码,名称\r\n4111010001,北方某学院\r\n";
    let gb = [0xB4, 0xFA, 0xC2, 0xEB, b',', 0xC3, 0xFB, 0xB3, 0xC6, b'\r', b'\n', b'1', b',', 0xBC, 0xD7];
    let marked = [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat();
    let wide: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(text.replace(',', "\t").encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    for (file, encoding, delimiter) in
        [(text.as_bytes().to_vec(), "UTF-8", ','), (marked, "UTF-8", ','), (wide, "UTF-16LE", '\t')]
    {
        let book = sheet::read("学校.csv", &file, &Limits::default()).expect("reads");
        let form = book.csv.expect("form");
        assert_eq!((form.encoding, form.delimiter), (encoding, delimiter));
        assert_eq!(book.sheets[0].name, "学校");
        assert_eq!(book.sheets[0].text(2, 2), "北方某学院");
        assert_eq!(book.sheets[0].text(1, 1), "代码");
    }
    let book = sheet::read("学校.csv", &gb, &Limits::default()).expect("reads");
    assert_eq!(
        (book.csv.expect("form").encoding, book.sheets[0].text(1, 2), book.sheets[0].text(2, 2)),
        ("gb18030", "名称", "甲")
    );
}

#[test]
fn delimiters_are_seen_and_quotation_marks_respected() {
    assert_eq!(csv("a;b\n1,5;2\n").sheets[0].text(2, 1), "1,5");
    assert_eq!(csv("a\tb\n1\t2\n").sheets[0].text(2, 2), "2");
    assert_eq!(csv("sep=;\na;b\n").sheets[0].rows[0].line, 2);
    let book = csv("a,b\n\n\"x\ny\",\"he said \"\"no\"\"\"\nz,\n");
    let sheet = &book.sheets[0];
    assert_eq!((sheet.text(3, 1), sheet.text(3, 2)), ("x\ny", "he said \"no\""));
    assert_eq!(sheet.rows.iter().map(|r| (r.number, r.line)).collect::<Vec<_>>(), [(1, 1), (3, 3), (4, 5)]);
    let crlf = csv("a,b\r\n\r\n\"x\r\ny\",2\r\nz,\r\n");
    assert_eq!(
        crlf.sheets[0].rows.iter().map(|r| (r.number, r.line)).collect::<Vec<_>>(),
        [(1, 1), (3, 3), (4, 5)]
    );
}

#[test]
fn what_is_wrong_with_a_csv_file_is_told_with_its_line() {
    let limits = Limits::default();
    let open = sheet::read("a.csv", b"a,b\n1,\"2\n3,4\n", &limits);
    assert_eq!(open, Err(Refusal::OpenQuote { line: 2 }));
    let broken = sheet::read("a.csv", b"\xE7\x94\xB2,b\n\xE7\x94\xB2,b\n1,\xFF\xFF\n", &limits);
    assert_eq!(broken, Err(Refusal::Encoding { line: 3 }));
    let few = Limits { rows: 2, ..limits };
    assert!(matches!(sheet::read("a.csv", b"1\n2\n3\n", &few), Err(Refusal::TooLarge { .. })));
    assert_eq!(sheet::read("a.csv", b"", &limits), Err(Refusal::Empty));
}

#[test]
fn formulas_in_csv_are_told() {
    let book = csv("=1+1,'=1+1,-3,@x\n");
    let cells = &book.sheets[0].rows[0].cells;
    assert_eq!(cells[0].formula.as_deref(), Some("1+1"));
    assert_eq!((cells[1].formula.as_deref(), cells[1].text()), (None, "=1+1"));
    assert_eq!((cells[2].formula.as_deref(), cells[2].text()), (None, "-3"));
    assert!(cells[3].formula.is_some());
}

#[test]
fn a_workbook_of_ours_reads_back() {
    let mut book = Book::new();
    book.title("模板").property("zhijian.school", "4111010001");
    let mut page = book.page("计分卡").expect("page");
    page.width(1, 20.0).merge(Range::new(1, 1, 1, 3), "计分卡", Look::TITLE);
    page.put(2, 1, "名称", Look::HEADING).put(2, 2, "值", Look::HEADING);
    page.put(3, 1, "=cmd|x", Look::LABEL).number(3, 2, "12.50", Look::INPUT.decimals(2));
    page.number(4, 2, "0.1", Look::INPUT).number(5, 2, "12345678901234567890", Look::INPUT);
    page.number(6, 2, "-7", Look::INPUT).formula(7, 2, "SUM(B3:B4)", "12.6", Look::PLAIN);
    page.note(3, 1, "说明").choices(Range::new(3, 3, 5, 3), &["是", "否"], "只能填是或否");
    let long: Vec<String> = (0..200).map(|i| format!("专业{i}")).collect();
    page.choices(Range::cell(6, 3), &long.iter().map(String::as_str).collect::<Vec<_>>(), "");
    page.freeze(2, 1).protect().print_wide(2).filter(Range::new(2, 1, 6, 3)).hint(
        Range::cell(4, 2),
        "提示",
        "填数字",
    );
    page.done().expect("written");
    book.page("身份").expect("page").put(1, 1, "x", Look::PLAIN).hide().done().expect("written");
    let file = book.finish().expect("file");

    let read = sheet::read("模板.xlsx", &file, &Limits::default()).expect("reads");
    assert_eq!(read.properties["zhijian.school"], "4111010001");
    assert_eq!(
        read.sheets.iter().map(|s| (s.name.as_str(), s.hidden)).collect::<Vec<_>>(),
        [("计分卡", false), ("身份", true), ("_lists", true)]
    );
    let sheet = read.sheet("计分卡").expect("sheet");
    assert_eq!(sheet.cell(1, 1).expect("cell").merged.expect("merged").name(), "A1:C1");
    let texts: Vec<&str> = (3..=7).map(|row| sheet.text(row, 2)).collect();
    assert_eq!(texts, ["12.5", "0.1", "12345678901234567890", "-7", "12.6"]);
    assert_eq!(sheet.cell(3, 1).expect("cell").value, Value::Text("=cmd|x".into()));
    assert_eq!(sheet.cell(5, 2).expect("cell").value, Value::Text("12345678901234567890".into()));
    assert_eq!(sheet.cell(7, 2).expect("cell").formula.as_deref(), Some("SUM(B3:B4)"));
    assert_eq!(sheet.cell(4, 2).expect("cell").address(), "B4");
}

#[test]
fn a_hundred_thousand_rows_are_written_and_read() {
    let mut csv = Csv::new();
    let mut chunks = Vec::new();
    for i in 0..100_000 {
        csv.row([&i.to_string(), "甲,乙", "-1.5"]);
        if i % 10_000 == 0 {
            chunks.extend(csv.take());
        }
    }
    chunks.extend(csv.finish());
    let read = sheet::read("a.csv", &chunks, &Limits::default()).expect("reads");
    assert_eq!(read.sheets[0].rows.len(), 100_000);
    assert_eq!(read.sheets[0].text(100_000, 2), "甲,乙");
    assert_eq!(Number::parse(read.sheets[0].text(100_000, 3)).expect("number").decimal, "-1.5");
}

#[test]
fn a_workbook_of_libreoffice_reads_exactly() {
    let book = sheet::read("figures.xlsx", include_bytes!("samples/figures.xlsx"), &Limits::default())
        .expect("reads");
    assert_eq!(book.properties["zhijian.school"], "4111010001");
    assert_eq!(
        book.sheets.iter().map(|s| (s.name.as_str(), s.hidden)).collect::<Vec<_>>(),
        [("计分卡", false), ("身份", true)]
    );
    let sheet = &book.sheets[0];
    let value = |row, column| sheet.cell(row, column).map(|c| c.value.clone());
    let number = |text: &str| Some(Value::Number(text.into()));
    assert_eq!(sheet.cell(1, 1).and_then(|c| c.merged), Some(Range::new(1, 1, 1, 3)));
    assert_eq!((value(2, 2), value(2, 3)), (number("1234"), Some(Value::Text("１２３４".into()))));
    let sum = sheet.cell(3, 4).expect("sum");
    assert_eq!((sum.formula.as_deref(), sheet::fifteen_digits(sum.text()).as_str()), (Some("B3+C3"), "0.3"));
    assert_eq!(
        (value(4, 2), value(4, 3)),
        (Some(Value::Date("2025-08-31".into())), Some(Value::Boolean(true)))
    );
    assert_eq!(value(5, 2), Some(Value::Error("#DIV/0!".into())));
    assert_eq!((value(6, 2), value(6, 3)), (number("0.954"), number("1000000000000000000000")));
    assert_eq!(sheet.text(9, 1), "第一行\n第二行");
    assert_eq!((sheet.row(7), sheet.width()), (None, 4));
}

mod written {
    use proptest::prelude::*;

    use super::*;

    /// What people type, dangerous beginnings included.
    fn text() -> impl Strategy<Value = String> {
        "[-=+@'＝\"]{0,2}[甲乙丙0-9a-z,;.\t\n\" ]{0,12}"
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn csv_reads_the_same(rows in proptest::collection::vec(proptest::collection::vec(text(), 2..5), 2..9)) {
            let mut csv = Csv::new();
            // Enough commas to be sure of them.
            csv.row(["a", "b", "c", "d", "e", "f"]);
            for row in &rows {
                csv.row(row);
            }
            let read = sheet::read("a.csv", &csv.finish(), &Limits::default()).expect("reads");
            for (number, row) in rows.iter().enumerate() {
                for (column, text) in row.iter().enumerate() {
                    prop_assert_eq!(read.sheets[0].text(number as u32 + 2, column as u32 + 1), text);
                }
            }
            let harmless = |c: &sheet::Cell| c.formula.is_none();
            prop_assert!(read.sheets[0].rows.iter().flat_map(|r| &r.cells).all(harmless));
        }

        #[test]
        fn workbooks_read_the_same(texts in proptest::collection::vec(text(), 1..20), numbers in proptest::collection::vec(-1_000_000_000_000_i64..1_000_000_000_000, 1..20), decimals in 0..5_u32) {
            let mut book = Book::new();
            let mut page = book.page("表").expect("page");
            let shown = |n: i64| {
                let scale = 10_i64.pow(decimals);
                let text = format!("{}{}.{:0width$}", if n < 0 { "-" } else { "" }, (n / scale).abs(), (n % scale).abs(), width = decimals as usize);
                let text = if decimals == 0 { n.to_string() } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() };
                if text == "-0" { "0".to_owned() } else { text }
            };
            for (index, text) in texts.iter().enumerate() {
                page.put(index as u32 + 1, 1, text, Look::INPUT);
            }
            for (index, number) in numbers.iter().enumerate() {
                page.number(index as u32 + 1, 2, &shown(*number), Look::INPUT);
            }
            page.done().expect("written");
            let read = sheet::read("a.xlsx", &book.finish().expect("file"), &Limits::default()).expect("reads");
            for (index, text) in texts.iter().enumerate() {
                prop_assert_eq!(read.sheets[0].text(index as u32 + 1, 1), text);
            }
            for (index, number) in numbers.iter().enumerate() {
                let cell = read.sheets[0].cell(index as u32 + 1, 2).expect("cell");
                prop_assert_eq!(&cell.value, &Value::Number(shown(*number)));
            }
        }
    }
}
