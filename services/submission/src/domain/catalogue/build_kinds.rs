//! The kinds of report of a year, checked.

use std::collections::BTreeMap;

use zhijian_platform::rules::RulesError;

use super::{
    Annex, Indicator, Level, OrganisationKind, ReportKind, SectionKind, Subject,
    build::Place,
    file::{AnnexEntry, CatalogueFile, IndicatorsFile, KindEntry, KindsFile, SectionEntry},
    load::file_name,
};

/// The largest file that may go with a report, in bytes.
const MAX_ANNEX_BYTES: u64 = 200 * 1024 * 1024;
/// How many files one annex may be.
const MAX_ANNEX_FILES: u32 = 50;
/// How many cases a section may demand.
const MAX_CASES: u32 = 50;

pub(super) fn build_kinds(
    year: i32,
    file: KindsFile,
    indicators: &IndicatorsFile,
) -> Result<Vec<ReportKind>, RulesError> {
    let at = Place { file: file_name(year, KindsFile::NAME) };
    if file.kinds.is_empty() {
        return Err(at.error("kind", "at least one kind of report is wanted"));
    }
    for (set, sections) in &file.sections {
        check_sections(&at, set, sections)?;
    }
    for (set, annexes) in &file.annexes {
        for annex in annexes {
            check_annex(&at, &format!("annexes.{set} {}", annex.code), annex)?;
        }
    }
    let lists = Lists { sections: &file.sections, annexes: &file.annexes };
    file.kinds.into_iter().map(|entry| build_kind(&at, entry, &lists, indicators)).collect()
}

/// Checks that each kind asks for something in every table that it carries.
pub(super) fn check_carried(
    year: i32,
    kinds: &[ReportKind],
    indicators: &[Indicator],
) -> Result<(), RulesError> {
    let at = Place { file: file_name(year, KindsFile::NAME) };
    for kind in kinds {
        let asked = |group: &String| {
            indicators
                .iter()
                .any(|indicator| indicator.group == *group && indicator.report_kinds.contains(&kind.code))
        };
        if let Some(group) = kind.groups.iter().find(|group| !asked(group)) {
            let detail = format!("no indicator of the group {group:?} is asked of this kind");
            return Err(at.error(format!("kind {}.groups", kind.code), detail));
        }
    }
    Ok(())
}

/// What kinds of report share.
struct Lists<'a> {
    sections: &'a BTreeMap<String, Vec<SectionEntry>>,
    annexes: &'a BTreeMap<String, Vec<AnnexEntry>>,
}

fn check_sections(at: &Place, set: &str, sections: &[SectionEntry]) -> Result<(), RulesError> {
    for section in sections {
        let key = format!("sections.{set} {}", section.code);
        at.text(&format!("{key}.name"), &section.name)?;
        if section.max_characters != 0 && section.max_characters < section.min_characters {
            return Err(at.error(format!("{key}.max_characters"), "it is below min_characters"));
        }
        if section.min_cases > MAX_CASES {
            return Err(at.error(format!("{key}.min_cases"), format!("at most {MAX_CASES}")));
        }
        if section.min_cases > 0 && section.min_characters == 0 {
            let detail = "a section that may be left out (min_characters = 0) cannot demand cases";
            return Err(at.error(format!("{key}.min_cases"), detail));
        }
    }
    Ok(())
}

fn check_annex(at: &Place, key: &str, annex: &AnnexEntry) -> Result<(), RulesError> {
    let lower = |c: char| c.is_ascii_lowercase() || c == '_';
    if annex.code.is_empty() || !annex.code.chars().all(lower) {
        return Err(at.error(key, "a code is small letters, such as \"declaration\""));
    }
    at.text(&format!("{key}.name"), &annex.name)?;
    at.text(&format!("{key}.note"), &annex.note)?;
    let sound = |kind: &String| {
        kind.split_once('/').is_some_and(|(whole, part)| !whole.is_empty() && !part.is_empty())
            && kind.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "/.+-".contains(c))
    };
    if annex.media_types.is_empty() || !annex.media_types.iter().all(sound) {
        let detail = "at least one type of file is wanted, such as \"application/pdf\"";
        return Err(at.error(format!("{key}.media_types"), detail));
    }
    if !(1..=MAX_ANNEX_BYTES).contains(&annex.max_bytes) {
        return Err(at.error(format!("{key}.max_bytes"), format!("1–{MAX_ANNEX_BYTES}")));
    }
    if !(1..=MAX_ANNEX_FILES).contains(&annex.max_files) {
        return Err(at.error(format!("{key}.max_files"), format!("1–{MAX_ANNEX_FILES}")));
    }
    Ok(())
}

