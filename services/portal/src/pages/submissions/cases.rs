//! The cases of a report: listed in order, written one by one with their pictures.

mod form;

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    AttachmentHeader, Case, CreateCaseRequest, DeleteCaseRequest, OrderCasesRequest, UpdateCaseRequest,
    attachment::Purpose,
};

use self::form::{Edited, given};
use super::{
    lock,
    material::{Material, file_address},
    report::{Part, Report},
};
use crate::{
    pages::see_other,
    say,
    web::{
        components::{Mark, Sign, Tone, button, done, empty, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::{name_or, words},
        layout::{Page, workplace},
        link, prose,
        session::Visitor,
        upload::{self, Files},
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/submissions/{id}/cases", get(show))
        .route("/submissions/{id}/cases/order", post(order))
        .route("/submissions/{id}/cases/{case}", get(edit).post(save))
        .route("/submissions/{id}/cases/{case}/delete", post(delete))
}

/// Stands for a case that is not there yet.
const NEW: &str = "new";

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
    /// The section of a case to be begun.
    #[serde(default)]
    section: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    list_page(&visitor, &id, &after.done, &Attempt::default()).await
}

async fn list_page(visitor: &Visitor, id: &str, after: &str, attempt: &Attempt) -> Answer {
    let report = Report::load(visitor, id).await?;
    let material = Material::load(visitor, &report).await?;
    Ok(list(visitor, &report, &material, after, attempt))
}

fn list(visitor: &Visitor, report: &Report, material: &Material, after: &str, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("案例", "Cases");
    let address = format!("{}/cases", report.address());
    let editable = report.editable(visitor);
    let sections = report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
    let lacking = sections
        .iter()
        .filter(|kind| material.cases_of(&kind.code) < usize::try_from(kind.min_cases).unwrap_or_default());
    let most = material.max_characters;
    let content = html! {
        (trail(lang, &[report.above(visitor), (&report.address(), &report.title(lang))]))
        div.head {
            div {
                h1 { (title) }
                p.lead { (say!(lang, "每个案例不超过 {most} 字（空格和换行不计），可以配图。", "At most {most} characters each, white space aside, with pictures if you like.")) }
            }
            div.actions {
                @if editable { a.button.primary href={ (address) "/" (NEW) } { (t("写一个案例", "Write a case")) } }
                a.button href=(report.address()) { (t("回到年报", "Back to the report")) }
            }
        }
        @match after {
            "saved" => (done(t("案例已保存。", "The case is saved."))),
            "deleted" => (done(t("案例已删除。提交过的版本中仍保留。", "The case is deleted. Revisions that were handed in keep it."))),
            "ordered" => (done(t("顺序已调整。", "The order is changed."))),
            _ => {},
        }
        (lock::notice(visitor, report, None))
        (refusal(lang, attempt))
        @for kind in lacking {
            p {
                (Mark::new(Sign::Empty, Tone::Need, t("还缺案例", "More are asked for"))) " "
                (name_or(lang, kind.name.as_ref(), &kind.code)) " "
                span.grey { (t("至少 ", "at least ")) (kind.min_cases) } " "
                @if report.part_editable(visitor, Part::Section(&kind.code)) { a href=(link::address(&format!("{address}/{NEW}"), &[("section", &kind.code)])) { (t("现在写", "write one now")) } }
            }
        }
        @if material.cases.is_empty() {
            (empty(t("还没有案例", "There are no cases yet"), html! {
                (t("用一件具体的事说明做法和成效，比概括的话更有说服力。", "One thing that was done, told plainly, says more than a summary."))
            }))
        }
        @for (place, case) in material.cases.iter().enumerate() { (card(visitor, report, material, case, place, editable, attempt)) }
    };
    workplace(visitor, Page::work(title, &address, report.place(visitor)), attempt, content)
}

fn card(
    visitor: &Visitor,
    report: &Report,
    material: &Material,
    case: &Case,
    place: usize,
    editable: bool,
    attempt: &Attempt,
) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let address = format!("{}/cases", report.address());
    let kinds = report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
    let section = kinds.iter().find(|kind| kind.code == case.section_code);
    let section =
        section.map_or(case.section_code.as_str(), |kind| name_or(lang, kind.name.as_ref(), &kind.code));
    let number = place + 1;
    let characters = case.characters;
    let swapped = |with: usize| {
        let mut ids: Vec<&str> = material.cases.iter().map(|case| case.case_id.as_str()).collect();
        ids.swap(place, with);
        ids.join(",")
    };
    let last = material.cases.len().saturating_sub(1);
    html! {
        article.case id=(id_of(&case.case_id)) {
            h2 { (say!(lang, "案例 {number}　", "Case {number}: ")) (case.title) }
            p.grey { (section) (t("，", ", ")) (say!(lang, "{characters} 字", "{characters} characters")) }
            (prose::set(&case.body, 3))
            (gallery(report, material, case))
            @if editable && report.allows(Part::Section(&case.section_code)) {
                div.actions {
                    a.button href={ (address) "/" (case.case_id) } { (t("修改", "Change")) }
                    @if place > 0 { (button(&format!("{address}/order"), attempt, &[("case_ids", &swapped(place - 1))], t("上移", "Move up"), false)) }
                    @if place < last { (button(&format!("{address}/order"), attempt, &[("case_ids", &swapped(place + 1))], t("下移", "Move down"), false)) }
                    (button(&format!("{address}/{}/delete", case.case_id), attempt, &[("etag", &case.etag)], t("删除", "Delete"), false))
                }
            }
        }
    }
}

