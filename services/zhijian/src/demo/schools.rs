//! The seventy-six schools and how large each is.

use super::{
    GenerateError, History, Level, apportion::apportion, dice::Dice, histories::histories, names::Name,
    printed::Printed,
};

/// What kind of school it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchoolKind {
    HigherVocational,
    SpecialisedSecondary,
    VocationalHigh,
}

impl SchoolKind {
    /// The level at which it teaches.
    pub fn level(self) -> Level {
        match self {
            Self::HigherVocational => Level::Higher,
            Self::SpecialisedSecondary | Self::VocationalHigh => Level::Secondary,
        }
    }
}

/// A row of the files of names.
pub(crate) struct SchoolName {
    pub kind: SchoolKind,
    pub name: Name,
    pub district: String,
    pub classes: Vec<String>,
    pub size: u64,
    pub textbook_row: Option<u32>,
    pub plan_name: Option<String>,
}

/// A school of the region.
#[derive(Debug, Clone)]
pub struct School {
    /// The ten-digit code.
    pub code: String,
    pub kind: SchoolKind,
    pub name: Name,
    /// The district's name in Chinese.
    pub district: String,
    /// Major classes taught: the first two digits of programme codes, the main one first.
    pub classes: Vec<String>,
    /// Students enrolled in 2025 (BAS02).
    pub enrolment: u64,
    /// Textbooks selected (Table 2-4).
    pub textbooks: u64,
    /// Who runs it, since when, and its former names.
    pub history: History,
    /// The institution of Table 2-5 whose rows it carries.
    pub(crate) plan_name: Option<String>,
}

/// Enrolment as the report's text prints it: 72,300 diploma and 484 bachelor students, 42,600 secondary ones.
const ENROLMENT: [(Level, u64); 2] = [(Level::Higher, 72_784), (Level::Secondary, 42_600)];

/// The schools in the order of their codes within each kind.
pub(crate) fn schools(names: Vec<SchoolName>, printed: &Printed) -> Result<Vec<School>, GenerateError> {
    let mut dice = Dice::of("enrolment");
    let sizes: Vec<u64> = names.iter().map(|name| name.size * dice.between(930, 1070) as u64).collect();
    let mut enrolments = vec![0; names.len()];
    for (level, total) in ENROLMENT {
        let members: Vec<usize> =
            (0..names.len()).filter(|&index| names[index].kind.level() == level).collect();
        let weights: Vec<u64> = members.iter().map(|&index| sizes[index]).collect();
        let parts = apportion(total, &weights, &vec![100..=20_000; members.len()])?;
        members.iter().zip(parts).for_each(|(&index, part)| enrolments[index] = part);
    }
    let mut serials = [0_u32; 2];
    let mut histories = histories()?;
    Ok(names
        .into_iter()
        .zip(enrolments)
        .map(|(name, enrolment)| School {
            code: code(name.kind.level(), &mut serials),
            kind: name.kind,
            district: name.district,
            classes: name.classes,
            enrolment,
            textbooks: name.textbook_row.and_then(|row| printed.textbooks.get(&row)).copied().unwrap_or(0),
            plan_name: name.plan_name,
            history: histories.remove(&name.name.zh).unwrap_or_default(),
            name: name.name,
        })
        .collect())
}

/// The next code of a level: 36 or 41, the province, then a serial from the range that no real school has.
fn code(level: Level, serials: &mut [u32; 2]) -> String {
    let serial = &mut serials[level as usize];
    *serial += 1;
    match level {
        Level::Secondary => format!("36119{serial:05}"),
        Level::Higher => format!("411109{serial:04}"),
    }
}
