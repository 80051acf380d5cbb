//! Who writes: on SQLite one task that commits what has queued, on PostgreSQL the pool, in which
//! amendments share statements.

use std::{any::Any, panic::AssertUnwindSafe};

use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::{
    Error,
    error::is_full,
    gather::{Change, Question, Shared},
};

/// How many writes wait before callers are held back.
const QUEUE: usize = 4096;
/// How many writes share one commit at most.
const BATCH: usize = 512;

type Answer = Result<Box<dyn Any + Send>, Error>;
type Job = Box<dyn for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Answer> + Send>;
type Queued = (Job, oneshot::Sender<Answer>);

pub(crate) enum Writer {
    Sqlite {
        connection: DatabaseConnection,
        queue: Mutex<Option<mpsc::Sender<Queued>>>,
        task: Mutex<Option<tokio::task::JoinHandle<()>>>,
    },
    Postgres {
        pool: DatabaseConnection,
        questions: Shared<Question>,
        changes: Shared<Change>,
    },
}

impl Writer {
    pub(crate) fn sqlite(connection: DatabaseConnection) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let task = tokio::spawn(write_queued(connection.clone(), jobs));
        Self::Sqlite { connection, queue: Mutex::new(Some(queue)), task: Mutex::new(Some(task)) }
    }

    pub(crate) fn postgres(pool: DatabaseConnection) -> Self {
        let (questions, changes) = (Shared::new(&pool), Shared::new(&pool));
        Self::Postgres { pool, questions, changes }
    }

    pub(crate) fn connection(&self) -> &DatabaseConnection {
        match self {
            Self::Sqlite { connection, .. } | Self::Postgres { pool: connection, .. } => connection,
        }
    }

    /// Runs `job` in a transaction and answers after the commit, or rolls back and answers its error.
    pub(crate) async fn write<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
    {
        match self {
            Self::Sqlite { queue, .. } => {
                let queue = queue.lock().await.clone().ok_or_else(stopped)?;
                let job: Job = Box::new(move |transaction| {
                    job(transaction)
                        .map(|result| result.map(|value| Box::new(value) as Box<dyn Any + Send>))
                        .boxed()
                });
                let (sender, answer) = oneshot::channel();
                queue.send((job, sender)).await.map_err(|_| stopped())?;
                let value = answer.await.map_err(|_| stopped())??;
                value
                    .downcast()
                    .map(|value| *value)
                    .map_err(|_| Error::internal("the writer mixed up two answers"))
            }
            Self::Postgres { pool, .. } => {
                let transaction = pool.begin().await?;
                let result = AssertUnwindSafe(job(&transaction)).catch_unwind().await;
                match result.unwrap_or_else(|_| Err(panicked())) {
                    Ok(value) => {
                        transaction.commit().await?;
                        Ok(value)
                    }
                    Err(error) => {
                        transaction.rollback().await?;
                        Err(error)
                    }
                }
            }
        }
    }

    pub(crate) async fn close(&self) {
        if let Self::Sqlite { queue, task, connection } = self {
            queue.lock().await.take();
            if let Some(task) = task.lock().await.take()
                && let Err(error) = task.await
            {
                tracing::error!(%error, "the writer stopped early");
            }
            if let Err(error) = connection.clone().close().await {
                tracing::warn!(%error, "the database did not close cleanly");
            }
        }
    }
}

fn stopped() -> Error {
    Error::Unavailable("the writer has stopped".into())
}

fn panicked() -> Error {
    Error::internal("a write panicked")
}

async fn write_queued(connection: DatabaseConnection, mut jobs: mpsc::Receiver<Queued>) {
    while let Some(first) = jobs.recv().await {
        let mut answers = Vec::new();
        let committed = write_batch(&connection, first, &mut jobs, &mut answers).await;
        match committed {
            Ok(()) => {
                for (sender, answer) in answers {
                    // A caller that has gone away does not want its answer; the write stands all the same.
                    let _ = sender.send(answer);
                }
            }
            Err(error) => {
                tracing::error!(%error, writes = answers.len(), "a batch of writes was not committed");
                start_afresh(&connection).await;
                let no_room = |(_, answer): &(_, Answer)| matches!(answer, Err(Error::StorageFull(_)));
                let full = is_full(&error) || answers.iter().any(no_room);
                for (sender, answer) in answers {
                    // What was refused on its own account stays so; nothing of the others was kept.
                    let _ = sender.send(Err(match answer {
                        Err(refused) => refused,
                        Ok(_) if full => Error::StorageFull(error.to_string().into()),
                        Ok(_) => Error::Unavailable(error.to_string().into()),
                    }));
                }
            }
        }
    }
}

/// Gives the connection up, and with it whatever transaction is open on it; the next batch opens another.
///
/// A database without room may end a transaction by itself, or leave one open whose commit failed. The driver, which counts
/// transactions, then takes the next batch for a part of the one before: it would be answered and never committed.
async fn start_afresh(connection: &DatabaseConnection) {
    let closed = match connection.get_sqlite_connection_pool().acquire().await {
        Ok(connection) => connection.close().await,
        Err(error) => Err(error),
    };
    if let Err(error) = closed {
        tracing::warn!(%error, "the writing connection did not close cleanly");
    }
}

/// Runs `first` and what has queued behind it, each in a savepoint, and commits them together.
async fn write_batch(
    connection: &DatabaseConnection,
    first: Queued,
    jobs: &mut mpsc::Receiver<Queued>,
    answers: &mut Vec<(oneshot::Sender<Answer>, Answer)>,
) -> Result<(), DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let outer = match connection.begin_with_options(options).await {
        Ok(outer) => outer,
        Err(error) => {
            answers.push((first.1, Err(stopped())));
            return Err(error);
        }
    };
    let mut next = Some(first);
    while let Some((job, sender)) = next {
        let (answer, stands) = write_one(&outer, job).await;
        answers.push((sender, answer));
        if !stands {
            let _ = outer.rollback().await;
            return Err(DbErr::Custom("the database rolled the whole transaction back".to_owned()));
        }
        next = if answers.len() < BATCH { jobs.try_recv().ok() } else { None };
    }
    outer.commit().await
}

/// Runs one job in a savepoint. Also answers whether the transaction around it still stands: a database without room may
/// roll all of it back by itself.
async fn write_one(outer: &DatabaseTransaction, job: Job) -> (Answer, bool) {
    let savepoint = match outer.begin().await {
        Ok(savepoint) => savepoint,
        Err(error) => return (Err(error.into()), false),
    };
    let result = AssertUnwindSafe(job(&savepoint)).catch_unwind().await;
    match result.unwrap_or_else(|_| Err(panicked())) {
        Ok(value) => match savepoint.commit().await {
            Ok(()) => (Ok(value), true),
            Err(error) => (Err(error.into()), false),
        },
        Err(error) => {
            let stands = savepoint.rollback().await.is_ok();
            (Err(error), stands)
        }
    }
}
