//! The examples of the region's report of 2025, with its very numbers: what holds there holds here, what fails fails.

use std::sync::Arc;

use chrono::NaiveDate;

use super::*;
use crate::domain::{catalogue::Catalogues, value::Value};

/// A report of which nothing but these cells is known.
#[derive(Default)]
struct Example {
    kind: &'static str,
    cells: Cells,
    last: Cells,
    beside: Beside,
}

fn cells(values: &[(&str, &str)]) -> Cells {
    let number = |text: &str| Value::Number(text.parse().expect("a decimal"));
    values.iter().map(|(code, value)| ((*code).to_owned(), number(value))).collect()
}

fn example(kind: &'static str, values: &[(&str, &str)]) -> Example {
    Example { kind, cells: cells(values), ..Example::default() }
}

impl Example {
    /// What the rules of this family of 2025 find, with the numbers behind it.
    fn found(&self, family: &str) -> Vec<(String, String)> {
        self.found_in(Catalogues::shipped().get(2025).expect("2025 is shipped"), family)
    }

    fn found_in(&self, catalogue: &Arc<Catalogue>, family: &str) -> Vec<(String, String)> {
        let report = Report {
            catalogue,
            kind: catalogue.kind(self.kind).expect("a kind"),
            cells: &self.cells,
            last: &self.last,
            sections: &BTreeMap::new(),
            beside: &self.beside,
        };
        let own = run(report).findings.into_iter().filter(|finding| finding.rule_code.starts_with(family));
        own.map(|finding| (finding.id, finding.computation)).collect()
    }

    fn holds(&self, family: &str) -> bool {
        self.found(family).is_empty()
    }
}

fn one(id: &str, computation: &str) -> Vec<(String, String)> {
    vec![(id.to_owned(), computation.to_owned())]
}

#[test]
fn v01_a_rate_is_what_its_numbers_give() {
    let teachers = |share| example("higher", &[("BAS05", "4903"), ("POL06", "9797"), ("RES02", share)]);
    assert!(teachers("50.05").holds("V01"));
    assert_eq!(
        teachers("50.03").found("V01"),
        one("V01-RES02", "|50.03 − 4903 ÷ 9797 × 100| ≈ 0.015932 > 0.005")
    );
    let senior = |share| example("higher", &[("RES03N", "2026"), ("POL06", "4993"), ("RES03", share)]);
    assert!(senior("40.58").holds("V01"));
    assert_eq!(
        senior("40.57").found("V01"),
        one("V01-RES03", "|40.57 − 2026 ÷ 4993 × 100| ≈ 0.006808 > 0.005")
    );
}

/// The students, grades and sites of the source are no indicators of a school's report: the same rule over three that are.
#[test]
fn v02_a_total_is_the_sum_of_its_parts() {
    let total = crate::domain::check::properties::drafted(
        r#"
        [[rule]]
        code = "V02"
        stage = "values"
        report_kinds = ["enterprise"]
        severity = "error"
        left = "ENT01"
        operator = "=="
        right = "ENT02 + ENT03 + ENT04"
        message = { zh = "不等", en = "differs" }
        hint = { zh = "请核对", en = "check" }
        "#,
    );
    let parts = |total: &str, parts: [&str; 3]| {
        let [one, two, three] = parts;
        example("enterprise", &[("ENT01", total), ("ENT02", one), ("ENT03", two), ("ENT04", three)])
    };
    assert_eq!(
        parts("11.49", ["7.23", "0.0484", "4.26"]).found_in(&total, "V02"),
        one("V02", "11.49 ≠ 7.23 + 0.0484 + 4.26 = 11.5384")
    );
    assert_eq!(parts("182", ["59", "68", "55"]).found_in(&total, "V02"), []);
    assert_eq!(parts("701.82", ["559.54", "142.28", "0"]).found_in(&total, "V02"), []);
    let courses =
        |all| example("higher", &[("RES11", all), ("RES11N", "3"), ("RES11M", "12"), ("RES11S", "40")]);
    assert!(courses("55").holds("V02"));
    assert_eq!(courses("56").found("V02"), one("V02-RES11", "56 ≠ 3 + 12 + 40 = 55"));
}

