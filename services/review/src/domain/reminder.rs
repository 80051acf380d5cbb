//! How many working days are left, and whether a school is reminded.

use chrono::{Days, NaiveDate};
use zhijian_platform::Calendar;

/// No term is longer than a year; a date further off counts as this far.
const MOST: u64 = 800;

/// The working days from `today`, which is not counted, to `due`; below zero once it has passed.
pub fn working_days_left(calendar: &Calendar, today: NaiveDate, due: NaiveDate) -> i32 {
    let (from, to, sign) = if due >= today { (today, due, 1) } else { (due, today, -1) };
    let mut count = 0;
    for step in 1..=MOST {
        let Some(day) = from.checked_add_days(Days::new(step)).filter(|day| *day <= to) else { break };
        count += i32::from(calendar.is_working_day(day));
    }
    sign * count
}

/// Whether a school is reminded of a date so many working days away: near before it, and always after it.
pub fn reminds(left: i32, overdue: bool, remind_working_days: u32) -> bool {
    overdue || left <= i32::try_from(remind_working_days).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zhijian_platform::rules::RulesDir;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn days_are_counted_over_holidays_before_and_after() {
        let calendar = Calendar::load(&RulesDir::default()).expect("sound");
        let left = |today, due| working_days_left(&calendar, day(today), day(due));
        assert_eq!(left("2026-11-27", "2026-11-27"), 0);
        assert_eq!(left("2026-11-27", "2026-11-30"), 1);
        assert_eq!(left("2026-11-30", "2026-11-27"), -1);
        // Over National Day 2025: 30 September, then 9 and 10 October, the Saturday made up for, 13 October.
        assert_eq!(left("2025-09-29", "2025-10-13"), 5);
        assert!(reminds(5, false, 5) && !reminds(6, false, 5) && reminds(0, true, 0));
    }

    proptest! {
        #[test]
        fn what_the_calendar_gives_is_what_is_left(start in 0_u64..600, count in 0_u32..120) {
            let calendar = Calendar::load(&RulesDir::default()).expect("sound");
            let start = day("2025-01-01") + Days::new(start);
            let due = calendar.working_days_after(start, count).expect("near");
            prop_assert_eq!(working_days_left(&calendar, start, due), i32::try_from(count).expect("few"));
        }
    }
}
