//! Changing the cells of a working copy: all or none, and never over somebody else's change.

use std::collections::{BTreeMap, BTreeSet};

use zhijian_platform::{Text, Violation, etag};

use super::{
    catalogue::{Catalogue, Indicator},
    text::is_storable,
    units::{Conversion, Units},
    value::{self, Value, ValueError},
};

/// How long a remark may be.
const MAX_NOTE: usize = 500;

/// A cell as it is stored. One that was emptied keeps its row, so that its version goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCell {
    /// What it holds; nothing if it is empty.
    pub value: Option<Value>,
    /// The submitter's remark.
    pub note: String,
    /// Counts its changes, from 1.
    pub version: i64,
}

/// The cells of a working copy, by indicator code; one never saved is absent.
pub type StoredCells = BTreeMap<String, StoredCell>;

/// What is typed into a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Nothing: the cell is emptied.
    Nothing,
    /// A number.
    Number(String),
    /// The code of an option.
    Option(String),
    /// The reason of 不适用.
    NotApplicable(String),
}

/// A change as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The indicator's code.
    pub code: String,
    /// What is typed.
    pub typed: Typed,
    /// The unit it is given in, by code or as people write it; "" for the indicator's own.
    pub unit: String,
    /// The remark.
    pub note: String,
    /// The etag that the cell was read with; "" if it was never saved.
    pub etag: String,
}

/// A change that makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The indicator's code.
    pub code: String,
    /// The new value; nothing empties the cell.
    pub value: Option<Value>,
    /// How it was converted, if it was given in another unit.
    pub conversion: Option<Conversion>,
    /// The new remark.
    pub note: String,
    /// The etag that the cell was read with.
    pub etag: String,
}

/// Reads the changes to a report of this kind.
///
/// # Errors
/// Names every cell at fault, by its place in the request and its indicator's code.
pub fn read(catalogue: &Catalogue, kind: &str, given: Vec<Given>) -> Result<Vec<Edit>, Vec<Violation>> {
    let mut seen = BTreeSet::new();
    let mut edits = Vec::with_capacity(given.len());
    let mut violations = Vec::new();
    for (place, cell) in given.into_iter().enumerate() {
        let field = |part: &str| format!("cells[{place}].{part}");
        let Some(indicator) = catalogue.indicators_of(kind).find(|indicator| indicator.code == cell.code)
        else {
            violations.push(Violation::new(
                field("indicator_code"),
                format!("这类年报没有指标 {:?}。", cell.code),
                format!("This kind of report has no indicator {:?}.", cell.code),
            ));
            continue;
        };
        if !seen.insert(cell.code.clone()) {
            violations.push(Violation::new(
                field("indicator_code"),
                format!("{} 在同一次保存中出现了两次。", cell.code),
                format!("{} appears twice in one save.", cell.code),
            ));
            continue;
        }
        if let Some(description) = note_fault(&cell) {
            violations.push(Violation { field: field("note"), description });
        }
        match parse(&catalogue.units, indicator, &cell.typed, &cell.unit) {
            Ok((value, conversion)) => {
                edits.push(Edit {
                    code: cell.code,
                    value,
                    conversion,
                    note: cell.note.trim().to_owned(),
                    etag: cell.etag,
                });
            }
            Err(error) => {
                violations.push(Violation { field: field("value"), description: describe(indicator, &error) })
            }
        }
    }
    if violations.is_empty() { Ok(edits) } else { Err(violations) }
}

/// Reads one change to an indicator that the report has.
///
/// # Errors
/// What is wrong with its value or its note.
pub fn read_one(units: &Units, indicator: &Indicator, given: Given) -> Result<Edit, Text> {
    if let Some(fault) = note_fault(&given) {
        return Err(fault);
    }
    let (value, conversion) =
        parse(units, indicator, &given.typed, &given.unit).map_err(|error| describe(indicator, &error))?;
    Ok(Edit { code: given.code, value, conversion, note: given.note.trim().to_owned(), etag: given.etag })
}

fn note_fault(given: &Given) -> Option<Text> {
    let sound = given.note.len() <= MAX_NOTE || given.note.chars().count() <= MAX_NOTE;
    (!sound || !is_storable(&given.note)).then(|| {
        Text::new(
            format!("{} 的备注最多 500 字。", given.code),
            format!("{}: a note has at most 500 characters.", given.code),
        )
    })
}

fn parse(
    units: &Units,
    indicator: &Indicator,
    typed: &Typed,
    unit: &str,
) -> Result<(Option<Value>, Option<Conversion>), ValueError> {
    if indicator.formula.is_some() {
        return Err(ValueError::Derived);
    }
    Ok(match typed {
        Typed::Nothing => (None, None),
        Typed::Number(text) => {
            let (value, conversion) = value::read(units, indicator, text, unit)?;
            (Some(value), conversion)
        }
        Typed::Option(code) => (Some(value::option(indicator, code)?), None),
        Typed::NotApplicable(reason) => (Some(value::not_applicable(reason)?), None),
    })
}

