//! Who edits which part of a report, and who changed it last.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use zhijian_platform::{Text, Violation};

use super::catalogue::{Catalogue, ReportKind};

/// How many accounts a plan may name.
const MAX_EDITORS: usize = 200;

/// A part of a report that is edited, and given to editors, as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A section of the text, by code.
    Section(String),
    /// A table of indicators, by the code of its group.
    Group(String),
}

impl Part {
    /// Its name for people, as the year's catalogue has it.
    fn name(&self, catalogue: &Catalogue, kind: &ReportKind) -> Text {
        let (code, found) = match self {
            Self::Section(code) => (code, kind.section(code).map(|section| section.name.clone())),
            Self::Group(code) => {
                let group = catalogue.groups.iter().find(|group| group.code == *code);
                (code, group.map(|group| group.name.clone()))
            }
        };
        found.unwrap_or_else(|| Text::new(code, code))
    }
}

/// One account's part in a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Editor {
    /// The account.
    pub account_id: String,
    /// What it was called when the plan was made.
    pub account_name: String,
    /// Edits everything, hands out the parts, approves and submits.
    pub coordinator: bool,
    /// What it edits.
    pub parts: BTreeSet<Part>,
}

/// Who edits what. Empty means that every account of the school does everything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// The editors, in the order given.
    pub editors: Vec<Editor>,
}

/// A part that somebody else edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotYours {
    /// What was to be done.
    what: Text,
    /// Who can do it.
    who: Vec<String>,
}

impl NotYours {
    /// Who can, and what to do.
    pub fn text(&self) -> Text {
        Text::new(
            format!(
                "{}由{}负责，您的账户不能操作。需要调整分工，请找年报负责人。",
                self.what.zh,
                self.who.join("、")
            ),
            format!(
                "{} is with {}; your account cannot do it. Ask a coordinator to change who does what.",
                self.what.en,
                self.who.join(", ")
            ),
        )
    }
}

impl Plan {
    /// Reads a plan; `accounts` are the school's, with their names.
    ///
    /// # Errors
    /// Names every editor at fault.
    pub fn read(
        given: Vec<Editor>,
        accounts: &BTreeMap<String, String>,
        kind: &ReportKind,
    ) -> Result<Self, Vec<Violation>> {
        let mut violations = Vec::new();
        let mut wrong =
            |field: String, zh: String, en: String| violations.push(Violation::new(field, zh, en));
        if given.len() > MAX_EDITORS {
            wrong(
                "editors".into(),
                "最多 200 人参与填报。".into(),
                "A plan names at most 200 accounts.".into(),
            );
        }
        if !given.is_empty() && !given.iter().any(|editor| editor.coordinator) {
            wrong(
                "editors".into(),
                "至少要有一位负责人，由负责人审定、提交和调整分工。".into(),
                "There has to be a coordinator, who approves, submits and hands out the parts.".into(),
            );
        }
        let mut seen = BTreeSet::new();
        let mut editors = Vec::with_capacity(given.len());
        for (place, editor) in given.into_iter().enumerate() {
            let Some(name) = accounts.get(&editor.account_id) else {
                wrong(
                    format!("editors[{place}].account_id"),
                    format!("账户 {} 不是本单位的填报账户。", editor.account_id),
                    format!("{} is no account of this school.", editor.account_id),
                );
                continue;
            };
            if !seen.insert(editor.account_id.clone()) {
                wrong(
                    format!("editors[{place}].account_id"),
                    format!("{name} 出现了两次。"),
                    format!("{name} appears twice."),
                );
            }
            for part in &editor.parts {
                let (known, code) = match part {
                    Part::Section(code) => (kind.section(code).is_some(), code),
                    Part::Group(code) => (kind.groups.contains(code), code),
                };
                if !known {
                    wrong(
                        format!("editors[{place}].parts"),
                        format!("这类年报没有 {code:?} 这一部分。"),
                        format!("This kind of report has no part {code:?}."),
                    );
                }
            }
            editors.push(Editor { account_name: name.clone(), ..editor });
        }
        if violations.is_empty() { Ok(Self { editors }) } else { Err(violations) }
    }

    /// What an account may do; nothing means everything.
    fn editor(&self, account_id: &str) -> Option<&Editor> {
        self.editors.iter().find(|editor| editor.account_id == account_id)
    }

    /// Whether an account may edit everything, hand out parts, approve and submit.
    pub fn coordinates(&self, account_id: &str) -> bool {
        self.editors.is_empty() || self.editor(account_id).is_some_and(|editor| editor.coordinator)
    }

    /// The parts that an account may edit, if it may not edit all.
    pub fn parts_of(&self, account_id: &str) -> BTreeSet<Part> {
        self.editor(account_id).map(|editor| editor.parts.clone()).unwrap_or_default()
    }

    /// Checks that an account coordinates.
    ///
    /// # Errors
    /// Who does, if it does not.
    pub fn check_coordinator(&self, account_id: &str, what: Text) -> Result<(), NotYours> {
        if self.coordinates(account_id) {
            return Ok(());
        }
        Err(NotYours { what, who: self.named(|editor| editor.coordinator) })
    }

