//! Searching the reports of schools and the editions of releases, as people and programs do.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use http::StatusCode;
use serde_json::Value;
use zhijian_proto::{
    common::v1::Text,
    publication::v1::{
        Edition, GetEditionRequest, GetEditionResponse, ListEditionsRequest, ListEditionsResponse,
        ListReleasesRequest, ListReleasesResponse, Release, release::State,
    },
};

use crate::{
    common::{Browser, Fake, indexed, world::text},
    json,
    kept::Reader,
    region::{region, reported},
};

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

/// The region with a release of 2025 whose state and version a test changes: three editions and one of an institution. Those
/// of version 1 say 甲版; those of version 2 乙版.
fn published(state: State) -> (Fake, Arc<Mutex<(State, i32)>>) {
    let now = Arc::new(Mutex::new((state, 1)));
    let listed = now.clone();
    let fake = reported(region(), 2)
        .on("publication.v1.ReleaseService/ListReleases", move |_: tonic::Request<ListReleasesRequest>| {
            let (state, version) = *listed.lock().expect("no panic");
            let release = Release {
                year: 2025,
                state: state.into(),
                version,
                demonstration: true,
                ..Release::default()
            };
            Ok(ListReleasesResponse { releases: vec![release], next_page_token: String::new() })
        })
        .on("publication.v1.EditionService/ListEditions", |_: tonic::Request<ListEditionsRequest>| {
            let edition = |code: &str, title: Option<Text>, organisation: &str| Edition {
                year: 2025,
                code: code.into(),
                title,
                organisation_code: organisation.into(),
                ..Edition::default()
            };
            let editions = vec![
                edition("integrated", text("质量年度报告（2025年）", "Annual report, 2025"), ""),
                edition("higher", text("高职年度报告（2025年）", "Higher report, 2025"), ""),
                edition(
                    "institution-4111000001",
                    text("演示学院1质量数据报告（2025年）", "Demo College 1: quality data of 2025"),
                    "4111000001",
                ),
            ];
            Ok(ListEditionsResponse { editions, next_page_token: String::new() })
        })
        .on(GET_EDITION, |request: tonic::Request<GetEditionRequest>| Ok(edition(request.get_ref())));
    (fake, now)
}

const GET_EDITION: &str = "publication.v1.EditionService/GetEdition";

/// What an edition says in its version.
fn edition(input: &GetEditionRequest) -> GetEditionResponse {
    let word = if input.version == 1 { "甲版" } else { "乙版" };
    let content = format!(
        "<article class=\"document\"><nav class=\"contents\"><a href=\"#chapter-1\">1 概况</a></nav>\
         <section class=\"chapter\" id=\"chapter-1\"><h2>1 概况</h2><p>{word}的导语。</p>\
         <h3 id=\"section-1.1\">1.1 市域联合体</h3><p>全市 <a class=\"bound\" href=\"/t\">12</a>个市域联合体，{word}&lt;i&gt;。</p>\
         </section></article>"
    );
    GetEditionResponse { edition: None, content }
}

/// What programs find of a word.
async fn found(browser: &Browser, query: &str) -> Value {
    json(&browser.get(&format!("/open/v1/search?{query}")).await)
}

/// 市域联合体, which every edition speaks of.
const IN_EDITIONS: &str = "q=%E5%B8%82%E5%9F%9F%E8%81%94%E5%90%88%E4%BD%93";
/// 课程建设, which every report speaks of.
const IN_REPORTS: &str = "q=%E8%AF%BE%E7%A8%8B%E5%BB%BA%E8%AE%BE";

#[tokio::test]
async fn what_can_be_read_is_found_before_the_rest_comes() {
    let (fake, _) = published(State::Published);
    let refuses = Arc::new(AtomicBool::new(true));
    let switch = refuses.clone();
    let fake = fake.on(GET_EDITION, move |request: tonic::Request<GetEditionRequest>| {
        let input = request.get_ref();
        match input.code == "higher" && switch.load(Ordering::SeqCst) {
            true => Err(tonic::Status::unavailable("it is being started")),
            false => Ok(edition(input)),
        }
    });
    let mut browser = Browser::new(fake.serve().await, "");
    browser.indexed_as(|built| built.generation == 2).await;
    let reports = found(&browser, IN_REPORTS).await;
    assert_eq!((&reports["total"], &reports["complete"]), (&Value::from(2), &Value::from(false)));
    assert_eq!(found(&browser, IN_EDITIONS).await["total"], 2, "those that were not refused");
    let page = browser.get(&format!("/search?{IN_REPORTS}")).await;
    assert!(page.status == StatusCode::OK && page.body.contains("还没有全部读入"), "{}", page.body);
    let english = browser.get(&format!("/search?{IN_REPORTS}&lang=en")).await;
    assert!(english.body.contains("have not been read in yet"), "{}", english.body);
    refuses.store(false, Ordering::SeqCst);
    browser.indexed().await;
    let editions = found(&browser, IN_EDITIONS).await;
    assert_eq!((&editions["total"], &editions["complete"]), (&Value::from(3), &Value::from(true)));
    let page = browser.get(&format!("/search?{IN_REPORTS}")).await;
    assert!(!page.body.contains("还没有全部读入"), "{}", page.body);
}

