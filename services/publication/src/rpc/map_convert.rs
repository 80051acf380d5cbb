//! The map as it is asked for and sent.

use std::collections::BTreeMap;

use zhijian_platform::Error;
use zhijian_proto::{
    common::v1::Level as LevelMessage,
    identity::v1::Organisation,
    publication::v1::{
        self as proto, CrowdedProgramme, MapArea, MapCell, MapDistrict, MapFilter, MapFlow, MapGradeCount,
        MapIndustry, MapProgramme, MapRules, MapSector, map_filter, map_sector,
    },
};

use super::diagnosis_convert::count;
use crate::{
    domain::map::{
        filter::{Change, Filter, Graded, Level},
        rules::{Industries, Tile},
        supply::{Counted, Crowded, Item, Standing, Supply},
    },
    insight,
};

/// How many districts without a tile stand in a row.
const ROW: u32 = 5;

/// What a request asks for.
///
/// # Errors
/// INVALID_ARGUMENT for a level or change that the contract does not know.
pub fn filter(input: MapFilter) -> Result<Filter, Error> {
    let level = match LevelMessage::try_from(input.level) {
        Ok(LevelMessage::Unspecified) => None,
        Ok(LevelMessage::Secondary) => Some(Level::Secondary),
        Ok(LevelMessage::Higher) => Some(Level::Higher),
        Err(_) => return Err(Error::invalid("filter.level", "没有这个层次。", "There is no such level.")),
    };
    let change = match map_filter::Change::try_from(input.change) {
        Ok(map_filter::Change::Unspecified) => Change::Running,
        Ok(map_filter::Change::New) => Change::New,
        Ok(map_filter::Change::Withdrawn) => Change::Withdrawn,
        Err(_) => return Err(Error::invalid("filter.change", "没有这种变动。", "There is no such change.")),
    };
    let given = |text: String| (!text.is_empty()).then_some(text);
    let graded = given(input.grade).map(|grade| match input.grade_group {
        true => Graded::Group(grade),
        false => Graded::Grade(grade),
    });
    Ok(Filter {
        year: input.year,
        level,
        district: given(input.district),
        area: given(input.area_code),
        industry: given(input.industry_code),
        sector: given(input.sector_code),
        graded,
        organisation: given(input.organisation_code),
        programme: given(input.programme_code),
        change,
    })
}

fn level(level: Level) -> i32 {
    match level {
        Level::Secondary => LevelMessage::Secondary.into(),
        Level::Higher => LevelMessage::Higher.into(),
    }
}

/// Counted programmes.
pub fn supply(supply: &Supply) -> proto::Supply {
    let grade = |(grade, group, number): (&str, &str, usize)| MapGradeCount {
        grade: grade.to_owned(),
        group: group.to_owned(),
        count: count(number),
    };
    proto::Supply {
        programmes: count(supply.programmes),
        institutions: count(supply.institutions()),
        opened: count(supply.opened),
        withdrawn: count(supply.withdrawn),
        grades: supply.grades().map(grade).collect(),
    }
}

fn supply_of<K: Ord + ?Sized>(all: &BTreeMap<String, Supply>, key: &K) -> proto::Supply
where
    String: std::borrow::Borrow<K>,
{
    all.get(key).map(supply).unwrap_or_default()
}

/// Every area, industry and sector with its supply.
pub fn areas(rules: &Industries, counted: &Counted) -> Vec<MapArea> {
    let sector = |one: &crate::domain::map::rules::Sector| MapSector {
        code: one.code.clone(),
        name: Some(one.name.clone().into()),
        supply: Some(supply_of(&counted.sectors, one.code.as_str())),
        standing: standing(counted.standing(&one.code)),
        classes: one.classes.clone(),
    };
    let industries = |area: &str| {
        let of_area = rules.industries.iter().filter(|one| one.area == area);
        of_area
            .map(|one| MapIndustry {
                code: one.code.clone(),
                name: Some(one.name.clone().into()),
                supply: Some(supply_of(&counted.industries, one.code.as_str())),
                sectors: rules.sectors.iter().filter(|of| of.industry == one.code).map(sector).collect(),
            })
            .collect()
    };
    let area = |one: &crate::domain::map::rules::Area| MapArea {
        code: one.code.clone(),
        name: Some(one.name.clone().into()),
        industries: industries(&one.code),
    };
    rules.areas.iter().map(area).collect()
}

fn standing(standing: Standing) -> i32 {
    match standing {
        Standing::Even => map_sector::Standing::Even.into(),
        Standing::Gap => map_sector::Standing::Gap.into(),
        Standing::Thin => map_sector::Standing::Thin.into(),
        Standing::Crowded => map_sector::Standing::Crowded.into(),
    }
}

