//! What an import would do, row by row, decided against the whole register and the whole file.

use std::collections::{BTreeMap, HashMap};

use zhijian_documents::register::{Fault, Given, Row, Table};

use super::{Change, beginnings, carried, changes, row};
use crate::domain::{
    Broken,
    code::Code,
    organisation::{Kind, Level, Organisation, OrganisationError},
    particulars::ParticularsError,
};

/// The register as it stands, by code.
pub type Register = BTreeMap<Code, Organisation>;

/// What happens to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Created,
    Updated,
    Unchanged,
    Refused,
}

/// A row, and what would become of it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The row's number in the sheet.
    pub row: usize,
    pub outcome: Outcome,
    /// The code as far as it could be read.
    pub code: String,
    pub name: String,
    /// The entry as it would stand; nothing for a refused row.
    pub entry: Option<Organisation>,
    pub changes: Vec<Change>,
    /// Worth a look, in Chinese and English.
    pub notices: Vec<(String, String)>,
}

/// Everything that an import would do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub rows: Vec<Planned>,
    pub faults: Vec<Fault>,
}

impl Plan {
    /// How many rows have this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.rows.iter().filter(|row| row.outcome == outcome).count()
    }
}

struct Read<'a> {
    row: Row<'a>,
    code: Option<Code>,
    kind: Option<Kind>,
    entry: Option<Organisation>,
}

/// Decides what the rows of a file would do to the register. Rows are matched by code alone.
pub fn plan(table: Table<'_>, register: &Register) -> Plan {
    let mut rows: Vec<Read<'_>> = table.rows.into_iter().map(read_keys).collect();
    refuse_doubles(&mut rows);
    let kinds: HashMap<Code, Kind> =
        rows.iter().filter_map(|read| Some((read.code.clone()?, read.kind?))).collect();
    let kind_of =
        |code: &Code| kinds.get(code).copied().or_else(|| register.get(code).map(|entry| entry.kind));
    let level_of = |code: &Code| match kind_of(code)? {
        Kind::HigherVocational => Some(Level::Higher),
        Kind::SpecialisedSecondary | Kind::VocationalHigh => Some(Level::Secondary),
        _ => None,
    };
    for read in &mut rows {
        let Some(code) = read.code.clone() else { continue };
        let registered = register.get(&code);
        read.entry = row::entry(&mut read.row, code, read.kind, registered, level_of);
        if let Some(entry) = &read.entry {
            check_parent(&mut read.row, entry, kind_of);
        }
    }
    refuse_circles(&mut rows, register);
    check_mergers(&mut rows, register);
    let named = names(register, &rows);
    let mut plan = Plan::default();
    for mut read in rows {
        let registered = read.code.as_ref().and_then(|code| register.get(code));
        plan.rows.push(planned(&read, registered, &named));
        plan.faults.append(&mut read.row.faults);
    }
    plan
}

