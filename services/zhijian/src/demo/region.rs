//! The whole region, put together.

use std::collections::BTreeMap;

use zhijian_proto::identity::v1::organisation::Kind;

use super::{
    GenerateError, History, Level,
    enterprises::enterprises,
    figures::{self, Ground},
    names::{self, Name},
    people::{self, Account, Reviewer},
    printed::Printed,
    programmes::{self, Programme},
    reports::{Source, YearReport, YearTables, reports},
    reviews, satisfaction,
    schools::{self, School, SchoolKind},
    unprinted, years,
};

/// What an organisation is.
pub type OrganisationKind = Kind;

/// The region's name.
pub const REGION_NAME: (&str, &str) = ("演示市", "Demo City");
/// Where its figures come from.
pub const REGION_NOTE: (&str, &str) = (
    "机构、人员与逐校数字均为虚构；合计取自《北京市职业教育质量年度报告（2025）》（2026年1月发布），按公布值原样使用。",
    "Institutions, people and their single figures are invented; the totals are those of the Beijing Annual Quality \
     Report on Vocational Education (2025), published in January 2026, as printed.",
);

/// The code of the region's commission.
const COMMISSION: &str = "9011000001";

/// The scheme of new programmes.
pub(crate) const NEW_PROGRAMMES: &str = "new-programme-monitoring";
/// The scheme of pilots.
pub(crate) const PILOTS: &str = "pilot-monitoring";

/// An organisation of the region.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// The ten-digit code.
    pub code: String,
    pub kind: OrganisationKind,
    pub name: Name,
    pub level: Option<Level>,
    /// The district's name in Chinese; empty for region-wide organisations.
    pub district: String,
    /// The code of who supervises it, or of the school that an enterprise is bound to; empty for none.
    pub parent: String,
    /// A school's; absent for others.
    pub history: Option<History>,
}

/// The demonstration region: everything that is loaded, in the order in which it is.
pub struct Region {
    /// The commission first, then whoever is supervised after its supervisor.
    pub organisations: Vec<Organisation>,
    pub schools: Vec<School>,
    /// The school whose account is called `school`.
    pub featured_school: String,
    /// Every account but the commission's.
    pub accounts: Vec<Account>,
    pub reviewers: Vec<Reviewer>,
    pub programmes: Vec<Programme>,
    /// The reports of 2024, 2025 and 2026.
    pub reports: Vec<YearReport>,
    printed: Printed,
    grades: BTreeMap<(String, String), String>,
}

impl Region {
    /// Generates the region, the same at every call.
    ///
    /// # Errors
    /// [`GenerateError`] if a data file or a table of rules is wrong.
    pub fn generate() -> Result<Self, GenerateError> {
        let printed = Printed::read()?;
        let schools = schools::schools(names::schools()?, &printed)?;
        let featured_school = schools.first().map(|school| school.code.clone()).unwrap_or_default();
        let programmes = programmes::programmes(&schools, &printed)?;
        let enterprises = enterprises(&schools)?;
        let districts = names::districts()?;
        let commissions: Vec<(String, String)> = districts
            .iter()
            .enumerate()
            .map(|(index, district)| (format!("9111{:06}", index + 1), district.zh.clone()))
            .collect();

        let mut reports_of_years = Vec::new();
        let source = Source {
            schools: &schools,
            commissions: &commissions,
            enterprises: &enterprises,
            featured: &featured_school,
        };
        for tables in year_tables(&schools, &programmes, &printed)? {
            reports_of_years.extend(reports(&source, &tables)?);
        }

        let bodies = names::evaluation_bodies()?;
        let body_codes: Vec<String> = (1..=bodies.len()).map(|serial| format!("9311{serial:06}")).collect();
        let reviewers = people::reviewers(&schools, &body_codes)?;
        let commission_codes: Vec<String> = commissions.iter().map(|(code, _)| code.clone()).collect();
        let accounts =
            people::accounts(COMMISSION, &schools, &featured_school, &commission_codes, &reviewers);

        let mut organisations = vec![organisation(
            COMMISSION,
            Kind::Commission,
            Name {
                zh: format!("{}教育委员会", REGION_NAME.0),
                en: format!("{} Education Commission", REGION_NAME.1),
            },
        )];
        organisations.extend(districts.iter().zip(&commissions).map(|(name, (code, district))| {
            Organisation {
                district: district.clone(),
                parent: COMMISSION.into(),
                ..organisation(
                    code,
                    Kind::DistrictCommission,
                    Name {
                        zh: format!("{}{}教育委员会", REGION_NAME.0, name.zh),
                        en: format!("{} {} District Education Commission", REGION_NAME.1, name.en),
                    },
                )
            }
        }));
        organisations.extend(
            bodies
                .into_iter()
                .zip(&body_codes)
                .map(|(name, code)| organisation(code, Kind::EvaluationBody, name)),
        );
        organisations.extend(schools.iter().map(|school| school_organisation(school, &commissions)));
        organisations.extend(enterprises.into_iter().map(|enterprise| Organisation {
            level: Some(schools[enterprise.school].kind.level()),
            district: schools[enterprise.school].district.clone(),
            parent: schools[enterprise.school].code.clone(),
            ..organisation(&enterprise.code, Kind::Enterprise, enterprise.name)
        }));

        let grades = grades(&programmes, &printed, &featured_school);
        Ok(Self {
            organisations,
            schools,
            featured_school,
            accounts,
            reviewers,
            programmes,
            reports: reports_of_years,
            printed,
            grades,
        })
    }

