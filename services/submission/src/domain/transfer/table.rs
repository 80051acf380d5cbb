//! Workbooks and CSV files: rows are found by the indicator's code, columns by their headings. Names and places of sheets,
//! the order of rows and columns, and whatever else stands around do not matter.

use zhijian_documents::sheet::{Cell, Row, Sheet, Value, Workbook, fifteen_digits};

use super::{
    lines::{Base, Lines, Raw, Target},
    template::{Identity, VERSION},
};
use crate::domain::catalogue::{Indicator, IndicatorKind};

/// In how many rows the headings are looked for.
const HEADINGS_WITHIN: usize = 30;

/// The columns that a table has; 0 where it has none.
#[derive(Debug, Default, Clone, Copy)]
struct Columns {
    code: u32,
    value: u32,
    not_applicable: u32,
    reason: u32,
    note: u32,
    etag: u32,
    submission: u32,
}

impl Columns {
    /// The columns that a row names; nothing unless it names code and value.
    fn of(row: &Row) -> Option<Self> {
        let mut columns = Self::default();
        for cell in &row.cells {
            let text = cell.text().trim().to_lowercase();
            let is = |zh: &str, en: &str| text == zh || text == en || text == format!("{zh} {en}");
            let place = if is("代码", "code") || text == "indicator_code" {
                &mut columns.code
            } else if is("填报值", "value") {
                &mut columns.value
            } else if is("不适用", "n/a") {
                &mut columns.not_applicable
            } else if is("不适用理由", "reason") || text == "not_applicable" {
                &mut columns.reason
            } else if is("备注", "note") {
                &mut columns.note
            } else if is("版本", "etag") {
                &mut columns.etag
            } else if is("年报编号", "submission_id") {
                &mut columns.submission
            } else {
                continue;
            };
            if *place == 0 {
                *place = cell.column;
            }
        }
        (columns.code > 0 && columns.value > 0).then_some(columns)
    }
}

/// Reads a filled-in template.
pub fn read_workbook(target: &Target<'_>, book: &Workbook) -> Lines {
    let Some(identity) = Identity::of(book) else {
        return Lines::unusable(zhijian_platform::Text::new(
            "这不是本系统的填报模板。请在年报页下载模板，把数据填进去再上传；其他表格请用 CSV 导入。",
            "This is not a template of this system. Download one on the report's page; import other tables as CSV.",
        ));
    };
    if let Some(text) = mismatch(target, &identity) {
        return Lines::unusable(text);
    }
    let mut lines = Lines::default();
    if identity.bases.is_empty() {
        lines.notice(
            "",
            "",
            "工作簿里的隐藏页已被删除，系统不知道下载时的数值，将把表中每一格与现在的数值相比。请仔细核对下面的改动。",
            "The hidden sheet is gone, so every cell is compared with what is stored now. Look closely at the changes.",
        );
    }
    for sheet in book.sheets.iter().filter(|sheet| !sheet.hidden) {
        read_sheet(target, sheet, Some(&identity), false, &mut lines);
    }
    if lines.rows_read == 0 && lines.faults.is_empty() {
        lines.fault("", "", "没有找到任何指标行。", "No row with an indicator was found.");
    }
    lines
}

/// Reads a CSV file.
pub fn read_csv(target: &Target<'_>, book: &Workbook) -> Lines {
    let mut lines = Lines::default();
    for sheet in &book.sheets {
        read_sheet(target, sheet, None, true, &mut lines);
    }
    if lines.rows_read == 0 && lines.faults.is_empty() {
        lines.fault(
            "",
            "",
            "没有找到表头。第一行应有“代码 code”和“填报值 value”两列；可以先导出一份 CSV 看看格式。",
            "No headings were found: the first line must have the columns code and value. Export a CSV to see the form.",
        );
    }
    lines
}

