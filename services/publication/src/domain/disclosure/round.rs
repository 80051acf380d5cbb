//! Rounding that holds against readers who subtract (decision 67).
//!
//! Whoever knows the exact totals, the rounded counts, the order that counts of one report are known to have, and every
//! exact count of the reports that withhold nothing, must be left with another possible world for each small count: one
//! that looks the same from outside, and in which this count is another. Such a world is looked for with two reports that
//! withhold: one gives one person to the other.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Disclosure, Hidden};
use crate::domain::{
    figure::Reading,
    pin::{PinnedIndicator, PinnedReport},
};

/// The nearest multiple of `base`, half up.
pub fn rounded(number: Decimal, base: u32) -> Decimal {
    let base = Decimal::from(base);
    (number / base).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero) * base
}

/// The listed counts of a family in the reports of one kind.
pub struct Rounding<'a> {
    rules: &'a Disclosure,
    base: u32,
    /// The reports of every kind, at their places, with the cells of the family alone.
    reports: Vec<PinnedReport>,
    kind: &'a str,
    family: &'a BTreeSet<String>,
    /// The counts that are rounded.
    counts: Vec<&'a str>,
    /// The counts that are no larger than another in any report of the kind, with that other. Readers may know it:
    /// whoever found work has graduated.
    order: Vec<(&'a str, &'a str)>,
    /// Whether a count follows from others by a formula: rounded by itself it would contradict them.
    is_derived: bool,
}

impl<'a> Rounding<'a> {
    pub fn of(
        rules: &'a Disclosure,
        base: u32,
        reports: &[PinnedReport],
        indicators: &'a BTreeMap<String, PinnedIndicator>,
        kind: &'a str,
        family: &'a BTreeSet<String>,
    ) -> Self {
        let counts: Vec<&str> = family.intersection(&rules.indicators).map(String::as_str).collect();
        let unit = |code: &str| indicators.get(code).map(|found| &found.unit);
        // What is withheld stays as it is in the other world, so a count may not pass it either.
        let all = family.iter().map(String::as_str);
        let pairs = all.flat_map(|of| family.iter().map(move |to| (of, to.as_str())));
        let order = pairs
            .filter(|(of, to)| {
                of != to && (counts.contains(of) || counts.contains(to)) && unit(of) == unit(to)
            })
            .filter(|(of, to)| is_ordered(reports, kind, of, to))
            .collect();
        let is_derived =
            counts.iter().any(|code| indicators.get(*code).is_some_and(|found| !found.formula.is_empty()));
        let slim = |report: &PinnedReport| {
            let cells = report.cells.iter().filter(|(code, _)| family.contains(*code));
            let cells = cells.map(|(code, reading)| (code.clone(), *reading)).collect();
            PinnedReport {
                submission_id: String::new(),
                revision: report.revision,
                kind: report.kind.clone(),
                organisation: String::new(),
                subject: String::new(),
                accept_time: None,
                cells,
            }
        };
        let reports = reports.iter().map(slim).collect();
        Self { rules, base, reports, kind, family, counts, order, is_derived }
    }

    /// Who withholds what is not rounded: as few as will do. Nothing where not even all of the kind would do.
    pub fn hidden(&self) -> Option<Hidden> {
        if self.is_derived {
            return None;
        }
        let most = self.reports.iter().filter(|report| report.kind == self.kind).count();
        let mut before = BTreeSet::new();
        for institutions in self.rules.institutions..=most {
            let withheld = self.rules.of_kind(&self.reports, self.kind, self.family, institutions);
            if withheld == before {
                continue;
            }
            if self.holds(&withheld, institutions) {
                return Some(Hidden { withheld, base: Some(self.base) });
            }
            before = withheld;
        }
        None
    }

