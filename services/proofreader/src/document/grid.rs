//! A table as header, label columns and values.

use rust_decimal::Decimal;

use super::Table;
use crate::interval::Interval;

/// A number in a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value {
    pub value: Decimal,
    pub ulp: Decimal,
    pub decimals: u32,
    pub percent: bool,
}

impl Value {
    pub fn interval(&self) -> Interval {
        if self.decimals == 0 && !self.percent {
            Interval::exact(self.value)
        } else {
            Interval::rounded(self.value, self.ulp)
        }
    }

    pub fn shown(&self) -> String {
        format!("{:.*}{}", self.decimals as usize, self.value, if self.percent { "%" } else { "" })
    }

    /// Another value printed the way this one is.
    pub fn shown_as(&self, value: Decimal) -> String {
        format!("{}{}", crate::interval::show(value, self.decimals), if self.percent { "%" } else { "" })
    }

    /// Values that would be cut off, instead of rounded, to what is printed.
    pub fn truncated(&self) -> Interval {
        Interval { lo: self.value, hi: self.value + self.ulp - self.ulp / Decimal::ONE_HUNDRED }
    }
}

/// What a cell holds.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Empty,
    /// A mark for no value, such as a dash.
    Null,
    Number(Value),
    Words,
}

/// The part a row plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowKind {
    Header,
    Body,
    Subtotal,
    Total,
}

/// A table read by rows and columns.
#[derive(Debug)]
pub(crate) struct Grid {
    /// Header text of each column, header rows joined.
    pub header: Vec<String>,
    pub kinds: Vec<RowKind>,
    pub cells: Vec<Vec<Cell>>,
}

const TOTALS: &[&str] = &["合计", "总计", "共计", "总数", "全市合计", "合计数"];
const SUBTOTALS: &[&str] = &["小计"];
pub(crate) const NULL_MARKS: &[&str] = &["—", "——", "-", "--", "---", "/", "\\", "无", "N/A", "n/a", "…"];

/// Header words of columns whose numbers are names, not amounts.
const CODES: &[&str] = &["序号", "编号", "代码", "年份", "年度", "电话", "邮编", "学年", "排名", "名次"];

/// Header words of columns that do not add up.
const RATES: &[&str] = &["率", "比", "均", "满意度", "指数", "得分", "分数", "%", "增长", "增幅", "同比"];

impl Grid {
    pub fn of(table: &Table) -> Self {
        let width = table.rows.iter().map(|r| r.cells.len()).max().unwrap_or(0);
        // 序号 in front: a total stands under it and the names.
        let counted =
            table.rows.iter().filter(|r| r.cells.first().is_some_and(|c| number(c).is_some())).count();
        let counted = counted * 2 > table.rows.len();
        let aligned: Vec<Vec<String>> =
            table.rows.iter().map(|r| aligned(&r.cells, width, counted)).collect();
        let cells: Vec<Vec<Cell>> =
            aligned.iter().map(|r| (0..width).map(|c| cell(r.get(c))).collect()).collect();
        let header_rows = header_rows(&cells);
        let header = (0..width)
            .map(|c| {
                let words: Vec<&str> = table.rows[..header_rows]
                    .iter()
                    .filter_map(|r| r.cells.get(c))
                    .map(String::as_str)
                    .collect();
                words.concat()
            })
            .collect();
        let kinds =
            table.rows.iter().enumerate().map(|(i, row)| row_kind(i, header_rows, &row.cells)).collect();
        Self { header, kinds, cells }
    }

    pub fn width(&self) -> usize {
        self.header.len()
    }

    pub fn value(&self, row: usize, column: usize) -> Option<Value> {
        match self.cells.get(row)?.get(column)? {
            Cell::Number(value) => Some(*value),
            _ => None,
        }
    }

