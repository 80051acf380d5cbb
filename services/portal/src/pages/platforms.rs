//! What the two platforms hold of each school: loaded from files, looked at first, and listed.

use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, header};
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Status;
use zhijian_platform::Lang;
use zhijian_proto::{
    common::v1::{FileFormat, ImportHeader, ImportReport},
    submission::v1::{
        ExportPlatformValuesRequest, ImportPlatformFileRequest, ListPlatformLoadsRequest,
        ListPlatformValuesRequest, Platform, PlatformHeader, PlatformLoad, PlatformValue,
        import_platform_file_request::Part,
    },
};

use super::{lookup::Organisations, registry::import_report};
use crate::{
    pages::see_other,
    say,
    web::{
        components::{done, empty, hidden, id_of, pager, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData, REQUEST_ID},
        format,
        i18n::words,
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        upload::Files,
        year::Year,
    },
};

/// How much goes into one message to a service.
const CHUNK: usize = 512 * 1024;
/// How many values one page lists.
const LISTED: i32 = 100;

pub fn routes() -> Router {
    Router::new()
        .route("/platforms/{year}", get(show).post(bring))
        .route("/platforms/{year}/{file}", get(download))
}

#[derive(Deserialize, Default)]
struct Wanted {
    #[serde(default)]
    page: String,
    #[serde(default)]
    school: String,
    #[serde(default)]
    created: String,
    #[serde(default)]
    updated: String,
}

/// A platform by its key in forms and addresses.
fn platform_of(key: &str) -> Platform {
    match key {
        "status-data" => Platform::StatusData,
        "secondary-mis" => Platform::SecondaryMis,
        _ => Platform::Unspecified,
    }
}

fn key_of(platform: Platform) -> &'static str {
    match platform {
        Platform::StatusData => "status-data",
        Platform::SecondaryMis => "secondary-mis",
        Platform::Unspecified => "",
    }
}

fn name_of(lang: Lang, platform: Platform) -> &'static str {
    let t = words(lang);
    match platform {
        Platform::StatusData => t("高职状态数据平台", "Status-data platform (higher)"),
        Platform::SecondaryMis => t("中职学校管理信息系统", "Management information system (secondary)"),
        Platform::Unspecified => t("平台", "platform"),
    }
}

async fn show(visitor: Visitor, Path(Year(year)): Path<Year>, Query(wanted): Query<Wanted>) -> Answer {
    page(&visitor, year, &wanted, &Attempt::default()).await
}

async fn page(visitor: &Visitor, year: i32, wanted: &Wanted, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let request = ListPlatformValuesRequest {
        page_size: LISTED,
        page_token: wanted.page.clone(),
        cycle_year: year,
        organisation_code: wanted.school.trim().to_owned(),
    };
    let loads = ListPlatformLoadsRequest { cycle_year: year };
    let (mut values, mut loaded) = (visitor.clients().platforms(), visitor.clients().platforms());
    let (values, loads) =
        futures::try_join!(values.list_platform_values(request), loaded.list_platform_loads(loads))?;
    let (values, loads) = (values.into_inner(), loads.into_inner().loads);
    let schools =
        Organisations::of(visitor, values.values.iter().map(|one| one.organisation_code.as_str())).await?;
    let lang = visitor.lang();
    let t = words(lang);
    let title = say!(lang, "{year} 年平台数据", "What the platforms hold of {year}");
    let address = format!("/platforms/{year}");
    let (created, updated) = (wanted.created.as_str(), wanted.updated.as_str());
    let next = (!values.next_page_token.is_empty())
        .then(|| link::address(&address, &[("page", &values.next_page_token), ("school", &wanted.school)]));
    let content = html! {
        (trail(lang, &[("/cycles", t("年度", "Cycles")), (&format!("/cycles/{year}"), &year.to_string())]))
        div.head { div {
            h1 { (title) }
            p.lead { (t("学校在两个平台上的数据。检查会把年报与它逐项比较：口径相同的应当一致，口径不同的须在备注里写明。", "What schools report on the two platforms. Reports are compared with it: the same scope means the same figure, another scope wants a note.")) }
        } }
        @if !created.is_empty() { (done(&say!(lang, "导入完成：新增 {created} 条，变更 {updated} 条。", "Loaded: {created} new, {updated} changed."))) }
        (refusal(lang, attempt))
        (chooser(lang, year, attempt))
        (history(visitor, &loads))
        h2 { (t("现有数据", "What is held")) }
        form.filters method="get" action=(address) role="search" {
            div.field {
                label for="school" { (t("学校代码", "School code")) }
                input id="school" name="school" type="text" inputmode="numeric" value=(wanted.school);
            }
            button type="submit" { (t("查找", "Find")) }
        }
        @if values.values.is_empty() {
            (empty(t("还没有平台数据", "Nothing is held"), html! { (t("请在上面选择文件导入。", "Load a file above.")) }))
        } @else { (listed(lang, &schools, &values.values)) }
        (pager(lang, &address, next.as_deref(), wanted.page.is_empty()))
    };
    Ok(workplace(visitor, Page::work(&title, &address, Place::Cycles), attempt, content))
}

