//! What a scheme says of the time around scoring: evidence, discussion, appeals, and what follows a rectification.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_platform::Text;

/// The `[review]` table of a scheme.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// What of the schools' reports stands beside the rubric.
    pub evidence: Evidence,
    /// Whether and how panels talk.
    pub discussion: Discussion,
    /// Whether and how grades are appealed.
    pub appeal: Option<Appeal>,
    /// What comes after a rectification, and when schools are reminded.
    pub follow_up: FollowUp,
    /// What a machine lays beside the rubric.
    pub assistance: Assistance,
}

/// What a machine lays beside the rubric. Nothing of it is ever counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Assistance {
    /// How many passages of the reports stand beside a mark at most; none if 0.
    pub passages: usize,
    /// A score further than this from the panel's others is told.
    pub outlier_points: Decimal,
    /// Whether a language model is asked for points, where the installation has one.
    pub model: bool,
    /// A suggestion this near to the human's points counts as agreement.
    pub tolerance: Decimal,
}

impl Default for Assistance {
    fn default() -> Self {
        Self { passages: 3, outlier_points: Decimal::from(15), model: true, tolerance: Decimal::from(5) }
    }
}

/// What of the schools' accepted reports speaks to which element.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Evidence {
    /// Indicator codes by element.
    pub values: BTreeMap<String, Vec<String>>,
    /// Codes of the report's sections.
    pub sections: Vec<String>,
    /// Whether the cases are shown.
    pub cases: bool,
}

/// How panels talk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Discussion {
    /// Whether they do.
    pub held: bool,
    /// Reviewers know each other's names.
    pub names: bool,
}

impl Default for Discussion {
    fn default() -> Self {
        Self { held: true, names: false }
    }
}

/// How grades are appealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appeal {
    /// How many working days after the reveal a school may appeal.
    pub file_working_days: u32,
    /// Within how many working days it should be decided.
    pub decide_working_days: u32,
    /// How many fresh reviewers hear it.
    pub panel_size: u32,
    /// The reasons that are taken.
    pub grounds: Vec<Ground>,
}

/// A reason for an appeal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// Identifies it within the scheme.
    pub code: String,
    /// What it is called.
    pub name: Text,
}

/// What comes after a rectification, and when schools are reminded of its dates and of those of a procedure's steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FollowUp {
    /// A programme that had to be mended after one year's round is in the next year's, whatever the selection says.
    pub monitor_next_year: bool,
    /// From how many working days before a date the school is reminded of it.
    pub remind_working_days: u32,
}

impl Default for FollowUp {
    fn default() -> Self {
        Self { monitor_next_year: true, remind_working_days: 5 }
    }
}

impl Rules {
    /// The first key at fault, and what it should be. `elements` are the scheme's codes.
    pub fn fault(&self, elements: &[&str]) -> Option<(String, String)> {
        let wrong = |key: &str, detail: &str| Some((format!("review.{key}"), detail.to_owned()));
        for (element, codes) in &self.evidence.values {
            if !elements.contains(&element.as_str()) {
                return wrong(&format!("evidence.values.{element}"), "the scheme has no such element");
            }
            if codes.iter().any(|code| code.is_empty()) {
                return wrong(&format!("evidence.values.{element}"), "give indicator codes");
            }
        }
        if self.follow_up.remind_working_days > MAX_DAYS {
            return wrong("follow_up.remind_working_days", "give 0 to 250 working days");
        }
        if self.assistance.passages > MAX_PASSAGES {
            return wrong("assistance.passages", "give 0 to 10 passages");
        }
        let limit = self.assistance.outlier_points;
        if limit <= Decimal::ZERO || limit > Decimal::ONE_HUNDRED {
            return wrong("assistance.outlier_points", "give points above 0, up to 100");
        }
        if !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&self.assistance.tolerance) {
            return wrong("assistance.tolerance", "give 0 to 100 points");
        }
        let appeal = self.appeal.as_ref()?;
        for (key, days) in [
            ("appeal.file_working_days", appeal.file_working_days),
            ("appeal.decide_working_days", appeal.decide_working_days),
        ] {
            if !(1..=MAX_DAYS).contains(&days) {
                return wrong(key, "give 1 to 250 working days");
            }
        }
        if !(1..=15).contains(&appeal.panel_size) {
            return wrong("appeal.panel_size", "a panel has 1 to 15 reviewers");
        }
        if appeal.grounds.is_empty() {
            return wrong("appeal.grounds", "name at least one ground, or leave the table out");
        }
        for (place, ground) in appeal.grounds.iter().enumerate() {
            let key = |field: &str| format!("appeal.grounds.{}.{field}", ground.code);
            if ground.code.is_empty() || appeal.grounds[..place].iter().any(|one| one.code == ground.code) {
                return wrong(&key("code"), "give each ground a code of its own");
            }
            if ground.name.zh.trim().is_empty() || ground.name.en.trim().is_empty() {
                return wrong(&key("name"), "give the name in both languages");
            }
        }
        None
    }
}

const MAX_DAYS: u32 = 250;
const MAX_PASSAGES: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let ground = Ground { code: "fact".into(), name: Text::new("事实", "Facts") };
        let appeal =
            Appeal { file_working_days: 10, decide_working_days: 20, panel_size: 3, grounds: vec![ground] };
        Rules { appeal: Some(appeal), ..Rules::default() }
    }

    fn fault(change: impl FnOnce(&mut Rules)) -> String {
        let mut rules = rules();
        change(&mut rules);
        rules.fault(&["faculty"]).map(|(key, _)| key).unwrap_or_default()
    }

    #[test]
    fn a_mistake_is_named_by_its_key() {
        assert_eq!(fault(|_| {}), "");
        assert_eq!(fault(|rules| rules.appeal = None), "");
        let appeal = |rules: &mut Rules, change: fn(&mut Appeal)| change(rules.appeal.as_mut().expect("one"));
        assert_eq!(
            fault(|rules| appeal(rules, |one| one.file_working_days = 0)),
            "review.appeal.file_working_days"
        );
        assert_eq!(fault(|rules| appeal(rules, |one| one.panel_size = 16)), "review.appeal.panel_size");
        assert_eq!(fault(|rules| appeal(rules, |one| one.grounds.clear())), "review.appeal.grounds");
        assert_eq!(
            fault(|rules| appeal(rules, |one| one.grounds.push(one.grounds[0].clone()))),
            "review.appeal.grounds.fact.code"
        );
        assert_eq!(fault(|rules| rules.assistance.passages = 11), "review.assistance.passages");
        let nothing = |rules: &mut Rules| rules.assistance.outlier_points = Decimal::ZERO;
        assert_eq!(fault(nothing), "review.assistance.outlier_points");
        assert_eq!(
            fault(|rules| {
                rules.evidence.values.insert("weather".into(), vec!["RES01".into()]);
            }),
            "review.evidence.values.weather"
        );
    }
}