/// Why a template is not this report's, if it is not.
fn mismatch(target: &Target<'_>, identity: &Identity) -> Option<zhijian_platform::Text> {
    use zhijian_platform::Text;
    let anew = |zh: String, en: String| {
        Some(Text::new(format!("{zh}请下载这份年报的模板。"), format!("{en} Download this report's own.")))
    };
    if identity.organisation_code != target.organisation_code {
        return anew(
            format!("这是机构 {} 的模板，不是 {} 的。", identity.organisation_code, target.organisation_code),
            format!(
                "This is the template of {}, not of {}.",
                identity.organisation_code, target.organisation_code
            ),
        );
    }
    if identity.cycle_year != target.cycle_year.to_string() {
        return anew(
            format!("这是 {} 年度的模板，不是 {} 年度的。", identity.cycle_year, target.cycle_year),
            format!("This is the template of {}, not of {}.", identity.cycle_year, target.cycle_year),
        );
    }
    if identity.submission_id != target.submission_id {
        return anew(
            "这是本单位另一份年报的模板。".into(),
            "This is the template of another report of yours.".into(),
        );
    }
    if identity.version != VERSION {
        return anew("模板的版本与系统不符。".into(), "The template is of another version.".into());
    }
    None
}

fn read_sheet(target: &Target<'_>, sheet: &Sheet, identity: Option<&Identity>, csv: bool, lines: &mut Lines) {
    let place = |cell: &str, row: &Row| {
        if csv { row.line.to_string() } else { format!("{}!{cell}{}", sheet.name, row.number) }
    };
    let headings = sheet
        .rows
        .iter()
        .take(HEADINGS_WITHIN)
        .enumerate()
        .find_map(|(at, row)| Columns::of(row).map(|columns| (at, columns)));
    let Some((at, columns)) = headings else {
        let code = |row: &&Row| row.cells.iter().any(|cell| target.indicator(cell.text().trim()).is_some());
        if let Some(row) = sheet.rows.iter().find(code) {
            lines.fault(
                &place("A", row),
                "",
                "这里有指标代码，但找不到表头“代码”和“填报值”。请恢复表头。",
                "There are codes here, but no headings “Code” and “Value”. Put the headings back.",
            );
        }
        return;
    };
    for row in &sheet.rows[at + 1..] {
        let letters = zhijian_documents::sheet::letters;
        let at = |column: u32| place(&letters(column), row);
        if columns.submission > 0
            && !row.text(columns.submission).is_empty()
            && row.text(columns.submission) != target.submission_id
        {
            lines.fault(
                &at(columns.submission),
                "",
                "这一行是另一份年报的，请核对文件。",
                "This row is of another report; check the file.",
            );
            continue;
        }
        let code: String = row.text(columns.code).chars().map(half_width).collect();
        if code.is_empty() {
            if [columns.value, columns.reason]
                .iter()
                .any(|column| *column > 0 && !row.text(*column).is_empty())
            {
                lines.fault(
                    &at(columns.value),
                    "",
                    format!("这一行有内容，但 {} 没有指标代码。", at(columns.code)),
                    format!("The row holds something, and {} has no code.", at(columns.code)),
                );
            }
            continue;
        }
        let Some(indicator) = lines.indicator(target, &at(columns.code), &code) else { continue };
        read_row(target, row, columns, indicator, identity, (csv, at(columns.value)), lines);
    }
}

