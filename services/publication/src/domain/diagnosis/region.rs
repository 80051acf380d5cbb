//! A region: how each indicator lies among the institutions of a group, who is far off, and who has not reported.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{
    rules::{Indicator, PeerGroup, Rules},
    spread::Spread,
    values::{Answer, YearValues},
};

/// How one indicator lies.
#[derive(Debug, Clone)]
pub struct Distribution<'a> {
    pub indicator: &'a Indicator,
    /// Nothing if nobody has a value.
    pub spread: Option<Spread>,
    /// How many institutions reported that it does not apply.
    pub not_applicable: usize,
    /// How many reports leave it empty.
    pub empty: usize,
    /// The institutions whose values are outliers, in order of code.
    pub outliers: Vec<&'a str>,
    /// How many do not meet what is asked of the group; nothing if nothing is asked.
    pub below_threshold: Option<usize>,
}

/// One institution in a distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    pub organisation: &'a str,
    pub answer: Answer,
    /// How far from the median, in robust standard deviations.
    pub robust_z: Option<Decimal>,
    pub outlier: bool,
    /// How many of the group's values, in percent, lie below it; ties, itself among them, count half.
    pub percentile: Option<Decimal>,
}

/// A group of institutions and their reports of a year.
pub struct Ground<'a> {
    pub rules: &'a Rules,
    pub group: &'a PeerGroup,
    /// The institutions of the group.
    pub members: &'a BTreeSet<String>,
    pub values: &'a YearValues,
}

impl<'a> Ground<'a> {
    /// The distribution of every indicator that the group is asked, in the rules' order.
    pub fn distributions(&self) -> Vec<Distribution<'a>> {
        let asked = self.rules.indicators_of(&self.group.code);
        let places = self.rules.indicators.iter().enumerate();
        places
            .filter(|(_, one)| asked.iter().any(|asked| asked.code == one.code))
            .map(|(place, one)| self.distribution(place, one))
            .collect()
    }

    /// The institutions by one indicator: the greatest value first, those without one last; of the same, by code.
    pub fn ranking(&self, indicator: &str) -> Vec<Place<'a>> {
        let Some(place) = self.rules.indicators.iter().position(|one| one.code == indicator) else {
            return Vec::new();
        };
        let compare = self.rules.indicators[place].compare;
        let spread = Spread::of(self.answers(place).filter_map(|(_, answer)| answer.value()));
        let mut ranking: Vec<Place<'a>> = self
            .answers(place)
            .map(|(organisation, answer)| {
                let beside = answer.value().zip(spread.as_ref());
                let robust_z = beside.and_then(|(value, spread)| spread.robust_z(value));
                Place {
                    organisation,
                    answer,
                    robust_z,
                    outlier: compare && robust_z.is_some_and(|z| z > self.rules.outlier_z),
                    percentile: beside.map(|(value, spread)| spread.percentile(value)),
                }
            })
            .collect();
        ranking.sort_by(|a, b| {
            b.answer.value().cmp(&a.answer.value()).then_with(|| a.organisation.cmp(b.organisation))
        });
        ranking
    }

    /// The institutions of the group whose report is not there, in order of code.
    pub fn not_reported(&self) -> Vec<&'a str> {
        let members = self.members.iter().map(String::as_str);
        members.filter(|code| !self.values.has(code)).collect()
    }

    fn answers(&self, place: usize) -> impl Iterator<Item = (&'a str, Answer)> {
        let (members, values) = (self.members, self.values);
        members.iter().filter_map(move |code| Some((code.as_str(), values.answer(code, place)?)))
    }

    fn distribution(&self, place: usize, indicator: &'a Indicator) -> Distribution<'a> {
        let count = |wanted: Answer| self.answers(place).filter(|(_, answer)| *answer == wanted).count();
        let spread = Spread::of(self.answers(place).filter_map(|(_, answer)| answer.value()));
        let far = |value: Decimal| {
            let z = spread.as_ref().and_then(|spread| spread.robust_z(value));
            indicator.compare && z.is_some_and(|z| z > self.rules.outlier_z)
        };
        let outliers = self.answers(place).filter(|(_, answer)| answer.value().is_some_and(far));
        let outliers = outliers.map(|(code, _)| code).collect();
        let asked = self.rules.threshold(&indicator.code, &self.group.code);
        let below_threshold = asked.map(|asked| {
            let values = self.answers(place).filter_map(|(_, answer)| answer.value());
            values.filter(|value| asked.is_missed_by(*value)).count()
        });
        let (not_applicable, empty) = (count(Answer::NotApplicable), count(Answer::Missing));
        Distribution { indicator, not_applicable, empty, outliers, below_threshold, spread }
    }
}
