//! The second half of a streamed bulk save: the verdicts, and one transaction with all that follows from them.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;
use zhijian_platform::{Call, Error, Grant, Text, Tx};
use zhijian_proto::submission::v1::{
    BulkHeader, BulkOutcome, BulkRefusal, BulkSaveCellsResponse, BulkSession, bulk_refusal,
};

use super::{
    bulk::session,
    prepare::{Prepared, Row, Rows, Target},
};
use crate::{
    domain::{
        edit::{StoredCell, StoredCells},
        parts::Part,
        submission::{Move, State},
        transfer::bulk::{Reason, Refusal, Verdict, judge},
    },
    rpc::{
        Actor, Rpc,
        submission::{audited, standing::situation, working::kind_of},
    },
    store::{bulk, cycle as cycles, event, report},
};

/// After how many refused rows a session ends.
pub const MAX_REFUSED: i64 = 10_000;

/// Saves the chunks of one session.
pub struct Saver {
    rpc: Rpc,
    actor: Actor,
    grant: Grant,
    header: BulkHeader,
    /// What a dry run has counted.
    tried: BulkSession,
}

impl Saver {
    /// `grant` proves that the caller may edit some reports; which, was asked for each.
    pub fn new(rpc: Rpc, call: &Call, grant: Grant, header: BulkHeader) -> Self {
        Self { rpc, actor: Actor::of(call), grant, header, tried: BulkSession::default() }
    }

    /// Judges a chunk and saves what is to be saved; the answer is durable.
    pub async fn save(&mut self, chunk: Prepared) -> Result<BulkSaveCellsResponse, Error> {
        let BulkHeader { session_id, overwrite, dry_run, .. } = self.header.clone();
        if dry_run {
            let db = &self.rpc.ctx.db;
            let Prepared { first_row, next_row, reports } = chunk;
            let judged = judged(db.reader(), reports, overwrite, &self.actor, db.clock().now()).await?;
            let counts = judged.counts();
            self.tried.session_id = session_id;
            self.tried.next_row = next_row;
            self.tried.saved += counts.saved;
            self.tried.unchanged += counts.unchanged;
            self.tried.refused += counts.refused;
            return Ok(judged.answer(first_row, next_row, self.tried.clone()));
        }
        let actor = self.actor.clone();
        let lock = format!("bulk/{session_id}");
        self.rpc
            .ctx
            .db
            .mutate_step(&self.grant, &lock, move |tx| {
                Box::pin(async move { step(tx, chunk, session_id, overwrite, actor).await })
            })
            .await
    }
}

/// One transaction.
async fn step(
    tx: &Tx<'_>,
    mut chunk: Prepared,
    session_id: String,
    overwrite: bool,
    actor: Actor,
) -> Result<BulkSaveCellsResponse, Error> {
    let conn = tx.conn();
    let earlier = bulk::find(conn, &session_id).await?;
    let new = earlier.is_none();
    let mut row = earlier.unwrap_or_else(|| bulk::session::Model {
        session_id: session_id.clone(),
        account_id: actor.account_id.clone(),
        next_row: 0,
        saved: 0,
        unchanged: 0,
        refused: 0,
        create_time: tx.now(),
        update_time: tx.now(),
    });
    if row.account_id != actor.account_id {
        return Err(Error::not_found("bulk session", session_id));
    }
    // Another stream of the same session was faster: what it has saved is not saved again.
    if row.next_row > chunk.first_row {
        for report in &mut chunk.reports {
            report.rows.retain(|cell| cell.number >= row.next_row);
        }
        chunk.first_row = row.next_row.min(chunk.next_row);
    }
    let ids: Vec<String> = chunk
        .reports
        .iter()
        .filter_map(|report| report.target.as_ref())
        .map(|target| audited(&target.facts.submission_id))
        .collect();
    tx.lock_all(ids).await?;
    let Prepared { first_row, next_row, reports } = chunk;
    let judged = judged(conn, reports, overwrite, &actor, tx.now()).await?;
    let counts = judged.counts();
    row.next_row = row.next_row.max(next_row);
    row.saved += counts.saved;
    row.unchanged += counts.unchanged;
    row.refused += counts.refused;
    row.update_time = tx.now();
    bulk::save(conn, &row, new).await?;
    bulk::refuse(conn, judged.refusals.iter().map(|refusal| kept(&session_id, refusal)).collect()).await?;
    bulk::put(conn, &judged.changed).await?;
    bulk::touch(conn, &judged.touched, tx.now()).await?;
    let deed = actor.at(tx.now());
    for touched in judged.touched.iter().filter(|touched| touched.moved) {
        event::insert(conn, &deed, &touched.submission_id, State::Draft, "").await?;
    }
    if judged.changed.is_empty() {
        tx.unchanged();
    }
    for (id, cells) in &judged.changed {
        let values: BTreeMap<&String, _> = cells.iter().map(|(code, cell)| (code, &cell.value)).collect();
        tx.audit(audited(id), json!({ "bulk": session_id, "cells": values }));
    }
    Ok(judged.answer(first_row, next_row, session(row)))
}

