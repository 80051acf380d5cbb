//! Tables: totals, subtotals, merged groups, shares and row sums.

use rust_decimal::Decimal;

use super::Verdict;
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

/// A cell that does not say what it should.
struct Wrong {
    row: usize,
    printed: Value,
    computed: Interval,
    verdict: Verdict,
    words: String,
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
        if !self.grid.is_additive(column) && !(percent && self.grid.is_amounts(column)) {
            return;
        }
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
                        self.compare_total(row, printed, &[&all, &block, &subtotals], column, report);
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
            self.compare_total(row, printed, &[&all, &subtotals], column, report);
        }
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

    /// A column of shares against the amounts left of it and their total.
    fn shares(&self, column: usize, report: &mut Report) {
        let header = &self.grid.header[column];
        let is_share = ["占比", "比例", "比重", "份额", "百分比"].iter().any(|w| header.contains(w));
        if !is_share || column == 0 {
            return;
        }
        let amounts = column - 1;
        let total =
            self.grid.rows(RowKind::Total).last().and_then(|r| self.grid.value(r, amounts).map(|v| (r, v)));
        let Some((total_row, total)) = total.filter(|(_, t)| !t.percent && t.value > Decimal::ZERO) else {
            return;
        };
        let mut wrong: Vec<Wrong> = Vec::new();
        let mut right = 0;
        let mut near = true;
        for row in self.grid.rows(RowKind::Body) {
            let (Some(part), Some(printed)) = (self.grid.value(row, amounts), self.grid.value(row, column))
            else {
                continue;
            };
            let Some(computed) = part.interval().percent_of(total.interval()) else { continue };
            let verdict = verdict(&printed, computed);
            if verdict == Verdict::Follows {
                right += 1;
                continue;
            }
            near &= computed.gap(printed.interval()) <= Decimal::new(5, 1);
            let words = format!(
                "{}÷{}={}%，印作{}",
                part.shown(),
                total.shown(),
                show(computed.mid(), printed.decimals + 2),
                printed.shown()
            );
            wrong.push(Wrong { row, printed, computed, verdict, words });
        }
        if wrong.is_empty() || !(right >= wrong.len() || near) {
            return;
        }
        self.add_shares(wrong, total_row, report);
    }

    fn add_shares(&self, wrong: Vec<Wrong>, total_row: usize, report: &mut Report) {
        let truncated = wrong.iter().all(|w| w.verdict == Verdict::Truncated);
        let join = |f: &dyn Fn(&Wrong) -> String| wrong.iter().map(f).collect::<Vec<_>>().join("、");
        let expected = join(&|w| w.printed.shown_as(w.computed.mid()));
        let actual = join(&|w| w.printed.shown());
        let rows = join(&|w| self.label(w.row).to_owned());
        let mut locations: Vec<Location> = wrong.iter().map(|w| self.row(w.row)).collect();
        locations.push(self.row(total_row));
        report.add(Draft {
            class: Class::Arithmetic,
            severity: if truncated { Severity::Warning } else { Severity::Error },
            rule: if truncated { "arithmetic.truncated" } else { "arithmetic.table-share" },
            zh: format!("{}“{rows}”的占比应为{expected}，印作{actual}。", self.name()),
            en: format!("{}: the shares at “{rows}” should be {expected}, not {actual}.", self.name()),
            locations,
            computation: join(&|w| w.words.clone()),
            expected,
            actual,
        });
    }

    /// A column 合计 against the amounts beside it.
    fn row_totals(&self, report: &mut Report) {
        let is_total = |h: &str| ["合计", "总计", "小计", "共计"].iter().any(|w| h.starts_with(w));
        let Some(total) = (0..self.grid.width()).find(|&c| is_total(&self.grid.header[c])) else { return };
        let parts: Vec<usize> =
            (0..self.grid.width()).filter(|&c| c != total && self.grid.is_additive(c)).collect();
        if parts.len() < 2 {
            return;
        }
        let mut right = 0;
        let mut wrong = Vec::new();
        for row in self.grid.rows(RowKind::Body) {
            let Some(printed) = self.grid.value(row, total).filter(|v| !v.percent) else { continue };
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
                expected,
                actual: printed.shown(),
            });
        }
    }

    /// A column 增长率 against the two amounts left of it.
    fn growth(&self, report: &mut Report) {
        for column in 2..self.grid.width() {
            let header = &self.grid.header[column];
            if !["增长率", "增幅", "同比增长", "增长（%）", "增速"].iter().any(|w| header.contains(w))
            {
                continue;
            }
            let mut best: Option<(usize, Vec<Wrong>)> = None;
            for (now, before) in [(column - 2, column - 1), (column - 1, column - 2)] {
                let (right, wrong) = self.growth_rows(column, now, before);
                if best.as_ref().is_none_or(|(r, _)| right > *r) {
                    best = Some((right, wrong));
                }
            }
            let Some((right, wrong)) = best.filter(|(right, wrong)| *right >= 2 * wrong.len().max(1)) else {
                continue;
            };
            for w in wrong {
                let expected = w.printed.shown_as(w.computed.mid());
                report.add(Draft {
                    class: Class::Arithmetic,
                    severity: if w.verdict == Verdict::Truncated {
                        Severity::Warning
                    } else {
                        Severity::Error
                    },
                    rule: "arithmetic.table-growth",
                    zh: format!(
                        "{}“{}”的增幅应为{expected}，印作{}。",
                        self.name(),
                        self.label(w.row),
                        w.printed.shown()
                    ),
                    en: format!(
                        "{}: the growth at “{}” is {expected}, not {}.",
                        self.name(),
                        self.label(w.row),
                        w.printed.shown()
                    ),
                    locations: vec![self.row(w.row)],
                    computation: format!("{}；同列其他{right}行均相符。", w.words),
                    expected,
                    actual: w.printed.shown(),
                });
            }
        }
    }

    fn growth_rows(&self, column: usize, now: usize, before: usize) -> (usize, Vec<Wrong>) {
        let mut right = 0;
        let mut wrong = Vec::new();
        for row in self.grid.rows(RowKind::Body) {
            let values =
                (self.grid.value(row, now), self.grid.value(row, before), self.grid.value(row, column));
            let (Some(n), Some(b), Some(printed)) = values else { continue };
            let computed = n.interval().minus(b.interval()).and_then(|d| d.percent_of(b.interval()));
            let Some(computed) = computed else { continue };
            let verdict = verdict(&printed, computed);
            if verdict == Verdict::Follows {
                right += 1;
            } else {
                let words =
                    format!("({}-{})÷{}={}%", n.shown(), b.shown(), b.shown(), show(computed.mid(), 4));
                wrong.push(Wrong { row, printed, computed, verdict, words });
            }
        }
        (right, wrong)
    }
}

fn verdict(printed: &Value, computed: Interval) -> Verdict {
    let rounded = Interval::rounded(printed.value, printed.ulp);
    if rounded.meets(computed) {
        Verdict::Follows
    } else if printed.truncated().meets(computed) {
        Verdict::Truncated
    } else {
        Verdict::Differs
    }
}
