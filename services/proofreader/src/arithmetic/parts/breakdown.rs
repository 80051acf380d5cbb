//! Breakdowns that fall a little short of a whole named before.

use rust_decimal::Decimal;

use super::{sum, terms, words::overlaps};
use crate::claim::Role;
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::interval::show;
use crate::report::{Draft, Report};

/// 在…中 with parts that almost, but not quite, make up a whole named before.
pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let facts = &context.facts;
    for breakdown in &facts.breakdowns {
        let parts = &breakdown.entries;
        if parts.len() < 3 {
            continue;
        }
        let labels: Vec<&str> = parts.iter().map(|&p| facts.claim_of(p).label()).collect();
        let first = facts.entries[parts[0]].claim;
        let family = facts.claims[first].quantity.family();
        let Some(sum) = sum(facts, parts) else { continue };
        if family == "%" || labels.iter().any(|l| overlaps(l)) {
            continue;
        }
        let noun = crate::text::last_chars(&breakdown.of, 3);
        let mut wholes = facts.entries.iter().filter(|e| {
            let c = &facts.claims[e.claim];
            e.claim < first
                && c.paragraph == breakdown.paragraph
                && c.role == Role::Level
                && c.quantity.family() == family
                && c.label().contains(noun)
        });
        let near = |e: &&crate::entry::Entry| {
            let q = &facts.claims[e.claim].quantity;
            sum.hi < q.interval.lo && sum.gap(q.interval) <= q.value * Decimal::new(3, 2)
        };
        if wholes.clone().any(|e| facts.claims[e.claim].quantity.interval.meets(sum)) {
            continue;
        }
        let Some(whole) = wholes.find(near) else { continue };
        let printed = &facts.claims[whole.claim].quantity;
        let mut locations: Vec<_> =
            parts.iter().map(|&p| context.quote_claim(facts.entries[p].claim)).collect();
        locations.push(context.quote_claim(whole.claim));
        let total = printed.shown_as(sum.mid());
        report.add(Draft {
            class: Class::Arithmetic,
            severity: Severity::Warning,
            rule: "arithmetic.breakdown",
            zh: format!(
                "“{}”所列各项合计{total}，少于前文的{}；请写明其余部分。",
                breakdown.of,
                printed.shown()
            ),
            en: format!(
                "The items add up to {total}, short of the {} given before; say what the rest is.",
                printed.shown()
            ),
            locations,
            expected: printed.shown(),
            actual: total,
            computation: format!("{}={}。", terms(facts, parts), show(sum.mid() / printed.scale, 6)),
            computation_en: format!("{}={}.", terms(facts, parts), show(sum.mid() / printed.scale, 6)),
        });
    }
}
