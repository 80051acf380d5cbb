//! A small change in two trips to the database: one query to decide by, one guarded write that carries its audit entry
//! and its answer.
//!
//! [`Db::mutate`] holds a transaction open while it reads, checks and writes, and each of its statements is a trip. What
//! is saved thousands of times a second (a cell) is decided from one row instead, and written only if that row is still at
//! the version it was read at; if it is not, it is read and decided again. What `mutate` promises holds here too: once for
//! each `request_id`, one after another for each resource, and never without its audit entry.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use prost::Message;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, SqlErr, Statement, Value};

use crate::{
    Db, Error, Grant, gather,
    mutate::{hash, lock, parse_request_id},
    writer::Writer,
};

/// How often a change is decided anew from a fresh read before it takes its turn and reads under the lock.
const TRIES: usize = 3;

/// What an amendment is decided by, for each database.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    /// What [`Plan::parameters`] are called, in their order, and their types in PostgreSQL.
    pub columns: &'static [(&'static str, &'static str)],
    /// The parameters are columns of `asked`.
    pub postgres: &'static str,
    /// The parameters are `$1…`.
    pub sqlite: &'static str,
}

/// How an amendment is written, for each database.
#[derive(Debug)]
pub struct Script {
    /// What [`Amendment::values`] are called, in their order, and their types in PostgreSQL.
    pub columns: &'static [(&'static str, &'static str)],
    /// Common table expressions over the rows of `change`, each of which has the columns. The one called `guard` updates
    /// what was read, if it is as it was read, and returns `change.*`; the others select `FROM guard`.
    pub postgres: &'static str,
    /// Updates what was read, if it is as it was read; has the values as parameters `$1…`.
    pub sqlite_guard: &'static str,
    /// The other statements, run if the guard updated a row.
    pub sqlite_rest: &'static str,
}

/// What an amendment is decided from and written with.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Answers at most one row.
    pub query: Query,
    /// The parameters of the query.
    pub parameters: Vec<Value>,
    /// Writes what was decided.
    pub script: &'static Script,
}

/// A change that was decided.
#[derive(Debug)]
pub struct Amendment<Response> {
    /// The parameters of the script.
    pub values: Vec<Value>,
    /// The resource's id in the audit trail.
    pub resource: String,
    /// What changed: a JSON object without secrets.
    pub detail: serde_json::Value,
    /// What is answered now, and to the same request again.
    pub response: Response,
}

/// What reading found.
enum Found<Response> {
    /// The request was answered before.
    Answered(Response),
    /// It is decided.
    Decided(Box<Amendment<Response>>),
}

/// A change on its way.
struct Change<Decide> {
    grant: Grant,
    request_id: String,
    request_hash: String,
    plan: Plan,
    decide: Decide,
    now: DateTime<Utc>,
    backend: DbBackend,
}

impl Db {
    /// Makes a change on behalf of a caller, once for each `request_id`, that is decided from the one row that the plan's
    /// query answers and written by its script.
    ///
    /// `decide` gets that row, all of whose columns are NULL if there is none, and the time of the change; it may be asked
    /// more than once. `request` tells whether a repeated `request_id` belongs to the same request.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for a `request_id` that is no UUID or was used for another request; whatever `decide` answers.
    pub async fn amend<Request, Response, Decide>(
        &self,
        grant: &Grant,
        request_id: &str,
        request: &Request,
        plan: Plan,
        decide: Decide,
    ) -> Result<Response, Error>
    where
        Request: Message,
        Response: Message + Default + 'static,
        Decide: Fn(&QueryResult, DateTime<Utc>) -> Result<Amendment<Response>, Error> + Send + Sync + 'static,
    {
        let backend = self.backend();
        let request_id = parse_request_id(request_id)?;
        let change = Arc::new(Change {
            request_hash: hash(grant.action(), &request.encode_to_vec()),
            grant: grant.clone(),
            request_id,
            plan,
            decide,
            now: self.clock().now(),
            backend,
        });
        for _ in 0..TRIES {
            let found = match self.writer.as_ref() {
                Writer::Postgres { questions, .. } => questions.run(change.question()?).await?,
                Writer::Sqlite { .. } => change.ask(self.reader()).await?,
            };
            let amendment = match change.decide(&found)? {
                Found::Answered(response) => return Ok(response),
                Found::Decided(amendment) => *amendment,
            };
            let written = match self.writer.as_ref() {
                Writer::Postgres { changes, .. } => changes.run(change.row(&amendment)?).await,
                Writer::Sqlite { .. } => {
                    let statements = change.statements(&amendment);
                    self.writer
                        .write(move |transaction| Box::pin(async move { run(transaction, statements).await }))
                        .await
                }
            };
            if written.or_else(answered_meanwhile)? {
                return Ok(amendment.response);
            }
        }
        // Many change the same resource at once: wait for the others, then read what cannot change any more.
        self.writer
            .write(move |transaction| {
                Box::pin(async move {
                    lock(transaction, change.grant.lock_key()).await?;
                    match change.decide(&change.ask(transaction).await?)? {
                        Found::Answered(response) => Ok(response),
                        Found::Decided(amendment) if change.write(transaction, &amendment).await? => {
                            Ok(amendment.response)
                        }
                        Found::Decided(_) => Err(Error::internal("a change was refused under its own lock")),
                    }
                })
            })
            .await
    }
}

