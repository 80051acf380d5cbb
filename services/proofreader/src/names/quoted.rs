//! Projects and platforms whose quoted names vary: “产业创新服务中心”, “产业创新服务分中心”.

use std::collections::BTreeMap;

use super::{inserted, shortened};
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::quotes::Quotation;
use crate::report::{Draft, Report};
use crate::unit::UnitKind;

/// Characters from which a quotation can be the name of a project.
const SHORTEST: usize = 8;
/// Most characters one spelling has more than the other.
const MOST: usize = 2;

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let mut names: BTreeMap<&str, Vec<&Quotation>> = BTreeMap::new();
    for quotation in context.quotations.iter().filter(|q| context.units[q.unit].kind != UnitKind::Contents) {
        // Lists and slogans vary on purpose; a name is one run of words.
        let listed = quotation.text.contains(['、', '，', '+', '—', '-', '·', '。', '！']);
        if quotation.bare.chars().count() >= SHORTEST && !listed {
            names.entry(&quotation.bare).or_default().push(quotation);
        }
    }
    for (long, uses) in &names {
        let others = shortened(long).find_map(|short| {
            let extra = inserted(&short, long).filter(|e| e.chars().count() <= MOST)?;
            names.get(short.as_str()).map(|others| (others, extra))
        });
        if let Some((others, extra)) = others {
            add(context, uses, others, &extra, report);
        }
    }
}

fn add(context: &Context<'_, '_>, a: &[&Quotation], b: &[&Quotation], extra: &str, report: &mut Report) {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let quote = |q: &&Quotation| context.quote_unit(q.unit, q.range.clone());
    let (rare, usual) = (&few[0].text, &many[0].text);
    report.add(Draft {
        class: Class::Name,
        severity: Severity::Warning,
        rule: "name.quoted",
        zh: format!("“{rare}”与“{usual}”只差“{extra}”，同一名称请统一。"),
        en: format!("“{rare}” and “{usual}” differ by “{extra}”; one name, one spelling."),
        locations: few.iter().take(3).chain(many.iter().take(2)).map(quote).collect(),
        expected: usual.clone(),
        actual: rare.clone(),
        computation: format!("“{rare}”出现{}次，“{usual}”出现{}次。", few.len(), many.len()),
    });
}
