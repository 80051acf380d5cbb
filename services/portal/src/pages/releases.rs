//! Published results: the list, and one year's release.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{
    GetReleaseRequest, GetTableRequest, ListReleasesRequest, ListTablesRequest, Release, Table, Version,
    release,
};

use super::{bundles, editions, lookup::says_demonstration, versions};
use crate::web::year::Year;
use crate::{
    open::dataset,
    say,
    web::{
        cache::share,
        chart::{Bar, Caption, finding, grade_strip},
        components::{demo, pager},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{text, words},
        layout::{Page, reading},
        link,
        session::Visitor,
        states,
    },
};

/// The tables whose rows are grades; each is drawn as a strip.
const GRADE_TABLES: [&str; 2] = ["2-2", "2-3"];

pub fn routes() -> Router {
    Router::new()
        .route("/releases", get(list))
        .route("/releases/{year}", get(show))
        .route("/releases/{year}/versions/{version}", get(show_version))
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    page: String,
}

async fn list(visitor: Visitor, Query(paging): Query<Paging>) -> Answer {
    let lang = visitor.lang();
    let t = words(lang);
    let request = ListReleasesRequest { page_size: 50, page_token: paging.page.clone() };
    let answer = visitor.clients().releases().list_releases(request).await?.into_inner();
    let title = t("已发布的结果", "Releases");
    let next = (!answer.next_page_token.is_empty())
        .then(|| link::address("/releases", &[("page", &answer.next_page_token)]));
    Ok(share(reading(
        &visitor,
        Page::reading(title, "/releases"),
        &Attempt::default(),
        html! {
            h1 { (title) }
            p.lede { (t("每一年的结果发布之后不再改动；更正另发，旧版仍可查。", "What is published stays as it is; a correction is published beside it.")) }
            @if answer.releases.is_empty() {
                p { (t("还没有发布过结果。发布之后，这里会列出每一年。", "Nothing has been published yet. Each year will be listed here.")) }
            } @else {
                (release_list(&visitor, &answer.releases))
            }
            (pager(lang, "/releases", next.as_deref(), paging.page.is_empty()))
        },
    )))
}

/// Releases as a list, newest first, each with its state.
pub fn release_list(visitor: &Visitor, releases: &[Release]) -> Markup {
    let lang = visitor.lang();
    html! {
        ol.contents {
            @for release in releases {
                li {
                    span.no { (release.year) }
                    span {
                        a href={ "/releases/" (release.year) } { (release_title(lang, release)) }
                        (demonstration(lang, release))
                    }
                    span.dots {}
                    (states::release(lang, release.state()))
                }
            }
        }
    }
}

/// A release's title; the year in words if it has none.
pub fn release_title(lang: Lang, release: &Release) -> String {
    let year = release.year;
    match text(lang, release.title.as_ref()) {
        "" => say!(lang, "{year} 年结果", "Results of {year}"),
        title => title.to_owned(),
    }
}

/// The mark of a release about invented institutions, unless its title says so.
pub fn demonstration(lang: Lang, release: &Release) -> Markup {
    let marked = release.demonstration && !says_demonstration(text(lang, release.title.as_ref()));
    html! { @if marked { " " (demo(lang)) } }
}

/// Fetches a release.
pub async fn release(visitor: &Visitor, year: i32) -> Result<Release, Failure> {
    let answer = visitor.clients().releases().get_release(GetReleaseRequest { year }).await?.into_inner();
    answer.release.ok_or_else(Failure::not_found)
}

/// The counts of a table whose rows are grades; nothing if it is another sort of table.
pub fn bars(table: &Table) -> Option<Vec<Bar>> {
    let count = table.columns.iter().position(|column| column.numeric)?;
    let rows = table.rows.iter().filter(|row| !row.total);
    let bars: Option<Vec<Bar>> = rows
        .map(|row| {
            let grade = row.cells.first()?.display.clone();
            let group = grade.trim_end_matches(['+', '-']).to_owned();
            let count = row.cells.get(count)?.value.parse().ok()?;
            matches!(group.as_str(), "A" | "B" | "C").then_some(Bar { grade, group, count })
        })
        .collect();
    bars.filter(|bars| !bars.is_empty())
}

/// A strip for each table of grades in a year's release, with its place in the report as the source.
pub async fn strips(visitor: &Visitor, year: i32, version: i32) -> Result<Vec<Markup>, Failure> {
    let strips = GRADE_TABLES.map(|number| strip(visitor, year, version, number));
    let drawn = futures::future::try_join_all(strips).await?;
    Ok(drawn.into_iter().flatten().collect())
}

