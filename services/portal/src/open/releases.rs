//! Releases and their tables.

use axum::{extract::Path, response::Response};
use serde_json::json;
use tonic::Code;
use zhijian_proto::publication::v1::{
    GetReleaseRequest, GetTableRequest, ListReleasesRequest, ListTablesRequest, ListVersionsRequest, Release,
    Table, Version, release,
};

use super::{
    Caller,
    answer::Data,
    part::{About, Part},
    route::{FORMATS, TABLE_MEDIA, parameters},
    shape, withdrawn,
};
use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    web::{error::Failure, format, withdrawal::Withdrawal},
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
    let withdrawal = match Withdrawal::of(&caller.clients(), release).await {
        Ok(Some(withdrawal)) if version == 0 => {
            return withdrawn::gone(caller, release, &withdrawal, None).await;
        }
        Ok(withdrawal) => withdrawal,
        Err(failure) => return caller.refuse(&failure),
    };
    let tables = match headings(caller, release.year, version).await {
        Ok(tables) => tables,
        Err(failure) => return caller.refuse(&failure),
    };
    let base = shape::base(release.year, version);
    let shown: Vec<_> = tables.iter().map(|table| shape::heading(&base, table)).collect();
    let mut all = json!({ "year": release.year, "tables": shown });
    if version > 0 {
        all["version"] = version.into();
    }
    if let Some(withdrawal) = &withdrawal {
        all["withdrawn"] = withdrawn::shown(withdrawal);
    }
    let response = caller.give(Data::json(&all, is_final(release)));
    match &withdrawal {
        Some(withdrawal) => withdrawn::mark(response, release, withdrawal),
        None => response,
    }
}

/// A public release with its tables, without their rows, and the versions that followed the first.
pub struct Standing {
    /// The release.
    pub release: Release,
    /// The tables of the version that stands; none if it was withdrawn.
    pub tables: Vec<Table>,
    /// Corrections and withdrawals, as they were announced.
    pub corrections: Vec<Version>,
}

impl Standing {
    /// When it last changed for its readers, as RFC 3339.
    pub fn changed(&self) -> String {
        let corrected =
            self.corrections.iter().filter_map(|version| format::moment(version.publish_time.as_ref()));
        let published = format::moment(self.release.publish_time.as_ref());
        let notice = || format!("{}T00:00:00+08:00", self.release.notice_start);
        corrected.chain(published).max().map_or_else(notice, |time| time.to_rfc3339())
    }
}

/// Every public release as it stands, newest first.
pub async fn standing(caller: &Caller) -> Result<Vec<Standing>, Failure> {
    let releases = public(caller).await?.into_iter().map(|release| async move {
        let year = release.year;
        let versions = async {
            if release.version < 2 {
                return Ok(vec![]);
            }
            let request = ListVersionsRequest { year };
            let answer = caller.clients().release_corrections().list_versions(request).await?.into_inner();
            Ok(answer.versions.into_iter().filter(|version| version.number > 1).collect())
        };
        let (tables, corrections) =
            futures::try_join!(unless_hidden(headings(caller, year, 0)), unless_hidden(versions))?;
        Ok(Standing { release, tables, corrections })
    });
    futures::future::try_join_all(releases).await
}

/// What was withdrawn may have nothing to list.
async fn unless_hidden<T>(list: impl Future<Output = Result<Vec<T>, Failure>>) -> Result<Vec<T>, Failure> {
    match list.await {
        Err(failure) if matches!(failure.code, Code::NotFound | Code::PermissionDenied) => Ok(vec![]),
        other => other,
    }
}

/// The tables of a version, without their rows; of the one that stands if it is 0.
pub async fn headings(caller: &Caller, year: i32, version: i32) -> Result<Vec<Table>, Failure> {
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
    let withdrawal = match Withdrawal::of(&caller.clients(), release).await {
        Ok(Some(withdrawal)) if version == 0 => {
            return withdrawn::gone(caller, release, &withdrawal, Some((number, format))).await;
        }
        Ok(withdrawal) => withdrawal,
        Err(failure) => return caller.refuse(&failure),
    };
    let request = GetTableRequest { year: release.year, number: number.to_owned(), version, draft: false };
    let answer = caller.clients().tables().get_table(request).await.map_err(Failure::from);
    let table = match answer.and_then(|answer| answer.into_inner().table.ok_or_else(Failure::not_found)) {
        Ok(table) => table,
        Err(failure) => return caller.refuse(&failure),
    };
    let response = write_table(caller, release, version, table, format, &part, withdrawal.as_ref());
    match &withdrawal {
        Some(withdrawal) => withdrawn::mark(response, release, withdrawal),
        None => response,
    }
}

fn write_table(
    caller: &Caller,
    release: &Release,
    version: i32,
    table: Table,
    format: &str,
    part: &Part,
    withdrawal: Option<&Withdrawal>,
) -> Response {
    let of = if version > 0 { format!("-v{version}") } else { String::new() };
    let file = format!("zhijian-{}{of}-{}", release.year, table.number);
    if format == "csv" && part.is_whole() {
        // Byte for byte what its fingerprint was taken of.
        let csv = Data::new(TABLE_MEDIA[1], table.csv, is_final(release)).tagged(&table.content_hash);
        return caller.give(csv.file(&format!("{file}.csv")));
    }
    let shown = if version > 0 { version } else { release.version };
    let mut head = json!({
        "year": release.year,
        "version": shown,
        "number": table.number,
        "title": shape::text(table.title.as_ref()),
        "source": shape::text(table.source.as_ref()),
        "note": shape::text(release.note.as_ref()),
        "demonstration": release.demonstration,
        "content_hash": table.content_hash,
    });
    let mut whole = shape::table(release, shown, &table);
    if let Some(withdrawal) = withdrawal {
        head["withdrawn"] = withdrawn::shown(withdrawal);
        whole.facts.insert(0, withdrawn::fact(withdrawal));
    }
    let about = About { file: &file, head, is_final: is_final(release) };
    part.answer(caller, whole, format, &about)
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
