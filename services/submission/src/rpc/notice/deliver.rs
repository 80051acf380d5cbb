//! Messages that a person handed over another way.

use serde_json::json;
use zhijian_platform::{Call, Error, Resource, etag};
use zhijian_proto::submission::v1::{DeliverNoticesRequest, DeliverNoticesResponse};

use super::{Notices, audited, draft::several};
use crate::{domain::notice::Step, store::notice as notices};

impl Notices {
    pub(super) async fn deliver(
        &self,
        call: Call,
        input: DeliverNoticesRequest,
    ) -> Result<DeliverNoticesResponse, Error> {
        let grant = call.authorise(&Resource::new("outbox", ""))?;
        let wanted = several(&input.notices)?;
        let parties = self.directory.parties().await?;
        self.rpc
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut rows = vec![];
                    for wanted in wanted {
                        let mut row = notices::get(tx.conn(), &wanted.notice_id).await?;
                        etag::check(&wanted.etag, row.version)?;
                        row.state = row.state()?.after(Step::Deliver)?.as_str().to_owned();
                        row.sent_time = Some(tx.now());
                        let row = notices::save(tx.conn(), row).await?;
                        tx.audit(audited(&row.notice_id), json!({ "state": row.state }));
                        rows.push(row);
                    }
                    let codes = rows.iter().map(|row| row.organisation_code.clone()).collect();
                    let contacts = notices::contacts(tx.conn(), codes).await?;
                    let notices = rows.into_iter().map(|row| {
                        let contact = contacts.get(&row.organisation_code);
                        let address = contact.map(|contact| contact.address.clone()).unwrap_or_default();
                        let name = parties.name(&row.organisation_code);
                        super::wire(row, name, address)
                    });
                    Ok(DeliverNoticesResponse { notices: notices.collect::<Result<_, Error>>()? })
                })
            })
            .await
    }
}