/// The strip of one table; nothing if the release has no such table, or it holds no grades.
async fn strip(visitor: &Visitor, year: i32, version: i32, number: &str) -> Result<Option<Markup>, Failure> {
    let lang = visitor.lang();
    let request = GetTableRequest { year, number: number.to_owned(), version, draft: false };
    let table = match visitor.clients().tables().get_table(request).await {
        Ok(answer) => answer.into_inner().table.unwrap_or_default(),
        Err(status) if status.code() == tonic::Code::NotFound => return Ok(None),
        Err(status) => return Err(status.into()),
    };
    Ok(bars(&table).map(|bars| {
        let bars = all_grades(&bars);
        let source = text(lang, table.source.as_ref());
        let source = say!(lang, "表 {number}。{source}", "Table {number}. {source}");
        let title = finding(lang, &bars);
        let about = text(lang, table.title.as_ref());
        grade_strip(lang, &bars, &Caption { about, title: &title, source: &source })
    }))
}

/// The nine grades in order: a table may leave out groups that nobody got, the strip shows them as nought.
fn all_grades(bars: &[Bar]) -> Vec<Bar> {
    let count = |grade: &str| bars.iter().find(|bar| bar.grade == grade).map_or(0, |bar| bar.count);
    ["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-"]
        .into_iter()
        .map(|grade| Bar { grade: grade.to_owned(), group: grade[..1].to_owned(), count: count(grade) })
        .collect()
}

async fn show(visitor: Visitor, Path(Year(year)): Path<Year>) -> Answer {
    whole(&visitor, year, 0).await
}

async fn show_version(visitor: Visitor, Path((Year(year), version)): Path<(Year, String)>) -> Answer {
    let version = version.parse().ok().filter(|version: &i32| *version > 0);
    whole(&visitor, year, version.ok_or_else(Failure::not_found)?).await
}

/// The page of a release, or of one of its versions.
async fn whole(visitor: &Visitor, year: i32, version: i32) -> Answer {
    let mut tables = visitor.clients().tables();
    let request = ListTablesRequest { year, version, draft: false };
    let tables = async { Ok(tables.list_tables(request).await?.into_inner().tables) };
    let (release, tables, strips, versions, reports) = futures::try_join!(
        release(visitor, year),
        tables,
        strips(visitor, year, version),
        versions::versions(visitor, year),
        editions::summary(visitor, year, version)
    )?;
    let shown = Shown { release, version, versions, tables, strips, reports };
    Ok(share(page(visitor, &shown)))
}

struct Shown {
    release: Release,
    /// The version asked for; 0 for the one that stands.
    version: i32,
    versions: Vec<Version>,
    tables: Vec<Table>,
    strips: Vec<Markup>,
    /// The editions, as a list.
    reports: Markup,
}

fn page(visitor: &Visitor, shown: &Shown) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let Shown { release, version, versions, tables, strips, reports } = shown;
    let year = release.year;
    let title = release_title(lang, release);
    let address = versions::address(year, *version);
    let published = matches!(release.state(), release::State::Published | release::State::Corrected)
        && (*version == 0 || *version == release.version);
    let note = own_note(visitor, release);
    reading(
        visitor,
        Page::reading(&title, &address),
        &Attempt::default(),
        html! {
            (dataset::of_release(visitor, release, tables))
            div.title {
                div {
                    h1 { (title) (demonstration(lang, release)) }
                    p.lede { (standing(visitor, release)) }
                }
                @if published { (seal(lang, year)) }
            }
            @if release.version == 0 { (not_final(visitor, release)) }
            (versions::standing(visitor, release, versions, *version))
            @for strip in strips { (strip) }
            (reports)
            h2 { (t("数据表", "Tables")) }
            @if !tables.is_empty() {
                (contents(lang, &address, tables))
            } @else if release.version > 0 {
                p { (t("这一版撤回了全部数据表。", "This version took all tables back.")) }
            } @else {
                p { (t("还没有编制出数据表。", "No tables have been compiled yet.")) }
            }
            (bundles::way(visitor, release, versions, *version))
            (versions::list(visitor, year, versions))
            @if !note.is_empty() {
                h2 { (t("来源与说明", "Sources and notes")) }
                p { (note) }
            }
        },
    )
}

