//! Text against tables, and tables against each other: figures that give the same quantity in two values.

mod growth;
mod series;
mod sums;
mod totals;

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use super::figures::{school_scope, segment, year};
use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::document::grid::Grid;
use crate::finding::{Class, Severity};
use crate::interval::Interval;
use crate::metric::Metric;
use crate::names::institution::mentions;
use crate::quantity::{Quantity, quantities};
use crate::report::{Draft, Report};
use series::{Series, series_of};

/// A figure of the text that a table gives otherwise.
struct Difference {
    claim: usize,
    computed: Interval,
    words: String,
    row_line: usize,
    whole_row: bool,
    same_verb: bool,
    /// A note beside the text limits what its figure covers.
    noted: bool,
}

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let grids: Vec<Grid> = context.document.tables.iter().map(Grid::of).collect();
    sums::check(context, &grids, report);
    totals::check(context, &grids, report);
    let mut index: HashMap<String, Vec<Series>> = HashMap::new();
    for (table, grid) in grids.iter().enumerate() {
        for one in series_of(context, table, grid) {
            index.entry(Metric::of(&one.label).sorted()).or_default().push(one);
        }
    }
    let mut found: BTreeMap<usize, Vec<Difference>> = BTreeMap::new();
    for (number, claim) in context.facts.claims.iter().enumerate() {
        let Some(metric) = metric_of(context, claim) else { continue };
        for one in index.get(&metric.sorted()).into_iter().flatten() {
            if let Some(difference) = compare(context, number, &metric, one) {
                found.entry(one.table).or_default().push(difference);
            }
        }
    }
    for (table, differences) in found {
        explain(context, table, &differences, report);
    }
    growth::check(context, &index, report);
    series::check(context, &index, report);
}

/// What tables print for one kind of school this year, by [`Metric::sorted`].
pub(crate) type Printed = HashMap<String, Vec<PrintedValue>>;

/// A table's value for one kind of school.
pub(crate) struct PrintedValue {
    pub scope: Vec<&'static str>,
    /// In the base unit.
    pub value: Decimal,
    pub line: usize,
}

/// Everything that the tables print of this year.
pub(crate) fn printed_in_tables(context: &Context<'_, '_>) -> Printed {
    let mut printed = Printed::new();
    for (table, content) in context.document.tables.iter().enumerate() {
        for series in series_of(context, table, &Grid::of(content)) {
            let scale = series.scale();
            let this_year = |year: Option<i32>| year.is_none_or(|y| Some(y) == context.year());
            let columns = series.values.iter().filter(|c| this_year(c.year));
            let values = columns.filter_map(|c| {
                let value = c.value.value.checked_mul(scale)?;
                Some(PrintedValue { scope: c.scope.clone(), value, line: series.line })
            });
            printed.entry(Metric::of(&series.label).sorted()).or_default().extend(values);
        }
    }
    printed
}

/// Rows of this year's values in the text's tables: label, kind of school, value, line. A row of several values that are
/// not told apart by kind of school or year is left out.
pub(super) fn printed_series(context: &Context<'_, '_>) -> Vec<(String, Vec<&'static str>, Quantity, usize)> {
    let mut found = Vec::new();
    for (table, content) in context.document.tables.iter().enumerate() {
        for series in series_of(context, table, &Grid::of(content)) {
            let this_year =
                |year: Option<i32>| year.is_none_or(|y| context.year().is_none_or(|this| this == y));
            let columns: Vec<_> = series.values.iter().filter(|c| this_year(c.year)).collect();
            let told_apart = columns
                .iter()
                .enumerate()
                .all(|(i, c)| columns[..i].iter().all(|other| other.scope != c.scope));
            for column in columns.into_iter().filter(|_| told_apart) {
                let unit = if column.value.percent { "" } else { series.unit() };
                let printed = format!("{}{unit}", column.value.shown());
                let quantity = quantities(&printed).into_iter().next().filter(|q| q.start == 0);
                found.extend(quantity.map(|q| (series.label.clone(), column.scope.clone(), q, series.line)));
            }
        }
    }
    found
}

/// What a level or rate of the text measures, where it speaks of a whole region or kind of school.
fn metric_of(context: &Context<'_, '_>, claim: &Claim) -> Option<Metric> {
    let usable = matches!(claim.role, Role::Level | Role::Share) && !claim.quantity.range;
    if !usable || claim.subject.is_empty() {
        return None;
    }
    region_metric(context, claim)
}