/// Industries, in the rules' order, by districts.
pub fn cells(rules: &Industries, counted: &Counted) -> Vec<MapCell> {
    let mut cells: Vec<MapCell> = counted
        .cells
        .iter()
        .map(|((industry, district), number)| MapCell {
            industry_code: industry.clone(),
            district: district.clone(),
            programmes: count(*number),
        })
        .collect();
    let place = |code: &str| rules.industries.iter().position(|one| one.code == code);
    cells.sort_by_key(|cell| place(&cell.industry_code));
    cells
}

/// Major classes to industries.
pub fn flows(rules: &Industries, counted: &Counted) -> Vec<MapFlow> {
    let name = |code: &str| {
        rules.major_classes.iter().find(|one| one.code == code).map(|one| one.name.clone().into())
    };
    counted
        .flows
        .iter()
        .map(|((class, industry), number)| MapFlow {
            class_code: class.clone(),
            class_name: name(class),
            industry_code: industry.clone(),
            programmes: count(*number),
        })
        .collect()
}

/// A programme that many institutions run.
pub fn crowded(one: &Crowded) -> CrowdedProgramme {
    CrowdedProgramme {
        code: one.code.clone(),
        name: Some(one.name.clone().into()),
        level: level(one.level),
        institutions: count(one.institutions),
    }
}

/// What of the rules a reader has to know.
pub fn rules(rules: &Industries) -> MapRules {
    MapRules {
        note: Some(rules.note.clone().into()),
        editorial: rules.editorial,
        thin_below: count(rules.thin_below),
        crowded_times: count(rules.crowded_times),
        crowded_institutions: count(rules.crowded_institutions),
        min_institutions: count(rules.min_institutions),
    }
}

/// A programme with what it matches.
pub fn programme(item: &Item<'_>, institutions: &BTreeMap<String, Organisation>) -> MapProgramme {
    let programme = item.programme;
    MapProgramme {
        programme_id: programme.id.clone(),
        code: programme.code.clone(),
        name: Some(programme.name.clone().into()),
        level: level(programme.level),
        organisation_code: programme.organisation.clone(),
        organisation_name: Some(insight::name(institutions, &programme.organisation).into()),
        district: item.district.to_owned(),
        opened_year: programme.opened,
        withdrawn_year: programme.withdrawn.unwrap_or(0),
        sector_code: item.sector.map(|(sector, _)| sector.code.clone()).unwrap_or_default(),
        industry_code: item.sector.map(|(_, industry)| industry.code.clone()).unwrap_or_default(),
        grade: item.grade.map(|grade| grade.grade.clone()).unwrap_or_default(),
        grade_year: item.grade.map_or(0, |grade| grade.year),
    }
}

/// What the tiles of districts are made from.
pub struct Districts<'a> {
    pub rules: &'a Industries,
    pub institutions: &'a BTreeMap<String, Organisation>,
    /// By institution.
    pub students: &'a BTreeMap<String, i64>,
}

impl Districts<'_> {
    /// The districts of the institutions: those with a tile first, by row and column, then the others by name.
    pub fn tiles(&self, counted: &Counted) -> Vec<MapDistrict> {
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (code, one) in self.institutions {
            by_name.entry(&one.district).or_default().push(code);
        }
        let last_row = self.rules.tiles.iter().map(|tile| tile.row).max().unwrap_or(0);
        let mut others = 0;
        let mut tiles: Vec<MapDistrict> = by_name
            .into_iter()
            .map(|(name, codes)| {
                let tile = self.rules.tiles.iter().find(|tile| tile.district == name);
                let (row, column) = tile.map_or_else(
                    || {
                        others += 1;
                        (last_row + 1 + (others - 1) / ROW, (others - 1) % ROW + 1)
                    },
                    |Tile { row, column, .. }| (*row, *column),
                );
                MapDistrict {
                    name: name.to_owned(),
                    name_en: tile.map(|tile| tile.name_en.clone()).unwrap_or_default(),
                    row: row.cast_signed(),
                    column: column.cast_signed(),
                    supply: Some(supply_of(&counted.districts, name)),
                    institution_count: count(codes.len()),
                    students: self.students(&codes),
                }
            })
            .collect();
        tiles.sort_by_key(|tile| (tile.row, tile.column));
        tiles
    }

    /// The students of these institutions, unless too few reported for the sum to hide any one of them.
    fn students(&self, codes: &[&str]) -> Option<i64> {
        let reported: Vec<i64> = codes.iter().filter_map(|code| self.students.get(*code)).copied().collect();
        (reported.len() >= self.rules.min_institutions).then(|| reported.iter().sum())
    }
}
