//! How many working days are left, whether a school is reminded, and in which words.

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

/// A message names at most this many programmes or items.
const NAMED: usize = 20;
/// This much of a procedure's name fits into a subject.
const SUBJECT_NAME: usize = 80;

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
        let listed = listed(programmes);
        let (end_zh, end_en) = match self.late {
            false => ("请按时在系统“整改”中提交。", "Please hand it in on time, under Rectifications."),
            true => (
                "请尽快在系统“整改”中提交；逾期不报的，将按方案规定升级处理。",
                "Please hand it in under Rectifications without delay; what stays overdue is escalated by the scheme.",
            ),
        };
        let body = Text::new(
            format!("下列专业的{what_zh}{when_zh}：\n\n{}\n{end_zh}", listed.zh),
            format!("For these, {what_en} {when_en}:\n\n{}\n{end_en}", listed.en),
        );
        (subject, body)
    }
}

/// What an organisation is reminded of in a procedure: steps that are its own.
#[derive(Debug, Clone, Copy)]
pub struct StepOccasion<'a> {
    /// What the procedure is called.
    pub procedure: &'a Text,
    /// The date has passed.
    pub late: bool,
}

impl StepOccasion<'_> {
    /// The code of the rule that speaks, of this scheme.
    pub fn code(self, scheme: &str) -> String {
        // The outbox takes 60 characters.
        let scheme: String = scheme.chars().take(40).collect();
        format!("item-{}-{scheme}", if self.late { "late" } else { "near" })
    }

    /// Subject and body of the message about these items, due on that day, so many working days away.
    pub fn message(self, due: NaiveDate, left: i32, items: &[Text]) -> (Text, Text) {
        let (day, away, name) = (written(due), left.unsigned_abs(), self.procedure);
        let listed = listed(items);
        let cut = |name: &str| name.chars().take(SUBJECT_NAME).collect::<String>();
        let (short_zh, short_en) = (cut(&name.zh), cut(&name.en));
        match self.late {
            false => (
                Text::new(
                    format!("提醒：{short_zh}有事项即将到期"),
                    format!("Reminder: due soon in {short_en}"),
                ),
                Text::new(
                    format!(
                        "{}中，下列事项应于{}前办理，还有 {away} 个工作日：\n\n{}\n请按时在系统“评审工作”中办理。",
                        name.zh, day.zh, listed.zh
                    ),
                    format!(
                        "In {}, these are due by {}, in {away} working days:\n\n{}\nPlease take the step on time, under Procedures.",
                        name.en, day.en, listed.en
                    ),
                ),
            ),
            true => (
                Text::new(format!("催办：{short_zh}有事项已逾期"), format!("Overdue: a step in {short_en}")),
                Text::new(
                    format!(
                        "{}中，下列事项应于{}前办理，已逾期 {away} 个工作日：\n\n{}\n请尽快在系统“评审工作”中办理；逾期不办的，可能被终止。",
                        name.zh, day.zh, listed.zh
                    ),
                    format!(
                        "In {}, these were due by {}, {away} working days ago:\n\n{}\nPlease take the step under Procedures without delay; what stays overdue may be ended.",
                        name.en, day.en, listed.en
                    ),
                ),
            ),
        }
    }
}

/// A line for each name, up to the most that a message names, and how many more there are.
fn listed(names: &[Text]) -> Text {
    let lines = |pick: fn(&Text) -> &str| {
        names.iter().take(NAMED).map(|name| format!("- {}\n", pick(name))).collect::<String>()
    };
    let (mut zh, mut en) = (lines(|name| &name.zh), lines(|name| &name.en));
    let more = names.len().saturating_sub(NAMED);
    if more > 0 {
        zh.push_str(&format!("- 另有 {more} 个\n"));
        en.push_str(&format!("- and {more} more\n"));
    }
    Text::new(zh, en)
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

    #[test]
    fn a_message_about_steps_names_the_procedure_and_fits_the_outbox() {
        let items = vec![Text::new("演示项目（申报）", "A project (application)"); 30];
        let long = Text::new("工作".repeat(60), "Procedure ".repeat(20));
        for (late, left) in [(false, 3), (true, -3)] {
            let occasion = StepOccasion { procedure: &long, late };
            let (subject, body) = occasion.message(day("2026-11-30"), left, &items);
            assert!(subject.zh.chars().count() <= 120 && subject.en.chars().count() <= 120);
            assert!(body.zh.chars().count() <= 4000 && body.en.chars().count() <= 4000);
            assert!(body.zh.contains("11月30日") && body.zh.contains("演示项目（申报）"), "{}", body.zh);
            assert_eq!(body.zh.contains("逾期 3"), late);
            assert!(occasion.code(&"s".repeat(90)).len() <= 60);
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
