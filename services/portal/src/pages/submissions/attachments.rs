//! A report's files: the annexes that are asked for, the pictures, and the report as one document.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    Attachment, AttachmentHeader, AttachmentLimit, DeleteAttachmentRequest, DescribeAttachmentRequest,
    SectionKind, attachment::Purpose,
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
            Field, FileField, Form, Kind, Mark, Sign, Tone, base, button, done, file_form, hidden, id_of,
            refusal, size, trail, type_name,
        },
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{name_or, text, words},
        layout::{Page, workplace},
        link,
        session::Visitor,
        upload::{self, Files},
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/submissions/{id}/attachments", get(show).post(add))
        .route("/submissions/{id}/attachments/{attachment}/describe", post(describe))
        .route("/submissions/{id}/attachments/{attachment}/delete", post(delete))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after.done, &Attempt::default()).await
}

async fn page(visitor: &Visitor, id: &str, after: &str, attempt: &Attempt) -> Answer {
    let report = Report::load(visitor, id).await?;
    let material = Material::load(visitor, &report).await?;
    Ok(render(visitor, &report, &material, after, attempt))
}

/// What one form of the page needs: which one was refused is told by its hidden field `form`.
struct Here<'a> {
    visitor: &'a Visitor,
    report: &'a Report,
    material: &'a Material,
    attempt: &'a Attempt,
    nothing: Attempt,
    editable: bool,
}

impl Here<'_> {
    fn attempt(&self, form: &str) -> &Attempt {
        if self.attempt.form.get("form") == form { self.attempt } else { &self.nothing }
    }

    fn address(&self) -> String {
        format!("{}/attachments", self.report.address())
    }
}

fn render(
    visitor: &Visitor,
    report: &Report,
    material: &Material,
    after: &str,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("附件", "Files");
    let here = Here {
        visitor,
        report,
        material,
        attempt,
        nothing: Attempt::default(),
        editable: report.editable(visitor),
    };
    let (used, allowed) = (size(material.bytes_used), size(material.bytes_allowed));
    let address = here.address();
    let content = html! {
        (trail(lang, &[report.above(visitor), (&report.address(), &report.title(lang))]))
        div.head {
            div {
                h1 { (title) }
                p.lead { (say!(lang, "已用 {used}，共可用 {allowed}。文件随年报一起提交，提交之后不再改变。", "{used} of {allowed} used. Files are handed in with the report and do not change after that.")) }
            }
            div.actions { a.button href=(report.address()) { (t("回到年报", "Back to the report")) } }
        }
        @match after {
            "added" => (done(t("文件已收下，并核对无误。", "The file is kept, and verified."))),
            "described" => (done(t("已保存。", "Saved."))),
            "deleted" => (done(t("已删除。提交过的版本中仍保留。", "Deleted. Revisions that were handed in keep it."))),
            _ => {},
        }
        (lock::notice(visitor, report, None))
        (refusal(lang, attempt))
        @for limit in material.limits.iter().filter(|limit| !limit.annex_code.is_empty()) { (annex(&here, limit)) }
        (pictures(&here))
        (documents(&here))
    };
    workplace(visitor, Page::work(title, &address, report.place(visitor)), attempt, content)
}

fn annex(here: &Here<'_>, limit: &AttachmentLimit) -> Markup {
    let lang = here.visitor.lang();
    let t = words(lang);
    let code = &limit.annex_code;
    let present: Vec<&Attachment> = here.material.annexes(code).collect();
    let room = present.len() < usize::try_from(limit.max_files).unwrap_or_default();
    let form = format!("annex.{code}");
    html! {
        section.files id=(id_of(&form)) {
            h2 { (name_or(lang, limit.name.as_ref(), code)) }
            p {
                @if !present.is_empty() { (Mark::new(Sign::Tick, Tone::Done, t("已上传", "Uploaded"))) }
                @else if limit.required { (Mark::new(Sign::Warn, Tone::Need, t("必须上传", "Required"))) }
                @else { (Mark::new(Sign::Empty, Tone::Quiet, t("可不上传", "Optional"))) }
                "　" span.grey { (text(lang, limit.note.as_ref())) }
            }
            (list(here, &present))
            @if here.editable && room {
                (file_form(&here.address(), here.attempt(&form), "", html! {
                    (hidden("form", &form)) (hidden("purpose", "annex")) (hidden("annex_code", code))
                    (FileField { name: "file", distinct: &form, label: t("选择文件", "Choose the file"), media_types: &limit.media_types, max_bytes: limit.max_bytes, required: true }
                        .show(lang, here.attempt(&form)))
                    div.actions { button type="submit" class=[(limit.required && present.is_empty()).then_some("primary")] { (t("上传", "Upload")) } }
                }))
            }
        }
    }
}

