//! Growth: a change over last year's level, in per cent; and from one level to another.

use rust_decimal::Decimal;

use super::parts::adds_up;
use super::slip::slipped;
use super::{Verdict, judge, shown};
use crate::claim::Role;
use crate::context::{Context, year_before};
use crate::entry::Facts;
use crate::finding::{Class, Severity};
use crate::interval::Interval;
use crate::quantity::Kind;
use crate::report::{Draft, Report};
use crate::text::since;

/// Words that claim there was hardly any change.
const STEADY: &[&str] =
    &["基本保持平稳", "基本平稳", "保持平稳", "基本持平", "基本稳定", "总体持平", "略有", "小幅"];

/// The change in per cent above which these words mislead.
const STEADY_LIMIT: i64 = 5;

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    for index in 0..context.facts.entries.len() {
        if context.facts.claim_of(index).role == Role::Level {
            stated(context, index, report);
            steady(context, index, report);
        }
    }
    from_to(context, report);
    of_an_earlier_level(context, report);
}

/// How many levels back a change with a subject of its own looks for what it changed.
const REACH: usize = 8;

/// `留学生862人，…。留学生规模较上年增加126人，增长17.12%`: the level stands in a sentence before.
fn of_an_earlier_level(context: &Context<'_, '_>, report: &mut Report) {
    let facts = &context.facts;
    for index in 1..facts.claims.len() {
        let (change, rate) = (&facts.claims[index - 1], &facts.claims[index]);
        let pair = change.role == Role::Change
            && rate.role == Role::Growth
            && rate.quantity.kind == Kind::Percent
            && rate.subject.is_empty()
            && !change.subject.is_empty()
            && change.sign == rate.sign
            && change.sign != 0
            && (change.paragraph, change.segment) == (rate.paragraph, rate.segment)
            && facts.owner(index).is_none_or(|owner| owner.change.is_none());
        let Some(moved) =
            signed(facts, index - 1).filter(|_| pair && same_comparison(context, index - 1, index))
        else {
            continue;
        };
        let until = facts.entries.partition_point(|e| e.claim < index - 1);
        let levels: Vec<(usize, Interval)> = (0..until)
            .rev()
            .take(REACH)
            .filter_map(|e| {
                let level = facts.claim_of(e);
                let said = level.paragraph == change.paragraph
                    && level.role == Role::Level
                    && !level.quantity.range
                    && level.quantity.family() == change.quantity.family()
                    && crate::scope::share_a_noun(&change.subject, level.label());
                let rate = growth(level.quantity.interval, moved).filter(|_| said)?;
                Some((facts.entries[e].claim, Interval::new(rate.lo.abs(), rate.hi.abs())))
            })
            .collect();
        if levels.iter().any(|(_, r)| judge(&rate.quantity, *r) != Verdict::Differs) {
            continue;
        }
        let Some((level, size)) = levels.into_iter().find(|(_, r)| slipped(&rate.quantity, *r)) else {
            continue;
        };
        let expected = rate.quantity.shown_as(size.mid());
        report.add(Draft {
            class: Class::Arithmetic,
            severity: Severity::Error,
            rule: "arithmetic.growth",
            zh: format!("按所给数字，增减幅度应为{expected}，印作{}。", rate.quantity.shown()),
            en: format!(
                "From the figures given the rate of change is {expected}, not {}.",
                rate.quantity.shown()
            ),
            locations: vec![
                context.quote_claim(index),
                context.quote_claim(level),
                context.quote_claim(index - 1),
            ],
            computation: format!(
                "{}，变动{}，幅度为{}%，印作{}。",
                facts.claims[level].quantity.shown(),
                change.quantity.shown(),
                shown(size, rate.quantity.decimals + 2),
                rate.quantity.shown()
            ),
            computation_en: format!(
                "{}, changed by {}: a rate of {}%, printed as {}.",
                facts.claims[level].quantity.shown(),
                change.quantity.shown(),
                shown(size, rate.quantity.decimals + 2),
                rate.quantity.shown()
            ),
            expected,
            actual: rate.quantity.shown(),
        });
    }
}

