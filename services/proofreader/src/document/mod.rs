//! A report taken apart: headings, captions, lists, tables and paragraphs, each knowing its lines.

pub(crate) mod contents;
pub(crate) mod grid;
pub(crate) mod label;
mod line;

use std::ops::Range;

use crate::finding::Location;
use crate::text::{Norm, excerpt};
use contents::Entry;
use label::{Label, LabelKind};
use line::Role;

/// Where in the report something stands. Numbers count headings of a level from the start of the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub chapter: usize,
    pub section: usize,
    pub subsection: usize,
    /// The case it belongs to, as an index into [`Document::captions`].
    pub case: Option<usize>,
    /// The headings above it by level, as indices into [`Document::headings`].
    pub headings: [Option<usize>; 4],
}

/// A heading of the text.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    pub level: u8,
    /// 0 where it has none.
    pub number: u32,
    pub title: String,
    pub line: usize,
}

/// A caption of a figure or table, or a case's title.
#[derive(Debug, Clone)]
pub(crate) struct Caption {
    pub label: Label,
    pub title: String,
    /// What the title names in brackets at its end, such as the school a picture is from.
    pub owner: Option<String>,
    pub line: usize,
    /// The next line, where the title goes on in it.
    pub tail: Option<usize>,
    pub place: Place,
}

/// A stretch of running text; lines broken by a page or a figure are joined again.
#[derive(Debug, Clone)]
pub(crate) struct Paragraph {
    pub norm: Norm,
    pub line: usize,
    pub place: Place,
    /// Sentences, as opposed to words lifted from a picture.
    pub prose: bool,
    /// Ends like a sentence.
    pub finished: bool,
}

impl Paragraph {
    pub fn text(&self) -> &str {
        &self.norm.text
    }
}

/// A table with the caption above it.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub caption: Option<usize>,
    pub rows: Vec<Row>,
    pub place: Place,
}

/// One line of a table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub line: usize,
    pub cells: Vec<String>,
}

/// The order in which the parts follow each other; numbers index the lists of [`Document`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    Heading(usize),
    Caption(usize),
    Table(usize),
    Paragraph(usize),
    /// A source line or note, by line.
    Note(usize),
    Footnote(usize),
}

/// A report taken apart.
#[derive(Debug, Default)]
pub(crate) struct Document<'a> {
    pub lines: Vec<&'a str>,
    pub contents: Vec<Entry>,
    pub headings: Vec<Heading>,
    pub captions: Vec<Caption>,
    pub tables: Vec<Table>,
    pub paragraphs: Vec<Paragraph>,
    /// Footnotes and notes, with their place.
    pub notes: Vec<Paragraph>,
    pub blocks: Vec<Block>,
}

impl<'a> Document<'a> {
    /// Takes a text apart.
    pub fn read(text: &'a str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let contents = contents::entries(&lines);
        let mut reader =
            Reader { document: Document { lines, contents, ..Default::default() }, ..Default::default() };
        reader.run();
        reader.document
    }

    /// The source words for a range of an evened-out text.
    pub fn quote(&self, norm: &Norm, range: Range<usize>) -> Location {
        let (line, from) = norm.origin(range.start);
        let last =
            norm.text[..range.end.min(norm.text.len())].char_indices().next_back().map_or(0, |(i, _)| i);
        let (end_line, end) = norm.origin(last.max(range.start.min(norm.text.len())));
        let source = self.lines.get(line).copied().unwrap_or("");
        let to = if end_line == line {
            end + source.get(end..).and_then(|s| s.chars().next()).map_or(0, char::len_utf8)
        } else {
            source.len()
        };
        Location { line: line + 1, excerpt: excerpt(source, from, to) }
    }

    /// A whole source line, shortened.
    pub fn quote_line(&self, line: usize) -> Location {
        let source = self.lines.get(line).copied().unwrap_or("").trim();
        Location { line: line + 1, excerpt: crate::text::first_chars(source, 90).to_owned() }
    }

