//! A region of any size for the bench of diagnosis and map, made without a database. Nothing else uses it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use rust_decimal::Decimal;
use zhijian_platform::{Text, rules::RulesDir};

use crate::domain::{
    diagnosis::{
        institution, region,
        rules::{Library, Rules},
        values::{YearValues, terms},
    },
    figure::{Reading, Report},
    map::{
        filter::{Filter, Level},
        rules::{Industries, Library as Maps},
        supply::{Counted, Item, Programme},
    },
};

const YEAR: i32 = 2025;
/// How many programmes an institution runs.
const PROGRAMMES: usize = 6;

/// Institutions of one peer group with a report in each of two years, and their programmes.
pub struct InventedRegion {
    rules: Rules,
    industries: Industries,
    members: BTreeSet<String>,
    years: BTreeMap<i32, Arc<YearValues>>,
    programmes: Vec<Programme>,
}

impl InventedRegion {
    /// A region of so many institutions, the same at every call.
    ///
    /// # Panics
    /// If the shipped rules are not sound.
    pub fn of(institutions: usize) -> Self {
        let dir = RulesDir::default();
        let rules =
            Library::load(&dir).expect("the shipped rules are sound").of(YEAR).expect("a year").clone();
        let industries =
            Maps::load(&dir).expect("the shipped rules are sound").of(YEAR).expect("a year").clone();
        let members: BTreeSet<String> = (0..institutions).map(|index| format!("4111{index:06}")).collect();
        let mut dice = Dice(7);
        let codes = terms(&rules);
        let mut years = BTreeMap::new();
        for year in [YEAR - 1, YEAR] {
            let mut values = YearValues::of("higher");
            for member in &members {
                let reading = |code: &String| {
                    (code.clone(), Reading::Number(Decimal::new(dice.below(1_000_000) + 1, 2)))
                };
                let readings: HashMap<String, Reading> = codes.iter().map(reading).collect();
                values.add(&rules, &Report { kind: "higher".to_owned(), subject: member.clone(), readings });
            }
            years.insert(year, Arc::new(values));
        }
        let programmes = members
            .iter()
            .flat_map(|member| (0..PROGRAMMES).map(move |index| (member, index)))
            .map(|(member, index)| {
                let code = format!("{}{:02}{:02}", 41 + dice.below(19), 1 + dice.below(8), 1 + index);
                Programme {
                    id: format!("prg_{member}_{index}"),
                    name: Text::new(code.clone(), code.clone()),
                    code,
                    level: Level::Higher,
                    organisation: member.clone(),
                    opened: 2010 + i32::try_from(index).unwrap_or(0),
                    withdrawn: None,
                }
            })
            .collect();
        Self { rules, industries, members, years, programmes }
    }

    /// Looks at the whole region; answers how many outliers it has.
    ///
    /// # Panics
    /// Never: the region has the year and the group.
    pub fn diagnose_region(&self) -> usize {
        let group = self.rules.group("higher").expect("shipped");
        let ground =
            region::Ground { rules: &self.rules, group, members: &self.members, values: &self.years[&YEAR] };
        ground.ranking("SC04").len()
            + ground.distributions().iter().map(|one| one.outliers.len()).sum::<usize>()
    }

    /// Looks at one institution among all the others; answers how many indicators deserve a look.
    ///
    /// # Panics
    /// Never: the region has an institution and the group.
    pub fn diagnose_institution(&self) -> usize {
        let ground = institution::Ground {
            rules: &self.rules,
            group: self.rules.group("higher").expect("shipped"),
            organisation: self.members.first().expect("one at least"),
            year: YEAR,
            members: &self.members,
            years: &self.years,
        };
        institution::diagnose(&ground).iter().filter(|one| one.priority > 0).count()
    }

    /// Counts the map; answers how many programmes are on it.
    pub fn count_map(&self) -> usize {
        let filter = Filter { year: YEAR, ..Filter::default() };
        let items = self.programmes.iter().map(|programme| {
            let sector = self.industries.sector_of(&programme.code);
            let sector = sector.and_then(|one| Some((one, self.industries.industry(&one.industry)?)));
            Item { programme, district: "云川区", sector, grade: None }
        });
        Counted::of(&self.industries, &filter, items).total.programmes
    }
}

/// Numbers that look random and are the same at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap_or(0) % bound
    }
}
