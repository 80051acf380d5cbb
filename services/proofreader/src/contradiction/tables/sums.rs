//! A total in the text against the sum of a table that lists the same thing by institution.

use rust_decimal::Decimal;

use super::{table_line, table_name};
use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::document::Caption;
use crate::document::grid::{Grid, RowKind};
use crate::finding::{Class, Location, Severity};
use crate::interval::Interval;
use crate::names::institution::mentions;
use crate::report::{Draft, Report};
use crate::similar::common_run;
use crate::text::{since, until};

pub(super) fn check(context: &Context<'_, '_>, grids: &[Grid], report: &mut Report) {
    for (index, grid) in grids.iter().enumerate() {
        let table = &context.document.tables[index];
        let Some(caption) = table.caption.map(|c| &context.document.captions[c]) else { continue };
        let columns: Vec<usize> = (0..grid.width()).filter(|&c| grid.is_additive(c)).collect();
        let has_total = grid.rows(RowKind::Total).next().is_some();
        let body: Vec<usize> = grid.rows(RowKind::Body).collect();
        let [column] = columns[..] else { continue };
        if has_total || body.len() < 5 || body.iter().any(|&r| grid.value(r, column).is_none()) {
            continue;
        }
        let zero = Interval::exact(Decimal::ZERO);
        let sum =
            body.iter().filter_map(|&r| grid.value(r, column)).try_fold(zero, |s, v| s.plus(v.interval()));
        let Some(sum) = sum else { continue };
        if let Some(claim) = total_of(context, caption, sum) {
            column_sum(context, index, grid, column, claim, sum, report);
        }
    }
}

/// The claim whose clause has the most in common with a caption, unless one that fits has as much.
fn total_of(context: &Context<'_, '_>, caption: &Caption, sum: Interval) -> Option<usize> {
    let title = caption.title.as_str();
    let core = title.split('（').next().unwrap_or(title).trim_end_matches(['数', '量', '表']);
    let mut best: Option<(usize, usize)> = None;
    // Chapters follow each other, so the claims of one stand together.
    let chapter = |c: &Claim| context.document.paragraphs[c.paragraph].place.chapter;
    let first = context.facts.claims.partition_point(|c| chapter(c) < caption.place.chapter);
    let within = context.facts.claims[first..].iter().take_while(|c| chapter(c) == caption.place.chapter);
    for (index, claim) in within.enumerate().map(|(i, claim)| (first + i, claim)) {
        let paragraph = &context.document.paragraphs[claim.paragraph];
        let beside = (paragraph.place.chapter, paragraph.place.section)
            == (caption.place.chapter, caption.place.section);
        let countable =
            beside && claim.role == Role::Level && !claim.quantity.range && paragraph.place.case.is_none();
        if !countable || claim.quantity.unit.is_empty() {
            continue;
        }
        let text = paragraph.text();
        let clause = clause(text, claim);
        let run = common_run(core, clause);
        if run * 2 < core.chars().count() || run < 8 || !mentions(clause).is_empty() {
            continue;
        }
        if sum.meets(claim.quantity.interval) {
            return None;
        }
        if best.is_none_or(|(most, _)| run > most) {
            best = Some((run, index));
        }
    }
    best.map(|(_, claim)| claim)
}

/// The clause around a claim.
fn clause<'t>(text: &'t str, claim: &Claim) -> &'t str {
    let stop = ['，', '。', '；', '！', '？'];
    let start = claim.quantity.start - since(text, claim.quantity.start, &stop).len();
    let end = claim.quantity.end + until(text, claim.quantity.end, &stop).len();
    &text[start..end]
}

fn column_sum(
    context: &Context<'_, '_>,
    table: usize,
    grid: &Grid,
    column: usize,
    claim: usize,
    sum: Interval,
    report: &mut Report,
) {
    let rows = &context.document.tables[table].rows;
    let body: Vec<usize> = grid.rows(RowKind::Body).collect();
    let printed = &context.facts.claims[claim].quantity;
    let name = table_name(context, table);
    let terms: Vec<String> = body.iter().filter_map(|&r| grid.value(r, column)).map(|v| v.shown()).collect();
    let total = sum.mid().normalize();
    let mut locations: Vec<Location> =
        vec![context.quote_claim(claim), context.document.quote_line(table_line(context, table))];
    for row in [body.first(), body.last()].into_iter().flatten() {
        locations.push(context.document.quote_line(rows[*row].line));
    }
    report.add(Draft {
        class: Class::Arithmetic,
        severity: Severity::Error,
        rule: "arithmetic.text-table",
        zh: format!("正文称{}，{name}各行相加为{total}；若表不全，请注明口径。", printed.shown()),
        en: format!(
            "The text says {}, the table adds up to {total}; if the table is partial, say so.",
            printed.shown()
        ),
        locations,
        expected: total.to_string(),
        actual: printed.shown(),
        computation: format!(
            "{}={total}，与{}相差{}。",
            terms.join("+"),
            printed.shown(),
            sum.gap(printed.interval).normalize()
        ),
        computation_en: format!(
            "{}={total}, which differs from {} by {}.",
            terms.join("+"),
            printed.shown(),
            sum.gap(printed.interval).normalize()
        ),
    });
}
