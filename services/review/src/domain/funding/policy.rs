//! Coefficient tables as data: which are in force on a day, and what they say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;
use zhijian_platform::{
    Text,
    rules::{self, RulesDir, RulesError},
};

const FOLDER: &str = "review/funding";
const SHIPPED: &[(&str, &str)] = &[("review/funding/2026.toml", include_str!("../../../funding/2026.toml"))];

/// How many major classes the national catalogue has.
const MAJOR_CLASSES: u32 = 19;
/// The first two digits of the first major class at bachelor's level; diploma and secondary follow 20 apart.
const FIRST_CLASS: u32 = 21;

/// The level of a programme, which its code tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StudyLevel {
    /// 61–79.
    Secondary,
    /// 41–59.
    Diploma,
    /// 21–39.
    Bachelor,
}

impl StudyLevel {
    /// Every level.
    pub const ALL: [Self; 3] = [Self::Secondary, Self::Diploma, Self::Bachelor];

    /// The level's key in files and on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Secondary => "secondary",
            Self::Diploma => "diploma",
            Self::Bachelor => "bachelor",
        }
    }

    /// What it is called.
    pub fn name(self) -> Text {
        match self {
            Self::Secondary => Text::new("中职", "Secondary vocational"),
            Self::Diploma => Text::new("高职专科", "Higher vocational diploma"),
            Self::Bachelor => Text::new("职业本科", "Vocational bachelor"),
        }
    }

    /// The level of this key.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }
}

/// Level and major class ("11") of a programme's code; none if it is no programme code.
pub fn place_of(programme_code: &str) -> Option<(StudyLevel, String)> {
    let digits = programme_code.strip_suffix(['K', 'W']).unwrap_or(programme_code);
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let class: u32 = digits[..2].parse().ok()?;
    let above = class.checked_sub(FIRST_CLASS)?;
    let (level, ordinal) = (above / 20, above % 20 + 1);
    let level = match level {
        0 => StudyLevel::Bachelor,
        1 => StudyLevel::Diploma,
        2 => StudyLevel::Secondary,
        _ => return None,
    };
    (ordinal <= MAJOR_CLASSES).then(|| (level, format!("{ordinal:02}")))
}

/// How coefficients are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FormulaKind {
    /// They are multiplied.
    Multiplicative,
    /// By how much each differs from 1 is added up.
    Additive,
}

/// A coefficient of a class or programme.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coefficient {
    /// Which class or programme.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// The coefficient.
    pub coefficient: Decimal,
}

/// A part of a school's performance.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Identifies it within the policy.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// Its share.
    pub weight: Decimal,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Performance {
    least: Decimal,
    greatest: Decimal,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    code: String,
    name: Text,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    formula: FormulaKind,
    note: Text,
    base: BTreeMap<String, Decimal>,
    performance: Performance,
    #[serde(default)]
    major_classes: Vec<Coefficient>,
    #[serde(default)]
    programmes: Vec<Coefficient>,
}

/// A dated set of coefficients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Identifies it; the file's name.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The last day in force.
    pub valid_to: Option<NaiveDate>,
    /// How coefficients are put together.
    pub formula: FormulaKind,
    /// What readers should know.
    pub note: Text,
    /// Yuan a student and year.
    pub base: BTreeMap<StudyLevel, Decimal>,
    /// Coefficients by major class; others count 1.
    pub major_classes: Vec<Coefficient>,
    /// Coefficients by programme; others count 1.
    pub programmes: Vec<Coefficient>,
    /// The parts of performance.
    pub parts: Vec<Part>,
    /// The least a part can be.
    pub least: Decimal,
    /// The most a part can be.
    pub greatest: Decimal,
}

type Fault = (String, String);

fn want(holds: bool, key: impl Into<String>, detail: &str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err((key.into(), detail.to_owned())) }
}

fn said(text: &Text) -> bool {
    !text.zh.trim().is_empty() && !text.en.trim().is_empty()
}

/// Whether a coefficient is one anybody could mean.
pub fn sensible(coefficient: Decimal) -> bool {
    coefficient > Decimal::ZERO && coefficient <= Decimal::TEN && coefficient.scale() <= 6
}

