//! Long-running work: queued in the transaction that asks for it, claimed under a lease, taken up again after a restart.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::Utc;
use futures::{Stream, StreamExt, future::BoxFuture};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use zhijian_proto::common::v1::{
    GetOperationRequest, GetOperationResponse, Operation, WatchOperationRequest, WatchOperationResponse,
    operation::State, operation_service_server::OperationService,
};

use crate::{Call, Db, Error, Resource, Text, Tx, id, time::timestamp};

mod operation {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "platform_operation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub operation_id: String,
        pub kind: String,
        pub resource: String,
        pub payload: Vec<u8>,
        pub state: String,
        pub done: i32,
        pub total: i32,
        pub note_zh: String,
        pub note_en: String,
        pub create_time: DateTimeUtc,
        pub lease_until: Option<DateTimeUtc>,
        pub end_time: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A worker that has not reported for this long is taken for dead.
const LEASE: Duration = Duration::from_secs(30);
/// How often a worker looks for work that nobody told it of (another replica's, or a dead worker's).
const LOOK: Duration = Duration::from_secs(2);

/// One piece of work, as its handler sees it.
pub struct Job {
    /// The operation's id.
    pub operation_id: String,
    /// What is worked on.
    pub resource: String,
    /// What was queued with it.
    pub payload: Vec<u8>,
    db: Db,
    changed: watch::Sender<()>,
}

impl Job {
    /// Reports progress: `done` of `total` steps, and what is being done. Also renews the lease.
    ///
    /// # Errors
    /// The database's own.
    pub async fn progress(&self, done: i32, total: i32, note: Text) -> Result<(), Error> {
        let change = operation::ActiveModel {
            done: Set(done),
            total: Set(total),
            note_zh: Set(note.zh),
            note_en: Set(note.en),
            lease_until: Set(Some(Utc::now() + LEASE)),
            ..Default::default()
        };
        update(&self.db, &self.operation_id, change).await?;
        self.changed.send_replace(());
        Ok(())
    }
}

type Handler = Arc<dyn Fn(Job) -> BoxFuture<'static, Result<(), Error>> + Send + Sync>;

/// The queue of long-running work; cheap to clone.
#[derive(Clone)]
pub struct Operations {
    db: Db,
    handlers: Arc<RwLock<HashMap<&'static str, Handler>>>,
    changed: watch::Sender<()>,
}

impl Operations {
    pub(crate) fn new(db: Db) -> Self {
        Self { db, handlers: Arc::default(), changed: watch::Sender::new(()) }
    }

    /// Sets who does the work of `kind`. A handler may be run again after a crash, so it must be repeatable. An error
    /// ends the operation as failed, with its message as note.
    pub fn handle<F, Fut>(&self, kind: &'static str, handler: F)
    where
        F: Fn(Job) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |job| Box::pin(handler(job)));
        self.handlers.write().unwrap_or_else(PoisonError::into_inner).insert(kind, handler);
    }

    /// Queues work of `kind` about `resource` within the caller's transaction.
    ///
    /// # Errors
    /// The database's own.
    pub async fn enqueue(
        &self,
        tx: &Tx<'_>,
        kind: &str,
        resource: &str,
        payload: Vec<u8>,
    ) -> Result<Operation, Error> {
        let row = operation::Model {
            operation_id: id::new("op"),
            kind: kind.to_owned(),
            resource: resource.to_owned(),
            payload,
            state: "queued".to_owned(),
            done: 0,
            total: 0,
            note_zh: String::new(),
            note_en: String::new(),
            create_time: tx.now(),
            lease_until: None,
            end_time: None,
        };
        operation::Entity::insert(operation::ActiveModel::from(row.clone()))
            .exec_without_returning(tx.conn())
            .await?;
        Ok(row.into())
    }

    /// Tells the workers of this process that something was queued. Call it after the transaction.
    pub fn wake(&self) {
        self.changed.send_replace(());
    }

