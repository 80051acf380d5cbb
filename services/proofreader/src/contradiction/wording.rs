//! One work, model or award under two wordings.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::context::Context;
use crate::document::label::leading_label;
use crate::finding::{Class, Severity};
use crate::names::inserted;
use crate::quotes::Quotation;
use crate::report::{Draft, Report};
use crate::similar::is_within;
use crate::text::{bare, first_chars};
use crate::unit::UnitKind;

/// Most names of one kind compared with each other.
const GROUP: usize = 150;

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    models(context, report);
    slips(context, report);
    heads(context, report);
    cases(context, report);
    titles(context, report);
}

/// Quoted names of the same kind of thing, one with a few characters less than the other.
fn models(context: &Context<'_, '_>, report: &mut Report) {
    let mut kinds: BTreeMap<String, BTreeMap<&str, Vec<&Quotation>>> = BTreeMap::new();
    for quotation in &context.quotations {
        let head = first_chars(&quotation.head, 4);
        if head.chars().count() == 4 && quotation.bare.chars().count() >= 6 {
            let kind = kinds.entry(head.to_owned()).or_default();
            kind.entry(&quotation.bare).or_default().push(quotation);
        }
    }
    for names in kinds.values().filter(|names| names.len() > 1) {
        let all: Vec<(&&str, &Vec<&Quotation>)> = names.iter().take(GROUP).collect();
        for (short, few) in &all {
            for (long, many) in &all {
                if is_slip(short, long) && !lists_less(&few[0].text, &many[0].text) {
                    model(context, few, many, report);
                }
            }
        }
    }
}

/// Quoted names of one and the same thing that differ in a single character: 并行推进, 并行推动.
fn slips(context: &Context<'_, '_>, report: &mut Report) {
    let mut kinds: BTreeMap<&str, BTreeMap<&str, Vec<&Quotation>>> = BTreeMap::new();
    for quotation in &context.quotations {
        let chars = quotation.bare.chars().count();
        let kind = first_chars(&quotation.head, 4);
        if kind.chars().count() == 4 && (4..=12).contains(&chars) {
            kinds.entry(kind).or_default().entry(&quotation.bare).or_default().push(quotation);
        }
    }
    for names in kinds.values().filter(|names| names.len() > 1) {
        let all: Vec<(&&str, &Vec<&Quotation>)> = names.iter().take(GROUP).collect();
        for (i, (a, first)) in all.iter().enumerate() {
            for (b, second) in &all[i + 1..] {
                if one_character_off(a, b) || permuted(a, b) {
                    let (few, many) =
                        if first.len() <= second.len() { (first, second) } else { (second, first) };
                    slip(context, few, many, report);
                }
            }
        }
    }
}

/// How many characters two names of one length differ in.
fn characters_apart(a: &str, b: &str) -> Option<usize> {
    (a.chars().count() == b.chars().count()).then(|| a.chars().zip(b.chars()).filter(|(x, y)| x != y).count())
}

/// The same characters in another order: 五纵五横, 五横五纵.
fn permuted(a: &str, b: &str) -> bool {
    let sorted = |s: &str| {
        let mut chars: Vec<char> = s.chars().collect();
        chars.sort_unstable();
        chars
    };
    a.chars().count() >= 6 && sorted(a) == sorted(b)
}

/// One name of two things that differ in a character: “三全”保障体系, “三全”保证体系.
fn heads(context: &Context<'_, '_>, report: &mut Report) {
    let mut names: BTreeMap<&str, BTreeMap<&str, Vec<&Quotation>>> = BTreeMap::new();
    for quotation in context.quotations.iter().filter(|q| q.bare.chars().count() >= 6) {
        let head = first_chars(&quotation.head, 6);
        if head.chars().count() == 6 {
            names.entry(&quotation.bare).or_default().entry(head).or_default().push(quotation);
        }
    }
    for heads in names.values().filter(|h| h.len() > 1) {
        let all: Vec<(&&str, &Vec<&Quotation>)> = heads.iter().take(8).collect();
        for (i, (a, first)) in all.iter().enumerate() {
            for (b, second) in &all[i + 1..] {
                if !one_character_off(a, b) {
                    continue;
                }
                let (few, many) = if first.len() <= second.len() { (first, second) } else { (second, first) };
                let quote = |q: &&Quotation| {
                    context.quote_unit(
                        q.unit,
                        q.range.start..q.range.end + "”".len() + first_chars(&q.head, 6).len(),
                    )
                };
                report.add(Draft {
                    class: Class::Contradiction,
                    severity: Severity::Warning,
                    rule: "contradiction.model",
                    zh: format!("“{}”后的名称有两种写法：{a}、{b}，请统一。", few[0].text),
                    en: format!(
                        "“{}” is followed by two names that differ in one character; use one.",
                        few[0].text
                    ),
                    locations: few.iter().take(3).chain(many.iter().take(2)).map(quote).collect(),
                    expected: String::new(),
                    actual: format!("{a}/{b}"),
                    computation: format!("同一名称后的“{a}”与“{b}”只差一字。"),
                    computation_en: format!("After the same name, “{a}” and “{b}” differ in one character."),
                });
            }
        }
    }
}

