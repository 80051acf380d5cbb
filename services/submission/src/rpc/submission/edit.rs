//! Changing a working copy.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;
use zhijian_platform::{Call, Error, Tx, etag};
use zhijian_proto::submission::v1::{
    Cell, SaveCellsRequest, SaveCellsResponse, SaveSectionRequest, SaveSectionResponse, Section,
};

use super::{Moving, audited, begin, finish, read::working_cells, working::kind_of};
use crate::{
    domain::{
        catalogue::Catalogue,
        edit::{self, Edit, StoredCells},
        submission::Move,
        text::is_storable,
        value::Value,
    },
    rpc::{Actor, Rpc, convert},
    store::{cell, report, section},
};

/// How many cells one call may save.
const MAX_CELLS: usize = 500;
/// How many characters a section may have.
const MAX_BODY: usize = 200_000;
/// How much of a section's current text an error carries: details travel in headers.
const SHOWN_BODY: usize = 500;

impl Rpc {
    pub(super) async fn save_cells(
        &self,
        call: Call,
        input: SaveCellsRequest,
    ) -> Result<SaveCellsResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        if input.cells.is_empty() || input.cells.len() > MAX_CELLS {
            return Err(Error::invalid("cells", "一次保存 1–500 个单元格。", "One call saves 1–500 cells."));
        }
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let given = input.cells.iter().cloned().map(convert::cell_given).collect();
        let edits = edit::read(&catalogue, &row.report_kind, given).map_err(Error::Invalid)?;
        let actor = Actor::of(&call);
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { row, next, .. } = begin(tx, &row.submission_id, Move::Edit).await?;
                    let (row, cells) = change_cells(tx, &catalogue, row, edits).await?;
                    let row = finish(tx, row, next, actor, "").await?;
                    Ok(SaveCellsResponse { cells, submission: Some(convert::submission(row)?) })
                })
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
                    let Moving { row, next, .. } = begin(tx, &row.submission_id, Move::Edit).await?;
                    let section = change_section(tx, &row.submission_id, given).await?;
                    finish(tx, row, next, actor, "").await?;
                    Ok(SaveSectionResponse { section: Some(section) })
                })
            })
            .await
    }
}

/// Makes the edits; answers the changed cells, and the derived ones that changed with them.
async fn change_cells(
    tx: &Tx<'_>,
    catalogue: &Catalogue,
    mut row: report::Model,
    edits: Vec<Edit>,
) -> Result<(report::Model, Vec<Cell>), Error> {
    let kind = row.report_kind.clone();
    let mut stored = cell::load(tx.conn(), &row.submission_id).await?;
    let conflicts = edit::conflicts(&stored, &edits);
    if !conflicts.is_empty() {
        return Err(conflict(&stored, &conflicts));
    }
    let before = working_cells(catalogue, &kind, stored.clone());
    let changed = edit::apply(&mut stored, edits);
    cell::put(tx.conn(), &row.submission_id, &changed).await?;
    row.filled_cells = i32::try_from(edit::filled(catalogue, &kind, &stored)).unwrap_or(i32::MAX);
    let detail: BTreeMap<&String, &Option<Value>> =
        changed.iter().map(|(code, cell)| (code, &cell.value)).collect();
    tx.audit(audited(&row.submission_id), json!({ "cells": detail }));
    Ok((row, changes(catalogue, &kind, &before, stored)))
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

/// Somebody changed cells in between. Carries the current content of the first, and the codes of all.
fn conflict(stored: &StoredCells, codes: &[&str]) -> Error {
    let mut current = HashMap::from([("indicator_codes".to_owned(), codes.join(","))]);
    if let Some(code) = codes.first() {
        current.insert("indicator_code".to_owned(), (*code).to_owned());
        let cell = stored.get(*code);
        let (kind, value) = match cell.and_then(|cell| cell.value.as_ref()) {
            None => ("empty", String::new()),
            Some(Value::Number(number)) => ("number", number.to_string()),
            Some(Value::Text(text)) => ("text", text.clone()),
            Some(Value::NotApplicable(reason)) => ("not_applicable", reason.clone()),
        };
        let etag = cell.map(|cell| etag::of(cell.version)).unwrap_or_default();
        current.insert("current_kind".to_owned(), kind.to_owned());
        current.insert("current_value".to_owned(), value);
        current.insert("current_note".to_owned(), cell.map(|cell| cell.note.clone()).unwrap_or_default());
        current.insert("current_etag".to_owned(), etag);
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
