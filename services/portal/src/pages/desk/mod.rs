//! The desk: how reporting goes, who is where and who is late.

mod counts;
mod filter;
mod list;

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use zhijian_proto::submission::v1::{
    Catalogue, CountProgressRequest, Cycle, ExportProgressRequest, FileFormat, ListProgressRequest, Progress,
    ProgressCount, cycle,
};

use super::lookup;
use crate::{
    say,
    web::{
        components::{empty, pager},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        piece,
        session::Visitor,
        states,
    },
};
pub use filter::Filter;

pub fn routes() -> Router {
    Router::new().route("/desk", get(show)).route("/desk/files/{name}", get(file))
}

/// How many reports one page lists.
const PAGE: i32 = 50;

/// What the page shows.
struct Desk<'a> {
    filter: &'a Filter,
    cycles: &'a [Cycle],
    cycle: &'a Cycle,
    catalogue: &'a Catalogue,
    counts: &'a [ProgressCount],
    listed: &'a [Progress],
    total: i32,
    next: &'a str,
}

async fn show(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let cycles = lookup::cycles(&visitor).await?;
    let Some(cycle) = chosen(&visitor, &cycles, &filter.year) else {
        return Ok(no_year(&visitor, t_desk(&visitor), "/desk"));
    };
    let catalogue = lookup::catalogue(&visitor, cycle).await?;
    let (mut first, mut second) = (visitor.clients().desk(), visitor.clients().desk());
    let counts = first.count_progress(CountProgressRequest { cycle_year: cycle.year, idle_days: 0 });
    let listed = second.list_progress(ListProgressRequest {
        filter: Some(filter.wanted(cycle.year)),
        order: filter.order().into(),
        descending: filter.descending(),
        page_size: PAGE,
        page_token: filter.page.clone(),
    });
    let (counts, listed) = futures::try_join!(counts, listed)?;
    let listed = listed.into_inner();
    let desk = Desk {
        filter: &filter,
        cycles: &cycles,
        cycle,
        catalogue: &catalogue,
        counts: &counts.into_inner().counts,
        listed: &listed.progress,
        total: listed.total_size,
        next: &listed.next_page_token,
    };
    Ok(render(&visitor, &desk))
}

fn t_desk(visitor: &Visitor) -> &'static str {
    words(visitor.lang())("受理台", "Desk")
}

/// The year that an address asks for; else the one at work; else the newest.
pub fn chosen<'a>(visitor: &Visitor, cycles: &'a [Cycle], year: &str) -> Option<&'a Cycle> {
    let year = year.parse().ok().or(visitor.cycle().map(|cycle| cycle.year));
    cycles.iter().find(|cycle| Some(cycle.year) == year).or(cycles.first())
}

/// What the commission's pages say before there is any year.
pub fn no_year(visitor: &Visitor, title: &str, address: &str) -> Response {
    let t = words(visitor.lang());
    workplace(
        visitor,
        Page::work(title, address, Place::Desk),
        &Attempt::default(),
        html! {
            div.head { div { h1 { (title) } } }
            (empty(t("还没有质量年度", "There is no quality year yet"),
                html! { a href="/cycles/new" { (t("新建一个年度", "Define one")) } }))
        },
    )
}

/// The pages that a collection is run with.
pub fn tabs(visitor: &Visitor, here: &str, year: i32) -> Markup {
    let t = words(visitor.lang());
    let pages = [
        ("/desk", t("进度", "Progress")),
        ("/notices", t("催报", "Reminders")),
        ("/extensions", t("延期", "More time")),
        ("/exports", t("全部导出", "Export everything")),
        ("/burden", t("填报负担", "Burden")),
        ("/diagnosis/region", t("数据探诊", "Diagnosis")),
    ];
    html! {
        nav.tabs aria-label=(t("受理台", "Desk")) {
            @for (address, name) in pages {
                a href={ (address) "?year=" (year) } aria-current=[(address == here).then_some("page")] { (name) }
            }
        }
    }
}

