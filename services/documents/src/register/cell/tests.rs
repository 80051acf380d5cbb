use super::super::{Grid, read};
use super::*;

const COLUMNS: &[Column] = &[
    Column {
        key: "code",
        zh: "机构代码",
        en: "Code",
        aliases: &["学校代码"],
        required: true,
        choices: &[],
        hint: ("", ""),
        width: 12,
    },
    Column {
        key: "year",
        zh: "开设年份",
        en: "Year opened",
        aliases: &[],
        required: false,
        choices: &[],
        hint: ("", ""),
        width: 8,
    },
];

fn lines(rows: Vec<Vec<Plain>>) -> Vec<Line> {
    (1..)
        .zip(rows)
        .map(|(number, row)| Line { number, cells: row.into_iter().enumerate().collect() })
        .collect()
}

fn grid(rows: &[&[&str]]) -> Vec<Grid> {
    let rows = rows.iter().map(|row| row.iter().map(|text| Plain::text(*text)).collect()).collect();
    vec![Grid { name: "表".into(), lines: lines(rows) }]
}

#[test]
fn columns_are_known_by_either_language_in_any_order_under_a_title() {
    let grids = grid(&[
        &["某市学校名录"],
        &["Year opened", " 学校代码*（10位） ", "备注"],
        &["２０２３年", "４１１１０１０８５３", "x"],
        &["", "", ""],
        &["—", "'4111010853", ""],
    ]);
    let mut table = read(&grids, COLUMNS, 10).unwrap();
    assert_eq!(table.unknown, ["备注"]);
    assert_eq!(table.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 5]);
    assert_eq!(table.rows[0].code("code", 10), Given::Some("4111010853".into()));
    assert_eq!(table.rows[0].year("year"), Given::Some(2023));
    assert_eq!(table.rows[1].code("code", 10), Given::Some("4111010853".into()));
    assert_eq!(table.rows[1].year("year"), Given::None);
    assert!(table.rows.iter().all(|row| row.faults.is_empty()));
}

#[test]
fn what_a_spreadsheet_did_to_a_code_is_told() {
    let told = |text: &str, number: bool| {
        let cell = Plain { text: text.into(), number, error: false };
        let grids = vec![Grid {
            name: String::new(),
            lines: lines(vec![vec![Plain::text("机构代码"), Plain::text("开设年份")], vec![cell]]),
        }];
        let mut table = read(&grids, COLUMNS, 10).unwrap();
        let row = &mut table.rows[0];
        let given = row.code("code", 10);
        row.faults
            .pop()
            .map_or_else(|| format!("{given:?}"), |fault| format!("{}: {}", fault.path(), fault.zh))
    };
    assert!(told("4.111E+09", false).starts_with("A2: 表格软件把代码变成了科学计数法"));
    assert!(told("4.111010853E9", true).contains("科学计数法"));
    assert!(told("111010853", true).contains("前面的 0"));
    assert!(told("411101085.5", true).contains("小数"));
    assert!(told("4111010853000000000", true).contains("15 位"));
    assert_eq!(told("4111010853", true), "Some(\"4111010853\")");
    assert_eq!(told("4111010853.0", true), "Some(\"4111010853\")");
    // An "E" within a code of letters and digits is no exponent.
    assert_eq!(told("91110000MA01E12345", false), "Some(\"91110000MA01E12345\")");
    let cell = Plain { text: "#N/A".into(), number: false, error: true };
    let grids = vec![Grid {
        name: String::new(),
        lines: lines(vec![vec![Plain::text("机构代码"), Plain::text("开设年份")], vec![cell]]),
    }];
    let mut table = read(&grids, COLUMNS, 10).unwrap();
    assert_eq!(table.rows[0].code("code", 10), Given::Nothing);
    assert!(table.rows[0].faults[0].zh.contains("#N/A"));
}

