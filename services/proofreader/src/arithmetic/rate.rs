//! Rates and stocks that cannot stand beside each other.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::parts::sum;
use crate::claim::Role;
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::interval::{Interval, show};
use crate::report::{Draft, Report};
use crate::scope::scopes;

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    for index in 0..context.facts.entries.len() {
        between_its_parts(context, index, report);
    }
    shares_of_one_whole(context, report);
    intake_within_stock(context, report);
}

/// An overall rate lies between the rates it is made of.
fn between_its_parts(context: &Context<'_, '_>, index: usize, report: &mut Report) {
    let facts = &context.facts;
    let entry = &facts.entries[index];
    let overall = facts.claim_of(index);
    let rates = entry.parts.iter().all(|&p| facts.claim_of(p).role == Role::Share);
    if overall.role != Role::Share || entry.parts.len() < 2 || !rates || is_composition(context, index) {
        return;
    }
    let lo = entry.parts.iter().map(|&p| facts.claim_of(p).quantity.interval.lo).min();
    let hi = entry.parts.iter().map(|&p| facts.claim_of(p).quantity.interval.hi).max();
    let (Some(lo), Some(hi)) = (lo, hi) else { return };
    let range = Interval { lo, hi };
    if range.meets(overall.quantity.interval) {
        return;
    }
    let by_scope = entry.parts.iter().all(|&p| !scopes(facts.claim_of(p).label()).is_empty());
    let shown: Vec<String> = entry.parts.iter().map(|&p| facts.claim_of(p).quantity.shown()).collect();
    let mut locations = vec![context.quote_claim(entry.claim)];
    locations.extend(entry.parts.iter().map(|&p| context.quote_claim(facts.entries[p].claim)));
    report.add(Draft {
        class: Class::Arithmetic,
        severity: if by_scope { Severity::Warning } else { Severity::Info },
        rule: "arithmetic.overall-rate",
        zh: format!(
            "总体{}不在所列各项{}之间，若另有未列的项，请说明。",
            overall.quantity.shown(),
            shown.join("、")
        ),
        en: format!(
            "The overall rate {} lies outside the rates listed ({}); say what else it covers.",
            overall.quantity.shown(),
            shown.join(", ")
        ),
        locations,
        expected: String::new(),
        actual: overall.quantity.shown(),
        computation: format!("各项最小{}%、最大{}%。", show(lo, 2), show(hi, 2)),
        computation_en: format!("The smallest item is {}%, the largest {}%.", show(lo, 2), show(hi, 2)),
    });
}

/// Shares of a whole (占比) add up instead of averaging.
fn is_composition(context: &Context<'_, '_>, index: usize) -> bool {
    let facts = &context.facts;
    let claim = facts.claim_of(index);
    let text = context.document.paragraphs[claim.paragraph].text();
    text[claim.lead.clone()].contains('占')
        || sum(facts, &facts.entries[index].parts).is_some_and(|s| s.meets(claim.quantity.interval))
}

/// Three or more shares of one whole in a sentence that come to nearly, but not quite, 100 %.
fn shares_of_one_whole(context: &Context<'_, '_>, report: &mut Report) {
    let facts = &context.facts;
    let mut start = 0;
    while start < facts.claims.len() {
        let first = &facts.claims[start];
        let mut end = start;
        while end < facts.claims.len() && {
            let c = &facts.claims[end];
            c.paragraph == first.paragraph && c.sentence == first.sentence
        } {
            end += 1;
        }
        let text = context.document.paragraphs[first.paragraph].text();
        let shares: Vec<usize> = (start..end)
            .filter(|&i| {
                let c = &facts.claims[i];
                c.role == Role::Share
                    && !c.quantity.range
                    && (text[c.lead.clone()].contains('占')
                        || c.respectively && text[c.lead.clone()].chars().count() <= 1)
            })
            .collect();
        if shares.len() >= 3 {
            hundred(context, &shares, report);
        }
        start = end;
    }
}

