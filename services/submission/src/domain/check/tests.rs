use std::sync::Arc;

use super::*;
use crate::domain::{catalogue::Catalogues, value::Value};

/// A report of a kind in the shipped rules of 2025.
struct Sample {
    catalogue: Arc<Catalogue>,
    kind: &'static str,
    cells: Cells,
    last: Cells,
    sections: BTreeMap<String, String>,
    beside: Beside,
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().expect("a decimal"))
}

impl Sample {
    /// A report that every rule is content with.
    fn sound(kind: &'static str) -> Self {
        let catalogue = Catalogues::shipped().get(2025).expect("2025 is shipped").clone();
        let cells = catalogue
            .required_of(kind)
            .map(|indicator| {
                let value = match indicator.code.as_str() {
                    "SC01" => "9797",
                    "SC02" => "4903",
                    "SC03" => "300",
                    "BAS02" | "BAS19" => "900",
                    "POL06" => "100",
                    "BAS05" => "60",
                    "BAS04" => "70",
                    "BAS06" => "41000",
                    "BAS07" => "25000",
                    "BAS08" => "1000",
                    "BAS09" => "90000",
                    "BAS14" => "80",
                    "POL02" => "30000",
                    "POL05" => "120",
                    "RES13" => "20",
                    "SC10" => "50",
                    "SC11" => "200",
                    "SC12" => "500",
                    "SVC01" => "750",
                    "SVC02" => "300",
                    code if code.starts_with("SAT") => "95",
                    _ => "10",
                };
                (indicator.code.clone(), number(value))
            })
            .collect();
        let sections = catalogue
            .kind(kind)
            .expect("a kind of 2025")
            .sections
            .iter()
            .map(|section| (section.code.clone(), "本校坚持立德树人，全面提高人才培养质量。".repeat(2)))
            .collect();
        Self { catalogue, kind, cells, last: Cells::new(), sections, beside: Beside::default() }
    }

    fn set(&mut self, code: &str, value: &str) -> &mut Self {
        self.cells.insert(code.to_owned(), number(value));
        self
    }

    fn run(&self) -> Outcome {
        let kind = self.catalogue.kind(self.kind).expect("a kind of 2025");
        let cells = derive::complete(&self.catalogue, self.kind, &self.cells);
        let report = Report {
            catalogue: &self.catalogue,
            kind,
            cells: &cells,
            last: &self.last,
            sections: &self.sections,
            beside: &self.beside,
        };
        run(report)
    }

    /// The findings' ids with their computations.
    fn findings(&self) -> Vec<(String, String)> {
        self.run().findings.into_iter().map(|finding| (finding.id, finding.computation)).collect()
    }
}

fn one(id: &str, computation: &str) -> Vec<(String, String)> {
    vec![(id.to_owned(), computation.to_owned())]
}

#[test]
fn a_sound_report_of_each_kind_passes_every_rule() {
    for (kind, at_least) in [("higher", 16), ("secondary", 16), ("district", 5), ("enterprise", 5)] {
        let outcome = Sample::sound(kind).run();
        assert_eq!(outcome.findings, [], "{kind}");
        assert!(outcome.rules_run >= at_least, "{kind}: {}", outcome.rules_run);
    }
}

#[test]
fn subsets_are_errors_that_show_the_numbers() {
    let mut sample = Sample::sound("higher");
    assert_eq!(sample.set("SC02", "9798").findings(), one("V03-SC02", "9798 > 9797"));
    let mut sample = Sample::sound("secondary");
    sample.set("BAS05", "101");
    let outcome = sample.run();
    assert_eq!(outcome.findings.len(), 1);
    let finding = &outcome.findings[0];
    assert_eq!((finding.rule_code.as_str(), finding.severity), ("V03-BAS05", Severity::Error));
    assert_eq!(finding.indicator_codes, ["BAS05", "POL06"]);
    assert_eq!(finding.computation, "101 > 100");
}

#[test]
fn a_ratio_must_come_out_within_its_printed_precision() {
    let mut sample = Sample::sound("higher");
    sample.set("SC02", "4903");
    let kind = sample.catalogue.kind("higher").unwrap();
    let mut cells = derive::complete(&sample.catalogue, "higher", &sample.cells);
    cells.insert("SC04".to_owned(), number("50.03"));
    let report = Report {
        catalogue: &sample.catalogue,
        kind,
        cells: &cells,
        last: &sample.last,
        sections: &sample.sections,
        beside: &sample.beside,
    };
    let findings = run(report).findings;
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].computation, "|50.03 − 4903 ÷ 9797 × 100| ≈ 0.015932 > 0.005");
}

#[test]
fn an_empty_cell_is_found_and_neither_zero_nor_a_reason_is() {
    let mut sample = Sample::sound("higher");
    sample.cells.remove("INT01");
    let outcome = sample.run();
    assert_eq!(outcome.findings.iter().map(|finding| finding.id.as_str()).collect::<Vec<_>>(), ["C03:INT01"]);
    assert!(outcome.findings[0].message.zh.contains("INT01 接收国外留学生人数"));
    sample.set("INT01", "0");
    assert_eq!(sample.findings(), []);
    sample.cells.insert("INT01".to_owned(), Value::NotApplicable("未开展留学生教育".into()));
    assert_eq!(sample.findings(), []);
    sample.cells.insert("INT01".to_owned(), Value::NotApplicable("无".into()));
    assert_eq!(sample.findings(), one("C03-REASON:INT01", "1 < 4"));
}

