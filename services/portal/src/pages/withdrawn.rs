//! What readers are told of pages that were taken back: the address that always meant the newest is gone (410) and says
//! when, why and where the versions are; those stay, and say it on top.

use http::StatusCode;
use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{ListEditionsRequest, ListTablesRequest, Release};

use super::{
    lookup::WHOLE_PAGE,
    releases::{demonstration, release_title},
    versions,
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
        session::Visitor,
        withdrawal::Withdrawal,
    },
};

/// The page of what is gone. `kept` are the versions that have it, each with its address in that version.
///
/// # Errors
/// Not found, if no version ever had it.
pub fn gone(visitor: &Visitor, release: &Release, withdrawal: &Withdrawal, kept: &[(i32, String)]) -> Answer {
    if kept.is_empty() {
        return Err(Failure::not_found());
    }
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("这份结果已撤回", "These results were withdrawn");
    let up = versions::address(release.year, 0);
    let content = html! {
        (trail(lang, &[("/releases", t("已发布的结果", "Releases")), (&up, &release_title(lang, release))]))
        h1 { (title) (demonstration(lang, release)) }
        (why(lang, withdrawal))
        h2 { (t("发布过的版本", "The versions that had been published")) }
        p { (t("每一版都留在自己的地址，内容不再改动。", "Each stays at its own address as it was.")) }
        ul {
            @for (version, address) in kept {
                li { a href=(address) { (say!(lang, "第 {version} 版", "Version {version}")) } }
            }
        }
    };
    let mut response =
        reading(visitor, Page::reading(title, visitor.address()), &Attempt::default(), content);
    *response.status_mut() = StatusCode::GONE;
    Ok(response)
}

/// What stands on top of a version that was taken back.
pub fn banner(lang: Lang, withdrawal: &Withdrawal) -> Markup {
    html! {
        div.banner.need {
            h2 { (lang.pick("这份结果已撤回", "These results were withdrawn")) }
            (why(lang, withdrawal))
        }
    }
}

/// When, and why.
fn why(lang: Lang, withdrawal: &Withdrawal) -> Markup {
    html! {
        @if let Some(time) = withdrawal.time {
            p { (format::dated(lang, &format::day(time).to_string())) (lang.pick("撤回。", ", withdrawn.")) }
        }
        p.prose { (text(lang, withdrawal.reason.as_ref())) }
    }
}

/// What stands on top of a version that is not, or not any more, what is published.
///
/// # Errors
/// Those of the publication service.
pub async fn standing(visitor: &Visitor, release: &Release, version: i32) -> Result<Markup, Failure> {
    let lang = visitor.lang();
    let t = words(lang);
    let withdrawal = Withdrawal::of(visitor.clients(), release).await?;
    Ok(html! {
        @if let Some(withdrawal) = &withdrawal { (banner(lang, withdrawal)) }
        @else if version != 0 && version != release.version {
            div.banner.need { p {
                (t("这不是现行版本。", "This is not the version that stands. "))
                a href=(versions::address(release.year, 0)) { (t("看现行版本", "See the one that stands")) }
            } }
        }
    })
}

/// The versions that have a table, with its address in each.
///
/// # Errors
/// Those of the publication service.
pub async fn with_table(
    visitor: &Visitor,
    year: i32,
    withdrawal: &Withdrawal,
    number: &str,
    address: impl Fn(i32) -> String,
) -> Result<Vec<(i32, String)>, Failure> {
    let mut kept = vec![];
    for version in &withdrawal.kept {
        let request = ListTablesRequest { year, version: *version, draft: false };
        let tables = visitor.clients().tables().list_tables(request).await?.into_inner().tables;
        if tables.iter().any(|table| table.number == number) {
            kept.push((*version, address(*version)));
        }
    }
    Ok(kept)
}

/// The versions that have an edition, or any if `code` is empty, with its address in each.
///
/// # Errors
/// Those of the publication service.
pub async fn with_edition(
    visitor: &Visitor,
    year: i32,
    withdrawal: &Withdrawal,
    code: &str,
    address: impl Fn(i32) -> String,
) -> Result<Vec<(i32, String)>, Failure> {
    let mut kept = vec![];
    for version in &withdrawal.kept {
        let request =
            ListEditionsRequest { page_size: WHOLE_PAGE, year, version: *version, ..Default::default() };
        let editions = visitor.clients().editions().list_editions(request).await?.into_inner().editions;
        if editions.iter().any(|edition| code.is_empty() || edition.code == code) {
            kept.push((*version, address(*version)));
        }
    }
    Ok(kept)
}
