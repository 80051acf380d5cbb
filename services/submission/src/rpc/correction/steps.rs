//! What is decided about corrections: opened, refused, taken back, given up.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use zhijian_platform::{Call, Error, Grant, Tx, etag};
use zhijian_proto::submission::v1::{
    CancelCorrectionRequest, CancelCorrectionResponse, Correction, OpenCorrectionRequest,
    OpenCorrectionResponse,
};

use super::{asked, correctable, unchanged};
use crate::{
    domain::{
        catalogue::Catalogue,
        edit::{self, StoredCell, StoredCells},
        request::State,
        submission::{Declaration, IllegalMove, Move, State as Standing},
    },
    rpc::{
        Actor, Rpc, catalogue_of, convert,
        submission::{Moving, audited, begin, finish},
    },
    store::{cell, correction, event, report, revision, section},
};

/// What is decided about a request.
pub struct Decided {
    actor: Actor,
    correction_id: String,
    etag: String,
    next: State,
    decision: String,
}

impl Decided {
    pub fn new(call: &Call, correction_id: &str, etag: &str, next: State, decision: &str) -> Self {
        Self {
            actor: Actor::of(call),
            correction_id: correction_id.to_owned(),
            etag: etag.to_owned(),
            next,
            decision: decision.trim().to_owned(),
        }
    }
}

/// A report about to be opened again.
pub struct Opening {
    pub given: OpenCorrectionRequest,
    pub actor: Actor,
    /// Until when it is to be submitted, as the commission says.
    pub due: Option<DateTime<Utc>>,
    /// The days that the rules give where it says nothing.
    pub days: u32,
}

impl Rpc {
    pub(super) async fn decide<Input, Output>(
        &self,
        grant: &Grant,
        request_id: &str,
        input: &Input,
        step: Decided,
        answer: fn(Correction) -> Output,
    ) -> Result<Output, Error>
    where
        Input: prost::Message,
        Output: prost::Message + Default + 'static,
    {
        self.ctx
            .db
            .mutate(grant, request_id, input, move |tx| {
                Box::pin(async move {
                    let mut row = unchanged(tx.conn(), &step.correction_id, &step.etag).await?;
                    row.state = row.state()?.settle(step.next)?.as_str().to_owned();
                    if step.next == State::Refused {
                        row.decision = step.decision;
                        row.decider_name = step.actor.account_name;
                        row.decide_time = Some(tx.now());
                    }
                    let detail = json!({
                        "correction": row.correction_id,
                        "state": row.state,
                        "decision": row.decision,
                    });
                    tx.audit(audited(&row.submission_id), detail);
                    let row = correction::save(tx.conn(), row).await?;
                    Ok(answer(convert::correction(row)?))
                })
            })
            .await
    }

    pub(super) async fn open(
        &self,
        grant: &Grant,
        input: &OpenCorrectionRequest,
        opening: Opening,
    ) -> Result<OpenCorrectionResponse, Error> {
        self.ctx
            .db
            .mutate(grant, &input.request_id, input, move |tx| {
                Box::pin(async move {
                    let correction = opening.open(tx).await?;
                    Ok(OpenCorrectionResponse { correction: Some(convert::correction(correction)?) })
                })
            })
            .await
    }

    pub(super) async fn cancel(
        &self,
        grant: &Grant,
        input: &CancelCorrectionRequest,
        actor: Actor,
    ) -> Result<CancelCorrectionResponse, Error> {
        let given = input.clone();
        let catalogues = Arc::clone(&self.catalogues);
        self.ctx
            .db
            .mutate(grant, &input.request_id, input, move |tx| {
                Box::pin(async move {
                    let mut correction = unchanged(tx.conn(), &given.correction_id, &given.etag).await?;
                    correction.state = correction.state()?.cancel()?.as_str().to_owned();
                    // As for a change: not while the commission has it.
                    let row = report::get(tx.conn(), &correction.submission_id).await?;
                    let state = row.state()?;
                    if !matches!(state, Standing::Draft | Standing::Approved | Standing::Returned) {
                        let text = IllegalMove { step: Move::Edit, state }.text();
                        return Err(Error::illegal_state("submission.state", text.zh, text.en));
                    }
                    let cycle = crate::store::cycle::hold(tx.conn(), row.cycle_year).await?;
                    let catalogue = catalogue_of(&catalogues, &cycle)?;
                    restore(tx, &catalogue, row, actor).await?;
                    correction.decide_time = Some(tx.now());
                    let detail = json!({
                        "correction": correction.correction_id,
                        "state": correction.state,
                        "restored_revision": correction.old_revision,
                    });
                    tx.audit(audited(&correction.submission_id), detail);
                    let correction = correction::save(tx.conn(), correction).await?;
                    Ok(CancelCorrectionResponse { correction: Some(convert::correction(correction)?) })
                })
            })
            .await
    }
}

