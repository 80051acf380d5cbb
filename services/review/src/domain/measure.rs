//! Measures: what a school does to mend an element.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use zhijian_platform::{Error, Violation};

use super::{
    evidence::{self, Item},
    scheme::Scheme,
};

const MAX_MEASURES: usize = 40;
const TITLE: std::ops::RangeInclusive<usize> = 2..=200;
const MAX_RESPONSIBLE: usize = 60;
const MAX_WORDS: usize = 2000;

/// One thing a school does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// The element that it mends; empty for the whole.
    pub element_code: String,
    /// What is done.
    pub title: String,
    /// Who sees to it.
    pub responsible: String,
    /// By when.
    pub due_date: Option<NaiveDate>,
    /// How far it is.
    pub progress: String,
    /// What shows it.
    pub evidence: String,
    /// Whether it is done.
    pub done: bool,
    /// The documents that show it.
    #[serde(default)]
    pub items: Vec<Item>,
}

/// What is given of a measure, before it is checked.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// As in [`Measure`].
    pub element_code: String,
    /// As in [`Measure`].
    pub title: String,
    /// As in [`Measure`].
    pub responsible: String,
    /// ISO 8601, or empty.
    pub due_date: String,
    /// As in [`Measure`].
    pub progress: String,
    /// As in [`Measure`].
    pub evidence: String,
    /// As in [`Measure`].
    pub done: bool,
    /// As in [`Measure`].
    pub items: Vec<Item>,
}

fn long(text: &str, most: usize) -> bool {
    text.chars().count() > most
}

/// Reads the measures of a plan.
///
/// # Errors
/// Names every measure and field at fault.
pub fn plan(scheme: &Scheme, given: Vec<Given>) -> Result<Vec<Measure>, Error> {
    let mut faults = Vec::new();
    if given.len() > MAX_MEASURES {
        faults.push(Violation::new(
            "measures",
            format!("最多 {MAX_MEASURES} 条措施。"),
            format!("At most {MAX_MEASURES} measures."),
        ));
    }
    let mut measures = Vec::with_capacity(given.len());
    for (place, one) in given.into_iter().enumerate() {
        let mut fault = |field: &str, zh: &str, en: &str| {
            faults.push(Violation::new(format!("measures[{place}].{field}"), zh, en));
        };
        let known = scheme.elements().iter().any(|element| element.code == one.element_code);
        if !known && !one.element_code.is_empty() {
            fault("element_code", "没有这个要素，请重新选择。", "There is no such element; choose again.");
        }
        let (title, responsible) = (one.title.trim(), one.responsible.trim());
        if !TITLE.contains(&title.chars().count()) {
            fault("title", "措施请写 2–200 字。", "Say what is done in 2–200 characters.");
        }
        if long(responsible, MAX_RESPONSIBLE) {
            fault("responsible", "责任人最多 60 字。", "At most 60 characters.");
        }
        let due_date = match one.due_date.trim() {
            "" => None,
            date => match date.parse() {
                Ok(date) => Some(date),
                Err(_) => {
                    fault("due_date", "日期请写成 2026-06-30 的样子。", "Write the date like 2026-06-30.");
                    None
                }
            },
        };
        measures.push(Measure {
            element_code: one.element_code,
            title: title.to_owned(),
            responsible: responsible.to_owned(),
            due_date,
            ..Measure::default()
        });
    }
    if faults.is_empty() { Ok(measures) } else { Err(Error::Invalid(faults)) }
}

/// Puts reported progress onto the measures of a plan.
///
/// # Errors
/// Names every measure at fault; refuses a report on other measures than the plan's.
pub fn report(planned: &[Measure], given: &[Given]) -> Result<Vec<Measure>, Error> {
    if given.len() != planned.len() {
        return Err(Error::invalid(
            "measures",
            format!("方案里有 {} 条措施，填报了 {} 条。请刷新页面后再填。", planned.len(), given.len()),
            format!(
                "The plan has {} measures; {} were reported. Load the page again.",
                planned.len(),
                given.len()
            ),
        ));
    }
    let mut faults = Vec::new();
    let mut measures = planned.to_vec();
    for (place, (measure, one)) in measures.iter_mut().zip(given).enumerate() {
        for (field, text) in [("progress", &one.progress), ("evidence", &one.evidence)] {
            if long(text.trim(), MAX_WORDS) {
                let field = format!("measures[{place}].{field}");
                faults.push(Violation::new(field, "最多 2000 字。", "At most 2000 characters."));
            }
        }
        faults.extend(evidence::faults(&format!("measures[{place}]"), &one.items));
        if one.done && one.evidence.trim().is_empty() && one.items.is_empty() {
            faults.push(Violation::new(
                format!("measures[{place}].evidence"),
                "标为完成的措施要写明佐证材料。",
                "Say what shows that it is done.",
            ));
        }
        measure.progress = one.progress.trim().to_owned();
        measure.evidence = one.evidence.trim().to_owned();
        measure.done = one.done;
        measure.items = one.items.iter().map(Item::trimmed).collect();
    }
    if faults.is_empty() { Ok(measures) } else { Err(Error::Invalid(faults)) }
}

/// Checks that nothing is left to do.
///
/// # Errors
/// FAILED_PRECONDITION names what is not done.
pub fn all_done(measures: &[Measure]) -> Result<(), Error> {
    let open: Vec<Violation> = measures
        .iter()
        .enumerate()
        .filter(|(_, measure)| !measure.done)
        .map(|(place, measure)| {
            Violation::new(
                format!("measures[{place}]"),
                format!("“{}”还没有完成，请先填报进展和佐证。", measure.title),
                format!("“{}” is not done: report its progress and evidence first.", measure.title),
            )
        })
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    Err(Error::Precondition {
        reason: zhijian_proto::common::v1::ErrorReason::IllegalState,
        violations: open,
    })
}
