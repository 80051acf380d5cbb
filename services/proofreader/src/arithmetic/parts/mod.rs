//! Sums: 其中, 包括 and the parts that should add up.

mod breakdown;
mod changes;
mod words;

use rust_decimal::Decimal;

use super::{slip::slipped, stands_beside, sums_with_neighbours};
use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::entry::Facts;
use crate::finding::{Class, Severity};
use crate::interval::{Interval, show};
use crate::report::{Draft, Report};
use crate::scope::share_a_noun;
use words::{disjoint, leaves_nothing_out, names_its_whole, of_one_kind, overlaps};

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let facts = &context.facts;
    for index in 0..facts.entries.len() {
        let entry = &facts.entries[index];
        if entry.parts.is_empty() || facts.claim_of(index).role != Role::Level {
            continue;
        }
        levels(context, index, report);
        changes::check(context, index, report);
    }
    breakdown::check(context, report);
}

/// Sum of the parts of an entry, where all are levels.
pub(super) fn sum(facts: &Facts, parts: &[usize]) -> Option<Interval> {
    parts.iter().try_fold(Interval::exact(Decimal::ZERO), |sum, &part| {
        sum.plus(facts.claim_of(part).quantity.interval)
    })
}

/// Whether the parts of an entry make up the whole, as far as rounding shows.
pub(super) fn adds_up(facts: &Facts, entry: usize) -> bool {
    let parts = &facts.entries[entry].parts;
    let total = facts.claim_of(entry).quantity.interval;
    parts.len() >= 2 && sum(facts, parts).is_some_and(|sum| sum.meets(total))
}

fn levels(context: &Context<'_, '_>, index: usize, report: &mut Report) {
    let facts = &context.facts;
    let entry = &facts.entries[index];
    let total = facts.claim_of(index);
    let Some(sum) = sum(facts, &entry.parts) else { return };
    if sum.meets(total.quantity.interval) || total.quantity.value <= Decimal::ZERO {
        return;
    }
    let gap = sum.gap(total.quantity.interval) / total.quantity.value;
    let labels: Vec<&str> = entry.parts.iter().map(|&p| facts.claim_of(p).label()).collect();
    let over = sum.lo > total.quantity.interval.hi;
    if over && !names_its_whole(&labels, total.label()) && fits_neighbours(context, index, sum) {
        return;
    }
    let severity = if over {
        let part = facts.claim_of(entry.parts[0]);
        let one_noun = !["个", "项", "门", "种", "次"].contains(&total.quantity.unit)
            || part.subject.is_empty()
            || share_a_noun(part.label(), total.label());
        if entry.parts.len() == 1 && !one_noun {
            return;
        }
        severity_over(&labels, entry.parts.len(), gap, entry.complete).or_else(|| {
            (is_list(context, &entry.parts) && disjoint(&labels) && gap <= QUARTER)
                .then_some(Severity::Warning)
        })
    } else {
        severity_under(&labels, entry.parts.len(), gap, entry.complete).or_else(|| {
            let slip = entry.parts.len() >= 2
                && disjoint(&labels)
                && gap <= QUARTER
                && slipped(&total.quantity, sum);
            slip.then_some(Severity::Warning)
        })
    };
    let Some(severity) = severity else { return };
    add(context, index, sum, severity, report);
}

/// A quarter of a total: a sum further off is a sum of something else.
const QUARTER: Decimal = Decimal::from_parts(25, 0, 0, false, 2);

/// Whether the parts are the items of one list, joined by 、 throughout.
fn is_list(context: &Context<'_, '_>, parts: &[usize]) -> bool {
    let facts = &context.facts;
    parts.len() >= 2
        && parts.windows(2).all(|pair| {
            let (a, b) = (facts.claim_of(pair[0]), facts.claim_of(pair[1]));
            let text = context.document.paragraphs[a.paragraph].text();
            let between = &text[a.quantity.end..b.quantity.start];
            a.paragraph == b.paragraph && between.contains('、') && !between.contains(['，', '；', '。'])
        })
}

/// `高职20所，中职30所，其中公办40所`: the parts may be of all that was listed before them.
fn fits_neighbours(context: &Context<'_, '_>, index: usize, sum: Interval) -> bool {
    let facts = &context.facts;
    let whole = facts.claim_of(index);
    let text = context.document.paragraphs[whole.paragraph].text();
    let mut next = whole;
    let beside = |entry: usize, c: &Claim| {
        let same = stands_beside(c, whole)
            && c.bracket == whole.bracket
            && c.role == Role::Level
            && facts.entries[entry].parts.is_empty()
            && facts.entries[entry].parent == facts.entries[index].parent;
        // 在7个国家建校9所: what is not listed side by side is not counted together.
        let between = text.get(c.quantity.end..next.quantity.start).unwrap_or_default();
        next = facts.claim_of(entry);
        same && between.contains(['，', '、', '和', '及'])
    };
    sums_with_neighbours(facts, index, NEIGHBOURS, beside).any(|(_, all)| sum.lo <= all.hi)
}

