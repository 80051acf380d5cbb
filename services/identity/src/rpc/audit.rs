//! AuditService.

use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Context, Page, Resource, audit, time::timestamp};
use zhijian_proto::identity::v1::{
    AuditEntry, ListAuditEntriesRequest, ListAuditEntriesResponse, audit_service_server::AuditService,
};

/// Reads the trail of changes, which the platform keeps for every service.
pub(crate) struct Audit {
    ctx: Context,
}

impl Audit {
    pub fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[tonic::async_trait]
impl AuditService for Audit {
    async fn list_audit_entries(
        &self,
        request: Request<ListAuditEntriesRequest>,
    ) -> Result<Response<ListAuditEntriesResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::region())?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let (entries, next_page_token) = audit::list(&self.ctx.db, &page, &input.resource).await?;
        let entries = entries.into_iter().map(message).collect();
        Ok(Response::new(ListAuditEntriesResponse { entries, next_page_token }))
    }
}

fn message(entry: audit::Entry) -> AuditEntry {
    let (seal_number, seal_hash) = entry.seal.unwrap_or_default();
    AuditEntry {
        entry_id: entry.entry_id,
        time: Some(timestamp(entry.time)),
        account_id: entry.account_id,
        action: entry.action,
        resource: entry.resource,
        detail: entry.detail,
        seal_number,
        seal_hash,
    }
}
