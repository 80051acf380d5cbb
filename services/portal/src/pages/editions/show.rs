//! One edition, set for reading.

use axum::{
    Router,
    extract::{Path, Query},
    routing::get,
};
use maud::{PreEscaped, html};
use zhijian_proto::publication::v1::{GetEditionRequest, get_edition_request::Form};

use super::{Which, address, files, gone, of_version};
use crate::{
    pages::{
        releases::{release, release_title},
        withdrawn,
    },
    say,
    web::{
        components::trail,
        error::{Answer, Failure},
        form::Attempt,
        i18n::{text, words},
        layout::{Page, reading},
        session::Visitor,
        states,
        year::Year,
    },
};

pub fn routes() -> Router {
    Router::new().route("/releases/{year}/editions/{code}", get(show))
}

async fn show(
    visitor: Visitor,
    Path((Year(year), code)): Path<(Year, String)>,
    Query(Which { version }): Query<Which>,
) -> Answer {
    let lang = visitor.lang();
    let t = words(lang);
    let release = release(&visitor, year).await?;
    if let Some(gone) =
        gone(&visitor, &release, &code, version, |version| of_version(&address(year, &code), version)).await?
    {
        return Ok(gone);
    }
    let standing = withdrawn::standing(&visitor, &release, version).await?;
    let request =
        GetEditionRequest { year, code: code.clone(), form: Form::Html.into(), version, draft: false };
    let answer = visitor.clients().editions().get_edition(request).await?.into_inner();
    let edition = answer.edition.ok_or_else(Failure::not_found)?;
    let title = text(lang, edition.title.as_ref());
    let (up, all) = (format!("/releases/{year}"), of_version(&format!("/releases/{year}/editions"), version));
    let (values, tables, figures) = (edition.value_count, edition.table_count, edition.figure_count);
    Ok(reading(
        &visitor,
        Page::reading(title, &of_version(&address(year, &code), version)),
        &Attempt::default(),
        html! {
            (trail(lang, &[(&up, &release_title(lang, &release)), (&all, t("年报与各校数据报告", "Reports"))]))
            @if release.version == 0 {
                div.banner.need { p { (states::release(lang, release.state())) (t("，数字可能还会改动。", ": the figures may still change.")) } }
            } @else { (standing) }
            h1 { (title) }
            p.edition-facts {
                (say!(lang, "表 {tables} 张，图 {figures} 幅，正文与校表中 {values} 个数可点开查看来历。", "{tables} tables, {figures} figures; {values} numbers lead to where they come from."))
            }
            p { (files(lang, year, version, &edition)) }
            // What typesets documents escapes every text that it sets.
            (PreEscaped(answer.content))
            div.beneath.source {
                p { (t("指纹（文档的 SHA-256）：", "Fingerprint (SHA-256 of the document): ")) code { (edition.content_hash) } }
            }
        },
    ))
}
