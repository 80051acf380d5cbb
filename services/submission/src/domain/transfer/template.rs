//! The workbook that a school fills in: a sheet a table, and a hidden one that says whose it is and what it held.

use std::collections::BTreeMap;

use zhijian_documents::sheet::{
    Range, Workbook,
    write::{Book, Look, Page, WriteError},
};
use zhijian_platform::etag;

use super::lines::{Base, Target};
use crate::domain::{
    catalogue::{Indicator, IndicatorKind},
    derive::Cells,
    edit::StoredCells,
    value::Value,
};

/// The form of the templates that this program writes and reads.
pub const VERSION: &str = "1";
/// The sheet that people do not see.
pub const HIDDEN: &str = "_zhijian";
/// What the hidden sheet begins with.
const MARK: &str = "zhijian-template";
/// The row of the headings on the sheets that people fill in.
const HEADINGS: u32 = 3;

/// Whose a workbook is, and what it held when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    pub version: String,
    pub submission_id: String,
    pub organisation_code: String,
    pub report_kind: String,
    pub cycle_year: String,
    /// By code; empty if the hidden sheet is gone.
    pub bases: BTreeMap<String, Base>,
}

/// What a template shows besides the report's own cells.
pub struct Shown<'a> {
    /// What the organisation is called.
    pub organisation_name: &'a str,
    /// What the report is called.
    pub report_name: &'a str,
    /// Last year's values.
    pub last: &'a Cells,
}

/// Writes the template of a report.
///
/// # Errors
/// [`WriteError`] if a name of the catalogue is none that a sheet can have.
pub fn write(target: &Target<'_>, shown: &Shown<'_>, stored: &StoredCells) -> Result<Vec<u8>, WriteError> {
    let mut book = Book::new();
    book.title(&format!("{}（{}）", shown.report_name, shown.organisation_name));
    for (name, value) in identity(target) {
        book.property(&format!("zhijian.{name}"), &value);
    }
    instructions(&mut book.page("填报说明")?, target, shown)?;
    for group in &target.catalogue.groups {
        let indicators: Vec<&Indicator> = target
            .catalogue
            .indicators_of(target.kind)
            .filter(|indicator| indicator.group == group.code)
            .collect();
        if indicators.is_empty() {
            continue;
        }
        let mut page = book.page(&sheet_name(&group.name.zh))?;
        table(&mut page, target, shown, stored, (&group.name.zh, &group.name.en), &indicators)?;
    }
    hidden(&mut book.page(HIDDEN)?, target, stored)?;
    book.finish()
}

/// A name that a sheet can have.
fn sheet_name(name: &str) -> String {
    name.chars().map(|c| if "[]:*?/\\".contains(c) { '·' } else { c }).take(31).collect()
}

fn identity(target: &Target<'_>) -> [(&'static str, String); 5] {
    [
        ("version", VERSION.to_owned()),
        ("submission", target.submission_id.to_owned()),
        ("organisation", target.organisation_code.to_owned()),
        ("kind", target.kind.to_owned()),
        ("year", target.cycle_year.to_string()),
    ]
}

fn instructions(page: &mut Page<'_>, target: &Target<'_>, shown: &Shown<'_>) -> Result<(), WriteError> {
    let title = format!("{} · {} · {} 年度", shown.organisation_name, shown.report_name, target.cycle_year);
    page.width(1, 90.0).put(1, 1, &title, Look::TITLE);
    let lines = [
        "本表只用于这一份年报，请不要用于其他单位或其他年度。",
        "只填浅色的格子：填报值、不适用、不适用理由、备注。代码、指标等已锁定。",
        "没有数据请留空，数值为零请填 0；确实不适用，请在“不适用”一列选择“不适用”并写明理由。三者含义不同。",
        "单位见“单位”列，不要在数字后写单位；确要用其他单位，请写明，如“1.2亿元”，系统会换算并告诉您。",
        "全角数字、千分位逗号可以使用；百分数可写 94.26 或 94.26%，不要写 0.9426。",
        "可以移动、删除整行，可以给工作表改名；请不要改动代码，不要合并单元格。",
        "公式可以用，系统取保存时的计算结果；引用其他文件的公式不采用。",
        "填好后保存为 .xlsx，在年报页“用表格填报”处上传。系统先给您看会改动什么，确认后才写入，全部写入或全部不写入。",
        "下载之后别人在网上改过、您没有动过的格子，以网上的为准；两边都改过的，会请您选择。",
        "",
        "This workbook is for this one report. Fill in the tinted cells only: value, not applicable, reason, note.",
        "Leave out what you have no figure for; write 0 for zero; choose 不适用 and give a reason where it does not apply.",
        "Rows and columns may be moved and sheets renamed; codes must stay, and cells must not be merged.",
        "Save as .xlsx and upload it on the report's page. You see what would change before anything does.",
    ];
    for (row, line) in (3..).zip(lines) {
        page.put(row, 1, line, Look::PLAIN.wrap());
    }
    page.protect().done()
}

