//! Stored files that no row names: what a failed commit, or a deletion, left behind.

use std::time::Duration;

use zhijian_platform::{Context, Error};

use crate::store::material;

/// How often the store is swept.
const EVERY: Duration = Duration::from_secs(6 * 3600);
/// How long after the start the first time comes.
const FIRST: Duration = Duration::from_secs(10 * 60);
/// How old a file must be: longer than any upload takes.
const AGE: Duration = Duration::from_secs(24 * 3600);

/// Sweeps now and then until the process stops.
pub async fn until_shutdown(ctx: Context) {
    let mut wait = FIRST;
    while tokio::time::timeout(wait, ctx.shutdown.cancelled()).await.is_err() {
        wait = EVERY;
        if let Err(error) = once(&ctx, AGE).await {
            tracing::warn!(%error, "stored files were not swept; the next pass tries again");
        }
    }
}

/// Deletes what is older than `age` and named by no working copy and no revision; answers how many files that were.
///
/// # Errors
/// The store's and the database's own.
pub async fn once(ctx: &Context, age: Duration) -> Result<u64, Error> {
    let db = ctx.db.clone();
    ctx.objects
        .sweep(age, move |sha256| {
            let db = db.clone();
            Box::pin(async move { material::names_object(db.reader(), &sha256).await })
        })
        .await
}
