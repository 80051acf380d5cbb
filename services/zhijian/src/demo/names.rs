//! The invented names, read from the files of `demo-data/names`.

use super::{
    GenerateError,
    printed::rows,
    schools::{SchoolKind, SchoolName},
};

const DISTRICTS: &str = include_str!("../../demo-data/names/districts.csv");
const HIGHER: &str = include_str!("../../demo-data/names/higher.csv");
const SPECIALISED: &str = include_str!("../../demo-data/names/specialised.csv");
const VOCATIONAL_HIGH: &str = include_str!("../../demo-data/names/vocational-high.csv");
const UNIVERSITIES: &str = include_str!("../../demo-data/names/universities.csv");
const BODIES: &str = include_str!("../../demo-data/names/evaluation-bodies.csv");
const TRADES: &str = include_str!("../../demo-data/names/trades.csv");
const BRANDS: &str = include_str!("../../demo-data/names/brands.csv");
const PROGRAMMES: &str = include_str!("../../demo-data/names/programmes.csv");
const REVIEWERS: &str = include_str!("../../demo-data/names/reviewers.csv");

/// A name in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub zh: String,
    pub en: String,
}

/// A programme of the national catalogue.
pub(crate) struct CatalogueProgramme {
    pub code: String,
    pub name: Name,
}

/// A trade that enterprises of a class are in.
pub(crate) struct Trade {
    pub class: u8,
    pub name: Name,
}

pub(crate) fn districts() -> Result<Vec<Name>, GenerateError> {
    pairs("districts.csv", DISTRICTS, 0)
}

pub(crate) fn evaluation_bodies() -> Result<Vec<Name>, GenerateError> {
    pairs("evaluation-bodies.csv", BODIES, 0)
}

pub(crate) fn brands() -> Result<Vec<Name>, GenerateError> {
    pairs("brands.csv", BRANDS, 0)
}

/// The invented university that stands in for a printed one: (printed, invented).
pub(crate) fn universities() -> Result<Vec<(String, String)>, GenerateError> {
    let name = "universities.csv";
    rows(name, UNIVERSITIES)?.iter().map(|row| Ok((text(name, row, 0)?, text(name, row, 1)?))).collect()
}

pub(crate) fn trades() -> Result<Vec<Trade>, GenerateError> {
    let name = "trades.csv";
    let names = pairs(name, TRADES, 1)?;
    rows(name, TRADES)?
        .iter()
        .zip(names)
        .map(|(row, trade)| Ok(Trade { class: parse(name, &text(name, row, 0)?)?, name: trade }))
        .collect()
}

pub(crate) fn programmes() -> Result<Vec<CatalogueProgramme>, GenerateError> {
    let name = "programmes.csv";
    let names = pairs(name, PROGRAMMES, 1)?;
    rows(name, PROGRAMMES)?
        .iter()
        .zip(names)
        .map(|(row, programme)| Ok(CatalogueProgramme { code: text(name, row, 0)?, name: programme }))
        .collect()
}

/// The experts: name and the major classes each knows.
pub(crate) fn reviewers() -> Result<Vec<(String, Vec<String>)>, GenerateError> {
    let name = "reviewers.csv";
    rows(name, REVIEWERS)?
        .iter()
        .map(|row| Ok((text(name, row, 0)?, text(name, row, 1)?.split(' ').map(str::to_owned).collect())))
        .collect()
}

/// The schools in the order of their codes: higher, specialised secondary, vocational high.
pub(crate) fn schools() -> Result<Vec<SchoolName>, GenerateError> {
    let files = [
        ("higher.csv", HIGHER, SchoolKind::HigherVocational),
        ("specialised.csv", SPECIALISED, SchoolKind::SpecialisedSecondary),
        ("vocational-high.csv", VOCATIONAL_HIGH, SchoolKind::VocationalHigh),
    ];
    let mut schools = Vec::new();
    for (name, file, kind) in files {
        for row in rows(name, file)? {
            let optional = |column: usize| row.get(column).filter(|cell| !cell.is_empty());
            schools.push(SchoolName {
                kind,
                name: Name { zh: text(name, &row, 0)?, en: text(name, &row, 1)? },
                district: text(name, &row, 2)?,
                classes: text(name, &row, 3)?.split(' ').map(str::to_owned).collect(),
                size: parse(name, &text(name, &row, 4)?)?,
                textbook_row: optional(5).map(|cell| parse(name, cell)).transpose()?,
                plan_name: optional(6).map(str::to_owned),
            });
        }
    }
    Ok(schools)
}

/// Names from two columns, the first at `column`.
fn pairs(name: &'static str, file: &str, column: usize) -> Result<Vec<Name>, GenerateError> {
    rows(name, file)?
        .iter()
        .map(|row| Ok(Name { zh: text(name, row, column)?, en: text(name, row, column + 1)? }))
        .collect()
}

fn text(name: &'static str, row: &csv::StringRecord, column: usize) -> Result<String, GenerateError> {
    row.get(column).filter(|cell| !cell.is_empty()).map(str::to_owned).ok_or_else(|| GenerateError::BadFile {
        name,
        reason: format!("column {} of {row:?} is empty", column + 1),
    })
}

fn parse<T: std::str::FromStr>(name: &'static str, cell: &str) -> Result<T, GenerateError> {
    cell.parse().map_err(|_| GenerateError::BadFile { name, reason: format!("{cell:?} is not a number") })
}