/// How many levels listed before a whole may be counted together with it.
const NEIGHBOURS: usize = 40;

fn severity_over(labels: &[&str], parts: usize, gap: Decimal, complete: bool) -> Option<Severity> {
    let quarter = Decimal::new(25, 2);
    if parts == 1 {
        return Some(Severity::Error);
    }
    if labels.iter().any(|l| overlaps(l)) && !complete && !leaves_nothing_out(labels) {
        return None;
    }
    let one_kind = complete || of_one_kind(labels);
    match (one_kind, gap <= quarter) {
        (true, true) => Some(Severity::Error),
        (true, false) => Some(Severity::Warning),
        (false, _) => {
            let near = if parts >= 3 { Decimal::new(6, 2) } else { Decimal::new(2, 2) };
            (gap <= near).then_some(Severity::Warning)
        }
    }
}

fn severity_under(labels: &[&str], parts: usize, gap: Decimal, complete: bool) -> Option<Severity> {
    if parts < 2 {
        return None;
    }
    if complete || leaves_nothing_out(labels) {
        return (gap <= Decimal::new(25, 2)).then_some(Severity::Error);
    }
    let near = gap <= Decimal::new(5, 2) && of_one_kind(labels);
    near.then_some(Severity::Warning)
}

/// The one part without which the sum is what is printed.
fn forgotten<'f>(facts: &'f Facts, parts: &[usize], total: &Claim) -> Option<&'f Claim> {
    if parts.len() < 3 {
        return None;
    }
    let mut hits = parts.iter().filter(|&&skipped| {
        let rest: Vec<usize> = parts.iter().copied().filter(|&p| p != skipped).collect();
        sum(facts, &rest).is_some_and(|s| s.contains(total.quantity.value))
    });
    let first = hits.next().copied()?;
    hits.next().is_none().then(|| facts.claim_of(first))
}

/// The terms of a sum in words.
fn terms(facts: &Facts, parts: &[usize]) -> String {
    parts.iter().map(|&p| facts.claim_of(p).quantity.shown()).collect::<Vec<_>>().join("+")
}

fn add(context: &Context<'_, '_>, index: usize, sum: Interval, severity: Severity, report: &mut Report) {
    let facts = &context.facts;
    let entry = &facts.entries[index];
    let parts = &entry.parts;
    let printed = &facts.claim_of(index).quantity;
    let expected = printed.shown_as(sum.mid());
    let forgotten = forgotten(facts, parts, facts.claim_of(index));
    let mut locations = vec![context.quote_claim(entry.claim)];
    locations.extend(parts.iter().map(|&p| context.quote_claim(facts.entries[p].claim)));
    let exact = show(sum.mid() / printed.scale, 6);
    let terms = terms(facts, parts);
    let mut computation = format!("{terms}={exact}，印作{}。", printed.shown());
    let mut computation_en = format!("{terms}={exact}, printed as {}.", printed.shown());
    if sum.lo != sum.hi {
        let (lo, hi) = (show(sum.lo / printed.scale, 6), show(sum.hi / printed.scale, 6));
        computation.push_str(&format!("按各数印出的精度，合计在{lo}至{hi}之间。"));
        computation_en
            .push_str(&format!(" Within the printed precision the sum lies between {lo} and {hi}."));
    }
    if let Some(part) = forgotten {
        let part = part.quantity.shown();
        computation.push_str(&format!("不计{part}则恰好相符，可能漏加。"));
        computation_en.push_str(&format!(" Without {part} it is exact: that may have been left out."));
    }
    let (rule, zh, en) = if parts.len() == 1 {
        (
            "arithmetic.part",
            format!("其中一项{}大于总数{}。", facts.claim_of(parts[0]).quantity.shown(), printed.shown()),
            format!(
                "A part ({}) exceeds its whole ({}).",
                facts.claim_of(parts[0]).quantity.shown(),
                printed.shown()
            ),
        )
    } else {
        (
            "arithmetic.sum",
            format!("分项相加为{expected}，与总数{}不符。", printed.shown()),
            format!("The parts add up to {expected}, not {}.", printed.shown()),
        )
    };
    report.add(Draft {
        class: Class::Arithmetic,
        severity,
        rule,
        zh,
        en,
        locations,
        expected,
        actual: printed.shown(),
        computation,
        computation_en,
    });
}