#[test]
fn v03_a_part_is_not_more_than_the_whole() {
    let graduates =
        |study, placed, all| example("higher", &[("SC03", study), ("SC02", placed), ("SC01", all)]);
    assert!(graduates("300", "950", "1000").holds("V03"));
    assert_eq!(graduates("951", "950", "1000").found("V03"), one("V03-SC03", "951 > 950"));
    assert_eq!(graduates("300", "1001", "1000").found("V03"), one("V03-SC02", "1001 > 1000"));
    for (part, whole, rule) in
        [("SVC11", "SVC10", "V03-SVC11"), ("BAS05", "POL06", "V03-BAS05"), ("POL03", "POL02", "V03-POL03")]
    {
        assert!(example("secondary", &[(part, "10"), (whole, "10")]).holds("V03"), "{rule}");
        assert_eq!(example("secondary", &[(part, "11"), (whole, "10")]).found("V03"), one(rule, "11 > 10"));
    }
    let books = |kinds: [&str; 3]| {
        example("higher", &[("RES13", "20"), ("RES14", kinds[0]), ("RES15", kinds[1]), ("RES16", kinds[2])])
    };
    assert!(books(["20", "15", "9"]).holds("V03"), "they overlap and do not add up");
    assert_eq!(books(["5", "21", "9"]).found("V03"), one("V03-RES13", "max(max(5, 21), 9) = 21 > 20"));
}

#[test]
fn v04_percentages_and_counts_keep_their_bounds() {
    assert!(example("higher", &[("SAT01", "100"), ("SAT02", "0"), ("SC01", "0")]).holds("V04"));
    assert_eq!(example("higher", &[("SAT01", "100.01")]).found("V04"), one("V04-RATE:SAT01", "100.01 > 100"));
    assert_eq!(
        example("higher", &[("SC01", "12.5")]).found("V04"),
        one("V04-COUNT:SC01", "12.5 ≠ round(12.5) = 13")
    );
}

#[test]
fn v05_what_remains_of_the_placed_is_never_below_nothing() {
    let rates = |kind, all, study, work| example(kind, &[("SC04", all), ("SC05", study), ("SC06", work)]);
    assert!(rates("secondary", "95.40", "92.32", "3.08").holds("V05"), "the residual is 0");
    assert!(rates("higher", "96.10", "25.00", "70.00").holds("V05"), "the residual is 1.10");
    assert_eq!(
        rates("secondary", "95.40", "92.32", "3.10").found("V05"),
        one("V05", "0 − (95.4 − 92.32 − 3.1) = 0.02 > 0.015")
    );
}

#[test]
fn v06_destinations_add_up() {
    let of =
        |working, study, placed| example("higher", &[("SVC01", working), ("SC03", study), ("SC02", placed)]);
    assert!(of("650", "300", "950").holds("V06"));
    assert_eq!(of("651", "300", "950").found("V06"), one("V06-PLACED", "651 + 300 = 951 > 950"));
    let sectors =
        |last| example("higher", &[("SC10", "5"), ("SC11", "200"), ("SC12", last), ("SVC01", "650")]);
    assert!(sectors("445").holds("V06"));
    assert_eq!(sectors("446").found("V06"), one("V06-SECTORS", "5 + 200 + 446 = 651 ≠ 650"));
}

#[test]
fn v07_units_are_converted_by_the_rule_itself() {
    let equipment = |each| example("higher", &[("BAS08", "12000"), ("BAS19", "6000"), ("RES21", each)]);
    assert!(equipment("20000").holds("V07"), "1.2亿元 over 6000 students is 20,000 元");
    assert_eq!(equipment("2").found("V07").len(), 1, "万元 taken for 元");
}

#[test]
fn v08_the_whole_lies_among_its_parts() {
    let survey = |whole| {
        let parts =
            [("SAT02", "95.66"), ("SAT03", "96"), ("SAT04", "96.2"), ("SAT05", "95.7"), ("SAT06", "95.9")];
        let mut example = example("secondary", &parts);
        example.cells.extend(cells(&[("SAT01", whole)]));
        example
    };
    assert_eq!(survey("95.35").found("V08").len(), 1);
    assert!(survey("95.66").holds("V08"));
    let asked = |responses| example("secondary", &[("SAT01N", responses), ("BAS02", "900")]);
    assert!(asked("900").holds("V08"));
    assert_eq!(asked("901").found("V08"), one("V08-SAT01N", "901 > 900"));
}

