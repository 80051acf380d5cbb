//! ReleaseCorrectionService.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Text, Violation, etag};
use zhijian_proto::publication::v1::{
    CompareVersionsRequest, CompareVersionsResponse, DropCorrectionRequest, DropCorrectionResponse,
    ListVersionsRequest, ListVersionsResponse, OpenCorrectionRequest, OpenCorrectionResponse, VersionKind,
    release_correction_service_server::ReleaseCorrectionService,
};

use super::{Releases, audit_name, changed, early, readable, reading, signature};
use crate::{
    domain::{difference, release::Kind, table::Table},
    store::{self, table::Kept},
};

/// The longest announcement, in characters of one language.
const MAX_TEXT: usize = 2000;

/// What a correction may be.
fn kind(sent: VersionKind) -> Result<Kind, Error> {
    match sent {
        VersionKind::Erratum => Ok(Kind::Erratum),
        VersionKind::Revision => Ok(Kind::Revision),
        VersionKind::Addition => Ok(Kind::Addition),
        VersionKind::Withdrawal => Ok(Kind::Withdrawal),
        VersionKind::Unspecified | VersionKind::Original => Err(Error::invalid(
            "kind",
            "请选择更正的类别：勘误、修订、补充或撤回。",
            "Say what sort of correction it is: erratum, revision, addition or withdrawal.",
        )),
    }
}

fn announcement(sent: Option<zhijian_proto::common::v1::Text>) -> Result<Text, Error> {
    let text: Text = sent.map(Into::into).unwrap_or_else(|| Text::new("", ""));
    let faults = [("text.zh", &text.zh), ("text.en", &text.en)]
        .into_iter()
        .filter(|(_, words)| words.trim().is_empty() || words.chars().count() > MAX_TEXT);
    let violations: Vec<_> = faults
        .map(|(field, _)| {
            Violation::new(
                field,
                format!("公告须有中英文，各 1–{MAX_TEXT} 字。"),
                format!("An announcement is given in Chinese and English, 1–{MAX_TEXT} characters each."),
            )
        })
        .collect();
    if violations.is_empty() { Ok(text) } else { Err(Error::Invalid(violations)) }
}

#[tonic::async_trait]
impl ReleaseCorrectionService for Releases {
    async fn open_correction(
        &self,
        request: Request<OpenCorrectionRequest>,
    ) -> Result<Response<OpenCorrectionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let year = input.year;
        let grant = call.authorise(&changed(year))?;
        let (kind, text) = (kind(input.kind())?, announcement(input.text.clone())?);
        let (etag, by) = (input.etag.clone(), signature(&self.ctx, &call));
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut release = store::release::find(tx.conn(), year).await?;
                    etag::check(&etag, release.version)?;
                    let detail = json!({"correction": kind.as_str(), "text": text.zh});
                    release.life.open_correction(kind, text, by)?;
                    let release = store::release::update(tx.conn(), release).await?;
                    tx.audit(audit_name(year), detail);
                    Ok(OpenCorrectionResponse { release: Some(release.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn drop_correction(
        &self,
        request: Request<DropCorrectionRequest>,
    ) -> Result<Response<DropCorrectionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let year = input.year;
        let grant = call.authorise(&changed(year))?;
        let etag = input.etag.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut release = store::release::find(tx.conn(), year).await?;
                    etag::check(&etag, release.version)?;
                    let dropped = release.life.drop_correction()?;
                    let release = store::release::update(tx.conn(), release).await?;
                    tx.audit(audit_name(year), json!({"correction_dropped": dropped.kind.as_str()}));
                    Ok(DropCorrectionResponse { release: Some(release.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn list_versions(
        &self,
        request: Request<ListVersionsRequest>,
    ) -> Result<Response<ListVersionsResponse>, Status> {
        let call = Call::of(&request)?;
        let conn = self.ctx.db.reader();
        let release = readable(&call, conn, request.into_inner().year).await?;
        let versions = store::version::list(conn, release.year).await?;
        Ok(Response::new(ListVersionsResponse { versions: versions.into_iter().map(Into::into).collect() }))
    }

    async fn compare_versions(
        &self,
        request: Request<CompareVersionsRequest>,
    ) -> Result<Response<CompareVersionsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let conn = self.ctx.db.reader();
        if input.from < 1 {
            return Err(Error::invalid("from", "版本从 1 开始。", "Versions count from 1.").into());
        }
        let older = reading(&call, conn, input.year, input.from, false).await?;
        let newer = reading(&call, conn, input.year, input.to, input.to == 0).await?;
        let tables = |kept: Vec<Kept>| kept.into_iter().map(|kept| kept.table).collect::<Vec<Table>>();
        let before = tables(store::table::all(conn, input.year, older.source).await?);
        let after = tables(store::table::all(conn, input.year, newer.source).await?);
        if newer.early {
            let numbers: Vec<_> = after.iter().map(|table| table.number.as_str()).collect();
            early::record(&self.ctx, &call, input.year, &numbers.join(" ")).await?;
        }
        let tables = difference::difference(&before, &after).into_iter().map(Into::into).collect();
        Ok(Response::new(CompareVersionsResponse { tables }))
    }
}
