//! Working days of China, from `services/platform/calendar`. Notices and deadlines run in them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Text,
    rules::{self, RulesDir, RulesError},
};
use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, Utc, Weekday};
use serde::Deserialize;

const FOLDER: &str = "calendar";

const SHIPPED: &[(&str, &str)] = &[
    ("calendar/2025.toml", include_str!("../calendar/2025.toml")),
    ("calendar/2026.toml", include_str!("../calendar/2026.toml")),
];

/// China Standard Time: one legal time, without summer time.
const CHINA_STANDARD_TIME: i32 = 8 * 3600;

/// The longest holiday that a file may name, in days.
const MAX_HOLIDAY: i64 = 31;

/// Which days are worked. A year without a file is counted by weekends alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    holidays: BTreeSet<NaiveDate>,
    workdays: BTreeSet<NaiveDate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    year: i32,
    holidays: Vec<Holiday>,
    workdays: Vec<NaiveDate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    zh: String,
    en: String,
    from: NaiveDate,
    to: NaiveDate,
}

impl Calendar {
    /// Reads the shipped files and those of the rules directory.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let mut files: BTreeMap<String, &str> =
            SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), *text)).collect();
        for name in dir.extra(FOLDER) {
            files.entry(name).or_insert("");
        }
        let mut calendar = Self::default();
        for (name, shipped) in files {
            calendar.add(&name, rules::load(dir, &name, shipped)?)?;
        }
        Ok(calendar)
    }

    fn add(&mut self, name: &str, file: File) -> Result<(), RulesError> {
        if name != format!("{FOLDER}/{}.toml", file.year) {
            let detail =
                format!("a file of the year {year} is called {FOLDER}/{year}.toml", year = file.year);
            return Err(RulesError::content(name, "year", detail));
        }
        for (index, holiday) in file.holidays.iter().enumerate() {
            let key = |part: &str| format!("holidays[{index}].{part}");
            if holiday.zh.trim().is_empty() || holiday.en.trim().is_empty() {
                return Err(RulesError::content(name, key("zh"), "a holiday is named in both languages"));
            }
            if holiday.from.year() != file.year || holiday.to.year() != file.year {
                return Err(RulesError::content(name, key("from"), format!("lies outside {}", file.year)));
            }
            let days = holiday.to.signed_duration_since(holiday.from).num_days();
            if !(0..MAX_HOLIDAY).contains(&days) {
                let detail = format!("must be on or after `from`, and less than {MAX_HOLIDAY} days later");
                return Err(RulesError::content(name, key("to"), detail));
            }
            self.holidays.extend(holiday.from.iter_days().take_while(|day| *day <= holiday.to));
        }
        for (index, day) in file.workdays.iter().enumerate() {
            let fault = if day.year() != file.year {
                format!("lies outside {}", file.year)
            } else if !is_weekend(*day) {
                "is worked anyway: it is no Saturday or Sunday".to_owned()
            } else if self.holidays.contains(day) {
                "is also a holiday".to_owned()
            } else {
                continue;
            };
            return Err(RulesError::content(name, format!("workdays[{index}]"), format!("{day} {fault}")));
        }
        self.workdays.extend(file.workdays);
        Ok(())
    }

    /// Whether `day` is worked.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.workdays.contains(&day) || !(is_weekend(day) || self.holidays.contains(&day))
    }

    /// The `count`-th working day after `start`, which itself is not counted; `start` for a count of 0. `None` beyond
    /// the end of the calendar, some 260,000 years from now.
    pub fn working_days_after(&self, start: NaiveDate, count: u32) -> Option<NaiveDate> {
        let mut day = start;
        let mut left = count;
        while left > 0 {
            day = day.checked_add_days(Days::new(1))?;
            if self.is_working_day(day) {
                left -= 1;
            }
        }
        Some(day)
    }

    /// The last of `count` working days after the day on which `start` falls in China.
    pub fn due(&self, start: DateTime<Utc>, count: u32) -> NaiveDate {
        self.working_days_after(date_in_china(start), count).unwrap_or(NaiveDate::MAX)
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The date in China at `time`.
pub fn date_in_china(time: DateTime<Utc>) -> NaiveDate {
    match FixedOffset::east_opt(CHINA_STANDARD_TIME) {
        Some(offset) => time.with_timezone(&offset).date_naive(),
        None => time.date_naive(),
    }
}

/// A date as people write it, in the two languages.
pub fn written(day: NaiveDate) -> Text {
    Text::new(
        format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        day.format("%-d %B %Y").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn shipped() -> Calendar {
        Calendar::load(&RulesDir::default()).expect("the shipped files are sound")
    }

    #[test]
    fn counts_over_weekends_and_holidays() {
        let calendar = shipped();
        // Five working days from Monday 23 November 2026: Tuesday to Friday, then Monday.
        assert_eq!(calendar.working_days_after(day("2026-11-23"), 5), Some(day("2026-11-30")));
        assert_eq!(calendar.working_days_after(day("2026-11-23"), 0), Some(day("2026-11-23")));
        // Over National Day 2025: 30 September, then 9 and 10 October, Saturday 11 October made up for, 13 October.
        assert_eq!(calendar.working_days_after(day("2025-09-29"), 5), Some(day("2025-10-13")));
        // Spring Festival 2026, with the Saturdays before and after it worked.
        assert_eq!(calendar.working_days_after(day("2026-02-13"), 1), Some(day("2026-02-14")));
        assert_eq!(calendar.working_days_after(day("2026-02-14"), 1), Some(day("2026-02-24")));
        assert!(calendar.is_working_day(day("2026-02-28")));
    }

    #[test]
    fn the_year_has_as_many_working_days_as_the_state_council_left() {
        let worked = |year: i32| {
            let calendar = shipped();
            day(&format!("{year}-01-01"))
                .iter_days()
                .take_while(|day| day.year() == year)
                .filter(|day| calendar.is_working_day(*day))
                .count()
        };
        // 365 days less 104 weekend days and 13 statutory holidays, as the law counts them since 2025.
        assert_eq!(worked(2025), 248);
        assert_eq!(worked(2026), 248);
    }

    #[test]
    fn years_without_a_file_are_counted_by_weekends() {
        assert_eq!(shipped().working_days_after(day("2031-10-01"), 2), Some(day("2031-10-03")));
    }

    #[test]
    fn the_date_is_that_of_china() {
        let evening = "2026-11-23T16:30:00Z".parse().expect("a time");
        assert_eq!(date_in_china(evening), day("2026-11-24"));
        assert_eq!(written(day("2026-11-04")), Text::new("2026年11月4日", "4 November 2026"));
    }

    #[test]
    fn errors_name_the_file_and_the_key() {
        let fault = |text: &str| {
            let dir = tempfile::tempdir().expect("a directory");
            fs::create_dir_all(dir.path().join(FOLDER)).expect("a folder");
            fs::write(dir.path().join(FOLDER).join("2027.toml"), text).expect("a file");
            Calendar::load(&RulesDir::new(Some(dir.path().to_owned())))
                .expect_err("the file is wrong")
                .to_string()
        };
        let wrong_way = fault(
            "year = 2027\nworkdays = []\nholidays = [{ zh = \"节\", en = \"Day\", from = \"2027-05-05\", to = \"2027-05-01\" }]",
        );
        assert!(wrong_way.starts_with("calendar/2027.toml: holidays[0].to: "), "{wrong_way}");
        let monday = fault("year = 2027\nholidays = []\nworkdays = [\"2027-01-04\"]");
        assert!(monday.starts_with("calendar/2027.toml: workdays[0]: 2027-01-04 "), "{monday}");
        assert!(fault("year = 2028\nholidays = []\nworkdays = []").contains("2027.toml: year: "));
        assert!(fault("year = 2027\nholiday = []\nworkdays = []").contains("holiday"));
    }

    proptest! {
        #[test]
        fn a_period_holds_exactly_its_working_days(start in 0_u64..1_500, count in 0_u32..=60) {
            let calendar = shipped();
            let start = day("2024-06-01") + Days::new(start);
            let end = calendar.working_days_after(start, count).expect("near");
            let worked = start.iter_days().skip(1).take_while(|day| *day <= end).filter(|day| calendar.is_working_day(*day)).count();
            prop_assert_eq!(worked, count as usize);
            prop_assert!(count == 0 || calendar.is_working_day(end));
        }
    }
}
