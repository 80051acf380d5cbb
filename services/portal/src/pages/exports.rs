//! Everything of a year as one file: begun here, followed while it is written, fetched when it is done.

use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, header};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    common::v1::{Operation, operation},
    submission::v1::{
        Cycle, DownloadExportRequest, Export, FileFormat, GetExportRequest, ListExportsRequest,
        StartExportRequest,
    },
};

use super::{desk, lookup, see_other};
use crate::{
    say,
    web::{
        components::{Form, Mark, Sign, Tone, empty, refusal, size},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        piece,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/exports", get(show).post(start))
        .route("/exports/{id}/operation", get(progress_of))
        .route("/exports/{id}/file", get(download))
}

/// How often a page that waits asks for itself again where no script runs, in seconds.
const REFRESH: u32 = 2;

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    year: String,
}

async fn show(visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    page(&visitor, &asked.year, &Attempt::default()).await
}

async fn page(visitor: &Visitor, year: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let t = words(visitor.lang());
    let title = t("全部导出", "Export everything");
    let cycles = lookup::cycles(visitor).await?;
    let Some(cycle) = desk::chosen(visitor, &cycles, year) else {
        return Ok(desk::no_year(visitor, title, "/exports"));
    };
    // Files of every year: one that was asked for stays in sight whichever year is looked at.
    let request = ListExportsRequest { page_size: 50, ..ListExportsRequest::default() };
    let exports = visitor.clients().desk().list_exports(request).await?.into_inner().exports;
    Ok(render(visitor, title, &cycles, cycle, &exports, attempt))
}

fn running(export: &Export) -> Option<&Operation> {
    let operation = export.operation.as_ref();
    operation.filter(|one| matches!(one.state(), operation::State::Queued | operation::State::Running))
}

fn render(
    visitor: &Visitor,
    title: &str,
    cycles: &[Cycle],
    cycle: &Cycle,
    exports: &[Export],
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let address = format!("/exports?year={}", cycle.year);
    let waiting = exports.iter().find_map(|export| running(export).map(|operation| (export, operation)));
    let content = html! {
        div.head { div {
            h1 { (title) }
            p.lead { (t("这一年的填报状态、回执、指标（长表和宽表）与正文，一个文件。", "Where each report of the year stands, receipts, indicators (long and wide) and texts, in one file.")) }
        } }
        (desk::tabs(visitor, "/exports", cycle.year))
        (refusal(lang, attempt))
        @if let Some((export, operation)) = waiting { (under_way(visitor, export, operation)) }
        (form(visitor, cycles, cycle, attempt))
        h2 { (t("可以下载的文件", "Files to download")) }
        @if exports.is_empty() {
            (empty(t("还没有导出过", "Nothing was exported yet"), html! { (t("选好年度和格式，点“开始导出”。文件保留 24 小时。", "Choose a year and a format, then start. A file is kept for 24 hours.")) }))
        } @else { (table(visitor, cycles, exports)) }
    };
    let page = Page { refresh: waiting.map(|_| REFRESH), ..Page::work(title, &address, Place::Desk) };
    workplace(visitor, page, attempt, content)
}

fn form(visitor: &Visitor, cycles: &[Cycle], cycle: &Cycle, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let typed = attempt.form.get("year").parse().unwrap_or(cycle.year);
    let format = attempt.form.or("format", "xlsx");
    Form::plain("/exports", attempt).around(html! {
        div.filters {
            div {
                label for="year" { (t("年度", "Year")) }
                select id="year" name="year" {
                    @for one in cycles {
                        option value=(one.year) selected[one.year == typed] { (name_or(lang, one.name.as_ref(), &one.year.to_string())) }
                    }
                }
            }
            div {
                label for="format" { (t("格式", "Format")) }
                select id="format" name="format" {
                    option value="xlsx" selected[format == "xlsx"] { (t("XLSX，一个工作簿", "XLSX, one workbook")) }
                    option value="csv" selected[format == "csv"] { (t("CSV，打包为 ZIP", "CSV, as one ZIP")) }
                }
            }
            button.primary type="submit" { (t("开始导出", "Start the export")) }
        }
    })
}

fn under_way(visitor: &Visitor, export: &Export, operation: &Operation) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let (done, total) = (operation.done, operation.total);
    html! {
        div.banner role="status" data-operation={ "/exports/" (export.export_id) "/operation" } {
            h2 { (t("正在导出", "Exporting")) }
            p { progress.wide value=[(total > 0).then_some(done)] max=(total.max(1)) aria-label=(t("导出进度", "Progress of the export")) {} }
            p data-note { (note(visitor, operation)) }
            p.hint { (t("可以离开这一页；服务重启后导出会接着做。", "You may leave this page; the work goes on, and goes on after a restart.")) }
        }
    }
}

