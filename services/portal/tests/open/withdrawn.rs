//! A release that was taken back: its plain addresses are gone and say when, why and where the versions are; those of the
//! versions answer as before and say it, too.

use http::{StatusCode, header};
use prost_types::Timestamp;
use zhijian_proto::publication::v1::*;

use crate::{
    common::{
        Browser, Fake,
        world::{people, refusal, text},
    },
    json,
};

/// Table 2-2 as it was published.
fn table() -> Table {
    let cell = |display: &str, value: &str| TableCell {
        display: display.into(),
        value: value.into(),
        ..TableCell::default()
    };
    Table {
        number: "2-2".into(),
        title: text("等级分布", "Grades"),
        columns: vec![
            Column { key: "grade".into(), name: text("等级", "Grade"), ..Column::default() },
            Column { key: "count".into(), name: text("数量", "Count"), numeric: true, ..Column::default() },
        ],
        rows: vec![Row { cells: vec![cell("A+", ""), cell("19", "19")], total: false }],
        content_hash: "c0ffee".into(),
        csv: "等级,数量\r\nA+,19\r\n".into(),
        ..Table::default()
    }
}

/// A release of 2025 that was published, corrected and taken back.
fn withdrawn() -> Fake {
    let release = Release {
        year: 2025,
        title: text("2025 年度结果", "Results of 2025"),
        state: release::State::Withdrawn.into(),
        version: 3,
        publish_time: Some(Timestamp { seconds: 1_769_000_000, nanos: 0 }),
        ..Release::default()
    };
    people()
        .on("publication.v1.ReleaseService/GetRelease", move |_: tonic::Request<GetReleaseRequest>| {
            Ok(GetReleaseResponse { release: Some(release.clone()) })
        })
        .on(
            "publication.v1.ReleaseCorrectionService/ListVersions",
            |_: tonic::Request<ListVersionsRequest>| {
                let version = |number: i32, kind: VersionKind, zh: &str, en: &str| Version {
                    number,
                    kind: kind.into(),
                    text: text(zh, en),
                    publish_time: Some(Timestamp { seconds: 1_770_000_000, nanos: 0 }),
                    ..Version::default()
                };
                Ok(ListVersionsResponse {
                    versions: vec![
                        version(3, VersionKind::Withdrawal, "统计口径有误。", "The method was wrong."),
                        version(2, VersionKind::Erratum, "勘误。", "An erratum."),
                        version(1, VersionKind::Original, "", ""),
                    ],
                })
            },
        )
        .on("publication.v1.TableService/ListTables", |request: tonic::Request<ListTablesRequest>| {
            let held = matches!(request.get_ref().version, 1 | 2);
            Ok(ListTablesResponse { tables: held.then(table).into_iter().collect() })
        })
        .on("publication.v1.TableService/GetTable", |request: tonic::Request<GetTableRequest>| {
            let held = matches!(request.get_ref().version, 1 | 2);
            let missing = || refusal(tonic::Code::NotFound, "NOT_FOUND", "找不到 table。");
            Ok(GetTableResponse { table: Some(held.then(table).ok_or_else(missing)?) })
        })
        .on("publication.v1.EditionService/ListEditions", |request: tonic::Request<ListEditionsRequest>| {
            // The integrated edition came with the second version.
            let held = request.get_ref().version == 2;
            let edition = Edition { year: 2025, code: "integrated".into(), ..Edition::default() };
            let editions = held.then_some(edition).into_iter().collect();
            Ok(ListEditionsResponse { editions, next_page_token: String::new() })
        })
        .on("publication.v1.EditionService/GetEdition", |_: tonic::Request<GetEditionRequest>| {
            let edition = Edition {
                code: "integrated".into(),
                title: text("综合版", "Integrated"),
                ..Edition::default()
            };
            Ok(GetEditionResponse { edition: Some(edition), content: "<p>正文</p>".into() })
        })
}

const PLAIN: &str = "/open/v1/releases/2025/tables";

