//! Looks at what is not public yet are recorded before they are answered.

use serde_json::json;
use zhijian_platform::{Call, Context, Error, Resource, id, time::timestamp};
use zhijian_proto::publication::v1 as proto;

use super::audit_name;
use crate::store::{self, early_read::Model};

/// Records a look at `what` of the release of `year`, so that nobody learns anything unrecorded.
///
/// # Errors
/// What keeps it from being recorded: then nothing is told.
pub async fn record(ctx: &Context, call: &Call, year: i32, what: &str) -> Result<(), Error> {
    let read_id = id::new("erd");
    // A resource of its own, so that those who look do not wait for each other.
    let grant = call.authorise(&Resource::new("early-read", &read_id))?;
    let read = Model {
        read_id: read_id.clone(),
        year,
        time: ctx.db.clock().now(),
        account_id: call.actor_id(),
        account_name: call.display_name().to_owned(),
        action: call.action().to_owned(),
        what: what.to_owned(),
    };
    // A look is never repeated: each has an id of its own.
    let request_id = id::derived_request_id(&read_id);
    ctx.db
        .mutate(&grant, &request_id, &(), move |tx| {
            Box::pin(async move {
                tx.audit(audit_name(year), json!({"early_read": read.read_id, "what": read.what}));
                store::early_read::record(tx.conn(), Model { time: tx.now(), ..read }).await
            })
        })
        .await
}

impl From<Model> for proto::EarlyRead {
    fn from(read: Model) -> Self {
        Self {
            time: Some(timestamp(read.time)),
            account_id: read.account_id,
            account_name: read.account_name,
            action: read.action,
            what: read.what,
        }
    }
}
