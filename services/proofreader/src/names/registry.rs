//! Institutions against the registry: former names, and names one slip away from a registered one.

use std::collections::{HashMap, HashSet};

use super::Occurrence;
use super::variant::inserted;
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::options::{FormerName, RegisteredName};
use crate::report::{Draft, Report};

/// Words beside a former name that show it is meant as one.
const SAYS_FORMER: &[&str] =
    &["原", "前身", "更名", "撤销", "曾用名", "旧名", "并入", "合并", "转设", "升格"];

/// Reports what the registry can tell and returns the names it settled, so that no other rule speaks of them.
pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) -> HashSet<String> {
    let registry = &context.options.registry;
    let mut settled = HashSet::new();
    if registry.is_empty() {
        return settled;
    }
    let mut known: HashSet<&str> = HashSet::new();
    let mut former: HashMap<&str, (&RegisteredName, &FormerName)> = HashMap::new();
    for entry in registry {
        known.insert(&entry.name);
        known.extend(entry.short.iter().map(String::as_str));
        for old in &entry.former {
            former.insert(&old.name, (entry, old));
        }
    }
    for (name, places) in &context.institutions.by_name {
        if known.contains(name.as_str()) {
            continue;
        }
        if let Some((entry, old)) = former.get(name.as_str()) {
            former_name(context, entry, old, places, report);
            settled.insert(name.clone());
        } else if let Some(right) = registry.iter().find_map(|r| near(name, &r.name)) {
            misspelt(context, name, right, places, report);
            settled.insert(name.clone());
        }
    }
    settled
}

fn former_name(
    context: &Context<'_, '_>,
    entry: &RegisteredName,
    old: &FormerName,
    places: &[Occurrence],
    report: &mut Report,
) {
    let plain: Vec<&Occurrence> = places.iter().filter(|o| !says_former(context, o)).collect();
    if plain.is_empty() {
        return;
    }
    let in_force = old.until.zip(context.window()).is_some_and(|(until, window)| until >= window.to);
    let (severity, since, since_en) = match old.until {
        Some(until) => {
            (Severity::Error, format!("该名用到{until}"), format!("the name was in use until {until}"))
        }
        None => (Severity::Error, "该名已停用".to_owned(), "the name is no longer in use".to_owned()),
    };
    let mut locations: Vec<_> =
        plain.iter().take(6).map(|o| context.quote_unit(o.unit, o.range.clone())).collect();
    let current = context.institutions.by_name.get(&entry.name);
    locations
        .extend(current.into_iter().flatten().take(1).map(|o| context.quote_unit(o.unit, o.range.clone())));
    report.add(Draft {
        class: Class::Name,
        severity: if in_force { Severity::Info } else { severity },
        rule: "name.former",
        zh: format!("“{}”是旧名，现名“{}”；请改用现名，或写明“原…”。", old.name, entry.name),
        en: format!(
            "“{}” is a former name of “{}”; use the name in force or say that it is the old one.",
            old.name, entry.name
        ),
        locations,
        expected: entry.name.clone(),
        actual: old.name.clone(),
        computation: format!("登记名录：{since}，现名“{}”。", entry.name),
        computation_en: format!("Register: {since_en}; the name in force is “{}”.", entry.name),
    });
}

/// Whether the words around a name say that it is an old one.
fn says_former(context: &Context<'_, '_>, place: &Occurrence) -> bool {
    let text = context.units[place.unit].text();
    let before = crate::text::last_chars(&text[..place.range.start], 6);
    let after = crate::text::first_chars(&text[place.range.end..], 6);
    SAYS_FORMER.iter().any(|w| before.contains(w) || after.contains(w))
}

/// The registered name a spelling is one slip away from.
fn near<'r>(name: &str, registered: &'r str) -> Option<&'r str> {
    if registered.chars().count() < 6 || registered.ends_with(name) || registered.ends_with("大学") {
        return None;
    }
    let one_slip = inserted(name, registered).or_else(|| inserted(registered, name)).is_some();
    (one_slip || one_replaced(name, registered)).then_some(registered)
}

/// Exactly one character replaced.
fn one_replaced(a: &str, b: &str) -> bool {
    a.chars().count() == b.chars().count() && a.chars().zip(b.chars()).filter(|(x, y)| x != y).count() == 1
}

fn misspelt(context: &Context<'_, '_>, name: &str, right: &str, places: &[Occurrence], report: &mut Report) {
    let locations = places.iter().take(6).map(|o| context.quote_unit(o.unit, o.range.clone())).collect();
    report.add(Draft {
        class: Class::Name,
        severity: Severity::Error,
        rule: "name.unregistered",
        zh: format!("名录中没有“{name}”，是否为“{right}”？"),
        en: format!("The registry has no “{name}”; is “{right}” meant?"),
        locations,
        expected: right.to_owned(),
        actual: name.to_owned(),
        computation: format!("与登记名称“{right}”只差几个字。"),
        computation_en: format!("It differs from the registered name “{right}” in a few characters."),
    });
}
