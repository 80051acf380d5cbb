//! A whole against the shares of its groups: what each group's share of its own base gives has to add up.

use std::cell::OnceCell;

use rust_decimal::{Decimal, RoundingStrategy};

use super::share::wholes;
use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::contradiction::{Printed, printed_in_tables};
use crate::finding::{Class, Location, Severity};
use crate::interval::{Interval, show};
use crate::metric::Metric;
use crate::report::{Draft, Report};
use crate::scope::scopes;

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let facts = &context.facts;
    let tables = OnceCell::new();
    for (index, entry) in facts.entries.iter().enumerate() {
        if entry.share.is_none() || facts.claim_of(index).role != Role::Level {
            continue;
        }
        let Some(whole) = whole_of(context, index) else { continue };
        let groups = groups(context, whole);
        if groups.len() < 2 {
            continue;
        }
        counts(context, index, &groups, tables.get_or_init(|| printed_in_tables(context)), report);
        changes(context, index, whole, &groups, report);
    }
}

/// A group of the whole: its scope, and the entry that says how large it is.
struct Group {
    scope: Vec<&'static str>,
    entry: usize,
}

/// The level that an entry's share is of, as far as the text's own figures bear it out.
fn whole_of(context: &Context<'_, '_>, index: usize) -> Option<usize> {
    let facts = &context.facts;
    let share = &facts.claims[facts.entries[index].share?];
    let near = |computed: Interval| computed.gap(share.quantity.interval) <= Decimal::new(15, 2);
    let wholes = wholes(context, index, share);
    let best =
        wholes.iter().filter(|w| near(w.computed)).min_by_key(|w| w.computed.gap(share.quantity.interval));
    best.map(|w| w.entry)
}

/// The parts of a whole, where each is of one kind and no two are of the same.
fn groups(context: &Context<'_, '_>, whole: usize) -> Vec<Group> {
    let facts = &context.facts;
    let parts = facts.entries[whole].parts.iter();
    let groups: Vec<Group> =
        parts.map(|&entry| Group { scope: scopes(facts.claim_of(entry).label()), entry }).collect();
    let distinct = groups
        .iter()
        .enumerate()
        .all(|(i, g)| g.scope.len() == 1 && groups[..i].iter().all(|other| other.scope != g.scope));
    if distinct { groups } else { Vec::new() }
}

/// What a claim measures, whatever kind of school it is about.
fn measure(claim: &Claim) -> String {
    Metric::of(&claim.label().replace("专任", "")).sorted()
}

/// `共4903人。其中，甲类占比62.87%，乙类占比36.7%`: the groups' counts follow from their shares and add up to the whole.
fn counts(context: &Context<'_, '_>, index: usize, groups: &[Group], tables: &Printed, report: &mut Report) {
    let facts = &context.facts;
    let level = facts.claim_of(index);
    let shares: Vec<(usize, &Group)> =
        groups.iter().filter_map(|g| Some((share_of_group(context, index, g)?, g))).collect();
    if shares.len() != groups.len() || level.quantity.approximate {
        return;
    }
    let mut sum = Interval::exact(Decimal::ZERO);
    let (mut words, mut words_en) = (Vec::new(), Vec::new());
    let mut locations = vec![context.quote_claim(facts.entries[index].claim)];
    for (share, group) in shares {
        locations.push(context.quote_claim(share));
        locations.push(context.quote_claim(facts.entries[group.entry].claim));
        let (share, base) = (&facts.claims[share], facts.claim_of(group.entry));
        let Some(range) = counted(share.quantity.interval, base.quantity.interval) else { return };
        let printed = table_count(tables, level, group, range);
        let range = match printed {
            Some((value, line)) => {
                locations.push(context.document.quote_line(line));
                Interval::exact(value)
            }
            None => range,
        };
        let product = format!("{}×{}", base.quantity.shown(), share.quantity.shown());
        let (zh, en) = match printed {
            Some(_) => (
                format!("{product}，表中为{}", shown(range)),
                format!("{product}, {} by the table", shown(range)),
            ),
            None => (format!("{product}={}", shown(range)), format!("{product}={}", shown(range))),
        };
        words.push(zh);
        words_en.push(en);
        let Some(more) = sum.plus(range) else { return };
        sum = more;
    }
    let gap = sum.gap(level.quantity.interval);
    let near = gap <= Decimal::TWO.max(level.quantity.value * Decimal::new(2, 2));
    if gap == Decimal::ZERO || !near {
        return;
    }
    let expected = format!("{}{}", shown(sum), level.quantity.unit);
    report.add(Draft {
        class: Class::Arithmetic,
        severity: Severity::Warning,
        rule: "arithmetic.weighted-share",
        zh: format!("总数{}与各类占比不能同时成立：按占比折算，合计应为{expected}。", level.quantity.shown()),
        en: format!(
            "{} and the groups' shares cannot all be right: by the shares the groups add up to {expected}.",
            level.quantity.shown()
        ),
        locations: distinct(locations),
        expected,
        actual: level.quantity.shown(),
        computation: format!("{}；合计{}，印作{}。", words.join("；"), shown(sum), level.quantity.shown()),
        computation_en: format!(
            "{}; in all {}, printed as {}.",
            words_en.join("; "),
            shown(sum),
            level.quantity.shown()
        ),
    });
}

