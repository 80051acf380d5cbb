//! The open data: what is published, for programs. Always asked as anybody, so nobody sees more here than everybody.

mod answer;
mod shape;
mod versions;

use axum::{
    Router,
    extract::{Path, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use zhijian_platform::{Clients, Lang};
use zhijian_proto::publication::v1::{
    GetReleaseRequest, GetTableRequest, ListReleasesRequest, ListTablesRequest, Release, release,
};

use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    web::{error::Failure, session::Portal},
};
use answer::{Data, Problem};

/// The addresses below `/open/v1`.
pub fn routes() -> Router<Portal> {
    Router::new()
        .route("/releases", get(releases))
        .route("/releases/{year}", get(one_release))
        .route("/releases/{year}/tables", get(tables))
        .route("/releases/{year}/tables/{file}", get(table))
        .route("/releases/{year}/versions", get(versions::list))
        .route("/releases/{year}/versions/{version}/tables", get(versions::tables))
        .route("/releases/{year}/versions/{version}/tables/{file}", get(versions::table))
        .fallback(async |caller: Caller| caller.refuse(Failure::not_found()))
        .method_not_allowed_fallback(async |caller: Caller| caller.method_not_allowed())
        .layer(middleware::from_fn(share))
}

/// What a request to the open data needs: the services as anybody, and how to answer.
pub struct Caller {
    lang: Lang,
    headers: HeaderMap,
    path: String,
    portal: Portal,
}

impl axum::extract::FromRequestParts<Portal> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut http::request::Parts,
        portal: &Portal,
    ) -> Result<Self, Self::Rejection> {
        let tag = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let lang = tag.map(Lang::from_accept_language).unwrap_or_default();
        Ok(Self {
            lang,
            headers: parts.headers.clone(),
            path: parts.uri.path().to_owned(),
            portal: portal.clone(),
        })
    }
}

impl Caller {
    fn clients(&self) -> Clients {
        self.portal.anonymous(self.lang)
    }

    fn give(&self, data: Data) -> Response {
        data.answer(self.headers.get(header::IF_NONE_MATCH))
    }

    fn refuse(&self, failure: Failure) -> Response {
        Problem::of(&failure, self.lang, &self.path).into_response()
    }

    fn method_not_allowed(&self) -> Response {
        Problem::method_not_allowed(self.lang, &self.path).into_response()
    }
}

async fn releases(caller: Caller) -> Response {
    let found = all_pages(|page_token| {
        let mut releases = caller.clients().releases();
        async move {
            let request = ListReleasesRequest { page_size: WHOLE_PAGE, page_token };
            let answer = releases.list_releases(request).await?.into_inner();
            Ok((answer.releases, answer.next_page_token))
        }
    });
    let found = match found.await {
        Ok(found) => found,
        Err(failure) => return caller.refuse(failure),
    };
    let shown: Vec<_> = found.iter().map(shape::release).collect();
    caller.give(Data::json(&serde_json::json!({ "releases": shown }), false))
}

async fn one_release(caller: Caller, Path(year): Path<String>) -> Response {
    match fetch(&caller, &year).await {
        Ok(release) => caller.give(Data::json(&shape::release(&release), is_final(&release))),
        Err(failure) => caller.refuse(failure),
    }
}

async fn tables(caller: Caller, Path(year): Path<String>) -> Response {
    let release = match fetch(&caller, &year).await {
        Ok(release) => release,
        Err(failure) => return caller.refuse(failure),
    };
    give_tables(&caller, &release, 0).await
}

/// The headings of the tables of one version; of the one that stands if it is 0.
async fn give_tables(caller: &Caller, release: &Release, version: i32) -> Response {
    let request = ListTablesRequest { year: release.year, version, draft: false };
    match caller.clients().tables().list_tables(request).await {
        Ok(answer) => {
            let tables = answer.into_inner().tables;
            let base = shape::base(release.year, version);
            let shown: Vec<_> = tables.iter().map(|table| shape::heading(&base, table)).collect();
            let mut all = serde_json::json!({ "year": release.year, "tables": shown });
            if version > 0 {
                all["version"] = version.into();
            }
            caller.give(Data::json(&all, is_final(release)))
        }
        Err(status) => caller.refuse(status.into()),
    }
}

async fn table(caller: Caller, Path((year, file)): Path<(String, String)>) -> Response {
    match fetch(&caller, &year).await {
        Ok(release) => give_table(&caller, &release, 0, &file).await,
        Err(failure) => caller.refuse(failure),
    }
}

/// One table of one version, in the format that its file's name ends in.
async fn give_table(caller: &Caller, release: &Release, version: i32, file: &str) -> Response {
    let Some((number, format)) =
        file.rsplit_once('.').filter(|(_, format)| matches!(*format, "csv" | "json"))
    else {
        return caller.refuse(Failure::not_found());
    };
    let request = GetTableRequest { year: release.year, number: number.to_owned(), version, draft: false };
    let table = match caller.clients().tables().get_table(request).await {
        Ok(answer) => answer.into_inner().table.unwrap_or_default(),
        Err(status) => return caller.refuse(status.into()),
    };
    let of = if version > 0 { format!("-v{version}") } else { String::new() };
    let name = format!("zhijian-{}{of}-{number}.{format}", release.year);
    caller.give(match format {
        "csv" => Data::csv(table.csv, &table.content_hash, &name, is_final(release)),
        _ => Data::json(&shape::table(release, &table), is_final(release)),
    })
}

async fn fetch(caller: &Caller, year: &str) -> Result<Release, Failure> {
    let year = year.parse().map_err(|_| Failure::not_found())?;
    let answer = caller.clients().releases().get_release(GetReleaseRequest { year }).await?;
    answer.into_inner().release.ok_or_else(Failure::not_found)
}

fn is_final(release: &Release) -> bool {
    use release::State;
    matches!(release.state(), State::Published | State::Corrected | State::Withdrawn)
}

/// Lets pages of any site read the open data.
async fn share(request: Request, next: Next) -> Response {
    let mut response = match *request.method() {
        http::Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    let headers: [(HeaderName, &str); 4] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "If-None-Match, Accept-Language"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Content-Disposition"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
