//! How much work the year asks: time and edits by table and section, never by account.

mod report;

use axum::{Router, extract::Query, response::Response, routing::get};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::submission::v1::{
    Catalogue, Cycle, GetBurdenRequest, GetBurdenResponse, KindBurden, ListBurdenRequest, PlaceBurden,
    ReportBurden, Spread,
};

use super::{
    desk,
    lookup::{self, kind_name},
};
use crate::{
    say,
    web::{
        chart::{Amount, Caption, amounts},
        components::{empty, pager},
        error::Answer,
        form::Attempt,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/burden", get(show)).merge(report::routes())
}

/// How many reports one page lists.
const PAGE: i32 = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    year: String,
    kind: String,
    page: String,
}

struct Shown<'a> {
    asked: &'a Asked,
    cycles: &'a [Cycle],
    cycle: &'a Cycle,
    catalogue: &'a Catalogue,
    burden: &'a GetBurdenResponse,
    reports: &'a [ReportBurden],
    next: &'a str,
}

async fn show(visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    visitor.signed_in()?;
    let title = title(visitor.lang());
    let cycles = lookup::cycles(&visitor).await?;
    let Some(cycle) = desk::chosen(&visitor, &cycles, &asked.year) else {
        return Ok(desk::no_year(&visitor, title, "/burden"));
    };
    let catalogue = lookup::catalogue(&visitor, cycle).await?;
    let (mut first, mut second) = (visitor.clients().desk(), visitor.clients().desk());
    let burden = first.get_burden(GetBurdenRequest { cycle_year: cycle.year });
    let reports = second.list_burden(ListBurdenRequest {
        cycle_year: cycle.year,
        page_size: PAGE,
        page_token: asked.page.clone(),
    });
    let (burden, reports) = futures::try_join!(burden, reports)?;
    let reports = reports.into_inner();
    let shown = Shown {
        asked: &asked,
        cycles: &cycles,
        cycle,
        catalogue: &catalogue,
        burden: &burden.into_inner(),
        reports: &reports.reports,
        next: &reports.next_page_token,
    };
    Ok(render(&visitor, &shown))
}

fn title(lang: Lang) -> &'static str {
    words(lang)("填报负担", "Burden of reporting")
}

/// "3 小时 5 分", "40 分", "不到 1 分".
fn time(lang: Lang, seconds: i64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    match (hours, minutes) {
        (0, 0) if seconds > 0 => lang.pick("不到 1 分", "under 1 min").to_owned(),
        (0, _) => say!(lang, "{minutes} 分", "{minutes} min"),
        (_, 0) => say!(lang, "{hours} 小时", "{hours} h"),
        _ => say!(lang, "{hours} 小时 {minutes} 分", "{hours} h {minutes} min"),
    }
}

/// How the numbers come about.
fn source(lang: Lang, gap_minutes: i32) -> String {
    say!(
        lang,
        "来源：每次保存的时间记录；相隔超过 {gap_minutes} 分钟的两次保存之间不计时。各份年报的全部填报人合计，不按人统计。",
        "Source: the times of saves; a pause of more than {gap_minutes} minutes is not counted. All editors of a report together, never one person."
    )
}

fn render(visitor: &Visitor, shown: &Shown<'_>) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = title(lang);
    let year = shown.cycle.year;
    let at = |page: &str| {
        let year = year.to_string();
        link::address("/burden", &[("year", &year), ("kind", &shown.asked.kind), ("page", page)])
    };
    let next = (!shown.next.is_empty()).then(|| at(shown.next));
    let kinds = &shown.burden.kinds;
    let chosen = kinds.iter().find(|kind| kind.report_kind == shown.asked.kind).or(kinds.first());
    let content = html! {
        div.head { div {
            h1 { (title) }
            p.lead { (t("每张表、每一节要花多少时间、改多少次：哪里太费事，明年就从哪里减。", "How long each table and section takes, and how many edits: what costs most is what to cut next year.")) }
        } }
        (desk::tabs(visitor, "/burden", year))
        (desk::years(visitor, "/burden", shown.cycles, shown.cycle))
        @match chosen {
            None => (empty(t("这一年还没有记录到填报", "No work was recorded in this year"),
                html! { (t("学校开始填报后约一分钟，这里会出现用时。", "About a minute after schools begin, their work appears here.")) })),
            Some(kind) => {
                (kinds_table(visitor, shown))
                (choice(visitor, shown, kind))
                (places(visitor, shown, kind))
                (reports(visitor, shown))
            },
        }
        (pager(lang, &at(""), next.as_deref(), shown.asked.page.is_empty()))
    };
    workplace(visitor, Page::work(title, &at(&shown.asked.page), Place::Desk), &Attempt::default(), content)
}

fn spread(spread: Option<&Spread>) -> Spread {
    spread.copied().unwrap_or_default()
}

/// "中位 3 小时，半数在 2–5 小时".
fn middle(lang: Lang, of: &Spread, say: impl Fn(i64) -> String) -> Markup {
    let t = words(lang);
    html! {
        @if of.count == 0 { "—" } @else {
            (say(of.median))
            div.grey.small { (t("半数在 ", "half within ")) (say(of.lower)) "–" (say(of.upper)) }
        }
    }
}

