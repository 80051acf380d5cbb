//! The rules of reminding, from `submission/reminders.toml`.

use chrono::{Days, NaiveDate};
use serde::Deserialize;
use zhijian_platform::{
    Calendar, Text,
    rules::{self, RulesDir, RulesError},
};

use super::{MAX_BODY, MAX_SUBJECT, NOT_BEGUN};
use crate::domain::{submission::State as ReportState, text::is_filled};

const NAME: &str = "submission/reminders.toml";
const SHIPPED: &str = include_str!("../../../notices/reminders.toml");

/// What a message may have filled in.
const WORDS: [&str; 6] = ["organisation", "cycle", "due", "when", "count", "reports"];
/// What the line of a report may have filled in.
const LINE_WORDS: [&str; 5] = ["kind", "subject", "state", "filled", "required"];
/// How far from the due day a rule may begin, in days.
const FARTHEST: i32 = 366;

/// When to remind whom, and in which words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reminders {
    /// The language of an organisation that has not chosen one: "zh" or "en".
    pub language: String,
    /// How a report that was begun is listed.
    pub line: Text,
    /// How a report that was not begun is listed.
    pub line_not_begun: Text,
    /// The rules, in the file's order.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its code, unique in the file.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// From which day it holds, counted from the due day; negative is before it.
    pub days: i32,
    /// Which days are counted.
    pub counted: Counted,
    /// The states that it speaks to; [`NOT_BEGUN`] among them.
    pub states: Vec<String>,
    /// The subject, with words to be filled in.
    pub subject: Text,
    /// The body, with words to be filled in.
    pub body: Text,
}

/// Which days are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// All of them.
    Calendar,
    /// Working days.
    Working,
}

impl Reminders {
    /// Reads and checks the rules.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let reminders: Self = rules::load(dir, NAME, SHIPPED)?;
        reminders.check()?;
        Ok(reminders)
    }

    fn check(&self) -> Result<(), RulesError> {
        let fault = |key: &str, detail: String| Err(RulesError::content(NAME, key, detail));
        if !matches!(self.language.as_str(), "zh" | "en") {
            return fault("language", "is \"zh\" or \"en\"".into());
        }
        check_text("line", &self.line, &LINE_WORDS, MAX_BODY)?;
        check_text("line_not_begun", &self.line_not_begun, &LINE_WORDS, MAX_BODY)?;
        for (at, rule) in self.rules.iter().enumerate() {
            let key = |part: &str| format!("rules[{at}].{part}");
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if rule.code.is_empty() || rule.code.len() > 40 || !rule.code.chars().all(plain) {
                return fault(&key("code"), "is 1–40 of a–z, 0–9 and \"-\"".into());
            }
            if self.rules.iter().take(at).any(|earlier| earlier.code == rule.code) {
                return fault(&key("code"), format!("{:?} is the code of an earlier rule", rule.code));
            }
            if rule.days.abs() > FARTHEST {
                return fault(&key("days"), format!("is at most {FARTHEST} days from the due day"));
            }
            if rule.states.is_empty() {
                return fault(&key("states"), "names at least one state".into());
            }
            for state in &rule.states {
                if state != NOT_BEGUN && ReportState::parse(state).is_none() {
                    return fault(&key("states"), format!("there is no state {state:?}"));
                }
            }
            check_text(&key("subject"), &rule.subject, &WORDS, MAX_SUBJECT)?;
            check_text(&key("body"), &rule.body, &WORDS, MAX_BODY)?;
        }
        Ok(())
    }

    /// The rule that holds on `today` for a report in `state` that is due on `due`: the one that began last.
    pub fn holding(
        &self,
        calendar: &Calendar,
        state: &str,
        due: NaiveDate,
        today: NaiveDate,
    ) -> Option<(&Rule, NaiveDate)> {
        let mut holding: Option<(&Rule, NaiveDate)> = None;
        for rule in self.rules.iter().filter(|rule| rule.states.iter().any(|name| name == state)) {
            let Some(start) = rule.start(calendar, due).filter(|start| *start <= today) else { continue };
            if holding.is_none_or(|(_, earlier)| start > earlier) {
                holding = Some((rule, start));
            }
        }
        holding
    }
}