#[test]
fn v09_stock_and_flow_agree_within_a_tenth() {
    let admitted = example("higher", &[("BAS02", "484"), ("BAS01", "1568")]);
    assert_eq!(admitted.found("V09"), one("V09-INTAKE", "1568 > 484"));
    let mut year = example("higher", &[("BAS02", "1000"), ("BAS01", "350"), ("SC01", "300")]);
    year.last = cells(&[("BAS02", "1050")]);
    assert!(year.holds("V09"), "1050 + 350 − 300 is 100 off, a tenth of 1000");
    year.last = cells(&[("BAS02", "1051")]);
    assert_eq!(year.found("V09"), one("V09", "|1000 − (1051 + 350 − 300)| = 101 > 0.1 × 1000 = 100"));
}

#[test]
fn v10_growth_is_recomputed() {
    let mut one_year = example("higher", &[("SVC17", "248")]);
    one_year.last = cells(&[("SVC17", "491")]);
    assert_eq!(
        one_year.found("V10"),
        one("V10:SVC17", "|248 − 491| = 243 > 0.3 × 491 = 147.3"),
        "248 − 491 is −243"
    );
    let mut points = example("higher", &[("SAT01", "85")]);
    points.last = cells(&[("SAT01", "95")]);
    assert!(points.holds("V10"), "ten percentage points");
    points.cells = cells(&[("SAT01", "84.99")]);
    assert_eq!(points.found("V10"), one("V10-RATE:SAT01", "|84.99 − 95| = 10.01 > 10"));
}

#[test]
fn v11_the_platform_says_the_same_or_counts_otherwise() {
    let held = |scope: &str| PlatformValue {
        value: Decimal::from(5173),
        scope: scope.to_owned(),
        date: NaiveDate::from_ymd_opt(2025, 9, 30).expect("a day"),
    };
    let mut teachers = example("higher", &[("POL06", "4993")]);
    teachers.beside.platform.insert("POL06".to_owned(), held("全校"));
    assert_eq!(teachers.found("V11"), one("V11:POL06", "|4993 − 5173| = 180 > 0.005"));
    teachers.beside.platform.insert("POL06".to_owned(), held("含附属学院"));
    assert_eq!(teachers.found("V11"), one("V11-SCOPE:POL06", "4993 ≠ 5173; 0 < 4"));
    teachers.beside.notes.insert("POL06".to_owned(), "不含附属的职工学院".to_owned());
    assert!(teachers.holds("V11"), "another scope, and a note says so");
    teachers.cells = cells(&[("POL06", "5173")]);
    teachers.beside.platform.insert("POL06".to_owned(), held("全校"));
    assert!(teachers.holds("V11"));
}

#[test]
fn v12_the_enterprises_report_no_more_than_their_school() {
    let mut school = example("higher", &[("COP10", "12"), ("COP01", "3")]);
    school.beside.enterprise_count = 3;
    school.beside.enterprises.insert("ENT05".to_owned(), Decimal::from(12));
    assert!(school.holds("V12"));
    school.beside.enterprises.insert("ENT05".to_owned(), Decimal::from(13));
    assert_eq!(school.found("V12"), one("V12-ENT05", "13 > 12"));
}

#[test]
fn v14_a_share_has_the_denominator_that_is_declared() {
    let share = |of: (&str, &str), share| {
        let values = [("BAS05", of.0), ("POL06", of.1), ("RES02", share)];
        example("higher", &values).holds("V01")
    };
    assert!(share(("3219", "3596"), "89.52"), "of the teachers of specialised courses, 89.5");
    assert!(share(("4903", "9797"), "50.05"), "of full-time teachers");
    assert!(!share(("3219", "3596"), "92.52") && !share(("4903", "9797"), "92.52"), "neither gives 92.52");
}

