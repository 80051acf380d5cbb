//! The versions of a release as open data: each stays at its address.

use axum::{extract::Path, response::Response};
use zhijian_proto::publication::v1::ListVersionsRequest;

use super::{Caller, answer::Data, fetch, give_table, give_tables, is_final, shape};
use crate::web::error::Failure;

/// The version that an address names.
fn number(version: &str) -> Result<i32, Failure> {
    version.parse().ok().filter(|version: &i32| *version > 0).ok_or_else(Failure::not_found)
}

pub async fn list(caller: Caller, Path(year): Path<String>) -> Response {
    let release = match fetch(&caller, &year).await {
        Ok(release) => release,
        Err(failure) => return caller.refuse(failure),
    };
    let request = ListVersionsRequest { year: release.year };
    match caller.clients().release_corrections().list_versions(request).await {
        Ok(answer) => {
            let versions = answer.into_inner().versions;
            let shown: Vec<_> = versions.iter().map(|one| shape::version(release.year, one)).collect();
            let all = serde_json::json!({ "year": release.year, "versions": shown });
            caller.give(Data::json(&all, is_final(&release)))
        }
        Err(status) => caller.refuse(status.into()),
    }
}

pub async fn tables(caller: Caller, Path((year, version)): Path<(String, String)>) -> Response {
    match (fetch(&caller, &year).await, number(&version)) {
        (Ok(release), Ok(version)) => give_tables(&caller, &release, version).await,
        (Err(failure), _) | (_, Err(failure)) => caller.refuse(failure),
    }
}

pub async fn table(caller: Caller, Path((year, version, file)): Path<(String, String, String)>) -> Response {
    match (fetch(&caller, &year).await, number(&version)) {
        (Ok(release), Ok(version)) => give_table(&caller, &release, version, &file).await,
        (Err(failure), _) | (_, Err(failure)) => caller.refuse(failure),
    }
}
