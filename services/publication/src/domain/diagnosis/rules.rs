//! The rules of the diagnosis as data (`diagnosis/*.toml`), checked whole when they are read.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Deserialize;
use zhijian_platform::{
    Text,
    rules::{self, RulesDir, RulesError},
};
use zhijian_proto::identity::v1::organisation::Kind;

const FOLDER: &str = "publication/diagnosis";

/// The files in the binary.
const SHIPPED: &[(&str, &str)] =
    &[("publication/diagnosis/2025.toml", include_str!("../../../diagnosis/2025.toml"))];

/// The rules of every year for which there is a file.
#[derive(Debug, Clone)]
pub struct Library(BTreeMap<i32, Rules>);

/// The rules of a year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub year: i32,
    /// How many other institutions with a value it takes to compare.
    pub min_peers: usize,
    /// How many released years the trend looks back at most.
    pub trend_years: usize,
    /// The robust z above which a value is an outlier.
    pub outlier_z: Decimal,
    /// The favourable percentile from which an indicator is a strength.
    pub strength_from: Decimal,
    /// The favourable percentile up to which it is a gap.
    pub gap_to: Decimal,
    /// The share of the last released value that is a warning if lost.
    pub fall_share: Decimal,
    /// How many worse years in a row are a warning.
    pub decline_years: usize,
    /// How many indicators to look at first.
    pub first: usize,
    pub priority: Priority,
    #[serde(rename = "peer_group")]
    pub peer_groups: Vec<PeerGroup>,
    #[serde(rename = "theme")]
    pub themes: Vec<Theme>,
    #[serde(rename = "indicator")]
    pub indicators: Vec<Indicator>,
    #[serde(rename = "threshold", default)]
    pub thresholds: Vec<Threshold>,
    #[serde(default)]
    pub unanswered: Vec<Unanswered>,
}

/// The points of each reason to look at an indicator.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Priority {
    pub threshold: u32,
    pub gap: u32,
    pub fall: u32,
    pub decline: u32,
    pub outlier: u32,
}

/// Institutions that are compared with each other.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerGroup {
    pub code: String,
    pub name: Text,
    /// The kind of report that they hand in.
    pub report_kind: String,
    organisation_kinds: Vec<OrganisationKind>,
}

/// A kind of organisation, as the files write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OrganisationKind {
    HigherVocational,
    SpecialisedSecondary,
    VocationalHigh,
}

/// What belongs together on a page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    pub code: String,
    pub name: Text,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Up,
    Down,
    Neutral,
}

/// An indicator that is looked at: one of the catalogue's, or a quotient of two.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    pub code: String,
    pub theme: String,
    pub direction: Direction,
    pub weight: u32,
    /// Whether peers of another size can be compared with: if not, its place among them says nothing.
    #[serde(default = "yes")]
    pub compare: bool,
    /// The peer groups it is asked of; all if empty.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The name, unit and decimals of a quotient; the catalogue has those of its own indicators.
    pub name: Option<Text>,
    pub unit: Option<Text>,
    pub decimals: Option<u32>,
    pub of: Option<String>,
    pub to: Option<String>,
    pub per: Option<u32>,
}

fn yes() -> bool {
    true
}

/// What a rule in force asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    pub indicator: String,
    pub groups: Vec<String>,
    pub at_least: Option<Decimal>,
    /// The highest of several requirements that depend on the type of institution.
    pub at_least_upper: Option<Decimal>,
    pub at_most: Option<Decimal>,
    pub source: Text,
}

/// What a rule in force asks for and no report answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unanswered {
    pub groups: Vec<String>,
    pub name: Text,
    pub reason: Text,
}

impl Library {
    /// Reads the shipped files and those of the rules directory.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let mut names: BTreeSet<String> = SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.extend(dir.extra(FOLDER));
        let mut years = BTreeMap::new();
        for name in names {
            let shipped = SHIPPED.iter().find(|(shipped, _)| *shipped == name).map_or("", |(_, text)| text);
            let file: Rules = rules::load(dir, &name, shipped)?;
            check(&file).map_err(|(key, detail)| RulesError::content(&name, key, detail))?;
            if years.insert(file.year, file).is_some() {
                return Err(RulesError::content(&name, "year", "another file has the same year"));
            }
        }
        Ok(Self(years))
    }

    /// The rules that hold in `year`: its own file's, else the newest before it, else the oldest.
    pub fn of(&self, year: i32) -> Option<&Rules> {
        let (_, rules) = self.0.range(..=year).next_back().or_else(|| self.0.iter().next())?;
        Some(rules)
    }
}

impl Rules {
    /// The peer group of a kind of organisation.
    pub fn group_of(&self, kind: Kind) -> Option<&PeerGroup> {
        self.peer_groups.iter().find(|group| group.kinds().contains(&kind))
    }

    /// The peer group of this code.
    pub fn group(&self, code: &str) -> Option<&PeerGroup> {
        self.peer_groups.iter().find(|group| group.code == code)
    }

