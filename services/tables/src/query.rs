//! Part of a table: some columns, the lines that meet every condition, the lines that contain a text.

use rust_decimal::Decimal;

use crate::{Cell, Column, Row, Table};

/// The most conditions in one query.
pub const MAX_CONDITIONS: usize = 16;
/// The longest text that is looked for, in characters.
pub const MAX_SEARCH: usize = 200;

/// What is asked of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    columns: Option<Vec<String>>,
    conditions: Vec<Condition>,
    search: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    column: String,
    test: Test,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    Has,
}

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No such column.
    #[error("there is no column {column:?}")]
    Column {
        /// What was named.
        column: String,
        /// The keys there are.
        known: Vec<String>,
    },
    /// A column is asked for twice.
    #[error("column {column:?} is asked for twice")]
    Twice {
        /// The column.
        column: String,
    },
    /// A condition is not `column:test:value`.
    #[error("not a condition: {text:?}")]
    Condition {
        /// What was given.
        text: String,
    },
    /// Order is asked of words.
    #[error("column {column:?} holds words, which have no order")]
    Words {
        /// The column.
        column: String,
    },
    /// A number is compared with something else.
    #[error("{value:?} is not a number")]
    Number {
        /// What was given.
        value: String,
    },
    /// Too many conditions.
    #[error("more than {MAX_CONDITIONS} conditions")]
    Conditions,
    /// The text looked for is too long.
    #[error("the text looked for has more than {MAX_SEARCH} characters")]
    Search,
}

impl Query {
    /// Reads `columns` ("grade,count"), each of `conditions` ("count:ge:10"), and the text that lines must contain. The
    /// tests are `eq`, `ne`, `lt`, `le`, `gt`, `ge`, and `has` for a part of the text.
    ///
    /// # Errors
    /// The first [`Fault`] that shows without the table.
    pub fn parse<'a>(
        columns: Option<&str>,
        conditions: impl IntoIterator<Item = &'a str>,
        search: Option<&str>,
    ) -> Result<Self, Fault> {
        let columns =
            columns.filter(|list| !list.is_empty()).map(|list| list.split(',').map(str::to_owned).collect());
        let conditions: Vec<Condition> = conditions.into_iter().map(condition).collect::<Result<_, _>>()?;
        if conditions.len() > MAX_CONDITIONS {
            return Err(Fault::Conditions);
        }
        let search = search.map(str::trim).filter(|text| !text.is_empty());
        if search.is_some_and(|text| text.chars().count() > MAX_SEARCH) {
            return Err(Fault::Search);
        }
        Ok(Self { columns, conditions, search: search.map(str::to_lowercase) })
    }

    /// Whether everything is asked for.
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// The part of `table` that is asked for. Conditions see every column, also those left out.
    ///
    /// # Errors
    /// A [`Fault`] that shows in this table.
    pub fn run(&self, mut table: Table) -> Result<Table, Fault> {
        let tests =
            self.conditions.iter().map(|one| resolve(one, &table.columns)).collect::<Result<Vec<_>, _>>()?;
        let kept = match &self.columns {
            Some(keys) => Some(positions(keys, &table.columns)?),
            None => None,
        };
        table.rows.retain(|row| tests.iter().all(|test| test.holds(row)) && self.contains(row));
        if let Some(kept) = kept {
            table.columns = kept.iter().map(|&at| table.columns[at].clone()).collect();
            for row in &mut table.rows {
                row.cells = kept.iter().map(|&at| row.cells[at].clone()).collect();
            }
        }
        Ok(table)
    }

    fn contains(&self, row: &Row) -> bool {
        let Some(text) = &self.search else { return true };
        let has = |cell: &Cell| has(cell, text);
        row.cells.iter().any(has)
    }
}

fn condition(text: &str) -> Result<Condition, Fault> {
    let bad = || Fault::Condition { text: text.chars().take(MAX_SEARCH).collect() };
    let mut parts = text.splitn(3, ':');
    let (Some(column), Some(test), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(bad());
    };
    let test = match test {
        "eq" => Test::Equal,
        "ne" => Test::Unequal,
        "lt" => Test::Less,
        "le" => Test::AtMost,
        "gt" => Test::More,
        "ge" => Test::AtLeast,
        "has" => Test::Has,
        _ => return Err(bad()),
    };
    Ok(Condition { column: column.to_owned(), test, value: value.to_owned() })
}

fn positions(keys: &[String], columns: &[Column]) -> Result<Vec<usize>, Fault> {
    let mut kept = Vec::with_capacity(keys.len());
    for key in keys {
        let at = position(key, columns)?;
        if kept.contains(&at) {
            return Err(Fault::Twice { column: key.clone() });
        }
        kept.push(at);
    }
    Ok(kept)
}

fn position(key: &str, columns: &[Column]) -> Result<usize, Fault> {
    columns.iter().position(|column| column.key == key).ok_or_else(|| Fault::Column {
        column: key.chars().take(MAX_SEARCH).collect(),
        known: columns.iter().map(|column| column.key.clone()).collect(),
    })
}

/// A condition that knows its column.
struct Resolved<'a> {
    at: usize,
    test: Test,
    value: &'a str,
    number: Option<Decimal>,
}

