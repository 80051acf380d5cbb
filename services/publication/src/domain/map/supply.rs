//! Counting programmes by sector, district and class.

use std::collections::{BTreeMap, BTreeSet};

use zhijian_platform::Text;

use super::{
    filter::{Filter, Level},
    rules::{Industries, Industry, Sector, shared},
};

/// A programme of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    pub id: String,
    pub code: String,
    pub name: Text,
    pub level: Level,
    pub organisation: String,
    pub opened: i32,
    pub withdrawn: Option<i32>,
}

impl Programme {
    /// Whether students are admitted in a year.
    pub fn runs(&self, year: i32) -> bool {
        self.opened <= year && self.withdrawn.is_none_or(|withdrawn| withdrawn > year)
    }
}

/// A released grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grade {
    pub grade: String,
    pub group: String,
    /// The cycle it was given in.
    pub year: i32,
}

/// A programme with what it matches.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    pub programme: &'a Programme,
    pub district: &'a str,
    pub sector: Option<(&'a Sector, &'a Industry)>,
    pub grade: Option<&'a Grade>,
}

/// Programmes counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Supply {
    pub programmes: usize,
    pub opened: usize,
    pub withdrawn: usize,
    organisations: BTreeSet<String>,
    grades: BTreeMap<(String, u8), (String, usize)>,
}

impl Supply {
    /// Counts a programme under a filter that leaves it.
    pub fn add(&mut self, filter: &Filter, item: &Item<'_>) {
        let programme = item.programme;
        self.opened += usize::from(programme.opened == filter.year);
        self.withdrawn += usize::from(programme.withdrawn == Some(filter.year));
        if !filter.counts(item) {
            return;
        }
        self.programmes += 1;
        if !self.organisations.contains(&programme.organisation) {
            self.organisations.insert(programme.organisation.clone());
        }
        if let Some(grade) = item.grade {
            let key = (grade.group.clone(), sign(&grade.grade));
            self.grades.entry(key).or_insert_with(|| (grade.grade.clone(), 0)).1 += 1;
        }
    }

    /// How many institutions run them.
    pub fn institutions(&self) -> usize {
        self.organisations.len()
    }

    /// Grade, group and count, highest first.
    pub fn grades(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        self.grades.iter().map(|((group, _), (grade, count))| (grade.as_str(), group.as_str(), *count))
    }
}

/// A+ before A before A-.
fn sign(grade: &str) -> u8 {
    match grade.chars().last() {
        Some('+') => 0,
        Some('-') => 2,
        _ => 1,
    }
}

/// How a sector's supply compares with that of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Even,
    Gap,
    Thin,
    Crowded,
}

/// Everything on the map.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    pub total: Supply,
    /// By sector code.
    pub sectors: BTreeMap<String, Supply>,
    /// By industry code.
    pub industries: BTreeMap<String, Supply>,
    pub unmatched: Supply,
    /// By the district's name.
    pub districts: BTreeMap<String, Supply>,
    /// By industry code and district.
    pub cells: BTreeMap<(String, String), usize>,
    /// By major class at the higher level and industry code; "" for none.
    pub flows: BTreeMap<(String, String), usize>,
    /// By sector code, of all running programmes.
    standings: BTreeMap<String, Standing>,
    /// Programmes that many institutions run at once: code, level, name, how many; the most first.
    pub crowded: Vec<Crowded>,
}

/// A programme that many institutions run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crowded {
    pub code: String,
    pub level: Level,
    pub name: Text,
    pub institutions: usize,
}

impl Counted {
    /// Counts the programmes under a filter. How sectors compare does not depend on it, but for the year.
    pub fn of<'a>(rules: &'a Industries, filter: &Filter, items: impl Iterator<Item = Item<'a>>) -> Self {
        let mut counted = Self::default();
        let mut running: BTreeMap<&str, usize> =
            rules.sectors.iter().map(|one| (one.code.as_str(), 0)).collect();
        let mut offers: BTreeMap<(&str, Level), (&Text, BTreeSet<&str>)> = BTreeMap::new();
        for item in items {
            if item.programme.runs(filter.year)
                && let Some((sector, _)) = item.sector
                && let Some(count) = running.get_mut(sector.code.as_str())
            {
                *count += 1;
            }
            if filter.leaves(&item) {
                counted.add(filter, &item);
                if item.programme.runs(filter.year) {
                    let key = (item.programme.code.as_str(), item.programme.level);
                    let offer = offers.entry(key).or_insert_with(|| (&item.programme.name, BTreeSet::new()));
                    offer.1.insert(&item.programme.organisation);
                }
            }
        }
        counted.standings = standings(rules, &running);
        let many = offers.into_iter().filter(|(_, (_, by))| by.len() >= rules.crowded_institutions);
        counted.crowded = many
            .map(|((code, level), (name, by))| Crowded {
                code: code.to_owned(),
                level,
                name: name.clone(),
                institutions: by.len(),
            })
            .collect();
        counted.crowded.sort_by(|a, b| b.institutions.cmp(&a.institutions).then_with(|| a.code.cmp(&b.code)));
        counted
    }

    /// How a sector compares.
    pub fn standing(&self, sector: &str) -> Standing {
        self.standings.get(sector).copied().unwrap_or(Standing::Gap)
    }

    fn add(&mut self, filter: &Filter, item: &Item<'_>) {
        self.total.add(filter, item);
        self.districts.entry(item.district.to_owned()).or_default().add(filter, item);
        let industry = item.sector.map_or("", |(_, industry)| industry.code.as_str());
        match item.sector {
            Some((sector, industry)) => {
                self.sectors.entry(sector.code.clone()).or_default().add(filter, item);
                self.industries.entry(industry.code.clone()).or_default().add(filter, item);
            }
            None => self.unmatched.add(filter, item),
        }
        if filter.counts(item) {
            let major: String = shared(&item.programme.code).chars().take(2).collect();
            *self.flows.entry((major, industry.to_owned())).or_default() += 1;
            if !industry.is_empty() {
                *self.cells.entry((industry.to_owned(), item.district.to_owned())).or_default() += 1;
            }
        }
    }
}

fn standings(rules: &Industries, running: &BTreeMap<&str, usize>) -> BTreeMap<String, Standing> {
    let mut counts: Vec<usize> = running.values().copied().collect();
    counts.sort_unstable();
    // Of an even number of sectors the upper of the two in the middle: fewer are called crowded.
    let median = counts.get(counts.len() / 2).copied().unwrap_or(0);
    let standing = |count: usize| match count {
        0 => Standing::Gap,
        count if count < rules.thin_below => Standing::Thin,
        count if median > 0 && count >= median.saturating_mul(rules.crowded_times) => Standing::Crowded,
        _ => Standing::Even,
    };
    running.iter().map(|(code, count)| ((*code).to_owned(), standing(*count))).collect()
}