    /// The indicators that a group is asked, in the file's order.
    pub fn indicators_of(&self, group: &str) -> Vec<&Indicator> {
        let asked = |one: &&Indicator| one.groups.is_empty() || one.groups.iter().any(|code| code == group);
        self.indicators.iter().filter(asked).collect()
    }

    /// What is asked of a group in an indicator.
    pub fn threshold(&self, indicator: &str, group: &str) -> Option<&Threshold> {
        self.thresholds
            .iter()
            .find(|one| one.indicator == indicator && one.groups.iter().any(|code| code == group))
    }
}

impl PeerGroup {
    /// The kinds of organisation that belong to it.
    pub fn kinds(&self) -> Vec<Kind> {
        let kind = |kind: &OrganisationKind| match kind {
            OrganisationKind::HigherVocational => Kind::HigherVocational,
            OrganisationKind::SpecialisedSecondary => Kind::SpecialisedSecondary,
            OrganisationKind::VocationalHigh => Kind::VocationalHigh,
        };
        self.organisation_kinds.iter().map(kind).collect()
    }
}

impl Threshold {
    /// Whether a value falls short of it whatever the type of institution.
    pub fn is_missed_by(&self, value: Decimal) -> bool {
        self.at_least.is_some_and(|least| value < least) || self.at_most.is_some_and(|most| value > most)
    }

    /// Whether it depends on the type of institution that a value meets it.
    pub fn depends_on_type(&self, value: Decimal) -> bool {
        !self.is_missed_by(value) && self.at_least_upper.is_some_and(|upper| value < upper)
    }
}

impl Indicator {
    /// The catalogue's indicators that it is computed from.
    pub fn terms(&self) -> Vec<&str> {
        match (&self.of, &self.to) {
            (Some(of), Some(to)) => vec![of, to],
            _ => vec![&self.code],
        }
    }
}

type Fault = (String, String);

fn fault(key: impl Into<String>, detail: impl Into<String>) -> Result<(), Fault> {
    Err((key.into(), detail.into()))
}

fn check(rules: &Rules) -> Result<(), Fault> {
    if rules.min_peers < 2 {
        return fault("min_peers", "is at least 2, for one other institution cannot stay unnamed");
    }
    if !(1..=10).contains(&rules.trend_years) {
        return fault("trend_years", "is between 1 and 10");
    }
    for (key, percentile) in [("strength_from", rules.strength_from), ("gap_to", rules.gap_to)] {
        if percentile < Decimal::ZERO || percentile > Decimal::ONE_HUNDRED {
            return fault(key, "is a percentile, between 0 and 100");
        }
    }
    if rules.gap_to >= rules.strength_from {
        return fault("gap_to", "lies below strength_from");
    }
    for (key, value) in [("outlier_z", rules.outlier_z), ("fall_share", rules.fall_share)] {
        if value <= Decimal::ZERO {
            return fault(key, "is above 0");
        }
    }
    if rules.decline_years == 0 || rules.first == 0 {
        return fault(if rules.first == 0 { "first" } else { "decline_years" }, "is at least 1");
    }
    groups(rules)?;
    indicators(rules)?;
    thresholds(rules)
}

fn groups(rules: &Rules) -> Result<(), Fault> {
    let mut codes = BTreeSet::new();
    let mut kinds = Vec::new();
    for group in &rules.peer_groups {
        let key = format!("peer_group.{}", group.code);
        if !codes.insert(&group.code) {
            return fault(key, "is there twice");
        }
        if group.organisation_kinds.is_empty() {
            return fault(format!("{key}.organisation_kinds"), "is empty");
        }
        for kind in &group.organisation_kinds {
            if kinds.contains(kind) {
                return fault(
                    format!("{key}.organisation_kinds"),
                    "a kind of organisation belongs to one group",
                );
            }
            kinds.push(*kind);
        }
    }
    if codes.is_empty() { fault("peer_group", "there is none") } else { Ok(()) }
}

fn known(rules: &Rules, key: &str, groups: &[String]) -> Result<(), Fault> {
    match groups.iter().find(|code| rules.group(code).is_none()) {
        Some(code) => fault(format!("{key}.groups"), format!("there is no peer group {code}")),
        None => Ok(()),
    }
}

