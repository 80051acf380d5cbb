//! Answers of the open data: content with its fingerprint.

use axum::{
    body::Bytes,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::web::cache;

/// Content that can be asked for again by its fingerprint.
pub struct Data {
    body: Bytes,
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
    /// Content of any kind. `is_final` says that it is published.
    pub fn new(media_type: &'static str, body: impl Into<Bytes>, is_final: bool) -> Self {
        let body = body.into();
        let tag = format!("\"{:x}\"", Sha256::digest(&body));
        Self { body, media_type, tag, cache: cache(is_final), file: None }
    }

    /// A document in JSON.
    pub fn json(document: &impl Serialize, is_final: bool) -> Self {
        // Our own shapes have no map keys or numbers that JSON cannot write.
        let body = serde_json::to_string(document).unwrap_or_else(|_| "null".to_owned());
        Self::new("application/json", body, is_final)
    }

    /// The fingerprint that the content has elsewhere, if it has one.
    pub fn tagged(self, content_hash: &str) -> Self {
        if content_hash.is_empty() { self } else { Self { tag: format!("\"{content_hash}\""), ..self } }
    }

    /// A file to be kept under this name.
    pub fn file(self, name: &str) -> Self {
        Self { file: Some(name.to_owned()), ..self }
    }

    /// The content, or "not modified" for a caller that has it.
    pub fn answer(self, if_none_match: Option<&HeaderValue>) -> Response {
        let known = if_none_match
            .and_then(|value| value.to_str().ok())
            .is_some_and(|tags| cache::lists(tags, &self.tag));
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
        cache::share(response)
    }
}

fn cache(is_final: bool) -> &'static str {
    if is_final { FINAL } else { PROVISIONAL }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_known_fingerprint_is_answered_without_the_content() {
        let data = || Data::new("text/csv", "等级,数量\r\n", true).tagged("abc").file("zhijian-2025-2-2.csv");
        let fresh = data().answer(None);
        assert_eq!(fresh.status(), StatusCode::OK);
        assert_eq!(fresh.headers()[header::ETAG], "\"abc\"");
        assert_eq!(fresh.headers()[header::CONTENT_TYPE], "text/csv");
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
}
