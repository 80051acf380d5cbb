//! The contents against the headings of the text, and the headings' own numbering.

use std::collections::HashMap;

use crate::context::Context;
use crate::document::Heading;
use crate::document::contents::Entry;
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};
use crate::similar::{difference, likeness};
use crate::text::bare;

/// Likeness from which two headings are the same one in two wordings.
const SAME_HEADING: f64 = 0.4;

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    wordings(context, report);
    numbering(context, report);
}

fn wordings(context: &Context<'_, '_>, report: &mut Report) {
    let document = &context.document;
    let entries: Vec<&Entry> = document.contents.iter().filter(|e| e.label.is_none()).collect();
    let mut exact: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, heading) in document.headings.iter().enumerate() {
        exact.entry(bare(&heading.title)).or_default().push(index);
    }
    let mut taken = vec![false; document.headings.len()];
    let mut open: Vec<(usize, &Entry)> = Vec::new();
    let mut position = 0;
    let mut last_found = 0;
    for (index, entry) in entries.iter().enumerate() {
        let hit = exact.get(&bare(&entry.title)).and_then(|all| all.iter().copied().find(|&h| !taken[h]));
        match hit {
            Some(heading) => {
                taken[heading] = true;
                position = heading + 1;
                last_found = index;
            }
            None => open.push((position, entry)),
        }
    }
    let last_line = entries.get(last_found).map_or(0, |e| e.line);
    for (near, entry) in open {
        let from = near.saturating_sub(3);
        let to = (near + 6).min(document.headings.len());
        let candidate = (from..to)
            .filter(|&h| !taken[h] && same_number(entry, &document.headings[h]))
            .map(|h| (likeness(&entry.title, &document.headings[h].title), h))
            .filter(|(like, _)| *like >= SAME_HEADING)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match candidate {
            Some((_, heading)) => {
                taken[heading] = true;
                differs(context, entry, &document.headings[heading], report);
            }
            None if entry.mark.is_some() && entry.line < last_line => absent(context, entry, report),
            None => {}
        }
    }
}

fn same_number(entry: &Entry, heading: &Heading) -> bool {
    entry.mark.is_none_or(|(level, number)| {
        heading.number == 0 || (level, number) == (heading.level, heading.number)
    })
}

fn differs(context: &Context<'_, '_>, entry: &Entry, heading: &Heading, report: &mut Report) {
    let (listed, printed) = difference(&entry.title, &heading.title);
    report.add(Draft {
        class: Class::Reference,
        severity: Severity::Error,
        rule: "reference.contents-differ",
        zh: format!("目录“{}”与正文标题“{}”不一致。", entry.title, heading.title),
        en: format!("The contents say “{}”, the heading “{}”.", entry.title, heading.title),
        locations: vec![context.document.quote_line(heading.line), context.document.quote_line(entry.line)],
        expected: entry.title.clone(),
        actual: heading.title.clone(),
        computation: format!("不同之处：目录“{listed}”，正文“{printed}”。"),
        computation_en: format!("Where they differ: contents “{listed}”, text “{printed}”."),
    });
}

fn absent(context: &Context<'_, '_>, entry: &Entry, report: &mut Report) {
    report.add(Draft {
        class: Class::Reference,
        severity: Severity::Warning,
        rule: "reference.absent-heading",
        zh: format!("目录列有“{}”，正文没有这一标题。", entry.title),
        en: format!("The contents list “{}”, but the text has no such heading.", entry.title),
        locations: vec![context.document.quote_line(entry.line)],
        expected: entry.title.clone(),
        actual: String::new(),
        computation: "其后的目录条目在正文中均有对应标题。".into(),
        computation_en: "The entries after it all have their headings in the text.".into(),
    });
}

/// Headings of one level under one parent count 1, 2, 3.
fn numbering(context: &Context<'_, '_>, report: &mut Report) {
    let document = &context.document;
    let mut last: [Option<&Heading>; 4] = [None; 4];
    for heading in &document.headings {
        let slot = usize::from(heading.level.clamp(1, 4)) - 1;
        for lower in last.iter_mut().skip(slot + 1) {
            *lower = None;
        }
        let previous = last[slot].replace(heading);
        let Some(previous) = previous.filter(|p| p.number > 0 && heading.number > 1) else { continue };
        // Levels 3 and 4 also number lists inside the text; only the two upper ones are sure to be headings.
        if slot > 1 && heading.number <= previous.number {
            continue;
        }
        let problem = if heading.number == previous.number {
            "重复"
        } else if heading.number > previous.number + 1 {
            "跳号"
        } else if heading.number < previous.number {
            "倒退"
        } else {
            continue;
        };
        report.add(Draft {
            class: Class::Reference,
            severity: if slot > 1 { Severity::Warning } else { Severity::Error },
            rule: "reference.heading-number",
            zh: format!("标题“{}”的序号{problem}。", heading.title),
            en: format!(
                "Heading “{}” is numbered {} after {}.",
                heading.title, heading.number, previous.number
            ),
            locations: vec![document.quote_line(heading.line), document.quote_line(previous.line)],
            expected: (previous.number + 1).to_string(),
            actual: heading.number.to_string(),
            computation: format!("同级上一标题的序号是{}，这一标题是{}。", previous.number, heading.number),
            computation_en: format!(
                "The heading before it at this level has number {}, this one {}.",
                previous.number, heading.number
            ),
        });
    }
}
