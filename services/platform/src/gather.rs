//! Amendments on PostgreSQL: what several callers ask at once goes to the database as one statement, and so does what they
//! write, in one commit.
//!
//! A statement costs the database more than the rows it is about. Whatever has queued while one was under way goes with the
//! next, so that nobody waits for company: alone, a change is sent at once.

use std::{future::Future, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, Statement, Value};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::{
    Error,
    amend::{Query, Script},
};

/// How many statements of a kind are on their way at once at most.
const AT_ONCE: usize = 4;
/// How long those that have queued wait for the statement before: one that is held up holds up nobody else.
const PATIENCE: Duration = Duration::from_millis(25);
/// How many jobs one statement does at most.
const BATCH: usize = 64;
/// How many jobs wait before callers are held back.
const QUEUE: usize = 4096;

/// The columns of what is written for every change: its lock, its audit entry, and its answer in Base64.
pub(crate) const RECORD: [(&str, &str); 9] = [
    ("amend_key", "text"),
    ("amend_time", "timestamptz"),
    ("amend_account", "text"),
    ("amend_action", "text"),
    ("amend_resource", "text"),
    ("amend_detail", "text"),
    ("amend_request", "text"),
    ("amend_hash", "text"),
    ("amend_response", "text"),
];
/// The columns of what is asked about every change: whether its request was answered before.
pub(crate) const REQUEST: [(&str, &str); 2] = [("amend_account", "text"), ("amend_request", "text")];

/// A row of a statement's input: a JSON object's members, by the names of the columns.
pub(crate) struct Row(String);

/// What can be done for several callers in one statement.
pub(crate) trait Job: Send + Sync + Sized + 'static {
    type Answer: Send + 'static;

    /// What must be the same for jobs to share a statement.
    fn text(&self) -> &'static str;

    /// Does jobs of the same text; answers each, in their order.
    fn run(
        conn: &impl ConnectionTrait,
        jobs: &[&Self],
    ) -> impl Future<Output = Result<Vec<Self::Answer>, Error>> + Send;
}

/// Asks what a change is decided by.
pub(crate) struct Question {
    pub query: Query,
    /// By the names of the query's columns and of [`REQUEST`].
    pub row: Row,
}

/// Writes a change; answers whether its guard held and its resource was free.
pub(crate) struct Change {
    pub script: &'static Script,
    /// By the names of the script's columns and of [`RECORD`].
    pub row: Row,
    /// The resource that it is about: of several changes of one resource, one is made.
    pub lock_key: String,
}

/// Statements for jobs of one kind.
pub(crate) struct Shared<J: Job>(mpsc::Sender<Waiting<J>>);

type Waiting<J> = (J, oneshot::Sender<Result<<J as Job>::Answer, Error>>);

impl<J: Job> Shared<J> {
    pub(crate) fn new(pool: &DatabaseConnection) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        tokio::spawn(carry(pool.clone(), queue));
        Self(sender)
    }

    pub(crate) async fn run(&self, job: J) -> Result<J::Answer, Error> {
        let (sender, answer) = oneshot::channel();
        let stopped = || Error::Unavailable("the database is being left".into());
        self.0.send((job, sender)).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

async fn carry<J: Job>(pool: DatabaseConnection, mut queue: mpsc::Receiver<Waiting<J>>) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(place) = room.clone().acquire_owned().await else { return };
        let mut batch = Vec::new();
        if queue.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        let pool = pool.clone();
        let sending = tokio::spawn(async move {
            send_all(&pool, batch).await;
            drop(place);
        });
        // Two at once would be half as large each: the next one waits, unless this one takes long.
        let _ = tokio::time::timeout(PATIENCE, sending).await;
    }
}

async fn send_all<J: Job>(pool: &DatabaseConnection, mut batch: Vec<Waiting<J>>) {
    while let Some((first, _)) = batch.first() {
        let text = first.text();
        let (same, others) = batch.into_iter().partition(|(job, _)| std::ptr::eq(job.text(), text));
        batch = others;
        send(pool, same).await;
    }
}

async fn send<J: Job>(pool: &DatabaseConnection, batch: Vec<Waiting<J>>) {
    let jobs: Vec<&J> = batch.iter().map(|(job, _)| job).collect();
    let answers = match J::run(pool, &jobs).await {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) if jobs.len() == 1 => vec![Err(error)],
        // One of them spoiled it for all: each for itself.
        Err(_) => {
            let mut answers = Vec::with_capacity(jobs.len());
            for job in jobs {
                answers.push(alone(pool, job).await);
            }
            answers
        }
    };
    for ((_, caller), answer) in batch.into_iter().zip(answers) {
        // A caller that has gone away does not want its answer; what was written stands all the same.
        let _ = caller.send(answer);
    }
}

/// Does one job, on any connection.
pub(crate) async fn alone<J: Job>(conn: &impl ConnectionTrait, job: &J) -> Result<J::Answer, Error> {
    let answer = J::run(conn, &[job]).await?.pop();
    answer.ok_or_else(|| Error::internal("a statement did not answer its only job"))
}

impl Job for Question {
    type Answer = QueryResult;

