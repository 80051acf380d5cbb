//! Between the contract and the domain.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use zhijian_platform::{Error, Text, Violation};
use zhijian_proto::{
    common::v1 as common,
    review::v1::{self as wire, funding_policy::Formula},
};

use crate::domain::funding::{
    Change, Coefficient, Estimate, FormulaKind, Input, Line, Policy, StudyLevel, headcounts, money,
    performance, place_of, sensible, sensible_base,
};

fn text(text: &Text) -> Option<common::Text> {
    Some(common::Text { zh: text.zh.clone(), en: text.en.clone() })
}

/// A policy for the wire.
pub fn policy(policy: &Policy) -> wire::FundingPolicy {
    let coefficients = |list: &[Coefficient]| {
        list.iter()
            .map(|one| wire::FundingCoefficient {
                code: one.code.clone(),
                name: text(&one.name),
                coefficient: one.coefficient.to_string(),
            })
            .collect()
    };
    let formula = match policy.formula {
        FormulaKind::Multiplicative => Formula::Multiplicative,
        FormulaKind::Additive => Formula::Additive,
    };
    wire::FundingPolicy {
        code: policy.code.clone(),
        name: text(&policy.name),
        valid_from: policy.valid_from.to_string(),
        valid_to: policy.valid_to.map(|day| day.to_string()).unwrap_or_default(),
        formula: formula.into(),
        base: policy
            .base
            .iter()
            .map(|(level, amount)| wire::FundingBase {
                level_code: level.code().to_owned(),
                name: text(&level.name()),
                amount: amount.to_string(),
            })
            .collect(),
        major_classes: coefficients(&policy.major_classes),
        programmes: coefficients(&policy.programmes),
        performance: policy
            .parts
            .iter()
            .map(|part| wire::FundingPart {
                code: part.code.clone(),
                name: text(&part.name),
                weight: part.weight.to_string(),
            })
            .collect(),
        least_performance: policy.least.to_string(),
        greatest_performance: policy.greatest.to_string(),
        note: text(&policy.note),
    }
}

/// What is stored, for the wire.
pub fn input(input: Input) -> wire::FundingInput {
    wire::FundingInput {
        year: input.year,
        organisation_code: input.organisation_code,
        headcounts: input
            .headcounts
            .into_iter()
            .map(|one| wire::FundingHeadcount { programme_code: one.programme_code, students: one.students })
            .collect(),
        performance: input
            .performance
            .into_iter()
            .map(|(part_code, number)| wire::FundingPerformance {
                part_code,
                coefficient: number.to_string(),
            })
            .collect(),
        demonstration: input.demonstration,
        etag: zhijian_platform::etag::of(input.version),
    }
}

/// An amount for the wire; with its programmes if they are asked for.
pub fn estimate(
    estimate: Estimate,
    unchanged: Decimal,
    demonstration: bool,
    organisation_name: Option<common::Text>,
    with_lines: bool,
) -> wire::FundingEstimate {
    let line = |line: Line| wire::FundingLine {
        programme_code: line.programme_code,
        students: line.students,
        level_code: line.level.code().to_owned(),
        base: line.base.to_string(),
        major_class: line.major_class.to_string(),
        programme: line.programme.to_string(),
        factor: line.factor.normalize().to_string(),
        amount: money(line.amount).to_string(),
    };
    wire::FundingEstimate {
        amount: estimate.amount.to_string(),
        unchanged_amount: unchanged.to_string(),
        students: i32::try_from(estimate.students()).unwrap_or(i32::MAX),
        performance: estimate.performance.normalize().to_string(),
        organisation_code: estimate.organisation_code,
        organisation_name,
        lines: if with_lines { estimate.lines.into_iter().map(line).collect() } else { vec![] },
        demonstration,
    }
}

/// Reads a change; `of_one` says that a single school is asked for.
///
/// # Errors
/// Names every field at fault.
pub fn change(sent: &wire::FundingChange, policy: &Policy, of_one: bool) -> Result<Change, Error> {
    let mut faults = vec![];
    let of_school = !sent.performance.is_empty() || !sent.headcounts.is_empty();
    if of_school && !of_one {
        faults.push(Violation::new(
            "organisation_code",
            "改动学生数或绩效系数时，请指明学校。",
            "Say which school the changed students or performance are of.",
        ));
    }
    let mut base = BTreeMap::new();
    for (place, one) in sent.base.iter().enumerate() {
        let amount = one.amount.trim().parse::<Decimal>().ok().filter(|amount| sensible_base(*amount));
        match (StudyLevel::of_code(&one.level_code), amount) {
            (Some(level), Some(amount)) => {
                base.insert(level, amount);
            }
            (None, _) => faults.push(Violation::new(
                format!("change.base[{place}].level_code"),
                "层次应为 secondary、diploma 或 bachelor。",
                "Levels are secondary, diploma and bachelor.",
            )),
            (_, None) => faults.push(Violation::new(
                format!("change.base[{place}].amount"),
                "生均基准应为 0–10000000 元，最多两位小数。",
                "A base is 0 to 10,000,000 yuan with at most two decimals.",
            )),
        }
    }
    let is_class = |code: &str| (1..=19).any(|class| code == format!("{class:02}"));
    let major_classes = coefficients("change.major_classes", &sent.major_classes, is_class, &mut faults);
    let is_programme = |code: &str| place_of(code).is_some();
    let programmes = coefficients("change.programmes", &sent.programmes, is_programme, &mut faults);
    let performance = performance("change.performance", &sent.performance, policy, &mut faults);
    let headcounts = headcounts("change.headcounts", &sent.headcounts, &mut faults);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let formula = match sent.formula() {
        Formula::Unspecified => None,
        Formula::Multiplicative => Some(FormulaKind::Multiplicative),
        Formula::Additive => Some(FormulaKind::Additive),
    };
    Ok(Change { formula, base, major_classes, programmes, performance, headcounts })
}

fn coefficients(
    field: &str,
    sent: &[wire::FundingCoefficient],
    is_code: impl Fn(&str) -> bool,
    faults: &mut Vec<Violation>,
) -> BTreeMap<String, Decimal> {
    let mut read = BTreeMap::new();
    for (place, one) in sent.iter().enumerate() {
        let code = one.code.trim();
        if !is_code(code) {
            faults.push(Violation::new(
                format!("{field}[{place}].code"),
                format!("“{code}”不是有效的代码：大类为 01–19，专业为六位代码。"),
                format!("{code:?} is no such code: classes are 01 to 19, programmes have six digits."),
            ));
        }
        match one.coefficient.trim().parse::<Decimal>() {
            Ok(number) if sensible(number) => {
                read.insert(code.to_owned(), number);
            }
            _ => faults.push(Violation::new(
                format!("{field}[{place}].coefficient"),
                "系数应大于 0、不超过 10，最多六位小数。",
                "A coefficient is above 0 and at most 10, with at most six decimals.",
            )),
        }
    }
    read
}
