//! Releases and their tables.

use axum::{extract::Path, response::Response};
use serde_json::json;
use zhijian_proto::publication::v1::{
    GetReleaseRequest, GetTableRequest, ListReleasesRequest, ListTablesRequest, Release, Table, release,
};

use super::{
    Caller,
    answer::Data,
    part::{About, Part},
    route::{FORMATS, TABLE_MEDIA, parameters},
    shape,
};
use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    web::error::Failure,
};

pub async fn list(caller: Caller) -> Response {
    if let Err(refusal) = caller.arguments(parameters("listReleases")) {
        return refusal;
    }
    match public(&caller).await {
        Ok(found) => {
            let shown: Vec<_> = found.iter().map(shape::release).collect();
            caller.give(Data::json(&json!({ "releases": shown }), false))
        }
        Err(failure) => caller.refuse(&failure),
    }
}

/// Every public release, newest first.
pub async fn public(caller: &Caller) -> Result<Vec<Release>, Failure> {
    all_pages(|page_token| {
        let mut releases = caller.clients().releases();
        async move {
            let request = ListReleasesRequest { page_size: WHOLE_PAGE, page_token };
            let answer = releases.list_releases(request).await?.into_inner();
            Ok((answer.releases, answer.next_page_token))
        }
    })
    .await
}

pub async fn one(caller: Caller, Path(year): Path<String>) -> Response {
    if let Err(refusal) = caller.arguments(parameters("getRelease")) {
        return refusal;
    }
    match fetch(&caller, &year).await {
        Ok(release) => caller.give(Data::json(&shape::release(&release), is_final(&release))),
        Err(failure) => caller.refuse(&failure),
    }
}

pub async fn tables(caller: Caller, Path(year): Path<String>) -> Response {
    if let Err(refusal) = caller.arguments(parameters("listTables")) {
        return refusal;
    }
    match fetch(&caller, &year).await {
        Ok(release) => give_tables(&caller, &release, 0).await,
        Err(failure) => caller.refuse(&failure),
    }
}

/// The headings of the tables of one version; of the one that stands if it is 0.
pub async fn give_tables(caller: &Caller, release: &Release, version: i32) -> Response {
    match headings(caller, release.year, version).await {
        Ok(tables) => {
            let base = shape::base(release.year, version);
            let shown: Vec<_> = tables.iter().map(|table| shape::heading(&base, table)).collect();
            let mut all = json!({ "year": release.year, "tables": shown });
            if version > 0 {
                all["version"] = version.into();
            }
            caller.give(Data::json(&all, is_final(release)))
        }
        Err(failure) => caller.refuse(&failure),
    }
}

/// The tables of a release as it stands, without their rows.
pub async fn of_release(caller: &Caller, year: i32) -> Result<Vec<Table>, Failure> {
    headings(caller, year, 0).await
}

async fn headings(caller: &Caller, year: i32, version: i32) -> Result<Vec<Table>, Failure> {
    let request = ListTablesRequest { year, version, draft: false };
    Ok(caller.clients().tables().list_tables(request).await?.into_inner().tables)
}

pub async fn table(caller: Caller, Path((year, file)): Path<(String, String)>) -> Response {
    match fetch(&caller, &year).await {
        Ok(release) => give_table(&caller, &release, 0, &file).await,
        Err(failure) => caller.refuse(&failure),
    }
}

/// One table of one version, in the format that its file's name ends in; of the version that stands if it is 0.
pub async fn give_table(caller: &Caller, release: &Release, version: i32, file: &str) -> Response {
    let Some((number, format)) = file.rsplit_once('.').filter(|(_, format)| FORMATS.contains(format)) else {
        return caller.refuse(&Failure::not_found());
    };
    let part = caller.arguments(parameters("getTable")).and_then(|arguments| {
        Part::read(caller.lang, &arguments).map_err(|wrong| caller.refuse_arguments(wrong))
    });
    let part = match part {
        Ok(part) => part,
        Err(refusal) => return refusal,
    };
    let request = GetTableRequest { year: release.year, number: number.to_owned(), version, draft: false };
    let answer = caller.clients().tables().get_table(request).await.map_err(Failure::from);
    let table = match answer.and_then(|answer| answer.into_inner().table.ok_or_else(Failure::not_found)) {
        Ok(table) => table,
        Err(failure) => return caller.refuse(&failure),
    };
    let of = if version > 0 { format!("-v{version}") } else { String::new() };
    let file = format!("zhijian-{}{of}-{number}", release.year);
    if format == "csv" && part.is_whole() {
        // Byte for byte what its fingerprint was taken of.
        let csv = Data::new(TABLE_MEDIA[1], table.csv, is_final(release)).tagged(&table.content_hash);
        return caller.give(csv.file(&format!("{file}.csv")));
    }
    let head = json!({
        "year": release.year,
        "version": if version > 0 { version } else { release.version },
        "number": table.number,
        "title": shape::text(table.title.as_ref()),
        "source": shape::text(table.source.as_ref()),
        "note": shape::text(release.note.as_ref()),
        "demonstration": release.demonstration,
        "content_hash": table.content_hash,
    });
    let about = About { file: &file, head, is_final: is_final(release) };
    part.answer(caller, shape::table(release, &table), format, &about)
}

pub async fn fetch(caller: &Caller, year: &str) -> Result<Release, Failure> {
    let year = year.parse().map_err(|_| Failure::not_found())?;
    let answer = caller.clients().releases().get_release(GetReleaseRequest { year }).await?;
    answer.into_inner().release.ok_or_else(Failure::not_found)
}

/// Whether what a release says stays as it is.
pub fn is_final(release: &Release) -> bool {
    use release::State;
    matches!(release.state(), State::Published | State::Corrected | State::Withdrawn)
}