fn build_kind(
    at: &Place,
    entry: KindEntry,
    lists: &Lists<'_>,
    indicators: &IndicatorsFile,
) -> Result<ReportKind, RulesError> {
    let key = format!("kind {}", entry.code);
    at.text(&format!("{key}.name"), &entry.name)?;
    at.text(&format!("{key}.signatory"), &entry.signatory)?;
    check_submitters(at, &key, &entry)?;
    let sections = lists.sections.get(&entry.sections).ok_or_else(|| {
        at.error(format!("{key}.sections"), format!("there is no list of sections {:?}", entry.sections))
    })?;
    if entry.max_case_characters == 0 && sections.iter().any(|section| section.min_cases > 0) {
        let detail = "its sections demand cases: say how long one may be";
        return Err(at.error(format!("{key}.max_case_characters"), detail));
    }
    let annexes = match &entry.annexes {
        None => &vec![],
        Some(name) => lists.annexes.get(name).ok_or_else(|| {
            at.error(format!("{key}.annexes"), format!("there is no list of annexes {name:?}"))
        })?,
    };
    for (place, group) in entry.groups.iter().enumerate() {
        if !indicators.groups.iter().any(|known| known.code == *group) {
            return Err(at.error(format!("{key}.groups"), format!("there is no group {group:?}")));
        }
        if entry.groups[..place].contains(group) {
            return Err(at.error(format!("{key}.groups"), format!("the group {group:?} is named twice")));
        }
    }
    Ok(ReportKind {
        sections: sections.iter().map(section_kind).collect(),
        annexes: annexes.iter().map(annex).collect(),
        code: entry.code,
        name: entry.name,
        level: entry.level,
        submitters: entry.submitters,
        subject: entry.subject,
        groups: entry.groups,
        signatory: entry.signatory,
        max_case_characters: entry.max_case_characters,
    })
}

fn check_submitters(at: &Place, key: &str, entry: &KindEntry) -> Result<(), RulesError> {
    let key = format!("{key}.submitters");
    if entry.submitters.is_empty() {
        return Err(at.error(key, "at least one kind of organisation is wanted"));
    }
    for submitter in &entry.submitters {
        let teaches = match submitter {
            OrganisationKind::HigherVocational => Some(Level::Higher),
            OrganisationKind::SpecialisedSecondary | OrganisationKind::VocationalHigh => {
                Some(Level::Secondary)
            }
            OrganisationKind::DistrictCommission | OrganisationKind::Enterprise => None,
        };
        if teaches.is_some_and(|level| !level.meets(entry.level)) {
            return Err(at.error(key, format!("{submitter:?} is not of the level {:?}", entry.level)));
        }
        if entry.subject == Subject::Enterprise && teaches.is_none() {
            let detail = "a report on an enterprise is submitted by the school that it is bound to";
            return Err(at.error(key, detail));
        }
    }
    Ok(())
}

fn section_kind(section: &SectionEntry) -> SectionKind {
    SectionKind {
        code: section.code.clone(),
        name: section.name.clone(),
        min_characters: section.min_characters,
        max_characters: section.max_characters,
        min_cases: section.min_cases,
    }
}

fn annex(annex: &AnnexEntry) -> Annex {
    Annex {
        code: annex.code.clone(),
        name: annex.name.clone(),
        note: annex.note.clone(),
        required: annex.required,
        media_types: annex.media_types.clone(),
        max_bytes: annex.max_bytes,
        max_files: annex.max_files,
        signed: annex.signed,
    }
}