/// A refused row with its place.
struct Refused {
    number: i64,
    refusal: Refusal,
    submission_id: String,
    code: String,
}

/// The verdicts on a chunk, and what they change.
#[derive(Default)]
struct Judged {
    outcomes: Vec<i32>,
    refusals: Vec<Refused>,
    changed: BTreeMap<String, StoredCells>,
    touched: Vec<bulk::Touched>,
    saved: i64,
    unchanged: i64,
}

impl Judged {
    fn counts(&self) -> BulkSession {
        let refused = i64::try_from(self.refusals.len()).unwrap_or(i64::MAX);
        BulkSession { saved: self.saved, unchanged: self.unchanged, refused, ..Default::default() }
    }

    fn answer(self, first_row: i64, next_row: i64, session: BulkSession) -> BulkSaveCellsResponse {
        let refusals = self.refusals.into_iter().map(|refused| BulkRefusal {
            row: refused.number,
            reason: reason(refused.refusal.reason).into(),
            message: Some(refused.refusal.text.into()),
            submission_id: refused.submission_id,
            indicator_code: refused.code,
        });
        BulkSaveCellsResponse {
            first_row,
            next_row,
            outcomes: self.outcomes,
            refusals: refusals.collect(),
            session: Some(session),
        }
    }
}

/// A report while its rows are judged.
struct Open {
    row: report::Model,
    /// The state it would be in after an edit, or why it cannot be edited.
    next: Result<State, Text>,
    moved: bool,
    filled: i64,
    /// The cells that were ever saved.
    stored: StoredCells,
    /// What is to be saved in their place.
    changed: StoredCells,
    /// Its tables, and why the caller does not edit them, where that is so.
    tables: BTreeMap<String, Option<Text>>,
    /// The tables that were changed.
    changed_tables: BTreeSet<String>,
}

impl Open {
    /// Why the caller may not change a cell of this table now, if that is so.
    fn obstacle(&mut self, target: &Target, group: &str, actor: &Actor) -> Result<Option<Text>, Error> {
        if let Err(text) = &self.next {
            return Ok(Some(text.clone()));
        }
        if let Some(known) = self.tables.get(group) {
            return Ok(known.clone());
        }
        let part = BTreeSet::from([Part::Group(group.to_owned())]);
        let catalogue = target.kind.catalogue();
        let kind = kind_of(catalogue, &self.row)?;
        let checked = self.row.plan()?.check(&actor.account_id, &part, catalogue, kind);
        let obstacle = checked.map_err(Error::from).err().map(|error| error.message());
        self.tables.insert(group.to_owned(), obstacle.clone());
        Ok(obstacle)
    }

    /// The cell as the rows before have left it.
    fn cell(&self, code: &str) -> Option<&StoredCell> {
        self.changed.get(code).or_else(|| self.stored.get(code))
    }

    /// Takes a new cell of `group`; `required` says whether it counts among those to fill in.
    fn save(&mut self, code: String, cell: StoredCell, group: &str, required: bool) {
        if required {
            let before = self.cell(&code).is_some_and(|cell| cell.value.is_some());
            self.filled += i64::from(cell.value.is_some()) - i64::from(before);
        }
        if !self.changed_tables.contains(group) {
            self.changed_tables.insert(group.to_owned());
        }
        self.changed.insert(code, cell);
    }
}

