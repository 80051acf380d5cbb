//! The measures of a table: a value for each kind of school and year.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::table_name;
use crate::context::Context;
use crate::document::grid::{Grid, RowKind, Value};
use crate::finding::{Class, Severity};
use crate::interval::Interval;
use crate::metric::Metric;
use crate::quantity::{Kind, Quantity};
use crate::report::{Draft, Report};
use crate::scope::scopes;

/// One measure of a table.
pub(super) struct Series {
    pub table: usize,
    pub line: usize,
    pub label: String,
    pub verb: &'static str,
    unit: String,
    pub values: Vec<Column>,
}

/// One value of a measure.
pub(super) struct Column {
    /// The kind of school its header, or else the table's caption, names.
    pub scope: Vec<&'static str>,
    pub year: Option<i32>,
    pub value: Value,
    line: usize,
}

impl Series {
    /// Whether a figure of the text is counted in the series' unit.
    pub fn fits(&self, quantity: &Quantity) -> bool {
        let percent = quantity.kind == Kind::Percent;
        let unit = percent || self.unit.is_empty() || family(&self.unit) == quantity.family();
        unit && self.values.iter().all(|c| c.value.percent == percent)
    }

    /// Whether the values are of different kinds of school in one year, so that they add up to the whole.
    pub fn by_scope(&self) -> bool {
        let columns = &self.values;
        let distinct =
            |i: usize| columns[..i].iter().all(|c| c.scope != columns[i].scope && c.year == columns[i].year);
        columns.len() >= 2 && (0..columns.len()).all(|i| !columns[i].scope.is_empty() && distinct(i))
    }

    /// Unit as printed; empty where there is none.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// Units of the table in one unit of the text.
    pub fn scale(&self) -> Decimal {
        match self.unit.chars().next() {
            Some('万') => Decimal::from(10_000),
            Some('亿') => Decimal::from(100_000_000),
            _ => Decimal::ONE,
        }
    }

    pub fn scaled(&self, value: &Value) -> Option<Interval> {
        value.interval().times(Interval::exact(self.scale()))
    }
}

fn family(unit: &str) -> &str {
    match unit.trim_start_matches(['万', '亿']) {
        "名" | "位" => "人",
        "家" => "所",
        other => other,
    }
}

/// Kinds of school a text names.
fn schools(text: &str) -> Vec<&'static str> {
    scopes(text).into_iter().filter(|s| matches!(*s, "高职" | "中职" | "公办" | "民办")).collect()
}

/// Rows whose first cell names a measure; where the rows are years, or there is only one, columns whose header does.
pub(super) fn series_of(context: &Context<'_, '_>, table: usize, grid: &Grid) -> Vec<Series> {
    let rows = &context.document.tables[table].rows;
    let caption = context.document.tables[table].caption.map(|c| context.document.captions[c].title.as_str());
    let shape = Shape { table, caption: caption.unwrap_or("") };
    let body: Vec<usize> = grid.rows(RowKind::Body).collect();
    let first = |r: usize| rows[r].cells.first().map_or("", String::as_str);
    let years =
        !body.is_empty() && body.iter().all(|&r| year_of(first(r)).is_some_and(|(_, rest)| rest.is_empty()));
    let single = body.len() == 1 && grid.value(body[0], 0).is_some();
    if years || single {
        return (0..grid.width())
            .filter_map(|c| {
                let values = body.iter().filter_map(|&r| {
                    grid.value(r, c).map(|v| shape.column(if years { first(r) } else { "" }, v, rows[r].line))
                });
                shape.series(rows[body[0]].line, &grid.header[c], None, values.collect())
            })
            .collect();
    }
    let unit_column = (0..grid.width()).find(|&c| matches!(grid.header[c].as_str(), "单位" | "计量单位"));
    body.iter()
        .filter_map(|&r| {
            let unit = unit_column.and_then(|c| rows[r].cells.get(c)).cloned();
            let values = (1..grid.width())
                .filter_map(|c| grid.value(r, c).map(|v| shape.column(&grid.header[c], v, rows[r].line)));
            shape.series(rows[r].line, first(r), unit, values.collect())
        })
        .collect()
}

