//! The panel of experts.

use std::collections::BTreeSet;

use zhijian_platform::{Error, Violation};

use super::entry::is_organisation_code;

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
    /// Former employers.
    pub past: BTreeSet<String>,
    /// Major classes: the first two digits of programme codes.
    pub expertise: BTreeSet<String>,
    /// How many entries of a round the expert takes.
    pub max_load: i32,
    /// Counts its changes; 0 before it is stored.
    pub version: i64,
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
        if sent.past_organisation_codes.len() > MAX_PAST {
            faults.push(Violation::new(
                "reviewer.past_organisation_codes",
                format!("过往单位最多 {MAX_PAST} 个，请只填近年的单位。"),
                format!("At most {MAX_PAST} past organisations: give those of the last years."),
            ));
        }
        for (place, code) in sent.past_organisation_codes.iter().enumerate() {
            if !is_organisation_code(code) {
                faults.push(not_a_code(&format!("reviewer.past_organisation_codes[{place}]"), code));
            }
        }
        for (place, class) in sent.expertise.iter().enumerate() {
            if class.len() != 2 || !class.bytes().all(|byte| byte.is_ascii_digit()) {
                faults.push(Violation::new(
                    format!("reviewer.expertise[{place}]"),
                    format!("“{class}”不是专业大类：请填专业代码的前两位数字，如 71。"),
                    format!("{class:?} is no major class: give the first two digits of a programme code, such as 71."),
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
            past: sent.past_organisation_codes.iter().cloned().collect(),
            expertise: sent.expertise.iter().cloned().collect(),
            max_load: sent.max_load,
            version: 0,
        })
    }

    /// Every organisation that the expert works or worked for.
    pub fn organisations(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.organisation_code).chain(&self.past)
    }
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

    fn sent() -> zhijian_proto::review::v1::Reviewer {
        zhijian_proto::review::v1::Reviewer {
            account_id: "acc_1".into(),
            name: String::new(),
            organisation_code: "9311000001".into(),
            past_organisation_codes: vec!["3611000002".into(), "3611000002".into()],
            expertise: vec!["71".into(), "51".into()],
            max_load: 10,
            etag: String::new(),
        }
    }

    #[test]
    fn a_reviewer_without_a_name_takes_the_accounts() {
        let reviewer = Reviewer::parse(&sent(), "张演示").expect("sound");
        assert_eq!(reviewer.name, "张演示");
        assert_eq!(reviewer.organisations().collect::<Vec<_>>(), ["9311000001", "3611000002"]);
    }

    #[test]
    fn every_field_at_fault_is_named() {
        let mut bad = sent();
        bad.organisation_code = "1".into();
        bad.past_organisation_codes[1] = "学校".into();
        bad.expertise[0] = "7".into();
        bad.max_load = 201;
        let fields: Vec<_> =
            Reviewer::parse(&bad, "").expect_err("refused").0.into_iter().map(|fault| fault.field).collect();
        assert_eq!(
            fields,
            [
                "reviewer.name",
                "reviewer.organisation_code",
                "reviewer.past_organisation_codes[1]",
                "reviewer.expertise[0]",
                "reviewer.max_load"
            ]
        );
    }
}
