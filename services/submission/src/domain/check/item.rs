//! What a rule is applied to at a time, and the names that it has there.

use rust_decimal::Decimal;
use zhijian_platform::Text;

use super::{Report, Rule};
use crate::domain::{
    catalogue::{Indicator, Scope, SectionKind},
    expression::{Bindings, Operand},
    value::Value,
};

/// What a rule is applied to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item<'a> {
    Report,
    Cell(&'a Indicator),
    Section(&'a SectionKind),
}

/// The cells that can be filled in, and after them the derived ones.
pub(super) fn cells(report: Report<'_>) -> impl Iterator<Item = Item<'_>> {
    report.catalogue.indicators_of(&report.kind.code).map(Item::Cell)
}

pub(super) fn sections(report: Report<'_>) -> impl Iterator<Item = Item<'_>> {
    report.kind.sections.iter().map(Item::Section)
}

/// Those that a rule is applied to. A derived cell is only where the rule names it.
pub(super) fn of_rule<'r, 'a, 'b>(
    rule: &'r Rule,
    whole: &'r [(Item<'a>, Bindings<'b>)],
    cells: &'r [(Item<'a>, Bindings<'b>)],
    sections: &'r [(Item<'a>, Bindings<'b>)],
) -> impl Iterator<Item = &'r (Item<'a>, Bindings<'b>)> {
    let all = match rule.scope {
        Scope::Report => whole,
        Scope::Cell => cells,
        Scope::Section => sections,
    };
    all.iter().filter(move |(item, _)| match item {
        Item::Cell(indicator) if rule.indicators.is_empty() => indicator.formula.is_none(),
        Item::Cell(indicator) => rule.indicators.contains(&indicator.code),
        Item::Report | Item::Section(_) => true,
    })
}

impl Item<'_> {
    /// The values of the names that rules of this scope have besides the indicators.
    pub fn bindings<'o>(self, report: Report<'_>, outer: &'o Bindings<'o>) -> Bindings<'o> {
        let mut into = Bindings::within(outer);
        match self {
            Self::Report => {}
            Self::Cell(indicator) => bind_cell(report, indicator, &mut into),
            Self::Section(section) => bind_section(report, section, &mut into),
        }
        into
    }

    /// A message with what it speaks of.
    pub fn fill(self, text: &Text, bindings: &Bindings<'_>) -> Text {
        match self {
            Self::Report => text.clone(),
            Self::Section(section) => Text::new(
                text.zh.replace("{section}", &section.name.zh),
                text.en.replace("{section}", &section.name.en),
            ),
            Self::Cell(indicator) => {
                let put = |text: &str, name: &str| {
                    let mut filled = text.replace("{code}", &indicator.code).replace("{name}", name);
                    for (place, key) in [
                        ("{platform_value}", "platform.value"),
                        ("{platform_scope}", "platform.scope"),
                        ("{platform_date}", "platform.date"),
                    ] {
                        if filled.contains(place) {
                            let value = bindings.get(key).map(ToString::to_string).unwrap_or_default();
                            filled = filled.replace(place, &value);
                        }
                    }
                    filled
                };
                Text::new(put(&text.zh, &indicator.name.zh), put(&text.en, &indicator.name.en))
            }
        }
    }
}

fn bind_cell(report: Report<'_>, indicator: &Indicator, into: &mut Bindings<'_>) {
    let (code, beside) = (&indicator.code, report.beside);
    let value = report.cells.get(code);
    let reason = match value {
        Some(Value::NotApplicable(reason)) => Some(reason),
        _ => None,
    };
    into.set("filled", Operand::Bool(value.is_some()));
    into.set("required", Operand::Bool(indicator.required));
    into.set("not_applicable", Operand::Bool(reason.is_some()));
    into.set("reason_characters", length(reason.map_or("", String::as_str)));
    into.set("note_characters", length(beside.notes.get(code).map_or("", |note| note.trim())));
    into.set("kind", Operand::Text(indicator.kind.name().to_owned()));
    if let Some(Value::Number(number)) = value {
        into.set("value", Operand::Number(*number));
    }
    if let Some(Value::Number(number)) = report.last.get(code) {
        into.set("previous", Operand::Number(*number));
    }
    if let Some(platform) = beside.platform.get(code) {
        into.set("platform.value", Operand::Number(platform.value));
        into.set("platform.scope", Operand::Text(platform.scope.clone()));
        into.set("platform.date", Operand::Date(platform.date));
    }
    if let Some(peers) = beside.peers.get(code) {
        into.set("peer.count", Operand::Number(peers.count.into()));
        into.set("peer.median", Operand::Number(peers.median));
        into.set("peer.mad", Operand::Number(peers.mad));
    }
}

fn bind_section(report: Report<'_>, section: &SectionKind, into: &mut Bindings<'_>) {
    let body = report.sections.get(&section.code).map_or("", |body| body.trim());
    let cases = report.beside.cases.get(&section.code).copied().unwrap_or_default();
    into.set("section", Operand::Text(section.code.clone()));
    into.set("characters", length(body));
    into.set("min_characters", Operand::Number(section.min_characters.into()));
    into.set("max_characters", Operand::Number(section.max_characters.into()));
    into.set("cases", Operand::Number(cases.into()));
    into.set("min_cases", Operand::Number(section.min_cases.into()));
}

fn length(text: &str) -> Operand {
    Operand::Number(Decimal::from(text.chars().count()))
}
