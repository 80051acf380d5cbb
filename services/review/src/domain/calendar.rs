//! Working days, with the holidays that the State Council sets year by year.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Utc, Weekday};
use serde::Deserialize;
use zhijian_platform::rules::{self, RulesDir, RulesError};

const FILE: &str = "review/calendar.toml";
const SHIPPED: &str = include_str!("../../calendar.toml");
/// China keeps one time all the year round: eight hours ahead of UTC.
const CHINA_SECONDS: i32 = 8 * 3600;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    holidays: Vec<Span>,
    worked: Vec<NaiveDate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    from: NaiveDate,
    to: NaiveDate,
}

/// The days on which deadlines run.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    holidays: BTreeSet<NaiveDate>,
    worked: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// Reads the shipped calendar, or the one of the overriding directory.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let years: BTreeMap<String, Year> = rules::load(dir, FILE, SHIPPED)?;
        let mut calendar = Self::default();
        for (name, year) in years {
            for Span { from, to } in year.holidays {
                if from > to || from.year().to_string() != name || to.year() > from.year() + 1 {
                    let key = format!("{name}.holidays");
                    return Err(RulesError::content(
                        FILE,
                        key,
                        format!("{from} to {to} is no span of {name}"),
                    ));
                }
                calendar.holidays.extend(from.iter_days().take_while(|day| *day <= to));
            }
            calendar.worked.extend(year.worked);
        }
        Ok(calendar)
    }

    /// The last of `days` working days after the day on which `start` falls in China.
    pub fn due(&self, start: DateTime<Utc>, days: u32) -> NaiveDate {
        let mut day = match FixedOffset::east_opt(CHINA_SECONDS) {
            Some(china) => start.with_timezone(&china).date_naive(),
            None => start.date_naive(),
        };
        let mut left = days;
        while left > 0 {
            let Some(next) = day.succ_opt() else { break };
            day = next;
            if self.works(day) {
                left -= 1;
            }
        }
        day
    }

    fn works(&self, day: NaiveDate) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        self.worked.contains(&day) || !(weekend || self.holidays.contains(&day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(start: &str, days: u32) -> String {
        let calendar = Calendar::load(&RulesDir::default()).expect("the shipped calendar is sound");
        calendar.due(start.parse().expect("a time"), days).to_string()
    }

    #[test]
    fn weekends_do_not_count() {
        // A Friday.
        assert_eq!(due("2025-11-21T01:00:00Z", 1), "2025-11-24");
        assert_eq!(due("2025-11-21T01:00:00Z", 20), "2025-12-19");
        assert_eq!(due("2025-11-21T01:00:00Z", 0), "2025-11-21");
    }

    #[test]
    fn holidays_do_not_count_and_worked_weekends_do() {
        // 2025-09-28 is a Sunday that is worked; the holiday runs from 1 to 8 October.
        assert_eq!(due("2025-09-26T01:00:00Z", 1), "2025-09-28");
        assert_eq!(due("2025-09-26T01:00:00Z", 4), "2025-10-09");
    }

    #[test]
    fn the_day_is_chinas() {
        // 17:00 in London is the next day in Beijing.
        assert_eq!(due("2025-11-20T17:00:00Z", 1), "2025-11-24");
    }

    #[test]
    fn a_year_that_is_not_listed_counts_monday_to_friday() {
        assert_eq!(due("2040-09-28T01:00:00Z", 5), "2040-10-05");
    }

    #[test]
    fn a_span_of_another_year_is_refused_by_name() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::create_dir(directory.path().join("review")).expect("made");
        let text = SHIPPED.replace("2025-05-01", "2026-05-01");
        std::fs::write(directory.path().join(FILE), text).expect("written");
        let error = Calendar::load(&RulesDir::new(Some(directory.path().to_owned()))).expect_err("refused");
        assert!(error.to_string().contains("review/calendar.toml: 2025.holidays"), "{error}");
    }
}
