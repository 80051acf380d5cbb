//! What a scheme asks of its panels, besides their size.

use serde::{Deserialize, Serialize};

use super::relation::Kind;

/// A scheme's rules about who may sit on its panels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PanelRules {
    /// For how many years after leaving it people of a barred organisation are barred; relations that have ended, too.
    pub recent_years: u32,
    /// Which declared relations bar.
    pub relations: Vec<Kind>,
    /// What knowing an entry's class is worth.
    pub expertise: Expertise,
}

/// What knowing an entry's class is worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expertise {
    /// As many reviewers as possible know it.
    #[default]
    Preferred,
    /// Every reviewer knows it.
    Required,
}

impl Default for PanelRules {
    fn default() -> Self {
        Self { recent_years: 5, relations: Kind::ALL.to_vec(), expertise: Expertise::default() }
    }
}

impl PanelRules {
    /// What is wrong, with the key at fault.
    pub fn fault(&self) -> Option<(&'static str, String)> {
        let mut seen = self.relations.clone();
        seen.sort_unstable();
        seen.dedup();
        if self.recent_years > 50 {
            return Some(("panel.recent_years", "give 0 to 50 years".into()));
        }
        (seen.len() != self.relations.len()).then(|| ("panel.relations", "name each relation once".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_bars_for_five_years_by_every_relation() {
        let rules: PanelRules = toml::from_str("").expect("all has defaults");
        assert_eq!(rules, PanelRules::default());
        assert_eq!((rules.recent_years, rules.relations.len(), rules.fault()), (5, Kind::ALL.len(), None));
        let rules: PanelRules = toml::from_str(
            "recent_years = 3\nrelations = [\"kin\", \"co-author\"]\nexpertise = \"required\"",
        )
        .expect("sound");
        assert_eq!(rules.relations, [Kind::Kin, Kind::CoAuthor]);
        assert_eq!(rules.expertise, Expertise::Required);
    }

    #[test]
    fn faults_name_their_key() {
        let fault =
            |text: &str| toml::from_str::<PanelRules>(text).expect("readable").fault().expect("a fault").0;
        assert_eq!(fault("recent_years = 51"), "panel.recent_years");
        assert_eq!(fault("relations = [\"kin\", \"kin\"]"), "panel.relations");
        assert!(toml::from_str::<PanelRules>("relations = [\"friend\"]").is_err());
        assert!(toml::from_str::<PanelRules>("recent = 3").is_err());
    }
}
