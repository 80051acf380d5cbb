//! A document's body, block by block.

use std::collections::HashMap;

use super::{
    Block, Captioned, Document, Image,
    dom::{Node, Part},
    headings,
    numbering::{Mark, Numbering},
    run::{Notes, Reading, Words},
    styles::{self, Role, Styles},
    table,
};
use crate::{Bound, Kind, Limits, Refusal, archive::Archive};

/// Reads a document whose parts were looked through before.
pub(super) fn read(archive: &mut Archive<'_>, limits: &Limits) -> Result<Document, Refusal> {
    let most = limits.unpacked;
    let main = main_part(archive, most)?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let beside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let styles = archive.read(&beside("styles.xml"), most)?;
    let numbering = archive.read(&beside("numbering.xml"), most)?;
    let file_name = main.rsplit('/').next().unwrap_or(&main);
    let relations = archive.read(&beside(&format!("_rels/{file_name}.rels")), most)?;
    let content = archive.read(&main, most)?.ok_or_else(|| Refusal::damaged(main.clone()))?;
    let mut reader = Body {
        styles: styles.as_deref().map(Styles::read).transpose()?.unwrap_or_default(),
        numbering: numbering.as_deref().map(Numbering::read).transpose()?.unwrap_or_default(),
        limits: *limits,
        count: 0,
        notes: Notes::default(),
        blocks: Vec::new(),
        bold: Vec::new(),
        pictures: Vec::new(),
        open: None,
    };
    let mut part = Part::new(&main, &content);
    if !part.enter("body")? {
        return Err(Refusal::damaged(main));
    }
    while let Some(node) = part.next()? {
        reader.block(&node)?;
    }
    reader.finish_open();
    let Body { styles, mut blocks, bold, pictures, notes, .. } = reader;
    headings::find(&mut blocks, &bold);
    let notes = read_notes(archive, &folder, most, &styles, &notes.order)?;
    let relations = relations.as_deref().map(targets).transpose()?.unwrap_or_default();
    let images = load(archive, &folder, &relations, pictures, &mut blocks, most)?;
    join_captions(&mut blocks);
    Ok(Document { blocks, notes, images })
}

/// The part that the package names as its document.
fn main_part(archive: &mut Archive<'_>, most: u64) -> Result<String, Refusal> {
    let relations = archive.read("_rels/.rels", most)?.ok_or_else(|| Refusal::damaged("_rels/.rels"))?;
    let mut part = Part::new("_rels/.rels", &relations);
    part.enter("Relationships")?;
    for node in part.rest()? {
        if node.attribute("Type").is_some_and(|t| t.ends_with("/officeDocument")) {
            return Ok(node.attribute("Target").unwrap_or_default().trim_start_matches('/').to_owned());
        }
    }
    Err(Refusal::damaged("_rels/.rels"))
}

/// Targets inside the package by their identifier.
fn targets(xml: &[u8]) -> Result<HashMap<String, String>, Refusal> {
    let mut part = Part::new("document.xml.rels", xml);
    if !part.enter("Relationships")? {
        return Ok(HashMap::new());
    }
    let inside = |n: &Node| n.attribute("TargetMode") != Some("External");
    let pair = |n: &Node| Some((n.attribute("Id")?.to_owned(), n.attribute("Target")?.to_owned()));
    Ok(part.rest()?.iter().filter(|n| inside(n)).filter_map(pair).collect())
}

struct Body {
    styles: Styles,
    numbering: Numbering,
    limits: Limits,
    count: u64,
    notes: Notes,
    blocks: Vec<Block>,
    /// Whether each block is all bold.
    bold: Vec<bool>,
    /// Relationship of each picture block, in order.
    pictures: Vec<String>,
    /// A paragraph whose end was deleted: the next one goes on where it stopped.
    open: Option<Words>,
}

impl Body {
    fn block(&mut self, node: &Node) -> Result<(), Refusal> {
        match node.name.as_str() {
            "p" => self.paragraph(node)?,
            "tbl" => self.table(node)?,
            "del" | "moveFrom" | "sectPr" | "sdtPr" | "Fallback" => {}
            // Content controls, inserted paragraphs and the like hold blocks.
            _ => {
                for child in &node.children {
                    self.block(child)?;
                }
            }
        }
        Ok(())
    }

    fn tally(&mut self) -> Result<(), Refusal> {
        self.count += 1;
        if self.count > self.limits.cells {
            let (bound, limit) = (Bound::Cells, self.limits.cells);
            return Err(Refusal::TooLarge { bound, limit, place: String::new() });
        }
        Ok(())
    }

    fn push(&mut self, block: Block, bold: bool) {
        self.blocks.push(block);
        self.bold.push(bold);
    }

