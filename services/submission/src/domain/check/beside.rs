//! What rules speak of besides a report's own cells and sections.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::domain::expression::{Bindings, Operand};

/// Everything there is besides; what is not there makes the rules that ask for it not apply.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// The submitter's remarks on cells, by indicator code.
    pub notes: BTreeMap<String, String>,
    /// What a platform holds of the same institution.
    pub platform: PlatformValues,
    /// What the peers report.
    pub peers: PeerValues,
    /// The sums of what the school's enterprises report, by indicator code.
    pub enterprises: BTreeMap<String, Decimal>,
    /// How many enterprise reports that is.
    pub enterprise_count: u32,
    /// How many cases each section has.
    pub cases: BTreeMap<String, u32>,
    /// Where the report is open to the public.
    pub public: PublicAddress,
    /// The last day to submit.
    pub due: Option<NaiveDate>,
    /// The last day of the observation window.
    pub window_end: Option<NaiveDate>,
}

/// What a platform holds, by indicator code.
pub type PlatformValues = BTreeMap<String, PlatformValue>;

/// What a platform holds of one indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformValue {
    /// The number, in the indicator's unit.
    pub value: Decimal,
    /// Whom it counts.
    pub scope: String,
    /// The day it speaks of.
    pub date: NaiveDate,
}

/// What the peers report, by indicator code.
pub type PeerValues = BTreeMap<String, PeerFigures>;

/// The spread of one indicator among the peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerFigures {
    /// How many give a number.
    pub count: u32,
    /// The median of their numbers.
    pub median: Decimal,
    /// The median of the distances from it.
    pub mad: Decimal,
}

impl PeerFigures {
    /// The spread of these numbers; nothing if there are none.
    pub fn of(mut numbers: Vec<Decimal>) -> Option<Self> {
        let count = u32::try_from(numbers.len()).ok()?;
        let median = median(&mut numbers)?;
        let mut distances: Vec<Decimal> = numbers.iter().map(|number| (*number - median).abs()).collect();
        Some(Self { count, median, mad: self::median(&mut distances)? })
    }
}

/// The middle one, or the mean of the two in the middle.
fn median(numbers: &mut [Decimal]) -> Option<Decimal> {
    numbers.sort_unstable();
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    if numbers.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *numbers.get(middle.checked_sub(1)?)?;
    // Not their sum: it might not fit.
    Some(lower / Decimal::TWO + upper / Decimal::TWO)
}

/// Where a school has put its report before the public, as it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicAddress {
    /// The address; "" if none is given.
    pub address: String,
    /// The day it was published there.
    pub date: Option<NaiveDate>,
    /// The address of the school's own site, as the register has it; "" if it has none.
    pub site: String,
}

impl PublicAddress {
    fn bind(&self, into: &mut Bindings<'_>) {
        into.set("public.declared", Operand::Bool(!self.address.is_empty()));
        if !self.address.is_empty() {
            let (scheme, host) = parts(&self.address);
            into.set("public.address", Operand::Text(self.address.clone()));
            into.set("public.scheme", Operand::Text(scheme));
            into.set("public.host", Operand::Text(host));
        }
        if !self.site.is_empty() {
            let (_, host) = parts(&self.site);
            into.set("public.site", Operand::Text(host.trim_start_matches("www.").to_owned()));
        }
        if let Some(date) = self.date {
            into.set("public.date", Operand::Date(date));
        }
    }
}

/// The scheme and the host of an address, in small letters; "" for what it lacks. A port and a sign-in are no part of the host.
fn parts(address: &str) -> (String, String) {
    let Some((scheme, rest)) = address.split_once("://") else { return (String::new(), String::new()) };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    (scheme.to_lowercase(), host.to_lowercase())
}

impl Beside {
    /// The values of the names that every rule has.
    pub(super) fn bind(&self, into: &mut Bindings<'_>) {
        self.public.bind(into);
        for (name, day) in [("due", self.due), ("window_end", self.window_end)] {
            if let Some(day) = day {
                into.set(name, Operand::Date(day));
            }
        }
        into.set("enterprise.count", Operand::Number(self.enterprise_count.into()));
        for (code, sum) in &self.enterprises {
            into.set(format!("enterprise.{code}"), Operand::Number(*sum));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_taken_apart_without_being_called() {
        for (address, scheme, host) in [
            ("https://www.demo.edu.cn/report/2025.html", "https", "www.demo.edu.cn"),
            ("HTTPS://WWW.Demo.EDU.cn:8443?x=1", "https", "www.demo.edu.cn"),
            ("https://demo.edu.cn@evil.example/", "https", "evil.example"),
            ("ftp://demo", "ftp", "demo"),
            ("www.demo.edu.cn", "", ""),
        ] {
            assert_eq!(parts(address), (scheme.to_owned(), host.to_owned()), "{address}");
        }
    }

    #[test]
    fn the_spread_is_that_of_the_middle() {
        let of = |numbers: &[i64]| PeerFigures::of(numbers.iter().copied().map(Decimal::from).collect());
        assert_eq!(of(&[]), None);
        let odd = of(&[1, 2, 3, 4, 100]).unwrap();
        assert_eq!((odd.count, odd.median, odd.mad), (5, Decimal::from(3), Decimal::ONE));
        let even = of(&[4, 1, 2, 3]).unwrap();
        assert_eq!((even.median, even.mad), (Decimal::new(25, 1), Decimal::ONE));
    }

    proptest! {
        #[test]
        fn half_of_the_peers_are_on_each_side(numbers in prop::collection::vec(-1_000_i64..1_000, 1..40)) {
            let decimals: Vec<Decimal> = numbers.iter().copied().map(Decimal::from).collect();
            let spread = PeerFigures::of(decimals.clone()).unwrap();
            let below = decimals.iter().filter(|number| **number < spread.median).count();
            let above = decimals.iter().filter(|number| **number > spread.median).count();
            prop_assert!(below * 2 <= numbers.len() && above * 2 <= numbers.len());
            let near = decimals.iter().filter(|number| (**number - spread.median).abs() <= spread.mad).count();
            prop_assert!(near * 2 >= numbers.len());
        }
    }
}