    /// The commission, whose first account the set-up opens.
    pub fn commission(&self) -> Option<&Organisation> {
        self.organisations.first()
    }

    /// The grade that a programme gets in a round: in 2025 as printed, in other years drawn as often as printed.
    pub fn grade(&self, year: i32, scheme: &str, school: &str, programme: &str) -> Option<String> {
        if year == 2025 {
            return self.grades.get(&(school.to_owned(), programme.to_owned())).cloned();
        }
        let counts =
            if scheme == PILOTS { &self.printed.pilot_grades } else { &self.printed.new_programme_grades };
        reviews::draw(&format!("{year} {scheme} {school} {programme}"), counts)
    }

    /// What the real report prints.
    pub fn printed(&self) -> &Printed {
        &self.printed
    }
}

fn organisation(code: &str, kind: Kind, name: Name) -> Organisation {
    Organisation {
        code: code.into(),
        kind,
        name,
        level: None,
        district: String::new(),
        parent: String::new(),
        history: None,
    }
}

/// A school of the register: vocational high schools are their district's, the others the region's.
fn school_organisation(school: &School, commissions: &[(String, String)]) -> Organisation {
    let kind = match school.kind {
        SchoolKind::HigherVocational => Kind::HigherVocational,
        SchoolKind::SpecialisedSecondary => Kind::SpecialisedSecondary,
        SchoolKind::VocationalHigh => Kind::VocationalHigh,
    };
    let district = commissions.iter().find(|(_, district)| *district == school.district);
    let parent = match (school.kind, district) {
        (SchoolKind::VocationalHigh, Some((code, _))) => code.clone(),
        _ => COMMISSION.to_owned(),
    };
    Organisation {
        level: Some(school.kind.level()),
        district: school.district.clone(),
        parent,
        history: Some(school.history.clone()),
        ..organisation(&school.code, kind, school.name.clone())
    }
}

/// The figures of 2024, 2025 and 2026.
fn year_tables(
    schools: &[School],
    programmes: &[Programme],
    printed: &Printed,
) -> Result<[YearTables; 3], GenerateError> {
    let level = |level: Level| -> Result<_, GenerateError> {
        let of_level = || schools.iter().filter(move |school| school.kind.level() == level);
        let enrolment: Vec<u64> = of_level().map(|school| school.enrolment).collect();
        let textbooks: Vec<u64> = of_level().map(|school| school.textbooks).collect();
        let registered: Vec<u64> = of_level()
            .map(|school| {
                programmes
                    .iter()
                    .filter(|programme| programme.runs() && programme.school == school.code)
                    .count() as u64
            })
            .collect();
        let ground = Ground { level, enrolment: &enrolment, registered: &registered, textbooks: &textbooks };
        let mut table = figures::split(&ground, printed)?;
        satisfaction::add(&mut table, level, printed)?;
        let before = years::before(&table, level, printed)?;
        let mut after = years::after(&table, &ground);
        unprinted::add(&mut table, &ground, None);
        unprinted::add(&mut after, &ground, Some(&table));
        Ok((before, after, table))
    };
    let (higher_before, higher_after, higher) = level(Level::Higher)?;
    let (secondary_before, secondary_after, secondary) = level(Level::Secondary)?;
    Ok([
        YearTables { year: 2024, higher: higher_before, secondary: secondary_before },
        YearTables { year: 2025, higher, secondary },
        YearTables { year: 2026, higher: higher_after, secondary: secondary_after },
    ])
}

/// The grades of 2025. The featured school has a programme that must be mended.
fn grades(programmes: &[Programme], printed: &Printed, featured: &str) -> BTreeMap<(String, String), String> {
    let new: Vec<&Programme> = programmes
        .iter()
        .filter(|programme| !programme.pilot && (2022..=2024).contains(&programme.opened_year))
        .collect();
    let pilots: Vec<&Programme> = programmes.iter().filter(|programme| programme.pilot).collect();
    let mut grades =
        reviews::deal(NEW_PROGRAMMES, &new, &printed.new_programme_grades, Some((featured, "C")));
    grades.extend(reviews::deal(PILOTS, &pilots, &printed.pilot_grades, None));
    grades
}
