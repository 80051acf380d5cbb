//! The cells of the panel's files that hold several things.

use std::collections::BTreeSet;

use zhijian_documents::register::{Given, Row, narrow};

use super::{
    entry::is_organisation_code,
    panel_table::Known,
    relation::{Kind, Relation},
    reviewer::{PastEmployer, is_class},
    when,
};

const MAX_PAST: usize = 50;

/// Refuses a code that no registered organisation has.
pub fn registered(row: &mut Row<'_>, key: &'static str, code: &str, known: &Known) {
    if !is_organisation_code(code) {
        row.refuse(
            key,
            format!("“{code}”不是单位代码：应为十位数字。"),
            format!("{code:?} is no organisation code: it has ten digits."),
        );
    } else if !known.organisations.contains(code) {
        row.refuse(
            key,
            format!("单位 {code} 尚未登记，请核对代码或先登记该单位。"),
            format!("Organisation {code} is not registered: check the code, or register it first."),
        );
    }
}

/// The parts of a cell that holds several.
fn parts(text: &str, also: &[char]) -> Vec<String> {
    let split = |c: char| matches!(c, '；' | ';') || also.contains(&c);
    narrow(text).split(split).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// The classes that an expert knows.
pub fn expertise(row: &mut Row<'_>) -> Given<BTreeSet<String>> {
    let text = match row.text("expertise") {
        Given::Some(text) => text,
        Given::None => return Given::None,
        Given::Nothing => return Given::Nothing,
    };
    let classes: BTreeSet<String> = parts(&text, &['、', ',', ' ']).into_iter().collect();
    for class in classes.iter().filter(|class| !is_class(class)) {
        row.refuse(
            "expertise",
            format!("“{class}”不是专业类：请填专业代码的前两位或前四位数字，例如 71、5102。"),
            format!("{class:?} is no class: give the first two or four digits of a programme code."),
        );
    }
    Given::Some(classes)
}

/// What stands before a bracketed date, and the date.
fn undated<'t>(row: &mut Row<'_>, key: &'static str, part: &'t str) -> (&'t str, &'t str) {
    let (text, date) = match part.split_once('(') {
        Some((text, rest)) => (text.trim(), rest.trim_end_matches(')').trim()),
        None => (part.trim(), ""),
    };
    if part.contains('(') && when::last_day(date).is_none() {
        row.refuse(
            key,
            format!("括号里的“{date}”不是日期：知道多少写多少，例如 2023、2023-08 或 2023-08-31。"),
            format!("{date:?} in brackets is no date: be as exact as you can, such as 2023 or 2023-08."),
        );
    }
    (text, date)
}

/// The organisations that an expert has left.
pub fn past(row: &mut Row<'_>, known: &Known) -> Given<Vec<PastEmployer>> {
    const KEY: &str = "past_employers";
    let text = match row.text(KEY) {
        Given::Some(text) => text,
        Given::None => return Given::None,
        Given::Nothing => return Given::Nothing,
    };
    let mut past: Vec<PastEmployer> = Vec::new();
    for part in parts(&text, &['、', ',']) {
        let (code, left_on) = undated(row, KEY, &part);
        registered(row, KEY, code, known);
        if past.iter().any(|one| one.organisation_code == code) {
            row.refuse(
                KEY,
                format!("过往单位 {code} 填了两次，请只留最近的一次。"),
                format!("Organisation {code} stands here twice: keep the latest."),
            );
        }
        past.push(PastEmployer { organisation_code: code.to_owned(), left_on: left_on.to_owned() });
    }
    if past.len() > MAX_PAST {
        row.refuse(
            KEY,
            format!("过往单位最多 {MAX_PAST} 个，请只填近年的单位。"),
            format!("At most {MAX_PAST} past organisations: give those of the last years."),
        );
    }
    past.sort();
    Given::Some(past)
}

/// The relations that the chair notes.
pub fn relations(row: &mut Row<'_>, account_id: &str, known: &Known) -> Given<Vec<Relation>> {
    const KEY: &str = "relations";
    let text = match row.text(KEY) {
        Given::Some(text) => text,
        Given::None => return Given::None,
        Given::Nothing => return Given::Nothing,
    };
    let mut relations = Vec::new();
    for part in parts(&text, &[]) {
        let (said, ended_on) = undated(row, KEY, &part);
        let split = said.find(|c: char| c.is_ascii_digit()).unwrap_or(said.len());
        let (word, of) = (said[..split].trim_end_matches([' ', ':', '：']), said[split..].trim());
        let kind = Kind::ALL
            .into_iter()
            .filter(|kind| *kind != Kind::Other)
            .find(|kind| kind.name().zh == word || kind.name().en.eq_ignore_ascii_case(word));
        let Some(kind) = kind else {
            row.refuse(
                KEY,
                format!("“{part}”读不懂：请写关系和单位代码，例如 亲属 3611000001。关系可填：亲属、合著者、项目合作、师生、兼职顾问、经济利益。"),
                format!("{part:?} cannot be read: give the kind and the code, such as 亲属 3611000001."),
            );
            continue;
        };
        let (code, programme) = of.split_once('/').unwrap_or((of, ""));
        registered(row, KEY, code, known);
        let relation = Relation {
            id: String::new(),
            account_id: account_id.to_owned(),
            kind,
            organisation_code: code.to_owned(),
            programme_code: programme.to_owned(),
            note: String::new(),
            ended_on: ended_on.to_owned(),
            by_self: false,
            declare_time: Default::default(),
        };
        if is_organisation_code(code)
            && row.faults.is_empty()
            && let Err(error) = relation.clone().check()
        {
            for fault in error.0 {
                row.refuse(KEY, fault.description.zh, fault.description.en);
            }
        }
        relations.push(relation);
    }
    Given::Some(relations)
}
