//! The panel of experts as a table: one expert as cells, and what an import would do.

use std::collections::{BTreeSet, HashMap, HashSet};

use zhijian_documents::register::{Fault, Given, Row, Table, narrow};

use super::{
    entry::is_organisation_code,
    panel_cells::{expertise, past, registered, relations},
    panel_columns::COLUMNS,
    relation::Relation,
    reviewer::Reviewer,
};

/// How many rows one import may have.
pub const MOST_ROWS: usize = 5_000;
const LOADS: std::ops::RangeInclusive<i32> = 1..=200;
const MAX_NAME: usize = 60;

/// What is known of an account.
#[derive(Debug, Clone)]
pub struct Account {
    pub account_id: String,
    pub display_name: String,
    /// Whether it holds the reviewer's role.
    pub reviews: bool,
}

/// An expert as a file has it: the entry, and the relations that the chair notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub reviewer: Reviewer,
    /// Nothing leaves those there are.
    pub relations: Option<Vec<Relation>>,
}

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
    /// The sign-in name as far as it could be read.
    pub code: String,
    pub name: String,
    /// The expert as he or she would stand; nothing for a refused row.
    pub listed: Option<Listed>,
    /// What changes: the column's place in [`COLUMNS`], old and new.
    pub changes: Vec<(usize, String, String)>,
}

/// Everything that an import would do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub rows: Vec<Planned>,
    pub faults: Vec<Fault>,
}

/// What rows are read against.
#[derive(Debug, Default)]
pub struct Known {
    /// Accounts by sign-in name.
    pub accounts: HashMap<String, Account>,
    /// The codes of registered organisations, of those in the file.
    pub organisations: HashSet<String>,
    /// The panel by account, with everybody's relations.
    pub panel: HashMap<String, Reviewer>,
}

/// An expert's cells, one a column; empty where there is nothing.
pub fn cells(sign_in_name: &str, reviewer: &Reviewer) -> Vec<String> {
    let past = reviewer.past.iter().map(|past| dated(&past.organisation_code, &past.left_on));
    let relations = reviewer.relations.iter().filter(|relation| !relation.by_self).map(|relation| {
        let programme = match relation.programme_code.as_str() {
            "" => String::new(),
            code => format!("/{code}"),
        };
        let of = format!("{}{programme}", relation.organisation_code);
        format!("{} {}", relation.kind.name().zh, dated(&of, &relation.ended_on))
    });
    vec![
        sign_in_name.to_owned(),
        reviewer.name.clone(),
        reviewer.organisation_code.clone(),
        reviewer.expertise.iter().cloned().collect::<Vec<_>>().join("、"),
        reviewer.max_load.to_string(),
        past.collect::<Vec<_>>().join("；"),
        relations.collect::<Vec<_>>().join("；"),
    ]
}

fn dated(text: &str, date: &str) -> String {
    if date.is_empty() { text.to_owned() } else { format!("{text}（{date}）") }
}

/// Every organisation's code in a table, as far as they can be read.
pub fn organisations(table: &Table<'_>) -> BTreeSet<String> {
    let codes = table.rows.iter().flat_map(|row| {
        ["organisation_code", "past_employers", "relations"]
            .into_iter()
            .flat_map(|key| codes_in(row.raw(key)))
    });
    codes.collect()
}

fn codes_in(text: &str) -> Vec<String> {
    let plain = narrow(text);
    plain
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| is_organisation_code(run))
        .map(str::to_owned)
        .collect()
}

/// Decides what the rows of a file would do.
pub fn plan(table: Table<'_>, known: &Known) -> Plan {
    let mut plan = Plan::default();
    let mut first: HashMap<String, usize> = HashMap::new();
    for mut row in table.rows {
        let sign_in_name = row.wanted("sign_in_name").map(|name| narrow(&name));
        let account = sign_in_name.as_deref().and_then(|name| account(&mut row, name, known));
        if let Some(account) = &account
            && let Some(earlier) = first.insert(account.account_id.clone(), row.number)
        {
            row.refuse(
                "sign_in_name",
                format!("与第 {earlier} 行是同一位专家，请只保留一行。"),
                format!("Row {earlier} is the same expert: keep one of them."),
            );
        }
        let before = account.as_ref().and_then(|account| known.panel.get(&account.account_id));
        let listed = read(&mut row, account.as_ref(), before, known).filter(|_| row.faults.is_empty());
        let code = sign_in_name.unwrap_or_default();
        plan.rows.push(planned(&row, code, listed, before));
        plan.faults.append(&mut row.faults);
    }
    plan
}