#[tokio::test]
async fn reports_are_found_while_nothing_is_known_of_releases() {
    let mut browser = Browser::new(reported(region(), 2).serve().await, "");
    browser.indexed_as(|built| !built.whole).await;
    let reports = found(&browser, IN_REPORTS).await;
    assert_eq!((&reports["total"], &reports["complete"]), (&Value::from(2), &Value::from(false)));
}

#[tokio::test]
async fn editions_are_found_by_kind_and_lead_to_their_place() {
    let (fake, _) = published(State::Published);
    let mut browser = Browser::new(fake.serve().await, "");
    browser.indexed().await;
    let all = found(&browser, IN_EDITIONS).await;
    assert_eq!(all["total"], 3, "{all}");
    let kinds = all["facets"]["kind"].as_array().expect("counts");
    let kinds: Vec<&str> = kinds.iter().filter_map(|one| one["value"].as_str()).collect();
    assert_eq!(kinds, ["edition-higher", "edition-institution", "edition-integrated"]);
    let own = "kind=edition-institution&q=%E5%B8%82%E5%9F%9F%E8%81%94%E5%90%88%E4%BD%93";
    let own = json(&browser.get(&format!("/open/v1/search?{own}")).await);
    assert_eq!(own["total"], 1);
    assert_eq!(own["results"][0]["page"], "/releases/2025/editions/institution-4111000001#section-1.1");
    assert_eq!(own["results"][0]["edition"]["institution"], "4111000001");
    assert_eq!(own["facets"]["district"][0]["value"], "海淀区", "where the institution is");
    let page = browser.get("/search?q=%E5%B8%82%E5%9F%9F%E8%81%94%E5%90%88%E4%BD%93").await;
    for shown in [
        "href=\"/releases/2025/editions/integrated#section-1.1\"",
        "1.1 <mark>市域联合体</mark>",
        ">高职年度报告</a>",
        ">各校数据报告</a>",
        "&lt;i&gt;",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let english = browser.get("/search?q=%E5%B8%82%E5%9F%9F&lang=en").await;
    assert!(english.body.contains(">Reports of the institutions</a>"), "{}", english.body);
    // The contents repeat the headings: they are not found twice.
    let lede = json(&browser.get("/open/v1/search?q=%E6%A6%82%E5%86%B5").await);
    assert_eq!(lede["total"], 3, "{lede}");
}

#[tokio::test]
async fn what_is_not_published_or_is_withdrawn_is_not_found() {
    let (fake, now) = published(State::Notice);
    let mut browser = Browser::new(fake.serve().await, "");
    let (old, new) = ("q=%E7%94%B2%E7%89%88", "q=%E4%B9%99%E7%89%88");
    let set = |state: State, version: i32| *now.lock().expect("no panic") = (state, version);
    browser.indexed().await;
    assert_eq!(found(&browser, IN_REPORTS).await["total"], 2);
    assert_eq!(found(&browser, old).await["total"], 0, "under public notice");
    set(State::Published, 1);
    browser.indexed().await;
    assert_eq!(found(&browser, old).await["total"], 6);
    set(State::Corrected, 2);
    browser.indexed().await;
    assert_eq!(found(&browser, new).await["total"], 6);
    let gone = found(&browser, old).await;
    assert!(gone["total"] == 0 || gone["loose"] == true, "the version that was replaced: {gone}");
    set(State::Withdrawn, 3);
    browser.indexed().await;
    assert_eq!(found(&browser, new).await["total"], 0);
    assert_eq!(found(&browser, IN_REPORTS).await["total"], 2, "reports stay");
}

#[tokio::test]
async fn a_kept_page_of_results_follows_the_index() {
    let (fake, now) = published(State::Published);
    let reader = Reader::of(fake).await;
    let mut index = reader.search_index();
    let built = indexed(&mut index, 0, |built| built.whole).await;
    let address = "/search?q=%E7%94%B2%E7%89%88";
    let ask = async || reader.text(address, &[]).await;
    let shown = ask().await;
    assert!(shown.contains("<mark>甲版</mark>"), "{shown}");
    *now.lock().expect("no panic") = (State::Withdrawn, 2);
    // Asked all the time until the index is another, so that what was kept while it was being built would show.
    let asking = async {
        loop {
            ask().await;
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = asking => {}
        _ = indexed(&mut index, built, |built| built.whole) => {}
    }
    let changed = Instant::now();
    while ask().await.contains("<mark>甲版</mark>") {
        assert!(changed.elapsed() < Duration::from_secs(1), "the change shows within a second");
        tokio::task::yield_now().await;
    }
    let last = ask().await;
    assert!(last.contains("没有找到"), "{last}");
}
