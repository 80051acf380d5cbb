//! What forms on paper need of a document before it is set: texts that our fonts have, links that lead somewhere from
//! paper, and tables that fit their page.

use std::collections::HashSet;

use serde::Serialize;

use crate::{
    fonts,
    model::{Block, Document, Inline, Lang, Table, Text},
    text::{self, Anchors},
};

/// The document as it is printed, and the fonts that it needs beside ours.
pub fn prepared(document: &Document) -> (Document, fonts::Rare) {
    let mut printed = document.clone();
    let mut texts = vec![];
    each(&mut printed, &mut |text| {
        *text = text::clean(text);
        texts.push(text.clone());
    });
    let rare = fonts::rare(texts.iter().map(String::as_str));
    if !rare.missing.is_empty() {
        each(&mut printed, &mut |text| {
            *text = text
                .chars()
                .map(|one| if rare.missing.contains(&one) { fonts::MISSING } else { one })
                .collect();
        });
    }
    let anchors = Anchors::of(document);
    let lang = document.lang;
    lines(&mut printed, &mut |line| {
        *line = std::mem::take(line).into_iter().map(|one| linked(one, &anchors, lang)).collect()
    });
    once(&mut printed);
    (printed, rare)
}

/// A reference to nothing is its words; a link that leads nowhere from paper is its words.
fn linked(inline: Inline, anchors: &Anchors<'_>, lang: Lang) -> Inline {
    match inline {
        Inline::Reference { kind, number, id } if !anchors.has(&id) => {
            Inline::Text(kind.label(lang, &number))
        }
        Inline::Bound { display, .. } => Inline::Bound { display, href: None },
        Inline::Link { text, href } if text::outside(&href).is_none() => Inline::Text(text),
        Inline::Footnote(note) => Inline::Footnote(
            note.into_iter()
                .flat_map(|inner| match inner {
                    Inline::Footnote(deeper) => deeper,
                    other => vec![other],
                })
                .filter(|inner| !matches!(inner, Inline::Footnote(_)))
                .map(|inner| linked(inner, anchors, lang))
                .collect(),
        ),
        other => other,
    }
}

/// Anchors that are used twice stay with the first.
fn once(document: &mut Document) {
    let mut seen = HashSet::new();
    let mut keep = |id: &mut String| {
        if !seen.insert(id.clone()) {
            id.clear();
        }
    };
    for chapter in &mut document.chapters {
        keep(&mut chapter.id);
        for block in &mut chapter.blocks {
            match block {
                Block::Heading(heading) => keep(&mut heading.id),
                Block::Table(table) => keep(&mut table.id),
                Block::Chart(chart) => keep(&mut chart.id),
                Block::Case(case) => keep(&mut case.id),
                Block::Paragraph(_) | Block::List(_) | Block::Quote(_) => {}
            }
        }
    }
}

/// Every line of running text.
fn lines(document: &mut Document, act: &mut impl FnMut(&mut Text)) {
    for block in document.chapters.iter_mut().flat_map(|chapter| &mut chapter.blocks) {
        match block {
            Block::Paragraph(text) => act(text),
            Block::List(list) => list.items.iter_mut().for_each(&mut *act),
            Block::Case(case) => case.paragraphs.iter_mut().for_each(&mut *act),
            Block::Quote(quote) => quote.paragraphs.iter_mut().for_each(&mut *act),
            Block::Heading(_) | Block::Table(_) | Block::Chart(_) => {}
        }
    }
}

/// Every text that is printed.
fn each(document: &mut Document, act: &mut impl FnMut(&mut String)) {
    for text in [
        &mut document.title,
        &mut document.subtitle,
        &mut document.issuer,
        &mut document.date,
        &mut document.note,
    ] {
        act(text);
    }
    for chapter in &mut document.chapters {
        act(&mut chapter.number);
        act(&mut chapter.title);
        for block in &mut chapter.blocks {
            match block {
                Block::Heading(heading) => {
                    [&mut heading.number, &mut heading.title].into_iter().for_each(&mut *act)
                }
                Block::Table(table) => {
                    [&mut table.number, &mut table.title, &mut table.source].into_iter().for_each(&mut *act);
                    table.notes.iter_mut().for_each(&mut *act);
                    table.columns.iter_mut().for_each(|column| {
                        act(&mut column.name);
                        act(&mut column.unit);
                    });
                    table
                        .rows
                        .iter_mut()
                        .flat_map(|row| &mut row.cells)
                        .for_each(|cell| act(&mut cell.display));
                }
                Block::Chart(chart) => {
                    [&mut chart.number, &mut chart.title, &mut chart.unit, &mut chart.source]
                        .into_iter()
                        .for_each(&mut *act);
                    chart.notes.iter_mut().chain(&mut chart.categories).for_each(&mut *act);
                    chart.series.iter_mut().for_each(|series| {
                        act(&mut series.name);
                        series.displays.iter_mut().for_each(&mut *act);
                    });
                }
                Block::Case(case) => {
                    let texts = [&mut case.number, &mut case.title, &mut case.owner, &mut case.source];
                    texts.into_iter().for_each(&mut *act);
                }
                Block::Quote(quote) => act(&mut quote.source),
                Block::Paragraph(_) | Block::List(_) => {}
            }
        }
    }
    lines(document, &mut |line| line.iter_mut().for_each(|inline| inner(inline, act)));
}

fn inner(inline: &mut Inline, act: &mut impl FnMut(&mut String)) {
    match inline {
        Inline::Text(text) | Inline::Strong(text) | Inline::Emphasis(text) => act(text),
        Inline::Bound { display, .. } => act(display),
        Inline::Reference { number, .. } => act(number),
        Inline::Link { text, .. } => act(text),
        Inline::Footnote(note) => note.iter_mut().for_each(|inline| inner(inline, act)),
    }
}

/// How a table fits its page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Layout {
    /// The share of the width that each column takes.
    pub widths: Vec<f64>,
    /// The size of its letters, in points.
    pub size: f64,
    /// Whether it takes a page on its side.
    pub flipped: bool,
}

/// The width of the text on an upright page and on one on its side, in points.
const UPRIGHT: f64 = 470.0;
const FLIPPED: f64 = 717.0;

/// Fits `table`: in letters of the usual size if they go, else in smaller ones, else on its side.
pub fn layout(table: &Table, lang: Lang) -> Layout {
    let widths: Vec<f64> = (0..table.columns.len())
        .map(|index| {
            let column = &table.columns[index];
            let cells = table.rows.iter().filter_map(|row| row.cells.get(index));
            let widest = cells.map(|cell| ems(&cell.display)).fold(0.0, f64::max);
            let head = text::column(column, lang);
            let word = head.split(' ').map(ems).fold(0.0, f64::max);
            // Numbers stay on a line; words and heads may break.
            let least = if column.numeric { widest.min(14.0) } else { widest.min(15.0) };
            least.max(word.min(3.6)).max(2.0) + 1.2
        })
        .collect();
    let whole: f64 = widths.iter().sum();
    let (size, flipped) = [(9.0, false), (8.0, false), (7.5, false), (8.5, true), (7.0, true)]
        .into_iter()
        .find(|(size, flipped)| whole * size <= if *flipped { FLIPPED } else { UPRIGHT })
        .unwrap_or_else(|| ((FLIPPED / whole.max(1.0)).max(3.0), true));
    Layout { widths, size, flipped }
}

/// The width of a text in ems: a Chinese character is one.
fn ems(text: &str) -> f64 {
    text.chars().map(|character| if character < '\u{2ff}' { 0.56 } else { 1.0 }).sum()
}
