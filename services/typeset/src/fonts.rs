//! The fonts that documents are set in: our own, so that any machine gives the same pages, and the machine's for
//! characters that ours lack.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{LazyLock, Mutex, PoisonError},
};

use resvg::usvg::fontdb;
use typst::{foundations::Bytes, text::Font};

/// What stands for a character that no font has.
pub const MISSING: char = '〓';

/// Ours: the book face, then the plain and the bold one of heads, tables and charts.
pub static OWN: LazyLock<Vec<Font>> =
    LazyLock::new(|| DATA.iter().flat_map(|data| Font::iter(Bytes::new(*data))).collect());

/// The files that ours come from.
pub const DATA: [&[u8]; 3] = [
    include_bytes!("../fonts/zhijian-serif-regular.otf"),
    include_bytes!("../fonts/zhijian-sans-regular.otf"),
    include_bytes!("../fonts/zhijian-sans-bold.otf"),
];

/// The machine's font for each character that was asked for.
static FOUND: LazyLock<Mutex<HashMap<char, Option<Font>>>> = LazyLock::new(Mutex::default);
static MACHINE: LazyLock<fontdb::Database> = LazyLock::new(|| {
    let mut database = fontdb::Database::new();
    database.load_system_fonts();
    database
});

/// What a text needs beside our fonts.
#[derive(Debug, Default)]
pub struct Rare {
    /// The machine's fonts for it, each once.
    pub fonts: Vec<Font>,
    /// The characters that no font has.
    pub missing: BTreeSet<char>,
}

/// Looks up what ours lack of `texts`.
pub fn rare<'a>(texts: impl IntoIterator<Item = &'a str>) -> Rare {
    let characters: BTreeSet<char> = texts.into_iter().flat_map(str::chars).collect();
    let mut rare = Rare::default();
    for character in characters.into_iter().filter(|character| !ours(*character)) {
        match machine(character) {
            Some(font) if rare.fonts.contains(&font) => {}
            Some(font) => rare.fonts.push(font),
            None => {
                rare.missing.insert(character);
            }
        }
    }
    rare
}

fn ours(character: char) -> bool {
    invisible(character) || OWN.iter().all(|font| has(font, character))
}

fn has(font: &Font, character: char) -> bool {
    font.info().coverage.contains(u32::from(character))
}

/// What joins, parts or varies other characters, and is not seen itself.
fn invisible(character: char) -> bool {
    character.is_control()
        || character.is_whitespace()
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0100}'..='\u{e01ef}')
}

fn machine(character: char) -> Option<Font> {
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = found.get(&character) {
        return known.clone();
    }
    // One that has been read for another character is as good, and costs nothing.
    let read = found.values().flatten().find(|font| has(font, character)).cloned();
    let font = read.or_else(|| search(character));
    found.insert(character, font.clone());
    font
}

fn search(character: char) -> Option<Font> {
    let mut faces: Vec<&fontdb::FaceInfo> = MACHINE.faces().collect();
    faces.sort_by_cached_key(|face| {
        let name = face.families.first().map(|(name, _)| name.clone()).unwrap_or_default();
        let chinese = ["SC", "GB", "YaHei", "SimSun", "WenQuanYi"].iter().any(|mark| name.contains(mark));
        (
            !chinese,
            face.monospaced,
            face.style != fontdb::Style::Normal,
            face.weight.0.abs_diff(400),
            face.post_script_name.clone(),
        )
    });
    let face = faces.into_iter().find(|face| {
        let has = |data: &[u8], index| {
            ttf_parser::Face::parse(data, index).is_ok_and(|face| face.glyph_index(character).is_some())
        };
        MACHINE.with_face_data(face.id, has).unwrap_or_default()
    })?;
    let data = MACHINE.with_face_data(face.id, |data, _| Bytes::new(data.to_vec()))?;
    Font::new(data, face.index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reports_are_written_with_is_ours() {
        let text = "质鉴：2025年北京市中等职业学校在校生6.91%，减少883人（“双师型”）——①→≥·～／「」《》Ⅲ㎡℃ é";
        let rare = rare([text]);
        let lacking: Vec<char> = text.chars().filter(|character| !ours(*character)).collect();
        // The square metre is in no subset of GB 2312; a machine may have it.
        assert!(lacking.iter().all(|character| "㎡".contains(*character)), "{lacking:?}");
        assert!(rare.fonts.len() <= 1);
        assert!(ours(MISSING));
    }

    #[test]
    fn what_nobody_has_is_said_to_be_missing() {
        // A character of the private area.
        assert_eq!(rare(["\u{10fff0}"]).missing, BTreeSet::from(['\u{10fff0}']));
    }
}
