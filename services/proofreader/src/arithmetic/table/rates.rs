//! Columns of shares and of growth against the amounts beside them.

use rust_decimal::Decimal;

use super::Check;
use crate::arithmetic::Verdict;
use crate::document::grid::{RowKind, Value};
use crate::finding::{Class, Location, Severity};
use crate::interval::{Interval, show};
use crate::report::{Draft, Report};

/// A cell that does not say what it should.
struct Wrong {
    row: usize,
    part: Decimal,
    printed: Value,
    computed: Interval,
    verdict: Verdict,
    words: String,
}

impl Check<'_, '_, '_> {
    /// A column of shares against the amounts left of it and their total.
    pub(super) fn shares(&self, column: usize, report: &mut Report) {
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
            if wrong.last().is_some_and(|w: &Wrong| w.part == part.value && w.printed.value == printed.value)
            {
                continue;
            }
            near &= computed.gap(printed.interval()) <= Decimal::new(5, 1);
            let words =
                format!("{}÷{}={}%", part.shown(), total.shown(), show(computed.mid(), printed.decimals + 2));
            wrong.push(Wrong { row, part: part.value, printed, computed, verdict, words });
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
            computation: join(&|w| format!("{}，印作{}", w.words, w.printed.shown())) + "。",
            computation_en: join(&|w| format!("{}, printed as {}", w.words, w.printed.shown())) + ".",
            expected,
            actual,
        });
    }

    /// A column 增长率 against the two amounts left of it.
    pub(super) fn growth(&self, report: &mut Report) {
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
                    computation_en: format!("{}; the other {right} rows of the column agree.", w.words),
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
                wrong.push(Wrong { row, part: n.value, printed, computed, verdict, words });
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
