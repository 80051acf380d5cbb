//! The second of two people's agreement: what was proposed becomes public.

use serde_json::json;
use uuid::Uuid;
use zhijian_platform::{Call, Error, date_in_china, etag};
use zhijian_proto::publication::v1::{PublishReleaseRequest, PublishReleaseResponse};

use super::{Releases, audit_name, changed, signature};
use crate::{
    domain::release::{Kind, Life},
    store::{self, table::Source},
    upstream,
};

/// The kind of the version that publishing would make.
fn next_kind(life: &Life) -> Kind {
    life.correction.as_ref().map_or(Kind::Original, |correction| correction.kind)
}

impl Releases {
    /// Publishes in one transaction, which also records what is owed; then tries that once.
    pub(super) async fn publish(
        &self,
        call: &Call,
        input: PublishReleaseRequest,
    ) -> Result<PublishReleaseResponse, Error> {
        let year = input.year;
        let grant = call.authorise(&changed(year))?;
        let (etag, by) = (input.etag.clone(), signature(&self.ctx, call));
        let conn = self.ctx.db.reader();
        let before = store::release::find(conn, year).await?;
        let open = store::objection::open_count(conn, year).await?;
        let today = date_in_china(self.ctx.db.clock().now());
        let may_publish = Uuid::parse_str(&input.request_id).is_ok()
            && etag::check(&etag, before.version).is_ok()
            && before.life.check_confirm(&by.account_id, today, open).is_ok();
        // The other services are asked before, and told after: a refusal stops publication, and nobody sees a grade
        // unless there is one. A call that will be refused anyway, or was answered before, leaves them alone.
        let rounds = match may_publish {
            true if next_kind(&before.life) == Kind::Withdrawal => Some(vec![]),
            true => Some(upstream::to_reveal(&self.upstream(call), year).await?),
            false => None,
        };
        let mut response: PublishReleaseResponse = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut release = store::release::find(tx.conn(), year).await?;
                    etag::check(&etag, release.version)?;
                    let open = store::objection::open_count(tx.conn(), year).await?;
                    let made = release.life.confirm(&by.account_id, today, open)?;
                    let rounds = rounds.ok_or_else(|| {
                        Error::Unavailable("the release changed while it was being published".into())
                    })?;
                    release.publish_time = Some(tx.now());
                    let state = release.life.state;
                    let release = store::release::update(tx.conn(), release).await?;
                    let (version, kind) = (made.version, made.kind);
                    let proposed = made.proposed.account_id.clone();
                    if kind == Kind::Withdrawal {
                        // What was taken back is not shown to schools after all.
                        store::reveal::forget(tx.conn(), year).await?;
                    } else {
                        store::table::freeze(tx.conn(), year, version).await?;
                        store::edition::freeze(tx.conn(), year, version).await?;
                        store::pin::freeze(tx.conn(), year, version).await?;
                        store::reveal::owe(tx.conn(), year, version, &rounds, tx.now()).await?;
                    }
                    store::version::insert(tx.conn(), year, made, (by.account_id, by.name), tx.now()).await?;
                    let tables = store::table::captions(tx.conn(), year, Source::Version(version)).await?;
                    let hashes: serde_json::Map<String, serde_json::Value> = tables
                        .into_iter()
                        .map(|kept| (kept.table.number, kept.content_hash.into()))
                        .collect();
                    let detail = json!({
                        "state": state.as_str(),
                        "version": version,
                        "kind": kind.as_str(),
                        "proposed_by": proposed,
                        "tables": hashes,
                    });
                    tx.audit(audit_name(year), detail);
                    Ok(PublishReleaseResponse { release: Some(release.into()) })
                })
            })
            .await?;
        // From here on the release is public, so nothing that fails may say that it is not.
        self.revealer.try_now(year).await;
        if let (Some(release), Ok(owed)) =
            (&mut response.release, store::reveal::owed(self.ctx.db.reader(), Some(year)).await)
        {
            release.owed_reveals = owed.into_iter().map(Into::into).collect();
        }
        Ok(response)
    }
}
