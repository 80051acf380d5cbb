//! Finds the heading row, knows the columns, and hands out the rows below.

use std::{collections::HashMap, sync::Arc};

use super::{Column, Fault, Grid, Line, Row, letter, narrow, shortened};

/// In how many of the first rows the headings are looked for: titles and notes may stand above.
const HEADINGS_WITHIN: usize = 20;

/// A sheet whose columns are known.
#[derive(Debug, Clone)]
pub struct Table<'a> {
    /// The sheet's name; empty for CSV.
    pub sheet: &'a str,
    /// The rows that hold anything.
    pub rows: Vec<Row<'a>>,
    /// Headings that nobody knows, which were not read.
    pub unknown: Vec<String>,
    /// Sheets that were not read.
    pub others: Vec<String>,
}

/// Reads the one sheet that has the columns.
///
/// # Errors
/// What is wrong with the file as a whole: no headings, a required column missing, a heading twice, no rows or more than
/// `most`.
pub fn read<'a>(grids: &'a [Grid], columns: &'a [Column], most: usize) -> Result<Table<'a>, Vec<Fault>> {
    let found = grids.iter().filter_map(|grid| Some((grid, heading_row(grid, columns)?)));
    // Of several sheets with headings, the one with the most of them; the first of equals.
    let best = found.reduce(|best, next| if next.1.1 > best.1.1 { next } else { best });
    let Some((grid, (top, _))) = best else {
        return Err(vec![no_headings(columns)]);
    };
    let fault = |row: usize, column: Option<usize>, value: &str, zh: String, en: String| Fault {
        sheet: grid.name.clone(),
        row,
        column: column.map(letter).unwrap_or_default(),
        heading: column.map(|_| value.to_owned()).unwrap_or_default(),
        value: shortened(value, 100),
        zh,
        en,
    };
    let mut faults = Vec::new();
    let mut unknown = Vec::new();
    let mut places: HashMap<&'static str, usize> = HashMap::new();
    for (place, cell) in &top.cells {
        let place = *place;
        let heading = cell.text.trim();
        match known(columns, heading) {
            None if heading.is_empty() => {}
            None => unknown.push(shortened(heading, 50)),
            Some(column) => {
                if let Some(first) = places.insert(column.key, place) {
                    faults.push(fault(
                        top.number,
                        Some(place),
                        heading,
                        format!(
                            "“{heading}”列出现了两次（{} 列和 {} 列），请删去一列。",
                            letter(first),
                            letter(place)
                        ),
                        format!(
                            "There are two columns “{heading}”, {} and {}: take one out.",
                            letter(first),
                            letter(place)
                        ),
                    ));
                }
            }
        }
    }
    for column in columns.iter().filter(|column| column.required && !places.contains_key(column.key)) {
        faults.push(fault(
            top.number,
            None,
            "",
            format!("缺少“{}”列，请补上这一列；可以下载模板对照。", column.zh),
            format!("The column “{}” is missing: add it. The template has all columns.", column.en),
        ));
    }
    let places = Arc::new(places);
    let filled = |line: &Line| line.cells.iter().any(|(_, cell)| !narrow(&cell.text).is_empty());
    let rows: Vec<Row<'a>> = grid
        .lines
        .iter()
        .filter(|line| line.number > top.number && filled(line))
        .map(|line| Row::new(&grid.name, line, places.clone(), columns))
        .collect();
    if rows.is_empty() {
        let zh = "标题行下面没有数据，请从标题行的下一行开始填写。".to_owned();
        faults.push(fault(
            0,
            None,
            "",
            zh,
            "There is nothing below the headings: fill in the rows.".to_owned(),
        ));
    } else if rows.len() > most {
        faults.push(fault(
            0,
            None,
            "",
            format!("共 {} 行，一次最多导入 {most} 行，请分成几个文件。", rows.len()),
            format!("{} rows; one import takes at most {most}: split the file.", rows.len()),
        ));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let others = grids
        .iter()
        .filter(|other| !std::ptr::eq(*other, grid) && other.lines.iter().any(filled))
        .map(|other| other.name.clone())
        .collect();
    Ok(Table { sheet: &grid.name, rows, unknown, others })
}

/// The first row with the most known headings, at least two, or one if the register has one column.
fn heading_row<'a>(grid: &'a Grid, columns: &[Column]) -> Option<(&'a Line, usize)> {
    let count = |line: &Line| {
        columns
            .iter()
            .filter(|column| line.cells.iter().any(|(_, cell)| is_heading_of(column, cell.text.trim())))
            .count()
    };
    let first = grid.lines.iter().take_while(|line| line.number <= HEADINGS_WITHIN);
    let counted = first.map(|line| (line, count(line)));
    let best = counted.reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    (best.1 >= columns.len().min(2)).then_some(best)
}

fn no_headings(columns: &[Column]) -> Fault {
    let required: Vec<&Column> = columns.iter().filter(|column| column.required).collect();
    let list =
        |name: fn(&Column) -> &'static str| required.iter().map(|column| name(column)).collect::<Vec<_>>();
    Fault {
        sheet: String::new(),
        row: 0,
        column: String::new(),
        heading: String::new(),
        value: String::new(),
        zh: format!(
            "没有找到标题行。前 {HEADINGS_WITHIN} 行中应有一行写明各列名称，至少包括：{}。可以下载模板填写。",
            list(|column| column.zh).join("、")
        ),
        en: format!(
            "No headings were found. One of the first {HEADINGS_WITHIN} rows names the columns, at least: {}. Use the template.",
            list(|column| column.en).join(", ")
        ),
    }
}

fn known<'c>(columns: &'c [Column], heading: &str) -> Option<&'c Column> {
    columns.iter().find(|column| is_heading_of(column, heading))
}

fn is_heading_of(column: &Column, heading: &str) -> bool {
    let plain = plain(heading);
    !plain.is_empty()
        && [column.key, column.zh, column.en]
            .into_iter()
            .chain(column.aliases.iter().copied())
            .any(|name| self::plain(name) == plain)
}

/// A heading without what people add to it: remarks in brackets, stars, colons, white space, case.
fn plain(heading: &str) -> String {
    let narrow = narrow(heading).to_lowercase();
    let mut depth = 0_usize;
    narrow
        .chars()
        .filter(|c| {
            match c {
                '(' | '[' | '【' => depth += 1,
                ')' | ']' | '】' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0 && !c.is_whitespace() && !matches!(c, '*' | ':' | '_' | '-')
        })
        .collect()
}
