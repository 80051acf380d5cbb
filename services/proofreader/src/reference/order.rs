//! Order: captions that come too late or too early, and page numbers that cannot be.

use std::collections::{BTreeMap, BTreeSet};

use super::Reference;
use crate::context::Context;
use crate::document::Block;
use crate::document::contents::Entry;
use crate::document::label::{Label, LabelKind};
use crate::finding::{Class, Location, Severity};
use crate::report::{Draft, Report};

pub(super) fn check(context: &Context<'_, '_>, references: &[Reference], report: &mut Report) {
    let mut misplaced_pages = pages(context);
    for kind in LabelKind::ALL {
        let order: Vec<(Label, usize)> =
            context.document.captions_of(kind).map(|(i, c)| (c.label, i)).collect();
        for at in out_of_order(&order.iter().map(|(l, _)| *l).collect::<Vec<_>>()) {
            let page = misplaced_pages.remove(&order[at].0);
            caption(context, &order, at, page, report);
        }
    }
    for (label, (entry, neighbour)) in misplaced_pages {
        page(context, label, entry, neighbour, report);
    }
    heading_pages(context, report);
    before_first_subsection(context, references, report);
}

/// Positions that must be left out for the rest to rise (the fewest possible).
fn out_of_order<T: Ord>(items: &[T]) -> Vec<usize> {
    // Longest rising subsequence by patience sorting.
    let mut tops: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; items.len()];
    for (i, item) in items.iter().enumerate() {
        let at = tops.partition_point(|&t| items[t] <= *item);
        previous[i] = at.checked_sub(1).map(|p| tops[p]);
        if at == tops.len() {
            tops.push(i);
        } else {
            tops[at] = i;
        }
    }
    let mut kept = BTreeSet::new();
    let mut next = tops.last().copied();
    while let Some(i) = next {
        kept.insert(i);
        next = previous[i];
    }
    (0..items.len()).filter(|i| !kept.contains(i)).collect()
}

fn caption(
    context: &Context<'_, '_>,
    order: &[(Label, usize)],
    at: usize,
    page: Option<(&Entry, &Entry)>,
    report: &mut Report,
) {
    let document = &context.document;
    let line = |i: usize| document.quote_line(document.captions[i].line);
    let (label, index) = order[at];
    let before = at.checked_sub(1).map(|i| order[i]);
    let after = order.get(at + 1).copied();
    let mut locations = vec![line(index)];
    locations.extend([before, after].into_iter().flatten().map(|(_, i)| line(i)));
    let beside = |found: Option<(Label, usize)>, name: fn(Label) -> String| {
        found.map_or_else(String::new, |(label, _)| name(label))
    };
    let (zh, en) = (|label: Label| label.to_string(), Label::en);
    let mut computation = format!("题注顺序：…{}→{label}→{}…", beside(before, zh), beside(after, zh));
    let mut computation_en =
        format!("Order of captions: …{}→{}→{}…", beside(before, en), label.en(), beside(after, en));
    if let Some((entry, neighbour)) = page {
        let (own, next) = (entry.page, neighbour.page);
        computation.push_str(&format!("；目录页码{own}排在{next}之前"));
        computation_en.push_str(&format!("; the list has page {own} before {next}"));
        locations.push(document.quote_line(entry.line));
        locations.push(document.quote_line(neighbour.line));
    }
    report.add(Draft {
        class: Class::Reference,
        severity: Severity::Error,
        rule: "reference.order",
        zh: format!("“{label}”的编号与出现的先后不符。"),
        en: format!("{} is numbered out of the order in which it appears.", label.en()),
        locations,
        expected: String::new(),
        actual: label.to_string(),
        computation: computation + "。",
        computation_en: computation_en + ".",
    });
}

/// Entries of the lists of figures, tables and cases whose page breaks the rising order, with the entry after them.
fn pages<'c>(context: &'c Context<'_, '_>) -> BTreeMap<Label, (&'c Entry, &'c Entry)> {
    let mut found = BTreeMap::new();
    for kind in LabelKind::ALL {
        let list: Vec<&Entry> =
            context.document.contents.iter().filter(|e| e.label.is_some_and(|l| l.kind == kind)).collect();
        for at in out_of_order(&list.iter().map(|e| e.page).collect::<Vec<_>>()) {
            let neighbour = list.get(at + 1).or_else(|| at.checked_sub(1).and_then(|i| list.get(i)));
            if let (Some(label), Some(neighbour)) = (list[at].label, neighbour) {
                found.insert(label, (list[at], *neighbour));
            }
        }
    }
    found
}

