//! Fresh reviewers: for re-checks and appeals, people of organisations that have not scored the entry before.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use serde_json::json;
use zhijian_platform::{Error, Tx, id};

use crate::{
    domain::{
        assignment::{Assignment, Move, State},
        entry::Entry,
        panel::{self, Want},
        round::Round,
        sheet::Sheet,
    },
    store::{self, sheet_event},
};

/// Why a seat is taken back from a reviewer.
const NO_LONGER_WANTED: &str = "已有结论，不再需要评分。";

/// Seats so many reviewers without a conflict, none of an organisation that has sat on this entry before.
///
/// # Errors
/// FAILED_PRECONDITION with CANNOT_ASSIGN names what is in the way.
pub async fn seat(
    tx: &Tx<'_>,
    round: &Round,
    entry: &Entry,
    seats: u32,
    occasion: &str,
) -> Result<Vec<Assignment>, Error> {
    let conn = tx.conn();
    let before = store::assignment::of_entry(conn, &entry.id).await?;
    let reviewers = store::reviewer::all(conn).await?;
    let wants = [Want { entry, seats, panel: before.iter().collect() }];
    let ground = store::ruling::ground(conn, round, tx.now()).await?;
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
            round_id: entry.round_id.clone(),
            entry_id: entry.id.clone(),
            organisation_code: employer(&seat.reviewer),
            account_id: seat.reviewer,
            arbiter: false,
            rectification_id: Some(occasion.to_owned()),
            state: State::Open,
            sheet: Sheet::default(),
            comment: String::new(),
            submit_time: None,
            version: 1,
        })
        .collect();
    store::assignment::insert(conn, &assignments).await?;
    Ok(assignments)
}

/// The sheets of an occasion, those left out whose reviewers gave their seats back.
pub async fn sheets(
    conn: &impl ConnectionTrait,
    entry_id: &str,
    occasion: &str,
) -> Result<Vec<Assignment>, Error> {
    let mut all = store::assignment::of_entry(conn, entry_id).await?;
    all.retain(|sheet| {
        sheet.rectification_id.as_deref() == Some(occasion) && sheet.state != State::Abstained
    });
    Ok(all)
}

/// Ends an occasion that needs no more scores: what is still open leaves its reviewers' desks, its drafts kept.
pub async fn close(tx: &Tx<'_>, entry_id: &str, occasion: &str) -> Result<(), Error> {
    for open in sheets(tx.conn(), entry_id, occasion).await?.into_iter().filter(|one| !one.is_submitted()) {
        let state = open.state.after(Move::Abstain)?;
        sheet_event::keep(tx, &open, sheet_event::ABSTAINED, NO_LONGER_WANTED).await?;
        let closed = store::assignment::write(tx.conn(), &Assignment { state, ..open }).await?;
        tx.audit(format!("assignment/{}", closed.id), json!({"state": closed.state.as_str()}));
    }
    Ok(())
}