/// Whether an amount of yuan a student is one anybody could mean.
pub fn sensible_base(amount: Decimal) -> bool {
    amount >= Decimal::ZERO && amount <= Decimal::from(10_000_000) && amount.scale() <= 2
}

impl Policy {
    fn new(definition: Definition) -> Result<Self, Fault> {
        let both = "give it in both languages";
        want(said(&definition.name), "name", both)?;
        want(said(&definition.note), "note", both)?;
        let ordered = definition.valid_to.is_none_or(|last| last >= definition.valid_from);
        want(ordered, "valid_to", "the last day cannot come before the first")?;
        let mut base = BTreeMap::new();
        for (code, amount) in &definition.base {
            let key = format!("base.{code}");
            let level = StudyLevel::of_code(code)
                .ok_or_else(|| (key.clone(), "levels are secondary, diploma and bachelor".to_owned()))?;
            want(sensible_base(*amount), key, "give yuan from 0 to 10000000 with at most two decimals")?;
            base.insert(level, *amount);
        }
        for level in StudyLevel::ALL {
            want(base.contains_key(&level), format!("base.{}", level.code()), "give every level's amount")?;
        }
        coefficients("major_classes", &definition.major_classes, |code| {
            code.len() == 2 && code.parse::<u32>().is_ok_and(|class| (1..=MAJOR_CLASSES).contains(&class))
        })?;
        coefficients("programmes", &definition.programmes, |code| place_of(code).is_some())?;
        let Performance { least, greatest, parts } = definition.performance;
        want(sensible(least), "performance.least", "give a coefficient above 0 and at most 10")?;
        want(
            sensible(greatest) && greatest >= least,
            "performance.greatest",
            "it cannot be below the least",
        )?;
        want(!parts.is_empty(), "performance.parts", "name at least one part")?;
        let mut seen = BTreeSet::new();
        for part in &parts {
            let key = |field: &str| format!("performance.parts.{}.{field}", part.code);
            want(
                !part.code.is_empty() && seen.insert(&part.code),
                key("code"),
                "give each part its own code",
            )?;
            want(said(&part.name), key("name"), both)?;
            want(part.weight > Decimal::ZERO, key("weight"), "a weight is above 0")?;
        }
        let whole: Decimal = parts.iter().map(|part| part.weight).sum();
        want(whole == Decimal::ONE, "performance.parts.weight", "the weights add up to 1")?;
        Ok(Self {
            code: definition.code,
            name: definition.name,
            valid_from: definition.valid_from,
            valid_to: definition.valid_to,
            formula: definition.formula,
            note: definition.note,
            base,
            major_classes: definition.major_classes,
            programmes: definition.programmes,
            parts,
            least,
            greatest,
        })
    }

    /// Whether it is in force on a day.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

fn coefficients(list: &str, given: &[Coefficient], is_code: impl Fn(&str) -> bool) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for one in given {
        let key = |field: &str| format!("{list}.{}.{field}", one.code);
        want(is_code(&one.code), key("code"), "this is no such code")?;
        want(seen.insert(&one.code), key("code"), "it is there twice")?;
        want(said(&one.name), key("name"), "give it in both languages")?;
        want(sensible(one.coefficient), key("coefficient"), "give a coefficient above 0 and at most 10")?;
    }
    Ok(())
}

/// The policies there are, newest first.
#[derive(Debug, Clone)]
pub struct Policies(Vec<Policy>);

