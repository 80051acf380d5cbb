//! Saving cells in two trips: one row with all that a save is decided by, one guarded write.

use std::{collections::BTreeSet, sync::LazyLock};

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Iden, Iterable, QueryResult, Value};
use serde::{Deserialize, Serialize};
use zhijian_platform::{
    Error,
    amend::{Plan, Query, Script},
};

use super::{cell, cycle, event::Deed, report};
use crate::domain::edit::StoredCells;

/// A cell as both databases exchange it with us, in JSON.
#[derive(Debug, Serialize, Deserialize)]
struct Packed {
    code: String,
    kind: String,
    value: String,
    note: String,
    version: i64,
}

/// What a save is decided by.
#[derive(Debug)]
pub struct Before {
    /// The report.
    pub row: report::Model,
    /// Its cycle.
    pub cycle: cycle::Model,
    /// Those of the cells asked for that were ever saved.
    pub cells: StoredCells,
}

/// What a save writes.
#[derive(Debug)]
pub struct After<'a> {
    /// The report as it was read, with what is to change: `version` is the one it was read at.
    pub row: &'a report::Model,
    /// The version of the cycle that allowed it.
    pub cycle: &'a cycle::Model,
    /// The changed cells.
    pub cells: &'a StoredCells,
    /// Who saves, and whether the state of the report is another now.
    pub deed: &'a Deed,
    /// Whether this is an event in the report's history.
    pub moved: bool,
}

/// The query and the script, with the cells of `codes`.
///
/// # Errors
/// INTERNAL if the codes cannot be written down.
pub fn plan(submission_id: &str, codes: &BTreeSet<String>) -> Result<Plan, Error> {
    let codes = serde_json::to_value(codes).map_err(Error::internal)?;
    Ok(Plan {
        query: Query {
            columns: &[("submission_id", "text"), ("codes", "text[]")],
            postgres: &QUERIES.0,
            sqlite: &QUERIES.1,
        },
        parameters: vec![submission_id.into(), codes.into()],
        script: &SCRIPT,
    })
}

impl Before {
    /// Reads the row of the query; nothing if there is no such submission.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn read(found: &QueryResult) -> Result<Option<Self>, Error> {
        if found.try_get::<Option<String>>(REPORT, "submission_id")?.is_none() {
            return Ok(None);
        }
        let cells: Option<String> = found.try_get("", "cells")?;
        let cells: Vec<Packed> =
            serde_json::from_str(cells.as_deref().unwrap_or("[]")).map_err(Error::internal)?;
        let row = report::Model::from_query_result(found, REPORT)?;
        let cells = cells.into_iter().map(|packed| {
            let code = packed.code.clone();
            Ok((code, cell::stored(packed.unpacked(&row.submission_id))?))
        });
        Ok(Some(Self {
            cells: cells.collect::<Result<_, Error>>()?,
            cycle: cycle::Model::from_query_result(found, CYCLE)?,
            row,
        }))
    }
}

impl Packed {
    fn unpacked(self, submission_id: &str) -> cell::Model {
        cell::Model {
            submission_id: submission_id.to_owned(),
            indicator_code: self.code,
            kind: self.kind,
            value: self.value,
            note: self.note,
            version: self.version,
        }
    }
}

impl After<'_> {
    /// The values of the script, in the order of its columns.
    ///
    /// # Errors
    /// INTERNAL if the cells cannot be written down.
    pub fn values(&self, now: DateTime<Utc>) -> Result<Vec<Value>, Error> {
        let row = self.row;
        let cells: Vec<Packed> = self
            .cells
            .iter()
            .map(|(code, cell)| cell::model(&row.submission_id, code, cell))
            .map(|model| Packed {
                code: model.indicator_code,
                kind: model.kind,
                value: model.value,
                note: model.note,
                version: model.version,
            })
            .collect();
        Ok(vec![
            row.submission_id.as_str().into(),
            row.version.into(),
            self.cycle.year.into(),
            self.cycle.version.into(),
            row.state.as_str().into(),
            row.filled_cells.into(),
            row.declaration_name.as_str().into(),
            row.declaration_office.as_str().into(),
            row.declaration_time.into(),
            now.into(),
            serde_json::to_value(&cells).map_err(Error::internal)?.into(),
            self.deed.action.as_str().into(),
            self.deed.account_id.as_str().into(),
            self.deed.account_name.as_str().into(),
            self.moved.into(),
            row.last_edits.as_str().into(),
        ])
    }
}

const REPORT: &str = "report_";
const CYCLE: &str = "cycle_";

