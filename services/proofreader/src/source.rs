//! Sources: tables and data figures without one, sources nobody can follow, claims of progress without last year's value.

use crate::context::Context;
use crate::document::label::LabelKind;
use crate::document::{Block, Place};
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};

/// Words with which a source line begins.
const SOURCE: &[&str] = &["数据来源", "资料来源", "来源："];

/// Caption words of figures that show data.
const DATA: &[&str] =
    &["单位：", "数量", "人数", "占比", "比例", "满意度", "情况", "趋势", "统计", "分布", "获奖", "数（"];

/// Words that claim a rise.
const RISE: &[&str] =
    &["稳中有升", "稳步提升", "持续提升", "逐年提升", "不断提升", "持续攀升", "稳步上升", "再创新高"];

/// How far behind a table its source is looked for, in blocks.
const REST: usize = 30;

/// All checks of sources.
pub(crate) fn check(context: &Context<'_, '_>, report: &mut Report) {
    tables(context, report);
    figures(context, report);
    vague(context, report);
    rises(context, report);
}

/// Whether a note of the same chapter gives the source of all its data.
fn covered(context: &Context<'_, '_>, place: Place) -> bool {
    context.document.notes.iter().any(|n| {
        n.place.chapter == place.chapter
            && n.text().contains("数据")
            && n.text().contains("来源")
            && n.text().contains('均')
    })
}

fn is_source(context: &Context<'_, '_>, line: usize) -> bool {
    let text = crate::text::Norm::of_line(line, context.document.lines[line]).text;
    SOURCE.iter().any(|w| text.starts_with(w)) || text.contains("来源")
}

fn tables(context: &Context<'_, '_>, report: &mut Report) {
    let document = &context.document;
    for (at, block) in document.blocks.iter().enumerate() {
        let Block::Table(index) = *block else { continue };
        let table = &document.tables[index];
        let Some(caption) = table.caption else { continue };
        let has_numbers =
            table.rows.iter().flat_map(|r| &r.cells).any(|c| c.bytes().any(|b| b.is_ascii_digit()));
        // A conversion may leave rows of the table behind it as fragments.
        let after = document.blocks[at + 1..].iter().take(REST).take_while(|b| match b {
            Block::Note(_) | Block::Footnote(_) => true,
            Block::Paragraph(p) => !document.paragraphs[*p].prose,
            Block::Table(t) => {
                document.tables[*t].caption.is_none() || document.tables[*t].caption == table.caption
            }
            Block::Heading(_) | Block::Caption(_) => false,
        });
        let inside =
            table.rows.iter().flat_map(|r| &r.cells).any(|c| SOURCE.iter().any(|w| c.starts_with(w)));
        let before = document.blocks[..at].iter().rev().take(2);
        let sourced = after
            .chain(before)
            .any(|b| matches!(b, Block::Note(l) | Block::Footnote(l) if is_source(context, *l)));
        if sourced || inside || !has_numbers || covered(context, table.place) {
            continue;
        }
        let caption = &document.captions[caption];
        let last = table.rows.last().map(|r| document.quote_line(r.line));
        report.add(Draft {
            class: Class::Source,
            severity: Severity::Warning,
            rule: "source.table",
            zh: format!("“{}”没有数据来源。", caption.label),
            en: format!("{} has no source.", caption.label.en()),
            locations: std::iter::once(document.quote_line(caption.line)).chain(last).collect(),
            expected: "数据来源：…".into(),
            actual: String::new(),
            computation: "表前后没有“数据来源”，所在部分也没有统一说明。".into(),
            computation_en: "Neither beside the table nor for its part of the report is a source given."
                .into(),
        });
    }
}

