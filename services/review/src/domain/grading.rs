//! How a scheme makes grades of scores.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_grading::{Bounds, Method, Rules, Ties};

/// How scores are joined, whether reviewers are calibrated, and whether grades go by rank.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grading {
    /// How the scores of a panel become one.
    pub join: Join,
    /// Of a trimmed mean: how many scores are left out at each end.
    pub trim: usize,
    /// Whether reviewers' severities are estimated and taken off.
    pub calibrate: bool,
    /// Grades by rank instead of by cut-offs.
    pub rank: Option<Rank>,
}

/// How the scores of a panel become one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Join {
    /// The one in the middle.
    #[default]
    Median,
    /// The mean of all.
    Mean,
    /// The mean of all but the extremes.
    TrimmedMean,
}

/// Grades by rank. Exactly one of the lists is given, with a number for every band but the lowest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rank {
    /// How many entries each band takes.
    #[serde(default)]
    pub places: Vec<usize>,
    /// Up to which part of the entries, from the best, each band reaches; rising percentages.
    #[serde(default)]
    pub percentiles: Vec<Decimal>,
    /// Where entries go that tie across a bound.
    pub ties: TieRule,
}

/// Where entries go that tie across a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TieRule {
    /// All into the better band.
    Up,
    /// All into the worse.
    Down,
}

impl Grading {
    /// What is wrong, with the key at fault, for a scheme of this panel size and this many bands.
    pub fn fault(&self, panel_size: usize, bands: usize) -> Option<(&'static str, String)> {
        let trimmed = self.join == Join::TrimmedMean;
        if trimmed != (self.trim > 0) {
            return Some((
                "grading.trim",
                "give it above 0 with join = \"trimmed-mean\", and only then".into(),
            ));
        }
        if trimmed && panel_size <= 2 * self.trim {
            return Some((
                "grading.trim",
                format!("a panel of {panel_size} has nothing left without {} at each end", self.trim),
            ));
        }
        let rank = self.rank.as_ref()?;
        if rank.places.is_empty() == rank.percentiles.is_empty() {
            return Some(("grading.rank", "give either places or percentiles".into()));
        }
        let (key, given) = match rank.places.is_empty() {
            false => ("grading.rank.places", rank.places.len()),
            true => ("grading.rank.percentiles", rank.percentiles.len()),
        };
        if given + 1 != bands {
            return Some((
                key,
                format!("give {} numbers, one for each band but the lowest", bands.saturating_sub(1)),
            ));
        }
        let falls = rank.percentiles.windows(2).any(|pair| pair[1] < pair[0]);
        let outside =
            rank.percentiles.iter().any(|share| *share < Decimal::ZERO || *share > Decimal::ONE_HUNDRED);
        (falls || outside).then(|| (key, "percentages must rise from 0 to 100".into()))
    }

    /// For the grading library.
    pub fn method(&self) -> Method {
        match self.join {
            Join::Median => Method::Median,
            Join::Mean => Method::Mean,
            Join::TrimmedMean => Method::TrimmedMean { each_end: self.trim },
        }
    }

    /// For the grading library.
    pub fn rules(&self) -> Rules {
        let ties = |rule| match rule {
            TieRule::Up => Ties::Up,
            TieRule::Down => Ties::Down,
        };
        let bounds = match &self.rank {
            None => Bounds::CutOffs,
            Some(rank) if rank.places.is_empty() => {
                Bounds::Percentiles(rank.percentiles.clone(), ties(rank.ties))
            }
            Some(rank) => Bounds::Places(rank.places.clone(), ties(rank.ties)),
        };
        Rules { calibrate: self.calibrate, bounds, ..Rules::default() }
    }
}