    pub fn captions_of(&self, kind: LabelKind) -> impl Iterator<Item = (usize, &Caption)> {
        self.captions.iter().enumerate().filter(move |(_, c)| c.label.kind == kind)
    }
}

/// What is carried from line to line while reading.
#[derive(Default)]
struct Reader<'a> {
    document: Document<'a>,
    place: Place,
    counts: [usize; 4],
    /// The paragraph whose sentence goes on, if any.
    open: Option<usize>,
    /// The line an open paragraph ends with, where only the very next line can continue it.
    only_after: Option<usize>,
    table: Option<usize>,
    table_caption: Option<usize>,
}

impl Reader<'_> {
    fn run(&mut self) {
        let mut entries =
            self.document.contents.iter().map(|e| e.line).collect::<Vec<_>>().into_iter().peekable();
        for index in 0..self.document.lines.len() {
            let source = self.document.lines[index];
            let role = if entries.next_if_eq(&index).is_some() {
                Role::Contents
            } else {
                line::role(source, self.table.is_some())
            };
            if !matches!(role, Role::Row(_)) {
                self.table = None;
            }
            self.take(index, source, role);
        }
        for index in 0..self.document.paragraphs.len() {
            let text = self.document.paragraphs[index].text();
            let prose = is_prose(text);
            let finished = is_finished(text);
            let paragraph = &mut self.document.paragraphs[index];
            paragraph.prose = prose;
            paragraph.finished = finished;
        }
    }

    fn take(&mut self, index: usize, source: &str, role: Role) {
        match role {
            Role::Blank | Role::PageNumber => {}
            Role::Contents => self.open = None,
            Role::Heading(level, number, title) => self.heading(index, level, number, title),
            Role::Caption(label, title) => self.caption(index, label, title),
            Role::Row(cells) => self.row(index, cells),
            Role::Footnote | Role::Note => {
                let note = self.paragraph(index, source);
                self.document.notes.push(note);
                self.document.blocks.push(if role == Role::Note {
                    Block::Note(index)
                } else {
                    Block::Footnote(index)
                });
            }
            Role::Body => self.body(index, source),
        }
    }

    fn heading(&mut self, line: usize, level: u8, number: u32, title: String) {
        self.open = None;
        self.table_caption = None;
        let slot = usize::from(level.clamp(1, 4)) - 1;
        self.counts[slot] += 1;
        let [chapter, section, subsection, _] = self.counts;
        let mut headings = self.place.headings;
        headings[slot] = Some(self.document.headings.len());
        headings[slot + 1..].fill(None);
        self.place = match slot {
            0 => Place { chapter, section, subsection, case: None, headings },
            1 => Place { section, subsection, case: None, headings, ..self.place },
            2 => Place { subsection, case: None, headings, ..self.place },
            _ => Place { headings, ..self.place },
        };
        self.document.blocks.push(Block::Heading(self.document.headings.len()));
        self.document.headings.push(Heading { level, number, title, line });
    }

    fn caption(&mut self, line: usize, label: Label, title: String) {
        let caption = self.document.captions.len();
        if label.kind == LabelKind::Case {
            self.open = None;
            self.place.case = Some(caption);
        }
        self.table_caption = (label.kind == LabelKind::Table).then_some(caption);
        let owner = owner(&title);
        self.document.blocks.push(Block::Caption(caption));
        self.document.captions.push(Caption { label, title, owner, line, tail: None, place: self.place });
    }

    fn row(&mut self, line: usize, cells: Vec<String>) {
        let row = Row { line, cells };
        if let Some(table) = self.table {
            self.document.tables[table].rows.push(row);
            return;
        }
        self.open = None;
        let table = self.document.tables.len();
        self.table = Some(table);
        self.document.blocks.push(Block::Table(table));
        self.document.tables.push(Table {
            caption: self.table_caption.take(),
            rows: vec![row],
            place: self.place,
        });
    }

    fn body(&mut self, line: usize, source: &str) {
        if self.ends_caption(line, source) {
            return;
        }
        let continues = self.only_after.is_none_or(|last| last + 1 == line);
        if let Some(open) = self.open.filter(|_| continues) {
            let paragraph = &mut self.document.paragraphs[open];
            paragraph.norm.push_line(line, source);
            self.leave_open(open, line);
            return;
        }
        let paragraph = self.paragraph(line, source);
        if paragraph.text().chars().count() > 12 {
            // A line such as 单位：万元 may stand between a table's caption and the table.
            self.table_caption = None;
        }
        let index = self.document.paragraphs.len();
        self.document.blocks.push(Block::Paragraph(index));
        self.document.paragraphs.push(paragraph);
        self.leave_open(index, line);
    }

    /// Keeps a paragraph open while its sentence goes on. A full line without punctuation is the start of one only if the
    /// very next line carries on: otherwise it is words lifted from a picture.
    fn leave_open(&mut self, index: usize, line: usize) {
        let text = self.document.paragraphs[index].text();
        let prose = is_prose(text);
        let goes_on = !is_finished(text) && (prose || text.chars().count() >= FULL_LINE);
        self.open = goes_on.then_some(index);
        self.only_after = (goes_on && !prose).then_some(line);
    }

    /// Whether a line closes the bracket or quotation a caption on the line before left open, and so belongs to it.
    fn ends_caption(&mut self, line: usize, source: &str) -> bool {
        let Some(caption) =
            self.document.captions.last_mut().filter(|c| c.line + 1 == line && c.tail.is_none())
        else {
            return false;
        };
        let rest = Norm::of_line(line, source).text;
        let closes = [('（', '）'), ('“', '”'), ('《', '》')].iter().any(|&(open, close)| {
            caption.title.matches(open).count() > caption.title.matches(close).count() && rest.contains(close)
        });
        if closes && rest.chars().count() <= 40 && !rest.contains('。') {
            caption.title.push_str(&rest);
            caption.owner = owner(&caption.title);
            caption.tail = Some(line);
            return true;
        }
        false
    }

    fn paragraph(&self, line: usize, source: &str) -> Paragraph {
        let norm = Norm::of_line(line, source);
        Paragraph { norm, line, place: self.place, prose: false, finished: false }
    }
}

