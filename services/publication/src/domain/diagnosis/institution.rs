//! One institution: each indicator among its peers, over the years and against what is asked, and what to look at first.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rust_decimal::Decimal;

use super::{
    rules::{Direction, Indicator, PeerGroup, Rules, Threshold},
    spread::Spread,
    values::{Answer, YearValues},
};

/// What the diagnosis of an institution is made from.
pub struct Ground<'a> {
    pub rules: &'a Rules,
    pub group: &'a PeerGroup,
    /// The institution's code.
    pub organisation: &'a str,
    /// The year that is looked at.
    pub year: i32,
    /// The institutions of the group, the institution among them.
    pub members: &'a BTreeSet<String>,
    /// The reports of that year and of the released years before it.
    pub years: &'a BTreeMap<i32, Arc<YearValues>>,
}

/// How an indicator stands to what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is asked, or there is no value.
    None,
    Met,
    /// It depends on the type of the institution.
    ByType,
    NotMet,
}

/// Why an indicator deserves a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// What is asked is not met.
    Threshold,
    /// Among the least favourable of its peers.
    Gap,
    /// Much worse than in the last released year.
    Fall,
    /// Worse year after year.
    Decline,
    /// So far from its peers that the figure itself should be checked.
    Outlier,
}

/// A year's value, and the median of the institution's peers in that year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub year: i32,
    pub value: Option<Decimal>,
    /// Nothing with fewer peers than the rules want.
    pub peer_median: Option<Decimal>,
}

/// One indicator of an institution.
#[derive(Debug, Clone)]
pub struct Measure<'a> {
    pub indicator: &'a Indicator,
    pub answer: Answer,
    /// How many other institutions of the group have a value.
    pub peer_count: usize,
    /// How their values lie; nothing with fewer than the rules want.
    pub peers: Option<Spread>,
    /// How many of the peers, in percent, lie below it; ties count half.
    pub percentile: Option<Decimal>,
    /// The same, turned so that more is always better; nothing where neither way is, or peers of another size
    /// cannot be compared with.
    pub favourable: Option<Decimal>,
    pub standing: Standing,
    /// By year, oldest first.
    pub trend: Vec<Point>,
    /// The difference to the year before among the trend's, if that has a value.
    pub change: Option<Decimal>,
    pub strength: bool,
    /// In order of weight.
    pub reasons: Vec<Reason>,
    /// Weight × the sum of the reasons' points.
    pub priority: u32,
}

/// Every indicator that the institution's group is asked, in the rules' order.
pub fn diagnose<'a>(ground: &Ground<'a>) -> Vec<Measure<'a>> {
    let asked = ground.rules.indicators_of(&ground.group.code);
    let places = ground.rules.indicators.iter().enumerate();
    places
        .filter(|(_, one)| asked.iter().any(|asked| asked.code == one.code))
        .map(|(place, one)| measure(ground, place, one))
        .collect()
}

/// What to look at first: by priority; of the same, the less favourable first, then in the rules' order.
pub fn first<'m, 'a>(rules: &Rules, measures: &'m [Measure<'a>]) -> Vec<&'m Measure<'a>> {
    let mut ranked: Vec<&Measure<'_>> = measures.iter().filter(|one| one.priority > 0).collect();
    let favour = |one: &Measure<'_>| one.favourable.unwrap_or(Decimal::ONE_HUNDRED);
    ranked.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| favour(a).cmp(&favour(b))));
    ranked.truncate(rules.first);
    ranked
}

fn measure<'a>(ground: &Ground<'a>, place: usize, indicator: &'a Indicator) -> Measure<'a> {
    let rules = ground.rules;
    let answer = ground
        .years
        .get(&ground.year)
        .and_then(|values| values.answer(ground.organisation, place))
        .unwrap_or(Answer::Missing);
    let value = answer.value();
    let (peer_count, peers) = peers(ground, ground.year, place);
    let percentile = value.zip(peers.as_ref()).map(|(value, peers)| peers.percentile(value));
    let favourable =
        percentile.filter(|_| indicator.compare).and_then(|percentile| match indicator.direction {
            Direction::Up => Some(percentile),
            Direction::Down => Some(Decimal::ONE_HUNDRED - percentile),
            Direction::Neutral => None,
        });
    let threshold = rules.threshold(&indicator.code, &ground.group.code);
    let standing = value.zip(threshold).map_or(Standing::None, |(value, asked)| standing(value, asked));
    let trend = trend(ground, place);
    let reasons = reasons(
        rules,
        indicator,
        &Seen { value, peers: peers.as_ref(), favourable, standing, trend: &trend },
    );
    let points: u32 = reasons.iter().map(|reason| points(rules, *reason)).sum();
    Measure {
        indicator,
        answer,
        peer_count,
        percentile,
        favourable,
        standing,
        change: change(&trend),
        strength: favourable.is_some_and(|place| place >= rules.strength_from)
            && standing != Standing::NotMet,
        priority: points * indicator.weight,
        peers,
        trend,
        reasons,
    }
}

