//! XLSX: a sheet with the table, numbers as numbers that look as printed, and a sheet that says where they come from.

use std::collections::HashMap;

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::{Cell, Error, Table, shown::Shown};

/// The headings stand in two rows, Chinese over English.
const HEADING_ROWS: u32 = 2;
/// A double holds every whole number of as many digits.
const EXACT_DIGITS: usize = 15;
/// The longest name of a sheet, and what it may not contain.
const MAX_NAME: usize = 31;
const NOT_IN_NAMES: [char; 8] = ['[', ']', ':', '*', '?', '/', '\\', '\''];

/// The workbook's bytes.
///
/// # Errors
/// If the table contradicts itself (see [`Table::check`]), or is larger than a sheet.
pub fn write(table: &Table) -> Result<Vec<u8>, Error> {
    table.check()?;
    book(table).map_err(Error::Workbook)
}

fn book(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let mut properties = DocProperties::new().set_title(&table.title.zh).set_author("质鉴 Zhijian");
    let date = table.date.unwrap_or_default();
    if let (Ok(year), Ok(month), Ok(day)) = (
        u16::try_from(chrono::Datelike::year(&date)),
        u8::try_from(chrono::Datelike::month(&date)),
        u8::try_from(chrono::Datelike::day(&date)),
    ) {
        properties = properties.set_creation_datetime(&ExcelDateTime::from_ymd(year, month, day)?);
    }
    workbook.set_properties(&properties);
    data(workbook.add_worksheet(), table)?;
    facts(workbook.add_worksheet(), table)?;
    workbook.save_to_buffer()
}

/// A column of the sheet: which column of the table, and whether it shows the English.
struct Place {
    column: usize,
    english: bool,
}

fn places(table: &Table) -> Vec<Place> {
    let of = |column: usize| {
        let english = !table.columns[column].numeric && table.is_translated(column);
        [Some(false), english.then_some(true)]
            .into_iter()
            .flatten()
            .map(move |english| Place { column, english })
    };
    (0..table.columns.len()).flat_map(of).collect()
}

fn data(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    sheet.set_name(sheet_name(&table.name))?;
    let heading = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00E7_EFEE))
        .set_border_bottom(FormatBorder::Thin)
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter);
    let mut formats: HashMap<(Option<Shown>, bool), Format> = HashMap::new();
    for (at, place) in (0_u16..).zip(places(table)) {
        let column = &table.columns[place.column];
        let words = column.heading();
        let zh = if place.english { format!("{}（英文）", words.zh) } else { words.zh };
        let aligned =
            if column.numeric { heading.clone().set_align(FormatAlign::Right) } else { heading.clone() };
        sheet.write_string_with_format(0, at, &zh, &aligned)?;
        sheet.write_string_with_format(1, at, &words.en, &aligned)?;
        let mut widest = width(&zh).max(width(&words.en)).min(24);
        for (line, row) in (HEADING_ROWS..).zip(&table.rows) {
            let cell = &row.cells[place.column];
            let (number, look) = if column.numeric { number(cell) } else { (None, None) };
            let is_text = column.numeric && number.is_none();
            let format =
                formats.entry((look.clone(), row.total)).or_insert_with(|| form(look.as_ref(), row.total));
            let text =
                if place.english && !cell.display_en.is_empty() { &cell.display_en } else { &cell.display };
            widest = widest.max(width(text).min(60));
            match number {
                Some(number) => sheet.write_number_with_format(line, at, number, format)?,
                None if is_text => {
                    let right = format.clone().set_align(FormatAlign::Right);
                    sheet.write_string_with_format(line, at, text, &right)?
                }
                None => sheet.write_string_with_format(line, at, text, format)?,
            };
        }
        sheet.set_column_width(at, f64::from(widest) + 2.0)?;
    }
    sheet.set_freeze_panes(HEADING_ROWS, 0)?;
    sheet.set_repeat_rows(0, HEADING_ROWS - 1)?;
    sheet.set_landscape();
    Ok(())
}

/// The number to be written, and how it looks. What is printed as a word stays a word, and so does what a double would
/// change.
fn number(cell: &Cell) -> (Option<f64>, Option<Shown>) {
    let Some(shown) = Shown::of(&cell.display) else { return (None, None) };
    let whole = cell.value.trim_start_matches('-').split('.').next().unwrap_or_default();
    if cell.value.is_empty() || whole.len() > EXACT_DIGITS {
        return (None, None);
    }
    match cell.value.parse() {
        Ok(number) => (Some(number), Some(shown)),
        Err(_) => (None, None),
    }
}

fn form(shown: Option<&Shown>, total: bool) -> Format {
    let mut format = Format::new();
    if let Some(shown) = shown {
        format = format.set_num_format(shown.spreadsheet_format()).set_align(FormatAlign::Right);
    }
    if total { format.set_bold().set_border_top(FormatBorder::Thin) } else { format }
}

fn facts(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    sheet.set_name("来源 Source")?;
    let (bold, wrapped) =
        (Format::new().set_bold(), Format::new().set_text_wrap().set_align(FormatAlign::Top));
    let date = table.date.map(|date| date.to_string());
    let own = [
        ("表题", "Title", table.title.zh.as_str(), table.title.en.as_str()),
        ("日期", "Date", date.as_deref().unwrap_or_default(), date.as_deref().unwrap_or_default()),
    ];
    let said =
        table.facts.iter().map(|fact| (&*fact.name.zh, &*fact.name.en, &*fact.text.zh, &*fact.text.en));
    let lines = own.into_iter().chain(said).filter(|(_, _, zh, en)| !zh.is_empty() || !en.is_empty());
    for (line, (name_zh, name_en, zh, en)) in (0_u32..).zip(lines) {
        sheet.write_string_with_format(line, 0, format!("{name_zh} {name_en}"), &bold)?;
        sheet.write_string_with_format(line, 1, zh, &wrapped)?;
        sheet.write_string_with_format(line, 2, en, &wrapped)?;
    }
    sheet.set_column_width(0, 24)?;
    sheet.set_column_width(1, 60)?;
    sheet.set_column_width(2, 60)?;
    Ok(())
}

fn sheet_name(name: &str) -> String {
    let name: String =
        name.chars().map(|c| if NOT_IN_NAMES.contains(&c) { '-' } else { c }).take(MAX_NAME).collect();
    if name.trim().is_empty() { "表 Table".to_owned() } else { name }
}

/// How wide a text is, in Latin characters.
fn width(text: &str) -> u16 {
    text.chars().fold(0_u16, |sum, c| sum.saturating_add(if c.is_ascii() { 1 } else { 2 }))
}
