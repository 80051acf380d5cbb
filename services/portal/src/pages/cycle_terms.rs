//! What a year's schools go by: its name, the deadline with its grace, and whom to ask. The commission changes it until
//! the year is closed.

use axum::{Router, extract::Path, response::Response, routing::get};
use maud::html;
use zhijian_proto::{
    common::v1::Text,
    submission::v1::{Contact, Cycle, Grace, UpdateCycleRequest, grace},
};

use super::{cycles::moment_of, lookup, see_other};
use crate::web::{
    components::{Field, Form, Kind, base, id_of, refusal, trail},
    error::{Answer, Failure},
    form::{Attempt, Fault, FormData},
    format,
    i18n::{name_or, words},
    layout::{Page, Place, workplace},
    session::Visitor,
    year::Year,
};

pub fn routes() -> Router {
    Router::new().route("/cycles/{year}/terms", get(show).post(save))
}

async fn show(visitor: Visitor, Path(Year(year)): Path<Year>) -> Answer {
    page(&visitor, year, &Attempt::default()).await
}

async fn page(visitor: &Visitor, year: i32, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let cycle = lookup::cycle(visitor, year).await?;
    Ok(render(visitor, &cycle, attempt))
}

fn render(visitor: &Visitor, cycle: &Cycle, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("截止时间、宽限与联系人", "Deadline, grace and contact");
    let year = cycle.year.to_string();
    let (above, address) = (format!("/cycles/{year}"), format!("/cycles/{year}/terms"));
    let name = cycle.name.clone().unwrap_or_default();
    let due = format::moment(cycle.due_time.as_ref()).map(format::field).unwrap_or_default();
    let grace = cycle.grace.unwrap_or_default();
    let hours = if grace.hours > 0 { grace.hours.to_string() } else { String::new() };
    let editing = match attempt.form.typed("cycle.grace.hours") {
        Some(_) => attempt.form.get("cycle.grace.allows") == "editing",
        None => grace.allows() == grace::Allows::Editing,
    };
    let contact = cycle.contact.clone().unwrap_or_default();
    let field = |kind, name, label, stored| Field::new(kind, name, label, attempt, stored);
    let content = html! {
        (trail(lang, &[("/cycles", t("年度", "Cycles")), (&above, name_or(lang, cycle.name.as_ref(), &year))]))
        h1 { (title) }
        (refusal(lang, attempt))
        (Form { action: &address, attempt, keep: &format!("cycle/{year}") }.around(html! {
            (base("etag", &cycle.etag))
            (field(Kind::Text, "cycle.name.zh", t("中文名称", "Name in Chinese"), &name.zh))
            (field(Kind::Text, "cycle.name.en", t("英文名称", "Name in English"), &name.en))
            (field(Kind::Moment, "cycle.due_time", t("填报截止（北京时间）", "Reports due (Beijing time)"), &due))
            (field(Kind::Whole, "cycle.grace.hours", t("宽限（小时）", "Grace (hours)"), &hours).optional(lang)
                .hint(t("截止之后还给多少小时，0–720；不填就没有宽限。", "How long after the deadline; 0–720, none if left empty.")))
            fieldset.field {
                legend { (t("宽限期内可以做什么", "What is possible in the grace")) }
                @for (value, label) in [
                    ("submitting", t("只能审定和提交，不能再改内容", "Approve and submit as it is")),
                    ("editing", t("一切照旧，还可以改内容", "Everything, changes included")),
                ] {
                    p { label { input type="radio" name="cycle.grace.allows" value=(value) checked[editing == (value == "editing")]; " " (label) } }
                }
            }
            h2 id=(id_of("cycle.contact")) { (t("学校有问题找谁", "Whom schools ask")) }
            p.grey { (t("锁定、延期、退回的页面都会写上。电话和邮箱至少填一个；三项都不填，就只写“请联系教育主管部门”。", "Every page that tells of a lock names it. Give a phone or an email address; left empty, schools are sent to the commission in general.")) }
            (field(Kind::Text, "cycle.contact.name", t("姓名或处室", "Name or office"), &contact.name).optional(lang))
            (field(Kind::Text, "cycle.contact.phone", t("电话", "Phone"), &contact.phone).optional(lang))
            (field(Kind::Text, "cycle.contact.email", t("邮箱", "Email"), &contact.email).optional(lang))
            div.actions { button.primary type="submit" { (t("保存", "Save")) } span.saved data-saved {} }
        }))
    };
    workplace(visitor, Page::work(title, &address, Place::Cycles), attempt, content)
}

async fn save(visitor: Visitor, Path(Year(year)): Path<Year>, form: FormData) -> Answer {
    let t = words(visitor.lang());
    let mut faults = vec![];
    let due_time = moment_of(&form, "cycle.due_time");
    if due_time.is_none() {
        let message =
            t("请写日期和时间，例如 2026-11-30 17:00。", "Write a day and time, such as 2026-11-30 17:00.");
        faults.push(Fault { field: "cycle.due_time".into(), message: message.into() });
    }
    let hours = match form.get("cycle.grace.hours") {
        "" => 0,
        typed => typed.parse().unwrap_or_else(|_| {
            let message = t("请写整小时数，例如 48。", "Write a whole number of hours, such as 48.");
            faults.push(Fault { field: "cycle.grace.hours".into(), message: message.into() });
            0
        }),
    };
    if !faults.is_empty() {
        return page(&visitor, year, &Attempt::faulty(form, faults)).await;
    }
    let text = |name: &str| form.get(name).to_owned();
    let allows = match form.get("cycle.grace.allows") {
        "editing" => grace::Allows::Editing,
        _ => grace::Allows::Submitting,
    };
    let contact = Contact {
        name: text("cycle.contact.name"),
        phone: text("cycle.contact.phone"),
        email: text("cycle.contact.email"),
    };
    let cycle = Cycle {
        year,
        etag: text("etag"),
        name: Some(Text { zh: text("cycle.name.zh"), en: text("cycle.name.en") }),
        due_time,
        grace: (hours != 0).then_some(Grace { hours, allows: allows.into() }),
        contact: Some(contact).filter(|contact| *contact != Contact::default()),
        ..Cycle::default()
    };
    let request = UpdateCycleRequest { request_id: form.request_id(), cycle: Some(cycle) };
    match visitor.clients().cycles().update_cycle(request).await {
        Ok(_) => Ok(see_other(&format!("/cycles/{year}?done=changed"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(&visitor, year, &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}
