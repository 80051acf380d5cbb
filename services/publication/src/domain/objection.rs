//! Objections to a release under notice: what may be sent, how often, and how it is answered.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use zhijian_platform::{Error, Text, Violation};

/// The longest objection and the longest reasons, in characters.
pub const MAX_BODY: usize = 2000;
/// The longest reference, in characters.
pub const MAX_REFERENCE: usize = 200;
/// The longest name or contact, in characters.
pub const MAX_CONTACT: usize = 100;
/// The longest client key, in characters.
const MAX_KEY: usize = 64;
/// The window of the limits.
pub const WINDOW: TimeDelta = TimeDelta::hours(1);
/// How many one sender may send within the window.
pub const PER_CLIENT: usize = 5;
/// How many all together may send within the window.
pub const ALTOGETHER: usize = 300;

/// What an objection is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Table,
    Programme,
    Statement,
}

impl Topic {
    const ALL: [Self; 3] = [Self::Table, Self::Programme, Self::Statement];

    /// How the database spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Programme => "programme",
            Self::Statement => "statement",
        }
    }

    /// The topic that the database spells so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.as_str() == text)
    }
}

/// How an objection was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Upheld,
    Partly,
    NotUpheld,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Upheld, Self::Partly, Self::NotUpheld];

    /// How the database spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upheld => "upheld",
            Self::Partly => "partly",
            Self::NotUpheld => "not_upheld",
        }
    }

    /// The outcome that the database spells so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// What somebody sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub topic: Option<Topic>,
    pub reference: String,
    pub body: String,
    pub name: String,
    pub contact: String,
    pub client_key: String,
}

impl Sent {
    /// Checks every field, and answers the topic.
    ///
    /// # Errors
    /// INVALID_ARGUMENT, naming every field at fault.
    pub fn check(&self) -> Result<Topic, Error> {
        let mut violations = Vec::new();
        if self.topic.is_none() {
            violations.push(Violation::new(
                "topic",
                "请选择异议针对的是数据表、专业还是文字表述。",
                "Say whether it is about a table, a programme or a statement.",
            ));
        }
        for (field, text, most, what) in [
            ("reference", &self.reference, MAX_REFERENCE, Text::new("具体对象", "what exactly it is about")),
            ("body", &self.body, MAX_BODY, Text::new("异议内容", "your objection")),
            ("name", &self.name, MAX_CONTACT, Text::new("姓名", "your name")),
            ("contact", &self.contact, MAX_CONTACT, Text::new("联系方式", "how to reach you")),
        ] {
            violations.extend(length(field, text, most, &what));
        }
        if self.client_key.len() > MAX_KEY {
            violations.push(Violation::new("client_key", "client_key 太长。", "The client_key is too long."));
        }
        match self.topic {
            Some(topic) if violations.is_empty() => Ok(topic),
            _ => Err(Error::Invalid(violations)),
        }
    }
}

/// Checks the reasons of an answer.
///
/// # Errors
/// INVALID_ARGUMENT if there are none, or too many.
pub fn check_reasons(reasons: &str) -> Result<(), Error> {
    match length("reasons", reasons, MAX_BODY, &Text::new("答复理由", "the reasons")) {
        Some(violation) => Err(Error::Invalid(vec![violation])),
        None => Ok(()),
    }
}

fn length(field: &str, text: &str, most: usize, what: &Text) -> Option<Violation> {
    let count = text.chars().count();
    if text.trim().is_empty() {
        return Some(Violation::new(field, format!("请填写{}。", what.zh), format!("Say {}.", what.en)));
    }
    (count > most).then(|| {
        Violation::new(
            field,
            format!("{}最多 {most} 字，现在是 {count} 字。", what.zh),
            format!("At most {most} characters for {}; there are {count}.", what.en),
        )
    })
}

/// How long to wait before another objection is taken. `own` and `all` are the times of those sent within the window,
/// by this sender and by everybody, in any order.
pub fn wait(own: &[DateTime<Utc>], all: &[DateTime<Utc>], now: DateTime<Utc>) -> Option<Duration> {
    [(own, PER_CLIENT), (all, ALTOGETHER)]
        .into_iter()
        .filter_map(|(times, most)| {
            let mut lately: Vec<_> = times.iter().filter(|time| **time > now - WINDOW).collect();
            lately.sort();
            // The next is taken when so many have left the window that one place is free.
            let leaves = lately.len().checked_sub(most)?;
            (**lately.get(leaves)? + WINDOW - now).to_std().ok()
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent() -> Sent {
        Sent {
            topic: Some(Topic::Table),
            reference: "2-1".to_owned(),
            body: "专任教师数与学校公布的不一致。".to_owned(),
            name: "张三".to_owned(),
            contact: "zhang@example.org".to_owned(),
            client_key: "a".repeat(64),
        }
    }

    fn fields(sent: &Sent) -> Vec<String> {
        match sent.check() {
            Ok(_) => vec![],
            Err(Error::Invalid(violations)) => violations.into_iter().map(|one| one.field).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_field_at_fault_is_named_and_the_limit_counts_characters() {
        assert_eq!(fields(&sent()), Vec::<String>::new());
        let longest = Sent { body: "字".repeat(MAX_BODY), ..sent() };
        assert_eq!(fields(&longest), Vec::<String>::new());
        let long = Sent { body: "字".repeat(MAX_BODY + 1), name: " ".to_owned(), topic: None, ..sent() };
        assert_eq!(fields(&long), ["topic", "body", "name"]);
        assert!(check_reasons(" ").is_err());
        assert!(check_reasons(&"由".repeat(MAX_BODY)).is_ok());
    }

    #[test]
    fn a_sender_and_all_together_wait_until_a_place_is_free() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let ago = |minutes: i64| now - TimeDelta::minutes(minutes);
        let few: Vec<_> = (1..5).map(ago).collect();
        assert_eq!(wait(&few, &few, now), None);
        let many: Vec<_> = [59, 40, 30, 20, 10].map(ago).into();
        assert_eq!(wait(&many, &many, now), Some(Duration::from_secs(60)));
        let old: Vec<_> = [61, 40, 30, 20, 10].map(ago).into();
        assert_eq!(wait(&old, &old, now), None);
        let crowd: Vec<_> = std::iter::repeat_n(ago(30), ALTOGETHER).collect();
        assert_eq!(wait(&[], &crowd, now), Some(Duration::from_secs(30 * 60)));
    }
}
