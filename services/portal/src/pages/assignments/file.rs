//! A file of a report, opened from the desk of whoever is to judge it.

use axum::{
    body::Body,
    extract::Path,
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use http::{HeaderName, HeaderValue, header};
use zhijian_proto::review::v1::{
    DownloadEvidenceFileRequest, EvidenceFile, download_evidence_file_response::Part,
};

use crate::web::{
    error::{Answer, Failure},
    link,
    session::Visitor,
};

pub async fn download(visitor: Visitor, Path((id, sha256)): Path<(String, String)>) -> Answer {
    visitor.signed_in()?;
    let request = DownloadEvidenceFileRequest { assignment_id: id, sha256 };
    let mut stream = visitor.clients().evidence_files().download_evidence_file(request).await?.into_inner();
    let Some(Part::File(file)) = stream.message().await?.and_then(|message| message.part) else {
        return Err(Failure::not_found());
    };
    let chunks = stream.filter_map(async |message| match message {
        Ok(message) => match message.part {
            Some(Part::Chunk(chunk)) => Some(Ok(chunk)),
            _ => None,
        },
        Err(status) => Some(Err(status)),
    });
    Ok(described(Body::from_stream(chunks).into_response(), &file))
}

/// A file with its name and type. Pictures are shown; anything else is only ever saved.
fn described(mut response: Response, file: &EvidenceFile) -> Response {
    let shown = matches!(file.media_type.as_str(), "image/png" | "image/jpeg");
    let way = if shown { "inline" } else { "attachment" };
    let name = link::segment(&file.file_name);
    let disposition = format!("{way}; filename*=UTF-8''{name}");
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, &file.media_type),
        (header::CONTENT_LENGTH, &file.size.to_string()),
        (header::CONTENT_DISPOSITION, &disposition),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
