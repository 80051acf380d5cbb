//! Which reports are wanted, in what order: all of it stands in the address.

use serde::Deserialize;
use zhijian_proto::submission::v1::{
    ProgressFilter, list_progress_request::Order, progress_filter::Condition, submission,
};

use crate::web::{link, states};

/// The filter for what waits for the desk, whether or not somebody has begun to look at it.
pub const TO_REVIEW: &str = "to-review";
/// The filter for what nobody has begun.
pub const NOT_BEGUN: &str = "not-begun";
/// The longest search that the service takes.
const LONGEST_SEARCH: usize = 60;

/// The query of the desk's address.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub struct Filter {
    pub year: String,
    pub kind: String,
    pub district: String,
    pub state: String,
    /// "late", "idle" or "open".
    pub want: String,
    pub q: String,
    /// By what the list is sorted; led by "-" where it goes down.
    pub sort: String,
    pub page: String,
}

/// The columns that sort the list, by their key.
pub const SORTS: [(&str, Order); 5] = [
    ("organisation", Order::Organisation),
    ("district", Order::District),
    ("state", Order::State),
    ("filled", Order::Filled),
    ("update", Order::Update),
];

impl Filter {
    /// What the service is asked for.
    pub fn wanted(&self, cycle_year: i32) -> ProgressFilter {
        use submission::State;
        let states: Vec<State> = match self.state.as_str() {
            TO_REVIEW => vec![State::Submitted, State::UnderReview],
            key => states::submission_from_key(key).into_iter().collect(),
        };
        let condition = match (self.state.as_str(), self.want.as_str()) {
            (NOT_BEGUN, _) => Condition::NotBegun,
            (_, "late") => Condition::Late,
            (_, "idle") => Condition::Idle,
            (_, "open") => Condition::Open,
            _ => Condition::Unspecified,
        };
        ProgressFilter {
            cycle_year,
            report_kind: self.kind.clone(),
            district: self.district.clone(),
            states: states.into_iter().map(Into::into).collect(),
            condition: condition.into(),
            idle_days: 0,
            search: self.q.trim().chars().take(LONGEST_SEARCH).collect(),
        }
    }

    /// By what the list is sorted.
    pub fn order(&self) -> Order {
        let key = self.sort.trim_start_matches('-');
        SORTS.iter().find(|(name, _)| *name == key).map_or(Order::Organisation, |(_, order)| *order)
    }

    /// Whether it goes down.
    pub fn descending(&self) -> bool {
        self.sort.starts_with('-')
    }

    /// The address of the list with a filter of its own.
    pub fn address(&self, year: i32, page: &str) -> String {
        self.at("/desk", year, page)
    }

    /// The address of the same list as a file.
    pub fn file(&self, year: i32, ending: &str) -> String {
        self.at(&format!("/desk/files/progress.{ending}"), year, "")
    }

    fn at(&self, path: &str, year: i32, page: &str) -> String {
        let year = year.to_string();
        let query = [
            ("year", year.as_str()),
            ("kind", &self.kind),
            ("district", &self.district),
            ("state", &self.state),
            ("want", &self.want),
            ("q", &self.q),
            ("sort", &self.sort),
            ("page", page),
        ];
        link::address(path, &query)
    }

    /// The same filter sorted by another column; by the same one, the other way round.
    pub fn sorted(&self, key: &str) -> Self {
        let down = self.sort_key() == key && !self.descending();
        let sort = if down { format!("-{key}") } else { key.to_owned() };
        Self { sort, ..self.clone() }
    }

    /// The column that sorts the list now.
    pub fn sort_key(&self) -> &str {
        match self.sort.trim_start_matches('-') {
            "" => "organisation",
            key => key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_reads_back_from_its_address() {
        let filter = Filter {
            kind: "higher".into(),
            district: "东城区".into(),
            want: "late".into(),
            sort: "-filled".into(),
            ..Filter::default()
        };
        assert_eq!(
            filter.address(2026, ""),
            "/desk?year=2026&kind=higher&district=%E4%B8%9C%E5%9F%8E%E5%8C%BA&want=late&sort=-filled"
        );
        let wanted = filter.wanted(2026);
        assert_eq!(
            (wanted.condition(), filter.order(), filter.descending()),
            (Condition::Late, Order::Filled, true)
        );
        assert_eq!(filter.sorted("filled").sort, "filled");
        assert_eq!(filter.sorted("state").sort, "state");
        assert_eq!(filter.sorted("state").sorted("state").sort, "-state");
    }

    #[test]
    fn what_waits_for_the_desk_is_two_states_and_not_begun_is_none() {
        let states = |state: &str| Filter { state: state.into(), ..Filter::default() }.wanted(2026);
        assert_eq!(states(TO_REVIEW).states.len(), 2);
        let not_begun = states(NOT_BEGUN);
        assert_eq!((not_begun.states.len(), not_begun.condition()), (0, Condition::NotBegun));
    }
}
