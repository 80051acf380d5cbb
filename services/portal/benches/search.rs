//! How long the search page and the search of the open data take over HTTP on 100, 1,000 and 10,000 reports of seven sections
//! and two cases each.
//!
//! `cargo bench -p zhijian-portal --bench search`. A server that is none of ours to measure answers the reports, which are
//! invented; the portal reads them as it would the submission service's. Every search differs from the one before, so that no
//! kept answer is measured.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/open/region.rs"]
mod region;
#[path = "../../search/benches/words/mod.rs"]
mod words;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use zhijian_proto::{
    common::v1::Text,
    submission::v1::{GetPublicReportRequest, GetPublicReportResponse, PublicCase, PublicSection},
};

use common::Fake;
use words::Dice;

/// As in the product.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many searches are made of each address.
const SEARCHES: usize = 1000;

#[tokio::main]
async fn main() {
    println!(
        "{:>8}  {:<16}{:>8}{:>10}{:>10}{:>10}{:>8}",
        "reports", "address", "found", "p50 ms", "p99 ms", "max ms", "kB"
    );
    let mut slow = Vec::new();
    for reports in [100, 1_000, 10_000] {
        let address = serve(reports).await;
        for path in ["/search", "/open/v1/search"] {
            let p99 = measure(reports, address, path).await;
            if p99 >= Duration::from_millis(50) {
                slow.push(format!("{path} on {reports} reports: p99 {p99:?}, wanted under 50 ms"));
            }
        }
    }
    // Unoptimised code says nothing about time.
    if !slow.is_empty() && !cfg!(debug_assertions) {
        eprintln!("{}", slow.join("\n"));
        std::process::exit(1);
    }
}

/// Starts the portal on a region with so many public reports; answers where, once all of them can be found.
async fn serve(reports: usize) -> SocketAddr {
    let clients = written(region::reported(region::region(), reports)).serve().await;
    let (router, mut index) = zhijian_portal::indexed_on(clients);
    common::indexed(&mut index, 0, |built| built.whole).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Every report has text of its own in seven sections and two cases.
fn written(fake: Fake) -> Fake {
    let name = |number: usize| Some(Text { zh: format!("第{number}章"), en: format!("Chapter {number}") });
    fake.on(
        "submission.v1.PublicReportService/GetPublicReport",
        move |request: tonic::Request<GetPublicReportRequest>| {
            let number = request.get_ref().submission_id.strip_prefix("sub_");
            let number: usize = number.and_then(|number| number.parse().ok()).expect("one of those listed");
            let mut dice = Dice(0x2545_F491_4F6C_DD1D ^ ((number as u64) << 17));
            let sections = (1..=7).map(|section| PublicSection {
                section_code: format!("section{section}"),
                name: name(section),
                body: dice.text(120),
            });
            let sections = sections.collect();
            let cases = (1..=2).map(|case| PublicCase {
                case_id: format!("cas_{number}_{case}"),
                section_code: "section1".into(),
                title: dice.word().to_owned(),
                body: dice.text(60),
            });
            Ok(GetPublicReportResponse {
                report: Some(region::report(number)),
                sections,
                cases: cases.collect(),
                ..GetPublicReportResponse::default()
            })
        },
    )
}

/// Searches one after another, each until the last byte of the answer; prints how long they took, and answers the p99.
async fn measure(reports: usize, address: SocketAddr, path: &str) -> Duration {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut found, mut bytes) = (0, 0);
    let mut took = Vec::with_capacity(SEARCHES);
    for round in 0..SEARCHES {
        let query: String = dice.query(round).bytes().map(|byte| format!("%{byte:02X}")).collect();
        let narrowed = if round % 5 == 0 { "&year=2025" } else { "" };
        let begun = Instant::now();
        let page = get(&client, format!("http://{address}{path}?q={query}{narrowed}")).await;
        took.push(begun.elapsed());
        bytes += page.len();
        let text = String::from_utf8_lossy(&page);
        found += usize::from(text.contains("<mark>") || text.contains("\"hit\":true"));
    }
    took.sort();
    let ms = |at: usize| took[at].as_secs_f64() * 1000.0;
    println!(
        "{reports:>8}  {path:<16}{found:>8}{:>10.2}{:>10.2}{:>10.2}{:>8.1}",
        ms(SEARCHES / 2),
        ms(SEARCHES * 99 / 100),
        ms(SEARCHES - 1),
        bytes as f64 / SEARCHES as f64 / 1000.0,
    );
    took[SEARCHES * 99 / 100]
}

async fn get(client: &Client<HttpConnector, Body>, address: String) -> Bytes {
    let response = client.get(address.parse().expect("an address")).await.expect("an answer");
    assert!(response.status().is_success(), "{address} answered {}", response.status());
    response.into_body().collect().await.expect("a body").to_bytes()
}
