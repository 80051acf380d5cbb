//! One report's cells as a file: templates and exports out, workbooks, CSV and JSON in.

use std::sync::{Arc, Mutex, PoisonError};

use futures::stream::{self, BoxStream, StreamExt};
use sha2::{Digest, Sha256};
use tonic::{Status, Streaming};
use zhijian_documents::{Limits, Refusal, sheet};
use zhijian_platform::{Call, Error, Grant, amend::Amendment, etag};
use zhijian_proto::submission::v1::{
    ConflictChoice, DownloadTemplateRequest, DownloadTemplateResponse, ExportCellsRequest,
    ExportCellsResponse, ImportCellsRequest, ImportCellsResponse, ImportHeader, ImportResult, TransferFormat,
    UploadWorkbookRequest, UploadWorkbookResponse, import_cells_request, upload_workbook_request,
};

use super::result;
use crate::{
    domain::{
        catalogue::Catalogue,
        derive::{self, Cells},
        edit::{self, StoredCells},
        submission::Move,
        transfer::{
            compare::compare,
            export, json,
            lines::{Lines, Target},
            table, template,
        },
    },
    rpc::{
        Actor, Rpc,
        known::Facts,
        submission::{change_cells, standing::situation, working::kind_of},
        upstream,
    },
    store::{
        cell, report, revision,
        saving::{self, Before},
    },
};

/// How large a file may be: a full template has some tens of kilobytes.
const MAX_FILE: usize = 8 * 1024 * 1024;
/// How much of a file one message carries.
const CHUNK: usize = 64 * 1024;

/// A report as files are made from it.
struct Source {
    row: report::Model,
    catalogue: Arc<Catalogue>,
    stored: StoredCells,
    derived: Cells,
    last: Cells,
}

impl Source {
    fn target(&self) -> Target<'_> {
        Target {
            catalogue: &self.catalogue,
            kind: &self.row.report_kind,
            submission_id: &self.row.submission_id,
            organisation_code: &self.row.organisation_code,
            cycle_year: self.row.cycle_year,
            derived: &self.derived,
        }
    }

    fn file_name(&self, extension: &str) -> String {
        let row = &self.row;
        format!("{}-{}-{}.{extension}", row.organisation_code, row.cycle_year, row.report_kind)
    }
}

/// What kind of file comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Workbook,
    Csv,
    Json,
}

/// A part of an upload.
enum Part {
    Header(ImportHeader),
    Format(TransferFormat),
    Chunk(Vec<u8>),
    Nothing,
}

/// An upload whose header has come, and may go on.
struct Upload {
    header: ImportHeader,
    facts: Arc<Facts>,
    grant: Grant,
}

