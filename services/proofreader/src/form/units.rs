//! Units and null marks that vary where they should not.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use crate::claim::Role;
use crate::context::Context;
use crate::document::grid::{Grid, NULL_MARKS, RowKind};
use crate::finding::{Class, Location, Severity};
use crate::quantity::Kind;
use crate::report::{Draft, Report};
use crate::similar::common_run;

/// Units for books, which people mix.
const BOOKS: &[&str] = &["本", "种", "部", "册"];

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    odd_precision(context, report);
    book_units(context, report);
    null_marks(context, report);
    decimals(context, report);
}

/// A count in 万 given to the last person beside counts in 万 with two decimals.
fn odd_precision(context: &Context<'_, '_>, report: &mut Report) {
    let mut usual: HashMap<&'static str, BTreeMap<u32, Vec<usize>>> = HashMap::new();
    for (index, claim) in context.facts.claims.iter().enumerate() {
        let q = &claim.quantity;
        if q.kind == Kind::Count && q.scale == Decimal::from(10_000) && q.decimals > 0 && q.family() == "人"
        {
            usual.entry(q.family()).or_default().entry(q.decimals).or_default().push(index);
        }
    }
    for by_decimals in usual.values() {
        let Some((most, many)) = by_decimals.iter().max_by_key(|(_, all)| all.len()) else { continue };
        for (decimals, few) in by_decimals.iter().filter(|(d, _)| **d >= 4 && *d > most) {
            if few.len() * 3 > many.len() {
                continue;
            }
            for &claim in few {
                let q = &context.facts.claims[claim].quantity;
                report.add(Draft {
                    class: Class::Form,
                    severity: Severity::Warning,
                    rule: "form.precision",
                    zh: format!(
                        "“{}”有{decimals}位小数，其余以万计的数为{most}位；请写{}{}或取{most}位小数。",
                        q.shown(),
                        q.value.normalize(),
                        q.unit
                    ),
                    en: format!("“{}” has {decimals} decimals where the others have {most}.", q.shown()),
                    locations: vec![context.quote_claim(claim), context.quote_claim(many[0])],
                    expected: format!("{}{}", q.value.normalize(), q.unit),
                    actual: q.shown(),
                    computation: format!("全文以万人计的数中{}处为{most}位小数。", many.len()),
                    computation_en: format!("Of the figures in 万人, {} have {most} decimals.", many.len()),
                });
            }
        }
    }
}

/// One number of books with two units.
fn book_units(context: &Context<'_, '_>, report: &mut Report) {
    let mut by_value: BTreeMap<Decimal, Vec<usize>> = BTreeMap::new();
    for (index, claim) in context.facts.claims.iter().enumerate() {
        let q = &claim.quantity;
        if BOOKS.contains(&q.unit) && q.value >= Decimal::from(20) && claim.role == Role::Level && q.exact() {
            by_value.entry(q.value).or_default().push(index);
        }
    }
    for places in by_value.values().filter(|p| p.len() > 1) {
        let (first, rest) = (places[0], &places[1..]);
        let words = |i: usize| {
            let c = &context.facts.claims[i];
            let text = context.document.paragraphs[c.paragraph].text();
            let end =
                text[c.quantity.end..].find(['，', '。', '；']).map_or(text.len(), |e| c.quantity.end + e);
            text[c.lead.start..end].to_owned()
        };
        let unit = |i: usize| context.facts.claims[i].quantity.unit;
        let other =
            rest.iter().copied().find(|&i| unit(i) != unit(first) && related(&words(first), &words(i)));
        let Some(other) = other else { continue };
        let mut locations = vec![context.quote_claim(first), context.quote_claim(other)];
        locations.extend(header_with_other_unit(context, other, &[unit(first), unit(other)]));
        report.add(Draft {
            class: Class::Form,
            severity: Severity::Warning,
            rule: "form.unit",
            zh: format!(
                "同一数量的量词不一：{}与{}。",
                context.facts.claims[first].quantity.shown(),
                context.facts.claims[other].quantity.shown()
            ),
            en: format!("One count with two units: {} and {}.", unit(first), unit(other)),
            locations,
            expected: String::new(),
            actual: format!("{}/{}", unit(first), unit(other)),
            computation: "两处数值与所说的书目相同，量词不同。".into(),
            computation_en: "Value and books are the same in both places, the unit differs.".into(),
        });
    }
}

