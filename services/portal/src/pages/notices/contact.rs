//! Where an organisation gets its messages: set by itself, or by the commission.

use axum::{
    Router,
    extract::{Path, Query},
    routing::get,
};
use maud::html;
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    submission::v1::{GetNoticeContactRequest, NoticeContact, SetNoticeContactRequest},
};

use crate::{
    pages::{lookup::Organisations, see_other},
    web::{
        components::{Field, Form, Kind, base, done, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::words,
        layout::{Page, Place, workplace},
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/notices/contacts/{code}", get(show).post(save))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(visitor: Visitor, Path(code): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &code, &after.done, &Attempt::default()).await
}

async fn page(visitor: &Visitor, code: &str, after: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let request = GetNoticeContactRequest { organisation_code: code.to_owned() };
    let answer = visitor.clients().notices().get_notice_contact(request).await?.into_inner();
    let contact = answer.contact.ok_or_else(Failure::not_found)?;
    let organisations = Organisations::of(visitor, [code]).await?;
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("收件邮箱", "Where messages go");
    let address = format!("/notices/contacts/{code}");
    let language = attempt.form.or("language", if contact.language == "en" { "en" } else { "zh" });
    // A version that somebody else has replaced is not asked for again: the reader sees both and decides anew.
    let conflict = attempt.failure.as_ref().is_some_and(Failure::is_conflict);
    let etag = if conflict { &contact.etag } else { attempt.form.or("etag", &contact.etag) };
    let content = html! {
        (trail(lang, &[("/notices", t("催报", "Reminders"))]))
        div.head { div { h1 { (title) } p.lead { (organisations.name(lang, code)) } } }
        @if after == "saved" { (done(t("已保存，以后的消息发到这里。", "Saved; messages go there from now on."))) }
        (refusal(lang, attempt))
        @if conflict {
            div.banner.need { p { (t("系统中现在登记的是：", "On record now: ")) @if contact.address.is_empty() { (t("没有邮箱", "no mailbox")) } @else { (contact.address) } } }
        }
        (Form { action: &address, attempt, keep: "" }.around(html! {
            (base("etag", etag))
            (Field::new(Kind::Text, "contact.address", t("邮箱", "Mail address"), attempt, &contact.address)
                .hint(t("请填写处室的公共邮箱，不要填个人邮箱；留空表示不发邮件，消息仍显示在系统里。", "An office's mailbox, not a person's. Left empty, nothing is mailed; messages are still shown here."))
                .optional(lang))
            fieldset.field {
                legend { (t("消息的语言", "Language of messages")) }
                @for (key, word) in [("zh", "中文"), ("en", "English")] {
                    label.choose { input type="radio" name="language" value=(key) checked[language == key]; (word) } " "
                }
            }
            div.actions { button.primary type="submit" { (t("保存收件邮箱", "Save the mailbox")) } }
        }))
    };
    let place = if visitor.has(Role::Commission) { Place::Desk } else { Place::Submissions };
    Ok(workplace(visitor, Page::work(title, &address, place), attempt, content))
}

async fn save(visitor: Visitor, Path(code): Path<String>, form: FormData) -> Answer {
    let contact = NoticeContact {
        organisation_code: code.clone(),
        address: form.get("contact.address").to_owned(),
        language: form.get("language").to_owned(),
        etag: form.get("etag").to_owned(),
    };
    let request = SetNoticeContactRequest { request_id: form.request_id(), contact: Some(contact) };
    match visitor.clients().notices().set_notice_contact(request).await {
        Ok(_) => Ok(see_other(&format!("/notices/contacts/{code}?done=saved"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(&visitor, &code, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}
