//! The panel of experts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use zhijian_platform::{Error, Violation};

use super::{
    entry::is_organisation_code,
    relation::{Relation, not_a_day},
    when,
};

const LOADS: std::ops::RangeInclusive<i32> = 1..=200;
const MAX_NAME: usize = 60;
const MAX_PAST: usize = 50;

/// An expert of the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewer {
    /// The expert's account.
    pub account_id: String,
    /// The expert's name.
    pub name: String,
    /// The employer.
    pub organisation_code: String,
    /// Former employers, in order of their codes.
    pub past: Vec<PastEmployer>,
    /// What the expert declared; empty where it was not asked for.
    pub relations: Vec<Relation>,
    /// Major classes and classes: the first two or four digits of programme codes.
    pub expertise: BTreeSet<String>,
    /// How many entries of a round the expert takes.
    pub max_load: i32,
    /// Counts its changes; 0 before it is stored.
    pub version: i64,
}

/// An organisation that an expert has left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct PastEmployer {
    /// The organisation.
    pub organisation_code: String,
    /// When, as exactly as it is known; empty if it is not.
    pub left_on: String,
}

/// Rows from before the time of leaving was asked for hold codes alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Code(String),
    Dated { organisation_code: String, left_on: String },
}

impl From<Stored> for PastEmployer {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Code(organisation_code) => Self { organisation_code, left_on: String::new() },
            Stored::Dated { organisation_code, left_on } => Self { organisation_code, left_on },
        }
    }
}

/// Fields of a reviewer that are wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} fields of the reviewer are wrong", .0.len())]
pub struct ReviewerError(pub Vec<Violation>);

impl Reviewer {
    /// Reads a reviewer as sent. The name may be empty: `display_name`, the account's, then stands in.
    ///
    /// # Errors
    /// [`ReviewerError`] names every field at fault.
    pub fn parse(
        sent: &zhijian_proto::review::v1::Reviewer,
        display_name: &str,
    ) -> Result<Self, ReviewerError> {
        let mut faults = Vec::new();
        let name = if sent.name.trim().is_empty() { display_name } else { sent.name.trim() };
        if name.is_empty() || name.chars().count() > MAX_NAME {
            faults.push(Violation::new(
                "reviewer.name",
                format!("姓名须有 1 到 {MAX_NAME} 字。"),
                format!("The name has 1 to {MAX_NAME} characters."),
            ));
        }
        if !is_organisation_code(&sent.organisation_code) {
            faults.push(not_a_code("reviewer.organisation_code", &sent.organisation_code));
        }
        if sent.past_employers.len() > MAX_PAST {
            faults.push(Violation::new(
                "reviewer.past_employers",
                format!("过往单位最多 {MAX_PAST} 个，请只填近年的单位。"),
                format!("At most {MAX_PAST} past organisations: give those of the last years."),
            ));
        }
        let mut codes = BTreeSet::new();
        for (place, past) in sent.past_employers.iter().enumerate() {
            let field = |part: &str| format!("reviewer.past_employers[{place}].{part}");
            let code = &past.organisation_code;
            if !is_organisation_code(code) {
                faults.push(not_a_code(&field("organisation_code"), code));
            } else if !codes.insert(code) {
                faults.push(Violation::new(
                    field("organisation_code"),
                    format!("过往单位 {code} 填了两次，请只留最近的一次。"),
                    format!("Organisation {code} stands here twice: keep the latest."),
                ));
            }
            if !past.left_on.is_empty() && when::last_day(&past.left_on).is_none() {
                faults.push(not_a_day(&field("left_on"), &past.left_on));
            }
        }
        for (place, class) in sent.expertise.iter().enumerate() {
            if !is_class(class) {
                faults.push(Violation::new(
                    format!("reviewer.expertise[{place}]"),
                    format!("“{class}”不是专业类：请填专业代码的前两位（大类）或前四位（类）数字，如 71、7102。"),
                    format!(
                        "{class:?} is no class: give the first two or four digits of a programme code, such as 71 or 7102."
                    ),
                ));
            }
        }
        if !LOADS.contains(&sent.max_load) {
            faults.push(Violation::new(
                "reviewer.max_load",
                format!("每轮评审数须在 {} 到 {} 之间。", LOADS.start(), LOADS.end()),
                format!("The greatest load is {} to {} entries a round.", LOADS.start(), LOADS.end()),
            ));
        }
        if !faults.is_empty() {
            return Err(ReviewerError(faults));
        }
        Ok(Self {
            account_id: sent.account_id.clone(),
            name: name.to_owned(),
            organisation_code: sent.organisation_code.clone(),
            past: past_of(&sent.past_employers),
            relations: vec![],
            expertise: sent.expertise.iter().cloned().collect(),
            max_load: sent.max_load,
            version: 0,
        })
    }

