//! ReleaseService.

use std::sync::Arc;

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{
    Call, Clients, Context, Credential, Error, Page, Resource, Text, date_in_china, etag,
};
use zhijian_proto::publication::v1::{
    self as proto, CompileReleaseRequest, CompileReleaseResponse, CreateReleaseRequest,
    CreateReleaseResponse, GetReleaseRequest, GetReleaseResponse, ListEarlyReadsRequest,
    ListEarlyReadsResponse, ListReleasesRequest, ListReleasesResponse, OpenNoticeRequest, OpenNoticeResponse,
    ProposePublicationRequest, ProposePublicationResponse, PublishReleaseRequest, PublishReleaseResponse,
    TakeBackProposalRequest, TakeBackProposalResponse, release_service_server::ReleaseService,
};

use super::{audit_name, changed, convert::public_release, is_insider, readable, signature};
use crate::{
    NAME, compile,
    domain::{definition::Library, release::Refusal},
    reveal::Revealer,
    store::{self, release::Release},
    upstream,
};

/// The longest title, in characters.
const MAX_TITLE: usize = 200;

/// Makes results public.
#[derive(Clone)]
pub struct Releases {
    pub(super) ctx: Context,
    library: Arc<Library>,
    pub(super) revealer: Revealer,
}

impl Releases {
    pub fn new(ctx: Context, library: Arc<Library>, revealer: Revealer) -> Self {
        Self { ctx, library, revealer }
    }

    /// The other services, called as this one in the language of `call`, so that their refusals can be handed on.
    pub(super) fn upstream(&self, call: &Call) -> Clients {
        let credential = Credential::Service { name: NAME, tokens: self.ctx.tokens.clone() };
        self.ctx.clients.with(credential, call.lang())
    }
}

fn title(title: Option<zhijian_proto::common::v1::Text>) -> Result<Text, Error> {
    let title: Text = title.map(Into::into).unwrap_or_else(|| Text::new("", ""));
    for (field, text) in [("title.zh", &title.zh), ("title.en", &title.en)] {
        if text.trim().is_empty() || text.chars().count() > MAX_TITLE {
            return Err(Error::invalid(
                field,
                format!("标题须有中英文，各 1–{MAX_TITLE} 个字。"),
                format!("A title is given in Chinese and English, 1–{MAX_TITLE} characters each."),
            ));
        }
    }
    Ok(title)
}

