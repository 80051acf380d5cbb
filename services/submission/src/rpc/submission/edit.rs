//! Changing a working copy.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::json;
use zhijian_platform::{Call, Error, Tx, amend::Amendment, etag};
use zhijian_proto::submission::v1::{
    Cell, SaveCellsRequest, SaveCellsResponse, SaveSectionRequest, SaveSectionResponse, Section,
};

use super::{
    Moving, audited, begin, finish,
    read::working_cells,
    standing::{situation, tables_of, work_on},
    working::kind_of,
};
use crate::{
    domain::{
        affected,
        catalogue::Catalogue,
        edit::{self, Edit, StoredCells},
        parts::Part,
        submission::Move,
        text::is_storable,
        units::Conversion,
        value::Value,
    },
    rpc::{Actor, Rpc, convert},
    store::{
        saving::{self, After, Before},
        section,
    },
};

/// How many cells one call may save.
const MAX_CELLS: usize = 500;
/// How many characters a section may have.
const MAX_BODY: usize = 200_000;
/// How much of a section's current text an error carries: details travel in headers.
const SHOWN_BODY: usize = 500;
/// Of how many cells an error carries the current content.
const SHOWN_CONFLICTS: usize = 8;

impl Rpc {
    pub(super) async fn save_cells(
        &self,
        call: Call,
        input: SaveCellsRequest,
    ) -> Result<SaveCellsResponse, Error> {
        let (facts, grant) = self.admit_known(&call, &input.submission_id).await?;
        if input.cells.is_empty() || input.cells.len() > MAX_CELLS {
            return Err(Error::invalid("cells", "一次保存 1–500 个单元格。", "One call saves 1–500 cells."));
        }
        let catalogue = self.catalogue_of_year(facts.cycle_year, facts.catalogue_year)?;
        let given = input.cells.iter().cloned().map(convert::cell_given).collect();
        let edits = edit::read(&catalogue, &facts.report_kind, given).map_err(Error::Invalid)?;
        let touched: Vec<String> = edits.iter().map(|edit| edit.code.clone()).collect();
        let needed = affected::needed(&catalogue, &facts.report_kind, &touched);
        let plan = saving::plan(&facts.submission_id, &needed)?;
        let (actor, known) = (Actor::of(&call), self.known.clone());
        self.ctx
            .db
            .amend(&grant, &input.request_id, &input, plan, move |found, now| {
                let before = Before::read(found)?
                    .filter(|before| facts.holds(&before.row, &before.cycle))
                    .ok_or_else(|| known.stale(&facts))?;
                change_cells(&catalogue, before, edits.clone(), &actor, now)
            })
            .await
    }

    pub(super) async fn save_section(
        &self,
        call: Call,
        input: SaveSectionRequest,
    ) -> Result<SaveSectionResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let given = input.section.clone().unwrap_or_default();
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        if kind_of(&catalogue, &row)?.section(&given.section_code).is_none() {
            return Err(Error::invalid(
                "section.section_code",
                format!("这类年报没有 {:?} 这一节。", given.section_code),
                format!("This kind of report has no section {:?}.", given.section_code),
            ));
        }
        if given.body.chars().count() > MAX_BODY || !is_storable(&given.body) {
            return Err(Error::invalid(
                "section.body",
                "一节最多 200,000 字。",
                "A section has at most 200,000 characters.",
            ));
        }
        let actor = Actor::of(&call);
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { mut row, next, .. } = begin(tx, &row.submission_id, Move::Edit).await?;
                    let part = [Part::Section(given.section_code.clone())].into();
                    work_on(&mut row, &catalogue, &part, &actor, tx.now())?;
                    let section = change_section(tx, &row.submission_id, given).await?;
                    finish(tx, row, next, actor, "").await?;
                    Ok(SaveSectionResponse { section: Some(section) })
                })
            })
            .await
    }
}

