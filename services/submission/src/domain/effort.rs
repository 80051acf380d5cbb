//! How much work reports take, read from what was saved and when.
//!
//! The time between two saves of one report counts as work, if it is no longer than [`GAP`]; it belongs to the place of the
//! later save. The first save after a longer gap begins a stretch of work and counts as [`FIRST`]. Whoever edits a report at
//! the same time is counted once: reports are measured, never people, and no account is kept.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value as Json;

use super::catalogue::Catalogue;

/// After so long without a save a stretch of work counts as ended.
pub const GAP: TimeDelta = TimeDelta::minutes(10);
/// What the first save of a stretch counts for.
pub const FIRST: TimeDelta = TimeDelta::minutes(1);

/// What one save touched: how many edits in each place.
pub type Touched = BTreeMap<String, i64>;

/// The work in one report so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effort {
    /// Seconds of work.
    pub seconds: i64,
    /// Cells and texts saved.
    pub edits: i64,
    /// Stretches of work.
    pub sessions: i64,
    /// The last save.
    pub last: Option<DateTime<Utc>>,
    /// Seconds and edits by place.
    pub places: BTreeMap<String, (i64, i64)>,
}

impl Effort {
    /// Adds a save.
    pub fn add(&mut self, time: DateTime<Utc>, touched: &Touched) {
        let since = self.last.map(|last| time - last);
        let spent = match since {
            // Saves that were committed out of order are no time apart.
            Some(gap) if gap <= GAP => gap.max(TimeDelta::zero()),
            _ => {
                self.sessions += 1;
                FIRST
            }
        };
        self.last = self.last.max(Some(time));
        let seconds = spent.num_seconds();
        let edits: i64 = touched.values().sum();
        self.seconds += seconds;
        self.edits += edits;
        // The time is shared by how much was changed in each place; what does not divide goes to the last.
        let mut left = seconds;
        let last = touched.len().saturating_sub(1);
        for (at, (place, count)) in touched.iter().enumerate() {
            let share = if at == last { left } else { (seconds * count / edits.max(1)).min(left) };
            left -= share;
            let sum = self.places.entry(place.clone()).or_default();
            sum.0 += share;
            sum.1 += count;
        }
    }
}

/// The place of a section.
pub fn section_place(code: &str) -> String {
    format!("section:{code}")
}

/// What an audit entry about a submission says was edited; nothing if it is about something else.
pub fn touched(catalogue: &Catalogue, detail: &Json) -> Option<Touched> {
    let group = |code: &str| {
        let indicator = catalogue.indicators.iter().find(|indicator| indicator.code == code);
        indicator.map_or("", |indicator| indicator.group.as_str()).to_owned()
    };
    let mut touched = Touched::new();
    let codes: Vec<&str> = match detail.get("cells") {
        Some(Json::Object(cells)) => cells.keys().map(String::as_str).collect(),
        Some(Json::Array(cells)) => cells.iter().filter_map(Json::as_str).collect(),
        _ => vec![],
    };
    for code in codes {
        *touched.entry(group(code)).or_default() += 1;
    }
    if let Some(section) = detail.get("section").and_then(Json::as_str) {
        *touched.entry(section_place(section)).or_default() += 1;
    }
    if let Some(Json::Array(sections)) = detail.get("sections") {
        for section in sections.iter().filter_map(Json::as_str) {
            *touched.entry(section_place(section)).or_default() += 1;
        }
    }
    (!touched.is_empty()).then_some(touched)
}

/// A set of whole numbers in five.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spread {
    /// The least.
    pub least: i64,
    /// A quarter is not above it.
    pub lower: i64,
    /// Half is not above it.
    pub median: i64,
    /// Three quarters are not above it.
    pub upper: i64,
    /// The most.
    pub most: i64,
    /// How many there are.
    pub count: usize,
}