fn resolve<'a>(condition: &'a Condition, columns: &[Column]) -> Result<Resolved<'a>, Fault> {
    let at = position(&condition.column, columns)?;
    let ordered = matches!(condition.test, Test::Less | Test::AtMost | Test::More | Test::AtLeast);
    let number = Decimal::from_str_exact(&condition.value).ok();
    if ordered && !columns[at].numeric {
        return Err(Fault::Words { column: condition.column.clone() });
    }
    if ordered && number.is_none() {
        return Err(Fault::Number { value: condition.value.chars().take(MAX_SEARCH).collect() });
    }
    let number = number.filter(|_| columns[at].numeric);
    Ok(Resolved { at, test: condition.test, value: &condition.value, number })
}

impl Resolved<'_> {
    fn holds(&self, row: &Row) -> bool {
        let cell = &row.cells[self.at];
        let order = || cell.decimal().zip(self.number).map(|(cell, given)| cell.cmp(&given));
        match self.test {
            Test::Equal => self.equals(cell),
            Test::Unequal => !self.equals(cell),
            Test::Less => order().is_some_and(std::cmp::Ordering::is_lt),
            Test::AtMost => order().is_some_and(std::cmp::Ordering::is_le),
            Test::More => order().is_some_and(std::cmp::Ordering::is_gt),
            Test::AtLeast => order().is_some_and(std::cmp::Ordering::is_ge),
            Test::Has => has(cell, &self.value.to_lowercase()),
        }
    }

    /// As a number where both are one; else as printed in either language.
    fn equals(&self, cell: &Cell) -> bool {
        match cell.decimal().zip(self.number) {
            Some((cell, given)) => cell == given,
            None => {
                cell.display == self.value || (!cell.display_en.is_empty() && cell.display_en == self.value)
            }
        }
    }
}

/// Whether a cell contains a text in small letters.
fn has(cell: &Cell, text: &str) -> bool {
    cell.display.to_lowercase().contains(text) || cell.display_en.to_lowercase().contains(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table() -> Table {
        let row = |name: &str, count: &str| Row {
            cells: vec![
                Cell::word(name),
                Cell { display: count.into(), value: count.into(), ..Cell::default() },
            ],
            total: false,
        };
        Table {
            columns: vec![
                Column { key: "grade".into(), ..Column::default() },
                Column { key: "count".into(), numeric: true, ..Column::default() },
            ],
            rows: vec![row("A+", "19"), row("A", "20.5"), row("B-", ""), row("C", "-3")],
            ..Table::default()
        }
    }

    fn ask(columns: Option<&str>, conditions: &[&str], search: Option<&str>) -> Result<Vec<String>, Fault> {
        let found = Query::parse(columns, conditions.iter().copied(), search)?.run(table())?;
        Ok(found
            .rows
            .iter()
            .map(|row| row.cells.iter().map(|cell| &*cell.display).collect::<Vec<_>>().join("|"))
            .collect())
    }

    #[test]
    fn conditions_compare_numbers_as_numbers_and_words_as_words() {
        assert_eq!(ask(None, &["count:gt:19.0"], None).expect("sound"), ["A|20.5"]);
        assert_eq!(ask(None, &["count:eq:19.00"], None).expect("sound"), ["A+|19"]);
        assert_eq!(ask(None, &["count:le:19", "grade:ne:C"], None).expect("sound"), ["A+|19"]);
        assert_eq!(ask(Some("grade"), &["count:eq:"], None).expect("sound"), ["B-"], "an empty cell");
        assert_eq!(ask(Some("count,grade"), &["grade:has:a"], None).expect("sound"), ["19|A+", "20.5|A"]);
        assert_eq!(ask(None, &[], Some(" c ")).expect("sound"), ["C|-3"]);
    }

    #[test]
    fn says_what_is_wrong() {
        let known = vec!["grade".to_owned(), "count".to_owned()];
        assert_eq!(ask(Some("size"), &[], None), Err(Fault::Column { column: "size".into(), known }));
        assert_eq!(ask(Some("grade,grade"), &[], None), Err(Fault::Twice { column: "grade".into() }));
        assert_eq!(ask(None, &["count>3"], None), Err(Fault::Condition { text: "count>3".into() }));
        assert_eq!(ask(None, &["count:over:3"], None), Err(Fault::Condition { text: "count:over:3".into() }));
        assert_eq!(ask(None, &["grade:lt:B"], None), Err(Fault::Words { column: "grade".into() }));
        assert_eq!(ask(None, &["count:lt:many"], None), Err(Fault::Number { value: "many".into() }));
        assert_eq!(ask(None, &["count:lt:1"; 17], None), Err(Fault::Conditions));
        assert_eq!(ask(None, &[], Some(&"字".repeat(201))), Err(Fault::Search));
    }

    proptest! {
        #[test]
        fn a_test_and_its_opposite_part_the_lines_with_a_number(bound in -100_i64..100) {
            let below = ask(None, &[&format!("count:lt:{bound}")], None).expect("sound");
            let rest = ask(None, &[&format!("count:ge:{bound}")], None).expect("sound");
            prop_assert_eq!(below.len() + rest.len(), 3);
            prop_assert!(below.iter().all(|line| !rest.contains(line)));
        }

        #[test]
        fn no_argument_panics(columns in ".{0,30}", condition in ".{0,30}", search in ".{0,300}") {
            let _ = ask(Some(&columns), &[&condition], Some(&search));
        }
    }
}
