//! Captions against their lists and against the references: duplicates, gaps, missing and differing titles.

use std::collections::{BTreeMap, BTreeSet};

use super::Reference;
use crate::context::Context;
use crate::document::Caption;
use crate::document::contents::Entry;
use crate::document::label::{Label, LabelKind};
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};
use crate::similar::{common_run, difference, likeness};
use crate::text::{Norm, bare};

pub(super) fn check(context: &Context<'_, '_>, references: &[Reference], report: &mut Report) {
    for kind in LabelKind::ALL {
        let captions = captions(context, kind);
        let listed = listed(context, kind);
        duplicates(context, &captions, report);
        against_list(context, kind, &captions, &listed, report);
        gaps(context, kind, &captions, &listed, report);
        unreferenced(context, kind, &captions, references, report);
    }
    dangling(context, references, report);
}

/// Captions of a kind by label, in order of lines.
fn captions(context: &Context<'_, '_>, kind: LabelKind) -> BTreeMap<Label, Vec<usize>> {
    let mut found: BTreeMap<Label, Vec<usize>> = BTreeMap::new();
    for (index, caption) in context.document.captions_of(kind) {
        found.entry(caption.label).or_default().push(index);
    }
    found
}

fn listed<'c>(context: &'c Context<'_, '_>, kind: LabelKind) -> BTreeMap<Label, &'c Entry> {
    let entries = context.document.contents.iter();
    entries.filter_map(|e| e.label.filter(|l| l.kind == kind).map(|l| (l, e))).collect()
}

fn duplicates(context: &Context<'_, '_>, captions: &BTreeMap<Label, Vec<usize>>, report: &mut Report) {
    for (label, places) in captions.iter().filter(|(_, p)| p.len() > 1) {
        let titles: BTreeSet<String> =
            places.iter().map(|&i| bare(&context.document.captions[i].title)).collect();
        let continued = places.iter().any(|&i| context.document.captions[i].title.contains('续'));
        if continued || titles.len() == 1 {
            continue;
        }
        report.add(Draft {
            class: Class::Reference,
            severity: Severity::Error,
            rule: "reference.duplicate-label",
            zh: format!("“{label}”用于{}处不同的内容，请重新编号。", places.len()),
            en: format!("{} is used for {} different captions; renumber them.", label.en(), places.len()),
            locations: places
                .iter()
                .map(|&i| context.document.quote_line(context.document.captions[i].line))
                .collect(),
            expected: String::new(),
            actual: label.to_string(),
            computation: format!("“{label}”作为题注出现{}次。", places.len()),
            computation_en: format!("{} stands as a caption {} times.", label.en(), places.len()),
        });
    }
}

fn against_list(
    context: &Context<'_, '_>,
    kind: LabelKind,
    captions: &BTreeMap<Label, Vec<usize>>,
    listed: &BTreeMap<Label, &Entry>,
    report: &mut Report,
) {
    if listed.is_empty() {
        return;
    }
    let reached = reached(captions);
    for (label, entry) in listed {
        match captions.get(label).map(|places| places[0]) {
            Some(caption) => title_differs(context, *label, entry, caption, report),
            // Behind the last caption the text may simply end: an extract, not a mistake.
            None if reached.get(&label.chapter).is_some_and(|last| label.number < *last)
                || is_past(context, label.chapter) =>
            {
                missing(context, *label, entry, report);
            }
            None => {}
        }
    }
    let first = listed.keys().next().copied();
    for (label, places) in captions {
        if !listed.contains_key(label) && listed.keys().any(|l| l.chapter == label.chapter) && first.is_some()
        {
            unlisted(context, kind, *label, places[0], report);
        }
    }
}

/// Whether the text has captions of this chapter or one before it, and of one behind it: nothing of it can follow.
fn is_past(context: &Context<'_, '_>, chapter: Option<u32>) -> bool {
    let chapters = || context.document.captions.iter().filter_map(|c| c.label.chapter);
    chapter.is_some_and(|this| chapters().any(|c| c <= this) && chapters().any(|c| c > this))
}

/// The last number of each chapter that the text has a caption for.
fn reached(captions: &BTreeMap<Label, Vec<usize>>) -> BTreeMap<Option<u32>, u32> {
    let mut last = BTreeMap::new();
    for label in captions.keys() {
        let slot = last.entry(label.chapter).or_insert(0);
        *slot = label.number.max(*slot);
    }
    last
}

