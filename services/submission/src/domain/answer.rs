//! What becomes of the answers to warnings: whether one still answers, and whether an earlier year's can be offered again.

use rust_decimal::Decimal;
use zhijian_platform::Violation;

use super::check::Finding;

/// For how many years an explanation may hold.
const MOST_YEARS: i32 = 5;

/// What the commission said of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It answers the finding.
    Accepted,
    /// It does not.
    Rejected,
}

impl Verdict {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }

    /// The verdict of this name; nothing while there is none.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Accepted, Self::Rejected].into_iter().find(|verdict| verdict.as_str() == name)
    }
}

/// The values that an explanation answers, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The least.
    pub low: Decimal,
    /// The greatest.
    pub high: Decimal,
}

impl Bounds {
    /// As far around `value` as `range`, a share of it, reaches.
    pub fn around(value: Decimal, range: Decimal) -> Self {
        let far = value.abs().checked_mul(range).unwrap_or(Decimal::MAX);
        Self { low: value.saturating_sub(far).normalize(), high: value.saturating_add(far).normalize() }
    }

    /// Whether `value` is within.
    pub fn hold(&self, value: Decimal) -> bool {
        self.low <= value && value <= self.high
    }
}

/// Where an answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// What the commission said, if anything.
    pub verdict: Option<Verdict>,
    /// The values it answers, once it is accepted.
    pub bounds: Option<Bounds>,
}

impl Standing {
    /// Whether it answers a finding as it is now.
    pub fn answers(&self, finding: &Finding) -> bool {
        match (self.verdict, self.bounds, finding.value) {
            (Some(Verdict::Rejected), ..) => false,
            (_, Some(bounds), Some(value)) => bounds.hold(value),
            // It was about a number, and the finding is about none any more.
            (_, Some(_), None) => false,
            (_, None, _) => true,
        }
    }
}

/// An explanation that was accepted in an earlier year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The cycle that it was written for.
    pub year: i32,
    /// The finding.
    pub finding_id: String,
    /// The answer.
    pub text: String,
    /// The values it answers.
    pub bounds: Option<Bounds>,
    /// The last year that it may be taken over into.
    pub expires_year: i32,
    /// Who accepted it: account and name.
    pub decided_by: (String, String),
}

/// The newest of `earlier` that answers a finding of `year`.
pub fn proposal<'a>(earlier: &'a [Earlier], finding: &Finding, year: i32) -> Option<&'a Earlier> {
    let fits = |one: &&Earlier| {
        let standing = Standing { verdict: Some(Verdict::Accepted), bounds: one.bounds };
        one.finding_id == finding.id
            && one.year < year
            && year <= one.expires_year
            && standing.answers(finding)
    };
    earlier.iter().filter(fits).max_by_key(|one| one.year)
}