fn list(here: &Here<'_>, files: &[&Attachment]) -> Markup {
    let (lang, now) = (here.visitor.lang(), here.visitor.now());
    let t = words(lang);
    html! {
        @if !files.is_empty() {
            ul.plain.file-list {
                @for file in files {
                    li {
                        div {
                            a href=(file_address(here.report, file)) download { (file.file_name) } " "
                            span.grey.small { (type_name(&file.media_type)) (t("，", ", ")) (size(file.size)) }
                            div.grey.small {
                                (file.account_name) " "
                                @if let Some(time) = format::moment(file.create_time.as_ref()) { (format::happened(lang, time, now)) }
                                (t("　指纹 ", "  Fingerprint ")) code title=(file.sha256) { (file.sha256.get(..12).unwrap_or_default()) "…" }
                            }
                        }
                        @if here.editable { (remove(here, file)) }
                    }
                }
            }
        }
    }
}

fn remove(here: &Here<'_>, file: &Attachment) -> Markup {
    let t = words(here.visitor.lang());
    let address = format!("{}/{}/delete", here.address(), file.attachment_id);
    button(&address, &here.nothing, &[("etag", &file.etag)], t("删除", "Delete"), false)
}

fn pictures(here: &Here<'_>) -> Markup {
    let lang = here.visitor.lang();
    let t = words(lang);
    let present: Vec<&Attachment> = here.material.of(Purpose::Picture).collect();
    let limit = here.material.limit(Purpose::Picture).cloned().unwrap_or_default();
    let attempt = here.attempt("picture");
    html! {
        section.files id="pictures" {
            h2 { (t("图片", "Pictures")) }
            p.grey { (t("正文和案例里的图片。在正文中插入时，把下面的一行文字粘贴到单独一行。", "Pictures of sections and cases. To show one in a section, paste its line into the text, on a line of its own.")) }
            @if !present.is_empty() {
                div.gallery { @for picture in &present { (one_picture(here, picture)) } }
            }
            @if here.editable {
                details open[present.is_empty() || attempt.is_refused()] {
                    summary { (t("上传一张图片", "Upload a picture")) }
                    (file_form(&here.address(), attempt, &format!("picture/{}", here.report.submission.submission_id), html! {
                        (hidden("form", "picture")) (hidden("purpose", "picture"))
                        (Field::new(Kind::Text, "caption", t("图题", "Caption"), attempt, "").optional(lang)
                            .distinct("new").hint(t("例如：图 1 学生在企业实训", "For instance: Figure 1, students at work")))
                        (Field::new(Kind::Text, "alt_text", t("图片内容说明", "What it shows"), attempt, "").optional(lang)
                            .distinct("new").hint(t("一句话，供看不见图片的人使用", "A sentence, for those who cannot see it")))
                        (sections(here, "new", attempt.form.get("section_code")))
                        (FileField { name: "file", distinct: "picture", label: t("选择图片", "Choose the picture"), media_types: &limit.media_types, max_bytes: limit.max_bytes, required: true }
                            .show(lang, attempt))
                        div.actions { button type="submit" { (t("上传图片", "Upload the picture")) } }
                    }))
                }
            }
        }
    }
}

fn one_picture(here: &Here<'_>, picture: &Attachment) -> Markup {
    let lang = here.visitor.lang();
    let t = words(lang);
    let id = &picture.attachment_id;
    let attempt = here.attempt(id);
    let address = format!("{}/{id}/describe", here.address());
    let line = format!("![{}](attachment:{id})", picture.caption);
    html! {
        figure.picture id=(id_of(id)) {
            img src=(file_address(here.report, picture)) alt=(picture.alt_text) loading="lazy";
            figcaption {
                @if picture.caption.is_empty() { span.grey { (picture.file_name) } } @else { (picture.caption) }
                @if picture.alt_text.is_empty() { " " (Mark::new(Sign::Empty, Tone::Need, t("缺图片内容说明", "Not described"))) }
            }
            @if here.editable {
                code.small.line { (line) }
                details open[attempt.is_refused()] {
                    summary { (t("修改说明或删除", "Describe or delete")) }
                    (Form { action: &address, attempt, keep: &format!("attachment/{id}") }.around(html! {
                        (hidden("form", id)) (base("etag", &picture.etag))
                        (Field::new(Kind::Text, "caption", t("图题", "Caption"), attempt, &picture.caption).optional(lang).distinct(id))
                        (Field::new(Kind::Text, "alt_text", t("图片内容说明", "What it shows"), attempt, &picture.alt_text).optional(lang).distinct(id))
                        (sections(here, id, attempt.form.or("section_code", &picture.section_code)))
                        div.actions { button type="submit" { (t("保存", "Save")) } }
                    }))
                    (remove(here, picture))
                }
            }
        }
    }
}