/// A signed claim as an interval.
fn signed(facts: &Facts, claim: usize) -> Option<Interval> {
    let claim = &facts.claims[claim];
    match claim.sign {
        1 => Some(claim.quantity.interval),
        -1 => Some(claim.quantity.interval.negate()),
        _ => None,
    }
}

/// Whether a change and a rate may compare with the same year: 比2020年增加… beside 同比增长… do not.
fn same_comparison(context: &Context<'_, '_>, change: usize, rate: usize) -> bool {
    let facts = &context.facts;
    let lead = |claim: usize| {
        let c = &facts.claims[claim];
        &context.document.paragraphs[c.paragraph].text()[c.lead.clone()]
    };
    let since = |lead: &str| {
        let year = lead.match_indices('年').find_map(|(at, _)| year_before(lead, at));
        let last = ["上年", "上一年", "去年", "同比", "上学年", "上一学年"].iter().any(|w| lead.contains(w));
        year.or_else(|| context.year().filter(|_| last).map(|y| y - 1))
    };
    let averaged = ["年均", "平均", "累计", "月均", "环比"].iter().any(|w| lead(rate).contains(w));
    let (a, b) = (since(lead(change)), since(lead(rate)));
    !averaged && (b.is_none() || a.is_none() || a == b)
}

/// Growth in per cent from this year's level and the change since last year.
fn growth(now: Interval, change: Interval) -> Option<Interval> {
    let low_base = now.hi.checked_sub(change.lo)?;
    let high_base = now.lo.checked_sub(change.hi)?;
    if low_base <= Decimal::ZERO || high_base <= Decimal::ZERO {
        return None;
    }
    let lo = change.lo.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(low_base)?;
    let hi = change.hi.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(high_base)?;
    Some(Interval::new(lo, hi))
}

fn stated(context: &Context<'_, '_>, index: usize, report: &mut Report) {
    let facts = &context.facts;
    let entry = &facts.entries[index];
    let (Some(change), Some(rate)) = (entry.change, entry.growth) else { return };
    let (Some(change_interval), Some(rate_interval)) = (signed(facts, change), signed(facts, rate)) else {
        return;
    };
    if facts.claims[rate].quantity.kind != Kind::Percent {
        return;
    }
    let now = facts.claim_of(index);
    if !same_comparison(context, change, rate) {
        return;
    }
    let places =
        vec![context.quote_claim(rate), context.quote_claim(entry.claim), context.quote_claim(change)];
    let opposite = facts.claims[change].sign != facts.claims[rate].sign;
    let Some(computed) = growth(now.quantity.interval, change_interval) else { return };
    let printed = &facts.claims[rate].quantity;
    let size = Interval::new(computed.lo.abs(), computed.hi.abs());
    let verdict = judge(printed, size);
    if verdict == Verdict::Follows && !opposite {
        refined(context, index, rate_interval, places, report);
        return;
    }
    let words = format!(
        "{}÷({}{}{})={}%",
        facts.claims[change].quantity.shown(),
        now.quantity.shown(),
        if facts.claims[change].sign > 0 { "-" } else { "+" },
        facts.claims[change].quantity.shown(),
        shown(size, printed.decimals + 2)
    );
    let over_now = facts.claims[change].quantity.interval.percent_of(now.quantity.interval);
    let wrong_base = over_now.is_some_and(|r| judge(printed, r) == Verdict::Follows);
    let (why_zh, why_en) = if opposite {
        ("增减的方向不一致。", " They go opposite ways.")
    } else if wrong_base {
        (
            "印出的数是以本年数为分母算得，增幅应以上年数为分母。",
            " The printed rate was divided by this year's figure; it is last year's that divides.",
        )
    } else if verdict == Verdict::Truncated {
        ("是截去尾数而非四舍五入。", " It is cut off, not rounded.")
    } else {
        ("", "")
    };
    let printed_as = printed.shown();
    let expected = printed.shown_as(size.mid());
    let truncated = verdict == Verdict::Truncated && !opposite;
    report.add(Draft {
        class: Class::Arithmetic,
        severity: if truncated { Severity::Warning } else { Severity::Error },
        rule: if truncated { "arithmetic.truncated" } else { "arithmetic.growth" },
        zh: format!("按所给数字，增减幅度应为{expected}，印作{}。", printed.shown()),
        en: format!("From the figures given the rate of change is {expected}, not {}.", printed.shown()),
        locations: places,
        expected,
        actual: printed.shown(),
        computation: format!("{words}，印作{printed_as}。{why_zh}"),
        computation_en: format!("{words}, printed as {printed_as}.{why_en}"),
    });
}