impl Opening {
    async fn open(self, tx: &Tx<'_>) -> Result<correction::Model, Error> {
        let Self { given, actor, due, days } = self;
        let Moving { mut row, next, .. } = begin(tx, &given.submission_id, Move::Correct).await?;
        let (mut correction, is_new) = if given.correction_id.is_empty() {
            etag::check(&given.etag, row.version)?;
            correctable(tx.conn(), &row).await?;
            (asked(&row, &given.reason, actor.account_name.clone(), tx.now()), true)
        } else {
            let asked = unchanged(tx.conn(), &given.correction_id, &given.etag).await?;
            if asked.submission_id != row.submission_id {
                return Err(Error::not_found("correction", given.correction_id));
            }
            (asked, false)
        };
        let due = due.unwrap_or_else(|| tx.now() + TimeDelta::days(i64::from(days)));
        if due <= tx.now() {
            return Err(Error::invalid(
                "due_time",
                "更正的截止时间必须在现在之后。",
                "The time to correct ends in the future.",
            ));
        }
        correction.state = correction.state()?.settle(State::Granted)?.as_str().to_owned();
        correction.old_revision = row.accepted_revision;
        correction.decider_name.clone_from(&actor.account_name);
        correction.decide_time = Some(tx.now());
        let correction = if is_new {
            correction::insert(tx.conn(), &correction).await?;
            correction
        } else {
            correction::save(tx.conn(), correction).await?
        };
        row.correction_from.clone_from(&row.state);
        row.correction_id.clone_from(&correction.correction_id);
        report::give_until(tx.conn(), &mut row, Some(due)).await?;
        let detail = json!({
            "correction": correction.correction_id,
            "state": next.as_str(),
            "reason": correction.reason,
            "due_time": due,
        });
        tx.audit(audited(&row.submission_id), detail);
        finish(tx, row, next, actor, &correction.reason).await?;
        Ok(correction)
    }
}

/// Makes the working copy what is in the results, and locks the report again.
async fn restore(
    tx: &Tx<'_>,
    catalogue: &Catalogue,
    mut row: report::Model,
    actor: Actor,
) -> Result<(), Error> {
    let frozen = revision::get(tx.conn(), &row.submission_id, row.accepted_revision).await?;
    let stored = restore_cells(tx, &row.submission_id, &frozen).await?;
    restore_sections(tx, &row.submission_id, &frozen).await?;
    row.filled_cells = i32::try_from(edit::filled(catalogue, &row.report_kind, &stored)).unwrap_or(i32::MAX);
    let back = row.correction_from()?.unwrap_or(Standing::Accepted);
    row.state = back.as_str().to_owned();
    row.end_correction();
    row.set_declaration(Some(Declaration {
        name: frozen.declaration_name,
        office: frozen.declaration_office,
        time: frozen.declaration_time,
    }));
    event::insert(tx.conn(), &actor.at(tx.now()), &row.submission_id, back, "").await?;
    report::save(tx.conn(), row, tx.now()).await?;
    Ok(())
}

/// Puts every cell back that is different now. Versions go on, so that nobody overwrites what they have not seen.
async fn restore_cells(
    tx: &Tx<'_>,
    submission_id: &str,
    frozen: &revision::Model,
) -> Result<StoredCells, Error> {
    let mut stored = cell::load(tx.conn(), submission_id).await?;
    let mut wanted = frozen.cells()?;
    wanted.retain(|_, cell| !cell.derived);
    let codes: BTreeSet<String> = stored.keys().chain(wanted.keys()).cloned().collect();
    let mut changed = StoredCells::new();
    for code in codes {
        let (value, note) = match wanted.remove(&code) {
            Some(cell) => (Some(cell.value), cell.note),
            None => (None, String::new()),
        };
        let present = stored.get(&code);
        if present.is_some_and(|cell| cell.value == value && (value.is_none() || cell.note == note)) {
            continue;
        }
        let version = present.map_or(0, |cell| cell.version) + 1;
        changed.insert(code, StoredCell { value, note, version });
    }
    cell::put(tx.conn(), submission_id, changed.clone()).await?;
    stored.extend(changed);
    Ok(stored)
}

async fn restore_sections(tx: &Tx<'_>, submission_id: &str, frozen: &revision::Model) -> Result<(), Error> {
    let mut wanted = frozen.sections()?;
    for (code, mut section) in section::load(tx.conn(), submission_id).await? {
        let body = wanted.remove(&code).unwrap_or_default();
        if section.body != body {
            section.body = body;
            section.version += 1;
            section::put(tx.conn(), &section).await?;
        }
    }
    Ok(())
}