    pub fn rows(&self, kind: RowKind) -> impl Iterator<Item = usize> + '_ {
        (0..self.kinds.len()).filter(move |&r| self.kinds[r] == kind)
    }

    /// Whether a column holds amounts, at least two of them.
    pub fn is_amounts(&self, column: usize) -> bool {
        let header = &self.header[column];
        let numbers = self.rows(RowKind::Body).filter(|&r| self.value(r, column).is_some()).count();
        let words =
            self.rows(RowKind::Body).filter(|&r| matches!(self.cells[r][column], Cell::Words)).count();
        numbers >= 2 && words == 0 && !CODES.iter().any(|w| header.contains(w)) && !self.counts_rows(column)
    }

    /// Whether the column's amounts may be added.
    pub fn is_additive(&self, column: usize) -> bool {
        self.is_amounts(column)
            && self.adds_by_header(column)
            && self.rows(RowKind::Body).filter_map(|r| self.value(r, column)).all(|v| !v.percent)
    }

    /// Whether nothing in the column's header says that its numbers are rates.
    pub fn adds_by_header(&self, column: usize) -> bool {
        !RATES.iter().any(|w| self.header[column].contains(w))
    }

    /// 1, 2, 3, …: a row number without a header that says so.
    fn counts_rows(&self, column: usize) -> bool {
        let values: Vec<Decimal> =
            self.rows(RowKind::Body).filter_map(|r| self.value(r, column)).map(|v| v.value).collect();
        values.len() > 2 && values.iter().enumerate().all(|(i, v)| *v == Decimal::from(i + 1))
    }
}

/// A row as wide as its table: a total that lost its empty cells in a conversion stands at the right.
fn aligned(cells: &[String], width: usize, counted: bool) -> Vec<String> {
    let total = cells
        .first()
        .is_some_and(|name| TOTALS.contains(&name.as_str()) || SUBTOTALS.iter().any(|w| name.ends_with(w)));
    let full = cells.iter().all(|c| !c.is_empty());
    if !counted || !total || !full || cells.len() >= width {
        return cells.to_vec();
    }
    let gap = std::iter::repeat_n(String::new(), width - cells.len());
    cells[..1].iter().cloned().chain(gap).chain(cells[1..].iter().cloned()).collect()
}

fn header_rows(cells: &[Vec<Cell>]) -> usize {
    let leading =
        cells.iter().take_while(|row| !row.iter().any(|c| matches!(c, Cell::Number(_) | Cell::Null))).count();
    // A table of words alone has one header row.
    if leading == cells.len() { 1.min(cells.len()) } else { leading.min(3) }
}

fn row_kind(index: usize, header_rows: usize, cells: &[String]) -> RowKind {
    if index < header_rows {
        return RowKind::Header;
    }
    let names = cells.iter().filter(|c| !c.is_empty()).take(2);
    for name in names {
        if TOTALS.contains(&name.as_str()) {
            return RowKind::Total;
        }
        if SUBTOTALS.iter().any(|w| name.ends_with(w)) {
            return RowKind::Subtotal;
        }
    }
    RowKind::Body
}

fn cell(text: Option<&String>) -> Cell {
    let Some(text) = text.map(|t| t.trim()).filter(|t| !t.is_empty()) else { return Cell::Empty };
    if NULL_MARKS.contains(&text) {
        return Cell::Null;
    }
    number(text).map_or(Cell::Words, Cell::Number)
}

/// A whole cell as a number.
fn number(text: &str) -> Option<Value> {
    let (text, percent) = match text.strip_suffix('%') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let plain: String = text.chars().filter(|c| !matches!(c, ',' | '，')).collect();
    let digits = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fits = !whole.is_empty()
        && whole.len() <= 12
        && fraction.len() <= 6
        && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
        && !(whole.len() > 1 && whole.starts_with('0'));
    if !fits {
        return None;
    }
    let decimals = fraction.len() as u32;
    let value = plain.strip_prefix('+').unwrap_or(&plain).parse().ok()?;
    Some(Value { value, ulp: Decimal::new(1, decimals), decimals, percent })
}