const COLUMNS: [(&str, f64); 9] = [
    ("代码 Code", 10.0),
    ("指标 Indicator", 34.0),
    ("单位 Unit", 12.0),
    ("上年值 Last year", 14.0),
    ("填报值 Value", 16.0),
    ("不适用 N/A", 10.0),
    ("不适用理由 Reason", 24.0),
    ("备注 Note", 24.0),
    ("说明 Definition", 44.0),
];

fn table(
    page: &mut Page<'_>,
    target: &Target<'_>,
    shown: &Shown<'_>,
    stored: &StoredCells,
    name: (&str, &str),
    indicators: &[&Indicator],
) -> Result<(), WriteError> {
    const INPUT: Look = Look::INPUT.as_text();
    page.put(1, 1, &format!("{} {}", name.0, name.1), Look::TITLE);
    let owner = format!("{}　{} 年度　填写浅色格子", shown.organisation_name, target.cycle_year);
    page.put(2, 1, &owner, Look::REMARK);
    for (column, (heading, width)) in (1..).zip(COLUMNS) {
        page.put(HEADINGS, column, heading, Look::HEADING).width(column, width);
    }
    let first = HEADINGS + 1;
    for (row, indicator) in (first..).zip(indicators) {
        let cell = stored.get(&indicator.code);
        let last = shown.last.get(&indicator.code).map(written).unwrap_or_default();
        page.put(row, 1, &indicator.code, Look::LABEL);
        page.put(row, 2, &format!("{} {}", indicator.name.zh, indicator.name.en), Look::LABEL);
        page.put(row, 3, &indicator.unit.name.zh, Look::PLAIN);
        page.put(row, 4, &last, Look::REFERENCE);
        page.put(row, 9, &definition(indicator), Look::REMARK);
        if indicator.formula.is_some() {
            let computed = target.derived.get(&indicator.code).map(written).unwrap_or_default();
            page.put(row, 5, &computed, Look::REFERENCE);
            continue;
        }
        let (value, reason) = match cell.and_then(|cell| cell.value.as_ref()) {
            Some(Value::NotApplicable(reason)) => (String::new(), reason.as_str()),
            Some(Value::Text(code)) => (chosen(indicator, code), ""),
            Some(value) => (written(value), ""),
            None => (String::new(), ""),
        };
        let mut put = |column: u32, text: &str| match text {
            "" => {
                page.blank(row, column, INPUT);
            }
            text => {
                page.put(row, column, text, INPUT);
            }
        };
        put(5, &value);
        put(6, if reason.is_empty() { "" } else { "不适用" });
        put(7, reason);
        put(8, cell.map(|cell| cell.note.as_str()).unwrap_or_default());
        page.choices(Range::cell(row, 6), &["不适用"], "只能选择“不适用”，或留空。");
        if !indicator.options.is_empty() {
            let options: Vec<&str> = indicator.options.iter().map(|option| option.name.zh.as_str()).collect();
            page.choices(Range::cell(row, 5), &options, "请从列表中选择。");
        }
    }
    page.freeze(HEADINGS, 2).print_wide(HEADINGS).protect().done()
}