/// Makes the edits; answers the changed cells, and the derived ones that changed with them.
pub(in crate::rpc) fn change_cells(
    catalogue: &Catalogue,
    before: Before,
    edits: Vec<Edit>,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Amendment<SaveCellsResponse>, Error> {
    let Before { mut row, cycle, mut cells } = before;
    let next = situation(&row, &cycle)?.after(Move::Edit, now)?;
    let tables = tables_of(catalogue, edits.iter().map(|edit| edit.code.as_str()));
    work_on(&mut row, catalogue, &tables, actor, now)?;
    let conflicts = edit::conflicts(&cells, &edits);
    if !conflicts.is_empty() {
        return Err(conflict(&cells, &conflicts));
    }
    let kind = row.report_kind.clone();
    let shown = working_cells(catalogue, &kind, cells.clone());
    let filled = edit::filled(catalogue, &kind, &cells);
    let conversions: BTreeMap<String, Conversion> =
        edits.iter().filter_map(|edit| Some((edit.code.clone(), edit.conversion.clone()?))).collect();
    let changed = edit::apply(&mut cells, edits);
    let filled = i64::from(row.filled_cells) + difference(edit::filled(catalogue, &kind, &cells), filled);
    row.filled_cells = i32::try_from(filled.max(0)).unwrap_or(i32::MAX);
    let moved = row.state()? != next;
    if moved {
        row.set_declaration(None);
        row.state = next.as_str().to_owned();
    }
    let deed = actor.clone().at(now);
    let after = After { row: &row, cycle: &cycle, cells: &changed, deed: &deed, moved };
    let values = after.values(now)?;
    let detail: BTreeMap<&String, &Option<Value>> =
        changed.iter().map(|(code, cell)| (code, &cell.value)).collect();
    let mut detail = json!({ "cells": detail });
    if !conversions.is_empty() {
        let said = conversions.iter().map(|(code, conversion)| (code.clone(), conversion.text().zh.into()));
        detail["conversions"] = serde_json::Value::Object(said.collect());
    }
    let resource = audited(&row.submission_id);
    row.version += 1;
    row.update_time = now;
    let mut cells = changes(catalogue, &kind, &shown, cells);
    for cell in &mut cells {
        cell.conversion = conversions.get(&cell.indicator_code).map(convert::conversion);
    }
    let response = SaveCellsResponse { cells, submission: Some(convert::submission(row)?) };
    Ok(Amendment { values, resource, detail, response })
}

fn difference(after: usize, before: usize) -> i64 {
    i64::try_from(after).unwrap_or(i64::MAX) - i64::try_from(before).unwrap_or(i64::MAX)
}

/// What is different now, in the catalogue's order. A derived value that fell away is an empty cell.
fn changes(
    catalogue: &Catalogue,
    kind: &str,
    before: &BTreeMap<String, Cell>,
    stored: StoredCells,
) -> Vec<Cell> {
    let mut after = working_cells(catalogue, kind, stored);
    let mut changes = Vec::new();
    for indicator in catalogue.indicators_of(kind) {
        let now = after.remove(&indicator.code);
        if now.as_ref() != before.get(&indicator.code) {
            let cell =
                now.unwrap_or_else(|| Cell { indicator_code: indicator.code.clone(), ..Default::default() });
            changes.push(Cell { derived: indicator.formula.is_some(), ..cell });
        }
    }
    changes
}

/// Somebody changed cells in between. Carries the current content of each, so that nobody's work is lost: the first
/// under "current_…", as many as fit under "CODE.…".
fn conflict(stored: &StoredCells, codes: &[&str]) -> Error {
    let mut current = HashMap::from([("indicator_codes".to_owned(), codes.join(","))]);
    let mut tell = |prefix: &str, code: &str| {
        let cell = stored.get(code);
        let (kind, value) = match cell.and_then(|cell| cell.value.as_ref()) {
            None => ("empty", String::new()),
            Some(Value::Number(number)) => ("number", number.to_string()),
            Some(Value::Text(text)) => ("text", text.clone()),
            Some(Value::NotApplicable(reason)) => ("not_applicable", reason.clone()),
        };
        current.insert(format!("{prefix}kind"), kind.to_owned());
        current.insert(format!("{prefix}value"), value);
        current.insert(format!("{prefix}note"), cell.map(|cell| cell.note.clone()).unwrap_or_default());
        let etag = cell.map(|cell| etag::of(cell.version)).unwrap_or_default();
        current.insert(format!("{prefix}etag"), etag);
    };
    if let Some(code) = codes.first() {
        tell("current_", code);
    }
    // Details travel in headers, which have little room.
    for code in codes.iter().take(SHOWN_CONFLICTS).skip(1) {
        tell(&format!("{code}."), code);
    }
    if let Some(code) = codes.first() {
        current.insert("indicator_code".to_owned(), (*code).to_owned());
    }
    Error::EtagMismatch { current }
}

async fn change_section(tx: &Tx<'_>, submission_id: &str, given: Section) -> Result<Section, Error> {
    let stored = section::find(tx.conn(), submission_id, &given.section_code).await?;
    let current = stored.as_ref().map(|row| etag::of(row.version)).unwrap_or_default();
    if current != given.etag {
        let body = stored.map(|row| row.body).unwrap_or_default();
        return Err(Error::EtagMismatch {
            current: HashMap::from([
                ("section_code".to_owned(), given.section_code),
                ("current_etag".to_owned(), current),
                ("current_value".to_owned(), body.chars().take(SHOWN_BODY).collect()),
            ]),
        });
    }
    let row = section::Model {
        submission_id: submission_id.to_owned(),
        section_code: given.section_code,
        body: given.body,
        version: stored.map_or(0, |row| row.version) + 1,
    };
    section::put(tx.conn(), &row).await?;
    let characters = row.body.chars().count();
    tx.audit(audited(submission_id), json!({ "section": row.section_code, "characters": characters }));
    Ok(Section { section_code: row.section_code, body: row.body, etag: etag::of(row.version) })
}
