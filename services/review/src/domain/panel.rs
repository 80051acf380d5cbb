//! Panels: who reviews which entry, and what to say if nobody can.

use std::collections::{BTreeSet, HashMap};

use zhijian_grading::{AssignError, Obstacle, Plan};
use zhijian_platform::{Error, Violation};
use zhijian_proto::common::v1::ErrorReason;

use super::{
    assignment::Assignment,
    conflict::{Ground, Index},
    entry::Entry,
    reviewer::Reviewer,
    scheme_panel::Expertise,
};

/// A message names at most this many things of a kind.
const NAMED: usize = 20;

/// What an entry wants.
#[derive(Debug, Clone)]
pub struct Want<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// How many reviewers it wants.
    pub seats: u32,
    /// Who sits on its panel already.
    pub panel: Vec<&'a Assignment>,
}

/// Seats reviewers by a round's own rules and rulings. `taken` is how many assignments of the round each account has
/// already; `watch` hears how many seats are filled, of how many.
///
/// # Errors
/// What stands in the way.
pub fn form(
    ground: &Ground,
    wants: &[Want<'_>],
    reviewers: &[Reviewer],
    taken: &HashMap<String, u32>,
    watch: &mut dyn FnMut(u64, u64),
) -> Result<Plan, AssignError> {
    let index = Index::new(reviewers, ground);
    let entries: Vec<_> = wants
        .iter()
        .map(|want| {
            let seated = want.panel.iter().map(|seat| seat.organisation_code.clone()).collect();
            to_seat(ground, &index, want.entry, want.seats, seated)
        })
        .collect();
    let reviewers: Vec<_> = reviewers.iter().map(|reviewer| who_sits(reviewer, taken)).collect();
    zhijian_grading::assign_watched(&entries, &reviewers, watch)
}

/// An entry as the assignment sees it.
pub fn to_seat(
    ground: &Ground,
    index: &Index<'_>,
    entry: &Entry,
    seats: u32,
    seated: BTreeSet<String>,
) -> zhijian_grading::Entry {
    // Classes are told apart only where somebody on the panel does: fewer kinds of entries are quicker to assign.
    let class = entry.subject.code.get(..4).filter(|_| index.knows_classes());
    zhijian_grading::Entry {
        key: entry.id.clone(),
        field: class.unwrap_or_else(|| entry.field()).to_owned(),
        seats,
        conflicts: index.barred(entry),
        seated,
        experts_only: ground.rules.expertise == Expertise::Required,
    }
}

/// A reviewer as the assignment sees it.
pub fn who_sits(reviewer: &Reviewer, taken: &HashMap<String, u32>) -> zhijian_grading::Reviewer {
    zhijian_grading::Reviewer {
        key: reviewer.account_id.clone(),
        organisation: reviewer.organisation_code.clone(),
        expertise: reviewer.expertise.clone(),
        max_load: reviewer.max_load.unsigned_abs(),
        load: taken.get(&reviewer.account_id).copied().unwrap_or_default(),
    }
}

/// Says what stands in the way, by the names that people know, and what would free it.
pub fn explain(error: AssignError, wants: &[Want<'_>], reviewers: &[Reviewer]) -> Error {
    let entries: Vec<&Entry> = wants.iter().map(|want| want.entry).collect();
    explain_of(error, &entries, reviewers)
}

/// The same, for entries that are not asked for one by one.
pub fn explain_of(error: AssignError, entries: &[&Entry], reviewers: &[Reviewer]) -> Error {
    let obstacles = match error {
        AssignError::Impossible(obstacles) => obstacles,
        other @ AssignError::RepeatedKey(_) => return Error::internal(other),
    };
    let violations = if reviewers.is_empty() {
        vec![Violation::new(
            "reviewers",
            "专家库里还没有评审专家，请先登记评审专家。",
            "The panel has no reviewers yet: register reviewers first.",
        )]
    } else {
        let more = obstacles.len().saturating_sub(NAMED);
        let mut violations: Vec<_> = obstacles
            .into_iter()
            .take(NAMED)
            .map(|obstacle| violation(obstacle, entries, reviewers))
            .collect();
        if more > 0 {
            violations.push(Violation::new(
                "entries",
                format!("另有 {more} 个专业存在同样的问题。"),
                format!("{more} more entries have the same trouble."),
            ));
        }
        violations
    };
    Error::Precondition { reason: ErrorReason::CannotAssign, violations }
}

fn violation(obstacle: Obstacle, entries: &[&Entry], reviewers: &[Reviewer]) -> Violation {
    let names = |keys: &[String]| -> Vec<String> {
        let named = reviewers.iter().filter(|reviewer| keys.contains(&reviewer.account_id));
        named.map(|reviewer| reviewer.name.clone()).collect()
    };
    match obstacle {
        Obstacle::Entry { entry, seats, reviewers, organisations, barred, strangers } => {
            let title = entries.iter().find(|one| one.id == entry).map(|one| one.title());
            let (zh, en) = title.map_or((entry.clone(), entry.clone()), |title| (title.zh, title.en));
            let lack = seats.saturating_sub(organisations);
            let (count, names) = (barred.len(), names(&barred));
            let who_zh =
                if names.is_empty() { String::new() } else { format!("：{}", listed(&names, "、", "等")) };
            let who_en = if names.is_empty() {
                String::new()
            } else {
                format!(": {}", listed(&names, ", ", " and others"))
            };
            let (strange_zh, strange_en) = match strangers {
                0 => (String::new(), String::new()),
                more => (
                    format!("，{more} 位不熟悉该专业类"),
                    format!(", {more} do not know its class, which the scheme requires"),
                ),
            };
            let (rule_zh, rule_en) = match count {
                0 => ("", ""),
                _ => ("；回避有误的，也可以在“回避”页撤销", ", or set a conflict aside that is none"),
            };
            Violation::new(
                entry,
                format!(
                    "“{zh}”需要 {seats} 位来自不同单位的专家，可用的只有 {organisations} 个单位的 {reviewers} 位\
                     （{count} 位须回避{who_zh}{strange_zh}）。请再登记 {lack} 个其他单位的专家{rule_zh}。"
                ),
                format!(
                    "{en} needs {seats} reviewers of different organisations; {reviewers} of {organisations} \
                     organisations are left ({count} have a conflict{who_en}{strange_en}). Register reviewers of {lack} \
                     more organisations{rule_en}."
                ),
            )
        }
        Obstacle::Load { seats, capacity, each } => {
            let lack = seats - capacity.min(seats);
            let (each_zh, each_en) = match each {
                0 => (String::new(), String::new()),
                each => {
                    (format!("（例如每位至少承担 {each} 份）"), format!(" (to {each} for everybody, say)"))
                }
            };
            Violation::new(
                "max_load",
                format!(
                    "共需 {seats} 份评审，而专家最多还能承担 {capacity} 份，差 {lack} 份。\
                     请提高专家的评审上限{each_zh}，或登记更多专家。"
                ),
                format!(
                    "{seats} reviews are wanted and the reviewers take {capacity}, {lack} too few. Raise their \
                     greatest loads{each_en} or register more."
                ),
            )
        }
        Obstacle::Bottleneck { entries: stuck, reviewers: exhausted, short } => {
            let stuck: BTreeSet<String> = stuck.into_iter().collect();
            let titles = entries.iter().filter(|entry| stuck.contains(&entry.id));
            let (zh, en): (Vec<_>, Vec<_>) =
                titles.map(|entry| entry.title()).map(|title| (title.zh, title.en)).unzip();
            let names = names(&exhausted);
            Violation::new(
                "max_load",
                format!(
                    "下列 {} 个专业因回避规则只能由少数专家评审，还差 {short} 份：{}。\
                     请提高这些专家的评审上限（{}），或登记与这些专业无关的专家。",
                    zh.len(),
                    listed(&zh, "、", "等"),
                    listed(&names, "、", "等"),
                ),
                format!(
                    "Conflicts leave {} entries to few reviewers, {short} seats too few: {}. Raise the greatest \
                     loads of {}, or register reviewers without a conflict.",
                    en.len(),
                    listed(&en, "; ", " and others"),
                    listed(&names, ", ", " and others"),
                ),
            )
        }
    }
}

fn listed(names: &[String], between: &str, rest: &str) -> String {
    let tail = if names.len() > NAMED { rest } else { "" };
    format!("{}{tail}", names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(between))
}

#[cfg(test)]
mod tests {
    use zhijian_platform::Text;

    use super::*;
    use crate::domain::entry::{Kind, Subject};

    fn entry(id: &str) -> Entry {
        Entry {
            id: id.into(),
            round_id: "rnd_1".into(),
            subject: Subject {
                kind: Kind::Programme,
                id: id.into(),
                code: "710201".into(),
                name: Text::new(format!("专业{id}"), format!("programme {id}")),
            },
            organisation_code: "3611000001".into(),
            organisation_name: Text::new("学校", "a school"),
            barred: BTreeSet::from(["3611000001".to_owned()]),
            given: Default::default(),
        }
    }

    fn reviewer(id: &str, organisation: &str, max_load: i32) -> Reviewer {
        Reviewer {
            account_id: id.into(),
            name: format!("专家{id}"),
            organisation_code: organisation.into(),
            past: vec![],
            relations: vec![],
            expertise: BTreeSet::new(),
            max_load,
            version: 1,
        }
    }

    fn told(entries: &[Entry], reviewers: &[Reviewer]) -> Vec<(String, String)> {
        let wants: Vec<_> = entries.iter().map(|entry| Want { entry, seats: 2, panel: vec![] }).collect();
        let error = form(&Ground::default(), &wants, reviewers, &HashMap::new(), &mut |_, _| {})
            .expect_err("impossible");
        match explain(error, &wants, reviewers) {
            Error::Precondition { reason: ErrorReason::CannotAssign, violations } => {
                violations.into_iter().map(|one| (one.field, one.description.zh)).collect()
            }
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_stands_in_the_way_is_told_by_name_and_with_what_would_free_it() {
        let entries = [entry("甲"), entry("乙")];
        assert_eq!(told(&entries, &[])[0].0, "reviewers");

        let own = [reviewer("1", "3611000001", 9), reviewer("2", "9311000001", 9)];
        let lacking = told(&entries, &own);
        assert_eq!(lacking.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), ["乙", "甲"]);
        assert!(
            lacking[1].1.contains("“学校·专业甲”需要 2 位") && lacking[1].1.contains("再登记 1 个"),
            "{lacking:?}"
        );

        let tired = [reviewer("1", "9311000001", 1), reviewer("2", "9311000002", 1)];
        assert_eq!(told(&entries, &tired)[0].0, "max_load");
        assert!(
            told(&entries, &tired)[0].1.contains("差 2 份")
                && told(&entries, &tired)[0].1.contains("至少承担 2 份")
        );
        assert!(lacking[1].1.contains("1 位须回避：专家1"), "{lacking:?}");

        // The third has room enough, but may not review these two.
        let stuck =
            [reviewer("1", "9311000001", 2), reviewer("2", "9311000002", 1), reviewer("3", "3611000001", 9)];
        let bottleneck = &told(&entries, &stuck)[0].1;
        assert!(bottleneck.contains("还差 1 份") && bottleneck.contains("学校·专业甲"), "{bottleneck}");
        assert!(bottleneck.contains("专家2") && !bottleneck.contains("专家3"), "{bottleneck}");
    }

    #[test]
    fn a_message_stays_short_however_many_entries_are_in_trouble() {
        let entries: Vec<_> = (0..50).map(|n| entry(&n.to_string())).collect();
        let all = told(&entries, &[reviewer("1", "9311000001", 200)]);
        assert_eq!(all.len(), NAMED + 1);
        assert!(all[NAMED].1.contains("另有 30 个专业"));
    }
}
