//! Cells read as what they should be. Whatever a spreadsheet may have done to them is told, never guessed.

use std::{collections::HashMap, sync::Arc};

use super::{Column, Fault, Line, Plain, letter, narrow, shortened};

/// One row below the headings.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    sheet: &'a str,
    /// Its number in the sheet, from 1.
    pub number: usize,
    line: &'a Line,
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
        line: &'a Line,
        places: Arc<HashMap<&'static str, usize>>,
        columns: &'a [Column],
    ) -> Self {
        Self { sheet, number: line.number, line, places, columns, faults: Vec::new() }
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
        self.line.cell(*self.places.get(key)?)
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
            // "+202" has four characters and would be read as a number, too.
            let four = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
            let year = four.then(|| digits.parse().ok()).flatten();
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
mod tests;
