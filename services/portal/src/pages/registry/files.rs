//! The registers as files to download: templates and exports.

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, header};
use zhijian_proto::{
    common::v1::FileFormat, identity::v1::ExportOrganisationsRequest, review::v1::ExportReviewersRequest,
    submission::v1::ExportProgrammesRequest,
};

use crate::web::{
    error::{Answer, Failure},
    session::Visitor,
};

pub fn routes() -> Router {
    Router::new().route("/registry/files/{name}", get(download))
}

/// "organisations.csv", "programmes-template.xlsx" and their like.
async fn download(visitor: Visitor, Path(name): Path<String>) -> Answer {
    visitor.signed_in()?;
    let (stem, ending) = name.split_once('.').ok_or_else(Failure::not_found)?;
    let format = match ending {
        "csv" => FileFormat::Csv,
        "xlsx" => FileFormat::Xlsx,
        _ => return Err(Failure::not_found()),
    };
    let (register, template) = match stem.strip_suffix("-template") {
        Some(register) => (register, true),
        None => (stem, false),
    };
    let file = match register {
        "organisations" => organisations(&visitor, format, template).await?,
        "programmes" => programmes(&visitor, format, template).await?,
        "reviewers" => reviewers(&visitor, format, template).await?,
        _ => return Err(Failure::not_found()),
    };
    Ok(attachment(&name, format, file))
}

async fn organisations(visitor: &Visitor, format: FileFormat, template: bool) -> Result<Vec<u8>, Failure> {
    let request = ExportOrganisationsRequest { format: format.into(), template, kinds: vec![] };
    let mut stream = visitor.clients().registry().export_organisations(request).await?.into_inner();
    let mut file = Vec::new();
    while let Some(piece) = stream.message().await? {
        file.extend(piece.chunk);
    }
    Ok(file)
}

async fn programmes(visitor: &Visitor, format: FileFormat, template: bool) -> Result<Vec<u8>, Failure> {
    let request = ExportProgrammesRequest { format: format.into(), template, organisation_codes: vec![] };
    let mut stream = visitor.clients().programme_registry().export_programmes(request).await?.into_inner();
    let mut file = Vec::new();
    while let Some(piece) = stream.message().await? {
        file.extend(piece.chunk);
    }
    Ok(file)
}

async fn reviewers(visitor: &Visitor, format: FileFormat, template: bool) -> Result<Vec<u8>, Failure> {
    let request = ExportReviewersRequest { format: format.into(), template };
    let mut stream = visitor.clients().panel().export_reviewers(request).await?.into_inner();
    let mut file = Vec::new();
    while let Some(piece) = stream.message().await? {
        file.extend(piece.chunk);
    }
    Ok(file)
}

fn attachment(name: &str, format: FileFormat, file: Vec<u8>) -> Response {
    let kind = match format {
        FileFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "text/csv; charset=utf-8",
    };
    let mut response = ([(header::CONTENT_TYPE, kind)], file).into_response();
    // The name is one of a few of ours by now.
    if let Ok(named) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, named);
    }
    response
}