/// Characters from which a line may be the first of a wrapped paragraph.
const FULL_LINE: usize = 20;

/// What a title names in brackets at its end.
fn owner(title: &str) -> Option<String> {
    let inner = title.strip_suffix('）')?;
    let open = inner.rfind('（')?;
    let name = &inner[open + '（'.len_utf8()..];
    let long = name.chars().count() >= 4 && !name.contains(['：', '）']);
    (long && !name.contains(|c: char| c.is_ascii_digit())).then(|| name.to_owned())
}

fn is_prose(text: &str) -> bool {
    text.contains(['。', '；']) || (text.contains('，') && text.chars().count() >= 30)
}

fn is_finished(text: &str) -> bool {
    let inner = text.trim_end_matches(['”', '’', '》', '】']);
    inner.ends_with(['。', '！', '？', '：', '；', '…', '）'])
        || (inner.len() < text.len() && !is_prose(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_broken_by_pages_are_joined() {
        let text = "一、概况\n\n某市现有各级各类招生的职业学校共50所，其中独立设置的高职院校\n\n27\n\n20所。\n\n图 1-1 学校数量\n\n表 1-1 数量\n甲\t1\n乙\t2\n数据来源：平台\n";
        let document = Document::read(text);
        assert_eq!(document.paragraphs.len(), 1);
        let paragraph = &document.paragraphs[0];
        assert_eq!(paragraph.text(), "某市现有各级各类招生的职业学校共50所，其中独立设置的高职院校20所。");
        let at = paragraph.text().find("20").expect("number");
        assert_eq!(document.quote(&paragraph.norm, at..at + 2), Location { line: 7, excerpt: "20所".into() });
        assert_eq!(document.tables[0].caption, Some(1));
        assert_eq!(document.notes.len(), 1);
    }
}
