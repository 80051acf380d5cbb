//! The register of institutions: searched, filtered, and a school's own entry first.

use axum::{Router, extract::Query, response::Response, routing::get};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::identity::v1::{ListOrganisationsRequest, Organisation, Role, organisation::Kind};

use super::{KINDS, is_closed, kind_from_key, kind_key, kind_word, ownership_word, tabs, whom_to_ask};
use crate::{
    pages::lookup::{WHOLE_PAGE, says_demonstration},
    say,
    web::{
        components::{demo, empty, pager},
        error::{Answer, Failure},
        form::Attempt,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

/// How many entries a page lists.
const LISTED: i32 = 50;

pub fn routes() -> Router {
    Router::new().route("/registry", get(list))
}

#[derive(Deserialize, Default)]
struct Filter {
    #[serde(default)]
    q: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    district: String,
    #[serde(default)]
    existing: String,
    #[serde(default)]
    page: String,
}

impl Filter {
    fn address(&self, page: &str) -> String {
        let parts = [
            ("q", self.q.trim()),
            ("kind", &self.kind),
            ("district", &self.district),
            ("existing", &self.existing),
            ("page", page),
        ];
        link::address("/registry", &parts)
    }

    fn is_empty(&self) -> bool {
        [&self.q, &self.kind, &self.district, &self.existing].iter().all(|part| part.trim().is_empty())
    }
}

async fn list(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let mut organisations = visitor.clients().organisations();
    let request = ListOrganisationsRequest {
        page_size: LISTED,
        page_token: filter.page.clone(),
        kinds: kind_from_key(&filter.kind).into_iter().map(Into::into).collect(),
        query: filter.q.trim().chars().take(100).collect(),
        district: filter.district.clone(),
        existing_only: filter.existing == "only",
        ..ListOrganisationsRequest::default()
    };
    let answer = organisations.list_organisations(request).await?.into_inner();
    let districts = districts(&visitor).await?;
    let own = own(&visitor).await?;
    Ok(render(&visitor, &filter, &districts, &own, &answer.organisations, &answer.next_page_token))
}

/// The districts, by the commissions that they have.
async fn districts(visitor: &Visitor) -> Result<Vec<String>, Failure> {
    let request = ListOrganisationsRequest {
        page_size: WHOLE_PAGE,
        kinds: vec![Kind::DistrictCommission.into()],
        ..ListOrganisationsRequest::default()
    };
    let found = visitor.clients().organisations().list_organisations(request).await?.into_inner();
    let mut districts: Vec<String> =
        found.organisations.into_iter().map(|commission| commission.district).collect();
    districts.dedup();
    Ok(districts)
}

/// The reader's own schools.
async fn own(visitor: &Visitor) -> Result<Vec<Organisation>, Failure> {
    let codes = visitor.organisations(Role::School);
    if codes.is_empty() {
        return Ok(vec![]);
    }
    let request = ListOrganisationsRequest { codes, ..ListOrganisationsRequest::default() };
    Ok(visitor.clients().organisations().list_organisations(request).await?.into_inner().organisations)
}

fn render(
    visitor: &Visitor,
    filter: &Filter,
    districts: &[String],
    own: &[Organisation],
    listed: &[Organisation],
    next: &str,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("机构名录", "Register of institutions");
    let here = filter.address(&filter.page);
    let next = (!next.is_empty()).then(|| filter.address(next));
    let content = html! {
        div.head {
            div {
                h1 { (title) }
                p.lead { (t("学校、企业和主管部门，以十位代码为准；曾用名也能查到。", "Schools, enterprises and authorities, each known by its ten-digit code; former names are found, too.")) }
            }
        }
        (tabs(visitor, "/registry"))
        (whom_to_ask(visitor, ""))
        @if !own.is_empty() && filter.is_empty() && filter.page.is_empty() {
            h2 { (t("本单位", "Your own")) }
            div.scroll { (table(lang, own, "")) }
            h2 { (t("全部机构", "All institutions")) }
        }
        (filters(visitor, filter, districts))
        @if listed.is_empty() {
            (empty(t("没有符合条件的机构", "No institution matches"),
                html! { a href="/registry" { (t("看全部机构", "See all")) } }))
        } @else {
            div.table-head {
                p.hint { @let count = listed.len(); (say!(lang, "本页 {count} 个，按代码排列", "{count} on this page, in order of code")) }
                span.get {
                    (t("导出全部：", "Export all: "))
                    a href="/registry/files/organisations.xlsx" download { "XLSX" } " "
                    a href="/registry/files/organisations.csv" download { "CSV" }
                }
            }
            div.scroll { (table(lang, listed, filter.q.trim())) }
        }
        (pager(lang, &filter.address(""), next.as_deref(), filter.page.is_empty()))
    };
    workplace(visitor, Page::work(title, &here, Place::Registry), &Attempt::default(), content)
}

fn filters(visitor: &Visitor, filter: &Filter, districts: &[String]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        form.filters method="get" action="/registry" role="search" {
            div {
                label for="q" { (t("名称、代码或曾用名", "Name, code or former name")) }
                input id="q" name="q" type="search" value=(filter.q) maxlength="100";
            }
            div {
                label for="kind" { (t("类别", "Kind")) }
                select id="kind" name="kind" {
                    option value="" { (t("全部", "All")) }
                    @for kind in KINDS {
                        option value=(kind_key(kind)) selected[kind_key(kind) == filter.kind] { (kind_word(lang, kind)) }
                    }
                }
            }
            div {
                label for="district" { (t("所在区", "District")) }
                select id="district" name="district" {
                    option value="" { (t("全部", "All")) }
                    @for district in districts { option value=(district) selected[*district == filter.district] { (district) } }
                }
            }
            div {
                label for="existing" { (t("状态", "State")) }
                select id="existing" name="existing" {
                    option value="" { (t("全部", "All")) }
                    option value="only" selected[filter.existing == "only"] { (t("仍在办学", "Still open")) }
                }
            }
            button type="submit" { (t("查找", "Search")) }
        }
    }
}

fn table(lang: Lang, listed: &[Organisation], query: &str) -> Markup {
    let t = words(lang);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("代码", "Code")) }
                th scope="col" { (t("名称", "Name")) }
                th scope="col" { (t("类别", "Kind")) }
                th scope="col" { (t("性质", "Ownership")) }
                th scope="col" { (t("所在区", "District")) }
                th scope="col" { (t("曾用名与变动", "Former names and changes")) }
            } }
            tbody { @for one in listed {
                @let name = name_or(lang, one.name.as_ref(), &one.code);
                tr {
                    td.code { (one.code) }
                    th scope="row" {
                        a href={ "/registry/" (one.code) } { (name) }
                        @if one.demonstration && !says_demonstration(name) { " " (demo(lang)) }
                    }
                    td { (kind_word(lang, one.kind())) }
                    td { (ownership_word(lang, one.ownership())) }
                    td { (one.district) }
                    td { (past(lang, one, query)) }
                }
            } }
        }
    }
}

/// What an organisation was called before, and whether it is still there. All its names where one of them was searched
/// for, else the latest.
fn past(lang: Lang, one: &Organisation, query: &str) -> Markup {
    let t = words(lang);
    let names: Vec<&str> = one
        .former_names
        .iter()
        .filter(|former| !former.mistaken)
        .map(|former| name_or(Lang::Zh, former.name.as_ref(), ""))
        .collect();
    let found = names.iter().copied().find(|name| !query.is_empty() && name.contains(query));
    let shown = found.or(names.last().copied());
    html! {
        @if is_closed(one) {
            @let day = one.closing_date.as_str();
            div.small {
                @if one.merger.is_some() { (say!(lang, "{day} 并入其他机构", "merged {day}")) }
                @else { (say!(lang, "{day} 停办", "closed {day}")) }
            }
        }
        @if let Some(name) = shown {
            div.small.grey {
                (t("曾用名：", "formerly ")) (name)
                @if names.len() > 1 { @let count = names.len(); (say!(lang, " 等 {count} 个", " and {count} in all")) }
            }
        }
    }
}
