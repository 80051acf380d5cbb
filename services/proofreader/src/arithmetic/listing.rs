//! Counts beside the list they count: `“甲、乙、丙”三个阶段`, `3所学校（甲、乙、丙）`.

use std::sync::LazyLock;

use regex::Regex;

use crate::context::Context;
use crate::document::label::chinese_prefix;
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};
use crate::unit::UnitKind;

static AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("“([^“”]{3,80})”(?:等)?([一二三四五六七八九十]|\\d{1,2})(?:个(?:阶段|环节|维度|方面|层次|模块|步骤|全覆盖)|步骤|位一体|大(?:环节|模块|体系|领域|创新|机制|行动|工程|路径))")
        .expect("pattern")
});

static BRACKET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(\\d{1,2})(?:所|家|个|项|门|种)([^，。；：（）、“”]{2,16})（([^（）：]{4,160})）")
        .expect("pattern")
});

/// What a count of items is a count of; with another noun, the number counts something else.
const SORTS: &str = "专业|方面|环节|领域|阶段|维度|层面|层次|模块|语种|语言|类别|平台|步骤|方向|赛项|部门|校区|课堂|工程|行动|产业|国家|省份|机制|体系|关口|路径|举措";

static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        "((?:[\\p{{Han}}A-Za-z]{{1,8}}、){{2,9}}[\\p{{Han}}A-Za-z]{{1,6}}?)([三四五六七八九十]|[3-9])(?:个|种|大|类|项|重)(?:\\p{{Han}}{{0,2}})(?:{SORTS})"
    ))
    .expect("pattern")
});

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    for (index, unit) in context.units.iter().enumerate() {
        let UnitKind::Paragraph(_) = unit.kind else { continue };
        let text = unit.text();
        for hit in AFTER.captures_iter(text) {
            let (Some(whole), Some(list), Some(count)) = (hit.get(0), hit.get(1), hit.get(2)) else {
                continue;
            };
            if whole.as_str().contains("”等") {
                continue;
            }
            let items = items_of(list.as_str());
            compare(context, index, whole.range(), items, count.as_str(), report);
        }
        for hit in PLAIN.captures_iter(text) {
            let (Some(whole), Some(list), Some(count)) = (hit.get(0), hit.get(1), hit.get(2)) else {
                continue;
            };
            let (list, before) = (list.as_str(), &text[..whole.start()]);
            let said = count.as_str().parse::<usize>().ok();
            let said = said.or_else(|| chinese_prefix(count.as_str()).map(|(n, _)| n as usize));
            let commas = list.split('、').count();
            let last = list.rsplit('、').next().unwrap_or("");
            // 甲、乙和丙: a conjunction parts two items, or stands within the name of one.
            let joined = list.matches(['和', '与', '及']).count();
            let fits = said.is_some_and(|n| (commas..=commas + joined).contains(&n));
            let whole_list = !list.contains('等')
                && !before.ends_with(['、', '”', '》', '）'])
                && !last.ends_with(['第', '十', '各', '另'])
                && said.is_some_and(|n| n.abs_diff(commas + joined) <= 2);
            if whole_list && !fits {
                compare(context, index, whole.range(), Some(commas + joined), count.as_str(), report);
            }
        }
        for hit in BRACKET.captures_iter(text) {
            let (Some(whole), Some(list), Some(count)) = (hit.get(0), hit.get(3), hit.get(1)) else {
                continue;
            };
            let list = list.as_str();
            let preceded =
                text[..whole.start()].ends_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '第'));
            let plain = list.contains('、')
                && !list.contains(['等', '，', '；'])
                && !list.contains(|c: char| c.is_ascii_digit())
                && ["和", "与", "及"].iter().all(|w| !list.contains(w));
            if plain && !preceded {
                compare(
                    context,
                    index,
                    whole.range(),
                    Some(list.split('、').count()),
                    count.as_str(),
                    report,
                );
            }
        }
    }
}

/// Items of a quoted list with one kind of separator throughout, at least three.
fn items_of(list: &str) -> Option<usize> {
    let joined = list.replace("——", "—");
    let counts: Vec<usize> = ['、', '—', '-', '·']
        .iter()
        .map(|&s| joined.split(s).filter(|i| !i.is_empty()).count())
        .filter(|&n| n > 1)
        .collect();
    match counts[..] {
        [n] if n >= 3 && !joined.contains(['等', '，', '+']) => Some(n),
        // 职业认知-技能训练—企业实习: hyphens and dashes mixed by the conversion.
        [_, _] if !joined.contains('、') => {
            let n = joined.split(['—', '-']).filter(|i| !i.is_empty()).count();
            (n >= 3).then_some(n)
        }
        _ => None,
    }
}

fn compare(
    context: &Context<'_, '_>,
    unit: usize,
    range: std::ops::Range<usize>,
    items: Option<usize>,
    count: &str,
    report: &mut Report,
) {
    let said = count.parse::<usize>().ok().or_else(|| chinese_prefix(count).map(|(n, _)| n as usize));
    let (Some(items), Some(said)) = (items, said) else { return };
    if items == said {
        return;
    }
    report.add(Draft {
        class: Class::Arithmetic,
        severity: Severity::Warning,
        rule: "arithmetic.list-count",
        zh: format!("列出{items}项，写作{said}项。"),
        en: format!("{items} items are listed, {said} are announced."),
        locations: vec![context.quote_unit(unit, range)],
        expected: items.to_string(),
        actual: said.to_string(),
        computation: format!("逐项数得{items}。"),
        computation_en: format!("Counted one by one: {items}."),
    });
}
