//! Passages and slogans that appear twice: in the report, in last year's, in another school's.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::names::same_institution;
use crate::quotes::{Quotation, attribution};
use crate::report::{Draft, Report};
use crate::shingle::{Passage, Trace, matches};
use crate::unit::UnitKind;

/// Characters from which a passage repeated inside a report is worth a look, and from which it is too long.
const REPEATED: usize = 40;
const REPEATED_LONG: usize = 120;
/// Characters from which a passage shared with another report is reported.
const SHARED: usize = 50;

/// All checks for duplication.
pub(crate) fn check(context: &Context<'_, '_>, report: &mut Report) {
    slogans(context, report);
    passages(context, report);
}

/// A coined slogan that two institutions claim.
fn slogans(context: &Context<'_, '_>, report: &mut Report) {
    let mut uses: BTreeMap<&str, Vec<&Quotation>> = BTreeMap::new();
    for quotation in context.quotations.iter().filter(|q| context.units[q.unit].kind != UnitKind::Contents) {
        if quotation.bare.chars().count() >= 5 {
            uses.entry(&quotation.bare).or_default().push(quotation);
        }
    }
    for (slogan, places) in uses.into_iter().filter(|(_, p)| p.len() > 1) {
        let mut owners: BTreeMap<Option<String>, &Quotation> = BTreeMap::new();
        for place in &places {
            let owner = attribution(context, place.unit, place.range.start);
            let known =
                owner.as_ref().is_some_and(|o| owners.keys().flatten().any(|k| same_institution(k, o)));
            if !known {
                owners.entry(owner).or_insert(place);
            }
        }
        let schools: Vec<(&String, &Quotation)> =
            owners.iter().filter_map(|(o, q)| o.as_ref().map(|o| (o, *q))).collect();
        let region = owners.get(&None).copied();
        match (&schools[..], region) {
            ([(a, first), (b, second)], _) if is_coined(slogan) => {
                claimed_twice(context, (a, first), (b, second), report);
            }
            ([(school, at)], Some(region))
                if steps(&region.text) >= 3
                    && region.head.chars().count() >= 4
                    && crate::text::first_chars(&region.head, 4) == crate::text::first_chars(&at.head, 4) =>
            {
                region_and_school(context, region, at, school, report);
            }
            _ => {}
        }
    }
}

/// Coined words count things: at least two different numerals, not only 一.
fn is_coined(slogan: &str) -> bool {
    let numerals: BTreeSet<char> =
        slogan.chars().filter(|c| "一二三四五六七八九十双两".contains(*c)).collect();
    numerals.len() >= 2
}

fn steps(slogan: &str) -> usize {
    slogan.split(['—', '-', '、', '·']).filter(|s| !s.is_empty()).count()
}

fn claimed_twice(
    context: &Context<'_, '_>,
    a: (&str, &Quotation),
    b: (&str, &Quotation),
    report: &mut Report,
) {
    let quote = |q: &Quotation| context.quote_unit(q.unit, q.range.clone());
    let mut locations = vec![quote(b.1), quote(a.1)];
    for q in [a.1, b.1] {
        let case = context.units[q.unit].place.case.map(|c| context.document.captions[c].line);
        locations.extend(case.map(|line| context.document.quote_line(line)));
    }
    report.add(Draft {
        class: Class::Duplication,
        severity: Severity::Warning,
        rule: "duplication.slogan",
        zh: format!("“{}”同时用于{}和{}，请核对是否串用。", a.1.text, a.0, b.0),
        en: format!("“{}” is claimed by {} and by {}; check whether one was copied.", a.1.text, a.0, b.0),
        locations,
        expected: String::new(),
        actual: a.1.text.clone(),
        computation: "完全相同的自创提法归于两所学校。".into(),
        computation_en: "The very same coined phrase is given to two schools.".into(),
    });
}

fn region_and_school(
    context: &Context<'_, '_>,
    region: &Quotation,
    at: &Quotation,
    school: &str,
    report: &mut Report,
) {
    let quote = |q: &Quotation| context.quote_unit(q.unit, q.range.clone());
    report.add(Draft {
        class: Class::Duplication,
        severity: Severity::Info,
        rule: "duplication.attribution",
        zh: format!("“{}”先作普遍做法，后作{school}的做法。", region.text),
        en: format!("“{}” is told as common practice and as that of {school}.", region.text),
        locations: vec![quote(region), quote(at)],
        expected: String::new(),
        actual: region.text.clone(),
        computation: "同一提法两种归属。".into(),
        computation_en: "One phrase is attributed in two ways.".into(),
    });
}

