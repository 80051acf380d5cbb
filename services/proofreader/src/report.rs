//! Collects findings and gives them names that survive edits elsewhere in the text.

use std::collections::HashMap;

use crate::finding::{Class, Finding, Location, Severity};
use crate::text::bare;

/// A finding before it has its id; the first location is the main one.
#[derive(Debug)]
pub(crate) struct Draft {
    pub class: Class,
    pub severity: Severity,
    pub rule: &'static str,
    pub zh: String,
    pub en: String,
    pub locations: Vec<Location>,
    pub expected: String,
    pub actual: String,
    pub computation: String,
    pub computation_en: String,
}

/// The findings of one check.
#[derive(Debug, Default)]
pub(crate) struct Report {
    drafts: Vec<Draft>,
}

impl Report {
    pub fn add(&mut self, draft: Draft) {
        if !draft.locations.is_empty() {
            self.drafts.push(draft);
        }
    }

    /// The findings by line, errors first within a line, each with its id.
    pub fn finish(self) -> Vec<Finding> {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut findings: Vec<Finding> = self.drafts.into_iter().map(finding).collect();
        findings.sort_by(|a, b| {
            (a.line, a.severity, a.rule, &a.excerpt).cmp(&(b.line, b.severity, b.rule, &b.excerpt))
        });
        for finding in &mut findings {
            let times = seen.entry(finding.id.clone()).or_default();
            *times += 1;
            if *times > 1 {
                finding.id = format!("{}-{times}", finding.id);
            }
        }
        findings
    }
}

fn finding(mut draft: Draft) -> Finding {
    draft.locations.dedup();
    let main = draft.locations[0].clone();
    let mut hash = fnv(0xcbf2_9ce4_8422_2325, draft.rule.as_bytes());
    for part in [&bare(&main.excerpt), &draft.actual, &draft.expected] {
        hash = fnv(fnv(hash, part.as_bytes()), &[0]);
    }
    Finding {
        id: format!("{}-{:012x}", draft.rule, hash & 0xffff_ffff_ffff),
        class: draft.class,
        severity: draft.severity,
        rule: draft.rule,
        message_zh: draft.zh,
        message_en: draft.en,
        line: main.line,
        excerpt: main.excerpt,
        locations: draft.locations,
        expected: draft.expected,
        actual: draft.actual,
        computation: draft.computation,
        computation_en: draft.computation_en,
    }
}

/// FNV-1a: the id must be the same on every machine and in every version of the standard library.
pub(crate) fn fnv(mut hash: u64, bytes: &[u8]) -> u64 {
    for &byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash
}