/// The query for PostgreSQL and for SQLite: every column of the report and of its cycle, and the cells as JSON.
static QUERIES: LazyLock<(String, String)> = LazyLock::new(|| {
    let columns = |table: &str, prefix: &str, names: Vec<String>| -> String {
        names.iter().map(|name| format!("{table}.{name} AS {prefix}{name}, ")).collect()
    };
    let columns = columns("r", REPORT, report::Column::iter().map(|column| column.to_string()).collect())
        + &columns("c", CYCLE, cycle::Column::iter().map(|column| column.to_string()).collect());
    let query = |id: &str, cells: &str| {
        format!(
            "SELECT {columns} ({cells}) AS cells FROM submission_report AS r \
             JOIN submission_cycle AS c ON c.year = r.cycle_year WHERE r.submission_id = {id}"
        )
    };
    let fields = ["code", "kind", "value", "note", "version"];
    let pairs = fields.map(|field| {
        let column = if field == "code" { "indicator_code" } else { field };
        format!("'{field}', s.{column}")
    });
    let pairs = pairs.join(", ");
    let postgres = format!(
        "SELECT json_agg(json_build_object({pairs}))::text FROM submission_cell AS s \
         WHERE s.submission_id = asked.submission_id \
         AND s.indicator_code = ANY(asked.codes)"
    );
    let sqlite = format!(
        "SELECT json_group_array(json_object({pairs})) FROM submission_cell AS s \
         WHERE s.submission_id = $1 AND s.indicator_code IN (SELECT value FROM json_each($2))"
    );
    (query("asked.submission_id", &postgres), query("$1", &sqlite))
});

static SCRIPT: Script = Script {
    columns: &[
        ("submission_id", "text"),
        ("read_version", "bigint"),
        ("cycle_year", "int"),
        ("cycle_version", "bigint"),
        ("state", "text"),
        ("filled_cells", "int"),
        ("declaration_name", "text"),
        ("declaration_office", "text"),
        ("declaration_time", "timestamptz"),
        ("time", "timestamptz"),
        ("cells", "json"),
        ("action", "text"),
        ("account_id", "text"),
        ("account_name", "text"),
        ("moved", "boolean"),
        ("last_edits", "text"),
    ],
    postgres: "guard AS (\
        UPDATE submission_report AS report SET state = change.state, filled_cells = change.filled_cells, \
        declaration_name = change.declaration_name, declaration_office = change.declaration_office, \
        declaration_time = change.declaration_time, update_time = change.time, last_edits = change.last_edits, \
        version = report.version + 1 \
        FROM change JOIN submission_cycle AS cycle \
        ON cycle.year = change.cycle_year AND cycle.version = change.cycle_version \
        WHERE report.submission_id = change.submission_id AND report.version = change.read_version \
        RETURNING change.*), \
        saved AS (\
        INSERT INTO submission_cell (submission_id, indicator_code, kind, value, note, version) \
        SELECT guard.submission_id, cell.code, cell.kind, cell.value, cell.note, cell.version FROM guard, \
        json_to_recordset(guard.cells) AS cell(code text, kind text, value text, note text, version bigint) \
        ON CONFLICT (submission_id, indicator_code) DO UPDATE SET \
        kind = excluded.kind, value = excluded.value, note = excluded.note, version = excluded.version), \
        happened AS (\
        INSERT INTO submission_event (submission_id, time, action, account_id, account_name, state, comment) \
        SELECT submission_id, time, action, account_id, account_name, state, '' FROM guard WHERE moved)",
    sqlite_guard: "UPDATE submission_report SET state = $5, filled_cells = $6, declaration_name = $7, \
        declaration_office = $8, declaration_time = $9, update_time = $10, last_edits = $16, \
        version = version + 1 \
        WHERE submission_id = $1 AND version = $2 \
        AND EXISTS (SELECT 1 FROM submission_cycle WHERE year = $3 AND version = $4)",
    sqlite_rest: "INSERT INTO submission_cell (submission_id, indicator_code, kind, value, note, version) \
        SELECT $1, value->>'code', value->>'kind', value->>'value', value->>'note', value->>'version' \
        FROM json_each($11) WHERE TRUE \
        ON CONFLICT (submission_id, indicator_code) DO UPDATE SET \
        kind = excluded.kind, value = excluded.value, note = excluded.note, version = excluded.version; \
        INSERT INTO submission_event (submission_id, time, action, account_id, account_name, state, comment) \
        SELECT $1, $10, $12, $13, $14, $5, '' WHERE $15",
};
