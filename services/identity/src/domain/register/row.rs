//! One row of a file and the entry that it makes of what is registered.

use zhijian_documents::register::{Given, Row};

use super::{
    carried,
    columns::{KINDS, OWNERSHIPS},
    names,
};
use crate::domain::{
    Broken,
    code::Code,
    credit,
    date::Date,
    organisation::{DISTRICT, Kind, Level, Organisation},
    particulars::{FormerName, Merger, Particulars, ParticularsError, SUPERVISING_BODY},
    text::{self, Bilingual},
};

/// The code in the first column, if it is one.
pub fn code(row: &mut Row<'_>, key: &str) -> Given<Code> {
    let text = match row.code(key, 10) {
        Given::Some(text) => text,
        Given::None => return Given::None,
        Given::Nothing => return Given::Nothing,
    };
    match Code::parse(&text) {
        Ok(code) => Given::Some(code),
        Err(broken) => {
            row.refuse(key, broken.zh(), broken.to_string());
            Given::Nothing
        }
    }
}

/// The kind in the row.
pub fn kind(row: &mut Row<'_>) -> Option<Kind> {
    row.choice("kind", KINDS).some()
}

/// What the row makes of the registered entry, or of nothing. What is wrong is noted in the row.
///
/// `level_of` answers the level of a parent, which an enterprise shares.
pub fn entry(
    row: &mut Row<'_>,
    code: Code,
    kind: Option<Kind>,
    registered: Option<&Organisation>,
    level_of: impl Fn(&Code) -> Option<Level>,
) -> Option<Organisation> {
    let kind = kind.or_else(|| registered.map(|entry| entry.kind));
    if kind.is_none() && row.faults.is_empty() {
        row.refuse("kind", "请填写类别。", "Fill in the kind.");
    }
    let name_zh = row.wanted("name").and_then(|name| line(row, "name", &name, text::NAME));
    let name_en = row.text("name_en").some().and_then(|name| line(row, "name_en", &name, text::NAME));
    let district = match row.text("district") {
        Given::Some(district) => line(row, "district", &district, DISTRICT),
        Given::None => Some(String::new()),
        Given::Nothing => Some(registered.map(|entry| entry.district.clone()).unwrap_or_default()),
    };
    let parent = self::code(row, "parent_code").over(registered.and_then(|entry| entry.parent.clone()));
    let demonstration =
        row.yes("demonstration").over(registered.map(|entry| entry.demonstration)).unwrap_or(false);
    let mut particulars = particulars(row, registered.map(|entry| &entry.particulars));
    let kind = kind?;
    if kind == Kind::Enterprise
        && particulars.credit_code.is_none()
        && row.raw("credit_code").trim().is_empty()
    {
        row.refuse(
            "credit_code",
            "企业必须填写 18 位统一社会信用代码。",
            "An enterprise must have its credit code of 18 characters.",
        );
    }
    let name = name(row, name_zh?, name_en, registered, &mut particulars)?;
    particulars.settle();
    if let Err(broken) = particulars.check(&code, kind) {
        for broken in broken {
            let key = if broken.field() == "merger" { "merged_into" } else { broken.field() };
            row.refuse(key, broken.zh(), broken.to_string());
        }
    }
    let level = match kind {
        Kind::HigherVocational => Some(Level::Higher),
        Kind::SpecialisedSecondary | Kind::VocationalHigh => Some(Level::Secondary),
        Kind::Enterprise => parent.as_ref().and_then(&level_of).or(registered.and_then(|entry| entry.level)),
        Kind::DistrictCommission => registered.and_then(|entry| entry.level),
        Kind::Commission | Kind::EvaluationBody => None,
    };
    let entry =
        Organisation { code, kind, name, level, district: district?, demonstration, parent, particulars };
    for broken in entry.check().err().into_iter().flatten() {
        row.refuse(broken.field(), broken.zh(), broken.to_string());
    }
    Some(entry)
}

fn line(row: &mut Row<'_>, key: &str, text: &str, longest: usize) -> Option<String> {
    text::line(text, longest).map_err(|broken| row.refuse(key, broken.zh(), broken.to_string())).ok()
}

fn date(row: &mut Row<'_>, key: &str) -> Given<Date> {
    match row.text(key) {
        Given::Some(text) => match Date::parse(&text) {
            Ok(date) => Given::Some(date),
            Err(broken) => {
                row.refuse(key, broken.zh(), broken.to_string());
                Given::Nothing
            }
        },
        Given::None => Given::None,
        Given::Nothing => Given::Nothing,
    }
}

