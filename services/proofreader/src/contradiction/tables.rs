//! Text against tables: a figure of the text and the cell, or the sum of cells, that gives the same quantity.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::document::Caption;
use crate::document::grid::{Grid, RowKind, Value};
use crate::finding::{Class, Location, Severity};
use crate::interval::Interval;
use crate::metric::Metric;
use crate::names::institution::mentions;
use crate::report::{Draft, Report};
use crate::similar::common_run;

/// One measure of a table: a row with a value for each scope or year.
struct Series {
    table: usize,
    row_line: usize,
    label: String,
    unit: String,
    verb: &'static str,
    /// Scope or year words of each column, and the value.
    values: Vec<(String, Value)>,
}

/// A figure of the text that a table gives otherwise.
struct Difference {
    claim: usize,
    computed: Interval,
    words: String,
    row_line: usize,
    whole_row: bool,
    same_verb: bool,
    /// The table says so in one cell whose scope the text has a note about.
    noted: bool,
}

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let grids: Vec<Grid> = context.document.tables.iter().map(Grid::of).collect();
    column_sums(context, &grids, report);
    let mut series: HashMap<String, Vec<Series>> = HashMap::new();
    for (index, grid) in grids.iter().enumerate() {
        for one in series_of(context, index, grid) {
            series.entry(Metric::of(&one.label).sorted()).or_default().push(one);
        }
    }
    let mut found: BTreeMap<usize, Vec<Difference>> = BTreeMap::new();
    for (claim_index, claim) in context.facts.claims.iter().enumerate() {
        let Some((metric, rate)) = metric_of(context, claim_index, claim) else { continue };
        let all = series.get(&metric.sorted()).into_iter().flatten();
        for one in all {
            if let Some(difference) = compare(context, claim_index, &metric, rate, one) {
                found.entry(one.table).or_default().push(difference);
            }
        }
    }
    for (table, differences) in found {
        explain(context, table, differences, report);
    }
}

/// Rows of a table whose first column names a measure, and columns that do where the rows are years.
fn series_of(context: &Context<'_, '_>, table: usize, grid: &Grid) -> Vec<Series> {
    let rows = &context.document.tables[table].rows;
    let mut found = Vec::new();
    let unit_column = (0..grid.width()).find(|&c| grid.header[c] == "单位" || grid.header[c] == "计量单位");
    for r in grid.rows(RowKind::Body) {
        let Some(label) = rows[r].cells.first().filter(|l| l.chars().count() >= 4) else { continue };
        let values: Vec<(String, Value)> =
            (1..grid.width()).filter_map(|c| grid.value(r, c).map(|v| (grid.header[c].clone(), v))).collect();
        if !values.is_empty() {
            let mut one = series(table, rows[r].line, label, values);
            if let Some(unit) = unit_column.and_then(|c| rows[r].cells.get(c)).filter(|_| one.unit.is_empty())
            {
                one.unit.clone_from(unit);
            }
            found.push(one);
        }
    }
    let body: Vec<usize> = grid.rows(RowKind::Body).collect();
    if let [only] = body[..]
        && found.is_empty()
    {
        for c in 0..grid.width() {
            if let Some(value) = grid.value(only, c).filter(|_| grid.header[c].chars().count() >= 4) {
                found.push(series(table, rows[only].line, &grid.header[c], vec![(String::new(), value)]));
            }
        }
    }
    let years = grid.rows(RowKind::Body).all(|r| rows[r].cells.first().is_some_and(|l| year(l).is_some()));
    if years && !found.is_empty() {
        found.clear();
    }
    if years {
        for c in 1..grid.width() {
            let values: Vec<(String, Value)> = grid
                .rows(RowKind::Body)
                .filter_map(|r| grid.value(r, c).map(|v| (rows[r].cells[0].clone(), v)))
                .collect();
            let line = grid.rows(RowKind::Body).next().map(|r| rows[r].line);
            if let Some(line) = line.filter(|_| !values.is_empty() && grid.header[c].chars().count() >= 4) {
                found.push(series(table, line, &grid.header[c], values));
            }
        }
    }
    found
}

