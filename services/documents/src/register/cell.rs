//! Cells read as what they should be. Whatever a spreadsheet may have done to them is told, never guessed.

use std::{collections::HashMap, sync::Arc};

use super::{Column, Fault, Plain, letter, narrow, shortened};

/// One row below the headings.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    sheet: &'a str,
    /// Its number in the sheet, from 1.
    pub number: usize,
    cells: &'a [Plain],
    places: Arc<HashMap<&'static str, usize>>,
    columns: &'a [Column],
    /// What was found at fault so far.
    pub faults: Vec<Fault>,
}

/// What a file says about a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given<T> {
    /// Nothing: there is no such column, or the cell is empty. What is registered stays.
    Nothing,
    /// A dash, 无 or "none": what is registered goes.
    None,
    /// This.
    Some(T),
}

impl<T> Given<T> {
    /// What it makes of what is registered.
    pub fn over(self, registered: Option<T>) -> Option<T> {
        match self {
            Self::Nothing => registered,
            Self::None => None,
            Self::Some(value) => Some(value),
        }
    }

    /// What was given, if anything.
    pub fn some(self) -> Option<T> {
        if let Self::Some(value) = self { Some(value) } else { None }
    }

    fn and_then<U>(self, read: impl FnOnce(T) -> Option<U>) -> Given<U> {
        match self {
            Self::Nothing => Given::Nothing,
            Self::None => Given::None,
            // What cannot be read was told as a fault.
            Self::Some(value) => read(value).map_or(Given::Nothing, Given::Some),
        }
    }
}

impl<'a> Row<'a> {
    pub(super) fn new(
        sheet: &'a str,
        number: usize,
        cells: &'a [Plain],
        places: Arc<HashMap<&'static str, usize>>,
        columns: &'a [Column],
    ) -> Self {
        Self { sheet, number, cells, places, columns, faults: Vec::new() }
    }

    /// Notes that the cell of a column is at fault; the row as a whole if the file has no such column.
    pub fn refuse(&mut self, key: &str, zh: impl Into<String>, en: impl Into<String>) {
        let place = self.places.get(key).copied();
        let column = self.columns.iter().find(|column| column.key == key);
        let fault = Fault {
            sheet: self.sheet.to_owned(),
            row: self.number,
            column: place.map(letter).unwrap_or_default(),
            heading: column.map_or(key, |column| column.zh).to_owned(),
            value: shortened(self.raw(key).trim(), 100),
            zh: zh.into(),
            en: en.into(),
        };
        self.faults.push(fault);
    }

    /// The cell as it stands.
    pub fn raw(&self, key: &str) -> &'a str {
        self.plain(key).map_or("", |cell| cell.text.as_str())
    }

    fn plain(&self, key: &str) -> Option<&'a Plain> {
        self.cells.get(*self.places.get(key)?)
    }

    /// A text on one line, full-width spaces around it dropped.
    pub fn text(&mut self, key: &str) -> Given<String> {
        let Some(cell) = self.plain(key) else { return Given::Nothing };
        if cell.error {
            let value = cell.text.clone();
            self.refuse(
                key,
                format!("单元格是公式错误 {value}，请改为实际内容。"),
                format!("The cell is a formula's error, {value}: put the value itself."),
            );
            return Given::Nothing;
        }
        let text = cell.text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if text.is_empty() {
            return Given::Nothing;
        }
        if matches!(text, "—" | "——" | "-" | "--" | "－" | "无" | "none" | "None") {
            return Given::None;
        }
        if text.chars().any(char::is_control) {
            self.refuse(
                key,
                "请去掉换行、制表符等控制字符。",
                "Take out line breaks, tabs and other control characters.",
            );
            return Given::Nothing;
        }
        Given::Some(text.to_owned())
    }

    /// A text that must be there.
    pub fn wanted(&mut self, key: &str) -> Option<String> {
        let before = self.faults.len();
        let given = self.text(key).some();
        if given.is_none() && self.faults.len() == before {
            self.refuse(key, "请填写此项。", "Fill this in.");
        }
        given
    }

    /// A code of `digits` digits, perhaps with letters after them. What a spreadsheet does to codes is told by name.
    pub fn code(&mut self, key: &str, digits: usize) -> Given<String> {
        let number = self.plain(key).is_some_and(|cell| cell.number);
        let text = match self.text(key) {
            Given::Some(text) => text,
            other => return other,
        };
        let text = narrow(text.trim_start_matches('\'')).to_uppercase();
        let text = if number { text.strip_suffix(".0").unwrap_or(&text).to_owned() } else { text };
        if let Some((zh, en)) = mangled(&text, number, digits) {
            self.refuse(key, zh, en);
            return Given::Nothing;
        }
        Given::Some(text)
    }

    /// A year of four digits.
    pub fn year(&mut self, key: &str) -> Given<i32> {
        self.text(key).and_then(|text| {
            let plain = narrow(&text);
            let digits = plain.strip_suffix('年').unwrap_or(&plain).trim_end();
            let digits = digits.strip_suffix(".0").unwrap_or(digits);
            let year = (digits.len() == 4).then(|| digits.parse().ok()).flatten();
            if year.is_none() {
                self.refuse(
                    key,
                    "应为四位数的年份，例如 2023。",
                    "This is a year of four digits, such as 2023.",
                );
            }
            year
        })
    }

    /// A whole number from 0.
    pub fn count(&mut self, key: &str) -> Given<i32> {
        self.text(key).and_then(|text| {
            let plain: String = narrow(&text).chars().filter(|c| !matches!(c, ',' | ' ')).collect();
            let plain = plain.strip_suffix(".0").unwrap_or(&plain);
            let count = plain.bytes().all(|byte| byte.is_ascii_digit()).then(|| plain.parse().ok()).flatten();
            if count.is_none() {
                self.refuse(key, "应为非负整数，例如 60。", "This is a whole number from 0, such as 60.");
            }
            count
        })
    }

    /// Yes or no.
    pub fn yes(&mut self, key: &str) -> Given<bool> {
        self.text(key).and_then(|text| {
            let answer = match narrow(&text).to_lowercase().as_str() {
                "是" | "有" | "√" | "✓" | "y" | "yes" | "true" | "1" => Some(true),
                "否" | "×" | "n" | "no" | "false" | "0" => Some(false),
                _ => None,
            };
            if answer.is_none() {
                self.refuse(key, "请填“是”或“否”。", "Write 是 or 否 (yes or no).");
            }
            answer
        })
    }

    /// One of a few things, each known by several words.
    pub fn choice<T: Copy>(&mut self, key: &str, among: &[(T, &[&str])]) -> Given<T> {
        self.text(key).and_then(|text| {
            let plain = narrow(&text).to_lowercase();
            let found = among.iter().find(|(_, words)| words.iter().any(|word| word.to_lowercase() == plain));
            if found.is_none() {
                let names: Vec<&str> = among.iter().filter_map(|(_, words)| words.first().copied()).collect();
                let names = names.join("、");
                self.refuse(key, format!("应为下列之一：{names}。"), format!("This is one of: {names}."));
            }
            found.map(|(value, _)| *value)
        })
    }
}

