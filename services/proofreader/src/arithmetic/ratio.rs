//! Ratios and multiples of two levels of one sentence: 生师比15.2:1, 是上年的2.8倍.

use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;

use super::{Verdict, judge, shown};
use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::finding::{Class, Location, Severity};
use crate::interval::Interval;
use crate::quantity::Kind;
use crate::report::{Draft, Report};

static RATIO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "\\p{Han}{1,6}比(?:例)?(?:约?为|达到|达|约)?(\\d{1,4}(?:\\.\\d{1,3})?):(\\d{1,4}(?:\\.\\d{1,3})?)",
    )
    .expect("pattern")
});

/// How far off, against what the figures give, a ratio may be and still be meant as theirs.
const NEAR: Decimal = Decimal::from_parts(15, 0, 0, false, 2);

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    ratios(context, report);
    multiples(context, report);
}

fn ratios(context: &Context<'_, '_>, report: &mut Report) {
    for (index, paragraph) in context.document.paragraphs.iter().enumerate() {
        let text = paragraph.text();
        if !text.contains('比') || !text.contains(':') {
            continue;
        }
        for hit in RATIO.captures_iter(text) {
            let (Some(whole), Some(a), Some(b)) = (hit.get(0), hit.get(1), hit.get(2)) else { continue };
            let (Some(a), Some(b)) = (printed(a.as_str()), printed(b.as_str())) else { continue };
            let Some([first, second]) = two_levels(context, index, whole.start()) else { continue };
            let levels = [first, second].map(|c| context.facts.claims[c].quantity.interval);
            let (larger, smaller) =
                if levels[0].lo >= levels[1].lo { (levels[0], levels[1]) } else { (levels[1], levels[0]) };
            let (top, bottom) = if a.lo >= b.lo { (a, b) } else { (b, a) };
            let (Some(said), Some(given)) = (top.over(bottom), larger.over(smaller)) else { continue };
            let off = said.gap(given);
            if off <= Decimal::ZERO || off > given.mid() * NEAR {
                continue;
            }
            let mut locations = vec![context.document.quote(&paragraph.norm, whole.range())];
            locations.extend([first, second].map(|c| context.quote_claim(c)));
            let given = shown(given, 3);
            add(given, whole.as_str().to_owned(), locations, report);
        }
    }
}

/// A number of a ratio: 1 is exact, 15.2 is rounded.
fn printed(digits: &str) -> Option<Interval> {
    let value: Decimal = digits.parse().ok()?;
    let interval = if value == Decimal::ONE {
        Interval::exact(value)
    } else {
        Interval::rounded(value, Decimal::new(1, value.scale()))
    };
    (interval.lo > Decimal::ZERO).then_some(interval)
}

/// The only two levels in one unit before a place in its sentence.
fn two_levels(context: &Context<'_, '_>, paragraph: usize, before: usize) -> Option<[usize; 2]> {
    let claims = &context.facts.claims;
    let first = claims.partition_point(|c| c.paragraph < paragraph);
    let here = claims[first..].iter().take_while(|c| c.paragraph == paragraph && c.quantity.start < before);
    let at = first + here.count();
    let sentence = claims[first..at].last()?.sentence;
    let text = context.document.paragraphs[paragraph].text();
    if text[claims[at - 1].quantity.end..before].contains(['。', '；']) {
        return None;
    }
    let levels: Vec<usize> = (first..at)
        .filter(|&i| {
            claims[i].sentence == sentence && claims[i].role == Role::Level && !claims[i].quantity.range
        })
        .collect();
    let [a, b] = levels[..] else { return None };
    (claims[a].quantity.family() == claims[b].quantity.family()).then_some([a, b])
}

/// `4767.7万元，是上年1723.23万元的2.8倍`.
fn multiples(context: &Context<'_, '_>, report: &mut Report) {
    let claims = &context.facts.claims;
    for index in 2..claims.len() {
        let [now, before, said] = &claims[index - 2..=index] else { continue };
        let text = context.document.paragraphs[said.paragraph].text();
        let level =
            |c: &Claim| c.role == Role::Level && c.paragraph == said.paragraph && c.segment == said.segment;
        let joined = said.quantity.kind == Kind::Times
            && level(now)
            && level(before)
            && now.quantity.family() == before.quantity.family()
            && text[before.lead.clone()].contains('是')
            && text[said.lead.clone()].trim_start_matches('的').is_empty();
        let Some(computed) = now.quantity.interval.over(before.quantity.interval).filter(|_| joined) else {
            continue;
        };
        if judge(&said.quantity, computed) == Verdict::Follows {
            continue;
        }
        let locations =
            vec![context.quote_claim(index), context.quote_claim(index - 2), context.quote_claim(index - 1)];
        add(
            format!("{}倍", shown(computed, said.quantity.decimals + 2)),
            said.quantity.shown(),
            locations,
            report,
        );
    }
}

fn add(given: String, said: String, locations: Vec<Location>, report: &mut Report) {
    report.add(Draft {
        class: Class::Arithmetic,
        severity: Severity::Warning,
        rule: "arithmetic.ratio",
        zh: format!("按同句的两个数，比值为{given}，写作“{said}”。"),
        en: format!("The two figures of the sentence give {given}, not “{said}”."),
        locations,
        expected: given,
        actual: said,
        computation: "两数相除，按印出的精度比较。".into(),
        computation_en: "One figure divided by the other, compared within the printed precision.".into(),
    });
}