/// Figures that show data without a source; one finding for all.
fn figures(context: &Context<'_, '_>, report: &mut Report) {
    let document = &context.document;
    let mut without = Vec::new();
    for (at, block) in document.blocks.iter().enumerate() {
        let Block::Caption(index) = *block else { continue };
        let caption = &document.captions[index];
        let data = caption.label.kind == LabelKind::Figure
            && caption.owner.is_none()
            && DATA.iter().any(|w| caption.title.contains(w));
        let near = document.blocks[at.saturating_sub(1)..].iter().take(3);
        let sourced =
            near.clone().any(|b| matches!(b, Block::Note(l) | Block::Footnote(l) if is_source(context, *l)));
        if data && !sourced && !covered(context, caption.place) {
            without.push(caption);
        }
    }
    if without.is_empty() {
        return;
    }
    let names: Vec<String> = without.iter().map(|c| c.label.to_string()).collect();
    report.add(Draft {
        class: Class::Source,
        severity: Severity::Info,
        rule: "source.figure",
        zh: format!("数据图没有来源：{}。", names.join("、")),
        en: "Figures that show data have no source.".into(),
        locations: without.iter().map(|c| document.quote_line(c.line)).collect(),
        expected: "数据来源：…".into(),
        actual: names.join("、"),
        computation: "图题前后没有“数据来源”。".into(),
        computation_en: "No source stands beside the captions.".into(),
    });
}

/// Sources without a document, an address or a date.
fn vague(context: &Context<'_, '_>, report: &mut Report) {
    for note in &context.document.notes {
        let text = note.text();
        let Some(source) = SOURCE.iter().find_map(|w| text.strip_prefix(w)) else { continue };
        let source = source.trim_start_matches(['：', '于']).trim_end_matches('。');
        let followable = source.contains(['《', '.', '年', '“']) || source.contains("http");
        let vague = source.ends_with("网站")
            || source.ends_with("官网")
            || source.ends_with("网络")
            || source.chars().count() < 3;
        if !vague || followable {
            continue;
        }
        report.add(Draft {
            class: Class::Source,
            severity: Severity::Info,
            rule: "source.vague",
            zh: format!("数据来源“{source}”没有文件名、网址或日期，无从追溯。"),
            en: format!("The source “{source}” names no document, address or date."),
            locations: vec![context.document.quote_line(note.line)],
            expected: "文件名、网址和日期".into(),
            actual: source.to_owned(),
            computation: "来源里没有书名号、网址、年份或文件名。".into(),
            computation_en: "The source has no title, address, year or file name.".into(),
        });
    }
}

/// A heading that claims a rise over text that gives no earlier value.
fn rises(context: &Context<'_, '_>, report: &mut Report) {
    let document = &context.document;
    for (at, block) in document.blocks.iter().enumerate() {
        let Block::Heading(heading) = *block else { continue };
        let heading = &document.headings[heading];
        let Some(word) = RISE.iter().find(|w| heading.title.contains(**w)) else { continue };
        let body: Vec<usize> = document.blocks[at + 1..]
            .iter()
            .take_while(|b| !matches!(b, Block::Heading(_)))
            .filter_map(|b| match *b {
                Block::Paragraph(p) => Some(p),
                _ => None,
            })
            .collect();
        let (Some(&first), Some(&last)) = (body.first(), body.last()) else { continue };
        let start = context.facts.claims.partition_point(|c| c.paragraph < first);
        let claims = context.facts.claims[start..].iter().take_while(|c| c.paragraph <= last);
        let has_rates = claims.clone().any(|c| c.role == crate::claim::Role::Share);
        let compares = claims.clone().any(|c| c.sign > 0)
            || body.iter().any(|&p| {
                let text = document.paragraphs[p].text();
                ["较上", "比上", "同比", "去年", "上年", "上一年", "连续"].iter().any(|w| text.contains(w))
            });
        if compares || !has_rates {
            continue;
        }
        let value = claims
            .clone()
            .position(|c| c.role == crate::claim::Role::Share)
            .map(|i| context.quote_claim(start + i));
        report.add(Draft {
            class: Class::Source,
            severity: Severity::Info,
            rule: "source.rise",
            zh: format!("标题称“{word}”，正文没有可比的上年数据。"),
            en: format!("The heading claims a rise (“{word}”); the text gives no earlier value."),
            locations: std::iter::once(document.quote_line(heading.line)).chain(value).collect(),
            expected: String::new(),
            actual: (*word).to_owned(),
            computation: "本节没有“较上年”之类的比较，也没有增减的数字。".into(),
            computation_en: "The section compares with no earlier year and gives no change.".into(),
        });
    }
}