    fn text(&self) -> &'static str {
        self.query.postgres
    }

    async fn run(conn: &impl ConnectionTrait, questions: &[&Self]) -> Result<Vec<QueryResult>, Error> {
        let Some(first) = questions.first() else { return Ok(Vec::new()) };
        let rows = questions.iter().enumerate();
        let rows = rows.map(|(place, question)| format!("{{\"amend_place\":{place}{}}}", question.row.0));
        // OFFSET 0 keeps each look-up apart, so that it goes by the key even while a fresh table has no statistics.
        let sql = format!(
            "SELECT asked.amend_place, earlier.amend_request_hash, earlier.amend_response, found.* FROM {} \
             LEFT JOIN LATERAL (\
             SELECT request_hash AS amend_request_hash, response AS amend_response FROM platform_request \
             WHERE account_id = asked.amend_account AND request_id = asked.amend_request OFFSET 0) AS earlier ON TRUE \
             LEFT JOIN LATERAL ({} OFFSET 0) AS found ON TRUE ORDER BY asked.amend_place",
            input("asked", REQUEST.iter().chain(first.query.columns)),
            first.query.postgres,
        );
        let found = conn.query_all_raw(statement(sql, rows)).await?;
        // One row each: what is asked for is found by its key.
        if found.len() != questions.len() {
            return Err(Error::internal("a query of an amendment answers one row"));
        }
        Ok(found)
    }
}

impl Job for Change {
    type Answer = bool;

    fn text(&self) -> &'static str {
        self.script.postgres
    }

    async fn run(conn: &impl ConnectionTrait, changes: &[&Self]) -> Result<Vec<bool>, Error> {
        let Some(first) = changes.first() else { return Ok(Vec::new()) };
        let mut order: Vec<(usize, &Self)> = changes.iter().copied().enumerate().collect();
        // Whoever else writes several reports at once goes by their ids as well.
        order.sort_by(|(_, one), (_, other)| one.lock_key.cmp(&other.lock_key));
        let rows = order.into_iter();
        let rows = rows.map(|(place, change)| format!("{{\"amend_place\":{place}{}}}", change.row.0));
        // A change whose resource is being changed by somebody else is left out: the others need not wait for it.
        let sql = format!(
            "WITH change AS MATERIALIZED (SELECT * FROM {} \
             WHERE pg_try_advisory_xact_lock(hashtextextended(amend_key, 0))), {}, \
             amend_trail AS (INSERT INTO platform_audit (time, account_id, action, resource, detail) \
             SELECT amend_time, amend_account, amend_action, amend_resource, amend_detail FROM guard), \
             amend_answer AS (\
             INSERT INTO platform_request (account_id, request_id, action, request_hash, response, create_time) \
             SELECT amend_account, amend_request, amend_action, amend_hash, decode(amend_response, 'base64'), \
             amend_time FROM guard) \
             SELECT amend_place FROM guard",
            input("asked", RECORD.iter().chain(first.script.columns)),
            first.script.postgres,
        );
        let mut made = vec![false; changes.len()];
        for row in conn.query_all_raw(statement(sql, rows)).await? {
            let place: i32 = row.try_get("", "amend_place")?;
            let change = usize::try_from(place).ok().and_then(|place| made.get_mut(place));
            *change.ok_or_else(|| Error::internal("a change was made that was not asked for"))? = true;
        }
        Ok(made)
    }
}

/// The statement's only parameter as a table.
fn input<'a>(name: &str, columns: impl Iterator<Item = &'a (&'static str, &'static str)>) -> String {
    let columns: String = columns.map(|(column, kind)| format!(", {column} {kind}")).collect();
    format!("json_to_recordset($1::json) AS {name}(amend_place int{columns})")
}

fn statement(sql: String, rows: impl Iterator<Item = String>) -> Statement {
    let rows = format!("[{}]", rows.collect::<Vec<_>>().join(","));
    Statement::from_sql_and_values(DbBackend::Postgres, sql, [rows.into()])
}

impl Row {
    /// Ours, and what the caller's query or script has beside.
    ///
    /// # Errors
    /// INTERNAL unless there is a value of a known type for each column.
    pub(crate) fn new(
        ours: (&[(&'static str, &'static str)], &[Value]),
        theirs: (&[(&'static str, &'static str)], &[Value]),
    ) -> Result<Self, Error> {
        let mut row = String::new();
        for (columns, values) in [ours, theirs] {
            if columns.len() != values.len() {
                return Err(Error::internal("an amendment has a value for each of its columns"));
            }
            for ((name, _), value) in columns.iter().zip(values) {
                row.push_str(",\"");
                row.push_str(name);
                row.push_str("\":");
                row.push_str(&json(value)?);
            }
        }
        Ok(Self(row))
    }
}

fn json(value: &Value) -> Result<String, Error> {
    let json = match value {
        Value::Bool(value) => serde_json::to_string(value),
        Value::Int(value) => serde_json::to_string(value),
        Value::BigInt(value) => serde_json::to_string(value),
        Value::String(value) => serde_json::to_string(value),
        Value::Json(value) => serde_json::to_string(value),
        Value::ChronoDateTimeUtc(value) => serde_json::to_string(value),
        Value::Bytes(value) => serde_json::to_string(&value.as_ref().map(|bytes| STANDARD.encode(bytes))),
        other => return Err(Error::internal(format!("an amendment has no values like {other:?}"))),
    };
    json.map_err(Error::internal)
}