    fn paragraph(&mut self, node: &Node) -> Result<(), Refusal> {
        self.tally()?;
        let empty = Node::default();
        let properties = node.child("pPr").unwrap_or(&empty);
        let style = self.styles.get(properties.child("pStyle").and_then(Node::value));
        let mut reading = Reading { styles: &self.styles, notes: &mut self.notes, boxes: Vec::new() };
        let mut words = reading.words(node, style.hidden, style.bold);
        let boxes = reading.boxes;
        if let Some(mut before) = self.open.take() {
            before.text.push_str(&words.text);
            before.pictures.append(&mut words.pictures);
            before.bold &= words.bold;
            words = before;
        }
        let mark = properties.child("rPr");
        if mark.is_some_and(|m| m.child("del").is_some() || m.child("moveFrom").is_some()) {
            self.open = Some(words);
        } else {
            self.words(properties, &style, words);
        }
        for text_box in boxes {
            self.block(text_box)?;
        }
        Ok(())
    }

    fn finish_open(&mut self) {
        if let Some(words) = self.open.take() {
            self.words(&Node::default(), &styles::Style::default(), words);
        }
    }

    fn words(&mut self, properties: &Node, style: &styles::Style, words: Words) {
        for (relation, description) in words.pictures {
            self.push(Block::Picture { image: self.pictures.len(), caption: description }, false);
            self.pictures.push(relation);
        }
        let role = match properties.number("outlineLvl") {
            Some(level) if level < 9 && !matches!(style.role, Role::Contents(_) | Role::Caption) => {
                Role::Heading(level as u8 + 1)
            }
            Some(_) if matches!(style.role, Role::Heading(_)) => Role::Body,
            _ => style.role,
        };
        let typed = role == Role::Body && is_contents(&words.text);
        if let Role::Contents(level) = if typed { Role::Contents(1) } else { role } {
            let text = clean(&words.text, true);
            if !text.is_empty() {
                self.push(Block::Contents { level, text }, false);
            }
            return;
        }
        let text = clean(&words.text, false);
        if text.is_empty() {
            return;
        }
        let list = styles::list(properties).or(style.list);
        let mark = list.and_then(|(id, level)| self.numbering.next(id, level).map(|mark| (level, mark)));
        let numbered = |text: String| match &mark {
            Some((_, Mark::Number(number))) => joined(number, &text),
            _ => text,
        };
        let block = match role {
            Role::Heading(level) => Block::Heading { level, text: numbered(text) },
            Role::Caption => {
                let text = numbered(text);
                let of = headings::caption(&text).unwrap_or(match text.starts_with('表') {
                    true => Captioned::Table,
                    false => Captioned::Figure,
                });
                Block::Caption { of, text }
            }
            _ => match (&mark, headings::caption(&text)) {
                (None, Some(of)) => Block::Caption { of, text },
                (Some((level, Mark::Bullet)), _) => {
                    Block::Item { level: *level as u8, mark: String::new(), text }
                }
                (Some((level, Mark::Number(number))), _) => {
                    Block::Item { level: *level as u8, mark: number.clone(), text }
                }
                (None, None) => Block::Paragraph { text },
            },
        };
        self.push(block, words.bold);
    }

    fn table(&mut self, node: &Node) -> Result<(), Refusal> {
        let mut cells = 0;
        let styles = &self.styles;
        let notes = &mut self.notes;
        let mut pictures = Vec::new();
        let table = table::read(node, |cell| {
            cells += 1;
            cell_text(cell, styles, notes, &mut pictures)
        });
        let most = (table.rows.len() as u64).saturating_mul(table.width() as u64);
        self.count = self.count.saturating_add(cells.max(most));
        self.tally()?;
        if !table.rows.is_empty() {
            self.push(Block::Table(table), false);
        }
        for (relation, description) in pictures {
            self.push(Block::Picture { image: self.pictures.len(), caption: description }, false);
            self.pictures.push(relation);
        }
        Ok(())
    }
}

/// A cell's paragraphs, and the rows of tables inside it, on lines.
fn cell_text(
    cell: &Node,
    styles: &Styles,
    notes: &mut Notes,
    pictures: &mut Vec<(String, String)>,
) -> String {
    let mut lines = Vec::new();
    let mut reading = Reading { styles, notes, boxes: Vec::new() };
    let mut found = Vec::new();
    paragraphs(cell, &mut |paragraph| found.push(paragraph));
    found.reverse();
    while let Some(paragraph) = found.pop() {
        let style = styles.get(paragraph.child("pPr").and_then(|p| p.child("pStyle")).and_then(Node::value));
        let mut words = reading.words(paragraph, style.hidden, false);
        pictures.append(&mut words.pictures);
        let text = clean(&words.text, false);
        if !text.is_empty() {
            lines.push(text);
        }
        for text_box in reading.boxes.drain(..).rev() {
            let mut inside = Vec::new();
            paragraphs(text_box, &mut |paragraph| inside.push(paragraph));
            found.extend(inside.into_iter().rev());
        }
    }
    lines.join("\n")
}

