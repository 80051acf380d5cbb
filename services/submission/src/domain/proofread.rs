//! What the proofreader marks in a report's text. It may be wrong, so it never blocks a submission as an error does: its
//! errors are warnings here, which an explanation answers and a dismissal settles.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use zhijian_platform::Text;
use zhijian_proofreader::{Class, Location, Options, Severity as Weight};

use super::{
    catalogue::{ReportKind, Severity, Stage, Standing},
    check::Finding,
};

/// A finding of the proofreader with everything that stands beside the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Identifies it within the report.
    pub finding_id: String,
    /// The rule and the words concerned: the same in every revision, wherever they stand.
    pub fingerprint: String,
    /// The rule.
    pub rule_code: String,
    /// How sure the proofreader is that something is wrong.
    pub weight: Weight,
    /// What is wrong and what to do.
    pub message: Text,
    /// Every passage concerned, the main one first; never empty.
    pub places: Vec<Place>,
    /// The reasoning in words.
    pub computation: Text,
    /// What the text should say; "" if that cannot be known.
    pub expected: String,
    /// What it says.
    pub actual: String,
}

/// A passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The section.
    pub section_code: String,
    /// The 1-based line in it.
    pub line: usize,
    /// Words of that line.
    pub excerpt: String,
}

/// The sections' texts one after the other.
pub fn joined(sections: &BTreeMap<String, String>) -> String {
    sections.values().map(String::as_str).collect::<Vec<_>>().join("\n\n")
}

/// Reads every section that has a text, and then all of them together for what contradicts itself across sections.
/// In the order of sections and lines.
pub fn remarks(kind: &ReportKind, sections: &BTreeMap<String, String>, options: &Options) -> Vec<Remark> {
    let mut remarks = vec![];
    let mut whole = Whole::default();
    for section in &kind.sections {
        let Some(body) = sections.get(&section.code).filter(|body| !body.trim().is_empty()) else { continue };
        for mark in zhijian_proofreader::check(body, options) {
            let place = |location: &Location| Place {
                section_code: section.code.clone(),
                line: location.line,
                excerpt: location.excerpt.clone(),
            };
            let places = mark.locations.iter().map(place).collect();
            remarks.push(remark(mark, places));
        }
        whole.add(&section.code, &section.name.zh, body);
    }
    // Each section has been held against the other texts already.
    let within = Options { previous: vec![], others: vec![], ..options.clone() };
    whole.remarks(&within, &mut remarks);
    let order: HashMap<&str, usize> =
        kind.sections.iter().enumerate().map(|(place, section)| (section.code.as_str(), place)).collect();
    remarks.sort_by_key(|remark| {
        remark.places.first().map(|place| (order.get(place.section_code.as_str()).copied(), place.line))
    });
    remarks
}

/// All sections as one text, under their headings.
#[derive(Default)]
struct Whole<'a> {
    text: String,
    /// The section and its line for each line of the text; a heading of ours has none.
    lines: Vec<Option<(&'a str, usize)>>,
    sections: usize,
}

impl<'a> Whole<'a> {
    fn add(&mut self, code: &'a str, name: &str, body: &str) {
        self.sections += 1;
        for ours in [&format!("# {name}"), ""] {
            self.text.push_str(ours);
            self.text.push('\n');
            self.lines.push(None);
        }
        for (index, line) in body.lines().enumerate() {
            self.text.push_str(line);
            self.text.push('\n');
            self.lines.push(Some((code, index + 1)));
        }
        self.text.push('\n');
        self.lines.push(None);
    }

    /// Adds what concerns several sections at once. Numbering and form are each section's own affair.
    fn remarks(&self, options: &Options, remarks: &mut Vec<Remark>) {
        if self.sections < 2 {
            return;
        }
        for mark in zhijian_proofreader::check(&self.text, options) {
            if !matches!(
                mark.class,
                Class::Arithmetic | Class::Contradiction | Class::Name | Class::Duplication
            ) {
                continue;
            }
            let places: Option<Vec<Place>> =
                mark.locations.iter().map(|location| self.place(location)).collect();
            let Some(places) = places else { continue };
            let across = places.iter().any(|place| place.section_code != places[0].section_code);
            let known = remarks.iter().any(|remark| {
                remark.fingerprint == fingerprint(mark.rule, &mark.id)
                    && remark.places[0].section_code == places[0].section_code
            });
            if across && !known {
                remarks.push(remark(mark, places));
            }
        }
    }

