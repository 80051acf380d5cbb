//! Conflicts: what stands between an expert and an entry, and what the chair makes of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use zhijian_platform::{Error, Violation};
use zhijian_proto::common::v1::ErrorReason;

use super::{entry::Entry, relation::Relation, reviewer::Reviewer, scheme_panel::PanelRules, when};

const MAX_REASON: usize = 500;

/// How an expert is connected with an entry. It is also how a dismissal names what it sets aside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Reason {
    /// Works for the entry's organisation.
    Own { organisation: String },
    /// Works for another organisation that the entry bars: what supervises it, or its pathway's partner.
    Barred { organisation: String },
    /// Worked for one of these, until then; empty if nobody knows.
    Recent { organisation: String, left_on: String },
    /// Declared a relation.
    Relation { relation: String },
    /// The chair knows of one.
    Added,
}

/// What the chair decided about a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The entry.
    pub entry_id: String,
    /// The expert.
    pub account_id: String,
    /// What was decided.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// When.
    pub time: DateTime<Utc>,
}

/// What a ruling does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Sets these aside.
    Dismissed(BTreeSet<Reason>),
    /// Bars the expert.
    Added,
}

/// What conflicts in a round are found from, besides its entries and the panel.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// What the round's scheme says.
    pub rules: PanelRules,
    /// The chair's, by entry and expert.
    pub rulings: HashMap<(String, String), Ruling>,
    /// The day on which "recent" is told; none counts everything as recent.
    pub today: Option<NaiveDate>,
}

/// A pair that something stands between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Everything there is, in order, with whether it was set aside.
    pub reasons: Vec<(Reason, bool)>,
}

impl Conflict {
    /// Whether the expert cannot review the entry.
    pub fn in_force(&self) -> bool {
        self.reasons.iter().any(|(_, dismissed)| !dismissed)
    }
}

/// The panel, by what can bring somebody into conflict.
pub struct Index<'a> {
    reviewers: &'a [Reviewer],
    ground: &'a Ground,
    employed: HashMap<&'a str, Vec<usize>>,
    left: HashMap<&'a str, Vec<(usize, &'a str)>>,
    related: HashMap<&'a str, Vec<(usize, &'a Relation)>>,
    places: HashMap<&'a str, usize>,
    /// What the chair added, by entry.
    added: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Index<'a> {
    /// Looks the panel through once, so that every entry is quick.
    pub fn new(reviewers: &'a [Reviewer], ground: &'a Ground) -> Self {
        let recent = |ended: &str| {
            ground.today.is_none_or(|today| when::recent(ended, ground.rules.recent_years, today))
        };
        let mut index = Self {
            reviewers,
            ground,
            employed: HashMap::new(),
            left: HashMap::new(),
            related: HashMap::new(),
            places: HashMap::new(),
            added: HashMap::new(),
        };
        for (place, one) in reviewers.iter().enumerate() {
            index.places.insert(&one.account_id, place);
            index.employed.entry(&one.organisation_code).or_default().push(place);
            for past in one.past.iter().filter(|past| recent(&past.left_on)) {
                index.left.entry(&past.organisation_code).or_default().push((place, &past.left_on));
            }
            let counts = |relation: &&Relation| {
                ground.rules.relations.contains(&relation.kind) && recent(&relation.ended_on)
            };
            for relation in one.relations.iter().filter(counts) {
                index.related.entry(&relation.organisation_code).or_default().push((place, relation));
            }
        }
        for ruling in ground.rulings.values().filter(|ruling| ruling.decision == Decision::Added) {
            index.added.entry(&ruling.entry_id).or_default().push(&ruling.account_id);
        }
        index
    }

    /// Whoever something stands between and this entry, by place on the panel.
    pub fn of(&self, entry: &Entry) -> BTreeMap<usize, Conflict> {
        let mut found: BTreeMap<usize, BTreeSet<Reason>> = BTreeMap::new();
        let mut add = |place: usize, reason: Reason| {
            found.entry(place).or_default().insert(reason);
        };
        // The own organisation first, whether or not the entry lists it among those it bars.
        let others = entry.barred.iter().filter(|code| **code != entry.organisation_code);
        for code in std::iter::once(&entry.organisation_code).chain(others) {
            for &place in self.employed.get(code.as_str()).into_iter().flatten() {
                let organisation = code.clone();
                add(
                    place,
                    match *code == entry.organisation_code {
                        true => Reason::Own { organisation },
                        false => Reason::Barred { organisation },
                    },
                );
            }
            for &(place, left_on) in self.left.get(code.as_str()).into_iter().flatten() {
                add(place, Reason::Recent { organisation: code.clone(), left_on: left_on.to_owned() });
            }
        }
        for &(place, relation) in self.related.get(entry.organisation_code.as_str()).into_iter().flatten() {
            if relation.concerns(&entry.organisation_code, &entry.subject.code) {
                add(place, Reason::Relation { relation: relation.id.clone() });
            }
        }
        for account in self.added.get(entry.id.as_str()).into_iter().flatten() {
            if let Some(&place) = self.places.get(account) {
                add(place, Reason::Added);
            }
        }
        found
            .into_iter()
            .map(|(place, reasons)| {
                let pair = (entry.id.clone(), self.reviewers[place].account_id.clone());
                let set_aside = match self.ground.rulings.get(&pair).map(|ruling| &ruling.decision) {
                    Some(Decision::Dismissed(reasons)) => Some(reasons),
                    _ => None,
                };
                let dismissed = |reason: &Reason| set_aside.is_some_and(|aside| aside.contains(reason));
                let reasons = reasons.into_iter().map(|reason| (dismissed(&reason), reason));
                (place, Conflict { reasons: reasons.map(|(aside, reason)| (reason, aside)).collect() })
            })
            .collect()
    }

    /// Whether anybody's expertise is narrower than a major class.
    pub fn knows_classes(&self) -> bool {
        self.reviewers.iter().any(|one| one.expertise.iter().any(|class| class.len() > 2))
    }

    /// The accounts that cannot review this entry.
    pub fn barred(&self, entry: &Entry) -> BTreeSet<String> {
        let conflicts = self.of(entry).into_iter().filter(|(_, conflict)| conflict.in_force());
        conflicts.map(|(place, _)| self.reviewers[place].account_id.clone()).collect()
    }
}

