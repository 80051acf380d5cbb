//! A PDF's text by page and line.
//!
//! Characters are put in lines by where they stand on the page, and gaps as wide as a column's become tabs, so that a
//! table's rows stay rows. What stands in pictures is not read.

mod flow;
mod guard;

use pdf_extract::{
    Dictionary, Document, MediaBox, Object, OutputDev, OutputError, Transform, output_doc_page,
};

use crate::{Bound, Kind, Limits, Refusal, bytes, kind};
use flow::{Character, Page};

/// A PDF's text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// Pages in their order, each with its lines from top to bottom.
    pub pages: Vec<Vec<String>>,
    /// Pages, from 1, whose text could not be read; their lines are empty.
    pub unreadable: Vec<usize>,
}

/// Reads a PDF file; `name` is the file's name, which must suit the content.
///
/// # Errors
/// A password, no text at all, damage, and every bound that is broken.
pub fn read(name: &str, file: &[u8], limits: &Limits) -> Result<Text, Refusal> {
    kind::check(name, None, file, &[Kind::Pdf], limits)?;
    guard::unpacked_size(file, limits)?;
    // A file protected only against printing or changing opens with an empty password. What is packed inside it can be
    // counted only once it is open, and objects packed together are unpacked while it opens.
    let encrypted = bytes::contains(file, b"/Encrypt");
    if encrypted && bytes::contains(file, b"/ObjStm") {
        return Err(Refusal::Encrypted);
    }
    let refused = || if encrypted { Refusal::Encrypted } else { Refusal::damaged("") };
    let mut document = bytes::fenced("PDF", || Document::load_mem(file).map_err(|_| refused()))?;
    if document.is_encrypted() {
        bytes::fenced("PDF", || document.decrypt("").map_err(|_| Refusal::Encrypted))?;
    }
    if encrypted {
        guard::unpacked_streams(&document, limits)?;
    }
    let pages = bytes::fenced("PDF", || Ok(document.get_pages()))?;
    if pages.is_empty() {
        return Err(Refusal::damaged(""));
    }
    if pages.len() as u64 > limits.pages {
        return Err(Refusal::TooLarge { bound: Bound::Pages, limit: limits.pages, place: String::new() });
    }
    tame(&mut document);
    guard::without_circles(&document, &pages)?;
    let mut text = Text::default();
    let mut budget = Page::MOST;
    for number in pages.keys() {
        let mut page = Page::new(budget);
        let read = bytes::fenced("", || {
            output_doc_page(&document, &mut page, *number).map_err(|_| Refusal::damaged(""))
        });
        if page.is_full() {
            return Err(Refusal::TooLarge {
                bound: Bound::Cells,
                limit: Page::MOST as u64,
                place: String::new(),
            });
        }
        budget -= page.len();
        if read.is_err() && page.len() == 0 {
            text.unreadable.push(text.pages.len() + 1);
        }
        text.pages.push(page.lines());
    }
    let has_text = text.pages.iter().flatten().any(|l| l.chars().any(char::is_alphanumeric));
    match (has_text, text.unreadable.len() == text.pages.len()) {
        (true, _) => Ok(text),
        (false, true) => Err(Refusal::damaged("")),
        (false, false) => Err(Refusal::Scanned { pages: text.pages.len() }),
    }
}

impl Text {
    /// All lines, with an empty one between pages.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (index, page) in self.pages.iter().enumerate() {
            if index > 0 {
                lines.push(String::new());
            }
            lines.extend(page.iter().cloned());
        }
        lines
    }
}

/// The text reader takes pictures for drawings with text in them and stumbles over their bytes; and a drawing without
/// resources of its own, which may use its page's, could draw itself.
fn tame(document: &mut Document) {
    for object in document.objects.values_mut() {
        let Object::Stream(stream) = object else { continue };
        let kind = subtype(&stream.dict);
        if kind == Some(b"Image") {
            stream.dict.remove(b"Filter");
            stream.dict.remove(b"DecodeParms");
            stream.content.clear();
        } else if kind == Some(b"Form") && !stream.dict.has(b"Resources") {
            let content = stream.decompressed_content().unwrap_or_default();
            if bytes::contains(&content, b"Do") {
                stream.dict.set("Resources", Dictionary::new());
            }
        }
    }
}

fn subtype(dictionary: &Dictionary) -> Option<&[u8]> {
    dictionary.get(b"Subtype").ok()?.as_name().ok()
}

impl OutputDev for Page {
    fn begin_page(
        &mut self,
        _: u32,
        _: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        place: &Transform,
        width: f64,
        _: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        // The size as it is drawn: the font's, scaled by the page.
        let size = font_size.abs() * (place.m21.powi(2) + place.m22.powi(2)).sqrt().max(f64::EPSILON);
        let advance = width.abs() * font_size.abs() * (place.m11.powi(2) + place.m12.powi(2)).sqrt();
        let upright = place.m11.abs() >= place.m12.abs();
        if upright {
            self.push(Character { x: place.m31, y: place.m32, width: advance, size, text: text.to_owned() })?;
        }
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}
