//! The formula.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    input::{Headcount, Input},
    policy::{FormulaKind, Policy, StudyLevel, place_of},
};

/// What would be different from the policy and the input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// How coefficients are put together.
    pub formula: Option<FormulaKind>,
    /// Base amounts.
    pub base: BTreeMap<StudyLevel, Decimal>,
    /// Coefficients by major class.
    pub major_classes: BTreeMap<String, Decimal>,
    /// Coefficients by programme.
    pub programmes: BTreeMap<String, Decimal>,
    /// Performance by part.
    pub performance: BTreeMap<String, Decimal>,
    /// Students by programme.
    pub headcounts: Vec<Headcount>,
}

/// A programme's part of an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The programme.
    pub programme_code: String,
    /// Its students.
    pub students: i32,
    /// Its level.
    pub level: StudyLevel,
    /// Yuan a student.
    pub base: Decimal,
    /// The coefficient of its major class.
    pub major_class: Decimal,
    /// Its own coefficient.
    pub programme: Decimal,
    /// All coefficients together.
    pub factor: Decimal,
    /// Students × base × factor, unrounded.
    pub amount: Decimal,
}

/// What a school gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The school.
    pub organisation_code: String,
    /// The weighed performance coefficient.
    pub performance: Decimal,
    /// Its programmes, in order of code.
    pub lines: Vec<Line>,
    /// Yuan, rounded once from the sum of the lines: half up, two decimals.
    pub amount: Decimal,
}

impl Estimate {
    /// All students counted.
    pub fn students(&self) -> i64 {
        self.lines.iter().map(|line| i64::from(line.students)).sum()
    }
}

/// Yuan and fen, always with both decimals.
pub fn money(amount: Decimal) -> Decimal {
    let mut rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(2);
    rounded
}

/// Works out what a school gets under a policy, with a change.
pub fn estimate(policy: &Policy, input: &Input, change: &Change) -> Estimate {
    let mut input = input.clone();
    input.performance.extend(change.performance.iter().map(|(code, number)| (code.clone(), *number)));
    for changed in &change.headcounts {
        match input.headcounts.iter_mut().find(|one| one.programme_code == changed.programme_code) {
            Some(present) => present.students = changed.students,
            None => input.headcounts.push(changed.clone()),
        }
    }
    input.headcounts.sort_by(|a, b| a.programme_code.cmp(&b.programme_code));
    let performance = input.performance(policy);
    let formula = change.formula.unwrap_or(policy.formula);
    let lines: Vec<Line> = input
        .headcounts
        .iter()
        .filter_map(|one| {
            let (level, class) = place_of(&one.programme_code)?;
            let listed = |list: &[super::Coefficient], code: &str| {
                list.iter()
                    .find(|listed| listed.code == code)
                    .map_or(Decimal::ONE, |listed| listed.coefficient)
            };
            let base =
                change.base.get(&level).or_else(|| policy.base.get(&level)).copied().unwrap_or_default();
            let own = &one.programme_code;
            let major_class = change.major_classes.get(&class).copied();
            let major_class = major_class.unwrap_or_else(|| listed(&policy.major_classes, &class));
            let programme = change.programmes.get(own).copied();
            let programme = programme.unwrap_or_else(|| listed(&policy.programmes, own));
            let factor = joined(formula, [performance, major_class, programme]);
            let amount = Decimal::from(one.students) * base * factor;
            Some(Line {
                programme_code: own.clone(),
                students: one.students,
                level,
                base,
                major_class,
                programme,
                factor,
                amount,
            })
        })
        .collect();
    let amount = money(lines.iter().map(|line| line.amount).sum());
    Estimate { organisation_code: input.organisation_code, performance, lines, amount }
}