fn account(row: &mut Row<'_>, name: &str, known: &Known) -> Option<Account> {
    match known.accounts.get(name) {
        None => {
            row.refuse(
                "sign_in_name",
                format!("没有登录名为“{name}”的账户，请先开户或更正登录名。"),
                format!("No account signs in as {name:?}: create it first or correct the name."),
            );
            None
        }
        Some(account) if !account.reviews => {
            row.refuse(
                "sign_in_name",
                "该账户没有评审专家角色，请先授予该角色。",
                "The account does not hold the reviewer's role: grant it first.",
            );
            None
        }
        Some(account) => Some(account.clone()),
    }
}

/// The row over what is registered.
fn read(
    row: &mut Row<'_>,
    account: Option<&Account>,
    before: Option<&Reviewer>,
    known: &Known,
) -> Option<Listed> {
    let name = row.text("name").over(before.map(|before| before.name.clone()));
    let name = name.or_else(|| account.map(|account| account.display_name.clone())).unwrap_or_default();
    if name.chars().count() > MAX_NAME {
        row.refuse(
            "name",
            format!("姓名最多 {MAX_NAME} 字。"),
            format!("A name has at most {MAX_NAME} characters."),
        );
    }
    let organisation = match row.code("organisation_code", 10) {
        Given::Some(code) => Some(code),
        _ if row.faults.is_empty() && row.raw("organisation_code").trim().is_empty() => {
            row.refuse("organisation_code", "请填写此项。", "Fill this in.");
            None
        }
        _ => None,
    };
    if let Some(code) = &organisation {
        registered(row, "organisation_code", code, known);
    }
    let expertise = expertise(row).over(before.map(|before| before.expertise.clone())).unwrap_or_default();
    let max_load = row.count("max_load").over(before.map(|before| before.max_load));
    match max_load {
        Some(load) if LOADS.contains(&load) => {}
        Some(_) => row.refuse(
            "max_load",
            format!("每轮评审数须在 {} 到 {} 之间。", LOADS.start(), LOADS.end()),
            format!("The greatest load is {} to {} entries a round.", LOADS.start(), LOADS.end()),
        ),
        None if row.raw("max_load").trim().is_empty() => {
            row.refuse("max_load", "新登记的专家请填写每轮评审上限。", "Say how many a new expert takes.");
        }
        None => {}
    }
    let past = past(row, known).over(before.map(|before| before.past.clone())).unwrap_or_default();
    let account_id = account.map(|account| account.account_id.clone()).unwrap_or_default();
    let relations = match relations(row, &account_id, known) {
        Given::Nothing => None,
        Given::None => Some(vec![]),
        Given::Some(relations) => Some(relations),
    };
    Some(Listed {
        reviewer: Reviewer {
            account_id,
            name,
            organisation_code: organisation?,
            past,
            relations: before.map(|before| before.relations.clone()).unwrap_or_default(),
            expertise,
            max_load: max_load?,
            version: before.map(|before| before.version).unwrap_or_default(),
        },
        relations,
    })
}

fn planned(row: &Row<'_>, code: String, listed: Option<Listed>, before: Option<&Reviewer>) -> Planned {
    let Some(listed) = listed else {
        let name = row.raw("name").trim().to_owned();
        return Planned {
            row: row.number,
            outcome: Outcome::Refused,
            code,
            name,
            listed: None,
            changes: vec![],
        };
    };
    let now = cells(&code, &after(&listed));
    let was = before.map(|before| cells(&code, before)).unwrap_or_else(|| vec![String::new(); COLUMNS.len()]);
    let changes: Vec<(usize, String, String)> = now
        .into_iter()
        .zip(was)
        .enumerate()
        .filter(|(_, (now, was))| now != was)
        .map(|(place, (now, was))| (place, was, now))
        .collect();
    let outcome = match before {
        None => Outcome::Created,
        Some(_) if changes.is_empty() => Outcome::Unchanged,
        Some(_) => Outcome::Updated,
    };
    let name = listed.reviewer.name.clone();
    Planned { row: row.number, outcome, code, name, listed: Some(listed), changes }
}

