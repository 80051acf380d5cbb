//! Dates as exact as they are known: registers often know no more than the year.

use std::{fmt, ops::RangeInclusive};

use chrono::{Days, Months, NaiveDate};

use super::Broken;

/// The years that registers speak of.
const YEARS: RangeInclusive<i32> = 1800..=2100;

/// A year, a month or a day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Date {
    first: NaiveDate,
    last: NaiveDate,
}

impl Date {
    /// Reads "1958", "1958-09" or "1958-09-01", and what people write for them: 1958年9月1日, 1958.9, 1958/9/1, with
    /// full-width digits.
    ///
    /// # Errors
    /// [`DateError`] if it is no such date, or outside 1800–2100.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let plain: String = zhijian_documents::register::narrow(text)
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| if matches!(c, '年' | '月' | '.' | '/') { '-' } else { c })
            .collect();
        // A spreadsheet's own dates carry a time of day.
        let plain = plain.strip_suffix("00:00:00").map_or(plain.as_str(), |day| day.trim_end_matches('T'));
        let plain = plain.strip_suffix('日').unwrap_or(plain);
        let parts: Vec<&str> = plain.trim_end_matches('-').split('-').collect();
        let digits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let sound =
            parts[0].len() == 4 && digits(parts[0], 4) && parts[1..].iter().all(|part| digits(part, 2));
        if !sound || parts.len() > 3 {
            return Err(DateError);
        }
        let number = |place: usize| parts.get(place).and_then(|part| part.parse::<u32>().ok());
        let year = number(0).and_then(|year| i32::try_from(year).ok()).ok_or(DateError)?;
        if !YEARS.contains(&year) {
            return Err(DateError);
        }
        let first = NaiveDate::from_ymd_opt(year, number(1).unwrap_or(1), number(2).unwrap_or(1));
        let first = first.ok_or(DateError)?;
        let after = match parts.len() {
            1 => first.checked_add_months(Months::new(12)),
            2 => first.checked_add_months(Months::new(1)),
            _ => first.checked_add_days(Days::new(1)),
        };
        let last = after.and_then(|after| after.pred_opt()).ok_or(DateError)?;
        Ok(Self { first, last })
    }

    /// One day.
    pub fn day(day: NaiveDate) -> Self {
        Self { first: day, last: day }
    }

    /// The first day it may mean.
    pub fn first(&self) -> NaiveDate {
        self.first
    }

    /// The last day it may mean.
    pub fn last(&self) -> NaiveDate {
        self.last
    }

    /// What begins when this has ended: the next day, or the same month or year where no day is known.
    pub fn next(&self) -> Self {
        if self.first == self.last {
            self.last.succ_opt().map_or_else(|| self.clone(), Self::day)
        } else {
            self.clone()
        }
    }

    /// What ended when this began: the day before, or the same month or year where no day is known.
    pub fn before(&self) -> Self {
        if self.first == self.last {
            self.first.pred_opt().map_or_else(|| self.clone(), Self::day)
        } else {
            self.clone()
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match (self.last - self.first).num_days() {
            0 => "%Y-%m-%d",
            1..=30 => "%Y-%m",
            _ => "%Y",
        };
        write!(f, "{}", self.first.format(form))
    }
}

/// A text that is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Give a date as exactly as it is known: 1958, 1958-09 or 1958-09-01.")]
pub struct DateError;

impl Broken for DateError {
    fn zh(&self) -> String {
        "请填写日期，知道多少写多少：1958、1958-09 或 1958-09-01。".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_are_as_exact_as_they_are_written() {
        for (text, canonical) in [
            ("1958", "1958"),
            ("1958年", "1958"),
            ("１９５８．９", "1958-09"),
            ("1958年9月", "1958-09"),
            ("1958/9/1", "1958-09-01"),
            ("1958年09月01日", "1958-09-01"),
            ("2024-02-29 00:00:00", "2024-02-29"),
        ] {
            assert_eq!(Date::parse(text).unwrap().to_string(), canonical, "{text}");
        }
        let month = Date::parse("2024-02").unwrap();
        assert_eq!(
            (month.first().to_string(), month.last().to_string()),
            ("2024-02-01".into(), "2024-02-29".into())
        );
        for text in
            ["", "58", "1958-13", "2023-02-29", "1958-9-1-1", "去年", "1799", "2101", "19580901", "-1958"]
        {
            assert_eq!(Date::parse(text), Err(DateError), "{text}");
        }
        assert_eq!(Date::parse("2024-09-01").unwrap().before().to_string(), "2024-08-31");
        assert_eq!(Date::parse("2024").unwrap().next().to_string(), "2024");
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_as_it_is_read_again(text in "\\PC{0,12}|[0-9年月日./-]{4,11}") {
            if let Ok(date) = Date::parse(&text) {
                prop_assert!(date.first() <= date.last());
                prop_assert_eq!(Date::parse(&date.to_string()), Ok(date));
            }
        }

        #[test]
        fn every_day_is_read(days in 0_u64..100_000) {
            let day = NaiveDate::from_ymd_opt(1800, 1, 1).unwrap() + Days::new(days);
            prop_assert_eq!(Date::parse(&day.to_string()), Ok(Date::day(day)));
        }
    }
}
