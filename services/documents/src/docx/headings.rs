//! Headings and captions by their words, for documents written without styles.

use super::{Block, Captioned};

/// Longest heading or caption, in characters.
const LONGEST: usize = 60;
/// From this many headings with styles on, a document's styles are to be trusted.
const STYLED: usize = 2;

/// The level a text's number gives it: 第一章 and 一、 1, （一） 2, `1.` 3, （1） 4; `1.1` by its parts.
pub(super) fn level(text: &str) -> Option<u8> {
    let mut rest = text.trim_start();
    if let Some(after) = rest.strip_prefix('第') {
        let name = after.trim_start_matches(is_count);
        let followed = |unit: char| name.len() < after.len() && name.starts_with(unit);
        return if followed('章') || followed('篇') || followed('部') {
            Some(1)
        } else if followed('节') {
            Some(2)
        } else {
            None
        };
    }
    let bracketed = rest.starts_with(['（', '(']);
    if bracketed {
        rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
        let after = rest.trim_start_matches(is_han);
        if after.len() < rest.len() {
            return after.starts_with(['）', ')']).then_some(2);
        }
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        return (after.len() < rest.len() && after.starts_with(['）', ')'])).then_some(4);
    }
    let after = rest.trim_start_matches(is_han);
    if after.len() < rest.len() {
        return after.starts_with(['、', '．', '.']).then_some(1);
    }
    decimal(rest)
}

/// `1.`, `1、`, `1．` is 3; `1.1 ` is 2, `1.1.1 ` is 3.
fn decimal(text: &str) -> Option<u8> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, after) = text.split_at(end);
    let parts = number.trim_end_matches('.').split('.').collect::<Vec<_>>();
    if parts.iter().any(|p| p.is_empty() || p.len() > 2) || after.trim().is_empty() {
        return None;
    }
    match parts.len() {
        1 if number.ends_with('.') || after.starts_with(['、', '．']) => Some(3),
        1 => None,
        // 3.5 万 is an amount, 3.5 师资队伍 a heading.
        n => after.starts_with([' ', '\u{3000}', '\t']).then_some(n.min(9) as u8),
    }
}

fn is_han(c: char) -> bool {
    "一二三四五六七八九十百〇零".contains(c)
}

fn is_count(c: char) -> bool {
    is_han(c) || c.is_ascii_digit()
}

/// Short, and no sentence.
fn is_title(text: &str) -> bool {
    let text = text.trim();
    !text.contains(['。', '；', '\n'])
        && !text.ends_with(['，', '：', '、', ',', ';', ':'])
        && text.chars().count() <= LONGEST
}

/// Makes headings of numbered lines where a document has none by style. `bold` says of each block whether all of its
/// words are: lines numbered `1.` or （1） are headings only then, and items of a list otherwise.
pub(super) fn find(blocks: &mut [Block], bold: &[bool]) {
    let styled = blocks.iter().filter(|b| matches!(b, Block::Heading { level: 1.., .. })).count();
    if styled >= STYLED {
        return;
    }
    for (block, &bold) in blocks.iter_mut().zip(bold) {
        let text = match &*block {
            Block::Paragraph { text } => text.clone(),
            Block::Item { mark, text, .. } if !mark.is_empty() => format!("{mark}{text}"),
            _ => continue,
        };
        if let Some(level) = level(&text).filter(|&l| is_title(&text) && (l <= 2 || bold)) {
            *block = Block::Heading { level, text };
        }
    }
}

/// What a line is the caption of, by its words: 图 2-1 在校生规模.
pub(super) fn caption(text: &str) -> Option<Captioned> {
    let text = text.trim();
    let (of, rest) = if let Some(rest) = text.strip_prefix('图') {
        (Captioned::Figure, rest)
    } else if let Some(rest) = text.strip_prefix("附表").or_else(|| text.strip_prefix('表')) {
        (Captioned::Table, rest)
    } else if let Some(rest) = text.strip_prefix("Figure ") {
        (Captioned::Figure, rest)
    } else {
        (Captioned::Table, text.strip_prefix("Table ")?)
    };
    let rest = rest.trim_start();
    let title = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "-—–.．－ ".contains(c) || is_han(c));
    let numbered = rest.starts_with(|c: char| c.is_ascii_digit() || is_han(c));
    // 图 2-1 显示…… goes on as a sentence.
    let sentence = ["显示", "所示", "可见", "中", "反映", "表明", "为例", "和", "与", "是"]
        .iter()
        .any(|w| title.starts_with(w));
    (numbered && !sentence && is_title(text) && !title.starts_with(['，', '、', '）', ')'])).then_some(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_give_levels() {
        for (text, expected) in [
            ("第一章 概况", Some(1)),
            ("第2节 规模", Some(2)),
            ("一、概况", Some(1)),
            ("（十二）规模", Some(2)),
            ("(一)规模", Some(2)),
            ("1. 师资", Some(3)),
            ("1、师资", Some(3)),
            ("（1）师资", Some(4)),
            ("2.3 师资", Some(2)),
            ("2.3.1 师资", Some(3)),
            ("3.5万元", None),
            ("一所学校", None),
            ("2024年", None),
            ("第一名", None),
            ("", None),
        ] {
            assert_eq!(level(text), expected, "{text}");
        }
    }

    #[test]
    fn captions_are_told_from_sentences() {
        assert_eq!(caption("图 2-1 在校生规模"), Some(Captioned::Figure));
        assert_eq!(caption("表2—3 年度情况（单位：人）"), Some(Captioned::Table));
        assert_eq!(caption("附表 1 计分卡"), Some(Captioned::Table));
        for text in
            ["图 2-1 显示规模增长", "图书 12 万册", "表 2-1、表 2-2", "表彰 3 人", "图 2-1 在校生规模扩大。"]
        {
            assert_eq!(caption(text), None, "{text}");
        }
    }
}
