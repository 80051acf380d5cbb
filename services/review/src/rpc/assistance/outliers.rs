//! Scores that lie far from the rest of their panel.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use zhijian_platform::{Call, Error};
use zhijian_proto::review::v1 as wire;

use super::super::{Review, for_all};
use crate::{
    domain::{
        agreement,
        assignment::Assignment,
        discussion,
        entry::Entry,
        outcome::OutcomeError,
        outlier::{Outlier, Scored, outliers},
        round::Round,
        scheme::Scheme,
    },
    store,
};

/// Where an outlier stands in a list.
pub fn key(one: &wire::Outlier) -> String {
    format!("{}\u{1f}{}", one.assignment_id, one.element_code)
}

impl Review {
    /// Where a sheet lies far from its panel, once it is in. Who holds the seat learns it only where panels see each other's
    /// sheets.
    pub(super) async fn outliers_of(
        &self,
        call: &Call,
        seat: &Assignment,
        round: &Round,
        entry: &Entry,
    ) -> Result<Vec<wire::Outlier>, Error> {
        let scheme = &round.scheme;
        let may = scheme.definition().review.discussion.held || for_all(call, "assignment")?;
        if !may || !seat.is_submitted() {
            return Ok(vec![]);
        }
        let all = store::assignment::of_entry(self.ctx.db.reader(), &seat.entry_id).await?;
        let panel: Vec<&Assignment> =
            discussion::panel(seat, &all).into_iter().filter(|other| other.is_submitted()).collect();
        let found = far_off(scheme, seat, &panel, &BTreeMap::new())?;
        Ok(found.into_iter().map(|outlier| shown(outlier, seat, entry, None)).collect())
    }

    /// Every score of a round's panels that lies far off, in the order of [`key`].
    pub(super) async fn outliers_of_round(&self, round_id: &str) -> Result<Vec<wire::Outlier>, Error> {
        let conn = self.ctx.db.reader();
        let round = store::round::get(conn, round_id).await?;
        let entries = store::entry::of_round(conn, round_id).await?;
        let mut seats = store::assignment::of_round(conn, round_id).await?;
        seats.retain(Assignment::is_submitted);
        let mut of_entry: HashMap<&str, Vec<&Assignment>> = HashMap::new();
        for seat in &seats {
            of_entry.entry(seat.entry_id.as_str()).or_default().push(seat);
        }
        let panels: Vec<Vec<&Assignment>> =
            entries.iter().map(|entry| of_entry.remove(entry.id.as_str()).unwrap_or_default()).collect();
        let known = store::anchor::of_round(conn, round_id).await?;
        let places = entries.iter().enumerate();
        let anchors = places.filter_map(|(place, entry)| Some((place, *known.get(&entry.id)?))).collect();
        let severities = agreement::severities(&round.scheme, &panels, anchors)?;
        let calibrated = round.scheme.definition().grading.calibrate;
        let mut found = vec![];
        for (entry, panel) in entries.iter().zip(&panels) {
            for seat in panel {
                for outlier in far_off(&round.scheme, seat, panel, &severities)? {
                    let severity = calibrated.then_some(outlier.severity);
                    found.push(wire::Outlier {
                        reviewer_account_id: seat.account_id.clone(),
                        ..shown(outlier, seat, entry, severity)
                    });
                }
            }
        }
        found.sort_by_key(key);
        Ok(found)
    }
}

fn far_off(
    scheme: &Scheme,
    seat: &Assignment,
    panel: &[&Assignment],
    severities: &BTreeMap<String, Decimal>,
) -> Result<Vec<Outlier>, OutcomeError> {
    let scored = |seat: &Assignment| {
        let severity = severities.get(&seat.account_id).copied().unwrap_or_default();
        Ok::<_, OutcomeError>(Scored { points: seat.sheet.complete(scheme)?, severity })
    };
    let own = scored(seat)?;
    let others = panel.iter().filter(|other| other.id != seat.id);
    let others = others.map(|other| scored(other)).collect::<Result<Vec<_>, _>>()?;
    let limit = scheme.definition().review.assistance.outlier_points;
    Ok(outliers(scheme, &own, &others.iter().collect::<Vec<_>>(), limit))
}

fn shown(outlier: Outlier, seat: &Assignment, entry: &Entry, severity: Option<Decimal>) -> wire::Outlier {
    wire::Outlier {
        assignment_id: seat.id.clone(),
        reviewer_account_id: String::new(),
        element_code: outlier.element,
        points: outlier.points.normalize().to_string(),
        others: outlier.others.normalize().to_string(),
        severity: severity.map(|points| points.round_dp(2).normalize().to_string()).unwrap_or_default(),
        entry_title: Some(entry.title().into()),
    }
}
