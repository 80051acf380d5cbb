//! Points that a machine suggests: read from its answer with suspicion, kept beside the human's, never counted.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_platform::Text;

/// A reason has at most this many characters.
const REASON: usize = 300;

/// Why there are no points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absent {
    /// It is being asked.
    Waiting,
    /// It did not answer in time.
    Late,
    /// It cannot be reached.
    Unreachable,
    /// It answered with an error, or would not.
    Refused,
    /// The answer is longer than anything sensible.
    TooLong,
    /// The answer is not what was asked for.
    Nonsense,
    /// The points are not from 0 to 100.
    WrongNumber,
    /// It says nothing of this mark.
    Silent,
    /// The school has no report that it could read.
    NoReport,
}

/// What a machine suggests for one mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The points, or why there are none.
    pub points: Result<Decimal, Absent>,
    /// What it says for them; empty without points.
    pub reason: String,
}

#[derive(Deserialize)]
struct Answer {
    scores: Vec<Score>,
}

#[derive(Deserialize)]
struct Score {
    mark: String,
    points: serde_json::Value,
    #[serde(default)]
    reason: String,
}

/// Reads a machine's answer: JSON with a list `scores` of `mark`, `points` and `reason`, perhaps in a fence of Markdown. Every mark
/// of `marks` gets a suggestion; what is said of others is not read.
pub fn read(answer: &str, marks: &[String]) -> BTreeMap<String, Suggestion> {
    let answer = answer.trim();
    let inner = answer.strip_prefix("```json").or_else(|| answer.strip_prefix("```")).unwrap_or(answer);
    let inner = inner.trim().trim_end_matches("```");
    let Ok(Answer { scores }) = serde_json::from_str::<Answer>(inner) else {
        return absent(marks, Absent::Nonsense);
    };
    let suggested = |mark: &String| {
        let own: Vec<&Score> = scores.iter().filter(|score| score.mark == *mark).collect();
        match own.as_slice() {
            [] => none(Absent::Silent),
            [score] => match points(&score.points) {
                Some(points) => Suggestion { points: Ok(points), reason: said(&score.reason) },
                None => none(Absent::WrongNumber),
            },
            // It contradicts itself.
            _ => none(Absent::Nonsense),
        }
    };
    marks.iter().map(|mark| (mark.clone(), suggested(mark))).collect()
}

/// No points for any mark, for one reason.
pub fn absent(marks: &[String], why: Absent) -> BTreeMap<String, Suggestion> {
    marks.iter().map(|mark| (mark.clone(), none(why))).collect()
}

fn none(why: Absent) -> Suggestion {
    Suggestion { points: Err(why), reason: String::new() }
}

fn points(value: &serde_json::Value) -> Option<Decimal> {
    let text = match value {
        serde_json::Value::Number(number) => number.to_string(),
        serde_json::Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let points: Decimal = text.parse().ok()?;
    let possible = (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&points);
    possible.then(|| points.round_dp(1).normalize())
}

fn said(reason: &str) -> String {
    let clean = reason.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(REASON).collect::<String>().trim().to_owned()
}

impl Absent {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::Waiting,
        Self::Late,
        Self::Unreachable,
        Self::Refused,
        Self::TooLong,
        Self::Nonsense,
        Self::WrongNumber,
        Self::Silent,
        Self::NoReport,
    ];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Late => "late",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::TooLong => "too-long",
            Self::Nonsense => "nonsense",
            Self::WrongNumber => "wrong-number",
            Self::Silent => "silent",
            Self::NoReport => "no-report",
        }
    }

    /// What people are told.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::Waiting => ("正在询问模型", "the model is being asked"),
            Self::Late => ("模型没有在规定时间内回答", "the model did not answer in time"),
            Self::Unreachable => ("连接不上模型", "the model could not be reached"),
            Self::Refused => ("模型拒绝回答", "the model refused"),
            Self::TooLong => ("模型的回答过长，没有采用", "the model's answer was too long to use"),
            Self::Nonsense => ("模型的回答不合格式，没有采用", "the model's answer made no sense"),
            Self::WrongNumber => {
                ("模型给出的分数不在 0–100 之间，没有采用", "the model's points were not from 0 to 100")
            }
            Self::Silent => ("模型没有回答这一项", "the model said nothing of this"),
            Self::NoReport => ("没有可供阅读的年报", "there was no report to read"),
        };
        Text::new(zh, en)
    }
}

impl std::str::FromStr for Absent {
    type Err = super::UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|why| why.as_str() == word);
        known.ok_or_else(|| super::UnknownWord {
            kind: "reason of an absent suggestion",
            word: word.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marks() -> Vec<String> {
        ["faculty", "practice"].map(str::to_owned).to_vec()
    }

    fn faculty(answer: &str) -> Suggestion {
        read(answer, &marks())["faculty"].clone()
    }

    #[test]
    fn sound_answers_are_read_and_everything_else_is_absent() {
        let sound = r#"{"scores":[{"mark":"faculty","points":82.46,"reason":"双师\n占比高"},{"mark":"morale","points":3}]}"#;
        let read_faculty = faculty(sound);
        assert_eq!(
            (read_faculty.points, read_faculty.reason.as_str()),
            (Ok(Decimal::new(825, 1)), "双师 占比高")
        );
        assert_eq!(read(sound, &marks())["practice"].points, Err(Absent::Silent));
        assert_eq!(faculty(&format!("```json\n{sound}\n```")).points, Ok(Decimal::new(825, 1)));
        let with = |points: &str| {
            faculty(&format!(r#"{{"scores":[{{"mark":"faculty","points":{points}}}]}}"#)).points
        };
        assert_eq!(with("\" 75 \""), Ok(Decimal::from(75)));
        for wrong in ["101", "-1", "1e40", "\"高\"", "null", "[80]"] {
            assert_eq!(with(wrong), Err(Absent::WrongNumber), "{wrong}");
        }
        for nonsense in ["", "抱歉，我不能评分。", "[]", r#"{"scores":3}"#, "{\"scores\":["] {
            assert_eq!(faculty(nonsense).points, Err(Absent::Nonsense), "{nonsense}");
        }
        let twice = r#"{"scores":[{"mark":"faculty","points":1},{"mark":"faculty","points":99}]}"#;
        assert_eq!(faculty(twice).points, Err(Absent::Nonsense));
        assert!(Absent::ALL.iter().all(|why| why.as_str().parse::<Absent>().is_ok_and(|read| read == *why)));
    }

    proptest! {
        #[test]
        fn whatever_comes_every_mark_gets_something_within_bounds(answer in ".{0,200}") {
            let read = read(&answer, &marks());
            prop_assert_eq!(read.len(), 2);
            for one in read.values() {
                prop_assert!(one.reason.chars().count() <= REASON);
                prop_assert!(one.points.is_err() || one.points.is_ok_and(|p| p <= Decimal::ONE_HUNDRED));
            }
        }
    }
}
