//! The cases that editions set.

use std::collections::BTreeMap;

use super::region;
use crate::demo::{ReportKind, material::Cases};

/// The editions of 2025 set two cases a chapter, of the first schools in order of code: no case twice.
#[test]
fn the_cases_of_one_chapter_differ() {
    let region = region();
    let cases = Cases::read().expect("sound");
    let mut told: BTreeMap<&str, (ReportKind, &str, String)> = BTreeMap::new();
    for report in region.reports.iter().filter(|report| report.year == 2025) {
        if let Some((section, case)) = cases.of_compiled(report, "演示学校") {
            told.insert(&report.subject, (report.kind, section, case.title));
        }
    }
    assert_eq!(told.len(), 76, "every school's report has one");
    let both = [ReportKind::Higher, ReportKind::Secondary];
    for (kinds, wanted) in
        [(&both[..], "culture"), (&both, "integration"), (&both[..1], "talent"), (&both[1..], "talent")]
    {
        let of_chapter =
            told.values().filter(|(kind, section, _)| kinds.contains(kind) && *section == wanted);
        let titles: Vec<&str> = of_chapter.map(|(_, _, title)| title.as_str()).take(2).collect();
        assert!(titles.len() == 2 && titles[0] != titles[1], "{wanted}: {titles:?}");
    }
}
