//! Schemes: procedures as data, read from files and pinned by the rounds that follow them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_grading::{Rubric, RubricError};
use zhijian_platform::{
    Text,
    rules::{self, RulesDir, RulesError},
};

use super::grading::Grading;

const FOLDER: &str = "review/schemes";
const SHIPPED: &[(&str, &str)] = &[
    (
        "review/schemes/new-programme-monitoring.toml",
        include_str!("../../schemes/new-programme-monitoring.toml"),
    ),
    ("review/schemes/pilot-monitoring.toml", include_str!("../../schemes/pilot-monitoring.toml")),
    ("review/schemes/teaching-monitoring.toml", include_str!("../../schemes/teaching-monitoring.toml")),
];

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
    /// Which programmes are reviewed.
    pub selection: Selection,
    /// Whom an entry bars, besides its school.
    pub conflicts: Conflicts,
    /// How scores become grades.
    #[serde(default)]
    pub grading: Grading,
    /// What a low grade triggers.
    pub rectification: Rectification,
    /// Evidence, discussion, appeals, and what follows.
    #[serde(default)]
    pub review: super::scheme_review::Rules,
    /// What is scored, in order.
    pub elements: Vec<Element>,
    /// The grades, from the highest.
    pub bands: Vec<Band>,
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
}

