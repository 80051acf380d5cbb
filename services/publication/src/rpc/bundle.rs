//! BundleService.

use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};
use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Context, Error, Objects, Resource, Text, Violation};
use zhijian_proto::{
    common::v1::ErrorReason,
    publication::v1::{
        GetBundleRequest, GetBundleResponse, GetSigningKeyRequest, GetSigningKeyResponse,
        bundle_service_server::BundleService,
    },
};

use super::{audit_name, readable};
use crate::{
    bundle::{self, About, Content, EditionFile, SigningKey},
    domain::release::Kind,
    store::{self, release::Release, table::Source, version::Version},
    upstream,
};

/// How many bytes a part of a bundle has.
const PART: usize = 256 * 1024;

/// Hands out signed bundles.
pub struct Bundles {
    ctx: Context,
    objects: Objects,
    key: SigningKey,
    /// One bundle is made at a time.
    making: Arc<tokio::sync::Mutex<()>>,
}

impl Bundles {
    pub fn new(ctx: Context, objects: Objects) -> Self {
        let key = SigningKey::new(ctx.keys.for_use("release"));
        Self { ctx, objects, key, making: Arc::default() }
    }

    /// The SHA-256 of the version's bundle, which is made if nobody has asked for it before.
    async fn made(&self, release: &Release, version: Version) -> Result<String, Error> {
        let _turn = self.making.lock().await;
        let year = release.year;
        // Whoever waited may find it made.
        let version = store::version::find(self.ctx.db.reader(), year, version.number).await?;
        if let Some(sha256) = version.bundle {
            return Ok(sha256);
        }
        let content = self.content(release, &version).await?;
        let key = self.key.clone();
        let comment = format!(
            "zhijian {} {} version {} published {}",
            content.about.region.en, year, version.number, content.about.publish_time
        );
        let archive = tokio::task::spawn_blocking(move || {
            let files = bundle::content(&content).map_err(Error::internal)?;
            // A comment is one line, whatever the region is called.
            let comment: String = comment.chars().filter(|letter| !letter.is_control()).collect();
            bundle::pack(&bundle::seal(files, &key, &comment)).map_err(Error::internal)
        });
        let archive = archive.await.map_err(Error::internal)??;
        let kept = self.objects.keep(archive.into()).await?;
        let (sha256, size) = (kept.sha256.clone(), kept.size);
        let stored = self
            .ctx
            .db
            .mutate_as_system("bundle.make", &audit_name(year), move |tx| {
                Box::pin(async move {
                    // Another process may have been quicker; the first one stays.
                    let now = store::version::find(tx.conn(), year, version.number).await?;
                    if let Some(first) = now.bundle {
                        tx.unchanged();
                        return Ok(first);
                    }
                    let size = i64::try_from(size).unwrap_or(i64::MAX);
                    store::version::keep_bundle(tx.conn(), &version, &sha256, size).await?;
                    tx.audit(audit_name(year), json!({"bundle": sha256, "version": version.number}));
                    Ok(sha256)
                })
            })
            .await?;
        drop(kept);
        Ok(stored)
    }

    async fn content(&self, release: &Release, version: &Version) -> Result<Content, Error> {
        let conn = self.ctx.db.reader();
        let (year, number) = (release.year, version.number);
        let source = Source::Version(number);
        let pins = store::pin::find(conn, year, source).await.map_err(|error| match error {
            Error::NotFound { .. } => none(
                year,
                "这一版发布时还没有固定计算依据，没有签名包：请立一份更正重新编制。",
                "This version was published before its data was pinned, so it has no bundle: open a correction.",
            ),
            error => error,
        })?;
        let tables = store::table::all(conn, year, source).await?;
        let mut editions = Vec::new();
        for edition in store::edition::all(conn, year, source).await? {
            let bytes = self.objects.bytes(&edition.document_hash).await?;
            let document = serde_json::from_slice(&bytes).map_err(Error::internal)?;
            let book = edition.organisation_code.is_empty();
            editions.push(EditionFile { code: edition.code, document, book });
        }
        let region = upstream::region_name(&self.ctx.clients).await?;
        let about = About {
            format: bundle::FORMAT.to_owned(),
            region,
            year,
            version: number,
            kind: version.kind.as_str().to_owned(),
            title: release.title.clone(),
            text: version.text.clone(),
            publish_time: version.publish_time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            demonstration: release.demonstration,
            note: release.note.clone(),
            tables: tables.iter().map(|kept| kept.table.number.clone()).collect(),
        };
        let tables = tables.into_iter().map(|kept| (kept.table, kept.csv)).collect();
        let pins = self.objects.bytes(&pins.public_hash).await?.to_vec();
        Ok(Content { about, tables, editions, pins })
    }
}

fn none(year: i32, zh: &str, en: &str) -> Error {
    let violation = Violation { field: audit_name(year), description: Text::new(zh, en) };
    Error::Precondition { reason: ErrorReason::IllegalState, violations: vec![violation] }
}

#[tonic::async_trait]
impl BundleService for Bundles {
    type GetBundleStream = BoxStream<'static, Result<GetBundleResponse, Status>>;

    async fn get_bundle(
        &self,
        request: Request<GetBundleRequest>,
    ) -> Result<Response<Self::GetBundleStream>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let conn = self.ctx.db.reader();
        let release = readable(&call, conn, input.year).await?;
        let number = match u32::try_from(input.version) {
            Ok(0) => release.life.version,
            Ok(number) => number,
            Err(_) => return Err(Error::not_found("version", input.version).into()),
        };
        if number == 0 {
            return Err(none(
                input.year,
                "结果还没有发布：发布之后才有签名包。",
                "The results are not published yet: there is a bundle once they are.",
            )
            .into());
        }
        let version = store::version::find(conn, input.year, number).await?;
        if version.kind == Kind::Withdrawal {
            return Err(none(
                input.year,
                "这一版是撤回，没有数据：以前各版的签名包仍在原地址。",
                "This version is a withdrawal and holds no data: bundles of earlier versions keep their addresses.",
            )
            .into());
        }
        let sha256 = self.made(&release, version).await?;
        let bytes = self.objects.bytes(&sha256).await?;
        let head = GetBundleResponse {
            file_name: format!("zhijian-{}-v{number}.zip", input.year),
            sha256,
            part: vec![],
        };
        let starts = (0..bytes.len()).step_by(PART);
        let parts = starts.map(move |start| {
            let part = bytes.slice(start..bytes.len().min(start + PART));
            GetBundleResponse { part: part.to_vec(), ..GetBundleResponse::default() }
        });
        Ok(Response::new(stream::iter([head].into_iter().chain(parts).map(Ok)).boxed()))
    }

    async fn get_signing_key(
        &self,
        request: Request<GetSigningKeyRequest>,
    ) -> Result<Response<GetSigningKeyResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let key = self.key.public();
        Ok(Response::new(GetSigningKeyResponse { public_key: key.to_string(), key_id: key.id() }))
    }
}
