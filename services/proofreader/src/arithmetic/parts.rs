//! Sums: 其中, 包括 and the parts that should add up.

use rust_decimal::Decimal;

use super::slip::slipped;
use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::entry::Facts;
use crate::finding::{Class, Severity};
use crate::interval::{Interval, show};
use crate::report::{Draft, Report};
use crate::scope::share_a_noun;

/// Groups of words of which each part of a whole has one: seeing two of them says that the parts are of one kind.
const CONTRASTS: &[&[&str]] = &[
    &["中职", "高职", "本科", "专科", "技工"],
    &["中专", "职业高中", "职高", "技工"],
    &["男", "女"],
    &["公办", "民办"],
    &["校内", "校外"],
    &["一等奖", "二等奖", "三等奖"],
    &["金", "银", "铜"],
    &["国家级", "省级", "市级", "校级"],
    &["非独立", "独立"],
    &["专任", "兼任", "兼职"],
    &["境内", "境外"],
    &["春季", "秋季"],
    &["博士", "硕士", "学士"],
    &["非学历", "学历"],
    &["线上", "线下"],
    &["中央", "省", "市", "自筹"],
];

/// Pairs that leave nothing out.
const COMPLETE: &[&[&str]] = &[
    &["男", "女"],
    &["公办", "民办"],
    &["校内", "校外"],
    &["非独立", "独立"],
    &["境内", "境外"],
    &["非学历", "学历"],
    &["线上", "线下"],
];

/// Words for groups that overlap with others: they do not add up.
const OVERLAPPING: &[&str] = &[
    "党员",
    "青年",
    "骨干",
    "双师",
    "名师",
    "以上",
    "少数民族",
    "困难",
    "留学",
    "累计",
    "新增",
    "参加",
    "获",
];

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let facts = &context.facts;
    for index in 0..facts.entries.len() {
        let entry = &facts.entries[index];
        if entry.parts.is_empty() || facts.claim_of(index).role != Role::Level {
            continue;
        }
        levels(context, index, report);
        changes(context, index, report);
    }
    breakdowns(context, report);
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

/// Words for groups of people or things that every other group may have a share in.
const CROSSING: &[&str] = &[
    "女",
    "职称",
    "学位",
    "学历",
    "硕士",
    "博士",
    "正高",
    "副高",
    "党员",
    "研究生",
    "省外",
    "国家级",
    "强企业",
    "上市",
    "龙头",
    "头部",
    "规上",
    "专精特新",
    "高新",
    "国企",
    "央企",
    "外资",
    "优秀",
    "重点",
    "特色",
];

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

/// Whether nothing in the labels says that the parts overlap.
fn disjoint(labels: &[&str]) -> bool {
    labels.iter().all(|l| !OVERLAPPING.iter().chain(CROSSING).any(|w| l.contains(w)))
}

/// Whether a part repeats the name of the whole: 技能大师工作室88个，其中国家级技能大师工作室7个.
fn names_its_whole(parts: &[&str], whole: &str) -> bool {
    let noun = crate::text::last_chars(whole, 4);
    noun.chars().count() == 4 && parts.iter().any(|p| p.contains(noun))
}

/// `高职20所，中职30所，其中公办40所`: the parts may be of all that was listed before them.
fn fits_neighbours(context: &Context<'_, '_>, index: usize, sum: Interval) -> bool {
    let facts = &context.facts;
    let whole = facts.claim_of(index);
    let mut all = whole.quantity.interval;
    let mut next = whole;
    for entry in (0..index).rev().take(40) {
        let c = facts.claim_of(entry);
        let beside = c.paragraph == whole.paragraph
            && c.sentence == whole.sentence
            && c.bracket == whole.bracket
            && c.role == Role::Level
            && c.quantity.family() == whole.quantity.family()
            && facts.entries[entry].parts.is_empty()
            && facts.entries[entry].parent == facts.entries[index].parent;
        // 在7个国家建校9所: what is not listed side by side is not counted together.
        let text = context.document.paragraphs[whole.paragraph].text();
        let between = text.get(c.quantity.end..next.quantity.start).unwrap_or_default();
        if !beside || !between.contains(['，', '、', '和', '及']) {
            return false;
        }
        next = c;
        let Some(more) = all.plus(c.quantity.interval) else { return false };
        all = more;
        if sum.lo <= all.hi {
            return true;
        }
    }
    false
}

fn severity_over(labels: &[&str], parts: usize, gap: Decimal, complete: bool) -> Option<Severity> {
    let quarter = Decimal::new(25, 2);
    if parts == 1 {
        return Some(Severity::Error);
    }
    if labels.iter().any(|l| OVERLAPPING.iter().any(|w| l.contains(w)))
        && !complete
        && !contrast(labels, COMPLETE)
    {
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
    if complete || contrast(labels, COMPLETE) {
        return (gap <= Decimal::new(25, 2)).then_some(Severity::Error);
    }
    let near = gap <= Decimal::new(5, 2) && of_one_kind(labels);
    near.then_some(Severity::Warning)
}

/// Parts that are counted alike: by contrast words or by a common ending.
fn of_one_kind(labels: &[&str]) -> bool {
    contrast(labels, CONTRASTS) || common_ending(labels) >= 2
}

fn contrast(labels: &[&str], groups: &[&[&str]]) -> bool {
    groups.iter().any(|group| {
        let used: Vec<Option<usize>> =
            labels.iter().map(|l| group.iter().position(|w| l.contains(w))).collect();
        used.iter().all(Option::is_some) && {
            let mut distinct: Vec<usize> = used.into_iter().flatten().collect();
            distinct.sort_unstable();
            distinct.dedup();
            distinct.len() == labels.len() && labels.len() >= 2
        }
    })
}

/// Characters all labels end with.
fn common_ending(labels: &[&str]) -> usize {
    let Some((first, others)) = labels.split_first() else { return 0 };
    first
        .chars()
        .rev()
        .enumerate()
        .take_while(|&(i, c)| others.iter().all(|o| o.chars().rev().nth(i) == Some(c)))
        .count()
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

/// Where the levels add up, their changes must too.
fn changes(context: &Context<'_, '_>, index: usize, report: &mut Report) {
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

/// 在…中 with parts that almost, but not quite, make up a whole named before.
fn breakdowns(context: &Context<'_, '_>, report: &mut Report) {
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
        if family == "%" || labels.iter().any(|l| OVERLAPPING.iter().any(|w| l.contains(w))) {
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
