//! Days as exactly as people know them: 2023, 2023-08 or 2023-08-31.

use chrono::{Months, NaiveDate};

/// The last day that a text may mean; `None` if it is no day.
pub fn last_day(text: &str) -> Option<NaiveDate> {
    let digits = |part: &str, count: usize| {
        (part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let mut parts = text.split('-');
    let year = i32::try_from(digits(parts.next()?, 4)?).ok()?;
    let month: Option<u32> = match parts.next() {
        Some(part) => Some(digits(part, 2)?),
        None => None,
    };
    let day: Option<u32> = match parts.next() {
        Some(part) => Some(digits(part, 2)?),
        None => None,
    };
    if parts.next().is_some() {
        return None;
    }
    match (month, day) {
        (Some(month), Some(day)) => NaiveDate::from_ymd_opt(year, month, day),
        (Some(month), None) => {
            NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
        }
        (None, _) => NaiveDate::from_ymd_opt(year, 12, 31),
    }
}

/// Whether something that ended then still counts, being less than so many years ago. What has no end counts.
pub fn recent(ended: &str, years: u32, today: NaiveDate) -> bool {
    let until = last_day(ended).and_then(|day| day.checked_add_months(Months::new(years.saturating_mul(12))));
    until.is_none_or(|until| today <= until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_as_exact_as_it_is_known() {
        let day = |text| last_day(text).map(|day| day.to_string()).unwrap_or_default();
        assert_eq!(day("2023"), "2023-12-31");
        assert_eq!(day("2024-02"), "2024-02-29");
        assert_eq!(day("2023-12"), "2023-12-31");
        assert_eq!(day("2023-08-05"), "2023-08-05");
        for wrong in ["", "23", "2023-8", "2023-13", "2023-02-30", "2023-08-05-01", "去年", "+023"] {
            assert_eq!(last_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn years_run_from_the_last_day_that_is_meant() {
        let on = |text: &str| text.parse().expect("a day");
        assert!(recent("2020-08", 5, on("2025-08-31")));
        assert!(!recent("2020-08", 5, on("2025-09-01")));
        assert!(recent("", 5, on("2025-09-01")), "who has not left or nobody knows when");
        assert!(!recent("2025-08-30", 0, on("2025-08-31")));
    }
}
