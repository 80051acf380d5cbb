//! The real tables as printed, and the indicators that they print.

use std::{collections::BTreeMap, fs, path::Path};

use rust_decimal::Decimal;

/// What schools of a kind report, by kind of report and indicator.
pub type Totals = BTreeMap<(&'static str, String), Decimal>;

const BOTH: [&str; 2] = ["higher", "secondary"];

/// The indicators of Table 2-1 from top to bottom; those that are rates stand in [`totals`].
const ELEMENTS: [&str; 13] = [
    "RES05", "RES11N", "RES11M", "POL06", "BAS03", "POL16", "BAS05", "BAS04", "BAS11", "BAS12", "RES12",
    "COP10", "RES15",
];
const ABROAD: [&str; 11] =
    ["INT05", "INT06", "INT07", "INT08", "INT09", "INT17", "INT10", "INT11", "INT01", "INT03", "INT18"];
const SERVICE_HIGHER: [&str; 5] = ["SVC06", "SVC08", "SVC10", "SVC17", "SVC15"];
const SERVICE_SECONDARY: [&str; 9] =
    ["SVC06", "SVC08", "SVC11", "SVC17", "SVC15", "SVC18", "SVC19", "SVC20", "SVC21"];
const COOPERATION_HIGHER: [&str; 8] =
    ["COP01", "COP02", "COP03", "COP04", "COP05", "COP06", "COP07", "COP08"];
const COOPERATION_SECONDARY: [&str; 6] = ["COP01", "COP09", "RES15", "COP10", "COP11", "COP12"];

/// The lines of a table as printed, headings first.
pub fn table(number: &str) -> Vec<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../zhijian/demo-data/beijing-2025");
    read(&fs::read_to_string(folder.join(format!("t{number}.csv"))).expect("the printed table"))
}

/// The lines of a CSV, headings first.
pub fn read(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.expect("a line").iter().map(str::to_owned).collect()).collect()
}

/// The sums that make the tables of `year` come out as printed.
pub fn totals(year: i32) -> Totals {
    let mut totals = Totals::new();
    let row = usize::try_from(2026 - year).expect("2024 or 2025");
    let mut line = |kind: &'static str, codes: &[&str], cells: &[String]| {
        for (code, cell) in codes.iter().zip(cells) {
            set(&mut totals, kind, code, cell);
        }
    };
    line("higher", &SERVICE_HIGHER, &table("3-1")[row][1..]);
    line("higher", &COOPERATION_HIGHER, &table("6-1")[row][1..]);
    line("secondary", &COOPERATION_SECONDARY, &table("6-2")[row][1..]);
    if year == 2025 {
        line("secondary", &SERVICE_SECONDARY, &table("3-2")[1]);
        for (number, codes, first) in [("2-1", &ELEMENTS[..], 1), ("5-1", &ABROAD[..], 2)] {
            for (code, cells) in codes.iter().zip(&table(number)[1..]) {
                for (kind, cell) in BOTH.into_iter().zip(&cells[first..]) {
                    set(&mut totals, kind, code, cell);
                }
            }
        }
        rates(&mut totals);
    }
    totals
}

/// Ten thousand graduates of each kind, so that the printed rates are whole people.
fn rates(totals: &mut Totals) {
    let lines = table("2-1");
    for (kind, column) in BOTH.into_iter().zip(1..) {
        let rate = |name: &str| -> Decimal {
            let line = lines.iter().find(|line| line[0] == name).expect("printed");
            line[column].trim_end_matches('%').parse().expect("a rate")
        };
        let per_ten_thousand = Decimal::from(100);
        let mut put = |code: &str, value: Decimal| totals.insert((kind, code.to_owned()), value);
        put("SC01", 10_000.into());
        put("SC02", (rate("应届毕业生就业去向落实率") * per_ten_thousand).normalize());
        put("SC03", (rate("毕业生升学率") * per_ten_thousand).normalize());
        put("SAT01N", 20_000.into());
        put("BAS02", 40_000.into());
    }
}

/// The printed satisfaction of students, in per cent.
pub fn satisfaction(kind: &str) -> Decimal {
    let column = 1 + BOTH.iter().position(|known| *known == kind).expect("higher or secondary");
    let lines = table("2-1");
    let line = lines.iter().find(|line| line[0] == "在校生满意度").expect("printed");
    line[column].trim_end_matches('%').parse().expect("a rate")
}

fn set(totals: &mut Totals, kind: &'static str, code: &str, cell: &str) {
    if let Ok(total) = cell.parse() {
        totals.insert((kind, code.to_owned()), total);
    }
}
