//! Downloading a report's files: in parts if asked, and not again if the reader has it.

use axum::{
    Router,
    body::Body,
    extract::{Path, Query},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::StreamExt;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    Attachment, DownloadAttachmentRequest, ListAttachmentsRequest, download_attachment_response::Part,
};

use crate::web::{
    error::{Answer, Failure},
    link,
    session::Visitor,
};

pub fn routes() -> Router {
    Router::new().route("/submissions/{id}/attachments/{attachment}/file", get(file))
}

#[derive(Deserialize, Default)]
struct Which {
    /// The revision; 0 for the working copy.
    #[serde(default)]
    revision: i32,
}

async fn file(
    visitor: Visitor,
    Path((id, attachment_id)): Path<(String, String)>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Answer {
    visitor.signed_in()?;
    let request = ListAttachmentsRequest { submission_id: id.clone(), revision_number: which.revision };
    let listed = visitor.clients().attachments().list_attachments(request).await?.into_inner().attachments;
    let attachment = listed.into_iter().find(|attachment| attachment.attachment_id == attachment_id);
    let attachment = attachment.ok_or_else(Failure::not_found)?;
    let tag = format!("\"{}\"", attachment.sha256);
    let size = u64::try_from(attachment.size).unwrap_or_default();
    let given = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if given(header::IF_NONE_MATCH).is_some_and(|tags| tags.split(',').any(|one| one.trim() == tag)) {
        return Ok(described((StatusCode::NOT_MODIFIED, Body::empty()).into_response(), &attachment, &tag));
    }
    let asked = match given(header::RANGE) {
        // A part of something else is no use to anybody.
        Some(range) if given(header::IF_RANGE).is_none_or(|known| known == tag) => part(range, size),
        _ => Span::All,
    };
    let (start, end) = match asked {
        Span::All => (0, size),
        Span::From(start, end) => (start, end),
        Span::Nowhere => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            set(&mut response, header::CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok(response);
        }
    };
    let request = DownloadAttachmentRequest {
        submission_id: id,
        attachment_id,
        revision_number: which.revision,
        offset: i64::try_from(start).unwrap_or(i64::MAX),
        length: i64::try_from(end - start).unwrap_or(i64::MAX),
    };
    let stream = visitor.clients().attachments().download_attachment(request).await?.into_inner();
    let chunks = stream.filter_map(async |message| match message {
        Ok(message) => match message.part {
            Some(Part::Chunk(chunk)) => Some(Ok(chunk)),
            _ => None,
        },
        Err(status) => Some(Err(status)),
    });
    let whole = (start, end) == (0, size);
    let status = if whole { StatusCode::OK } else { StatusCode::PARTIAL_CONTENT };
    let mut response = described((status, Body::from_stream(chunks)).into_response(), &attachment, &tag);
    set(&mut response, header::CONTENT_LENGTH, &(end - start).to_string());
    if !whole {
        set(&mut response, header::CONTENT_RANGE, &format!("bytes {start}-{}/{size}", end - 1));
    }
    Ok(response)
}

/// A file with its name, type and tag. Pictures are shown in pages; anything else is only ever saved.
fn described(mut response: Response, attachment: &Attachment, tag: &str) -> Response {
    let shown = matches!(attachment.media_type.as_str(), "image/png" | "image/jpeg");
    let way = if shown { "inline" } else { "attachment" };
    set(&mut response, header::CONTENT_TYPE, &attachment.media_type);
    set(&mut response, header::ETAG, tag);
    set(&mut response, header::ACCEPT_RANGES, "bytes");
    let name = link::segment(&attachment.file_name);
    set(&mut response, header::CONTENT_DISPOSITION, &format!("{way}; filename*=UTF-8''{name}"));
    response
}

fn set(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Span {
    All,
    /// From the first byte up to, not with, the second.
    From(u64, u64),
    Nowhere,
}

/// The one range asked for; all of it if several are, or none that makes sense.
fn part(range: &str, size: u64) -> Span {
    let Some(spec) = range.trim().strip_prefix("bytes=").filter(|spec| !spec.contains(',')) else {
        return Span::All;
    };
    let Some((first, last)) = spec.split_once('-') else { return Span::All };
    match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), _) if first >= size => Span::Nowhere,
        (Ok(first), Ok(last)) if last >= first => Span::From(first, last.saturating_add(1).min(size)),
        (Ok(first), Err(_)) if last.trim().is_empty() => Span::From(first, size),
        (Err(_), Ok(0)) if first.trim().is_empty() => Span::Nowhere,
        (Err(_), Ok(count)) if first.trim().is_empty() => Span::From(size.saturating_sub(count), size),
        _ => Span::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_browsers_write_them() {
        assert_eq!(part("bytes=0-9", 100), Span::From(0, 10));
        assert_eq!(part("bytes=90-", 100), Span::From(90, 100));
        assert_eq!(part("bytes=-10", 100), Span::From(90, 100));
        assert_eq!(part("bytes=-500", 100), Span::From(0, 100));
        assert_eq!(part("bytes=5-1000", 100), Span::From(5, 100));
        assert_eq!(part("bytes=100-", 100), Span::Nowhere);
        assert_eq!(part("bytes=-0", 100), Span::Nowhere);
        for odd in ["bytes=9-5", "bytes=0-1,3-4", "lines=1-2", "bytes=x-y", "bytes=5"] {
            assert_eq!(part(odd, 100), Span::All, "{odd}");
        }
    }
}
