//! The quality years: the list, defining one, opening and closing it.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use chrono::{Datelike, NaiveDateTime};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    common::v1::Text,
    identity::v1::Role,
    submission::v1::{CloseCycleRequest, CreateCycleRequest, Cycle, OpenCycleRequest, cycle, grace},
};

use super::{lookup, see_other};
use crate::web::year::Year;
use crate::{
    say,
    web::{
        components::{Field, Form, Kind, button, done, empty, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/cycles", get(list))
        .route(
            "/cycles/new",
            get(async |visitor: Visitor| define_page(&visitor, &Attempt::default())).post(define),
        )
        .route("/cycles/{year}", get(show))
        .route("/cycles/{year}/open", post(open))
        .route("/cycles/{year}/close", post(close))
}

async fn list(visitor: Visitor) -> Answer {
    visitor.signed_in()?;
    let cycles = lookup::cycles(&visitor).await?;
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("年度", "Cycles");
    let new = visitor.has(Role::Commission);
    let content = html! {
        div.head {
            div { h1 { (title) } }
            div.actions { @if new {
                a.button href="/lab" { (t("规则试行", "Rule lab")) }
                a.button.primary href="/cycles/new" { (t("新建年度", "Define a year")) }
            } }
        }
        @if cycles.is_empty() {
            (empty(t("还没有质量年度", "There is no quality year yet"),
                html! { (t("新建一个年度，开放之后学校就可以填报。", "Define one; schools can report once it is open.")) }))
        } @else {
            div.scroll { table {
                thead { tr {
                    th scope="col" { (t("年度", "Year")) }
                    th scope="col" { (t("状态", "State")) }
                    th scope="col" { (t("观测期", "Observation window")) }
                    th scope="col" { (t("填报截止", "Reports due")) }
                    th scope="col" { (t("指标目录", "Catalogue")) }
                } }
                tbody { @for cycle in &cycles { tr {
                    th scope="row" { a href={ "/cycles/" (cycle.year) } { (name(&visitor, cycle)) } }
                    td { (states::cycle(lang, cycle.state())) }
                    td { (window(&visitor, cycle)) }
                    td { (due(&visitor, cycle)) }
                    td { (cycle.catalogue_year) }
                } } }
            } }
        }
    };
    Ok(workplace(&visitor, Page::work(title, "/cycles", Place::Cycles), &Attempt::default(), content))
}

fn name(visitor: &Visitor, cycle: &Cycle) -> String {
    let year = cycle.year;
    match name_or(visitor.lang(), cycle.name.as_ref(), "") {
        "" => say!(visitor.lang(), "{year} 年度", "Cycle {year}"),
        name => name.to_owned(),
    }
}

fn window(visitor: &Visitor, cycle: &Cycle) -> Markup {
    let lang = visitor.lang();
    html! { (format::dated(lang, &cycle.window_start)) " – " (format::dated(lang, &cycle.window_end)) }
}

/// The due time: how near it is only while reports come in.
fn due(visitor: &Visitor, cycle: &Cycle) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    html! {
        @if let Some(due) = format::moment(cycle.due_time.as_ref()) {
            @if matches!(cycle.state(), cycle::State::Draft | cycle::State::Collecting) { (format::deadline(lang, due, now)) }
            @else { (format::exact(lang, due, now)) }
        }
    }
}

/// What is still possible after the due time, and until when.
fn grace(visitor: &Visitor, cycle: &Cycle) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        @match cycle.grace.filter(|grace| grace.hours > 0) {
            None => (t("没有", "none")),
            Some(grace) => {
                @let hours = grace.hours;
                (say!(lang, "{hours} 小时，", "{hours} hours, "))
                @if grace.allows() == grace::Allows::Editing { (t("可以修改", "changes included")) }
                @else { (t("只能审定和提交", "to approve and submit only")) }
            },
        }
    }
}

