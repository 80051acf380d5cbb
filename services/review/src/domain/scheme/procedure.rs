//! Procedures as their files have them: steps with who acts, what is brought, where outcomes lead and what must hold.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_platform::Text;

use crate::domain::entry::Kind;

/// The steps of a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// What kind of thing its items are.
    pub subject: Kind,
    /// Where its items come from.
    pub gather: Gather,
    /// How many items a school may bring; no bound if absent.
    pub most_per_school: Option<u32>,
    /// Whether the grades stay sealed until a release shows them; otherwise the conclusion of the review does.
    #[serde(default)]
    pub sealed_until_release: bool,
    /// The steps, in order. None is skipped, unless it says so itself.
    pub steps: Vec<Step>,
    /// How an item may end.
    pub ends: Vec<End>,
}

/// Where items come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gather {
    /// Schools apply.
    Applications,
    /// The programmes of the register that the scheme selects.
    Programmes,
    /// The accepted reports of the cycle.
    Reports,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Identifies it within the scheme.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// What is to be done.
    pub description: Option<Text>,
    /// Who acts.
    pub actor: Actor,
    /// How long it may take from the day on which an item comes to it; no date if absent.
    pub working_days: Option<u32>,
    /// The panel's experts score, and the grade is the outcome.
    #[serde(default)]
    pub review: bool,
    /// Items may pass it by.
    #[serde(default)]
    pub optional: bool,
    /// What is brought.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// The ways out of it.
    pub outcomes: Vec<Way>,
    /// What must hold before it is taken.
    #[serde(default)]
    pub guards: Vec<Guard>,
}

/// Who acts in a step: a role, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// The school whose item it is.
    School,
    /// The organisation that supervises the school.
    Supervisor,
    /// The region's commission.
    Commission,
    /// The chair of the experts.
    Chair,
    /// The publisher.
    Publisher,
}

/// Something that is brought in a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Identifies it within its step.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// What is written in it.
    pub kind: FieldKind,
    /// What belongs in it.
    pub hint: Option<Text>,
    /// The unit of a number or of money.
    pub unit: Option<Text>,
    /// The step may be taken without it.
    #[serde(default)]
    pub optional: bool,
    /// Digits after the point that a number or money may carry.
    #[serde(default = "two")]
    pub decimals: u32,
    /// The least number.
    pub least: Option<Decimal>,
    /// The greatest number.
    pub most: Option<Decimal>,
    /// How many characters a text may have.
    #[serde(default = "two_thousand")]
    pub max_length: usize,
    /// Of a choice.
    #[serde(default)]
    pub options: Vec<Choice>,
}

/// What is written in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// Words.
    Text,
    /// A decimal.
    Number,
    /// A sum of money.
    Money,
    /// One of the options.
    Choice,
    /// Where a document is.
    File,
    /// Parts of a sum of money, each with whose it is.
    Shares,
}

impl FieldKind {
    /// Whether it adds up to money.
    pub fn is_money(self) -> bool {
        matches!(self, Self::Money | Self::Shares)
    }
}

/// One of the options of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Identifies it within its field.
    pub code: String,
    /// What it is called.
    pub name: Text,
}

/// A way out of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// Identifies it within its step.
    pub code: String,
    /// What is done.
    pub name: Text,
    /// The step or the end that it leads to.
    pub to: String,
    /// The grades that take it; only out of a review.
    #[serde(default)]
    pub grades: Vec<String>,
    /// It wants a comment instead of the step's fields: it sends back or refuses.
    #[serde(default)]
    pub comment: bool,
}

/// What must hold before a step is taken. Exactly one of `taken` and `sum` is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// The outcomes that it guards; all if empty.
    #[serde(default, rename = "for")]
    pub ways: Vec<String>,
    /// An earlier step was last taken by one of these outcomes.
    pub taken: Option<Taken>,
    /// Fields of money or shares, as "step.field", that add up to no more than those of `at_most`.
    #[serde(default)]
    pub sum: Vec<String>,
    /// Fields of money or shares, as "step.field".
    #[serde(default)]
    pub at_most: Vec<String>,
    /// What must hold, for those who are refused.
    pub message: Text,
}

/// A step and how it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// The step.
    pub step: String,
    /// The outcomes that will do.
    pub by: Vec<String>,
}

/// How an item may end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// Identifies it within the scheme.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// The item has what it came for, which takes every step.
    #[serde(default)]
    pub favourable: bool,
    /// What follows.
    #[serde(default)]
    pub consequences: Vec<Consequence>,
}

/// Something that follows from an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consequence {
    /// What it touches ("enrolment", "licence").
    pub code: String,
    /// What follows.
    pub text: Text,
}

fn two() -> u32 {
    2
}

fn two_thousand() -> usize {
    2000
}

impl Procedure {
    /// The step of this code.
    pub fn step(&self, code: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.code == code)
    }

    /// The place of the step of this code.
    pub fn place(&self, code: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.code == code)
    }

    /// The end of this code.
    pub fn end(&self, code: &str) -> Option<&End> {
        self.ends.iter().find(|end| end.code == code)
    }

    /// The first step; a checked procedure has one.
    pub fn first(&self) -> Option<&Step> {
        self.steps.first()
    }

    /// A field by "step.field", with the place of its step.
    pub fn field(&self, path: &str) -> Option<(usize, &Field)> {
        let (step, field) = path.split_once('.')?;
        let place = self.place(step)?;
        Some((place, self.steps[place].fields.iter().find(|known| known.code == field)?))
    }
}

impl Step {
    /// The way of this code out of it.
    pub fn way(&self, code: &str) -> Option<&Way> {
        self.outcomes.iter().find(|way| way.code == code)
    }

    /// The way that a grade takes out of a review.
    pub fn way_of_grade(&self, grade: &str) -> Option<&Way> {
        self.outcomes.iter().find(|way| way.grades.iter().any(|known| known == grade))
    }
}

impl Actor {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::School => "school",
            Self::Supervisor => "supervisor",
            Self::Commission => "commission",
            Self::Chair => "chair",
            Self::Publisher => "publisher",
        }
    }
}
