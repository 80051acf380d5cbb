//! Short forms of institutions that the text never introduces.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::Occurrence;
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};

static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "(?:^|[，。；：、（“》”|])(\\p{Han}{1,3}(?:职大|一职|二职|三职|职院|职校|职高|职教中心)(?:学校)?)",
    )
    .expect("pattern")
});

static DEFINITION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("简称(?:为)?[：“]?(\\p{Han}{2,10})").expect("pattern"));

/// Short forms reported at most.
const MOST: usize = 100;

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let mut found: BTreeMap<String, Vec<Occurrence>> = BTreeMap::new();
    for (index, unit) in context.units.iter().enumerate() {
        let text = unit.text();
        let label = crate::document::label::leading_label(text).map_or(0, |(_, used)| used);
        for hit in SHORT.captures_iter(&text[label..]).filter_map(|c| c.get(1)) {
            let range = label + hit.start()..label + hit.end();
            found.entry(hit.as_str().to_owned()).or_default().push(Occurrence { unit: index, range });
        }
    }
    let defined = definitions(context);
    found.retain(|short, _| !defined.iter().any(|d| d.starts_with(short.as_str())));
    for (short, places) in found.into_iter().take(MOST) {
        let full: Vec<&String> =
            context.institutions.by_name.keys().filter(|full| stands_for(&short, full)).take(2).collect();
        let [full] = full[..] else { continue };
        report.add(Draft {
            class: Class::Name,
            severity: Severity::Info,
            rule: "name.undefined-short-form",
            zh: format!("简称“{short}”未交代所指，首次出现时请写全称“{full}”。"),
            en: format!("The short form “{short}” is never introduced; give the full name “{full}” first."),
            locations: places.iter().take(6).map(|o| context.quote_unit(o.unit, o.range.clone())).collect(),
            expected: full.clone(),
            actual: short,
            computation: "正文没有“以下简称”之类的说明。".into(),
            computation_en: "The text nowhere says what it is short for.".into(),
        });
    }
}

/// Words the text or the registry introduces as short forms.
fn definitions(context: &Context<'_, '_>) -> Vec<String> {
    let mut found: Vec<String> =
        context.options.registry.iter().flat_map(|r| r.short.iter().chain([&r.name])).cloned().collect();
    for paragraph in &context.document.paragraphs {
        let text = paragraph.text();
        found.extend(DEFINITION.captures_iter(text).filter_map(|c| c.get(1)).map(|m| m.as_str().to_owned()));
    }
    found
}

/// Whether the characters of a short form appear in a full name in order.
fn stands_for(short: &str, full: &str) -> bool {
    let mut rest = full.chars();
    short.chars().all(|c| rest.any(|f| f == c)) && short.chars().count() * 2 <= full.chars().count() + 4
}