fn read_keys(mut row: Row<'_>) -> Read<'_> {
    let before = row.faults.len();
    let code = match row::code(&mut row, "code") {
        Given::Some(code) => Some(code),
        _ => {
            if row.faults.len() == before {
                row.refuse("code", "请填写十位机构代码。", "Fill in the ten-digit code.");
            }
            None
        }
    };
    let kind = row::kind(&mut row);
    Read { row, code, kind, entry: None }
}

fn refuse_doubles(rows: &mut [Read<'_>]) {
    let mut first: HashMap<Code, usize> = HashMap::new();
    for read in rows {
        let Some(code) = &read.code else { continue };
        if let Some(earlier) = first.get(code) {
            read.row.refuse(
                "code",
                format!("与第 {earlier} 行的代码相同，请只保留一行。"),
                format!("Row {earlier} has the same code: keep one of them."),
            );
        } else {
            first.insert(code.clone(), read.row.number);
        }
    }
}

fn check_parent(row: &mut Row<'_>, entry: &Organisation, kind_of: impl Fn(&Code) -> Option<Kind>) {
    let Some(parent) = &entry.parent else { return };
    let checked =
        kind_of(parent).ok_or(OrganisationError::UnknownParent).and_then(|parent| entry.check_parent(parent));
    if let Err(broken) = checked {
        row.refuse("parent_code", broken.zh(), broken.to_string());
    }
}

/// Nothing stands under itself, by however many steps.
fn refuse_circles(rows: &mut [Read<'_>], register: &Register) {
    let above: HashMap<Code, Option<Code>> = rows
        .iter()
        .filter_map(|read| read.entry.as_ref())
        .map(|entry| (entry.code.clone(), entry.parent.clone()))
        .collect();
    let parent_of = |code: &Code| match above.get(code) {
        Some(parent) => parent.clone(),
        None => register.get(code).and_then(|entry| entry.parent.clone()),
    };
    for read in rows {
        let Some(entry) = &read.entry else { continue };
        let mut code = entry.parent.clone();
        let mut steps = 0;
        while let Some(parent) = code.filter(|_| steps <= above.len()) {
            if parent == entry.code {
                let broken = OrganisationError::UnderItself;
                read.row.refuse("parent_code", broken.zh(), broken.to_string());
                break;
            }
            steps += 1;
            code = parent_of(&parent);
        }
    }
}

fn check_mergers(rows: &mut [Read<'_>], register: &Register) {
    let after: HashMap<Code, Option<Code>> = rows
        .iter()
        .filter_map(|read| read.entry.as_ref())
        .map(|entry| {
            (entry.code.clone(), entry.particulars.merger.as_ref().map(|merger| merger.into.clone()))
        })
        .collect();
    let merged_into = |code: &Code| match after.get(code) {
        Some(into) => Some(into.clone()),
        None => register
            .get(code)
            .map(|entry| entry.particulars.merger.as_ref().map(|merger| merger.into.clone())),
    };
    for read in rows {
        let Some(merger) = read.entry.as_ref().and_then(|entry| entry.particulars.merger.clone()) else {
            continue;
        };
        let broken = match merged_into(&merger.into) {
            None => ParticularsError::UnknownMerger,
            Some(Some(back)) if Some(&back) == read.code.as_ref() => ParticularsError::MutualMerger,
            Some(_) => continue,
        };
        read.row.refuse("merged_into", broken.zh(), broken.to_string());
    }
}

/// Who carries or carried each name, after the import.
fn names(register: &Register, rows: &[Read<'_>]) -> HashMap<String, Vec<(Code, bool)>> {
    let mut named: HashMap<String, Vec<(Code, bool)>> = HashMap::new();
    let in_file: HashMap<&Code, &Organisation> =
        rows.iter().filter_map(|read| Some((read.code.as_ref()?, read.entry.as_ref()?))).collect();
    let untouched = register.iter().filter(|(code, _)| !in_file.contains_key(code)).map(|(_, entry)| entry);
    for entry in untouched.chain(in_file.values().copied()) {
        named.entry(entry.name.zh().to_owned()).or_default().push((entry.code.clone(), true));
        for former in carried(&entry.particulars) {
            named.entry(former.to_owned()).or_default().push((entry.code.clone(), false));
        }
    }
    named
}

fn planned(
    read: &Read<'_>,
    registered: Option<&Organisation>,
    named: &HashMap<String, Vec<(Code, bool)>>,
) -> Planned {
    let row = &read.row;
    let mut planned = Planned {
        row: row.number,
        outcome: Outcome::Refused,
        code: read.code.as_ref().map_or_else(|| row.raw("code").trim().to_owned(), Code::to_string),
        name: row.raw("name").trim().to_owned(),
        entry: None,
        changes: Vec::new(),
        notices: Vec::new(),
    };
    let Some(entry) = read.entry.as_ref().filter(|_| row.faults.is_empty()) else { return planned };
    planned.changes = match registered {
        Some(before) => changes(before, entry),
        None => beginnings(entry),
    };
    planned.outcome = match registered {
        None => Outcome::Created,
        Some(before) if before == entry => Outcome::Unchanged,
        Some(_) => Outcome::Updated,
    };
    if planned.outcome != Outcome::Unchanged {
        let others = named.get(entry.name.zh()).into_iter().flatten().filter(|(code, _)| *code != entry.code);
        planned.notices = others
            .map(|(code, now)| {
                let (zh, en) = if *now { ("现名", "name") } else { ("曾用名", "former name") };
                (
                    format!("{code} 的{zh}也是“{}”。系统按代码登记为两个机构，请核对代码。", entry.name.zh()),
                    format!(
                        "{code} has the same {en}. They are registered as two by their codes: check the code."
                    ),
                )
            })
            .collect();
    }
    planned.entry = Some(entry.clone());
    planned
}