/// Whom schools ask.
fn contact(visitor: &Visitor, cycle: &Cycle) -> Markup {
    html! {
        @match &cycle.contact {
            None => span.grey { (words(visitor.lang())("没有指定", "nobody in particular")) },
            Some(contact) => { (contact.name) " " (contact.phone) " " (contact.email) },
        }
    }
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(visitor: Visitor, Path(Year(year)): Path<Year>, Query(after): Query<After>) -> Answer {
    page(&visitor, year, &after.done, &Attempt::default()).await
}

async fn page(visitor: &Visitor, year: i32, after: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let cycle = lookup::cycle(visitor, year).await?;
    let lang = visitor.lang();
    let t = words(lang);
    let title = name(visitor, &cycle);
    let address = format!("/cycles/{year}");
    let content = html! {
        (trail(lang, &[("/cycles", t("年度", "Cycles"))]))
        div.head {
            div { h1 { (title) } p.lead { (states::cycle(lang, cycle.state())) } }
            div.actions { @if visitor.has(Role::Commission) { (step(visitor, &cycle, attempt)) } }
        }
        @match after {
            "defined" => (done(t("年度已建立，还没有开放。", "The year is defined, not yet open."))),
            "opened" => (done(t("已开放填报，学校现在可以开始。", "Open: schools can report now."))),
            "changed" => (done(t("已保存，马上生效。", "Saved, and in force at once."))),
            "closed" => (done(t("已截止填报，可以编制结果。", "Closed: the results can be compiled."))),
            _ => {},
        }
        (refusal(lang, attempt))
        dl.facts {
            dt { (t("观测期", "Observation window")) } dd { (window(visitor, &cycle)) }
            dt { (t("填报截止", "Reports due")) } dd { (due(visitor, &cycle)) }
            dt { (t("宽限", "Grace")) } dd { (grace(visitor, &cycle)) }
            dt { (t("联系人", "Contact")) } dd { (contact(visitor, &cycle)) }
            dt { (t("指标目录", "Catalogue")) } dd { (cycle.catalogue_year) }
        }
        @if visitor.has(Role::Commission) && matches!(cycle.state(), cycle::State::Draft | cycle::State::Collecting) {
            p { a href={ (address) "/terms" } { (t("改截止时间、宽限和联系人", "Change the deadline, the grace and the contact")) } }
        }
        @if visitor.has(Role::Commission) && cycle.state() == cycle::State::Collecting {
            p { a href={ "/extensions?year=" (year) } { (t("学校的延期申请", "The schools' requests for extensions")) } }
        }
        p { a href={ "/desk?year=" (year) } { (t("看这一年的填报进度", "See how reporting goes")) } }
        p { a href={ "/rules/" (cycle.catalogue_year) } { (t("看这一年的检查规则", "See the year's checks")) } }
        @if visitor.has(Role::Commission) {
            p { a href={ "/platforms/" (year) } { (t("导入两个平台的数据", "Load what the two platforms hold")) } }
            p { a href="/lab" { (t("在已交的年报上试行规则草案", "Try a draft of rules on reports that were handed in")) } }
        }
    };
    Ok(workplace(visitor, Page::work(&title, &address, Place::Cycles), attempt, content))
}

fn step(visitor: &Visitor, cycle: &Cycle, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let year = cycle.year;
    let action = |verb: &str| format!("/cycles/{year}/{verb}");
    let etag = [("etag", cycle.etag.as_str())];
    html! {
        @match cycle.state() {
            cycle::State::Draft => (button(&action("open"), attempt, &etag, t("开放填报", "Open for reports"), true)),
            cycle::State::Collecting => {
                p.hint { (t("截止之后，没有接收的年报不进入结果，也不能再改。", "After closing, what is not accepted stays out of the results and cannot be changed.")) }
                (button(&action("close"), attempt, &etag, t("截止填报", "Close the year"), past_due(visitor, cycle)))
            },
            _ => {},
        }
    }
}

fn past_due(visitor: &Visitor, cycle: &Cycle) -> bool {
    format::moment(cycle.due_time.as_ref()).is_some_and(|due| due < visitor.now())
}

async fn open(visitor: Visitor, Path(Year(year)): Path<Year>, form: FormData) -> Answer {
    let request = OpenCycleRequest { request_id: form.request_id(), year, etag: form.get("etag").to_owned() };
    let outcome = visitor.clients().cycles().open_cycle(request).await.map(|_| "opened");
    conclude(&visitor, year, form, outcome).await
}

async fn close(visitor: Visitor, Path(Year(year)): Path<Year>, form: FormData) -> Answer {
    let request =
        CloseCycleRequest { request_id: form.request_id(), year, etag: form.get("etag").to_owned() };
    let outcome = visitor.clients().cycles().close_cycle(request).await.map(|_| "closed");
    conclude(&visitor, year, form, outcome).await
}

async fn conclude(
    visitor: &Visitor,
    year: i32,
    form: FormData,
    outcome: Result<&str, tonic::Status>,
) -> Answer {
    match outcome {
        Ok(done) => Ok(see_other(&format!("/cycles/{year}?done={done}"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(visitor, year, "", &Attempt::failed(form, failure)).await
        }
    }
}

fn define_page(visitor: &Visitor, attempt: &Attempt) -> Result<Response, Failure> {
    visitor.signed_in()?;
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("新建年度", "Define a year");
    let year = visitor.cycle().map_or_else(|| format::day(visitor.now()).year(), |newest| newest.year + 1);
    let last = year - 1;
    let field = |kind, name, label, stored| Field::new(kind, name, label, attempt, stored);
    let (window_start, window_end) = (format!("{last}-09-01"), format!("{year}-08-31"));
    let (due, year) = (format!("{year}-11-30T17:00"), year.to_string());
    let (name_zh, name_en) = (format!("{year} 年度"), format!("Quality year {year}"));
    let content = html! {
        (trail(lang, &[("/cycles", t("年度", "Cycles"))]))
        h1 { (title) }
        (refusal(lang, attempt))
        (Form { action: "/cycles/new", attempt, keep: "cycle" }.around(html! {
            (field(Kind::Whole, "cycle.year", t("年度", "Year"), &year).hint(t("年报发布的年份。", "The edition: the year the reports are published for.")))
            (field(Kind::Text, "cycle.name.zh", t("中文名称", "Name in Chinese"), &name_zh))
            (field(Kind::Text, "cycle.name.en", t("英文名称", "Name in English"), &name_en))
            (field(Kind::Date, "cycle.window_start", t("观测期开始", "Observation window from"), &window_start))
            (field(Kind::Date, "cycle.window_end", t("观测期结束", "to"), &window_end))
            (field(Kind::Moment, "cycle.due_time", t("填报截止（北京时间）", "Reports due (Beijing time)"), &due))
            (field(Kind::Whole, "cycle.catalogue_year", t("指标目录", "Catalogue"), &year).hint(t("采用哪一年的指标目录。", "The year of the catalogue in force.")))
            div.actions {
                button.primary type="submit" { (t("建立年度", "Define the year")) }
                span.saved data-saved {}
            }
        }))
    };
    Ok(workplace(visitor, Page::work(title, "/cycles/new", Place::Cycles), attempt, content))
}

/// A local time as forms send it ("2026-11-30T17:00"), in the region's time.
pub fn moment_of(form: &FormData, name: &str) -> Option<prost_types::Timestamp> {
    let typed = form.get(name);
    let local = NaiveDateTime::parse_from_str(typed, "%Y-%m-%dT%H:%M")
        .or_else(|_| NaiveDateTime::parse_from_str(typed, "%Y-%m-%d %H:%M"))
        .ok()?;
    format::in_region(local).map(zhijian_platform::time::timestamp)
}

async fn define(visitor: Visitor, form: FormData) -> Answer {
    let t = words(visitor.lang());
    let whole = |name: &str| form.get(name).parse::<i32>();
    let mut faults = vec![];
    let mut fault = |field: &str, message: &str| {
        faults.push(Fault { field: field.to_owned(), message: message.to_owned() });
    };
    for name in ["cycle.year", "cycle.catalogue_year"] {
        if whole(name).is_err() {
            fault(name, t("请写四位数的年份，例如 2026。", "Write a year of four digits, such as 2026."));
        }
    }
    let due_time = moment_of(&form, "cycle.due_time");
    if due_time.is_none() {
        fault(
            "cycle.due_time",
            t("请写日期和时间，例如 2026-11-30 17:00。", "Write a day and time, such as 2026-11-30 17:00."),
        );
    }
    if !faults.is_empty() {
        return define_page(&visitor, &Attempt::faulty(form, faults));
    }
    let cycle = Cycle {
        year: whole("cycle.year").unwrap_or_default(),
        name: Some(Text {
            zh: form.get("cycle.name.zh").to_owned(),
            en: form.get("cycle.name.en").to_owned(),
        }),
        window_start: form.get("cycle.window_start").to_owned(),
        window_end: form.get("cycle.window_end").to_owned(),
        due_time,
        catalogue_year: whole("cycle.catalogue_year").unwrap_or_default(),
        ..Cycle::default()
    };
    let year = cycle.year;
    let request = CreateCycleRequest { request_id: form.request_id(), cycle: Some(cycle) };
    match visitor.clients().cycles().create_cycle(request).await {
        Ok(_) => Ok(see_other(&format!("/cycles/{year}?done=defined"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            define_page(&visitor, &Attempt::refused(form, failure, str::to_owned))
        }
    }
}