fn series(table: usize, row_line: usize, label: &str, values: Vec<(String, Value)>) -> Series {
    let unit = label.strip_suffix('）').and_then(|l| l.rsplit_once('（')).map_or("", |(_, u)| u);
    Series {
        table,
        row_line,
        label: label.to_owned(),
        unit: unit.to_owned(),
        verb: Metric::of(label).verb,
        values,
    }
}

/// 2025年, 2025年度.
fn year(cell: &str) -> Option<i32> {
    let digits = cell.get(..4)?;
    matches!(&cell[4..], "" | "年" | "年度" | "学年").then(|| digits.parse().ok())?
}

/// What a claim of the text measures, where it speaks of the whole region.
fn metric_of(context: &Context<'_, '_>, index: usize, claim: &Claim) -> Option<(Metric, bool)> {
    let rate = claim.role == Role::Share;
    let paragraph = &context.document.paragraphs[claim.paragraph];
    let usable = (claim.role == Role::Level || rate)
        && !claim.subject.is_empty()
        && !claim.quantity.range
        && paragraph.place.case.is_none();
    if !usable {
        return None;
    }
    let text = paragraph.text();
    let before = &text[..claim.quantity.start];
    let segment = &before[before.rfind(['。', '；']).map_or(0, |i| i + '。'.len_utf8())..];
    if !mentions(segment).is_empty() {
        return None;
    }
    let mut metric = Metric::of(&claim.subject);
    if metric.scope.is_empty() {
        let earlier = context.facts.claims[..index]
            .last()
            .filter(|c| c.paragraph == claim.paragraph && c.segment == claim.segment);
        // 高职院校校内场所1953个，校外场所2102个: the scope goes on.
        metric.scope = earlier.map(|c| Metric::of(&c.subject).scope).unwrap_or_default();
    }
    metric.tells().then_some((metric, rate))
}

