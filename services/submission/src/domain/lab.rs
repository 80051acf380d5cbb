//! Trying a draft of rules on reports of the past: what it finds in each, beside what the rules in force find.

use std::collections::{BTreeMap, btree_map::Entry};

use zhijian_platform::Text;

use super::{
    catalogue::{Catalogue, ReportKind, Rule, Severity},
    check::{self, Beside, Finding, Report},
    derive::{self, Cells},
};

/// A report as it was handed in.
#[derive(Debug)]
pub struct Past {
    /// The kind of report.
    pub kind: String,
    /// Its cells, without the derived ones: what they come to is the catalogue's to say.
    pub cells: Cells,
    /// The accepted cells of the year before.
    pub last: Cells,
    /// Its sections' texts, by code.
    pub sections: BTreeMap<String, String>,
    /// What the rules in force speak of besides.
    pub beside: Beside,
    /// What the draft speaks of besides.
    pub beside_draft: Beside,
}

/// Which rules find something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The draft alone.
    New,
    /// The rules in force alone.
    Gone,
    /// Both.
    Same,
}

impl Change {
    const ALL: [Self; 3] = [Self::New, Self::Gone, Self::Same];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Same => "same",
        }
    }

    /// The change of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.as_str() == name)
    }
}

/// One finding in one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// Which rules find it.
    pub change: Change,
    /// The weight that the draft gives it; none if it does not fire.
    pub severity: Option<Severity>,
    /// The weight that it has in force; none if the rules in force do not fire.
    pub in_force: Option<Severity>,
    /// The finding: the draft's, where it fires.
    pub finding: Finding,
}

/// What a draft and the rules in force find in a report, in the order of the draft; what only the rules in force find comes
/// last. `None` if the catalogue has no such kind of report.
pub fn compare(draft: &Catalogue, in_force: &Catalogue, past: &Past) -> Option<Vec<Firing>> {
    let now = findings(in_force, in_force.kind(&past.kind)?, past, &past.beside);
    let then = findings(draft, draft.kind(&past.kind)?, past, &past.beside_draft);
    let mut earlier: BTreeMap<String, Finding> = BTreeMap::new();
    let mut order = vec![];
    for finding in now {
        if let Entry::Vacant(place) = earlier.entry(finding.id.clone()) {
            order.push(finding.id.clone());
            place.insert(finding);
        }
    }
    let mut firings: Vec<Firing> = then
        .into_iter()
        .map(|finding| {
            let same = earlier.remove(&finding.id);
            Firing {
                change: if same.is_some() { Change::Same } else { Change::New },
                severity: Some(finding.severity),
                in_force: same.map(|finding| finding.severity),
                finding,
            }
        })
        .collect();
    firings.extend(order.iter().filter_map(|id| earlier.remove(id)).map(|finding| Firing {
        change: Change::Gone,
        severity: None,
        in_force: Some(finding.severity),
        finding,
    }));
    Some(firings)
}

/// What the rules of a catalogue find in a report of the past: the one place where such a report becomes what the checks
/// take.
fn findings(catalogue: &Catalogue, kind: &ReportKind, past: &Past, beside: &Beside) -> Vec<Finding> {
    let cells = derive::complete(catalogue, &kind.code, &past.cells);
    let report =
        Report { catalogue, kind, cells: &cells, last: &past.last, sections: &past.sections, beside };
    check::run(report).findings
}

/// How a rule of a draft relates to the rules in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its code is not in force.
    New,
    /// Its code is in force with something else in it.
    Changed,
    /// It is the same as in force.
    Carried,
    /// It is in force, and not in the draft.
    Removed,
}

impl Standing {
    const ALL: [Self; 4] = [Self::New, Self::Changed, Self::Carried, Self::Removed];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Carried => "carried",
            Self::Removed => "removed",
        }
    }

    /// The standing of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == name)
    }
}

/// A rule with what became of it.
#[derive(Debug)]
pub struct Compared<'a> {
    /// The draft's rule; that in force if it falls away.
    pub rule: &'a Rule,
    /// How it relates to the rules in force.
    pub standing: Standing,
    /// Its weight in force, if it is in force.
    pub in_force: Option<Severity>,
}

impl Compared<'_> {
    /// What must hold, with the condition under which it must.
    pub fn expression(&self) -> String {
        match &self.rule.when {
            Some(when) => format!("{} ⇒ {}", when.source(), self.rule.words),
            None => self.rule.words.clone(),
        }
    }

    /// What a school reads.
    pub fn message(&self) -> &Text {
        &self.rule.message
    }
}

