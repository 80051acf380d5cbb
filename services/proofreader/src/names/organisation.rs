//! Companies, societies, alliances and the like whose names vary, and people whose names do.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Occurrence, inserted};
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};
use crate::text::{is_han, last_chars};
use crate::unit::UnitKind;

/// Endings of names.
const ENDINGS: &[&str] = &[
    "公司",
    "集团",
    "协会",
    "学会",
    "研究会",
    "基金会",
    "研究院",
    "研究所",
    "联合体",
    "共同体",
    "联盟",
    "委员会",
    "中心",
    "工坊",
    "博物馆",
    "工作室",
    "示范区",
    "产业园",
    "大赛",
    "竞赛",
    "行动计划",
    "实施方案",
];

/// Words that belong to the sentence, not to a name.
const STOPS: &[&str] = &[
    "联合", "依托", "参加", "参与", "举办", "承办", "组建", "成立", "牵头", "加入", "推进", "实施", "建设",
    "打造", "建成", "共建", "携手", "邀请", "组织", "支持", "对接", "服务", "通过", "落实", "入选", "获批",
    "创建", "荣获", "获得", "开展", "印发", "其中", "以及", "包括", "例如", "围绕", "面向", "构建", "授予",
    "负责", "合作", "备战",
];

const STOP_CHARS: &str = "与和及由在对为将从向的以被是赴给跟把让使并了着于该此各某或而且如至年届";

/// Characters that tell two names apart: numbers, places, levels.
const APART: &str = "一二三四五六七八九十百东南西北中上下前后内外高大小新老省市区县国校男女春夏秋冬";

/// Words that two names may differ by and still be two: levels, places, kinds of school.
const APART_WORDS: &[&str] = &[
    "国家", "国际", "全国", "省级", "市级", "区级", "县级", "校级", "高职", "中职", "教学", "实训", "培训",
    "研究", "创新", "服务", "管理", "青年", "学生", "教师", "海外", "国内", "社区", "虚拟", "分", "副", "新",
    "总",
];

/// Characters two names must have in common.
const COMMON: usize = 7;
/// How many times as often the usual spelling is used where nothing else says that the two are one.
const ESTABLISHED: usize = 3;
/// Longest name looked for, in characters.
const REACH: usize = 22;
/// Most characters one spelling has more than the other.
const MOST: usize = 3;

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let mut names: BTreeMap<String, Vec<Occurrence>> = BTreeMap::new();
    for (unit, piece) in context.units.iter().enumerate() {
        if piece.kind == UnitKind::Contents {
            continue;
        }
        for range in mentions(piece.text()) {
            names.entry(piece.text()[range.clone()].to_owned()).or_default().push(Occurrence { unit, range });
        }
    }
    let mut told: HashSet<(&str, &str)> = HashSet::new();
    for (long, uses) in &names {
        for short in super::shortened(long) {
            let Some((short, others)) = names.get_key_value(&short) else { continue };
            if spelling(short, long) && told.insert((short, long)) {
                add(context, (long, uses), (short, others), report);
            }
        }
    }
    for (a, b) in one_off(&names) {
        add(context, (a, &names[a]), (b, &names[b]), report);
    }
    people(context, report);
}

/// Names in a text: from the last boundary before it to an ending.
fn mentions(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for ending in ENDINGS {
        for (at, _) in text.match_indices(ending) {
            let reach = last_chars(&text[..at], REACH);
            let base = at - reach.len();
            let mut cut = 0;
            for (i, c) in reach.char_indices() {
                if !is_han(c) || STOP_CHARS.contains(c) {
                    cut = i + c.len_utf8();
                }
            }
            for stop in STOPS {
                cut = cut.max(reach.rfind(stop).map_or(0, |i| i + stop.len()));
            }
            let range = base + cut..at + ending.len();
            let chars = text[range.clone()].chars().count();
            // A run as long as the reach has no beginning that is known.
            if chars >= 6 && (cut > 0 || reach.len() == at) {
                found.push(range);
            }
        }
    }
    found.sort_by_key(|r| (r.start, r.end));
    found
}

/// Whether a longer name is the shorter one with a word more in its middle.
fn spelling(short: &str, long: &str) -> bool {
    let Some(extra) = inserted(short, long) else { return false };
    let chars = short.chars().count();
    let company = long.ends_with("公司");
    let interior = !long.starts_with(&extra) && !long.ends_with(&extra) && !short.ends_with(&extra);
    let head = short.chars().zip(long.chars()).take_while(|(a, b)| a == b).count();
    let corporate = company && ["有限", "股份", "责任", "集团"].iter().any(|w| extra.contains(w));
    interior
        && head >= 3
        && extra.chars().count() <= if corporate { 4 } else { MOST }
        && chars >= if corporate { 6 } else { COMMON + 1 }
        && !extra.chars().any(|c| APART.contains(c))
        && !APART_WORDS.contains(&extra.as_str())
}

/// Pairs of names that differ in one character, each pair once.
fn one_off(names: &BTreeMap<String, Vec<Occurrence>>) -> Vec<(&str, &str)> {
    let mut patterns: HashMap<(usize, String), Vec<&str>> = HashMap::new();
    let mut found = Vec::new();
    for name in names.keys() {
        let chars: Vec<char> = name.chars().collect();
        if chars.len() < COMMON + 2 {
            continue;
        }
        // Neither the first character nor the ending.
        for at in 2..chars.len() - 2 {
            let pattern: String = chars[..at].iter().chain(&chars[at + 1..]).collect();
            let others = patterns.entry((at, pattern)).or_default();
            for other in others.iter().filter(|o| differ_by_a_slip(o, name, at)) {
                found.push((*other, name.as_str()));
            }
            if others.len() < 8 {
                others.push(name);
            }
        }
    }
    found
}

