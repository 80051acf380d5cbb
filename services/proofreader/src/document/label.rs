//! Labels of figures, tables and cases, and the headings of a report.

use std::fmt;

/// What a label numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum LabelKind {
    Figure,
    Table,
    Case,
}

impl LabelKind {
    pub const ALL: [Self; 3] = [Self::Figure, Self::Table, Self::Case];

    pub fn zh(self) -> &'static str {
        match self {
            Self::Figure => "图",
            Self::Table => "表",
            Self::Case => "案例",
        }
    }

    pub fn en(self) -> &'static str {
        match self {
            Self::Figure => "Figure",
            Self::Table => "Table",
            Self::Case => "Case",
        }
    }
}

/// A label such as 图 2-8: chapter 2, number 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Label {
    pub kind: LabelKind,
    /// Absent where a report numbers straight through.
    pub chapter: Option<u32>,
    pub number: u32,
}

impl Label {
    /// The label with another number.
    pub fn at(self, number: u32) -> Self {
        Self { number, ..self }
    }

    pub fn en(self) -> String {
        match self.chapter {
            Some(chapter) => format!("{} {chapter}-{}", self.kind.en(), self.number),
            None => format!("{} {}", self.kind.en(), self.number),
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.chapter {
            Some(chapter) => write!(f, "{} {chapter}-{}", self.kind.zh(), self.number),
            None => write!(f, "{} {}", self.kind.zh(), self.number),
        }
    }
}

/// A label at the start of an evened-out text, and the bytes it takes.
pub(crate) fn leading_label(text: &str) -> Option<(Label, usize)> {
    let (kind, mut at) = [
        ("案例", LabelKind::Case),
        ("附图", LabelKind::Figure),
        ("附表", LabelKind::Table),
        ("图", LabelKind::Figure),
        ("表", LabelKind::Table),
    ]
    .iter()
    .find_map(|(word, kind)| text.starts_with(word).then_some((*kind, word.len())))?;
    let (label, used) = numbers(&text[at..])?;
    at += used;
    Some((Label { kind, chapter: label.0, number: label.1 }, at))
}

/// `2-8`, `2—8`, `2.8` or `8`, and the bytes it takes.
pub(crate) fn numbers(text: &str) -> Option<((Option<u32>, u32), usize)> {
    let (first, mut at) = digits(text)?;
    let dash = ["-", "—", ".", "·"].iter().find(|d| text[at..].starts_with(**d));
    if let Some(dash) = dash
        && let Some((second, used)) = digits(&text[at + dash.len()..])
    {
        at += dash.len() + used;
        return Some(((Some(first), second), at));
    }
    Some(((None, first), at))
}

fn digits(text: &str) -> Option<(u32, usize)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    if end == 0 || end > 3 {
        return None;
    }
    Some((text[..end].parse().ok()?, end))
}

/// A heading's level (1 for 一、 or 第一章, 2 for （一）, 3 for 1., 4 for （1）), its number and the bytes of its mark.
pub(crate) fn heading_mark(text: &str) -> Option<(u8, u32, usize)> {
    if let Some(rest) = text.strip_prefix('第') {
        let (number, used) = chinese_prefix(rest).or_else(|| digits(rest))?;
        let after = &rest[used..];
        let word = ["部分", "章", "篇"].iter().find(|w| after.starts_with(**w))?;
        return Some((1, number, '第'.len_utf8() + used + word.len()));
    }
    if let Some(rest) = text.strip_prefix('（') {
        let (level, (number, used)) = match chinese_prefix(rest) {
            Some(found) => (2, found),
            None => (4, digits(rest)?),
        };
        rest[used..].strip_prefix('）')?;
        return Some((level, number, '（'.len_utf8() * 2 + used));
    }
    if let Some((number, used)) = chinese_prefix(text) {
        text[used..].strip_prefix('、')?;
        return Some((1, number, used + '、'.len_utf8()));
    }
    let (number, used) = digits(text)?;
    let mark = text[used..].chars().next().filter(|c| matches!(c, '.' | '、'))?;
    let end = used + mark.len_utf8();
    let next = text[end..].chars().next()?;
    (number < 100 && !next.is_ascii_digit()).then_some((3, number, end))
}

/// A Chinese numeral below 100 at the start of a text, and the bytes it takes.
pub(crate) fn chinese_prefix(text: &str) -> Option<(u32, usize)> {
    let mut total = 0u32;
    let mut unit = 0u32;
    let mut used = 0;
    for c in text.chars() {
        match "零一二三四五六七八九".chars().position(|d| d == c) {
            Some(d) => unit = d as u32,
            None if c == '十' => {
                total += unit.max(1) * 10;
                unit = 0;
            }
            None => break,
        }
        used += c.len_utf8();
        if used > 9 {
            return None;
        }
    }
    let value = total + unit;
    (used > 0 && value > 0).then_some((value, used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        let (label, used) = leading_label("图2-12“三融育”").expect("label");
        assert_eq!((label.chapter, label.number, used), (Some(2), 12, 7));
        assert_eq!(leading_label("案例3标题").map(|(l, _)| (l.chapter, l.number)), Some((None, 3)));
        assert!(leading_label("图书馆").is_none());
    }

    #[test]
    fn heading_marks() {
        assert_eq!(heading_mark("一、概况").map(|h| (h.0, h.1)), Some((1, 1)));
        assert_eq!(heading_mark("（十一）质量").map(|h| (h.0, h.1)), Some((2, 11)));
        assert_eq!(heading_mark("3.数智").map(|h| (h.0, h.1)), Some((3, 3)));
        assert_eq!(heading_mark("第三章 总结").map(|h| (h.0, h.1)), Some((1, 3)));
        assert!(heading_mark("3.5万人").is_none());
        assert!(heading_mark("2025年").is_none());
    }
}
