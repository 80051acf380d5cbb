//! Shares: a part over its whole, in per cent.

use rust_decimal::Decimal;

use super::slip::slipped;
use super::{Verdict, judge, shown_fine, stands_beside, sums_with_neighbours};
use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::interval::Interval;
use crate::names::institution::mentions;
use crate::report::{Draft, Report};
use crate::scope::{scopes, scopes_clash, share_a_noun};
use crate::text::since;

/// How many earlier levels may be the whole of a share.
const REACH: usize = 40;

/// How many wholes, the nearest first, are tried for a slip of the finger.
const SLIPS: usize = 6;

/// How many levels before a part may have their share together with it.
const NEIGHBOURS: usize = 12;

/// A whole that a share may refer to.
pub(super) struct Whole {
    pub entry: usize,
    pub computed: Interval,
    /// The text leaves no doubt that this is the whole.
    sure: bool,
}

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let facts = &context.facts;
    for (index, entry) in facts.entries.iter().enumerate() {
        let Some(share) = entry.share else { continue };
        let part = facts.claim_of(index);
        let share_claim = &facts.claims[share];
        if part.role != Role::Level
            || part.quantity.approximate
            || share_claim.quantity.value <= Decimal::ZERO
        {
            continue;
        }
        let wholes = wholes(context, index, share_claim);
        if wholes.is_empty()
            || wholes.iter().any(|w| judge(&share_claim.quantity, w.computed) == Verdict::Follows)
        {
            continue;
        }
        let own_sum = sum_of_neighbours(context, index, share_claim, &wholes);
        if own_sum {
            continue;
        }
        let best = wholes.iter().min_by_key(|w| (!w.sure, w.computed.gap(share_claim.quantity.interval)));
        let best = best.filter(|w| w.sure || is_near(share_claim, w.computed));
        // Few wholes and many digits: a miss by one of them is no chance.
        let slip = || wholes.iter().take(SLIPS).find(|w| slipped(&share_claim.quantity, w.computed));
        if let Some(whole) = best.or_else(slip) {
            add(context, index, share, whole, report);
        }
    }
}

/// Earlier levels that can be the whole: same unit, larger, of the same noun and no other scope.
pub(super) fn wholes(context: &Context<'_, '_>, part_entry: usize, share: &Claim) -> Vec<Whole> {
    let facts = &context.facts;
    let part = facts.claim_of(part_entry);
    let place = context.document.paragraphs[part.paragraph].place;
    let text = context.document.paragraphs[part.paragraph].text();
    let region_wide = mentions(since(text, part.quantity.start, &['。', '；'])).is_empty();
    // A part counts what its whole counts: 高级职称教师300人，其中高职院校200人 are 200 teachers.
    let parent = facts.entries[part_entry].parent.map_or("", |p| facts.claim_of(p).label());
    let counted = format!("{}，{parent}", part.label());
    let of_region = share
        .base
        .as_deref()
        .is_some_and(|b| b.chars().count() >= 6 && REGION.iter().any(|r| b.starts_with(r)));
    let from = part_entry.saturating_sub(REACH);
    let mut found = Vec::new();
    let mut explicit = false;
    for entry in (from..part_entry).rev() {
        let whole = facts.claim_of(entry);
        let other = context.document.paragraphs[whole.paragraph].place;
        let same_part =
            (other.chapter, other.section, other.case) == (place.chapter, place.section, place.case);
        let usable = whole.role == Role::Level
            && (same_part || of_region && other.chapter == place.chapter)
            && whole.quantity.family() == part.quantity.family()
            && whole.quantity.value > part.quantity.value;
        if !usable {
            continue;
        }
        let same_sentence = whole.paragraph == part.paragraph && whole.sentence == part.sentence;
        let same_scope = scopes(part.label()).is_empty() || !scopes(whole.label()).is_empty();
        // Another paragraph's total is a region's; a sentence about one institution does not mean that.
        let same_owner = whole.paragraph == part.paragraph || region_wide || of_region;
        let named = same_scope && same_owner && share.base.as_deref().is_some_and(|base| names(base, whole));
        // 共48人，其中36人…，占75%: the share of a part is its share of the whole it is a part of.
        let of_parent = same_scope
            && region_wide
            && share.base.is_none()
            && facts.entries[part_entry].parent == Some(entry)
            && text[share.lead.clone()].contains('占');
        let two_counts = same_sentence && !share.subject.is_empty() && only_two(context, part_entry, entry);
        let plausible = !scopes_clash(part.label(), whole.label()) && share_a_noun(&counted, whole.label());
        if !(named || of_parent || two_counts || same_sentence || plausible) {
            continue;
        }
        if let Some(computed) = part.quantity.interval.percent_of(whole.quantity.interval) {
            explicit |= named;
            found.push(Whole { entry, computed, sure: named || of_parent || two_counts });
        }
    }
    if explicit {
        // The text says what the share is of: no other level can make it right.
        found.retain(|whole| whole.sure);
    }
    found
}

/// Words for the region a report is about.
const REGION: &[&str] = &["全省", "全市", "全国", "全区", "全县", "全校", "全院", "我省", "我市"];

/// Whether the whole a share names (占…的) is this level.
fn names(base: &str, whole: &Claim) -> bool {
    let base = REGION.iter().find_map(|r| base.strip_prefix(r)).unwrap_or(base);
    let base = base.trim_start_matches(['全', '总']);
    whole.label() == base || (base.chars().count() >= 4 && whole.label().ends_with(base))
}