#[test]
fn graduates_may_be_left_out_only_where_there_were_none() {
    let mut sample = Sample::sound("secondary");
    sample.cells.insert("SC02".to_owned(), Value::NotApplicable("新建学校，尚无毕业生".into()));
    sample.cells.insert("SC03".to_owned(), Value::NotApplicable("新建学校，尚无毕业生".into()));
    assert_eq!(
        sample.findings(),
        [("C04:SC02".to_owned(), "9797 ≠ 0".to_owned()), ("C04:SC03".to_owned(), "9797 ≠ 0".to_owned()),]
    );
    sample.set("SAT07", "0").set("SAT07N", "0");
    assert_eq!(sample.set("SC01", "0").findings(), []);
}

#[test]
fn a_missing_value_fails_the_rules_that_say_so_and_skips_the_others() {
    let mut sample = Sample::sound("higher");
    sample.cells.remove("SAT01N");
    assert_eq!(
        sample.findings(),
        [("C03:SAT01N".to_owned(), String::new()), ("C10-SAT01N".to_owned(), "SAT01N = ?".to_owned()),]
    );
    sample.cells.insert("SAT01N".to_owned(), Value::NotApplicable("未开展问卷调查".into()));
    assert_eq!(sample.findings(), []);
}

#[test]
fn a_division_by_zero_is_a_finding_and_never_a_number() {
    let mut sample = Sample::sound("higher");
    for code in ["SC01", "SC02", "SC03", "SC07N", "SC08N", "SC10", "SC11", "SC12", "SC13N", "SAT07", "SAT07N"]
    {
        sample.set(code, "0");
    }
    for code in ["SVC01", "SVC02", "SVC03", "SVC04", "SVC05"] {
        sample.set(code, "0");
    }
    assert_eq!(sample.findings(), [], "no graduates, no rate, nothing to compare");
    let kind = sample.catalogue.kind("higher").unwrap();
    let mut cells = sample.cells.clone();
    cells.insert("SC04".to_owned(), number("0"));
    let report = Report {
        catalogue: &sample.catalogue,
        kind,
        cells: &cells,
        last: &sample.last,
        sections: &sample.sections,
        beside: &sample.beside,
    };
    let findings = run(report).findings;
    assert_eq!(findings.iter().map(|finding| finding.computation.as_str()).collect::<Vec<_>>(), ["0 ÷ 0"]);
}

#[test]
fn a_change_of_more_than_thirty_per_cent_wants_an_explanation() {
    let mut sample = Sample::sound("higher");
    sample.set("SVC06", "4767.7");
    sample.last.insert("SVC06".to_owned(), number("1723.23"));
    let outcome = sample.run();
    assert_eq!(outcome.findings.len(), 1);
    assert_eq!(
        (outcome.findings[0].id.as_str(), outcome.findings[0].severity),
        ("V10:SVC06", Severity::Warning)
    );
    assert_eq!(outcome.findings[0].computation, "|4767.7 − 1723.23| = 3044.47 > 0.3 × 1723.23 = 516.969");
    sample.set("SVC06", "1300");
    sample.last.insert("SVC06".to_owned(), number("1000"));
    assert_eq!(sample.findings(), [], "exactly 30% is within bounds");
    sample.last.insert("SVC06".to_owned(), number("0"));
    assert_eq!(sample.findings(), [], "nothing to compare with");
}

#[test]
fn sections_must_be_written_and_keep_their_bounds() {
    let mut sample = Sample::sound("secondary");
    sample.sections.remove("preface");
    assert_eq!(sample.findings(), [], "the preface may be left out");
    sample.sections.insert("talent".to_owned(), " \n ".to_owned());
    sample.sections.insert("culture".to_owned(), "太短".to_owned());
    sample.sections.insert("challenge".to_owned(), "长".repeat(20_001));
    assert_eq!(
        sample.findings(),
        [
            ("C02:talent".to_owned(), "20 ≠ 0; 0 ≤ 0".to_owned()),
            ("C02-MIN:culture".to_owned(), "2 < 20".to_owned()),
            ("C02-MAX:challenge".to_owned(), "20001 > 20000".to_owned()),
        ]
    );
}

#[test]
fn satisfaction_lies_among_its_components() {
    let mut sample = Sample::sound("secondary");
    for (code, value) in
        [("SAT02", "95.66"), ("SAT03", "95.7"), ("SAT04", "96"), ("SAT05", "95.70"), ("SAT06", "95.9")]
    {
        sample.set(code, value);
    }
    assert_eq!(
        sample.set("SAT01", "95.35").findings(),
        one("V08-SAT01", "95.35 < min(min(min(95.66, 95.7), 96), min(95.7, 95.9)) = 95.66")
    );
    assert_eq!(sample.set("SAT01", "95.8").findings(), []);
    assert_eq!(sample.set("SAT01", "100.01").run().findings[0].id, "V04-RATE:SAT01");
}

#[test]
fn an_enterprise_must_have_taken_some_part() {
    let mut sample = Sample::sound("enterprise");
    for code in ["ENT01", "ENT02", "ENT03", "ENT04", "ENT05"] {
        sample.set(code, "0");
    }
    assert_eq!(sample.findings(), one("V15-ENT", "0 + 0 + 0 + 0 + 0 = 0 ≤ 0"));
}

#[test]
fn an_info_never_asks_for_anything() {
    let mut sample = Sample::sound("higher");
    sample.set("BAS05", "40");
    let outcome = sample.run();
    assert_eq!(outcome.findings.len(), 1);
    assert_eq!(
        (outcome.findings[0].rule_code.as_str(), outcome.findings[0].severity),
        ("V14-BAS05", Severity::Info)
    );
    assert_eq!(outcome.findings[0].computation, "40 ÷ 100 = 0.4 < 0.5");
}