async fn judged(
    conn: &impl ConnectionTrait,
    reports: Vec<Rows>,
    overwrite: bool,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Judged, Error> {
    let mut open = open(conn, &reports, now).await?;
    let mut judged = Judged::default();
    for Rows { target, rows } in reports {
        let submission_id =
            target.as_ref().map(|target| target.facts.submission_id.as_str()).unwrap_or_default();
        let mut state = target.as_ref().zip(open.get_mut(submission_id));
        for Row { number, code, edit } in rows {
            let verdict = match (edit, &mut state) {
                (Err(refusal), _) => Verdict::Refused(refusal),
                (Ok(edit), Some((target, open))) => {
                    match open.obstacle(target, target.kind.group_of(&code), actor)? {
                        Some(text) => Verdict::Refused(Refusal { reason: Reason::NotEditable, text }),
                        None => judge(open.cell(&code), edit, overwrite),
                    }
                }
                (Ok(_), None) => return Err(Error::internal("a row was read for no report")),
            };
            let outcome = match (verdict, &mut state) {
                (Verdict::Save(cell), Some((target, open))) => {
                    let (group, required) = (target.kind.group_of(&code), target.kind.is_required(&code));
                    open.save(code, cell, group, required);
                    judged.saved += 1;
                    BulkOutcome::Saved
                }
                (Verdict::Refused(refusal), _) => {
                    let submission_id = submission_id.to_owned();
                    judged.refusals.push(Refused { number, refusal, submission_id, code });
                    BulkOutcome::Refused
                }
                _ => {
                    judged.unchanged += 1;
                    BulkOutcome::Unchanged
                }
            };
            judged.outcomes.push(outcome.into());
        }
    }
    for (id, open) in open {
        let Open { mut row, next: Ok(next), moved, filled, changed, changed_tables, .. } = open else {
            continue;
        };
        if changed.is_empty() {
            continue;
        }
        let parts = changed_tables.into_iter().map(Part::Group).collect();
        row.note_edit(&parts, (&actor.account_id, &actor.account_name), now)?;
        judged.touched.push(bulk::Touched {
            submission_id: id.clone(),
            state: next.as_str(),
            filled_cells: i32::try_from(filled.max(0)).unwrap_or(i32::MAX),
            moved,
            last_edits: row.last_edits,
        });
        judged.changed.insert(id, changed);
    }
    Ok(judged)
}

/// The reports as they stand.
async fn open(
    conn: &impl ConnectionTrait,
    reports: &[Rows],
    now: DateTime<Utc>,
) -> Result<HashMap<String, Open>, Error> {
    let known: HashMap<&str, _> = reports
        .iter()
        .filter_map(|report| report.target.as_ref())
        .map(|target| (target.facts.submission_id.as_str(), &target.facts))
        .collect();
    let ids: Vec<&str> = known.keys().copied().collect();
    let mut cells = bulk::cells(conn, &ids).await?;
    let mut years: HashMap<i32, cycles::Model> = HashMap::new();
    let mut open = HashMap::with_capacity(ids.len());
    let rows: Vec<report::Model> = bulk::reports(conn, &ids, 0, &[]).await?;
    for row in rows {
        let cycle = match years.entry(row.cycle_year) {
            Entry::Occupied(known) => &*known.into_mut(),
            Entry::Vacant(place) => &*place.insert(cycles::hold(conn, row.cycle_year).await?),
        };
        if known.get(row.submission_id.as_str()).is_none_or(|facts| !facts.holds(&row, cycle)) {
            return Err(Error::Unavailable(
                format!("submission {} is another now", row.submission_id).into(),
            ));
        }
        let state = row.state()?;
        let next = situation(&row, cycle)?.after(Move::Edit, now);
        let next = next.map_err(|refusal| Error::from(refusal).message());
        open.insert(
            row.submission_id.clone(),
            Open {
                moved: next.as_ref().is_ok_and(|next| *next != state),
                next,
                filled: i64::from(row.filled_cells),
                stored: cells.remove(&row.submission_id).unwrap_or_default(),
                changed: StoredCells::new(),
                tables: BTreeMap::new(),
                changed_tables: BTreeSet::new(),
                row,
            },
        );
    }
    Ok(open)
}

fn kept(session_id: &str, refused: &Refused) -> bulk::refusal::Model {
    /// As much of a code as a row keeps: what is no code may be long.
    const CODE: usize = 60;
    let short = |text: &str| text.chars().filter(|c| *c != '\0').take(CODE).collect();
    let storable = |text: &str| text.replace('\0', "\u{fffd}");
    bulk::refusal::Model {
        session_id: session_id.to_owned(),
        row_number: refused.number,
        reason: refused.refusal.reason.as_str().to_owned(),
        submission_id: refused.submission_id.clone(),
        indicator_code: short(&refused.code),
        message_zh: storable(&refused.refusal.text.zh),
        message_en: storable(&refused.refusal.text.en),
    }
}

/// A kept refusal as the wire has it.
pub fn refusal(row: bulk::refusal::Model) -> BulkRefusal {
    let reason = Reason::parse(&row.reason).map_or(bulk_refusal::Reason::Unspecified, reason);
    BulkRefusal {
        row: row.row_number,
        reason: reason.into(),
        message: Some(Text::new(row.message_zh, row.message_en).into()),
        submission_id: row.submission_id,
        indicator_code: row.indicator_code,
    }
}

fn reason(reason: Reason) -> bulk_refusal::Reason {
    match reason {
        Reason::ReportUnknown => bulk_refusal::Reason::ReportUnknown,
        Reason::NotEditable => bulk_refusal::Reason::NotEditable,
        Reason::IndicatorUnknown => bulk_refusal::Reason::IndicatorUnknown,
        Reason::ValueInvalid => bulk_refusal::Reason::ValueInvalid,
        Reason::Conflict => bulk_refusal::Reason::Conflict,
    }
}
