//! The same quantity in two places of the text with two values.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::claim::{Claim, Role};
use crate::context::{Context, year_before};
use crate::finding::{Class, Severity};
use crate::metric::Metric;
use crate::names::institution::mentions;
use crate::report::{Draft, Report};
use crate::scope::scopes;
use crate::text::since;

/// Words that make a figure another one than the same figure without them.
const QUALIFIERS: &[&str] = &[
    "首批",
    "计划",
    "目标",
    "力争",
    "预计",
    "其他",
    "近三年",
    "近五年",
    "两年",
    "三年",
    "去年",
    "上年",
    "平均",
];

/// What a figure must share with another to be the same quantity.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    metric: String,
    scope: Vec<&'static str>,
    family: &'static str,
    rate: bool,
    institution: Option<String>,
    year: Option<i32>,
}

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let facts = &context.facts;
    let mut groups: HashMap<Key, Vec<usize>> = HashMap::new();
    let mut order: Vec<usize> = Vec::new();
    for (index, claim) in facts.claims.iter().enumerate() {
        if let Some(key) = key(context, index, claim) {
            let group = groups.entry(key).or_default();
            if group.is_empty() {
                order.push(index);
            }
            group.push(index);
        }
    }
    let mut found: Vec<&Vec<usize>> = groups.values().filter(|g| g.len() > 1).collect();
    found.sort();
    for group in found {
        let first = group[0];
        let other = group[1..].iter().copied().find(|&c| differ(&facts.claims[first], &facts.claims[c]));
        if let Some(other) = other {
            add(context, first, other, report);
        }
    }
}

/// Whether two figures cannot both be right, in different sentences.
fn differ(a: &Claim, b: &Claim) -> bool {
    let apart = (a.paragraph, a.sentence) != (b.paragraph, b.sentence);
    apart && !a.quantity.interval.meets(b.quantity.interval)
}

fn key(context: &Context<'_, '_>, index: usize, claim: &Claim) -> Option<Key> {
    let rate = claim.role == Role::Share;
    if !(claim.role == Role::Level || rate) || claim.quantity.range || claim.quantity.unit.is_empty() {
        return None;
    }
    let paragraph = &context.document.paragraphs[claim.paragraph];
    let label = label(context, index, claim)?;
    let text = paragraph.text();
    let lead = &text[claim.lead.clone()];
    if QUALIFIERS.iter().any(|w| lead.contains(w)) || mentions(&label).len() > 1 {
        return None;
    }
    let mut metric = Metric::of(&label);
    if rate {
        metric.key = metric.key.replace("专任", "");
    }
    if !metric.tells() || !prose_word(&metric.key) || of_a_narrower_group(text, claim) {
        return None;
    }
    Some(Key {
        metric: metric.key.replace(['总', '额', '量'], ""),
        scope: scope(context, claim, &label),
        family: claim.quantity.family(),
        rate,
        institution: institution(context, claim),
        year: year(text, claim).or(context.year()),
    })
}

/// Endings of clauses that turn to a group of their own: what follows is said of that group.
const GROUPS: &[&str] =
    &["班", "项目", "试点", "基地", "园区", "校区", "分校", "专业群", "联合体", "共同体", "学院", "赛项"];

/// Whether one of the two clauses before a claim's own turns to a narrower group: 设立试验班，…，通过率达到….
fn of_a_narrower_group(text: &str, claim: &Claim) -> bool {
    let sentence = since(text, claim.lead.start, &['。', '；']);
    let clauses: Vec<&str> = sentence.trim_end_matches('，').rsplit('，').take(2).collect();
    clauses.iter().any(|c| GROUPS.iter().any(|g| c.ends_with(g)))
}

/// The claim's own subject, or for a share without one the subject of the level it belongs to.
fn label(context: &Context<'_, '_>, index: usize, claim: &Claim) -> Option<String> {
    if !claim.subject.is_empty() {
        return Some(claim.subject.clone());
    }
    if claim.role != Role::Share {
        return None;
    }
    let facts = &context.facts;
    let owner = facts.owner(index)?;
    let level = &facts.claims[owner.claim];
    // 占 names another whole than the one the rate of the same name has.
    (claim.base.is_none() && level.paragraph == claim.paragraph).then(|| level.subject.clone())
}