/// Two wordings about the same books.
fn related(a: &str, b: &str) -> bool {
    common_run(a, b) >= 4
        || (a.contains("教材") || a.contains("规")) && b.contains("教材") && common_run(a, b) >= 3
}

/// The header of the section's table, where it uses a third unit.
fn header_with_other_unit(context: &Context<'_, '_>, claim: usize, known: &[&str]) -> Option<Location> {
    let place = context.document.paragraphs[context.facts.claims[claim].paragraph].place;
    context
        .document
        .tables
        .iter()
        .filter(|t| t.place.section == place.section && t.place.chapter == place.chapter)
        .find_map(|t| {
            let row = t.rows.first()?;
            let third = BOOKS
                .iter()
                .filter(|u| !known.contains(u))
                .any(|u| row.cells.iter().any(|c| c.ends_with(&format!("（{u}）"))));
            third.then(|| context.document.quote_line(row.line))
        })
}

/// Tables that mark a missing value in different ways.
fn null_marks(context: &Context<'_, '_>, report: &mut Report) {
    let mut marks: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in context.document.tables.iter().flat_map(|t| &t.rows) {
        for cell in &row.cells {
            if NULL_MARKS.contains(&cell.as_str()) {
                let lines = marks.entry(cell.as_str()).or_default();
                if lines.last() != Some(&row.line) {
                    lines.push(row.line);
                }
            }
        }
    }
    if marks.len() < 2 {
        return;
    }
    let shown: Vec<String> = marks.iter().map(|(mark, lines)| format!("“{mark}”{}处", lines.len())).collect();
    let mut rarest: Vec<&Vec<usize>> = marks.values().collect();
    rarest.sort_by_key(|lines| lines.len());
    report.add(Draft {
        class: Class::Form,
        severity: Severity::Warning,
        rule: "form.null-mark",
        zh: format!("各表的空值记号不一：{}，请统一并说明其义。", shown.join("、")),
        en: "The tables mark missing values in different ways.".into(),
        locations: rarest
            .iter()
            .flat_map(|lines| lines.iter().take(2))
            .map(|&l| context.document.quote_line(l))
            .collect(),
        expected: String::new(),
        actual: shown.join("、"),
        computation: "统计各表中的空值记号。".into(),
        computation_en: "The marks for empty cells were counted in all tables.".into(),
    });
}

/// A column whose percentages have different numbers of decimals.
fn decimals(context: &Context<'_, '_>, report: &mut Report) {
    for table in &context.document.tables {
        let grid = Grid::of(table);
        for column in 0..grid.width() {
            let mut by_decimals: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            for row in grid.rows(RowKind::Body) {
                if let Some(v) = grid.value(row, column).filter(|v| v.percent && v.decimals > 0) {
                    by_decimals.entry(v.decimals).or_default().push(row);
                }
            }
            let Some((usual, many)) = by_decimals.iter().max_by_key(|(_, rows)| rows.len()) else { continue };
            let few: Vec<usize> =
                by_decimals.iter().filter(|(d, _)| *d != usual).flat_map(|(_, rows)| rows.clone()).collect();
            if few.is_empty() || few.len() * 3 > many.len() {
                continue;
            }
            let line = |row: usize| context.document.quote_line(table.rows[row].line);
            let mut locations: Vec<Location> = few.iter().map(|&r| line(r)).collect();
            locations.push(line(many[0]));
            report.add(Draft {
                class: Class::Form,
                severity: Severity::Info,
                rule: "form.decimals",
                zh: format!("同一列百分数的小数位数不一，其余为{usual}位。"),
                en: format!(
                    "Percentages of one column with different numbers of decimals; the others have {usual}."
                ),
                locations,
                expected: format!("{usual}位小数"),
                actual: few
                    .iter()
                    .filter_map(|&r| grid.value(r, column))
                    .map(|v| v.shown())
                    .collect::<Vec<_>>()
                    .join("、"),
                computation: format!("{}处为{usual}位，{}处不同。", many.len(), few.len()),
                computation_en: format!(
                    "{} figures have {usual} decimals, {} do not.",
                    many.len(),
                    few.len()
                ),
            });
        }
    }
}
