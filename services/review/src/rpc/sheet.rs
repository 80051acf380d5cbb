//! What happens to sheets beside scoring: given back, returned, revised; and which comes next.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use serde_json::json;
use zhijian_platform::{Call, Error, Resource, etag, time::timestamp};
use zhijian_proto::review::v1::{
    self as wire, AbstainAssignmentRequest, GetNextAssignmentRequest, ReturnScoresRequest,
    ReviseScoresRequest, sheet_version::Cause,
};

use super::{
    Review,
    assignment::{Sent, write},
    convert, for_all, hidden,
};
use crate::{
    domain::{
        appeal,
        assignment::{Assignment, Move, State},
        discussion,
        rectification::{self, words},
        round::{Round, State as RoundState},
        scheme::Scheme,
    },
    store::{self, sheet_event},
};

/// Ids of appeals begin so.
pub const APPEAL: &str = "apl_";

/// Whether the panel that a seat belongs to still scores.
pub async fn still_scoring(
    conn: &impl ConnectionTrait,
    seat: &Assignment,
    round: &Round,
) -> Result<bool, Error> {
    Ok(match &seat.rectification_id {
        None => round.state == RoundState::Scoring,
        Some(id) if id.starts_with(APPEAL) => {
            store::appeal::find(conn, id).await?.is_some_and(|found| found.state == appeal::State::Hearing)
        }
        Some(id) => store::rectification::find(conn, id)
            .await?
            .is_some_and(|found| found.state == rectification::State::Rechecking),
    })
}

fn over() -> Error {
    Error::illegal_state(
        "state",
        "评分已经结束，评分表不能再变动。",
        "Scoring is over; sheets cannot change any more.",
    )
}

/// Adds to assignments what happened to them.
pub async fn dressed(
    conn: &impl ConnectionTrait,
    mut assignments: Vec<wire::Assignment>,
) -> Result<Vec<wire::Assignment>, Error> {
    let events = sheet_event::of(conn, assignments.iter().map(|one| one.assignment_id.clone())).await?;
    let mut of: HashMap<String, Vec<sheet_event::Model>> = HashMap::new();
    for event in events {
        of.entry(event.assignment_id.clone()).or_default().push(event);
    }
    for one in &mut assignments {
        let Some(events) = of.get(&one.assignment_id) else { continue };
        one.revised = events.iter().any(|event| event.cause == sheet_event::REVISED);
        let Some(last) = events.last() else { continue };
        match one.state() {
            wire::assignment::State::Open if last.cause == sheet_event::RETURNED => {
                one.return_reason.clone_from(&last.reason);
            }
            wire::assignment::State::Abstained => one.abstain_reason.clone_from(&last.reason),
            _ => {}
        }
    }
    Ok(assignments)
}

fn version(event: sheet_event::Model, scheme: &Scheme) -> Result<wire::SheetVersion, Error> {
    let cause = match event.cause.as_str() {
        sheet_event::RETURNED => Cause::Returned,
        sheet_event::REVISED => Cause::Revised,
        sheet_event::ABSTAINED => Cause::Abstained,
        _ => Cause::Unspecified,
    };
    Ok(wire::SheetVersion {
        cause: cause.into(),
        scores: convert::scores(&event.sheet()?, scheme),
        reason: event.reason,
        comment: event.comment,
        submit_time: event.submit_time.map(timestamp),
        time: Some(timestamp(event.time)),
    })
}

impl Review {
    /// The caller's open assignment whose entry fewest have handed in; re-checks and appeals, which wait for few, first.
    pub(super) async fn next_assignment(
        &self,
        call: &Call,
        input: GetNextAssignmentRequest,
    ) -> Result<Option<wire::Assignment>, Error> {
        call.authorise(&Resource::new("assignment", "").owner(call.actor_id()))?;
        let conn = self.ctx.db.reader();
        let mut open = store::assignment::open_of(conn, &call.actor_id()).await?;
        open.retain(|one| one.id != input.after_assignment_id);
        let progress = store::assignment::progress(conn, open.iter().map(|one| one.entry_id.clone())).await?;
        let handed_in = |one: &Assignment| match one.rectification_id {
            Some(_) => -1,
            None => progress.get(&one.entry_id).map_or(0, |of_entry| of_entry.submitted),
        };
        let Some(next) = open.into_iter().min_by_key(|one| (handed_in(one), one.id.clone())) else {
            return Ok(None);
        };
        let round = store::round::get(conn, &next.round_id).await?;
        let entry = store::entry::by_ids(conn, [next.entry_id.clone()]).await?.remove(&next.entry_id);
        let next = convert::assignment(next, entry, &round.scheme);
        Ok(dressed(conn, vec![next]).await?.pop())
    }