/// What all series of a table share.
struct Shape<'c> {
    table: usize,
    caption: &'c str,
}

impl Shape<'_> {
    fn series(&self, line: usize, label: &str, unit: Option<String>, values: Vec<Column>) -> Option<Series> {
        if values.is_empty() || label.chars().count() < 4 {
            return None;
        }
        let metric = Metric::of(label);
        let bracketed =
            label.strip_suffix('）').and_then(|l| l.rsplit_once('（')).map(|(_, unit)| unit.to_owned());
        let unit = bracketed.or(unit).unwrap_or_default();
        metric.tells().then(|| Series {
            table: self.table,
            line,
            label: label.to_owned(),
            verb: metric.verb,
            unit,
            values,
        })
    }

    fn column(&self, header: &str, value: Value, line: usize) -> Column {
        let own = schools(header);
        let scope = if own.is_empty() { schools(self.caption) } else { own };
        Column { scope, year: year_of(header).map(|(year, _)| year), value, line }
    }
}

/// `2025年高职院校`: the year a header begins with, and the rest.
fn year_of(header: &str) -> Option<(i32, &str)> {
    let year = header.get(..4)?.parse().ok().filter(|y| (1949..=2100).contains(y))?;
    let rest = &header[4..];
    let rest = ["年度", "学年", "年"].iter().find_map(|w| rest.strip_prefix(w)).unwrap_or(rest);
    (!rest.starts_with(|c: char| c.is_ascii_digit() || c == '.')).then_some((year, rest))
}

/// The same measure, kind of school and year in two tables with two values.
pub(super) fn check(context: &Context<'_, '_>, index: &HashMap<String, Vec<Series>>, report: &mut Report) {
    let mut groups: Vec<&Vec<Series>> = index.values().filter(|g| g.len() > 1).collect();
    groups.sort_by_key(|g| g[0].line);
    for group in groups {
        for (i, a) in group.iter().enumerate().take(12) {
            for b in group[i + 1..]
                .iter()
                .take(12)
                .filter(|b| b.table != a.table && family(&b.unit) == family(&a.unit))
            {
                compare(context, a, b, report);
            }
        }
    }
}

fn compare(context: &Context<'_, '_>, a: &Series, b: &Series, report: &mut Report) {
    for x in &a.values {
        let year = x.year.or(context.year());
        let same = b.values.iter().find(|y| {
            !x.scope.is_empty()
                && y.scope == x.scope
                && y.year.or(context.year()) == year
                && y.value.percent == x.value.percent
        });
        let Some(y) = same else { continue };
        let (Some(left), Some(right)) = (a.scaled(&x.value), b.scaled(&y.value)) else { continue };
        if left.meets(right) {
            continue;
        }
        let (first, second) = (table_name(context, a.table), table_name(context, b.table));
        report.add(Draft {
            class: Class::Contradiction,
            severity: Severity::Warning,
            rule: "contradiction.tables",
            zh: format!("“{}”在{first}为{}，在{second}为{}。", a.label, x.value.shown(), y.value.shown()),
            en: format!(
                "“{}” is {} in one table and {} in another.",
                a.label,
                x.value.shown(),
                y.value.shown()
            ),
            locations: vec![context.document.quote_line(y.line), context.document.quote_line(x.line)],
            expected: x.value.shown(),
            actual: y.value.shown(),
            computation: "两表的指标、学校类别和年份相同。".into(),
            computation_en: "The two tables have the same indicator, kind of school and year.".into(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::year_of;

    #[test]
    fn years_of_headers() {
        assert_eq!(year_of("2025年高职院校"), Some((2025, "高职院校")));
        assert_eq!(year_of("2025年度"), Some((2025, "")));
        assert_eq!(year_of("2025.5"), None);
        assert_eq!(year_of("项目"), None);
    }
}