/// What a spreadsheet did to a code, if it did anything.
fn mangled(text: &str, number: bool, digits: usize) -> Option<(String, String)> {
    let scientific = text.split_once('E').is_some_and(|(mantissa, exponent)| {
        mantissa.contains(|c: char| c.is_ascii_digit())
            && mantissa.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && (exponent.starts_with(['+', '-']) || mantissa.contains('.'))
            && exponent.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit())
    });
    if scientific {
        return Some((
            format!(
                "表格软件把代码变成了科学计数法（{text}），后面的数字已经丢失。请把这一列设为“文本”格式，再重新填写 {digits} 位代码。"
            ),
            format!(
                "The spreadsheet turned the code into scientific notation ({text}) and lost its digits. Format the \
                 column as text and enter the code of {digits} digits again."
            ),
        ));
    }
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if number && all_digits && text.len() > 15 {
        return Some((
            "表格软件把这一长串数字当作数值，第 15 位之后已经丢失。请把这一列设为“文本”格式，再重新填写。".to_owned(),
            "The spreadsheet took this for a number and lost what follows its 15th digit. Format the column as text \
             and enter it again."
                .to_owned(),
        ));
    }
    if all_digits && text.len() < digits {
        let length = text.len();
        return Some((
            format!(
                "应为 {digits} 位，现在只有 {length} 位。如果代码以 0 开头，可能是表格软件去掉了前面的 0：请把这一列设为“文本”格式，再补全代码。"
            ),
            format!(
                "This has {length} digits instead of {digits}. If the code begins with 0, the spreadsheet may have dropped \
                 it: format the column as text and complete the code."
            ),
        ));
    }
    if number && text.contains('.') {
        return Some((
            format!("代码应为 {digits} 位数字，这里是小数。请把这一列设为“文本”格式，再重新填写。"),
            format!(
                "A code has {digits} digits; this is a fraction. Format the column as text and enter it again."
            ),
        ));
    }
    None
}

#[cfg(test)]
mod tests {
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

    fn grid(rows: &[&[&str]]) -> Vec<Grid> {
        let rows = rows.iter().map(|row| row.iter().map(|text| Plain::text(*text)).collect()).collect();
        vec![Grid { name: "表".into(), rows }]
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
                rows: vec![vec![Plain::text("机构代码"), Plain::text("开设年份")], vec![cell]],
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
            rows: vec![vec![Plain::text("机构代码"), Plain::text("开设年份")], vec![cell]],
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
        let rows = vec![
            vec!["0411101085".to_owned(), "2023".to_owned()],
            vec!["4111010853".to_owned(), String::new()],
        ];
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
        let grids = grid(&[&["机构代码", "开设年份"], &["4111010853", "去年"]]);
        let mut table = read(&grids, COLUMNS, 10).unwrap();
        assert_eq!(table.rows[0].year("year"), Given::Nothing);
        let fault = &table.rows[0].faults[0];
        assert_eq!((fault.path().as_str(), fault.value.as_str()), ("表!B2", "去年"));
        assert_eq!(fault.place_zh(), "“表”表第 2 行 B 列");
    }
}