/// The rules of a draft in its order, then those that fall away.
pub fn standings<'a>(draft: &'a Catalogue, in_force: &'a Catalogue) -> Vec<Compared<'a>> {
    let find = |rules: &'a [Rule], code: &str| rules.iter().find(|rule| rule.code == code);
    let kept = draft.rules.iter().map(|rule| {
        let earlier = find(&in_force.rules, &rule.code);
        let standing = match earlier {
            None => Standing::New,
            Some(earlier) if rule.says_the_same(earlier) => Standing::Carried,
            Some(_) => Standing::Changed,
        };
        Compared { rule, standing, in_force: earlier.map(|earlier| earlier.severity) }
    });
    let removed = in_force.rules.iter().filter(|rule| find(&draft.rules, &rule.code).is_none());
    let removed =
        removed.map(|rule| Compared { rule, standing: Standing::Removed, in_force: Some(rule.severity) });
    kept.chain(removed).collect()
}

#[cfg(test)]
mod tests {
    use zhijian_platform::rules::RulesDir;

    use super::*;
    use crate::domain::{
        catalogue::{Catalogues, draft},
        value::Value,
    };

    fn catalogue(text: &str) -> Catalogue {
        draft(&RulesDir::default(), 2025, text).expect("sound")
    }

    fn past(values: &[(&str, i64)]) -> Past {
        let cells = values.iter().map(|(code, number)| ((*code).to_owned(), Value::Number((*number).into())));
        Past {
            kind: "higher".into(),
            cells: cells.collect(),
            last: Cells::new(),
            sections: BTreeMap::new(),
            beside: Beside::default(),
            beside_draft: Beside::default(),
        }
    }

    const SHARE: &str = r#"
        extends = 2025
        remove = ["V03-SC03"]
        [[rule]]
        code = "V03-SC02"
        report_kinds = ["higher"]
        severity = "warning"
        expression = "SC02 <= SC01"
        message = { zh = "多于毕业生。", en = "More than graduates." }
        hint = { zh = "请核对。", en = "Check it." }
        stage = "values"
        [[rule]]
        code = "V90"
        report_kinds = ["higher"]
        severity = "error"
        expression = "SC02 >= 0.9 * SC01"
        message = { zh = "落实率低于 90%。", en = "Below 90%." }
        hint = { zh = "请核对。", en = "Check it." }
        stage = "values"
    "#;

    #[test]
    fn a_draft_that_is_the_file_in_force_changes_nothing() {
        let force = Catalogues::shipped().get(2025).expect("shipped");
        let same = catalogue("extends = 2025");
        assert!(standings(&same, force).iter().all(|rule| rule.standing == Standing::Carried));
        let firings =
            compare(&same, force, &past(&[("SC01", 10), ("SC02", 12), ("SC03", 11)])).expect("known");
        assert!(firings.len() > 3 && firings.iter().all(|one| one.change == Change::Same), "{firings:?}");
    }

    #[test]
    fn what_fires_newly_no_longer_and_as_before_is_told_apart() {
        let force = Catalogues::shipped().get(2025).expect("shipped");
        let draft = catalogue(SHARE);
        let of = |firings: &[Firing], code: &str| {
            firings.iter().find(|one| one.finding.rule_code == code).cloned()
        };
        let firings =
            compare(&draft, force, &past(&[("SC01", 10), ("SC02", 5), ("SC03", 7)])).expect("known");
        let new = of(&firings, "V90").expect("fires");
        assert_eq!((new.change, new.severity, new.in_force), (Change::New, Some(Severity::Error), None));
        assert_eq!(new.finding.computation, "5 < 0.9 × 10 = 9");
        let gone = of(&firings, "V03-SC03").expect("fired");
        assert_eq!((gone.change, gone.severity, gone.in_force), (Change::Gone, None, Some(Severity::Error)));
        assert!(of(&firings, "V03-SC02").is_none());
        let firings = compare(&draft, force, &past(&[("SC01", 10), ("SC02", 12)])).expect("known");
        let lighter = of(&firings, "V03-SC02").expect("fires");
        assert_eq!(lighter.change, Change::Same);
        assert_eq!((lighter.severity, lighter.in_force), (Some(Severity::Warning), Some(Severity::Error)));
        let unknown = Past { kind: "nursery".into(), ..past(&[]) };
        assert!(compare(&draft, force, &unknown).is_none());
    }

    #[test]
    fn rules_are_new_changed_carried_or_removed() {
        let force = Catalogues::shipped().get(2025).expect("shipped");
        let draft = catalogue(SHARE);
        let all = standings(&draft, force);
        let of = |code: &str| all.iter().find(|one| one.rule.code == code).map(|one| one.standing);
        assert_eq!(of("V90"), Some(Standing::New));
        assert_eq!(of("V03-SC02"), Some(Standing::Changed));
        assert_eq!(of("V10"), Some(Standing::Carried));
        assert_eq!(of("V03-SC03"), Some(Standing::Removed));
        assert_eq!(all.len(), force.rules.len() + 1);
    }
}
