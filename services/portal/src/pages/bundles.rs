//! Signed copies of what is published, and the key that they are checked with.

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use futures::StreamExt;
use http::{HeaderValue, header};
use maud::{Markup, html};
use zhijian_proto::publication::v1::{GetBundleRequest, GetSigningKeyRequest, Release, Version, VersionKind};

use super::{releases::release, versions, withdrawn};
use crate::web::{
    error::{Answer, Failure},
    i18n::words,
    piece,
    session::Visitor,
    withdrawal::Withdrawal,
    year::Year,
};

pub fn routes() -> Router {
    Router::new()
        .route("/releases/{year}/bundle.zip", get(standing))
        .route("/releases/{year}/versions/{version}/bundle.zip", get(of_version))
        .route("/keys", get(key))
}

async fn standing(visitor: Visitor, Path(Year(year)): Path<Year>) -> Answer {
    let release = release(&visitor, year).await?;
    if let Some(withdrawal) = Withdrawal::of(visitor.clients(), &release).await? {
        let address = |version: &i32| (*version, format!("{}/bundle.zip", versions::address(year, *version)));
        let kept: Vec<_> = withdrawal.kept.iter().map(address).collect();
        return withdrawn::gone(&visitor, &release, &withdrawal, &kept);
    }
    bundle(&visitor, year, 0).await
}

async fn of_version(visitor: Visitor, Path((Year(year), version)): Path<(Year, String)>) -> Answer {
    let version = version.parse().ok().filter(|version: &i32| *version > 0);
    bundle(&visitor, year, version.ok_or_else(Failure::not_found)?).await
}

async fn bundle(visitor: &Visitor, year: i32, version: i32) -> Answer {
    let request = GetBundleRequest { year, version };
    let mut parts = visitor.clients().bundles().get_bundle(request).await?.into_inner();
    let head = parts.message().await?.ok_or_else(Failure::not_found)?;
    let body = axum::body::Body::from_stream(parts.map(|part| part.map(|part| part.part)));
    let mut response = piece::attachment(&head.file_name, body.into_response());
    if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", head.sha256)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// The public key as minisign's file.
async fn key(visitor: Visitor) -> Answer {
    let answer = visitor.clients().bundles().get_signing_key(GetSigningKeyRequest {}).await?.into_inner();
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))];
    let response: Response = (headers, answer.public_key).into_response();
    Ok(response)
}

/// The way to the signed copy of this version; none of a withdrawal.
pub fn way(visitor: &Visitor, release: &Release, versions: &[Version], version: i32) -> Markup {
    let t = words(visitor.lang());
    let number = if version == 0 { release.version } else { version };
    let kind = versions.iter().find(|one| one.number == number).map(Version::kind);
    let address = versions::address(release.year, version);
    html! {
        @if kind.is_some_and(|kind| kind != VersionKind::Withdrawal) {
            h2 { (t("签名副本", "Signed copy")) }
            p {
                a href={ (address) "/bundle.zip" } download { (t("下载全部（ZIP）", "Download everything (ZIP)")) } " "
                (t("报告、数据、计算依据和签名都在里面，不用联网也能核验：", "Reports, data, what they are computed from and the signature; checked without any server: "))
                code { "zhijian release verify" } (t("；公钥见 ", "; the key is at ")) a href="/keys" { "/keys" } (t("。", "."))
            }
        }
    }
}
