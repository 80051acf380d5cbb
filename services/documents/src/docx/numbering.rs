//! The numbers Word puts in front of paragraphs by itself, which stand nowhere in the text.

use std::collections::HashMap;

use super::dom::{Node, Part};
use crate::Refusal;

/// One level of a list.
#[derive(Debug, Clone)]
struct Level {
    start: u32,
    format: String,
    /// Such as `（%1）` or `%1.%2`.
    text: String,
    /// Numbers of higher levels are shown as digits whatever their own format.
    legal: bool,
}

/// A paragraph's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    Bullet,
    /// As shown, such as `（二）`.
    Number(String),
}

/// All lists of a document, with how far each has counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    levels: HashMap<u32, Vec<Level>>,
    /// The definition each list follows: lists of one definition go on counting.
    definitions: HashMap<u32, u32>,
    restarts: HashMap<u32, HashMap<u32, u32>>,
    counts: HashMap<u32, Vec<Option<u32>>>,
    seen: Vec<u32>,
}

impl Numbering {
    pub fn read(xml: &[u8]) -> Result<Self, Refusal> {
        let mut part = Part::new("word/numbering.xml", xml);
        let mut numbering = Self::default();
        if !part.enter("numbering")? {
            return Ok(numbering);
        }
        for node in part.rest()? {
            let id = |name: &str| node.attribute(name).and_then(|v| v.parse::<u32>().ok());
            match node.name.as_str() {
                "abstractNum" => {
                    if let Some(id) = id("abstractNumId") {
                        let levels =
                            node.children.iter().filter(|c| c.name == "lvl").take(9).map(level).collect();
                        numbering.levels.insert(id, levels);
                    }
                }
                "num" => {
                    if let (Some(id), Some(definition)) = (id("numId"), node.number("abstractNumId")) {
                        numbering.definitions.insert(id, definition);
                        let restarts = node.children.iter().filter(|c| c.name == "lvlOverride");
                        let restarts = restarts.filter_map(|o| {
                            Some((o.attribute("ilvl")?.parse().ok()?, o.number("startOverride")?))
                        });
                        numbering.restarts.insert(id, restarts.collect());
                    }
                }
                _ => {}
            }
        }
        Ok(numbering)
    }

    /// Counts one paragraph of a list; `None` if the list says nothing or is no list (0 takes a style's numbering away).
    pub fn next(&mut self, list: u32, level: u32) -> Option<Mark> {
        let definition = *self.definitions.get(&list)?;
        let levels = self.levels.get(&definition)?;
        let at = level as usize;
        let own = levels.get(at)?;
        let counts = self.counts.entry(definition).or_insert_with(|| vec![None; 9]);
        if !self.seen.contains(&list) {
            self.seen.push(list);
            for (&level, &start) in self.restarts.get(&list).into_iter().flatten() {
                if let Some(count) = counts.get_mut(level as usize) {
                    *count = start.checked_sub(1);
                }
            }
        }
        counts[at] = Some(counts[at].map_or(own.start, |n| n.saturating_add(1)));
        counts[at + 1..].fill(None);
        if own.format == "bullet" {
            return Some(Mark::Bullet);
        }
        if own.format == "none" && !own.text.contains(|c: char| !c.is_whitespace() && c != '%') {
            return None;
        }
        let mut shown = own.text.clone();
        for (index, level) in levels.iter().enumerate().take(at + 1) {
            let count = counts[index].unwrap_or(level.start);
            let format = if own.legal { "decimal" } else { level.format.as_str() };
            shown = shown.replace(&format!("%{}", index + 1), &number(count, format));
        }
        Some(Mark::Number(shown.trim().to_owned()))
    }
}

fn level(node: &Node) -> Level {
    // A number's shape is a few signs; a long one would be repeated before each paragraph.
    let text = |name: &str| {
        node.child(name).and_then(Node::value).unwrap_or_default().chars().take(60).collect::<String>()
    };
    Level {
        start: node.number("start").unwrap_or(1),
        format: text("numFmt"),
        text: text("lvlText"),
        legal: node.switch("isLgl").unwrap_or(false),
    }
}