#[tonic::async_trait]
impl ReleaseService for Releases {
    async fn create_release(
        &self,
        request: Request<CreateReleaseRequest>,
    ) -> Result<Response<CreateReleaseResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let year = input.year;
        let grant = call.authorise(&changed(year))?;
        let title = title(input.title.clone())?;
        if self.library.edition(year).is_none() {
            return Err(Error::invalid(
                "year",
                format!("没有{year}年的表格定义：请在规则目录放入 publication/tables/{year}.toml。"),
                format!("No tables are defined for {year}: put publication/tables/{year}.toml into the rules directory."),
            )
            .into());
        }
        let clients = self.upstream(&call);
        upstream::closed_cycle(&clients, year).await?;
        let region = upstream::region(&clients).await?;
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let release = Release::draft(year, title, region.demonstration, region.note, tx.now());
                    store::release::insert(tx.conn(), &release).await?;
                    tx.audit(audit_name(year), json!({"state": "draft", "title": release.title.zh}));
                    Ok(CreateReleaseResponse { release: Some(release.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn get_release(
        &self,
        request: Request<GetReleaseRequest>,
    ) -> Result<Response<GetReleaseResponse>, Status> {
        let call = Call::of(&request)?;
        let conn = self.ctx.db.reader();
        let release = readable(&call, conn, request.into_inner().year).await?;
        let release = if is_insider(&call) {
            let owed = store::reveal::owed(conn, Some(release.year)).await?;
            proto::Release { owed_reveals: owed.into_iter().map(Into::into).collect(), ..release.into() }
        } else {
            public_release(release)
        };
        Ok(Response::new(GetReleaseResponse { release: Some(release) }))
    }

    async fn list_releases(
        &self,
        request: Request<ListReleasesRequest>,
    ) -> Result<Response<ListReleasesResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let any = Resource::new("release", "");
        let all = call.authorise(&any).is_ok();
        if !all {
            call.authorise(&any.public(true))?;
        }
        let releases = store::release::list(self.ctx.db.reader(), &page, all).await?;
        let (releases, next_page_token) = page.finish(releases, |release| release.year.to_string());
        let releases = releases.into_iter();
        let releases =
            if all { releases.map(Into::into).collect() } else { releases.map(public_release).collect() };
        Ok(Response::new(ListReleasesResponse { releases, next_page_token }))
    }

    async fn compile_release(
        &self,
        request: Request<CompileReleaseRequest>,
    ) -> Result<Response<CompileReleaseResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let year = input.year;
        let grant = call.authorise(&changed(year))?;
        let (etag, operations) = (input.etag.clone(), self.ctx.operations.clone());
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut release = store::release::find(tx.conn(), year).await?;
                    etag::check(&etag, release.version)?;
                    release.life.check_compile()?;
                    let payload = compile::payload(year);
                    let operation = operations.enqueue(tx, compile::KIND, &audit_name(year), payload).await?;
                    release.compile_operation_id = operation.operation_id.clone();
                    store::release::update(tx.conn(), release).await?;
                    tx.audit(audit_name(year), json!({"compile_operation_id": operation.operation_id}));
                    Ok(CompileReleaseResponse { operation: Some(operation) })
                })
            })
            .await?;
        self.ctx.operations.wake();
        Ok(Response::new(response))
    }

    async fn open_notice(
        &self,
        request: Request<OpenNoticeRequest>,
    ) -> Result<Response<OpenNoticeResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let year = input.year;
        let grant = call.authorise(&changed(year))?;
        let working_days = u32::try_from(input.working_days).map_err(|_| Error::from(Refusal::TooLong))?;
        let (etag, calendar) = (input.etag.clone(), self.ctx.calendar.clone());
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut release = store::release::find(tx.conn(), year).await?;
                    etag::check(&etag, release.version)?;
                    let today = date_in_china(tx.now());
                    let notice = release.life.open_notice(today, working_days, &calendar)?;
                    let release = store::release::update(tx.conn(), release).await?;
                    let detail = json!({
                        "state": "notice",
                        "notice_start": notice.start,
                        "notice_end": notice.end,
                        "working_days": notice.working_days,
                    });
                    tx.audit(audit_name(year), detail);
                    Ok(OpenNoticeResponse { release: Some(release.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn propose_publication(
        &self,
        request: Request<ProposePublicationRequest>,
    ) -> Result<Response<ProposePublicationResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let year = input.year;
        let grant = call.authorise(&changed(year))?;
        let (etag, by) = (input.etag.clone(), signature(&self.ctx, &call));
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut release = store::release::find(tx.conn(), year).await?;
                    etag::check(&etag, release.version)?;
                    let open = store::objection::open_count(tx.conn(), year).await?;
                    release.life.propose(by, date_in_china(tx.now()), open)?;
                    let release = store::release::update(tx.conn(), release).await?;
                    tx.audit(audit_name(year), json!({"proposed": release.life.version + 1}));
                    Ok(ProposePublicationResponse { release: Some(release.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn take_back_proposal(
        &self,
        request: Request<TakeBackProposalRequest>,
    ) -> Result<Response<TakeBackProposalResponse>, Status> {
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
                    let proposal = release.life.take_back()?;
                    let release = store::release::update(tx.conn(), release).await?;
                    tx.audit(audit_name(year), json!({"proposal_taken_back": proposal.account_id}));
                    Ok(TakeBackProposalResponse { release: Some(release.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn publish_release(
        &self,
        request: Request<PublishReleaseRequest>,
    ) -> Result<Response<PublishReleaseResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.publish(&call, request.into_inner()).await?))
    }

    async fn list_early_reads(
        &self,
        request: Request<ListEarlyReadsRequest>,
    ) -> Result<Response<ListEarlyReadsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&changed(input.year))?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let conn = self.ctx.db.reader();
        store::release::find(conn, input.year).await?;
        let (reads, next_page_token) = store::early_read::page(conn, &page, input.year).await?;
        let reads = reads.into_iter().map(Into::into).collect();
        Ok(Response::new(ListEarlyReadsResponse { reads, next_page_token }))
    }
}
