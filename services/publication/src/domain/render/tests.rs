//! Our tables, computed from reports with the totals of the real ones, held against the real ones as printed.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
};

use rust_decimal::Decimal;
use zhijian_platform::{Text, rules::RulesDir};

use crate::domain::{
    definition::{Edition, Layout, Library},
    facts::{Facts, GradeCount, Grading, PathwayRow, YearFacts},
    figure::{Measure, Reading, Report},
    lack::Lack,
    render::{self, Rendered},
    table::{Table, csv},
};

/// How many reports of each kind the totals are spread over.
const REPORTS: usize = 3;

fn edition(year: i32) -> Edition {
    let library = Library::load(&RulesDir::default()).expect("the shipped files are sound");
    library.edition(year).expect("shipped").clone()
}

/// The lines of a table as printed, headings first.
fn printed(number: &str) -> Vec<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../zhijian/demo-data/beijing-2025");
    read(&fs::read_to_string(folder.join(format!("t{number}.csv"))).expect("the printed table"))
}

fn read(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.expect("a line").iter().map(str::to_owned).collect()).collect()
}

fn rendered(edition: &Edition, number: &str, facts: &Facts) -> Table {
    let definition = edition.tables.iter().find(|table| table.number == number).expect("defined");
    match render::table(edition, definition, facts).expect("nothing lacks") {
        Rendered::Table(table) => table,
        Rendered::LeftOut => panic!("table {number} was left out"),
    }
}

fn published(edition: &Edition, number: &str, facts: &Facts) -> Vec<Vec<String>> {
    let definition = edition.tables.iter().find(|table| table.number == number).expect("defined");
    let table = rendered(edition, number, facts);
    read(&csv(&table, definition.brackets).expect("in memory"))
}

/// Splits `total` into parts that differ and add up to it exactly.
fn spread(total: Decimal) -> [Decimal; REPORTS] {
    let part = (total / Decimal::from(4)).trunc_with_scale(total.scale());
    [part, part + part, total - part - part - part]
}

