//! What is kept in front of the router: answered again until what is public changes, and never to somebody in particular.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::body::Body;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use tokio::sync::watch;
use tower::ServiceExt;
use zhijian_portal::{Built, Front};
use zhijian_proto::publication::v1::{ListReleasesRequest, ListReleasesResponse, Release, release};

use crate::common::{
    Fake,
    world::{people, text},
};

/// A reader of the pages with what is kept in front of them.
pub struct Reader(Front);

impl Reader {
    pub async fn of(fake: Fake) -> Self {
        Self(zhijian_portal::front_on(fake.serve().await))
    }

    /// How far the search index is.
    pub fn search_index(&self) -> watch::Receiver<Built> {
        self.0.search_index()
    }

    pub async fn ask(
        &self,
        address: &str,
        headers: &[(&str, &str)],
    ) -> (StatusCode, http::HeaderMap, Vec<u8>) {
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

    pub async fn bytes(&self, address: &str) -> (StatusCode, http::HeaderMap, Vec<u8>) {
        self.ask(address, &[]).await
    }

    pub async fn text(&self, address: &str, headers: &[(&str, &str)]) -> String {
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
    let reader = Reader::of(fake).await;
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
    let reader = Reader::of(fake).await;
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
    let reader = Reader::of(fake).await;
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
    let reader = Reader::of(people()).await;
    let (status, _, _) = reader.ask("/releases", &[]).await;
    assert!(status.is_server_error(), "{status}");
}
