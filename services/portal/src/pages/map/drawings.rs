//! Districts as tiles, the matrix and the flow, each with its table.

use std::collections::BTreeMap;

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{MapDistrict, MapFlow, MapIndustry};

use super::Shown;
use crate::{
    say,
    web::{
        chart::map::{Band, Tile, flow as draw_flow, matrix as draw_matrix, tiles},
        i18n::{name_or, words},
    },
};

/// A district's name.
pub fn district(lang: Lang, one: &MapDistrict) -> &str {
    match (lang, one.name.as_str(), one.name_en.as_str()) {
        (_, "", _) => lang.pick("未注明", "Not stated"),
        (Lang::En, _, english) if !english.is_empty() => english,
        (_, name, _) => name,
    }
}

fn programmes(one: &MapDistrict) -> i32 {
    one.supply.as_ref().map_or(0, |supply| supply.programmes)
}

fn figure(lang: Lang, title: &str, drawing: Markup, table: Markup, source: &str) -> Markup {
    let t = words(lang);
    html! {
        figure.chart.drawn {
            figcaption { p.finding { (title) } }
            (drawing)
            details {
                summary { (t("看数据表", "Show the table")) }
                div.scroll tabindex="0" role="region" aria-label=(title) { (table) }
            }
            p.source { (source) }
        }
    }
}

/// Districts where they lie, each a link to its programmes.
pub fn districts(lang: Lang, shown: &Shown<'_>) -> Markup {
    let t = words(lang);
    let all = &shown.map.districts;
    let href =
        |one: &MapDistrict| shown.filter.with(|next| next.district.clone_from(&one.name)).address("/map");
    let drawn: Vec<Tile<'_>> = all
        .iter()
        .map(|one| Tile {
            name: district(lang, one),
            row: one.row,
            column: one.column,
            count: programmes(one),
            href: href(one),
            chosen: !one.name.is_empty() && shown.filter.district == one.name,
        })
        .collect();
    let most = all.iter().max_by_key(|one| programmes(one));
    let title = most.map_or_else(String::new, |one| {
        let (name, number) = (district(lang, one), programmes(one));
        say!(lang, "{name}的专业点最多：{number} 个", "{name} has most programmes: {number}")
    });
    let table = html! {
        table.data {
            thead { tr {
                th scope="col" { (t("区", "District")) }
                th.number scope="col" { (t("专业点（个）", "Programmes")) }
                th.number scope="col" { (t("新增（个）", "Opened")) }
                th.number scope="col" { (t("撤销（个）", "Withdrawn")) }
                th.number scope="col" { (t("学校（所）", "Institutions")) }
                th.number scope="col" { (t("在校生（人）", "Students")) }
            } }
            tbody { @for one in all { @let supply = one.supply.clone().unwrap_or_default(); tr {
                th scope="row" { a href=(href(one)) { (district(lang, one)) } }
                td.number { (supply.programmes) } td.number { (supply.opened) } td.number { (supply.withdrawn) }
                td.number { (one.institution_count) }
                td.number { @match one.students { Some(students) => (students), None => "—" } }
            } } }
        }
    };
    html! {
        h2 { (t("按区", "By district")) }
        (figure(lang, &title, tiles(&drawn, t("各区的专业点数", "Programmes by district")), table,
            t("每块是一个区，数字为专业点数；位置为示意。学校和在校生不随筛选变化。", "A tile is a district with its programmes, placed roughly where it lies. Institutions and students do not follow the filter.")))
    }
}

