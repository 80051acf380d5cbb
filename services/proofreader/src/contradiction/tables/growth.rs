//! Growth stated in the text against a table that gives both years.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::series::Series;
use super::{claim_year, plain, region_metric, scope_beside, table_name};
use crate::arithmetic::{Verdict, judge, shown};
use crate::claim::{Claim, Role};
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::interval::Interval;
use crate::quantity::Kind;
use crate::report::{Draft, Report};

/// Words that compare with another year than the last, or take a mean.
const OTHER_BASES: &[&str] = &["年均", "平均", "累计", "环比", "五年", "三年", "以来"];

pub(super) fn check(context: &Context<'_, '_>, index: &HashMap<String, Vec<Series>>, report: &mut Report) {
    let facts = &context.facts;
    let this_year = values_of(context, index);
    for (number, claim) in facts.claims.iter().enumerate() {
        let rate = claim.role == Role::Growth && claim.quantity.kind == Kind::Percent;
        if !(rate || claim.role == Role::Change) || claim.sign == 0 || claim.quantity.range {
            continue;
        }
        let text = context.document.paragraphs[claim.paragraph].text();
        if OTHER_BASES.iter().any(|w| text[claim.lead.clone()].contains(w)) {
            continue;
        }
        let owner = facts.owner(number);
        if rate && owner.is_some_and(|entry| entry.growth == Some(number) && entry.change.is_some()) {
            // Level, change and rate stand together: the text has been held against itself already.
            continue;
        }
        let level = owner.map(|entry| &facts.claims[entry.claim]);
        let subject = if claim.subject.is_empty() { level } else { Some(claim) };
        let Some(metric) = subject.and_then(|c| region_metric(context, c)) else { continue };
        if !index.contains_key(&metric.sorted())
            && let Some(level) = level.filter(|c| tells_itself(c))
        {
            by_value(context, number, level, &this_year, report);
            continue;
        }
        for series in index.get(&metric.sorted()).into_iter().flatten() {
            let scope = scope_beside(context, subject.unwrap_or(claim), &metric, series);
            if let Some((computed, words)) = computed(context, claim, level, series, &scope) {
                compare(
                    context,
                    number,
                    plain(&subject.unwrap_or(claim).subject),
                    series,
                    computed,
                    &words,
                    report,
                );
            }
        }
    }
}

/// The series that print a value for the report's year, by that value in the base unit.
type ByValue<'s> = HashMap<Decimal, Vec<&'s Series>>;

fn values_of<'s>(context: &Context<'_, '_>, index: &'s HashMap<String, Vec<Series>>) -> ByValue<'s> {
    let mut found = ByValue::new();
    for series in index.values().flatten() {
        for column in series.values.iter().filter(|c| c.year.is_some() && c.year == context.year()) {
            if let Some(value) = column.value.value.checked_mul(series.scale()) {
                found.entry(value.normalize()).or_default().push(series);
            }
        }
    }
    found
}

/// Whether a figure has so many digits that the same number elsewhere is the same figure.
fn tells_itself(level: &Claim) -> bool {
    let digits = (level.quantity.value / level.quantity.ulp).normalize();
    !level.quantity.approximate && digits >= Decimal::from(1000)
}

/// A change beside a level that one table prints in other words: the table's last year says what the change is.
fn by_value(
    context: &Context<'_, '_>,
    number: usize,
    level: &Claim,
    this_year: &ByValue<'_>,
    report: &mut Report,
) {
    let claim = &context.facts.claims[number];
    let Some([series]) = this_year.get(&level.quantity.value.normalize()).map(Vec::as_slice) else { return };
    let year = context.year();
    let scope = series.values.iter().find(|c| c.year == year).map(|c| c.scope.clone()).unwrap_or_default();
    if !series.fits(&level.quantity) {
        return;
    }
    if let Some((computed, words)) = computed(context, claim, Some(level), series, &scope) {
        compare(context, number, plain(&level.subject), series, computed, &words, report);
    }
}

/// The change the table gives, in the terms of the claim.
fn computed(
    context: &Context<'_, '_>,
    claim: &Claim,
    level: Option<&Claim>,
    series: &Series,
    scope: &[&'static str],
) -> Option<(Interval, String)> {
    let year = claim_year(context, level.unwrap_or(claim))?;
    let of = |year: i32| {
        series.values.iter().find(|c| c.year == Some(year) && c.scope == scope && !c.value.percent)
    };
    let (now, before) = (of(year)?, of(year - 1)?);
    // The level beside the change must be the table's, or the two speak of different things.
    if let Some(level) = level
        && !(series.fits(&level.quantity) && level.quantity.interval.meets(series.scaled(&now.value)?))
    {
        return None;
    }
    let (n, b) = (series.scaled(&now.value)?, series.scaled(&before.value)?);
    let change = n.minus(b)?;
    let change = if claim.sign < 0 { change.negate() } else { change };
    let words = format!("{}→{}", before.value.shown(), now.value.shown());
    if claim.role == Role::Growth {
        Some((change.percent_of(b)?, words))
    } else {
        series.fits(&claim.quantity).then_some((change, words))
    }
}

fn compare(
    context: &Context<'_, '_>,
    number: usize,
    subject: String,
    series: &Series,
    computed: Interval,
    words: &str,
    report: &mut Report,
) {
    let printed = &context.facts.claims[number].quantity;
    let verdict = judge(printed, computed);
    if verdict == Verdict::Follows {
        return;
    }
    let truncated = verdict == Verdict::Truncated;
    let expected = printed.shown_as(computed.mid());
    let name = table_name(context, series.table);
    report.add(Draft {
        class: Class::Arithmetic,
        severity: if truncated { Severity::Warning } else { Severity::Error },
        rule: if truncated { "arithmetic.truncated" } else { "arithmetic.text-table" },
        zh: format!("按{name}，“{subject}”的变动应为{expected}，正文为{}。", printed.shown()),
        en: format!("From the table, “{subject}” changed by {expected}, not {}.", printed.shown()),
        locations: vec![context.quote_claim(number), context.document.quote_line(series.line)],
        expected,
        actual: printed.shown(),
        computation: format!("{name}：{words}，变动{}。", shown(computed, printed.decimals + 2)),
        computation_en: format!("Table: {words}, a change of {}.", shown(computed, printed.decimals + 2)),
    });
}
