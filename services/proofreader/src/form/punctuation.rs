//! Punctuation: doubled marks, open brackets and quotation marks, mixed widths, unfinished paragraphs.

use std::sync::LazyLock;

use regex::Regex;

use crate::context::Context;
use crate::document::Block;
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};
use crate::text::last_chars;
use crate::unit::{Unit, UnitKind};

static DOUBLED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("，，|、、|。。(?:[^。]|$)|；；|：：|，。|。，|、，|，、|、。|；。|。；|，；|；，|（，|（。|（、|、）|，）|；）|“，|：，|，：").expect("pattern")
});

const PAIRS: &[(char, char)] = &[('“', '”'), ('‘', '’'), ('（', '）'), ('《', '》'), ('【', '】')];

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    for (index, unit) in context.units.iter().enumerate() {
        if unit.kind == UnitKind::Contents {
            continue;
        }
        doubled(context, index, unit, report);
        unbalanced(context, index, unit, report);
    }
    unfinished(context, report);
    widths(context, report);
}

fn doubled(context: &Context<'_, '_>, index: usize, unit: &Unit, report: &mut Report) {
    for hit in DOUBLED.find_iter(unit.text()) {
        let marks: String = hit.as_str().chars().take(2).collect();
        let start = unit.text()[..hit.start()].char_indices().rev().nth(5).map_or(0, |(i, _)| i);
        report.add(Draft {
            class: Class::Form,
            severity: Severity::Warning,
            rule: "form.doubled-mark",
            zh: format!("标点“{marks}”重叠或残缺。"),
            en: format!("The marks “{marks}” stand side by side; one is stray."),
            locations: vec![context.quote_unit(index, start..hit.start() + marks.len())],
            expected: String::new(),
            actual: format!("{}{marks}", last_chars(&unit.text()[..hit.start()], 6)),
            computation: "两个不能相连的标点相连。".into(),
            computation_en: "Two marks stand together that cannot.".into(),
        });
    }
}

/// The first mark that is opened and not closed, closed and not opened, or crosses another.
fn broken(text: &str) -> Option<(usize, char, &'static str)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    for (at, c) in text.char_indices() {
        if let Some(pair) = PAIRS.iter().find(|p| p.0 == c) {
            // ’ also serves as an apostrophe; “ within “ is a slip.
            if c == '“' && open.iter().any(|o| o.1 == '“') && !open.iter().any(|o| o.1 == '‘') {
                return Some((at, c, "重复开启"));
            }
            if open.len() > 50 {
                return Some((at, c, "没有闭合"));
            }
            open.push((at, pair.0));
        } else if let Some(pair) = PAIRS.iter().find(|p| p.1 == c) {
            match open.pop() {
                Some((_, opening)) if opening == pair.0 => {}
                None if c == '’' => {}
                None if c == '）' && is_item(&text[..at]) => {}
                None => return Some((at, c, "没有开头")),
                Some((opened, opening)) => return Some((opened, opening, "没有闭合")),
            }
        }
    }
    open.first().map(|&(at, c)| (at, c, "没有闭合"))
}

/// `1）` and `a）` number items without an opening bracket.
fn is_item(before: &str) -> bool {
    before.ends_with(|c: char| c.is_ascii_alphanumeric()) && last_chars(before, 3).chars().count() <= 3
}

fn unbalanced(context: &Context<'_, '_>, index: usize, unit: &Unit, report: &mut Report) {
    if let UnitKind::Paragraph(p) = unit.kind
        && !context.document.paragraphs[p].finished
    {
        return;
    }
    if matches!(unit.kind, UnitKind::Row(..)) {
        return;
    }
    let Some((at, mark, problem)) = broken(unit.text()) else { return };
    report.add(Draft {
        class: Class::Form,
        severity: Severity::Warning,
        rule: "form.unbalanced",
        zh: format!("“{mark}”{problem}，引号或括号不成对。"),
        en: format!("The mark “{mark}” is not paired."),
        locations: vec![context.quote_unit(index, at..at + mark.len_utf8())],
        expected: String::new(),
        actual: mark.to_string(),
        computation: "逐字配对引号和括号。".into(),
        computation_en: "Quotation marks and brackets were paired one by one.".into(),
    });
}