/// Passages repeated in the report, and shared with the reports it is compared with.
fn passages(context: &Context<'_, '_>, report: &mut Report) {
    let texts: Vec<&str> = context.document.paragraphs.iter().map(|p| p.text()).collect();
    let own = Trace::of(&texts);
    let mut told: BTreeSet<(usize, usize)> = BTreeSet::new();
    for passage in matches(&own, &own, REPEATED) {
        if passage.left.0 < passage.right.0 && told.insert((passage.left.0, passage.right.0)) {
            repeated(context, &own, &passage, report);
        }
    }
    let others = context
        .options
        .previous
        .iter()
        .map(|t| (t, true))
        .chain(context.options.others.iter().map(|t| (t, false)));
    for (other, previous) in others {
        let lines: Vec<&str> = other.text.lines().filter(|l| !l.trim().is_empty()).collect();
        let trace = Trace::of(&lines);
        for passage in matches(&own, &trace, SHARED) {
            let there = trace.words(passage.right.0, passage.right.1, passage.chars);
            let line =
                other.text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()).nth(passage.right.0);
            let there =
                There { title: &other.title, line: line.map_or(0, |(i, _)| i + 1), words: &there, previous };
            shared(context, &own, &passage, &there, report);
        }
    }
}

fn repeated(context: &Context<'_, '_>, own: &Trace, passage: &Passage, report: &mut Report) {
    let place = |(paragraph, start): (usize, usize)| {
        let range = own.bytes(paragraph, start, passage.chars);
        context.document.quote(&context.document.paragraphs[paragraph].norm, range)
    };
    let words = own.words(passage.left.0, passage.left.1, passage.chars);
    report.add(Draft {
        class: Class::Duplication,
        severity: if passage.chars >= REPEATED_LONG { Severity::Warning } else { Severity::Info },
        rule: "duplication.repeated",
        zh: format!("连续{}字在两处相同：“{}…”。", passage.chars, crate::text::first_chars(&words, 24)),
        en: format!("{} characters in a row appear twice.", passage.chars),
        locations: vec![place(passage.right), place(passage.left)],
        expected: String::new(),
        actual: crate::text::first_chars(&words, 60).to_owned(),
        computation: format!("不计标点，两处连续相同{}字。", passage.chars),
        computation_en: format!(
            "Without punctuation, characters in a row that are the same in both places: {}.",
            passage.chars
        ),
    });
}

/// Where a shared passage stands in the other text.
struct There<'t> {
    title: &'t str,
    line: usize,
    words: &'t str,
    previous: bool,
}

fn shared(context: &Context<'_, '_>, own: &Trace, passage: &Passage, there: &There<'_>, report: &mut Report) {
    let There { title, line, words: theirs, previous } = *there;
    let range = own.bytes(passage.left.0, passage.left.1, passage.chars);
    let words = own.words(passage.left.0, passage.left.1, passage.chars);
    let whose = if previous { "往年报告" } else { "其他报告" };
    report.add(Draft {
        class: Class::Duplication,
        // A school may say of itself what it said last year; at length, it should have something new to say.
        severity: if previous && passage.chars < REPEATED_LONG { Severity::Info } else { Severity::Warning },
        rule: if previous { "duplication.previous" } else { "duplication.other" },
        zh: format!("连续{}字与{whose}《{title}》相同。", passage.chars),
        en: format!("{} characters in a row are the same as in “{title}”.", passage.chars),
        locations: vec![context.document.quote(&context.document.paragraphs[passage.left.0].norm, range)],
        expected: String::new(),
        actual: crate::text::first_chars(&words, 60).to_owned(),
        computation: format!(
            "不计标点，连续相同{}字；《{title}》第{line}行：“{}”。",
            passage.chars,
            ends(theirs)
        ),
        computation_en: format!(
            "Without punctuation, {} characters in a row are the same; “{title}”, line {line}: “{}”.",
            passage.chars,
            ends(theirs)
        ),
    });
}

/// The beginning and the end of a passage.
fn ends(words: &str) -> String {
    if words.chars().count() <= 60 {
        return words.to_owned();
    }
    format!("{}……{}", crate::text::first_chars(words, 30), crate::text::last_chars(words, 20))
}
