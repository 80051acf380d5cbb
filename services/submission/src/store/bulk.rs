//! Streamed bulk saves: how far a session got, and the cells of many reports in few statements.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, Condition, DbBackend, IntoActiveModel, QueryOrder, QuerySelect, Statement, Value,
    entity::prelude::*,
};
use zhijian_platform::{Error, Page};

use super::{ROWS_A_STATEMENT, cell, report};
use crate::domain::edit::{StoredCell, StoredCells};

/// A session.
pub mod session {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "submission_bulk")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: String,
        pub account_id: String,
        pub next_row: i64,
        pub saved: i64,
        pub unchanged: i64,
        pub refused: i64,
        pub create_time: DateTimeUtc,
        pub update_time: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A refused row.
pub mod refusal {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "submission_bulk_refusal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub row_number: i64,
        pub reason: String,
        pub submission_id: String,
        pub indicator_code: String,
        pub message_zh: String,
        pub message_en: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The session of this id, if anything of it was saved.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, session_id: &str) -> Result<Option<session::Model>, Error> {
    Ok(session::Entity::find_by_id(session_id).one(conn).await?)
}

/// Stores how far a session got; `new` says whether it is stored for the first time.
///
/// # Errors
/// The database's own.
pub async fn save(conn: &impl ConnectionTrait, row: &session::Model, new: bool) -> Result<(), Error> {
    if new {
        session::Entity::insert(row.clone().into_active_model().reset_all())
            .exec_without_returning(conn)
            .await?;
        return Ok(());
    }
    let change = session::ActiveModel {
        next_row: Set(row.next_row),
        saved: Set(row.saved),
        unchanged: Set(row.unchanged),
        refused: Set(row.refused),
        update_time: Set(row.update_time),
        ..Default::default()
    };
    session::Entity::update_many()
        .set(change)
        .filter(session::Column::SessionId.eq(&row.session_id))
        .exec(conn)
        .await?;
    Ok(())
}

