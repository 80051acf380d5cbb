//! The rounds, and opening a new one.

use axum::{Router, extract::Query, response::Response, routing::get};
use maud::html;
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{CreateRoundRequest, ListRoundsRequest, Round, Scheme},
    submission::v1::Cycle,
};

use crate::{
    pages::{cycles::moment_of, lookup, results, see_other},
    web::{
        chart::progress,
        components::{Field, Form, Kind, empty, id_of, pager, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new().route("/rounds", get(list)).route("/rounds/new", get(new).post(create))
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    page: String,
}

async fn list(visitor: Visitor, Query(paging): Query<Paging>) -> Answer {
    visitor.signed_in()?;
    let request = ListRoundsRequest { page_size: 50, page_token: paging.page.clone(), cycle_year: 0 };
    let answer = visitor.clients().rounds().list_rounds(request).await?.into_inner();
    let next = (!answer.next_page_token.is_empty())
        .then(|| link::address("/rounds", &[("page", &answer.next_page_token)]));
    Ok(render(&visitor, &answer.rounds, next.as_deref(), paging.page.is_empty()))
}

fn render(visitor: &Visitor, rounds: &[Round], next: Option<&str>, on_first: bool) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("评审轮次", "Rounds");
    let content = html! {
        div.head {
            div { h1 { (title) } }
            div.actions { @if visitor.has(Role::Chair) { a.button.primary href="/rounds/new" { (t("新建轮次", "Open a round")) } } }
        }
        @if rounds.is_empty() {
            (empty(t("还没有评审轮次", "There are no rounds yet"),
                html! { (t("新建轮次时，系统按方案选出要评的专业。", "A new round gathers the programmes that its procedure selects.")) }))
        } @else {
            div.scroll { table {
                thead { tr {
                    th scope="col" { (t("轮次", "Round")) }
                    th.number scope="col" { (t("年度", "Year")) }
                    th scope="col" { (t("状态", "State")) }
                    th.number scope="col" { (t("专业数（个）", "Programmes")) }
                    th scope="col" { (t("评分进度", "Scores in")) }
                    th scope="col" { (t("截止", "Due")) }
                } }
                tbody { @for round in rounds { tr {
                    th scope="row" { a href={ "/rounds/" (round.round_id) } { (name_or(lang, round.name.as_ref(), &round.round_id)) } }
                    td.number { (round.cycle_year) }
                    td { (states::round(lang, round.state())) }
                    td.number { (round.entry_count) }
                    td { @if round.assignment_count > 0 { (progress(lang, round.submitted_count, round.assignment_count)) } @else { "—" } }
                    td { @if let Some(due) = format::moment(round.due_time.as_ref()) { (format::exact(lang, due, visitor.now())) } }
                } } }
            } }
        }
        (pager(lang, "/rounds", next, on_first))
    };
    workplace(visitor, Page::work(title, "/rounds", Place::Rounds), &Attempt::default(), content)
}

async fn new(visitor: Visitor) -> Answer {
    form(&visitor, &Attempt::default()).await
}

async fn form(visitor: &Visitor, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let (cycles, schemes) = futures::try_join!(lookup::cycles(visitor), results::schemes(visitor))?;
    Ok(render_form(visitor, &cycles, &schemes, attempt))
}

fn render_form(visitor: &Visitor, cycles: &[Cycle], schemes: &[Scheme], attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("新建轮次", "Open a round");
    let typed = &attempt.form;
    let chosen_year = typed.or("cycle_year", "");
    let content = html! {
        (trail(lang, &[("/rounds", t("评审轮次", "Rounds"))]))
        h1 { (title) }
        (refusal(lang, attempt))
        (Form { action: "/rounds/new", attempt, keep: "round" }.around(html! {
            div.field {
                label for=(id_of("cycle_year")) { (t("年度", "Year")) }
                select id=(id_of("cycle_year")) name="cycle_year" {
                    @for cycle in cycles {
                        @let year = cycle.year.to_string();
                        option value=(year) selected[year == chosen_year] { (name_or(lang, cycle.name.as_ref(), &year)) }
                    }
                }
                @if let Some(fault) = attempt.fault("cycle_year") { span.wrong-text { (fault) } }
            }
            fieldset.field {
                legend { (t("评审方案", "Procedure")) }
                @for (index, scheme) in schemes.iter().enumerate() {
                    @let id = format!("{}-{}", id_of("scheme_code"), scheme.code);
                    div {
                        input type="radio" id=(id) name="scheme_code" value=(scheme.code)
                            checked[typed.or("scheme_code", if index == 0 { &scheme.code } else { "" }) == scheme.code];
                        label for=(id) { " " (name_or(lang, scheme.name.as_ref(), &scheme.code)) }
                    }
                }
                @if let Some(fault) = attempt.fault("scheme_code") { span.wrong-text { (fault) } }
            }
            (Field::new(Kind::Moment, "due_time", t("评分截止（北京时间）", "Scores due (Beijing time)"), attempt, ""))
            div.actions { button.primary type="submit" { (t("建立轮次", "Open the round")) } }
        }))
    };
    workplace(visitor, Page::work(title, "/rounds/new", Place::Rounds), attempt, content)
}

async fn create(visitor: Visitor, form_data: FormData) -> Answer {
    let due_time = moment_of(&form_data, "due_time");
    if due_time.is_none() {
        let t = words(visitor.lang());
        let message =
            t("请写日期和时间，例如 2026-12-20 17:00。", "Write a day and time, such as 2026-12-20 17:00.");
        let faults = vec![Fault { field: "due_time".to_owned(), message: message.to_owned() }];
        return form(&visitor, &Attempt::faulty(form_data, faults)).await;
    }
    let request = CreateRoundRequest {
        request_id: form_data.request_id(),
        cycle_year: form_data.get("cycle_year").parse().unwrap_or_default(),
        scheme_code: form_data.get("scheme_code").to_owned(),
        due_time,
    };
    match visitor.clients().rounds().create_round(request).await {
        Ok(answer) => {
            let round = answer.into_inner().round.unwrap_or_default();
            Ok(see_other(&format!("/rounds/{}", round.round_id)))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            form(&visitor, &Attempt::refused(form_data, failure, str::to_owned)).await
        }
    }
}
