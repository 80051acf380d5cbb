//! FederationService.

use chrono::DateTime;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tonic::{Request, Response, Status, Streaming};
use zhijian_platform::{Call, Context, Error, Objects, Resource, Text, Violation, objects, time::timestamp};
use zhijian_proto::{
    common::v1::ErrorReason,
    publication::v1::{
        FederatedBundle, FederatedRegion, GetRollupRequest, GetRollupResponse, ImportBundleRequest,
        ImportBundleResponse, ListRegionsRequest, ListRegionsResponse, Table, TrustRegionRequest,
        TrustRegionResponse, federation_service_server::FederationService,
    },
};

use crate::{
    bundle::{self, PublicKey, Verified},
    domain::{federation, pin::Pinned},
    store::{
        self,
        federation::{Bundle, Region},
        table::Kept,
    },
};

/// The largest bundle taken in, in bytes.
const MOST_BYTES: usize = 48 * 1024 * 1024;
/// The longest code and name, in characters.
const MAX_CODE: usize = 20;
const MAX_NAME: usize = 100;
/// How many faults of a bundle are told.
const TOLD: usize = 5;

/// Takes in bundles of regions and rolls them up.
pub struct Federation {
    ctx: Context,
    objects: Objects,
}

impl Federation {
    pub fn new(ctx: Context, objects: Objects) -> Self {
        Self { ctx, objects }
    }
}

async fn shown(conn: &impl ConnectionTrait, region: Region) -> Result<FederatedRegion, Error> {
    let key = PublicKey::parse(&region.public_key).map_err(Error::internal)?;
    let bundles = store::federation::bundles(conn, &region.code).await?;
    Ok(FederatedRegion {
        code: region.code,
        name: Some(region.name.into()),
        key_id: key.id(),
        bundles: bundles.into_iter().map(Into::into).collect(),
    })
}

impl From<Bundle> for FederatedBundle {
    fn from(bundle: Bundle) -> Self {
        Self {
            year: bundle.year,
            version: bundle.release_version,
            demonstration: bundle.demonstration,
            publish_time: Some(timestamp(bundle.publish_time)),
            import_time: Some(timestamp(bundle.import_time)),
            sha256: bundle.bundle_sha256,
            report_count: bundle.report_count,
        }
    }
}

/// Checks what names a region.
fn trusted(input: &TrustRegionRequest) -> Result<(Text, PublicKey), Error> {
    let mut violations = Vec::new();
    let sound = |code: &str| {
        !code.is_empty()
            && code.len() <= MAX_CODE
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !sound(&input.code) {
        violations.push(Violation::new(
            "code",
            format!("地区代码须为 1–{MAX_CODE} 个字母、数字或“-”。"),
            format!("A region's code is of 1–{MAX_CODE} letters, digits and hyphens."),
        ));
    }
    let name: Text = input.name.clone().map_or_else(|| Text::new("", ""), Into::into);
    let named = |text: &str| !text.trim().is_empty() && text.chars().count() <= MAX_NAME;
    if !named(&name.zh) || !named(&name.en) {
        violations.push(Violation::new(
            "name",
            format!("地区名称须有中英文，各 1–{MAX_NAME} 字。"),
            format!("A region is named in Chinese and English, 1–{MAX_NAME} characters each."),
        ));
    }
    match PublicKey::parse(&input.public_key) {
        Ok(key) if violations.is_empty() => Ok((name, key)),
        Ok(_) => Err(Error::Invalid(violations)),
        Err(_) => {
            violations.push(Violation::new(
                "public_key",
                "这不是 minisign 公钥：请粘贴对方网站 /keys 上的内容。",
                "This is no minisign public key: paste what the region's /keys shows.",
            ));
            Err(Error::Invalid(violations))
        }
    }
}

/// A number over several regions is followed back in each region's own release.
fn untraced(mut table: Table) -> Table {
    for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells) {
        cell.trace_id.clear();
    }
    table
}

fn refused(code: &str, zh: impl Into<String>, en: impl Into<String>) -> Error {
    let violation = Violation::new(format!("region/{code}"), zh, en);
    Error::Precondition { reason: ErrorReason::IllegalState, violations: vec![violation] }
}

/// Checks an archive with the region's key.
fn checked(code: &str, archive: &[u8], key: PublicKey) -> Result<Verified, Error> {
    let failed = |why: String| {
        refused(
            code,
            format!("签名包没有通过核验，没有收下：{why}"),
            format!("The bundle does not hold and was not taken in: {why}"),
        )
    };
    let files = bundle::unpack(archive).map_err(|error| failed(error.to_string()))?;
    bundle::verify(&files, Some(key)).map_err(|faults| {
        let told: Vec<_> = faults.iter().take(TOLD).map(ToString::to_string).collect();
        failed(told.join("; "))
    })
}