fn gallery(report: &Report, material: &Material, case: &Case) -> Markup {
    let file = |id: &str| material.attachments.iter().find(|attachment| attachment.attachment_id == id);
    html! {
        @if !case.pictures.is_empty() {
            div.gallery {
                @for picture in &case.pictures {
                    @if let Some(attachment) = file(&picture.attachment_id) {
                        figure.picture {
                            img src=(file_address(report, attachment)) alt=(picture.alt_text) loading="lazy";
                            figcaption { (picture.caption) }
                        }
                    }
                }
            }
        }
    }
}

async fn edit(
    visitor: Visitor,
    Path((id, case_id)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Answer {
    edit_page(&visitor, &id, &case_id, &after.section, &Attempt::default()).await
}

async fn edit_page(visitor: &Visitor, id: &str, case_id: &str, section: &str, attempt: &Attempt) -> Answer {
    let lang = visitor.lang();
    let t = words(lang);
    let report = Report::load(visitor, id).await?;
    let material = Material::load(visitor, &report).await?;
    let stored = match material.cases.iter().find(|case| case.case_id == case_id) {
        Some(case) => case.clone(),
        None if case_id == NEW => Case { section_code: section.to_owned(), ..Case::default() },
        None => return Err(Failure::not_found()),
    };
    // What was typed is shown again although it came too late to be saved.
    if !report.editable(visitor) && !attempt.is_refused() {
        return Ok(see_other(&format!("{}/cases#{}", report.address(), id_of(case_id))));
    }
    let title = if case_id == NEW {
        t("写一个案例", "Write a case")
    } else {
        t("修改案例", "Change the case")
    };
    let address = format!("{}/cases/{case_id}", report.address());
    let conflict = attempt.failure.as_ref().is_some_and(Failure::is_conflict);
    let list = format!("{}/cases", report.address());
    let edited = Edited { visitor, report: &report, material: &material, stored: &stored, attempt };
    let content = html! {
        (trail(lang, &[report.above(visitor), (&report.address(), &report.title(lang)), (&list, t("案例", "Cases"))]))
        div.head { h1 { (title) } }
        (lock::notice(visitor, &report, Some(Part::Section(&stored.section_code)).filter(|_| !stored.section_code.is_empty())))
        @if conflict { (form::theirs(visitor, &stored)) } @else { (refusal(lang, attempt)) }
        (edited.form(&address, &format!("case/{}/{case_id}", report.submission.submission_id)))
    };
    Ok(workplace(visitor, Page::work(title, &address, report.place(visitor)), attempt, content))
}

async fn save(
    visitor: Visitor,
    Path((id, case_id)): Path<(String, String)>,
    files: Files,
    form: FormData,
) -> Answer {
    let form = form::numbered(&form);
    // A new picture is kept first. If the case is refused then, the picture is there for the next try.
    let form = match new_picture(&visitor, &id, &files, form).await? {
        Ok(form) => form,
        Err(attempt) => return edit_page(&visitor, &id, &case_id, "", &attempt).await,
    };
    let mut case = given(&form);
    let request_id = form.request_id();
    let mut clients = visitor.clients().cases();
    let outcome = if case_id == NEW {
        let request = CreateCaseRequest { request_id, submission_id: id.clone(), case: Some(case) };
        clients.create_case(request).await.map(|answer| answer.into_inner().case)
    } else {
        case.case_id.clone_from(&case_id);
        let request = UpdateCaseRequest { request_id, submission_id: id.clone(), case: Some(case) };
        clients.update_case(request).await.map(|answer| answer.into_inner().case)
    };
    match outcome {
        Ok(case) => {
            let anchor = link::segment(&id_of(&case.unwrap_or_default().case_id));
            Ok(see_other(&format!("/submissions/{}/cases?done=saved#{anchor}", link::segment(&id))))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let attempt = Attempt::refused(form, failure, form::field_of);
            edit_page(&visitor, &id, &case_id, "", &attempt).await
        }
    }
}

/// Keeps the picture that the form brings, if it brings one, and enters it into the form.
async fn new_picture(
    visitor: &Visitor,
    id: &str,
    files: &Files,
    form: FormData,
) -> Result<Result<FormData, Attempt>, Failure> {
    let Some(brought) = files.get("new.file") else { return Ok(Ok(form)) };
    let header = AttachmentHeader {
        request_id: zhijian_platform::id::derived_request_id(&format!("{}/picture", form.request_id())),
        submission_id: id.to_owned(),
        purpose: Purpose::Picture.into(),
        section_code: form.get("case.section_code").to_owned(),
        caption: form.get("new.caption").to_owned(),
        alt_text: form.get("new.alt_text").to_owned(),
        ..AttachmentHeader::default()
    };
    match upload::send(visitor, header, brought).await {
        Ok(kept) => Ok(Ok(form::with_picture(&form, &kept))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            Ok(Err(Attempt::refused(form, failure, |field| {
                match field {
                    "caption" => "new.caption",
                    "alt_text" => "new.alt_text",
                    "section_code" => "case.section_code",
                    _ => "new.file",
                }
                .to_owned()
            })))
        }
    }
}

async fn delete(visitor: Visitor, Path((id, case_id)): Path<(String, String)>, form: FormData) -> Answer {
    let request = DeleteCaseRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        case_id,
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().cases().delete_case(request).await.map(|_| "deleted");
    conclude(&visitor, &id, form, outcome).await
}

async fn order(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = OrderCasesRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        case_ids: form.get("case_ids").split(',').map(str::to_owned).collect(),
    };
    let outcome = visitor.clients().cases().order_cases(request).await.map(|_| "ordered");
    conclude(&visitor, &id, form, outcome).await
}

async fn conclude(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    outcome: Result<&str, tonic::Status>,
) -> Answer {
    match outcome {
        Ok(what) => Ok(see_other(&format!("/submissions/{}/cases?done={what}", link::segment(id)))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            list_page(visitor, id, "", &Attempt::failed(form, failure)).await
        }
    }
}
