//! The pages' outer layer: refuses posts from other sites, finds out who asks, reads the form, and turns a failure into
//! a page in words.

use axum::{
    Form,
    body::Body,
    extract::{FromRequest, Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tonic::Code;
use zhijian_platform::Lang;

use super::{
    error::Failure,
    form::FormData,
    link,
    session::{Portal, SetCookie, Visitor},
    upload,
};
use crate::pages;

/// Answers one request to the pages.
pub async fn admit(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let posted = !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    let secure = parts.headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let (visitor, cookies) = match portal.visitor(&parts).await {
        Ok(found) => found,
        Err(failure) => return pages::trouble::page(&portal.stranger(Lang::default()), &failure, None),
    };
    if posted && !from_our_pages(&parts.headers) {
        return pages::trouble::page(&visitor, &Failure::refused(Code::PermissionDenied), None);
    }
    let form = if posted && upload::brings_files(&parts.headers) {
        // Nobody's files are taken in before it is known whose they are.
        if visitor.account().is_none() {
            return explain(&visitor, &Failure::refused(Code::Unauthenticated), None);
        }
        match upload::read(visitor.lang(), Request::from_parts(parts.clone(), body)).await {
            Ok((form, files)) => {
                parts.extensions.insert(files);
                form
            }
            Err(failure) => return pages::trouble::page(&visitor, &failure, None),
        }
    } else if posted {
        match Form::<Vec<(String, String)>>::from_request(Request::from_parts(parts.clone(), body), &()).await
        {
            Ok(Form(pairs)) => FormData::new(pairs),
            Err(_) => return pages::trouble::page(&visitor, &Failure::refused(Code::InvalidArgument), None),
        }
    } else {
        FormData::default()
    };
    parts.extensions.insert(visitor.clone());
    parts.extensions.insert(form.clone());
    let path = parts.uri.path().to_owned();
    let mut response = next.run(Request::from_parts(parts, Body::empty())).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = Failure::not_found().into_response();
    }
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        response = explain(&visitor, &failure, posted.then_some((path.as_str(), &form)));
    }
    let mut cookies = cookies;
    if posted && response.status() == StatusCode::SEE_OTHER {
        cookies.push(SetCookie::Taken(form.request_id()));
    }
    finish(&visitor, cookies, secure, response)
}

/// A failure as a page: the way to sign in, or what went wrong in words.
fn explain(visitor: &Visitor, failure: &Failure, posted: Option<(&str, &FormData)>) -> Response {
    if !failure.wants_sign_in() {
        return pages::trouble::page(visitor, failure, posted);
    }
    if let Some((path, form)) = posted {
        return pages::sign_in::keep_post(visitor, path, form);
    }
    Redirect::to(&link::address("/sign-in", &[("next", visitor.address())])).into_response()
}

fn finish(visitor: &Visitor, cookies: Vec<SetCookie>, secure: bool, mut response: Response) -> Response {
    let headers = response.headers_mut();
    // A handler that signs in or out has the last word on the session's cookie.
    let decided = headers.contains_key(header::SET_COOKIE);
    for cookie in cookies {
        let of_session = matches!(cookie, SetCookie::Session { .. } | SetCookie::SignedOut);
        if let Some(value) = cookie.header(visitor.now(), secure).filter(|_| !(decided && of_session)) {
            headers.append(header::SET_COOKIE, value);
        }
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Cookie"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(visitor.lang().tag()));
    response
}

/// Whether a post comes from one of our own pages. Programs other than browsers send neither header, and carry no
/// cookies that somebody else could misuse.
fn from_our_pages(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, authority)| authority == host)
        }
        (Some(_), None) => false,
    }
}

/// Headers that every answer carries: nothing but our own style sheet, script and pictures; no framing; no guessing of
/// types.
pub async fn harden(request: Request, next: Next) -> Response {
    const HEADERS: [(&str, &str); 5] = [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ];
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn posts_from_other_sites_are_told_apart() {
        assert!(from_our_pages(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(!from_our_pages(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!from_our_pages(&headers(&[("sec-fetch-site", "same-site")])));
        assert!(from_our_pages(&headers(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")])));
        assert!(!from_our_pages(&headers(&[("origin", "http://evil.example"), ("host", "127.0.0.1:8080")])));
        assert!(!from_our_pages(&headers(&[("origin", "null"), ("host", "127.0.0.1:8080")])));
        assert!(from_our_pages(&headers(&[("host", "127.0.0.1:8080")])));
    }
}