/// Whether part and whole are the only levels of their unit in the sentence: 报名90人，合格72人，合格率80%.
fn only_two(context: &Context<'_, '_>, part: usize, whole: usize) -> bool {
    let facts = &context.facts;
    let p = facts.claim_of(part);
    let in_segment = facts.entries[whole.saturating_sub(4)..=part].iter().filter(|e| {
        let c = &facts.claims[e.claim];
        c.paragraph == p.paragraph && c.segment == p.segment && c.quantity.family() == p.quantity.family()
    });
    whole + 1 == part && in_segment.count() == 2
}

/// Whether the share follows from this level taken together with the ones right before it.
fn sum_of_neighbours(context: &Context<'_, '_>, part_entry: usize, share: &Claim, wholes: &[Whole]) -> bool {
    let facts = &context.facts;
    let part = facts.claim_of(part_entry);
    let beside = |_: usize, other: &Claim| stands_beside(other, part);
    sums_with_neighbours(facts, part_entry, NEIGHBOURS, beside).any(|(entry, sum)| {
        wholes.iter().filter(|whole| whole.entry < entry).any(|whole| {
            sum.percent_of(facts.claim_of(whole.entry).quantity.interval)
                .is_some_and(|computed| judge(&share.quantity, computed) == Verdict::Follows)
        })
    })
}

/// A miss so small that this must be the whole that was meant.
fn is_near(share: &Claim, computed: Interval) -> bool {
    let tolerance = match share.quantity.decimals {
        0 => Decimal::ONE,
        1 => Decimal::new(5, 1),
        _ => Decimal::new(15, 2),
    };
    !share.quantity.approximate && computed.gap(share.quantity.interval) <= tolerance
}

fn add(context: &Context<'_, '_>, part_entry: usize, share: usize, whole: &Whole, report: &mut Report) {
    let facts = &context.facts;
    let (part, whole_claim) = (facts.claim_of(part_entry), facts.claim_of(whole.entry));
    let printed = &facts.claims[share].quantity;
    let truncated = judge(printed, whole.computed) == Verdict::Truncated;
    let expected = printed.shown_as(whole.computed.mid());
    let fine = shown_fine(whole.computed.mid(), printed.decimals);
    let division = format!("{}÷{}={fine}%", part.quantity.shown(), whole_claim.quantity.shown());
    let (mut computation, mut computation_en) = if truncated {
        (
            format!("{division}，四舍五入为{expected}，印作{}，是截去尾数而非四舍五入。", printed.shown()),
            format!("{division}, rounded {expected}; {} is cut off, not rounded.", printed.shown()),
        )
    } else {
        (
            format!("{division}，应为{expected}，印作{}。", printed.shown()),
            format!("{division}, that is {expected}, printed as {}.", printed.shown()),
        )
    };
    let mut locations =
        vec![context.quote_claim(share), context.quote_claim(facts.entries[part_entry].claim)];
    locations.push(context.quote_claim(facts.entries[whole.entry].claim));
    if let Some((zh, en)) = back_check(context, part_entry, whole, &mut locations) {
        computation.push_str(&zh);
        computation_en.push_str(&en);
    }
    let (rule, severity, zh, en) = if truncated {
        (
            "arithmetic.truncated",
            Severity::Warning,
            format!("占比{}是截断所得，四舍五入应为{expected}。", printed.shown()),
            format!("{} was cut off; rounded it is {expected}.", printed.shown()),
        )
    } else {
        (
            "arithmetic.share",
            Severity::Error,
            format!("占比应为{expected}，印作{}。", printed.shown()),
            format!("The share is {expected}, not {}.", printed.shown()),
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

/// Where last year's share can be had too: what the change in percentage points says about this year's.
fn back_check(
    context: &Context<'_, '_>,
    part_entry: usize,
    whole: &Whole,
    locations: &mut Vec<crate::finding::Location>,
) -> Option<(String, String)> {
    let facts = &context.facts;
    let (part, base) = (&facts.entries[part_entry], &facts.entries[whole.entry]);
    let points = &facts.claims[part.points?];
    let before = |entry: &crate::entry::Entry| {
        let change = &facts.claims[entry.change?];
        let now = facts.claims[entry.claim].quantity.value;
        now.checked_sub(change.quantity.value * Decimal::from(change.sign))
    };
    let (part_before, base_before) = (before(part)?, before(base)?);
    let last = Interval::exact(part_before).percent_of(Interval::exact(base_before))?.mid();
    let change = whole.computed.mid() - last;
    let agrees = points.quantity.interval.contains(change * Decimal::from(points.sign));
    locations.push(context.quote_claim(part.points?));
    locations.push(context.quote_claim(base.change?));
    locations.push(context.quote_claim(part.change?));
    let (part, base) = (part_before.normalize(), base_before.normalize());
    let (last, change) = (shown_fine(last, 2), shown_fine(change, 2));
    let printed = points.quantity.shown();
    let (agrees_zh, agrees_en) = if agrees { ("相符", "") } else { ("也不相符", "not ") };
    Some((
        format!("上年{part}÷{base}={last}%，变动{change}个百分点，与印出的{printed}{agrees_zh}。"),
        format!(
            " Last year {part}÷{base}={last}%: a change of {change} percentage points, {agrees_en}the {printed} printed."
        ),
    ))
}