    fn place(&self, location: &Location) -> Option<Place> {
        let (code, line) = (*self.lines.get(location.line.checked_sub(1)?)?)?;
        Some(Place { section_code: code.to_owned(), line, excerpt: location.excerpt.clone() })
    }
}

fn remark(mark: zhijian_proofreader::Finding, places: Vec<Place>) -> Remark {
    let section = places.first().map(|place| place.section_code.as_str()).unwrap_or_default();
    Remark {
        finding_id: format!("{}:{section}:{}", mark.rule, mark.id),
        fingerprint: fingerprint(mark.rule, &mark.id),
        rule_code: mark.rule.to_owned(),
        weight: mark.severity,
        message: Text::new(mark.message_zh, mark.message_en),
        places,
        computation: Text::new(mark.computation, mark.computation_en),
        expected: mark.expected,
        actual: mark.actual,
    }
}

/// The proofreader's own id is made of the rule and the normalised words; the number that tells repeated passages apart
/// falls away, so that one decision settles them all.
fn fingerprint(rule: &str, id: &str) -> String {
    const HASH: usize = 12;
    id.get(..rule.len() + 1 + HASH).unwrap_or(id).to_owned()
}

/// A remark as a finding of the check; `dismissed` is why it does not stand, if somebody said so.
pub fn finding(remark: &Remark, kind: &ReportKind, dismissed: Option<&String>) -> Finding {
    let severity = match remark.weight {
        _ if dismissed.is_some() => Severity::Info,
        Weight::Error | Weight::Warning => Severity::Warning,
        Weight::Info => Severity::Info,
    };
    let main = remark.places.first();
    let hint = match dismissed {
        Some(reason) => {
            Text::new(format!("已标为无需修改：{reason}"), format!("Marked as needing no change: {reason}"))
        }
        None => hint(remark, kind),
    };
    Finding {
        id: remark.finding_id.clone(),
        rule_code: remark.rule_code.clone(),
        stage: stage(&remark.rule_code),
        standing: Standing::Carried,
        severity,
        message: remark.message.clone(),
        hint,
        indicator_codes: vec![],
        section_code: main.map(|place| place.section_code.clone()).unwrap_or_default(),
        line: main.and_then(|place| u32::try_from(place.line).ok()).unwrap_or_default(),
        computation: remark.computation.zh.clone(),
        computation_en: remark.computation.en.clone(),
        value: None,
        range: Decimal::ZERO,
    }
}

/// When the proofreader's rules would be run if they were a year's own.
fn stage(rule_code: &str) -> Stage {
    match rule_code.split('.').next().unwrap_or_default() {
        "reference" | "source" => Stage::Structure,
        "arithmetic" => Stage::Values,
        "contradiction" | "duplication" => Stage::Across,
        _ => Stage::Form,
    }
}

/// Where it stands: both places, quoted.
fn hint(remark: &Remark, kind: &ReportKind) -> Text {
    const QUOTED: usize = 2;
    let quote = |place: &Place| {
        let name = kind.section(&place.section_code).map(|section| section.name.clone());
        let name = name.unwrap_or_else(|| Text::new(&place.section_code, &place.section_code));
        let (line, excerpt) = (place.line, &place.excerpt);
        (
            format!("“{}”第 {line} 行：“{excerpt}”", name.zh),
            format!("“{}”, line {line}: “{excerpt}”", name.en),
        )
    };
    let (zh, en): (Vec<String>, Vec<String>) = remark.places.iter().take(QUOTED).map(quote).unzip();
    Text::new(format!("见{}。", zh.join("；")), format!("See {}.", en.join("; ")))
}

/// What the proofreader said of texts lately: every page of a report asks again about the same words.
#[derive(Default)]
pub struct Proofs(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    remarks: HashMap<[u8; 32], (u64, Arc<Vec<Remark>>)>,
    clock: u64,
}

impl Proofs {
    /// How many reports are remembered.
    const MOST: usize = 64;

    /// The remarks on a report, read now or not long ago.
    pub fn remarks(
        &self,
        kind: &ReportKind,
        sections: &BTreeMap<String, String>,
        options: &Options,
    ) -> Arc<Vec<Remark>> {
        let key = key(kind, sections, options);
        {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.clock += 1;
            let clock = kept.clock;
            if let Some((used, remarks)) = kept.remarks.get_mut(&key) {
                *used = clock;
                return remarks.clone();
            }
        }
        let remarks = Arc::new(remarks(kind, sections, options));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let clock = kept.clock;
        kept.remarks.insert(key, (clock, remarks.clone()));
        if kept.remarks.len() > Self::MOST {
            let oldest = kept.remarks.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| *key);
            oldest.map(|key| kept.remarks.remove(&key));
        }
        remarks
    }
}

