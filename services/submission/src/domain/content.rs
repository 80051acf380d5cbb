//! The content of a revision, in the one form in which it is hashed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::value::Value;

/// A cell of a revision. An empty cell is not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Whether it was computed from others.
    pub derived: bool,
    /// The submitter's remark.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// What it holds.
    pub value: Value,
}

/// Everything that was submitted.
///
/// Its canonical form is JSON without white space, whose keys stand in alphabetical order; numbers are strings in plain
/// notation without trailing zeros. Whoever has a revision's content can compute its hash again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Content<'a> {
    /// The cells with a value, by indicator code.
    pub cells: &'a BTreeMap<String, Cell>,
    /// The edition.
    pub cycle_year: i32,
    /// The submitter's answers to warnings, by finding.
    pub explanations: &'a BTreeMap<String, String>,
    /// Who submits.
    pub organisation_code: &'a str,
    /// The kind of report.
    pub report_kind: &'a str,
    /// The sections with a text, by code.
    pub sections: &'a BTreeMap<String, String>,
    /// Whom it is about.
    pub subject_code: &'a str,
}

impl Content<'_> {
    /// The SHA-256 of the canonical form, in hex.
    ///
    /// # Errors
    /// None in practice: every key is a text.
    pub fn hash(&self) -> Result<String, serde_json::Error> {
        Ok(format!("{:x}", Sha256::digest(serde_json::to_vec(self)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: Value) -> Cell {
        Cell { derived: false, note: String::new(), value }
    }

    #[test]
    fn the_canonical_form_is_fixed() {
        let mut cells = BTreeMap::new();
        cells.insert("SC02".to_owned(), cell(Value::NotApplicable("无毕业生".into())));
        cells.insert("SC01".to_owned(), cell(Value::Number("12.5".parse().unwrap())));
        let sections = BTreeMap::from([("talent".to_owned(), "育人".to_owned())]);
        let content = Content {
            cells: &cells,
            cycle_year: 2025,
            explanations: &BTreeMap::new(),
            organisation_code: "4111000001",
            report_kind: "higher",
            sections: &sections,
            subject_code: "4111000001",
        };
        assert_eq!(
            serde_json::to_string(&content).unwrap(),
            r#"{"cells":{"SC01":{"derived":false,"value":{"number":"12.5"}},"SC02":{"derived":false,"value":{"not_applicable":"无毕业生"}}},"cycle_year":2025,"explanations":{},"organisation_code":"4111000001","report_kind":"higher","sections":{"talent":"育人"},"subject_code":"4111000001"}"#
        );
        let before = content.hash().unwrap();
        assert_eq!(before.len(), 64);
        let explained = BTreeMap::from([("V10:SC01".to_owned(), "扩招".to_owned())]);
        assert_ne!(before, Content { explanations: &explained, ..content }.hash().unwrap());
    }

    #[test]
    fn cells_read_back() {
        let cells = BTreeMap::from([
            ("A01".to_owned(), cell(Value::Text("yes".into()))),
            (
                "A02".to_owned(),
                Cell { derived: true, note: "注".into(), value: Value::Number("0.10".parse().unwrap()) },
            ),
        ]);
        let text = serde_json::to_string(&cells).unwrap();
        assert_eq!(serde_json::from_str::<BTreeMap<String, Cell>>(&text).unwrap(), cells);
    }
}
