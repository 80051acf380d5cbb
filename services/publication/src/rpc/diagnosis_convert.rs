//! A diagnosis as it is sent.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use zhijian_proto::{
    identity::v1::Organisation,
    publication::v1::{
        self as proto, AnswerState, DiagnosedIndicator, DiagnosedMeasure, DiagnosisPoint, DiagnosisRules,
        DiagnosisThreshold, IndicatorDistribution, InstitutionPlace, NamedInstitution, ValueSpread,
        diagnosed_indicator, diagnosed_measure,
    },
    submission::v1::Indicator as CatalogueIndicator,
};

use crate::{
    domain::{
        diagnosis::{
            institution::{Measure, Reason, Standing},
            region::{Distribution, Place},
            rules::{Direction, Indicator, PeerGroup, Rules, Threshold},
            spread::Spread,
            values::Answer,
        },
        number::plain,
    },
    insight,
};

/// The most outliers that are named of one indicator.
const MOST_OUTLIERS: usize = 100;
/// How many digits after the point quotients keep that only say how something lies.
const FINE: u32 = 4;

/// What indicators are shown with.
pub struct Shown<'a> {
    pub rules: &'a Rules,
    pub group: &'a PeerGroup,
    /// The year's catalogue, which names what the rules do not.
    pub catalogue: &'a BTreeMap<String, CatalogueIndicator>,
}

/// A count on the wire.
pub fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A peer group.
pub fn group(group: &PeerGroup) -> proto::PeerGroup {
    proto::PeerGroup { code: group.code.clone(), name: Some(group.name.clone().into()) }
}

/// An institution by code and name.
pub fn named(code: &str, institutions: &BTreeMap<String, Organisation>) -> NamedInstitution {
    let name = insight::name(institutions, code);
    NamedInstitution { organisation_code: code.to_owned(), organisation_name: Some(name.into()) }
}

/// What of the rules a reader has to know.
pub fn rules(rules: &Rules) -> DiagnosisRules {
    let priority = rules.priority;
    let points = [priority.threshold, priority.gap, priority.fall, priority.decline, priority.outlier];
    DiagnosisRules {
        year: rules.year,
        min_peers: count(rules.min_peers),
        strength_from: plain(rules.strength_from),
        gap_to: plain(rules.gap_to),
        fall_share: plain(rules.fall_share),
        decline_years: count(rules.decline_years),
        outlier_z: plain(rules.outlier_z),
        points: points.iter().map(|points| i32::try_from(*points).unwrap_or(i32::MAX)).collect(),
    }
}

fn fine(value: Decimal) -> String {
    plain(value.round_dp(FINE))
}

fn text(value: Option<Decimal>) -> String {
    value.map(plain).unwrap_or_default()
}

fn answer(answer: Answer) -> i32 {
    let state = match answer {
        Answer::Value(_) => AnswerState::Value,
        Answer::NotApplicable => AnswerState::NotApplicable,
        Answer::Missing => AnswerState::Missing,
    };
    state.into()
}

fn threshold(threshold: &Threshold) -> DiagnosisThreshold {
    DiagnosisThreshold {
        at_least: text(threshold.at_least),
        at_least_upper: text(threshold.at_least_upper),
        at_most: text(threshold.at_most),
        source: Some(threshold.source.clone().into()),
    }
}

