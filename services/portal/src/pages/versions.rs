//! The versions of a release: what was corrected, and how each differs from the one before.

use axum::{
    Router,
    extract::{Path, Query},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::publication::v1::{
    CompareVersionsRequest, ListReleasesRequest, ListVersionsRequest, Release, TableDifference, Version,
    VersionKind, release, table_difference::Change,
};

use super::{
    lookup::{WHOLE_PAGE, all_pages},
    releases::{release, release_title},
};
use crate::{
    say,
    web::{
        components::trail,
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{text, words},
        layout::{Page, reading},
        link,
        session::Visitor,
        states,
        year::Year,
    },
};

pub fn routes() -> Router {
    Router::new().route("/releases/{year}/changes", get(changes)).route("/corrections", get(corrections))
}

/// The versions of a release, newest first.
pub async fn versions(visitor: &Visitor, year: i32) -> Result<Vec<Version>, Failure> {
    let request = ListVersionsRequest { year };
    Ok(visitor.clients().release_corrections().list_versions(request).await?.into_inner().versions)
}

/// Where a release, or one of its versions, is read.
pub fn address(year: i32, version: i32) -> String {
    match version {
        0 => format!("/releases/{year}"),
        _ => format!("/releases/{year}/versions/{version}"),
    }
}

/// What a reader of this version has to know: that it was corrected or withdrawn, and why.
pub fn standing(visitor: &Visitor, release: &Release, versions: &[Version], version: i32) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let year = release.year;
    let Some(newest) = versions.first().filter(|newest| newest.number > 1) else { return html! {} };
    let withdrawn = release.state() == release::State::Withdrawn;
    let old = version != 0 && version != newest.number;
    let wrong = withdrawn || old;
    html! {
        div.banner.need[wrong] {
            h2 {
                @if withdrawn { (t("这份结果已撤回", "These results were withdrawn")) }
                @else if old { (say!(lang, "这是第 {version} 版，不是现行版本", "This is version {version}, not the one that stands")) }
                @else { (states::version_kind(lang, newest.kind())) }
            }
            p.prose { (text(lang, newest.text.as_ref())) }
            p {
                @if old { a href=(address(year, 0)) { (t("看现行版本", "See the version that stands")) } " " }
                @if !withdrawn {
                    a href={ "/releases/" (year) "/changes?from=" (newest.number - 1) "&to=" (newest.number) } { (t("看改了哪些数字", "See which figures changed")) }
                }
            }
        }
    }
}

/// Every version with what was announced, once there is more than one.
pub fn list(visitor: &Visitor, year: i32, versions: &[Version]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        @if versions.len() > 1 {
            h2 { (t("版本", "Versions")) }
            p { (t("发布过的每一版都留在自己的地址，不再改动。", "Every version stays at its own address and never changes.")) }
            ol.versions {
                @for version in versions { li { (line(visitor, year, version)) } }
            }
        }
    }
}

fn line(visitor: &Visitor, year: i32, version: &Version) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let number = version.number;
    html! {
        p {
            a href=(address(year, number)) { (say!(lang, "第 {number} 版", "Version {number}")) }
            " " (states::version_kind(lang, version.kind()))
            @if let Some(time) = format::moment(version.publish_time.as_ref()) { " " span.grey { (format::dated(lang, &format::day(time).to_string())) } }
            @if number > 1 && version.kind() != VersionKind::Withdrawal {
                " " a href={ "/releases/" (year) "/changes?from=" (number - 1) "&to=" (number) } { (t("与上一版的差异", "What changed")) }
            }
        }
        @let announced = text(lang, version.text.as_ref());
        @if !announced.is_empty() { p.prose { (announced) } }
    }
}

