//! Projects and platforms whose quoted names vary: “产业创新服务中心”, “产业创新服务分中心”.

use std::collections::BTreeMap;

use super::{inserted, shortened};
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::quotes::Quotation;
use crate::report::{Draft, Report};
use crate::unit::UnitKind;

/// Characters from which a quotation can be the name of a project.
const SHORTEST: usize = 8;
/// Bytes within which two names stand side by side, to be told apart.
const NEAR: usize = 60;
/// Most characters one spelling has more than the other.
const MOST: usize = 2;

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let mut names: BTreeMap<&str, Vec<&Quotation>> = BTreeMap::new();
    for quotation in context.quotations.iter().filter(|q| context.units[q.unit].kind != UnitKind::Contents) {
        // Lists and slogans vary on purpose; a name is one run of words.
        let listed = quotation.text.contains(['、', '，', '+', '—', '-', '·', '。', '！']);
        if quotation.bare.chars().count() >= SHORTEST && !listed {
            names.entry(&quotation.bare).or_default().push(quotation);
        }
    }
    one_character(context, report);
    for (long, uses) in &names {
        let others = shortened(long).find_map(|short| {
            let extra = inserted(&short, long).filter(|e| e.chars().count() <= MOST)?;
            names.get(short.as_str()).map(|others| (others, extra))
        });
        if let Some((others, extra)) = others {
            add(context, uses, others, &extra, report);
        }
    }
}

/// A name used again and again, and once with another character: “丝路学院”, “丝路学堂”.
fn one_character(context: &Context<'_, '_>, report: &mut Report) {
    const APART: &str =
        "一二三四五六七八九十东南西北中上下前后内外高大小新老省市区县国校企男女春夏秋冬师生教学";
    let mut names: BTreeMap<&str, Vec<&Quotation>> = BTreeMap::new();
    for quotation in context.quotations.iter().filter(|q| context.units[q.unit].kind != UnitKind::Contents) {
        let chars = quotation.bare.chars().count();
        if (6..=14).contains(&chars) && quotation.bare.chars().count() == quotation.text.chars().count() {
            names.entry(&quotation.bare).or_default().push(quotation);
        }
    }
    let mut patterns: BTreeMap<(usize, String), Vec<&str>> = BTreeMap::new();
    for name in names.keys() {
        let chars: Vec<char> = name.chars().collect();
        for at in 1..chars.len() {
            let rest: String = chars[..at].iter().chain(&chars[at + 1..]).collect();
            patterns.entry((at, rest)).or_default().push(name);
        }
    }
    for ((at, _), alike) in patterns {
        let [a, b] = alike[..] else { continue };
        let (few, many) = if names[a].len() <= names[b].len() { (a, b) } else { (b, a) };
        let (Some(x), Some(y)) = (few.chars().nth(at), many.chars().nth(at)) else { continue };
        let slip = !APART.contains(x) || !APART.contains(y);
        let beside = names[few].iter().any(|f| {
            names[many].iter().any(|m| m.unit == f.unit && m.range.start.abs_diff(f.range.start) < NEAR)
        });
        if slip && !beside && names[few].len() == 1 && names[many].len() >= 2 {
            add(context, &names[few], &names[many], &format!("{x}/{y}"), report);
        }
    }
}

fn add(context: &Context<'_, '_>, a: &[&Quotation], b: &[&Quotation], extra: &str, report: &mut Report) {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let quote = |q: &&Quotation| context.quote_unit(q.unit, q.range.clone());
    let (rare, usual) = (&few[0].text, &many[0].text);
    report.add(Draft {
        class: Class::Name,
        severity: Severity::Warning,
        rule: "name.quoted",
        zh: format!("“{rare}”与“{usual}”只差“{extra}”，同一名称请统一。"),
        en: format!("“{rare}” and “{usual}” differ by “{extra}”; one name, one spelling."),
        locations: few.iter().take(3).chain(many.iter().take(2)).map(quote).collect(),
        expected: usual.clone(),
        actual: rare.clone(),
        computation: format!("“{rare}”出现{}次，“{usual}”出现{}次。", few.len(), many.len()),
        computation_en: format!("“{rare}” × {}, “{usual}” × {}.", few.len(), many.len()),
    });
}