impl Spread {
    /// Describes numbers; all zero if there are none.
    pub fn of(mut numbers: Vec<i64>) -> Self {
        numbers.sort_unstable();
        let Some(last) = numbers.len().checked_sub(1) else { return Self::default() };
        // Between two neighbours in proportion, as spreadsheets do (quartile, inclusive).
        let at = |quarters: usize| {
            let (place, rest) = (last * quarters / 4, last * quarters % 4);
            let (low, high) = (numbers[place], numbers[(place + 1).min(last)]);
            low + (high - low) * i64::try_from(rest).unwrap_or(0) / 4
        };
        Self { least: at(0), lower: at(1), median: at(2), upper: at(3), most: at(4), count: numbers.len() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + seconds, 0).expect("a time")
    }

    fn in_place(place: &str) -> Touched {
        Touched::from([(place.to_owned(), 1)])
    }

    #[test]
    fn a_gap_of_more_than_ten_minutes_ends_a_stretch() {
        let mut effort = Effort::default();
        effort.add(at(0), &in_place("SC"));
        effort.add(at(90), &in_place("SC"));
        effort.add(at(90 + 600), &in_place("section:talent"));
        effort.add(at(90 + 600 + 601), &in_place("SC"));
        assert_eq!(effort.sessions, 2);
        assert_eq!(effort.seconds, 60 + 90 + 600 + 60);
        assert_eq!(effort.edits, 4);
        assert_eq!(effort.places["SC"], (60 + 90 + 60, 3));
        assert_eq!(effort.places["section:talent"], (600, 1));
    }

    #[test]
    fn saves_out_of_order_take_no_time_away() {
        let mut effort = Effort::default();
        effort.add(at(100), &in_place("SC"));
        effort.add(at(99), &in_place("SC"));
        effort.add(at(130), &in_place("SC"));
        assert_eq!(effort.seconds, 60 + 30);
    }

    #[test]
    fn an_entry_tells_its_places() {
        let catalogues =
            crate::domain::catalogue::Catalogues::load(&zhijian_platform::rules::RulesDir::default())
                .expect("the shipped catalogues are sound");
        let catalogue = catalogues.get(2025).expect("2025");
        let cells = json!({ "cells": { "SC01": null, "SC02": { "number": "3" }, "SAT01": null } });
        assert_eq!(
            touched(catalogue, &cells),
            Some(Touched::from([("SC".to_owned(), 2), ("SAT".to_owned(), 1)]))
        );
        let section = json!({ "section": "talent", "characters": 12 });
        assert_eq!(touched(catalogue, &section), Some(in_place("section:talent")));
        assert_eq!(touched(catalogue, &json!({ "state": "submitted" })), None);
    }

    #[test]
    fn a_spread_is_that_of_spreadsheets() {
        let spread = Spread::of(vec![40, 10, 20, 30]);
        assert_eq!(spread, Spread { least: 10, lower: 17, median: 25, upper: 32, most: 40, count: 4 });
        assert_eq!(
            Spread::of(vec![7]),
            Spread { least: 7, lower: 7, median: 7, upper: 7, most: 7, count: 1 }
        );
        assert_eq!(Spread::of(vec![]), Spread::default());
    }

    proptest! {
        #[test]
        fn places_add_up_to_the_report(saves in proptest::collection::vec((0_i64..2_000, 1_i64..5, 0_i64..5), 1..60)) {
            let mut effort = Effort::default();
            let mut time = 0;
            for (gap, first, second) in saves {
                time += gap;
                let mut touched = Touched::from([("A".to_owned(), first)]);
                if second > 0 {
                    touched.insert("B".to_owned(), second);
                }
                effort.add(at(time), &touched);
            }
            let (seconds, edits) =
                effort.places.values().fold((0, 0), |sum, place| (sum.0 + place.0, sum.1 + place.1));
            prop_assert_eq!(seconds, effort.seconds);
            prop_assert_eq!(edits, effort.edits);
        }

        #[test]
        fn quartiles_are_in_order(numbers in proptest::collection::vec(0_i64..1_000, 1..50)) {
            let spread = Spread::of(numbers);
            prop_assert!(spread.least <= spread.lower && spread.lower <= spread.median);
            prop_assert!(spread.median <= spread.upper && spread.upper <= spread.most);
        }
    }
}
