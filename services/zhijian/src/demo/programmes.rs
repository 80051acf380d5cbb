//! The programmes of the region: the new ones and the pilots that were graded, the pathway plan, and older ones.

use std::collections::BTreeSet;

use super::{
    GenerateError, Level,
    apportion::apportion,
    dice::Dice,
    names::{self, CatalogueProgramme, Name},
    printed::Printed,
    schools::School,
};

/// A programme of study that a school runs.
#[derive(Debug, Clone)]
pub struct Programme {
    /// The school's code.
    pub school: String,
    pub code: String,
    pub name: Name,
    pub level: Level,
    /// When the first students entered.
    pub opened_year: i32,
    /// Since when it admits no students; 0 while it runs.
    pub withdrawn_year: i32,
    /// Whether it takes part in the diploma pilot.
    pub pilot: bool,
    /// Its row of the pathway plan of 2025.
    pub pathway: Option<Pathway>,
}

impl Programme {
    /// Whether it admits students.
    pub fn runs(&self) -> bool {
        self.withdrawn_year == 0
    }
}

/// A row of the pathway plan (Table 2-5).
#[derive(Debug, Clone)]
pub struct Pathway {
    pub sequence: i32,
    pub places: i32,
    pub partner: String,
    pub partner_programme: String,
}

/// How many programmes of a level opened in a year. Those of 2022 to 2024 are the 182 of Table 2-2; those of 2025 the 78
/// that the report's text counts.
const OPENED: [(i32, Level, u64); 8] = [
    (2022, Level::Higher, 44),
    (2022, Level::Secondary, 22),
    (2023, Level::Higher, 41),
    (2023, Level::Secondary, 19),
    (2024, Level::Higher, 38),
    (2024, Level::Secondary, 18),
    (2025, Level::Higher, 54),
    (2025, Level::Secondary, 24),
];
/// The diploma pilots of Table 2-3.
const PILOTS: u64 = 44;
/// Older programmes entered for the register's sake: each school's mainstay.
const OLDER: [(Level, u64); 2] = [(Level::Higher, 50), (Level::Secondary, 51)];

/// How many programmes of a level admit no students since a year. The report counts none, so their number is invented; they
/// come beside all others, and no table counts them.
const WITHDRAWN: [(i32, Level, u64); 6] = [
    (2024, Level::Higher, 5),
    (2024, Level::Secondary, 4),
    (2025, Level::Higher, 9),
    (2025, Level::Secondary, 6),
    (2026, Level::Higher, 3),
    (2026, Level::Secondary, 2),
];

/// Deals programmes of the catalogue to schools, none twice to the same.
struct Dealer<'a> {
    schools: &'a [School],
    catalogue: Vec<CatalogueProgramme>,
    taken: BTreeSet<(String, String)>,
    programmes: Vec<Programme>,
}

/// Every programme, in order of school and code.
pub(crate) fn programmes(schools: &[School], printed: &Printed) -> Result<Vec<Programme>, GenerateError> {
    let mut dealer =
        Dealer { schools, catalogue: names::programmes()?, taken: BTreeSet::new(), programmes: Vec::new() };
    dealer.pathways(printed)?;
    for (level, count) in OLDER {
        dealer.deal(level, count, 1, &format!("older {level:?}"), |dice| {
            (dice.between(2004, 2019) as i32, false)
        })?;
    }
    let pilot = |dice: &mut Dice| (dice.between(2006, 2018) as i32, true);
    dealer.deal(Level::Higher, PILOTS, 0, "pilots", pilot)?;
    for (year, level, count) in OPENED {
        dealer.deal(level, count, 0, &format!("opened {year} {level:?}"), |_| (year, false))?;
    }
    for (year, level, count) in WITHDRAWN {
        let first = dealer.programmes.len();
        let old = |dice: &mut Dice| (dice.between(2002, 2014) as i32, false);
        dealer.deal(level, count, 0, &format!("withdrawn {year} {level:?}"), old)?;
        dealer.programmes[first..].iter_mut().for_each(|programme| programme.withdrawn_year = year);
    }
    let mut programmes = dealer.programmes;
    programmes.sort_by(|a, b| (&a.school, &a.code).cmp(&(&b.school, &b.code)));
    Ok(programmes)
}