impl Policies {
    /// Reads the shipped policies and those of the overriding directory.
    ///
    /// # Errors
    /// Names the file and the key at fault; two policies cannot be in force on one day.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let extra = dir.extra(FOLDER);
        let names: BTreeSet<&str> =
            SHIPPED.iter().map(|(name, _)| *name).chain(extra.iter().map(String::as_str)).collect();
        let mut policies: Vec<Policy> = vec![];
        for name in names {
            let shipped = SHIPPED.iter().find(|(shipped, _)| *shipped == name).map_or("", |(_, text)| text);
            let definition: Definition = rules::load(dir, name, shipped)?;
            if name != format!("{FOLDER}/{}.toml", definition.code) {
                let detail = "the code must be the file's name without .toml";
                return Err(RulesError::content(name, "code", detail));
            }
            let policy =
                Policy::new(definition).map_err(|(key, detail)| RulesError::content(name, key, detail))?;
            let overlaps =
                |other: &&Policy| other.covers(policy.valid_from) || policy.covers(other.valid_from);
            if let Some(other) = policies.iter().find(overlaps) {
                let detail = format!("policy {} is in force on some of these days too", other.code);
                return Err(RulesError::content(name, "valid_from", detail));
            }
            policies.push(policy);
        }
        policies.sort_by_key(|policy| std::cmp::Reverse(policy.valid_from));
        Ok(Self(policies))
    }

    /// The policy in force on a day.
    pub fn on(&self, day: NaiveDate) -> Option<&Policy> {
        self.0.iter().find(|policy| policy.covers(day))
    }

    /// Every policy, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_tells_level_and_class() {
        assert_eq!(place_of("710205"), Some((StudyLevel::Secondary, "11".into())));
        assert_eq!(place_of("510202"), Some((StudyLevel::Diploma, "11".into())));
        assert_eq!(place_of("310201"), Some((StudyLevel::Bachelor, "11".into())));
        assert_eq!(place_of("760207W"), Some((StudyLevel::Secondary, "16".into())));
        assert_eq!(place_of("790101"), Some((StudyLevel::Secondary, "19".into())));
        for none in ["200101", "400101", "600101", "800101", "71020", "7102055", "71020X", "", "专业代码专业"]
        {
            assert_eq!(place_of(none), None, "{none}");
        }
    }

    #[test]
    fn faults_of_a_policy_name_file_and_key() {
        let shipped = SHIPPED[0].1;
        let directory = tempfile::tempdir().expect("a directory");
        let folder = directory.path().join(FOLDER);
        std::fs::create_dir_all(&folder).expect("made");
        let rules = RulesDir::new(Some(directory.path().to_owned()));
        for (change, named) in [
            (shipped.replace("diploma = \"12000\"", ""), "base.diploma"),
            (shipped.replace("diploma = \"12000\"", "diplom = \"12000\""), "base.diplom"),
            (shipped.replace("weight = \"0.4\"", "weight = \"0.5\""), "performance.parts.weight"),
            (shipped.replace("code = \"13\"", "code = \"20\""), "major_classes.20.code"),
            (shipped.replace("code = \"13\"", "code = \"12\""), "major_classes.12.code"),
            (shipped.replace("coefficient = \"0.9\"", "coefficient = \"0\""), "major_classes.13.coefficient"),
            (shipped.replace("code = \"710205\"", "code = \"81\""), "programmes.81.code"),
            (shipped.replace("formula = ", "formulae = "), "formulae"),
            (shipped.replace("least = \"0.8\"", "least = \"1.3\""), "performance.greatest"),
        ] {
            std::fs::write(folder.join("2026.toml"), change).expect("written");
            let error = Policies::load(&rules).expect_err("refused").to_string();
            assert!(error.contains("review/funding/2026.toml") && error.contains(named), "{named}: {error}");
        }
        std::fs::write(folder.join("2026.toml"), shipped).expect("written");
        std::fs::write(folder.join("2027.toml"), shipped.replace("code = \"2026\"", "code = \"2027\""))
            .expect("written");
        let error = Policies::load(&rules).expect_err("refused").to_string();
        assert!(error.contains("2027.toml: valid_from"), "{error}");
        let dated = shipped
            .replace("code = \"2026\"", "code = \"2027\"")
            .replace("valid_from = \"2026-01-01\"", "valid_from = \"2025-01-01\"\nvalid_to = \"2025-12-31\"");
        std::fs::write(folder.join("2027.toml"), dated).expect("written");
        let policies = Policies::load(&rules).expect("sound");
        let on = |day: &str| policies.on(day.parse().expect("a day")).map(|policy| policy.code.clone());
        assert_eq!(on("2024-12-31"), None);
        assert_eq!(on("2025-12-31").as_deref(), Some("2027"));
        assert_eq!(on("2026-01-01").as_deref(), Some("2026"));
    }
}
