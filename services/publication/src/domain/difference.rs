//! How the tables of two versions differ, cell by cell.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use zhijian_platform::Text;

use super::table::{Row, Table};

/// How one table differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDifference {
    pub number: String,
    pub title: Text,
    pub change: Change,
}

/// What happened to a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The newer version alone has it.
    Added,
    /// The older version alone has it.
    Removed,
    /// Both have it; these cells differ.
    Cells(Vec<CellDifference>),
}

/// One cell before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellDifference {
    /// Names the line by its words.
    pub row: String,
    pub column: Text,
    /// What is shown; empty where the line or the column is in one of the two alone.
    pub before: String,
    pub after: String,
}

/// The tables that differ, in the order of the newer version, those that are gone last.
pub fn difference(older: &[Table], newer: &[Table]) -> Vec<TableDifference> {
    let before: BTreeMap<&str, &Table> = older.iter().map(|table| (table.number.as_str(), table)).collect();
    let numbers: BTreeSet<&str> = newer.iter().map(|table| table.number.as_str()).collect();
    let of = |table: &Table, change| TableDifference {
        number: table.number.clone(),
        title: table.title.clone(),
        change,
    };
    let changed = newer.iter().filter_map(|table| match before.get(table.number.as_str()) {
        None => Some(of(table, Change::Added)),
        Some(old) => {
            let cells = cells(old, table);
            (!cells.is_empty()).then(|| of(table, Change::Cells(cells)))
        }
    });
    let gone = older.iter().filter(|table| !numbers.contains(table.number.as_str()));
    changed.chain(gone.map(|table| of(table, Change::Removed))).collect()
}

fn cells(older: &Table, newer: &Table) -> Vec<CellDifference> {
    let (old_keys, new_keys) = keys(older, newer);
    let old_rows: HashMap<&str, &Row> = old_keys.iter().map(String::as_str).zip(&older.rows).collect();
    let new_names: BTreeSet<&str> = new_keys.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for (key, row) in new_keys.iter().zip(&newer.rows) {
        compare(&mut found, key, (older, old_rows.get(key.as_str()).copied()), (newer, Some(row)));
    }
    for (key, row) in old_keys.iter().zip(&older.rows) {
        if !new_names.contains(key.as_str()) {
            compare(&mut found, key, (older, Some(row)), (newer, None));
        }
    }
    found
}

/// Compares one line, column by column, as the newer table orders them; columns that are gone come last.
fn compare(
    found: &mut Vec<CellDifference>,
    key: &str,
    (older, old): (&Table, Option<&Row>),
    (newer, new): (&Table, Option<&Row>),
) {
    let shown = |table: &Table, row: Option<&Row>, column: &str| {
        let place = table.columns.iter().position(|one| one.key == column)?;
        Some(row?.cells.get(place)?.display.clone())
    };
    let gone = older.columns.iter().filter(|old| newer.columns.iter().all(|new| new.key != old.key));
    for column in newer.columns.iter().chain(gone) {
        let before = shown(older, old, &column.key).unwrap_or_default();
        let after = shown(newer, new, &column.key).unwrap_or_default();
        if before != after {
            found.push(CellDifference { row: key.to_owned(), column: column.name.clone(), before, after });
        }
    }
}