/// What any claim with a subject measures, unless an institution or case is what it is about.
fn region_metric(context: &Context<'_, '_>, claim: &Claim) -> Option<Metric> {
    let paragraph = &context.document.paragraphs[claim.paragraph];
    let segment = segment(paragraph.text(), claim.quantity.start);
    if paragraph.place.case.is_some() || !mentions(segment).is_empty() {
        return None;
    }
    let mut metric = Metric::of(&claim.subject);
    metric.scope = school_scope(context, claim, &claim.subject);
    metric.tells().then_some(metric)
}

/// The year a claim is about.
fn claim_year(context: &Context<'_, '_>, claim: &Claim) -> Option<i32> {
    year(context.document.paragraphs[claim.paragraph].text(), claim).or(context.year())
}

fn compare(context: &Context<'_, '_>, number: usize, metric: &Metric, series: &Series) -> Option<Difference> {
    let claim = &context.facts.claims[number];
    if !series.fits(&claim.quantity) {
        return None;
    }
    let rate = claim.role == Role::Share;
    let scope = scope_beside(context, claim, metric, series);
    let by_scope = series.by_scope();
    let (computed, words, whole_row) = if by_scope && scope.is_empty() {
        if rate {
            return None;
        }
        let mut sum = Interval::exact(Decimal::ZERO);
        for column in &series.values {
            sum = sum.plus(series.scaled(&column.value)?)?;
        }
        let terms: Vec<String> = series.values.iter().map(|c| c.value.shown()).collect();
        let total = sum.mid().checked_div(series.scale())?.normalize();
        (sum, format!("{}={total}", terms.join("+")), true)
    } else {
        let wanted = claim_year(context, claim);
        let mut columns = series
            .values
            .iter()
            .filter(|c| c.scope == scope && c.year.is_none_or(|year| Some(year) == wanted));
        let (Some(column), None) = (columns.next(), columns.next()) else { return None };
        (series.scaled(&column.value)?, column.value.shown(), false)
    };
    // Where the text does not say whose figure it is, any of the row's may be meant.
    let of_one = whole_row
        && series
            .values
            .iter()
            .any(|c| series.scaled(&c.value).is_some_and(|v| v.meets(claim.quantity.interval)));
    if of_one || computed.meets(claim.quantity.interval) {
        return None;
    }
    let noted = scope_note(context, claim, &metric.scope).is_some();
    let same_verb = metric.verb == series.verb;
    Some(Difference { claim: number, computed, words, row_line: series.line, whole_row, same_verb, noted })
}

/// The kind of school a claim is about; where it does not say, that of the table its paragraph refers to.
fn scope_beside(
    context: &Context<'_, '_>,
    claim: &Claim,
    metric: &Metric,
    series: &Series,
) -> Vec<&'static str> {
    let caption = context.document.tables[series.table].caption.map(|c| &context.document.captions[c]);
    let Some(caption) = caption.filter(|_| metric.scope.is_empty()) else { return metric.scope.clone() };
    let called = caption.label.to_string().replace(' ', "");
    let text = context.document.paragraphs[claim.paragraph].text();
    let one_scope = series.values.windows(2).all(|w| w[0].scope == w[1].scope);
    match series.values.first().filter(|_| one_scope && text.contains(&called)) {
        Some(column) => column.scope.clone(),
        None => Vec::new(),
    }
}

/// A note of the claim's chapter that limits what its figures cover.
fn scope_note(context: &Context<'_, '_>, claim: &Claim, scope: &[&str]) -> Option<usize> {
    let chapter = context.document.paragraphs[claim.paragraph].place.chapter;
    context
        .document
        .notes
        .iter()
        .filter(|note| {
            note.place.chapter == chapter
                && ["不含", "不包括", "未包括", "仅为", "仅统计"].iter().any(|w| note.text().contains(w))
                && scope.iter().all(|s| note.text().contains(s))
        })
        // The note that names most scopes is the one about figures, not the one about a single count.
        .max_by_key(|note| crate::scope::scopes(note.text()).len())
        .map(|note| note.line)
}