/// Whether two names differ in one character, and not in one that tells two things apart.
fn one_character_off(a: &str, b: &str) -> bool {
    const APART: &str =
        "一二三四五六七八九十内外上下前后左右东南西北中高低大小新老旧校企师生教学男女春夏秋冬双单省市区县国";
    let mut pairs = a.chars().zip(b.chars()).filter(|(x, y)| x != y);
    let (Some((x, y)), None) = (pairs.next(), pairs.next()) else { return false };
    a.chars().count() == b.chars().count()
        && ![x, y].iter().any(|c| c.is_ascii_alphanumeric())
        && !(APART.contains(x) && APART.contains(y))
}

fn slip(context: &Context<'_, '_>, few: &[&Quotation], many: &[&Quotation], report: &mut Report) {
    let quote = |q: &&Quotation| context.quote_unit(q.unit, q.range.clone());
    let locations = few.iter().take(3).chain(many.iter().take(2)).map(quote).collect();
    let (a, b) = (&few[0].text, &many[0].text);
    report.add(Draft {
        class: Class::Contradiction,
        severity: Severity::Warning,
        rule: "contradiction.model",
        zh: format!("“{a}”与“{b}”说的都是{}，只差一字或字序，请核对。", kind(&few[0].head)),
        en: format!("“{a}” and “{b}” name the same thing and differ in one character or in their order."),
        locations,
        expected: b.clone(),
        actual: a.clone(),
        computation: format!("“{a}”出现{}次，“{b}”出现{}次。", few.len(), many.len()),
        computation_en: format!("“{a}” × {}, “{b}” × {}.", few.len(), many.len()),
    });
}

/// Whether one name is the other with one to four characters left out.
fn is_slip(short: &str, long: &str) -> bool {
    let (s, l) = (short.chars().count(), long.chars().count());
    s < l && l - s <= 4 && s * 3 >= l * 2 && is_within(short, long)
}

/// Whether every item of one list is an item of the other: a shorter list, not a slip.
fn lists_less(short: &str, long: &str) -> bool {
    let items = |s: &str| -> BTreeSet<String> { s.split(['、', '，', '·', '+']).map(bare).collect() };
    let (short, long) = (items(short), items(long));
    short.is_subset(&long)
}

fn model(context: &Context<'_, '_>, few: &[&Quotation], many: &[&Quotation], report: &mut Report) {
    let in_text = |q: &&&Quotation| context.units[q.unit].kind != UnitKind::Contents;
    let quote = |q: &Quotation| context.quote_unit(q.unit, q.range.clone());
    let mut locations: Vec<_> = many.iter().filter(in_text).take(2).map(|q| quote(q)).collect();
    locations.extend(few.iter().take(3).map(|q| quote(q)));
    let (a, b) = (&many[0].text, &few[0].text);
    report.add(Draft {
        class: Class::Contradiction,
        severity: Severity::Error,
        rule: "contradiction.model",
        zh: format!("同一{}有两种写法：“{a}”与“{b}”，请统一。", many[0].head),
        en: format!("One model is written “{a}” and “{b}”; use one wording."),
        locations,
        expected: a.clone(),
        actual: b.clone(),
        computation: format!("后一写法少{}字。", many[0].bare.chars().count() - few[0].bare.chars().count()),
        computation_en: format!(
            "The second wording lacks characters: {}.",
            many[0].bare.chars().count() - few[0].bare.chars().count()
        ),
    });
}