/// Keeps refused rows.
///
/// # Errors
/// The database's own.
pub async fn refuse(conn: &impl ConnectionTrait, rows: Vec<refusal::Model>) -> Result<(), Error> {
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        let rows = rows.iter().cloned().map(|row| row.into_active_model().reset_all());
        refusal::Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// The refused rows of a page, in order.
///
/// # Errors
/// INVALID_ARGUMENT if the page's key is no row; the database's own.
pub async fn refusals(
    conn: &impl ConnectionTrait,
    session_id: &str,
    page: &Page,
) -> Result<Vec<refusal::Model>, Error> {
    let mut query = refusal::Entity::find()
        .filter(refusal::Column::SessionId.eq(session_id))
        .order_by_asc(refusal::Column::RowNumber)
        .limit(page.limit());
    if let Some(after) = page.after() {
        let after: i64 = after.parse().map_err(|_| super::bad_token())?;
        query = query.filter(refusal::Column::RowNumber.gt(after));
    }
    Ok(query.all(conn).await?)
}

/// The reports of these ids, and those of a year with these (organisation, kind, subject).
///
/// # Errors
/// The database's own.
pub async fn reports(
    conn: &impl ConnectionTrait,
    ids: &[&str],
    cycle_year: i32,
    keys: &[(&str, &str, &str)],
) -> Result<Vec<report::Model>, Error> {
    let mut found = Vec::with_capacity(ids.len() + keys.len());
    for ids in ids.chunks(ROWS_A_STATEMENT) {
        let ids = ids.iter().copied();
        found.extend(report::Entity::find().filter(report::Column::SubmissionId.is_in(ids)).all(conn).await?);
    }
    for keys in keys.chunks(ROWS_A_STATEMENT) {
        let any = keys.iter().fold(Condition::any(), |any, (organisation, kind, subject)| {
            any.add(
                Condition::all()
                    .add(report::Column::CycleYear.eq(cycle_year))
                    .add(report::Column::ReportKind.eq(*kind))
                    .add(report::Column::SubjectCode.eq(*subject))
                    .add(report::Column::OrganisationCode.eq(*organisation)),
            )
        });
        found.extend(report::Entity::find().filter(any).all(conn).await?);
    }
    Ok(found)
}

/// The cells of these submissions that were ever saved.
///
/// # Errors
/// The database's own.
pub async fn cells(conn: &impl ConnectionTrait, ids: &[&str]) -> Result<HashMap<String, StoredCells>, Error> {
    let mut found: HashMap<String, StoredCells> = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(ROWS_A_STATEMENT) {
        for row in cells_of(conn, ids).await? {
            let (id, code) = (row.submission_id.clone(), row.indicator_code.clone());
            found.entry(id).or_default().insert(code, cell::stored(row)?);
        }
    }
    Ok(found)
}

async fn cells_of(conn: &impl ConnectionTrait, ids: &[&str]) -> Result<Vec<cell::Model>, DbErr> {
    let all = cell::Entity::find();
    if conn.get_database_backend() != DbBackend::Postgres {
        return all.filter(cell::Column::SubmissionId.is_in(ids.iter().copied())).all(conn).await;
    }
    // A fresh table has no statistics, and PostgreSQL would read all of it for a list of some dozens. OFFSET 0 keeps
    // the inner query apart, so that it goes by the key, report by report.
    const BY_KEY: &str = "SELECT found.* FROM unnest($1::text[]) AS wanted(id) CROSS JOIN LATERAL \
        (SELECT * FROM submission_cell WHERE submission_id = wanted.id OFFSET 0) AS found";
    let ids = array(ids.iter().copied());
    all.from_raw_sql(Statement::from_sql_and_values(DbBackend::Postgres, BY_KEY, [ids.into()]))
        .all(conn)
        .await
}

/// Writes cells of many submissions, each in place of what was there. One of version 1 was never saved before.
///
/// # Errors
/// The database's own.
pub async fn put(
    conn: &impl ConnectionTrait,
    changed: &BTreeMap<String, BTreeMap<String, StoredCell>>,
) -> Result<(), Error> {
    let rows = changed
        .iter()
        .flat_map(|(id, cells)| cells.iter().map(move |(code, cell)| cell::model(id, code, cell)));
    // Looking for what is in the way costs as much again as inserting.
    let (new, known): (Vec<_>, Vec<_>) = rows.partition(|row| row.version == 1);
    for (rows, otherwise) in [(new, ""), (known, REPLACE)] {
        match conn.get_database_backend() {
            DbBackend::Postgres => put_arrays(conn, rows, otherwise).await?,
            _ => put_rows(conn, rows, otherwise).await?,
        }
    }
    Ok(())
}

const COLUMNS: &str =
    "INSERT INTO submission_cell (submission_id, indicator_code, kind, value, note, version)";
const REPLACE: &str = "ON CONFLICT (submission_id, indicator_code) DO UPDATE SET \
    kind = excluded.kind, value = excluded.value, note = excluded.note, version = excluded.version";

/// One array a column: one short statement, which PostgreSQL plans once, however many rows.
async fn put_arrays(
    conn: &impl ConnectionTrait,
    rows: Vec<cell::Model>,
    otherwise: &str,
) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let column = |of: &dyn Fn(&cell::Model) -> &str| -> Value { array(rows.iter().map(of)).into() };
    let mut versions = String::from("{");
    for (place, row) in rows.iter().enumerate() {
        let separator = if place == 0 { "" } else { "," };
        // Writing to a text does not fail.
        let _ = write!(versions, "{separator}{}", row.version);
    }
    versions.push('}');
    let values = [
        column(&|row| &row.submission_id),
        column(&|row| &row.indicator_code),
        column(&|row| &row.kind),
        column(&|row| &row.value),
        column(&|row| &row.note),
        versions.into(),
    ];
    let sql = format!(
        "{COLUMNS} SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[]) \
         {otherwise}"
    );
    conn.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    Ok(())
}