/// How many others have a value, and how those lie if they are enough.
fn peers(ground: &Ground<'_>, year: i32, place: usize) -> (usize, Option<Spread>) {
    let Some(values) = ground.years.get(&year) else { return (0, None) };
    let others = ground.members.iter().filter(|code| *code != ground.organisation);
    let values: Vec<Decimal> =
        others.filter_map(|code| values.answer(code, place).and_then(Answer::value)).collect();
    let count = values.len();
    (count, if count < ground.rules.min_peers { None } else { Spread::of(values) })
}

fn trend(ground: &Ground<'_>, place: usize) -> Vec<Point> {
    ground
        .years
        .iter()
        .filter(|(year, _)| **year <= ground.year)
        .map(|(year, values)| Point {
            year: *year,
            value: values.answer(ground.organisation, place).and_then(Answer::value),
            peer_median: peers(ground, *year, place).1.map(|spread| spread.median()),
        })
        .collect()
}

fn change(trend: &[Point]) -> Option<Decimal> {
    let [.., before, now] = trend else { return None };
    now.value?.checked_sub(before.value?)
}

fn standing(value: Decimal, asked: &Threshold) -> Standing {
    if asked.is_missed_by(value) {
        Standing::NotMet
    } else if asked.depends_on_type(value) {
        Standing::ByType
    } else {
        Standing::Met
    }
}

/// What reasons are found in.
struct Seen<'m> {
    value: Option<Decimal>,
    peers: Option<&'m Spread>,
    favourable: Option<Decimal>,
    standing: Standing,
    trend: &'m [Point],
}

fn reasons(rules: &Rules, indicator: &Indicator, seen: &Seen<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if seen.standing == Standing::NotMet {
        reasons.push(Reason::Threshold);
    }
    if seen.favourable.is_some_and(|place| place <= rules.gap_to) {
        reasons.push(Reason::Gap);
    }
    if fell(rules, indicator.direction, seen.trend) {
        reasons.push(Reason::Fall);
    }
    if declines(indicator.direction, seen.trend) >= rules.decline_years {
        reasons.push(Reason::Decline);
    }
    let z = seen
        .value
        .zip(seen.peers)
        .filter(|_| indicator.compare)
        .and_then(|(value, peers)| peers.robust_z(value));
    if z.is_some_and(|z| z > rules.outlier_z) {
        reasons.push(Reason::Outlier);
    }
    reasons
}

/// How much worse `now` is than `before`: above nought if it is.
fn loss(direction: Direction, before: Decimal, now: Decimal) -> Decimal {
    match direction {
        Direction::Up => before - now,
        Direction::Down => now - before,
        Direction::Neutral => Decimal::ZERO,
    }
}

fn fell(rules: &Rules, direction: Direction, trend: &[Point]) -> bool {
    let [.., before, now] = trend else { return false };
    let (Some(before), Some(now)) = (before.value, now.value) else { return false };
    let loss = loss(direction, before, now);
    loss > Decimal::ZERO && before.abs().checked_mul(rules.fall_share).is_some_and(|share| loss >= share)
}

/// How many of the last years in a row are each worse than the one before.
fn declines(direction: Direction, trend: &[Point]) -> usize {
    let worse = |pair: &&[Point]| match (pair[0].value, pair[1].value) {
        (Some(before), Some(now)) => loss(direction, before, now) > Decimal::ZERO,
        _ => false,
    };
    let pairs: Vec<&[Point]> = trend.windows(2).collect();
    pairs.iter().rev().take_while(|pair| worse(pair)).count()
}

fn points(rules: &Rules, reason: Reason) -> u32 {
    match reason {
        Reason::Threshold => rules.priority.threshold,
        Reason::Gap => rules.priority.gap,
        Reason::Fall => rules.priority.fall,
        Reason::Decline => rules.priority.decline,
        Reason::Outlier => rules.priority.outlier,
    }
}