/// A relation of the panel's, to tell what a reason speaks of.
pub fn relation<'a>(reviewer: &'a Reviewer, reason: &Reason) -> Option<&'a Relation> {
    match reason {
        Reason::Relation { relation } => reviewer.relations.iter().find(|one| one.id == *relation),
        _ => None,
    }
}

/// What a dismissal sets aside.
///
/// # Errors
/// FAILED_PRECONDITION if nothing stands between the two, or it is the expert's own organisation.
pub fn dismiss(conflict: Option<&Conflict>) -> Result<BTreeSet<Reason>, Error> {
    let refuse = |zh: &str, en: &str| Error::Precondition {
        reason: ErrorReason::IllegalState,
        violations: vec![Violation::new("conflict", zh, en)],
    };
    let conflict = conflict.filter(|conflict| conflict.in_force()).ok_or_else(|| {
        refuse(
            "这位专家与该专业之间没有需要撤销的回避事由，可能已经撤销。请刷新页面。",
            "Nothing stands between this expert and the entry; it may have been set aside already. Load the page again.",
        )
    })?;
    let reasons: BTreeSet<Reason> = conflict.reasons.iter().map(|(reason, _)| reason.clone()).collect();
    if reasons.iter().any(|reason| matches!(reason, Reason::Own { .. })) {
        return Err(refuse(
            "专家不能评审本单位的专业，这一条不能撤销。专家已调离的，请先在专家库更新其单位。",
            "Nobody reviews the own organisation, and that cannot be set aside. If the expert has moved, update the panel \
             first.",
        ));
    }
    if reasons.contains(&Reason::Added) {
        return Err(refuse(
            "这是评审组长自己添加的回避，请用“撤回”取消。",
            "The chair added this conflict: withdraw it instead.",
        ));
    }
    Ok(reasons)
}

/// Why a chair decides, checked.
///
/// # Errors
/// INVALID_ARGUMENT if it is missing or too long.
pub fn reason(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_REASON {
        return Err(Error::invalid(
            "reason",
            format!("请写明理由，1 到 {MAX_REASON} 字。"),
            format!("Say why, in 1 to {MAX_REASON} characters."),
        ));
    }
    Ok(text.to_owned())
}
