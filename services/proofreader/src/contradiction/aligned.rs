//! Two passages about the same thing that differ in one of their figures: the highlights and the chapter behind them.
//!
//! Passages are brought together by what they name in quotation marks or as a work, or by runs of words only they share;
//! figures by unit and noun.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use rust_decimal::Decimal;

use super::figures::{scope, year};
use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::names::institution::mentions;
use crate::report::{Draft, Report, fnv};
use crate::similar::likeness;
use crate::text::{bare, is_han, since, until};

/// Passages a name may occur in and still tell what they are about.
const RARE: usize = 4;
/// Ideographs in a row that two passages on one matter share.
const RUN: usize = 6;
/// Likeness of two passages about the same thing.
const ALIKE: f64 = 0.22;

/// Words that make a figure another one than the same figure without them.
const QUALIFIERS: &[&str] = &[
    "首批", "累计", "每年", "年均", "其中", "目标", "计划", "力争", "新增", "首次", "平均", "推荐", "入选",
    "达到",
];

/// A stretch of text between full stops or semicolons that has figures.
struct Passage<'t> {
    paragraph: usize,
    text: &'t str,
    claims: Vec<usize>,
    institutions: BTreeSet<String>,
    editions: BTreeSet<String>,
}

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let passages = passages(context);
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, passage) in passages.iter().enumerate() {
        for name in names(passage.text) {
            by_name.entry(name).or_default().push(index);
        }
    }
    let mut compared: BTreeSet<(usize, usize)> = retold(&passages);
    for &(a, b) in &compared {
        compare(context, &passages[a], &passages[b], report);
    }
    for places in by_name.values().filter(|p| (2..=RARE).contains(&p.len())) {
        for (i, &a) in places.iter().enumerate() {
            for &b in &places[i + 1..] {
                if passages[a].paragraph != passages[b].paragraph && compared.insert((a, b)) {
                    compare(context, &passages[a], &passages[b], report);
                }
            }
        }
    }
}

/// Pairs of passages in different paragraphs that have runs of words in common which hardly any other has.
fn retold(passages: &[Passage<'_>]) -> BTreeSet<(usize, usize)> {
    let mut holders: HashMap<u64, Vec<u32>> = HashMap::new();
    for (index, passage) in passages.iter().enumerate() {
        let chars: Vec<char> = passage.text.chars().filter(|c| is_han(*c)).collect();
        for run in chars.windows(RUN) {
            let hash = run.iter().fold(0xcbf2_9ce4_8422_2325, |h, c| fnv(h, &(*c as u32).to_le_bytes()));
            // One run in three is enough to notice a sentence told twice, and keeps the index small.
            if hash % 3 == 0 {
                let places = holders.entry(hash).or_default();
                if places.last() != Some(&(index as u32)) && places.len() <= RARE {
                    places.push(index as u32);
                }
            }
        }
    }
    let mut shared: HashMap<(u32, u32), usize> = HashMap::new();
    for places in holders.values().filter(|p| (2..=RARE).contains(&p.len())) {
        for (i, &a) in places.iter().enumerate() {
            for &b in &places[i + 1..] {
                *shared.entry((a, b)).or_default() += 1;
            }
        }
    }
    let apart = |a: u32, b: u32| passages[a as usize].paragraph != passages[b as usize].paragraph;
    let often = shared.into_iter().filter(|&((a, b), runs)| runs >= 2 && apart(a, b));
    often.map(|((a, b), _)| (a as usize, b as usize)).collect()
}

fn passages<'c>(context: &'c Context<'_, '_>) -> Vec<Passage<'c>> {
    let claims = &context.facts.claims;
    let mut found = Vec::new();
    let mut next = 0;
    while next < claims.len() {
        let first = &claims[next];
        let mut end = next;
        while end < claims.len()
            && (claims[end].paragraph, claims[end].segment) == (first.paragraph, first.segment)
        {
            end += 1;
        }
        let text = context.document.paragraphs[first.paragraph].text();
        let range = around(text, first.quantity.start, claims[end - 1].quantity.end);
        let text = &text[range];
        found.push(Passage {
            paragraph: first.paragraph,
            text,
            claims: (next..end).collect(),
            institutions: mentions(text).into_iter().map(|m| m.name).collect(),
            editions: editions(text),
        });
        next = end;
    }
    found
}

fn around(text: &str, from: usize, to: usize) -> Range<usize> {
    let stop = ['。', '；', '！', '？'];
    from - since(text, from, &stop).len()..to + until(text, to, &stop).len()
}

