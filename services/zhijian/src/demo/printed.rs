//! The printed tables of 2025, read from the files of `demo-data/beijing-2025`.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{GenerateError, Level};

/// What the report prints.
pub struct Printed {
    figures: BTreeMap<(i32, Level, &'static str), Decimal>,
    /// Grades of the 182 new programmes (Table 2-2), from the highest: grade and count.
    pub new_programme_grades: Vec<(String, usize)>,
    /// Grades of the 44 pilots (Table 2-3), from the highest.
    pub pilot_grades: Vec<(String, usize)>,
    /// Textbooks selected (Table 2-4), by row number.
    pub textbooks: BTreeMap<u32, u64>,
    /// The pathway plan (Table 2-5), in order.
    pub pathways: Vec<PrintedPathway>,
}

/// One row of Table 2-5.
pub struct PrintedPathway {
    pub sequence: i32,
    /// The institution as printed: only to find which invented one stands in for it.
    pub school: String,
    pub programme: String,
    pub code: String,
    pub places: i32,
    /// The university as printed: only to find the invented one.
    pub partner: String,
    pub partner_programme: String,
}

const T2_1: &str = include_str!("../../demo-data/beijing-2025/t2-1.csv");
const T2_2: &str = include_str!("../../demo-data/beijing-2025/t2-2.csv");
const T2_3: &str = include_str!("../../demo-data/beijing-2025/t2-3.csv");
const T2_4: &str = include_str!("../../demo-data/beijing-2025/t2-4.csv");
const T2_5: &str = include_str!("../../demo-data/beijing-2025/t2-5.csv");
const T3_1: &str = include_str!("../../demo-data/beijing-2025/t3-1.csv");
const T3_2: &str = include_str!("../../demo-data/beijing-2025/t3-2.csv");
const T5_1: &str = include_str!("../../demo-data/beijing-2025/t5-1.csv");
const T6_1: &str = include_str!("../../demo-data/beijing-2025/t6-1.csv");
const T6_2: &str = include_str!("../../demo-data/beijing-2025/t6-2.csv");
const F2_37: &str = include_str!("../../demo-data/beijing-2025/fig2-37.csv");
const F2_38: &str = include_str!("../../demo-data/beijing-2025/fig2-38.csv");

/// The rows of Table 2-1, by indicator.
const T2_1_ROWS: [&str; 16] = [
    "RES05", "RES11N", "RES11M", "POL06", "BAS03", "POL16", "BAS05", "BAS04", "BAS11", "BAS12", "RES12",
    "COP10", "RES15", "SC04", "SC05", "SAT01",
];
/// The rows of Table 5-1.
const T5_1_ROWS: [&str; 11] =
    ["INT05", "INT06", "INT07", "INT08", "INT09", "INT17", "INT10", "INT11", "INT01", "INT03", "INT18"];
/// The columns of Tables 3-1, 3-2, 6-1 and 6-2.
const T3_1_COLUMNS: [&str; 5] = ["SVC06", "SVC08", "SVC10", "SVC17", "SVC15"];
const T3_2_COLUMNS: [&str; 9] =
    ["SVC06", "SVC08", "SVC11", "SVC17", "SVC15", "SVC18", "SVC19", "SVC20", "SVC21"];
const T6_1_COLUMNS: [&str; 8] = ["COP01", "COP02", "COP03", "COP04", "COP05", "COP06", "COP07", "COP08"];
const T6_2_COLUMNS: [&str; 6] = ["COP01", "COP09", "RES15", "COP10", "COP11", "COP12"];
/// Rows of Figures 2-37 and 2-38.
const SATISFACTION: [(&str, &str); 4] =
    [("专业课教学", "SAT06"), ("思政课", "SAT04"), ("公共基础课", "SAT05"), ("课堂育人", "SAT02")];

impl Printed {
    /// Reads the files.
    pub fn read() -> Result<Self, GenerateError> {
        let mut figures = BTreeMap::new();
        for (name, text, codes) in [("t2-1.csv", T2_1, &T2_1_ROWS[..]), ("t5-1.csv", T5_1, &T5_1_ROWS[..])] {
            let rows = rows(name, text)?;
            expect(name, rows.len(), codes.len())?;
            for (row, code) in rows.iter().zip(codes) {
                // Both tables end with the columns of higher and secondary institutions.
                let levels =
                    [Level::Higher, Level::Secondary].into_iter().zip(row.iter().skip(row.len() - 2));
                for (level, value) in levels {
                    figures.extend(number(name, value)?.map(|value| ((2025, level, *code), value)));
                }
            }
        }
        by_column(&mut figures, Level::Higher, "t3-1.csv", T3_1, &T3_1_COLUMNS, 1)?;
        by_column(&mut figures, Level::Secondary, "t3-2.csv", T3_2, &T3_2_COLUMNS, 0)?;
        by_column(&mut figures, Level::Higher, "t6-1.csv", T6_1, &T6_1_COLUMNS, 1)?;
        by_column(&mut figures, Level::Secondary, "t6-2.csv", T6_2, &T6_2_COLUMNS, 1)?;
        for (name, text, level) in
            [("fig2-37.csv", F2_37, Level::Secondary), ("fig2-38.csv", F2_38, Level::Higher)]
        {
            for row in rows(name, text)? {
                let code =
                    SATISFACTION.iter().find(|(label, _)| row.get(1).is_some_and(|cell| cell == *label));
                if let (Some((_, code)), Some(value)) = (code, row.get(2)) {
                    figures.extend(number(name, value)?.map(|value| ((2025, level, *code), value)));
                }
            }
        }
        Ok(Self {
            figures,
            new_programme_grades: grades("t2-2.csv", T2_2)?,
            pilot_grades: grades("t2-3.csv", T2_3)?,
            textbooks: textbooks()?,
            pathways: pathways()?,
        })
    }

