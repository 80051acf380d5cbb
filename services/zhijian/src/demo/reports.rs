//! The annual reports of three years: their cells, their texts, and what becomes of each.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{
    GenerateError, Level,
    dice::Dice,
    districts, enterprises,
    enterprises::Enterprise,
    figures::Table,
    people::invented_name,
    prose::{self, Prose},
    schools::School,
    unprinted::survey_method,
};

/// The kinds of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReportKind {
    Higher,
    Secondary,
    District,
    Enterprise,
}

impl ReportKind {
    /// Its code in the catalogue.
    pub fn code(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Secondary => "secondary",
            Self::District => "district",
            Self::Enterprise => "enterprise",
        }
    }
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    Number(Decimal),
    /// The code of the chosen option.
    Choice(&'static str),
    /// The reason why the indicator does not apply.
    NotApplicable(String),
}

/// How far a report comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    NotStarted,
    /// So many percent of its cells and sections are filled in.
    Draft {
        percent: usize,
    },
    Approved,
    Submitted,
    UnderReview,
    Returned {
        comment: String,
    },
    Accepted,
}

/// One organisation's report of a year.
#[derive(Debug, Clone)]
pub struct YearReport {
    pub year: i32,
    pub kind: ReportKind,
    /// The code of who submits it.
    pub organisation: String,
    /// The code of whom it is about.
    pub subject: String,
    /// Values by indicator; derived indicators are left to the server.
    pub cells: BTreeMap<&'static str, Figure>,
    /// Bodies by section, in order.
    pub sections: Vec<(&'static str, String)>,
    /// Who declares that it is true: name and office.
    pub declared_by: (String, &'static str),
    pub fate: Fate,
}

impl YearReport {
    /// Names the report among all: year, kind and subject.
    pub fn label(&self) -> String {
        format!("{} {} {}", self.year, self.kind.code(), self.subject)
    }
}

/// What the reports are made from.
pub(crate) struct Source<'a> {
    pub schools: &'a [School],
    /// Codes and names of the districts' commissions.
    pub commissions: &'a [(String, String)],
    pub enterprises: &'a [Enterprise],
    /// The school whose account a visitor uses: its reports of 2026 stand in several states.
    pub featured: &'a str,
}

/// The tables of a year by level.
pub(crate) struct YearTables {
    pub year: i32,
    pub higher: Table,
    pub secondary: Table,
}

impl YearTables {
    fn of(&self, level: Level) -> &Table {
        match level {
            Level::Higher => &self.higher,
            Level::Secondary => &self.secondary,
        }
    }
}

/// Every report of a year. 2024 has the schools' alone; 2026 is under way.
pub(crate) fn reports(source: &Source<'_>, tables: &YearTables) -> Result<Vec<YearReport>, GenerateError> {
    let prose = Prose::read()?;
    let mut reports: Vec<YearReport> = Vec::new();
    let higher = source.schools.iter().filter(|school| school.kind.level() == Level::Higher).count();
    let place = |index: usize| if index < higher { index } else { index - higher };
    for (index, school) in source.schools.iter().enumerate() {
        let kind =
            if school.kind.level() == Level::Higher { ReportKind::Higher } else { ReportKind::Secondary };
        let numbers = tables.of(school.kind.level()).of_school(place(index));
        let mut cells: BTreeMap<_, _> = numbers.map(|(code, value)| (code, Figure::Number(value))).collect();
        if tables.year >= 2025 {
            surveys(school, &mut cells);
        }
        mark_inapplicable(kind, school, &mut cells);
        let words = [("name", school.name.zh.as_str())];
        reports.push(report(&prose, tables.year, kind, (&school.code, &school.code), &words, cells));
    }
    if tables.year >= 2025 {
        reports.extend(district_reports(source, tables, &prose));
        for enterprise in source.enterprises {
            let school = &source.schools[enterprise.school];
            let level = school.kind.level();
            let siblings =
                source.enterprises.iter().filter(|other| other.school == enterprise.school).count();
            // The dice are the enterprise's own in every year, so that it changes as its school does.
            let numbers = enterprises::figures(
                &format!("enterprise {}", enterprise.code),
                level,
                tables.of(level),
                place(enterprise.school),
                siblings as u64,
            );
            let cells = numbers.into_iter().map(|(code, value)| (code, Figure::Number(value))).collect();
            let words = [("name", enterprise.name.zh.as_str()), ("school", school.name.zh.as_str())];
            let parties = (school.code.as_str(), enterprise.code.as_str());
            reports.push(report(&prose, tables.year, ReportKind::Enterprise, parties, &words, cells));
        }
    }
    if tables.year == 2026 {
        decide_fates(source, &mut reports);
    }
    Ok(reports)
}

fn district_reports(source: &Source<'_>, tables: &YearTables, prose: &Prose) -> Vec<YearReport> {
    let secondary: Vec<&School> =
        source.schools.iter().filter(|school| school.kind.level() == Level::Secondary).collect();
    source
        .commissions
        .iter()
        .map(|(code, district)| {
            let places = districts::places(district, &secondary);
            let numbers = districts::figures(tables.year, district, &places, &tables.secondary);
            let cells = numbers.into_iter().map(|(code, value)| (code, Figure::Number(value))).collect();
            let words = [("name", district.as_str())];
            report(prose, tables.year, ReportKind::District, (code, code), &words, cells)
        })
        .collect()
}

/// A report that is accepted. `parties` are who submits and whom it is about.
fn report(
    prose: &Prose,
    year: i32,
    kind: ReportKind,
    parties: (&str, &str),
    words: &[(&str, &str)],
    cells: BTreeMap<&'static str, Figure>,
) -> YearReport {
    let (organisation, subject) = parties;
    // The same head signs in every year.
    let head = invented_name(&mut Dice::of(&format!("head {subject}")));
    let office = match kind {
        ReportKind::Higher => "院长",
        ReportKind::Secondary => "校长",
        ReportKind::District => "主任",
        ReportKind::Enterprise => "总经理",
    };
    let sections = prose.sections(kind, &format!("{year} {subject}"), words, &cells);
    YearReport {
        year,
        kind,
        organisation: organisation.to_owned(),
        subject: subject.to_owned(),
        cells,
        sections,
        declared_by: (head, office),
        fate: Fate::Accepted,
    }
}

/// The surveys that every school makes, with the survey that they are part of: one questionnaire asks students about all
/// their education.
const SURVEYS: [(&str, &str); 8] = [
    ("SAT01", "SAT01M"),
    ("SAT01", "SAT02M"),
    ("SAT01", "SAT03M"),
    ("SAT01", "SAT04M"),
    ("SAT01", "SAT05M"),
    ("SAT01", "SAT06M"),
    ("SAT07", "SAT07M"),
    ("SAT09", "SAT09M"),
];
/// Those that it may leave out: some do.
const OPTIONAL_SURVEYS: [(&str, &str, &str); 3] =
    [("SAT08", "SAT08N", "SAT08M"), ("SAT10", "SAT10N", "SAT10M"), ("SAT11", "SAT11N", "SAT11M")];
/// What is computed from the answers of graduates of the last three years.
const PROMOTED: &str = "SC14";

/// How each survey was made; what a school did not ask stays empty.
fn surveys(school: &School, cells: &mut BTreeMap<&'static str, Figure>) {
    for (survey, method) in SURVEYS {
        cells.insert(method, Figure::Choice(survey_method(&school.code, survey)));
    }
    for (survey, responses, method) in OPTIONAL_SURVEYS {
        if Dice::of(&format!("asked {survey} {}", school.code)).chance(70) {
            cells.insert(method, Figure::Choice(survey_method(&school.code, survey)));
        } else {
            cells.remove(survey);
            cells.remove(responses);
        }
    }
    if !cells.contains_key("SAT08") {
        cells.remove(PROMOTED);
    }
}

/// What does not apply, with the reason: some secondary schools may not enrol foreign students at all; where nobody went
/// to work, nobody earns.
fn mark_inapplicable(kind: ReportKind, school: &School, cells: &mut BTreeMap<&'static str, Figure>) {
    let is_zero = |code: &str| matches!(cells.get(code), Some(Figure::Number(number)) if number.is_zero());
    let (no_foreigners, nobody_works) = (is_zero("INT01"), is_zero("SVC01"));
    let may_not = Dice::of(&format!("foreign {}", school.code)).chance(20);
    if kind == ReportKind::Secondary && no_foreigners && may_not {
        for code in ["INT01", "INT02"] {
            if let Some(cell) = cells.get_mut(code) {
                *cell = Figure::NotApplicable("学校没有招收来华留学生的资格。".into());
            }
        }
    }
    if nobody_works {
        cells.insert("SC09", Figure::NotApplicable("本学年没有直接就业的毕业生。".into()));
    }
}

/// How far the reports of 2026 have come: every state occurs, at the featured school several side by side.
fn decide_fates(source: &Source<'_>, reports: &mut [YearReport]) {
    let mut featured_enterprises = 0;
    for report in reports.iter_mut().filter(|report| report.organisation == source.featured) {
        report.fate = match report.kind {
            ReportKind::Enterprise => {
                featured_enterprises += 1;
                match featured_enterprises {
                    1 => Fate::Accepted,
                    2 => Fate::Returned { comment: prose::return_comment(&report.label()) },
                    _ => Fate::NotStarted,
                }
            }
            _ => {
                slip(&mut report.cells);
                Fate::Draft { percent: 60 }
            }
        };
    }
    for kind in [ReportKind::Higher, ReportKind::Secondary, ReportKind::District, ReportKind::Enterprise] {
        let mut dice = Dice::of(&format!("fates {}", kind.code()));
        let mut others: Vec<&mut YearReport> = reports
            .iter_mut()
            .filter(|report| report.kind == kind && report.organisation != source.featured)
            .collect();
        // Dealt by rank, not drawn: even of few reports some stand in each state.
        dice.shuffle(&mut others);
        let count = others.len().max(1);
        for (rank, report) in others.into_iter().enumerate() {
            report.fate = match (rank * 2 + 1) * 50 / count {
                0..20 => Fate::NotStarted,
                20..44 => Fate::Draft { percent: dice.between(15, 95) as usize },
                44..52 => Fate::Approved,
                52..70 => Fate::Submitted,
                70..80 => Fate::UnderReview,
                80..87 => Fate::Returned { comment: prose::return_comment(&report.label()) },
                _ => Fate::Accepted,
            };
        }
    }
}

/// Two slips for the visitor to find with the checks: more double-qualified teachers than teachers, and receipts that
/// jumped.
fn slip(cells: &mut BTreeMap<&'static str, Figure>) {
    if let Some(Figure::Number(teachers)) = cells.get("POL06").cloned() {
        cells.insert("BAS05", Figure::Number(teachers + Decimal::from(36)));
    }
    if let Some(Figure::Number(receipts)) = cells.get_mut("SVC06") {
        *receipts = (*receipts * Decimal::new(172, 2)).round_dp(2);
    }
}
