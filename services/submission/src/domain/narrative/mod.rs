//! A report's text out of one document: which part of it goes to which section, and what the sections would say then.

mod heading;

use std::{collections::BTreeMap, ops::Range};

use zhijian_documents::{
    Kind,
    docx::{Block, Document},
};
use zhijian_platform::{Text, Violation};

pub use heading::{Recognised, Synonyms};

use super::{catalogue::ReportKind, text::characters};

/// How much of a part is shown to tell what it is.
const EXCERPT: usize = 120;
/// Stands for the N-th picture of a document until it is kept.
const PICTURE: &str = "picture:";

/// How it was found where a part goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It was not.
    None,
    /// By the section's name.
    Name,
    /// By another name of the section.
    Synonym,
    /// Somebody said so.
    ByHand,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its heading as it stands; "" for what comes before the first one.
    pub heading: String,
    /// The section it goes to; nothing if it is left out.
    pub section: Option<String>,
    /// How that was found.
    pub matched: Match,
    /// Its text as Markdown, as it would stand in a section.
    pub body: String,
    /// How many tables it has.
    pub tables: usize,
    /// How many pictures it shows.
    pub pictures: usize,
}

impl Part {
    /// How it begins, in words: tables and pictures are counted elsewhere.
    pub fn excerpt(&self) -> String {
        let shown =
            |line: &&str| !line.trim().is_empty() && !line.starts_with('|') && !line.starts_with("![");
        let words: Vec<&str> =
            self.body.lines().filter(shown).map(|line| line.trim_start_matches('#').trim()).collect();
        let words = words.join(" ");
        words.chars().take(EXCERPT).collect()
    }
}

/// Where everything in a document goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// What was left out in reading it.
    pub notices: Vec<Text>,
    /// What each picture is called, by its place in the document.
    pub captions: BTreeMap<usize, String>,
}

impl Plan {
    /// Takes a document apart. `by_hand` says where parts go by their place, "" leaving one out; `picture_bytes` is how large
    /// a picture may be.
    ///
    /// # Errors
    /// Names the assignments that make no sense.
    pub fn make(
        document: Document,
        kind: &ReportKind,
        synonyms: &Synonyms,
        by_hand: &[(usize, String)],
        picture_bytes: u64,
    ) -> Result<Self, Vec<Violation>> {
        let mut notices = vec![];
        let mut document = showable(document, picture_bytes, &mut notices);
        let captions = captions(&mut document.blocks);
        let contents = document.blocks.iter().filter(|block| matches!(block, Block::Contents { .. })).count();
        if contents > 0 {
            notices.push(Text::new(
                format!("目录（{contents} 行）不读入：各节由系统自动列出。"),
                format!(
                    "The table of contents ({contents} lines) is left out: sections are listed by themselves."
                ),
            ));
        }
        let cuts = cuts(&document.blocks, |heading| synonyms.section(kind, heading).is_some());
        let mut parts = Vec::with_capacity(cuts.len());
        for (place, cut) in cuts.into_iter().enumerate() {
            let found = cut.heading.as_deref().and_then(|heading| synonyms.section(kind, heading));
            let (section, matched) = match by_hand.iter().rev().find(|(part, _)| *part == place) {
                Some((_, code)) if code.is_empty() => (None, Match::ByHand),
                Some((_, code)) => (Some(code.clone()), Match::ByHand),
                None => match found {
                    Some((code, Recognised::Name)) => (Some(code.to_owned()), Match::Name),
                    Some((code, Recognised::Synonym)) => (Some(code.to_owned()), Match::Synonym),
                    None => (None, Match::None),
                },
            };
            // A heading that says the same as the section's own falls away with it; any other stays.
            let own = found.map(|(code, _)| code) == section.as_deref() && found.is_some();
            parts.push(part(&document, cut, section, matched, !own));
        }
        let violations = unknown(kind, by_hand, parts.len());
        if violations.is_empty() { Ok(Self { parts, notices, captions }) } else { Err(violations) }
    }

    /// What each section would say, of those that something goes to.
    pub fn sections(&self) -> BTreeMap<String, String> {
        let mut sections: BTreeMap<String, String> = BTreeMap::new();
        for part in &self.parts {
            let Some(code) = &part.section else { continue };
            let body = sections.entry(code.clone()).or_default();
            if part.body.is_empty() {
                continue;
            }
            if !body.is_empty() {
                body.push('\n');
            }
            body.push_str(&part.body);
        }
        sections
    }
}

/// The pictures that a text shows, by their places in the document.
pub fn shown(body: &str) -> impl Iterator<Item = usize> {
    let mark = format!("]({PICTURE}");
    let length = mark.len();
    body.match_indices(&mark).map(|(at, _)| at).collect::<Vec<_>>().into_iter().filter_map(move |at| {
        let rest = &body[at + length..];
        rest[..rest.find(')')?].parse().ok()
    })
}

/// A text whose pictures are kept: `id_of` says under which id each is.
pub fn kept(body: &str, id_of: impl Fn(usize) -> Option<String>) -> String {
    let mut body = body.to_owned();
    for place in shown(&body.clone()) {
        if let Some(id) = id_of(place) {
            body = body.replace(&format!("]({PICTURE}{place})"), &format!("](attachment:{id})"));
        }
    }
    body
}