fn definition(indicator: &Indicator) -> String {
    let kind = match (indicator.kind, indicator.decimals) {
        (IndicatorKind::Choice, _) => "从列表中选择。".to_owned(),
        (IndicatorKind::Count, _) => "整数。".to_owned(),
        (IndicatorKind::Rate, decimals) => format!("百分数，最多 {decimals} 位小数。"),
        (_, 0) => "整数。".to_owned(),
        (_, decimals) => format!("最多 {decimals} 位小数。"),
    };
    let kind = match &indicator.formula {
        Some(formula) => format!("系统计算：{}。", formula.source()),
        None => kind,
    };
    format!("{kind}{}", indicator.note.as_ref().map(|note| note.zh.as_str()).unwrap_or_default())
}

/// An option as people know it.
fn chosen(indicator: &Indicator, code: &str) -> String {
    let option = indicator.options.iter().find(|option| option.code == code);
    option.map_or_else(|| code.to_owned(), |option| option.name.zh.clone())
}

/// A value as it is written in a file.
pub fn written(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::NotApplicable(reason) => format!("不适用：{reason}"),
    }
}

/// The hidden sheet: identity first, then code, etag, kind, value and note of each cell that holds something.
fn hidden(page: &mut Page<'_>, target: &Target<'_>, stored: &StoredCells) -> Result<(), WriteError> {
    page.put(1, 1, MARK, Look::PLAIN);
    for (row, (name, value)) in (2..).zip(identity(target)) {
        page.put(row, 1, name, Look::PLAIN).put(row, 2, &value, Look::PLAIN);
    }
    for (row, indicator) in (10..).zip(target.catalogue.reported_of(target.kind)) {
        let code = indicator.code.as_str();
        let cell = stored.get(code);
        let (kind, value) = match cell.and_then(|cell| cell.value.as_ref()) {
            None => ("empty", String::new()),
            Some(Value::Number(number)) => ("number", number.to_string()),
            Some(Value::Text(text)) => ("text", text.clone()),
            Some(Value::NotApplicable(reason)) => ("not_applicable", reason.clone()),
        };
        let etag = cell.map(|cell| etag::of(cell.version)).unwrap_or_else(|| "-".to_owned());
        let note = cell.map(|cell| cell.note.as_str()).unwrap_or_default();
        for (column, text) in (1..).zip([code, &etag, kind, &value, note]) {
            page.put(row, column, text, Look::PLAIN.as_text());
        }
    }
    page.protect().hide().done()
}

impl Identity {
    /// The identity that a workbook carries: on its hidden sheet, else in its properties.
    pub fn of(book: &Workbook) -> Option<Self> {
        let sheet = book.sheets.iter().find(|sheet| sheet.text(1, 1) == MARK);
        let text = |name: &str| match sheet {
            Some(sheet) => (2..10)
                .find(|row| sheet.text(*row, 1) == name)
                .map(|row| sheet.text(row, 2).trim().to_owned())
                .unwrap_or_default(),
            None => book.properties.get(&format!("zhijian.{name}")).cloned().unwrap_or_default(),
        };
        let mut identity = Self {
            version: text("version"),
            submission_id: text("submission"),
            organisation_code: text("organisation"),
            report_kind: text("kind"),
            cycle_year: text("year"),
            bases: BTreeMap::new(),
        };
        if identity.submission_id.is_empty() {
            return None;
        }
        for row in sheet.iter().flat_map(|sheet| &sheet.rows).filter(|row| row.number >= 10) {
            let (code, etag, note) = (row.text(1), row.text(2), row.cell(5).map_or("", |cell| cell.text()));
            let text = row.cell(4).map_or("", |cell| cell.text());
            let value = match row.text(3) {
                "number" => match text.parse() {
                    Ok(number) => Some(Value::Number(number)),
                    Err(_) => continue,
                },
                "text" => Some(Value::Text(text.to_owned())),
                "not_applicable" => Some(Value::NotApplicable(text.to_owned())),
                _ => None,
            };
            let etag = if etag == "-" { String::new() } else { etag.to_owned() };
            let base = Base { etag, content: Some((value, note.to_owned())) };
            identity.bases.insert(code.to_owned(), base);
        }
        Some(identity)
    }
}
