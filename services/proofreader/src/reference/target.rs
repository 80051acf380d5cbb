//! Whether a reference leads to what its sentence is about.

use std::collections::{BTreeMap, BTreeSet};

use super::Reference;
use crate::context::Context;
use crate::document::Caption;
use crate::document::label::{Label, LabelKind};
use crate::finding::{Class, Severity};
use crate::names::institution::mentions;
use crate::names::same_institution;
use crate::report::{Draft, Report};
use crate::scope::share_a_noun;
use crate::similar::{Rarity, common_run, likeness};
use crate::text::last_chars;

/// Below this a caption says nothing the sentence says.
const STRANGE: f64 = 0.12;
/// From this on a caption is about the sentence.
const FITTING: f64 = 0.22;
/// From this on it is so clearly about the sentence that another one with a few words in common is not.
const CLEARLY: f64 = 0.3;
/// How many captions ahead a mistaken reference can have meant.
const AHEAD: u32 = 4;
/// Most characters before a reference that it can be about.
const CONTEXT_CHARS: usize = 240;

pub(super) fn check(context: &Context<'_, '_>, references: &[Reference], report: &mut Report) {
    let by_label: BTreeMap<Label, &Caption> =
        context.document.captions.iter().rev().map(|c| (c.label, c)).collect();
    let rarity = Rarity::of(context.document.paragraphs.iter().map(|p| p.text()));
    let used: BTreeSet<Label> = references.iter().map(|r| r.label).collect();
    let mut wrong: BTreeSet<usize> = BTreeSet::new();
    for (index, reference) in references.iter().enumerate() {
        let Some(caption) = by_label.get(&reference.label).copied() else { continue };
        let words = words_before(context, references, index);
        let finder = Finder { rarity: &rarity, by_label: &by_label, used: &used };
        if let Some(meant) = finder.meant(reference, caption, words) {
            wrong.insert(index);
            other_caption(context, reference, caption, meant, references, report);
        } else if reference.label.kind == LabelKind::Figure {
            owner(context, reference, caption, words, report);
        } else if reference.label.kind == LabelKind::Table {
            wrong_sentence(context, &rarity, reference, caption, report);
        }
    }
    twins(context, references, &wrong, &by_label, report);
}

/// The words a reference closes: back to the reference before it, or to the paragraph's start.
fn words_before<'c>(context: &'c Context<'_, '_>, references: &[Reference], index: usize) -> &'c str {
    let reference = &references[index];
    let text = context.document.paragraphs[reference.paragraph].text();
    let start = index
        .checked_sub(1)
        .map(|i| &references[i])
        .filter(|r| {
            r.paragraph == reference.paragraph && !text[r.range.end..reference.range.start].is_empty()
        })
        .filter(|r| text[r.range.end..reference.range.start].chars().count() > 8)
        .map_or(0, |r| r.range.end);
    last_chars(&text[start..reference.range.start], CONTEXT_CHARS)
}

struct Finder<'c> {
    rarity: &'c Rarity,
    by_label: &'c BTreeMap<Label, &'c Caption>,
    used: &'c BTreeSet<Label>,
}

impl Finder<'_> {
    /// The caption that was meant, where the one referred to is about something else.
    fn meant(&self, reference: &Reference, caption: &Caption, words: &str) -> Option<&Caption> {
        let own = self.rarity.covered(&caption.title, words);
        let least = if own < STRANGE { FITTING } else { CLEARLY.max(own * 2.5) };
        let number = reference.label.number;
        (number.saturating_sub(2)..=number + AHEAD)
            .filter_map(|n| self.by_label.get(&reference.label.at(n)).copied())
            .filter(|c| c.label != reference.label && !self.used.contains(&c.label))
            .map(|c| (self.rarity.covered(&c.title, words), c))
            .filter(|(fit, _)| *fit >= least)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, c)| c)
    }
}

