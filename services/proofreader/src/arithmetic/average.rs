//! Averages beside what they are averages of: 人均, 校均, 户均, 平均每场, 每班, 年均.

use rust_decimal::Decimal;

use super::slip::slipped;
use super::{Verdict, judge, shown};
use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::interval::Interval;
use crate::report::{Draft, Report};
use crate::text::since;

/// How far off, against what the figures give, an average may be and still be meant as theirs.
const NEAR: Decimal = Decimal::from_parts(25, 0, 0, false, 2);

/// Words for an average, and the units of what is divided by.
const MEANS: &[(&str, &[&str])] = &[
    ("人均", &["人", "名", "位"]),
    ("生均", &["人", "名"]),
    ("师均", &["人", "名"]),
    ("校均", &["所", "家", "校"]),
    ("户均", &["户"]),
    ("班均", &["班", "个"]),
    ("场均", &["场", "场次"]),
    ("年均", &["年"]),
];

/// How many claims back the two figures may stand.
const REACH: usize = 8;

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let claims = &context.facts.claims;
    for (index, mean) in claims.iter().enumerate() {
        let text = context.document.paragraphs[mean.paragraph].text();
        if mean.quantity.range || mean.role != Role::Level {
            continue;
        }
        let Some(units) = divisor_units(&text[mean.lead.clone()]) else { continue };
        let ways = ways(context, index, &units);
        if ways.is_empty() || ways.iter().any(|w| judge(&mean.quantity, w.mean) != Verdict::Differs) {
            continue;
        }
        let off = |w: &&Way| w.mean.gap(mean.quantity.interval);
        let Some(best) = ways.iter().min_by_key(off) else { continue };
        // A total of its own, or one of the last sentence's, may be meant: only what comes close is told.
        let near = off(&best) <= best.mean.mid() * NEAR;
        if near || ways.iter().any(|w| slipped(&mean.quantity, w.mean)) {
            add(context, index, best, report);
        }
    }
}

/// The units an average divides by; `None` where the words before the number announce none.
fn divisor_units(lead: &str) -> Option<Vec<String>> {
    let lead = lead.trim_end_matches(['约', '为', '达', '近', '有']);
    if let Some((_, units)) = MEANS.iter().find(|(word, _)| lead.ends_with(word)) {
        return Some(units.iter().map(|&u| u.to_owned()).collect());
    }
    // 平均每门课程, 每班平均, 每专业
    let each = lead.rfind('每')?;
    let of = lead[each + '每'.len_utf8()..].trim_end_matches("平均");
    let opens = lead[..each].is_empty() || lead[..each].ends_with("平均") || lead.ends_with("平均");
    let noun: String = of.trim_start_matches(['个', '名', '位', '所', '家']).to_owned();
    if !opens
        || of.is_empty()
        || of.chars().count() > 5
        || of.starts_with(['年', '月', '周', '天', '日', '次', '期'])
    {
        return None;
    }
    let unit: String = of.chars().take(1).collect();
    Some(if noun.is_empty() { vec![unit] } else { vec![unit, noun] })
}

/// An amount, what it is divided by, and the average they give.
struct Way {
    amount: usize,
    parts: Divisor,
    mean: Interval,
}

enum Divisor {
    Claim(usize),
    /// 三年来, 近五年.
    Years(i64),
}

fn ways(context: &Context<'_, '_>, index: usize, units: &[String]) -> Vec<Way> {
    let claims = &context.facts.claims;
    let mean = &claims[index];
    let text = context.document.paragraphs[mean.paragraph].text();
    let here: Vec<usize> = (index.saturating_sub(REACH)..index)
        .filter(|&i| {
            let c = &claims[i];
            c.paragraph == mean.paragraph
                && c.sentence == mean.sentence
                && c.role == Role::Level
                && !c.quantity.range
                && c.quantity.interval.lo > Decimal::ZERO
        })
        .collect();
    let years =
        units.iter().any(|u| u == "年").then(|| years(since(text, mean.quantity.start, &['。']))).flatten();
    let divides = |c: &Claim| {
        units.iter().any(|u| {
            c.quantity.unit == u
                || c.quantity.family() == u
                || (u.chars().count() >= 2 && c.object.starts_with(u.as_str()))
        })
    };
    let mut found = Vec::new();
    for &amount in here.iter().filter(|&&i| claims[i].quantity.family() == mean.quantity.family()) {
        let total = claims[amount].quantity.interval;
        if let Some(n) = years {
            if let Some(mean) = total.over(Interval::exact(Decimal::from(n))) {
                found.push(Way { amount, parts: Divisor::Years(n), mean });
            }
            continue;
        }
        for &by in here.iter().filter(|&&i| i != amount && divides(&claims[i])) {
            if let Some(mean) = total.over(claims[by].quantity.interval) {
                found.push(Way { amount, parts: Divisor::Claim(by), mean });
            }
        }
    }
    found
}

/// The number of years a sentence speaks of: 三年来, 近5年, 五年间.
fn years(sentence: &str) -> Option<i64> {
    const NUMBERS: &[(&str, i64)] =
        &[("两", 2), ("二", 2), ("三", 3), ("四", 4), ("五", 5), ("2", 2), ("3", 3), ("4", 4), ("5", 5)];
    NUMBERS.iter().find_map(|(word, n)| {
        let said = ["年来", "年间", "年累计", "年共"].iter().any(|tail| {
            sentence.match_indices(&format!("{word}{tail}")).any(|(at, _)| {
                !sentence[..at].ends_with(|c: char| c.is_ascii_digit() || "十第二〇".contains(c))
            })
        });
        let recent = sentence.contains(&format!("近{word}年"));
        (said || recent).then_some(*n)
    })
}

fn add(context: &Context<'_, '_>, index: usize, way: &Way, report: &mut Report) {
    let claims = &context.facts.claims;
    let printed = &claims[index].quantity;
    let expected = printed.shown_as(way.mean.mid());
    let mut locations = vec![context.quote_claim(index), context.quote_claim(way.amount)];
    let (by, by_en) = match way.parts {
        Divisor::Claim(by) => {
            locations.push(context.quote_claim(by));
            (claims[by].quantity.shown(), claims[by].quantity.shown())
        }
        Divisor::Years(n) => (format!("{n}年"), format!("{n} years")),
    };
    let per = Interval { lo: way.mean.lo / printed.scale, hi: way.mean.hi / printed.scale };
    report.add(Draft {
        class: Class::Arithmetic,
        severity: Severity::Error,
        rule: "arithmetic.average",
        zh: format!("按同句的数，平均应为{expected}，印作{}。", printed.shown()),
        en: format!("From the figures of the sentence the average is {expected}, not {}.", printed.shown()),
        locations,
        computation: format!(
            "{}÷{by}={}，印作{}。",
            claims[way.amount].quantity.shown(),
            shown(per, printed.decimals + 2),
            printed.shown()
        ),
        computation_en: format!(
            "{}÷{by_en}={}, printed as {}.",
            claims[way.amount].quantity.shown(),
            shown(per, printed.decimals + 2),
            printed.shown()
        ),
        expected,
        actual: printed.shown(),
    });
}