fn title_differs(
    context: &Context<'_, '_>,
    label: Label,
    entry: &Entry,
    caption: usize,
    report: &mut Report,
) {
    let caption = &context.document.captions[caption];
    let title = whole_title(context, entry, caption);
    if bare(&entry.title) == bare(&title) {
        return;
    }
    let (in_list, in_text) = difference(&entry.title, &title);
    let related = likeness(&entry.title, &title) >= 0.3;
    let locations = vec![context.document.quote_line(caption.line), context.document.quote_line(entry.line)];
    let (differ, differ_en) = if related {
        (format!("“{in_list}”与“{in_text}”"), format!("“{in_list}” and “{in_text}”"))
    } else {
        ("全文".to_owned(), "throughout".to_owned())
    };
    report.add(Draft {
        class: Class::Reference,
        severity: Severity::Error,
        rule: "reference.list-differs",
        zh: format!("“{label}”的目录与正文标题不一致：目录“{}”，正文“{}”。", entry.title, title),
        en: format!("{}: the list says “{}”, the caption “{title}”.", label.en(), entry.title),
        locations,
        expected: entry.title.clone(),
        actual: title,
        computation: format!("逐字比较（不计标点），不同之处：{differ}。"),
        computation_en: format!(
            "Compared character by character, without punctuation; where they differ: {differ_en}."
        ),
    });
}

/// A caption's title; where the list's begins with it, together with the next line if that completes it.
fn whole_title(context: &Context<'_, '_>, entry: &Entry, caption: &Caption) -> String {
    let next = context.document.lines.get(caption.line + 1).copied().unwrap_or("");
    let joined = format!("{}{}", caption.title, Norm::of_line(0, next).text);
    let wrapped = !next.trim().is_empty()
        && caption.tail.is_none()
        && bare(&entry.title).starts_with(&bare(&caption.title))
        && likeness(&entry.title, &joined) > likeness(&entry.title, &caption.title);
    if wrapped { joined } else { caption.title.clone() }
}

fn missing(context: &Context<'_, '_>, label: Label, entry: &Entry, report: &mut Report) {
    let mut locations = vec![context.document.quote_line(entry.line)];
    // The case or paragraph the figure would belong to, where its words say so.
    let home = context
        .document
        .captions
        .iter()
        .filter(|c| c.line != entry.line)
        .max_by_key(|c| if c.label.kind == label.kind { 0 } else { common_run(&c.title, &entry.title) });
    locations.extend(
        home.filter(|c| common_run(&c.title, &entry.title) >= 5).map(|c| context.document.quote_line(c.line)),
    );
    report.add(Draft {
        class: Class::Reference,
        severity: Severity::Error,
        rule: "reference.missing-caption",
        zh: format!("目录列有“{label}”，正文没有这一题注。"),
        en: format!("{} is listed, but the text has no such caption.", label.en()),
        locations,
        expected: format!("{label} {}", entry.title),
        actual: String::new(),
        computation: format!("正文中“{label}”之后的编号均有题注，独缺此号。"),
        computation_en: format!(
            "The numbers after {} all have captions; this one alone has none.",
            label.en()
        ),
    });
}

fn unlisted(context: &Context<'_, '_>, kind: LabelKind, label: Label, caption: usize, report: &mut Report) {
    let caption = &context.document.captions[caption];
    report.add(Draft {
        class: Class::Reference,
        severity: Severity::Error,
        rule: "reference.unlisted",
        zh: format!("正文有“{label}”，{}目录中没有。", kind.zh()),
        en: format!("{} has a caption but is not in the list.", label.en()),
        locations: vec![context.document.quote_line(caption.line)],
        expected: format!("{label} {}", caption.title),
        actual: String::new(),
        computation: "逐条比对目录与题注。".into(),
        computation_en: "The list and the captions were compared one by one.".into(),
    });
}