fn other_caption(
    context: &Context<'_, '_>,
    reference: &Reference,
    caption: &Caption,
    meant: &Caption,
    references: &[Reference],
    report: &mut Report,
) {
    let document = &context.document;
    let others = references
        .iter()
        .filter(|r| r.label == reference.label && r.paragraph != reference.paragraph)
        .count();
    let (elsewhere, elsewhere_en) = if others > 0 {
        (
            format!("“{}”另在他处被引用；", reference.label),
            format!("{} is referred to elsewhere as well; ", reference.label.en()),
        )
    } else {
        (String::new(), String::new())
    };
    report.add(Draft {
        class: Class::Reference,
        severity: Severity::Error,
        rule: "reference.wrong-target",
        zh: format!(
            "此处引用“{}”，其题为“{}”，与文意不合；应为“{}”。",
            reference.label, caption.title, meant.label
        ),
        en: format!(
            "{} is about something else; {} seems to be meant.",
            reference.label.en(),
            meant.label.en()
        ),
        locations: vec![
            document.quote(&document.paragraphs[reference.paragraph].norm, reference.range.clone()),
            document.quote_line(caption.line),
            document.quote_line(meant.line),
        ],
        expected: meant.label.to_string(),
        actual: reference.label.to_string(),
        computation: format!("{elsewhere}“{}”（{}）与上文用词相合，却无处引用。", meant.label, meant.title),
        computation_en: format!(
            "{elsewhere_en}{} ({}) shares its words with the text before and is referred to nowhere.",
            meant.label.en(),
            meant.title
        ),
    });
}

/// A figure that is shown as one school's in the text and as another's in its caption.
fn owner(
    context: &Context<'_, '_>,
    reference: &Reference,
    caption: &Caption,
    words: &str,
    report: &mut Report,
) {
    let Some(owner) = caption.owner.as_deref().filter(|o| !mentions(o).is_empty()) else { return };
    let sentence = words.rfind(['。', '；']).map_or(words, |at| &words[at + '。'.len_utf8()..]);
    let document = &context.document;
    let paragraph = &document.paragraphs[reference.paragraph];
    let case = paragraph.place.case.map(|c| &document.captions[c]);
    let case_owner = case.and_then(|c| c.owner.as_deref());
    if case_owner.is_some_and(|o| same_institution(o, owner)) {
        return;
    }
    let named = mentions(sentence);
    let (name, place) = match named.last() {
        Some(last) => (last.name.clone(), None),
        None => match case.and_then(|c| c.owner.clone().map(|o| (o, c.line))) {
            Some((name, line)) => (name, Some(document.quote_line(line))),
            None => return,
        },
    };
    // Where both are named, the one the reference's own clause begins with is the one shown.
    let opens = named.first().is_some_and(|m| m.range.start == 0);
    let both = paragraph.text().contains(owner) && !(opens && named.len() == 1);
    if both || same_institution(&name, owner) || named.iter().any(|m| same_institution(&m.name, owner)) {
        return;
    }
    let norm = &paragraph.norm;
    let start = norm.text[..reference.range.start].rfind(name.as_str());
    let mut locations =
        vec![document.quote(norm, reference.range.clone()), document.quote_line(caption.line)];
    locations.extend(place.or_else(|| start.map(|at| document.quote(norm, at..at + name.len()))));
    report.add(Draft {
        class: Class::Contradiction,
        severity: Severity::Error,
        rule: "contradiction.figure-owner",
        zh: format!("正文把“{}”归于{name}，题注却写{owner}。", reference.label),
        en: format!("The text gives {} to {name}, its caption to {owner}.", reference.label.en()),
        locations,
        expected: name.clone(),
        actual: owner.to_owned(),
        computation: format!("引用处最近的机构是{name}，题注括注为{owner}。"),
        computation_en: format!(
            "The institution nearest to the reference is {name}, the caption names {owner}."
        ),
    });
}

