//! From a closed year to a published release: draft, compile, public notice, publish.

mod agree;
mod correct;
mod show;

use axum::{
    Json, Router,
    extract::Path,
    response::IntoResponse,
    routing::{get, post},
};
use maud::html;
use zhijian_proto::{
    common::v1::Text,
    publication::v1::{CompileReleaseRequest, CreateReleaseRequest, ListReleasesRequest, OpenNoticeRequest},
    submission::v1::cycle,
};

use super::{lookup, see_other};
use crate::web::year::Year;
use crate::web::{
    components::empty,
    error::{Answer, Failure},
    form::{Attempt, Fault, FormData},
    i18n::{name_or, words},
    layout::{Page, Place, workplace},
    session::Visitor,
    states,
};
use show::page;

pub fn routes() -> Router {
    Router::new()
        .route("/publish", get(list))
        .route("/publish/{year}", get(one))
        .route("/publish/{year}/create", post(create))
        .route("/publish/{year}/compile", post(compile))
        .route("/publish/{year}/notice", post(notice))
        .route("/publish/{year}/propose", post(agree::propose))
        .route("/publish/{year}/take-back", post(agree::take_back))
        .route("/publish/{year}/publish", post(agree::publish))
        .route("/publish/{year}/correct", get(correct::form).post(correct::open))
        .route("/publish/{year}/drop", post(correct::drop))
        .route("/publish/{year}/reads", get(correct::reads))
        .route("/publish/{year}/operation", get(progress_of))
}

async fn list(visitor: Visitor) -> Answer {
    visitor.signed_in()?;
    let request = ListReleasesRequest { page_size: 1000, page_token: String::new() };
    let releases = visitor.clients().releases().list_releases(request).await?.into_inner().releases;
    let cycles = lookup::cycles(&visitor).await?;
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("编制发布", "Publish");
    let of = |year: i32| releases.iter().find(|release| release.year == year);
    let content = html! {
        div.head { div { h1 { (title) } } }
        @if cycles.is_empty() {
            (empty(t("还没有质量年度", "There is no quality year yet"),
                html! { (t("年度截止填报之后，就可以在这里编制结果。", "Once a year is closed, its results are compiled here.")) }))
        } @else {
            div.scroll { table {
                thead { tr {
                    th scope="col" { (t("年度", "Year")) }
                    th scope="col" { (t("填报", "Reporting")) }
                    th scope="col" { (t("结果", "Results")) }
                } }
                tbody { @for cycle in &cycles { tr {
                    th scope="row" { a href={ "/publish/" (cycle.year) } { (name_or(lang, cycle.name.as_ref(), &cycle.year.to_string())) } }
                    td { (states::cycle(lang, cycle.state())) }
                    td {
                        @if let Some(release) = of(cycle.year) { (states::release(lang, release.state())) }
                        @else if cycle.state() == cycle::State::Closed { (t("可以立稿", "can be drafted")) }
                        @else { span.grey { (t("截止填报之后立稿", "after closing")) } }
                    }
                } } }
            } }
        }
    };
    Ok(workplace(&visitor, Page::work(title, "/publish", Place::Publish), &Attempt::default(), content))
}

async fn one(visitor: Visitor, Path(Year(year)): Path<Year>) -> Answer {
    page(&visitor, year, &Attempt::default()).await
}

/// What the script asks while work is under way.
async fn progress_of(visitor: Visitor, Path(Year(year)): Path<Year>) -> Answer {
    let release = show::find(&visitor, year).await?.ok_or_else(Failure::not_found)?;
    let operation = show::operation_of(&visitor, &release).await?.unwrap_or_default();
    let ended = show::running(Some(&operation)).is_none();
    let body = serde_json::json!({
        "ended": ended, "done": operation.done, "total": operation.total, "note": show::note(&visitor, &operation),
    });
    Ok(Json(body).into_response())
}

async fn conclude<T>(
    visitor: &Visitor,
    year: i32,
    form: FormData,
    outcome: Result<T, tonic::Status>,
) -> Answer {
    match outcome {
        Ok(_) => Ok(see_other(&format!("/publish/{year}"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(visitor, year, &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

async fn create(visitor: Visitor, Path(Year(year)): Path<Year>, form: FormData) -> Answer {
    let title = Text { zh: form.get("title.zh").to_owned(), en: form.get("title.en").to_owned() };
    let request = CreateReleaseRequest { request_id: form.request_id(), year, title: Some(title) };
    let outcome = visitor.clients().releases().create_release(request).await;
    conclude(&visitor, year, form, outcome).await
}

async fn compile(visitor: Visitor, Path(Year(year)): Path<Year>, form: FormData) -> Answer {
    let request =
        CompileReleaseRequest { request_id: form.request_id(), year, etag: form.get("etag").to_owned() };
    let outcome = visitor.clients().releases().compile_release(request).await;
    conclude(&visitor, year, form, outcome).await
}

async fn notice(visitor: Visitor, Path(Year(year)): Path<Year>, form: FormData) -> Answer {
    let Ok(working_days) = form.get("working_days").parse() else {
        let message = words(visitor.lang())("请写 0 到 60 的整数。", "Write a whole number from 0 to 60.");
        let faults = vec![Fault { field: "working_days".to_owned(), message: message.to_owned() }];
        return page(&visitor, year, &Attempt::faulty(form, faults)).await;
    };
    let request = OpenNoticeRequest {
        request_id: form.request_id(),
        year,
        etag: form.get("etag").to_owned(),
        working_days,
    };
    let outcome = visitor.clients().releases().open_notice(request).await;
    conclude(&visitor, year, form, outcome).await
}
