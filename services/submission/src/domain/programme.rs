//! The register of programmes.

use std::collections::BTreeSet;

use zhijian_platform::{Text, Violation};

use super::text::{is_filled, is_organisation_code, is_storable};

/// How long names may be.
const MAX_NAME: usize = 100;
/// The years in which a programme may have opened.
const YEARS: std::ops::RangeInclusive<i32> = 1949..=2100;

/// The level of vocational education.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Secondary (中职).
    Secondary,
    /// Higher, diploma and bachelor (高职).
    Higher,
}

impl Level {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secondary => "secondary",
            Self::Higher => "higher",
        }
    }

    /// The level of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Secondary, Self::Higher].into_iter().find(|level| level.as_str() == name)
    }
}

/// An articulated pathway (贯通培养) to a partner university.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pathway {
    /// The year of the plan.
    pub year: i32,
    /// The planned number of students.
    pub places: i32,
    /// The university.
    pub partner: String,
    /// The programme the students go on to.
    pub partner_programme: String,
    /// The row's number in the plan.
    pub sequence: i32,
}

/// What tells programmes apart: school, code and level.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The school's code.
    pub organisation_code: String,
    /// The national programme code.
    pub code: String,
    /// The level.
    pub level: Level,
}

/// A programme of study that a school runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// What tells it apart.
    pub key: Key,
    /// What it is called.
    pub name: Text,
    /// When the first students entered.
    pub opened_year: i32,
    /// Whether it is a diploma pilot (专科人才培养试点).
    pub pilot: bool,
    /// Its pathway of the year, if it has one.
    pub pathway: Option<Pathway>,
    /// The cluster (专业群) it belongs to; may be empty.
    pub cluster: String,
    /// Since when no students are admitted, if it was withdrawn.
    pub withdrawn_year: Option<i32>,
}

/// A programme as it is given.
#[derive(Debug, Clone)]
pub struct Given {
    /// The school's code.
    pub organisation_code: String,
    /// The national programme code.
    pub code: String,
    /// The level, if it is a known one.
    pub level: Option<Level>,
    /// What it is called.
    pub name: Option<Text>,
    /// When the first students entered.
    pub opened_year: i32,
    /// Whether it is a diploma pilot.
    pub pilot: bool,
    /// Its pathway.
    pub pathway: Option<Pathway>,
    /// The cluster.
    pub cluster: String,
    /// Since when it is withdrawn; 0 while it runs.
    pub withdrawn_year: i32,
}

/// Reads the rows of an import.
///
/// # Errors
/// Names every row and field at fault.
pub fn read(rows: Vec<Given>) -> Result<Vec<Programme>, Vec<Violation>> {
    let mut seen = BTreeSet::new();
    let mut violations = Vec::new();
    let mut programmes = Vec::with_capacity(rows.len());
    for (place, row) in rows.into_iter().enumerate() {
        let programme = match one(row) {
            Ok(programme) => programme,
            Err(faults) => {
                violations.extend(faults.into_iter().map(|(field, text)| Violation {
                    field: format!("programmes[{place}].{field}"),
                    description: text,
                }));
                continue;
            }
        };
        let key = &programme.key;
        if !seen.insert(key.clone()) {
            violations.push(Violation::new(
                format!("programmes[{place}].code"),
                format!("{} 的 {} 在同一次导入中出现了两次。", key.organisation_code, key.code),
                format!("{} of {} appears twice in one import.", key.code, key.organisation_code),
            ));
        }
        programmes.push(programme);
    }
    if violations.is_empty() { Ok(programmes) } else { Err(violations) }
}

/// Reads one programme.
///
/// # Errors
/// Names every field at fault and what to do.
pub fn one(row: Given) -> Result<Programme, Vec<(&'static str, Text)>> {
    let faults = faults(&row);
    match (row.level, row.name) {
        (Some(level), Some(name)) if faults.is_empty() => Ok(Programme {
            key: Key { organisation_code: row.organisation_code, code: row.code, level },
            name,
            opened_year: row.opened_year,
            pilot: row.pilot,
            pathway: row.pathway,
            cluster: row.cluster.trim().to_owned(),
            withdrawn_year: (row.withdrawn_year != 0).then_some(row.withdrawn_year),
        }),
        _ => Err(faults),
    }
}

/// The level that a programme code belongs to: 61–79 secondary, 21–39 (bachelor) and 41–59 (diploma) higher. Nothing for
/// a text that is no code.
pub fn level_of(code: &str) -> Option<Level> {
    if !is_programme_code(code) {
        return None;
    }
    Some(if code >= "6" { Level::Secondary } else { Level::Higher })
}