fn describe(indicator: &Indicator, error: &ValueError) -> Text {
    let text = error.text();
    Text::new(
        format!("{} {}：{}", indicator.code, indicator.name.zh, text.zh),
        format!("{} {}: {}", indicator.code, indicator.name.en, text.en),
    )
}

/// The codes of the cells that somebody else changed since they were read, in the order of the edits.
pub fn conflicts<'a>(stored: &StoredCells, edits: &'a [Edit]) -> Vec<&'a str> {
    edits
        .iter()
        .filter(|edit| {
            let current = stored.get(&edit.code).map(|cell| etag::of(cell.version)).unwrap_or_default();
            current != edit.etag
        })
        .map(|edit| edit.code.as_str())
        .collect()
}

/// Makes the changes and returns the cells they changed, with their new versions.
pub fn apply(stored: &mut StoredCells, edits: Vec<Edit>) -> StoredCells {
    let mut changed = StoredCells::new();
    for edit in edits {
        let version = stored.get(&edit.code).map_or(0, |cell| cell.version) + 1;
        let cell = StoredCell { value: edit.value, note: edit.note, version };
        changed.insert(edit.code.clone(), cell.clone());
        stored.insert(edit.code, cell);
    }
    changed
}

/// How many of the cells that must be filled in are.
pub fn filled(catalogue: &Catalogue, kind: &str, stored: &StoredCells) -> usize {
    let has_value =
        |indicator: &&Indicator| stored.get(&indicator.code).is_some_and(|cell| cell.value.is_some());
    catalogue.required_of(kind).filter(has_value).count()
}

/// The values alone.
pub fn values(stored: &StoredCells) -> BTreeMap<String, Value> {
    stored.iter().filter_map(|(code, cell)| Some((code.clone(), cell.value.clone()?))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::catalogue::Catalogues;

    fn given(code: &str, number: &str, etag: &str) -> Given {
        Given {
            code: code.into(),
            typed: Typed::Number(number.into()),
            unit: String::new(),
            note: String::new(),
            etag: etag.into(),
        }
    }

    fn read_2025(cells: Vec<Given>) -> Result<Vec<Edit>, Vec<Violation>> {
        read(Catalogues::shipped().get(2025).expect("2025 is shipped"), "higher", cells)
    }

    #[test]
    fn every_cell_at_fault_is_named_and_nothing_passes() {
        let mut long = given("BAS02", "1", "");
        long.note = "长".repeat(501);
        let violations = read_2025(vec![
            given("SC01", "1e3", ""),
            given("SC02", "12", ""),
            given("SC02", "13", ""),
            given("SC04", "99", ""),
            given("ENT01", "1", ""),
            given("SVC06", "1.234", ""),
            long,
        ])
        .unwrap_err();
        let faults: Vec<(&str, bool)> = violations
            .iter()
            .zip(["SC01", "SC02", "SC04", "ENT01", "SVC06", "BAS02"])
            .map(|(violation, code)| (violation.field.as_str(), violation.description.zh.contains(code)))
            .collect();
        assert_eq!(
            faults,
            [
                ("cells[0].value", true),
                ("cells[2].indicator_code", true),
                ("cells[3].value", true),
                ("cells[4].indicator_code", true),
                ("cells[5].value", true),
                ("cells[6].note", true),
            ]
        );
    }

    #[test]
    fn missing_zero_and_not_applicable_are_three_things() {
        let catalogue = Catalogues::shipped().get(2025).expect("2025 is shipped");
        let mut stored = StoredCells::new();
        let not_applicable =
            Given { typed: Typed::NotApplicable("无毕业生".into()), ..given("SC02", "", "") };
        apply(&mut stored, read_2025(vec![given("SC01", "0", ""), not_applicable]).unwrap());
        assert_eq!(filled(catalogue, "higher", &stored), 2);
        let emptied = Given { typed: Typed::Nothing, ..given("SC01", "", "v1") };
        apply(&mut stored, read_2025(vec![emptied]).unwrap());
        assert_eq!(filled(catalogue, "higher", &stored), 1);
        assert_eq!(stored["SC01"], StoredCell { value: None, note: String::new(), version: 2 });
        assert_eq!(values(&stored).into_keys().collect::<Vec<_>>(), ["SC02"]);
    }

    proptest! {
        /// Two people save cells they read at any time before: the second never overwrites what it has not seen.
        #[test]
        fn nobody_overwrites_what_they_have_not_read(
            saves in prop::collection::vec((prop::sample::select(vec!["SC01", "SC02"]), 0_usize..3), 1..20)
        ) {
            let mut stored = StoredCells::new();
            let mut history = vec![stored.clone()];
            for (code, age) in saves {
                let seen = &history[history.len().saturating_sub(1 + age)];
                let etag = seen.get(code).map(|cell| etag::of(cell.version)).unwrap_or_default();
                let edits = read_2025(vec![given(code, "1", &etag)]).unwrap();
                let stale = seen.get(code) != stored.get(code);
                prop_assert_eq!(!conflicts(&stored, &edits).is_empty(), stale);
                if !stale {
                    apply(&mut stored, edits);
                }
                history.push(stored.clone());
            }
        }
    }
}