/// Reports the differences of one table: one finding each, and one for the note that is missing.
fn explain(context: &Context<'_, '_>, table: usize, differences: &[Difference], report: &mut Report) {
    for difference in differences {
        // A row's sum that differs because one of its cells does is told once, at the cell.
        let by_cell = differences.iter().any(|d| d.row_line == difference.row_line && !d.whole_row);
        if !(difference.whole_row && by_cell) {
            add(context, table, difference, report);
        }
    }
    let noted: Vec<&Difference> = differences.iter().filter(|d| d.noted).collect();
    if noted.len() >= 2 {
        missing_note(context, table, &noted, report);
    }
}

fn add(context: &Context<'_, '_>, table: usize, difference: &Difference, report: &mut Report) {
    let claim = &context.facts.claims[difference.claim];
    let printed = &claim.quantity;
    let near = difference.computed.gap(printed.interval) * Decimal::from(5) <= printed.value.abs();
    let severity = match (difference.noted, difference.whole_row, difference.same_verb) {
        (true, false, _) => Severity::Info,
        (false, _, true) if near => Severity::Error,
        _ => Severity::Warning,
    };
    let mut locations =
        vec![context.quote_claim(difference.claim), context.document.quote_line(difference.row_line)];
    let note = scope_note(context, claim, &[]).filter(|_| difference.noted);
    locations.extend(note.map(|line| context.document.quote_line(line)));
    let expected = difference.words.rsplit('=').next().unwrap_or("").to_owned();
    let (name, subject) = (table_name(context, table), plain(&claim.subject));
    report.add(Draft {
        class: Class::Contradiction,
        severity,
        rule: "contradiction.table",
        zh: format!("正文“{subject}”为{}，{name}为{expected}；若口径不同，请在表下注明。", printed.shown()),
        en: format!(
            "The text says {} for “{subject}”, the table {expected}; if the scopes differ, note it below the table.",
            printed.shown()
        ),
        locations,
        expected,
        actual: printed.shown(),
        computation: format!("{name}：{}；正文：{}。", difference.words, printed.shown()),
        computation_en: format!("Table: {}; text: {}.", difference.words, printed.shown()),
    });
}

/// A subject without quotation marks, to be quoted itself.
fn plain(subject: &str) -> String {
    subject.replace(['“', '”'], "")
}

fn table_name(context: &Context<'_, '_>, table: usize) -> String {
    let caption = context.document.tables[table].caption.map(|c| &context.document.captions[c]);
    caption.map_or_else(|| "表".to_owned(), |c| c.label.to_string())
}

fn table_line(context: &Context<'_, '_>, table: usize) -> usize {
    let table = &context.document.tables[table];
    table.caption.map_or(table.rows[0].line, |c| context.document.captions[c].line)
}

/// A table that differs throughout from figures whose scope a note limits, without such a note of its own.
fn missing_note(context: &Context<'_, '_>, table: usize, noted: &[&Difference], report: &mut Report) {
    let claim = &context.facts.claims[noted[0].claim];
    let note = scope_note(context, claim, &[]);
    let mut locations = vec![context.document.quote_line(table_line(context, table))];
    locations.extend(note.map(|line| context.document.quote_line(line)));
    let name = table_name(context, table);
    let (figures, figures_en): (Vec<String>, Vec<String>) = noted
        .iter()
        .map(|d| {
            let claim = &context.facts.claims[d.claim];
            let (subject, printed) = (plain(&claim.subject), claim.quantity.shown());
            (
                format!("{subject}{printed}（表：{}）", d.words),
                format!("{subject} {printed} (table: {})", d.words),
            )
        })
        .unzip();
    report.add(Draft {
        class: Class::Source,
        severity: Severity::Warning,
        rule: "source.scope-note",
        zh: format!("{name}与正文有{}项不同，正文有口径注而表下没有，请补注口径。", noted.len()),
        en: format!(
            "{} figures of the table differ from the text, which has a scope note; the table has none.",
            noted.len()
        ),
        locations,
        expected: String::new(),
        actual: String::new(),
        computation: format!("正文脚注限定了统计范围，表未说明是否相同：{}。", figures.join("；")),
        computation_en: format!(
            "A footnote limits the scope of the text; the table does not say whether it shares it: {}.",
            figures_en.join("; ")
        ),
    });
}