#[test]
fn v15_who_is_paid_is_there() {
    let mentors = |number, hours| {
        example("higher", &[("POL18", "12.5"), ("POL16", number), ("POL17", hours)]).found("V15")
    };
    assert_eq!(mentors("5", "300"), []);
    assert_eq!(mentors("0", "300"), one("V15-POL18", "0 ≤ 0"));
    assert_eq!(mentors("5", "0"), one("V15-POL18", "0 ≤ 0"));
}

#[test]
fn v16_far_from_the_peers_is_measured_by_their_median() {
    let mut school = example("secondary", &[("SC09", "5350")]);
    let peers: Vec<Decimal> =
        [4_800, 4_900, 4_950, 5_000, 5_000, 5_050, 5_100, 5_200, 90_000].map(Decimal::from).into();
    let figures = PeerFigures::of(peers).expect("some peers");
    assert_eq!((figures.median, figures.mad), (Decimal::from(5_000), Decimal::from(100)));
    school.beside.peers.insert("SC09".to_owned(), figures);
    assert!(school.holds("V16"), "350 of 3.5 × 148.26");
    school.cells = cells(&[("SC09", "5520")]);
    assert_eq!(school.found("V16"), one("V16:SC09", "|5520 − 5000| = 520 > 3.5 × 1.4826 × 100 = 518.91"));
    let few = PeerFigures { count: 7, ..figures };
    school.beside.peers.insert("SC09".to_owned(), few);
    assert!(school.holds("V16"), "seven are too few");
}

#[test]
fn v17_conditions_are_measured_by_the_standards() {
    let sound = [
        ("RES01", "18"),
        ("BAS14", "15"),
        ("RES21", "4000"),
        ("BAS07", "14000"),
        ("BAS09", "60000"),
        ("BAS19", "1000"),
    ];
    assert!(example("higher", &sound).holds("V17"));
    let with = |changes: &[(&str, &str)]| {
        let mut school = example("higher", &sound);
        school.cells.extend(cells(changes));
        school.found("V17").into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(with(&[("RES01", "18.01")]), ["V17-RATIO-H"]);
    assert_eq!(with(&[("RES01", "22.01")]), ["V17-RATIO-H", "V17-YELLOW-H"]);
    assert_eq!(
        with(&[("RES01", "22.01"), ("RES21", "2499")]),
        ["V17-RATIO-H", "V17-EQUIPMENT-H", "V17-RED-H"]
    );
    let school = [
        ("BAS02", "1200"),
        ("POL06", "60"),
        ("BAS06", "40000"),
        ("BAS07", "24000"),
        ("BAS08", "300"),
        ("BAS09", "36000"),
    ];
    assert!(example("secondary", &school).holds("V17"));
    let mut small = example("secondary", &school);
    small.cells.extend(cells(&[("POL06", "59"), ("BAS06", "39999"), ("BAS08", "299")]));
    let found: Vec<String> = small.found("V17").into_iter().map(|(id, _)| id).collect();
    assert_eq!(found, ["V17-TEACHERS-S", "V17-LAND-S", "V17-EQUIPMENT-S", "V17-RATIO-S"]);
}

#[test]
fn c11_the_public_address_is_looked_at_and_never_called() {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let on = |address: &str, date: &str| {
        let mut school = example("higher", &[]);
        school.beside.public = PublicAddress {
            address: address.to_owned(),
            date: day(date),
            site: "https://www.demo.edu.cn/".to_owned(),
        };
        school.beside.due = day("2025-12-20");
        school.beside.window_end = day("2025-08-31");
        school.found("C11").into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert!(on("https://xxgk.demo.edu.cn/2025/report.html", "2025-12-20").is_empty());
    assert!(on("", "").is_empty(), "nothing is declared");
    assert_eq!(on("https://www.demo.edu.cn/", ""), ["C11-PAIR"]);
    assert_eq!(on("ftp://www.demo.edu.cn/", "2025-12-01"), ["C11-FORM"]);
    assert_eq!(on("https://demo.edu.cn.example/", "2025-12-01"), ["C11-HOST"]);
    assert_eq!(on("https://www.demo.edu.cn/", "2025-12-21"), ["C11-DUE"]);
    assert_eq!(on("https://www.demo.edu.cn/", "2025-08-31"), ["C11-EARLY"]);
}