fn kinds_table(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let plain = |number: i64| number.to_string();
    html! {
        h2 { (t("各类年报（中位数）", "By kind of report (medians)")) }
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("种类", "Kind")) }
                th.number scope="col" { (t("年报（份）", "Reports")) }
                th.number scope="col" { (t("用时", "Time")) }
                th.number scope="col" { (t("修改（处）", "Edits")) }
                th.number scope="col" { (t("被拒的保存（次）", "Refused saves")) }
                th.number scope="col" { (t("检查（次）", "Runs of the checks")) }
                th.number scope="col" { (t("从新建到提交（小时）", "From start to hand-in (hours)")) }
            } }
            tbody { @for kind in &shown.burden.kinds {
                @let seconds = spread(kind.seconds.as_ref());
                tr {
                    th scope="row" { (kind_name(lang, shown.catalogue, &kind.report_kind)) }
                    td.number { (seconds.count) }
                    td.number { (middle(lang, &seconds, |value| time(lang, value))) }
                    @for of in [&kind.edits, &kind.rejected, &kind.checks, &kind.submit_hours] {
                        td.number { (middle(lang, &spread(of.as_ref()), plain)) }
                    }
                }
            } }
        } }
    }
}

fn choice(visitor: &Visitor, shown: &Shown<'_>, chosen: &KindBurden) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let year = shown.cycle.year.to_string();
    html! {
        h2 { (t("各表各节", "By table and section")) }
        nav.tabs aria-label=(t("年报种类", "Kind of report")) {
            @for kind in &shown.burden.kinds {
                a href=(link::address("/burden", &[("year", &year), ("kind", &kind.report_kind)]))
                    aria-current=[(kind.report_kind == chosen.report_kind).then_some("page")] {
                    (kind_name(lang, shown.catalogue, &kind.report_kind))
                }
            }
        }
    }
}

fn place_name<'a>(lang: Lang, name: Option<&'a zhijian_proto::common::v1::Text>, place: &'a str) -> Markup {
    let t = words(lang);
    let section = place.starts_with("section:");
    html! {
        (name_or(lang, name, place)) " "
        span.grey.small { @if section { (t("正文", "text")) } @else if !place.is_empty() { (t("表", "table")) } }
    }
}

fn places(visitor: &Visitor, shown: &Shown<'_>, kind: &KindBurden) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let mut places: Vec<&PlaceBurden> =
        shown.burden.places.iter().filter(|place| place.report_kind == kind.report_kind).collect();
    places.sort_by_key(|place| std::cmp::Reverse(spread(place.seconds.as_ref()).median));
    let rows: Vec<Amount> = places
        .iter()
        .map(|place| {
            let of = spread(place.seconds.as_ref());
            Amount {
                name: place_name(lang, place.name.as_ref(), &place.place),
                value: of.median,
                spread: Some([of.lower, of.upper, of.most]),
                says: time(lang, of.median),
            }
        })
        .collect();
    let title = places.first().map_or_else(
        || t("还没有记录", "Nothing recorded yet").to_owned(),
        |place| {
            let name = name_or(lang, place.name.as_ref(), &place.place);
            let most = time(lang, spread(place.seconds.as_ref()).median);
            say!(lang, "最费时的是“{name}”：中位 {most}", "“{name}” takes longest: {most} at the median")
        },
    );
    let caption = Caption {
        about: t(
            "用时：条为中位数，浅色带为中间一半，细线到最长",
            "Time: the bar is the median, the band the middle half, the line reaches the longest",
        ),
        title: &title,
        source: &source(lang, shown.burden.gap_minutes),
    };
    let table = html! {
        table.data {
            thead { tr {
                th scope="col" { (t("表或节", "Table or section")) }
                th.number scope="col" { (t("年报（份）", "Reports")) }
                th.number scope="col" { (t("用时中位", "Median time")) }
                th.number scope="col" { (t("中间一半", "Middle half")) }
                th.number scope="col" { (t("最长", "Longest")) }
                th.number scope="col" { (t("修改中位（处）", "Median edits")) }
                th.number scope="col" { (t("修改最多（处）", "Most edits")) }
            } }
            tbody { @for place in &places {
                @let (seconds, edits) = (spread(place.seconds.as_ref()), spread(place.edits.as_ref()));
                tr {
                    th scope="row" { (place_name(lang, place.name.as_ref(), &place.place)) }
                    td.number { (seconds.count) }
                    td.number { (time(lang, seconds.median)) }
                    td.number { (time(lang, seconds.lower)) "–" (time(lang, seconds.upper)) }
                    td.number { (time(lang, seconds.most)) }
                    td.number { (edits.median) }
                    td.number { (edits.most) }
                }
            } }
        }
    };
    amounts(lang, &rows, &caption, table)
}

fn reports(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        h2 { (t("费时最多的年报", "Reports that took longest")) }
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("报告对象", "About")) }
                th scope="col" { (t("种类", "Kind")) }
                th.number scope="col" { (t("用时", "Time")) }
                th.number scope="col" { (t("修改（处）", "Edits")) }
                th.number scope="col" { (t("分几次（次）", "Sittings")) }
                th.number scope="col" { (t("被拒的保存（次）", "Refused saves")) }
            } }
            tbody { @for one in shown.reports {
                tr {
                    th scope="row" { a href={ "/submissions/" (one.submission_id) "/burden" } { (name_or(lang, one.subject_name.as_ref(), &one.subject_code)) } }
                    td { (kind_name(lang, shown.catalogue, &one.report_kind)) }
                    td.number { (time(lang, one.seconds)) }
                    td.number { (one.edits) }
                    td.number { (one.sessions) }
                    td.number { (one.rejected) }
                }
            } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_hours_and_minutes() {
        assert_eq!(time(Lang::Zh, 0), "0 分");
        assert_eq!(time(Lang::Zh, 59), "不到 1 分");
        assert_eq!(time(Lang::Zh, 2400), "40 分");
        assert_eq!(time(Lang::En, 7200), "2 h");
        assert_eq!(time(Lang::Zh, 11_100), "3 小时 5 分");
    }
}