/// Readings of one kind of report by indicator, each spread over the reports.
#[derive(Default)]
struct Year(BTreeMap<&'static str, BTreeMap<String, [Decimal; REPORTS]>>);

impl Year {
    fn set(&mut self, kind: &'static str, code: &str, readings: [Decimal; REPORTS]) {
        self.0.entry(kind).or_default().insert(code.to_owned(), readings);
    }

    /// Makes `measure` come to what is printed.
    fn measure(&mut self, kind: &'static str, measure: &Measure, printed: &str) {
        let value: Decimal = printed.trim_end_matches('%').parse().expect("a printed number");
        match measure {
            Measure::Sum(of) => self.set(kind, of, spread(value)),
            Measure::Ratio { of, to, .. } => {
                self.set(kind, to, spread(Decimal::from(10_000)));
                self.set(kind, of, spread(value * Decimal::ONE_HUNDRED));
            }
            Measure::Mean { of, weight } => {
                self.set(kind, weight, [1000.into(), 2000.into(), 3000.into()]);
                self.set(kind, of, [value + Decimal::TWO, value - Decimal::ONE, value]);
            }
        }
    }

    fn facts(&self, edition: &Edition, year: i32) -> YearFacts {
        let mut asked: HashMap<String, BTreeSet<String>> = HashMap::new();
        for (kind, readings) in &self.0 {
            for code in readings.keys() {
                asked.entry(code.clone()).or_default().insert((*kind).to_owned());
            }
        }
        let plan = edition.plan();
        let lists = if year == edition.year { plan.lists } else { BTreeSet::new() };
        let mut facts = YearFacts::new(year, asked, plan.figures[&year].clone(), lists);
        for (kind, readings) in &self.0 {
            for index in 0..REPORTS {
                let readings = readings
                    .iter()
                    .map(|(code, values)| (code.clone(), Reading::Number(values[index])))
                    .collect();
                let subject = format!("{kind}{index}");
                facts.add(&Report { kind: (*kind).to_owned(), subject, readings }).expect("small numbers");
            }
        }
        facts
    }
}

/// Two years with the totals of every printed table of indicators.
fn facts_as_printed(edition: &Edition) -> Facts {
    let mut years: BTreeMap<i32, Year> = BTreeMap::from([(2024, Year::default()), (2025, Year::default())]);
    let kind = |kinds: &[String]| if kinds[0] == "higher" { "higher" } else { "secondary" };
    for definition in &edition.tables {
        match &definition.layout {
            Layout::IndicatorsByLevel(layout) => {
                let lines = printed(&definition.number);
                let first = 1 + usize::from(layout.unit.is_some());
                for (row, line) in layout.rows.iter().zip(&lines[1..]) {
                    for (column, cell) in layout.columns.iter().zip(&line[first..]) {
                        if !["—", "--"].contains(&cell.as_str()) {
                            let year = years.get_mut(&2025).expect("there");
                            year.measure(kind(&column.report_kinds), &row.measure, cell);
                        }
                    }
                }
            }
            Layout::Years(layout) => {
                for line in &printed(&definition.number)[1..] {
                    let year: i32 = line[0].trim_end_matches('年').parse().expect("a year");
                    for (column, cell) in layout.columns.iter().zip(&line[1..]) {
                        let year = years.get_mut(&year).expect("two years are printed");
                        year.measure(kind(&layout.report_kinds), &column.measure, cell);
                    }
                }
            }
            Layout::OneRow(layout) => {
                for (column, cell) in layout.columns.iter().zip(&printed(&definition.number)[1]) {
                    let year = years.get_mut(&2025).expect("there");
                    year.measure(kind(&layout.report_kinds), &column.measure, cell);
                }
            }
            Layout::Grades(_) | Layout::Institutions(_) | Layout::Programmes(_) => {}
        }
    }
    let years = years.iter().map(|(year, totals)| (*year, totals.facts(edition, *year))).collect();
    Facts { years, ..Facts::default() }
}

#[test]
fn the_tables_of_indicators_are_the_printed_ones_to_the_letter() {
    let edition = edition(2025);
    let facts = facts_as_printed(&edition);
    for number in ["2-1", "3-1", "3-2", "5-1", "6-1", "6-2"] {
        assert_eq!(published(&edition, number, &facts), printed(number), "table {number}");
    }
}

#[test]
fn the_release_of_2024_has_the_earlier_rows_alone() {
    let both = edition(2025);
    let mut facts = facts_as_printed(&both);
    facts.years.remove(&2025);
    let edition = edition(2024);
    for number in ["3-1", "6-1", "6-2"] {
        let lines = printed(number);
        assert_eq!(
            published(&edition, number, &facts),
            [lines[0].clone(), lines[2].clone()],
            "table {number}"
        );
    }
}

#[test]
fn a_first_year_has_no_earlier_row() {
    let edition = edition(2025);
    let mut facts = facts_as_printed(&edition);
    facts.years.remove(&2024);
    assert_eq!(published(&edition, "3-1", &facts), printed("3-1")[..2]);
}

fn grading(number: &str) -> Grading {
    let counts = printed(number)
        .into_iter()
        .skip(1)
        .filter(|line| line[0] != "合计")
        .map(|line| GradeCount {
            grade: line[0].clone(),
            group: line[3].clone(),
            count: line[1].parse().expect("a count"),
        })
        .collect();
    Grading { counts }
}

#[test]
fn distributions_have_the_printed_counts_and_shares_that_follow_from_them() {
    let edition = edition(2025);
    let mut pilots = grading("2-3");
    pilots.counts.extend(["C+", "C", "C-"].map(|grade| GradeCount {
        grade: grade.to_owned(),
        group: "C".to_owned(),
        count: 0,
    }));
    let gradings = [("new-programme-monitoring", grading("2-2")), ("pilot-monitoring", pilots)]
        .map(|(scheme, grading)| (scheme.to_owned(), grading));
    let facts = Facts { gradings: BTreeMap::from(gradings), ..Facts::default() };

    assert_eq!(published(&edition, "2-2", &facts), printed("2-2"));
    let golden = [
        "等级,数量,占比,等级组,等级组数量,等级组占比",
        "A+,3,6.82%,A,31,70.45%",
        "A,8,18.18%,A,31,70.45%",
        "A-,20,45.45%,A,31,70.45%",
        "B+,10,22.73%,B,13,29.55%",
        "B,1,2.27%,B,13,29.55%",
        "B-,2,4.55%,B,13,29.55%",
        "合计,44,100%,合计,44,100%",
    ];
    assert_eq!(published(&edition, "2-3", &facts), read(&golden.join("\n")));
}

#[test]
fn the_textbook_list_runs_by_kind_then_code_and_leaves_out_zeros() {
    let edition = edition(2025);
    let mut year = Year::default();
    year.set("secondary", "TBK01", [8.into(), Decimal::ZERO, 2.into()]);
    year.set("higher", "TBK01", [7.into(), 1.into(), Decimal::ZERO]);
    let mut facts = Facts { years: BTreeMap::from([(2025, year.facts(&edition, 2025))]), ..Facts::default() };
    let listed = ["higher0", "higher1", "secondary0", "secondary2"].map(str::to_owned);
    facts.names =
        listed.into_iter().map(|code| (code.clone(), Text::new(format!("{code}校"), code))).collect();
    let lines = published(&edition, "2-4", &facts);
    assert_eq!(lines[0], printed("2-4")[0]);
    assert_eq!(
        lines[1..],
        [
            ["1", "higher0校", "7"],
            ["2", "higher1校", "1"],
            ["3", "secondary0校", "8"],
            ["4", "secondary2校", "2"]
        ]
    );
}

#[test]
fn a_rounded_number_of_a_list_is_marked_in_every_form() {
    let edition = edition(2025);
    let mut schools = Year::default();
    schools.set("higher", "TBK01", [7.into(), 1.into(), Decimal::ZERO]);
    let mut year = schools.facts(&edition, 2025);
    year.rounded_to.insert(5);
    let readings = HashMap::from([("TBK01".to_owned(), Reading::Rounded(Decimal::ZERO))]);
    let report = Report { kind: "higher".to_owned(), subject: "higher3".to_owned(), readings };
    year.add(&report).expect("small numbers");
    let names = (0..4).map(|place| (format!("higher{place}"), Text::new("校", "School"))).collect();
    let facts = Facts { years: BTreeMap::from([(2025, year)]), names, ..Facts::default() };
    let table = rendered(&edition, "2-4", &facts);
    let last = &table.rows.last().expect("lines").cells;
    assert_eq!((table.rows.len(), last[2].display.as_str(), last[2].value.as_str()), (3, "≈0", "0"));
    assert!(table.source.zh.ends_with("就近取 5 的倍数，合计数不受影响。"), "{}", table.source.zh);
    assert!(table.source.en.contains("rounded by rule to a multiple of 5"), "{}", table.source.en);
    assert!(csv(&table, Default::default()).expect("in memory").ends_with(",≈0\r\n"));
}

#[test]
fn the_plan_of_pathways_is_the_printed_one() {
    let edition = edition(2025);
    let lines = printed("2-5");
    let pathways = lines[1..]
        .iter()
        .map(|line| PathwayRow {
            sequence: line[0].parse().expect("a number"),
            organisation_code: line[1].clone(),
            programme: Text::new(&line[2], "Programme"),
            programme_code: line[3].clone(),
            places: line[4].parse().expect("a number"),
            partner: line[5].clone(),
            partner_programme: line[6].clone(),
        })
        .collect();
    let names = lines[1..].iter().map(|line| (line[1].clone(), Text::new(&line[1], "School"))).collect();
    let facts = Facts { pathways, names, ..Facts::default() };
    assert_eq!(published(&edition, "2-5", &facts), lines);
}

fn lacks(edition: &Edition, number: &str, facts: &Facts) -> BTreeSet<Lack> {
    let definition = edition.tables.iter().find(|table| table.number == number).expect("defined");
    render::table(edition, definition, facts).expect_err("something lacks")
}

#[test]
fn whatever_lacks_is_named() {
    let edition = edition(2025);
    let empty =
        Facts { years: BTreeMap::from([(2025, Year::default().facts(&edition, 2025))]), ..Facts::default() };
    let unknown = lacks(&edition, "3-2", &empty);
    assert!(
        unknown.contains(&Lack::NotInCatalogue { year: 2025, indicator: "SVC06".to_owned() }),
        "{unknown:?}"
    );
    assert_eq!(unknown.len(), 9);
    let round = Lack::NoRound { year: 2025, scheme: "pilot-monitoring".to_owned() };
    assert_eq!(lacks(&edition, "2-3", &empty), BTreeSet::from([round]));
    assert_eq!(lacks(&edition, "2-5", &empty), BTreeSet::from([Lack::NoPathways { year: 2025 }]));

    let plan = edition.plan();
    let mut asked: HashMap<String, BTreeSet<String>> = HashMap::new();
    for figure in &plan.figures[&2025] {
        for code in figure.measure.indicators() {
            asked.entry(code.to_owned()).or_default().extend(figure.report_kinds.clone());
        }
    }
    let year = YearFacts::new(2025, asked, plan.figures[&2025].clone(), plan.lists);
    let silent = Facts { years: BTreeMap::from([(2025, year)]), ..Facts::default() };
    let expected =
        Lack::NoAnswer { year: 2025, report_kinds: "secondary".to_owned(), indicator: "SVC11".to_owned() };
    assert!(lacks(&edition, "3-2", &silent).contains(&expected));
    let text = expected.violation("3-2").description.zh;
    assert!(text.starts_with("表3-2：") && text.contains("SVC11"), "{text}");
}

#[test]
fn an_optional_table_is_left_out_where_there_is_nothing_to_list() {
    let edition = edition(2026);
    let definition = edition.tables.iter().find(|table| table.number == "2-5").expect("defined");
    assert_eq!(render::table(&edition, definition, &Facts::default()), Ok(Rendered::LeftOut));

    let pathway = PathwayRow {
        sequence: 1,
        organisation_code: "4111000001".to_owned(),
        programme: Text::new("专业", "Programme"),
        programme_code: "510202".to_owned(),
        places: 40,
        partner: "大学".to_owned(),
        partner_programme: "专业".to_owned(),
    };
    let nameless = Facts { pathways: vec![pathway], ..Facts::default() };
    let lack = Lack::NoName { organisation: "4111000001".to_owned() };
    assert_eq!(lacks(&edition, "2-5", &nameless), BTreeSet::from([lack]));
}

#[test]
fn english_stands_beside_chinese_everywhere() {
    let edition = edition(2025);
    let facts = facts_as_printed(&edition);
    let table = |number: &str| rendered(&edition, number, &facts);
    let elements = table("2-1");
    assert_eq!(
        elements.title,
        Text::new(
            "2025年职业院校教育教学关键要素建设情况",
            "Key elements of teaching in vocational institutions, 2025"
        )
    );
    assert_eq!(elements.rows[0].cells[0].display_en, "Programmes offered (number)");
    assert!(elements.source.zh.contains("据 6 份"), "{}", elements.source.zh);
    let service = table("3-1");
    assert_eq!(service.rows[0].cells[0].display_en, "2025");
    assert_eq!(service.rows[0].cells[1].value, "4767.7");
    assert_eq!(service.columns[1].unit, Some(Text::new("万元", "CNY 10,000")));
}
