//! What connects experts with schools: reviewers declare their own, the chair notes others'.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{DeclareRelationRequest, ListRelationsRequest, Relation, WithdrawRelationRequest, relation},
};

use super::{KINDS, edit, relation_key, relation_word};
use crate::{
    pages::see_other,
    web::{
        components::{Field, Form, Kind, button, done, empty, hidden, id_of, refusal},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::words,
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/relations", get(show).post(declare))
        .route("/relations/{id}/withdraw", post(withdraw))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(visitor: Visitor, Query(after): Query<After>) -> Answer {
    visitor.signed_in()?;
    page(&visitor, &after, &Attempt::default()).await
}

async fn own(visitor: &Visitor) -> Result<Vec<Relation>, Failure> {
    let request = ListRelationsRequest::default();
    Ok(visitor.clients().relations().list_relations(request).await?.into_inner().relations)
}

async fn page(visitor: &Visitor, after: &After, attempt: &Attempt) -> Answer {
    let relations = own(visitor).await?;
    Ok(render(visitor, &relations, after, attempt))
}

fn render(visitor: &Visitor, relations: &[Relation], after: &After, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("关系申报", "Declarations");
    let content = html! {
        div.head { div {
            h1 { (title) }
            p.lead { (t("请申报您与学校或某个专业之间可能影响评审的关系。系统据此回避，不会把相关专业分给您；学校看不到您的申报。", "Declare what connects you with a school or a programme. You will not be asked to review it, and schools never see this.")) }
        } }
        @match after.done.as_str() {
            "declared" => (done(t("已申报。", "Declared."))),
            "withdrawn" => (done(t("已撤回。", "Withdrawn."))),
            _ => {},
        }
        (refusal(lang, attempt))
        (section(visitor, relations, "", attempt))
    };
    workplace(visitor, Page::work(title, "/relations", Place::Relations), attempt, content)
}

/// The relations of an expert, and the form for one more. `account_id` is empty on the expert's own page.
pub fn section(visitor: &Visitor, relations: &[Relation], account_id: &str, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let may_change = account_id.is_empty() || visitor.has(Role::Chair);
    html! {
        section {
            h2 id="relations" { @if account_id.is_empty() { (t("已申报的关系", "What you declared")) } @else { (t("关系", "Relations")) } }
            @if relations.is_empty() {
                (empty(t("还没有申报任何关系", "Nothing is declared"), html! { (t("没有需要回避的关系，就不用填写。", "If there is nothing, there is nothing to do.")) }))
            } @else {
                div.scroll { table {
                    thead { tr {
                        th scope="col" { (t("关系", "Relation")) }
                        th scope="col" { (t("单位代码", "Organisation")) }
                        th scope="col" { (t("专业", "Programme")) }
                        th scope="col" { (t("结束时间", "Ended")) }
                        th scope="col" { (t("说明", "Note")) }
                        th scope="col" { (t("申报人", "By")) }
                        @if may_change { th scope="col" { span.hidden { (t("操作", "Actions")) } } }
                    } }
                    tbody { @for one in relations { tr {
                        th scope="row" { (relation_word(lang, one.kind())) }
                        td.code { (one.organisation_code) }
                        td { @if one.programme_code.is_empty() { (t("全部", "all")) } @else { span.code { (one.programme_code) } } }
                        td { @if one.ended_on.is_empty() { (t("仍在继续", "lasts")) } @else { (one.ended_on) } }
                        td { (one.note) }
                        td { @if one.by_self { (t("专家本人", "the expert")) } @else { (t("评审组长", "the chair")) } }
                        @if may_change { td {
                            @let action = format!("/relations/{}/withdraw", link::segment(&one.relation_id));
                            (button(&action, attempt, &[("account_id", account_id)], t("撤回", "Withdraw"), false))
                        } }
                    } } }
                } }
            }
            @if may_change { (form(visitor, account_id, attempt)) }
        }
    }
}

fn form(visitor: &Visitor, account_id: &str, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let field = |kind, name, label| Field::new(kind, name, label, attempt, "");
    let chosen = attempt.form.get("kind").to_owned();
    html! {
        h3 { (t("新增一条", "Declare one more")) }
        (Form { action: "/relations", attempt, keep: &format!("relation-{account_id}") }.around(html! {
            (hidden("account_id", account_id))
            div.field {
                label for=(id_of("kind")) { (t("什么关系", "What relation")) }
                @if let Some(fault) = attempt.fault("kind") { span.wrong-text { (fault) } }
                select id=(id_of("kind")) name="kind" required {
                    option value="" { (t("请选择", "Choose")) }
                    @for kind in KINDS { option value=(relation_key(kind)) selected[relation_key(kind) == chosen] { (relation_word(lang, kind)) } }
                }
            }
            (field(Kind::Text, "relation_organisation_code", t("单位代码", "Organisation code")).hint(t("十位代码，可在名录里查到。", "Ten digits; see the register.")))
            (field(Kind::Text, "programme_code", t("专业代码", "Programme code")).optional(lang).hint(t("只涉及一个专业时填写；留空表示整个单位。", "Where it concerns one programme; empty for all.")))
            (field(Kind::Text, "ended_on", t("结束时间", "Ended on")).optional(lang).hint(t("已经结束的，知道多少写多少：2022、2022-06 或 2022-06-30。", "If it has ended: 2022, 2022-06 or 2022-06-30.")))
            (field(Kind::Text, "note", t("说明", "Note")).optional(lang).hint(t("最多 200 字。", "At most 200 characters.")))
            div.actions { button.primary type="submit" { (t("申报", "Declare")) } }
        }))
    }
}

async fn declare(visitor: Visitor, form: FormData) -> Answer {
    visitor.signed_in()?;
    let account_id = form.get("account_id").to_owned();
    let kind = KINDS.into_iter().find(|kind| relation_key(*kind) == form.get("kind"));
    let relation = Relation {
        reviewer_account_id: account_id.clone(),
        kind: kind.unwrap_or(relation::Kind::Unspecified).into(),
        organisation_code: form.get("relation_organisation_code").to_owned(),
        programme_code: form.get("programme_code").to_owned(),
        ended_on: form.get("ended_on").to_owned(),
        note: form.get("note").to_owned(),
        ..Relation::default()
    };
    let request = DeclareRelationRequest { request_id: form.request_id(), relation: Some(relation) };
    let outcome = visitor.clients().relations().declare_relation(request).await;
    match outcome {
        Ok(_) => Ok(see_other(&back(&account_id, "declared"))),
        Err(status) => again(&visitor, form, status).await,
    }
}

async fn withdraw(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    visitor.signed_in()?;
    let request = WithdrawRelationRequest { request_id: form.request_id(), relation_id: id };
    match visitor.clients().relations().withdraw_relation(request).await {
        Ok(_) => Ok(see_other(&back(form.get("account_id"), "withdrawn"))),
        Err(status) => again(&visitor, form, status).await,
    }
}

fn back(account_id: &str, done: &str) -> String {
    match account_id {
        "" => format!("/relations?done={done}"),
        id => format!("/panel/{}#relations", link::segment(id)),
    }
}

async fn again(visitor: &Visitor, form: FormData, status: tonic::Status) -> Answer {
    let failure = Failure::from(status).on_form()?;
    let attempt =
        Attempt::refused(form, failure, |path| match path.strip_prefix("relation.").unwrap_or(path) {
            "organisation_code" => "relation_organisation_code".to_owned(),
            field => field.to_owned(),
        });
    match attempt.form.get("account_id").to_owned().as_str() {
        "" => page(visitor, &After::default(), &attempt).await,
        id => edit::again(visitor, id, &attempt).await,
    }
}