    /// Every organisation that the expert works or worked for.
    pub fn organisations(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.organisation_code).chain(self.past.iter().map(|past| &past.organisation_code))
    }
}

fn past_of(sent: &[zhijian_proto::review::v1::PastEmployer]) -> Vec<PastEmployer> {
    let mut past: Vec<PastEmployer> = sent
        .iter()
        .map(|one| PastEmployer {
            organisation_code: one.organisation_code.clone(),
            left_on: one.left_on.clone(),
        })
        .collect();
    past.sort();
    past
}

/// Whether a text is a major class or a class of programmes.
pub fn is_class(text: &str) -> bool {
    matches!(text.len(), 2 | 4) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn not_a_code(field: &str, code: &str) -> Violation {
    Violation::new(
        field,
        format!("“{code}”不是单位代码：请填十位数字。"),
        format!("{code:?} is no organisation code: give its ten digits."),
    )
}

impl From<ReviewerError> for Error {
    fn from(ReviewerError(faults): ReviewerError) -> Self {
        Self::Invalid(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(code: &str, left_on: &str) -> zhijian_proto::review::v1::PastEmployer {
        zhijian_proto::review::v1::PastEmployer { organisation_code: code.into(), left_on: left_on.into() }
    }

    #[test]
    fn rows_from_before_leaving_was_dated_are_read() {
        let past: Vec<PastEmployer> =
            serde_json::from_str(r#"["3611000002", {"organisation_code": "3611000003", "left_on": "2023"}]"#)
                .expect("both shapes");
        assert_eq!(past[0].left_on, "");
        assert_eq!(past[1].left_on, "2023");
    }

    fn sent() -> zhijian_proto::review::v1::Reviewer {
        zhijian_proto::review::v1::Reviewer {
            account_id: "acc_1".into(),
            name: String::new(),
            organisation_code: "9311000001".into(),
            past_employers: vec![past("3611000002", "2024"), past("3611000001", "")],
            expertise: vec!["71".into(), "51".into()],
            max_load: 10,
            etag: String::new(),
        }
    }

    #[test]
    fn a_reviewer_without_a_name_takes_the_accounts() {
        let reviewer = Reviewer::parse(&sent(), "张演示").expect("sound");
        assert_eq!(reviewer.name, "张演示");
        assert_eq!(reviewer.organisations().collect::<Vec<_>>(), ["9311000001", "3611000001", "3611000002"]);
    }

    #[test]
    fn every_field_at_fault_is_named() {
        let mut bad = sent();
        bad.organisation_code = "1".into();
        bad.past_employers.push(past("学校", "去年"));
        bad.past_employers.push(past("3611000001", "2024-05"));
        bad.expertise[0] = "7".into();
        bad.max_load = 201;
        let fields: Vec<_> =
            Reviewer::parse(&bad, "").expect_err("refused").0.into_iter().map(|fault| fault.field).collect();
        assert_eq!(
            fields,
            [
                "reviewer.name",
                "reviewer.organisation_code",
                "reviewer.past_employers[2].organisation_code",
                "reviewer.past_employers[2].left_on",
                "reviewer.past_employers[3].organisation_code",
                "reviewer.expertise[0]",
                "reviewer.max_load"
            ]
        );
    }
}