    /// The figure printed for an indicator; `None` where nothing is printed.
    pub fn get(&self, year: i32, level: Level, code: &str) -> Option<Decimal> {
        self.figures.get(&(year, level, code)).copied()
    }

    /// Every printed figure: year, level, indicator, value.
    pub fn figures(&self) -> impl Iterator<Item = (i32, Level, &'static str, Decimal)> + '_ {
        self.figures.iter().map(|((year, level, code), value)| (*year, *level, *code, *value))
    }
}

/// A table whose rows are years (2025, then 2024) and whose columns are indicators, after `skip` columns of heading.
fn by_column(
    figures: &mut BTreeMap<(i32, Level, &'static str), Decimal>,
    level: Level,
    name: &'static str,
    text: &str,
    codes: &[&'static str],
    skip: usize,
) -> Result<(), GenerateError> {
    for (row, year) in rows(name, text)?.iter().zip([2025, 2024]) {
        expect(name, row.len(), codes.len() + skip)?;
        for (value, code) in row.iter().skip(skip).zip(codes) {
            figures.extend(number(name, value)?.map(|value| ((year, level, *code), value)));
        }
    }
    Ok(())
}

/// The records of a file below its heading.
pub(super) fn rows(name: &'static str, text: &str) -> Result<Vec<csv::StringRecord>, GenerateError> {
    csv::Reader::from_reader(text.as_bytes())
        .into_records()
        .collect::<Result<_, _>>()
        .map_err(|error| GenerateError::BadFile { name, reason: error.to_string() })
}

fn expect(name: &'static str, found: usize, expected: usize) -> Result<(), GenerateError> {
    if found == expected {
        return Ok(());
    }
    Err(GenerateError::BadFile { name, reason: format!("{found} rows or columns where {expected} belong") })
}

/// A printed number, its percent sign dropped; `None` for a dash.
fn number(name: &'static str, cell: &str) -> Result<Option<Decimal>, GenerateError> {
    let cell = cell.trim().trim_end_matches('%');
    if matches!(cell, "" | "—" | "--") {
        return Ok(None);
    }
    cell.parse()
        .map(Some)
        .map_err(|_| GenerateError::BadFile { name, reason: format!("{cell:?} is not a number") })
}

/// A field of a record, parsed.
fn field<T: std::str::FromStr>(
    name: &'static str,
    row: &csv::StringRecord,
    column: usize,
) -> Result<T, GenerateError> {
    row.get(column).and_then(|cell| cell.trim().parse().ok()).ok_or_else(|| GenerateError::BadFile {
        name,
        reason: format!("column {} of {row:?} is missing or not of its kind", column + 1),
    })
}

/// The counts of a table of grades, without its line of sums.
fn grades(name: &'static str, text: &str) -> Result<Vec<(String, usize)>, GenerateError> {
    rows(name, text)?
        .iter()
        .filter(|row| row.get(0) != Some("合计"))
        .map(|row| Ok((field(name, row, 0)?, field(name, row, 1)?)))
        .collect()
}

fn textbooks() -> Result<BTreeMap<u32, u64>, GenerateError> {
    let name = "t2-4.csv";
    rows(name, T2_4)?.iter().map(|row| Ok((field(name, row, 0)?, field(name, row, 2)?))).collect()
}

fn pathways() -> Result<Vec<PrintedPathway>, GenerateError> {
    let name = "t2-5.csv";
    rows(name, T2_5)?
        .iter()
        .map(|row| {
            Ok(PrintedPathway {
                sequence: field(name, row, 0)?,
                school: field(name, row, 1)?,
                programme: field(name, row, 2)?,
                code: field(name, row, 3)?,
                places: field(name, row, 4)?,
                partner: field(name, row, 5)?,
                partner_programme: field(name, row, 6)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_say_what_the_report_prints() {
        let printed = Printed::read().unwrap();
        let get = |year, level, code| printed.get(year, level, code).map(|value| value.to_string());
        assert_eq!(get(2025, Level::Higher, "RES05").as_deref(), Some("676"));
        assert_eq!(get(2025, Level::Secondary, "BAS11"), None);
        assert_eq!(get(2025, Level::Secondary, "SC05").as_deref(), Some("92.32"));
        assert_eq!(get(2024, Level::Higher, "SVC06").as_deref(), Some("1723.23"));
        assert_eq!(get(2025, Level::Secondary, "SVC21").as_deref(), Some("6319"));
        assert_eq!(get(2025, Level::Higher, "INT10").as_deref(), Some("21"));
        assert_eq!(get(2025, Level::Secondary, "INT06"), None);
        assert_eq!(get(2024, Level::Secondary, "COP12").as_deref(), Some("321"));
        assert_eq!(get(2025, Level::Higher, "SAT04").as_deref(), Some("95.85"));
        assert_eq!(printed.new_programme_grades.iter().map(|(_, count)| count).sum::<usize>(), 182);
        assert_eq!(printed.pilot_grades.iter().map(|(_, count)| count).sum::<usize>(), 44);
        assert_eq!((printed.textbooks.len(), printed.textbooks.values().sum::<u64>()), (30, 101));
        assert_eq!(printed.pathways.len(), 27);
        assert_eq!(printed.pathways[22].programme, "园林技术 (风景园林)");
    }

    #[test]
    fn figures_printed_twice_agree() {
        let twice = |codes: &[&'static str]| codes.iter().filter(|code| T2_1_ROWS.contains(code)).count();
        assert_eq!(twice(&T6_2_COLUMNS), 2);
        // The later table overwrote the earlier; Table 2-1 prints the same two.
        let printed = Printed::read().unwrap();
        assert_eq!(printed.get(2025, Level::Secondary, "COP10"), Some(Decimal::from(790)));
        assert_eq!(printed.get(2025, Level::Secondary, "RES15"), Some(Decimal::from(301)));
    }
}