fn faults(row: &Given) -> Vec<(&'static str, Text)> {
    let mut faults = Vec::new();
    let mut want = |holds: bool, field: &'static str, zh: &str, en: &str| {
        if !holds {
            faults.push((field, Text::new(zh, en)));
        }
    };
    want(
        is_organisation_code(&row.organisation_code),
        "organisation_code",
        "学校代码应为 10 位数字。",
        "A school's code has ten digits.",
    );
    want(
        is_programme_code(&row.code),
        "code",
        "专业代码应为 6 位数字，可带后缀 K 或 W，例如 510202、760207W。",
        "A programme code has six digits, with K or W after them where it has one: 510202, 760207W.",
    );
    want(row.level.is_some(), "level", "请填写层次：中职或高职。", "Give the level: secondary or higher.");
    let fits = level_of(&row.code).zip(row.level).is_none_or(|(of_code, given)| of_code == given);
    want(
        fits,
        "level",
        "层次与专业代码不符：代码以 61–79 开头的是中职，21–39、41–59 开头的是高职。",
        "The level does not fit the code: 61–79 are secondary, 21–39 and 41–59 higher.",
    );
    let named = row.name.as_ref().is_some_and(|name| is_name(&name.zh) && is_name(&name.en));
    want(
        named,
        "name",
        "请填写中英文名称，各 1–100 字。",
        "Give the name in both languages, 1–100 characters each.",
    );
    want(
        YEARS.contains(&row.opened_year),
        "opened_year",
        "开设年份应在 1949–2100 之间。",
        "The opening year lies within 1949–2100.",
    );
    want(
        row.cluster.chars().count() <= MAX_NAME && is_storable(&row.cluster),
        "cluster",
        "专业群名称最多 100 字。",
        "The cluster has at most 100 characters.",
    );
    want(
        row.withdrawn_year == 0
            || (YEARS.contains(&row.withdrawn_year) && row.withdrawn_year >= row.opened_year),
        "withdrawn_year",
        "撤销年份不能早于开设年份。",
        "A programme cannot be withdrawn before it opened.",
    );
    if let Some(pathway) = &row.pathway {
        want(
            YEARS.contains(&pathway.year),
            "pathway.year",
            "贯通计划年份不对。",
            "The plan's year is not right.",
        );
        want(pathway.places >= 1, "pathway.places", "计划人数应大于 0。", "The plan has at least one place.");
        want(pathway.sequence >= 1, "pathway.sequence", "序号从 1 开始。", "Rows are numbered from 1.");
        want(
            is_name(&pathway.partner),
            "pathway.partner",
            "请填写合作高校，1–100 字。",
            "Name the university, 1–100 characters.",
        );
        want(
            is_name(&pathway.partner_programme),
            "pathway.partner_programme",
            "请填写合作高校专业，1–100 字。",
            "Name the university's programme, 1–100 characters.",
        );
    }
    faults
}

fn is_name(text: &str) -> bool {
    is_filled(text, MAX_NAME)
}

/// Six digits whose first two are a major class of the national catalogue (21–79 without 40 and 60), perhaps with a
/// suffix: K state-controlled, W off-catalogue.
fn is_programme_code(code: &str) -> bool {
    let digits = code.strip_suffix(['K', 'W']).unwrap_or(code);
    digits.len() == 6
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits[..2]
            .parse::<u32>()
            .is_ok_and(|class| (21..=79).contains(&class) && class != 40 && class != 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> Given {
        Given {
            organisation_code: "4111000001".into(),
            code: "510202".into(),
            level: Some(Level::Higher),
            name: Some(Text::new("计算机网络技术", "Computer network technology")),
            opened_year: 2023,
            pilot: false,
            pathway: None,
            cluster: String::new(),
            withdrawn_year: 0,
        }
    }

    #[test]
    fn codes_follow_the_national_catalogue() {
        for code in ["510202", "760207W", "710205", "210101K", "799999"] {
            assert!(is_programme_code(code), "{code}");
        }
        for code in [
            "", "51020", "5102022", "510202X", "200101", "400101", "600101", "800101", "51020２", "WK",
            "510202WK",
        ] {
            assert!(!is_programme_code(code), "{code}");
        }
    }

    #[test]
    fn every_row_at_fault_is_named() {
        let pathway = Pathway {
            year: 2025,
            places: 0,
            partner: "演示大学".into(),
            partner_programme: " ".into(),
            sequence: 1,
        };
        let rows = vec![
            given(),
            given(),
            Given { organisation_code: "12".into(), level: None, ..given() },
            Given { code: "51".into(), name: None, opened_year: 0, ..given() },
            Given { code: "510203".into(), pathway: Some(pathway), ..given() },
        ];
        let fields: Vec<String> =
            read(rows).unwrap_err().into_iter().map(|violation| violation.field).collect();
        assert_eq!(
            fields,
            [
                "programmes[1].code",
                "programmes[2].organisation_code",
                "programmes[2].level",
                "programmes[3].code",
                "programmes[3].name",
                "programmes[3].opened_year",
                "programmes[4].pathway.places",
                "programmes[4].pathway.partner_programme",
            ]
        );
    }

    #[test]
    fn the_level_is_that_of_the_code() {
        assert_eq!(level_of("710205"), Some(Level::Secondary));
        assert_eq!(level_of("510202K"), Some(Level::Higher));
        assert_eq!(level_of("310202"), Some(Level::Higher));
        assert_eq!(level_of("990202"), None);
        let faults = read(vec![Given { level: Some(Level::Secondary), ..given() }]).unwrap_err();
        assert_eq!(faults[0].field, "programmes[0].level");
        let early = Given { withdrawn_year: 2022, ..given() };
        assert_eq!(read(vec![early]).unwrap_err()[0].field, "programmes[0].withdrawn_year");
    }
}