/// A paragraph that stops in the middle of a sentence where a new heading or case begins.
fn unfinished(context: &Context<'_, '_>, report: &mut Report) {
    let document = &context.document;
    for (at, block) in document.blocks.iter().enumerate() {
        let Block::Paragraph(index) = *block else { continue };
        let paragraph = &document.paragraphs[index];
        let text = paragraph.text();
        let chars = text.chars().count();
        let long = chars >= 60 && text.contains('。') || chars >= 40 && text.contains('，');
        if paragraph.finished || !paragraph.prose || !long || text.ends_with(['”', '’', '》']) {
            continue;
        }
        let next = document.blocks[at + 1..].iter().find(|b| {
            !matches!(b, Block::Footnote(_) | Block::Note(_))
                && !matches!(b, Block::Caption(c) if document.captions[*c].label.kind != crate::document::label::LabelKind::Case)
        });
        let closed = matches!(next, Some(Block::Heading(_) | Block::Caption(_)));
        if !closed {
            continue;
        }
        let start = text.char_indices().rev().nth(12).map_or(0, |(i, _)| i);
        report.add(Draft {
            class: Class::Form,
            severity: Severity::Warning,
            rule: "form.unfinished",
            zh: "段落没有结束就到了下一标题，可能缺字或缺标点。".into(),
            en: "The paragraph stops in mid-sentence before the next heading.".into(),
            locations: vec![document.quote(&paragraph.norm, start..text.len())],
            expected: String::new(),
            actual: last_chars(text, 12).to_owned(),
            computation: "段末没有句末标点。".into(),
            computation_en: "The paragraph ends without a full stop.".into(),
        });
    }
}

/// Half-width and full-width commas mixed in Chinese text; one finding for the whole report.
fn widths(context: &Context<'_, '_>, report: &mut Report) {
    let mut half = 0usize;
    let mut full = 0usize;
    let mut first: Option<usize> = None;
    for paragraph in context.document.paragraphs.iter().filter(|p| p.prose) {
        let line = context.document.lines.get(paragraph.line).copied().unwrap_or("");
        let chars: Vec<char> = line.chars().collect();
        let here =
            chars.windows(2).filter(|w| crate::text::is_han(w[0]) && matches!(w[1], ',' | ';' | '(')).count();
        full += chars.iter().filter(|c| matches!(c, '，' | '；' | '（')).count();
        if here > 0 && first.is_none() {
            first = Some(paragraph.line);
        }
        half += here;
    }
    if let Some(line) = first.filter(|_| half * 3 < full && half > 0) {
        report.add(Draft {
            class: Class::Form,
            severity: Severity::Info,
            rule: "form.mixed-width",
            zh: format!("全文以全角标点为主（{full}处），另有半角标点{half}处，请统一。"),
            en: format!("{half} half-width marks among {full} full-width ones; use one kind."),
            locations: vec![context.document.quote_line(line)],
            expected: String::new(),
            actual: format!("{half}"),
            computation: "统计汉字后的半角逗号、分号和括号。".into(),
            computation_en:
                "Half-width commas, semicolons and brackets after Chinese characters were counted.".into(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::broken;

    #[test]
    fn pairs() {
        assert!(broken("“从‘听’到‘说’”展示（甲校）").is_none());
        assert_eq!(broken("“从‘听’到‘说’——展示（甲校）").map(|b| b.1), Some('“'));
        assert_eq!(broken("甲）乙”").map(|b| b.1), Some('）'));
        assert!(broken("1）甲；2）乙").is_none());
    }
}