    /// Checks that an account may edit these parts.
    ///
    /// # Errors
    /// Names the first part that it may not edit, and who may.
    pub fn check<'a>(
        &self,
        account_id: &str,
        parts: impl IntoIterator<Item = &'a Part>,
        catalogue: &Catalogue,
        kind: &ReportKind,
    ) -> Result<(), NotYours> {
        if self.coordinates(account_id) {
            return Ok(());
        }
        let own = self.parts_of(account_id);
        let Some(part) = parts.into_iter().find(|part| !own.contains(part)) else { return Ok(()) };
        let name = part.name(catalogue, kind);
        let mut who = self.named(|editor| editor.parts.contains(part));
        if who.is_empty() {
            who = self.named(|editor| editor.coordinator);
        }
        Err(NotYours { what: Text::new(format!("“{}”", name.zh), format!("“{}”", name.en)), who })
    }

    fn named(&self, wanted: impl Fn(&Editor) -> bool) -> Vec<String> {
        self.editors
            .iter()
            .filter(|editor| wanted(editor))
            .map(|editor| editor.account_name.clone())
            .collect()
    }
}

/// Who changed a part last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastEdit {
    /// The part.
    pub part: Part,
    /// The account.
    pub account_id: String,
    /// What it was called then.
    pub account_name: String,
    /// When.
    pub time: DateTime<Utc>,
}

/// Notes that somebody changed these parts.
pub fn note(edits: &mut Vec<LastEdit>, parts: &BTreeSet<Part>, by: (&str, &str), time: DateTime<Utc>) {
    edits.retain(|edit| !parts.contains(&edit.part));
    edits.extend(parts.iter().map(|part| LastEdit {
        part: part.clone(),
        account_id: by.0.to_owned(),
        account_name: by.1.to_owned(),
        time,
    }));
    edits.sort_by(|left, right| left.part.cmp(&right.part));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Catalogues;

    fn editor(id: &str, coordinator: bool, parts: &[Part]) -> Editor {
        Editor {
            account_id: id.into(),
            account_name: String::new(),
            coordinator,
            parts: parts.iter().cloned().collect(),
        }
    }

    fn read(editors: Vec<Editor>) -> Result<Plan, Vec<Violation>> {
        let catalogues = Catalogues::shipped();
        let catalogue = catalogues.get(2025).expect("2025 is shipped");
        let accounts = [("acc_1", "甲"), ("acc_2", "乙"), ("acc_3", "丙")]
            .map(|(id, name)| (id.to_owned(), name.to_owned()))
            .into();
        Plan::read(editors, &accounts, catalogue.kind("higher").expect("a kind"))
    }

    #[test]
    fn each_edits_what_was_given_and_a_coordinator_everything() {
        let (talent, scores) = (Part::Section("talent".into()), Part::Group("SC".into()));
        let plan =
            read(vec![editor("acc_1", true, &[]), editor("acc_2", false, std::slice::from_ref(&scores))])
                .expect("sound");
        let catalogues = Catalogues::shipped();
        let catalogue = catalogues.get(2025).expect("2025 is shipped");
        let kind = catalogue.kind("higher").expect("a kind");
        let check = |account: &str, part: &Part| plan.check(account, [part], catalogue, kind);
        assert!(check("acc_1", &talent).is_ok() && check("acc_1", &scores).is_ok());
        assert!(check("acc_2", &scores).is_ok());
        let refused = check("acc_2", &talent).unwrap_err().text();
        assert!(refused.zh.contains('甲'), "nobody has it, so the coordinator is named: {}", refused.zh);
        let refused = check("acc_3", &scores).unwrap_err().text();
        assert!(refused.zh.contains('乙') && refused.en.contains('乙'), "{}", refused.zh);
        assert!(plan.check_coordinator("acc_2", Text::new("提交", "Submitting")).is_err());
        assert!(Plan::default().check("acc_9", [&talent], catalogue, kind).is_ok());
    }

    #[test]
    fn a_plan_names_what_is_wrong_with_it() {
        let fields = |editors| -> Vec<String> {
            read(editors).unwrap_err().into_iter().map(|violation| violation.field).collect()
        };
        assert_eq!(fields(vec![editor("acc_1", false, &[])]), ["editors"]);
        assert_eq!(
            fields(vec![editor("acc_1", true, &[]), editor("acc_9", false, &[])]),
            ["editors[1].account_id"]
        );
        assert_eq!(
            fields(vec![editor("acc_1", true, &[]), editor("acc_1", false, &[])]),
            ["editors[1].account_id"]
        );
        let unknown = Part::Section("nowhere".into());
        assert_eq!(fields(vec![editor("acc_1", true, &[unknown])]), ["editors[0].parts"]);
        assert_eq!(read(vec![]), Ok(Plan::default()));
    }

    #[test]
    fn only_the_newest_edit_of_a_part_is_kept() {
        let part = |code: &str| BTreeSet::from([Part::Group(code.into())]);
        let time = |second| DateTime::from_timestamp(second, 0).expect("a moment");
        let mut edits = Vec::new();
        note(&mut edits, &part("SC"), ("acc_1", "甲"), time(1));
        note(&mut edits, &part("POL"), ("acc_2", "乙"), time(2));
        note(&mut edits, &part("SC"), ("acc_2", "乙"), time(3));
        let seen: Vec<(&Part, &str, i64)> =
            edits.iter().map(|edit| (&edit.part, edit.account_id.as_str(), edit.time.timestamp())).collect();
        assert_eq!(seen, [(&Part::Group("POL".into()), "acc_2", 2), (&Part::Group("SC".into()), "acc_2", 3)]);
    }
}