/// A grade with its cut-off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The letter ("A+").
    pub grade: String,
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

    /// The grades, from the highest.
    pub fn bands(&self) -> &[Band] {
        &self.definition.bands
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

fn check(definition: &Definition) -> Result<(), SchemeError> {
    let want = |holds: bool, key: &str, detail: &str| match holds {
        true => Ok(()),
        false => Err(SchemeError { key: key.to_owned(), detail: detail.to_owned() }),
    };
    let word = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let said = |text: &Text| !text.zh.trim().is_empty() && !text.en.trim().is_empty();
    want(word(&definition.code), "code", "use lower-case letters, digits and hyphens")?;
    want(said(&definition.name), "name", "give the name in both languages")?;
    want((1..=15).contains(&definition.panel_size), "panel_size", "a panel has 1 to 15 reviewers")?;
    let spread = definition.arbitration_spread;
    let possible = spread >= Decimal::ZERO && spread <= Decimal::ONE_HUNDRED;
    want(possible, "arbitration_spread", "totals differ by 0 to 100")?;
    if let (Some(from), Some(to)) = (definition.selection.opened_from, definition.selection.opened_to) {
        want(from <= to, "selection.opened_from", "the first year cannot come after the last")?;
    }
    let panel_size = usize::try_from(definition.panel_size).unwrap_or_default();
    if let Some((key, detail)) = definition.grading.fault(panel_size, definition.bands.len()) {
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
    }
    for band in &definition.bands {
        let key = |field: &str| format!("bands.{}.{field}", band.grade);
        want(!band.grade.is_empty(), &key("grade"), "name the grade")?;
        want(!band.group.is_empty(), &key("group"), "name the group")?;
    }
    Ok(())
}

/// The schemes in force, by code.
#[derive(Debug, Clone)]
pub struct Schemes(BTreeMap<String, Arc<Scheme>>);

impl Schemes {
    /// Reads the shipped schemes and those of the overriding directory.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let extra = dir.extra(FOLDER);
        let names: BTreeSet<&str> =
            SHIPPED.iter().map(|(name, _)| *name).chain(extra.iter().map(String::as_str)).collect();
        let mut schemes = BTreeMap::new();
        for name in names {
            let shipped = SHIPPED.iter().find(|(shipped, _)| *shipped == name).map_or("", |(_, text)| text);
            let definition: Definition = rules::load(dir, name, shipped)?;
            if name != format!("{FOLDER}/{}.toml", definition.code) {
                return Err(RulesError::content(
                    name,
                    "code",
                    "the code must be the file's name without .toml",
                ));
            }
            let scheme = Scheme::new(definition)
                .map_err(|error| RulesError::content(name, error.key, error.detail))?;
            schemes.insert(scheme.code().to_owned(), Arc::new(scheme));
        }
        Ok(Self(schemes))
    }

    /// The scheme of this code.
    pub fn get(&self, code: &str) -> Option<&Arc<Scheme>> {
        self.0.get(code)
    }

    /// Every scheme, in order of code.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Scheme>> {
        self.0.values()
    }

    /// The codes, for messages.
    pub fn codes(&self) -> String {
        self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::grading::{Join, Rank, TieRule};

    fn shipped() -> Definition {
        let schemes = Schemes::load(&RulesDir::default()).expect("the shipped schemes are sound");
        schemes.get("new-programme-monitoring").expect("it is shipped").definition().clone()
    }

    #[test]
    fn the_shipped_schemes_score_ten_elements_into_nine_bands() {
        let schemes = Schemes::load(&RulesDir::default()).expect("the shipped schemes are sound");
        assert_eq!(schemes.codes(), "new-programme-monitoring, pilot-monitoring, teaching-monitoring");
        for scheme in schemes.iter() {
            assert_eq!(scheme.elements().len(), 10);
            assert_eq!(scheme.bands().len(), 9);
            assert_eq!(scheme.passing_line(), Decimal::from(65));
        }
    }

    fn trimmed(trim: usize) -> Grading {
        Grading { join: Join::TrimmedMean, trim, ..Grading::default() }
    }

    fn ranked(places: Vec<usize>, percentiles: &[i64]) -> Option<Rank> {
        let percentiles = percentiles.iter().map(|share| Decimal::from(*share)).collect();
        Some(Rank { places, percentiles, ties: TieRule::Up })
    }

    #[test]
    fn a_bad_scheme_names_the_key() {
        let fault = |change: fn(&mut Definition)| {
            let mut definition = shipped();
            change(&mut definition);
            Scheme::new(definition).expect_err("refused").key
        };
        assert_eq!(fault(|d| d.code = "监测".into()), "code");
        assert_eq!(fault(|d| d.name.en = " ".into()), "name");
        assert_eq!(fault(|d| d.panel_size = 0), "panel_size");
        assert_eq!(fault(|d| d.arbitration_spread = Decimal::from(-1)), "arbitration_spread");
        assert_eq!(fault(|d| d.selection.opened_from = Some(0)), "selection.opened_from");
        assert_eq!(fault(|d| d.rectification.plan_working_days = 0), "rectification.plan_working_days");
        assert_eq!(fault(|d| d.elements[7].weight = Decimal::ZERO), "elements.faculty.weight");
        assert_eq!(fault(|d| d.elements[7].weight = Decimal::ONE), "elements.weight");
        assert_eq!(fault(|d| d.elements[1].code = "specification".into()), "elements.specification.code");
        assert_eq!(fault(|d| d.elements[7].description.zh.clear()), "elements.faculty.description");
        assert_eq!(fault(|d| d.bands[1].cut_off = Decimal::from(96)), "bands.A.cut_off");
        assert_eq!(fault(|d| d.bands.truncate(8)), "bands.C.cut_off");
        assert_eq!(fault(|d| d.bands[0].group.clear()), "bands.A+.group");
        assert_eq!(fault(|d| d.grading.trim = 1), "grading.trim");
        assert_eq!(fault(|d| d.grading = trimmed(2)), "grading.trim");
        assert_eq!(fault(|d| d.grading.rank = ranked(vec![], &[])), "grading.rank");
        assert_eq!(fault(|d| d.grading.rank = ranked(vec![1, 2], &[])), "grading.rank.places");
        assert_eq!(
            fault(|d| d.grading.rank = ranked(vec![], &[9, 8, 10, 20, 30, 40, 50, 60])),
            "grading.rank.percentiles"
        );
    }

    #[test]
    fn a_directory_overrides_and_adds_schemes_and_its_faults_name_the_file() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let folder = directory.path().join(FOLDER);
        std::fs::create_dir_all(&folder).expect("made");
        let rules = RulesDir::new(Some(directory.path().to_owned()));
        let text = |panel: &str, code: &str| {
            SHIPPED[1].1.replace("panel_size = 3", panel).replace("pilot-monitoring", code)
        };
        std::fs::write(folder.join("pilot-monitoring.toml"), text("panel_size = 5", "pilot-monitoring"))
            .expect("written");
        std::fs::write(folder.join("city.toml"), text("panel_size = 1", "city")).expect("written");
        let schemes = Schemes::load(&rules).expect("sound");
        assert_eq!(schemes.codes(), "city, new-programme-monitoring, pilot-monitoring, teaching-monitoring");
        assert_eq!(schemes.get("pilot-monitoring").expect("there").definition().panel_size, 5);

        for (content, named) in [
            (text("panel_size = 99", "city"), "panel_size"),
            (text("panel_sise = 3", "city"), "panel_sise"),
            (text("panel_size = 3", "town"), "code"),
        ] {
            std::fs::write(folder.join("city.toml"), content).expect("written");
            let error = Schemes::load(&rules).expect_err("refused").to_string();
            assert!(error.contains("review/schemes/city.toml") && error.contains(named), "{error}");
        }
    }
}