/// Level and signed change of an entry, narrowed by its growth and by its parts.
fn narrowed(
    facts: &Facts,
    index: usize,
    own_growth: bool,
    depth: usize,
) -> Option<(Interval, Option<Interval>)> {
    let entry = &facts.entries[index];
    let mut now = facts.claim_of(index).quantity.interval;
    let mut change = entry.change.and_then(|c| signed(facts, c));
    if depth > 0 && adds_up(facts, index) {
        let parts: Vec<_> =
            entry.parts.iter().map(|&p| narrowed(facts, p, true, depth - 1)).collect::<Option<_>>()?;
        let zero = Interval::exact(Decimal::ZERO);
        now = now.and(parts.iter().try_fold(zero, |sum, (level, _)| sum.plus(*level))?)?;
        let changes: Option<Vec<Interval>> = parts.iter().map(|(_, change)| *change).collect();
        if let (Some(own), Some(parts)) = (change, changes) {
            change = Some(own.and(parts.into_iter().try_fold(zero, Interval::plus)?)?);
        }
    }
    if own_growth && let (Some(own), Some(rate)) = (change, entry.growth.and_then(|g| signed(facts, g))) {
        // change = now·g/(100+g), rising in both.
        let part = |g: Decimal| g.checked_div(Decimal::ONE_HUNDRED.checked_add(g)?);
        let factor = Interval::new(part(rate.lo)?, part(rate.hi)?);
        change = Some(own.and(now.times(factor)?)?);
    }
    Some((now, change))
}

/// A growth that fits the rounded totals but not the figures they are made of.
fn refined(
    context: &Context<'_, '_>,
    index: usize,
    rate: Interval,
    mut places: Vec<crate::finding::Location>,
    report: &mut Report,
) {
    let facts = &context.facts;
    let entry = &facts.entries[index];
    let Some((now, Some(change))) = narrowed(facts, index, false, 3) else { return };
    let Some(computed) = growth(now, change).filter(|c| !c.meets(rate)) else { return };
    let Some(claim) = entry.growth else { return };
    let printed = &facts.claims[claim].quantity;
    for &part in &entry.parts {
        let part = &facts.entries[part];
        for c in [Some(part.claim), part.change, part.growth].into_iter().flatten() {
            places.push(context.quote_claim(c));
        }
    }
    let size = Interval::new(computed.lo.abs(), computed.hi.abs());
    let expected = printed.shown_as(size.mid());
    report.add(Draft {
        class: Class::Arithmetic,
        severity: Severity::Warning,
        rule: "arithmetic.growth-of-rounded",
        zh: format!("增减幅度{}由取整后的数算得；按分项数字约为{expected}。", printed.shown()),
        en: format!(
            "{} was computed from rounded totals; from the parts it is about {expected}.",
            printed.shown()
        ),
        locations: places,
        expected: format!("约{expected}"),
        actual: printed.shown(),
        computation: format!(
            "由分项可知本年数在{}至{}之间，变动在{}至{}之间，幅度为{}%，印作{}。",
            now.lo.normalize(),
            now.hi.normalize(),
            change.lo.round_dp(1).normalize(),
            change.hi.round_dp(1).normalize(),
            shown(size, printed.decimals),
            printed.shown()
        ),
        computation_en: format!(
            "By its parts this year's figure lies between {} and {} and the change between {} and {}: a rate of {}%, printed as {}.",
            now.lo.normalize(),
            now.hi.normalize(),
            change.lo.round_dp(1).normalize(),
            change.hi.round_dp(1).normalize(),
            shown(size, printed.decimals),
            printed.shown()
        ),
    });
}

