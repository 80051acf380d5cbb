//! What a school's funding is worked out from.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_platform::{Error, Violation};
use zhijian_proto::review::v1 as wire;

use super::policy::{Policy, place_of};

/// The most students a programme can be said to have.
const MOST_STUDENTS: i32 = 1_000_000;
/// The most programmes a school can be said to have.
const MOST_PROGRAMMES: usize = 1000;

/// How many students a programme has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headcount {
    /// The programme's code.
    pub programme_code: String,
    /// Its students.
    pub students: i32,
}

/// A school's students and performance of a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The year.
    pub year: i32,
    /// The school.
    pub organisation_code: String,
    /// Its students, in order of programme code.
    pub headcounts: Vec<Headcount>,
    /// Its performance by part; parts that are missing count 1.
    pub performance: BTreeMap<String, Decimal>,
    /// The numbers are invented.
    pub demonstration: bool,
    /// Counts the changes; 0 before the first.
    pub version: i64,
}

/// The rows at fault.
#[derive(Debug, thiserror::Error)]
#[error("the input has faults")]
pub struct InputError(pub Vec<Violation>);

impl From<InputError> for Error {
    fn from(error: InputError) -> Self {
        Self::Invalid(error.0)
    }
}

impl Input {
    /// Reads what was sent; `policy` names the parts and bounds of performance.
    ///
    /// # Errors
    /// Names every row at fault.
    pub fn parse(sent: &wire::FundingInput, policy: &Policy) -> Result<Self, InputError> {
        let mut faults = vec![];
        if !(2000..=2100).contains(&sent.year) {
            faults.push(Violation::new(
                "input.year",
                "年份应在 2000–2100 之间。",
                "The year is between 2000 and 2100.",
            ));
        }
        let headcounts = headcounts("input.headcounts", &sent.headcounts, &mut faults);
        let performance = performance("input.performance", &sent.performance, policy, &mut faults);
        if faults.is_empty() {
            Ok(Self {
                year: sent.year,
                organisation_code: sent.organisation_code.clone(),
                headcounts,
                performance,
                demonstration: sent.demonstration,
                version: 0,
            })
        } else {
            Err(InputError(faults))
        }
    }

    /// The performance coefficient: the parts, weighed.
    pub fn performance(&self, policy: &Policy) -> Decimal {
        let of = |code: &str| self.performance.get(code).copied().unwrap_or(Decimal::ONE);
        policy.parts.iter().map(|part| part.weight * of(&part.code)).sum()
    }
}

/// Reads students by programme; faults are named by `field` and place.
pub fn headcounts(
    field: &str,
    sent: &[wire::FundingHeadcount],
    faults: &mut Vec<Violation>,
) -> Vec<Headcount> {
    if sent.len() > MOST_PROGRAMMES {
        faults.push(Violation::new(
            field,
            format!("一所学校最多填 {MOST_PROGRAMMES} 个专业。"),
            format!("Give at most {MOST_PROGRAMMES} programmes of a school."),
        ));
        return vec![];
    }
    let mut seen = BTreeSet::new();
    let mut read = vec![];
    for (place, one) in sent.iter().enumerate() {
        let code = one.programme_code.trim();
        if place_of(code).is_none() {
            faults.push(Violation::new(
                format!("{field}[{place}].programme_code"),
                format!("“{code}”不是专业代码：应为六位数字，可带后缀 K 或 W。"),
                format!("{code:?} is no programme code: six digits, with K or W where it has a suffix."),
            ));
        } else if !seen.insert(code) {
            faults.push(Violation::new(
                format!("{field}[{place}].programme_code"),
                format!("专业 {code} 出现了两次，请合并为一行。"),
                format!("Programme {code} is there twice: make it one row."),
            ));
        }
        if !(0..=MOST_STUDENTS).contains(&one.students) {
            faults.push(Violation::new(
                format!("{field}[{place}].students"),
                "学生数应为 0–1000000 的整数。",
                "Students are a whole number from 0 to 1,000,000.",
            ));
        }
        read.push(Headcount { programme_code: code.to_owned(), students: one.students });
    }
    read.sort_by(|a, b| a.programme_code.cmp(&b.programme_code));
    read
}

/// Reads performance by part; faults are named by `field` and place.
pub fn performance(
    field: &str,
    sent: &[wire::FundingPerformance],
    policy: &Policy,
    faults: &mut Vec<Violation>,
) -> BTreeMap<String, Decimal> {
    let mut read = BTreeMap::new();
    for (place, one) in sent.iter().enumerate() {
        if !policy.parts.iter().any(|part| part.code == one.part_code) {
            let known: Vec<&str> = policy.parts.iter().map(|part| part.code.as_str()).collect();
            let known = known.join(", ");
            faults.push(Violation::new(
                format!("{field}[{place}].part_code"),
                format!("没有绩效项“{}”；有：{known}。", one.part_code),
                format!("There is no part {:?}; there are: {known}.", one.part_code),
            ));
            continue;
        }
        match one.coefficient.trim().parse::<Decimal>() {
            Ok(number) if (policy.least..=policy.greatest).contains(&number) && number.scale() <= 6 => {
                read.insert(one.part_code.clone(), number.normalize());
            }
            _ => faults.push(Violation::new(
                format!("{field}[{place}].coefficient"),
                format!("绩效系数应在 {}–{} 之间，最多六位小数。", policy.least, policy.greatest),
                format!(
                    "The coefficient is between {} and {}, with at most six decimals.",
                    policy.least, policy.greatest
                ),
            )),
        }
    }
    read
}
