//! Searching what schools reported and what was published of it: words in, passages out, with what could narrow it down.

use std::time::Duration;

use axum::{Router, extract::Query as Arguments, response::Response, routing::get};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_search::{FacetCount, Hit, Piece, Query, Results};

use super::lookup::says_demonstration;
use crate::{
    say,
    web::{
        cache::share,
        components::demo,
        error::{Answer, Failure},
        form::Attempt,
        i18n::{name_or, words},
        layout::{Page, reading},
        library::{CASE, FACETS, Library, Published, Source},
        link,
        session::Visitor,
    },
};

/// How many passages one page shows.
const ON_A_PAGE: usize = 20;
/// How long a reader waits while the reports are indexed for the first time.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest address that is made of what was typed, in characters.
const LONGEST: usize = zhijian_search::MAX_QUERY;

pub fn routes() -> Router {
    Router::new().route("/search", get(show))
}

/// The query of the page's address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    year: String,
    kind: String,
    district: String,
    part: String,
    page: String,
}

impl Asked {
    fn facets(&self) -> [&str; FACETS.len()] {
        [&self.year, &self.kind, &self.district, &self.part]
    }

    /// The address with one facet changed, from the first page.
    fn with(&self, facet: usize, value: &str) -> String {
        let mut facets = self.facets();
        facets[facet] = value;
        self.address(&facets, "")
    }

    fn address(&self, facets: &[&str; FACETS.len()], page: &str) -> String {
        let q: String = self.q.chars().take(LONGEST).collect();
        let mut query = vec![("q", q.as_str())];
        query.extend(FACETS.into_iter().zip(facets.iter().copied()));
        query.push(("page", page));
        link::address("/search", &query)
    }

    fn number(&self) -> usize {
        self.page.parse().unwrap_or(1).clamp(1, zhijian_search::MAX_REACH / ON_A_PAGE)
    }
}

async fn show(visitor: Visitor, Arguments(asked): Arguments<Asked>) -> Answer {
    let t = words(visitor.lang());
    let title = t("检索", "Search");
    let library = if asked.q.trim().is_empty() {
        visitor.shelf().library().await
    } else {
        let library = visitor.shelf().library_within(PATIENCE).await;
        Some(library.ok_or_else(|| Failure::refused(tonic::Code::Unavailable))?)
    };
    let content = html! {
        h1 { (title) }
        p.lede { (t("在已发布的年度报告、各校数据报告以及学校年报和案例里查找。", "Look through the published reports of the region and of every institution, and the reports and cases that schools handed in.")) }
        (form(&visitor, &asked))
        @if library.as_deref().is_some_and(|library| !library.whole) {
            div.banner.need { p { (t("已发布的报告还没有全部读入，现在的结果可能不全；请过一会儿再查。", "Some published reports have not been read in yet, so results may be incomplete: search again in a while.")) } }
        }
        @match library.as_deref().filter(|_| !asked.q.trim().is_empty()) {
            Some(library) => (found(&visitor, library, &asked)),
            None => p.grey { (t("可以输入几个词，用空格隔开：每个词都会查。也可以直接看", "Several words can be given, parted by spaces. Or see the ")) a href="/reports" { (t("公示的年报", "directory of reports")) } (t("。", ".")) }
        }
    };
    let response: Response = reading(&visitor, Page::reading(title, "/search"), &Attempt::default(), content);
    Ok(share(response))
}

