//! What services' own tests start from: a fresh database of each kind, and tokens for made-up callers.

use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;

use crate::{Clients, Config, Context, call::RoleGrant, token::Identity};

/// A fresh context on a database of its own, which is dropped with it.
pub struct TestContext {
    /// What services receive.
    pub ctx: Context,
    /// Which database this is: "sqlite" or "postgres".
    pub database: &'static str,
    dropped_with_it: Option<String>,
    _directory: TempDir,
}

impl Drop for TestContext {
    fn drop(&mut self) {
        let Some(url) = self.dropped_with_it.take() else { return };
        // A runtime of its own: the test's may be ending.
        let dropped = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build().map(|runtime| {
                runtime.block_on(drop_postgres(&url));
            })
        });
        if dropped.join().is_err() {
            eprintln!("a test database was left behind");
        }
    }
}

/// A fresh context on SQLite, and one on PostgreSQL if `ZHIJIAN_TEST_POSTGRES_URL` names a server. Without it the
/// tests say so, and fail where `ZHIJIAN_REQUIRE_POSTGRES` is set.
///
/// # Panics
/// If a database cannot be made.
pub async fn contexts() -> Vec<TestContext> {
    contexts_with_rules(None).await
}

/// The same with a directory whose rule files come before the shipped ones.
///
/// # Panics
/// If a database cannot be made.
pub async fn contexts_with_rules(rules: Option<&std::path::Path>) -> Vec<TestContext> {
    let mut contexts = vec![context(None, "sqlite", rules).await];
    match std::env::var("ZHIJIAN_TEST_POSTGRES_URL") {
        Ok(server) => {
            let url = fresh_postgres(&server).await;
            contexts.push(context(Some(url), "postgres", rules).await);
        }
        Err(_) => {
            assert!(
                std::env::var("ZHIJIAN_REQUIRE_POSTGRES").is_err(),
                "PostgreSQL is required here: set ZHIJIAN_TEST_POSTGRES_URL",
            );
            eprintln!(
                "NOT RUN on PostgreSQL: set ZHIJIAN_TEST_POSTGRES_URL to a server where databases may be made"
            );
        }
    }
    contexts
}

/// Makes an empty database on `server` and answers its address.
///
/// # Panics
/// If the server refuses.
pub async fn fresh_postgres(server: &str) -> String {
    let name = format!("zhijian_test_{}", uuid::Uuid::now_v7().simple());
    let admin = Database::connect(server).await.expect("the test server answers");
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database can be made");
    admin.close().await.expect("closed");
    let (base, _) = server.rsplit_once('/').expect("an address with a database");
    format!("{base}/{name}")
}

/// Drops the database at `url`, whoever is still connected.
///
/// # Panics
/// If the server refuses.
pub async fn drop_postgres(url: &str) {
    let (base, name) = url.rsplit_once('/').expect("an address with a database");
    let admin = Database::connect(format!("{base}/postgres")).await.expect("the test server answers");
    admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.expect("dropped");
    admin.close().await.expect("closed");
}

async fn context(
    database_url: Option<String>,
    database: &'static str,
    rules: Option<&std::path::Path>,
) -> TestContext {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let dropped_with_it = database_url.clone();
    let config = Config {
        data: directory.path().to_owned(),
        database_url,
        rules: rules.map(std::path::Path::to_owned),
        set_up_code: Some("set-up".to_owned()),
        ..Config::default()
    };
    let ctx = Context::open(&config, true).await.expect("a fresh context opens");
    ctx.db.migrate().await.expect("a fresh database migrates");
    TestContext { ctx, database, dropped_with_it, _directory: directory }
}

impl TestContext {
    /// Clients that call as an account with these (role, organisation code) pairs.
    ///
    /// # Panics
    /// If no token can be issued.
    pub fn as_account(&self, account_id: &str, roles: &[(&str, &str)]) -> Clients {
        let roles = roles
            .iter()
            .map(|(role, code)| RoleGrant { role: (*role).to_owned(), organisation: (*code).to_owned() })
            .collect();
        let identity =
            Identity { account_id: account_id.to_owned(), display_name: account_id.to_owned(), roles };
        let (token, _) = self.ctx.tokens.issue(&identity).expect("tests hold the key");
        self.ctx.clients.with_token(&token)
    }

    /// What `look` finds, which long work is to bring about: it looks at once, and again after each change of an operation.
    ///
    /// # Panics
    /// After two minutes; `what` says what did not come. The machine may have more to do than this.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let mut changes = self.ctx.operations.changes();
        let found = async {
            loop {
                if let Some(found) = look().await {
                    return found;
                }
                changes.changed().await.expect("the context holds the sender");
            }
        };
        let patience = std::time::Duration::from_secs(120);
        tokio::time::timeout(patience, found).await.unwrap_or_else(|_| panic!("{what} did not come"))
    }
}
