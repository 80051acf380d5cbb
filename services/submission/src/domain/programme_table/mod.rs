//! The register of programmes as a table: its columns, one programme as cells, and what an import would do.

mod columns;

use std::collections::{BTreeMap, HashMap};

use zhijian_documents::register::{Fault, Given as Cell, Row, Table};
use zhijian_platform::Text;

use super::programme::{Given, Key, Level, Pathway, Programme, level_of, one};

pub use columns::{COLUMNS, cells};

/// How many rows one import may have.
pub const MOST_ROWS: usize = 20_000;

/// What levels are called in files; the first is written, all are read.
const LEVELS: &[(Level, &[&str])] = &[
    (Level::Secondary, &["中职", "中等", "中等职业", "secondary"]),
    (Level::Higher, &["高职", "高等", "高职专科", "职业本科", "高等职业", "higher"]),
];

/// What happens to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Created,
    Updated,
    Unchanged,
    Refused,
}

/// A row, and what would become of it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The row's number in the sheet.
    pub row: usize,
    pub outcome: Outcome,
    /// School and programme code as far as they could be read: "4111000001/510202".
    pub code: String,
    pub name: String,
    /// The programme as it would stand; nothing for a refused row.
    pub programme: Option<Programme>,
    /// What changes: the column's place in [`COLUMNS`], old and new.
    pub changes: Vec<(usize, String, String)>,
    pub notices: Vec<Text>,
}

/// Everything that an import would do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub rows: Vec<Planned>,
    pub faults: Vec<Fault>,
}