fn chooser(lang: Lang, year: i32, attempt: &Attempt) -> Markup {
    let t = words(lang);
    let chosen = platform_of(attempt.form.get("platform"));
    html! {
        h2 { (t("导入", "Load")) }
        form method="post" action={ "/platforms/" (year) } enctype="multipart/form-data" novalidate {
            (hidden(REQUEST_ID, &attempt.next_request_id()))
            div.field {
                label for=(id_of("platform")) { (t("哪个平台", "Which platform")) }
                select id=(id_of("platform")) name="platform" {
                    @for platform in [Platform::StatusData, Platform::SecondaryMis] {
                        option value=(key_of(platform)) selected[platform == chosen] { (name_of(lang, platform)) }
                    }
                }
            }
            div.field {
                label for=(id_of("file")) { (t("要导入的文件", "The file to load")) }
                span.hint { (t("XLSX 或 CSV：学校代码、指标代码、平台数值、口径、统计日期。先核对，再导入。", "XLSX or CSV: school, indicator, value, scope, date. Looked at first, then loaded.")) }
                @if let Some(fault) = attempt.fault("file") { span.wrong-text { (fault) } }
                input id=(id_of("file")) name="file" type="file" required accept=".xlsx,.csv,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            }
            div.actions { button.primary type="submit" { (t("核对文件", "Look at the file")) } }
        }
        ul {
            @for platform in [Platform::StatusData, Platform::SecondaryMis] {
                li {
                    (name_of(lang, platform)) (t("：", ": "))
                    @for (stem, word) in [("-template", t("空白模板", "template")), ("", t("现有数据", "what is held"))] {
                        @for ending in ["xlsx", "csv"] {
                            a href={ "/platforms/" (year) "/" (key_of(platform)) (stem) "." (ending) } download { (word) " " (ending.to_uppercase()) } " "
                        }
                    }
                }
            }
        }
    }
}

fn history(visitor: &Visitor, loads: &[PlatformLoad]) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    html! {
        @if !loads.is_empty() {
            h2 { (t("导入经过", "Loads")) }
            ol.history {
                @for load in loads {
                    @let (created, updated) = (load.created, load.updated);
                    li {
                        span.grey { @if let Some(time) = format::moment(load.time.as_ref()) { (format::happened(lang, time, now)) } }
                        span {
                            (load.account_name) " " (name_of(lang, load.platform())) " " span.code { (load.file_name) }
                            (say!(lang, "，新增 {created} 条，变更 {updated} 条", ", {created} new, {updated} changed"))
                        }
                    }
                }
            }
        }
    }
}

fn listed(lang: Lang, schools: &Organisations, values: &[PlatformValue]) -> Markup {
    let t = words(lang);
    html! {
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("学校", "School")) }
                th scope="col" { (t("指标", "Indicator")) }
                th.number scope="col" { (t("平台数值", "Value")) }
                th scope="col" { (t("口径", "Scope")) }
                th scope="col" { (t("统计日期", "Date")) }
                th scope="col" { (t("平台", "Platform")) }
            } }
            tbody { @for value in values { tr {
                th scope="row" { (schools.name(lang, &value.organisation_code)) " " span.grey.code.small { (value.organisation_code) } }
                td.code { (value.indicator_code) }
                td.number { (value.value) }
                td { (value.scope) }
                td { (value.date) }
                td { (name_of(lang, value.platform())) }
            } } }
        } }
    }
}