/// What a passage names in quotation or title marks.
fn names(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (open, close) in [('“', '”'), ('《', '》')] {
        for piece in text.split(open).skip(1) {
            let name = bare(piece.split(close).next().unwrap_or(""));
            if (3..=30).contains(&name.chars().count()) {
                found.insert(name);
            }
        }
    }
    found
}

/// 第五届, 第二批, 首届: editions that must agree.
fn editions(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for word in ["届", "批", "期", "轮"] {
        for (at, _) in text.match_indices(word) {
            if let Some(start) = text[..at].rfind('第').filter(|s| text[*s..at].chars().count() <= 5) {
                found.insert(text[start..at + word.len()].to_owned());
            }
        }
    }
    found
}

fn compare(context: &Context<'_, '_>, a: &Passage<'_>, b: &Passage<'_>, report: &mut Report) {
    let disjoint =
        |x: &BTreeSet<String>, y: &BTreeSet<String>| !x.is_empty() && !y.is_empty() && x.is_disjoint(y);
    if disjoint(&a.institutions, &b.institutions)
        || disjoint(&a.editions, &b.editions)
        || likeness(a.text, b.text) < ALIKE
    {
        return;
    }
    let facts = &context.facts;
    for &i in &a.claims {
        let x = &facts.claims[i];
        let confirmed = |claim: &Claim, others: &[usize]| {
            others.iter().any(|&o| {
                let other = &facts.claims[o];
                counted(other) == counted(claim) && other.quantity.interval.meets(claim.quantity.interval)
            })
        };
        let mut same = b.claims.iter().copied().filter(|&j| same_figure(context, x, &facts.claims[j]));
        let (Some(j), None) = (same.next(), same.next()) else { continue };
        let y = &facts.claims[j];
        if confirmed(x, &b.claims) || confirmed(y, &a.claims) || !comparable(x, y) {
            continue;
        }
        report.add(Draft {
            class: Class::Contradiction,
            severity: Severity::Warning,
            rule: "contradiction.aligned",
            zh: format!("两处说的应是同一件事，一处为{}，一处为{}。", x.quantity.shown(), y.quantity.shown()),
            en: format!(
                "Two passages on the same matter give {} and {}.",
                x.quantity.shown(),
                y.quantity.shown()
            ),
            locations: vec![context.quote_claim(i), context.quote_claim(j)],
            expected: String::new(),
            actual: format!("{} / {}", x.quantity.shown(), y.quantity.shown()),
            computation: "两段提到同样的名称，所计对象相同，数值不同。".into(),
            computation_en: "Both passages name the same things and count the same, with different values."
                .into(),
        });
    }
}

/// Whether two figures count the same noun under the same scope, year and qualifiers.
fn same_figure(context: &Context<'_, '_>, x: &Claim, y: &Claim) -> bool {
    let text = |c: &Claim| context.document.paragraphs[c.paragraph].text();
    let lead = |c: &Claim| text(c)[c.lead.clone()].to_owned();
    let level = |c: &Claim| matches!(c.role, Role::Level | Role::Share) && !c.quantity.range;
    let (lx, ly) = (lead(x), lead(y));
    level(x)
        && level(y)
        && x.role == y.role
        && counted(x) == counted(y)
        && !x.quantity.unit.is_empty()
        && same_noun(x, y)
        && QUALIFIERS.iter().all(|w| lx.contains(w) == ly.contains(w))
        && scope(context, x, x.label()) == scope(context, y, y.label())
        && year(text(x), x).or(context.year()) == year(text(y), y).or(context.year())
}

/// The unit, with 17国 and 17个国家 counted alike.
fn counted(claim: &Claim) -> &'static str {
    if claim.quantity.unit == "个" && claim.object.starts_with("国家") {
        "国"
    } else {
        claim.quantity.family()
    }
}

/// The noun behind the unit, or the end of the subject.
fn same_noun(x: &Claim, y: &Claim) -> bool {
    let start = |c: &Claim| c.object.chars().take(3).collect::<String>();
    if counted(x) == "国" {
        return true;
    }
    let objects = start(x).chars().count() == 3 && start(x) == start(y);
    let end = |c: &Claim| crate::text::last_chars(&c.subject, 4).to_owned();
    let subjects = end(x).chars().count() == 4 && end(x) == end(y);
    objects || subjects
}

/// Near enough to be one figure, apart enough not to be.
fn comparable(x: &Claim, y: &Claim) -> bool {
    let (a, b) = (x.quantity.value, y.quantity.value);
    let apart = !x.quantity.interval.meets(y.quantity.interval);
    apart && a > Decimal::ZERO && b > Decimal::ZERO && a <= b * Decimal::TWO && b <= a * Decimal::TWO
}
