//! The reports of a release: a list, a page to read each, its files, and where its numbers come from.

mod file;
mod list;
mod show;
mod trace;

use axum::{Router, response::Response};
use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{Edition, ListEditionsRequest, Release};

use super::withdrawn;
use crate::{
    say,
    web::{
        error::Failure,
        i18n::{text, words},
        link,
        session::Visitor,
        withdrawal::Withdrawal,
    },
};

/// How many editions are asked for where the region's own are wanted.
const OWN: i32 = 20;

pub fn routes() -> Router {
    Router::new().merge(list::routes()).merge(show::routes()).merge(file::routes()).merge(trace::routes())
}

/// Which version is asked for; 0 for the one that stands.
#[derive(Clone, Copy, Default, serde::Deserialize)]
struct Which {
    #[serde(default)]
    version: i32,
}

/// An address of `version`; of the one that stands if it is 0.
fn of_version(path: &str, version: i32) -> String {
    let number = if version > 0 { version.to_string() } else { String::new() };
    link::address(path, &[("version", &number)])
}

fn address(year: i32, code: &str) -> String {
    format!("/releases/{year}/editions/{}", link::segment(code))
}

/// The page that says that an edition was taken back, if its plain address is asked for; `code` is empty for all of them.
/// `of` is the address in a version.
async fn gone(
    visitor: &Visitor,
    release: &Release,
    code: &str,
    version: i32,
    of: impl Fn(i32) -> String,
) -> Result<Option<Response>, Failure> {
    if version != 0 {
        return Ok(None);
    }
    let Some(withdrawal) = Withdrawal::of(visitor.clients(), release).await? else { return Ok(None) };
    let kept = withdrawn::with_edition(visitor, release.year, &withdrawal, code, of).await?;
    withdrawn::gone(visitor, release, &withdrawal, &kept).map(Some)
}

/// The region's own editions, and the way to those of institutions; nothing where the release has none.
///
/// # Errors
/// Those of the publication service.
pub async fn summary(visitor: &Visitor, year: i32, version: i32) -> Result<Markup, Failure> {
    let lang = visitor.lang();
    let t = words(lang);
    let request = ListEditionsRequest { page_size: OWN, year, version, ..Default::default() };
    let listed = visitor.clients().editions().list_editions(request).await?.into_inner().editions;
    let (own, institutions): (Vec<Edition>, Vec<Edition>) =
        listed.into_iter().partition(|edition| edition.organisation_code.is_empty());
    Ok(html! {
        @if !own.is_empty() {
            h2 { (t("年报", "Reports")) }
            (entries(lang, year, version, &own))
            @if !institutions.is_empty() {
                p { a href=(of_version(&format!("/releases/{year}/editions"), version)) { (t("各校数据报告 →", "Reports of the institutions →")) } }
            }
        }
    })
}

/// Editions as a list, each with its files.
fn entries(lang: Lang, year: i32, version: i32, editions: &[Edition]) -> Markup {
    html! {
        ol.contents.editions {
            @for edition in editions {
                li {
                    a href=(of_version(&address(year, &edition.code), version)) { (text(lang, edition.title.as_ref())) }
                    span.dots {}
                    (files(lang, year, version, edition))
                }
            }
        }
    }
}

/// The files that an edition can be had as.
fn files(lang: Lang, year: i32, version: i32, edition: &Edition) -> Markup {
    let title = text(lang, edition.title.as_ref());
    let file = |form: &str| of_version(&format!("{}/{form}", address(year, &edition.code)), version);
    html! {
        span.get {
            @for (form, name) in [("pdf", "PDF"), ("docx", "DOCX"), ("md", "Markdown")] {
                a href=(file(form)) download aria-label=(say!(lang, "下载《{title}》{name}", "Download {title} as {name}")) { (name) }
            }
        }
    }
}