/// The codes of the schools in a table, as far as they can be read.
pub fn schools(table: &Table<'_>) -> Vec<String> {
    let mut codes: Vec<String> =
        table.rows.iter().filter_map(|row| row.clone().code("organisation_code", 10).some()).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// Decides what the rows of a file would do. `known` is the register of the rows' schools; `schools` those that are
/// registered, with the level that they teach at and whether they have closed.
pub fn plan(table: Table<'_>, known: &BTreeMap<Key, Programme>, schools: &HashMap<String, School>) -> Plan {
    let mut plan = Plan::default();
    let mut first: HashMap<Key, usize> = HashMap::new();
    for mut row in table.rows {
        let given = read(&mut row, known);
        let mut programme = given.and_then(|given| {
            let refused = one(given).map_err(|faults| {
                for (field, text) in faults {
                    row.refuse(key_of(field), text.zh, text.en);
                }
            });
            refused.ok()
        });
        let mut notices = Vec::new();
        if let Some(programme) = &programme {
            let key = &programme.key;
            check_school(&mut row, key, schools, &mut notices);
            if let Some(earlier) = first.get(key) {
                row.refuse(
                    "code",
                    format!("与第 {earlier} 行是同一学校的同一专业，请只保留一行。"),
                    format!("Row {earlier} has the same programme of the same school: keep one of them."),
                );
            } else {
                first.insert(key.clone(), row.number);
            }
        }
        programme = programme.filter(|_| row.faults.is_empty());
        plan.rows.push(planned(&row, programme, known, notices));
        plan.faults.append(&mut row.faults);
    }
    plan
}

/// What is known of a school.
#[derive(Debug, Clone)]
pub struct School {
    /// Whether it is a school at all.
    pub is_school: bool,
    pub level: Option<Level>,
    /// When it closed; empty while it exists.
    pub closed: String,
}

fn check_school(row: &mut Row<'_>, key: &Key, schools: &HashMap<String, School>, notices: &mut Vec<Text>) {
    let code = &key.organisation_code;
    match schools.get(code) {
        None => row.refuse(
            "organisation_code",
            format!("学校代码 {code} 没有登记，请先登记学校或更正代码。"),
            format!("No school is registered under {code}: register it first or correct the code."),
        ),
        Some(school) if !school.is_school => row.refuse(
            "organisation_code",
            format!("{code} 登记的不是学校，请更正代码。"),
            format!("{code} is not a school: correct the code."),
        ),
        Some(school) => {
            if school.level.is_some_and(|level| level != key.level) {
                notices.push(Text::new(
                    format!("专业 {} 的层次与学校 {code} 的办学层次不同，请核对。", key.code),
                    format!("{} is of another level than its school {code}: check it.", key.code),
                ));
            }
            if !school.closed.is_empty() {
                notices.push(Text::new(
                    format!("学校 {code} 已于 {} 停办或并入其他学校。", school.closed),
                    format!("School {code} closed or was merged on {}.", school.closed),
                ));
            }
        }
    }
}

/// The column that holds a field of the contract.
fn key_of(field: &'static str) -> &'static str {
    match field {
        "pathway.year" => "pathway_year",
        "pathway.places" => "pathway_places",
        "pathway.sequence" => "pathway_sequence",
        "pathway.partner" => "pathway_partner",
        "pathway.partner_programme" => "pathway_programme",
        other => other,
    }
}

/// The row over what is registered; nothing if it cannot be told which programme it is.
fn read(row: &mut Row<'_>, known: &BTreeMap<Key, Programme>) -> Option<Given> {
    let school = wanted(row, "organisation_code", 10);
    let code = wanted(row, "code", 6);
    let level = row.choice("level", LEVELS).some();
    let level = level.or_else(|| code.as_deref().and_then(level_of));
    let (school, code) = (school?, code?);
    let registered = level
        .and_then(|level| known.get(&Key { organisation_code: school.clone(), code: code.clone(), level }));
    let zh = row.wanted("name");
    let en = row.text("name_en").some();
    let name = zh.map(|zh| match (en, registered) {
        (Some(en), _) => Text::new(zh, en),
        (None, Some(before)) if before.name.zh == zh => before.name.clone(),
        (None, _) => Text::new(zh.clone(), zh),
    });
    let opened = row.year("opened_year").over(registered.map(|before| before.opened_year));
    if opened.is_none() && row.raw("opened_year").trim().is_empty() {
        row.refuse("opened_year", "请填写开设年份。", "Fill in the year it opened.");
    }
    let withdrawn = row.year("withdrawn_year").over(registered.and_then(|before| before.withdrawn_year));
    let cluster =
        row.text("cluster").over(registered.map(|before| before.cluster.clone())).unwrap_or_default();
    let pilot = row.yes("pilot").over(registered.map(|before| before.pilot)).unwrap_or(false);
    let pathway = pathway(row, registered.and_then(|before| before.pathway.clone()));
    if !row.faults.is_empty() {
        return None;
    }
    let opened_year = opened.unwrap_or_default();
    Some(Given {
        organisation_code: school,
        code,
        level,
        name,
        opened_year,
        pilot,
        pathway,
        cluster,
        withdrawn_year: withdrawn.unwrap_or(0),
    })
}

fn wanted(row: &mut Row<'_>, key: &'static str, digits: usize) -> Option<String> {
    let before = row.faults.len();
    let code = row.code(key, digits).some();
    if code.is_none() && row.faults.len() == before {
        row.refuse(key, "请填写此项。", "Fill this in.");
    }
    code
}

fn pathway(row: &mut Row<'_>, registered: Option<Pathway>) -> Option<Pathway> {
    let year = row.year("pathway_year");
    let places = row.count("pathway_places");
    let partner = row.text("pathway_partner");
    let programme = row.text("pathway_programme");
    let sequence = row.count("pathway_sequence");
    let nothing = matches!(
        (&year, &places, &partner, &programme, &sequence),
        (Cell::Nothing, Cell::Nothing, Cell::Nothing, Cell::Nothing, Cell::Nothing)
    );
    if nothing {
        return registered;
    }
    if year == Cell::None {
        return None;
    }
    let before = registered.as_ref();
    Some(Pathway {
        year: year.over(before.map(|before| before.year)).unwrap_or(0),
        places: places.over(before.map(|before| before.places)).unwrap_or(0),
        partner: partner.over(before.map(|before| before.partner.clone())).unwrap_or_default(),
        partner_programme: programme
            .over(before.map(|before| before.partner_programme.clone()))
            .unwrap_or_default(),
        sequence: sequence.over(before.map(|before| before.sequence)).unwrap_or(0),
    })
}

fn planned(
    row: &Row<'_>,
    programme: Option<Programme>,
    known: &BTreeMap<Key, Programme>,
    notices: Vec<Text>,
) -> Planned {
    let code = format!("{}/{}", row.raw("organisation_code").trim(), row.raw("code").trim());
    let mut planned = Planned {
        row: row.number,
        outcome: Outcome::Refused,
        code,
        name: row.raw("name").trim().to_owned(),
        programme: None,
        changes: Vec::new(),
        notices: Vec::new(),
    };
    let Some(programme) = programme else { return planned };
    let before = known.get(&programme.key);
    let old = before.map_or_else(|| vec![String::new(); COLUMNS.len()], cells);
    planned.code = format!("{}/{}", programme.key.organisation_code, programme.key.code);
    planned.changes = old
        .into_iter()
        .zip(cells(&programme))
        .enumerate()
        .filter(|(_, (old, new))| old != new)
        .map(|(place, (old, new))| (place, old, new))
        .collect();
    planned.outcome = match before {
        None => Outcome::Created,
        Some(before) if *before == programme => Outcome::Unchanged,
        Some(_) => Outcome::Updated,
    };
    if planned.outcome != Outcome::Unchanged {
        planned.notices = notices;
    }
    planned.programme = Some(programme);
    planned
}
