//! The open data: what is published, for programs. Always asked as anybody, so nobody sees more here than everybody.

mod answer;
pub mod arguments;
mod catalog;
pub mod dataset;
mod feed;
mod lists;
mod oai;
mod openapi;
mod part;
mod problem;
mod rdf;
mod releases;
mod reports;
pub mod route;
mod search;
mod shape;
mod versions;
mod withdrawn;
pub mod xml;

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use zhijian_platform::{Clients, Lang};

use crate::web::{error::Failure, session::Portal};
use answer::Data;
use arguments::{Arguments, Parameter};
use problem::{Problem, Wrong};

/// The addresses below `/open/v1`.
pub fn routes() -> Router<Portal> {
    route::router()
        .fallback(async |caller: Caller| caller.refuse(&Failure::not_found()))
        .method_not_allowed_fallback(async |caller: Caller| caller.method_not_allowed())
        .layer(middleware::from_fn(share))
}

/// What crawlers ask for, at the root of the site.
pub fn root() -> Router<Portal> {
    Router::new()
        .route("/robots.txt", get(feed::robots))
        .route("/sitemap.xml", get(feed::sitemap))
        .route("/oai", get(oai::answer).post(oai::answer))
}

/// What a request to the open data needs: the services as anybody, and how to answer.
pub struct Caller {
    lang: Lang,
    headers: HeaderMap,
    uri: Uri,
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
        // A nested router sees the rest of the path alone.
        let whole = parts.extensions.get::<axum::extract::OriginalUri>().map(|whole| whole.0.clone());
        let uri = whole.unwrap_or_else(|| parts.uri.clone());
        Ok(Self { lang, headers: parts.headers.clone(), uri, portal: portal.clone() })
    }
}

impl Caller {
    fn clients(&self) -> Clients {
        self.portal.anonymous(self.lang)
    }

    /// The arguments in the query.
    fn arguments(&self, declared: &[Parameter]) -> Result<Arguments, Response> {
        Arguments::read(self.lang, &self.uri, declared).map_err(|wrong| self.refuse_arguments(wrong))
    }

    /// Where this site is ("https://open.example.cn"), for documents that are read elsewhere.
    fn origin(&self) -> String {
        origin(&self.headers)
    }

    fn give(&self, data: Data) -> Response {
        data.answer(self.headers.get(header::IF_NONE_MATCH))
    }

    fn refuse(&self, failure: &Failure) -> Response {
        Problem::of(failure, self.lang, self.uri.path()).into_response()
    }

    fn refuse_arguments(&self, wrong: Vec<Wrong>) -> Response {
        Problem::arguments(wrong, self.lang, self.uri.path()).into_response()
    }

    fn method_not_allowed(&self) -> Response {
        Problem::method_not_allowed(self.lang, self.uri.path()).into_response()
    }
}

/// Where this site is, as its reader called it.
pub fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    let sound = |host: &&str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    };
    let host = text("host").filter(sound).unwrap_or("localhost");
    format!("{scheme}://{host}")
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
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Content-Disposition, Link, Deprecation"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
