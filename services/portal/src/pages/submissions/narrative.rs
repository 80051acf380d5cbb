//! The text out of a Word document: uploaded, previewed heading by heading, then applied.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    ApplyNarrativeRequest, Attachment, AttachmentHeader, NarrativePart, NarrativeSection, PartAssignment,
    PreviewNarrativeRequest, PreviewNarrativeResponse, SectionEtag, SectionKind, attachment::Purpose,
    narrative_part::Match, narrative_section::Change,
};

use super::{
    lock,
    material::{Material, file_address},
    report::Report,
};
use crate::{
    pages::see_other,
    say,
    web::{
        components::{
            FileField, Form, Mark, Sign, Tone, done, file_form, hidden, id_of, refusal, size, trail,
        },
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{name_or, text, words},
        layout::{Page, workplace},
        link, prose,
        session::Visitor,
        upload::{self, Files},
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/submissions/{id}/narrative", get(show).post(bring))
        .route("/submissions/{id}/narrative/{attachment}", get(preview).post(apply))
}

/// What is taken as a document to read: the service takes PDF too, to be kept as it is.
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// The button that asks for another preview.
const AGAIN: &str = "again";

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
    /// How many sections were changed.
    #[serde(default)]
    sections: usize,
    /// How many pictures were taken out.
    #[serde(default)]
    pictures: usize,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    start_page(&visitor, &report, &after, &Attempt::default()).await
}

async fn start_page(visitor: &Visitor, report: &Report, after: &After, attempt: &Attempt) -> Answer {
    let lang = visitor.lang();
    let t = words(lang);
    let material = Material::load(visitor, report).await?;
    let title = t("从 Word 文档读入正文", "Take the text out of a Word document");
    let address = format!("{}/narrative", report.address());
    let limit = material.limit(Purpose::Report).cloned().unwrap_or_default();
    let editable = report.editable(visitor);
    let (sections, pictures) = (after.sections, after.pictures);
    let content = html! {
        (head(visitor, report, title))
        @if after.done == "applied" {
            (done(&say!(lang, "已读入：更新了 {sections} 节，新增 {pictures} 张图片。", "Taken in: {sections} sections changed, {pictures} pictures added.")))
        }
        (refusal(lang, attempt))
        (lock::notice(visitor, report, None))
        @if editable {
            @if report.is_limited() {
                p { (t("按填报分工，只有您负责的章节会写入；文档里有其他章节时，请在预览里选“不读入”。", "By the plan of who edits what, only sections that are yours can be written; leave the others out in the preview.")) }
            }
            p { (t("上传整份年报的 DOCX。系统按标题（如“二、人才培养”）把内容分到各节，保留表格、图题和图片。先看预览，满意再应用；应用之前什么都不会改。",
                "Upload the whole report as a DOCX. Its headings find their sections; tables, captions and pictures are kept. You see a preview first: nothing changes before you apply it.")) }
            (file_form(&address, attempt, "", html! {
                (FileField { name: "file", distinct: "", label: t("选择 DOCX 文档", "Choose the DOCX"), media_types: &[DOCX.to_owned()], max_bytes: limit.max_bytes, required: true }
                    .show(lang, attempt))
                div.actions { button.primary type="submit" { (t("上传并预览", "Upload and preview")) } }
            }))
            p.grey { (t("旧版 .doc 请先在 Word 或 WPS 中另存为 .docx；PDF 请到附件页上传。", "Save an old .doc as .docx in Word or WPS first; a PDF belongs among the files.")) }
        }
        (earlier(visitor, report, &material, editable))
    };
    Ok(workplace(visitor, Page::work(title, &address, report.place(visitor)), attempt, content))
}

fn head(visitor: &Visitor, report: &Report, title: &str) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        (trail(lang, &[report.above(visitor), (&report.address(), &report.title(lang))]))
        div.head {
            h1 { (title) }
            div.actions { a.button href=(report.address()) { (t("回到年报", "Back to the report")) } }
        }
    }
}

/// The documents that were uploaded before.
fn earlier(visitor: &Visitor, report: &Report, material: &Material, editable: bool) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let present: Vec<&Attachment> =
        material.of(Purpose::Report).filter(|file| file.media_type == DOCX).collect();
    html! {
        @if !present.is_empty() {
            h2 { (t("上传过的文档", "Uploaded before")) }
            ul.plain.file-list {
                @for file in present.iter().rev() {
                    li {
                        div {
                            a href=(file_address(report, file)) download { (file.file_name) } " " span.grey.small { (size(file.size)) }
                            div.grey.small {
                                (file.account_name) " "
                                @if let Some(time) = format::moment(file.create_time.as_ref()) { (format::happened(lang, time, now)) }
                            }
                        }
                        @if editable { a.button href={ (report.address()) "/narrative/" (file.attachment_id) } { (t("预览", "Preview")) } }
                    }
                }
            }
        }
    }
}

