//! The open data: every described address answers, arguments of every wrong kind are refused by name, and what is kept in front
//! of the router is never somebody else's nor out of date.

#[path = "../common/mod.rs"]
mod common;
mod harvest;
mod kept;
mod region;
mod search;
mod withdrawn;

use common::{Browser, Page};
use http::{StatusCode, header};
use kept::Reader;
use region::{region, reported};
use serde_json::Value;

const TABLE: &str = "/open/v1/releases/2025/tables/2-2";

pub fn json(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|error| panic!("{error}: {}", page.body))
}

#[tokio::test]
async fn every_described_address_answers_as_described() {
    let browser = Browser::new(region().serve().await, "");
    let description = json(&browser.get("/open/v1/openapi.json").await);
    assert_eq!(description["openapi"], "3.1.0");
    let paths = description["paths"].as_object().expect("paths");
    assert!(paths.len() >= 10);
    for (path, operations) in paths {
        let get = &operations["get"];
        let mut address = path.clone();
        for parameter in get["parameters"].as_array().expect("parameters") {
            let name = parameter["name"].as_str().expect("a name");
            let example = match &parameter["example"] {
                Value::String(example) => example.clone(),
                other => other.to_string(),
            };
            if parameter["in"] == "path" {
                address = address.replace(&format!("{{{name}}}"), &example);
            } else if !parameter["example"].is_null() {
                address.push(if address.contains('?') { '&' } else { '?' });
                address.push_str(&format!("{name}={example}"));
            }
        }
        let page = browser.get(&address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}: {}", page.body);
        let media = page.headers[header::CONTENT_TYPE].to_str().expect("text");
        let described = get["responses"]["200"]["content"].as_object().expect("content");
        assert!(described.keys().any(|known| media.starts_with(known.as_str())), "{address} answers {media}");
        let tag = page.headers[header::ETAG].to_str().expect("text").to_owned();
        let again = browser.get_with(&address, "if-none-match", &tag).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{address}");
        let wrong = browser.get(&format!("{}?nonsense=1", address.split('?').next().expect("a path"))).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{address}");
        assert_eq!(json(&wrong)["errors"][0]["parameter"], "nonsense", "{address}");
    }
}

#[tokio::test]
async fn a_table_comes_in_every_form() {
    let browser = Reader::of(region()).await;
    for (format, begins) in
        [("xlsx", &b"PK"[..]), ("parquet", b"PAR1"), ("csv", "等级,".as_bytes()), ("json", b"{")]
    {
        let (status, headers, body) = browser.bytes(&format!("{TABLE}.{format}")).await;
        assert_eq!(status, StatusCode::OK, "{format}");
        assert!(body.starts_with(begins), "{format}");
        if format != "json" {
            let name = headers[header::CONTENT_DISPOSITION].to_str().expect("text");
            assert_eq!(name, format!("attachment; filename=\"zhijian-2025-2-2.{format}\""));
        }
    }
}

#[tokio::test]
async fn part_of_a_table_is_paged_to_its_end() {
    let browser = Browser::new(region().serve().await, "");
    let mut seen = vec![];
    let mut address = format!("{TABLE}.json?columns=grade&where=count:ge:20&page_size=2");
    loop {
        let page = browser.get(&address).await;
        let document = json(&page);
        assert_eq!(document["total_rows"], 6);
        assert_eq!(document["columns"].as_array().map(Vec::len), Some(1));
        let rows = document["rows"].as_array().expect("rows").clone();
        seen.extend(rows.iter().map(|row| row["grade"]["display"].as_str().expect("text").to_owned()));
        let Some(next) = page.headers.get(header::LINK) else {
            assert!(document["next_page_token"].is_null());
            break;
        };
        let next = next.to_str().expect("text");
        address = next[1..next.find('>').expect("an address")].to_owned();
    }
    assert_eq!(seen, ["A-", "B+", "B-", "C+", "C", "合计"]);
    let filtered = browser.get(&format!("{TABLE}.csv?columns=count,grade&where=grade:eq:A%2B")).await;
    assert_eq!(filtered.body, "数量,等级\r\n19,A+\r\n");
    let found = json(&browser.get("/open/v1/institutions.json?q=%E5%AD%A6%E6%A0%A1").await);
    assert_eq!(found["total_rows"], 1);
}

