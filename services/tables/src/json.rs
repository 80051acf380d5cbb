//! JSON: each line is an object under the columns' keys; decimals are strings, so that no reader rounds them.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::{Cell, Column, Row, Table, Words};

/// A whole table: `{"title", "columns", "rows", …}` with a member for every fact.
pub fn document(table: &Table) -> impl Serialize + '_ {
    let mut head = serde_json::Map::new();
    head.insert("name".to_owned(), Value::from(table.name.as_str()));
    head.insert("title".to_owned(), words(&table.title));
    for fact in &table.facts {
        head.insert(fact.key.clone(), words(&fact.text));
    }
    Document { head, columns: columns(&table.columns), rows: lines(&table.columns, &table.rows) }
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: serde_json::Map<String, Value>,
    columns: Vec<Value>,
    rows: Vec<Line<'a>>,
}

/// The headings: `{"key", "name", "unit", "numeric"}`.
pub fn columns(columns: &[Column]) -> Vec<Value> {
    let column = |column: &Column| {
        json!({
            "key": column.key,
            "name": words(&column.name),
            "unit": column.unit.as_ref().map(words),
            "numeric": column.numeric,
        })
    };
    columns.iter().map(column).collect()
}

/// The lines, to be written in the order of the columns.
pub fn lines<'a>(columns: &'a [Column], rows: &'a [Row]) -> Vec<Line<'a>> {
    rows.iter().map(|row| Line { row, columns }).collect()
}

/// One line: `{key: {"display", "display_en", "value"}, …}`, and `"total": true` where it is a sum.
pub struct Line<'a> {
    row: &'a Row,
    columns: &'a [Column],
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entry<'a> {
    Total(bool),
    Cell { display: &'a str, display_en: &'a str, value: Option<&'a str> },
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cells =
            self.columns.iter().zip(&self.row.cells).map(|(column, cell)| (column.key.as_str(), entry(cell)));
        let total = self.row.total.then_some(("total", Entry::Total(true)));
        serializer.collect_map(cells.chain(total))
    }
}

fn entry(cell: &Cell) -> Entry<'_> {
    let display_en = if cell.display_en.is_empty() { &cell.display } else { &cell.display_en };
    Entry::Cell { display: &cell.display, display_en, value: (!cell.value.is_empty()).then_some(&cell.value) }
}

fn words(words: &Words) -> Value {
    json!({ "zh": words.zh, "en": words.en })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fact;

    #[test]
    fn keeps_the_order_of_the_columns_and_every_digit() {
        let column = |key: &str, numeric| Column { key: key.into(), numeric, ..Column::default() };
        let table = Table {
            columns: vec![column("grade", false), column("share", true)],
            rows: vec![
                Row {
                    cells: vec![Cell::word("A+"), Cell::number("10.4%", "10.439560439560439560439560440")],
                    total: false,
                },
                Row { cells: vec![Cell::word("合计"), Cell::number("100%", "100")], total: true },
            ],
            facts: vec![Fact {
                key: "source".into(),
                name: Words::new("来源", "Source"),
                text: Words::new("据二轮", "Two rounds"),
            }],
            ..Table::default()
        };
        let json = serde_json::to_string(&document(&table)).expect("plain data");
        let row = r#"{"grade":{"display":"A+","display_en":"A+","value":null},"share":{"display":"10.4%","display_en":"10.4%","value":"10.439560439560439560439560440"}}"#;
        assert!(json.contains(row), "{json}");
        let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(read["source"], serde_json::json!({"zh": "据二轮", "en": "Two rounds"}), "{json}");
        assert!(json.ends_with(r#""total":true}]}"#), "{json}");
    }
}