/// The document with pictures that pages can show; others become a line that says so.
fn showable(mut document: Document, most: u64, notices: &mut Vec<Text>) -> Document {
    let mut lost = 0;
    for block in &mut document.blocks {
        let Block::Picture { image, caption } = block else { continue };
        let fits = document.images.get(*image).is_some_and(|image| {
            matches!(image.kind, Kind::Png | Kind::Jpeg) && image.bytes.len() as u64 <= most
        });
        if !fits {
            lost += 1;
            *block = Block::Paragraph { text: format!("［图片未读入：{caption}］") };
        }
    }
    for (place, image) in document.images.iter_mut().enumerate() {
        image.name = format!("{PICTURE}{place}");
    }
    if lost > 0 {
        let most = most >> 20;
        notices.push(Text::new(
            format!("{lost} 张图片没有读入，正文中留有标记：只支持不超过 {most} MB 的 PNG 和 JPEG。请另存为这两种格式后单独上传。"),
            format!("{lost} pictures were not taken, and are marked in the text: only PNG and JPEG of at most {most} MB are. Save them as such and upload them."),
        ));
    }
    document
}

/// What each picture is called first. A caption that stands below its picture in the text is not told twice: it stays there, where
/// the proofreader reads it.
fn captions(blocks: &mut [Block]) -> BTreeMap<usize, String> {
    let mut captions = BTreeMap::new();
    for at in 0..blocks.len() {
        let below = match blocks.get(at + 1) {
            Some(Block::Caption { text, .. }) => Some(text.clone()),
            _ => None,
        };
        if let Some(Block::Picture { image, caption }) = blocks.get_mut(at) {
            captions.entry(*image).or_insert_with(|| caption.clone());
            if below.as_ref() == Some(caption) {
                caption.clear();
            }
        }
    }
    captions
}

/// A heading and the blocks below it.
struct Cut {
    heading: Option<String>,
    level: u8,
    blocks: Range<usize>,
}

/// Cuts a document where a heading opens a section, or stands as high as those that do.
fn cuts(blocks: &[Block], is_section: impl Fn(&str) -> bool) -> Vec<Cut> {
    let heading = |block: &Block| match block {
        Block::Heading { level, text } => Some((*level, text.clone())),
        _ => None,
    };
    let headings: Vec<(usize, u8, String)> = blocks
        .iter()
        .enumerate()
        .filter_map(|(at, block)| heading(block).map(|(level, text)| (at, level, text)))
        .collect();
    let matched = headings.iter().filter(|(_, _, text)| is_section(text)).map(|(_, level, _)| *level).min();
    // Without any, the highest headings are shown, to be assigned by hand.
    let top =
        matched.or_else(|| headings.iter().map(|(_, level, _)| *level).filter(|level| *level > 0).min());
    let mut cuts: Vec<Cut> = vec![Cut { heading: None, level: 0, blocks: 0..blocks.len() }];
    let mut in_section = false;
    for (at, level, text) in headings {
        let section = is_section(&text);
        let opens = top.is_some_and(|top| level <= top) || (section && !in_section);
        if opens {
            if let Some(last) = cuts.last_mut() {
                last.blocks.end = at;
            }
            cuts.push(Cut { heading: Some(text), level, blocks: at + 1..blocks.len() });
            in_section = section;
        }
    }
    let says_something = |cut: &Cut| {
        cut.heading.is_some()
            || blocks[cut.blocks.clone()].iter().any(|block| !matches!(block, Block::Contents { .. }))
    };
    cuts.retain(says_something);
    cuts
}

/// A part with its headings below the section's own.
fn part(document: &Document, cut: Cut, section: Option<String>, matched: Match, with_heading: bool) -> Part {
    let heading = cut.heading.unwrap_or_default();
    let with_heading = with_heading && !heading.is_empty();
    let mut blocks = vec![];
    if with_heading {
        blocks.push(Block::Heading { level: 1, text: heading.clone() });
    }
    let above = cut.level.saturating_sub(u8::from(with_heading));
    blocks.extend(document.blocks[cut.blocks].iter().cloned().map(|block| match block {
        Block::Heading { level, text } => Block::Heading { level: level.saturating_sub(above).max(1), text },
        other => other,
    }));
    let tables = blocks.iter().filter(|block| matches!(block, Block::Table(_))).count();
    let pictures = blocks.iter().filter(|block| matches!(block, Block::Picture { .. })).count();
    let piece = Document { blocks, notes: document.notes.clone(), images: names(document) };
    Part { heading, section, matched, body: piece.markdown(), tables, pictures }
}

/// The pictures' names alone: the bytes are not needed for a text.
fn names(document: &Document) -> Vec<zhijian_documents::docx::Image> {
    let bare = |image: &zhijian_documents::docx::Image| zhijian_documents::docx::Image {
        name: image.name.clone(),
        kind: image.kind,
        bytes: vec![],
    };
    document.images.iter().map(bare).collect()
}

fn unknown(kind: &ReportKind, by_hand: &[(usize, String)], parts: usize) -> Vec<Violation> {
    let mut violations = vec![];
    for (place, (part, code)) in by_hand.iter().enumerate() {
        if *part >= parts {
            violations.push(Violation::new(
                format!("assignments[{place}].part"),
                format!("文档没有第 {} 部分，请重新预览。", part + 1),
                format!("The document has no part {}; preview it again.", part + 1),
            ));
        }
        if !code.is_empty() && kind.section(code).is_none() {
            violations.push(Violation::new(
                format!("assignments[{place}].section_code"),
                format!("这类年报没有 {code:?} 这一节。"),
                format!("This kind of report has no section {code:?}."),
            ));
        }
    }
    violations
}

/// The characters of a text, as they are shown and bounded.
pub fn length(body: &str) -> i32 {
    i32::try_from(characters(body)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests;
