//! The classification of industries and how programmes match it, as data (`industries/*.toml`), checked whole when it is read.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use zhijian_platform::{
    Text,
    rules::{self, RulesDir, RulesError},
};

const FOLDER: &str = "publication/industries";

/// The files in the binary.
const SHIPPED: &[(&str, &str)] =
    &[("publication/industries/2025.toml", include_str!("../../../industries/2025.toml"))];

/// The classification of every year for which there is a file.
#[derive(Debug, Clone)]
pub struct Library(BTreeMap<i32, Industries>);

/// The classification of a year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Industries {
    pub year: i32,
    /// Whether names and matches are the editors' own.
    pub editorial: bool,
    pub thin_below: usize,
    pub crowded_times: usize,
    pub crowded_institutions: usize,
    pub min_institutions: usize,
    pub note: Text,
    #[serde(rename = "area")]
    pub areas: Vec<Area>,
    #[serde(rename = "industry")]
    pub industries: Vec<Industry>,
    #[serde(rename = "sector")]
    pub sectors: Vec<Sector>,
    #[serde(rename = "major_class")]
    pub major_classes: Vec<MajorClass>,
    #[serde(rename = "tile", default)]
    pub tiles: Vec<Tile>,
}

/// A key area (重点领域).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    pub code: String,
    pub name: Text,
}

/// A leading industry (主导产业).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Industry {
    pub code: String,
    pub area: String,
    pub name: Text,
}

/// A key sector (关键行业).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sector {
    pub code: String,
    pub industry: String,
    pub name: Text,
    /// Prefixes of programme codes.
    pub classes: Vec<String>,
}

/// A major class of programmes (专业大类).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MajorClass {
    /// Two digits, at the higher level.
    pub code: String,
    pub name: Text,
}

/// Where a district stands on the map.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tile {
    pub district: String,
    pub name_en: String,
    pub row: u32,
    pub column: u32,
}

impl Library {
    /// Reads the shipped files and those of the rules directory.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let mut names: BTreeSet<String> = SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.extend(dir.extra(FOLDER));
        let mut years = BTreeMap::new();
        for name in names {
            let shipped = SHIPPED.iter().find(|(shipped, _)| *shipped == name).map_or("", |(_, text)| text);
            let file: Industries = rules::load(dir, &name, shipped)?;
            check(&file).map_err(|(key, detail)| RulesError::content(&name, key, detail))?;
            if years.insert(file.year, file).is_some() {
                return Err(RulesError::content(&name, "year", "another file has the same year"));
            }
        }
        Ok(Self(years))
    }

    /// The classification that holds in `year`: its own file's, else the newest before it, else the oldest.
    pub fn of(&self, year: i32) -> Option<&Industries> {
        let (_, file) = self.0.range(..=year).next_back().or_else(|| self.0.iter().next())?;
        Some(file)
    }
}

impl Industries {
    /// The sector that a programme matches: by the longest prefix of its code.
    pub fn sector_of(&self, code: &str) -> Option<&Sector> {
        let at_higher_level = shared(code);
        let fits = |prefix: &str| match prefix.len() {
            6 => code.get(..6) == Some(prefix),
            _ => at_higher_level.starts_with(prefix),
        };
        let matches = self.sectors.iter().flat_map(|sector| {
            sector.classes.iter().filter(|prefix| fits(prefix)).map(move |prefix| (prefix.len(), sector))
        });
        matches.max_by_key(|(length, _)| *length).map(|(_, sector)| sector)
    }

    /// The industry of a sector.
    pub fn industry(&self, code: &str) -> Option<&Industry> {
        self.industries.iter().find(|industry| industry.code == code)
    }
}

/// A code as the higher level would write it: secondary (61–79) and bachelor (21–39) programmes share the ordinal of their
/// major class with the higher level (41–59).
pub fn shared(code: &str) -> String {
    let major = code.get(..2).and_then(|major| major.parse::<u32>().ok());
    match (major, code.get(2..)) {
        (Some(major @ 61..=79), Some(rest)) => format!("{}{rest}", major - 20),
        (Some(major @ 21..=39), Some(rest)) => format!("{}{rest}", major + 20),
        _ => code.to_owned(),
    }
}

type Fault = (String, String);

fn fault(key: impl Into<String>, detail: impl Into<String>) -> Result<(), Fault> {
    Err((key.into(), detail.into()))
}

fn check(file: &Industries) -> Result<(), Fault> {
    for (key, value) in [
        ("thin_below", file.thin_below),
        ("crowded_times", file.crowded_times),
        ("crowded_institutions", file.crowded_institutions),
    ] {
        if value < 2 {
            return fault(key, "is at least 2");
        }
    }
    if file.min_institutions == 0 {
        return fault("min_institutions", "is at least 1");
    }
    unique("area", file.areas.iter().map(|one| &one.code))?;
    unique("industry", file.industries.iter().map(|one| &one.code))?;
    unique("sector", file.sectors.iter().map(|one| &one.code))?;
    unique("major_class", file.major_classes.iter().map(|one| &one.code))?;
    unique("tile", file.tiles.iter().map(|one| &one.district))?;
    for one in &file.industries {
        if one.code == super::filter::NO_INDUSTRY {
            return fault(format!("industry.{}", one.code), "is kept for programmes that match none");
        }
        if !file.areas.iter().any(|area| area.code == one.area) {
            return fault(format!("industry.{}.area", one.code), format!("there is no area {}", one.area));
        }
    }
    sectors(file)?;
    for one in &file.major_classes {
        if one.code.parse::<u32>().ok().filter(|code| (41..=59).contains(code)).is_none() {
            return fault(format!("major_class.{}", one.code), "is between 41 and 59");
        }
    }
    let mut taken = BTreeSet::new();
    for one in &file.tiles {
        if !(1..=12).contains(&one.row) || !(1..=12).contains(&one.column) {
            return fault(format!("tile.{}", one.district), "row and column are between 1 and 12");
        }
        if !taken.insert((one.row, one.column)) {
            return fault(format!("tile.{}", one.district), "another district has the same place");
        }
    }
    Ok(())
}

fn sectors(file: &Industries) -> Result<(), Fault> {
    let mut prefixes = BTreeMap::new();
    for one in &file.sectors {
        let key = format!("sector.{}", one.code);
        if file.industry(&one.industry).is_none() {
            return fault(format!("{key}.industry"), format!("there is no industry {}", one.industry));
        }
        if one.classes.is_empty() {
            return fault(format!("{key}.classes"), "is empty");
        }
        for prefix in &one.classes {
            let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
            let major = prefix.get(..2).and_then(|major| major.parse::<u32>().ok()).unwrap_or_default();
            let level = if prefix.len() == 6 { 21..=79 } else { 41..=59 };
            if !digits || ![2, 4, 6].contains(&prefix.len()) || !level.contains(&major) {
                return fault(
                    format!("{key}.classes"),
                    format!(
                        "{prefix}: give two or four digits at the higher level (41–59), or six of any level"
                    ),
                );
            }
            if let Some(other) = prefixes.insert(prefix, &one.code) {
                return fault(format!("{key}.classes"), format!("{prefix} matches {other} already"));
            }
        }
    }
    if prefixes.is_empty() { fault("sector", "there is none") } else { Ok(()) }
}

fn unique<'a>(key: &str, codes: impl Iterator<Item = &'a String>) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for code in codes {
        if code.is_empty() || !seen.insert(code) {
            return fault(format!("{key}.{code}"), "is empty, or there twice");
        }
    }
    Ok(())
}
