//! Contests under several names.

use std::collections::BTreeMap;

use super::Occurrence;
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};
use crate::text::{is_han, last_chars};
use crate::unit::UnitKind;

/// Endings of contests; a slip from one to another is a variant too.
const ENDINGS: &[&str] = &["大赛", "竞赛", "锦标赛"];

/// What a contest's full name begins with.
const STARTS: &[&str] = &["世界", "全国", "中国", "中华", "国际", "亚洲"];

/// Words that belong to the sentence, not to the name.
const STOPS: &[&str] = &[
    "参加", "参与", "承办", "举办", "荣获", "获得", "对接", "备战", "组织", "聚焦", "晋级", "斩获", "在",
    "于", "和", "与", "的", "及", "以", "为", "获", "年", "届", "由", "从", "对", "将",
];

/// Uses of the fullest name before others are measured against it.
const ESTABLISHED: usize = 3;
/// Uses that do where a variant only leaves one word out of the middle.
const SEEN_AGAIN: usize = 2;

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let mut groups: BTreeMap<&'static str, BTreeMap<String, Vec<Occurrence>>> = BTreeMap::new();
    for (unit, piece) in context.units.iter().enumerate() {
        for (start, range) in mentions(piece.text()) {
            let name = piece.text()[range.clone()].to_owned();
            groups.entry(start).or_default().entry(name).or_default().push(Occurrence { unit, range });
        }
    }
    for names in groups.values() {
        let fullest = names.iter().filter(|(_, uses)| uses.len() >= SEEN_AGAIN);
        for (canonical, uses) in fullest {
            let variants: Vec<(&String, &Vec<Occurrence>)> = names
                .iter()
                .filter(|(name, few)| few.len() < uses.len() && is_variant(name, canonical))
                .filter(|(name, _)| uses.len() >= ESTABLISHED || leaves_a_word_out(name, canonical))
                .filter(|(_, few)| few.iter().all(|o| !is_numbered(context, o)))
                .collect();
            if !variants.is_empty() {
                add(context, canonical, uses, &variants, report);
            }
        }
    }
}

/// Contests of a text: what their name starts with, and where they stand.
fn mentions(text: &str) -> Vec<(&'static str, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    for ending in ENDINGS {
        for (at, _) in text.match_indices(ending) {
            let reach = last_chars(&text[..at], 20);
            let base = at - reach.len();
            let mut cut = 0;
            for (i, c) in reach.char_indices() {
                if !is_han(c) {
                    cut = i + c.len_utf8();
                }
            }
            for stop in STOPS {
                cut = cut.max(reach.rfind(stop).map_or(0, |i| i + stop.len()));
            }
            let stem = &reach[cut..];
            let start = STARTS.iter().filter_map(|s| stem.find(s).map(|i| (i, *s))).min();
            let Some((offset, start)) = start else { continue };
            let from = base + cut + offset;
            if at > from + start.len() {
                found.push((start, from..at + ending.len()));
            }
        }
    }
    found
}

/// The same name with words left out, or with another ending.
fn is_variant(name: &str, canonical: &str) -> bool {
    let (Some(a), Some(b)) = (stem(name), stem(canonical)) else { return false };
    let mut rest = b.chars();
    let within = a.chars().all(|c| rest.any(|r| r == c));
    name != canonical && within && a.chars().count() * 2 >= b.chars().count()
}

/// 中国大学生创新大赛 for 中国国际大学生创新大赛; not 数学竞赛 for 数学建模竞赛, where the subject is another.
fn leaves_a_word_out(name: &str, canonical: &str) -> bool {
    let (Some(a), Some(b)) = (stem(name), stem(canonical)) else { return false };
    if a == b {
        return true;
    }
    super::inserted(a, b).is_some_and(|extra| extra.chars().count() <= 2 && !b.ends_with(&extra))
}

fn stem(name: &str) -> Option<&str> {
    ENDINGS.iter().find_map(|e| name.strip_suffix(e))
}

/// 第四十七届 before a name speaks for a contest of its own.
fn is_numbered(context: &Context<'_, '_>, place: &Occurrence) -> bool {
    context.units[place.unit].text()[..place.range.start].ends_with('届')
}

fn add(
    context: &Context<'_, '_>,
    canonical: &str,
    uses: &[Occurrence],
    variants: &[(&String, &Vec<Occurrence>)],
    report: &mut Report,
) {
    let quote = |o: &Occurrence| context.quote_unit(o.unit, o.range.clone());
    let mut places: Vec<&Occurrence> = variants.iter().flat_map(|(_, uses)| uses.iter()).collect();
    // The text is where the name is put right; the lists follow from it.
    places.sort_by_key(|o| context.units[o.unit].kind == UnitKind::Contents);
    let mut locations: Vec<_> = places.iter().take(10).map(|o| quote(o)).collect();
    locations
        .extend(uses.iter().filter(|o| context.units[o.unit].kind != UnitKind::Contents).take(2).map(quote));
    let list = variants.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("”“");
    report.add(Draft {
        class: Class::Name,
        severity: if variants.len() > 1 || same_company(context, uses, &places) { Severity::Error } else { Severity::Warning },
        rule: "name.contest",
        zh: format!("“{canonical}”又写作“{list}”；若是同一赛事，请用全称，若是另一赛事，请写明届次。"),
        en: format!("“{canonical}” also appears as “{list}”; one contest, one name, or say which other contest is meant."),
        locations,
        expected: canonical.to_owned(),
        actual: list,
        computation: format!("“{canonical}”出现{}次，其他写法共{}次。", uses.len(), places.len()),
        computation_en: format!("“{canonical}” × {}, other spellings × {}.", uses.len(), places.len()),
    });
}

/// Whether a variant is followed by words that follow the full name elsewhere: 总决赛, 赛项.
fn same_company(context: &Context<'_, '_>, uses: &[Occurrence], variants: &[&Occurrence]) -> bool {
    let behind = |o: &Occurrence| -> String {
        context.units[o.unit].text()[o.range.end..].chars().filter(|c| is_han(*c)).take(3).collect()
    };
    uses.iter().take(50).any(|u| {
        let words = behind(u);
        words.chars().count() == 3 && variants.iter().take(50).any(|v| behind(v) == words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_leave_words_out() {
        assert!(is_variant("世界技能大赛", "世界职业院校技能大赛"));
        assert!(is_variant("世界职业院校技能竞赛", "世界职业院校技能大赛"));
        assert!(!is_variant("世界机器人大赛", "世界职业院校技能大赛"));
    }

    #[test]
    fn names_begin_after_the_sentence() {
        let text = "学生参加2025世界职业技能大赛总决赛";
        let found = mentions(text);
        assert_eq!(&text[found[0].1.clone()], "世界职业技能大赛");
    }
}