async fn bring(visitor: Visitor, Path(id): Path<String>, files: Files, form: FormData) -> Answer {
    let lang = visitor.lang();
    let report = Report::load(&visitor, &id).await?;
    let brought = match files.chosen(lang, "file") {
        Ok(brought) => brought,
        Err(fault) => {
            let attempt = Attempt::faulty(form, vec![fault]);
            return start_page(&visitor, &report, &After::default(), &attempt).await;
        }
    };
    let header = AttachmentHeader {
        request_id: form.request_id(),
        submission_id: id.clone(),
        purpose: Purpose::Report.into(),
        ..AttachmentHeader::default()
    };
    match upload::send(&visitor, header, brought).await {
        Ok(kept) => Ok(see_other(&format!("{}/narrative/{}", report.address(), kept.attachment_id))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let attempt = Attempt::refused(form, failure, |_| "file".to_owned());
            start_page(&visitor, &report, &After::default(), &attempt).await
        }
    }
}

async fn preview(visitor: Visitor, Path((id, attachment_id)): Path<(String, String)>) -> Answer {
    preview_page(&visitor, &id, &attachment_id, &Attempt::default()).await
}

/// The preview; what was assigned by hand is taken from the form.
async fn preview_page(visitor: &Visitor, id: &str, attachment_id: &str, attempt: &Attempt) -> Answer {
    let report = Report::load(visitor, id).await?;
    let request = PreviewNarrativeRequest {
        submission_id: id.to_owned(),
        attachment_id: attachment_id.to_owned(),
        assignments: by_hand(&attempt.form),
    };
    match visitor.clients().narratives().preview_narrative(request).await {
        Ok(answer) => Ok(render(visitor, &report, attachment_id, &answer.into_inner(), attempt)),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let attempt = Attempt::failed(attempt.form.clone(), failure);
            start_page(visitor, &report, &After::default(), &attempt).await
        }
    }
}

/// The assignments that differ from what was found.
fn by_hand(form: &FormData) -> Vec<PartAssignment> {
    let chosen = form.pairs().iter().filter_map(|(name, value)| {
        let part: i32 = name.strip_prefix("part.")?.parse().ok()?;
        (form.get(&format!("found.{part}")) != value)
            .then(|| PartAssignment { part, section_code: value.clone() })
    });
    chosen.collect()
}

fn render(
    visitor: &Visitor,
    report: &Report,
    attachment_id: &str,
    shown: &PreviewNarrativeResponse,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("预览读入的正文", "Preview of the text");
    let address = format!("{}/narrative/{attachment_id}", report.address());
    let kinds: &[SectionKind] = report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
    let left = shown.parts.iter().filter(|part| part.section_code.is_empty()).count();
    let changed: Vec<&NarrativeSection> =
        shown.sections.iter().filter(|section| section.change() != Change::None).collect();
    let count = changed.len();
    let content = html! {
        (head(visitor, report, title))
        p.lead {
            (say!(lang, "将更新 {count} 节；{left} 个部分没有去处，不会读入。", "{count} sections will change; {left} parts have no place and are left out."))
        }
        @for notice in &shown.notices { p { (Mark::new(Sign::Warn, Tone::Need, t("注意", "Note"))) " " (text(lang, Some(notice))) } }
        (refusal(lang, attempt))
        (Form { action: &address, attempt, keep: "" }.around(html! {
            h2 { (t("文档的各部分", "The document's parts")) }
            div.scroll { table.parts {
                thead { tr {
                    th scope="col" { (t("文档中的标题", "Heading in the document")) }
                    th.number scope="col" { (t("字数", "Characters")) }
                    th scope="col" { (t("表、图", "Tables, pictures")) }
                    th scope="col" { (t("归入章节", "Goes to")) }
                } }
                tbody { @for part in &shown.parts { (part_row(visitor, kinds, part, &attempt.form)) } }
            } }
            div.actions { button type="submit" name=(AGAIN) value="1" { (t("按新的选择再预览", "Preview with these choices")) } }
            @for section in &changed { (hidden(&format!("etag.{}", section.section_code), &section.etag)) }
            h2 { (t("各节将变成这样", "What the sections will say")) }
            @if changed.is_empty() {
                p.grey { (t("与现有正文一致，没有要更新的内容。", "The text is the same as it stands: nothing would change.")) }
            }
            @for section in &changed { (section_change(visitor, kinds, section)) }
            div.stick { div.actions {
                @if !changed.is_empty() && report.editable(visitor) {
                    button.primary type="submit" { (say!(lang, "应用到 {count} 节", "Apply to {count} sections")) }
                }
                a.button href=(report.address()) { (t("不应用，回到年报", "Do not apply")) }
            } }
        }))
    };
    workplace(visitor, Page::work(title, &address, report.place(visitor)), attempt, content)
}

