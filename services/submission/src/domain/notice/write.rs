//! The words of a message: one to an organisation, with all its reports in it.

use chrono::NaiveDate;
use zhijian_platform::{Lang, Text, written};

use super::{MAX_BODY, MAX_SUBJECT, NOT_BEGUN, Reminders, Rule};
use crate::domain::submission::State as ReportState;

/// A report that a message speaks of.
#[derive(Debug, Clone)]
pub struct Line {
    /// What kind of report it is.
    pub kind: Text,
    /// What it is about.
    pub subject: Text,
    /// The name of its state, or [`NOT_BEGUN`].
    pub state: String,
    /// How many indicators are filled in…
    pub filled: i32,
    /// …of how many.
    pub required: i32,
}

/// To whom and why a message is written.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// What the organisation is called.
    pub organisation: Text,
    /// What the cycle is called.
    pub cycle: Text,
    /// The due day.
    pub due: NaiveDate,
    /// The day of writing.
    pub today: NaiveDate,
    /// Its reports.
    pub lines: Vec<Line>,
}

/// Subject and body of a message. A list too long for one message is cut, and says so.
pub fn write(reminders: &Reminders, rule: &Rule, lang: Lang, occasion: &Occasion) -> (String, String) {
    let pick = |text: &Text| lang.pick(&text.zh, &text.en).to_owned();
    let lines: Vec<String> = occasion.lines.iter().map(|line| one(reminders, lang, line)).collect();
    let words = |reports: String| {
        [
            ("organisation", pick(&occasion.organisation)),
            ("cycle", pick(&occasion.cycle)),
            ("due", pick(&written(occasion.due))),
            ("when", when(lang, occasion.due, occasion.today)),
            ("count", occasion.lines.len().to_string()),
            ("reports", reports),
        ]
    };
    let subject = fill(&pick(&rule.subject), &words(String::new()));
    let mut shown = lines.len();
    let body = loop {
        let mut reports = lines[..shown].join("\n");
        let more = lines.len() - shown;
        if more > 0 {
            reports.push('\n');
            reports.push_str(&match lang {
                Lang::Zh => format!("……另有 {more} 份，请登录查看。"),
                Lang::En => format!("… and {more} more: sign in to see them."),
            });
        }
        let body = fill(&pick(&rule.body), &words(reports));
        if shown == 0 || body.chars().count() <= MAX_BODY {
            break body;
        }
        shown -= 1;
    };
    let cut = |text: &str, max: usize| text.trim().chars().take(max).collect();
    (cut(&subject, MAX_SUBJECT), cut(&body, MAX_BODY))
}

fn one(reminders: &Reminders, lang: Lang, line: &Line) -> String {
    let pick = |text: &Text| lang.pick(&text.zh, &text.en).to_owned();
    let pattern = if line.state == NOT_BEGUN { &reminders.line_not_begun } else { &reminders.line };
    let state = ReportState::parse(&line.state).map(|state| pick(&state.text())).unwrap_or_default();
    let words = [
        ("kind", pick(&line.kind)),
        ("subject", pick(&line.subject)),
        ("state", state),
        ("filled", line.filled.to_string()),
        ("required", line.required.to_string()),
    ];
    fill(&pick(pattern), &words)
}

/// How far off the due day is.
fn when(lang: Lang, due: NaiveDate, today: NaiveDate) -> String {
    match (due - today).num_days() {
        0 => lang.pick("今天", "today").to_owned(),
        days if days > 0 => match lang {
            Lang::Zh => format!("还有 {days} 天"),
            Lang::En if days == 1 => "tomorrow".to_owned(),
            Lang::En => format!("in {days} days"),
        },
        days => {
            let days = -days;
            match lang {
                Lang::Zh => format!("已过 {days} 天"),
                Lang::En if days == 1 => "yesterday".to_owned(),
                Lang::En => format!("{days} days ago"),
            }
        }
    }
}

/// Puts words in place of their names in braces. What is filled in is not looked at again.
fn fill(pattern: &str, words: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        if let Some((_, word)) = words.iter().find(|(known, _)| *known == name) {
            filled.push_str(word);
        }
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use zhijian_platform::rules::RulesDir;

    use super::*;

    fn occasion(reports: usize) -> Occasion {
        let line = |number: usize| Line {
            kind: Text::new("企业年报", "Enterprise report"),
            subject: Text::new(format!("企业{number}{{due}}"), format!("Company {number}")),
            state: if number == 0 { "draft".into() } else { NOT_BEGUN.into() },
            filled: 3,
            required: 14,
        };
        Occasion {
            organisation: Text::new("演示学院", "Demo College"),
            cycle: Text::new("2026 年度", "Cycle 2026"),
            due: "2026-11-30".parse().expect("a date"),
            today: "2026-11-16".parse().expect("a date"),
            lines: (0..reports).map(line).collect(),
        }
    }

    #[test]
    fn one_message_lists_every_report() {
        let reminders = Reminders::load(&RulesDir::default()).expect("sound");
        let rule = reminders.rules.iter().find(|rule| rule.code == "due-14").expect("there");
        let (subject, body) = write(&reminders, rule, Lang::Zh, &occasion(2));
        assert_eq!(subject, "2026 年度：还有 14 天截止，还有 2 份报告未提交");
        assert!(
            body.starts_with("演示学院：\n\n2026 年度的截止时间是2026年11月30日（还有 14 天）。"),
            "{body}"
        );
        assert!(body.contains("· 企业年报（企业0{due}）：草稿，已填 3/14 项\n"), "{body}");
        assert!(body.contains("· 企业年报（企业1{due}）：还没有开始\n"), "{body}");
        let (subject, body) = write(&reminders, rule, Lang::En, &occasion(1));
        assert_eq!(subject, "Cycle 2026: due in 14 days, reports outstanding: 1");
        assert!(body.contains("· Enterprise report (Company 0): draft, 3 of 14 indicators"), "{body}");
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let reminders = Reminders::load(&RulesDir::default()).expect("sound");
        let (_, body) = write(&reminders, &reminders.rules[0], Lang::Zh, &occasion(900));
        assert!(body.chars().count() <= MAX_BODY);
        assert!(body.contains("份，请登录查看。"), "{body}");
        assert!(body.ends_with("会显示在旁边。"), "{body}");
    }
}
