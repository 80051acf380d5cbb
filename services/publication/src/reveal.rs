//! Schools see their grades once the release that shows them is public, and not before.
//!
//! Publishing records what it owes in its own transaction. That is done at once, and again until it has succeeded,
//! also after a restart.

use std::time::Duration;

use serde_json::json;
use zhijian_platform::{Clients, Context, Db, Error};

use crate::{
    store::{self, reveal::Owed},
    upstream,
};

/// How often it is looked whether something is owed: another replica, or a process that has died, may have left it.
const LOOK: Duration = Duration::from_secs(2);
/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(60);
/// How long whoever publishes waits for the first try.
const PATIENCE: Duration = Duration::from_secs(10);

/// Does what publishing owes.
#[derive(Clone)]
pub struct Revealer {
    pub db: Db,
    /// The other services, called as this one.
    pub clients: Clients,
}

impl Revealer {
    /// Tries what is owed for `year` once, for as long as a person waits. What fails stays owed.
    pub async fn try_now(&self, year: i32) {
        match tokio::time::timeout(PATIENCE, self.try_all(Some(year))).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, year, "what publishing owes cannot be read"),
            Err(_) => tracing::warn!(year, "what publishing owes takes long; it goes on by itself"),
        }
    }

    /// Tries whatever is owed, until the process stops.
    pub fn keep_trying(&self, ctx: &Context) {
        let (revealer, stop) = (self.clone(), ctx.shutdown.clone());
        ctx.tasks.spawn(async move {
            let mut pause = LOOK;
            while let Some(tried) = stop.run_until_cancelled(revealer.try_all(None)).await {
                if let Err(error) = &tried {
                    tracing::warn!(%error, "what publishing owes cannot be read");
                }
                pause = if tried.is_ok_and(|all_done| all_done) { LOOK } else { (pause * 2).min(LONGEST) };
                if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                    break;
                }
            }
        });
    }

    /// Tries whatever is owed once, of every year or of one; whether nothing is left.
    async fn try_all(&self, year: Option<i32>) -> Result<bool, Error> {
        let mut all_done = true;
        for owed in store::reveal::owed(self.db.reader(), year).await? {
            all_done &= self.try_one(owed).await?;
        }
        Ok(all_done)
    }

    async fn try_one(&self, owed: Owed) -> Result<bool, Error> {
        let Owed { year, version, .. } = owed;
        let outcome = upstream::reveal(&self.clients, &owed).await;
        if let Err(error) = &outcome {
            tracing::warn!(%error, year, version, "schools do not see their grades yet; it will be tried again");
        }
        let (done, fault) = (outcome.is_ok(), outcome.err().map(|error| error.message()));
        self.db
            .mutate_as_system("release.reveal", &format!("release/{year}"), move |tx| {
                Box::pin(async move {
                    match fault {
                        None if store::reveal::done(tx.conn(), year, version, tx.now()).await? => {
                            tx.audit(format!("release/{year}"), json!({"revealed": version}));
                        }
                        None => tx.unchanged(),
                        Some(fault) => {
                            store::reveal::failed(tx.conn(), year, version, fault).await?;
                            // Tries are counted in the row; a trail of each would bury what people did.
                            tx.unchanged();
                        }
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(done)
    }
}
