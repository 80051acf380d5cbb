//! The front page: the region, what this is, and what it has published.

use axum::{Router, response::Response, routing::get};
use maud::{Markup, html};
use zhijian_proto::publication::v1::{ListReleasesRequest, Release, release};

use super::{
    lookup::says_demonstration,
    releases::{demonstration, release_list, release_title, strips},
};
use crate::{
    say,
    web::{
        cache::share,
        components::demo,
        error::Answer,
        form::Attempt,
        i18n::{name_or, words},
        layout::{Page, reading},
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/", get(show))
}

async fn show(visitor: Visitor) -> Answer {
    let request = ListReleasesRequest { page_size: 10, page_token: String::new() };
    let listed = visitor.clients().releases().list_releases(request).await?.into_inner().releases;
    let public: Vec<Release> = listed
        .into_iter()
        .filter(|release| {
            matches!(
                release.state(),
                release::State::Published | release::State::Corrected | release::State::Notice
            )
        })
        .collect();
    let newest = public
        .iter()
        .find(|release| matches!(release.state(), release::State::Published | release::State::Corrected));
    let newest_strips = match newest {
        Some(release) => strips(&visitor, release.year, 0).await?,
        None => vec![],
    };
    Ok(share(page(&visitor, &public, newest.zip(newest_strips.into_iter().next()))))
}

fn page(visitor: &Visitor, public: &[Release], newest: Option<(&Release, Markup)>) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let region = name_or(lang, visitor.region().name.as_ref(), t("本地区", "This region"));
    let title = say!(lang, "{region}职业教育质量年度", "Vocational education quality in {region}");
    let not_set_up = visitor.region().etag.is_empty();
    let content = html! {
        h1 { (title) @if visitor.region().demonstration && !says_demonstration(&title) { " " (demo(lang)) } }
        p.lede { (t("学校交报告，专家看专业，结果向社会发布，低等级跟踪到改好为止。这里是全过程，也是最后的数字。",
            "Schools report, experts look at programmes, the results are made public, and what was graded low is followed until it is mended. Here is the whole way, and the figures at its end.")) }
        @if not_set_up {
            div.banner.need {
                p { (t("这是一个新安装的系统，还没有账户。", "This is a new installation without accounts.")) " "
                    a href="/setup" { (t("用开通码建立第一个账户", "Open the first one with the set-up code")) } }
            }
        }
        @if let Some((release, strip)) = &newest {
            h2 { (t("最近发布", "Latest release")) }
            p { a href={ "/releases/" (release.year) } { (release_title(lang, release)) } (demonstration(lang, release)) }
            (strip)
        }
        @if public.len() > 1 || (newest.is_none() && !public.is_empty()) {
            h2 { (t("各年结果", "All years")) }
            (release_list(visitor, public))
        } @else if public.is_empty() && !not_set_up {
            h2 { (t("各年结果", "All years")) }
            p { (t("还没有发布过结果。发布之后，这里会列出每一年的数据表。", "Nothing has been published yet. Each year's tables will be listed here.")) }
        }
        h2 { (t("一年怎么走", "How a year goes")) }
        (the_loop(visitor))
        h2 id="open-data" { (t("开放数据", "Open data")) }
        p { (t("每一张发布的表都可以直接下载，供程序使用，不需要登录。地址长期不变；每个文件都带内容指纹，没有变化就不必重取。",
            "Every published table can be fetched by programs, without signing in. Addresses stay; each file carries its fingerprint, so that what has not changed need not be fetched again.")) }
        ul.plain {
            li { a href="/open/v1/releases" { code { "/open/v1/releases" } } " " span.grey { (t("全部结果", "all releases")) } }
            @if let Some((release, _)) = &newest {
                li { a href={ "/open/v1/releases/" (release.year) "/tables" } { code { "/open/v1/releases/" (release.year) "/tables" } } " "
                    span.grey { (t("一年的全部数据表", "the tables of a year")) } }
                li { a href={ "/open/v1/releases/" (release.year) "/tables/2-2.csv" } { code { "/open/v1/releases/" (release.year) "/tables/2-2.csv" } } " "
                    span.grey { (t("一张表；换成 .json 也可以", "one table; .json works as well")) } }
            }
        }
    };
    reading(visitor, Page::reading(&title, "/"), &Attempt::default(), content)
}

fn the_loop(visitor: &Visitor) -> Markup {
    let t = words(visitor.lang());
    let steps = [
        (
            t("收集", "Collect"),
            t(
                "学校填报指标、撰写年报，校长对真实性作出声明。",
                "Schools fill in indicators and write their report; the head vouches for it.",
            ),
        ),
        (
            t("诊断", "Diagnose"),
            t(
                "规则逐条核对；专家按十个要素给专业评分。",
                "Rules check every figure; experts score programmes on ten elements.",
            ),
        ),
        (
            t("编制", "Compile"),
            t(
                "已接收的数据汇成编号的表，每个数都能追到来处。",
                "Accepted data become numbered tables; each figure can be traced.",
            ),
        ),
        (
            t("发布", "Publish"),
            t(
                "公示期满后定稿，向社会发布并开放下载。",
                "After public notice the tables are final, public and open.",
            ),
        ),
        (
            t("改进", "Improve"),
            t(
                "低等级专业一校一专一策，限期整改。",
                "What was graded low gets a plan of its own, with a date.",
            ),
        ),
    ];
    html! { ol.loop { @for (name, what) in steps { li { strong { (name) } (what) } } } }
}
