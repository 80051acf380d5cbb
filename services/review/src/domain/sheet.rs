//! What a reviewer writes down: points for the elements of a scheme, or for the criteria they are made of.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_platform::{Error, Text, Violation};

use super::scheme::Scheme;

/// A comment has at most this many characters.
const MAX_COMMENT: usize = 2000;

/// Points by element ("faculty") or criterion ("faculty.titles"); what has none is absent. Every number is in canonical
/// form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sheet(BTreeMap<String, Decimal>);

/// What is wrong with scores as they were sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// Scores that cannot be read, each with its place in the request.
    #[error("{} scores cannot be taken", .0.len())]
    Scores(Vec<(usize, ScoreFault)>),
    /// Elements that have no points, by code and name.
    #[error("{} elements have no points", .0.len())]
    Missing(Vec<(String, Text)>),
    /// The comment is too long.
    #[error("the comment has {0} characters")]
    Comment(usize),
}

/// What is wrong with one score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScoreFault {
    /// The scheme has no such element.
    Unknown(String),
    /// The element was scored before in the same request.
    Repeated(Text),
    /// The points are not a number from 0 to 100 with at most one digit after the point.
    Points(Text, String),
}

impl Sheet {
    /// Reads scores: pairs of the element's code (or a criterion's path) and points. Empty points mean none yet. Digits
    /// may be full-width. What is sent for a criterion whose points follow from a number is not read.
    ///
    /// # Errors
    /// [`SheetError::Scores`] names every score at fault.
    pub fn parse<'a>(
        scheme: &Scheme,
        scores: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, SheetError> {
        let mut sheet = BTreeMap::new();
        let mut seen = Vec::new();
        let mut faults = Vec::new();
        for (place, (code, points)) in scores.into_iter().enumerate() {
            let Some(mark) = scheme.marks().find(|mark| mark.path() == code) else {
                faults.push((place, ScoreFault::Unknown(code.to_owned())));
                continue;
            };
            if seen.contains(&code) {
                faults.push((place, ScoreFault::Repeated(mark.name())));
                continue;
            }
            seen.push(code);
            if mark.quantity().is_some() {
                continue;
            }
            match parse_points(points) {
                Ok(Some(points)) => {
                    sheet.insert(code.to_owned(), points);
                }
                Ok(None) => {}
                Err(NotPoints) => {
                    faults.push((place, ScoreFault::Points(mark.name(), points.to_owned())));
                }
            }
        }
        if faults.is_empty() { Ok(Self(sheet)) } else { Err(SheetError::Scores(faults)) }
    }

    /// The sheet with the points that follow from reported numbers: no reviewer writes them.
    #[must_use]
    pub fn with_given(mut self, given: &BTreeMap<String, Decimal>) -> Self {
        self.0.extend(given.iter().map(|(path, points)| (path.clone(), *points)));
        self
    }

    /// The sheet with what `before` had of points that follow from reported numbers.
    #[must_use]
    pub fn keeping(mut self, before: &Self, scheme: &Scheme) -> Self {
        let given = scheme.marks().filter(|mark| mark.quantity().is_some()).map(|mark| mark.path());
        self.0.extend(
            given.filter_map(|path| {
                before.0.get_key_value(&path).map(|(path, points)| (path.clone(), *points))
            }),
        );
        self
    }

    /// The points of every element, in the scheme's order.
    ///
    /// # Errors
    /// [`SheetError::Missing`] names the elements and criteria that have none.
    pub fn complete(&self, scheme: &Scheme) -> Result<Vec<Decimal>, SheetError> {
        let missing: Vec<_> = scheme
            .marks()
            .map(|mark| (mark.path(), mark.name()))
            .filter(|(path, _)| !self.0.contains_key(path))
            .collect();
        if !missing.is_empty() {
            return Err(SheetError::Missing(missing));
        }
        let points = |path: &str| self.0.get(path).copied();
        Ok(scheme.elements().iter().filter_map(|element| element.joined(points)).collect())
    }

    /// The points that the reviewer gave, by mark: what follows from reported numbers is left out.
    pub fn judged(&self, scheme: &Scheme) -> BTreeMap<String, Decimal> {
        let marks = scheme.marks().filter(|mark| mark.quantity().is_none()).map(|mark| mark.path());
        marks
            .filter_map(|path| self.0.get_key_value(&path).map(|(path, points)| (path.clone(), *points)))
            .collect()
    }

    /// Every element's or criterion's points in the scheme's order, `None` where there are none yet.
    pub fn points<'a>(&'a self, scheme: &'a Scheme) -> impl Iterator<Item = (String, Option<Decimal>)> + 'a {
        scheme.marks().map(|mark| mark.path()).map(|path| {
            let points = self.0.get(&path).copied();
            (path, points)
        })
    }
}

/// Trims a comment.
///
/// # Errors
/// [`SheetError::Comment`] if it is too long.
pub fn comment(text: &str) -> Result<String, SheetError> {
    let text = text.trim();
    match text.chars().count() {
        count if count > MAX_COMMENT => Err(SheetError::Comment(count)),
        _ => Ok(text.to_owned()),
    }
}

struct NotPoints;

fn parse_points(text: &str) -> Result<Option<Decimal>, NotPoints> {
    let text: String = text.trim().chars().map(half_width).collect();
    if text.is_empty() {
        return Ok(None);
    }
    // Decimal's own parser takes signs and underscores too.
    if !text.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return Err(NotPoints);
    }
    let points = text.parse::<Decimal>().map_err(|_| NotPoints)?.normalize();
    if points > Decimal::ONE_HUNDRED || points.scale() > 1 {
        return Err(NotPoints);
    }
    Ok(Some(points))
}