fn part_row(visitor: &Visitor, kinds: &[SectionKind], part: &NarrativePart, form: &FormData) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let index = part.index;
    let name = format!("part.{index}");
    let found = match part.r#match() {
        Match::ByHand => form.get(&format!("found.{index}")).to_owned(),
        _ => part.section_code.clone(),
    };
    let how = match part.r#match() {
        Match::Name => Mark::new(Sign::Tick, Tone::Done, t("按名称", "By name")),
        Match::Synonym => Mark::new(Sign::Tick, Tone::Done, t("按别名", "By another name")),
        Match::ByHand => Mark::new(Sign::Half, Tone::Go, t("人工指定", "By hand")),
        Match::None | Match::Unspecified => {
            Mark::new(Sign::Warn, Tone::Need, t("没有对应的章节", "No such section"))
        }
    };
    let (tables, pictures) = (part.tables, part.pictures);
    html! {
        tr {
            th scope="row" {
                @if part.heading.is_empty() { span.grey { (t("（第一个标题之前）", "(before the first heading)")) } } @else { (part.heading) }
                div.grey.small { (part.excerpt) }
            }
            td.number { (part.characters) }
            td {
                @if tables > 0 { (say!(lang, "{tables} 表", "{tables} tables")) " " }
                @if pictures > 0 { (say!(lang, "{pictures} 图", "{pictures} pictures")) }
            }
            td {
                (hidden(&format!("found.{index}"), &found))
                select id=(id_of(&name)) name=(name) aria-label=(t("归入章节", "Goes to")) {
                    option value="" { (t("不读入", "Left out")) }
                    @for kind in kinds { option value=(kind.code) selected[kind.code == part.section_code] { (name_or(lang, kind.name.as_ref(), &kind.code)) } }
                }
                div.small { (how) }
            }
        }
    }
}

fn section_change(visitor: &Visitor, kinds: &[SectionKind], section: &NarrativeSection) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let kind = kinds.iter().find(|kind| kind.code == section.section_code);
    let name =
        kind.map_or(section.section_code.as_str(), |kind| name_or(lang, kind.name.as_ref(), &kind.code));
    let (before, after) = (section.characters_before, section.characters_after);
    html! {
        details.change {
            summary {
                (name) "　"
                @match section.change() {
                    Change::Replace => {
                        (Mark::new(Sign::Warn, Tone::Need, t("替换现有正文", "Replaces what stands there"))) " "
                        span.grey { (say!(lang, "{before} 字 → {after} 字", "{before} → {after} characters")) }
                    },
                    _ => { (Mark::new(Sign::Tick, Tone::Go, t("填入", "Fills in"))) " " span.grey { (say!(lang, "{after} 字", "{after} characters")) } },
                }
            }
            (prose::set(&section.body.replace("](picture:", "](attachment:picture-"), 3))
        }
    }
}

async fn apply(
    visitor: Visitor,
    Path((id, attachment_id)): Path<(String, String)>,
    form: FormData,
) -> Answer {
    if form.typed(AGAIN).is_some() {
        let attempt = Attempt { form, ..Attempt::default() };
        return preview_page(&visitor, &id, &attachment_id, &attempt).await;
    }
    let sections = form.pairs().iter().filter_map(|(name, etag)| {
        let section_code = name.strip_prefix("etag.")?.to_owned();
        Some(SectionEtag { section_code, etag: etag.clone() })
    });
    let request = ApplyNarrativeRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        attachment_id: attachment_id.clone(),
        assignments: by_hand(&form),
        sections: sections.collect(),
    };
    match visitor.clients().narratives().apply_narrative(request).await {
        Ok(answer) => {
            let answer = answer.into_inner();
            let (sections, pictures) = (answer.section_codes.len().to_string(), answer.pictures.to_string());
            let query =
                [("done", "applied"), ("sections", sections.as_str()), ("pictures", pictures.as_str())];
            let address = format!("/submissions/{}/narrative", link::segment(&id));
            Ok(see_other(&link::address(&address, &query)))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            preview_page(&visitor, &id, &attachment_id, &Attempt::failed(form, failure)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_from_what_was_found_is_said_by_hand() {
        let pairs = [
            ("found.0", ""),
            ("part.0", "talent"),
            ("found.1", "talent"),
            ("part.1", "talent"),
            ("found.2", "service"),
            ("part.2", ""),
        ];
        let form =
            FormData::new(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect());
        let said: Vec<(i32, String)> =
            by_hand(&form).into_iter().map(|one| (one.part, one.section_code)).collect();
        assert_eq!(said, [(0, "talent".to_owned()), (2, String::new())]);
    }
}