fn form(visitor: &Visitor, asked: &Asked) -> Markup {
    let t = words(visitor.lang());
    html! {
        form.seek method="get" action="/search" role="search" {
            label.hidden for="q" { (t("要找的词", "Words to look for")) }
            input id="q" name="q" type="search" value=(asked.q.chars().take(LONGEST).collect::<String>()) maxlength=(LONGEST) autocomplete="off";
            @for (name, value) in FACETS.into_iter().zip(asked.facets()) {
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            button type="submit" { (t("检索", "Search")) }
        }
    }
}

fn found(visitor: &Visitor, library: &Library, asked: &Asked) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let facets = asked.facets();
    let filters = facets.map(|value| (!value.is_empty()).then_some(value));
    let number = asked.number();
    let query =
        Query { text: &asked.q, filters: &filters, offset: (number - 1) * ON_A_PAGE, limit: ON_A_PAGE };
    let results = library.index.search(&query);
    let total = results.total;
    let last = total.min(zhijian_search::MAX_REACH).div_ceil(ON_A_PAGE);
    html! {
        @if results.cut {
            div.banner.need { p { (say!(lang, "只查了前 {LONGEST} 个字。", "Only the first {LONGEST} characters were looked for.")) } }
        }
        p.count role="status" {
            @if total == 0 { (t("没有找到。可以换一个词，或者去掉筛选。", "Nothing was found. Try another word, or fewer filters.")) }
            @else if results.loose { (say!(lang, "没有一处含有全部的词；含有至少一半的有 {total} 处。", "No passage has every word; {total} have at least half of them.")) }
            @else { (say!(lang, "找到 {total} 处。", "{total} passages.")) }
        }
        div.found {
            (narrow(lang, library, asked, &results))
            ol.hits start=((number - 1) * ON_A_PAGE + 1) {
                @for hit in &results.hits { (passage(lang, library, hit)) }
            }
        }
        @if last > 1 {
            nav.pager aria-label=(t("翻页", "Pages")) {
                @if number > 1 { a rel="prev" href=(asked.address(&facets, &(number - 1).to_string())) { (t("上一页", "Previous")) } }
                span.grey { (say!(lang, "第 {number} 页，共 {last} 页", "Page {number} of {last}")) }
                @if number < last { a rel="next" href=(asked.address(&facets, &(number + 1).to_string())) { (t("下一页", "Next page")) } }
            }
        }
    }
}

/// What could narrow it down, each with how much would be left.
fn narrow(lang: Lang, library: &Library, asked: &Asked, results: &Results<'_>) -> Markup {
    let t = words(lang);
    let headings = [t("年度", "Year"), t("种类", "Kind"), t("所在区", "District"), t("部分", "Part")];
    html! {
        nav.facets aria-label=(t("筛选", "Narrow down")) {
            @for (at, (heading, counts)) in headings.into_iter().zip(&results.facets).enumerate() {
                @let chosen = asked.facets()[at];
                @if !counts.is_empty() || !chosen.is_empty() {
                    h2 { (heading) }
                    ul {
                        @if !chosen.is_empty() {
                            li { a href=(asked.with(at, "")) { (t("全部", "All")) } }
                        }
                        @for FacetCount { value, count } in counts {
                            li {
                                a href=(asked.with(at, value)) aria-current=[(*value == chosen).then_some("true")] { (value_name(lang, library, value)) }
                                " " span.grey { (count) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What a value of a facet is called.
pub fn value_name(lang: Lang, library: &Library, value: &str) -> String {
    if value == CASE {
        return lang.pick("案例", "Cases").to_owned();
    }
    name_or(lang, library.names.get(value), value).to_owned()
}

fn passage(lang: Lang, library: &Library, hit: &Hit<'_>) -> Markup {
    let Some((source, place)) = library.place(&hit.document.key) else { return html! {} };
    html! {
        li {
            h3 { a href=(address(source, place)) { (marked(&hit.title)) } }
            @match source {
                Source::Report(report) => {
                    @let name = name_or(lang, report.subject_name.as_ref(), &report.subject_code);
                    p.grey {
                        (name)
                        @if report.demonstration && !says_demonstration(name) { " " (demo(lang)) }
                        " · " (report.cycle_year) " · " (name_or(lang, report.kind_name.as_ref(), &report.report_kind))
                        @if hit.document.facets.last().is_some_and(|part| part == CASE) { " · " (lang.pick("案例", "Case")) }
                    }
                }
                Source::Edition(Published { edition, demonstration, .. }) => {
                    @let name = name_or(lang, edition.title.as_ref(), &edition.code);
                    p.grey {
                        (name)
                        @if *demonstration && !says_demonstration(name) { " " (demo(lang)) }
                        " · " (lang.pick("已发布的结果", "Published results"))
                    }
                }
            }
            p { (marked(&hit.snippet)) }
        }
    }
}

/// Where a passage is read.
pub fn address(source: &Source, place: &str) -> String {
    match source {
        Source::Report(report) => format!("/reports/{}#{place}", report.submission_id),
        Source::Edition(Published { edition, .. }) => {
            format!("/releases/{}/editions/{}#{place}", edition.year, link::segment(&edition.code))
        }
    }
}

fn marked(pieces: &[Piece]) -> Markup {
    html! { @for piece in pieces { @if piece.hit { mark { (piece.text) } } @else { (piece.text) } } }
}