/// The range and the last year of an explanation that is accepted, from what was given.
///
/// # Errors
/// Names every field at fault.
pub fn bind(
    finding: &Finding,
    year: i32,
    given: (&str, &str, i32),
) -> Result<(Option<Bounds>, i32), Vec<Violation>> {
    let (low, high, expires) = given;
    let mut violations = vec![];
    let expires_year = if expires == 0 { year + 1 } else { expires };
    if !(year..=year + MOST_YEARS).contains(&expires_year) {
        violations.push(Violation::new(
            "expires_year",
            format!("有效期至 {year}–{} 年。", year + MOST_YEARS),
            format!("It holds until a year from {year} to {}.", year + MOST_YEARS),
        ));
    }
    let mut number = |field: &str, text: &str| -> Option<Decimal> {
        let read = text.trim().parse().ok();
        if read.is_none() {
            violations.push(Violation::new(field, "请填数字，两端都要填。", "Give numbers, at both ends."));
        }
        read
    };
    let bounds = match (low.trim().is_empty() && high.trim().is_empty(), finding.value) {
        (true, Some(value)) => Some(Bounds::around(value, finding.range)),
        (true, None) => None,
        (false, Some(value)) => {
            let ends = number("low", low).zip(number("high", high));
            let bounds = ends.map(|(low, high)| Bounds { low, high });
            if bounds.is_some_and(|bounds| !bounds.hold(value)) {
                violations.push(Violation::new(
                    "low",
                    format!("范围要包含现在的值 {value}。"),
                    format!("The range holds the present value, {value}."),
                ));
            }
            bounds
        }
        (false, None) => {
            violations.push(Violation::new(
                "low",
                "这一条不针对某个数，不能限定范围。",
                "This is about no number: it has no range.",
            ));
            None
        }
    };
    if violations.is_empty() { Ok((bounds, expires_year)) } else { Err(violations) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zhijian_platform::Text;

    use super::*;
    use crate::domain::catalogue::{Severity, Stage, Standing as RuleStanding};

    fn finding(value: Option<&str>) -> Finding {
        Finding {
            id: "V10:SVC06".to_owned(),
            rule_code: "V10".to_owned(),
            stage: Stage::LastYear,
            standing: RuleStanding::Carried,
            severity: Severity::Warning,
            message: Text::new("变化", "changed"),
            hint: Text::new("说明", "explain"),
            indicator_codes: vec!["SVC06".to_owned()],
            section_code: String::new(),
            line: 0,
            computation: String::new(),
            computation_en: String::new(),
            value: value.map(|value| value.parse().expect("a decimal")),
            range: Decimal::new(30, 2),
        }
    }

    fn earlier(year: i32, expires_year: i32, bounds: Option<(i64, i64)>) -> Earlier {
        Earlier {
            year,
            finding_id: "V10:SVC06".to_owned(),
            text: format!("{year}"),
            bounds: bounds.map(|(low, high)| Bounds { low: low.into(), high: high.into() }),
            expires_year,
            decided_by: (String::new(), String::new()),
        }
    }

    #[test]
    fn an_explanation_is_offered_again_within_its_range_and_until_it_expires() {
        let all = [earlier(2024, 2026, Some((70, 130))), earlier(2025, 2026, Some((90, 110)))];
        let offered = |value, year| proposal(&all, &finding(Some(value)), year).map(|one| one.year);
        assert_eq!(offered("100", 2026), Some(2025), "the newest");
        assert_eq!(offered("120", 2026), Some(2024), "the one whose range holds it");
        assert_eq!(offered("130", 2026), Some(2024), "ends included");
        assert_eq!(offered("130.01", 2026), None);
        assert_eq!(offered("100", 2027), None, "expired");
        assert_eq!(offered("100", 2024), None, "not its own");
        let other = Finding { id: "V10:SVC07".to_owned(), ..finding(Some("100")) };
        assert_eq!(proposal(&all, &other, 2026), None);
    }

    #[test]
    fn a_rejected_answer_is_none_and_an_accepted_one_only_within_its_range() {
        let bounds = Some(Bounds { low: 90.into(), high: 110.into() });
        let answers = |verdict, bounds, value| Standing { verdict, bounds }.answers(&finding(value));
        assert!(answers(None, None, Some("500")));
        assert!(!answers(Some(Verdict::Rejected), None, Some("100")));
        assert!(answers(Some(Verdict::Accepted), bounds, Some("110")));
        assert!(!answers(Some(Verdict::Accepted), bounds, Some("111")));
        assert!(!answers(Some(Verdict::Accepted), bounds, None));
        assert!(answers(Some(Verdict::Accepted), None, None));
    }

    #[test]
    fn a_range_is_given_or_follows_from_the_rule() {
        let (bounds, year) = bind(&finding(Some("200")), 2025, ("", "", 0)).expect("sound");
        assert_eq!((bounds, year), (Some(Bounds { low: 140.into(), high: 260.into() }), 2026));
        let (bounds, year) = bind(&finding(Some("200")), 2025, ("150", "210.5", 2030)).expect("sound");
        assert_eq!(bounds.expect("given").high, Decimal::new(2105, 1));
        assert_eq!(year, 2030);
        for (given, value, field) in [
            (("201", "300", 0), Some("200"), "low"),
            (("100", "", 0), Some("200"), "high"),
            (("a", "300", 0), Some("200"), "low"),
            (("1", "2", 0), None, "low"),
            (("", "", 2031), Some("200"), "expires_year"),
            (("", "", 2024), Some("200"), "expires_year"),
        ] {
            let violations = bind(&finding(value), 2025, given).expect_err("at fault");
            assert_eq!(violations[0].field, field, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn a_derived_range_holds_the_value_and_nothing_beyond_its_share(value in -1_000_000_i64..1_000_000, share in 0_u32..100) {
            let (value, share) = (Decimal::new(value, 2), Decimal::new(share.into(), 2));
            let bounds = Bounds::around(value, share);
            prop_assert!(bounds.hold(value));
            let far = value.abs() * share;
            prop_assert!(bounds.hold(value + far) && bounds.hold(value - far));
            let step = Decimal::new(1, 6);
            prop_assert!(!bounds.hold(value + far + step) && !bounds.hold(value - far - step));
        }
    }
}
