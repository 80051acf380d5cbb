//! One item: where it stands, the form of its present step, and what happened to it.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{GetItemRequest, GetProcedureRequest, Item, Procedure, Step},
};

use super::{actor, at, form, list::due, mark, place, show::consequences, timeline, title};
use crate::{
    say,
    web::{
        components::{Field, Form, Kind, base, done, refusal, trail},
        error::{Answer, Failure},
        form::Attempt,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        session::Visitor,
    },
};

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    done: String,
}

pub(super) async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after.done, &Attempt::default()).await
}

/// What the parts of the page are made from.
pub(super) struct Shown<'a> {
    pub visitor: &'a Visitor,
    pub item: &'a Item,
    pub procedure: &'a Procedure,
    pub attempt: &'a Attempt,
}

impl Shown<'_> {
    pub fn address(&self) -> String {
        format!("/items/{}", self.item.item_id)
    }

    /// The step it is at; none once it has ended.
    pub fn step(&self) -> Option<&Step> {
        self.procedure.steps.iter().find(|step| step.code == self.item.step_code)
    }
}

/// An item with its procedure.
pub(super) async fn found(visitor: &Visitor, id: &str) -> Result<(Item, Procedure), Failure> {
    visitor.signed_in()?;
    let request = GetItemRequest { item_id: id.to_owned() };
    let item = visitor.clients().items().get_item(request).await?.into_inner().item;
    let item = item.ok_or_else(Failure::not_found)?;
    let request = GetProcedureRequest { procedure_id: item.procedure_id.clone() };
    let procedure = visitor.clients().procedures().get_procedure(request).await?.into_inner().procedure;
    Ok((item, procedure.ok_or_else(Failure::not_found)?))
}

pub(super) async fn page(visitor: &Visitor, id: &str, after: &str, attempt: &Attempt) -> Answer {
    let (item, procedure) = found(visitor, id).await?;
    Ok(render(&Shown { visitor, item: &item, procedure: &procedure, attempt }, after))
}

fn render(shown: &Shown<'_>, after: &str) -> Response {
    let Shown { visitor, item, procedure, attempt } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    let name = title(lang, item);
    let school = name_or(lang, item.organisation_name.as_ref(), &item.organisation_code);
    let up = format!("/procedures/{}", procedure.procedure_id);
    let address = shown.address();
    let end = procedure.ends.iter().find(|end| end.code == item.end_code);
    let content = html! {
        (trail(lang, &[("/procedures", t("评审工作", "Procedures")), (&up, name_or(lang, procedure.name.as_ref(), &procedure.procedure_id))]))
        div.head { div {
            h1 { (name) }
            p.lead { (school) (t("，", ", ")) (mark(lang, item)) }
        } }
        @match after {
            "applied" => (done(t("已建立，请填写下面的表单。", "It is there: fill in the form below."))),
            "saved" => (done(t("草稿已保存。", "The draft is saved."))),
            "taken" => (done(t("已办理，进入下一步。", "Done: it has moved on."))),
            "withdrawn" => (done(t("已撤回。", "It is withdrawn."))),
            "lapsed" => (done(t("已按逾期终止。", "It has lapsed."))),
            _ => {},
        }
        (refusal(lang, attempt))
        (timeline::steps(shown))
        dl.facts {
            dt { (t("当前步骤", "Present step")) } dd { (place(lang, procedure, at(item))) }
            @if let Some(step) = shown.step() { dt { (t("办理方", "Who acts")) } dd { (actor(lang, step.actor())) } }
            @if !item.due_date.is_empty() { dt { (t("本步期限", "Step due")) } dd { (due(visitor, item)) } }
            @if !item.programme_code.is_empty() { dt { (t("专业代码", "Programme code")) } dd { span.code { (item.programme_code) } } }
        }
        @if let Some(end) = end { (consequences(visitor, &end.consequences)) }
        @if item.mine { (form::form(shown)) }
        (timeline::brought(shown))
        (timeline::history(shown))
        @if item.overdue && visitor.has(Role::Commission) { (stop(shown, "lapse", t("按逾期终止", "End it as lapsed"), t("理由（学校会看到）", "Reason (the school sees it)"))) }
        @if item.withdrawable { (stop(shown, "withdraw", t("撤回", "Withdraw it"), t("理由", "Reason"))) }
    };
    let title = say!(lang, "{name}（{school}）", "{name} ({school})");
    workplace(visitor, Page::work(&title, &address, Place::Procedures), attempt, content)
}

/// A folded form that ends the item.
fn stop(shown: &Shown<'_>, verb: &str, label: &str, reason: &str) -> Markup {
    let Shown { item, attempt, .. } = shown;
    html! {
        details {
            summary { (label) }
            (Form { action: &format!("{}/{verb}", shown.address()), attempt, keep: "" }.around(html! {
                (base("etag", &item.etag))
                (Field::new(Kind::Lines, "reason", reason, attempt, "").distinct(verb))
                div.actions { button type="submit" { (label) } }
            }))
        }
    }
}