/// Numbers that are neither listed nor captioned although later ones are.
fn gaps(
    context: &Context<'_, '_>,
    kind: LabelKind,
    captions: &BTreeMap<Label, Vec<usize>>,
    listed: &BTreeMap<Label, &Entry>,
    report: &mut Report,
) {
    let mut chapters: BTreeMap<Option<u32>, Vec<(u32, usize)>> = BTreeMap::new();
    for (label, places) in captions {
        chapters.entry(label.chapter).or_default().push((label.number, places[0]));
    }
    let first = context.document.captions.iter().filter_map(|c| c.label.chapter).min();
    for (chapter, numbers) in chapters {
        // A chapter that begins with number 2, unless the text itself begins there.
        let opens = numbers[0];
        let label = Label { kind, chapter, number: opens.0.saturating_sub(1) };
        if opens.0 == 2 && chapter.is_some() && chapter != first && !listed.contains_key(&label) {
            report.add(Draft {
                class: Class::Reference,
                severity: Severity::Error,
                rule: "reference.gap",
                zh: format!("编号缺“{label}”。"),
                en: format!("{} is missing from the numbering.", label.en()),
                locations: vec![context.document.quote_line(context.document.captions[opens.1].line)],
                expected: label.to_string(),
                actual: String::new(),
                computation: format!("本章的编号从“{}”开始。", label.at(opens.0)),
                computation_en: format!("The chapter begins with {}.", label.at(opens.0).en()),
            });
        }
        for pair in numbers.windows(2) {
            for number in pair[0].0 + 1..pair[1].0.min(pair[0].0 + 20) {
                let label = Label { kind, chapter, number };
                if listed.contains_key(&label) {
                    continue;
                }
                report.add(Draft {
                    class: Class::Reference,
                    severity: Severity::Error,
                    rule: "reference.gap",
                    zh: format!("编号缺“{label}”。"),
                    en: format!("{} is missing from the numbering.", label.en()),
                    locations: [pair[1].1, pair[0].1]
                        .iter()
                        .map(|&c| context.document.quote_line(context.document.captions[c].line))
                        .collect(),
                    expected: label.to_string(),
                    actual: String::new(),
                    computation: format!("“{}”之后直接是“{}”。", label.at(pair[0].0), label.at(pair[1].0)),
                    computation_en: format!(
                        "{} is followed by {}.",
                        label.at(pair[0].0).en(),
                        label.at(pair[1].0).en()
                    ),
                });
            }
        }
    }
}

/// References to labels that no caption and no list has.
fn dangling(context: &Context<'_, '_>, references: &[Reference], report: &mut Report) {
    let known: BTreeSet<Label> = context
        .document
        .captions
        .iter()
        .map(|c| c.label)
        .chain(context.document.contents.iter().filter_map(|e| e.label))
        .collect();
    for reference in references {
        let kind_in_use = known.iter().any(|l| l.kind == reference.label.kind);
        if known.contains(&reference.label) || !kind_in_use {
            continue;
        }
        let norm = &context.document.paragraphs[reference.paragraph].norm;
        report.add(Draft {
            class: Class::Reference,
            severity: Severity::Error,
            rule: "reference.dangling",
            zh: format!("正文引用“{}”，但没有这一题注。", reference.label),
            en: format!("{} is referred to, but there is no such caption.", reference.label.en()),
            locations: vec![context.document.quote(norm, reference.range.clone())],
            expected: String::new(),
            actual: reference.label.to_string(),
            computation: "题注与目录中均无此号。".into(),
            computation_en: "Neither a caption nor the list has this number.".into(),
        });
    }
}

/// Figures and tables nobody is sent to; one finding for all of a kind.
fn unreferenced(
    context: &Context<'_, '_>,
    kind: LabelKind,
    captions: &BTreeMap<Label, Vec<usize>>,
    references: &[Reference],
    report: &mut Report,
) {
    let used: BTreeSet<Label> = references.iter().map(|r| r.label).collect();
    let unused: Vec<(&Label, usize)> =
        captions.iter().filter(|(l, _)| !used.contains(l)).map(|(l, p)| (l, p[0])).collect();
    // A report that never refers to its figures has made its choice.
    if kind == LabelKind::Case || unused.is_empty() || unused.len() == captions.len() {
        return;
    }
    let names: Vec<String> = unused.iter().map(|(l, _)| l.to_string()).collect();
    report.add(Draft {
        class: Class::Reference,
        severity: Severity::Info,
        rule: "reference.unreferenced",
        zh: format!("正文未提及：{}。", names.join("、")),
        en: format!(
            "{} {} never referred to in the text.",
            unused.len(),
            if unused.len() == 1 { "caption is" } else { "captions are" }
        ),
        locations: unused
            .iter()
            .map(|&(_, c)| context.document.quote_line(context.document.captions[c].line))
            .collect(),
        expected: String::new(),
        actual: names.join("、"),
        computation: format!("共{}个题注，{}个未被引用。", captions.len(), unused.len()),
        computation_en: format!("Captions: {}, not referred to: {}.", captions.len(), unused.len()),
    });
}