/// A count as Word shows it.
fn number(n: u32, format: &str) -> String {
    match format {
        "chineseCounting"
        | "chineseCountingThousand"
        | "japaneseCounting"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand"
        | "chineseLegalSimplified" => chinese(n),
        "ideographDigital" | "japaneseDigitalTenThousand" | "taiwaneseDigital" => {
            n.to_string().chars().map(|c| HAN[c.to_digit(10).unwrap_or(0) as usize]).collect()
        }
        "ideographTraditional" => pick(n, "甲乙丙丁戊己庚辛壬癸"),
        "ideographZodiac" => pick(n, "子丑寅卯辰巳午未申酉戌亥"),
        "upperLetter" => letters(n),
        "lowerLetter" => letters(n).to_lowercase(),
        "upperRoman" => roman(n),
        "lowerRoman" => roman(n).to_lowercase(),
        "decimalZero" => format!("{n:02}"),
        "decimalFullWidth" | "decimalFullWidth2" => {
            n.to_string().chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c)).collect()
        }
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => enclosed(n, 0x2460, 20),
        "decimalEnclosedParen" => enclosed(n, 0x2474, 20),
        "decimalEnclosedFullstop" => enclosed(n, 0x2488, 20),
        "none" => String::new(),
        _ => n.to_string(),
    }
}

const HAN: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// 1 to 9999 as people count: 十二, 一百零三.
fn chinese(n: u32) -> String {
    if n == 0 || n > 9_999 {
        return n.to_string();
    }
    let mut text = String::new();
    let mut zero = false;
    for (unit, name) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = (n / unit % 10) as usize;
        if digit == 0 {
            zero = !text.is_empty();
            continue;
        }
        if zero {
            text.push('零');
            zero = false;
        }
        if !(digit == 1 && unit == 10 && text.is_empty()) {
            text.push(HAN[digit]);
        }
        text.push_str(name);
    }
    text
}

fn pick(n: u32, names: &str) -> String {
    let at = (n as usize).checked_sub(1);
    at.and_then(|at| names.chars().nth(at)).map_or_else(|| n.to_string(), String::from)
}

/// A, B, … Z, AA, BB, … as Word does.
fn letters(n: u32) -> String {
    let Some(n) = n.checked_sub(1) else { return "0".into() };
    let letter = char::from(b'A' + (n % 26) as u8);
    std::iter::repeat_n(letter, (n / 26 + 1).min(10) as usize).collect()
}

fn roman(mut n: u32) -> String {
    if n > 3_999 {
        return n.to_string();
    }
    const STEPS: [(u32, &str); 13] = [
        (1_000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut text = String::new();
    for (value, sign) in STEPS {
        while n >= value {
            text.push_str(sign);
            n -= value;
        }
    }
    text
}

fn enclosed(n: u32, first: u32, most: u32) -> String {
    let sign = (1..=most).contains(&n).then(|| char::from_u32(first + n - 1)).flatten();
    sign.map_or_else(|| n.to_string(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_word_shows_them() {
        let shown: Vec<String> = [1, 10, 12, 20, 103, 110, 2025].into_iter().map(chinese).collect();
        assert_eq!(shown, ["一", "十", "十二", "二十", "一百零三", "一百一十", "二千零二十五"]);
        assert_eq!(
            (letters(28), roman(14), enclosed(3, 0x2460, 20)),
            ("BB".into(), "XIV".into(), "③".into())
        );
        assert_eq!(number(12, "ideographDigital"), "一二");
    }

    #[test]
    fn levels_count_and_start_again() {
        let xml = r#"<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="0">
            <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>
            <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
            <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%2.%3"/></w:lvl>
            </w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num></w:numbering>"#;
        let mut numbering = Numbering::read(xml.as_bytes()).expect("reads");
        let mut next = |level| match numbering.next(5, level) {
            Some(Mark::Number(text)) => text,
            other => panic!("{other:?}"),
        };
        let shown: Vec<String> = [0, 1, 1, 2, 0, 1].into_iter().map(&mut next).collect();
        assert_eq!(shown, ["一、", "（一）", "（二）", "1.2.1", "二、", "（一）"]);
        assert_eq!(numbering.next(9, 0), None);
    }
}