/// A case that names its model in the title and calls it something else once in the text.
fn cases(context: &Context<'_, '_>, report: &mut Report) {
    let mut by_case: BTreeMap<usize, Vec<&Quotation>> = BTreeMap::new();
    for quotation in &context.quotations {
        if let Some(case) = context.units[quotation.unit].place.case {
            by_case.entry(case).or_default().push(quotation);
        }
    }
    for (case, quotations) in by_case {
        let line = context.document.captions[case].line;
        let in_title = |q: &&Quotation| context.units[q.unit].norm.line_at(0) == line;
        title_slips(context, &quotations, &in_title, report);
        let mut uses: HashMap<(&str, &str), usize> = HashMap::new();
        for q in &quotations {
            *uses.entry((&q.bare, kind(&q.head))).or_default() += 1;
        }
        for named in quotations.iter().filter(|q| in_title(q) && kind(&q.head).chars().count() >= 4) {
            let often = uses.get(&(named.bare.as_str(), kind(&named.head))).is_some_and(|&n| n >= 2);
            let other = quotations.iter().find(|q| {
                !in_title(q)
                    && kind(&q.head) == kind(&named.head)
                    && q.bare != named.bare
                    && (3..=8).contains(&q.bare.chars().count())
                    && !context.document.captions[case].title.contains(&q.text)
                    && uses.get(&(q.bare.as_str(), kind(&q.head))) == Some(&1)
            });
            if let Some(other) = other.filter(|_| often) {
                let first = quotations.iter().find(|q| !in_title(q) && q.bare == named.bare);
                case_model(context, named, other, first, report);
            }
        }
    }
}

/// A name of a case's title that its text has only with a character or an item more, less or other.
fn title_slips(
    context: &Context<'_, '_>,
    quotations: &[&Quotation],
    in_title: &dyn Fn(&&Quotation) -> bool,
    report: &mut Report,
) {
    const NUMBERS: &str = "一二三四五六七八九十两双";
    for named in quotations.iter().filter(|q| in_title(q) && q.text.contains(|c| NUMBERS.contains(c))) {
        let again = quotations.iter().any(|q| !in_title(q) && q.bare == named.bare);
        let alike = |q: &&&Quotation| {
            let (a, b) = (q.bare.as_str(), named.bare.as_str());
            !in_title(q)
                && a.chars().count() >= 4
                && (characters_apart(a, b) == Some(1) || is_slip(a, b) || is_slip(b, a))
        };
        let other = quotations.iter().filter(|_| !again).find(alike);
        let told = |q: &&Quotation| first_chars(&q.head, 4) == first_chars(&named.head, 4);
        let counted = |q: &&Quotation| {
            characters_apart(&q.bare, &named.bare) == Some(1) && !one_character_off(&q.bare, &named.bare)
        };
        if let Some(other) = other.filter(|q| !told(q) || counted(q)) {
            let quote = |q: &Quotation| context.quote_unit(q.unit, q.range.clone());
            report.add(Draft {
                class: Class::Contradiction,
                severity: Severity::Warning,
                rule: "contradiction.case-model",
                zh: format!("案例标题为“{}”，文中写作“{}”，请统一。", named.text, other.text),
                en: format!(
                    "The case's title says “{}”, its text “{}”; use one wording.",
                    named.text, other.text
                ),
                locations: vec![quote(other), quote(named)],
                expected: named.text.clone(),
                actual: other.text.clone(),
                computation: "标题中的名称没有在本案例正文中出现，只有相近的写法。".into(),
                computation_en: "The name in the title is not in the case's text; only one like it is."
                    .into(),
            });
        }
    }
}

/// What kind of thing a quotation names, its first eight characters.
fn kind(head: &str) -> &str {
    let end = ["体系", "模式", "机制", "平台", "计划", "工程"]
        .iter()
        .filter_map(|w| head.find(w).map(|i| i + w.len()))
        .min();
    end.map_or(first_chars(head, 8), |end| &head[..end])
}