fn compare(
    context: &Context<'_, '_>,
    claim_index: usize,
    metric: &Metric,
    rate: bool,
    series: &Series,
) -> Option<Difference> {
    let claim = &context.facts.claims[claim_index];
    let unit_fits = series.unit.is_empty() || rate || family(&series.unit) == claim.quantity.family();
    if !unit_fits || series.values.iter().any(|(_, v)| v.percent != rate) {
        return None;
    }
    let factor = scale_of(&series.unit);
    let scaled = |v: &Value| {
        let i = v.interval();
        Some(Interval { lo: i.lo.checked_mul(factor)?, hi: i.hi.checked_mul(factor)? })
    };
    let scoped: Vec<(Vec<&'static str>, &Value)> =
        series.values.iter().map(|(h, v)| (Metric::of(h).scope, v)).collect();
    let by_scope = scoped.len() >= 2 && scoped.iter().all(|(s, _)| !s.is_empty());
    let years: Vec<(i32, &Value)> =
        series.values.iter().filter_map(|(h, v)| year(h).map(|y| (y, v))).collect();
    let (computed, words, whole_row) = if !metric.scope.is_empty() {
        let (_, value) = scoped.iter().find(|(s, _)| *s == metric.scope)?;
        (scaled(value)?, value.shown(), false)
    } else if by_scope && !rate {
        let mut sum = Interval::exact(Decimal::ZERO);
        for (_, value) in &scoped {
            sum = sum.plus(scaled(value)?)?;
        }
        let terms: Vec<String> = scoped.iter().map(|(_, v)| v.shown()).collect();
        (sum, format!("{}={}", terms.join("+"), sum.mid().checked_div(factor)?.normalize()), true)
    } else if !years.is_empty() {
        let wanted = claim_year(context, claim)?;
        let (_, value) = years.iter().find(|(y, _)| *y == wanted)?;
        (scaled(value)?, value.shown(), false)
    } else if let [(_, value)] = &series.values[..] {
        (scaled(value)?, value.shown(), false)
    } else {
        return None;
    };
    if computed.meets(claim.quantity.interval) {
        return None;
    }
    let noted = scope_note(context, claim, &metric.scope).is_some();
    let same_verb = metric.verb == series.verb;
    Some(Difference {
        claim: claim_index,
        computed,
        words,
        row_line: series.row_line,
        whole_row,
        same_verb,
        noted,
    })
}

fn claim_year(context: &Context<'_, '_>, claim: &Claim) -> Option<i32> {
    let text = context.document.paragraphs[claim.paragraph].text();
    super::figures::year(text, claim).or(context.year())
}

fn family(unit: &str) -> &str {
    match unit.trim_start_matches(['万', '亿']) {
        "名" | "位" => "人",
        "家" => "所",
        other => other,
    }
}

fn scale_of(unit: &str) -> Decimal {
    if unit.starts_with('万') {
        Decimal::from(10_000)
    } else if unit.starts_with('亿') {
        Decimal::from(100_000_000)
    } else {
        Decimal::ONE
    }
}

/// A note of the claim's chapter that limits what its figures cover.
pub(super) fn scope_note(context: &Context<'_, '_>, claim: &Claim, scope: &[&str]) -> Option<usize> {
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
fn explain(context: &Context<'_, '_>, table: usize, differences: Vec<Difference>, report: &mut Report) {
    let name = table_name(context, table);
    let noted: Vec<&Difference> = differences.iter().filter(|d| d.noted).collect();
    for difference in &differences {
        // A row's sum that differs because one of its cells does is told once, at the cell.
        let by_cell = differences.iter().any(|d| d.row_line == difference.row_line && !d.whole_row);
        if difference.whole_row && by_cell {
            continue;
        }
        let claim = &context.facts.claims[difference.claim];
        let printed = &claim.quantity;
        let near = difference.computed.gap(printed.interval) * Decimal::from(5) <= printed.value.abs();
        let severity = match (difference.noted, difference.whole_row, difference.same_verb) {
            (true, false, _) => Severity::Info,
            (true, true, _) | (false, _, false) => Severity::Warning,
            (false, _, true) if near => Severity::Error,
            (false, _, true) => Severity::Warning,
        };
        let mut locations =
            vec![context.quote_claim(difference.claim), context.document.quote_line(difference.row_line)];
        let note = scope_note(context, claim, &[]).filter(|_| difference.noted);
        locations.extend(note.map(|line| context.document.quote_line(line)));
        let expected = difference.words.rsplit('=').next().unwrap_or("").to_owned();
        report.add(Draft {
            class: Class::Contradiction,
            severity,
            rule: "contradiction.table",
            zh: format!("正文“{}”为{}，{name}为{expected}；若口径不同，请在表下注明。", plain(&claim.subject), printed.shown()),
            en: format!("The text says {} for “{}”, the table {expected}; if the scopes differ, note it below the table.", printed.shown(), plain(&claim.subject)),
            locations,
            expected,
            actual: printed.shown(),
            computation: format!("{name}：{}；正文：{}。", difference.words, printed.shown()),
        });
    }
    if noted.len() >= 2 {
        missing_note(context, table, &noted, report);
    }
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
    let figures: Vec<String> = noted
        .iter()
        .map(|d| {
            let claim = &context.facts.claims[d.claim];
            format!("{}{}（表：{}）", plain(&claim.subject), claim.quantity.shown(), d.words)
        })
        .collect();
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
    });
}

/// A total in the text against the sum of a table that lists the same thing by institution.
fn column_sums(context: &Context<'_, '_>, grids: &[Grid], report: &mut Report) {
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
    for (index, claim) in context.facts.claims.iter().enumerate() {
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
    let start = text[..claim.quantity.start].rfind(stop).map_or(0, |i| i + '，'.len_utf8());
    let end = text[claim.quantity.end..].find(stop).map_or(text.len(), |i| claim.quantity.end + i);
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
    });
}