#[test]
fn a_file_that_is_no_register_is_refused_as_a_whole() {
    let refusal = |rows: &[&[&str]]| {
        let faults = read(&grid(rows), COLUMNS, 1).unwrap_err();
        faults.into_iter().map(|fault| (fault.path(), fault.zh)).collect::<Vec<_>>()
    };
    assert!(refusal(&[&["a", "b"]])[0].1.contains("没有找到标题行"));
    let twice = refusal(&[&["机构代码", "学校代码", "开设年份"], &["1", "2", "3"]]);
    assert_eq!(twice[0].0, "表!B1");
    assert!(twice[0].1.contains("两次"));
    assert!(refusal(&[&["机构代码", "开设年份"]])[0].1.contains("没有数据"));
    let many = refusal(&[&["机构代码", "开设年份"], &["1"], &["2"]]);
    assert!(many[0].1.contains("一次最多导入 1 行"), "{many:?}");
}

#[test]
fn what_is_written_is_read_again() {
    let rows =
        vec![vec!["0411101085".to_owned(), "2023".to_owned()], vec!["4111010853".to_owned(), String::new()]];
    let limits = crate::Limits::default();
    let books = [
        ("a.csv", super::super::csv(COLUMNS, rows.clone())),
        ("a.xlsx", super::super::xlsx("机构", COLUMNS, &rows).unwrap()),
    ];
    for (name, file) in books {
        let book = crate::sheet::read(name, &file, &limits).unwrap();
        let grids = super::super::grids(&book);
        let mut table = read(&grids, COLUMNS, 10).unwrap();
        let codes: Vec<_> = table.rows.iter_mut().map(|row| row.code("code", 10)).collect();
        assert_eq!(codes, [Given::Some("0411101085".into()), Given::Some("4111010853".into())], "{name}");
        assert_eq!(table.rows[0].number, 2, "{name}");
    }
    let template = super::super::xlsx("机构", COLUMNS, &[]).unwrap();
    let book = crate::sheet::read("t.xlsx", &template, &limits).unwrap();
    let faults = read(&super::super::grids(&book), COLUMNS, 10).unwrap_err();
    assert!(faults[0].zh.contains("没有数据"), "{faults:?}");
}

#[test]
fn words_in_number_columns_are_told_by_cell() {
    let grids = grid(&[
        &["机构代码", "开设年份"],
        &["4111010853", "去年"],
        &["4111010854", "+202"],
        &["4111010855", "-202"],
    ]);
    let mut table = read(&grids, COLUMNS, 10).unwrap();
    for row in &mut table.rows {
        assert_eq!(row.year("year"), Given::Nothing, "{}", row.number);
        assert!(row.faults.pop().is_some_and(|fault| fault.zh.contains("四位数")));
    }
    assert_eq!(table.rows[0].year("year"), Given::Nothing);
    let fault = &table.rows[0].faults[0];
    assert_eq!((fault.path().as_str(), fault.value.as_str()), ("表!B2", "去年"));
    assert_eq!(fault.place_zh(), "“表”表第 2 行 B 列");
}

#[test]
fn cells_far_to_the_right_cost_nothing_in_between() {
    let mut book = crate::sheet::write::Book::new();
    let mut page = book.page("机构").unwrap();
    for (column, text) in (1..).zip(["机构代码", "开设年份"]) {
        page.put(1, column, text, crate::sheet::write::Look::PLAIN);
    }
    for row in 2..=2000 {
        page.put(row, 1, "4111010853", crate::sheet::write::Look::PLAIN);
        page.put(row, 16_384, "x", crate::sheet::write::Look::PLAIN);
    }
    page.done().unwrap();
    let file = book.finish().unwrap();
    let book = crate::sheet::read("a.xlsx", &file, &crate::Limits::default()).unwrap();
    let grids = super::super::grids(&book);
    assert_eq!(grids[0].lines.iter().map(|line| line.cells.len()).sum::<usize>(), 2 + 2 * 1999);
    let mut table = read(&grids, COLUMNS, 2000).unwrap();
    assert_eq!((table.rows.len(), table.rows[1998].number), (1999, 2000));
    assert_eq!(table.rows[1998].code("code", 10), Given::Some("4111010853".into()));
}
