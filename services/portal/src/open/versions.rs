//! The versions of a release as open data: each stays at its address.

use axum::{extract::Path, response::Response};
use zhijian_proto::publication::v1::ListVersionsRequest;

use super::{
    Caller,
    answer::Data,
    releases::{fetch, give_table, give_tables, is_final},
    route::parameters,
    shape,
};
use crate::web::error::Failure;

/// The version that an address names.
fn number(version: &str) -> Result<i32, Failure> {
    version.parse().ok().filter(|version: &i32| *version > 0).ok_or_else(Failure::not_found)
}

pub async fn list(caller: Caller, Path(year): Path<String>) -> Response {
    if let Err(refusal) = caller.arguments(parameters("listVersions")) {
        return refusal;
    }
    let found = async {
        let release = fetch(&caller, &year).await?;
        let request = ListVersionsRequest { year: release.year };
        let answer = caller.clients().release_corrections().list_versions(request).await?.into_inner();
        Ok::<_, Failure>((release, answer.versions))
    };
    match found.await {
        Ok((release, versions)) => {
            let shown: Vec<_> = versions.iter().map(|one| shape::version(release.year, one)).collect();
            let all = serde_json::json!({ "year": release.year, "versions": shown });
            caller.give(Data::json(&all, is_final(&release)))
        }
        Err(failure) => caller.refuse(&failure),
    }
}

pub async fn tables(caller: Caller, Path((year, version)): Path<(String, String)>) -> Response {
    match number(&version) {
        Ok(version) => give_tables(caller, year, version).await,
        Err(failure) => caller.refuse(&failure),
    }
}

pub async fn table(
    caller: Caller,
    Path((year, version, file)): Path<(String, String, String)>,
) -> Response {
    match number(&version) {
        Ok(version) => give_table(caller, year, version, file).await,
        Err(failure) => caller.refuse(&failure),
    }
}
