//! The publisher's desk for objections: who sent them, and the answers with reasons.

use axum::extract::Path;
use maud::{Markup, html};
use zhijian_proto::{
    identity::v1::Role,
    publication::v1::{AnswerObjectionRequest, ListObjectionsRequest, Objection, objection::Outcome},
};

use super::{entry, public::outcome_name};
use crate::{
    pages::{
        lookup::{WHOLE_PAGE, all_pages},
        see_other,
    },
    web::{
        components::{Field, Form, Kind, empty, hidden, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::words,
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        year::Year,
    },
};

/// The decisions, as forms spell them.
const OUTCOMES: [(&str, Outcome); 3] =
    [("upheld", Outcome::Upheld), ("partly", Outcome::Partly), ("not_upheld", Outcome::NotUpheld)];

pub async fn list(visitor: Visitor, Path(Year(year)): Path<Year>) -> Answer {
    page(&visitor, year, "", &Attempt::default()).await
}

/// Takes an answer to one objection.
pub async fn decide(
    visitor: Visitor,
    Path((Year(year), id)): Path<(Year, String)>,
    form: FormData,
) -> Answer {
    let chosen = OUTCOMES.iter().find(|(key, _)| *key == form.get("outcome"));
    let request = AnswerObjectionRequest {
        request_id: form.request_id(),
        objection_id: id.clone(),
        etag: form.get("etag").to_owned(),
        outcome: chosen.map_or(Outcome::Unspecified, |(_, outcome)| *outcome).into(),
        reasons: form.lines("reasons"),
    };
    match visitor.clients().objections().answer_objection(request).await {
        Ok(_) => Ok(see_other(&format!("/publish/{year}/objections"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(&visitor, year, &id, &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

/// The page; `refused` names the objection whose answer was not taken.
async fn page(visitor: &Visitor, year: i32, refused: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let objections = all_pages(|page_token| {
        let mut objections = visitor.clients().objections();
        async move {
            let request = ListObjectionsRequest { page_size: WHOLE_PAGE, page_token, year };
            let answer = objections.list_objections(request).await?.into_inner();
            Ok((answer.objections, answer.next_page_token))
        }
    })
    .await?;
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("异议", "Objections");
    let (up, address) = (format!("/publish/{year}"), format!("/publish/{year}/objections"));
    let fresh = Attempt::default();
    let content = html! {
        (trail(lang, &[("/publish", t("编制发布", "Publish")), (&up, &year.to_string())]))
        div.head { div {
            h1 { (title) }
            p.lead { (t("每一条都要答复，答复之前不能发布。答复随即公开，不含姓名和联系方式。", "Each is answered before anything is published. Answers are public at once, without name and contact.")) }
        } }
        (refusal(lang, attempt))
        @if objections.is_empty() { (empty(t("没有收到异议", "No objection has come in"), html! {})) }
        @for objection in &objections {
            @let own = if objection.objection_id == refused { attempt } else { &fresh };
            section.objection {
                (entry(visitor, objection))
                (sender(visitor, objection))
                @if objection.outcome() == Outcome::Unspecified && visitor.has(Role::Publisher) { (answer_form(visitor, year, objection, own)) }
            }
        }
    };
    Ok(workplace(visitor, Page::work(title, &address, Place::Publish), attempt, content))
}

fn sender(visitor: &Visitor, objection: &Objection) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    html! {
        dl.facts {
            dt { (t("提出人", "From")) } dd { (objection.name) }
            dt { (t("联系方式", "Contact")) } dd { (objection.contact) }
            @if let Some(time) = format::moment(objection.create_time.as_ref()) { dt { (t("提出时间", "Sent")) } dd { (format::happened(lang, time, now)) } }
        }
    }
}

fn answer_form(visitor: &Visitor, year: i32, objection: &Objection, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let id = &objection.objection_id;
    let action = format!("/publish/{year}/objections/{}", link::segment(id));
    let chosen = attempt.form.or("outcome", "");
    html! {
        (Form { action: &action, attempt, keep: id }.around(html! {
            (hidden("etag", &objection.etag))
            fieldset {
                legend { (t("答复", "Answer")) }
                @for (key, outcome) in OUTCOMES {
                    label.choice { input type="radio" name="outcome" value=(key) checked[chosen == key]; " " (outcome_name(lang, outcome)) }
                }
                @if let Some(fault) = attempt.fault("outcome") { p.fault { (fault) } }
            }
            (Field::new(Kind::Lines, "reasons", t("理由", "Reasons"), attempt, "").distinct(id)
                .hint(t("最多 2,000 字；公开。", "At most 2,000 characters; public.")))
            div.actions { button.primary type="submit" { (t("答复", "Answer")) } }
        }))
    }
}
