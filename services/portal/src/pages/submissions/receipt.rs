//! The receipt of a submission: to keep, to print, and to verify without trusting anybody.

use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, header};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    GetRevisionContentRequest, ListRevisionsRequest, Revision, revision_check,
};

use super::{history::checked, report::Report};
use crate::{
    pages::lookup::kind_name,
    say,
    web::{
        components::{done, trail},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::words,
        layout::{Page, workplace},
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/submissions/{id}/receipts/{number}", get(show))
        .route("/submissions/{id}/receipts/{number}/receipt.txt", get(as_text))
        .route("/submissions/{id}/receipts/{number}/content.json", get(content))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

/// The revision of this number.
async fn revision(visitor: &Visitor, report: &Report, number: &str) -> Result<Revision, Failure> {
    let number: i32 = number.parse().map_err(|_| Failure::not_found())?;
    let request = ListRevisionsRequest { submission_id: report.submission.submission_id.clone() };
    let listed = visitor.clients().submissions().list_revisions(request).await?.into_inner().revisions;
    listed.into_iter().find(|revision| revision.number == number).ok_or_else(Failure::not_found)
}

/// What a receipt says, each with its name.
fn said(visitor: &Visitor, report: &Report, revision: &Revision) -> Vec<(&'static str, String)> {
    let lang = visitor.lang();
    let t = words(lang);
    let submission = &report.submission;
    let name = |code: &str| format!("{} {code}", report.organisations.plain(lang, code));
    let time = |time| format::moment(time).map(format::exact_stamp).unwrap_or_default();
    let number = revision.number;
    let mut said = vec![
        (t("回执号", "Receipt"), revision.receipt_id.clone()),
        (t("提交时间（北京时间）", "Submitted (Beijing time)"), time(revision.create_time.as_ref())),
        (t("年度", "Year"), submission.cycle_year.to_string()),
        (t("年报", "Report"), kind_name(lang, &report.catalogue, &submission.report_kind).to_owned()),
        (t("填报单位", "Submitted by"), name(&submission.organisation_code)),
    ];
    if submission.subject_code != submission.organisation_code {
        said.push((t("报告对象", "About"), name(&submission.subject_code)));
    }
    said.push((t("版本", "Revision"), say!(lang, "第 {number} 版", "{number}")));
    if let Some(declaration) = &revision.declaration {
        let declared =
            [declaration.name.clone(), declaration.office.clone(), time(declaration.time.as_ref())];
        said.push((t("真实性声明", "Declared true by"), declared.join(t("，", ", "))));
    }
    said.push((t("内容指纹（SHA-256）", "Content's fingerprint (SHA-256)"), revision.content_hash.clone()));
    said
}

async fn show(
    visitor: Visitor,
    Path((id, number)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    let revision = revision(&visitor, &report, &number).await?;
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("提交回执", "Receipt of submission");
    let address = format!("{}/receipts/{}", report.address(), revision.number);
    let running =
        revision.check.as_ref().is_some_and(|check| check.state() == revision_check::State::Running);
    let content = html! {
        (trail(lang, &[report.above(&visitor), (&report.address(), &report.title(lang))]))
        div.head {
            div { h1 { (title) } p.lead { (report.title(lang)) } }
            div.actions {
                button type="button" hidden data-print { (t("打印", "Print")) }
                a.button href={ (address) "/receipt.txt" } download { (t("下载回执", "Download the receipt")) }
                a.button.primary href=(report.address()) { (t("回到年报", "Back to the report")) }
            }
        }
        @if after.done == "submitted" { (done(t("已提交，这是您的回执。它永久有效，随时可以从年报页打开。", "Submitted. This is your receipt: it holds for ever, and the report's page leads to it."))) }
        dl.facts.receipt {
            @for (name, value) in said(&visitor, &report, &revision) { dt { (name) } dd { (value) } }
            dt { (t("检查", "Checks")) }
            dd {
                (checked(&visitor, revision.check.as_ref()))
                @if running { div.grey { (t("检查还在进行，不影响回执；稍后刷新本页看结果。", "The checks go on; the receipt holds whatever they find. Read this page again later.")) } }
            }
        }
        (how_to_verify(&visitor, &address, &revision))
    };
    Ok(workplace(&visitor, Page::work(title, &address, report.place(&visitor)), &Attempt::default(), content))
}

fn how_to_verify(visitor: &Visitor, address: &str, revision: &Revision) -> Markup {
    let t = words(visitor.lang());
    let number = revision.number;
    html! {
        section id="verify" {
            h2 { (t("怎样核对", "How to verify it")) }
            p { (t("内容指纹由提交的全部内容算出：指标、备注、正文、案例、附件的指纹、对提醒的说明。内容有一个字不同，指纹就完全不同。", "The fingerprint is computed from all that was submitted: cells, remarks, texts, cases, the files' own fingerprints, explanations. Change a character, and it is another.")) }
            ol {
                li { a href={ (address) "/content.json" } download { (t("下载这一版的内容", "Download this revision's content")) } (t("（content.json，规范格式，请不要打开后另存）。", " (content.json, in its canonical form; do not save it anew).")) }
                li {
                    (t("在自己的电脑上计算它的 SHA-256。Windows：", "Compute its SHA-256 on your own computer. Windows: "))
                    code.line { "certutil -hashfile content-" (number) ".json SHA256" }
                    "Linux" (t("：", ": "))
                    code.line { "sha256sum content-" (number) ".json" }
                    "macOS" (t("：", ": "))
                    code.line { "shasum -a 256 content-" (number) ".json" }
                }
                li { (t("与回执上的内容指纹比较，应当完全相同。", "Compare it with the fingerprint on the receipt: they must be the same.")) }
            }
        }
    }
}

async fn as_text(visitor: Visitor, Path((id, number)): Path<(String, String)>) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    let revision = revision(&visitor, &report, &number).await?;
    let t = words(visitor.lang());
    let mut lines = vec![t("质鉴 提交回执", "Zhijian: receipt of submission").to_owned(), String::new()];
    let between = t("：", ": ");
    lines.extend(
        said(&visitor, &report, &revision).into_iter().map(|(name, value)| format!("{name}{between}{value}")),
    );
    lines.push(String::new());
    lines.push(
        t(
            "核对：下载这一版的内容（content.json），计算它的 SHA-256，应与上面的内容指纹相同。",
            "To verify: download this revision's content (content.json); its SHA-256 must be the fingerprint above.",
        )
        .to_owned(),
    );
    // Programs on Windows tell UTF-8 by its mark, and want both characters at a line's end.
    let text = format!("\u{feff}{}\r\n", lines.join("\r\n"));
    Ok(saved(text.into_bytes(), "text/plain; charset=utf-8", &format!("{}.txt", revision.receipt_id)))
}

async fn content(visitor: Visitor, Path((id, number)): Path<(String, String)>) -> Answer {
    visitor.signed_in()?;
    let revision_number: i32 = number.parse().map_err(|_| Failure::not_found())?;
    if revision_number < 1 {
        return Err(Failure::not_found());
    }
    let request = GetRevisionContentRequest { submission_id: id, revision_number };
    let answer = visitor.clients().submissions().get_revision_content(request).await?.into_inner();
    Ok(saved(answer.content, "application/json", &format!("content-{revision_number}.json")))
}

/// A file to be saved under this name.
fn saved(content: Vec<u8>, media_type: &'static str, name: &str) -> Response {
    let mut response = content.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