/// Either a file that was chosen, to be looked at, or one that was looked at, to be loaded.
async fn bring(visitor: Visitor, Path(Year(year)): Path<Year>, form: FormData, files: Files) -> Answer {
    visitor.signed_in()?;
    let platform = platform_of(form.get("platform"));
    let kept = form.get("content").to_owned();
    let (file_name, file) = if kept.is_empty() {
        match files.chosen(visitor.lang(), "file") {
            Ok(brought) => (brought.file_name.clone(), brought.content.to_vec()),
            Err(fault) => {
                let attempt = Attempt::faulty(form, vec![fault]);
                return page(&visitor, year, &Wanted::default(), &attempt).await;
            }
        }
    } else {
        let file =
            URL_SAFE_NO_PAD.decode(&kept).map_err(|_| Failure::refused(tonic::Code::InvalidArgument))?;
        (form.get("file_name").to_owned(), file)
    };
    let header = |dry_run: bool, plan: &str| PlatformHeader {
        header: Some(ImportHeader {
            request_id: form.request_id(),
            dry_run,
            file_name: file_name.clone(),
            plan: plan.to_owned(),
        }),
        cycle_year: year,
        platform: platform.into(),
    };
    let mut trouble = Attempt::default();
    if !kept.is_empty() {
        match send(&visitor, header(false, form.get("plan")), &file).await {
            Ok(report) => {
                let (created, updated) = (report.created.to_string(), report.updated.to_string());
                let parts = [("created", created.as_str()), ("updated", updated.as_str())];
                return Ok(see_other(&link::address(&format!("/platforms/{year}"), &parts)));
            }
            // The newest outlook stands below, with why it was not taken above.
            Err(status) => {
                let request_id = (REQUEST_ID.to_owned(), form.request_id());
                trouble = Attempt::failed(FormData::new(vec![request_id]), Failure::from(status).on_form()?);
            }
        }
    }
    match send(&visitor, header(true, ""), &file).await {
        Ok(report) => Ok(look(&visitor, year, platform, (&file_name, &file), &report, &trouble)),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let named = |field: &str| if field == "platform" { field } else { "file" }.to_owned();
            page(&visitor, year, &Wanted::default(), &Attempt::refused(form, failure, named)).await
        }
    }
}

async fn send(visitor: &Visitor, header: PlatformHeader, file: &[u8]) -> Result<ImportReport, Status> {
    let message = |part| ImportPlatformFileRequest { part: Some(part) };
    let chunks = file.chunks(CHUNK).map(|chunk| Part::Chunk(chunk.to_vec()));
    let parts: Vec<_> = std::iter::once(Part::Header(header)).chain(chunks).map(message).collect();
    let stream = futures::stream::iter(parts);
    let answer = visitor.clients().platforms().import_platform_file(stream).await?.into_inner();
    Ok(answer.report.unwrap_or_default())
}

/// What the file would do, and the button that does it.
fn look(
    visitor: &Visitor,
    year: i32,
    platform: Platform,
    (file_name, file): (&str, &[u8]),
    report: &ImportReport,
    trouble: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let address = format!("/platforms/{year}");
    let title = t("核对导入内容", "Look at the import");
    let changing = report.created + report.updated;
    let content = html! {
        (trail(lang, &[(&address, &say!(lang, "{year} 年平台数据", "What the platforms hold of {year}"))]))
        div.head { div { h1 { (title) } p.lead { (name_of(lang, platform)) (t("：", ": ")) (file_name) } } }
        (refusal(lang, trouble))
        (import_report::verdict(lang, report))
        @if report.faults.is_empty() && changing > 0 {
            form method="post" action=(address) enctype="multipart/form-data" {
                (hidden(REQUEST_ID, &trouble.next_request_id()))
                (hidden("platform", key_of(platform)))
                (hidden("file_name", file_name))
                (hidden("plan", &report.plan))
                (hidden("content", &URL_SAFE_NO_PAD.encode(file)))
                div.actions {
                    button.primary type="submit" { (say!(lang, "确认导入 {changing} 条", "Load {changing} rows")) }
                    a href=(address) { (t("换一个文件", "Choose another file")) }
                }
            }
        } @else {
            div.actions { a.button href=(address) { (t("改好后重新选择文件", "Choose the mended file")) } }
        }
        (import_report::told(lang, report))
        @if !report.faults.is_empty() { (import_report::wrong(lang, report)) }
        @if !report.rows.is_empty() { (import_report::rows(lang, report)) }
    };
    workplace(visitor, Page::work(title, &address, Place::Cycles), trouble, content)
}

/// "status-data.csv", "secondary-mis-template.xlsx" and their like.
async fn download(visitor: Visitor, Path((Year(year), name)): Path<(Year, String)>) -> Answer {
    visitor.signed_in()?;
    let (stem, ending) = name.split_once('.').ok_or_else(Failure::not_found)?;
    let (format, kind) = match ending {
        "csv" => (FileFormat::Csv, "text/csv; charset=utf-8"),
        "xlsx" => (FileFormat::Xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        _ => return Err(Failure::not_found()),
    };
    let (key, template) = stem.strip_suffix("-template").map_or((stem, false), |key| (key, true));
    let platform = platform_of(key);
    if platform == Platform::Unspecified {
        return Err(Failure::not_found());
    }
    let request = ExportPlatformValuesRequest {
        cycle_year: year,
        platform: platform.into(),
        format: format.into(),
        template,
    };
    let mut stream = visitor.clients().platforms().export_platform_values(request).await?.into_inner();
    let mut file = Vec::new();
    while let Some(piece) = stream.message().await? {
        file.extend(piece.chunk);
    }
    let mut response = ([(header::CONTENT_TYPE, kind)], file).into_response();
    // The name is one of a few of ours by now.
    if let Ok(named) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, named);
    }
    Ok(response)
}
