//! Answers of the open data: content with its fingerprint, or a problem in words.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tonic::Code;
use zhijian_platform::Lang;

use crate::web::error::Failure;

/// Content that can be asked for again by its fingerprint.
pub struct Data {
    body: String,
    media_type: &'static str,
    tag: String,
    cache: &'static str,
    file: Option<String>,
}

/// What is published stays, but a correction may be published beside it: ask again after five minutes.
const FINAL: &str = "public, max-age=300";
/// What may still change is asked for again each time.
const PROVISIONAL: &str = "public, no-cache";

impl Data {
    /// A document in JSON. `is_final` says that it is published.
    pub fn json(document: &impl Serialize, is_final: bool) -> Self {
        // Our own shapes have no map keys or numbers that JSON cannot write.
        let body = serde_json::to_string(document).unwrap_or_else(|_| "null".to_owned());
        let tag = format!("\"{:x}\"", Sha256::digest(&body));
        Self { body, media_type: "application/json", tag, cache: cache(is_final), file: None }
    }

    /// A table as CSV, with the hash it was compiled under.
    pub fn csv(body: String, content_hash: &str, file: &str, is_final: bool) -> Self {
        let tag = if content_hash.is_empty() {
            format!("\"{:x}\"", Sha256::digest(&body))
        } else {
            format!("\"{content_hash}\"")
        };
        let media_type = "text/csv; charset=utf-8; header=present";
        Self { body, media_type, tag, cache: cache(is_final), file: Some(file.to_owned()) }
    }

    /// The content, or "not modified" for a caller that has it.
    pub fn answer(self, if_none_match: Option<&HeaderValue>) -> Response {
        let known =
            if_none_match.and_then(|value| value.to_str().ok()).is_some_and(|tags| lists(tags, &self.tag));
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, self.media_type)], self.body).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.cache));
        if let Ok(tag) = HeaderValue::try_from(self.tag) {
            headers.insert(header::ETAG, tag);
        }
        let named =
            self.file.and_then(|file| HeaderValue::try_from(format!("attachment; filename=\"{file}\"")).ok());
        if let Some(named) = named.filter(|_| !known) {
            headers.insert(header::CONTENT_DISPOSITION, named);
        }
        response
    }
}

fn cache(is_final: bool) -> &'static str {
    if is_final { FINAL } else { PROVISIONAL }
}

/// Whether an If-None-Match lists the tag. A cache on the way may have marked it weak.
fn lists(tags: &str, tag: &str) -> bool {
    tags.split(',')
        .map(|listed| listed.trim().trim_start_matches("W/"))
        .any(|listed| listed == tag || listed == "*")
}

/// An error as `application/problem+json` (RFC 9457).
pub struct Problem {
    status: StatusCode,
    title: String,
    detail: String,
    instance: String,
    lang: Lang,
}

impl Problem {
    /// A failure in the reader's language.
    pub fn of(failure: &Failure, lang: Lang, path: &str) -> Self {
        // To the open data, what one may not see is not there.
        let hidden = matches!(failure.code, Code::NotFound | Code::PermissionDenied | Code::Unauthenticated);
        let status = if hidden { StatusCode::NOT_FOUND } else { failure.status() };
        let (title, detail) = if hidden {
            (
                lang.pick("没有这项数据", "There is no such data"),
                lang.pick(
                    "没有这一年或这张表，或者还没有发布。可用的地址见 /open/v1/releases。",
                    "There is no such year or table, or it is not public. See /open/v1/releases for what there is.",
                ),
            )
        } else if status == StatusCode::SERVICE_UNAVAILABLE {
            (
                lang.pick("服务暂时没有应答", "The service does not answer just now"),
                lang.pick("请稍后再试。", "Please try again shortly."),
            )
        } else {
            (lang.pick("请求没有成功", "The request failed"), failure.message.as_str())
        };
        Self { status, title: title.to_owned(), detail: detail.to_owned(), instance: path.to_owned(), lang }
    }

    /// The open data can only be read.
    pub fn method_not_allowed(lang: Lang, path: &str) -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            title: lang.pick("开放数据只能读取", "The open data can only be read").to_owned(),
            detail: lang.pick("请使用 GET。", "Use GET.").to_owned(),
            instance: path.to_owned(),
            lang,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "instance": self.instance,
        });
        let headers = [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CONTENT_LANGUAGE, self.lang.tag()),
            (header::VARY, "Accept-Language"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (self.status, headers, body.to_string()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_fingerprint_is_answered_without_the_content() {
        let data = || Data::csv("等级,数量\r\n".into(), "abc", "zhijian-2025-2-2.csv", true);
        let fresh = data().answer(None);
        assert_eq!(fresh.status(), StatusCode::OK);
        assert_eq!(fresh.headers()[header::ETAG], "\"abc\"");
        assert_eq!(fresh.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8; header=present");
        assert_eq!(
            fresh.headers()[header::CONTENT_DISPOSITION],
            "attachment; filename=\"zhijian-2025-2-2.csv\""
        );
        let known = data().answer(Some(&HeaderValue::from_static("\"x\", W/\"abc\"")));
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(known.headers()[header::CACHE_CONTROL], FINAL);
        let other = data().answer(Some(&HeaderValue::from_static("\"abcd\"")));
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[test]
    fn the_same_document_has_the_same_fingerprint() {
        let tag = |document: serde_json::Value| Data::json(&document, true).tag;
        assert_eq!(tag(json!({"a": 1})), tag(json!({"a": 1})));
        assert_ne!(tag(json!({"a": 1})), tag(json!({"a": 2})));
    }

    #[test]
    fn what_is_hidden_is_not_there() {
        let hidden =
            Problem::of(&Failure::refused(Code::PermissionDenied), Lang::En, "/open/v1/releases/2026");
        assert_eq!(hidden.status, StatusCode::NOT_FOUND);
        assert_eq!(hidden.title, "There is no such data");
        let response = hidden.into_response();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
}