impl<Decide> Change<Decide> {
    /// Reads what it is decided by.
    async fn ask(&self, conn: &impl ConnectionTrait) -> Result<QueryResult, Error> {
        if self.backend == DbBackend::Postgres {
            return gather::alone(conn, &self.question()?).await;
        }
        let row = conn.query_one_raw(self.sqlite_query()).await?;
        row.ok_or_else(|| Error::internal("the query of an amendment answers one row always"))
    }

    /// The plan's query as PostgreSQL takes it.
    fn question(&self) -> Result<gather::Question, Error> {
        let request = [self.grant.actor_id().into(), self.request_id.as_str().into()];
        let query = self.plan.query;
        let row = gather::Row::new((&gather::REQUEST, &request), (query.columns, &self.plan.parameters))?;
        Ok(gather::Question { query, row })
    }

    /// The plan's query for SQLite, beside the answer that the request may have had before.
    fn sqlite_query(&self) -> Statement {
        let mut values = self.plan.parameters.clone();
        let (account, id) = (values.len() + 1, values.len() + 2);
        values.extend([self.grant.actor_id().into(), self.request_id.as_str().into()]);
        let sql = format!(
            "SELECT earlier.request_hash AS amend_request_hash, earlier.response AS amend_response, found.* \
             FROM (SELECT 1 AS one) AS base \
             LEFT JOIN platform_request AS earlier \
             ON earlier.account_id = ${account} AND earlier.request_id = ${id} \
             LEFT JOIN ({query}) AS found ON TRUE",
            query = self.plan.query.sqlite,
        );
        Statement::from_sql_and_values(self.backend, sql, values)
    }

    fn decide<Response>(&self, row: &QueryResult) -> Result<Found<Response>, Error>
    where
        Response: Message + Default,
        Decide: Fn(&QueryResult, DateTime<Utc>) -> Result<Amendment<Response>, Error>,
    {
        let earlier: Option<String> = row.try_get("", "amend_request_hash")?;
        match earlier {
            Some(earlier) if earlier != self.request_hash => Err(Error::RequestReused),
            Some(_) => {
                let response: Vec<u8> = row.try_get("", "amend_response")?;
                Response::decode(response.as_slice()).map(Found::Answered).map_err(Error::internal)
            }
            None => Ok(Found::Decided(Box::new((self.decide)(row, self.now)?))),
        }
    }

    /// Writes it under its lock; answers whether the guard held.
    async fn write<Response: Message>(
        &self,
        conn: &impl ConnectionTrait,
        amendment: &Amendment<Response>,
    ) -> Result<bool, Error> {
        if self.backend != DbBackend::Postgres {
            return run(conn, self.statements(amendment)).await;
        }
        gather::alone(conn, &self.row(amendment)?).await
    }

    /// The change as PostgreSQL takes it.
    fn row<Response: Message>(&self, amendment: &Amendment<Response>) -> Result<gather::Change, Error> {
        let script = self.plan.script;
        let lock_key = self.grant.lock_key().to_owned();
        let mut record = vec![lock_key.as_str().into()];
        record.extend(self.record(amendment));
        let row = gather::Row::new((&gather::RECORD, &record), (script.columns, &amendment.values))?;
        Ok(gather::Change { script, row, lock_key })
    }

    /// The guard, and what follows it, for SQLite.
    fn statements<Response: Message>(&self, amendment: &Amendment<Response>) -> [Statement; 2] {
        let guard = Statement::from_sql_and_values(
            self.backend,
            self.plan.script.sqlite_guard,
            amendment.values.iter().cloned(),
        );
        let mut values = amendment.values.clone();
        let first = values.len() + 1;
        let [time, account, action, resource, detail, id, hash, response] =
            std::array::from_fn(|at| first + at);
        values.extend(self.record(amendment));
        let sql = format!(
            "{script}; \
             INSERT INTO platform_audit (time, account_id, action, resource, detail) \
             VALUES (${time}, ${account}, ${action}, ${resource}, ${detail}); \
             INSERT INTO platform_request (account_id, request_id, action, request_hash, response, create_time) \
             VALUES (${account}, ${id}, ${action}, ${hash}, ${response}, ${time})",
            script = self.plan.script.sqlite_rest,
        );
        [guard, Statement::from_sql_and_values(self.backend, sql, values)]
    }

    /// The audit entry and the answer, as parameters.
    fn record<Response: Message>(&self, amendment: &Amendment<Response>) -> [Value; 8] {
        [
            self.now.into(),
            self.grant.actor_id().into(),
            self.grant.action().into(),
            amendment.resource.as_str().into(),
            amendment.detail.to_string().into(),
            self.request_id.as_str().into(),
            self.request_hash.as_str().into(),
            amendment.response.encode_to_vec().into(),
        ]
    }
}

/// Runs the guard and, if it updated a row, the rest.
async fn run(conn: &impl ConnectionTrait, [guard, rest]: [Statement; 2]) -> Result<bool, Error> {
    if conn.execute_raw(guard).await?.rows_affected() == 0 {
        return Ok(false);
    }
    conn.execute_raw(rest).await?;
    Ok(true)
}

/// A `request_id` that was sent twice at once was answered in between: reading again finds the answer.
fn answered_meanwhile(error: Error) -> Result<bool, Error> {
    let taken = match &error {
        Error::Internal(cause) => cause.downcast_ref::<DbErr>().and_then(DbErr::sql_err),
        _ => None,
    };
    if matches!(taken, Some(SqlErr::UniqueConstraintViolation(_))) { Ok(false) } else { Err(error) }
}
