//! The digital map (专业与产业匹配数字地图): public for the years whose results are released.

mod drawings;
mod filter;
mod list;
mod supply;

use axum::{Router, extract::Query, response::Response, routing::get};
use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::{
    publication::v1::{
        GetMapRequest, GetMapResponse, ListMapProgrammesRequest, ListMapProgrammesResponse, MapIndustry,
    },
    submission::v1::cycle,
};

use super::lookup;
use crate::{
    say,
    web::{
        chart::{Bar, Caption, finding, grade_strip},
        components::{demo, empty},
        error::Answer,
        form::Attempt,
        i18n::{name_or, text, words},
        layout::{Page, reading},
        session::Visitor,
    },
};
use filter::Filter;

pub fn routes() -> Router {
    Router::new().route("/map", get(show)).route("/map/programmes.csv", get(list::file))
}

/// How many programmes one page lists.
const PAGE: i32 = 50;

/// What the page shows.
struct Shown<'a> {
    filter: &'a Filter,
    map: &'a GetMapResponse,
    listed: &'a ListMapProgrammesResponse,
}

impl Shown<'_> {
    fn industries(&self) -> impl Iterator<Item = &MapIndustry> {
        self.map.areas.iter().flat_map(|area| &area.industries)
    }

    /// An industry's or a sector's name.
    fn name<'s>(&'s self, lang: Lang, code: &'s str) -> &'s str {
        let industry = self.industries().find(|one| one.code == code).and_then(|one| one.name.as_ref());
        let sector = || self.industries().flat_map(|one| &one.sectors).find(|one| one.code == code);
        name_or(lang, industry.or_else(|| sector().and_then(|one| one.name.as_ref())), code)
    }
}

/// The year that an address asks for; else the newest whose results are released.
async fn year(visitor: &Visitor, filter: &Filter) -> Result<Option<i32>, crate::web::error::Failure> {
    if let Ok(year) = filter.year.parse() {
        return Ok(Some(year));
    }
    let cycles = lookup::cycles(visitor).await?;
    Ok(cycles.iter().find(|cycle| cycle.state() == cycle::State::Released).map(|cycle| cycle.year))
}

async fn show(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    let Some(year) = year(&visitor, &filter).await? else { return Ok(nothing(&visitor)) };
    let filter = Filter { year: year.to_string(), ..filter };
    let (mut first, mut second) = (visitor.clients().map(), visitor.clients().map());
    let map = first.get_map(GetMapRequest { filter: Some(filter.wanted(year)) });
    let listed = second.list_map_programmes(ListMapProgrammesRequest {
        filter: Some(filter.wanted(year)),
        page_size: PAGE,
        page_token: filter.page.clone(),
    });
    let (map, listed) = futures::try_join!(map, listed)?;
    let shown = Shown { filter: &filter, map: &map.into_inner(), listed: &listed.into_inner() };
    Ok(render(&visitor, &shown))
}

fn title(lang: Lang) -> &'static str {
    lang.pick("专业与产业匹配数字地图", "Map of programmes and industries")
}

fn nothing(visitor: &Visitor) -> Response {
    let t = words(visitor.lang());
    let content = html! {
        h1 { (title(visitor.lang())) }
        (empty(t("还没有已发布的年度", "No year is released yet"),
            html! { (t("年度结果发布之后，这里会显示各专业与产业、各区的对应情况。", "Once a year's results are released, its programmes are shown here by industry and district.")) }))
    };
    reading(visitor, Page::reading(title(visitor.lang()), "/map"), &Attempt::default(), content)
}

fn render(visitor: &Visitor, shown: &Shown<'_>) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let here = shown.filter.page_address("/map", &shown.filter.page);
    let year = shown.map.year;
    let total = shown.map.total.clone().unwrap_or_default();
    let content = html! {
        h1 { (title(lang)) }
        p.lede { (say!(lang, "{year} 年度：专业设在哪里，对应哪些产业，哪里空缺，哪里扎堆。", "{year}: where programmes are, which industries they match, what is missing and what is crowded.")) }
        @if !shown.map.released { div.banner.need { p { (t("本年度尚未发布，只有工作人员能看到。", "This year is not released: only staff can see it.")) } } }
        (supply::filters(visitor, shown))
        (supply::trail(lang, shown))
        ul.tallies.map-tallies {
            li { b { (total.programmes) } (t("个专业点", "programmes")) }
            li { b { (total.institutions) } (t("所学校", "institutions")) }
            li { b { (total.opened) } (t("个当年新增", "opened in the year")) }
            li { b { (total.withdrawn) } (t("个当年撤销", "withdrawn in the year")) }
        }
        (supply::industries(lang, shown))
        (supply::standings(lang, shown))
        (grades(lang, shown))
        (drawings::districts(lang, shown))
        (drawings::matrix(lang, shown))
        (drawings::flow(lang, shown))
        (list::programmes(lang, shown))
        (notes(lang, shown))
    };
    reading(visitor, Page::reading(title(lang), &here), &Attempt::default(), content)
}

/// The newest released grades of the programmes shown.
fn grades(lang: Lang, shown: &Shown<'_>) -> Markup {
    let t = words(lang);
    let counts = shown.map.total.as_ref().map(|total| total.grades.as_slice()).unwrap_or_default();
    let count =
        |grade: &str| counts.iter().find(|one| one.grade == grade).map_or(0, |one| one.count.unsigned_abs());
    let bars: Vec<Bar> = ["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-"]
        .into_iter()
        .map(|grade| Bar { grade: grade.to_owned(), group: grade[..1].to_owned(), count: count(grade) })
        .collect();
    let caption = Caption {
        about: t("已发布的监测等级", "Released grades of monitoring"),
        title: &finding(lang, &bars),
        source: t(
            "来源：已发布年度的评审轮次；每个专业取最近一次。没有参加监测的专业没有等级。",
            "Source: rounds of released years, each programme's newest. Programmes that were not monitored have no grade.",
        ),
    };
    html! { @if !counts.is_empty() { (grade_strip(lang, &bars, &caption)) } }
}

fn notes(lang: Lang, shown: &Shown<'_>) -> Markup {
    let t = words(lang);
    let rules = shown.map.rules.clone().unwrap_or_default();
    let (thin, times, many, few) =
        (rules.thin_below, rules.crowded_times, rules.crowded_institutions, rules.min_institutions);
    html! {
        h2 { (t("来源与规则", "Sources and rules")) @if rules.editorial { " " (demo(lang)) } }
        p { (text(lang, rules.note.as_ref())) }
        p { (say!(
            lang,
            "空缺：没有专业点；偏少：不足 {thin} 个；集中：达到各行业中位数的 {times} 倍。同一专业有 {many} 所以上学校开设的列为扎堆。这里只看供给，不含岗位需求；在校生不足 {few} 所学校报数的区不显示，各专业的在校生没有统计。",
            "Gap: no programme; thin: fewer than {thin}; crowded: at least {times} times the median of the sectors. A programme that {many} or more institutions run is listed as crowded. All this is supply alone, without the demand for jobs; students of a district are shown if {few} institutions or more reported them, and are not known by programme."
        )) }
    }
}
