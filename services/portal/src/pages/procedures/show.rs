//! One procedure: its steps with how many items are at each, the items, and what the reader can do about it all.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{
        Consequence, GetProcedureRequest, Item, ListItemsRequest, Procedure, Subject, procedure::State,
    },
};

use super::{
    actor, at,
    list::{due, state},
    mark, place, title,
};
use crate::{
    say,
    web::{
        components::{Field, Form, Kind, base, button, done, empty, hidden, id_of, pager, refusal, trail},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    at: String,
    #[serde(default)]
    page: String,
    #[serde(default)]
    done: String,
}

pub(super) async fn show(visitor: Visitor, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    page(&visitor, &id, &asked, &Attempt::default()).await
}

/// What the parts of the page are made from.
struct Shown<'a> {
    visitor: &'a Visitor,
    procedure: &'a Procedure,
    items: &'a [Item],
    asked: &'a Asked,
    attempt: &'a Attempt,
}

impl Shown<'_> {
    fn address(&self) -> String {
        format!("/procedures/{}", self.procedure.procedure_id)
    }

    fn is_open(&self) -> bool {
        self.procedure.state() == State::Open
    }
}

pub(super) async fn page(visitor: &Visitor, id: &str, asked: &Asked, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let request = GetProcedureRequest { procedure_id: id.to_owned() };
    let answer = visitor.clients().procedures().get_procedure(request).await?.into_inner();
    let procedure = answer.procedure.ok_or_else(Failure::not_found)?;
    let request = ListItemsRequest {
        page_size: 100,
        page_token: asked.page.clone(),
        procedure_id: id.to_owned(),
        at: asked.at.clone(),
        ..Default::default()
    };
    let answer = visitor.clients().items().list_items(request).await?.into_inner();
    let shown = Shown { visitor, procedure: &procedure, items: &answer.items, asked, attempt };
    Ok(render(&shown, &answer.next_page_token))
}

fn render(shown: &Shown<'_>, next_token: &str) -> Response {
    let Shown { visitor, procedure, items, asked, attempt } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    let name = name_or(lang, procedure.name.as_ref(), &procedure.procedure_id);
    let here = shown.address();
    let list = |page: &str| link::address(&here, &[("at", &asked.at), ("page", page)]);
    let next = (!next_token.is_empty()).then(|| list(next_token));
    let content = html! {
        (trail(lang, &[("/procedures", t("评审工作", "Procedures"))]))
        div.head { div {
            h1 { (name) }
            p.lead { (state(visitor, procedure)) }
        } }
        @match asked.done.as_str() {
            "opened" => (done(t("工作已发起。", "The procedure is open."))),
            "started" => (done(t("评审轮次已建立，请到轮次中分配专家。", "The round of review is there: assign its experts."))),
            "concluded" => (done(t("已按评审等级办理，结果对学校可见。", "Items have moved by their grades, which schools now see."))),
            "closed" => (done(t("工作已结束。", "The procedure is closed."))),
            _ => {},
        }
        (refusal(lang, attempt))
        (steps(shown))
        (deeds(shown))
        @if procedure.applies && procedure.round_id.is_empty() && shown.is_open() { (applications(shown)) }
        div.table-head { h2 id="items" { (t("事项", "Items")) }
            @if !asked.at.is_empty() { a href=(here) { (t("显示全部", "Show all")) } } }
        @if items.is_empty() {
            (empty(t("这里没有事项", "There is nothing here"), html! { (t("学校申报之后会列在这里。", "What schools bring is listed here.")) }))
        } @else { div.scroll { (table(shown)) } }
        (pager(lang, &list(""), next.as_deref(), asked.page.is_empty()))
    };
    workplace(visitor, Page::work(name, &here, Place::Procedures), attempt, content)
}

fn steps(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, procedure, .. } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    let count = |code: &str| procedure.counts.iter().find(|one| one.code == code).map_or(0, |one| one.count);
    let at = |code: &str| link::address(&shown.address(), &[("at", code)]);
    html! {
        h2 { (t("步骤", "Steps")) }
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("步骤", "Step")) }
                th scope="col" { (t("办理方", "Who acts")) }
                th.number scope="col" { (t("时限（工作日）", "Working days")) }
                th.number scope="col" { (t("现有（项）", "Items here")) }
            } }
            tbody {
                @for (index, step) in procedure.steps.iter().enumerate() {
                    @let here = count(&step.code);
                    tr {
                        th scope="row" {
                            (index + 1) ". " (name_or(lang, step.name.as_ref(), &step.code))
                            @if step.optional { span.grey.small { (t("（按需）", " (if needed)")) } }
                            @let described = text(lang, step.description.as_ref());
                            @if !described.is_empty() { p.hint { (described) } }
                        }
                        td { (actor(lang, step.actor())) }
                        td.number { @if step.working_days > 0 { (step.working_days) } @else { "–" } }
                        td.number { @if here > 0 { a href=(at(&step.code)) { (here) } } @else { (here) } }
                    }
                }
                @for end in &procedure.ends {
                    @let here = count(&end.code);
                    tr {
                        th scope="row" { (t("结果：", "End: ")) (name_or(lang, end.name.as_ref(), &end.code)) (consequences(shown.visitor, &end.consequences)) }
                        td { "–" } td.number { "–" }
                        td.number { @if here > 0 { a href=(at(&end.code)) { (here) } } @else { (here) } }
                    }
                }
            }
        } }
    }
}

