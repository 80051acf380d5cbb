//! The diagnosis of status data (状态数据探诊): an institution among its peers, and the region's spread.

mod files;
mod measure;
mod region;
mod school;
mod words;

use axum::{Router, routing::get};
use maud::{Markup, html};
use zhijian_proto::{
    identity::v1::Role,
    submission::v1::{Cycle, cycle},
};

use super::lookup;
use crate::web::{
    error::Failure,
    i18n::{name_or, words},
    session::Visitor,
};

pub fn routes() -> Router {
    Router::new()
        .route("/diagnosis", get(school::show))
        .route("/diagnosis/file.csv", get(files::school))
        .route("/diagnosis/region", get(region::show))
        .route("/diagnosis/region/{name}", get(files::region))
}

/// Whether the reader sees every institution, in every year.
fn sees_all(visitor: &Visitor) -> bool {
    visitor.has(Role::Commission) || visitor.has(Role::Publisher)
}

/// The years that the reader may look at, newest first.
async fn years(visitor: &Visitor) -> Result<Vec<Cycle>, Failure> {
    let all = sees_all(visitor);
    let seen = |cycle: &Cycle| match cycle.state() {
        cycle::State::Released => true,
        cycle::State::Collecting | cycle::State::Closed => all,
        cycle::State::Draft | cycle::State::Unspecified => false,
    };
    let mut cycles = lookup::cycles(visitor).await?;
    cycles.retain(seen);
    Ok(cycles)
}

/// The year that an address asks for; else the newest whose results are released; else the newest.
fn chosen<'a>(years: &'a [Cycle], asked: &str) -> Option<&'a Cycle> {
    let asked = asked.parse::<i32>().ok();
    let released = |cycle: &&Cycle| cycle.state() == cycle::State::Released;
    let by_default = || years.iter().find(released).or(years.first());
    match asked {
        Some(year) => years.iter().find(|cycle| cycle.year == year),
        None => by_default(),
    }
}

fn year_options(visitor: &Visitor, years: &[Cycle], year: i32) -> Markup {
    html! {
        @for cycle in years {
            option value=(cycle.year) selected[cycle.year == year] {
                (name_or(visitor.lang(), cycle.name.as_ref(), &cycle.year.to_string()))
            }
        }
    }
}

/// The two pages, for those who see both.
fn tabs(visitor: &Visitor, here: &str, year: i32) -> Markup {
    let t = words(visitor.lang());
    let pages =
        [("/diagnosis/region", t("全市分布", "The region")), ("/diagnosis", t("逐校探诊", "By institution"))];
    html! {
        @if sees_all(visitor) {
            nav.tabs aria-label=(t("数据探诊", "Diagnosis")) {
                @for (address, name) in pages {
                    a href={ (address) "?year=" (year) } aria-current=[(address == here).then_some("page")] { (name) }
                }
            }
        }
    }
}

/// What readers of figures that may still change have to know.
fn provisional(visitor: &Visitor, released: bool) -> Markup {
    let t = words(visitor.lang());
    html! {
        @if !released {
            div.banner.need { p {
                strong { (t("尚未发布，数字可能再变。", "Not released: the figures may still change. ")) }
                (t("只统计已接收的年报；学校在发布后才看到。", "Accepted reports alone are counted; schools see this once the results are released."))
            } }
        }
    }
}
