//! The programmes themselves, on the page and as a file.

use axum::extract::Query;
use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::{
    common::v1::Level,
    publication::v1::{GetMapRequest, ListMapProgrammesRequest, ListMapProgrammesResponse, MapProgramme},
};

use super::{Filter, Shown, year};
use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    say,
    web::{
        components::{empty, grade, pager},
        error::{Answer, Failure},
        export::csv,
        i18n::{name_or, words},
        session::Visitor,
    },
};

fn level(lang: Lang, level: Level) -> &'static str {
    match level {
        Level::Secondary => lang.pick("中职", "Secondary"),
        Level::Higher => lang.pick("高职", "Higher"),
        Level::Unspecified => "",
    }
}

/// One page of the programmes that the filter leaves.
pub fn programmes(lang: Lang, shown: &Shown<'_>) -> Markup {
    let t = words(lang);
    let filter = shown.filter;
    let listed = shown.listed;
    let total = listed.total_size;
    let next = (!listed.next_page_token.is_empty())
        .then(|| format!("{}#programmes", filter.page_address("/map", &listed.next_page_token)));
    html! {
        div.table-head {
            h2 id="programmes" { (say!(lang, "专业点（{total} 个）", "Programmes ({total})")) }
            span.get { a href=(filter.address("/map/programmes.csv")) download { (t("导出 CSV", "Export CSV")) } }
        }
        @if listed.programmes.is_empty() {
            (empty(t("没有符合条件的专业点", "No programme matches"),
                html! { a href=(Filter { year: filter.year.clone(), ..Filter::default() }.address("/map")) { (t("看全部专业点", "See all programmes")) } }))
        } @else {
            (table(lang, shown))
        }
        (pager(lang, &format!("{}#programmes", filter.address("/map")), next.as_deref(), filter.page.is_empty()))
    }
}

fn table(lang: Lang, shown: &Shown<'_>) -> Markup {
    let t = words(lang);
    let to = |one: &MapProgramme| shown.filter.with(|next| next.school.clone_from(&one.organisation_code));
    html! {
        div.scroll tabindex="0" role="region" aria-label=(t("专业点", "Programmes")) { table.map-list {
            thead { tr {
                th scope="col" { (t("专业", "Programme")) }
                th scope="col" { (t("学校", "Institution")) }
                th scope="col" { (t("产业", "Industry")) }
                th.number scope="col" { (t("设置年份", "Opened")) }
                th scope="col" { (t("等级", "Grade")) }
            } }
            tbody { @for one in &shown.listed.programmes { tr {
                th scope="row" { (name_or(lang, one.name.as_ref(), &one.code)) div.grey.small { span.code { (one.code) } " " (level(lang, one.level())) } }
                td { a href={ (to(one).address("/map")) "#programmes" } { (name_or(lang, one.organisation_name.as_ref(), &one.organisation_code)) } div.grey.small { (one.district) } }
                td { @if one.industry_code.is_empty() { (t("未对接", "Matches none")) } @else {
                    (shown.name(lang, &one.industry_code)) div.grey.small { (shown.name(lang, &one.sector_code)) }
                } }
                td.number { (one.opened_year) @if one.withdrawn_year > 0 { div.grey.small { (one.withdrawn_year) (t(" 撤销", " withdrawn")) } } }
                td { @if one.grade.is_empty() { "—" } @else { (grade(&one.grade)) div.grey.small { (one.grade_year) } } }
            } } }
        } }
    }
}

/// All programmes that the filter leaves.
pub async fn file(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    let lang = visitor.lang();
    let t = words(lang);
    let year = year(&visitor, &filter).await?.ok_or_else(Failure::not_found)?;
    let request = GetMapRequest { filter: Some(filter.wanted(year)) };
    let map = visitor.clients().map().get_map(request).await?.into_inner();
    let all = all_pages(|page_token| {
        let mut clients = visitor.clients().map();
        let request =
            ListMapProgrammesRequest { filter: Some(filter.wanted(year)), page_size: WHOLE_PAGE, page_token };
        async move {
            let page = clients.list_map_programmes(request).await?.into_inner();
            Ok((page.programmes, page.next_page_token))
        }
    });
    let all = all.await?;
    let shown = Shown { filter: &filter, map: &map, listed: &ListMapProgrammesResponse::default() };
    let headings = [
        t("专业代码", "Code"),
        t("专业", "Programme"),
        t("层次", "Level"),
        t("学校代码", "Institution code"),
        t("学校", "Institution"),
        t("区", "District"),
        t("主导产业", "Industry"),
        t("关键行业", "Sector"),
        t("设置年份", "Opened"),
        t("撤销年份", "Withdrawn"),
        t("等级", "Grade"),
        t("等级年度", "Grade of"),
    ];
    let year_of = |year: i32| if year == 0 { String::new() } else { year.to_string() };
    let rows = all.into_iter().map(|one| {
        vec![
            one.code.clone(),
            name_or(lang, one.name.as_ref(), &one.code).to_owned(),
            level(lang, one.level()).to_owned(),
            one.organisation_code.clone(),
            name_or(lang, one.organisation_name.as_ref(), &one.organisation_code).to_owned(),
            one.district.clone(),
            shown.name(lang, &one.industry_code).to_owned(),
            shown.name(lang, &one.sector_code).to_owned(),
            year_of(one.opened_year),
            year_of(one.withdrawn_year),
            one.grade.clone(),
            year_of(one.grade_year),
        ]
    });
    Ok(csv(&format!("map-{year}"), &headings, rows))
}