fn differ_by_a_slip(a: &str, b: &str, at: usize) -> bool {
    let (x, y) = (a.chars().nth(at), b.chars().nth(at));
    x != y && ![x, y].into_iter().flatten().any(|c| APART.contains(c))
}

/// Whether one paragraph, or one case, has both.
fn one_matter(context: &Context<'_, '_>, few: &[Occurrence], many: &[Occurrence]) -> bool {
    let case = |o: &Occurrence| context.units[o.unit].place.case;
    let of_one = |f: &Occurrence, m: &Occurrence| f.unit == m.unit || case(f).is_some() && case(f) == case(m);
    few.iter().take(20).any(|f| many.iter().take(20).any(|m| of_one(f, m)))
}

type Uses<'n> = (&'n str, &'n Vec<Occurrence>);

fn add(context: &Context<'_, '_>, a: Uses<'_>, b: Uses<'_>, report: &mut Report) {
    let ((rare, few), (usual, many)) = if a.1.len() <= b.1.len() { (a, b) } else { (b, a) };
    // Side by side they are told apart on purpose.
    if few.iter().all(|f| many.iter().any(|m| m.unit == f.unit && m.range.start.abs_diff(f.range.end) < 60)) {
        return;
    }
    let corporate = rare.ends_with("公司") && usual.ends_with("公司");
    let person = rare.chars().count() == 3;
    let sure = corporate || person || many.len() >= ESTABLISHED * few.len() || one_matter(context, few, many);
    let quote = |o: &Occurrence| context.quote_unit(o.unit, o.range.clone());
    report.add(Draft {
        class: Class::Name,
        severity: if sure { Severity::Warning } else { Severity::Info },
        rule: "name.organisation",
        zh: format!("“{rare}”与“{usual}”应是同一名称的两种写法，请统一。"),
        en: format!("“{rare}” and “{usual}” look like one name spelt two ways; use one."),
        locations: few.iter().take(3).chain(many.iter().take(2)).map(quote).collect(),
        expected: usual.to_owned(),
        actual: rare.to_owned(),
        computation: format!("“{rare}”出现{}次，“{usual}”出现{}次，只差几个字。", few.len(), many.len()),
        computation_en: format!(
            "“{rare}” × {}, “{usual}” × {}: they differ in a few characters.",
            few.len(),
            many.len()
        ),
    });
}

static PERSON: LazyLock<Regex> = LazyLock::new(|| {
    const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤哈";
    Regex::new(&format!(
        "(?:教师|教授|同学|选手|大师|负责人|院长|校长|主任|书记|工程师|农艺师|毕业生|传承人|老师)([{SURNAMES}]\\p{{Han}}{{2}})|([{SURNAMES}]\\p{{Han}}{{2}})(?:同学|老师|教授|大师|领衔|表示|介绍|指导|带领|主持|还介绍|入职|在)"
    ))
    .expect("pattern")
});

/// One person's name with one character changed, within a case and its figures.
fn people(context: &Context<'_, '_>, report: &mut Report) {
    let mut by_case: BTreeMap<usize, BTreeMap<&str, Vec<Occurrence>>> = BTreeMap::new();
    for (unit, piece) in context.units.iter().enumerate() {
        let Some(case) = piece.place.case.filter(|_| piece.kind != UnitKind::Contents) else { continue };
        for hit in PERSON.captures_iter(piece.text()) {
            if let Some(name) = hit.get(1).or_else(|| hit.get(2)) {
                let uses = by_case.entry(case).or_default().entry(name.as_str()).or_default();
                uses.push(Occurrence { unit, range: name.range() });
            }
        }
    }
    for names in by_case.values() {
        let all: Vec<(&&str, &Vec<Occurrence>)> = names.iter().take(40).collect();
        for (i, (a, first)) in all.iter().enumerate() {
            for (b, second) in &all[i + 1..] {
                let apart: Vec<usize> = a
                    .chars()
                    .zip(b.chars())
                    .enumerate()
                    .filter(|(_, (x, y))| x != y)
                    .map(|(i, _)| i)
                    .collect();
                let beside = first.iter().any(|f| {
                    second.iter().any(|s| s.unit == f.unit && s.range.start.abs_diff(f.range.end) < 12)
                });
                if apart.len() == 1 && apart[0] > 0 && !beside {
                    add(context, (a, first), (b, second), report);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_and_different_names() {
        assert!(spelling("演示汽车有限公司", "演示汽车股份有限公司"));
        assert!(spelling("演示省物质文化保护中心", "演示省物质文化遗产保护中心"));
        assert!(!spelling("演示市职业教育实训中心", "演示市职业教育虚拟实训中心"));
        assert!(!spelling("演示装备产教联合体", "省演示装备产教联合体"));
        let names = |names: &[&str]| -> BTreeMap<String, Vec<Occurrence>> {
            names.iter().map(|n| ((*n).to_owned(), Vec::new())).collect()
        };
        assert_eq!(one_off(&names(&["演示智能装备产业联合体", "演示智能装备产教联合体"])).len(), 1);
        assert_eq!(one_off(&names(&["演示省第一职业教育中心", "演示省第二职业教育中心"])).len(), 0);
    }

    #[test]
    fn names_begin_after_the_sentence() {
        let text = "学院与演示汽车股份有限公司合作，依托演示智能装备产教联合体育人";
        let found: Vec<&str> = mentions(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, ["演示汽车股份有限公司", "演示智能装备产教联合体"]);
    }
}