    /// Wakes after each change of an operation.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Works until `stop`: claims what is queued or was abandoned, one piece at a time.
    pub async fn work_until(self, stop: CancellationToken) {
        let mut changed = self.changed.subscribe();
        while !stop.is_cancelled() {
            match self.claim().await {
                Ok(Some(row)) => self.run(row).await,
                Ok(None) => {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        _ = changed.changed() => {}
                        () = tokio::time::sleep(LOOK) => {}
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the queue of operations cannot be read");
                    let _ = tokio::time::timeout(LOOK, stop.cancelled()).await;
                }
            }
        }
    }

    async fn claim(&self) -> Result<Option<operation::Model>, Error> {
        let kinds: Vec<&'static str> =
            self.handlers.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
        if kinds.is_empty() {
            return Ok(None);
        }
        let now = Utc::now();
        let claimable = Condition::all().add(operation::Column::Kind.is_in(kinds)).add(
            Condition::any()
                .add(operation::Column::State.eq("queued"))
                .add(operation::Column::State.eq("running").and(operation::Column::LeaseUntil.lt(now))),
        );
        let candidate = operation::Entity::find()
            .filter(claimable.clone())
            .order_by_asc(operation::Column::OperationId)
            .one(self.db.reader())
            .await?;
        let Some(mut row) = candidate else { return Ok(None) };
        let operation_id = row.operation_id.clone();
        let won = self
            .db
            .writer
            .write(move |transaction| {
                Box::pin(async move {
                    // The condition again, now under the row's lock: of several workers, one wins.
                    let result = operation::Entity::update_many()
                        .col_expr(operation::Column::State, Expr::value("running"))
                        .col_expr(operation::Column::LeaseUntil, Expr::value(now + LEASE))
                        .filter(operation::Column::OperationId.eq(operation_id))
                        .filter(claimable)
                        .exec(transaction)
                        .await?;
                    Ok(result.rows_affected == 1)
                })
            })
            .await?;
        row.state = "running".to_owned();
        Ok(won.then_some(row))
    }

    async fn run(&self, row: operation::Model) {
        let handler =
            self.handlers.read().unwrap_or_else(PoisonError::into_inner).get(row.kind.as_str()).cloned();
        let Some(handler) = handler else { return };
        let operation_id = row.operation_id.clone();
        let job = Job {
            operation_id: row.operation_id,
            resource: row.resource,
            payload: row.payload,
            db: self.db.clone(),
            changed: self.changed.clone(),
        };
        let work = tokio::spawn(handler(job));
        let abort = work.abort_handle();
        tokio::pin!(work);
        let result = loop {
            tokio::select! {
                result = &mut work => break result,
                () = tokio::time::sleep(LEASE / 3) => {
                    let renewal = operation::ActiveModel {
                        lease_until: Set(Some(Utc::now() + LEASE)),
                        ..Default::default()
                    };
                    if let Err(error) = update(&self.db, &operation_id, renewal).await {
                        tracing::warn!(%error, operation_id, "the lease of an operation was not renewed");
                    }
                }
            }
        };
        drop(abort);
        let (state, note) = match result {
            Ok(Ok(())) => ("succeeded", None),
            Ok(Err(error)) => {
                tracing::warn!(%error, operation_id, "operation {operation_id} failed");
                ("failed", Some(describe(&error)))
            }
            Err(error) => {
                tracing::error!(%error, operation_id, "operation {operation_id} panicked");
                ("failed", Some(Error::internal("panicked").message()))
            }
        };
        let mut end = operation::ActiveModel {
            state: Set(state.to_owned()),
            end_time: Set(Some(Utc::now())),
            lease_until: Set(None),
            ..Default::default()
        };
        if let Some(note) = note {
            end.note_zh = Set(note.zh);
            end.note_en = Set(note.en);
        }
        if let Err(error) = update(&self.db, &operation_id, end).await {
            tracing::error!(%error, operation_id, "the end of an operation was not recorded; it will be repeated");
        }
        self.changed.send_replace(());
    }