fn page(context: &Context<'_, '_>, label: Label, entry: &Entry, neighbour: &Entry, report: &mut Report) {
    let document = &context.document;
    report.add(Draft {
        class: Class::Reference,
        severity: Severity::Error,
        rule: "reference.page",
        zh: format!("目录中“{label}”的页码{}与前后不成次序。", entry.page),
        en: format!(
            "The list gives page {} for {}, out of order with its neighbours.",
            entry.page,
            label.en()
        ),
        locations: vec![document.quote_line(entry.line), document.quote_line(neighbour.line)],
        expected: String::new(),
        actual: entry.page.to_string(),
        computation: format!("相邻一条的页码是{}。", neighbour.page),
        computation_en: format!("The entry beside it is on page {}.", neighbour.page),
    });
}

/// Page numbers of the contents that go back.
fn heading_pages(context: &Context<'_, '_>, report: &mut Report) {
    let document = &context.document;
    let list: Vec<&Entry> = document.contents.iter().filter(|e| e.label.is_none()).collect();
    for at in out_of_order(&list.iter().map(|e| e.page).collect::<Vec<_>>()) {
        let neighbour = at.checked_sub(1).map(|i| list[i]).or(list.get(at + 1).copied());
        let Some(neighbour) = neighbour else { continue };
        report.add(Draft {
            class: Class::Reference,
            severity: Severity::Error,
            rule: "reference.page",
            zh: format!("目录中“{}”的页码{}与前后不成次序。", list[at].title, list[at].page),
            en: format!(
                "The contents give page {} for “{}”, out of order with their neighbours.",
                list[at].page, list[at].title
            ),
            locations: vec![document.quote_line(list[at].line), document.quote_line(neighbour.line)],
            expected: String::new(),
            actual: list[at].page.to_string(),
            computation: format!("相邻一条的页码是{}。", neighbour.page),
            computation_en: format!("The entry beside it is on page {}.", neighbour.page),
        });
    }
}

/// A section that opens with a figure or case of the section before, ahead of its own first subsection.
fn before_first_subsection(context: &Context<'_, '_>, references: &[Reference], report: &mut Report) {
    let document = &context.document;
    let headings: Vec<usize> =
        (0..document.blocks.len()).filter(|&b| matches!(document.blocks[b], Block::Heading(_))).collect();
    for pair in headings.windows(2) {
        let (Block::Heading(this), Block::Heading(below)) =
            (document.blocks[pair[0]], document.blocks[pair[1]])
        else {
            continue;
        };
        let (this, below) = (&document.headings[this], &document.headings[below]);
        let between = &document.blocks[pair[0] + 1..pair[1]];
        let opening: Vec<usize> = between
            .iter()
            .filter_map(|b| match *b {
                Block::Caption(c) => Some(c),
                _ => None,
            })
            .collect();
        let own_text = between.iter().any(|b| match *b {
            Block::Paragraph(p) => {
                document.paragraphs[p].prose && document.paragraphs[p].place.case.is_none()
            }
            Block::Table(_) => true,
            _ => false,
        });
        let Some(&first) = opening.first() else { continue };
        let label = document.captions[first].label;
        let referred_before =
            references.iter().any(|r| r.label == label && document.paragraphs[r.paragraph].line < this.line);
        if below.level <= this.level || below.number != 1 || own_text || !referred_before {
            continue;
        }
        let mut locations: Vec<Location> = vec![document.quote_line(this.line)];
        locations.extend(opening.iter().map(|&c| document.quote_line(document.captions[c].line)));
        locations.push(document.quote_line(below.line));
        report.add(Draft {
            class: Class::Reference,
            severity: Severity::Warning,
            rule: "reference.misplaced",
            zh: format!("“{}”一节开头是属于上一节的“{label}”，宜移到标题之前。", this.title),
            en: format!(
                "Section “{}” opens with {}, which belongs to the section before.",
                this.title,
                label.en()
            ),
            locations,
            expected: String::new(),
            actual: label.to_string(),
            computation: format!("“{label}”在标题之前已被引用，题注却在标题之后、第一小节之前。"),
            computation_en: format!(
                "{} is referred to before the heading; its caption stands behind it, before the first part.",
                label.en()
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::out_of_order;

    #[test]
    fn the_fewest_items_are_blamed() {
        assert_eq!(out_of_order(&[1, 2, 3, 9, 4, 5]), [3]);
        assert_eq!(out_of_order(&[7, 9, 10, 20, 8, 21]), [4]);
        assert!(out_of_order(&[1, 1, 2]).is_empty());
    }
}
