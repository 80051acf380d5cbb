//! Files that a service sends in pieces, passed on as they come.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use http::{HeaderValue, header};
use tonic::Streaming;

use super::link;

/// A file to save, whose pieces are in the messages of a stream.
pub fn file<M: Send + 'static>(
    name: &str,
    stream: Streaming<M>,
    data: impl Fn(M) -> Vec<u8> + Send + 'static,
) -> Response {
    attachment(name, Body::from_stream(stream.map_ok(data)).into_response())
}

/// An answer as a file to save, under a name that may be Chinese.
pub fn attachment(name: &str, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    if let Ok(named) = HeaderValue::try_from(format!("attachment; filename*=UTF-8''{}", link::segment(name)))
    {
        headers.insert(header::CONTENT_DISPOSITION, named);
    }
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("csv") => "text/csv; charset=utf-8",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("zip") => "application/zip",
        Some("eml") => "message/rfc822",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_name_and_says_what_it_is() {
        let response = attachment("全部 2025.zip", Body::empty().into_response());
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/zip");
        let named = response.headers()[header::CONTENT_DISPOSITION].to_str().expect("ASCII");
        assert_eq!(named, "attachment; filename*=UTF-8''%E5%85%A8%E9%83%A8%202025.zip");
    }
}