/// The share that the same sentence or the next gives for a group.
fn share_of_group(context: &Context<'_, '_>, index: usize, group: &Group) -> Option<usize> {
    let facts = &context.facts;
    let first = facts.entries[index].claim;
    let level = &facts.claims[first];
    let after = facts.claims[first + 1..].iter().take(12).enumerate();
    let mut beside =
        after.take_while(|(_, c)| c.paragraph == level.paragraph && c.sentence <= level.sentence + 1);
    let found = beside.find(|(_, c)| {
        c.role == Role::Share && scopes(&c.subject) == group.scope && measure(c) == measure(level)
    });
    found.map(|(offset, _)| first + 1 + offset)
}

/// What a table prints for a group's count, where it agrees with the share.
fn table_count(tables: &Printed, level: &Claim, group: &Group, range: Interval) -> Option<(Decimal, usize)> {
    let found = tables.get(&Metric::of(level.label()).sorted())?;
    let own = found.iter().filter(|p| p.scope == group.scope);
    own.map(|p| (p.value, p.line)).find(|(value, _)| range.contains(*value))
}

/// Whole numbers that a share of a base can be.
fn counted(share: Interval, base: Interval) -> Option<Interval> {
    let product = share.times(base)?.over(Interval::exact(Decimal::ONE_HUNDRED))?;
    let lo = product.lo.round_dp_with_strategy(0, RoundingStrategy::ToPositiveInfinity);
    let hi = product.hi.round_dp_with_strategy(0, RoundingStrategy::ToNegativeInfinity);
    (lo <= hi).then_some(Interval { lo, hi })
}

fn shown(range: Interval) -> String {
    super::shown(range, 0)
}

/// Where whole and groups all tell how their counts and shares changed, last year's counts follow, and with them how the
/// whole's share changed.
fn changes(context: &Context<'_, '_>, index: usize, whole: usize, groups: &[Group], report: &mut Report) {
    let Some(change) = Recomputed::of(context, index, whole, groups) else { return };
    let points = &context.facts.claims[change.points];
    let printed = if points.sign < 0 { points.quantity.interval.negate() } else { points.quantity.interval };
    let gap = change.points_now.gap(printed);
    if points.sign == 0 || gap == Decimal::ZERO || gap > Decimal::new(5, 1) {
        return;
    }
    let size = if points.sign < 0 { change.points_now.negate() } else { change.points_now };
    let expected = format!("{}个百分点", super::shown(size, 2));
    report.add(Draft {
        class: Class::Arithmetic,
        severity: Severity::Info,
        rule: "arithmetic.weighted-change",
        zh: format!("按各类的人数和占比变动回推，变动应为{expected}，印作{}。", points.quantity.shown()),
        en: format!(
            "By the changes of its groups the share moved by {} percentage points, not {}.",
            super::shown(size, 2),
            points.quantity.shown()
        ),
        locations: distinct(change.locations),
        expected,
        actual: points.quantity.shown(),
        computation: change.words,
        computation_en: change.words_en,
    });
}

/// How a whole's share changed, by what its groups say.
struct Recomputed {
    points: usize,
    points_now: Interval,
    words: String,
    words_en: String,
    locations: Vec<Location>,
}

impl Recomputed {
    fn of(context: &Context<'_, '_>, index: usize, whole: usize, groups: &[Group]) -> Option<Self> {
        let facts = &context.facts;
        let entry = &facts.entries[index];
        let points = entry.points?;
        let before = |entry: usize| {
            let change = &facts.claims[facts.entries[entry].change?];
            let now = facts.claim_of(entry).quantity.value;
            (change.quantity.exact())
                .then(|| now.checked_sub(change.quantity.value * Decimal::from(change.sign)))?
        };
        let mut locations = vec![context.quote_claim(points)];
        let mut sum = Interval::exact(Decimal::ZERO);
        let (mut words, mut words_en) = (Vec::new(), Vec::new());
        for group in groups {
            let part =
                entry.parts.iter().copied().find(|&p| scopes(facts.claim_of(p).label()) == group.scope)?;
            let moved = &facts.claims[facts.entries[part].points?];
            let base = facts.claim_of(group.entry).quantity.interval;
            let base_before = before(group.entry)?;
            let now = facts.claim_of(part).quantity.interval.percent_of(base)?;
            let moved_by =
                if moved.sign < 0 { moved.quantity.interval.negate() } else { moved.quantity.interval };
            let range = counted(now.minus(moved_by)?, Interval::exact(base_before))?;
            let (kind, some, all) = (group.scope[0], shown(range), base_before.normalize());
            words.push(format!("上年{kind}约{some}（共{all}）"));
            words_en.push(format!("last year {kind} some {some} of {all}"));
            locations.push(context.quote_claim(facts.entries[part].points?));
            locations.push(context.quote_claim(facts.entries[group.entry].change?));
            sum = sum.plus(range)?;
        }
        let all_before = before(whole)?;
        let last = sum.percent_of(Interval::exact(all_before))?;
        let now =
            facts.claim_of(index).quantity.interval.percent_of(facts.claim_of(whole).quantity.interval)?;
        let (all, then, now_shown) = (all_before.normalize(), super::shown(last, 2), show(now.mid(), 2));
        words.push(format!("合计占上年{all}的{then}%，今年为{now_shown}%"));
        words_en.push(format!("together {then}% of last year's {all}, this year {now_shown}%"));
        Some(Self {
            points,
            points_now: now.minus(last)?,
            words: format!("{}。", words.join("；")),
            words_en: format!("{}.", words_en.join("; ")),
            locations,
        })
    }
}

/// Each place once.
fn distinct(locations: Vec<Location>) -> Vec<Location> {
    let mut kept: Vec<Location> = Vec::new();
    for location in locations {
        if !kept.contains(&location) {
            kept.push(location);
        }
    }
    kept
}