    pub(super) async fn abstain(
        &self,
        call: &Call,
        input: AbstainAssignmentRequest,
    ) -> Result<wire::Assignment, Error> {
        let id = input.assignment_id.clone();
        let (grant, round, entry) = self.own_assignment(call, &id).await?;
        let sent = input.clone();
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    let found = store::assignment::find(conn, &id).await?;
                    let present = found.ok_or_else(|| Error::not_found("assignment", &id))?;
                    let state = present.state.after(Move::Abstain)?;
                    let reason = words("reason", &sent.reason)?;
                    if !still_scoring(conn, &present, &store::round::get(conn, &round.id).await?).await? {
                        return Err(over());
                    }
                    etag::check(&sent.etag, present.version)?;
                    sheet_event::keep(tx, &present, sheet_event::ABSTAINED, &reason).await?;
                    let next = write(tx, Assignment { state, ..present }).await?;
                    let mut shown = convert::assignment(next, Some(entry), &round.scheme);
                    shown.abstain_reason = reason;
                    Ok(wire::AbstainAssignmentResponse { assignment: Some(shown) })
                })
            })
            .await
            .map(|answer| answer.assignment.unwrap_or_default())
    }

    pub(super) async fn revise(
        &self,
        call: &Call,
        input: ReviseScoresRequest,
    ) -> Result<wire::Assignment, Error> {
        let id = input.assignment_id.clone();
        let (grant, round, entry) = self.own_assignment(call, &id).await?;
        let sent = Sent::new(&input.etag, &input.scores, &input.comment);
        let given_reason = input.reason.clone();
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    let found = store::assignment::find(conn, &id).await?;
                    let present = found.ok_or_else(|| Error::not_found("assignment", &id))?;
                    present.state.after(Move::Revise)?;
                    let standing = revision(conn, &present, &round.id).await?;
                    if !discussion::may_revise(&present, standing.revised, standing.spoken, standing.open) {
                        return Err(discussion::not_revisable(standing.revised, standing.spoken));
                    }
                    let reason = words("reason", &given_reason)?;
                    etag::check(&sent.etag, present.version)?;
                    let mut next = sent.onto(present.clone(), &round.scheme)?;
                    next.sheet.complete(&round.scheme)?;
                    next.submit_time = Some(tx.now());
                    sheet_event::keep(tx, &present, sheet_event::REVISED, &reason).await?;
                    let next = write(tx, next).await?;
                    let mut shown = convert::assignment(next, Some(entry), &round.scheme);
                    shown.revised = true;
                    Ok(wire::ReviseScoresResponse { assignment: Some(shown) })
                })
            })
            .await
            .map(|answer| answer.assignment.unwrap_or_default())
    }

    pub(super) async fn return_sheet(
        &self,
        call: &Call,
        input: ReturnScoresRequest,
    ) -> Result<wire::Assignment, Error> {
        let id = input.assignment_id.clone();
        let grant = call.authorise(&Resource::new("assignment", &id))?;
        let (_, round, entry) = self.assignment(&id).await?;
        let sent = input.clone();
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    let found = store::assignment::find(conn, &id).await?;
                    let present = found.ok_or_else(|| Error::not_found("assignment", &id))?;
                    let state = present.state.after(Move::Return)?;
                    let reason = words("reason", &sent.reason)?;
                    if !still_scoring(conn, &present, &store::round::get(conn, &round.id).await?).await? {
                        return Err(over());
                    }
                    etag::check(&sent.etag, present.version)?;
                    sheet_event::keep(tx, &present, sheet_event::RETURNED, &reason).await?;
                    let next = Assignment { state, submit_time: None, ..present };
                    let next = store::assignment::write(conn, &next).await?;
                    tx.audit(
                        format!("assignment/{}", next.id),
                        json!({"state": next.state.as_str(), "returned": true}),
                    );
                    let mut shown = convert::assignment(next, Some(entry), &round.scheme);
                    shown.return_reason = reason;
                    Ok(wire::ReturnScoresResponse { assignment: Some(shown) })
                })
            })
            .await
            .map(|answer| answer.assignment.unwrap_or_default())
    }

    pub(super) async fn sheet_versions(
        &self,
        call: &Call,
        id: &str,
    ) -> Result<Vec<wire::SheetVersion>, Error> {
        let (assignment, round) = self.seen_assignment(call, id).await?;
        let events = sheet_event::of(self.ctx.db.reader(), [assignment.id]).await?;
        events.into_iter().map(|event| version(event, &round.scheme)).collect()
    }

    /// An assignment that the caller may see: the chair any, a reviewer the own one once the round shows it.
    pub(super) async fn seen_assignment(&self, call: &Call, id: &str) -> Result<(Assignment, Round), Error> {
        let everybodys = for_all(call, "assignment")?;
        let (assignment, round, _) = self.assignment(id).await?;
        if !everybodys {
            let resource = Resource::new("assignment", id).owner(&assignment.account_id);
            call.authorise(&resource).map_err(|error| hidden(error, "assignment", id))?;
            if !round.state.shows_assignments() {
                return Err(Error::not_found("assignment", id));
            }
        }
        Ok((assignment, round))
    }
}

/// What decides whether a sheet may be revised.
pub struct Revision {
    /// It was revised before.
    pub revised: bool,
    /// Somebody else on the panel has spoken.
    pub spoken: bool,
    /// The panel still scores.
    pub open: bool,
}

/// Looks up what decides whether a sheet may be revised.
pub async fn revision(
    conn: &impl ConnectionTrait,
    own: &Assignment,
    round_id: &str,
) -> Result<Revision, Error> {
    let events = sheet_event::of(conn, [own.id.clone()]).await?;
    let comments = store::discussion::of(conn, own).await?;
    let round = store::round::get(conn, round_id).await?;
    let held = round.scheme.definition().review.discussion.held;
    Ok(Revision {
        revised: events.iter().any(|event| event.cause == sheet_event::REVISED),
        spoken: comments.iter().any(|comment| comment.assignment_id != own.id),
        open: held && still_scoring(conn, own, &round).await?,
    })
}

/// Whether the state of a seat lets its holder see the panel.
pub fn is_in(seat: &Assignment) -> bool {
    seat.state == State::Submitted
}
