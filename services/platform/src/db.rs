//! The database: SQLite under one directory, or PostgreSQL by address. One code path for both.

use std::{path::Path, sync::Arc, time::Duration};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use sea_orm_migration::MigratorTrait;
use zhijian_migrations::Migrator;

use crate::{Clock, writer::Writer};

/// How many connections read at once.
const READERS: u32 = 4;
/// How many connections PostgreSQL is asked for by one process.
const POSTGRES_POOL: u32 = 16;
/// How long a connection rests before it is asked whether it is still alive.
const IDLE: Duration = Duration::from_secs(2);

/// A handle to the database, cheap to clone.
#[derive(Clone)]
pub struct Db {
    reader: DatabaseConnection,
    pub(crate) writer: Arc<Writer>,
    clock: Clock,
}

impl Db {
    /// Opens SQLite at `file`, creating it if need be: write-ahead log, full synchronous, one writer.
    ///
    /// # Errors
    /// The database's own, if the file cannot be opened or made.
    pub async fn sqlite(file: &Path) -> Result<Self, DbErr> {
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let options = |connections: u32, read_only: bool| {
            let mut options = ConnectOptions::new(&url);
            options.max_connections(connections).sqlx_logging(false).test_before_acquire(false);
            options.map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(Duration::from_secs(10))
                    .foreign_keys(true)
                    .pragma("query_only", if read_only { "on" } else { "off" })
            });
            options
        };
        // The writer first: it makes the file and turns the write-ahead log on.
        let writer = Database::connect(options(1, false)).await?;
        let reader = Database::connect(options(READERS, true)).await?;
        Ok(Self { reader, writer: Arc::new(Writer::sqlite(writer)), clock: Clock::default() })
    }

    /// Connects to PostgreSQL at `url`.
    ///
    /// # Errors
    /// The database's own, if it cannot be reached within ten seconds.
    pub async fn postgres(url: &str) -> Result<Self, DbErr> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(POSTGRES_POOL)
            .connect_timeout(Duration::from_secs(10))
            .acquire_timeout(Duration::from_secs(10))
            // A connection that was in use just now is not asked first whether it is alive: that is a trip a query.
            .test_before_acquire_if_idle_for(IDLE)
            .sqlx_logging(false);
        let pool = Database::connect(options).await?;
        Ok(Self { reader: pool.clone(), writer: Arc::new(Writer::postgres(pool)), clock: Clock::default() })
    }

    /// The connection to read with. It refuses writes on SQLite; write through [`Db::mutate`].
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The time that changes are made at.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Which database this is.
    pub fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
    }

    /// Applies the migrations that are still missing.
    ///
    /// # Errors
    /// The database's own.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        Migrator::up(self.writer.connection(), None).await
    }

    /// Whether every migration has been applied.
    ///
    /// # Errors
    /// The database's own.
    pub async fn is_migrated(&self) -> Result<bool, DbErr> {
        Ok(Migrator::get_pending_migrations_read_only(&self.reader).await?.is_empty())
    }

    /// Lets queued writes finish, then closes the connections.
    pub async fn close(&self) {
        self.writer.close().await;
        if let Err(error) = self.reader.clone().close().await {
            tracing::warn!(%error, "the database did not close cleanly");
        }
    }
}
