//! Figures of the text against the total row of a table that the same paragraph points to.

use rust_decimal::Decimal;

use super::{plain, table_name};
use crate::claim::Role;
use crate::context::Context;
use crate::document::grid::{Grid, RowKind};
use crate::finding::{Class, Severity};
use crate::interval::Interval;
use crate::report::{Draft, Report};
use crate::scope::scopes_clash;
use crate::similar::is_within;
use crate::text::bare;

/// How far apart, against the text's figure, two numbers may be and still mean the same.
const NEAR: Decimal = Decimal::from_parts(2, 0, 0, false, 1);

pub(super) fn check(context: &Context<'_, '_>, grids: &[Grid], report: &mut Report) {
    for (index, grid) in grids.iter().enumerate() {
        let table = &context.document.tables[index];
        let Some(caption) = table.caption.map(|c| &context.document.captions[c]) else { continue };
        let Some(total) = grid.rows(RowKind::Total).last() else { continue };
        let called = caption.label.to_string().replace(' ', "");
        let chapter = caption.place.chapter;
        let first = context.document.paragraphs.partition_point(|p| p.place.chapter < chapter);
        let near = context.document.paragraphs[first..].iter().enumerate();
        let near = near.take_while(|(_, p)| p.place.chapter == chapter);
        for (paragraph, _) in near.filter(|(_, p)| p.text().contains(&called)) {
            for column in (0..grid.width()).filter(|&c| grid.is_additive(c)) {
                column_total(context, first + paragraph, index, grid, (total, column), report);
            }
        }
    }
}

/// A header's words and the unit in its brackets.
fn parts(header: &str) -> (String, &str) {
    let (words, unit) = header.split_once(['（', '(']).unwrap_or((header, ""));
    (bare(words), unit.trim_end_matches(['）', ')']))
}

fn column_total(
    context: &Context<'_, '_>,
    paragraph: usize,
    table: usize,
    grid: &Grid,
    (row, column): (usize, usize),
    report: &mut Report,
) {
    let Some(total) = grid.value(row, column) else { return };
    let (words, unit) = parts(&grid.header[column]);
    if words.chars().count() < 4 {
        return;
    }
    let scale = match unit.chars().next() {
        Some('万') => Decimal::from(10_000),
        Some('亿') => Decimal::from(100_000_000),
        _ => Decimal::ONE,
    };
    let Some(printed) = total.interval().times(Interval::exact(scale)) else { return };
    let rows = grid.rows(RowKind::Body).filter_map(|r| grid.value(r, column));
    let sum = rows.map(|v| v.interval()).try_fold(Interval::exact(Decimal::ZERO), Interval::plus);
    // A total that is wrong itself is told of as such.
    if sum.is_none_or(|sum| !sum.meets(total.interval())) {
        return;
    }
    let claims = &context.facts.claims;
    let first = claims.partition_point(|c| c.paragraph < paragraph);
    let here = claims[first..].iter().enumerate().take_while(|(_, c)| c.paragraph == paragraph);
    for (offset, claim) in here {
        let subject = bare(&claim.subject);
        let means_it = claim.role == Role::Level
            && !claim.quantity.range
            && claim.quantity.unit == unit.trim_start_matches(['万', '亿'])
            && subject.chars().count() >= 4
            && (is_within(&subject, &words) || is_within(&words, &subject))
            && !scopes_clash(&subject, &words);
        let differs = !claim.quantity.interval.meets(printed);
        // One of the rows may be meant.
        let of_a_row = grid.rows(RowKind::Body).filter_map(|r| grid.value(r, column)).any(|v| {
            v.interval().times(Interval::exact(scale)).is_some_and(|i| i.meets(claim.quantity.interval))
        });
        let near = claim.quantity.interval.gap(printed) <= claim.quantity.value.abs() * NEAR;
        if !(means_it && differs && near) || of_a_row {
            continue;
        }
        let name = table_name(context, table);
        let line = context.document.tables[table].rows[row].line;
        report.add(Draft {
            class: Class::Contradiction,
            severity: Severity::Error,
            rule: "contradiction.table",
            zh: format!(
                "正文“{}”为{}，{name}合计为{}。",
                plain(&claim.subject),
                claim.quantity.shown(),
                total.shown()
            ),
            en: format!("The text says {}, the table's total {}.", claim.quantity.shown(), total.shown()),
            locations: vec![context.quote_claim(first + offset), context.document.quote_line(line)],
            expected: total.shown(),
            actual: claim.quantity.shown(),
            computation: format!(
                "{name}“{}”列合计{}；正文{}。",
                grid.header[column],
                total.shown(),
                claim.quantity.shown()
            ),
            computation_en: format!(
                "The column “{}” adds up to {}; the text says {}.",
                grid.header[column],
                total.shown(),
                claim.quantity.shown()
            ),
        });
    }
}
