//! The text against figures that are known from elsewhere: a workbook's cells.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::finding::{Class, Location, Severity};
use crate::interval::Interval;
use crate::metric::Metric;
use crate::names::institution::mentions;
use crate::options::Figure;
use crate::quantity::{Kind, Quantity, quantities};
use crate::report::{Draft, Report};

use super::figures::{school_scope, segment, year};
use super::tables::printed_series;

/// A figure as the text would print it.
struct Cell<'o> {
    figure: &'o Figure,
    quantity: Quantity,
    scope: Vec<&'static str>,
}

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    if context.options.figures.is_empty() {
        return;
    }
    let mut cells: HashMap<String, Vec<Cell<'_>>> = HashMap::new();
    for figure in &context.options.figures {
        if let Some((key, cell)) = cell(figure) {
            cells.entry(key).or_default().push(cell);
        }
    }
    let own = author(context);
    for (index, claim) in context.facts.claims.iter().enumerate() {
        if let Some((key, scope)) = measured(context, claim, own.as_deref()) {
            let location = context.quote_claim(index);
            compare(cells.get(&key), &scope, &claim.quantity, location, report);
        }
    }
    for (label, scope, quantity, line) in printed_series(context) {
        let key = key(&label, own.as_deref());
        compare(cells.get(&key), &scope, &quantity, context.document.quote_line(line), report);
    }
}

fn cell(figure: &Figure) -> Option<(String, Cell<'_>)> {
    let printed = format!("{}{}", figure.value, figure.unit.trim());
    let quantity = quantities(&printed).into_iter().next().filter(|q| q.start == 0)?;
    let negative = figure.value.is_sign_negative();
    let key = key(&figure.name, None);
    let scope = Metric::of(&figure.name).scope;
    (!negative && key.chars().count() >= 3).then_some((key, Cell { figure, quantity, scope }))
}

/// What a label measures, without the code in front and the institution that reports it.
fn key(label: &str, own: Option<&str>) -> String {
    let label = own.map_or_else(|| label.to_owned(), |own| label.replace(own, ""));
    let code = label.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let has_code = label[..code].bytes().any(|b| b.is_ascii_digit())
        && label[..code].starts_with(|c: char| c.is_ascii_alphabetic());
    let mut rest = if has_code { label[code..].trim_start() } else { label.as_str() };
    while let Some(shorter) = OWN.iter().find_map(|w| rest.strip_prefix(w)) {
        rest = shorter;
    }
    Metric::of(rest).sorted()
}

/// How a report calls the institution it is about.
const OWN: &[&str] =
    &["我校", "本校", "我院", "本院", "全校", "全院", "学校", "学院", "本年度", "本学年", "现有", "共有"];

/// The institution that more than half of all mentions name: whose report this is.
fn author(context: &Context<'_, '_>) -> Option<String> {
    let by_name = &context.institutions.by_name;
    let all: usize = by_name.values().map(Vec::len).sum();
    let (name, places) = by_name.iter().max_by_key(|(_, places)| places.len())?;
    (places.len() * 2 > all).then(|| name.clone())
}

/// What a level or rate of this year measures, unless another institution is what it is about.
fn measured(
    context: &Context<'_, '_>,
    claim: &Claim,
    own: Option<&str>,
) -> Option<(String, Vec<&'static str>)> {
    let usable = matches!(claim.role, Role::Level | Role::Share) && !claim.quantity.range;
    let paragraph = &context.document.paragraphs[claim.paragraph];
    let text = paragraph.text();
    if !usable || claim.subject.is_empty() || paragraph.place.case.is_some() {
        return None;
    }
    let others = mentions(segment(text, claim.quantity.start));
    let other_year = year(text, claim).is_some_and(|y| context.year().is_some_and(|this| this != y));
    if other_year || others.iter().any(|m| Some(m.name.as_str()) != own) {
        return None;
    }
    let lead = &text[claim.lead.clone()];
    if QUALIFIED.iter().any(|w| lead.contains(w)) {
        return None;
    }
    let rate = if claim.role == Role::Share && !claim.subject.ends_with(['率', '度', '比']) {
        "比例"
    } else {
        ""
    };
    let key = key(&format!("{}{rate}", claim.subject), own);
    Some((key, school_scope(context, claim, &claim.subject)))
}

/// Words that make a figure another one than the year's.
const QUALIFIED: &[&str] =
    &["计划", "目标", "力争", "预计", "近三年", "近五年", "上年", "去年", "累计", "平均", "新增", "首批"];

/// Reports a figure that contradicts the one cell it can stand for.
fn compare(
    cells: Option<&Vec<Cell<'_>>>,
    scope: &[&'static str],
    printed: &Quantity,
    location: Location,
    report: &mut Report,
) {
    let of_scope = |c: &&Cell<'_>| c.scope.is_empty() || scope.is_empty() || c.scope == scope;
    let fits = |c: &&Cell<'_>| same_unit(&c.quantity, printed);
    let candidates: Vec<&Cell<'_>> = cells.into_iter().flatten().filter(of_scope).filter(fits).collect();
    let agrees = |c: &&Cell<'_>| readings(c, printed).iter().any(|r| r.meets(printed.interval));
    let (Some(&first), false) = (candidates.first(), candidates.iter().any(agrees)) else { return };
    // Two cells of one name that differ, such as two years: which of them is meant cannot be known.
    if candidates.iter().any(|c| c.quantity.value != first.quantity.value) {
        return;
    }
    let gap = readings(first, printed).iter().map(|r| r.gap(printed.interval)).min().unwrap_or_default();
    let near = gap * Decimal::from(5) <= printed.value.abs();
    let known = first.quantity.shown();
    let figure = first.figure;
    report.add(Draft {
        class: Class::Contradiction,
        severity: if near { Severity::Error } else { Severity::Warning },
        rule: "contradiction.cell",
        zh: format!(
            "“{}”文中为{}，数据表（{}）为{known}，请核对；口径不同的，请注明。",
            figure.name,
            printed.shown(),
            figure.place
        ),
        en: format!(
            "The text says {} for “{}”, the workbook {known} ({}); if the scopes differ, say so.",
            printed.shown(),
            figure.name,
            figure.place
        ),
        locations: vec![location],
        expected: known.clone(),
        actual: printed.shown(),
        computation: format!("数据表 {}：{known}；文中：{}。", figure.place, printed.shown()),
        computation_en: format!("Workbook, {}: {known}; text: {}.", figure.place, printed.shown()),
    });
}

fn same_unit(a: &Quantity, b: &Quantity) -> bool {
    let bare = a.unit.is_empty() && a.kind == Kind::Count;
    a.kind == b.kind && (bare || b.unit.is_empty() || a.family() == b.family())
}

/// What a cell can stand for: its value, within its own digits where the text prints more; a rate also as a fraction of
/// one, as spreadsheets keep percentages.
fn readings(cell: &Cell<'_>, printed: &Quantity) -> Vec<Interval> {
    let own = &cell.quantity;
    let rounded = own.decimals > 0 && printed.ulp < own.ulp;
    let reading = if rounded { Interval::rounded(own.value, own.ulp) } else { Interval::exact(own.value) };
    let hundred = Interval::exact(Decimal::ONE_HUNDRED);
    let fraction = own.kind == Kind::Percent && own.value <= Decimal::ONE;
    let as_percent = fraction.then(|| reading.times(hundred)).flatten();
    std::iter::once(reading).chain(as_percent).collect()
}