impl Rpc {
    pub(super) async fn template(
        &self,
        call: Call,
        input: DownloadTemplateRequest,
    ) -> Result<BoxStream<'static, Result<DownloadTemplateResponse, Status>>, Error> {
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let code = row.organisation_code.clone();
        let known = upstream::organisations(&self.ctx.clients, [code.clone()].into()).await?;
        let name =
            known.get(&code).and_then(|organisation| organisation.name.as_ref()).map(|name| name.zh.clone());
        let organisation_name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| code.clone());
        let source = self.source(row).await?;
        let file_name = source.file_name("xlsx");
        let file = blocking(move || {
            let report_name = kind_of(&source.catalogue, &source.row)?.name.zh.clone();
            let shown = template::Shown {
                organisation_name: &organisation_name,
                report_name: &report_name,
                last: &source.last,
            };
            template::write(&source.target(), &shown, &source.stored).map_err(Error::internal)
        })
        .await?;
        let parts = in_parts(file_name, file);
        Ok(stream::iter(parts.map(|(file_name, chunk)| Ok(DownloadTemplateResponse { file_name, chunk })))
            .boxed())
    }

    pub(super) async fn export(
        &self,
        call: Call,
        input: ExportCellsRequest,
    ) -> Result<BoxStream<'static, Result<ExportCellsResponse, Status>>, Error> {
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let source = self.source(row).await?;
        let (extension, file) = match input.format() {
            TransferFormat::Json => {
                let json = export::json(&source.target(), &source.stored, &source.last);
                ("json", json.map_err(Error::internal)?)
            }
            TransferFormat::Csv => ("csv", export::csv(&source.target(), &source.stored, &source.last)),
            TransferFormat::Unspecified => return Err(format_wanted()),
        };
        let parts = in_parts(source.file_name(extension), file);
        Ok(stream::iter(parts.map(|(file_name, chunk)| Ok(ExportCellsResponse { file_name, chunk }))).boxed())
    }

    pub(super) async fn workbook(
        &self,
        call: Call,
        mut requests: Streaming<UploadWorkbookRequest>,
    ) -> Result<UploadWorkbookResponse, Error> {
        let part = |message: UploadWorkbookRequest| match message.part {
            Some(upload_workbook_request::Part::Header(header)) => Part::Header(header),
            Some(upload_workbook_request::Part::Chunk(chunk)) => Part::Chunk(chunk),
            None => Part::Nothing,
        };
        let upload = self.begin_upload(&call, &mut requests, part).await?;
        let (_, file) = receive(&mut requests, part, upload.header.size).await?;
        Ok(UploadWorkbookResponse { result: Some(self.take(call, upload, Form::Workbook, file).await?) })
    }

    pub(super) async fn import(
        &self,
        call: Call,
        mut requests: Streaming<ImportCellsRequest>,
    ) -> Result<ImportCellsResponse, Error> {
        let part = |message: ImportCellsRequest| match message.part {
            Some(import_cells_request::Part::Header(header)) => Part::Header(header),
            Some(import_cells_request::Part::Format(format)) => {
                Part::Format(TransferFormat::try_from(format).unwrap_or_default())
            }
            Some(import_cells_request::Part::Chunk(chunk)) => Part::Chunk(chunk),
            None => Part::Nothing,
        };
        let upload = self.begin_upload(&call, &mut requests, part).await?;
        let (format, file) = receive(&mut requests, part, upload.header.size).await?;
        let name = upload.header.file_name.to_lowercase();
        let form = match format {
            TransferFormat::Csv => Form::Csv,
            TransferFormat::Json => Form::Json,
            TransferFormat::Unspecified if name.ends_with(".csv") => Form::Csv,
            TransferFormat::Unspecified if name.ends_with(".json") => Form::Json,
            TransferFormat::Unspecified => return Err(format_wanted()),
        };
        Ok(ImportCellsResponse { result: Some(self.take(call, upload, form, file).await?) })
    }

    /// Reads the header, and asks whether the caller may edit the report, before anything of the file is taken.
    async fn begin_upload<M>(
        &self,
        call: &Call,
        requests: &mut Streaming<M>,
        part: impl Fn(M) -> Part,
    ) -> Result<Upload, Error> {
        // Who may see no report is refused before anything is read.
        call.visible("submission")?;
        let Some(Part::Header(header)) = requests.message().await?.map(part) else {
            return Err(Error::invalid(
                "header",
                "请先发送 header，再发送文件。",
                "Send the header first, then the file.",
            ));
        };
        let (facts, grant) = self.admit_known(call, &header.submission_id).await?;
        if usize::try_from(header.size).is_ok_and(|size| size > MAX_FILE) {
            return Err(too_large());
        }
        Ok(Upload { header, facts, grant })
    }

    /// Reads a file, compares it and, unless it is a dry run, applies it.
    async fn take(
        &self,
        call: Call,
        upload: Upload,
        form: Form,
        file: Vec<u8>,
    ) -> Result<ImportResult, Error> {
        let Upload { header, facts, grant } = upload;
        let digest = format!("{:x}", Sha256::digest(&file));
        let source = self.source(report::get(self.ctx.db.reader(), &facts.submission_id).await?).await?;
        let cycle = self.cycle(facts.cycle_year).await?;
        situation(&source.row, &cycle)?.after(Move::Edit, self.ctx.db.clock().now())?;
        let name = header.file_name.clone();
        let (source, lines) = blocking(move || {
            let lines = read(&source.target(), form, &name, &file)?;
            Ok((source, lines))
        })
        .await?;
        if header.dry_run || !lines.faults.is_empty() {
            let comparison = compare(&source.stored, &lines.lines);
            return result::preview(&source.catalogue, source.row, lines, &comparison);
        }
        let lines = Arc::new(lines);
        let catalogue = source.catalogue.clone();
        let codes =
            catalogue.reported_of(&facts.report_kind).map(|indicator| indicator.code.clone()).collect();
        let plan = saving::plan(&facts.submission_id, &codes)?;
        // The same request is the same choices about the same file.
        let request = ImportHeader { file_name: digest, ..header.clone() };
        let (actor, known, held) = (Actor::of(&call), self.known.clone(), Arc::new(Mutex::new(None)));
        let hold = held.clone();
        let applied = self
            .ctx
            .db
            .amend(&grant, &request.request_id, &request, plan, move |found, now| {
                let before = Before::read(found)?
                    .filter(|before| facts.holds(&before.row, &before.cycle))
                    .ok_or_else(|| known.stale(&facts))?;
                let comparison = compare(&before.cells, &lines.lines);
                let stale = !header.etag.is_empty() && header.etag != etag::of(before.row.version);
                let choice = header.conflicts();
                let refused = !comparison.conflicts.is_empty()
                    && matches!(choice, ConflictChoice::Unspecified | ConflictChoice::Refuse);
                let mut edits: Vec<edit::Edit> =
                    comparison.changes.iter().map(|difference| difference.edit.clone()).collect();
                if choice == ConflictChoice::Replace {
                    edits.extend(comparison.conflicts.iter().map(|difference| difference.edit.clone()));
                }
                if stale || refused || edits.is_empty() {
                    let preview = result::held(&catalogue, before.row, &lines, &comparison, stale)?;
                    *hold.lock().unwrap_or_else(PoisonError::into_inner) = Some(preview);
                    return Err(Error::etag_mismatch(""));
                }
                let changed = change_cells(&catalogue, before, edits, &actor, now)?;
                let response = result::applied(&lines, &comparison, choice, changed.response);
                Ok(Amendment {
                    values: changed.values,
                    resource: changed.resource,
                    detail: changed.detail,
                    response,
                })
            })
            .await;
        let held = held.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (applied, held) {
            (Err(Error::EtagMismatch { .. }), Some(preview)) => Ok(preview),
            (applied, _) => applied,
        }
    }

    async fn source(&self, row: report::Model) -> Result<Source, Error> {
        let conn = self.ctx.db.reader();
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let stored = cell::load(conn, &row.submission_id).await?;
        let derived = derive::derived(&catalogue, &row.report_kind, &edit::values(&stored));
        let last = revision::last_year(conn, &row).await?;
        Ok(Source { row, catalogue, stored, derived, last })
    }
}