fn sections(here: &Here<'_>, distinct: &str, chosen: &str) -> Markup {
    let lang = here.visitor.lang();
    let t = words(lang);
    let kinds: &[SectionKind] = here.report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
    let id = format!("{}-{distinct}", id_of("section_code"));
    html! {
        div.field {
            label for=(id) { (t("所属章节", "Section")) span.grey { (t("（选填）", " (optional)")) } }
            select id=(id) name="section_code" {
                option value="" { (t("不限", "No section in particular")) }
                @for kind in kinds { option value=(kind.code) selected[kind.code == chosen] { (name_or(lang, kind.name.as_ref(), &kind.code)) } }
            }
        }
    }
}

fn documents(here: &Here<'_>) -> Markup {
    let lang = here.visitor.lang();
    let t = words(lang);
    let present: Vec<&Attachment> = here.material.of(Purpose::Report).collect();
    html! {
        @if !present.is_empty() || here.editable {
            section.files id="documents" {
                h2 { (t("年报全文文档", "The report as one document")) }
                p.grey { (t("读入正文的 DOCX 原件保存在这里。", "The originals that the text was taken from are kept here.")) }
                (list(here, &present))
                @if here.editable {
                    p { a href={ (here.report.address()) "/narrative" } { (t("从 Word 文档读入正文", "Take the text out of a Word document")) } }
                }
            }
        }
    }
}

async fn add(visitor: Visitor, Path(id): Path<String>, files: Files, form: FormData) -> Answer {
    let lang = visitor.lang();
    let purpose = match form.get("purpose") {
        "annex" => Purpose::Annex,
        "picture" => Purpose::Picture,
        _ => Purpose::Unspecified,
    };
    let brought = match files.chosen(lang, "file") {
        Ok(brought) => brought,
        Err(fault) => return page(&visitor, &id, "", &Attempt::faulty(form, vec![fault])).await,
    };
    let header = AttachmentHeader {
        request_id: form.request_id(),
        submission_id: id.clone(),
        purpose: purpose.into(),
        annex_code: form.get("annex_code").to_owned(),
        section_code: form.get("section_code").to_owned(),
        caption: form.get("caption").to_owned(),
        alt_text: form.get("alt_text").to_owned(),
        ..AttachmentHeader::default()
    };
    match upload::send(&visitor, header, brought).await {
        Ok(kept) => {
            let anchor = match purpose {
                Purpose::Annex => id_of(form.get("form")),
                _ => id_of(&kept.attachment_id),
            };
            Ok(see_other(&format!("/submissions/{}/attachments?done=added#{anchor}", link::segment(&id))))
        }
        Err(status) => refused(&visitor, &id, form, status).await,
    }
}

/// What the service says of a file stands beside the file.
fn field_of(field: &str) -> String {
    match field {
        "size" | "sha256" | "file_name" | "file" => "file",
        other => other,
    }
    .to_owned()
}

async fn refused(visitor: &Visitor, id: &str, form: FormData, status: tonic::Status) -> Answer {
    let failure = Failure::from(status).on_form()?;
    page(visitor, id, "", &Attempt::refused(form, failure, field_of)).await
}

async fn describe(
    visitor: Visitor,
    Path((id, attachment_id)): Path<(String, String)>,
    form: FormData,
) -> Answer {
    let request = DescribeAttachmentRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        attachment_id: attachment_id.clone(),
        etag: form.get("etag").to_owned(),
        caption: form.get("caption").to_owned(),
        alt_text: form.get("alt_text").to_owned(),
        section_code: form.get("section_code").to_owned(),
    };
    match visitor.clients().attachments().describe_attachment(request).await {
        Ok(_) => {
            let anchor = link::segment(&id_of(&attachment_id));
            Ok(see_other(&format!("/submissions/{}/attachments?done=described#{anchor}", link::segment(&id))))
        }
        Err(status) => refused(&visitor, &id, form, status).await,
    }
}

async fn delete(
    visitor: Visitor,
    Path((id, attachment_id)): Path<(String, String)>,
    form: FormData,
) -> Answer {
    let request = DeleteAttachmentRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        attachment_id,
        etag: form.get("etag").to_owned(),
    };
    match visitor.clients().attachments().delete_attachment(request).await {
        Ok(_) => Ok(see_other(&format!("/submissions/{}/attachments?done=deleted", link::segment(&id)))),
        Err(status) => refused(&visitor, &id, form, status).await,
    }
}
