//! Every appeal that the reader may see.

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{Appeal, ListAppealsRequest, appeal::State},
};

use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    web::{
        components::{empty, grade, pager},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
    },
};

#[derive(Deserialize)]
pub struct Filter {
    #[serde(default)]
    page: String,
    #[serde(default)]
    round: String,
}

pub async fn list(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let request = ListAppealsRequest {
        page_size: 50,
        page_token: filter.page.clone(),
        round_id: filter.round.clone(),
        state: State::Unspecified.into(),
    };
    let answer = visitor.clients().appeals().list_appeals(request).await?.into_inner();
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("申诉", "Appeals");
    let address = |page: &str| link::address("/appeals", &[("round", &filter.round), ("page", page)]);
    let next = (!answer.next_page_token.is_empty()).then(|| address(&answer.next_page_token));
    let content = html! {
        div.head { div { h1 { (title) } } }
        @if answer.appeals.is_empty() {
            (empty(t("没有申诉", "No appeals"),
                html! { (t("学校得知等级之后，可以在监测结果里申诉。", "Once schools know their grades they may appeal, from their results.")) }))
        } @else {
            div.scroll { (table(&visitor, &answer.appeals)) }
        }
        (pager(lang, &address(""), next.as_deref(), filter.page.is_empty()))
    };
    Ok(workplace(&visitor, Page::work(title, &address(""), place(&visitor)), &Attempt::default(), content))
}

fn table(visitor: &Visitor, appeals: &[Appeal]) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("专业", "Programme")) }
                th scope="col" { (t("学校", "School")) }
                th scope="col" { (t("原等级", "Grade appealed")) }
                th scope="col" { (t("理由", "Ground")) }
                th scope="col" { (t("状态", "State")) }
                th scope="col" { (t("应当办结", "To be decided")) }
            } }
            tbody {
                @for one in appeals {
                    @let entry = one.entry.clone().unwrap_or_default();
                    @let open = matches!(one.state(), State::Filed | State::Hearing);
                    tr {
                        th scope="row" { a href={ "/appeals/" (one.appeal_id) } { (name_or(lang, entry.programme_name.as_ref(), &entry.programme_code)) } }
                        td { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) }
                        td { (grade(&one.grade)) @if !one.new_grade.is_empty() { " → " (grade(&one.new_grade)) } }
                        td { @if let Some(ground) = &one.ground { (name_or(lang, ground.name.as_ref(), &ground.code)) } }
                        td { (states::appeal(lang, one)) }
                        td { @if open { (format::deadline_day(lang, &one.decide_due_date, now)) } @else { span.grey { "–" } } }
                    }
                }
            }
        }
    }
}

/// The appeals that are not decided yet.
pub async fn open_of(visitor: &Visitor) -> Result<Vec<Appeal>, Failure> {
    let mut open = vec![];
    for state in [State::Filed, State::Hearing] {
        let found = all_pages(|page_token| {
            let mut appeals = visitor.clients().appeals();
            let request = ListAppealsRequest {
                page_size: WHOLE_PAGE,
                page_token,
                round_id: String::new(),
                state: state.into(),
            };
            async move {
                let answer = appeals.list_appeals(request).await?.into_inner();
                Ok((answer.appeals, answer.next_page_token))
            }
        });
        open.extend(found.await?);
    }
    Ok(open)
}

/// Where appeals belong: a school's among its results, others' among the rounds.
pub fn place(visitor: &Visitor) -> Place {
    if visitor.has(Role::School) { Place::Results } else { Place::Rounds }
}
