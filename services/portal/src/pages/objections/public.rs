//! What everybody reads of objections: counts and answers; and the way to one's own answer.

use axum::extract::Path;
use maud::html;
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{FollowObjectionRequest, ListAnswersRequest, objection::Outcome};

use super::{entry, way};
use crate::{
    pages::releases::release,
    say,
    web::{
        components::{Field, Form, Kind, refusal},
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
        i18n::words,
        layout::{Page, reading},
        session::Visitor,
        year::Year,
    },
};

/// How an objection was decided, in words.
pub fn outcome_name(lang: Lang, outcome: Outcome) -> &'static str {
    let t = words(lang);
    match outcome {
        Outcome::Unspecified => t("待答复", "To be answered"),
        Outcome::Upheld => t("采纳", "Upheld"),
        Outcome::Partly => t("部分采纳", "Upheld in part"),
        Outcome::NotUpheld => t("不采纳", "Not upheld"),
    }
}

/// How many there were, and every answer.
pub async fn answers(visitor: Visitor, Path(Year(year)): Path<Year>) -> Answer {
    let release = release(&visitor, year).await?;
    let request = ListAnswersRequest { year };
    let answer = visitor.clients().objections().list_answers(request).await?.into_inner();
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("异议与答复", "Objections and answers");
    let (total, open) = (answer.total_count, answer.open_count);
    let content = html! {
        (way(&visitor, &release))
        h1 { (title) }
        p.lede { (say!(lang, "公示期内共收到 {total} 条异议，{open} 条待答复。", "{total} objections came in during the notice; {open} wait for an answer.")) }
        @for objection in &answer.answered { section.objection { (entry(&visitor, objection)) } }
    };
    let address = format!("/releases/{year}/objections");
    Ok(reading(&visitor, Page::reading(title, &address), &Attempt::default(), content))
}

/// Asks for a receipt.
pub async fn follow(visitor: Visitor) -> Answer {
    show(&visitor, &Attempt::default(), None)
}

/// Shows the objection of a receipt. Posted, so that no address holds the receipt.
pub async fn followed(visitor: Visitor, form: FormData) -> Answer {
    let request = FollowObjectionRequest { receipt: form.get("receipt").to_owned() };
    match visitor.clients().objections().follow_objection(request).await {
        Ok(answer) => {
            let objection = answer.into_inner().objection.unwrap_or_default();
            show(&visitor, &Attempt::default(), Some(&objection))
        }
        Err(status) if status.code() == tonic::Code::NotFound => {
            let t = words(visitor.lang());
            let message =
                t("没有这个回执号：请核对每一个字。", "There is no such receipt: check every letter.");
            let fault = Fault { field: "receipt".to_owned(), message: message.to_owned() };
            show(&visitor, &Attempt::faulty(form, vec![fault]), None)
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            show(&visitor, &Attempt::failed(form, failure), None)
        }
    }
}

fn show(
    visitor: &Visitor,
    attempt: &Attempt,
    objection: Option<&zhijian_proto::publication::v1::Objection>,
) -> Answer {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("查看异议的答复", "See the answer to an objection");
    let content = html! {
        h1 { (title) }
        (refusal(lang, attempt))
        @if let Some(objection) = objection { section.objection { (entry(visitor, objection)) } }
        (Form { action: "/objections", attempt, keep: "" }.around(html! {
            (Field::new(Kind::Text, "receipt", t("回执号", "Receipt"), attempt, "")
                .hint(t("提交异议时显示的 15 个字母和数字。", "The 15 letters and digits that were shown when you sent it.")))
            div.actions { button.primary type="submit" { (t("查看答复", "See the answer")) } }
        }))
    };
    Ok(reading(visitor, Page::reading(title, "/objections"), attempt, content))
}