fn read_row(
    target: &Target<'_>,
    row: &Row,
    columns: Columns,
    indicator: &Indicator,
    identity: Option<&Identity>,
    (csv, place): (bool, String),
    lines: &mut Lines,
) {
    let text = |column: u32| if column > 0 { row.text(column) } else { "" };
    let code = indicator.code.as_str();
    let value = match row.cell(columns.value) {
        // In CSV what looks like a formula is a text like any other.
        Some(cell) if csv => cell.text().to_owned(),
        Some(cell) => match value(cell, indicator, &place, lines) {
            Some(value) => value,
            None => return,
        },
        None => String::new(),
    };
    let not_applicable = match text(columns.not_applicable) {
        // What is computed is never marked.
        _ if indicator.formula.is_some() => false,
        "" | "否" | "no" => false,
        "不适用" | "是" | "√" | "yes" | "N/A" | "n/a" => true,
        other => {
            lines.fault(
                &place,
                code,
                format!("{code} 的“不适用”一列只能选“不适用”或留空，现在是“{other}”。"),
                format!("{code}: the column N/A holds “{other}”; choose 不适用 or leave it empty."),
            );
            return;
        }
    };
    // A reason alone, in a table without the column that ticks it, says the same.
    let not_applicable = not_applicable || (columns.not_applicable == 0 && !text(columns.reason).is_empty());
    let base = match identity {
        Some(identity) => identity.bases.get(code).cloned(),
        None if columns.etag == 0 => None,
        None => match text(columns.etag) {
            "" => None,
            "-" => Some(Base { etag: String::new(), content: None }),
            etag => Some(Base { etag: etag.to_owned(), content: None }),
        },
    };
    let raw = Raw {
        place,
        code: code.to_owned(),
        value,
        not_applicable,
        reason: text(columns.reason).to_owned(),
        note: (columns.note > 0).then(|| text(columns.note).to_owned()),
        base,
    };
    lines.read(target, indicator, raw);
}

/// What a cell of a workbook says; nothing if that cannot be taken, which is noted.
fn value(cell: &Cell, indicator: &Indicator, place: &str, lines: &mut Lines) -> Option<String> {
    let code = indicator.code.as_str();
    if cell.merged.is_some() {
        lines.fault(
            place,
            code,
            format!("{code} 的格子与别的格子合并了，请取消合并，每个指标各填一格。"),
            format!("{code}: the cell is merged with others; undo that and fill in one cell an indicator."),
        );
        return None;
    }
    if let Some(formula) = &cell.formula {
        let computed = cell.text().to_owned();
        if formula.contains('[') {
            lines.fault(
                place,
                code,
                format!("{code} 的公式引用了其他文件，无法核实，请改成数值。"),
                format!("{code}: the formula refers to another file; replace it by its value."),
            );
            return None;
        }
        if matches!(cell.value, Value::Nothing) {
            lines.fault(
                place,
                code,
                format!("{code} 的公式没有保存计算结果，请用 Excel 或 WPS 打开、保存后再上传。"),
                format!("{code}: the formula has no stored result; open and save the file in a spreadsheet program."),
            );
            return None;
        }
        if !matches!(cell.value, Value::Error(_)) {
            lines.notice(
                place,
                code,
                format!("{code} 由公式得出，按保存时的结果“{computed}”读入。"),
                format!("{code} comes from a formula; its stored result “{computed}” was taken."),
            );
        }
    }
    match &cell.value {
        Value::Text(text) => Some(text.clone()),
        Value::Nothing => Some(String::new()),
        Value::Number(number) => {
            let number = fifteen_digits(number);
            let small = number.starts_with("0.") || number == "1";
            if indicator.kind == IndicatorKind::Rate && small {
                lines.notice(
                    place,
                    code,
                    format!("{code} 是百分数，表中的 {number} 按 {number}% 读入。如果本意是它的一百倍，请改写。"),
                    format!("{code} is a percentage: {number} was taken as {number} %. Multiply by 100 if that was meant."),
                );
            }
            Some(number)
        }
        Value::Boolean(_) => {
            lines.fault(
                place,
                code,
                format!("{code} 里是“{}”，不是数值。", cell.text()),
                format!("{code} holds {}, which is no value.", cell.text()),
            );
            None
        }
        Value::Date(date) => {
            lines.fault(
                place,
                code,
                format!("{code} 被表格软件当成了日期（{date}）。请把格子设为“文本”再填一次。"),
                format!(
                    "{code} was turned into the date {date}. Format the cell as text and fill it in again."
                ),
            );
            None
        }
        Value::Error(error) => {
            lines.fault(
                place,
                code,
                format!("{code} 的内容是错误值 {error}，请改正。"),
                format!("{code} holds the error {error}; mend it."),
            );
            None
        }
    }
}

/// A code may have been typed in full width.
fn half_width(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        'ａ'..='ｚ' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c).to_ascii_uppercase(),
        other => other.to_ascii_uppercase(),
    }
}
