//! The versions of a release: each stays at its address.

use axum::{extract::Path, response::Response};
use serde_json::json;
use zhijian_proto::publication::v1::ListVersionsRequest;

use super::{
    Caller,
    answer::Data,
    releases::{fetch, give_table, give_tables},
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
    let release = match fetch(&caller, &year).await {
        Ok(release) => release,
        Err(failure) => return caller.refuse(&failure),
    };
    let request = ListVersionsRequest { year: release.year };
    match caller.clients().release_corrections().list_versions(request).await {
        Ok(answer) => {
            let versions = answer.into_inner().versions;
            let shown: Vec<_> = versions.iter().map(|one| shape::version(release.year, one)).collect();
            let all = json!({ "year": release.year, "versions": shown });
            // The next correction adds to the list.
            caller.give(Data::json(&all, false))
        }
        Err(status) => caller.refuse(&status.into()),
    }
}

pub async fn tables(caller: Caller, Path((year, version)): Path<(String, String)>) -> Response {
    if let Err(refusal) = caller.arguments(parameters("listTablesOfVersion")) {
        return refusal;
    }
    match (fetch(&caller, &year).await, number(&version)) {
        (Ok(release), Ok(version)) => give_tables(&caller, &release, version).await,
        (Err(failure), _) | (_, Err(failure)) => caller.refuse(&failure),
    }
}

pub async fn table(caller: Caller, Path((year, version, file)): Path<(String, String, String)>) -> Response {
    match (fetch(&caller, &year).await, number(&version)) {
        (Ok(release), Ok(version)) => give_table(&caller, &release, version, &file).await,
        (Err(failure), _) | (_, Err(failure)) => caller.refuse(&failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_from_one() {
        assert!(number("1").is_ok_and(|version| version == 1));
        for wrong in ["0", "-1", "x", "1.0", ""] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
    }
}
