//! A round's sheets: who has handed in, who gave the seat back and why; and the way to give a sheet back to its reviewer.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{
        Assignment, GetRoundRequest, ListAssignmentsRequest, ListReviewersRequest, ReturnScoresRequest,
        Round, assignment, round,
    },
};

use crate::{
    pages::{
        lookup::{WHOLE_PAGE, all_pages},
        see_other,
    },
    web::{
        components::{Field, Form, Kind, base, done, empty, hidden, pager, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
    },
};

#[derive(Deserialize, Default)]
pub struct Filter {
    #[serde(default)]
    page: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    done: String,
}

pub async fn list(visitor: Visitor, Path(id): Path<String>, Query(filter): Query<Filter>) -> Answer {
    page(&visitor, &id, &filter, &Attempt::default()).await
}

async fn page(visitor: &Visitor, id: &str, filter: &Filter, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    if !visitor.has(Role::Chair) {
        return Err(Failure::not_found());
    }
    let round = visitor.clients().rounds().get_round(GetRoundRequest { round_id: id.to_owned() }).await?;
    let round = round.into_inner().round.unwrap_or_default();
    let state = match filter.state.as_str() {
        "open" => assignment::State::Open,
        "submitted" => assignment::State::Submitted,
        "abstained" => assignment::State::Abstained,
        _ => assignment::State::Unspecified,
    };
    let request = ListAssignmentsRequest {
        page_size: 50,
        page_token: filter.page.clone(),
        round_id: id.to_owned(),
        state: state.into(),
    };
    let answer = visitor.clients().assignments().list_assignments(request).await?.into_inner();
    let reviewers = all_pages(|page_token| {
        let mut reviewers = visitor.clients().reviewers();
        let request = ListReviewersRequest { page_size: WHOLE_PAGE, page_token };
        async move {
            let answer = reviewers.list_reviewers(request).await?.into_inner();
            Ok((answer.reviewers, answer.next_page_token))
        }
    });
    let names: Vec<(String, String)> =
        reviewers.await?.into_iter().map(|reviewer| (reviewer.account_id, reviewer.name)).collect();
    Ok(render(visitor, &round, (&answer.assignments, &answer.next_page_token), &names, filter, attempt))
}

fn render(
    visitor: &Visitor,
    round: &Round,
    (sheets, next_page): (&[Assignment], &str),
    names: &[(String, String)],
    filter: &Filter,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("评分表", "Sheets");
    let up = format!("/rounds/{}", round.round_id);
    let address = |page: &str| {
        link::address(&format!("{up}/sheets"), &[("state", filter.state.as_str()), ("page", page)])
    };
    let next = (!next_page.is_empty()).then(|| address(next_page));
    let content = html! {
        (trail(lang, &[("/rounds", t("评审轮次", "Rounds")), (&up, name_or(lang, round.name.as_ref(), &round.round_id))]))
        div.head { div { h1 { (title) } } }
        @if filter.done == "returned" { (done(t("已退回给专家，原来的评分已留存。", "It is back with its reviewer; the old sheet is kept."))) }
        (refusal(lang, attempt))
        form.filters method="get" action={ (up) "/sheets" } data-at-once {
            div {
                label for="state" { (t("状态", "State")) }
                select id="state" name="state" {
                    @for (key, name) in [("", t("全部", "All")), ("open", t("待评分", "To be scored")), ("submitted", t("已提交", "Submitted")), ("abstained", t("已退出", "Given back"))] {
                        option value=(key) selected[key == filter.state] { (name) }
                    }
                }
            }
            button type="submit" data-go { (t("筛选", "Filter")) }
        }
        @if sheets.is_empty() { (empty(t("没有符合条件的评分表", "No sheet matches"), html! {})) }
        @else { div.scroll { (table(visitor, round, sheets, names, attempt)) } }
        (pager(lang, &address(""), next.as_deref(), filter.page.is_empty()))
    };
    workplace(visitor, Page::work(title, &address(""), Place::Rounds), attempt, content)
}

fn table(
    visitor: &Visitor,
    round: &Round,
    sheets: &[Assignment],
    names: &[(String, String)],
    attempt: &Attempt,
) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let name = |account: &str| {
        names
            .iter()
            .find(|(known, _)| known == account)
            .map_or_else(|| account.to_owned(), |(_, name)| name.clone())
    };
    html! {
        table {
            thead { tr {
                th scope="col" { (t("专业", "Programme")) }
                th scope="col" { (t("学校", "School")) }
                th scope="col" { (t("专家", "Reviewer")) }
                th scope="col" { (t("状态", "State")) }
                th scope="col" { (t("说明", "Note")) }
            } }
            tbody {
                @for sheet in sheets {
                    @let entry = sheet.entry.clone().unwrap_or_default();
                    tr {
                        th scope="row" { (name_or(lang, entry.programme_name.as_ref(), &entry.programme_code)) }
                        td { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) }
                        td { (name(&sheet.reviewer_account_id)) @if sheet.arbiter { (t("（仲裁）", " (arbiter)")) } }
                        td { (states::assignment(lang, sheet.state()))
                            @if let Some(time) = format::moment(sheet.submit_time.as_ref()) { " " span.grey.small { (format::happened(lang, time, now)) } } }
                        td {
                            @if !sheet.abstain_reason.is_empty() { (t("退出：", "Gave it back: ")) (sheet.abstain_reason) }
                            @if !sheet.return_reason.is_empty() { (t("已退回：", "Returned: ")) (sheet.return_reason) }
                            @if sheet.revised { (t("讨论后修订过", "revised after discussion")) }
                            @if sheet.state() == assignment::State::Submitted && round.state() == round::State::Scoring {
                                (give_back_form(visitor, round, sheet, attempt))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn give_back_form(visitor: &Visitor, round: &Round, sheet: &Assignment, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let own = attempt.form.get("sheet_id") == sheet.assignment_id;
    let none = Attempt::default();
    let attempt = if own { attempt } else { &none };
    let action = format!("/rounds/{}/sheets/{}", round.round_id, sheet.assignment_id);
    html! {
        details open[own] {
            summary { (t("退回", "Give it back")) }
            (Form { action: &action, attempt, keep: "" }.around(html! {
                (base("etag", &sheet.etag))
                (hidden("sheet_id", &sheet.assignment_id))
                (Field::new(Kind::Lines, "reason", t("退回理由", "Why"), attempt, "").distinct(&sheet.assignment_id))
                button type="submit" { (t("退回给专家", "Give it back to the reviewer")) }
            }))
        }
    }
}

pub async fn give_back(
    visitor: Visitor,
    Path((id, assignment_id)): Path<(String, String)>,
    form: FormData,
) -> Answer {
    let request = ReturnScoresRequest {
        request_id: form.request_id(),
        assignment_id,
        etag: form.get("etag").to_owned(),
        reason: form.lines("reason"),
    };
    match visitor.clients().assignments().return_scores(request).await {
        Ok(_) => Ok(see_other(&link::address(
            &format!("/rounds/{}/sheets", link::segment(&id)),
            &[("done", "returned")],
        ))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let attempt = Attempt::refused(form, failure, str::to_owned);
            page(&visitor, &id, &Filter::default(), &attempt).await
        }
    }
}
