//! The one way to write: repeated requests, the change, its audit entries and its answer, in one transaction.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use prost::Message;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, Statement};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Db, Error, Grant, audit};

mod request {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "platform_request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub request_id: String,
        pub action: String,
        pub request_hash: String,
        pub response: Vec<u8>,
        pub create_time: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A transaction in which a change is made.
pub struct Tx<'t> {
    transaction: &'t DatabaseTransaction,
    now: DateTime<Utc>,
    notes: Mutex<Notes>,
}

#[derive(Default)]
struct Notes {
    entries: Vec<(String, serde_json::Value)>,
    unchanged: bool,
}

impl Tx<'_> {
    /// The connection to query and write with.
    pub fn conn(&self) -> &DatabaseTransaction {
        self.transaction
    }

    /// The time of the change, the same throughout the transaction; whole milliseconds.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Waits for other changes to these resources, and makes them wait until this one ends. `resources` are what grants
    /// for them are about ("submission/sub_…"). Take all that a change needs in one call: that is what prevents two
    /// changes from waiting for each other.
    ///
    /// # Errors
    /// The database's own.
    pub async fn lock_all(&self, mut resources: Vec<String>) -> Result<(), Error> {
        if self.transaction.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        resources.sort();
        let keys = serde_json::to_string(&resources).map_err(Error::internal)?;
        let sql = "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) \
                   FROM (SELECT key FROM json_array_elements_text($1::json) AS keys(key) ORDER BY key) AS sorted";
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [keys.into()]);
        self.transaction.query_all_raw(statement).await?;
        Ok(())
    }

    /// Records what changed: the resource's id, and a JSON object without secrets.
    pub fn audit(&self, resource: impl Into<String>, detail: serde_json::Value) {
        self.notes().entries.push((resource.into(), detail));
    }

    /// States that the call found everything as asked, so that there is nothing to record.
    pub fn unchanged(&self) {
        self.notes().unchanged = true;
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Db {
    /// Makes a change on behalf of a caller, once for each `request_id`.
    ///
    /// Changes to the same resource run one after another. `request` tells whether a repeated `request_id` belongs to
    /// the same request; blank out what is secret in it. The closure does database work only.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for a `request_id` that is no UUID or was used for another request; whatever `job` answers.
    pub async fn mutate<Request, Response, F>(
        &self,
        grant: &Grant,
        request_id: &str,
        request: &Request,
        job: F,
    ) -> Result<Response, Error>
    where
        Request: Message,
        Response: Message + Default + 'static,
        F: for<'t> FnOnce(&'t Tx<'t>) -> BoxFuture<'t, Result<Response, Error>> + Send + 'static,
    {
        let request_id = parse_request_id(request_id)?;
        let grant = grant.clone();
        let request_hash = hash(grant.action(), &request.encode_to_vec());
        let clock = self.clock().clone();
        self.writer
            .write(move |transaction| {
                Box::pin(async move {
                    lock(transaction, grant.lock_key()).await?;
                    let key = (grant.actor_id().to_owned(), request_id);
                    if let Some(earlier) = request::Entity::find_by_id(key.clone()).one(transaction).await? {
                        if earlier.request_hash != request_hash {
                            return Err(Error::RequestReused);
                        }
                        return Response::decode(earlier.response.as_slice()).map_err(Error::internal);
                    }
                    let tx = Tx { transaction, now: clock.now(), notes: Mutex::default() };
                    let response = job(&tx).await?;
                    record(&tx, grant.actor_id(), grant.action()).await?;
                    request::Entity::insert(request::ActiveModel {
                        account_id: Set(key.0),
                        request_id: Set(key.1),
                        action: Set(grant.action().to_owned()),
                        request_hash: Set(request_hash),
                        response: Set(response.encode_to_vec()),
                        create_time: Set(tx.now),
                    })
                    .exec_without_returning(transaction)
                    .await?;
                    Ok(response)
                })
            })
            .await
    }

    /// Makes one step of a long call on behalf of a caller.
    ///
    /// It has no `request_id`: the closure finds in the database how far the call has come, so that a repeated step
    /// changes nothing. Steps under the same `lock_key` run one after another.
    ///
    /// # Errors
    /// Whatever `job` answers.
    pub async fn mutate_step<T, F>(&self, grant: &Grant, lock_key: &str, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx<'t>) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
    {
        let (grant, lock_key) = (grant.clone(), lock_key.to_owned());
        let clock = self.clock().clone();
        self.writer
            .write(move |transaction| {
                Box::pin(async move {
                    lock(transaction, &lock_key).await?;
                    let tx = Tx { transaction, now: clock.now(), notes: Mutex::default() };
                    let value = job(&tx).await?;
                    record(&tx, grant.actor_id(), grant.action()).await?;
                    Ok(value)
                })
            })
            .await
    }

    /// Makes a change of the system's own, without a caller: `action` names it in the audit trail.
    ///
    /// # Errors
    /// Whatever `job` answers.
    pub async fn mutate_as_system<T, F>(
        &self,
        action: &'static str,
        lock_key: &str,
        job: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx<'t>) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
    {
        let lock_key = lock_key.to_owned();
        let clock = self.clock().clone();
        self.writer
            .write(move |transaction| {
                Box::pin(async move {
                    lock(transaction, &lock_key).await?;
                    let tx = Tx { transaction, now: clock.now(), notes: Mutex::default() };
                    let value = job(&tx).await?;
                    record(&tx, "", action).await?;
                    Ok(value)
                })
            })
            .await
    }
}

/// The canonical form of a request's id.
pub(crate) fn parse_request_id(request_id: &str) -> Result<String, Error> {
    let request_id = Uuid::parse_str(request_id).map_err(|_| {
        Error::invalid(
            "request_id",
            "request_id 必须是 UUID；重试同一请求时请使用同一个值。",
            "request_id must be a UUID; use the same one when you repeat the same request.",
        )
    })?;
    Ok(request_id.to_string())
}

pub(crate) fn hash(action: &str, request: &[u8]) -> String {
    let mut sha = Sha256::new();
    sha.update(action.as_bytes());
    sha.update([0]);
    sha.update(request);
    format!("{:x}", sha.finalize())
}

/// Changes of the same key wait for each other. SQLite has one writer, so that nothing is needed there.
pub(crate) async fn lock(transaction: &DatabaseTransaction, key: &str) -> Result<(), Error> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction
            .execute_raw(Statement::from_sql_and_values(
                DbBackend::Postgres,
                "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
                [key.into()],
            ))
            .await?;
    }
    Ok(())
}

async fn record(tx: &Tx<'_>, actor: &str, action: &str) -> Result<(), Error> {
    let notes = std::mem::take(&mut *tx.notes());
    if notes.entries.is_empty() && !notes.unchanged {
        return Err(Error::internal(format!("{action} changed something without an audit entry")));
    }
    audit::write(tx.conn(), tx.now(), actor, action, notes.entries).await
}
