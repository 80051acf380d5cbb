//! Everybody on the panel.

use axum::{Router, extract::Query, response::Response, routing::get};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{identity::v1::Role, review::v1::Reviewer};

use super::everybody;
use crate::{
    pages::lookup::Organisations,
    say,
    web::{
        components::{done, empty},
        error::Answer,
        form::Attempt,
        i18n::words,
        layout::{Page, Place, workplace},
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/panel", get(show))
}

#[derive(Deserialize, Default)]
struct Filter {
    #[serde(default)]
    q: String,
    #[serde(default)]
    class: String,
    #[serde(default)]
    done: String,
}

async fn show(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let all = everybody(&visitor).await?;
    let codes = all.iter().map(|one| one.organisation_code.as_str());
    let organisations = Organisations::of(&visitor, codes).await?;
    Ok(render(&visitor, &filter, &all, &organisations))
}

fn render(visitor: &Visitor, filter: &Filter, all: &[Reviewer], organisations: &Organisations) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("评审专家库", "Panel of experts");
    let (wanted, class) = (filter.q.trim(), filter.class.trim());
    let found: Vec<&Reviewer> = all
        .iter()
        .filter(|one| {
            let organisation = organisations.plain(lang, &one.organisation_code);
            wanted.is_empty() || one.name.contains(wanted) || organisation.contains(wanted)
        })
        .filter(|one| {
            class.is_empty()
                || one
                    .expertise
                    .iter()
                    .any(|known| known.starts_with(class) || class.starts_with(known.as_str()))
        })
        .collect();
    let (count, of, loads) =
        (found.len(), all.len(), all.iter().map(|one| i64::from(one.max_load)).sum::<i64>());
    let content = html! {
        div.head {
            div {
                h1 { (title) }
                p.lead { (say!(lang, "{of} 位专家，每轮合计最多承担 {loads} 份评审。", "{of} experts, who take {loads} reviews a round at most.")) }
            }
            div.actions { @if visitor.has(Role::Chair) || visitor.has(Role::Commission) {
                a.button href="/registry/import/reviewers" { (t("导入专家", "Import experts")) }
                a.button href="/panel/new" { (t("登记一位专家", "Enter an expert")) }
            } }
        }
        @if filter.done == "saved" { (done(t("已保存。", "Saved."))) }
        form.filters method="get" action="/panel" {
            div { label for="q" { (t("姓名或单位", "Name or organisation")) } input id="q" name="q" type="search" value=(filter.q); }
            div { label for="class" { (t("专业类", "Class")) } input.short id="class" name="class" inputmode="numeric" value=(filter.class); }
            button type="submit" { (t("筛选", "Filter")) }
        }
        @if found.is_empty() {
            (empty(
                if all.is_empty() { t("专家库里还没有专家", "Nobody is on the panel yet") } else { t("没有符合条件的专家", "No expert matches") },
                html! { @if all.is_empty() { a href="/registry/import/reviewers" { (t("导入专家", "Import experts")) } } @else { a href="/panel" { (t("看全部专家", "See everybody")) } } },
            ))
        } @else {
            div.table-head {
                p.hint { (say!(lang, "{count} 位", "{count} experts")) }
                span.get {
                    (t("导出全部：", "Export all: "))
                    a href="/registry/files/reviewers.xlsx" download { "XLSX" } " "
                    a href="/registry/files/reviewers.csv" download { "CSV" }
                }
            }
            div.scroll { (table(visitor, &found, organisations)) }
        }
    };
    workplace(visitor, Page::work(title, "/panel", Place::Panel), &Attempt::default(), content)
}

fn table(visitor: &Visitor, found: &[&Reviewer], organisations: &Organisations) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("姓名", "Name")) }
                th scope="col" { (t("单位", "Organisation")) }
                th scope="col" { (t("熟悉的专业类", "Classes known")) }
                th.number scope="col" { (t("过往单位", "Past employers")) }
                th.number scope="col" { (t("每轮上限", "Greatest load")) }
            } }
            tbody { @for one in found { tr {
                th scope="row" { a href={ "/panel/" (crate::web::link::segment(&one.account_id)) } { (one.name) } }
                td { (organisations.name(lang, &one.organisation_code)) }
                td { (one.expertise.join(t("、", ", "))) }
                td.number { (one.past_employers.len()) }
                td.number { (one.max_load) }
            } } }
        }
    }
}
