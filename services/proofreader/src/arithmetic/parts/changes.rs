//! The changes of parts, which add up where their levels do.

use rust_decimal::Decimal;

use super::adds_up;
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::interval::{Interval, show};
use crate::report::{Draft, Report};

/// Where the levels add up, their changes must too.
pub(super) fn check(context: &Context<'_, '_>, index: usize, report: &mut Report) {
    let facts = &context.facts;
    let entry = &facts.entries[index];
    if !adds_up(facts, index) {
        return;
    }
    let signed = |claim: usize| {
        let c = &facts.claims[claim];
        match c.sign {
            1 => Some(c.quantity.interval),
            -1 => Some(c.quantity.interval.negate()),
            _ => None,
        }
    };
    let Some((total_claim, total)) = entry.change.and_then(|c| signed(c).map(|i| (c, i))) else { return };
    let parts: Option<Vec<usize>> = entry.parts.iter().map(|&p| facts.entries[p].change).collect();
    let Some(parts) = parts else { return };
    let sum =
        parts.iter().try_fold(Interval::exact(Decimal::ZERO), |sum, &c| signed(c).and_then(|i| sum.plus(i)));
    let Some(sum) = sum.filter(|s| !s.meets(total)) else { return };
    let printed = &facts.claims[total_claim].quantity;
    let words: Vec<String> = parts
        .iter()
        .map(|&c| {
            format!(
                "{}{}",
                if facts.claims[c].sign < 0 { "-" } else { "+" },
                facts.claims[c].quantity.shown()
            )
        })
        .collect();
    let mut locations = vec![context.quote_claim(total_claim)];
    locations.extend(parts.iter().map(|&c| context.quote_claim(c)));
    let expected = printed.shown_as(sum.mid().abs());
    report.add(Draft {
        class: Class::Arithmetic,
        severity: Severity::Error,
        rule: "arithmetic.change-sum",
        zh: format!("各分项增减相加为{expected}，与总的增减{}不符。", printed.shown()),
        en: format!("The parts' changes add up to {expected}, not {}.", printed.shown()),
        locations,
        expected,
        actual: printed.shown(),
        computation: format!("{}={}。", words.join(""), show(sum.mid() / printed.scale, 6)),
        computation_en: format!("{}={}.", words.join(""), show(sum.mid() / printed.scale, 6)),
    });
}
