//! Expected reports beside those that were begun. The roster goes into the query as one JSON value, so that counting, sorting
//! and paging are the database's work on both databases.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbBackend, FromQueryResult, QuerySelect, Statement, Value, entity::prelude::*,
};
use zhijian_platform::{Error, Page};

use super::section;
use crate::domain::{notice::NOT_BEGUN, roster::Duty, submission::State, text::is_storable};

/// One expected report.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Line {
    /// The key of the order, as it goes into a page token.
    pub key_number: i64,
    /// The same, where the order is by text.
    pub key_text: String,
    pub report_kind: String,
    pub organisation_code: String,
    pub subject_code: String,
    pub district: String,
    /// Nothing while nobody has begun.
    pub submission_id: Option<String>,
    /// The state's name, or [`NOT_BEGUN`].
    pub state: String,
    pub revision_number: i32,
    pub filled_cells: i32,
    pub required_cells: i32,
    pub update_time: Option<DateTimeUtc>,
    /// The due time that this school alone was given, if there is one.
    pub own_due_time: Option<DateTimeUtc>,
    pub late: i32,
    pub idle: i32,
}

/// How many expected reports of a kind and district are in a state.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Count {
    pub report_kind: String,
    pub district: String,
    pub state: String,
    pub count: i64,
    pub late: i64,
    pub idle: i64,
    pub filled_cells: i64,
    pub required_cells: i64,
}

/// What is asked of the roster.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    pub cycle_year: i32,
    pub duties: &'a [Duty],
    /// The cycle's due time; a school may have a later one of its own.
    pub due: Option<DateTime<Utc>>,
    pub now: DateTime<Utc>,
    /// Reports with the school that were not changed since count as idle.
    pub idle_since: DateTime<Utc>,
}

/// Which lines are wanted; what is empty does not filter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub report_kind: String,
    /// "-" means none.
    pub district: String,
    /// Names of states.
    pub states: Vec<&'static str>,
    pub late: bool,
    pub idle: bool,
    pub search: String,
}

/// By what lines are ordered; organisation, kind and subject decide among equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    Organisation,
    District,
    State,
    Filled,
    Update,
}

/// The states in which a report is with the school, in SQL.
const WITH_SCHOOL: &str = "('not_begun', 'draft', 'approved', 'returned')";

/// A statement in the making: its text and its values, in the dialect of one database.
struct Sql {
    backend: DbBackend,
    values: Vec<Value>,
}

impl Sql {
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn statement(self, text: String) -> Statement {
        Statement::from_sql_and_values(self.backend, text, self.values)
    }

    /// The common table `line` of all expected reports, and those that were begun without being expected.
    fn lines(&mut self, question: &Question<'_>, order: Order) -> Result<String, Error> {
        let roster = self.bind(serde_json::to_string(question.duties).map_err(Error::internal)?);
        let year = self.bind(question.cycle_year);
        let idle = self.bind(question.idle_since);
        let in_time = match question.due {
            Some(due) if due >= question.now => "1 = 1".to_owned(),
            Some(_) => format!("own_due_time >= {}", self.bind(question.now)),
            None => format!("(own_due_time IS NULL OR own_due_time >= {})", self.bind(question.now)),
        };
        let roster = match self.backend {
            DbBackend::Postgres => format!(
                "SELECT k, o, s, d, t FROM json_to_recordset({roster}::json) AS duty(k text, o text, s text, d text, t text)"
            ),
            _ => {
                let part = |name: &str| format!("json_extract(value, '$.{name}') AS {name}");
                let parts = ["k", "o", "s", "d", "t"].map(part).join(", ");
                format!("SELECT {parts} FROM json_each({roster})")
            }
        };
        let (number, text) = (self.key(order), if order == Order::District { "district" } else { "''" });
        Ok(format!(
            "WITH roster AS ({roster}), \
             begun AS (SELECT * FROM submission_report WHERE cycle_year = {year}), \
             extended AS (SELECT organisation_code AS extended_code, MAX(granted_time) AS granted_time \
             FROM submission_extension WHERE cycle_year = {year} AND state = 'granted' GROUP BY organisation_code), \
             known AS (SELECT COALESCE(k, report_kind) AS report_kind, COALESCE(o, organisation_code) AS organisation_code, \
             COALESCE(s, subject_code) AS subject_code, COALESCE(d, '') AS district, \
             COALESCE(t, organisation_code || ' ' || subject_code) AS names, submission_id, \
             COALESCE(state, '{NOT_BEGUN}') AS state, COALESCE(revision_number, 0) AS revision_number, \
             COALESCE(filled_cells, 0) AS filled_cells, COALESCE(required_cells, 0) AS required_cells, update_time, \
             COALESCE(own_due_time, granted_time) AS own_due_time \
             FROM roster FULL JOIN begun ON report_kind = k AND organisation_code = o AND subject_code = s \
             LEFT JOIN extended ON extended_code = COALESCE(o, organisation_code)), \
             line AS (SELECT known.*, {number} AS key_number, {text} AS key_text, \
             CASE WHEN state IN {WITH_SCHOOL} AND NOT COALESCE({in_time}, FALSE) THEN 1 ELSE 0 END AS late, \
             CASE WHEN update_time < {idle} AND state IN {WITH_SCHOOL} THEN 1 ELSE 0 END AS idle FROM known) "
        ))
    }

