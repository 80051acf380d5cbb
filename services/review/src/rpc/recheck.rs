//! Re-checks: reviewers who were not on the panel score afresh.

use sea_orm::ConnectionTrait;
use zhijian_platform::{Error, Tx, Violation};
use zhijian_proto::common::v1::ErrorReason;

use super::{
    fresh,
    rectification::{Made, Means},
};
use crate::{
    domain::{
        assignment::Assignment,
        outcome::{OutcomeError, outcome},
        rectification::{IllegalMove, Move, Outcome, Rectification, Regrade, State},
        scheme::Scheme,
    },
    store,
};

/// The sheets of the newest re-check, those left out whose reviewers gave their seats back; none before the first.
pub async fn sheets(
    conn: &impl ConnectionTrait,
    of: &Rectification,
    scheme: &Scheme,
) -> Result<Vec<Assignment>, Error> {
    let mut own = fresh::sheets(conn, &of.entry_id, &of.id).await?;
    // Every re-check that failed had a whole panel of sheets; what comes after, in the order of their ids, is the newest's.
    let history = store::rectification_event::of(conn, &of.id).await?;
    let failed = history.iter().filter(|event| event.action == Move::Fail.as_str()).count();
    // While the next one is not appointed, the one that failed last is the newest.
    let before = match of.state {
        State::Rechecking | State::Closed => failed,
        _ => failed.saturating_sub(1),
    };
    Ok(own.split_off(before.saturating_mul(size(scheme)).min(own.len())))
}

fn size(scheme: &Scheme) -> usize {
    usize::try_from(scheme.definition().rectification.recheck_panel_size).unwrap_or(usize::MAX)
}

/// Asks reviewers of organisations that have not scored this entry before; while they score, fills the seats that were
/// given back.
pub async fn appoint(tx: &Tx<'_>, present: Rectification, means: &Means) -> Result<Made, Error> {
    let state = present.state.after(Move::Appoint)?;
    let conn = tx.conn();
    let seated = match present.state {
        State::Rechecking => sheets(conn, &present, &means.round.scheme).await?.len(),
        _ => 0,
    };
    let lack = size(&means.round.scheme).saturating_sub(seated);
    if lack == 0 {
        return Err(IllegalMove { mv: Move::Appoint, state: present.state }.into());
    }
    let lack = u32::try_from(lack).map_err(Error::internal)?;
    fresh::seat(tx, &means.round, &means.entry, lack, &present.id).await?;
    let next = Rectification { state, due_date: None, ..present };
    Ok(Made { mv: Move::Appoint, next, comment: String::new() })
}

/// Grades from the sheets of the re-check.
///
/// # Errors
/// FAILED_PRECONDITION if some are not in.
pub async fn conclude(tx: &Tx<'_>, present: Rectification, means: &Means) -> Result<Made, Error> {
    // Told first, so that a re-check that is not running is not taken for one without scores.
    present.state.after(Move::Pass)?;
    let scheme = &means.round.scheme;
    let sheets = sheets(tx.conn(), &present, scheme).await?;
    let open = size(scheme).saturating_sub(sheets.iter().filter(|sheet| sheet.is_submitted()).count());
    if open > 0 {
        return Err(Error::Precondition {
            reason: ErrorReason::IllegalState,
            violations: vec![Violation::new(
                "recheck",
                format!("还差 {open} 份复查评分，请催促或补派专家。"),
                format!(
                    "{open} sheets of the re-check are not in; remind the reviewers or fill their seats."
                ),
            )],
        });
    }
    let points = sheets.iter().map(|sheet| sheet.sheet.complete(scheme)).collect::<Result<Vec<_>, _>>()?;
    let grade = zhijian_grading::grade(scheme.rubric(), &points).map_err(OutcomeError::from)?;
    let rectify = scheme.bands()[grade.band].rectify;
    let outcome = outcome(scheme, grade);
    let comment = format!("{} {}", outcome.grade, outcome.total);
    if !rectify {
        let next = Rectification {
            state: present.state.after(Move::Pass)?,
            regraded: Some(Regrade { grade: outcome.grade, total: outcome.total }),
            outcome: Some(Outcome::Mended),
            due_date: None,
            ..present
        };
        return Ok(Made { mv: Move::Pass, next, comment });
    }
    let settings = &scheme.definition().rectification;
    let level = (present.level + 1).min(settings.levels.len());
    let days = settings
        .levels
        .get(level.saturating_sub(1))
        .map_or(settings.mend_working_days, |level| level.mend_working_days);
    let next = Rectification {
        state: present.state.after(Move::Fail)?,
        level,
        due_date: Some(means.calendar.due(tx.now(), days)),
        ..present
    };
    Ok(Made { mv: Move::Fail, next, comment })
}