/// Every correction of every release, newest release first.
async fn corrections(visitor: Visitor) -> Answer {
    let lang = visitor.lang();
    let t = words(lang);
    let releases = all_pages(|page_token| {
        let mut releases = visitor.clients().releases();
        async move {
            let request = ListReleasesRequest { page_size: WHOLE_PAGE, page_token };
            let answer = releases.list_releases(request).await?.into_inner();
            Ok((answer.releases, answer.next_page_token))
        }
    });
    let corrected = releases.await?.into_iter().filter(|release| release.version > 1);
    let of = |release: Release| {
        let visitor = &visitor;
        async move {
            let versions = versions(visitor, release.year).await?;
            Ok::<_, Failure>((release, versions))
        }
    };
    let found = futures::future::try_join_all(corrected.map(of)).await?;
    let title = t("更正公告", "Corrections");
    let content = html! {
        h1 { (title) }
        p.lede { (t("已发布的结果如有勘误、修订、补充或撤回，都在这里公告；旧版仍在原地址。", "Errata, revisions, additions and withdrawals of what was published are announced here; old versions keep their addresses.")) }
        @if found.is_empty() { p { (t("还没有更正。", "There are no corrections.")) } }
        @for (release, versions) in &found {
            h2 { a href=(address(release.year, 0)) { (release_title(lang, release)) } }
            ol.versions {
                @for version in versions.iter().filter(|version| version.number > 1) {
                    li { (line(&visitor, release.year, version)) }
                }
            }
        }
    };
    Ok(reading(&visitor, Page::reading(title, "/corrections"), &Attempt::default(), content))
}

#[derive(Deserialize)]
struct Compared {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// Cell by cell, how two versions differ.
async fn changes(visitor: Visitor, Path(Year(year)): Path<Year>, Query(compared): Query<Compared>) -> Answer {
    let release = release(&visitor, year).await?;
    let number = |text: &str| text.parse().ok().filter(|number: &i32| *number > 0);
    let from = number(&compared.from).ok_or_else(Failure::not_found)?;
    let to = if compared.to.is_empty() { 0 } else { number(&compared.to).ok_or_else(Failure::not_found)? };
    let request = CompareVersionsRequest { year, from, to };
    let tables = visitor.clients().release_corrections().compare_versions(request).await?.into_inner().tables;
    let lang = visitor.lang();
    let t = words(lang);
    let title = match to {
        0 => say!(
            lang,
            "第 {from} 版与准备中的更正的差异",
            "From version {from} to the correction in preparation"
        ),
        _ => say!(lang, "第 {from} 版与第 {to} 版的差异", "From version {from} to version {to}"),
    };
    let up = address(year, 0);
    let (from_text, to_text) = (from.to_string(), compared.to.clone());
    let here = link::address(&format!("{up}/changes"), &[("from", &from_text), ("to", &to_text)]);
    let count: usize = tables.iter().map(|table| table.cells.len()).sum();
    let changed = tables.len();
    let content = html! {
        (trail(lang, &[("/releases", t("已发布的结果", "Releases")), (&up, &release_title(lang, &release))]))
        h1 { (title) }
        @if tables.is_empty() { p { (t("两版的数据表完全一样。", "The tables of the two are the same.")) } }
        @else { p.lede { (say!(lang, "{changed} 张表有差异，共 {count} 个单元格。", "{changed} tables differ, in {count} cells.")) } }
        @for table in &tables { (difference(&visitor, table)) }
    };
    Ok(reading(&visitor, Page::reading(&title, &here), &Attempt::default(), content))
}

fn difference(visitor: &Visitor, table: &TableDifference) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let (number, name) = (&table.number, text(lang, table.title.as_ref()));
    let title = say!(lang, "表 {number} {name}", "Table {number} {name}");
    html! {
        h2 { (title) }
        @match table.change() {
            Change::Added => p { (t("新增的表。", "A new table.")) },
            Change::Removed => p { (t("这张表不再发布。", "This table is gone.")) },
            Change::Changed | Change::Unspecified => {
                div.scroll role="region" tabindex="0" aria-label=(title) { table.changes {
                    thead { tr {
                        th scope="col" { (t("行", "Line")) }
                        th scope="col" { (t("列", "Column")) }
                        th scope="col" { (t("原来", "Before")) }
                        th scope="col" { (t("现在", "After")) }
                    } }
                    tbody { @for cell in &table.cells { tr {
                        th scope="row" { (cell.row) }
                        td { (text(lang, cell.column.as_ref())) }
                        td { @if cell.before.is_empty() { span.grey { (t("无", "none")) } } @else { del { (cell.before) } } }
                        td { @if cell.after.is_empty() { span.grey { (t("无", "none")) } } @else { ins { (cell.after) } } }
                    } } }
                } }
            },
        }
    }
}
