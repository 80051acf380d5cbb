//! Schemes: procedures as data, read from files and pinned by the rounds that follow them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_grading::{Rubric, RubricError};
use zhijian_platform::Text;

use super::{grading::Grading, scheme_panel::PanelRules};

mod criteria;
mod loading;
mod procedure;
mod procedure_check;

pub use criteria::{Anchor, Criterion, Mark};
pub use loading::Schemes;
pub use procedure::{Actor, End, Field, FieldKind, Gather, Guard, Procedure, Step, Way};
pub use procedure_check::RESERVED_ENDS;

/// A scheme as its file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Identifies the scheme; the file's name.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// How many reviewers an entry gets.
    pub panel_size: u32,
    /// The greatest difference of reviewers' totals that needs no arbiter.
    pub arbitration_spread: Decimal,
    /// Which programmes of the register are reviewed; absent where something else is.
    pub selection: Option<Selection>,
    /// Whom an entry bars, besides its school.
    pub conflicts: Conflicts,
    /// Who may sit on panels.
    #[serde(default)]
    pub panel: PanelRules,
    /// How scores become grades.
    #[serde(default)]
    pub grading: Grading,
    /// What a low grade triggers.
    #[serde(default)]
    pub rectification: Rectification,
    /// Evidence, discussion, appeals, and what follows.
    #[serde(default)]
    pub review: super::scheme_review::Rules,
    /// What is scored, in order.
    pub elements: Vec<Element>,
    /// The grades, from the highest.
    pub bands: Vec<Band>,
    /// The steps around the review; absent where a round of review is all there is.
    pub procedure: Option<Procedure>,
}

/// Which programmes of the register a round gathers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The first year of opening, relative to the cycle's year; unbounded if absent.
    pub opened_from: Option<i32>,
    /// The last year of opening, relative to the cycle's year; unbounded if absent.
    pub opened_to: Option<i32>,
    /// What becomes of pilots.
    pub pilots: Pilots,
}

/// What a selection makes of pilot programmes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pilots {
    /// They are treated like others.
    Include,
    /// They are left out.
    Exclude,
    /// Only they are reviewed.
    Only,
}

/// Whom an entry bars from its panel, besides people of the school itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflicts {
    /// People of the organisation that supervises the school.
    pub supervising_organisation: bool,
    /// People of the university that the programme's students go on to.
    pub pathway_partner: bool,
}

/// What a low grade triggers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rectification {
    /// How many working days the school has for its plan.
    pub plan_working_days: u32,
    /// How many working days it has to mend what it planned.
    #[serde(default = "sixty")]
    pub mend_working_days: u32,
    /// How many fresh reviewers a re-check takes.
    #[serde(default = "two")]
    pub recheck_panel_size: u32,
    /// What comes, one after the other, when a date passes or a re-check fails.
    #[serde(default)]
    pub levels: Vec<Level>,
}

/// A level of escalation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Identifies it within the scheme ("yellow-card").
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// How many working days it gives.
    pub mend_working_days: u32,
}

impl Default for Rectification {
    fn default() -> Self {
        Self {
            plan_working_days: 20,
            mend_working_days: sixty(),
            recheck_panel_size: two(),
            levels: Vec::new(),
        }
    }
}

fn sixty() -> u32 {
    60
}

fn two() -> u32 {
    2
}

/// One thing that is scored, 0–100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// Identifies it within the scheme.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// Its part of the total.
    pub weight: Decimal,
    /// What the score looks at.
    pub description: Text,
    /// What deserves how many points, from the highest; empty where criteria say so.
    #[serde(default)]
    pub anchors: Vec<Anchor>,
    /// What it is made of; empty where it is scored as a whole.
    #[serde(default)]
    pub criteria: Vec<Criterion>,
}

/// A grade with its cut-off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The letter ("A+"), or the word.
    pub grade: String,
    /// What it is called, where the letter does not say it.
    pub name: Option<Text>,
    /// The letter without sign ("A").
    pub group: String,
    /// The least total, inclusive.
    pub cut_off: Decimal,
    /// Opens a rectification.
    #[serde(default)]
    pub rectify: bool,
}

/// A scheme that has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    definition: Definition,
    rubric: Rubric,
}

/// What is wrong with a definition: the key at fault and what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {detail}")]
pub struct SchemeError {
    /// Where in the file ("elements.faculty.weight").
    pub key: String,
    /// What is wrong.
    pub detail: String,
}

impl Scheme {
    /// Checks a definition.
    ///
    /// # Errors
    /// Names the first key at fault.
    pub fn new(definition: Definition) -> Result<Self, SchemeError> {
        check(&definition)?;
        let rubric = rubric(&definition)
            .map_err(|error| SchemeError { key: key_of(&error), detail: error.to_string() })?;
        procedure_check::check(&definition)?;
        // What speaks of elements is read once these are sound.
        let elements: Vec<&str> = definition.elements.iter().map(|element| element.code.as_str()).collect();
        if let Some((key, detail)) = definition.review.fault(&elements) {
            return Err(SchemeError { key, detail });
        }
        Ok(Self { definition, rubric })
    }

    /// The scheme as its file has it.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Identifies the scheme.
    pub fn code(&self) -> &str {
        &self.definition.code
    }

    /// What it is called.
    pub fn name(&self) -> &Text {
        &self.definition.name
    }

