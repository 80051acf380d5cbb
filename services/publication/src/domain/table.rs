//! A finished table: headings, rows, and the CSV that the open data serves.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zhijian_platform::Text;

/// A finished table. Its JSON is what the database keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Chapter and place ("2-2").
    pub number: String,
    /// The caption.
    pub title: Text,
    /// What the table was computed from.
    pub source: Text,
    /// The headings, from left to right.
    pub columns: Vec<Column>,
    /// The lines, from top to bottom; each has a cell for every column.
    pub rows: Vec<Row>,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Names the column in JSON.
    pub key: String,
    /// The words of the heading, without the unit.
    pub name: Text,
    /// The unit, where the heading names one.
    pub unit: Option<Text>,
    /// Whether the cells are numbers.
    pub numeric: bool,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// Marks a line of sums.
    pub total: bool,
}

/// One published number or word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What is shown.
    pub display: String,
    /// The unrounded decimal; empty for words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// The English where it differs; else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub display_en: String,
    /// The number's name, by which it is followed back; empty for what was not computed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trace: String,
}

impl Cell {
    /// The cell with its number's name.
    #[must_use]
    pub fn traced(self, trace: String) -> Self {
        Self { trace, ..self }
    }

    /// Words that read the same in both languages: a mark, a grade, a code.
    pub fn word(display: impl Into<String>) -> Self {
        Self { display: display.into(), ..Self::default() }
    }

    /// Words in the two languages.
    pub fn text(text: Text) -> Self {
        let display_en = if text.en == text.zh { String::new() } else { text.en };
        Self { display: text.zh, display_en, ..Self::default() }
    }
}

/// The brackets around a unit in a heading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Brackets {
    /// （万元）
    #[default]
    Full,
    /// (万元)
    Half,
}

impl Brackets {
    /// `name`, and the unit in brackets where there is one, in both languages.
    pub fn join(self, name: Text, unit: Option<&Text>) -> Text {
        match unit {
            None => name,
            Some(unit) => Text::new(
                match self {
                    Self::Full => format!("{}（{}）", name.zh, unit.zh),
                    Self::Half => format!("{}({})", name.zh, unit.zh),
                },
                format!("{} ({})", name.en, unit.en),
            ),
        }
    }
}

/// The table as RFC 4180 CSV with Chinese headings and words: UTF-8 without a byte-order mark, lines ended by CR LF.
///
/// # Errors
/// The writer's own, which memory cannot raise.
pub fn csv(table: &Table, brackets: Brackets) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(
        table.columns.iter().map(|column| brackets.join(column.name.clone(), column.unit.as_ref()).zh),
    )?;
    for row in &table.rows {
        writer.write_record(row.cells.iter().map(|cell| &cell.display))?;
    }
    let bytes =
        writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::from(error.error().kind())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The SHA-256 of `csv`, in hex.
pub fn content_hash(csv: &str) -> String {
    format!("{:x}", Sha256::digest(csv.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(cells: &[&[&str]]) -> Table {
        Table {
            number: "9-9".to_owned(),
            title: Text::new("题", "Title"),
            source: Text::new("源", "Source"),
            columns: vec![
                Column { key: "name".to_owned(), name: Text::new("名", "Name"), unit: None, numeric: false },
                Column {
                    key: "money".to_owned(),
                    name: Text::new("经费", "Money"),
                    unit: Some(Text::new("万元", "CNY 10,000")),
                    numeric: true,
                },
            ],
            rows: cells
                .iter()
                .map(|row| Row { cells: row.iter().map(|cell| Cell::word(*cell)).collect(), total: false })
                .collect(),
        }
    }

    #[test]
    fn quotes_what_needs_quoting_and_puts_units_into_headings() {
        let table = table(&[&["甲,乙", "1"], &["说“好”\"", "2"]]);
        let full = csv(&table, Brackets::Full).expect("in memory");
        assert_eq!(full, "名,经费（万元）\r\n\"甲,乙\",1\r\n\"说“好”\"\"\",2\r\n");
        let half = csv(&table, Brackets::Half).expect("in memory");
        assert!(half.starts_with("名,经费(万元)\r\n"));
    }

    #[test]
    fn the_hash_is_that_of_the_bytes() {
        assert_eq!(content_hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn the_json_reads_back() {
        let table = table(&[&["甲", "1"]]);
        let json = serde_json::to_string(&table).expect("plain data");
        assert_eq!(serde_json::from_str::<Table>(&json).expect("our own"), table);
    }
}
