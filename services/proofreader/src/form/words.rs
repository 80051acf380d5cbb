//! Words typed twice, characters lost in conversion.

use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};
use crate::text::is_han;
use crate::unit::UnitKind;

/// Function words that cannot follow each other.
const CLASHING: &[&str] =
    &["的的", "和及", "及和", "与和", "和与", "与及", "及与", "是是", "在在", "对对", "被被", "了了", "为为"];

/// Words in which such a pair is right.
const RIGHT: &[&str] = &[
    "的的确",
    "为了了",
    "一对对",
    "对对子",
    "对对碰",
    "总和及",
    "和及其",
    "暖和",
    "温和",
    "平和",
    "共和",
    "饱和",
    "谐和",
    "对对口",
];

/// Pairs that are doubled on purpose: 一步一步, 越来越, 研究研究.
const ON_PURPOSE: &[char] =
    &['一', '越', '很', '试', '讨', '介', '说', '看', '走', '谈', '层', '年', '天', '人', '个', '边', '又'];

/// Nouns that are verbs too: 以优质服务服务首都 is right.
const VERBS: &[&str] =
    &["服务", "教育", "管理", "研究", "创新", "改革", "建设", "培训", "设计", "支撑", "引领"];

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    for (index, unit) in context.units.iter().enumerate() {
        if unit.kind == UnitKind::Contents {
            continue;
        }
        let chars: Vec<(usize, char)> = unit.text().char_indices().collect();
        twice(context, index, &chars, report);
        clashing(context, index, unit.text(), report);
        lost(context, index, &chars, report);
    }
}

/// Two to six ideographs typed twice in a row.
fn twice(context: &Context<'_, '_>, unit: usize, chars: &[(usize, char)], report: &mut Report) {
    let mut at = 0;
    while at < chars.len() {
        let found = (2..=6).rev().find(|&n| is_twice(chars, at, n));
        let Some(n) = found else {
            at += 1;
            continue;
        };
        let word: String = chars[at..at + n].iter().map(|(_, c)| c).collect();
        if VERBS.contains(&word.as_str())
            && chars[at.saturating_sub(14)..at].iter().any(|(_, c)| matches!(c, '以' | '用' | '靠' | '凭'))
        {
            at += 2 * n;
            continue;
        }
        // Two cells of a heading that a conversion set side by side: 企业 企业捐赠.
        let norm = &context.units[unit].norm;
        let (before, after) = (norm.origin(chars[at + n - 1].0), norm.origin(chars[at + n].0));
        if before.0 == after.0 && before.1 + chars[at + n - 1].1.len_utf8() < after.1 {
            at += n;
            continue;
        }
        let start = chars[at].0;
        let end = chars[at + 2 * n - 1].0 + chars[at + 2 * n - 1].1.len_utf8();
        report.add(Draft {
            class: Class::Form,
            severity: Severity::Warning,
            rule: "form.doubled-word",
            zh: format!("“{word}{word}”重复，请删去一个。"),
            en: format!("“{word}” is typed twice."),
            locations: vec![context.quote_unit(unit, start..end)],
            expected: word.clone(),
            actual: format!("{word}{word}"),
            computation: "相同的词相连出现两次。".into(),
            computation_en: "The same word stands twice in a row.".into(),
        });
        at += 2 * n;
    }
}

fn is_twice(chars: &[(usize, char)], at: usize, n: usize) -> bool {
    let Some(run) = chars.get(at..at + 2 * n) else { return false };
    let same = (0..n).all(|i| run[i].1 == run[n + i].1);
    let varied = run[..n].iter().any(|(_, c)| *c != run[0].1);
    same && varied
        && run.iter().all(|(_, c)| is_han(*c) && !"零一二三四五六七八九十百千万亿".contains(*c))
        && !run[..n].iter().any(|(_, c)| ON_PURPOSE.contains(c) && n == 2)
}

fn clashing(context: &Context<'_, '_>, unit: usize, text: &str, report: &mut Report) {
    for pair in CLASHING {
        for (at, _) in text.match_indices(pair) {
            let around = &text[text[..at].char_indices().next_back().map_or(0, |(i, _)| i)..];
            let around: String = around.chars().take(4).collect();
            if RIGHT.iter().any(|w| around.contains(w)) {
                continue;
            }
            report.add(Draft {
                class: Class::Form,
                severity: Severity::Warning,
                rule: "form.doubled-word",
                zh: format!("“{pair}”叠用，请删去一个。"),
                en: format!("“{pair}”: one of the two words is stray."),
                locations: vec![context.quote_unit(unit, at..at + pair.len())],
                expected: String::new(),
                actual: (*pair).to_owned(),
                computation: "两个虚词相连。".into(),
                computation_en: "Two particles stand in a row.".into(),
            });
        }
    }
}

/// Characters that stand for what a conversion could not read.
fn lost(context: &Context<'_, '_>, unit: usize, chars: &[(usize, char)], report: &mut Report) {
    let hit =
        chars.iter().find(|(_, c)| *c == '\u{fffd}' || matches!(*c, '\u{e000}'..='\u{f8ff}') || *c == '□');
    let Some(&(at, c)) = hit else { return };
    report.add(Draft {
        class: Class::Form,
        severity: Severity::Warning,
        rule: "form.lost-character",
        zh: "有无法辨认的字符，可能是转换时丢失。".into(),
        en: "A character was lost in conversion.".into(),
        locations: vec![context.quote_unit(unit, at..at + c.len_utf8())],
        expected: String::new(),
        actual: format!("U+{:04X}", c as u32),
        computation: "替换符、私用区字符或空框。".into(),
        computation_en: "A replacement character, a private one or an empty box.".into(),
    });
}
