//! Which programmes are on the map.

use super::supply::Item;

/// The industry code that names the programmes that match none.
pub const NO_INDUSTRY: &str = "none";

/// What happened to a programme in the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Change {
    /// It runs.
    #[default]
    Running,
    /// Its first students entered.
    New,
    /// It admits no students any more.
    Withdrawn,
}

/// The level of education.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Secondary,
    Higher,
}

/// A grade, or a group of grades.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Graded {
    Grade(String),
    Group(String),
}

/// Leaves the programmes that agree with everything given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    pub year: i32,
    pub level: Option<Level>,
    pub district: Option<String>,
    pub area: Option<String>,
    pub industry: Option<String>,
    pub sector: Option<String>,
    pub graded: Option<Graded>,
    pub organisation: Option<String>,
    pub programme: Option<String>,
    pub change: Change,
}

impl Filter {
    /// Whether a programme is left, whatever happened to it in the year.
    pub fn leaves(&self, item: &Item<'_>) -> bool {
        let agrees = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        let industry = item.sector.map_or(NO_INDUSTRY, |(_, industry)| industry.code.as_str());
        let area = item.sector.map_or("", |(_, industry)| industry.area.as_str());
        let sector = item.sector.map_or("", |(sector, _)| sector.code.as_str());
        self.level.is_none_or(|level| level == item.programme.level)
            && agrees(&self.district, item.district)
            && agrees(&self.area, area)
            && agrees(&self.industry, industry)
            && agrees(&self.sector, sector)
            && agrees(&self.organisation, &item.programme.organisation)
            && agrees(&self.programme, &item.programme.code)
            && match (&self.graded, item.grade) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(Graded::Grade(wanted)), Some(grade)) => *wanted == grade.grade,
                (Some(Graded::Group(wanted)), Some(grade)) => *wanted == grade.group,
            }
    }

    /// Whether a programme is what the filter's change names.
    pub fn counts(&self, item: &Item<'_>) -> bool {
        let programme = item.programme;
        match self.change {
            Change::Running => programme.runs(self.year),
            Change::New => programme.opened == self.year,
            Change::Withdrawn => programme.withdrawn == Some(self.year),
        }
    }
}
