//! What an element is made of: criteria with weights, described levels, and points that follow from a number.

use std::collections::BTreeSet;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use zhijian_platform::Text;

use super::{Element, SchemeError, said, want, word};

/// Digits after the point of a criterion's weight: with those of its points no more than grading carries.
const WEIGHT_DIGITS: u32 = 4;
/// Digits after the point of points that follow from a number.
const POINT_DIGITS: u32 = 2;

/// One criterion of an element, 0–100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Identifies it within its element.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// Its part of the element; the weights of an element's criteria add up to 1.
    pub weight: Decimal,
    /// What it looks at.
    pub description: Text,
    /// What deserves how many points, from the highest.
    #[serde(default)]
    pub anchors: Vec<Anchor>,
    /// Where points follow from a number that the school has reported, so that nobody scores them.
    #[serde(default)]
    pub quantity: Option<Quantity>,
}

/// A level of a criterion, described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The least points of the level, inclusive.
    pub from: Decimal,
    /// What is found at this level.
    pub text: Text,
}

/// Points that follow from a number: all of them from the standard on, none beyond the restricted value, in between
/// the part of the standard that is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    /// The field that brings the number, as "step.field".
    pub field: String,
    /// What deserves all points.
    pub standard: Decimal,
    /// What is just good enough for points. Above the standard where less is better.
    pub restricted: Decimal,
}

impl Quantity {
    /// The points of a reported number, rounded down, so that nothing short of the standard gets all.
    pub fn points(&self, actual: Decimal) -> Decimal {
        let less_is_better = self.standard < self.restricted;
        let (enough, too_little) = match less_is_better {
            true => (actual <= self.standard, actual > self.restricted),
            false => (actual >= self.standard, actual < self.restricted),
        };
        if enough {
            return Decimal::ONE_HUNDRED;
        }
        if too_little {
            return Decimal::ZERO;
        }
        let (part, whole) = match less_is_better {
            true => (self.standard, actual),
            false => (actual, self.standard),
        };
        let reached = part.checked_mul(Decimal::ONE_HUNDRED).and_then(|part| part.checked_div(whole));
        let reached = reached.unwrap_or_default().clamp(Decimal::ZERO, Decimal::ONE_HUNDRED);
        reached.round_dp_with_strategy(POINT_DIGITS, RoundingStrategy::ToZero).normalize()
    }
}

/// Something that has points on a sheet: an element, or a criterion of one.
#[derive(Debug, Clone, Copy)]
pub struct Mark<'s> {
    element: &'s Element,
    criterion: Option<&'s Criterion>,
}

impl Mark<'_> {
    /// How sheets call it: "faculty", or "faculty.titles" for a criterion.
    pub fn path(&self) -> String {
        match self.criterion {
            Some(criterion) => format!("{}.{}", self.element.code, criterion.code),
            None => self.element.code.clone(),
        }
    }

    /// How people call it.
    pub fn name(&self) -> Text {
        let element = &self.element.name;
        match self.criterion {
            Some(Criterion { name, .. }) => {
                Text::new(format!("{}·{}", element.zh, name.zh), format!("{}, {}", element.en, name.en))
            }
            None => element.clone(),
        }
    }

    /// The element that it belongs to, or is.
    pub fn element(&self) -> &Element {
        self.element
    }

    /// The criterion that it is, if it is one.
    pub fn criterion(&self) -> Option<&Criterion> {
        self.criterion
    }

    /// The number its points follow from, where nobody scores it.
    pub fn quantity(&self) -> Option<&Quantity> {
        self.criterion?.quantity.as_ref()
    }
}

impl Element {
    /// What is scored of it: its criteria, or itself where it has none.
    pub fn marks(&self) -> impl Iterator<Item = Mark<'_>> {
        let whole = self.criteria.is_empty().then_some(Mark { element: self, criterion: None });
        let parts = self.criteria.iter().map(|criterion| Mark { element: self, criterion: Some(criterion) });
        whole.into_iter().chain(parts)
    }

    /// The points of the whole from those of its marks, `None` if one has none.
    pub fn joined(&self, points: impl Fn(&str) -> Option<Decimal>) -> Option<Decimal> {
        if self.criteria.is_empty() {
            return points(&self.code);
        }
        let parts = self.marks().map(|mark| {
            let weight = mark.criterion.map_or(Decimal::ONE, |criterion| criterion.weight);
            Some(weight * points(&mark.path())?)
        });
        Some(parts.sum::<Option<Decimal>>()?.normalize())
    }
}