fn paragraphs<'a>(node: &'a Node, visit: &mut impl FnMut(&'a Node)) {
    for child in &node.children {
        match child.name.as_str() {
            "p" => visit(child),
            "del" | "moveFrom" | "tcPr" => {}
            _ => paragraphs(child, visit),
        }
    }
}

/// Spaces and tabs evened out at the ends; tabs kept only where they part a title from its page.
fn clean(text: &str, tabs: bool) -> String {
    let text = if tabs { text.replace('\n', " ") } else { text.replace('\t', " ") };
    let lines: Vec<&str> = text
        .split('\n')
        .map(|l| l.trim_matches(|c: char| c == ' ' || c == '\t' || c == '\u{3000}' || c == '\u{A0}'))
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// A line of contents that was typed instead of made: a title, a tab and a page.
fn is_contents(text: &str) -> bool {
    let Some((title, page)) = text.trim().rsplit_once('\t') else { return false };
    let page = page.trim();
    let digits = (1..=4).contains(&page.len()) && page.bytes().all(|b| b.is_ascii_digit());
    digits && title.chars().any(char::is_alphabetic) && !title.contains('\n')
}

/// A number and its words, with a space between unless the number ends in a Chinese sign.
fn joined(number: &str, text: &str) -> String {
    if number.ends_with(['、', '）', '．', '：', '章', '节']) && !number.ends_with(['章', '节']) {
        format!("{number}{text}")
    } else {
        format!("{number} {text}")
    }
}

/// The notes referred to, in order.
fn read_notes(
    archive: &mut Archive<'_>,
    folder: &str,
    most: u64,
    styles: &Styles,
    wanted: &[(bool, String)],
) -> Result<Vec<String>, Refusal> {
    let mut found: HashMap<(bool, String), String> = HashMap::new();
    for (end, name) in [(false, "footnotes"), (true, "endnotes")] {
        if !wanted.iter().any(|(e, _)| *e == end) {
            continue;
        }
        let path = format!("{folder}/{name}.xml");
        let Some(xml) = archive.read(path.trim_start_matches('/'), most)? else { continue };
        let mut part = Part::new(&path, &xml);
        if !part.enter(name)? {
            continue;
        }
        while let Some(node) = part.next()? {
            if let Some(id) = node.attribute("id") {
                let mut inner = Notes::default();
                let text = cell_text(&node, styles, &mut inner, &mut Vec::new()).replace('\n', " ");
                found.insert((end, id.to_owned()), text);
            }
        }
    }
    Ok(wanted.iter().map(|key| found.get(key).cloned().unwrap_or_default()).collect())
}

/// Loads the pictures; one shown twice is loaded once, and one that is not there is taken out of the blocks.
fn load(
    archive: &mut Archive<'_>,
    folder: &str,
    relations: &HashMap<String, String>,
    pictures: Vec<String>,
    blocks: &mut Vec<Block>,
    most: u64,
) -> Result<Vec<Image>, Refusal> {
    let mut images: Vec<Image> = Vec::new();
    let mut by_path: HashMap<String, Option<usize>> = HashMap::new();
    let mut places = Vec::with_capacity(pictures.len());
    for relation in pictures {
        let Some(target) = relations.get(&relation) else {
            places.push(None);
            continue;
        };
        let path = match target.strip_prefix('/') {
            Some(absolute) => absolute.to_owned(),
            None if folder.is_empty() => target.clone(),
            None => format!("{folder}/{target}"),
        };
        if !by_path.contains_key(&path) {
            let place = archive.read(&path, most)?.map(|bytes| {
                let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
                images.push(Image { name, kind: Kind::of(&bytes), bytes });
                images.len() - 1
            });
            by_path.insert(path.clone(), place);
        }
        places.push(by_path[&path]);
    }
    blocks.retain_mut(|block| match block {
        Block::Picture { image, .. } => match places[*image] {
            Some(place) => {
                *image = place;
                true
            }
            None => false,
        },
        _ => true,
    });
    Ok(images)
}

/// A caption that pictures repeat, in characters; a longer one is no caption.
const LONGEST_CAPTION: usize = 300;

/// Tells each table the caption above it and each picture the caption below it.
fn join_captions(blocks: &mut [Block]) {
    for index in 0..blocks.len() {
        let Block::Caption { of, text } = blocks[index].clone() else { continue };
        match of {
            Captioned::Table => {
                // A line such as 单位：万元 may stand between.
                for block in blocks[index + 1..].iter_mut().take(2) {
                    match block {
                        Block::Table(table) => {
                            table.caption = text;
                            break;
                        }
                        Block::Paragraph { text } if text.chars().count() <= 20 => {}
                        _ => break,
                    }
                }
            }
            Captioned::Figure => {
                let short = text.chars().count() <= LONGEST_CAPTION;
                for block in blocks[..index].iter_mut().rev().filter(|_| short) {
                    match block {
                        Block::Picture { caption, .. } => *caption = text.clone(),
                        _ => break,
                    }
                }
            }
        }
    }
}
