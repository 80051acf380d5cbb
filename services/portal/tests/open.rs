//! The open data: every described address answers, arguments of every wrong kind are refused by name, and what is kept in front
//! of the router is never somebody else's nor out of date.

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::body::Body;
use common::{
    Browser, Fake, Page,
    world::{people, released, text},
};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use zhijian_portal::Front;
use zhijian_proto::{
    identity::v1::{ListOrganisationsRequest, ListOrganisationsResponse, Organisation},
    publication::v1::{ListReleasesRequest, ListReleasesResponse, Release, release},
    submission::v1::{
        CountPublicReportsRequest, CountPublicReportsResponse, GetPublicReportRequest,
        GetPublicReportResponse, ListProgrammesRequest, ListProgrammesResponse, ListPublicReportsRequest,
        ListPublicReportsResponse, Programme, PublicCase, PublicReport, PublicReportCount, PublicSection,
        PublicValue,
    },
};

const TABLE: &str = "/open/v1/releases/2025/tables/2-2";

fn json(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|error| panic!("{error}: {}", page.body))
}

/// A release, two schools, a programme and a report.
fn region() -> Fake {
    reported(released(), 1)
        .on(
            "identity.v1.OrganisationService/ListOrganisations",
            |_: tonic::Request<ListOrganisationsRequest>| {
                let school = |code: &str, zh: &str| Organisation {
                    code: code.into(),
                    name: text(zh, "A College"),
                    district: "海淀区".into(),
                    ..Organisation::default()
                };
                let organisations =
                    vec![school("4111000001", "演示职业学院"), school("4111000002", "演示学校")];
                Ok(ListOrganisationsResponse { organisations, next_page_token: String::new() })
            },
        )
        .on("submission.v1.ProgrammeService/ListProgrammes", |_: tonic::Request<ListProgrammesRequest>| {
            let programme = Programme {
                organisation_code: "4111000001".into(),
                code: "510201".into(),
                name: text("计算机应用技术", "Applied computing"),
                opened_year: 2022,
                ..Programme::default()
            };
            Ok(ListProgrammesResponse { programmes: vec![programme], next_page_token: String::new() })
        })
}

/// A public report by its number.
fn report(number: usize) -> PublicReport {
    PublicReport {
        submission_id: format!("sub_{number}"),
        cycle_year: 2025,
        report_kind: "higher".into(),
        kind_name: text("高等职业教育质量年报", "Higher vocational report"),
        organisation_code: format!("41110{number:05}"),
        organisation_name: text(&format!("演示学院{number}"), &format!("Demo College {number}")),
        district: "海淀区".into(),
        subject_code: format!("41110{number:05}"),
        subject_name: text(&format!("演示学院{number}"), &format!("Demo College {number}")),
        demonstration: true,
        revision_number: 1,
        update_time: Some(prost_types::Timestamp { seconds: 1_769_000_000 + number as i64, nanos: 0 }),
    }
}

