//! SealService: who looked at results that were decided but not yet revealed.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Resource, id, time::timestamp};
use zhijian_proto::review::v1::{
    ListSealedReadsRequest, ListSealedReadsResponse, SealedRead, seal_service_server::SealService,
};

use super::Review;
use crate::{
    domain::round::{Round, State},
    store,
};

/// A record names at most this many programmes.
const NAMED: usize = 20;

#[tonic::async_trait]
impl SealService for Review {
    async fn list_sealed_reads(
        &self,
        request: Request<ListSealedReadsRequest>,
    ) -> Result<Response<ListSealedReadsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::new("round", &input.round_id))?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let conn = self.ctx.db.reader();
        store::round::get(conn, &input.round_id).await?;
        let (rows, next_page_token) = store::seal::page(conn, &page, &input.round_id).await?;
        let reads = rows.into_iter().map(|row| SealedRead {
            time: Some(timestamp(row.time)),
            account_id: row.account_id,
            account_name: row.account_name,
            action: row.action,
            what: row.what,
            count: row.result_count,
        });
        Ok(Response::new(ListSealedReadsResponse { reads: reads.collect(), next_page_token }))
    }
}

impl Review {
    /// Records a look at a round's results, if they are sealed; called before the answer leaves, so that nobody learns
    /// anything unrecorded. `codes` are the programmes whose results are told; none for the round as a whole.
    ///
    /// # Errors
    /// What keeps it from being recorded: then nothing is told.
    pub(super) async fn record_read(
        &self,
        call: &Call,
        round: &Round,
        codes: &[&str],
        count: usize,
    ) -> Result<(), Error> {
        if round.state != State::Finalised || count == 0 {
            return Ok(());
        }
        let read_id = id::new("srd");
        // A resource of its own, so that those who look do not wait for each other.
        let grant = call.authorise(&Resource::new("sealed-read", &read_id))?;
        let read = store::seal::Model {
            read_id: read_id.clone(),
            round_id: round.id.clone(),
            time: self.ctx.db.clock().now(),
            account_id: call.actor_id(),
            account_name: call.display_name().to_owned(),
            action: call.action().to_owned(),
            what: codes.iter().take(NAMED).copied().collect::<Vec<_>>().join(" "),
            result_count: super::convert::count(count),
        };
        // A look is never repeated: each has an id of its own.
        let request_id = id::derived_request_id(&read_id);
        self.ctx
            .db
            .mutate(&grant, &request_id, &(), move |tx| {
                Box::pin(async move {
                    let detail =
                        json!({"sealed_read": read.read_id, "results": read.result_count, "what": read.what});
                    tx.audit(format!("round/{}", read.round_id), detail);
                    store::seal::record(tx.conn(), store::seal::Model { time: tx.now(), ..read }).await
                })
            })
            .await
    }
}