/// What a Chinese keyboard writes for a digit or a point.
fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10).unwrap_or(c),
        '．' | '。' => '.',
        other => other,
    }
}

impl From<SheetError> for Error {
    fn from(error: SheetError) -> Self {
        match error {
            SheetError::Scores(faults) => {
                Self::Invalid(faults.into_iter().map(|(place, fault)| violation(place, fault)).collect())
            }
            SheetError::Missing(elements) => Self::Precondition {
                reason: zhijian_proto::common::v1::ErrorReason::IllegalState,
                violations: elements
                    .into_iter()
                    .map(|(code, name)| {
                        Violation::new(
                            code,
                            format!("“{}”还没有评分，请评分后再提交。", name.zh),
                            format!("{} has no score yet: give one, then submit.", name.en),
                        )
                    })
                    .collect(),
            },
            SheetError::Comment(count) => Self::invalid(
                "comment",
                format!("评语有 {count} 字，最多 {MAX_COMMENT} 字，请精简。"),
                format!("The comment has {count} characters; shorten it to at most {MAX_COMMENT}."),
            ),
        }
    }
}

fn violation(place: usize, fault: ScoreFault) -> Violation {
    match fault {
        ScoreFault::Unknown(code) => Violation::new(
            format!("scores[{place}].element_code"),
            format!("本方案没有“{code}”这个要素，请使用方案中的要素代码。"),
            format!("The scheme has no element {code:?}: use the codes of the scheme."),
        ),
        ScoreFault::Repeated(name) => Violation::new(
            format!("scores[{place}].element_code"),
            format!("“{}”评了两次，请只保留一个分数。", name.zh),
            format!("{} is scored twice: keep one score.", name.en),
        ),
        ScoreFault::Points(name, points) => Violation::new(
            format!("scores[{place}].points"),
            format!("“{}”的分数“{points}”无效：请填 0 到 100 之间的数，最多一位小数。", name.zh),
            format!(
                "{}: {points:?} is not a score. Give a number from 0 to 100 with at most one digit after the point.",
                name.en
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use zhijian_platform::rules::RulesDir;

    use super::*;
    use crate::domain::scheme::Schemes;

    fn scheme() -> std::sync::Arc<Scheme> {
        let schemes = Schemes::load(&RulesDir::default()).expect("sound");
        schemes.get("pilot-monitoring").expect("shipped").clone()
    }

    fn one(points: &str) -> Result<Option<String>, SheetError> {
        let scheme = scheme();
        let sheet = Sheet::parse(&scheme, [("faculty", points)])?;
        Ok(sheet.points(&scheme).find_map(|(_, points)| points).map(|points| points.to_string()))
    }

    #[test]
    fn points_are_taken_as_people_write_them() {
        for (written, taken) in [
            ("88", "88"),
            ("88.5", "88.5"),
            ("88.0", "88"),
            (" 88.5　", "88.5"),
            ("８８．５", "88.5"),
            ("８８。５", "88.5"),
            ("0", "0"),
            ("100", "100"),
            ("100.0", "100"),
            ("007", "7"),
        ] {
            assert_eq!(one(written), Ok(Some(taken.to_owned())), "{written}");
        }
        assert_eq!(one(""), Ok(None));
        assert_eq!(one("　"), Ok(None));
    }

    #[test]
    fn what_is_no_score_is_refused_by_place_and_name() {
        for written in [
            "100.1",
            "-1",
            "+5",
            "1e1",
            "88.55",
            "1_0",
            "1,5",
            "八十",
            ".",
            "1.2.3",
            "1 0",
            "99999999999999999999999999999999",
        ] {
            let faults = match one(written) {
                Err(SheetError::Scores(faults)) => faults,
                other => panic!("{written}: {other:?}"),
            };
            assert_eq!(faults.len(), 1);
            assert!(matches!(&faults[0], (0, ScoreFault::Points(name, _)) if name.zh == "师资队伍"));
        }
    }

    #[test]
    fn unknown_and_repeated_elements_are_refused_together() {
        let error = Sheet::parse(&scheme(), [("faculty", "80"), ("moral", "1"), ("faculty", "81")])
            .expect_err("refused");
        let SheetError::Scores(faults) = &error else { panic!("{error}") };
        assert_eq!(faults[0], (1, ScoreFault::Unknown("moral".into())));
        assert!(matches!(faults[1], (2, ScoreFault::Repeated(_))));
        let Error::Invalid(violations) = error.into() else { panic!("fields are at fault") };
        assert_eq!(violations[1].field, "scores[2].element_code");
    }

    #[test]
    fn a_sheet_is_complete_when_every_element_has_points() {
        let scheme = scheme();
        let codes: Vec<&str> = scheme.elements().iter().map(|element| element.code.as_str()).collect();
        let mut scores: Vec<(&str, &str)> = codes.iter().map(|code| (*code, "70")).collect();
        assert_eq!(
            Sheet::parse(&scheme, scores.clone()).expect("sound").complete(&scheme).expect("complete").len(),
            10
        );
        scores[3].1 = "";
        let error = Sheet::parse(&scheme, scores).expect("sound").complete(&scheme).expect_err("incomplete");
        assert_eq!(error, SheetError::Missing(vec![("resource".into(), scheme.elements()[3].name.clone())]));
    }

    #[test]
    fn a_comment_is_bounded_in_characters_not_bytes() {
        assert!(comment(&"好".repeat(MAX_COMMENT)).is_ok());
        assert_eq!(comment(&"好".repeat(MAX_COMMENT + 1)), Err(SheetError::Comment(MAX_COMMENT + 1)));
    }
}