/// The region with so many public reports, in two pages.
fn reported(fake: Fake, reports: usize) -> Fake {
    fake.on(
        "submission.v1.PublicReportService/ListPublicReports",
        move |request: tonic::Request<ListPublicReportsRequest>| {
            let half = reports / 2;
            let (numbers, next) = if request.get_ref().page_token.is_empty() && half > 0 {
                (1..=half, "rest".to_owned())
            } else {
                (half + 1..=reports, String::new())
            };
            Ok(ListPublicReportsResponse { reports: numbers.map(report).collect(), next_page_token: next })
        },
    )
    .on(
        "submission.v1.PublicReportService/CountPublicReports",
        move |_: tonic::Request<CountPublicReportsRequest>| {
            let count = PublicReportCount {
                cycle_year: 2025,
                report_kind: "higher".into(),
                kind_name: text("高等职业教育质量年报", "Higher vocational report"),
                count: i32::try_from(reports).expect("few"),
            };
            Ok(CountPublicReportsResponse { counts: vec![count], version: reports.to_string() })
        },
    )
    .on(
        "submission.v1.PublicReportService/GetPublicReport",
        move |request: tonic::Request<GetPublicReportRequest>| {
            let id = &request.get_ref().submission_id;
            let number = id
                .strip_prefix("sub_")
                .and_then(|number| number.parse().ok())
                .filter(|number| (1..=reports).contains(number));
            let Some(number) = number else { return Err(tonic::Status::not_found("no such report")) };
            Ok(GetPublicReportResponse {
                report: Some(report(number)),
                sections: vec![PublicSection {
                    section_code: "talent".into(),
                    name: text("人才培养", "Talent"),
                    body: format!(
                        "## 课程建设\n\n第{number}所学校深化产教融合，开设 course 双语课程。<script>"
                    ),
                }],
                cases: vec![PublicCase {
                    case_id: format!("cas_{number}"),
                    section_code: "talent".into(),
                    title: "订单班".into(),
                    body: "校企共建现场工程师班。".into(),
                }],
                values: vec![PublicValue {
                    indicator_code: "SC01".into(),
                    name: text("毕业生人数", "Graduates"),
                    group_name: text("计分卡", "Scorecard"),
                    unit: text("人", "people"),
                    value: common::world::number("5000"),
                    option: None,
                }],
                content_hash: "c0ffee".into(),
                public_address: "javascript:alert(1)".into(),
            })
        },
    )
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
    let browser = Front::of(region()).await;
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

/// A reader of the pages with what is kept in front of them.
struct Reader(Front);

trait Of {
    async fn of(fake: Fake) -> Reader;
}

impl Of for Front {
    async fn of(fake: Fake) -> Reader {
        Reader(zhijian_portal::front_on(fake.serve().await))
    }
}

impl Reader {
    async fn ask(&self, address: &str, headers: &[(&str, &str)]) -> (StatusCode, http::HeaderMap, Vec<u8>) {
        let request = headers
            .iter()
            .fold(Request::get(address), |request, (name, value)| request.header(*name, *value));
        let response = self
            .0
            .clone()
            .oneshot(request.body(Body::empty()).expect("a request"))
            .await
            .expect("infallible");
        let (parts, body) = response.into_parts();
        (parts.status, parts.headers, body.collect().await.expect("a body").to_bytes().to_vec())
    }

    async fn bytes(&self, address: &str) -> (StatusCode, http::HeaderMap, Vec<u8>) {
        self.ask(address, &[]).await
    }

    async fn text(&self, address: &str, headers: &[(&str, &str)]) -> String {
        String::from_utf8(self.ask(address, headers).await.2).expect("text")
    }
}

/// A list of releases whose title a test changes, and how often it was asked for by page.
fn changing() -> (Fake, Arc<std::sync::Mutex<String>>, Arc<AtomicUsize>) {
    let title = Arc::new(std::sync::Mutex::new("第一版".to_owned()));
    let asked = Arc::new(AtomicUsize::new(0));
    let (now, count) = (title.clone(), asked.clone());
    let fake = people().on(
        "publication.v1.ReleaseService/ListReleases",
        move |request: tonic::Request<ListReleasesRequest>| {
            // The watch asks for a thousand; the page for fifty.
            if request.get_ref().page_size == 50 {
                count.fetch_add(1, Ordering::SeqCst);
            }
            let title = now.lock().expect("no panic").clone();
            let release = Release {
                year: 2025,
                title: text(&title, "Results"),
                state: release::State::Published.into(),
                ..Release::default()
            };
            Ok(ListReleasesResponse { releases: vec![release], next_page_token: String::new() })
        },
    );
    (fake, title, asked)
}

#[tokio::test]
async fn a_kept_page_is_answered_again_until_what_is_public_changes() {
    let (fake, title, asked) = changing();
    let reader = Front::of(fake).await;
    for _ in 0..20 {
        assert!(reader.text("/releases", &[]).await.contains("第一版"));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "nineteen were kept");
    "第二版".clone_into(&mut title.lock().expect("no panic"));
    let changed = std::time::Instant::now();
    while !reader.text("/releases", &[]).await.contains("第二版") {
        assert!(changed.elapsed() < std::time::Duration::from_secs(1), "the change shows within a second");
        tokio::task::yield_now().await;
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_page_of_somebody_in_particular_is_neither_kept_nor_answered_from_what_is_kept() {
    let (fake, _, asked) = changing();
    let reader = Front::of(fake).await;
    let signed_in = [("cookie", "zhijian_session=publisher")];
    let own = reader.text("/releases", &signed_in).await;
    assert!(own.contains("/work"), "{own}");
    let anybody = reader.text("/releases", &[]).await;
    assert!(anybody.contains("/sign-in") && !anybody.contains("href=\"/work\""), "{anybody}");
    let again = reader.text("/releases", &signed_in).await;
    assert!(again.contains("/work"), "{again}");
    assert_eq!(asked.load(Ordering::SeqCst), 3, "asked for each of the three");
    let english = reader.text("/releases", &[("cookie", "zhijian_lang=en")]).await;
    assert!(
        english.contains("lang=\"en\"") && reader.text("/releases", &[]).await.contains("lang=\"zh"),
        "{english}"
    );
}

#[tokio::test]
async fn a_kept_page_has_a_fingerprint_a_packed_form_and_its_headers() {
    let (fake, _, _) = changing();
    let reader = Front::of(fake).await;
    let (_, first, body) = reader.ask("/releases", &[]).await;
    let (_, second, again) = reader.ask("/releases", &[]).await;
    assert_eq!((&first, &body), (&second, &again), "kept as it was given");
    assert!(
        first.contains_key("content-security-policy")
            && first[header::VARY].to_str().expect("text").contains("Cookie")
    );
    let tag = first[header::ETAG].to_str().expect("text");
    let (status, headers, nothing) = reader.ask("/releases", &[("if-none-match", tag)]).await;
    assert_eq!((status, nothing.len()), (StatusCode::NOT_MODIFIED, 0));
    assert!(!headers.contains_key(header::CONTENT_TYPE));
    for _ in 0..2 {
        let (_, headers, packed) = reader.ask("/releases", &[("accept-encoding", "gzip")]).await;
        assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
        assert!(packed.starts_with(&[0x1f, 0x8b]));
    }
}

#[tokio::test]
async fn nothing_is_kept_while_the_services_do_not_answer() {
    let reader = Front::of(people()).await;
    let (status, _, _) = reader.ask("/releases", &[]).await;
    assert!(status.is_server_error(), "{status}");
}

#[tokio::test]
async fn a_reader_searches_narrows_down_and_opens_what_was_found() {
    let browser = Browser::new(reported(region(), 30).serve().await, "");
    let page = browser.get("/search?q=%E4%BA%A7%E6%95%99%E8%9E%8D%E5%90%88").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("找到 30 处"), "{}", page.body);
    assert!(
        page.body.contains("<mark>产教融合</mark>") && !page.body.contains("<script>，"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("page=2") && page.body.contains("district=%E6%B5%B7%E6%B7%80%E5%8C%BA"),
        "{}",
        page.body
    );
    let none = browser.get("/search?q=%E4%BA%A7%E6%95%99%E8%9E%8D%E5%90%88&part=case").await;
    assert!(none.body.contains("没有找到"), "{}", none.body);
    let cases = browser.get("/search?q=%E8%AE%A2%E5%8D%95%E7%8F%AD&part=case&lang=en").await;
    assert!(cases.body.contains("30 passages") && cases.body.contains("#c-cas_"), "{}", cases.body);
    let long = browser.get(&format!("/search?q={}", "%E8%AF%BE".repeat(5000))).await;
    assert_eq!(long.status, StatusCode::OK);
    assert!(long.body.contains("只查了前 100 个字") && long.body.len() < 60_000, "{}", long.body.len());
    let empty = browser.get("/search?q=%EF%BC%8C%E3%80%82").await;
    assert!(empty.body.contains("没有找到"), "{}", empty.body);
}

#[tokio::test]
async fn programs_search_with_facets_and_pages() {
    let browser = Browser::new(reported(region(), 30).serve().await, "");
    let mut address = "/open/v1/search?q=%E8%AF%BE%E7%A8%8B&page_size=20".to_owned();
    let first = json(&browser.get(&address).await);
    assert_eq!(
        (&first["total"], &first["facets"]["part"][0]["value"]),
        (&Value::from(30), &Value::from("talent"))
    );
    assert_eq!(first["results"].as_array().map(Vec::len), Some(20));
    address.push_str(&format!("&page_token={}", first["next_page_token"].as_str().expect("another page")));
    let second = json(&browser.get(&address).await);
    assert_eq!(second["results"].as_array().map(Vec::len), Some(10));
    assert!(second["next_page_token"].is_null());
    for (query, parameter) in [
        ("q=1&page_token=x", "page_token"),
        ("q=1&page_token=1000", "page_token"),
        ("q=1&page_size=101", "page_size"),
        ("sort=new", "sort"),
    ] {
        let wrong = browser.get(&format!("/open/v1/search?{query}")).await;
        assert_eq!(
            (wrong.status, &json(&wrong)["errors"][0]["parameter"]),
            (StatusCode::BAD_REQUEST, &Value::from(parameter))
        );
    }
    let long = browser.get(&format!("/open/v1/search?q={}", "x".repeat(30_000))).await;
    assert_eq!(
        (long.status, &json(&long)["errors"][0]["parameter"]),
        (StatusCode::BAD_REQUEST, &Value::from("q"))
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

/// The text between two marks.
fn between<'a>(body: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    body.split(before).skip(1).filter_map(|rest| rest.split(after).next()).collect()
}

#[tokio::test]
async fn a_harvester_sees_every_record_once() {
    let browser = Browser::new(reported(region(), 250).serve().await, "");
    for verb in ["ListRecords", "ListIdentifiers"] {
        let mut seen = vec![];
        let mut query = format!("verb={verb}&metadataPrefix=oai_dc");
        let mut pages = 0;
        loop {
            let page = browser.get(&format!("/oai?{query}")).await;
            assert!(!page.body.contains("<error"), "{}", page.body);
            seen.extend(between(&page.body, "<identifier>", "</identifier>").into_iter().map(str::to_owned));
            pages += 1;
            match between(
                &page.body,
                "<resumptionToken completeListSize=\"252\" cursor=\"",
                "</resumptionToken>",
            )[0]
            .split_once("\">")
            {
                Some((_, token)) if !token.is_empty() => {
                    query = format!("verb={verb}&resumptionToken={token}")
                }
                _ => break,
            }
        }
        assert_eq!((pages, seen.len()), (3, 252), "a release, a table, 250 reports");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 252);
    }
}

#[tokio::test]
async fn harvesting_by_set_and_date_and_every_error_has_its_code() {
    let browser = Browser::new(reported(region(), 3).serve().await, "");
    let ask = async |query: &str| browser.get(&format!("/oai?{query}")).await;
    let identify = ask("verb=Identify").await;
    assert!(identify.headers[header::CONTENT_TYPE].to_str().expect("text").starts_with("text/xml"));
    assert!(identify.body.contains("<baseURL>http://localhost/oai</baseURL>"), "{}", identify.body);
    assert!(
        identify.body.contains("<earliestDatestamp>2026-01-21T12:53:20Z</earliestDatestamp>"),
        "{}",
        identify.body
    );
    let sets = ask("verb=ListSets").await;
    assert_eq!(
        between(&sets.body, "<setSpec>", "</setSpec>"),
        ["release", "table", "report", "year", "year:2025"]
    );
    let table = ask("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:localhost:table/2025/2-2").await;
    assert!(
        table.body.contains("<dc:title xml:lang=\"zh\">表 2-2 新设专业监测等级分布</dc:title>"),
        "{}",
        table.body
    );
    let some = ask("verb=ListIdentifiers&metadataPrefix=oai_dc&set=report&from=2026-01-21T12:53:22Z").await;
    assert_eq!(
        between(&some.body, "<identifier>", "</identifier>"),
        ["oai:localhost:report/sub_2", "oai:localhost:report/sub_3"]
    );
    for (query, code) in [
        ("", "badVerb"),
        ("verb=Destroy", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&order=1", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=marc&identifier=x", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:localhost:table/2031/2-2", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=x", "idDoesNotExist"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2031-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=video", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=nonsense", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=nonsense", "badResumptionToken"),
    ] {
        let page = ask(query).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert_eq!(between(&page.body, "<error code=\"", "\""), [code], "{query}");
    }
    let posted = browser.post("/oai", &[("verb", "ListSets")]).await;
    assert!(posted.body.contains("<setSpec>report</setSpec>"), "{}", posted.body);
}
