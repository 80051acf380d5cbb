//! How many working days are left, and whether a school is reminded.

use chrono::{Days, NaiveDate};
use zhijian_platform::{Calendar, Text, written};

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

/// A message names at most this many programmes.
const NAMED: usize = 20;

/// What a school is reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occasion {
    /// Measures are due; else a plan.
    pub measures: bool,
    /// The date has passed.
    pub late: bool,
}

impl Occasion {
    /// The code of the rule that speaks.
    pub fn code(self) -> &'static str {
        match (self.measures, self.late) {
            (false, false) => "rectification-plan-near",
            (false, true) => "rectification-plan-late",
            (true, false) => "rectification-measures-near",
            (true, true) => "rectification-measures-late",
        }
    }

    /// Subject and body of the message about these programmes, due on that day, so many working days away.
    pub fn message(self, due: NaiveDate, left: i32, programmes: &[Text]) -> (Text, Text) {
        let day = written(due);
        let (what_zh, what_en) = match self.measures {
            false => ("整改方案", "the rectification plan"),
            true => ("整改完成报告", "the report that everything is mended"),
        };
        let away = left.unsigned_abs();
        let (when_zh, when_en) = match self.late {
            false => (
                format!("应于{}前提交，还有 {away} 个工作日", day.zh),
                format!("is due by {}, in {away} working days", day.en),
            ),
            true => (
                format!("应于{}前提交，已逾期 {away} 个工作日", day.zh),
                format!("was due by {}, {away} working days ago", day.en),
            ),
        };
        let subject = match self.late {
            false => {
                Text::new(format!("提醒：{what_zh}即将到期"), format!("Reminder: {what_en} is due soon"))
            }
            true => Text::new(format!("催办：{what_zh}已逾期"), format!("Overdue: {what_en}")),
        };
        let more = programmes.len().saturating_sub(NAMED);
        let listed = |pick: fn(&Text) -> &str| {
            programmes.iter().take(NAMED).map(|name| format!("- {}\n", pick(name))).collect::<String>()
        };
        let (rest_zh, rest_en) = match more {
            0 => (String::new(), String::new()),
            more => (format!("- 另有 {more} 个\n"), format!("- and {more} more\n")),
        };
        let (end_zh, end_en) = match self.late {
            false => ("请按时在系统“整改”中提交。", "Please hand it in on time, under Rectifications."),
            true => (
                "请尽快在系统“整改”中提交；逾期不报的，将按方案规定升级处理。",
                "Please hand it in under Rectifications without delay; what stays overdue is escalated by the scheme.",
            ),
        };
        let body = Text::new(
            format!("下列专业的{what_zh}{when_zh}：\n\n{}{rest_zh}\n{end_zh}", listed(|name| &name.zh)),
            format!("For these, {what_en} {when_en}:\n\n{}{rest_en}\n{end_en}", listed(|name| &name.en)),
        );
        (subject, body)
    }
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

    #[test]
    fn a_message_says_what_is_due_when_and_for_what_and_fits_the_outbox() {
        let names = vec![Text::new("演示专业", "A demonstration programme"); 30];
        for (measures, late) in [(false, false), (false, true), (true, false), (true, true)] {
            let (subject, body) =
                Occasion { measures, late }.message(day("2026-11-30"), if late { -3 } else { 3 }, &names);
            for (subject, body) in [(&subject.zh, &body.zh), (&subject.en, &body.en)] {
                assert!(subject.chars().count() <= 120 && body.chars().count() <= 4000);
                assert!(body.contains('3') && body.contains("10"), "{body}");
            }
            assert!(body.zh.contains("11月30日") && body.zh.contains("另有 10 个"), "{}", body.zh);
            assert_eq!(body.zh.contains("逾期"), late);
        }
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