/// What follows from an end.
pub(super) fn consequences(visitor: &Visitor, all: &[Consequence]) -> Markup {
    html! {
        @if !all.is_empty() { p.hint { @for (index, one) in all.iter().enumerate() {
            @if index > 0 { " " } (text(visitor.lang(), one.text.as_ref()))
        } } }
    }
}

/// What the chair and the commission can do about the whole.
fn deeds(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, procedure, attempt, .. } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    let address = shown.address();
    let (chair, commission) = (visitor.has(Role::Chair), visitor.has(Role::Commission));
    let count = |code: &str| procedure.counts.iter().find(|one| one.code == code).map_or(0, |one| one.count);
    let review = procedure.steps.iter().find(|step| step.review).map_or("", |step| step.code.as_str());
    let waiting = count(review);
    let verb = |verb: &str, label| {
        button(&format!("{address}/{verb}"), attempt, &[("etag", &procedure.etag)], label, true)
    };
    let under_way = procedure.steps.iter().any(|step| count(&step.code) > 0);
    html! {
        @if shown.is_open() {
            @if chair && procedure.round_id.is_empty() && waiting > 0 {
                section.step-now {
                    h2 { (t("发起专家评审", "Start the review")) }
                    p { (say!(lang, "有 {waiting} 项等待评审。发起之后不再接受申报；还没有走到评审环节的事项要先办理或终止。", "{waiting} items wait for it. Nobody can apply after that; what has not come so far has to move on or end first.")) }
                    (verb("start", t("发起专家评审", "Start the review")))
                }
            }
            @if chair && !procedure.round_id.is_empty() && waiting > 0 {
                section.step-now {
                    h2 { (t("按等级办理", "Conclude the review")) }
                    p { (t("轮次定级之后，所有事项一起按等级进入下一步，等级同时对学校公布。", "Once the round is finalised, all items move by their grades together, and schools see these.")) }
                    (verb("conclude", t("按评审等级办理", "Conclude the review")))
                }
            }
            @if commission && !under_way && procedure.counts.iter().any(|one| one.count > 0) {
                section.step-now {
                    h2 { (t("全部办结", "All have ended")) }
                    (verb("close", t("结束这项工作", "Close the procedure")))
                }
            }
        }
        @if !procedure.round_id.is_empty() && (chair || commission || visitor.has(Role::Publisher)) {
            p { a href={ "/rounds/" (procedure.round_id) } { (t("查看评审轮次", "The round of review")) } }
        }
    }
}

/// A school's form to bring something.
fn applications(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, procedure, attempt, .. } = shown;
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let schools = visitor.organisations(Role::School);
    let institution = procedure.subject() == Subject::Institution;
    let first = procedure.steps.first().map_or("", |step| name_or(lang, step.name.as_ref(), &step.code));
    html! {
        @if !schools.is_empty() {
            section.step-now {
                h2 { (first) }
                @if !procedure.apply_due_date.is_empty() { p { (t("申报截止：", "Applications are due: ")) (format::deadline_day(lang, &procedure.apply_due_date, now)) } }
                @if procedure.most_per_school > 0 {
                    @let most = procedure.most_per_school;
                    p.hint { (say!(lang, "每所学校最多 {most} 项。", "At most {most} a school.")) }
                }
                (Form { action: &format!("{}/apply", shown.address()), attempt, keep: "" }.around(html! {
                    @if schools.len() == 1 { (hidden("organisation_code", &schools[0])) } @else {
                        div.field {
                            label for=(id_of("organisation_code")) { (t("单位", "Organisation")) }
                            select id=(id_of("organisation_code")) name="organisation_code" { @for code in &schools { option value=(code) { (code) } } }
                        }
                    }
                    @if !institution {
                        (Field::new(Kind::Text, "title", t("名称", "Name"), attempt, "").hint(t("2–100 字。", "2–100 characters.")))
                        (Field::new(Kind::Text, "programme_code", t("相关专业代码", "Programme code"), attempt, "")
                            .hint(t("六位数字，用来选择懂行的专家。", "Six digits: experts who know the field are chosen by it.")).optional(lang))
                    }
                    (base("etag", &procedure.etag))
                    div.actions { button.primary type="submit" { (t("开始填报", "Begin")) } }
                }))
            }
        }
    }
}

fn table(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, procedure, items, .. } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("事项", "Item")) }
                th scope="col" { (t("学校", "School")) }
                th scope="col" { (t("当前步骤", "Present step")) }
                th scope="col" { (t("状态", "State")) }
                th scope="col" { (t("本步期限", "Step due")) }
            } }
            tbody { @for item in *items { tr {
                th scope="row" { a href={ "/items/" (item.item_id) } { (title(lang, item)) } }
                td { (name_or(lang, item.organisation_name.as_ref(), &item.organisation_code)) }
                td { (place(lang, procedure, at(item))) }
                td { (mark(lang, item)) }
                td { (due(visitor, item)) }
            } } }
        }
    }
}
