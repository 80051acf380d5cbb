//! The roll-up of several regions, from their signed bundles.

use axum::{Router, extract::Query, routing::get};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::publication::v1::{
    FederatedBundle, FederatedRegion, GetRollupRequest, GetRollupResponse, ListRegionsRequest,
};

use super::table;
use crate::{
    say,
    web::{
        components::demo,
        error::Answer,
        form::Attempt,
        format,
        i18n::{name_or, text, words},
        layout::{Page, reading},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/federation", get(show))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    year: String,
}

async fn show(visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    let mut federation = visitor.clients().federation();
    let regions = federation.list_regions(ListRegionsRequest {}).await?.into_inner().regions;
    let mut years: Vec<i32> =
        regions.iter().flat_map(|region| region.bundles.iter().map(|bundle| bundle.year)).collect();
    years.sort_unstable();
    years.dedup();
    let year = asked.year.parse().ok().filter(|year| years.contains(year)).or(years.last().copied());
    let rollup = match year {
        Some(year) => Some(federation.get_rollup(GetRollupRequest { year }).await?.into_inner()),
        None => None,
    };
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("区域汇总", "Regions together");
    let chosen = year.map(|year| year.to_string()).unwrap_or_default();
    let address = link::address("/federation", &[("year", &asked.year)]);
    let content = html! {
        h1 { (title) }
        p.lede { (t("由各地签名发布的结果汇总：总数由各校数据相加，比率由合计重新计算，不取各地比率的平均。", "Added up from what regions published under their signatures: sums over all schools, and rates computed again from the sums, never averaged.")) }
        @if years.len() > 1 {
            p.ways { @for one in &years {
                a href={ "/federation?year=" (one) } aria-current=[(one.to_string() == chosen).then_some("page")] { (one) } " "
            } }
        }
        @match &rollup {
            None => p { (t("还没有收下任何地区的结果。", "No region's results have been taken in yet.")) },
            Some(rollup) => { (coverage(&visitor, rollup)) (tables(&visitor, rollup)) },
        }
    };
    Ok(reading(&visitor, Page::reading(title, &address), &Attempt::default(), content))
}

fn bundle_of(region: &FederatedRegion, year: i32) -> Option<&FederatedBundle> {
    region.bundles.iter().find(|bundle| bundle.year == year)
}

/// Which regions are in it, and which are not.
fn coverage(visitor: &Visitor, rollup: &GetRollupResponse) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let (covered, year) = (rollup.covered.len(), rollup.year);
    let all = covered + rollup.absent.len();
    html! {
        h2 { (say!(lang, "{year} 年：{all} 个地区中的 {covered} 个", "{year}: {covered} of {all} regions")) }
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("地区", "Region")) }
                th scope="col" { (t("版本", "Version")) }
                th scope="col" { (t("发布", "Published")) }
                th.number scope="col" { (t("年报", "Reports")) }
                th scope="col" { (t("公钥", "Key")) }
            } }
            tbody {
                @for region in &rollup.covered {
                    @if let Some(bundle) = bundle_of(region, year) { tr {
                        th scope="row" { (name_or(lang, region.name.as_ref(), &region.code)) @if bundle.demonstration { " " (demo(lang)) } }
                        td { (bundle.version) }
                        td { @if let Some(time) = format::moment(bundle.publish_time.as_ref()) { (format::dated(lang, &format::day(time).to_string())) } }
                        td.number { (bundle.report_count) }
                        td { code { (region.key_id) } }
                    } }
                }
                @for region in &rollup.absent { tr {
                    th scope="row" { (name_or(lang, region.name.as_ref(), &region.code)) }
                    td colspan="4" { span.grey { (t("这一年还没有收到，未计入。", "nothing of this year has come in; not counted")) } }
                } }
            }
        } }
        @if !rollup.left_out.is_empty() {
            @let numbers = rollup.left_out.join("、");
            p.grey { (say!(lang, "各地口径不同或有缺项、未汇总的表：{numbers}。", "Tables that regions define otherwise, or to which a part lacks: {numbers}.")) }
        }
    }
}

fn tables(visitor: &Visitor, rollup: &GetRollupResponse) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        @for table in &rollup.tables {
            @let name = text(lang, table.title.as_ref());
            div.set.scroll role="region" tabindex="0" aria-label=(name) {
                (table::set(lang, rollup.year, table::Edition::default(), table, html! { span.no { (t("表 ", "Table ")) (table.number) } " " (name) }))
            }
        }
    }
}