fn joined(formula: FormulaKind, coefficients: [Decimal; 3]) -> Decimal {
    match formula {
        FormulaKind::Multiplicative => coefficients.into_iter().product(),
        FormulaKind::Additive => {
            let differences: Decimal = coefficients.into_iter().map(|one| one - Decimal::ONE).sum();
            (Decimal::ONE + differences).max(Decimal::ZERO)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zhijian_platform::rules::RulesDir;

    use super::*;
    use crate::domain::funding::Policies;

    fn policy() -> Policy {
        let day = "2026-06-01".parse().expect("a day");
        Policies::load(&RulesDir::default()).expect("sound").on(day).expect("in force").clone()
    }

    fn number(text: &str) -> Decimal {
        text.parse().expect("a number")
    }

    fn input(headcounts: &[(&str, i32)], performance: &[(&str, &str)]) -> Input {
        let headcount = |(code, students): &(&str, i32)| Headcount {
            programme_code: (*code).into(),
            students: *students,
        };
        Input {
            year: 2026,
            organisation_code: "3611000001".into(),
            headcounts: headcounts.iter().map(headcount).collect(),
            performance: performance.iter().map(|(code, value)| ((*code).into(), number(value))).collect(),
            demonstration: true,
            version: 1,
        }
    }

    #[test]
    fn coefficients_multiply_and_the_sum_is_rounded_once() {
        let school = input(&[("710205", 100), ("730101", 50)], &[("quality", "1.1"), ("finance", "0.95")]);
        let estimated = estimate(&policy(), &school, &Change::default());
        // 0.6 × 1.1 + 0.4 × 0.95 = 1.04; 100 × 10000 × 1.05 × 1.05 × 1.04 + 50 × 10000 × 0.9 × 1.04.
        assert_eq!(estimated.performance, number("1.04"));
        assert_eq!(estimated.lines[0].amount, number("1146600"));
        assert_eq!(estimated.lines[1].amount, number("468000"));
        assert_eq!(estimated.amount, number("1614600.00"));
        let thirds = Change { base: [(StudyLevel::Secondary, number("0.01"))].into(), ..Change::default() };
        let small = input(&[("750101", 1), ("750102", 1)], &[("quality", "0.9"), ("finance", "0.9")]);
        assert_eq!(
            estimate(&policy(), &small, &thirds).amount,
            number("0.02"),
            "0.018, not 0.01 + 0.01 of lines"
        );
    }

    #[test]
    fn a_change_is_worked_out_and_adding_differs_from_multiplying() {
        let school = input(&[("710205", 100)], &[]);
        let change = Change {
            formula: Some(FormulaKind::Additive),
            major_classes: [("11".to_owned(), number("1.2"))].into(),
            headcounts: vec![Headcount { programme_code: "510202".into(), students: 10 }],
            ..Change::default()
        };
        let estimated = estimate(&policy(), &school, &change);
        // Diploma: 10 × 12000 × (1 + 0.2 + 0.05); secondary: 100 × 10000 × 1.25.
        assert_eq!(estimated.amount, number("1400000.00"));
        assert_eq!(estimated.students(), 110);
    }

    proptest! {
        #[test]
        fn more_students_or_a_higher_coefficient_never_get_less(
            students in 0..100_000i32, more in 0..100_000i32, class in 50..200i64, up in 0..100i64,
        ) {
            let policy = policy();
            let with = |students, class| {
                let change = Change {
                    major_classes: [("11".to_owned(), Decimal::new(class, 2))].into(),
                    ..Change::default()
                };
                estimate(&policy, &input(&[("710205", students)], &[]), &change).amount
            };
            let least = with(students, class);
            prop_assert!(with(students + more, class) >= least);
            prop_assert!(with(students, class + up) >= least);
        }

        #[test]
        fn a_school_in_two_halves_gets_the_same_within_a_fen(first in 0..10_000i32, second in 0..10_000i32) {
            let policy = policy();
            let of = |students| estimate(&policy, &input(&[("710205", students)], &[]), &Change::default()).amount;
            let apart: Decimal = of(first) + of(second);
            prop_assert!((of(first + second) - apart).abs() <= Decimal::new(1, 2));
        }
    }
}
