//! A reviewer's assignments.

use axum::{Router, extract::Query, routing::get};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::review::v1::{Assignment, ListAssignmentsRequest, assignment};

use crate::web::{
    components::{done, empty, pager},
    error::Answer,
    form::Attempt,
    i18n::{name_or, words},
    layout::{Page, Place, workplace},
    link,
    session::Visitor,
    states,
};

pub fn routes() -> Router {
    Router::new().route("/assignments", get(list))
}

#[derive(Deserialize)]
struct Filter {
    #[serde(default)]
    state: String,
    #[serde(default)]
    page: String,
    #[serde(default)]
    done: String,
}

async fn list(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let state = match filter.state.as_str() {
        "open" => assignment::State::Open,
        "submitted" => assignment::State::Submitted,
        "abstained" => assignment::State::Abstained,
        _ => assignment::State::Unspecified,
    };
    let request = ListAssignmentsRequest {
        page_size: 100,
        page_token: filter.page.clone(),
        round_id: String::new(),
        state: state.into(),
    };
    let answer = visitor.clients().assignments().list_assignments(request).await?.into_inner();
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("评审任务", "Assignments");
    let address = |page: &str| link::address("/assignments", &[("state", &filter.state), ("page", page)]);
    let next = (!answer.next_page_token.is_empty()).then(|| address(&answer.next_page_token));
    let open = answer.assignments.iter().any(|one| one.state() == assignment::State::Open);
    let content = html! {
        div.head {
            div { h1 { (title) } }
            div.actions {
                @if open { a.button.primary href="/assignments/next" { (t("继续评分", "Go on scoring")) } }
            }
        }
        @if filter.done == "all" { (done(t("已提交，您的评分任务全部完成。", "Submitted. All your assignments are done."))) }
        @if filter.done == "abstained" { (done(t("已退出，组长会补派专家。", "The seat is given back; the chair fills it."))) }
        (filters(&visitor, &filter.state))
        @if answer.assignments.is_empty() {
            (empty(t("没有评审任务", "No assignments"),
                html! { (t("评审组长开放评分之后，分配给您的专业会出现在这里。", "Once the chair opens a round, your programmes will appear here.")) }))
        } @else {
            div.scroll { (table(&visitor, &answer.assignments)) }
        }
        (pager(lang, &address(""), next.as_deref(), filter.page.is_empty()))
    };
    Ok(workplace(&visitor, Page::work(title, &address(""), Place::Assignments), &Attempt::default(), content))
}

fn filters(visitor: &Visitor, chosen: &str) -> Markup {
    let t = words(visitor.lang());
    let options = [
        ("", t("全部", "All")),
        ("open", t("待评分", "To be scored")),
        ("submitted", t("已提交", "Submitted")),
        ("abstained", t("已退出", "Given back")),
    ];
    html! {
        form.filters method="get" action="/assignments" data-at-once {
            div {
                label for="state" { (t("状态", "State")) }
                select id="state" name="state" {
                    @for (key, name) in options { option value=(key) selected[key == chosen] { (name) } }
                }
            }
            button type="submit" data-go { (t("筛选", "Filter")) }
        }
    }
}

fn table(visitor: &Visitor, assignments: &[Assignment]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("专业", "Programme")) }
                th scope="col" { (t("专业代码", "Code")) }
                th scope="col" { (t("学校", "School")) }
                th scope="col" { (t("状态", "State")) }
                th.number scope="col" { (t("已评要素", "Elements scored")) }
            } }
            tbody {
                @for one in assignments {
                    @let entry = one.entry.clone().unwrap_or_default();
                    tr {
                        th scope="row" { a href={ "/assignments/" (one.assignment_id) } { (name_or(lang, entry.programme_name.as_ref(), &entry.programme_code)) } }
                        td { span.code { (entry.programme_code) } }
                        td { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) }
                        td { (states::assignment(lang, one.state())) }
                        td.number { (one.scores.iter().filter(|score| !score.points.is_empty()).count()) }
                    }
                }
            }
        }
    }
}
