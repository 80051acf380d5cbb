//! Totals that follow what they sum up: `金奖1项、银奖2项，共3项`, `8所院校、5家企业，共13家单位`.

use rust_decimal::Decimal;

use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::interval::{Interval, show};
use crate::report::{Draft, Report};

/// Words that sum up what was listed, with nothing else before the number.
const SUMS: &[&str] = &["共", "共计", "合计", "总计", "共有", "总共", "总数为", "总数达", "合计为"];

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let claims = &context.facts.claims;
    for index in 2..claims.len() {
        let total = &claims[index];
        let text = context.document.paragraphs[total.paragraph].text();
        let lead = text[total.lead.clone()].trim_start_matches('，');
        if total.role != Role::Level || total.quantity.range || !SUMS.contains(&lead) {
            continue;
        }
        let parts = listed(context, index);
        let sum = parts
            .iter()
            .try_fold(Interval::exact(Decimal::ZERO), |sum, &p| sum.plus(claims[p].quantity.interval));
        let Some(sum) = sum.filter(|s| parts.len() >= 2 && !s.meets(total.quantity.interval)) else {
            continue;
        };
        // A sum far from the total is a sum of something else.
        let near = sum.gap(total.quantity.interval) <= total.quantity.value.abs() * Decimal::new(25, 2);
        if near {
            add(context, index, &parts, sum, report);
        }
    }
}

/// The claims of one unit listed one after the other right before a total, in order.
fn listed(context: &Context<'_, '_>, total: usize) -> Vec<usize> {
    let claims = &context.facts.claims;
    let last = &claims[total];
    let text = context.document.paragraphs[last.paragraph].text();
    let belongs = |c: &Claim| {
        c.paragraph == last.paragraph
            && c.segment == last.segment
            && c.bracket == last.bracket
            && c.role == Role::Level
            && !c.quantity.range
            && c.quantity.family() == last.quantity.family()
    };
    let mut parts = Vec::new();
    let mut next = last;
    for at in (0..total).rev() {
        let claim = &claims[at];
        if !belongs(claim) {
            break;
        }
        // Items of one list are joined by 、 or a conjunction; the total stands behind a comma.
        let between = &text[claim.quantity.end..next.quantity.start];
        let joined =
            between.contains('、') || between.contains('和') || between.contains('及') || parts.is_empty();
        if !joined || between.contains(['。', '；', '：']) || (!parts.is_empty() && between.contains('，'))
        {
            break;
        }
        parts.push(at);
        next = claim;
    }
    parts.reverse();
    parts
}

fn add(context: &Context<'_, '_>, index: usize, parts: &[usize], sum: Interval, report: &mut Report) {
    let claims = &context.facts.claims;
    let printed = &claims[index].quantity;
    let expected = printed.shown_as(sum.mid());
    let terms: Vec<String> = parts.iter().map(|&p| claims[p].quantity.shown()).collect();
    let mut locations = vec![context.quote_claim(index)];
    locations.extend(parts.iter().map(|&p| context.quote_claim(p)));
    report.add(Draft {
        class: Class::Arithmetic,
        severity: Severity::Error,
        rule: "arithmetic.sum",
        zh: format!("所列各项相加为{expected}，与其后的总数{}不符。", printed.shown()),
        en: format!("The items listed add up to {expected}, not {}.", printed.shown()),
        locations,
        computation: format!(
            "{}={}，印作{}。",
            terms.join("+"),
            show(sum.mid() / printed.scale, 6),
            printed.shown()
        ),
        computation_en: format!(
            "{}={}, printed as {}.",
            terms.join("+"),
            show(sum.mid() / printed.scale, 6),
            printed.shown()
        ),
        expected,
        actual: printed.shown(),
    });
}
