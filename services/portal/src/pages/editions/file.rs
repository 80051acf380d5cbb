//! An edition as a file.

use axum::{
    Router,
    body::Body,
    extract::{Path, Query},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::TryStreamExt;
use http::{HeaderValue, header};
use zhijian_proto::publication::v1::{DownloadEditionRequest, download_edition_request::Form};

use super::{Which, address, gone, of_version};
use crate::pages::releases::release;
use crate::web::{
    error::{Answer, Failure},
    piece,
    session::Visitor,
    year::Year,
};

pub fn routes() -> Router {
    Router::new().route("/releases/{year}/editions/{code}/{form}", get(file))
}

async fn file(
    visitor: Visitor,
    Path((Year(year), code, form)): Path<(Year, String, String)>,
    Query(Which { version }): Query<Which>,
) -> Answer {
    let of = |version| of_version(&format!("{}/{form}", address(year, &code)), version);
    // Bytes of a version stay as they were signed: only the plain address can say that they were taken back.
    let release = release(&visitor, year).await?;
    if let Some(gone) = gone(&visitor, &release, &code, version, of).await? {
        return Ok(gone);
    }
    let form = match form.as_str() {
        "pdf" => Form::Pdf,
        "docx" => Form::Docx,
        "md" => Form::Markdown,
        _ => return Err(Failure::not_found()),
    };
    let request = DownloadEditionRequest { year, code, form: form.into(), version, draft: false };
    let mut stream = visitor.clients().editions().download_edition(request).await?.into_inner();
    let head = stream.message().await?.ok_or_else(Failure::not_found)?;
    let parts = Body::from_stream(stream.map_ok(|message| message.part));
    let mut response: Response = piece::attachment(&head.file_name, parts.into_response());
    if let Ok(media_type) = HeaderValue::try_from(head.media_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    }
    Ok(response)
}