    /// The operation of this id, if there is one.
    ///
    /// # Errors
    /// The database's own.
    pub async fn find(&self, operation_id: &str) -> Result<Option<Operation>, Error> {
        Ok(operation::Entity::find_by_id(operation_id).one(self.db.reader()).await?.map(Into::into))
    }

    async fn get(&self, operation_id: &str) -> Result<Operation, Error> {
        operation::Entity::find_by_id(operation_id)
            .one(self.db.reader())
            .await?
            .map(Into::into)
            .ok_or_else(|| Error::not_found("operation", operation_id))
    }
}

/// A failure in words that name everything at fault, for the note of an operation.
fn describe(error: &Error) -> Text {
    match error {
        Error::Invalid(violations) | Error::Precondition { violations, .. } => {
            let zh: Vec<&str> =
                violations.iter().map(|violation| violation.description.zh.as_str()).collect();
            let en: Vec<&str> =
                violations.iter().map(|violation| violation.description.en.as_str()).collect();
            Text::new(zh.join("\n"), en.join("\n"))
        }
        other => other.message(),
    }
}

async fn update(db: &Db, operation_id: &str, change: operation::ActiveModel) -> Result<(), Error> {
    let operation_id = operation_id.to_owned();
    db.writer
        .write(move |transaction| {
            Box::pin(async move {
                operation::Entity::update_many()
                    .set(change)
                    .filter(operation::Column::OperationId.eq(operation_id))
                    .exec(transaction)
                    .await?;
                Ok(())
            })
        })
        .await
}

impl From<operation::Model> for Operation {
    fn from(row: operation::Model) -> Self {
        let state = match row.state.as_str() {
            "queued" => State::Queued,
            "running" => State::Running,
            "succeeded" => State::Succeeded,
            _ => State::Failed,
        };
        Self {
            operation_id: row.operation_id,
            kind: row.kind,
            resource: row.resource,
            state: state.into(),
            done: row.done.unsigned_abs(),
            total: row.total.unsigned_abs(),
            note_zh: row.note_zh,
            note_en: row.note_en,
            create_time: Some(timestamp(row.create_time)),
            end_time: row.end_time.map(timestamp),
        }
    }
}

#[tonic::async_trait]
impl OperationService for Operations {
    async fn get_operation(
        &self,
        request: Request<GetOperationRequest>,
    ) -> Result<Response<GetOperationResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::new("operation", &input.operation_id))?;
        let operation = self.get(&input.operation_id).await?;
        Ok(Response::new(GetOperationResponse { operation: Some(operation) }))
    }

    type WatchOperationStream = Pin<Box<dyn Stream<Item = Result<WatchOperationResponse, Status>> + Send>>;

    async fn watch_operation(
        &self,
        request: Request<WatchOperationRequest>,
    ) -> Result<Response<Self::WatchOperationStream>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::new("operation", &input.operation_id))?;
        let changed = self.changed.subscribe();
        let first = self.get(&input.operation_id).await?;
        let operations = self.clone();
        let stream = futures::stream::unfold(Some((first, changed, true)), move |state| {
            let operations = operations.clone();
            async move {
                let (mut operation, mut changed, fresh) = state?;
                if !fresh {
                    match operations.next_change(&operation, &mut changed).await {
                        Ok(next) => operation = next,
                        Err(error) => return Some((Err(error.into()), None)),
                    }
                }
                let ended = matches!(operation.state(), State::Succeeded | State::Failed);
                let message = WatchOperationResponse { operation: Some(operation.clone()) };
                Some((Ok(message), (!ended).then_some((operation, changed, false))))
            }
        });
        Ok(Response::new(stream.boxed()))
    }
}

impl Operations {
    /// Waits until the operation differs from `seen`. Looks on its own too, since another replica may do the work.
    async fn next_change(
        &self,
        seen: &Operation,
        changed: &mut watch::Receiver<()>,
    ) -> Result<Operation, Error> {
        loop {
            let _ = tokio::time::timeout(LOOK, changed.changed()).await;
            let now = self.get(&seen.operation_id).await?;
            if now != *seen {
                return Ok(now);
            }
        }
    }
}