/// The expert with the relations that the row gives in the place of the chair's.
fn after(listed: &Listed) -> Reviewer {
    let mut reviewer = listed.reviewer.clone();
    if let Some(given) = &listed.relations {
        reviewer.relations.retain(|relation| relation.by_self);
        reviewer.relations.extend(given.iter().cloned());
    }
    reviewer
}

#[cfg(test)]
mod tests {
    use zhijian_documents::{
        Limits,
        register::{csv, grids, read as read_table, xlsx},
        sheet,
    };

    use super::*;

    fn known() -> Known {
        let account =
            |id: &str, reviews| Account {
                account_id: id.into(), display_name: format!("专家{id}"), reviews
            };
        Known {
            accounts: HashMap::from([
                ("zhang".to_owned(), account("acc_1", true)),
                ("li".to_owned(), account("acc_2", true)),
                ("clerk".to_owned(), account("acc_3", false)),
            ]),
            organisations: ["3611000001", "3611000002", "9311000001"].map(str::to_owned).into(),
            panel: HashMap::new(),
        }
    }

    fn planned_of(rows: &[[&str; 7]], known: &Known) -> Plan {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
        let book = sheet::read("a.csv", &csv(COLUMNS, rows), &Limits::default()).expect("readable");
        let grids = grids(&book);
        plan(read_table(&grids, COLUMNS, MOST_ROWS).expect("a table"), known)
    }

    #[test]
    fn what_is_written_is_read_again_and_changes_nothing() {
        let mut known = known();
        let first = planned_of(
            &[[
                "zhang",
                "张演示",
                "9311000001",
                "71、5102",
                "12",
                "3611000001（2023-08）；3611000002",
                "亲属 3611000001；合著者：3611000002/710201(2022)",
            ]],
            &known,
        );
        assert_eq!(first.faults, []);
        assert_eq!(first.rows[0].outcome, Outcome::Created);
        let reviewer = after(first.rows[0].listed.as_ref().expect("sound"));
        assert_eq!(reviewer.past[0].left_on, "2023-08");
        assert_eq!(reviewer.relations[1].programme_code, "710201");
        assert_eq!(reviewer.relations[1].ended_on, "2022");
        let cells = cells("zhang", &reviewer);
        known.panel.insert("acc_1".into(), reviewer);
        for (name, file) in [
            ("a.csv", csv(COLUMNS, vec![cells.clone()])),
            ("a.xlsx", xlsx("专家", COLUMNS, &[cells]).expect("written")),
        ] {
            let book = sheet::read(name, &file, &Limits::default()).expect("readable");
            let grids = grids(&book);
            let again = plan(read_table(&grids, COLUMNS, MOST_ROWS).expect("a table"), &known);
            assert_eq!((again.faults, again.rows[0].outcome), (vec![], Outcome::Unchanged), "{name}");
        }
        let cleared = planned_of(&[["zhang", "", "3611000002", "", "", "—", "—"]], &known);
        let planned = &cleared.rows[0];
        assert_eq!(planned.outcome, Outcome::Updated);
        let changed: Vec<_> = planned.changes.iter().map(|(place, ..)| COLUMNS[*place].key).collect();
        assert_eq!(changed, ["organisation_code", "past_employers", "relations"]);
    }

    #[test]
    fn faults_name_row_and_column() {
        let plan = planned_of(
            &[
                ["zhang", "", "9311000001", "7", "0", "3611000009", "朋友 3611000001"],
                ["nobody", "", "93", "71", "5", "", ""],
                ["clerk", "", "9311000001", "71", "5", "3611000001（去年）", ""],
                ["li", "", "9311000001", "71", "", "", ""],
                ["zhang", "", "9311000001", "71", "5", "", ""],
            ],
            &known(),
        );
        let told: Vec<_> = plan.faults.iter().map(|fault| (fault.row, fault.column.as_str())).collect();
        assert_eq!(
            told,
            [
                (2, "D"),
                (2, "E"),
                (2, "F"),
                (2, "G"),
                (3, "A"),
                (3, "C"),
                (4, "A"),
                (4, "F"),
                (5, "E"),
                (6, "A")
            ]
        );
        assert!(plan.rows.iter().all(|row| row.outcome == Outcome::Refused));
    }
}