/// A key cut out of the middle of a sentence is not the name of a quantity.
fn prose_word(key: &str) -> bool {
    key.chars().count() <= 16 && !key.contains(['将', '被', '使', '让', '把', '从', '其', '等'])
}

/// The words of the sentence before a number, back to the last full stop or semicolon.
pub(super) fn segment(text: &str, at: usize) -> &str {
    since(text, at, &['。', '；'])
}

/// The institution a figure is about: the last one named before it, or that of its case.
pub(super) fn institution(context: &Context<'_, '_>, claim: &Claim) -> Option<String> {
    let paragraph = &context.document.paragraphs[claim.paragraph];
    let segment = segment(paragraph.text(), claim.quantity.start);
    if let Some(last) = mentions(segment).pop() {
        return Some(last.name);
    }
    let case = paragraph.place.case.map(|c| &context.document.captions[c]);
    if let Some(case) = case {
        return Some(case.owner.clone().unwrap_or_else(|| case.label.to_string()));
    }
    if ["学校", "学院", "该校", "我校"].iter().any(|w| segment.contains(w)) {
        return mentions(since(paragraph.text(), claim.quantity.start, &[])).pop().map(|m| m.name);
    }
    None
}

/// Scope words of the label and the kind of school it is about.
pub(super) fn scope(context: &Context<'_, '_>, claim: &Claim, label: &str) -> Vec<&'static str> {
    let mut found = scopes(label);
    for school in school_scope(context, claim, label) {
        if !found.contains(&school) {
            found.push(school);
        }
    }
    found.sort_unstable();
    found
}

/// The kind of school a claim is about: from its label, or the nearest word before it in its sentence and the headings.
pub(super) fn school_scope(context: &Context<'_, '_>, claim: &Claim, label: &str) -> Vec<&'static str> {
    let paragraph = &context.document.paragraphs[claim.paragraph];
    let sentence = since(paragraph.text(), claim.quantity.start, &['。']);
    let schools = |words: &str| -> Option<Vec<&'static str>> {
        let found: Vec<&'static str> = scopes(words).into_iter().filter(|s| INHERITED.contains(s)).collect();
        (!found.is_empty()).then_some(found)
    };
    let headings =
        paragraph.place.headings.iter().rev().flatten().map(|&h| context.document.headings[h].title.as_str());
    std::iter::once(label)
        .chain(sentence.rsplit(['，', '；']))
        .chain(headings)
        .find_map(schools)
        .unwrap_or_default()
}

/// Scopes that a sentence or heading sets for what follows.
const INHERITED: &[&str] = &["高职", "中职", "公办", "民办"];

/// The year the sentence names before a figure.
pub(super) fn year(text: &str, claim: &Claim) -> Option<i32> {
    let segment = segment(text, claim.quantity.start);
    let base = claim.quantity.start - segment.len();
    segment.match_indices('年').rev().find_map(|(at, _)| year_before(text, base + at))
}

fn add(context: &Context<'_, '_>, first: usize, second: usize, report: &mut Report) {
    let facts = &context.facts;
    let (a, b) = (&facts.claims[first].quantity, &facts.claims[second].quantity);
    let subject = [first, second]
        .iter()
        .map(|&c| facts.claims[c].subject.as_str())
        .find(|s| !s.is_empty())
        .unwrap_or("")
        .replace(['“', '”'], "");
    let gap = a.interval.gap(b.interval);
    let mut locations = vec![context.quote_claim(first), context.quote_claim(second)];
    if facts.claims[second].subject.is_empty()
        && let Some(owner) = facts.owner(second)
    {
        locations.push(context.quote_claim(owner.claim));
    }
    report.add(Draft {
        class: Class::Contradiction,
        severity: if gap > Decimal::ZERO { Severity::Error } else { Severity::Info },
        rule: "contradiction.figure",
        zh: format!("同一指标“{subject}”前后不一：{}与{}；若口径不同，请注明。", a.shown(), b.shown()),
        en: format!(
            "“{subject}” is given as {} and as {}; if the scopes differ, say so.",
            a.shown(),
            b.shown()
        ),
        locations,
        expected: String::new(),
        actual: format!("{} / {}", a.shown(), b.shown()),
        computation: format!("两处主体、口径用词和年份相同，数值相差{}。", gap.normalize()),
        computation_en: format!(
            "Subject, scope and year are the same in both places; the values differ by {}.",
            gap.normalize()
        ),
    });
}