/// A table referred to behind a sentence on another matter, while an earlier sentence is what the table shows.
fn wrong_sentence(
    context: &Context<'_, '_>,
    rarity: &Rarity,
    reference: &Reference,
    caption: &Caption,
    report: &mut Report,
) {
    let document = &context.document;
    let paragraph = &document.paragraphs[reference.paragraph];
    let before = &paragraph.text()[..reference.range.start];
    let sentences: Vec<&str> = before
        .split(['。', '；'])
        .map(|s| s.trim_end_matches(['（', '见']))
        .filter(|s| s.chars().count() >= 6)
        .collect();
    let [earlier @ .., previous, own] = &sentences[..] else { return };
    // A sentence that gives what a row or column of the table is called is about the table.
    let own_words = document
        .tables
        .iter()
        .filter(|t| t.caption.is_some_and(|c| document.captions[c].label == caption.label))
        .flat_map(|t| t.rows.iter().flat_map(|r| &r.cells))
        .any(|cell| common_run(cell, own) >= 4);
    if own_words {
        return;
    }
    let strange = |s: &str| rarity.covered(&caption.title, s) < 0.2 && common_run(&caption.title, s) < 6;
    let fitting = earlier
        .iter()
        .rev()
        .take(4)
        .find(|s| rarity.covered(&caption.title, s) >= 0.45 && common_run(&caption.title, s) >= 8);
    let Some(fitting) = fitting.filter(|_| strange(own) && strange(previous) && share_a_noun(own, previous))
    else {
        return;
    };
    let at = before.find(fitting).unwrap_or(0);
    report.add(Draft {
        class: Class::Reference,
        severity: Severity::Error,
        rule: "reference.misattached",
        zh: format!(
            "“{}”（{}）说的不是这一句，应放在“{}”之后。",
            reference.label,
            caption.title,
            last_chars(fitting, 24)
        ),
        en: format!(
            "{} does not show what this sentence says; it belongs to an earlier one.",
            reference.label.en()
        ),
        locations: vec![
            document.quote(&paragraph.norm, reference.range.clone()),
            document.quote_line(caption.line),
            document.quote(&paragraph.norm, at + fitting.len().saturating_sub(3)..at + fitting.len()),
        ],
        expected: String::new(),
        actual: reference.label.to_string(),
        computation: "引用所在句与表题没有共同的用词，前面另有一句与表题大段相同。".into(),
        computation_en:
            "The sentence shares no word with the table's title; an earlier one shares most of it.".into(),
    });
}

/// Two captions alike but for a word, of which the text refers to one only.
fn twins(
    context: &Context<'_, '_>,
    references: &[Reference],
    wrong: &BTreeSet<usize>,
    by_label: &BTreeMap<Label, &Caption>,
    report: &mut Report,
) {
    let document = &context.document;
    let right = |label: Label| {
        references.iter().enumerate().find(|(i, r)| r.label == label && !wrong.contains(i)).map(|(_, r)| r)
    };
    for (label, first) in by_label.iter().filter(|(l, _)| l.kind != LabelKind::Case) {
        let Some(second) = by_label.get(&label.at(label.number + 1)).copied() else { continue };
        let alike = likeness(&first.title, &second.title) >= 0.7 && first.title != second.title;
        let alike = alike && first.owner.is_none() && second.owner.is_none();
        let Some(reference) = right(*label).filter(|_| alike && right(second.label).is_none()) else {
            continue;
        };
        let norm = &document.paragraphs[reference.paragraph].norm;
        report.add(Draft {
            class: Class::Reference,
            severity: Severity::Warning,
            rule: "reference.twin",
            zh: format!("“{label}”与“{}”成对，正文只引用了前者。", second.label),
            en: format!(
                "{} and {} belong together; the text refers to the first only.",
                label.en(),
                second.label.en()
            ),
            locations: vec![
                document.quote(norm, reference.range.clone()),
                document.quote_line(second.line),
                document.quote_line(first.line),
            ],
            expected: format!("{label}、{}", second.label),
            actual: label.to_string(),
            computation: format!("两题只差几个字：“{}”，“{}”。", first.title, second.title),
            computation_en: format!(
                "The two titles differ in a few characters: “{}”, “{}”.",
                first.title, second.title
            ),
        });
    }
}