fn indicators(rules: &Rules) -> Result<(), Fault> {
    let mut codes = BTreeSet::new();
    for one in &rules.indicators {
        let key = format!("indicator.{}", one.code);
        if !codes.insert(&one.code) {
            return fault(key, "is there twice");
        }
        if !rules.themes.iter().any(|theme| theme.code == one.theme) {
            return fault(format!("{key}.theme"), format!("there is no theme {}", one.theme));
        }
        if !(1..=5).contains(&one.weight) {
            return fault(format!("{key}.weight"), "is between 1 and 5");
        }
        known(rules, &key, &one.groups)?;
        let own = [
            one.name.is_some(),
            one.unit.is_some(),
            one.decimals.is_some(),
            one.of.is_some(),
            one.to.is_some(),
        ];
        if own.contains(&true) && own.contains(&false) {
            return fault(
                key,
                "a quotient has name, unit, decimals, of and to; an indicator of the catalogue none of them",
            );
        }
        if one.decimals.is_some_and(|decimals| decimals > 6) {
            return fault(format!("{key}.decimals"), "is at most 6");
        }
        if one.per == Some(0) || (one.per.is_some() && one.of.is_none()) {
            return fault(format!("{key}.per"), "is at least 1, and belongs to a quotient");
        }
    }
    if codes.is_empty() { fault("indicator", "there is none") } else { Ok(()) }
}

fn thresholds(rules: &Rules) -> Result<(), Fault> {
    for (place, one) in rules.thresholds.iter().enumerate() {
        let key = format!("threshold[{place}]");
        let Some(indicator) = rules.indicators.iter().find(|known| known.code == one.indicator) else {
            return fault(format!("{key}.indicator"), format!("there is no indicator {}", one.indicator));
        };
        known(rules, &key, &one.groups)?;
        if one.at_least.is_some() == one.at_most.is_some() {
            return fault(key, "has either at_least or at_most");
        }
        if let Some(upper) = one.at_least_upper
            && one.at_least.is_none_or(|lower| lower >= upper)
        {
            return fault(format!("{key}.at_least_upper"), "lies above at_least");
        }
        if indicator.direction == Direction::Up && one.at_most.is_some()
            || indicator.direction == Direction::Down && one.at_least.is_some()
        {
            return fault(key, "goes against the indicator's direction");
        }
        for group in &one.groups {
            if rules.thresholds[..place]
                .iter()
                .any(|other| other.indicator == one.indicator && other.groups.contains(group))
            {
                return fault(
                    format!("{key}.groups"),
                    format!("{group} has a threshold of {} already", one.indicator),
                );
            }
        }
    }
    for (place, one) in rules.unanswered.iter().enumerate() {
        known(rules, &format!("unanswered[{place}]"), &one.groups)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Library, RulesError> {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let folder = directory.path().join(FOLDER);
        std::fs::create_dir_all(&folder).expect("made");
        std::fs::write(folder.join("2025.toml"), text).expect("written");
        Library::load(&RulesDir::new(Some(directory.path().to_owned())))
    }

    #[test]
    fn the_shipped_rules_hold_from_their_year_on() {
        let library = Library::load(&RulesDir::default()).expect("sound");
        for year in [2024, 2025, 2031] {
            assert_eq!(library.of(year).expect("rules").year, 2025);
        }
        let rules = library.of(2025).expect("rules");
        assert_eq!(rules.group_of(Kind::VocationalHigh).expect("a group").code, "vocational-high");
        assert!(rules.group_of(Kind::Enterprise).is_none());
        assert!(rules.indicators_of("higher").iter().all(|one| one.code != "BAS15"));
        let land = rules.threshold("LAND", "specialised").expect("a threshold");
        assert_eq!(land.at_least, Some(Decimal::from(33)));
        assert!(rules.threshold("LAND", "higher").is_none() && rules.threshold("SC04", "higher").is_none());
    }

    #[test]
    fn a_fault_is_told_with_its_file_and_key() {
        let shipped = SHIPPED[0].1;
        for (from, to, key) in [
            ("min_peers = 5", "min_peers = 1", "min_peers"),
            ("gap_to = \"25\"", "gap_to = \"80\"", "gap_to"),
            ("theme = \"students\"", "theme = \"pupils\"", "indicator.SC04.theme"),
            ("code = \"SC05\"", "code = \"SC04\"", "indicator.SC04"),
            ("weight = 5", "weight = 9", "indicator.SC04.weight"),
            ("groups = [\"higher\"]", "groups = [\"highest\"]", "indicator.SC07.groups"),
            ("of = \"POL13\"\n", "", "indicator.CERT"),
            ("indicator = \"RES01\"", "indicator = \"RES99\"", "threshold[0].indicator"),
            ("at_most = \"18\"", "at_least = \"18\"", "threshold[0]"),
            ("at_least_upper = \"16\"", "at_least_upper = \"13\"", "threshold[3].at_least_upper"),
            (
                "organisation_kinds = [\"vocational_high\"]",
                "organisation_kinds = [\"higher_vocational\"]",
                "peer_group.vocational-high.organisation_kinds",
            ),
        ] {
            assert!(shipped.contains(from), "{from}");
            let error = load(&shipped.replacen(from, to, 1)).expect_err(key).to_string();
            assert!(
                error.contains("publication/diagnosis/2025.toml") && error.contains(key),
                "{key}: {error}"
            );
        }
        let unknown = load(&shipped.replacen("first = 5", "frist = 5", 1)).expect_err("unknown").to_string();
        assert!(unknown.contains("frist"), "{unknown}");
    }
}