/// A name for every line of the two tables: its words where these tell all lines of a table apart, else its first cell,
/// else its place.
fn keys(older: &Table, newer: &Table) -> (Vec<String>, Vec<String>) {
    let words = |table: &Table| -> Vec<String> {
        let worded: Vec<bool> = table.columns.iter().map(|column| !column.numeric).collect();
        let of = |row: &Row| -> String {
            let cells = row.cells.iter().zip(&worded).filter(|(_, worded)| **worded);
            cells.map(|(cell, _)| cell.display.as_str()).collect::<Vec<_>>().join(" · ")
        };
        table.rows.iter().map(of).collect()
    };
    let first = |table: &Table| -> Vec<String> {
        let of = |row: &Row| row.cells.first().map(|cell| cell.display.clone()).unwrap_or_default();
        table.rows.iter().map(of).collect()
    };
    let tells_apart = |keys: &[String]| {
        keys.iter().collect::<BTreeSet<_>>().len() == keys.len() && keys.iter().all(|key| !key.is_empty())
    };
    for way in [&words as &dyn Fn(&Table) -> Vec<String>, &first] {
        let (old, new) = (way(older), way(newer));
        if tells_apart(&old) && tells_apart(&new) {
            return (old, new);
        }
    }
    let places = |table: &Table| (1..=table.rows.len()).map(|place| format!("#{place}")).collect();
    (places(older), places(newer))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::table::{Cell, Column};

    fn table(number: &str, rows: &[&[&str]]) -> Table {
        let column = |key: &str, numeric| Column {
            key: key.to_owned(),
            name: Text::new(key, key),
            unit: None,
            numeric,
        };
        Table {
            number: number.to_owned(),
            title: Text::new("题", "Title"),
            source: Text::new("源", "Source"),
            columns: vec![column("name", false), column("a", true), column("b", true)],
            rows: rows
                .iter()
                .map(|cells| Row {
                    cells: cells.iter().map(|cell| Cell::word(*cell)).collect(),
                    total: false,
                })
                .collect(),
        }
    }

    fn cell(row: &str, column: &str, before: &str, after: &str) -> CellDifference {
        CellDifference {
            row: row.to_owned(),
            column: Text::new(column, column),
            before: before.to_owned(),
            after: after.to_owned(),
        }
    }

    #[test]
    fn names_the_cells_that_differ_and_the_tables_that_came_or_went() {
        let older = [table("1", &[&["甲", "1", "2"], &["乙", "3", "4"]]), table("2", &[])];
        let newer = [table("1", &[&["乙", "3", "5"], &["丙", "6", "7"]]), table("3", &[])];
        let found = difference(&older, &newer);
        let numbers: Vec<_> = found.iter().map(|one| one.number.as_str()).collect();
        assert_eq!(numbers, ["1", "3", "2"]);
        let expected = vec![
            cell("乙", "b", "4", "5"),
            cell("丙", "name", "", "丙"),
            cell("丙", "a", "", "6"),
            cell("丙", "b", "", "7"),
            cell("甲", "name", "甲", ""),
            cell("甲", "a", "1", ""),
            cell("甲", "b", "2", ""),
        ];
        assert_eq!(found[0].change, Change::Cells(expected));
        assert_eq!((&found[1].change, &found[2].change), (&Change::Added, &Change::Removed));
    }

    #[test]
    fn lines_that_words_do_not_tell_apart_are_named_by_place() {
        let older = [table("1", &[&["甲", "1", "2"], &["甲", "3", "4"]])];
        let newer = [table("1", &[&["甲", "1", "2"], &["甲", "3", "9"]])];
        assert_eq!(difference(&older, &newer)[0].change, Change::Cells(vec![cell("#2", "b", "4", "9")]));
    }

    fn any_table() -> impl Strategy<Value = Table> {
        proptest::collection::vec(("[甲乙丙]{1,2}", 0_u8..3, 0_u8..3), 0..6).prop_map(|rows| {
            let rows: Vec<Vec<String>> =
                rows.into_iter().map(|(name, a, b)| vec![name, a.to_string(), b.to_string()]).collect();
            let cells: Vec<Vec<&str>> =
                rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
            table("1", &cells.iter().map(Vec::as_slice).collect::<Vec<_>>())
        })
    }

    proptest! {
        #[test]
        fn a_table_does_not_differ_from_itself_and_both_ways_tell_the_same(a in any_table(), b in any_table()) {
            prop_assert_eq!(difference(std::slice::from_ref(&a), std::slice::from_ref(&a)), vec![]);
            let count = |found: Vec<TableDifference>| match found.into_iter().next().map(|one| one.change) {
                Some(Change::Cells(cells)) => cells.len(),
                _ => 0,
            };
            let there = count(difference(std::slice::from_ref(&a), std::slice::from_ref(&b)));
            let back = count(difference(std::slice::from_ref(&b), std::slice::from_ref(&a)));
            prop_assert_eq!(there, back);
        }
    }
}