fn particulars(row: &mut Row<'_>, registered: Option<&Particulars>) -> Particulars {
    let before = registered.cloned().unwrap_or_default();
    let supervising_body = match row.text("supervising_body") {
        Given::Some(body) => line(row, "supervising_body", &body, SUPERVISING_BODY).unwrap_or_default(),
        Given::None => String::new(),
        Given::Nothing => before.supervising_body,
    };
    let credit_code = match row.code("credit_code", 18) {
        Given::Some(text) => match credit::parse(&text) {
            Ok(code) => Some(code),
            Err(broken) => {
                row.refuse("credit_code", broken.zh(), broken.to_string());
                None
            }
        },
        Given::None => None,
        Given::Nothing => before.credit_code,
    };
    let website = match row.text("website") {
        Given::Some(site) => site,
        Given::None => String::new(),
        Given::Nothing => before.website,
    };
    let into = code(row, "merged_into");
    let on = date(row, "merge_date");
    let merger = match (into, on) {
        (Given::None, _) => None,
        (Given::Some(into), Given::Some(date)) => Some(Merger { into, date }),
        (Given::Nothing, Given::Some(date)) => match before.merger {
            Some(merger) => Some(Merger { date, ..merger }),
            None => {
                row.refuse(
                    "merged_into",
                    "填写了并入日期，请同时填写并入机构代码。",
                    "Give the code it was merged into, too.",
                );
                None
            }
        },
        (Given::Some(into), _) => match before.merger {
            Some(merger) => Some(Merger { into, ..merger }),
            None => {
                row.refuse(
                    "merge_date",
                    "填写了并入机构代码，请同时填写并入日期。",
                    "Give the date of the merger, too.",
                );
                None
            }
        },
        (Given::Nothing, _) => before.merger,
    };
    let former_names = former_names(row, before.former_names);
    Particulars {
        ownership: row.choice("ownership", OWNERSHIPS).over(before.ownership),
        supervising_body,
        website,
        credit_code,
        founding: date(row, "founding_date").over(before.founding),
        closing: date(row, "closing_date").over(before.closing),
        merger,
        former_names,
    }
}

/// The names already known, with the dates that the file has for them, and those that it adds.
fn former_names(row: &mut Row<'_>, mut known: Vec<FormerName>) -> Vec<FormerName> {
    let Given::Some(cell) = row.text("former_names") else { return known };
    let given = match names::read(&cell) {
        Ok(given) => given,
        Err((zh, en)) => {
            row.refuse("former_names", zh, en);
            return known;
        }
    };
    // A name may have been carried twice; entries of the same name are matched in their order.
    let mut matched = vec![false; known.len()];
    for name in given {
        let same = (0..matched.len()).find(|&place| !matched[place] && known[place].zh == name.zh);
        match same {
            Some(place) => {
                matched[place] = true;
                let known = &mut known[place];
                known.mistaken = name.mistaken;
                known.from = name.from.or_else(|| known.from.take());
                known.to = name.to.or_else(|| known.to.take());
            }
            None => known.push(name),
        }
    }
    known
}

/// The name in force. A Chinese name that differs from the registered one must say why.
fn name(
    row: &mut Row<'_>,
    zh: String,
    en: Option<String>,
    registered: Option<&Organisation>,
    particulars: &mut Particulars,
) -> Option<Bilingual> {
    let Some(registered) = registered else {
        let en = en.unwrap_or_else(|| zh.clone());
        return Some(Bilingual::kept(zh, en));
    };
    let (old_zh, old_en) = (registered.name.zh(), registered.name.en());
    if zh == old_zh {
        return Some(Bilingual::kept(zh, en.unwrap_or_else(|| old_en.to_owned())));
    }
    let given = row.text("rename_date");
    let correction = matches!(&given, Given::Some(word) if matches!(word.as_str(), "更正" | "correction"));
    // The file itself may list the registered name among the former ones.
    let told = carried(particulars).any(|former| former == old_zh);
    let since = match (&given, correction) {
        (Given::Some(text), false) => match Date::parse(text) {
            Ok(date) => Some(date),
            Err(_) => {
                row.refuse(
                    "rename_date",
                    "请填写新名称启用的日期（如 2024-09-01）；原登记的是错字时填“更正”。",
                    "Give since when the new name is in force (2024-09-01), or 更正 where the old one was a slip.",
                );
                return None;
            }
        },
        _ => None,
    };
    if !correction && !told && since.is_none() {
        row.refuse(
            "name",
            format!(
                "代码 {} 登记的名称是“{old_zh}”。如已更名，请填“更名日期”；如原登记有错字，在“更名日期”填“更正”；如代码写错了，请改代码。",
                registered.code
            ),
            format!(
                "{} is registered as “{old_zh}”. If it was renamed, give “Renamed on”; if that was a slip, write 更正 there; \
                 if the code is wrong, correct it.",
                registered.code
            ),
        );
        return None;
    }
    // A name in English that only repeated the Chinese one follows it.
    let en = match en {
        Some(en) => en,
        None if old_en == old_zh => zh.clone(),
        None if correction => old_en.to_owned(),
        None => {
            row.refuse(
                "name_en",
                format!("名称有变化，请同时填写英文名称（原为“{old_en}”）。"),
                format!("The name changes: give the English one, too (it was “{old_en}”)."),
            );
            return None;
        }
    };
    if let Some(since) = since
        && !told
    {
        let too_early = particulars.founding.as_ref().is_some_and(|founding| since.last() < founding.first());
        let too_late = particulars.closing.as_ref().is_some_and(|closing| since.first() > closing.last());
        if too_early || too_late {
            let broken = ParticularsError::RenameOutsideLife;
            row.refuse("rename_date", broken.zh(), broken.to_string());
        }
        particulars.keep_name(&registered.name, &since);
    }
    Some(Bilingual::kept(zh, en))
}
