//! The editions of a release: the region's own, and every institution's, which can be searched.

use axum::{
    Router,
    extract::{Path, Query},
    routing::get,
};
use maud::html;
use serde::Deserialize;
use zhijian_proto::publication::v1::ListEditionsRequest;

use super::{entries, gone, of_version};
use crate::{
    pages::{
        releases::{demonstration, release, release_title},
        withdrawn,
    },
    web::{
        components::{empty, hidden, pager, trail},
        error::Answer,
        form::Attempt,
        i18n::words,
        layout::{Page, reading},
        link,
        session::Visitor,
        year::Year,
    },
};

/// How many editions a page lists.
const LISTED: i32 = 50;
/// The longest query that the service takes.
const LONGEST: usize = 100;

pub fn routes() -> Router {
    Router::new().route("/releases/{year}/editions", get(list))
}

#[derive(Deserialize, Default)]
struct Filter {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: String,
    #[serde(default)]
    version: i32,
}

async fn list(visitor: Visitor, Path(Year(year)): Path<Year>, Query(filter): Query<Filter>) -> Answer {
    let lang = visitor.lang();
    let t = words(lang);
    let release = release(&visitor, year).await?;
    let path = format!("/releases/{year}/editions");
    if let Some(gone) =
        gone(&visitor, &release, "", filter.version, |version| of_version(&path, version)).await?
    {
        return Ok(gone);
    }
    let standing = withdrawn::standing(&visitor, &release, filter.version).await?;
    let query: String = filter.q.trim().chars().take(LONGEST).collect();
    let request = ListEditionsRequest {
        page_size: LISTED,
        page_token: filter.page.clone(),
        year,
        query: query.clone(),
        version: filter.version,
        draft: false,
    };
    let version = if filter.version > 0 { filter.version.to_string() } else { String::new() };
    let answer = visitor.clients().editions().list_editions(request).await?.into_inner();
    let (institutions, own): (Vec<_>, Vec<_>) =
        answer.editions.into_iter().partition(|edition| !edition.organisation_code.is_empty());
    let of_page = |page: &str| link::address(&path, &[("q", &query), ("page", page), ("version", &version)]);
    let next = (!answer.next_page_token.is_empty()).then(|| of_page(&answer.next_page_token));
    let title = t("年报与各校数据报告", "Reports");
    let up = format!("/releases/{year}");
    Ok(reading(
        &visitor,
        Page::reading(title, &path),
        &Attempt::default(),
        html! {
            (trail(lang, &[("/releases", t("已发布的结果", "Releases")), (&up, &release_title(lang, &release))]))
            (standing)
            h1 { (title) (demonstration(lang, &release)) }
            @if !own.is_empty() { (entries(lang, year, filter.version, &own)) }
            h2 { (t("各校数据报告", "Institutions")) }
            form.filters method="get" action=(path) role="search" {
                @if filter.version > 0 { (hidden("version", &version)) }
                div.field {
                    label for="q" { (t("学校名称或代码", "Name or code of an institution")) }
                    input id="q" name="q" type="search" value=(query) maxlength=(LONGEST);
                }
                button type="submit" { (t("查找", "Search")) }
            }
            @if institutions.is_empty() {
                (empty(
                    t("没有找到学校。", "No institution was found."),
                    html! { @if !query.is_empty() { a href=(path) { (t("看全部学校", "Show all")) } } },
                ))
            } @else {
                (entries(lang, year, filter.version, &institutions))
            }
            (pager(lang, &of_page(""), next.as_deref(), filter.page.is_empty()))
        },
    ))
}
