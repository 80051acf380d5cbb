//! A report's cells as a file: the template to fill in, and what an upload would change before it does.

use axum::{
    Router,
    body::Body,
    extract::{Path, Query},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures::{Stream, StreamExt, stream};
use http::{HeaderValue, header};
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Status;
use zhijian_platform::Lang;
use zhijian_proto::{
    common::v1::{Value, value::Kind},
    submission::v1::{
        Cell, CellChange, DownloadTemplateRequest, ExportCellsRequest, ImportCellsRequest, ImportFault,
        ImportHeader, ImportResult, SaveCellsRequest, TransferFormat, UploadWorkbookRequest,
        import_cells_request, upload_workbook_request,
    },
};

use super::{lock, report::Report};
use crate::{
    pages::see_other,
    say,
    web::{
        components::{FileField, Form, file_form, hidden, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
        i18n::{name_or, text, words},
        layout::{Page, workplace},
        link,
        session::Visitor,
        upload::{Brought, Files},
    },
};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The largest file the service takes.
const MAX_FILE: i64 = 8 << 20;
/// How much goes into one message to the service.
const CHUNK: usize = 512 << 10;
/// How many faults or changes a page lists.
const SHOWN: usize = 300;

pub fn routes() -> Router {
    Router::new()
        .route("/submissions/{id}/transfer", get(show).post(preview))
        .route("/submissions/{id}/transfer/apply", post(apply))
        .route("/submissions/{id}/template.xlsx", get(template))
        .route("/submissions/{id}/cells/as/{format}", get(export))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    applied: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    Ok(render(&visitor, &report, &after, None, &Attempt::default()))
}

async fn template(visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.signed_in()?;
    let request = DownloadTemplateRequest { submission_id: id };
    let parts = visitor.clients().transfers().download_template(request).await?.into_inner();
    download(parts.map(|part| part.map(|part| (part.file_name, part.chunk))), XLSX).await
}

async fn export(visitor: Visitor, Path((id, format)): Path<(String, String)>) -> Answer {
    visitor.signed_in()?;
    let (format, media_type) = match format.as_str() {
        "csv" => (TransferFormat::Csv, "text/csv; charset=utf-8"),
        "json" => (TransferFormat::Json, "application/json"),
        _ => return Err(Failure::not_found()),
    };
    let request = ExportCellsRequest { submission_id: id, format: format.into() };
    let parts = visitor.clients().transfers().export_cells(request).await?.into_inner();
    download(parts.map(|part| part.map(|part| (part.file_name, part.chunk))), media_type).await
}

/// Hands a file on as it comes; its name is in the first part.
async fn download(
    parts: impl Stream<Item = Result<(String, Vec<u8>), Status>> + Send + 'static,
    media_type: &'static str,
) -> Answer {
    let mut parts = Box::pin(parts);
    let (name, first) = parts.next().await.transpose()?.unwrap_or_default();
    let rest = parts.map(|part| part.map(|(_, chunk)| chunk));
    let mut response = Body::from_stream(stream::iter([Ok(first)]).chain(rest)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let disposition = format!("attachment; filename*=UTF-8''{}", link::segment(&name));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// Takes a file and shows what it would change. Nothing is changed yet.
async fn preview(visitor: Visitor, Path(id): Path<String>, form: FormData, files: Files) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    let brought = match files.chosen(visitor.lang(), "file") {
        Ok(brought) => brought,
        Err(fault) => {
            let attempt = Attempt::faulty(form, vec![fault]);
            return Ok(render(&visitor, &report, &After::default(), None, &attempt));
        }
    };
    let attempt = match send(&visitor, &id, brought).await {
        Ok(result) => {
            return Ok(render(&visitor, &report, &After::default(), Some(&result), &Attempt::default()));
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            Attempt::refused(form, failure, |_| "file".to_owned())
        }
    };
    Ok(render(&visitor, &report, &After::default(), None, &attempt))
}

/// Sends a file for a dry run, in chunks.
async fn send(visitor: &Visitor, id: &str, brought: &Brought) -> Result<ImportResult, Status> {
    let header = ImportHeader {
        submission_id: id.to_owned(),
        dry_run: true,
        file_name: brought.file_name.clone(),
        size: i64::try_from(brought.content.len()).unwrap_or(i64::MAX),
        ..Default::default()
    };
    let content = brought.content.clone();
    let count = content.len().div_ceil(CHUNK);
    let chunks =
        (0..count).map(move |at| content[at * CHUNK..((at + 1) * CHUNK).min(content.len())].to_vec());
    let name = brought.file_name.to_lowercase();
    let mut client = visitor.clients().transfers();
    let result = if name.ends_with(".csv") || name.ends_with(".json") {
        use import_cells_request::Part;
        let parts = std::iter::once(Part::Header(header)).chain(chunks.map(Part::Chunk));
        let parts = parts.map(|part| ImportCellsRequest { part: Some(part) });
        client.import_cells(stream::iter(parts)).await?.into_inner().result
    } else {
        use upload_workbook_request::Part;
        let parts = std::iter::once(Part::Header(header)).chain(chunks.map(Part::Chunk));
        let parts = parts.map(|part| UploadWorkbookRequest { part: Some(part) });
        client.upload_workbook(stream::iter(parts)).await?.into_inner().result
    };
    Ok(result.unwrap_or_default())
}

/// Saves what the preview showed. Each cell carries the etag it was compared with, so that nobody's later change is lost.
async fn apply(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let codes: Vec<&str> =
        form.pairs().iter().filter(|(name, _)| name == "code").map(|(_, code)| code.as_str()).collect();
    let chosen = codes.into_iter().filter(|code| form.get(&format!("{code}.take")) != "stored");
    let cells: Vec<Cell> = chosen
        .map(|code| {
            let part = |name: &str| form.typed(&format!("{code}.{name}")).unwrap_or_default().to_owned();
            let kind = match part("kind").as_str() {
                "number" => Some(Kind::Number(part("value"))),
                "text" => Some(Kind::Text(part("value"))),
                "not_applicable" => Some(Kind::NotApplicable(part("value"))),
                _ => None,
            };
            Cell {
                indicator_code: code.to_owned(),
                value: kind.map(|kind| Value { kind: Some(kind) }),
                note: part("note"),
                etag: part("etag"),
                ..Default::default()
            }
        })
        .collect();
    let address = format!("/submissions/{id}/transfer");
    if cells.is_empty() {
        return Ok(see_other(&link::address(&address, &[("applied", "0")])));
    }
    let count = cells.len().to_string();
    let request = SaveCellsRequest { request_id: form.request_id(), submission_id: id.clone(), cells };
    match visitor.clients().submissions().save_cells(request).await {
        Ok(_) => Ok(see_other(&link::address(&address, &[("applied", &count)]))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let report = Report::load(&visitor, &id).await?;
            let lang = visitor.lang();
            let mut attempt = Attempt::failed(form, failure);
            if attempt.failure.as_ref().is_some_and(Failure::is_conflict) {
                let again = words(lang)(
                    "预览之后有人改过其中的格子，所以一格也没有写入。请把同一个文件再上传一次，系统会重新比较。",
                    "Somebody changed some of these cells after the preview, so none was saved. Upload the same file again.",
                );
                attempt.faults.push(Fault { field: "file".into(), message: again.into() });
            }
            Ok(render(&visitor, &report, &After::default(), None, &attempt))
        }
    }
}

fn render(
    visitor: &Visitor,
    report: &Report,
    after: &After,
    result: Option<&ImportResult>,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let address = format!("{}/transfer", report.address());
    let title = t("用表格填报", "Fill in by spreadsheet");
    let content = html! {
        (trail(lang, &[report.above(visitor), (&report.address(), &report.title(lang))]))
        div.head { div {
            h1 { (title) }
            p.lead { (t("下载这份年报的模板，填好再上传；先看会改动什么，确认之后才写入。", "Download this report's template, fill it in, upload it. You see what would change before anything does.")) }
        } }
        @if !after.applied.is_empty() { (done_text(lang, &after.applied)) }
        (refusal(lang, attempt))
        @if let Some(result) = result { (outcome(visitor, report, result)) }
        section id="download" {
            h2 { (t("一、下载", "1. Download")) }
            p {
                a.button.primary[result.is_none()] href={ (report.address()) "/template.xlsx" } download { (t("下载模板（Excel、WPS、LibreOffice 均可）", "Download the template (Excel, WPS, LibreOffice)")) }
            }
            p.grey {
                (t("模板只属于这份年报，已填的数值和上年值都在里面。也可以导出 ", "It is for this report alone, with what is filled in and last year's values. Or export "))
                a href={ (report.address()) "/cells/as/csv" } download { "CSV" } (t("、", ", "))
                a href={ (report.address()) "/cells/as/json" } download { "JSON" } (t("。", "."))
            }
        }
        section id="upload" {
            h2 { (t("二、上传并预览", "2. Upload and preview")) }
            @if report.editable(visitor) {
                (lock::notice(visitor, report, None))
                @if report.is_limited() {
                    p { (t("按填报分工，文件里只能改动您负责的表；有别的表的改动，整个文件都不会写入。", "By the plan of who edits what, the file may change only tables that are yours; otherwise none of it is saved.")) }
                }
                (file_form(&address, attempt, "", html! {
                    (FileField {
                        name: "file",
                        distinct: "",
                        label: t("填好的文件（.xlsx、.csv 或 .json）", "The file (.xlsx, .csv or .json)"),
                        media_types: &[XLSX.to_owned(), "text/csv".to_owned(), "application/json".to_owned()],
                        max_bytes: MAX_FILE,
                        required: true,
                    }.show(lang, attempt))
                    div.actions { button type="submit" { (t("上传并预览", "Upload and preview")) } }
                }))
            } @else {
                p { (t("这份年报现在不能修改，所以不能上传。", "The report cannot be changed now, so nothing can be uploaded.")) }
                (lock::notice(visitor, report, None))
            }
        }
    };
    workplace(visitor, Page::work(title, &address, report.place(visitor)), attempt, content)
}

fn done_text(lang: Lang, count: &str) -> Markup {
    let count: u32 = count.parse().unwrap_or(0);
    let message = match count {
        0 => words(lang)("没有要写入的改动。", "There was nothing to save.").to_owned(),
        count => say!(
            lang,
            "已写入 {count} 格，派生指标已重新计算。",
            "{count} cells were saved, and what is computed from them."
        ),
    };
    html! { div.banner.done role="status" tabindex="-1" { p { (message) } } }
}

/// What a file says, and the one step that comes next.
fn outcome(visitor: &Visitor, report: &Report, result: &ImportResult) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let (changes, conflicts, faults) = (result.changes.len(), result.conflicts.len(), result.faults.len());
    let read = result.rows_read;
    html! {
        section id="preview" {
            h2 { (t("预览：还没有写入", "Preview: nothing is saved yet")) }
            p { (say!(lang, "读到 {read} 行：{changes} 格有改动，{conflicts} 格两边都改过，{faults} 处有误。", "{read} rows: {changes} cells change, {conflicts} were changed on both sides, {faults} faults.")) }
            @if faults > 0 {
                (places(lang, t("请在文件中改正，再上传一次", "Mend these in the file, then upload it again"), &result.faults))
            }
            @if !result.notices.is_empty() { (places(lang, t("请看一眼", "Worth a look"), &result.notices)) }
            @if faults == 0 && changes + conflicts > 0 {
                (Form { action: &format!("{}/transfer/apply", report.address()), attempt: &Attempt::default(), keep: "" }.around(html! {
                    @if conflicts > 0 {
                        h3 { (t("两边都改过：请选择", "Changed on both sides: choose")) }
                        (table(lang, report, &result.conflicts, true))
                    }
                    @if changes > 0 {
                        h3 { (t("将要改动", "What will change")) }
                        (table(lang, report, &result.changes, false))
                    }
                    div.actions { button.primary type="submit" { (t("写入年报", "Save into the report")) } }
                }))
            } @else if faults == 0 {
                p { (t("文件与系统里的数值一致，没有要写入的。", "The file says what the report says; there is nothing to save.")) }
            }
        }
    }
}

fn places(lang: Lang, heading: &str, faults: &[ImportFault]) -> Markup {
    let t = words(lang);
    html! {
        h3 { (heading) }
        div.wide { table {
            thead { tr { th scope="col" { (t("位置", "Place")) } th scope="col" { (t("怎么回事，怎么改", "What it is, and what to do")) } } }
            tbody { @for fault in faults.iter().take(SHOWN) { tr {
                td { (place(lang, &fault.place)) }
                td { (text(lang, fault.message.as_ref())) }
            } } }
        } }
        @if let Some(rest @ 1..) = faults.len().checked_sub(SHOWN) {
            p.grey { (say!(lang, "另有 {rest} 处。", "And {rest} more.")) }
        }
    }
}

/// "第 12 行"; a sheet and cell as they are.
fn place(lang: Lang, place: &str) -> String {
    match place {
        "" => words(lang)("整个文件", "The file").to_owned(),
        line if line.bytes().all(|byte| byte.is_ascii_digit()) => say!(lang, "第 {line} 行", "Line {line}"),
        cell => cell.to_owned(),
    }
}

fn table(lang: Lang, report: &Report, changes: &[CellChange], choose: bool) -> Markup {
    let t = words(lang);
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (t("位置", "Place")) }
                th scope="col" { (t("指标", "Indicator")) }
                th scope="col" { (t("系统中", "In the report")) }
                th scope="col" { (t("文件中", "In the file")) }
            } }
            tbody { @for change in changes { tr {
                @let code = change.indicator_code.as_str();
                @let indicator = report.catalogue.indicators.iter().find(|indicator| indicator.code == code);
                td { (place(lang, &change.place)) }
                td { (code) " " (name_or(lang, indicator.and_then(|indicator| indicator.name.as_ref()), "")) (carried(change)) }
                @for (which, side, cell) in [
                    ("stored", t("系统中", "In the report"), &change.stored),
                    ("given", t("文件中", "In the file"), &change.given),
                ] {
                    td {
                        @if choose {
                            label {
                                span.hidden { (code) " " (side) " " }
                                input type="radio" name={ (code) ".take" } value=(which) checked[which == "stored"]; " "
                                (shown(lang, cell.as_ref()))
                            }
                        } @else { (shown(lang, cell.as_ref())) }
                    }
                }
            } } }
        } }
    }
}