#[tokio::test]
async fn arguments_of_every_wrong_kind_are_refused_by_name() {
    let browser = Browser::new(region().serve().await, "");
    let long = "x".repeat(2000);
    let cases = [
        ("columns=size", "columns"),
        ("columns=grade,grade", "columns"),
        ("columns=,", "columns"),
        ("where=count", "where"),
        ("where=count:about:3", "where"),
        ("where=grade:lt:B", "where"),
        ("where=count:lt:viele", "where"),
        ("where=size:eq:1", "columns"),
        ("page_size=0", "page_size"),
        ("page_size=-5", "page_size"),
        ("page_size=1001", "page_size"),
        ("page_size=1.5", "page_size"),
        ("page_size=2&page_size=3", "page_size"),
        ("page_token=7", "page_token"),
        ("page_token=0-0000000000000000", "page_token"),
        ("page_token=%FF%FE", "page_token"),
        ("order=count", "order"),
        (&format!("q={long}"), "q"),
        (&format!("{long}=1"), &long[..60]),
    ];
    for (query, parameter) in cases {
        let page = browser.get_with(&format!("{TABLE}.json?{query}"), "accept-language", "en").await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}: {}", page.body);
        assert_eq!(page.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(json(&page)["errors"][0]["parameter"], parameter, "{query}");
    }
    for path in [
        "/open/v1/releases/zweitausend",
        "/open/v1/releases/99999999999",
        "/open/v1/institutions.pdf",
        "/open/v1/releases/2025/tables/2-2",
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(page.headers[header::CONTENT_TYPE], "application/problem+json", "{path}");
    }
    // A token of another question is no token of this one.
    let first = json(&browser.get(&format!("{TABLE}.json?page_size=2")).await);
    let token = first["next_page_token"].as_str().expect("a second page");
    let other = browser.get(&format!("{TABLE}.json?page_size=2&columns=grade&page_token={token}")).await;
    assert_eq!(other.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_catalogue_the_feed_and_the_map_name_what_is_public() {
    let browser = Browser::new(region().serve().await, "");
    let turtle = browser.get_with("/open/v1/catalog.ttl", "host", "open.example.cn").await;
    assert!(
        turtle.body.contains("<http://open.example.cn/releases/2025/tables/2-2#dataset> a dcat:Dataset"),
        "{}",
        turtle.body
    );
    let forged = browser.get_with("/open/v1/catalog.ttl", "host", "a> <b").await;
    assert!(forged.body.contains("<http://localhost/"), "{}", forged.body);
    let feed = browser.get("/open/v1/releases.atom").await;
    assert!(feed.body.contains("<title>2025 年度结果</title>"), "{}", feed.body);
    let map = browser.get("/sitemap.xml").await;
    assert!(map.body.contains("<loc>http://localhost/releases/2025/tables/2-2</loc>"), "{}", map.body);
    let robots = browser.get("/robots.txt").await;
    assert!(robots.body.contains("Sitemap: http://localhost/sitemap.xml"), "{}", robots.body);
    let page = browser.get("/releases/2025").await;
    let data = page
        .body
        .split("<script type=\"application/ld+json\">")
        .nth(1)
        .and_then(|rest| rest.split("</script>").next());
    let data: Value = serde_json::from_str(data.expect("a block of data")).expect("JSON");
    assert_eq!(data["@type"], "Dataset");
    assert_eq!(
        data["hasPart"][0]["distribution"][3]["contentUrl"],
        "http://localhost/open/v1/releases/2025/tables/2-2.parquet"
    );
}

#[tokio::test]
async fn the_directory_lists_reports_and_shows_what_they_say() {
    let browser = Browser::new(reported(region(), 3).serve().await, "");
    let list = browser.get("/reports?district=%E6%B5%B7%E6%B7%80%E5%8C%BA").await;
    assert!(list.body.contains("href=\"/reports/sub_1\"") && list.body.contains("共 3 份"), "{}", list.body);
    let page = browser.get("/reports/sub_2").await;
    assert!(page.body.contains("id=\"s-talent\"") && page.body.contains("id=\"c-cas_2\""), "{}", page.body);
    assert!(page.body.contains("5000") && page.body.contains("&lt;script&gt;"), "{}", page.body);
    assert!(!page.body.contains("javascript:"), "no address but one of the web becomes a link");
    assert_eq!(browser.get("/reports/sub_9").await.status, StatusCode::NOT_FOUND);
    let document = json(&browser.get("/open/v1/reports/sub_2").await);
    assert_eq!(document["values"][0]["value"], "5000");
    assert_eq!(browser.get("/open/v1/reports/sub_9").await.status, StatusCode::NOT_FOUND);
    let listed = json(&browser.get("/open/v1/reports.json").await);
    assert_eq!(listed["total_rows"], 3);
}
