//! Runs a year's rules over a report, stage by stage.
//!
//! [`run`] is the one way in: over a working copy, over a frozen revision, and over past reports with rules that are only
//! drafted. It takes everything that rules can speak of as values and does no I/O.

mod apply;
mod beside;
mod item;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use zhijian_platform::Text;

use super::{
    catalogue::{Catalogue, ReportKind, Rule, Severity, Stage, Standing},
    derive::{self, Cells},
    expression::{Bindings, Operand},
};

pub use beside::{Beside, PeerFigures, PeerValues, PlatformValue, PlatformValues, PublicAddress};

use apply::{Verdict, apply};
use item::Item;

/// What is checked.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The rules of the report's year.
    pub catalogue: &'a Catalogue,
    /// The kind of report.
    pub kind: &'a ReportKind,
    /// Its cells, derived ones included.
    pub cells: &'a Cells,
    /// Last year's accepted cells of the same kind and subject; empty if there are none.
    pub last: &'a Cells,
    /// Its sections' texts, by code.
    pub sections: &'a BTreeMap<String, String>,
    /// What else rules speak of.
    pub beside: &'a Beside,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Identifies it within the report: the rule's code and the cell or section it concerns.
    pub id: String,
    /// The code of the rule.
    pub rule_code: String,
    /// When it was found.
    pub stage: Stage,
    /// How the rule stands to the year before.
    pub standing: Standing,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong.
    pub message: Text,
    /// How to mend it.
    pub hint: Text,
    /// The indicators it speaks of, in order.
    pub indicator_codes: Vec<String>,
    /// The section it is in, or "".
    pub section_code: String,
    /// The 1-based line in that section; 0 elsewhere.
    pub line: u32,
    /// The numbers behind it, or "".
    pub computation: String,
    /// The same in English; differs only where it has words.
    pub computation_en: String,
    /// The number that it is about, if it is about one.
    pub value: Option<Decimal>,
    /// How far that may move, as a share of itself, while an accepted explanation still answers.
    pub range: Decimal,
}

/// What the rules found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// In the order of the stages, then of the rules, then of the cells or sections.
    pub findings: Vec<Finding>,
    /// How many rules applied to something.
    pub rules_run: u32,
}

/// Runs every rule for the report's kind.
pub fn run(report: Report<'_>) -> Outcome {
    let mut bindings = derive::bindings(report.cells, "");
    for (code, value) in report.last {
        if let Some(operand) = derive::operand(value) {
            bindings.set(format!("last.{code}"), operand);
        }
    }
    bindings.set("has_last", Operand::Bool(!report.last.is_empty()));
    report.beside.bind(&mut bindings);
    let cells: Vec<(Item<'_>, Bindings<'_>)> =
        item::cells(report).map(|item| (item, item.bindings(report, &bindings))).collect();
    let sections: Vec<(Item<'_>, Bindings<'_>)> =
        item::sections(report).map(|item| (item, item.bindings(report, &bindings))).collect();
    let whole = [(Item::Report, Bindings::within(&bindings))];
    let mut outcome = Outcome::default();
    for rule in report.catalogue.rules_of(&report.kind.code) {
        let mut applied = false;
        for (item, around) in item::of_rule(rule, &whole, &cells, &sections) {
            let mut own = Bindings::within(around);
            if let Some(tolerance) = rule.tolerance {
                own.set("tolerance", Operand::Number(tolerance));
            }
            match apply(report, rule, &own) {
                Verdict::NotApplied => {}
                Verdict::Holds => applied = true,
                Verdict::Fails { computation } => {
                    applied = true;
                    outcome.findings.push(finding(rule, *item, &own, computation));
                }
            }
        }
        outcome.rules_run += u32::from(applied);
    }
    outcome
}

fn finding(rule: &Rule, item: Item<'_>, bindings: &Bindings<'_>, computation: String) -> Finding {
    let (id, indicator_codes, section_code) = match item {
        Item::Report => (rule.code.clone(), codes(rule), String::new()),
        Item::Cell(indicator) => {
            (format!("{}:{}", rule.code, indicator.code), vec![indicator.code.clone()], String::new())
        }
        Item::Section(section) => (format!("{}:{}", rule.code, section.code), vec![], section.code.clone()),
    };
    let number = |operand: &Operand| match operand {
        Operand::Number(number) => Some(*number),
        _ => None,
    };
    let value = match &rule.measure {
        Some(measure) => measure.evaluate(bindings).ok().as_ref().and_then(number),
        None => bindings.get("value").and_then(number),
    };
    Finding {
        id,
        rule_code: rule.code.clone(),
        stage: rule.stage,
        standing: rule.standing,
        severity: rule.severity,
        message: item.fill(&rule.message, bindings),
        hint: item.fill(&rule.hint, bindings),
        indicator_codes,
        section_code,
        line: 0,
        computation_en: computation.clone(),
        computation,
        value: value.map(|value| value.normalize()),
        range: rule.range,
    }
}

/// The indicators that a rule's expressions name, this year's and last year's alike.
fn codes(rule: &Rule) -> Vec<String> {
    let is_code = |name: &&str| name.chars().next().is_some_and(|first| first.is_ascii_uppercase());
    let mut codes: Vec<String> = rule
        .names()
        .map(|name| name.strip_prefix("last.").unwrap_or(name))
        .filter(is_code)
        .map(str::to_owned)
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

#[cfg(test)]
mod examples;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