/// The change itself, for the form that applies it.
fn carried(change: &CellChange) -> Markup {
    let code = change.indicator_code.as_str();
    let cell = change.given.clone().unwrap_or_default();
    let (kind, value) = match cell.value.and_then(|value| value.kind) {
        None => ("empty", String::new()),
        Some(Kind::Number(number)) => ("number", number),
        Some(Kind::Text(text)) => ("text", text),
        Some(Kind::NotApplicable(reason)) => ("not_applicable", reason),
    };
    html! {
        (hidden("code", code))
        @for (name, value) in [("kind", kind), ("value", &value), ("note", &cell.note), ("etag", &cell.etag)] {
            (hidden(&format!("{code}.{name}"), value))
        }
    }
}

fn shown(lang: Lang, cell: Option<&Cell>) -> Markup {
    let t = words(lang);
    let value = match cell.and_then(|cell| cell.value.as_ref()?.kind.as_ref()) {
        None => t("空白", "empty").to_owned(),
        Some(Kind::Number(text) | Kind::Text(text)) => text.clone(),
        Some(Kind::NotApplicable(reason)) => format!("{}{reason}", t("不适用：", "not applicable: ")),
    };
    let note = cell.map(|cell| cell.note.as_str()).unwrap_or_default();
    html! { (value) @if !note.is_empty() { br; span.grey { (t("备注：", "Note: ")) (note) } } }
}
