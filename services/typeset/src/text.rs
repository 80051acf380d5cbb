//! What every form needs to know about the document's texts: what they read as, where they may lead, what is noted.

use std::collections::HashSet;

use crate::model::{Block, Column, Document, Heading, Lang, ReferenceKind, Text};

/// The number with its word, and the title: 表2-2 在校生规模.
pub fn caption(kind: ReferenceKind, lang: Lang, number: &str, title: &str) -> String {
    if number.is_empty() { title.to_owned() } else { joined(&kind.label(lang, number), title) }
}

/// A number and a title with a space between, if there are both.
pub fn joined(number: &str, title: &str) -> String {
    match (number.is_empty(), title.is_empty()) {
        (true, _) => title.to_owned(),
        (_, true) => number.to_owned(),
        _ => format!("{number} {title}"),
    }
}

/// The heading of a column with its unit.
pub fn column(column: &Column, lang: Lang) -> String {
    match (column.unit.is_empty(), lang) {
        (true, _) => column.name.clone(),
        (false, Lang::Zh) => format!("{}（{}）", column.name, column.unit),
        (false, Lang::En) => format!("{} ({})", column.name, column.unit),
    }
}

/// 来源 and what it is.
pub fn source(source: &str, lang: Lang) -> String {
    format!("{}{source}", lang.pick("来源：", "Source: "))
}

/// 注 and what it says.
pub fn note(note: &str, lang: Lang) -> String {
    format!("{}{note}", lang.pick("注：", "Note: "))
}

/// Where a link may lead: a place on this or another site, or a mail address; nothing that runs in the reader's browser.
pub fn target(href: &str) -> Option<&str> {
    let scheme = href.split(['/', '?', '#']).next().unwrap_or_default();
    let outside = ["http:", "https:", "mailto:"];
    let known = match scheme.split_once(':') {
        None => true,
        Some((scheme, _)) => {
            outside.iter().any(|known| known.trim_end_matches(':').eq_ignore_ascii_case(scheme))
        }
    };
    (known && !href.is_empty() && !href.chars().any(|character| character.is_control() || character == ' '))
        .then_some(href)
}

/// Where a link may lead from a file that may lie anywhere: to another site or a mail address.
pub fn outside(href: &str) -> Option<&str> {
    let absolute = href.split_once(':').is_some_and(|(scheme, _)| {
        ["http", "https", "mailto"].iter().any(|known| known.eq_ignore_ascii_case(scheme))
    });
    target(href).filter(|_| absolute)
}

/// Without what no form can show: control characters, and what XML does not know. A line break becomes a space.
pub fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|character| match character {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
            '\u{fffe}' | '\u{ffff}' => None,
            _ if character.is_control() => None,
            _ => Some(character),
        })
        .collect()
}

/// The anchors of a document: those that a reference can lead to, each once.
#[derive(Debug, Default)]
pub struct Anchors<'a> {
    all: HashSet<&'a str>,
}

impl<'a> Anchors<'a> {
    /// Those of `document`.
    pub fn of(document: &'a Document) -> Self {
        let chapters = document.chapters.iter();
        let all = chapters.flat_map(|chapter| {
            std::iter::once(chapter.id.as_str()).chain(chapter.blocks.iter().filter_map(anchor))
        });
        Self { all: all.filter(|id| !id.is_empty()).collect() }
    }

    /// Whether a reference to `id` leads anywhere.
    pub fn has(&self, id: &str) -> bool {
        self.all.contains(id)
    }
}

fn anchor(block: &Block) -> Option<&str> {
    match block {
        Block::Heading(heading) => Some(&heading.id),
        Block::Table(table) => Some(&table.id),
        Block::Chart(chart) => Some(&chart.id),
        Block::Case(case) => Some(&case.id),
        Block::Paragraph(_) | Block::List(_) | Block::Quote(_) => None,
    }
}

/// The sections of a chapter that stand in the contents.
pub fn sections(blocks: &[Block]) -> impl Iterator<Item = &Heading> {
    blocks.iter().filter_map(|block| match block {
        Block::Heading(heading) if heading.level <= 1 => Some(heading),
        _ => None,
    })
}

/// The notes of a form, in the order in which they are met.
#[derive(Debug, Default)]
pub struct Notes<'a> {
    /// What they say.
    pub all: Vec<&'a Text>,
}

impl<'a> Notes<'a> {
    /// Takes one more; gives its number, from 1.
    pub fn add(&mut self, note: &'a Text) -> usize {
        self.all.push(note);
        self.all.len()
    }
}

/// What a document of invented data says of itself.
pub fn demonstration(lang: Lang) -> &'static str {
    lang.pick("演示：本文含有虚构的数据", "Demonstration: this document holds invented data")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_places_and_never_run() {
        for href in
            ["/a", "#b", "?c=1", "../x:y", "https://example.org/a:b", "HTTP://example.org", "mailto:a@b.cn"]
        {
            assert_eq!(target(href), Some(href));
        }
        for href in
            ["javascript:alert(1)", "JavaScript:x", "data:text/html,x", "java\nscript:x", " javascript:x", ""]
        {
            assert_eq!(target(href), None, "{href:?}");
        }
        assert_eq!(outside("/a"), None);
        assert_eq!(outside("https://example.org/"), Some("https://example.org/"));
    }

    #[test]
    fn captions_bear_their_word() {
        assert_eq!(caption(ReferenceKind::Table, Lang::Zh, "2-2", "规模"), "表2-2 规模");
        assert_eq!(caption(ReferenceKind::Figure, Lang::En, "1-1", "Scale"), "Figure 1-1 Scale");
        assert_eq!(caption(ReferenceKind::Figure, Lang::Zh, "", "规模"), "规模");
    }
}