fn key(kind: &ReportKind, sections: &BTreeMap<String, String>, options: &Options) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(format!("{options:?}"));
    for section in &kind.sections {
        let body = sections.get(&section.code).map(String::as_str).unwrap_or_default();
        for part in [&section.code, &section.name.zh, body] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Catalogues;

    fn kind() -> &'static ReportKind {
        let catalogue = Catalogues::shipped().get(2025).expect("2025 is shipped");
        catalogue.kind("secondary").expect("a kind of 2025")
    }

    fn sections<const N: usize>(sections: [(&str, &str); N]) -> BTreeMap<String, String> {
        sections.into_iter().map(|(code, body)| (code.to_owned(), body.to_owned())).collect()
    }

    const SUM: &str = "全校共有学生100人，其中一年级学生60人，二年级学生45人。";

    #[test]
    fn a_sum_that_does_not_add_up_is_a_warning_at_its_line() {
        let remarks = remarks(
            kind(),
            &sections([("talent", &format!("学校稳步发展。\n\n{SUM}"))]),
            &Options::default(),
        );
        let findings: Vec<Finding> = remarks.iter().map(|remark| finding(remark, kind(), None)).collect();
        let sum =
            findings.iter().find(|finding| finding.rule_code == "arithmetic.sum").expect("105 is not 100");
        assert_eq!((sum.severity, sum.section_code.as_str(), sum.line), (Severity::Warning, "talent", 3));
        assert!(sum.id.starts_with("arithmetic.sum:talent:"), "{}", sum.id);
        assert!(sum.hint.zh.contains("人才培养"), "{}", sum.hint.zh);
        assert!(findings.iter().all(|finding| finding.severity != Severity::Error));
    }

    #[test]
    fn a_decision_holds_wherever_the_words_stand_and_not_for_other_words() {
        let first = remarks(kind(), &sections([("talent", SUM)]), &Options::default());
        let moved = format!("新增一段。\n\n学校稳步发展。\n\n{SUM}");
        let second = remarks(kind(), &sections([("service", &moved)]), &Options::default());
        let of = |remarks: &[Remark]| {
            let sum = remarks.iter().find(|remark| remark.rule_code == "arithmetic.sum").expect("found");
            (sum.fingerprint.clone(), sum.places[0].line)
        };
        assert_eq!(of(&first).0, of(&second).0);
        assert_eq!((of(&first).1, of(&second).1), (1, 5));
        let other = remarks(kind(), &sections([("talent", &SUM.replace("45", "46"))]), &Options::default());
        assert_ne!(of(&first).0, of(&other).0);

        let reason = "引用原文".to_owned();
        let dismissed = finding(&first[0], kind(), Some(&reason));
        assert_eq!(dismissed.severity, Severity::Info);
        assert!(dismissed.hint.zh.contains("引用原文"));
    }

    #[test]
    fn a_contradiction_between_two_sections_quotes_both() {
        let sections = sections([
            ("overview", "学校现有在校生3200人，专任教师210人。"),
            ("talent", "学校坚持立德树人。\n\n学校现有在校生3260人，专任教师210人。"),
        ]);
        let remarks = remarks(kind(), &sections, &Options::default());
        let both =
            remarks.iter().find(|remark| remark.rule_code.starts_with("contradiction")).expect("found");
        let places: Vec<(&str, usize)> =
            both.places.iter().map(|place| (place.section_code.as_str(), place.line)).collect();
        assert!(places.contains(&("overview", 1)) && places.contains(&("talent", 3)), "{places:?}");
        let hint = finding(both, kind(), None).hint.zh;
        assert!(hint.contains("基本情况") && hint.contains("人才培养"), "{hint}");
    }

    #[test]
    fn texts_are_read_once_and_again_when_they_change() {
        let proofs = Proofs::default();
        let first = sections([("talent", SUM)]);
        let one = proofs.remarks(kind(), &first, &Options::default());
        assert!(Arc::ptr_eq(&one, &proofs.remarks(kind(), &first, &Options::default())));
        let changed = sections([("talent", "学校稳步发展。")]);
        assert_ne!(*one, *proofs.remarks(kind(), &changed, &Options::default()));
        for number in 0..Proofs::MOST * 2 {
            proofs.remarks(
                kind(),
                &sections([("talent", &format!("学校有{number}个专业。"))]),
                &Options::default(),
            );
        }
        assert!(proofs.0.lock().expect("not poisoned").remarks.len() <= Proofs::MOST);
    }
}
