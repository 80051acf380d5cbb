//! The releases: compiled, shown for public notice, published.

use anyhow::Context as _;
use tonic::Code;
use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::{Operation, WatchOperationRequest, operation},
    publication::v1::{
        CompileReleaseRequest, CreateReleaseRequest, GetReleaseRequest, ListTablesRequest, OpenNoticeRequest,
        ProposePublicationRequest, PublishReleaseRequest, Release, release,
    },
};

use super::{
    Progress,
    people::People,
    request_id, text,
    work::{self, Tell, rpc},
};
use crate::demo::REGION_NAME;

/// Publishes the results of a closed year, as far as that was not done; the number of its tables.
pub(super) async fn publish(
    tell: &Tell<'_, impl Fn(Progress)>,
    people: &People,
    year: i32,
) -> anyhow::Result<usize> {
    let publisher = &people.person("publisher")?.clients;
    let step = format!("{year}年发布 / release of {year}");
    // Request ids are named by the etag: whatever changed the release since an interrupted load, the request is new.
    let named = |what: &str, release: &Release| request_id(&format!("{what} {year} {}", release.etag));
    let mut release = created(publisher, year).await?;
    tell.tell(&step, 1, 5);
    if release.state() == release::State::Draft {
        let request =
            CompileReleaseRequest { request_id: named("compile", &release), year, etag: release.etag };
        let operation = rpc!(publisher, releases.compile_release(request))?.operation.unwrap_or_default();
        compiled(publisher, operation).await?;
        release = found(publisher, year).await?;
    }
    tell.tell(&step, 2, 5);
    if release.state() == release::State::Compiled {
        // A notice of no days: a real one runs for several, and a newcomer does not want to wait.
        let request = OpenNoticeRequest {
            request_id: named("notice", &release),
            year,
            etag: release.etag,
            working_days: 0,
        };
        let answer = rpc!(publisher, releases.open_notice(request))?;
        release = answer.release.context("the answer holds no release")?;
    }
    tell.tell(&step, 3, 5);
    if release.state() == release::State::Notice && release.proposal.is_none() {
        let request = ProposePublicationRequest {
            request_id: named("propose", &release),
            year,
            etag: release.etag.clone(),
        };
        let answer = rpc!(publisher, releases.propose_publication(request))?;
        release = answer.release.context("the answer holds no release")?;
    }
    tell.tell(&step, 4, 5);
    if release.state() == release::State::Notice {
        let second = &people.person("publisher-2")?.clients;
        let request =
            PublishReleaseRequest { request_id: named("publish", &release), year, etag: release.etag };
        rpc!(second, releases.publish_release(request))?;
    }
    tell.tell(&step, 5, 5);
    Ok(rpc!(publisher, tables.list_tables(ListTablesRequest { year, ..ListTablesRequest::default() }))?
        .tables
        .len())
}

async fn found(publisher: &Clients, year: i32) -> anyhow::Result<Release> {
    let answer = rpc!(publisher, releases.get_release(GetReleaseRequest { year }))?;
    answer.release.context("the answer holds no release")
}

async fn created(publisher: &Clients, year: i32) -> anyhow::Result<Release> {
    match found(publisher, year).await {
        Err(error) if work::is(&error, Code::NotFound) => {}
        result => return result,
    }
    let (zh, en) = (
        format!("{}职业教育质量年度报告（{year}）", REGION_NAME.0),
        format!("{} Annual Quality Report on Vocational Education ({year})", REGION_NAME.1),
    );
    let request = CreateReleaseRequest {
        request_id: request_id(&format!("release {year}")),
        year,
        title: Some(text((&zh, &en))),
    };
    let answer = rpc!(publisher, releases.create_release(request))?;
    answer.release.context("the answer holds no release")
}

/// Waits for a compilation to end.
async fn compiled(publisher: &Clients, mut operation: Operation) -> anyhow::Result<()> {
    let request = WatchOperationRequest { operation_id: operation.operation_id.clone() };
    let mut changes = publisher.operations().watch_operation(request).await?.into_inner();
    while let Some(change) = changes.message().await? {
        operation = change.operation.unwrap_or(operation);
    }
    anyhow::ensure!(
        operation.state() == operation::State::Succeeded,
        "the compilation ended as {:?}: {}",
        operation.state(),
        operation.note_zh,
    );
    Ok(())
}