impl Rule {
    /// The day from which it holds. `None` outside the calendar.
    fn start(&self, calendar: &Calendar, due: NaiveDate) -> Option<NaiveDate> {
        let count = self.days.unsigned_abs();
        match (self.counted, self.days < 0) {
            (Counted::Calendar, true) => due.checked_sub_days(Days::new(count.into())),
            (Counted::Calendar, false) => due.checked_add_days(Days::new(count.into())),
            (Counted::Working, false) => calendar.working_days_after(due, count),
            (Counted::Working, true) => {
                let mut day = due;
                let mut left = count;
                while left > 0 {
                    day = day.checked_sub_days(Days::new(1))?;
                    left -= u32::from(calendar.is_working_day(day));
                }
                Some(day)
            }
        }
    }
}

fn check_text(key: &str, text: &Text, words: &[&str], max: usize) -> Result<(), RulesError> {
    for (lang, text) in [("zh", &text.zh), ("en", &text.en)] {
        let key = format!("{key}.{lang}");
        if !is_filled(text, max) {
            return Err(RulesError::content(NAME, key, format!("is a text of 1–{max} characters")));
        }
        for part in text.split('{').skip(1) {
            let word = part.split('}').next().unwrap_or_default();
            if !words.contains(&word) || !part.contains('}') {
                let known = words.join(", ");
                return Err(RulesError::content(
                    NAME,
                    key,
                    format!("{{{word}}} cannot be filled in; there is {known}"),
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn shipped() -> (Reminders, Calendar) {
        let dir = RulesDir::default();
        (Reminders::load(&dir).expect("the shipped rules are sound"), Calendar::load(&dir).expect("sound"))
    }

    #[test]
    fn the_rule_that_began_last_holds() {
        let (reminders, calendar) = shipped();
        let due = day("2026-11-30");
        let holding = |state: &str, today: &str| {
            reminders.holding(&calendar, state, due, day(today)).map(|(rule, _)| rule.code.clone())
        };
        assert_eq!(holding("not_begun", "2026-10-01"), None);
        assert_eq!(holding("not_begun", "2026-10-16").as_deref(), Some("begin"));
        // A draft is not told to begin.
        assert_eq!(holding("draft", "2026-10-16"), None);
        assert_eq!(holding("draft", "2026-11-16").as_deref(), Some("due-14"));
        // Three working days before Monday the 30th is Wednesday the 25th.
        assert_eq!(holding("draft", "2026-11-24").as_deref(), Some("due-14"));
        assert_eq!(holding("draft", "2026-11-25").as_deref(), Some("due-3"));
        assert_eq!(holding("returned", "2026-12-01").as_deref(), Some("late-1"));
        assert_eq!(holding("draft", "2026-12-07").as_deref(), Some("late-5"));
        // Who has submitted is left in peace.
        assert_eq!(holding("submitted", "2026-12-07"), None);
        assert_eq!(holding("accepted", "2026-11-25"), None);
    }

    #[test]
    fn faults_name_the_file_and_the_key() {
        let fault = |change: &dyn Fn(&mut Reminders)| {
            let (mut reminders, _) = shipped();
            change(&mut reminders);
            reminders.check().expect_err("at fault").to_string()
        };
        let unknown = fault(&|all| all.rules[0].subject.zh = "{schule}".into());
        assert!(unknown.contains("submission/reminders.toml: rules[0].subject.zh: {schule}"), "{unknown}");
        let open = fault(&|all| all.rules[1].body.en = "{due".into());
        assert!(open.contains("rules[1].body.en"), "{open}");
        let state = fault(&|all| all.rules[2].states.push("lost".into()));
        assert!(state.contains("rules[2].states") && state.contains("lost"), "{state}");
        let twice = fault(&|all| all.rules[1].code = "begin".into());
        assert!(twice.contains("rules[1].code"), "{twice}");
        assert!(fault(&|all| all.language = "de".into()).contains("language"));
    }
}