/// Takes in the rest of an upload; a file that is too large is refused as soon as it is.
async fn receive<M>(
    requests: &mut Streaming<M>,
    part: impl Fn(M) -> Part,
    size: i64,
) -> Result<(TransferFormat, Vec<u8>), Error> {
    let (mut format, mut file) = (TransferFormat::Unspecified, Vec::new());
    while let Some(message) = requests.message().await? {
        match part(message) {
            Part::Chunk(chunk) if file.len() + chunk.len() > MAX_FILE => return Err(too_large()),
            Part::Chunk(chunk) => file.extend_from_slice(&chunk),
            Part::Format(given) => format = given,
            Part::Header(_) => {
                return Err(Error::invalid(
                    "header",
                    "header 只在开头发送一次。",
                    "The header is sent once, at the beginning.",
                ));
            }
            Part::Nothing => {}
        }
    }
    if size > 0 && usize::try_from(size) != Ok(file.len()) {
        return Err(Error::invalid(
            "file",
            format!(
                "文件没有传完：应有 {size} 字节，收到 {} 字节。请重新上传，系统没有改动任何数据。",
                file.len()
            ),
            format!(
                "The file was cut off: {} of {size} bytes came. Upload it again; nothing was changed.",
                file.len()
            ),
        ));
    }
    Ok((format, file))
}

fn read(target: &Target<'_>, form: Form, name: &str, file: &[u8]) -> Result<Lines, Error> {
    let limits = Limits {
        bytes: MAX_FILE as u64,
        unpacked: 200 << 20,
        rows: 20_000,
        cells: 300_000,
        ..Limits::default()
    };
    let name = match (form, name) {
        (Form::Workbook, "") => "template.xlsx",
        (Form::Csv, "") => "cells.csv",
        (_, name) => name,
    };
    match form {
        Form::Workbook => {
            zhijian_documents::kind::check(name, None, file, &[zhijian_documents::Kind::Xlsx], &limits)
                .map_err(refused)?;
            Ok(table::read_workbook(target, &sheet::read(name, file, &limits).map_err(refused)?))
        }
        Form::Csv => {
            zhijian_documents::kind::check(name, None, file, &[zhijian_documents::Kind::Text], &limits)
                .map_err(refused)?;
            Ok(table::read_csv(target, &sheet::read(name, file, &limits).map_err(refused)?))
        }
        Form::Json => Ok(json::read(target, &sheet::decode(file).map_err(refused)?)),
    }
}

fn refused(refusal: Refusal) -> Error {
    Error::invalid("file", refusal.message_zh(), refusal.message_en())
}

fn too_large() -> Error {
    Error::invalid(
        "file",
        "文件超过 8 MB，没有接收。一份年报的表格只有几十 KB，请确认选对了文件，或删去图片后再上传。",
        "The file is over 8 MB and was not taken. A report's workbook has some tens of KB: is it the right file?",
    )
}

fn format_wanted() -> Error {
    Error::invalid("format", "请说明格式：CSV 或 JSON。", "Say the format: CSV or JSON.")
}

/// A file in parts, the first of which has its name.
fn in_parts(file_name: String, file: Vec<u8>) -> impl Iterator<Item = (String, Vec<u8>)> + Send {
    let mut name = Some(file_name);
    let parts: Vec<Vec<u8>> = file.chunks(CHUNK).map(<[u8]>::to_vec).collect();
    parts.into_iter().map(move |part| (name.take().unwrap_or_default(), part))
}

/// Work that takes long, away from the threads that answer requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