fn note(visitor: &Visitor, operation: &Operation) -> String {
    let lang = visitor.lang();
    let (done, total) = (operation.done, operation.total);
    match (lang.pick(&operation.note_zh, &operation.note_en), total) {
        ("", 0) => lang.pick("准备中", "preparing").to_owned(),
        ("", _) => say!(lang, "第 {done} 步，共 {total} 步", "step {done} of {total}"),
        (note, 0) => note.to_owned(),
        (note, _) => say!(lang, "{note}（{done}/{total}）", "{note} ({done}/{total})"),
    }
}

fn table(visitor: &Visitor, cycles: &[Cycle], exports: &[Export]) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let year = |export: &Export| {
        let of = cycles.iter().find(|cycle| cycle.year == export.cycle_year);
        let plain = export.cycle_year.to_string();
        of.map_or(plain.clone(), |cycle| name_or(lang, cycle.name.as_ref(), &plain).to_owned())
    };
    html! {
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("文件", "File")) }
                th scope="col" { (t("年度", "Year")) }
                th scope="col" { (t("状态", "State")) }
                th.number scope="col" { (t("年报（份）", "Reports")) }
                th.number scope="col" { (t("指标值（个）", "Values")) }
                th.number scope="col" { (t("大小", "Size")) }
                th scope="col" { (t("开始", "Begun")) }
                th scope="col" { (t("保留到", "Kept until")) }
            } }
            tbody { @for export in exports {
                @let state = export.operation.as_ref().map(Operation::state).unwrap_or_default();
                @let finished = !export.sha256.is_empty();
                tr {
                    th scope="row" {
                        @if finished { a href={ "/exports/" (export.export_id) "/file" } download { (export.file_name) } }
                        @else { (export.file_name) }
                        @if finished { div.grey.small { (t("指纹 ", "Fingerprint ")) code title=(export.sha256) { (export.sha256.get(..16).unwrap_or_default()) "…" } } }
                    }
                    td { (year(export)) }
                    td {
                        (state_mark(visitor, state, finished))
                        @if state == operation::State::Failed { div.small { (failure(visitor, export)) } }
                    }
                    @if finished {
                        td.number { (export.submissions) } td.number { (export.cells) } td.number { (size(export.size)) }
                    } @else { td.number { "—" } td.number { "—" } td.number { "—" } }
                    td { @if let Some(time) = format::moment(export.create_time.as_ref()) { (format::happened(lang, time, now)) } }
                    td { @if let Some(time) = format::moment(export.expire_time.as_ref()).filter(|_| finished) { (format::exact(lang, time, now)) } }
                }
            } }
        } }
    }
}

fn state_mark(visitor: &Visitor, state: operation::State, finished: bool) -> Mark {
    let t = words(visitor.lang());
    match state {
        _ if finished => Mark::new(Sign::Tick, Tone::Done, t("已完成", "Finished")),
        operation::State::Failed => Mark::new(Sign::Cross, Tone::Wrong, t("没有完成", "Not finished")),
        operation::State::Running => Mark::new(Sign::Half, Tone::Go, t("导出中", "Under way")),
        _ => Mark::new(Sign::Wait, Tone::Go, t("排队中", "Waiting")),
    }
}

fn failure(visitor: &Visitor, export: &Export) -> String {
    let t = words(visitor.lang());
    let said = export.operation.as_ref().map(|one| visitor.lang().pick(&one.note_zh, &one.note_en));
    match said {
        None | Some("") => t("请重新导出。", "Please export again.").to_owned(),
        Some(said) => said.to_owned(),
    }
}

async fn start(visitor: Visitor, form: FormData) -> Answer {
    visitor.signed_in()?;
    let format = match form.get("format") {
        "csv" => FileFormat::Csv,
        "xlsx" => FileFormat::Xlsx,
        _ => FileFormat::Unspecified,
    };
    let year = form.get("year").to_owned();
    let request = StartExportRequest {
        request_id: form.request_id(),
        cycle_year: year.parse().unwrap_or_default(),
        format: format.into(),
    };
    match visitor.clients().desk().start_export(request).await {
        Ok(_) => Ok(see_other("/exports")),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(&visitor, &year, &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

async fn find(visitor: &Visitor, export_id: String) -> Result<Export, Failure> {
    visitor.signed_in()?;
    let request = GetExportRequest { export_id };
    let answer = visitor.clients().desk().get_export(request).await?.into_inner();
    answer.export.ok_or_else(Failure::not_found)
}

/// How far it is, for the page's script.
async fn progress_of(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let export = find(&visitor, id).await?;
    let operation = export.operation.clone().unwrap_or_default();
    let state = serde_json::json!({
        "ended": running(&export).is_none(),
        "done": operation.done,
        "total": operation.total,
        "note": note(&visitor, &operation),
    });
    Ok(axum::Json(state).into_response())
}

async fn download(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let export = find(&visitor, id.clone()).await?;
    let request = DownloadExportRequest { export_id: id };
    let pieces = visitor.clients().desk().download_export(request).await?.into_inner();
    let mut response = piece::file(&export.file_name, pieces, |answer| answer.data);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(export.size));
    Ok(response)
}