    /// The number by which an order goes.
    fn key(&self, order: Order) -> String {
        let key = match order {
            Order::Organisation | Order::District => "0".to_owned(),
            Order::State => {
                let ranks: String = [NOT_BEGUN]
                    .into_iter()
                    .chain(State::ALL.iter().map(|state| state.as_str()))
                    .enumerate()
                    .map(|(rank, name)| format!("WHEN '{name}' THEN {rank} "))
                    .collect();
                format!("CASE state {ranks} ELSE 99 END")
            }
            Order::Filled => {
                "CASE WHEN required_cells > 0 THEN filled_cells * 1000 / required_cells ELSE -1 END"
                    .to_owned()
            }
            Order::Update => match self.backend {
                DbBackend::Postgres => "COALESCE(FLOOR(EXTRACT(EPOCH FROM update_time)), 0)".to_owned(),
                _ => "COALESCE(strftime('%s', update_time), 0)".to_owned(),
            },
        };
        format!("CAST({key} AS BIGINT)")
    }

    fn conditions(&mut self, filter: &Filter) -> String {
        let mut conditions = vec!["1 = 1".to_owned()];
        if !filter.report_kind.is_empty() {
            let kind = self.bind(filter.report_kind.as_str());
            conditions.push(format!("report_kind = {kind}"));
        }
        match filter.district.as_str() {
            "" => {}
            "-" => conditions.push("district = ''".to_owned()),
            district => {
                let district = self.bind(district);
                conditions.push(format!("district = {district}"));
            }
        }
        if !filter.states.is_empty() {
            let names: Vec<String> = filter.states.iter().map(|name| self.bind(*name)).collect();
            conditions.push(format!("state IN ({})", names.join(", ")));
        }
        if filter.late {
            conditions.push("late = 1".to_owned());
        }
        if filter.idle {
            conditions.push("idle = 1".to_owned());
        }
        if !filter.search.is_empty() {
            let part = self.bind(filter.search.to_lowercase());
            conditions.push(match self.backend {
                DbBackend::Postgres => format!("strpos(names, {part}) > 0"),
                _ => format!("instr(names, {part}) > 0"),
            });
        }
        conditions.join(" AND ")
    }
}

/// Counts the expected reports by kind, district and state.
///
/// # Errors
/// The database's own.
pub async fn count(conn: &impl ConnectionTrait, question: &Question<'_>) -> Result<Vec<Count>, Error> {
    let mut sql = Sql { backend: conn.get_database_backend(), values: vec![] };
    let lines = sql.lines(question, Order::Organisation)?;
    let sum = |column: &str| format!("CAST(SUM({column}) AS BIGINT) AS {column}");
    let sums = ["late", "idle", "filled_cells", "required_cells"].map(sum).join(", ");
    let text = format!(
        "{lines} SELECT report_kind, district, state, COUNT(*) AS count, {sums} FROM line \
         GROUP BY report_kind, district, state ORDER BY report_kind, district, state"
    );
    Ok(Count::find_by_statement(sql.statement(text)).all(conn).await?)
}

/// How many lines the filter lets through.
///
/// # Errors
/// The database's own.
pub async fn total(
    conn: &impl ConnectionTrait,
    question: &Question<'_>,
    filter: &Filter,
) -> Result<i64, Error> {
    let mut sql = Sql { backend: conn.get_database_backend(), values: vec![] };
    let lines = sql.lines(question, Order::Organisation)?;
    let conditions = sql.conditions(filter);
    let text = format!("{lines} SELECT COUNT(*) AS count FROM line WHERE {conditions}");
    let row = conn.query_one_raw(sql.statement(text)).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "count")?))
}

/// The lines of a page.
///
/// # Errors
/// INVALID_ARGUMENT if the page's key is not of this list; the database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    question: &Question<'_>,
    filter: &Filter,
    order: Order,
    descending: bool,
    page: &Page,
) -> Result<Vec<Line>, Error> {
    const KEY: &str = "key_number, key_text, organisation_code, report_kind, subject_code";
    let mut sql = Sql { backend: conn.get_database_backend(), values: vec![] };
    let lines = sql.lines(question, order)?;
    let mut conditions = sql.conditions(filter);
    if let Some(after) = page.after() {
        let parts: Vec<&str> = after.split('\n').collect();
        let [number, text, organisation, kind, subject] = parts[..] else { return Err(super::bad_token()) };
        let number: i64 = number.parse().map_err(|_| super::bad_token())?;
        if !is_storable(after) {
            return Err(super::bad_token());
        }
        let mut place = vec![sql.bind(number)];
        place.extend([text, organisation, kind, subject].map(|part| sql.bind(part)));
        let than = if descending { "<" } else { ">" };
        conditions.push_str(&format!(" AND ({KEY}) {than} ({})", place.join(", ")));
    }
    let direction = if descending { "DESC" } else { "ASC" };
    let by = KEY.split(", ").map(|column| format!("{column} {direction}")).collect::<Vec<_>>().join(", ");
    let limit = page.limit();
    let text = format!("{lines} SELECT * FROM line WHERE {conditions} ORDER BY {by} LIMIT {limit}");
    Ok(Line::find_by_statement(sql.statement(text)).all(conn).await?)
}

impl Line {
    /// Its place in the list, as a page token's key.
    pub fn key(&self) -> String {
        let Self { key_number, key_text, organisation_code, report_kind, subject_code, .. } = self;
        format!("{key_number}\n{key_text}\n{organisation_code}\n{report_kind}\n{subject_code}")
    }
}

/// How many sections of each of these submissions have a text.
///
/// # Errors
/// The database's own.
pub async fn written_sections(
    conn: &impl ConnectionTrait,
    submission_ids: Vec<String>,
) -> Result<std::collections::HashMap<String, i64>, Error> {
    let rows: Vec<(String, i64)> = section::Entity::find()
        .select_only()
        .column(section::Column::SubmissionId)
        .column_as(section::Column::SectionCode.count(), "count")
        .filter(section::Column::SubmissionId.is_in(submission_ids))
        .filter(section::Column::Body.ne(""))
        .group_by(section::Column::SubmissionId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}