/// A release's note, unless the foot of every page says the same.
pub fn own_note<'a>(visitor: &Visitor, release: &'a Release) -> &'a str {
    let note = text(visitor.lang(), release.note.as_ref());
    if note == text(visitor.lang(), visitor.region().note.as_ref()) { "" } else { note }
}

/// When it was or will be public.
fn standing(visitor: &Visitor, release: &Release) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        @match (release.state(), format::moment(release.publish_time.as_ref())) {
            (release::State::Published | release::State::Corrected, Some(time)) => {
                (format::dated(lang, &format::day(time).to_string()))
                (t("发布", " published"))
            }
            (release::State::Published | release::State::Corrected, None) => (t("已发布", "Published")),
            _ => (states::release(lang, release.state())),
        }
    }
}

/// What a reader has to know about results that are not final.
fn not_final(visitor: &Visitor, release: &Release) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    html! {
        div.banner.need {
            @if release.state() == release::State::Notice {
                p {
                    strong { (t("公示中，尚未定稿。", "On public notice, not yet final. ")) }
                    (t("公示期：", "Notice: "))
                    (format::exact_day(lang, &release.notice_start, now))
                    (t("至", " to ")) (format::deadline_day(lang, &release.notice_end, now))
                    (t("。", "."))
                }
                p {
                    (t("对内容有异议的，任何人都可以在公示期内提出。", "Anybody may object while the notice stands. ")) " "
                    a href={ "/releases/" (release.year) "/object" } { (t("提出异议", "Object")) } " "
                    a href={ "/releases/" (release.year) "/objections" } { (t("异议与答复", "Objections and answers")) }
                }
            } @else {
                p { (t("尚未发布，只有工作人员能看到这一页。", "Not public: only staff can see this page.")) }
            }
        }
    }
}

fn contents(lang: Lang, address: &str, tables: &[Table]) -> Markup {
    let t = words(lang);
    html! {
        ol.contents {
            @for table in tables {
                @let page = format!("{address}/tables/{}", link::segment(&table.number));
                @let data = format!("/open/v1{page}");
                li {
                    span.no { (t("表 ", "Table ")) (table.number) }
                    a href=(page) { (text(lang, table.title.as_ref())) }
                    span.dots {}
                    span.get {
                        a href={ (data) ".csv" } download { "CSV" }
                        a href={ (data) ".xlsx" } download { "XLSX" }
                        a href={ (data) ".json" } { "JSON" }
                    }
                }
            }
        }
    }
}

/// The seal: once, on a published release.
fn seal(lang: Lang, year: i32) -> Markup {
    let label = say!(lang, "{year} 年度，已发布", "{year}, published");
    html! {
        svg.seal viewBox="0 0 96 96" role="img" aria-label=(label) {
            rect x="1" y="1" width="94" height="94" rx="5" {}
            text x="67" y="43" { "质" }
            text x="67" y="83" { "量" }
            text x="29" y="43" { "年" }
            text x="29" y="83" { "报" }
        }
    }
}

#[cfg(test)]
mod tests {
    use zhijian_proto::publication::v1::{Column, Row, TableCell};

    use super::*;

    fn table(rows: &[(&str, &str, bool)]) -> Table {
        let cell = |display: &str, value: &str| TableCell {
            display: display.into(),
            value: value.into(),
            ..TableCell::default()
        };
        Table {
            columns: vec![Column::default(), Column { numeric: true, ..Column::default() }],
            rows: rows
                .iter()
                .map(|(grade, count, total)| Row {
                    cells: vec![cell(grade, ""), cell(count, count)],
                    total: *total,
                })
                .collect(),
            ..Table::default()
        }
    }

    #[test]
    fn a_table_of_grades_becomes_bars_without_its_total() {
        let bars =
            bars(&table(&[("A+", "3", false), ("B-", "2", false), ("合计", "5", true)])).expect("grades");
        assert_eq!(bars.len(), 2);
        assert_eq!((bars[1].group.as_str(), bars[1].count), ("B", 2));
        let nine = all_grades(&bars);
        assert_eq!(nine.len(), 9);
        assert_eq!(nine[8], Bar { grade: "C-".into(), group: "C".into(), count: 0 });
    }

    #[test]
    fn another_table_is_not_drawn_as_grades() {
        assert!(bars(&table(&[("2025年", "4767.7", false)])).is_none());
    }
}
