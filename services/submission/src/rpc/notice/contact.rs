//! Where organisations get their messages.

use serde_json::json;
use zhijian_platform::{Call, Error, Resource, Violation, etag};
use zhijian_proto::submission::v1::{NoticeContact, SetNoticeContactRequest, SetNoticeContactResponse};

use super::{Notices, mail};
use crate::{
    domain::text::is_organisation_code,
    store::notice::{self as notices, contact},
};

impl Notices {
    /// An organisation's; one without an address and with an empty etag if it was never set.
    pub(super) async fn contact(&self, call: &Call, code: String) -> Result<NoticeContact, Error> {
        call.authorise(&Resource::for_organisation(&code))?;
        let found = if is_organisation_code(&code) {
            notices::contacts(self.rpc.ctx.db.reader(), vec![code.clone()]).await?.remove(&code)
        } else {
            None
        };
        Ok(found
            .map_or_else(|| NoticeContact { organisation_code: code, ..Default::default() }, wire_contact))
    }

    pub(super) async fn set_contact(
        &self,
        call: Call,
        input: SetNoticeContactRequest,
    ) -> Result<SetNoticeContactResponse, Error> {
        let given = input.contact.clone().unwrap_or_default();
        let grant = call.authorise(&Resource::for_organisation(&given.organisation_code))?;
        let address = given.address.trim().to_owned();
        let mut violations = vec![];
        if self.directory.parties().await?.get(&given.organisation_code).is_none() {
            violations.push(Violation::new(
                "contact.organisation_code",
                "没有登记这个机构代码。",
                "No organisation is registered under this code.",
            ));
        }
        if !address.is_empty() && !mail::is_address(&address) {
            violations.push(Violation::new(
                "contact.address",
                "邮箱地址不完整，应像 office@school.edu.cn。",
                "This is no mail address; one looks like office@school.edu.cn.",
            ));
        }
        let language = match given.language.as_str() {
            "" | "zh" => "zh",
            "en" => "en",
            _ => {
                violations.push(Violation::new(
                    "contact.language",
                    "语言请选 zh 或 en。",
                    "The language is zh or en.",
                ));
                "zh"
            }
        };
        if !violations.is_empty() {
            return Err(Error::Invalid(violations));
        }
        self.rpc
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let code = given.organisation_code;
                    let earlier = notices::contacts(tx.conn(), vec![code.clone()]).await?.remove(&code);
                    let current =
                        earlier.as_ref().map(|contact| etag::of(contact.version)).unwrap_or_default();
                    if given.etag != current {
                        return Err(Error::etag_mismatch(current));
                    }
                    let row = contact::Model {
                        organisation_code: code,
                        address,
                        language: language.to_owned(),
                        version: earlier.map_or(0, |contact| contact.version) + 1,
                    };
                    notices::set_contact(tx.conn(), &row).await?;
                    // The address itself is nobody's business in the trail.
                    tx.audit(
                        format!("notice-contact/{}", row.organisation_code),
                        json!({ "has_address": !row.address.is_empty(), "language": row.language }),
                    );
                    Ok(SetNoticeContactResponse { contact: Some(wire_contact(row)) })
                })
            })
            .await
    }
}

fn wire_contact(row: contact::Model) -> NoticeContact {
    NoticeContact {
        organisation_code: row.organisation_code,
        address: row.address,
        language: row.language,
        etag: etag::of(row.version),
    }
}