/// The choice of a year, which acts at once.
pub fn years(visitor: &Visitor, action: &str, cycles: &[Cycle], cycle: &Cycle) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        form.filters method="get" action=(action) data-at-once {
            div {
                label for="year" { (t("年度", "Year")) }
                select id="year" name="year" { (year_options(visitor, cycles, cycle)) }
            }
            button type="submit" data-go { (t("查看", "Show")) }
        }
    }
}

fn year_options(visitor: &Visitor, cycles: &[Cycle], chosen: &Cycle) -> Markup {
    html! {
        @for cycle in cycles {
            option value=(cycle.year) selected[cycle.year == chosen.year] {
                (name_or(visitor.lang(), cycle.name.as_ref(), &cycle.year.to_string()))
            }
        }
    }
}

fn render(visitor: &Visitor, desk: &Desk<'_>) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t_desk(visitor);
    let filter = desk.filter;
    let here = filter.address(desk.cycle.year, &filter.page);
    let next = (!desk.next.is_empty()).then(|| filter.address(desk.cycle.year, desk.next));
    let content = html! {
        div.head {
            div {
                h1 { (title) }
                p.lead { (lead(visitor, desk.cycle)) }
            }
        }
        (tabs(visitor, "/desk", desk.cycle.year))
        (counts::tallies(visitor, desk))
        div.columns {
            (counts::by_kind(visitor, desk))
            (counts::by_district(visitor, desk))
        }
        div.table-head {
            h2 id="reports" { (t("年报", "Reports")) }
            span.get {
                a href=(filter.file(desk.cycle.year, "csv")) download { (t("导出 CSV", "Export CSV")) }
                a href=(filter.file(desk.cycle.year, "xlsx")) download { "XLSX" }
            }
        }
        (list::filters(visitor, desk))
        @if desk.listed.is_empty() {
            (empty(t("没有符合条件的年报", "No report matches"),
                html! { a href=(Filter::default().address(desk.cycle.year, "")) { (t("看这一年的全部年报", "See all of this year")) } }))
        } @else {
            @let total = desk.total;
            p.hint { (say!(lang, "共 {total} 份", "{total} in all")) }
            (list::table(visitor, desk))
        }
        (pager(lang, &filter.address(desk.cycle.year, ""), next.as_deref(), filter.page.is_empty()))
    };
    workplace(visitor, Page::work(title, &here, Place::Desk), &Attempt::default(), content)
}

/// The year, its state, its due time and grace.
fn lead(visitor: &Visitor, cycle: &Cycle) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let collecting = cycle.state() == cycle::State::Collecting;
    html! {
        (name_or(lang, cycle.name.as_ref(), &cycle.year.to_string())) (t("，", ", "))
        (states::cycle(lang, cycle.state()))
        @if let Some(due) = format::moment(cycle.due_time.as_ref()).filter(|_| collecting) {
            (t("，截止 ", ", due ")) (format::deadline(lang, due, now))
            @if let Some(hours) = cycle.grace.map(|grace| grace.hours).filter(|hours| *hours > 0) {
                (say!(lang, "，之后宽限 {hours} 小时", ", then {hours} hours of grace"))
            }
        }
    }
}

/// The filtered reports as a file, all pages of them: "progress.csv" or "progress.xlsx".
async fn file(visitor: Visitor, Path(name): Path<String>, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let (format, ending) = match name.as_str() {
        "progress.csv" => (FileFormat::Csv, "csv"),
        "progress.xlsx" => (FileFormat::Xlsx, "xlsx"),
        _ => return Err(Failure::not_found()),
    };
    let year = filter.year.parse().map_err(|_| Failure::not_found())?;
    let request = ExportProgressRequest {
        filter: Some(filter.wanted(year)),
        order: filter.order().into(),
        descending: filter.descending(),
        format: format.into(),
    };
    let pieces = visitor.clients().desk().export_progress(request).await?.into_inner();
    Ok(piece::file(&format!("progress-{year}.{ending}"), pieces, |answer| answer.data))
}