/// Checks the criteria and levels of an element.
pub(super) fn check(element: &Element) -> Result<(), SchemeError> {
    let key = |field: &str| format!("elements.{}.{field}", element.code);
    check_anchors(&element.anchors, &key("anchors"))?;
    if element.criteria.is_empty() {
        return Ok(());
    }
    want(element.anchors.is_empty(), &key("anchors"), "levels belong to the criteria where there are any")?;
    let mut codes = BTreeSet::new();
    for criterion in &element.criteria {
        let key = |field: &str| format!("elements.{}.criteria.{}.{field}", element.code, criterion.code);
        want(word(&criterion.code), &key("code"), "use lower-case letters, digits and hyphens")?;
        want(codes.insert(&criterion.code), &key("code"), "the element has another criterion of this code")?;
        want(said(&criterion.name), &key("name"), "give the name in both languages")?;
        want(said(&criterion.description), &key("description"), "describe it in both languages")?;
        let weight = criterion.weight;
        let possible = weight > Decimal::ZERO && weight.scale() <= WEIGHT_DIGITS;
        want(possible, &key("weight"), "give it above 0, with at most four digits after the point")?;
        check_anchors(&criterion.anchors, &key("anchors"))?;
        if let Some(quantity) = &criterion.quantity {
            let sound = quantity.standard > Decimal::ZERO && quantity.restricted >= Decimal::ZERO;
            want(sound, &key("quantity.standard"), "give a standard above 0")?;
            let differ = quantity.standard != quantity.restricted;
            want(differ, &key("quantity.restricted"), "it must differ from the standard")?;
        }
    }
    let sum: Decimal = element.criteria.iter().map(|criterion| criterion.weight).sum();
    want(sum == Decimal::ONE, &key("criteria.weight"), "the weights of the criteria must add up to 1")
}

fn check_anchors(anchors: &[Anchor], key: &str) -> Result<(), SchemeError> {
    let mut above: Option<Decimal> = None;
    for anchor in anchors {
        want(said(&anchor.text), key, "describe every level in both languages")?;
        let falls = above.map_or(anchor.from <= Decimal::ONE_HUNDRED, |above| anchor.from < above);
        want(falls, key, "levels go from the highest to the lowest, within 100")?;
        above = Some(anchor.from);
    }
    let floor = above.is_none_or(|lowest| lowest.is_zero());
    want(floor, key, "the lowest level must begin at 0")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quantity(standard: i64, restricted: i64) -> Quantity {
        Quantity {
            field: "self.ratio".into(),
            standard: Decimal::from(standard),
            restricted: Decimal::from(restricted),
        }
    }

    #[test]
    fn points_are_full_at_the_standard_none_beyond_the_restricted_value_and_in_proportion_between() {
        let share = quantity(50, 30);
        let points = |actual: &str| share.points(actual.parse().expect("a number")).to_string();
        assert_eq!((points("50"), points("61.2"), points("0")), ("100".into(), "100".into(), "0".into()));
        assert_eq!((points("29.99"), points("30"), points("40")), ("0".into(), "60".into(), "80".into()));
        assert_eq!(points("49.999"), "99.99", "what falls short of the standard never gets all");
        let ratio = quantity(18, 22);
        let points = |actual: &str| ratio.points(actual.parse().expect("a number")).to_string();
        assert_eq!((points("18"), points("12"), points("22.01")), ("100".into(), "100".into(), "0".into()));
        assert_eq!((points("20"), points("22")), ("90".into(), "81.81".into()));
    }

    proptest! {
        #[test]
        fn a_better_number_never_has_fewer_points(
            standard in 1..1000_i64, restricted in 0..1000_i64, one in 0..2000_i64, other in 0..2000_i64,
        ) {
            prop_assume!(standard != restricted);
            let quantity = quantity(standard, restricted);
            let (low, high) = (Decimal::new(one.min(other), 1), Decimal::new(one.max(other), 1));
            let (of_low, of_high) = (quantity.points(low), quantity.points(high));
            for points in [of_low, of_high] {
                prop_assert!(points >= Decimal::ZERO && points <= Decimal::ONE_HUNDRED && points.scale() <= 2);
            }
            if standard < restricted { prop_assert!(of_low >= of_high) } else { prop_assert!(of_low <= of_high) }
            prop_assert_eq!(quantity.points(Decimal::from(standard)), Decimal::ONE_HUNDRED);
        }
    }
}