impl Shown<'_> {
    fn indicator(&self, indicator: &Indicator) -> DiagnosedIndicator {
        let known = self.catalogue.get(&indicator.code);
        let code =
            || zhijian_proto::common::v1::Text { zh: indicator.code.clone(), en: indicator.code.clone() };
        let own = |text: &Option<zhijian_platform::Text>| text.clone().map(Into::into);
        let theme = self.rules.themes.iter().find(|theme| theme.code == indicator.theme);
        let direction = match indicator.direction {
            Direction::Up => diagnosed_indicator::Direction::Up,
            Direction::Down => diagnosed_indicator::Direction::Down,
            Direction::Neutral => diagnosed_indicator::Direction::Neutral,
        };
        let asked = self.rules.threshold(&indicator.code, &self.group.code);
        DiagnosedIndicator {
            code: indicator.code.clone(),
            name: own(&indicator.name).or_else(|| known?.name.clone()).or_else(|| Some(code())),
            unit: own(&indicator.unit).or_else(|| known?.unit.clone()),
            decimals: indicator
                .decimals
                .map_or_else(|| known.map_or(2, |one| one.decimals), |own| own.cast_signed()),
            direction: direction.into(),
            weight: indicator.weight.cast_signed(),
            theme: theme.map(|theme| theme.name.clone().into()),
            threshold: asked.map(threshold),
            terms: indicator.terms().into_iter().map(str::to_owned).collect(),
        }
    }

    /// One indicator of an institution. Peers are values without names, in rising order.
    pub fn measure(&self, measure: &Measure<'_>) -> DiagnosedMeasure {
        let standing = match measure.standing {
            Standing::None => diagnosed_measure::Standing::None,
            Standing::Met => diagnosed_measure::Standing::Met,
            Standing::ByType => diagnosed_measure::Standing::ByType,
            Standing::NotMet => diagnosed_measure::Standing::NotMet,
        };
        let reason = |reason: &Reason| match reason {
            Reason::Threshold => diagnosed_measure::Reason::Threshold,
            Reason::Gap => diagnosed_measure::Reason::Gap,
            Reason::Fall => diagnosed_measure::Reason::Fall,
            Reason::Decline => diagnosed_measure::Reason::Decline,
            Reason::Outlier => diagnosed_measure::Reason::Outlier,
        };
        let trend = measure.trend.iter().map(|point| DiagnosisPoint {
            year: point.year,
            value: text(point.value),
            peer_median: text(point.peer_median),
        });
        DiagnosedMeasure {
            indicator: Some(self.indicator(measure.indicator)),
            answer: answer(measure.answer),
            value: text(measure.answer.value()),
            peer_count: count(measure.peer_count),
            peers: measure.peers.as_ref().map(|peers| spread(peers, true)),
            percentile: measure.percentile.map(fine).unwrap_or_default(),
            favourable_percentile: measure.favourable.map(fine).unwrap_or_default(),
            standing: standing.into(),
            trend: trend.collect(),
            change: text(measure.change),
            strength: measure.strength,
            reasons: measure.reasons.iter().map(|one| reason(one).into()).collect(),
            priority: measure.priority.cast_signed(),
        }
    }

    /// How an indicator lies; with every value if `whole`.
    pub fn distribution(
        &self,
        one: &Distribution<'_>,
        whole: bool,
        institutions: &BTreeMap<String, Organisation>,
    ) -> IndicatorDistribution {
        IndicatorDistribution {
            indicator: Some(self.indicator(one.indicator)),
            spread: one.spread.as_ref().map(|of| spread(of, whole)),
            not_applicable_count: count(one.not_applicable),
            empty_count: count(one.empty),
            outliers: one.outliers.iter().take(MOST_OUTLIERS).map(|code| named(code, institutions)).collect(),
            outlier_count: count(one.outliers.len()),
            below_threshold_count: count(one.below_threshold.unwrap_or(0)),
        }
    }

    /// An institution in a distribution.
    pub fn place(
        &self,
        place: &Place<'_>,
        institutions: &BTreeMap<String, Organisation>,
    ) -> InstitutionPlace {
        InstitutionPlace {
            institution: Some(named(place.organisation, institutions)),
            answer: answer(place.answer),
            value: text(place.answer.value()),
            percentile: place.percentile.map(fine).unwrap_or_default(),
            robust_z: place.robust_z.map(fine).unwrap_or_default(),
            outlier: place.outlier,
        }
    }
}

fn spread(spread: &Spread, whole: bool) -> ValueSpread {
    let values = if whole { spread.sorted() } else { &[] };
    ValueSpread {
        count: count(spread.sorted().len()),
        least: plain(spread.least()),
        lower: plain(spread.lower()),
        median: plain(spread.median()),
        upper: plain(spread.upper()),
        most: plain(spread.most()),
        mad: plain(spread.mad()),
        values: values.iter().copied().map(plain).collect(),
    }
}
