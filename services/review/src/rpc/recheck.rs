//! Re-checks: reviewers who were not on the panel score afresh.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use zhijian_platform::{Error, Tx, Violation, id};
use zhijian_proto::common::v1::ErrorReason;

use super::rectification::{Made, Means};
use crate::{
    domain::{
        assignment::{Assignment, State as SheetState},
        outcome::{OutcomeError, outcome},
        panel::{self, Want},
        rectification::{Move, Outcome, Rectification, Regrade},
        scheme::Scheme,
        sheet::Sheet,
    },
    store,
};

/// The sheets of the newest re-check; none before the first.
pub async fn sheets(
    conn: &impl ConnectionTrait,
    of: &Rectification,
    scheme: &Scheme,
) -> Result<Vec<Assignment>, Error> {
    let all = store::assignment::of_entry(conn, &of.entry_id).await?;
    let mut own: Vec<Assignment> =
        all.into_iter().filter(|sheet| sheet.rectification_id.as_deref() == Some(of.id.as_str())).collect();
    // Every re-check adds as many sheets, in the order of their ids.
    let size = usize::try_from(scheme.definition().rectification.recheck_panel_size).unwrap_or(usize::MAX);
    Ok(own.split_off(own.len().saturating_sub(size)))
}

/// Asks reviewers of organisations that have not scored this entry before.
pub async fn appoint(tx: &Tx<'_>, present: Rectification, means: &Means) -> Result<Made, Error> {
    let state = present.state.after(Move::Appoint)?;
    let conn = tx.conn();
    let before = store::assignment::of_entry(conn, &present.entry_id).await?;
    let reviewers = store::reviewer::all(conn).await?;
    let ground = store::ruling::ground(conn, &means.round, tx.now()).await?;
    let seats = means.round.scheme.definition().rectification.recheck_panel_size;
    let wants = [Want { entry: &means.entry, seats, panel: before.iter().collect() }];
    let plan = panel::form(&ground, &wants, &reviewers, &HashMap::new(), &mut |_, _| {})
        .map_err(|error| panel::explain(error, &wants, &reviewers))?;
    let employer = |account: &str| {
        let reviewer = reviewers.iter().find(|reviewer| reviewer.account_id == account);
        reviewer.map(|reviewer| reviewer.organisation_code.clone()).unwrap_or_default()
    };
    let assignments: Vec<Assignment> = plan
        .seats
        .into_iter()
        .map(|seat| Assignment {
            id: id::new("asg"),
            round_id: present.round_id.clone(),
            entry_id: present.entry_id.clone(),
            organisation_code: employer(&seat.reviewer),
            account_id: seat.reviewer,
            arbiter: false,
            rectification_id: Some(present.id.clone()),
            state: SheetState::Open,
            sheet: Sheet::default(),
            comment: String::new(),
            submit_time: None,
            version: 1,
        })
        .collect();
    store::assignment::insert(conn, &assignments).await?;
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
    let open = sheets.iter().filter(|sheet| !sheet.is_submitted()).count();
    if open > 0 {
        return Err(Error::Precondition {
            reason: ErrorReason::IllegalState,
            violations: vec![Violation::new(
                "recheck",
                format!("还有 {open} 位复查专家没有提交评分，请催促。"),
                format!("{open} reviewers of the re-check have not handed in; remind them."),
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
