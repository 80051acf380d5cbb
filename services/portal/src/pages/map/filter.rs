//! What the map shows: all of it stands in the address.

use serde::Deserialize;
use zhijian_proto::{
    common::v1::Level,
    publication::v1::{MapFilter, map_filter::Change},
};

use crate::web::link;

/// The query of the map's address.
#[derive(Debug, Clone, Deserialize, Default, PartialEq, Eq)]
#[serde(default)]
pub struct Filter {
    pub year: String,
    /// "higher" or "secondary".
    pub level: String,
    pub district: String,
    pub area: String,
    /// An industry's code, or "none".
    pub industry: String,
    pub sector: String,
    /// "A+", or "A*" for the group A.
    pub grade: String,
    pub school: String,
    pub programme: String,
    /// "new" or "withdrawn".
    pub change: String,
    pub page: String,
}

impl Filter {
    /// What the service is asked for.
    pub fn wanted(&self, year: i32) -> MapFilter {
        let level = match self.level.as_str() {
            "higher" => Level::Higher,
            "secondary" => Level::Secondary,
            _ => Level::Unspecified,
        };
        let change = match self.change.as_str() {
            "new" => Change::New,
            "withdrawn" => Change::Withdrawn,
            _ => Change::Unspecified,
        };
        let group = self.grade.strip_suffix('*');
        MapFilter {
            year,
            level: level.into(),
            district: self.district.clone(),
            area_code: self.area.clone(),
            industry_code: self.industry.clone(),
            sector_code: self.sector.clone(),
            grade: group.unwrap_or(&self.grade).to_owned(),
            grade_group: group.is_some(),
            organisation_code: self.school.clone(),
            programme_code: self.programme.clone(),
            change: change.into(),
        }
    }

    /// The address with this filter on its first page.
    pub fn address(&self, path: &str) -> String {
        self.page_address(path, "")
    }

    /// The address of a page of the list.
    pub fn page_address(&self, path: &str, page: &str) -> String {
        let query = [
            ("year", self.year.as_str()),
            ("level", &self.level),
            ("district", &self.district),
            ("area", &self.area),
            ("industry", &self.industry),
            ("sector", &self.sector),
            ("grade", &self.grade),
            ("school", &self.school),
            ("programme", &self.programme),
            ("change", &self.change),
            ("page", page),
        ];
        link::address(path, &query)
    }

    /// The same filter with something else changed.
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut next = Self { page: String::new(), ..self.clone() };
        change(&mut next);
        next
    }

    /// Whether anything but the year is asked for.
    pub fn narrows(&self) -> bool {
        Self { year: String::new(), page: String::new(), ..self.clone() } != Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_reads_back_from_its_address() {
        let filter =
            Filter { year: "2025".into(), level: "higher".into(), grade: "A*".into(), ..Filter::default() };
        assert_eq!(filter.address("/map"), "/map?year=2025&level=higher&grade=A%2A");
        let wanted = filter.wanted(2025);
        assert_eq!((wanted.level(), wanted.grade.as_str(), wanted.grade_group), (Level::Higher, "A", true));
        let exact = filter.with(|next| next.grade = "A+".into()).wanted(2025);
        assert_eq!((exact.grade.as_str(), exact.grade_group), ("A+", false));
        assert!(filter.narrows() && !Filter { year: "2025".into(), ..Filter::default() }.narrows());
    }
}
