//! One check of a year.

use rust_decimal::Decimal;
use serde::Deserialize;
use zhijian_platform::Text;

use crate::domain::expression::Expression;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It blocks submission.
    Error,
    /// It wants an explanation.
    Warning,
    /// It is worth knowing.
    Info,
}

/// When a check is run: what the later stages compare is only worth comparing once the earlier ones hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// How things are written.
    Form,
    /// Whether everything is there.
    Structure,
    /// The values of one table.
    Values,
    /// One table against another.
    Across,
    /// Against last year.
    LastYear,
    /// Against what the two platforms hold.
    Platform,
    /// Against the peers.
    Peers,
}

impl Stage {
    /// Every stage, in order.
    #[cfg(test)]
    pub const ALL: [Self; 7] = [
        Self::Form,
        Self::Structure,
        Self::Values,
        Self::Across,
        Self::LastYear,
        Self::Platform,
        Self::Peers,
    ];
}

/// How a check stands to the year before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// No rule of that code was there.
    #[default]
    New,
    /// The rule of that code was another.
    Changed,
    /// It is the same.
    Carried,
}

/// What a rule is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The report as a whole, once.
    #[default]
    Report,
    /// Each cell that can be filled in.
    Cell,
    /// Each section.
    Section,
}

/// What becomes of a rule some of whose values are missing. A value that is 不适用 always makes a rule not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// It does not apply if any is missing.
    #[default]
    SkipIfAny,
    /// It does not apply if all are missing, and fails if some are.
    SkipIfAll,
    /// It fails.
    Never,
}

/// What two values are to each other, whatever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pair {
    /// Both are given or neither.
    Compulsory,
    /// At most one is given.
    Exclusive,
}

/// What must hold.
#[derive(Debug)]
pub enum Test {
    /// An expression that is true.
    Holds(Expression),
    /// That values are given together, or never together.
    Given {
        /// Which of the two.
        pair: Pair,
        /// One side.
        left: Expression,
        /// The other.
        right: Expression,
    },
}

/// One check.
#[derive(Debug)]
pub struct Rule {
    /// Its code, stable over the years.
    pub code: String,
    /// When it is run.
    pub stage: Stage,
    /// How it stands to the year before.
    pub standing: Standing,
    /// The kinds of report it is for.
    pub report_kinds: Vec<String>,
    /// How much a finding weighs.
    pub severity: Severity,
    /// What it is applied to.
    pub scope: Scope,
    /// The cells it is applied to, in scope `cell`; empty means all.
    pub indicators: Vec<String>,
    /// It applies only where this holds.
    pub when: Option<Expression>,
    /// What must hold.
    pub test: Test,
    /// The number that it is about: the left side, where that is one.
    pub measure: Option<Expression>,
    /// What must hold, as it is written.
    pub words: String,
    /// The value of the name `tolerance` in the expressions.
    pub tolerance: Option<Decimal>,
    /// How far the number may move, as a share of itself, while an accepted explanation still answers.
    pub range: Decimal,
    /// What becomes of it where values are missing.
    pub missing: Missing,
    /// What is wrong where it does not hold.
    pub message: Text,
    /// How to mend it.
    pub hint: Text,
    /// Everything that decides what it finds, to compare it with another year's.
    pub(super) gist: String,
}

impl Rule {
    /// The names that its expressions use.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match &self.test {
            Test::Holds(expression) => (expression, None),
            Test::Given { left, right, .. } => (left, Some(right)),
        };
        let all = [Some(first), second, self.when.as_ref()].into_iter().flatten();
        all.flat_map(|expression| expression.names().iter().map(String::as_str))
    }

    /// Whether it finds the same as another and says the same of it.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.gist == other.gist
    }

    /// Tells how it stands to `earlier`, the rules of the year before.
    pub(super) fn compare(&mut self, earlier: &[Self]) {
        self.standing = match earlier.iter().find(|rule| rule.code == self.code) {
            None => Standing::New,
            Some(rule) if rule.says_the_same(self) => Standing::Carried,
            Some(_) => Standing::Changed,
        };
    }
}