#[tonic::async_trait]
impl FederationService for Federation {
    async fn trust_region(
        &self,
        request: Request<TrustRegionRequest>,
    ) -> Result<Response<TrustRegionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("federated-region", &input.code))?;
        let (name, key) = trusted(&input)?;
        let code = input.code.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let region = Region { code, name, public_key: key.line(), create_time: tx.now() };
                    store::federation::keep(tx.conn(), &region).await?;
                    let detail = json!({"key": key.id(), "name": region.name.zh});
                    tx.audit(format!("federated-region/{}", region.code), detail);
                    Ok(TrustRegionResponse { region: Some(shown(tx.conn(), region).await?) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn import_bundle(
        &self,
        request: Request<Streaming<ImportBundleRequest>>,
    ) -> Result<Response<ImportBundleResponse>, Status> {
        let call = Call::of(&request)?;
        let mut parts = request.into_inner();
        let mut head = parts.message().await?.unwrap_or_default();
        // Nobody's megabytes are read before it is known whose they are.
        let grant = call.authorise(&Resource::new("federated-region", &head.code))?;
        let mut archive = std::mem::take(&mut head.part);
        while let Some(part) = parts.message().await? {
            archive.extend_from_slice(&part.part);
            if archive.len() > MOST_BYTES {
                return Err(Error::invalid(
                    "part",
                    "签名包超过 48 MiB。",
                    "The bundle is larger than 48 MiB.",
                )
                .into());
            }
        }
        let region = store::federation::find(self.ctx.db.reader(), &head.code).await?;
        let key = PublicKey::parse(&region.public_key).map_err(Error::internal)?;
        let sha256 = objects::sha256_of(&archive);
        let code = head.code.clone();
        let verified = tokio::task::spawn_blocking(move || checked(&code, &archive, key));
        let verified = verified.await.map_err(Error::internal)??;
        let pins = serde_json::to_vec(&verified.pinned).map_err(Error::internal)?;
        let kept = self.objects.keep(pins.into()).await?;
        let about = verified.about;
        let publish_time = DateTime::parse_from_rfc3339(&about.publish_time).map_err(|_| {
            refused(
                &head.code,
                "签名包的发布时间无法识别。",
                "The bundle's time of publication cannot be read.",
            )
        })?;
        let reports = verified.pinned.years.get(&about.year).map_or(0, |year| year.reports.len());
        let mut bundle = Bundle {
            code: head.code.clone(),
            year: about.year,
            release_version: about.version.cast_signed(),
            demonstration: about.demonstration,
            publish_time: publish_time.to_utc(),
            import_time: self.ctx.db.clock().now(),
            bundle_sha256: sha256.clone(),
            pins_hash: kept.sha256.clone(),
            report_count: i32::try_from(reports).unwrap_or(i32::MAX),
        };
        // What makes one call another is the file, not all of its bytes.
        head.part = sha256.clone().into_bytes();
        let request_id = head.request_id.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &request_id, &head, move |tx| {
                Box::pin(async move {
                    let region = store::federation::find(tx.conn(), &bundle.code).await?;
                    let present = store::federation::bundles(tx.conn(), &bundle.code).await?;
                    let present = present.into_iter().find(|present| present.year == bundle.year);
                    match present {
                        Some(present) if present.bundle_sha256 == bundle.bundle_sha256 => {
                            tx.unchanged();
                            return Ok(ImportBundleResponse { region: Some(shown(tx.conn(), region).await?) });
                        }
                        Some(present) if present.release_version >= bundle.release_version => {
                            let (has, brought) = (present.release_version, bundle.release_version);
                            return Err(refused(
                                &bundle.code,
                                format!("已收下第 {has} 版，这是第 {brought} 版：只接收更新的版本。"),
                                format!("Version {has} is there and this is version {brought}: only newer ones are taken."),
                            ));
                        }
                        _ => {}
                    }
                    bundle.import_time = tx.now();
                    let detail = json!({
                        "year": bundle.year, "version": bundle.release_version, "bundle": bundle.bundle_sha256,
                    });
                    tx.audit(format!("federated-region/{}", bundle.code), detail);
                    store::federation::replace(tx.conn(), bundle).await?;
                    Ok(ImportBundleResponse { region: Some(shown(tx.conn(), region).await?) })
                })
            })
            .await?;
        drop(kept);
        Ok(Response::new(response))
    }

    async fn list_regions(
        &self,
        request: Request<ListRegionsRequest>,
    ) -> Result<Response<ListRegionsResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let conn = self.ctx.db.reader();
        let mut regions = Vec::new();
        for region in store::federation::list(conn).await? {
            regions.push(shown(conn, region).await?);
        }
        Ok(Response::new(ListRegionsResponse { regions }))
    }

    async fn get_rollup(
        &self,
        request: Request<GetRollupRequest>,
    ) -> Result<Response<GetRollupResponse>, Status> {
        let call = Call::of(&request)?;
        call.authorise(&Resource::region())?;
        let year = request.into_inner().year;
        let conn = self.ctx.db.reader();
        let bundles = store::federation::of_year(conn, year).await?;
        if bundles.is_empty() {
            return Err(Error::not_found("rollup", year).into());
        }
        let mut parts = Vec::with_capacity(bundles.len());
        for bundle in &bundles {
            let bytes = self.objects.bytes(&bundle.pins_hash).await?;
            parts.push(serde_json::from_slice::<Pinned>(&bytes).map_err(Error::internal)?);
        }
        let made = tokio::task::spawn_blocking(move || federation::rollup(&parts));
        let made = made.await.map_err(Error::internal)?.map_err(Error::internal)?;
        let (mut covered, mut absent) = (vec![], vec![]);
        for region in store::federation::list(conn).await? {
            let has = bundles.iter().any(|bundle| bundle.code == region.code);
            let region = shown(conn, region).await?;
            if has { covered.push(region) } else { absent.push(region) }
        }
        Ok(Response::new(GetRollupResponse {
            year,
            tables: made.tables.into_iter().map(|one| untraced(Kept::from(one).into())).collect(),
            covered,
            absent,
            left_out: made.left_out,
        }))
    }
}
