//! The content of a revision, in the one form in which it is hashed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{attachment::Attachment, case::Case, value::Value};

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
/// notation without trailing zeros. Attachments, cases and dismissals are left out where there are none, so that the hashes of
/// revisions from before there were any still hold. An attachment stands for its content by its SHA-256. Whoever has a revision's content can compute its hash again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Content<'a> {
    /// The files, without their contents, oldest first.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub attachments: &'a [Attachment],
    /// The cases, in order.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub cases: &'a [Case],
    /// The cells with a value, by indicator code.
    pub cells: &'a BTreeMap<String, Cell>,
    /// The edition.
    pub cycle_year: i32,
    /// Why findings of the proofreader do not stand, by fingerprint.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dismissals: &'a BTreeMap<String, String>,
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
    /// The canonical form.
    ///
    /// # Errors
    /// None in practice: every key is a text.
    pub fn canonical(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// The SHA-256 of the canonical form, in hex.
    ///
    /// # Errors
    /// None in practice: every key is a text.
    pub fn hash(&self) -> Result<String, serde_json::Error> {
        Ok(format!("{:x}", Sha256::digest(self.canonical()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{attachment::Purpose, case::Picture};

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
            attachments: &[],
            cases: &[],
            cells: &cells,
            cycle_year: 2025,
            dismissals: &BTreeMap::new(),
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
    fn attachments_cases_and_dismissals_are_part_of_what_was_submitted() {
        let attachment = Attachment {
            alt_text: "学生在车间".into(),
            annex_code: String::new(),
            attachment_id: "att_1".into(),
            caption: "实训".into(),
            file_name: "实训.png".into(),
            media_type: "image/png".into(),
            purpose: Purpose::Picture,
            section_code: "talent".into(),
            sha256: "00".repeat(32),
            size: 12,
        };
        let case = Case {
            body: "正文".into(),
            case_id: "cas_1".into(),
            pictures: vec![Picture {
                alt_text: "学生在车间".into(),
                attachment_id: "att_1".into(),
                caption: "实训".into(),
            }],
            section_code: "talent".into(),
            title: "订单班".into(),
        };
        let dismissals = BTreeMap::from([("form.date-1".to_owned(), "引用原文".to_owned())]);
        let content = Content {
            attachments: std::slice::from_ref(&attachment),
            cases: std::slice::from_ref(&case),
            cells: &BTreeMap::new(),
            cycle_year: 2026,
            dismissals: &dismissals,
            explanations: &BTreeMap::new(),
            organisation_code: "4111000001",
            report_kind: "higher",
            sections: &BTreeMap::new(),
            subject_code: "4111000001",
        };
        let zeros = "00".repeat(32);
        assert_eq!(
            serde_json::to_string(&content).unwrap(),
            format!(
                r#"{{"attachments":[{{"alt_text":"学生在车间","annex_code":"","attachment_id":"att_1","caption":"实训","file_name":"实训.png","media_type":"image/png","purpose":"picture","section_code":"talent","sha256":"{zeros}","size":12}}],"cases":[{{"body":"正文","case_id":"cas_1","pictures":[{{"alt_text":"学生在车间","attachment_id":"att_1","caption":"实训"}}],"section_code":"talent","title":"订单班"}}],"cells":{{}},"cycle_year":2026,"dismissals":{{"form.date-1":"引用原文"}},"explanations":{{}},"organisation_code":"4111000001","report_kind":"higher","sections":{{}},"subject_code":"4111000001"}}"#
            )
        );
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
