//! What is different between two contents of a report: values, texts, and whatever else becomes part of one.

mod material;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, RoundingStrategy};
use zhijian_platform::Text;

use super::{
    catalogue::{Catalogue, ReportKind},
    content::Cell,
    material::Material,
    value::Value,
};
pub use words::{Passage, Piece, passages};

/// One side of a comparison.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// Cells with a value, derived ones included, by indicator.
    pub cells: BTreeMap<String, Cell>,
    /// Texts by section.
    pub sections: BTreeMap<String, String>,
    /// Answers by finding.
    pub explanations: BTreeMap<String, String>,
    /// Cases and files.
    pub material: Material,
}

/// What kind of thing is different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// An indicator's value or note.
    Cell,
    /// A section's text.
    Section,
    /// The answer to a finding.
    Explanation,
    /// A case: its title, text and pictures.
    Case,
    /// A file.
    Attachment,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What kind of thing it is.
    pub what: What,
    /// The indicator's, section's or finding's code.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// The indicator's unit; empty for texts.
    pub unit: Text,
    /// The cell before, if it had a value.
    pub old: Option<Cell>,
    /// The cell after, if it has one.
    pub new: Option<Cell>,
    /// New less old, where both are numbers.
    pub difference: Option<Decimal>,
    /// The difference in percent of the old number, to one decimal; nothing where that is zero.
    pub percent: Option<Decimal>,
    /// The pieces of a text.
    pub passages: Vec<Passage>,
}

/// Everything that is different, in the order of the report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The differences.
    pub changes: Vec<Change>,
    /// How many cells are alike on both sides, and not empty.
    pub unchanged_cells: usize,
    /// How many sections are alike on both sides, and not empty.
    pub unchanged_sections: usize,
}

/// Compares two contents of one report.
pub fn compare(catalogue: &Catalogue, kind: &ReportKind, old: &Side, new: &Side) -> Comparison {
    let mut comparison = Comparison::default();
    for indicator in catalogue.indicators_of(&kind.code) {
        let (before, after) = (old.cells.get(&indicator.code), new.cells.get(&indicator.code));
        match (before, after) {
            (None, None) => {}
            (before, after) if before == after => comparison.unchanged_cells += 1,
            (before, after) => {
                let (difference, percent) = difference(before, after);
                comparison.changes.push(Change {
                    unit: indicator.unit.name.clone(),
                    old: before.cloned(),
                    new: after.cloned(),
                    difference,
                    percent,
                    ..plain(What::Cell, &indicator.code, indicator.name.clone())
                });
            }
        }
    }
    for section in &kind.sections {
        let text = |side: &Side| side.sections.get(&section.code).cloned().unwrap_or_default();
        let (before, after) = (text(old), text(new));
        if before == after {
            comparison.unchanged_sections += usize::from(!before.is_empty());
        } else {
            let passages = passages(&before, &after);
            comparison
                .changes
                .push(Change { passages, ..plain(What::Section, &section.code, section.name.clone()) });
        }
    }
    let findings: BTreeSet<&String> = old.explanations.keys().chain(new.explanations.keys()).collect();
    for finding in findings {
        let text = |side: &Side| side.explanations.get(finding).cloned().unwrap_or_default();
        let (before, after) = (text(old), text(new));
        if before != after {
            let name = Text::new(format!("对 {finding} 的说明"), format!("Answer to {finding}"));
            let passages = passages(&before, &after);
            comparison.changes.push(Change { passages, ..plain(What::Explanation, finding, name) });
        }
    }
    comparison.changes.extend(material::changes(&old.material, &new.material));
    comparison
}

fn plain(what: What, code: &str, name: Text) -> Change {
    Change {
        what,
        code: code.to_owned(),
        name,
        unit: Text::new("", ""),
        old: None,
        new: None,
        difference: None,
        percent: None,
        passages: vec![],
    }
}

/// New less old, and that in percent of the old; nothing unless both are numbers that differ.
fn difference(old: Option<&Cell>, new: Option<&Cell>) -> (Option<Decimal>, Option<Decimal>) {
    let number = |cell: Option<&Cell>| match cell.map(|cell| &cell.value) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    };
    let (Some(old), Some(new)) = (number(old), number(new)) else { return (None, None) };
    let Some(difference) = new.checked_sub(old).filter(|difference| !difference.is_zero()) else {
        return (None, None);
    };
    let percent = difference
        .checked_mul(Decimal::ONE_HUNDRED)
        .and_then(|hundredfold| hundredfold.checked_div(old.abs()))
        .map(|percent| percent.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero));
    (Some(difference.normalize()), percent.map(|percent| percent.normalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Cell {
        Cell { derived: false, note: String::new(), value: Value::Number(text.parse().unwrap()) }
    }

    #[test]
    fn a_difference_is_new_less_old_and_a_share_of_the_old() {
        let of = |old: &str, new: &str| {
            let (difference, percent) = difference(Some(&number(old)), Some(&number(new)));
            (difference.map(|d| d.to_string()), percent.map(|p| p.to_string()))
        };
        assert_eq!(of("491", "248"), (Some("-243".into()), Some("-49.5".into())));
        assert_eq!(of("-4", "2"), (Some("6".into()), Some("150".into())));
        // A share of nothing is not a number.
        assert_eq!(of("0", "7"), (Some("7".into()), None));
        assert_eq!(of("1.50", "1.5"), (None, None));
        assert_eq!(difference(None, Some(&number("1"))), (None, None));
    }

    #[test]
    fn changes_come_in_the_order_of_the_report() {
        let catalogues =
            crate::domain::catalogue::Catalogues::load(&zhijian_platform::rules::RulesDir::default())
                .expect("the shipped catalogues are sound");
        let catalogue = catalogues.get(2025).expect("2025");
        let kind = catalogue.kind("higher").expect("higher");
        let mut old = Side::default();
        old.cells.insert("SC01".into(), number("1000"));
        old.cells.insert("SC02".into(), number("950"));
        old.sections.insert("talent".into(), "培养学生一千人。".into());
        let mut new = old.clone();
        assert_eq!(compare(catalogue, kind, &old, &new).changes, []);
        new.cells.insert("SC02".into(), number("940"));
        new.cells.remove("SC01");
        new.sections.insert("talent".into(), "培养学生九百人。".into());
        new.explanations.insert("V10:SC02".into(), "核实无误".into());
        let comparison = compare(catalogue, kind, &old, &new);
        let codes: Vec<&str> = comparison.changes.iter().map(|change| change.code.as_str()).collect();
        assert_eq!(codes, ["SC01", "SC02", "talent", "V10:SC02"]);
        assert_eq!(comparison.changes[0].new, None);
        assert_eq!(comparison.changes[1].difference, Some((-10).into()));
        assert_eq!((comparison.unchanged_cells, comparison.unchanged_sections), (0, 0));
    }
}