/// An array of texts as PostgreSQL reads it.
fn array<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut array = String::from("{");
    for (place, text) in texts.enumerate() {
        if place > 0 {
            array.push(',');
        }
        array.push('"');
        for c in text.chars() {
            if matches!(c, '"' | '\\') {
                array.push('\\');
            }
            array.push(c);
        }
        array.push('"');
    }
    array.push('}');
    array
}

/// Many rows a statement, bound one by one: what SQLite is fastest with.
async fn put_rows(conn: &impl ConnectionTrait, rows: Vec<cell::Model>, otherwise: &str) -> Result<(), Error> {
    let sql = |rows: usize| {
        let places = vec!["(?,?,?,?,?,?)"; rows].join(",");
        format!("{COLUMNS} VALUES {places} {otherwise}")
    };
    let full = if rows.len() < ROWS_A_STATEMENT { String::new() } else { sql(ROWS_A_STATEMENT) };
    let mut rows = rows.into_iter();
    loop {
        let mut values: Vec<Value> = Vec::with_capacity(ROWS_A_STATEMENT * 6);
        let mut count = 0;
        for row in rows.by_ref().take(ROWS_A_STATEMENT) {
            count += 1;
            values.extend([
                row.submission_id.into(),
                row.indicator_code.into(),
                row.kind.into(),
                row.value.into(),
                row.note.into(),
                row.version.into(),
            ]);
        }
        if count == 0 {
            return Ok(());
        }
        let text = if count == ROWS_A_STATEMENT { full.clone() } else { sql(count) };
        conn.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, text, values)).await?;
    }
}

/// A report whose cells were changed.
#[derive(Debug)]
pub struct Touched {
    pub submission_id: String,
    pub state: &'static str,
    pub filled_cells: i32,
    /// Whether its state is another now: then its declaration is gone.
    pub moved: bool,
    /// Who changed which part last, as the row keeps it.
    pub last_edits: String,
}

/// Stores the counts and states of reports under their next versions.
///
/// # Errors
/// The database's own.
pub async fn touch(
    conn: &impl ConnectionTrait,
    reports: &[Touched],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if reports.is_empty() {
        return Ok(());
    }
    let packed: Vec<serde_json::Value> = reports
        .iter()
        .map(|report| {
            serde_json::json!({
                "id": report.submission_id,
                "state": report.state,
                "filled": report.filled_cells,
                "moved": i32::from(report.moved),
                "edits": report.last_edits,
            })
        })
        .collect();
    let packed = serde_json::to_string(&packed).map_err(Error::internal)?;
    let backend = conn.get_database_backend();
    let source = if backend == DbBackend::Postgres {
        "json_to_recordset($1::json) AS new(id text, state text, filled int, moved int, edits text)"
    } else {
        "(SELECT value->>'id' AS id, value->>'state' AS state, value->>'filled' AS filled, \
         value->>'moved' AS moved, value->>'edits' AS edits FROM json_each($1)) AS new"
    };
    let sql = format!(
        "UPDATE submission_report SET state = new.state, filled_cells = new.filled, update_time = $2, \
         last_edits = new.edits, version = version + 1, \
         declaration_name = CASE WHEN new.moved = 1 THEN '' ELSE declaration_name END, \
         declaration_office = CASE WHEN new.moved = 1 THEN '' ELSE declaration_office END, \
         declaration_time = CASE WHEN new.moved = 1 THEN NULL ELSE declaration_time END \
         FROM {source} WHERE submission_report.submission_id = new.id"
    );
    conn.execute_raw(Statement::from_sql_and_values(backend, sql, [packed.into(), now.into()])).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_quotes_what_would_end_its_elements() {
        let texts = ["", "a,b", r#"say "no""#, r"back\slash", "{}", "null", "学校"];
        assert_eq!(array(texts.into_iter()), r#"{"","a,b","say \"no\"","back\\slash","{}","null","学校"}"#);
    }
}