/// “基本平稳” beside a change that is not.
fn steady(context: &Context<'_, '_>, index: usize, report: &mut Report) {
    let facts = &context.facts;
    let entry = &facts.entries[index];
    let claim = facts.claim_of(index);
    let size = entry
        .growth
        .map(|g| facts.claims[g].quantity.interval)
        .or_else(|| growth(claim.quantity.interval, signed(facts, entry.change?)?));
    let Some(size) = size.filter(|s| s.lo.abs().min(s.hi.abs()) >= Decimal::from(STEADY_LIMIT)) else {
        return;
    };
    let text = context.document.paragraphs[claim.paragraph].text();
    let segment = since(text, claim.quantity.start, &['。', '；']);
    let Some(word) = STEADY.iter().find(|w| segment.contains(**w)) else { return };
    let evidence = entry.growth.or(entry.change);
    let mut locations = vec![context.quote_claim(entry.claim)];
    locations.extend(evidence.map(|c| context.quote_claim(c)));
    let shown = shown(Interval::new(size.lo.abs(), size.hi.abs()), 2);
    report.add(Draft {
        class: Class::Arithmetic,
        severity: Severity::Info,
        rule: "arithmetic.wording",
        zh: format!("“{word}”与{shown}%的变动不符，请斟酌用词。"),
        en: format!("“{word}” is said of a change of {shown} %."),
        locations,
        expected: String::new(),
        actual: (*word).to_owned(),
        computation: format!("变动幅度为{shown}%，超过{STEADY_LIMIT}%。"),
        computation_en: format!("The change is {shown}%, more than {STEADY_LIMIT}%."),
    });
}

/// `从60%提升至75%，提高15个百分点`, `由8家扩大到10家，增长25%`.
fn from_to(context: &Context<'_, '_>, report: &mut Report) {
    let facts = &context.facts;
    for index in 0..facts.claims.len().saturating_sub(2) {
        let [from, to, said] = &facts.claims[index..index + 3] else { continue };
        let text = context.document.paragraphs[from.paragraph].text();
        let together = from.paragraph == said.paragraph
            && from.sentence == said.sentence
            && from.segment == said.segment;
        let Some(opens) = text.get(from.lead.clone()).filter(|_| together && to.paragraph == from.paragraph)
        else {
            continue;
        };
        let arrives = text.get(to.lead.clone()).is_some_and(|lead| lead.contains(['至', '到']));
        let comparable = from.quantity.family() == to.quantity.family()
            && (opens.contains('从') || opens.contains('由'))
            && arrives
            && !from.quantity.range
            && said.subject.is_empty()
            && said.sign != 0
            && to.bracket == said.bracket;
        if !comparable {
            continue;
        }
        let (a, b) = (from.quantity.interval, to.quantity.interval);
        let computed = match (said.role, said.quantity.kind) {
            (Role::Growth, Kind::Percent) if from.quantity.kind == Kind::Count => {
                b.minus(a).and_then(|d| d.percent_of(a))
            }
            (Role::Points, _) if from.quantity.kind == Kind::Percent => b.minus(a),
            (Role::Change, _) if said.quantity.family() == from.quantity.family() => b.minus(a),
            _ => None,
        };
        let Some(computed) = computed.map(|c| if said.sign < 0 { c.negate() } else { c }) else { continue };
        let verdict = judge(&said.quantity, computed);
        if verdict == Verdict::Follows {
            continue;
        }
        let expected = said.quantity.shown_as(computed.mid());
        report.add(Draft {
            class: Class::Arithmetic,
            severity: if verdict == Verdict::Truncated { Severity::Warning } else { Severity::Error },
            rule: "arithmetic.from-to",
            zh: format!(
                "由{}到{}，变动应为{expected}，印作{}。",
                from.quantity.shown(),
                to.quantity.shown(),
                said.quantity.shown()
            ),
            en: format!(
                "From {} to {} the change is {expected}, not {}.",
                from.quantity.shown(),
                to.quantity.shown(),
                said.quantity.shown()
            ),
            locations: vec![
                context.quote_claim(index + 2),
                context.quote_claim(index),
                context.quote_claim(index + 1),
            ],
            expected,
            actual: said.quantity.shown(),
            computation: format!("按所给两数计算得{}。", shown(computed, said.quantity.decimals + 2)),
            computation_en: format!(
                "The two figures given come to {}.",
                shown(computed, said.quantity.decimals + 2)
            ),
        });
    }
}