fn case_model(
    context: &Context<'_, '_>,
    named: &Quotation,
    other: &Quotation,
    first: Option<&&Quotation>,
    report: &mut Report,
) {
    let quote = |q: &Quotation| context.quote_unit(q.unit, q.range.clone());
    let mut locations = vec![quote(other), quote(named)];
    locations.extend(first.map(|q| quote(q)));
    report.add(Draft {
        class: Class::Contradiction,
        severity: Severity::Error,
        rule: "contradiction.case-model",
        zh: format!("案例标题为“{}”{}，文中又称“{}”。", named.text, kind(&named.head), other.text),
        en: format!(
            "The case's title says “{}”, its text also “{}” of the same thing.",
            named.text, other.text
        ),
        locations,
        expected: named.text.clone(),
        actual: other.text.clone(),
        computation: format!("同一案例中“{}”前的名称不同，后者只出现一次。", kind(&named.head)),
        computation_en: format!(
            "Within the case the name before “{}” differs; the second stands once only.",
            kind(&named.head)
        ),
    });
}

/// Titles of works and documents that differ by a few characters.
fn titles(context: &Context<'_, '_>, report: &mut Report) {
    let mut found: BTreeMap<String, Vec<(usize, std::ops::Range<usize>, String)>> = BTreeMap::new();
    for (unit, piece) in context.units.iter().enumerate() {
        let text = piece.text();
        let mut open = None;
        for (at, c) in text.char_indices() {
            match c {
                '《' => open = Some(at + c.len_utf8()),
                '》' => {
                    if let Some(start) = open.take() {
                        let title = &text[start..at];
                        let plain = title.split('（').next().unwrap_or(title);
                        found.entry(bare(plain)).or_default().push((unit, start..at, title.to_owned()));
                    }
                }
                _ => {}
            }
        }
    }
    for (long, uses) in &found {
        for short in crate::names::shortened(long) {
            let Some(others) = found.get(&short) else { continue };
            let Some(extra) = inserted(&short, long) else { continue };
            let long_enough = short.chars().count() >= 6;
            if !long_enough || is_issuer(&extra) && long.starts_with(&extra) || is_edition(&extra) {
                continue;
            }
            let sure = joined_by_reference(context, uses, others);
            let few = if others.len() <= uses.len() { &others[0].2 } else { &uses[0].2 };
            let many = if others.len() <= uses.len() { &uses[0].2 } else { &others[0].2 };
            let quote = |(unit, range, _): &(usize, std::ops::Range<usize>, String)| {
                context.quote_unit(*unit, range.clone())
            };
            let in_text =
                |u: &&(usize, std::ops::Range<usize>, String)| context.units[u.0].kind != UnitKind::Contents;
            let mut locations: Vec<_> = uses.iter().filter(in_text).take(2).map(quote).collect();
            locations.extend(others.iter().filter(in_text).take(2).map(quote));
            report.add(Draft {
                class: Class::Contradiction,
                severity: if sure { Severity::Error } else { Severity::Warning },
                rule: "contradiction.title",
                zh: format!("《{many}》又写作《{few}》，相差“{extra}”，请核对。"),
                en: format!("《{many}》 is also written 《{few}》; check which is right."),
                locations,
                expected: String::new(),
                actual: format!("《{many}》/《{few}》"),
                computation: format!("两名只差“{extra}”。"),
                computation_en: format!("The two differ in “{extra}” only."),
            });
            break;
        }
    }
}

fn is_issuer(extra: &str) -> bool {
    extra.ends_with(['部', '厅', '委', '局', '市', '省', '院', '于', '办', '国', '京'])
}

fn is_edition(extra: &str) -> bool {
    extra.chars().all(|c| c.is_ascii_digit() || matches!(c, '年' | '版'))
        || ["试行", "修订", "暂行", "征求意见稿", "新版"].contains(&extra)
}

/// Whether one title stands in a caption that the paragraph with the other refers to.
fn joined_by_reference(
    context: &Context<'_, '_>,
    a: &[(usize, std::ops::Range<usize>, String)],
    b: &[(usize, std::ops::Range<usize>, String)],
) -> bool {
    let labels = |uses: &[(usize, std::ops::Range<usize>, String)]| -> Vec<String> {
        uses.iter()
            .filter_map(|u| leading_label(context.units[u.0].text()))
            .map(|(label, _)| label.to_string().replace(' ', ""))
            .collect()
    };
    let meets = |labels: &[String], uses: &[(usize, std::ops::Range<usize>, String)]| {
        labels.iter().any(|l| uses.iter().any(|u| context.units[u.0].text().contains(l.as_str())))
    };
    meets(&labels(a), b) || meets(&labels(b), a)
}