    /// What is scored, in order.
    pub fn elements(&self) -> &[Element] {
        &self.definition.elements
    }

    /// What has points on a sheet, in order: elements, or the criteria of those that have some.
    pub fn marks(&self) -> impl Iterator<Item = Mark<'_>> {
        self.elements().iter().flat_map(Element::marks)
    }

    /// The grades, from the highest.
    pub fn bands(&self) -> &[Band] {
        &self.definition.bands
    }

    /// The steps around the review, where there are some.
    pub fn procedure(&self) -> Option<&Procedure> {
        self.definition.procedure.as_ref()
    }

    /// Weights and cut-offs, for grading.
    pub fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    /// The least total that opens no rectification: scores under it are what has to be mended.
    pub fn passing_line(&self) -> Decimal {
        let passing = self.bands().iter().filter(|band| !band.rectify).map(|band| band.cut_off);
        passing.min().unwrap_or(Decimal::ONE_HUNDRED)
    }
}

fn rubric(definition: &Definition) -> Result<Rubric, RubricError> {
    let element =
        |element: &Element| zhijian_grading::Element { code: element.code.clone(), weight: element.weight };
    let band = |band: &Band| zhijian_grading::Band {
        grade: band.grade.clone(),
        group: band.group.clone(),
        cut_off: band.cut_off,
    };
    Rubric::new(
        definition.elements.iter().map(element).collect(),
        definition.bands.iter().map(band).collect(),
    )
    .map(|rubric| rubric.joined_by(definition.grading.method()))
}

fn key_of(error: &RubricError) -> String {
    match error {
        RubricError::NoElements => "elements".to_owned(),
        RubricError::RepeatedElement(code) => format!("elements.{code}.code"),
        RubricError::Weight { code, .. } => format!("elements.{code}.weight"),
        RubricError::WeightSum(_) => "elements.weight".to_owned(),
        RubricError::NoBands => "bands".to_owned(),
        RubricError::RepeatedGrade(grade) => format!("bands.{grade}.grade"),
        RubricError::CutOff { grade, .. } | RubricError::NoFloor(grade) => format!("bands.{grade}.cut_off"),
    }
}

fn want(holds: bool, key: &str, detail: &str) -> Result<(), SchemeError> {
    match holds {
        true => Ok(()),
        false => Err(SchemeError { key: key.to_owned(), detail: detail.to_owned() }),
    }
}

/// Whether it can be a code.
fn word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Whether it says something in both languages.
fn said(text: &Text) -> bool {
    !text.zh.trim().is_empty() && !text.en.trim().is_empty()
}

fn check(definition: &Definition) -> Result<(), SchemeError> {
    want(word(&definition.code), "code", "use lower-case letters, digits and hyphens")?;
    want(said(&definition.name), "name", "give the name in both languages")?;
    want((1..=15).contains(&definition.panel_size), "panel_size", "a panel has 1 to 15 reviewers")?;
    let spread = definition.arbitration_spread;
    let possible = spread >= Decimal::ZERO && spread <= Decimal::ONE_HUNDRED;
    want(possible, "arbitration_spread", "totals differ by 0 to 100")?;
    let years = definition.selection.as_ref().map(|years| (years.opened_from, years.opened_to));
    if let Some((Some(from), Some(to))) = years {
        want(from <= to, "selection.opened_from", "the first year cannot come after the last")?;
    }
    let panel_size = usize::try_from(definition.panel_size).unwrap_or_default();
    if let Some((key, detail)) = definition.grading.fault(panel_size, definition.bands.len()) {
        return Err(SchemeError { key: key.to_owned(), detail });
    }
    if let Some((key, detail)) = definition.panel.fault() {
        return Err(SchemeError { key: key.to_owned(), detail });
    }
    let days = definition.rectification.plan_working_days;
    want((1..=250).contains(&days), "rectification.plan_working_days", "a school has 1 to 250 working days")?;
    let possible = 1..=250;
    want(
        possible.contains(&definition.rectification.mend_working_days),
        "rectification.mend_working_days",
        "a school has 1 to 250 working days",
    )?;
    want(
        (1..=15).contains(&definition.rectification.recheck_panel_size),
        "rectification.recheck_panel_size",
        "a re-check takes 1 to 15 reviewers",
    )?;
    for level in &definition.rectification.levels {
        let key = |field: &str| format!("rectification.levels.{}.{field}", level.code);
        want(word(&level.code), &key("code"), "use lower-case letters, digits and hyphens")?;
        want(said(&level.name), &key("name"), "give the name in both languages")?;
        want(
            possible.contains(&level.mend_working_days),
            &key("mend_working_days"),
            "give 1 to 250 working days",
        )?;
    }
    for element in &definition.elements {
        let key = |field: &str| format!("elements.{}.{field}", element.code);
        want(word(&element.code), &key("code"), "use lower-case letters, digits and hyphens")?;
        want(said(&element.name), &key("name"), "give the name in both languages")?;
        want(said(&element.description), &key("description"), "describe it in both languages")?;
        criteria::check(element)?;
    }
    for band in &definition.bands {
        let key = |field: &str| format!("bands.{}.{field}", band.grade);
        want(!band.grade.is_empty(), &key("grade"), "name the grade")?;
        want(band.name.as_ref().is_none_or(said), &key("name"), "give the name in both languages")?;
        want(!band.group.is_empty(), &key("group"), "name the group")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
