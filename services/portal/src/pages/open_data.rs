//! What programs can fetch, explained to people.

use axum::{Router, routing::get};
use maud::{Markup, html};

use crate::{
    open::{
        arguments::Place,
        route::{ROUTES, Route},
    },
    web::{
        cache::share,
        error::Answer,
        form::Attempt,
        i18n::words,
        layout::{Page, reading},
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/open", get(show))
}

async fn show(visitor: Visitor) -> Answer {
    let t = words(visitor.lang());
    let title = t("开放数据", "Open data");
    let site = visitor.origin();
    let content = html! {
        h1 { (title) }
        p.lede { (t("每一张发布的表、院校和专业名录、公示的年报都可以由程序直接读取，不需要登录。地址长期不变。",
            "Every published table, the registers and the public reports can be read by programs, without signing in. Addresses stay.")) }
        h2 { (t("先试一试", "Try it")) }
        (example(t("一张表，四种格式：json、csv、xlsx、parquet", "One table in four formats: json, csv, xlsx, parquet"),
            &format!("curl {site}/open/v1/releases/2025/tables/2-2.csv")))
        (example(t("只要其中几列、几行", "Some columns and lines of it"),
            &format!("curl '{site}/open/v1/releases/2025/tables/2-2.json?columns=grade,count&where=count:ge:20'")))
        (example(t("没有变化就不重取：带上上次的指纹，回答 304", "What has not changed need not be fetched: 304 for a known fingerprint"),
            &format!("curl -H 'If-None-Match: \"…\"' {site}/open/v1/releases/2025")))
        (example(t("在年报和发布的报告里检索", "Search the reports of schools and what was published of them"), &format!("curl -G --data-urlencode q=产教融合 {site}/open/v1/search")))
        (example(t("收割全部元数据（OAI-PMH 2.0）", "Harvest all metadata (OAI-PMH 2.0)"),
            &format!("curl '{site}/oai?verb=ListRecords&metadataPrefix=oai_dc'")))
        (example(t("同样的记录，写成 DataCite 4", "The same records as DataCite 4"),
            &format!("curl '{site}/oai?verb=ListRecords&metadataPrefix=oai_datacite'")))
        h2 { (t("约定", "Conventions")) }
        ul {
            li { (t("小数以字符串给出，不经过二进制浮点：", "Decimals are strings and never pass through binary floats: ")) code { "value" } (t(" 是未取整的数，", " is the unrounded number, ")) code { "display" } (t(" 是表上印的样子。", " is what the table prints.")) }
            li { (t("列表分页：", "Lists are paged: ")) code { "page_size" } (t("、", ", ")) code { "page_token" } (t("；下一页的地址也在 ", "; the next page's address also stands in ")) code { "Link" } (t(" 头里。", ".")) }
            li { (t("出错时回答 ", "Errors are ")) code { "application/problem+json" } (t("，指出是哪个参数、应当怎样写。", " and name the argument and what would be right.")) }
            li { (t("结果撤回后，不带版本号的地址回答 ", "Once results are withdrawn, addresses without a version answer ")) code { "410" } (t("，说明时间和原因，并列出各版的地址；各版的地址不变，回答里带 ", ", say when and why and list the addresses of the versions; those stay and carry ")) code { "Deprecation" } (t("。", ".")) }
            li { (t("任何网站的页面都可以读取（CORS）。", "Pages of any site may read it (CORS).")) }
        }
        h2 { (t("全部地址", "All addresses")) }
        p {
            (t("机器可读的说明：", "For machines: ")) a href="/open/v1/openapi.json" { "OpenAPI 3.1" } (t("；目录：", "; catalogue: "))
            a href="/open/v1/catalog.ttl" { "DCAT-AP (Turtle)" } (t("、", ", ")) a href="/open/v1/catalog.jsonld" { "JSON-LD" }
            (t("；订阅：", "; feed: ")) a href="/open/v1/releases.atom" { "Atom" } (t("。", "."))
        }
        @for route in ROUTES { (described(&visitor, route)) }
    };
    Ok(share(reading(&visitor, Page::reading(title, "/open"), &Attempt::default(), content)))
}

fn example(about: &str, command: &str) -> Markup {
    html! { figure.example { figcaption { (about) } pre tabindex="0" { code { (command) } } } }
}

fn described(visitor: &Visitor, route: &Route) -> Markup {
    let lang = visitor.lang();
    html! {
        section.address {
            h3 { code { "/open/v1" (route.path) } }
            p { (lang.pick(route.about.0, route.about.1)) }
            @if !route.parameters.is_empty() {
                // The same ones come again and again: unfolded, they would bury the addresses.
                details {
                    summary { (lang.pick("参数", "Parameters")) }
                    dl.facts { @for parameter in route.parameters {
                        dt { code { (parameter.name) } @if parameter.place == Place::Path { " *" } }
                        dd { (lang.pick(parameter.about.0, parameter.about.1)) }
                    } }
                }
            }
        }
    }
}