    /// Whether every small count has another possible world.
    fn holds(&self, withheld: &BTreeSet<usize>, institutions: usize) -> bool {
        withheld.iter().all(|place| {
            let cells = &self.reports[*place].cells;
            let small = self.counts.iter().filter(|code| self.rules.is_small(code, cells.get(**code)));
            let mut small = small.copied();
            small.all(|code| {
                let others = withheld.iter().filter(|other| *other != place);
                others
                    .flat_map(|other| [(Decimal::ONE, other), (-Decimal::ONE, other)])
                    .any(|(step, other)| self.is_possible(*place, *other, code, step, withheld, institutions))
            })
        })
    }

    /// Whether the world in which report `place` has `step` more of `code`, and `other` as many less, looks the same.
    fn is_possible(
        &self,
        place: usize,
        other: usize,
        code: &str,
        step: Decimal,
        withheld: &BTreeSet<usize>,
        institutions: usize,
    ) -> bool {
        // Sums over the reports that answer two indicators tell apart reports that answer different ones.
        if !self.answer_alike(place, other) {
            return false;
        }
        let Some(codes) = self.moved_along(place, other, code, step) else { return false };
        let here = self.moved(place, &codes, step);
        let there = self.moved(other, &codes, -step);
        let (Some(here), Some(there)) = (here, there) else { return false };
        let mut world = self.reports.clone();
        let small_before = [place, other].map(|place| self.rules.has_small(&world[place], self.family));
        world[place] = here;
        world[other] = there;
        let small = [place, other].map(|place| self.rules.has_small(&world[place], self.family));
        // The same reports have small counts there, and the same withhold: that they do tells nothing.
        small == small_before && self.rules.of_kind(&world, self.kind, self.family, institutions) == *withheld
    }

    fn answer_alike(&self, place: usize, other: usize) -> bool {
        let answers = |place: usize, code: &String| number(&self.reports[place], code).is_some();
        self.family.iter().all(|code| answers(place, code) == answers(other, code))
    }

    /// The counts that must move together so that the order holds in both reports; nothing if one cannot move.
    fn moved_along(
        &self,
        place: usize,
        other: usize,
        code: &str,
        step: Decimal,
    ) -> Option<BTreeSet<&'a str>> {
        let code = self.counts.iter().copied().find(|count| *count == code)?;
        let mut codes = BTreeSet::from([code]);
        let mut open = vec![code];
        while let Some(code) = open.pop() {
            for (place, step) in [(place, step), (other, -step)] {
                let value = number(&self.reports[place], code)?;
                let touched = self.order.iter().filter_map(|(of, to)| match step > Decimal::ZERO {
                    true if *of == code => Some(*to),
                    false if *to == code => Some(*of),
                    _ => None,
                });
                for next in touched {
                    let room = number(&self.reports[place], next).map(|next| (next - value).abs());
                    if room.is_some_and(|room| room < Decimal::ONE) && codes.insert(next) {
                        // What is withheld and not counted does not move.
                        if !self.counts.contains(&next) {
                            return None;
                        }
                        open.push(next);
                    }
                }
            }
        }
        Some(codes)
    }

    /// The report with `step` more of each of `codes`; nothing where that shows.
    fn moved(&self, place: usize, codes: &BTreeSet<&str>, step: Decimal) -> Option<PinnedReport> {
        let mut report = self.reports[place].clone();
        for code in codes {
            let value = number(&report, code)?;
            let moved = value + step;
            if moved < Decimal::ZERO || rounded(moved, self.base) != rounded(value, self.base) {
                return None;
            }
            report.cells.insert((*code).to_owned(), Reading::Number(moved));
        }
        Some(report)
    }
}

fn number(report: &PinnedReport, code: &str) -> Option<Decimal> {
    match report.cells.get(code) {
        Some(Reading::Number(number)) => Some(*number),
        _ => None,
    }
}

/// Whether `of` is nowhere more than `to` in the reports of a kind that tell both.
fn is_ordered(reports: &[PinnedReport], kind: &str, of: &str, to: &str) -> bool {
    let told = reports.iter().filter(|report| report.kind == kind);
    let mut both = told.filter_map(|report| Some((number(report, of)?, number(report, to)?))).peekable();
    both.peek().is_some() && both.all(|(of, to)| of <= to)
}