#[tokio::test]
async fn plain_addresses_of_data_are_gone_and_name_those_that_stay() {
    let browser = Browser::new(withdrawn().serve().await, "");
    for format in ["csv", "json", "xlsx", "parquet"] {
        let gone = browser.get_with(&format!("{PLAIN}/2-2.{format}"), "accept-language", "en").await;
        assert_eq!(gone.status, StatusCode::GONE, "{}", gone.body);
        assert_eq!(gone.headers[header::CONTENT_TYPE], "application/problem+json");
        let problem = json(&gone);
        assert_eq!(problem["status"], 410);
        assert_eq!(problem["title"], "These results were withdrawn");
        let detail = problem["detail"].as_str().expect("words");
        assert!(detail.contains("2026-02-02") && detail.contains("The method was wrong."), "{detail}");
        assert_eq!(problem["withdrawn"]["time"], "2026-02-02T02:40:00+00:00");
        assert_eq!(problem["withdrawn"]["reason"]["zh"], "统计口径有误。");
        let kept = problem["versions"].as_array().expect("versions");
        assert_eq!(kept.len(), 2);
        for version in kept {
            let address = version["address"].as_str().expect("an address");
            assert!(address.ends_with(&format!("/tables/2-2.{format}")), "{address}");
        }
    }
    let all = json(&browser.get(PLAIN).await);
    assert_eq!(all["versions"][0]["address"], "/open/v1/releases/2025/versions/2/tables");
    assert_eq!(
        browser.get(&format!("{PLAIN}/9-9.csv")).await.status,
        StatusCode::NOT_FOUND,
        "never was there"
    );
    let release = browser.get("/open/v1/releases/2025").await;
    assert_eq!((release.status, &json(&release)["state"]), (StatusCode::OK, &"withdrawn".into()));
}

#[tokio::test]
async fn addresses_of_versions_answer_as_before_and_say_that_they_were_withdrawn() {
    let browser = Browser::new(withdrawn().serve().await, "");
    let of = |file: &str| format!("/open/v1/releases/2025/versions/1/tables{file}");
    let csv = browser.get(&of("/2-2.csv")).await;
    assert_eq!((csv.status, csv.body.as_str()), (StatusCode::OK, table().csv.as_str()), "byte for byte");
    let document = browser.get(&of("/2-2.json")).await;
    let list = browser.get(&of("")).await;
    for page in [&csv, &document, &list] {
        assert_eq!(page.headers["deprecation"], "@1770000000");
        let links: Vec<_> = page.headers.get_all(header::LINK).iter().collect();
        assert_eq!(links, ["</releases/2025>; rel=\"deprecation\"; type=\"text/html\""]);
    }
    for page in [document, list] {
        assert_eq!(json(&page)["withdrawn"]["reason"]["en"], "The method was wrong.");
    }
}

#[tokio::test]
async fn pages_are_gone_and_lead_to_the_versions_that_have_them() {
    let browser = Browser::new(withdrawn().serve().await, "");
    for (address, kept) in [
        (
            "/releases/2025/tables/2-2",
            vec!["/releases/2025/versions/2/tables/2-2", "/releases/2025/versions/1/tables/2-2"],
        ),
        ("/releases/2025/editions/integrated", vec!["/releases/2025/editions/integrated?version=2"]),
        ("/releases/2025/editions", vec!["/releases/2025/editions?version=2"]),
        ("/releases/2025/editions/integrated/pdf", vec!["/releases/2025/editions/integrated/pdf?version=2"]),
        (
            "/releases/2025/bundle.zip",
            vec!["/releases/2025/versions/2/bundle.zip", "/releases/2025/versions/1/bundle.zip"],
        ),
    ] {
        let gone = browser.get(address).await;
        assert_eq!(gone.status, StatusCode::GONE, "{address}: {}", gone.body);
        assert!(gone.body.contains("统计口径有误。") && gone.body.contains("2026年2月2日"), "{}", gone.body);
        for link in kept {
            assert!(gone.body.contains(&format!("href=\"{link}\"")), "{link}: {}", gone.body);
        }
    }
    for address in ["/releases/2025/tables/9-9", "/releases/2025/editions/nothing"] {
        assert_eq!(browser.get(address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
    for address in ["/releases/2025/versions/1/tables/2-2", "/releases/2025/editions/integrated?version=2"] {
        let page = browser.get(address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        assert!(
            page.body.contains("这份结果已撤回") && page.body.contains("统计口径有误。"),
            "{}",
            page.body
        );
    }
    let release = browser.get("/releases/2025").await;
    assert_eq!(release.status, StatusCode::OK, "what is announced has a page");
    assert!(
        release.body.contains("这份结果已撤回") && release.body.contains("versions/1"),
        "{}",
        release.body
    );
}