/// Industries by districts.
pub fn matrix(lang: Lang, shown: &Shown<'_>) -> Markup {
    let t = words(lang);
    let districts: Vec<&MapDistrict> = shown.map.districts.iter().collect();
    let industries: Vec<&MapIndustry> = shown.industries().collect();
    let cells: BTreeMap<(&str, &str), i32> = shown
        .map
        .cells
        .iter()
        .map(|cell| ((cell.industry_code.as_str(), cell.district.as_str()), cell.programmes))
        .collect();
    let counts: Vec<Vec<i32>> = industries
        .iter()
        .map(|industry| {
            districts
                .iter()
                .map(|one| cells.get(&(industry.code.as_str(), one.name.as_str())).copied().unwrap_or(0))
                .collect()
        })
        .collect();
    let rows: Vec<&str> = industries.iter().map(|one| name_or(lang, one.name.as_ref(), &one.code)).collect();
    let columns: Vec<&str> = districts.iter().map(|one| district(lang, one)).collect();
    let blank = counts.iter().flatten().filter(|count| **count == 0).count();
    let pairs = rows.len() * columns.len();
    let title = say!(
        lang,
        "产业与区的 {pairs} 个组合中，{blank} 个没有专业点",
        "Of {pairs} pairs of industry and district {blank} have no programme"
    );
    let table = html! {
        table.data {
            thead { tr { th scope="col" { (t("产业", "Industry")) } @for name in &columns { th.number scope="col" { (name) } } } }
            tbody { @for (name, counts) in rows.iter().zip(&counts) { tr { th scope="row" { (name) } @for count in counts { td.number { (count) } } } } }
        }
    };
    html! {
        h2 { (t("产业与区", "Industries and districts")) }
        (figure(lang, &title, draw_matrix(&rows, &columns, &counts, &title), table, t("格内为专业点数，颜色越深越多；空格为没有。", "Programmes in a square, the darker the more; an empty square has none.")))
    }
}

/// From major classes of programmes to industries.
pub fn flow(lang: Lang, shown: &Shown<'_>) -> Markup {
    let t = words(lang);
    let flows = &shown.map.flows;
    if flows.is_empty() {
        return html! {};
    }
    let mut classes: Vec<&MapFlow> = flows.iter().collect();
    classes.dedup_by(|a, b| a.class_code == b.class_code);
    let left: Vec<&str> =
        classes.iter().map(|one| name_or(lang, one.class_name.as_ref(), &one.class_code)).collect();
    let reached: Vec<&str> = shown
        .industries()
        .map(|one| one.code.as_str())
        .chain([""])
        .filter(|code| flows.iter().any(|flow| flow.industry_code == *code))
        .collect();
    let industry = |code: &str| {
        if code.is_empty() {
            t("未对接", "Matches none").to_owned()
        } else {
            shown.name(lang, code).to_owned()
        }
    };
    let names: Vec<String> = reached.iter().map(|code| industry(code)).collect();
    let right: Vec<&str> = names.iter().map(String::as_str).collect();
    let place = |code: &str| reached.iter().position(|one| *one == code);
    let mut bands: Vec<Band> = flows
        .iter()
        .filter_map(|flow| {
            let from = classes.iter().position(|one| one.class_code == flow.class_code)?;
            Some(Band { from, to: place(&flow.industry_code)?, count: flow.programmes })
        })
        .collect();
    // Bands leave and arrive in order, so that they cross as little as may be.
    bands.sort_by_key(|band| (band.from, band.to));
    let none: i32 =
        flows.iter().filter(|flow| flow.industry_code.is_empty()).map(|flow| flow.programmes).sum();
    let all: i32 = flows.iter().map(|flow| flow.programmes).sum();
    let matched = all - none;
    let title = say!(
        lang,
        "{all} 个专业点中，{matched} 个对应到主导产业",
        "Of {all} programmes {matched} match an industry"
    );
    let table = html! {
        table.data {
            thead { tr {
                th scope="col" { (t("专业大类", "Major class")) }
                th scope="col" { (t("主导产业", "Industry")) }
                th.number scope="col" { (t("专业点（个）", "Programmes")) }
            } }
            tbody { @for flow in flows { tr {
                th scope="row" { (name_or(lang, flow.class_name.as_ref(), &flow.class_code)) }
                td { (industry(&flow.industry_code)) }
                td.number { (flow.programmes) }
            } } }
        }
    };
    html! {
        h2 { (t("从专业到产业", "From programmes to industries")) }
        (figure(lang, &title, draw_flow(&left, &right, &bands, &title), table, t("左为专业大类，右为主导产业，带宽为专业点数。", "Major classes on the left, industries on the right; a band is as wide as its programmes are many.")))
    }
}
