//! Runs a year's rules over a report.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use zhijian_platform::Text;

use super::{
    catalogue::{Catalogue, Indicator, Missing, ReportKind, Rule, Scope, SectionKind, Severity},
    derive::{self, Cells},
    expression::{Bindings, EvaluationError, Expression, Operand},
    value::Value,
};

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
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Identifies it within the report: the rule's code and the cell or section it concerns.
    pub id: String,
    /// The code of the rule.
    pub rule_code: String,
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
}

/// What the rules found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// In the order of the rules, then of the cells or sections.
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
    let mut outcome = Outcome::default();
    for rule in report.catalogue.rules_of(&report.kind.code) {
        let mut applied = false;
        for item in items(report, rule) {
            let mut own = Bindings::within(&bindings);
            if let Some(tolerance) = rule.tolerance {
                own.set("tolerance", Operand::Number(tolerance));
            }
            item.bind(report, &mut own);
            match apply(report, rule, &own) {
                Verdict::NotApplied => {}
                Verdict::Holds => applied = true,
                Verdict::Fails { computation } => {
                    applied = true;
                    outcome.findings.push(finding(rule, item, computation));
                }
            }
        }
        outcome.rules_run += u32::from(applied);
    }
    outcome
}

/// What a rule is applied to at a time.
#[derive(Debug, Clone, Copy)]
enum Item<'a> {
    Report,
    Cell(&'a Indicator),
    Section(&'a SectionKind),
}

fn items<'a>(report: Report<'a>, rule: &'a Rule) -> Vec<Item<'a>> {
    match rule.scope {
        Scope::Report => vec![Item::Report],
        Scope::Cell => report
            .catalogue
            .reported_of(&report.kind.code)
            .filter(|indicator| rule.indicators.is_empty() || rule.indicators.contains(&indicator.code))
            .map(Item::Cell)
            .collect(),
        Scope::Section => report.kind.sections.iter().map(Item::Section).collect(),
    }
}

impl Item<'_> {
    /// The values of the names that rules of this scope have besides the indicators.
    fn bind(self, report: Report<'_>, into: &mut Bindings<'_>) {
        match self {
            Item::Report => {}
            Item::Cell(indicator) => {
                let value = report.cells.get(&indicator.code);
                let reason = match value {
                    Some(Value::NotApplicable(reason)) => Some(reason),
                    _ => None,
                };
                into.set("filled", Operand::Bool(value.is_some()));
                into.set("required", Operand::Bool(indicator.required));
                into.set("not_applicable", Operand::Bool(reason.is_some()));
                into.set("reason_characters", length(reason.map_or("", String::as_str)));
                into.set("kind", Operand::Text(indicator.kind.name().to_owned()));
                if let Some(Value::Number(number)) = value {
                    into.set("value", Operand::Number(*number));
                }
                if let Some(Value::Number(number)) = report.last.get(&indicator.code) {
                    into.set("previous", Operand::Number(*number));
                }
            }
            Item::Section(section) => {
                let body = report.sections.get(&section.code).map_or("", |body| body.trim());
                into.set("section", Operand::Text(section.code.clone()));
                into.set("characters", length(body));
                into.set("min_characters", Operand::Number(section.min_characters.into()));
                into.set("max_characters", Operand::Number(section.max_characters.into()));
            }
        }
    }
}

fn length(text: &str) -> Operand {
    Operand::Number(Decimal::from(text.chars().count()))
}

enum Verdict {
    NotApplied,
    Holds,
    Fails { computation: String },
}

fn apply(report: Report<'_>, rule: &Rule, bindings: &Bindings<'_>) -> Verdict {
    if let Some(when) = &rule.when {
        if !when.missing(bindings).is_empty() {
            return Verdict::NotApplied;
        }
        match when.evaluate(bindings) {
            Ok(Operand::Bool(true)) => {}
            Ok(_) => return Verdict::NotApplied,
            Err(error) => return Verdict::Fails { computation: fault(when, bindings, &error) },
        }
    }
    let missing = rule.expression.missing(bindings);
    if !missing.is_empty() {
        let left_out = |name: &&str| matches!(report.cells.get(*name), Some(Value::NotApplicable(_)));
        if rule.missing == Missing::Skip || missing.iter().any(left_out) {
            return Verdict::NotApplied;
        }
        let unknown: Vec<String> = missing.iter().map(|name| format!("{name} = ?")).collect();
        return Verdict::Fails { computation: unknown.join("; ") };
    }
    match rule.expression.evaluate(bindings) {
        Ok(Operand::Bool(true)) => Verdict::Holds,
        Ok(_) => Verdict::Fails { computation: rule.expression.explain_failure(bindings) },
        Err(error) => Verdict::Fails { computation: fault(&rule.expression, bindings, &error) },
    }
}

/// A computation that has no result is a finding too: nobody can tell whether the rule holds.
fn fault(expression: &Expression, bindings: &Bindings<'_>, error: &EvaluationError) -> String {
    let attempted = expression.explain_fault(bindings);
    if attempted.is_empty() { error.to_string() } else { attempted }
}

fn finding(rule: &Rule, item: Item<'_>, computation: String) -> Finding {
    let fill = |text: &Text| match item {
        Item::Report => text.clone(),
        Item::Cell(indicator) => Text::new(
            text.zh.replace("{code}", &indicator.code).replace("{name}", &indicator.name.zh),
            text.en.replace("{code}", &indicator.code).replace("{name}", &indicator.name.en),
        ),
        Item::Section(section) => Text::new(
            text.zh.replace("{section}", &section.name.zh),
            text.en.replace("{section}", &section.name.en),
        ),
    };
    let (id, indicator_codes, section_code) = match item {
        Item::Report => (rule.code.clone(), codes(rule), String::new()),
        Item::Cell(indicator) => {
            (format!("{}:{}", rule.code, indicator.code), vec![indicator.code.clone()], String::new())
        }
        Item::Section(section) => (format!("{}:{}", rule.code, section.code), vec![], section.code.clone()),
    };
    Finding {
        id,
        rule_code: rule.code.clone(),
        severity: rule.severity,
        message: fill(&rule.message),
        hint: fill(&rule.hint),
        indicator_codes,
        section_code,
        line: 0,
        computation,
    }
}

/// The indicators that a rule's expressions name, this year's and last year's alike.
fn codes(rule: &Rule) -> Vec<String> {
    let mut codes: Vec<String> = rule
        .expression
        .names()
        .iter()
        .chain(rule.when.iter().flat_map(|when| when.names()))
        .map(|name| name.trim_start_matches("last.").to_owned())
        .filter(|name| name != "tolerance")
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

#[cfg(test)]
mod tests;
