//! The words of a paragraph as people see them.

use std::collections::HashMap;

use super::{dom::Node, styles::Styles};

/// What a paragraph's runs say.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub text: String,
    /// Relationship and description of each picture in it.
    pub pictures: Vec<(String, String)>,
    /// Whether all of the text is bold.
    pub bold: bool,
}

/// Notes in the order in which they are first referred to: whether it is an endnote, and its identifier.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub order: Vec<(bool, String)>,
    numbers: HashMap<(bool, String), usize>,
}

impl Notes {
    /// The number of a note, from 1.
    fn number(&mut self, key: (bool, String)) -> usize {
        *self.numbers.entry(key).or_insert_with_key(|key| {
            self.order.push(key.clone());
            self.order.len()
        })
    }
}

/// What is needed to read runs.
pub(super) struct Reading<'a, 'n> {
    pub styles: &'a Styles,
    pub notes: &'a mut Notes,
    /// Text boxes, to be read after the paragraph.
    pub boxes: Vec<&'n Node>,
}

impl<'n> Reading<'_, 'n> {
    /// Reads a paragraph. `hidden` and `bold` are what its style says.
    pub fn words(&mut self, paragraph: &'n Node, hidden: bool, bold: bool) -> Words {
        let mut words = Words { bold: true, ..Words::default() };
        for child in &paragraph.children {
            self.inline(child, hidden, bold, &mut words);
        }
        words.bold &= !words.text.trim().is_empty();
        words
    }

    fn inline(&mut self, node: &'n Node, hidden: bool, bold: bool, words: &mut Words) {
        match node.name.as_str() {
            "r" if node.prefix != "m" => self.run(node, hidden, bold, words),
            // Deleted, or moved elsewhere, where it stands as moveTo.
            "del" | "moveFrom" | "pPr" | "rPr" | "sdtPr" | "instrText" | "delText" | "rt"
            | "commentReference" => {}
            "AlternateContent" => {
                let choice = node.child("Choice").or_else(|| node.child("Fallback"));
                for child in choice.into_iter().flat_map(|c| &c.children) {
                    self.inline(child, hidden, bold, words);
                }
            }
            "t" if node.prefix == "m" && !hidden => words.text.push_str(&node.text),
            "tbl" | "p" => {}
            _ => {
                for child in &node.children {
                    self.inline(child, hidden, bold, words);
                }
            }
        }
    }

    fn run(&mut self, run: &'n Node, hidden: bool, bold: bool, words: &mut Words) {
        let properties = run.child("rPr");
        let style = properties.and_then(|p| p.child("rStyle")).and_then(Node::value);
        let style = self.styles.get(style);
        let hidden = properties.and_then(|p| p.switch("vanish")).unwrap_or(hidden || style.hidden);
        if hidden {
            return;
        }
        let is_bold = properties.and_then(|p| p.switch("b")).unwrap_or(bold || style.bold);
        let before = words.text.len();
        for child in &run.children {
            self.piece(child, words);
        }
        if !words.text[before..].trim().is_empty() {
            words.bold &= is_bold;
        }
    }

    fn piece(&mut self, node: &'n Node, words: &mut Words) {
        match node.name.as_str() {
            "t" => words.text.push_str(&node.text),
            "tab" | "ptab" => words.text.push('\t'),
            "br" if matches!(node.attribute("type"), None | Some("textWrapping")) => words.text.push('\n'),
            "cr" => words.text.push('\n'),
            "noBreakHyphen" => words.text.push('-'),
            "sym" => words.text.push(symbol(node)),
            "footnoteReference" => self.note(false, node, words),
            "endnoteReference" => self.note(true, node, words),
            "ruby" => {
                for base in node.children.iter().filter(|c| c.name == "rubyBase") {
                    for run in &base.children {
                        self.inline(run, false, false, words);
                    }
                }
            }
            "AlternateContent" => {
                let choice = node.child("Choice").or_else(|| node.child("Fallback"));
                for child in choice.into_iter().flat_map(|c| &c.children) {
                    self.piece(child, words);
                }
            }
            "drawing" | "pict" | "object" => self.drawing(node, words),
            _ => {}
        }
    }

    fn note(&mut self, end: bool, node: &Node, words: &mut Words) {
        let Some(id) = node.attribute("id") else { return };
        let number = self.notes.number((end, id.to_owned()));
        words.text.push_str(&format!("[^{number}]"));
    }

    fn drawing(&mut self, drawing: &'n Node, words: &mut Words) {
        let mut description = String::new();
        drawing.each(&mut |node| match node.name.as_str() {
            "docPr" | "cNvPr" if description.is_empty() => {
                description = node.attribute("descr").unwrap_or_default().trim().to_owned();
            }
            "blip" => {
                words.pictures.extend(node.attribute("embed").map(|id| (id.to_owned(), description.clone())))
            }
            "imagedata" => {
                words.pictures.extend(node.attribute("id").map(|id| (id.to_owned(), description.clone())))
            }
            _ => {}
        });
        self.text_boxes(drawing);
    }

    /// Outermost text boxes; what is inside one is read with it.
    fn text_boxes(&mut self, node: &'n Node) {
        for child in &node.children {
            match child.name.as_str() {
                "txbxContent" => self.boxes.push(child),
                "Fallback" if node.child("Choice").is_some() => {}
                _ => self.text_boxes(child),
            }
        }
    }
}

/// A character of a symbol font. Those of Wingdings and Symbol are not letters: a bullet stands for them.
fn symbol(node: &Node) -> char {
    let code = node.attribute("char").and_then(|c| u32::from_str_radix(c, 16).ok()).unwrap_or(0xF0B7);
    match code {
        0xE000..=0xF8FF => '•',
        code => char::from_u32(code).unwrap_or('•'),
    }
}
