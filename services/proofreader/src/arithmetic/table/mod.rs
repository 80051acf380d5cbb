//! Tables: totals, subtotals, merged groups, shares and row sums.

mod rates;

use rust_decimal::Decimal;

use crate::context::Context;
use crate::document::Table;
use crate::document::grid::{Grid, RowKind, Value};
use crate::finding::{Class, Location, Severity};
use crate::interval::{Interval, show};
use crate::report::{Draft, Report};

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    for table in &context.document.tables {
        let grid = Grid::of(table);
        let check = Check { context, table, grid: &grid };
        for column in 0..grid.width() {
            check.total(column, report);
            check.groups(column, report);
            check.shares(column, report);
        }
        check.row_totals(report);
        check.growth(report);
    }
}

struct Check<'c, 'a, 'o> {
    context: &'c Context<'a, 'o>,
    table: &'c Table,
    grid: &'c Grid,
}

impl Check<'_, '_, '_> {
    fn name(&self) -> String {
        let caption = self.table.caption.map(|c| &self.context.document.captions[c]);
        caption.map_or_else(|| "表".to_owned(), |c| c.label.to_string())
    }

    fn row(&self, row: usize) -> Location {
        self.context.document.quote_line(self.table.rows[row].line)
    }

    fn label(&self, row: usize) -> &str {
        let cells = &self.table.rows[row].cells;
        cells
            .iter()
            .find(|c| !c.is_empty() && !c.chars().all(|c| c.is_ascii_digit()))
            .map_or("", String::as_str)
    }

    fn sum(&self, rows: &[usize], column: usize) -> Option<(Interval, usize)> {
        let mut sum = Interval::exact(Decimal::ZERO);
        let mut count = 0;
        for value in rows.iter().filter_map(|&r| self.grid.value(r, column)) {
            sum = sum.plus(value.interval())?;
            count += 1;
        }
        (count >= 2).then_some((sum, count))
    }

    /// The total row of a column against the rows above it.
    fn total(&self, column: usize, report: &mut Report) {
        let percent =
            self.grid.rows(RowKind::Body).filter_map(|r| self.grid.value(r, column)).any(|v| v.percent);
        let adds = self.grid.is_additive(column) || percent && self.grid.is_amounts(column);
        if !adds {
            return;
        }
        // A conversion may print a merged cell's number once per row.
        let single = self.unrepeated(column);
        let mut block: Vec<usize> = Vec::new();
        let mut all: Vec<usize> = Vec::new();
        let mut subtotals: Vec<usize> = Vec::new();
        for (row, kind) in self.grid.kinds.iter().enumerate() {
            let printed = self.grid.value(row, column);
            match kind {
                RowKind::Header => {}
                RowKind::Body => {
                    block.push(row);
                    all.push(row);
                }
                RowKind::Subtotal => {
                    if let Some(printed) = printed.filter(|_| !percent) {
                        self.compare_total(row, printed, &[&block], column, report);
                    }
                    subtotals.push(row);
                    block.clear();
                }
                RowKind::Total => {
                    if let Some(printed) = printed.filter(|p| !percent || p.value == Decimal::ONE_HUNDRED) {
                        self.compare_total(
                            row,
                            printed,
                            &[&all, &block, &subtotals, &single],
                            column,
                            report,
                        );
                    }
                }
            }
        }
        // A total may also stand above its rows.
        let first = self.grid.rows(RowKind::Total).next().zip(self.grid.rows(RowKind::Body).next());
        if let Some((row, body)) = first.filter(|(t, b)| t < b)
            && let Some(printed) =
                self.grid.value(row, column).filter(|p| !percent || p.value == Decimal::ONE_HUNDRED)
        {
            let _ = body;
            self.compare_total(row, printed, &[&all, &subtotals, &single], column, report);
        }
    }

    /// Body rows whose number is not that of the row before, under the same words.
    fn unrepeated(&self, column: usize) -> Vec<usize> {
        let words = |row: usize| column.checked_sub(1).and_then(|c| self.table.rows[row].cells.get(c));
        let body: Vec<usize> = self.grid.rows(RowKind::Body).collect();
        let number = |row: usize| self.grid.value(row, column).map(|v| v.value);
        let repeats = |a: usize, b: usize| number(a) == number(b) && words(a) == words(b);
        body.iter()
            .enumerate()
            .filter(|&(i, &row)| i == 0 || !repeats(body[i - 1], row))
            .map(|(_, &row)| row)
            .collect()
    }

    fn compare_total(
        &self,
        row: usize,
        printed: Value,
        ways: &[&[usize]],
        column: usize,
        report: &mut Report,
    ) {
        let sums: Vec<(Interval, &[usize])> =
            ways.iter().filter_map(|rows| self.sum(rows, column).map(|(sum, _)| (sum, *rows))).collect();
        if sums.is_empty() || sums.iter().any(|(sum, _)| sum.meets(printed.interval())) {
            return;
        }
        let (sum, rows) = sums[0];
        let size = printed.value.abs().max(Decimal::ONE);
        let near = sum.gap(printed.interval()) <= size * Decimal::new(3, 1);
        let expected = printed.shown_as(sum.mid());
        let header = &self.grid.header[column];
        let mut locations = vec![self.row(row)];
        locations.extend(rows.iter().take(40).map(|&r| self.row(r)));
        report.add(Draft {
            class: Class::Arithmetic,
            severity: if near { Severity::Error } else { Severity::Warning },
            rule: "arithmetic.table-total",
            zh: format!("{}“{header}”列各行相加为{expected}，合计印作{}。", self.name(), printed.shown()),
            en: format!(
                "{}: column “{header}” adds up to {expected}, the total says {}.",
                self.name(),
                printed.shown()
            ),
            locations,
            expected,
            actual: printed.shown(),
            computation: format!("{}={}。", self.terms(rows, column), show(sum.mid(), printed.decimals + 2)),
            computation_en: format!(
                "{}={}.",
                self.terms(rows, column),
                show(sum.mid(), printed.decimals + 2)
            ),
        });
    }

    fn terms(&self, rows: &[usize], column: usize) -> String {
        let shown: Vec<String> =
            rows.iter().filter_map(|&r| self.grid.value(r, column)).map(|v| v.shown()).collect();
        shown.join("+")
    }

    /// A column with one number for several rows against the numbers of those rows.
    fn groups(&self, column: usize, report: &mut Report) {
        let Some((source, starts)) = self.merged(column) else { return };
        let body: Vec<usize> = self.grid.rows(RowKind::Body).collect();
        let mut wrong: Vec<(usize, Value, Interval, Vec<usize>)> = Vec::new();
        for (i, &start) in starts.iter().enumerate() {
            let end = starts.get(i + 1).copied().unwrap_or(usize::MAX);
            let rows: Vec<usize> = body.iter().copied().filter(|&r| r >= start && r < end).collect();
            let (Some(printed), Some((sum, _))) = (self.grid.value(start, column), self.sum(&rows, source))
            else {
                continue;
            };
            if !sum.meets(printed.interval()) {
                wrong.push((start, printed, sum, rows));
            }
        }
        if wrong.len() * 2 > starts.len() {
            return;
        }
        for (row, printed, sum, rows) in wrong {
            let expected = printed.shown_as(sum.mid());
            report.add(Draft {
                class: Class::Arithmetic,
                severity: Severity::Error,
                rule: "arithmetic.table-group",
                zh: format!("{}合并单元格{}应为所含各行之和{expected}。", self.name(), printed.shown()),
                en: format!(
                    "{}: the merged cell {} should be the sum of its rows, {expected}.",
                    self.name(),
                    printed.shown()
                ),
                locations: rows.iter().map(|&r| self.row(r)).collect(),
                computation: format!("{}={}。", self.terms(&rows, source), show(sum.mid(), 4)),
                computation_en: format!("{}={}.", self.terms(&rows, source), show(sum.mid(), 4)),
                expected,
                actual: self.grid.value(row, column).map_or_else(String::new, |v| v.shown()),
            });
        }
    }

    /// The full column a merged one summarises (with the same header), and the rows its numbers start at.
    fn merged(&self, column: usize) -> Option<(usize, Vec<usize>)> {
        let body: Vec<usize> = self.grid.rows(RowKind::Body).collect();
        let starts: Vec<usize> =
            body.iter().copied().filter(|&r| self.grid.value(r, column).is_some()).collect();
        let blank = body.iter().all(|&r| {
            self.grid.value(r, column).is_some()
                || matches!(self.grid.cells[r][column], crate::document::grid::Cell::Empty)
        });
        let merged =
            blank && !starts.is_empty() && starts.len() < body.len() && starts.first() == body.first();
        if !merged || self.grid.value(starts[0], column)?.percent {
            return None;
        }
        let source = (0..column).find(|&c| {
            self.grid.header[c] == self.grid.header[column]
                && body.iter().all(|&r| self.grid.value(r, c).is_some_and(|v| !v.percent))
        })?;
        Some((source, starts))
    }

    /// A column 合计 against the amounts beside it.
    fn row_totals(&self, report: &mut Report) {
        let is_total = |h: &str| ["合计", "总计", "小计", "共计"].iter().any(|w| h.starts_with(w));
        let Some(total) = (0..self.grid.width()).find(|&c| is_total(&self.grid.header[c])) else { return };
        let parts: Vec<usize> = (0..self.grid.width())
            .filter(|&c| c != total && self.grid.is_amounts(c) && self.grid.adds_by_header(c))
            .collect();
        if parts.len() < 2 {
            return;
        }
        let mut right = 0;
        let mut wrong = Vec::new();
        for row in self.grid.rows(RowKind::Body) {
            let Some(printed) = self.grid.value(row, total).filter(|v| !v.percent) else { continue };
            if parts.iter().any(|&c| self.grid.value(row, c).is_some_and(|v| v.percent)) {
                continue;
            }
            let sum = parts
                .iter()
                .filter_map(|&c| self.grid.value(row, c))
                .try_fold(Interval::exact(Decimal::ZERO), |sum, v| sum.plus(v.interval()));
            match sum {
                Some(sum) if sum.meets(printed.interval()) => right += 1,
                Some(sum) => wrong.push((row, printed, sum)),
                None => {}
            }
        }
        if wrong.is_empty() || right < 2 * wrong.len() {
            return;
        }
        for (row, printed, sum) in wrong {
            let expected = printed.shown_as(sum.mid());
            report.add(Draft {
                class: Class::Arithmetic,
                severity: Severity::Error,
                rule: "arithmetic.table-row",
                zh: format!(
                    "{}“{}”一行各项相加为{expected}，合计印作{}。",
                    self.name(),
                    self.label(row),
                    printed.shown()
                ),
                en: format!(
                    "{}: row “{}” adds up to {expected}, not {}.",
                    self.name(),
                    self.label(row),
                    printed.shown()
                ),
                locations: vec![self.row(row)],
                computation: format!("同表其他{right}行的合计均等于各项之和。"),
                computation_en: format!(
                    "In the other {right} rows of the table the total is the sum of its items."
                ),
                expected,
                actual: printed.shown(),
            });
        }
    }
}
