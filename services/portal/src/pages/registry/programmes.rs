//! The register of programmes: searched and filtered.

use axum::{Router, extract::Query, response::Response, routing::get};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::{
    common::v1::Level,
    identity::v1::Role,
    submission::v1::{ListProgrammesRequest, Programme},
};

use super::{tabs, whom_to_ask};
use crate::{
    pages::lookup::Organisations,
    say,
    web::{
        components::{empty, pager},
        error::Answer,
        form::Attempt,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

/// How many programmes a page lists.
const LISTED: i32 = 50;

pub fn routes() -> Router {
    Router::new().route("/registry/programmes", get(list))
}

#[derive(Deserialize, Default)]
struct Filter {
    #[serde(default)]
    q: String,
    #[serde(default)]
    school: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    running: String,
    #[serde(default)]
    page: String,
}

impl Filter {
    fn address(&self, page: &str) -> String {
        let parts = [
            ("q", self.q.trim()),
            ("school", self.school.trim()),
            ("level", &self.level),
            ("running", &self.running),
            ("page", page),
        ];
        link::address("/registry/programmes", &parts)
    }
}

async fn list(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    // A school begins with its own programmes; an empty choice of school means all.
    let mut codes: Vec<String> =
        Some(filter.school.trim().to_owned()).filter(|code| !code.is_empty()).into_iter().collect();
    let fresh = filter.address("") == "/registry/programmes" && filter.page.is_empty();
    let own = visitor.organisations(Role::School);
    let own_only = fresh && !own.is_empty();
    if own_only {
        codes = own;
    }
    let level = match filter.level.as_str() {
        "secondary" => Level::Secondary,
        "higher" => Level::Higher,
        _ => Level::Unspecified,
    };
    let request = ListProgrammesRequest {
        page_size: LISTED,
        page_token: filter.page.clone(),
        organisation_codes: codes,
        query: filter.q.trim().chars().take(100).collect(),
        running_only: filter.running == "only",
        level: level.into(),
        ..ListProgrammesRequest::default()
    };
    let answer = visitor.clients().programmes().list_programmes(request).await?.into_inner();
    let codes = answer.programmes.iter().map(|one| one.organisation_code.as_str());
    let organisations = Organisations::of(&visitor, codes).await?;
    Ok(render(&visitor, &filter, own_only, &answer.programmes, &organisations, &answer.next_page_token))
}

fn render(
    visitor: &Visitor,
    filter: &Filter,
    own_only: bool,
    listed: &[Programme],
    organisations: &Organisations,
    next: &str,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("专业名录", "Register of programmes");
    let here = filter.address(&filter.page);
    let next = (!next.is_empty()).then(|| filter.address(next));
    let content = html! {
        div.head { div {
            h1 { (title) }
            p.lead { (t("以学校代码、专业代码和层次为准；撤销的专业仍可查看。", "Known by school, programme code and level; withdrawn programmes stay readable.")) }
        } }
        (tabs(visitor, "/registry/programmes"))
        (whom_to_ask(visitor, ""))
        @if own_only { p { (t("先列出本校专业。", "Your own programmes first.")) " " a href="/registry/programmes?level=all" { (t("看全部专业", "See all programmes")) } } }
        (filters(visitor, filter))
        @if listed.is_empty() {
            (empty(t("没有符合条件的专业", "No programme matches"),
                html! { a href="/registry/programmes?level=all" { (t("看全部专业", "See all")) } }))
        } @else {
            div.table-head {
                p.hint { @let count = listed.len(); (say!(lang, "本页 {count} 个", "{count} on this page")) }
                span.get {
                    (t("导出全部：", "Export all: "))
                    a href="/registry/files/programmes.xlsx" download { "XLSX" } " "
                    a href="/registry/files/programmes.csv" download { "CSV" }
                }
            }
            div.scroll { (table(lang, listed, Some(organisations))) }
        }
        (pager(lang, &filter.address(""), next.as_deref(), filter.page.is_empty()))
    };
    workplace(visitor, Page::work(title, &here, Place::Registry), &Attempt::default(), content)
}

fn filters(visitor: &Visitor, filter: &Filter) -> Markup {
    let t = words(visitor.lang());
    html! {
        form.filters method="get" action="/registry/programmes" role="search" {
            div {
                label for="q" { (t("专业名称、代码或专业群", "Name, code or cluster")) }
                input id="q" name="q" type="search" value=(filter.q) maxlength="100";
            }
            div {
                label for="school" { (t("学校代码", "School code")) }
                input id="school" name="school" type="text" inputmode="numeric" value=(filter.school) maxlength="10" size="12";
            }
            div {
                label for="level" { (t("层次", "Level")) }
                select id="level" name="level" {
                    option value="all" { (t("全部", "All")) }
                    option value="secondary" selected[filter.level == "secondary"] { (t("中职", "Secondary")) }
                    option value="higher" selected[filter.level == "higher"] { (t("高职", "Higher")) }
                }
            }
            div {
                label for="running" { (t("状态", "State")) }
                select id="running" name="running" {
                    option value="" { (t("全部", "All")) }
                    option value="only" selected[filter.running == "only"] { (t("仍在招生", "Running")) }
                }
            }
            button type="submit" { (t("查找", "Search")) }
        }
    }
}

/// Programmes as a table; with the column of schools where `organisations` are given.
pub fn table(lang: Lang, listed: &[Programme], organisations: Option<&Organisations>) -> Markup {
    let t = words(lang);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("代码", "Code")) }
                th scope="col" { (t("专业", "Programme")) }
                @if organisations.is_some() { th scope="col" { (t("学校", "School")) } }
                th scope="col" { (t("层次", "Level")) }
                th scope="col" { (t("专业群", "Cluster")) }
                th.number scope="col" { (t("开设", "Opened")) }
                th scope="col" { (t("状态", "State")) }
                th scope="col" { (t("贯通培养", "Pathway")) }
            } }
            tbody { @for one in listed { tr {
                td.code { (one.code) }
                th scope="row" { (name_or(lang, one.name.as_ref(), &one.code)) }
                @if let Some(organisations) = organisations {
                    td { a href={ "/registry/" (one.organisation_code) } { (organisations.name(lang, &one.organisation_code)) } }
                }
                td { @match one.level() {
                    Level::Secondary => (t("中职", "Secondary")),
                    Level::Higher => (t("高职", "Higher")),
                    Level::Unspecified => {},
                } }
                td { (one.cluster) }
                td.number { (one.opened_year) }
                td {
                    @if one.withdrawn_year != 0 { @let year = one.withdrawn_year; span.grey { (say!(lang, "{year} 年撤销", "withdrawn {year}")) } }
                    @else if one.pilot { (t("专科试点", "diploma pilot")) }
                    @else { span.grey { (t("在办", "running")) } }
                }
                td { @if let Some(pathway) = &one.pathway {
                    (pathway.partner) (t("，", ", ")) (pathway.partner_programme) " "
                    span.small.grey { @let (year, places) = (pathway.year, pathway.places); (say!(lang, "{year} 年 {places} 人", "{places} places in {year}")) }
                } }
            } } }
        }
    }
}