impl Dealer<'_> {
    /// The 27 rows of Table 2-5, at the institutions that stand in for the printed ones.
    fn pathways(&mut self, printed: &Printed) -> Result<(), GenerateError> {
        let universities = names::universities()?;
        let mut dice = Dice::of("pathways");
        for row in &printed.pathways {
            let missing = |what: &str| GenerateError::BadFile {
                name: "t2-5.csv",
                reason: format!("row {}: nothing stands in for {what}", row.sequence),
            };
            let school = self
                .schools
                .iter()
                .find(|school| school.plan_name.as_deref() == Some(&row.school))
                .ok_or_else(|| missing(&row.school))?;
            let partner = universities.iter().find(|(printed, _)| *printed == row.partner);
            let english = self.catalogue.iter().find(|entry| entry.code == row.code);
            let programme = Programme {
                school: school.code.clone(),
                code: row.code.clone(),
                name: Name {
                    zh: row.programme.clone(),
                    en: english.ok_or_else(|| missing(&row.code))?.name.en.clone(),
                },
                level: school.kind.level(),
                opened_year: dice.between(2006, 2018) as i32,
                withdrawn_year: 0,
                pilot: false,
                pathway: Some(Pathway {
                    sequence: row.sequence,
                    places: row.places,
                    partner: partner.ok_or_else(|| missing(&row.partner))?.1.clone(),
                    partner_programme: row.partner_programme.clone(),
                }),
            };
            self.taken.insert((programme.school.clone(), programme.code.clone()));
            self.programmes.push(programme);
        }
        Ok(())
    }

    /// Deals `count` programmes to the schools of a level in proportion to their size, at least `least` each; `traits`
    /// says the opening year and whether it is a pilot.
    fn deal(
        &mut self,
        level: Level,
        count: u64,
        least: u64,
        label: &str,
        traits: impl Fn(&mut Dice) -> (i32, bool),
    ) -> Result<(), GenerateError> {
        let mut dice = Dice::of(label);
        let schools: Vec<&School> =
            self.schools.iter().filter(|school| school.kind.level() == level).collect();
        let weights: Vec<u64> =
            schools.iter().map(|school| school.enrolment.isqrt() * dice.between(40, 160) as u64).collect();
        let counts = apportion(count, &weights, &vec![least..=9; schools.len()])?;
        for (school, count) in schools.into_iter().zip(counts) {
            for _ in 0..count {
                let entry = self.choose(school, &mut dice)?;
                let (opened_year, pilot) = traits(&mut dice);
                let programme = Programme {
                    school: school.code.clone(),
                    code: self.catalogue[entry].code.clone(),
                    name: self.catalogue[entry].name.clone(),
                    level,
                    opened_year,
                    withdrawn_year: 0,
                    pilot,
                    pathway: None,
                };
                self.taken.insert((programme.school.clone(), programme.code.clone()));
                self.programmes.push(programme);
            }
        }
        Ok(())
    }

    /// A programme of the catalogue that the school does not run yet: of its main classes first, then of computing and
    /// commerce, which every kind of school teaches.
    fn choose(&self, school: &School, dice: &mut Dice) -> Result<usize, GenerateError> {
        let first_digit = if school.kind.level() == Level::Higher { ['4', '5'] } else { ['6', '7'] };
        let weights: Vec<u64> = self
            .catalogue
            .iter()
            .map(|entry| {
                let here = entry.code.starts_with(first_digit);
                let free = !self.taken.contains(&(school.code.clone(), entry.code.clone()));
                // Codes with W stand outside the catalogue: they belong to the plan alone.
                if !here || !free || entry.code.ends_with('W') {
                    return 0;
                }
                match school.classes.iter().position(|class| entry.code.starts_with(class.as_str())) {
                    Some(0) => 400,
                    Some(_) => 150,
                    None if matches!(&entry.code[1..2], "1" | "3") && entry.code.starts_with(['5', '7']) => {
                        12
                    }
                    None => 0,
                }
            })
            .collect();
        dice.weighted(&weights).ok_or_else(|| GenerateError::BadFile {
            name: "programmes.csv",
            reason: format!("too few programmes for {}", school.name.zh),
        })
    }
}