fn hundred(context: &Context<'_, '_>, shares: &[usize], report: &mut Report) {
    let facts = &context.facts;
    let exact = shares.iter().all(|&s| !facts.claims[s].quantity.approximate);
    let bases: Vec<_> = shares.iter().filter_map(|&s| facts.claims[s].base.as_deref()).collect();
    let one_base = bases.windows(2).all(|w| w[0] == w[1]);
    let total: Option<Interval> = shares
        .iter()
        .try_fold(Interval::exact(Decimal::ZERO), |sum, &s| sum.plus(facts.claims[s].quantity.interval));
    let Some(total) = total.filter(|_| exact && one_base) else { return };
    let whole = Decimal::ONE_HUNDRED;
    let off = (total.mid() - whole).abs();
    if total.contains(whole) || off > Decimal::TWO {
        return;
    }
    let sum = show(total.mid(), 4);
    let terms = shares.iter().map(|&s| facts.claims[s].quantity.shown()).collect::<Vec<_>>().join("+");
    report.add(Draft {
        class: Class::Arithmetic,
        severity: Severity::Warning,
        rule: "arithmetic.shares",
        zh: format!("各项占比合计{sum}%，超出取整误差，应为100%。"),
        en: format!("The shares add up to {sum} %, which rounding does not explain."),
        locations: shares.iter().map(|&s| context.quote_claim(s)).collect(),
        expected: "100%".into(),
        actual: format!("{sum}%"),
        computation: format!("{terms}={sum}%。"),
        computation_en: format!("{terms}={sum}%."),
    });
}

/// One year's intake of a kind cannot exceed all students of that kind, unless they are counted at different times.
fn intake_within_stock(context: &Context<'_, '_>, report: &mut Report) {
    let facts = &context.facts;
    let mut stock: HashMap<(usize, String), usize> = HashMap::new();
    let mut intake: Vec<(usize, String, usize)> = Vec::new();
    for (index, entry) in facts.entries.iter().enumerate() {
        let claim = &facts.claims[entry.claim];
        let label = claim.label();
        let paragraph = &context.document.paragraphs[claim.paragraph];
        let plain = claim.role == Role::Level
            && claim.quantity.family() == "人"
            && paragraph.place.case.is_none()
            && crate::names::institution::mentions(label).is_empty()
            && !label.contains("计划");
        if !plain {
            continue;
        }
        let chapter = paragraph.place.chapter;
        if let Some(kind) = kind_of(label, "在校生") {
            stock.entry((chapter, kind)).or_insert(index);
        } else if let Some(kind) = kind_of(label, "招生") {
            intake.push((chapter, kind, index));
        }
    }
    for (chapter, kind, index) in intake {
        let Some(&all) = stock.get(&(chapter, kind)) else { continue };
        let (new, students) = (&facts.claim_of(index).quantity, &facts.claim_of(all).quantity);
        if new.interval.lo <= students.interval.hi {
            continue;
        }
        report.add(Draft {
            class: Class::Arithmetic,
            severity: Severity::Warning,
            rule: "arithmetic.intake",
            zh: format!("当年招生{}多于在校生{}，请注明两数的统计时点。", new.shown(), students.shown()),
            en: format!(
                "The year's intake ({}) exceeds all students ({}); state when each was counted.",
                new.shown(),
                students.shown()
            ),
            locations: vec![
                context.quote_claim(facts.entries[index].claim),
                context.quote_claim(facts.entries[all].claim),
            ],
            expected: String::new(),
            actual: new.shown(),
            computation: format!(
                "同类学生招生{}>在校{}，两数的时点不可能相同。",
                new.shown(),
                students.shown()
            ),
            computation_en: format!(
                "Enrolled {} > in school {} of the same kind: the two cannot be of one date.",
                new.shown(),
                students.shown()
            ),
        });
    }
}

/// The kind of student a label counts, once the plain words are gone; `None` where it does not end in `noun`.
fn kind_of(label: &str, noun: &str) -> Option<String> {
    let at = label.rfind(noun)?;
    let tail = &label[at + noun.len()..];
    if !matches!(tail, "" | "总数" | "人数" | "数" | "规模") {
        return None;
    }
    let mut kind = label[..at].to_owned();
    for word in ["全日制", "职业", "学历", "教育", "院校", "学校", "层次", "各类", "生", "的"]
    {
        kind = kind.replace(word, "");
    }
    (kind.chars().count() >= 2).then_some(kind)
}
