//! Whole answers of public pages, kept in front of the router.
//!
//! A page is kept only if its handler marked it ([`share`]) and nobody in particular asked for it. It is answered again as
//! long as what is public has not changed, which is looked at no more than every quarter of a second; so what is published,
//! corrected or withdrawn shows within that time. What is kept is bounded in bytes.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{Router, body::Body, extract::Request, response::Response};
use futures::{
    FutureExt,
    future::{BoxFuture, Either, Ready, ready},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use prost::Message;
use quick_cache::{Weighter, sync::Cache};
use sha2::{Digest, Sha256};
use tower::{Service, ServiceExt};
use zhijian_platform::Lang;
use zhijian_proto::{publication::v1::ListReleasesRequest, submission::v1::CountPublicReportsRequest};

use super::{library::Built, session::Portal};

/// How long what is public is taken to be as it was when last looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// Pages say how many days are left; so none is kept longer than this.
const LONGEST: Duration = Duration::from_secs(60);
/// How many bytes are kept.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// An answer that is larger is not kept.
const LARGEST: usize = 2 * 1024 * 1024;
/// A longer address is not kept: it is a search that nobody repeats.
const LONGEST_ADDRESS: usize = 512;

/// Marks an answer as the same for everybody who has not signed in.
#[derive(Debug, Clone, Copy)]
struct Shared;

/// Marks an answer as the same for everybody who has not signed in, so that it may be kept.
pub fn share(mut response: Response) -> Response {
    response.extensions_mut().insert(Shared);
    response
}

/// Whether an If-None-Match lists the tag. A cache on the way may have marked it weak.
pub fn lists(tags: &str, tag: &str) -> bool {
    tags.split(',')
        .map(|listed| listed.trim().trim_start_matches("W/"))
        .any(|listed| listed == tag || listed == "*")
}

/// The router with the kept answers in front of it; cheap to clone.
#[derive(Clone)]
pub struct Front {
    router: Router,
    kept: Arc<Kept>,
}

struct Kept {
    answers: Cache<String, Arc<Answer>, Weight>,
    watch: Watch,
}

/// An answer as it was given.
struct Answer {
    headers: HeaderMap,
    body: axum::body::Bytes,
    tag: HeaderValue,
    version: u64,
    made: Instant,
}

#[derive(Clone)]
struct Weight;

impl Weighter<String, Arc<Answer>> for Weight {
    fn weight(&self, key: &String, answer: &Arc<Answer>) -> u64 {
        // The headers, and what the map itself needs.
        const BESIDE: usize = 2048;
        (key.len() + answer.body.len() + BESIDE) as u64
    }
}

impl Front {
    /// Keeps what `router` answers, and asks the portal's services whether it still holds.
    pub fn new(router: Router, portal: Portal) -> Self {
        Self::within(router, portal, MOST_BYTES)
    }

    /// How far the search index is, to be awaited.
    pub fn search_index(&self) -> tokio::sync::watch::Receiver<Built> {
        self.kept.watch.portal.shelf().built()
    }

    fn within(router: Router, portal: Portal, most_bytes: u64) -> Self {
        // An estimate; the bytes are what bounds it.
        const ANSWERS: usize = 2000;
        let answers = Cache::with_weighter(ANSWERS, most_bytes, Weight);
        Self { router, kept: Arc::new(Kept { answers, watch: Watch::new(portal) }) }
    }
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future =
        Either<Ready<Result<Response, Infallible>>, BoxFuture<'static, Result<Response, Infallible>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Some(key) = key(&request) else {
            return Either::Right(self.router.clone().oneshot(request).boxed());
        };
        if let Some(answer) = self.kept.watch.fresh().and_then(|version| self.kept.find(&key, version)) {
            return Either::Left(ready(Ok(answer.give(request.headers()))));
        }
        let Self { router, kept } = self.clone();
        Either::Right(async move { kept.answer(router, key, request).await }.boxed())
    }
}

impl Kept {
    fn find(&self, key: &str, version: u64) -> Option<Arc<Answer>> {
        self.answers.get(key).filter(|answer| answer.version == version && answer.made.elapsed() < LONGEST)
    }

    async fn answer(
        &self,
        router: Router,
        key: String,
        mut request: Request,
    ) -> Result<Response, Infallible> {
        let Some(version) = self.watch.look().await else { return router.oneshot(request).await };
        if let Some(answer) = self.find(&key, version) {
            return Ok(answer.give(request.headers()));
        }
        // The whole answer is wanted here, whatever the reader has.
        let asked = request.headers().clone();
        request.headers_mut().remove(header::IF_NONE_MATCH);
        let response = router.oneshot(request).await?;
        let shared = response.extensions().get::<Shared>().is_some();
        if !shared
            || response.status() != StatusCode::OK
            || response.headers().contains_key(header::SET_COOKIE)
        {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                tracing::error!(%error, "a page could not be read");
                return Ok(Response::builder().status(500).body(Body::empty()).unwrap_or_default());
            }
        };
        let mut headers = parts.headers;
        let tag = headers.entry(header::ETAG).or_insert_with(|| fingerprint(&body)).clone();
        let answer = Arc::new(Answer { headers, body, tag, version, made: Instant::now() });
        if answer.body.len() <= LARGEST {
            self.answers.insert(key, answer.clone());
        }
        Ok(answer.give(&asked))
    }
}

impl Answer {
    fn give(&self, asked: &HeaderMap) -> Response {
        let known = asked.get(header::IF_NONE_MATCH).is_some_and(|tags| {
            tags.to_str().is_ok_and(|tags| self.tag.to_str().is_ok_and(|tag| lists(tags, tag)))
        });
        let mut response = Response::new(if known { Body::empty() } else { Body::from(self.body.clone()) });
        self.headers.clone_into(response.headers_mut());
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_DISPOSITION] {
                response.headers_mut().remove(name);
            }
        }
        response
    }
}

fn fingerprint(body: &[u8]) -> HeaderValue {
    let digest = Sha256::digest(body);
    let tag: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::try_from(format!("\"{tag}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// What tells one kept answer from another: where it was asked, in which language, packed or not. Nothing for whom no kept
/// answer would be right.
fn key(request: &Request) -> Option<String> {
    let headers = request.headers();
    if request.method() != Method::GET
        || headers.contains_key(header::AUTHORIZATION)
        || headers.contains_key(header::RANGE)
    {
        return None;
    }
    let address = request.uri().path_and_query()?.as_str();
    if address.len() > LONGEST_ADDRESS || address.starts_with("/assets/") {
        return None;
    }
    let mut english = false;
    for cookies in headers.get_all(header::COOKIE) {
        for (name, value) in cookies.to_str().ok()?.split(';').filter_map(|pair| pair.trim().split_once('='))
        {
            match name {
                "zhijian_session" if !value.is_empty() => return None,
                "zhijian_lang" => english = value == "en",
                _ => {}
            }
        }
    }
    let text = |name: &str| headers.get(name).map_or(Some(""), |value| value.to_str().ok());
    let packing = text("accept-encoding")?;
    // Whoever weighs what they take gets it from the router, which weighs along.
    if packing.contains("q=0") {
        return None;
    }
    let packed = if packing.contains("gzip") { 'g' } else { '-' };
    let (language, secure) = (if english { 'e' } else { 'z' }, text("x-forwarded-proto")? == "https");
    let host = text("host")?;
    let mut key = String::with_capacity(address.len() + host.len() + 4);
    key.push(packed);
    key.push(language);
    key.push(if secure { 's' } else { '-' });
    key.push_str(host);
    key.push_str(address);
    Some(key)
}

/// Looks whether what is public has changed.
struct Watch {
    portal: Portal,
    begun: Instant,
    /// Counts the changes that were seen; 0 while it cannot be told what is public.
    version: AtomicU64,
    /// When it was last looked, in milliseconds since the beginning, and 1; 0 before the first look.
    looked: AtomicU64,
    last: tokio::sync::Mutex<(u64, Vec<u8>)>,
}

impl Watch {
    fn new(portal: Portal) -> Self {
        let (version, looked) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { portal, begun: Instant::now(), version, looked, last: tokio::sync::Mutex::default() }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn is_fresh(&self) -> bool {
        let looked = self.looked.load(Ordering::Acquire);
        looked != 0 && self.now() - looked < u64::try_from(LOOK_AGAIN.as_millis()).unwrap_or(u64::MAX)
    }

    /// The version, if it was looked at lately and could be told.
    fn fresh(&self) -> Option<u64> {
        (self.is_fresh()).then(|| self.version.load(Ordering::Acquire)).filter(|version| *version != 0)
    }

    /// The version, after a look if the last one was too long ago. Of many who ask at once, one looks.
    async fn look(&self) -> Option<u64> {
        let mut last = self.last.lock().await;
        if !self.is_fresh() {
            let now = self.now();
            let version = match self.portal.public_state().await {
                Some(state) if state == last.1 => last.0,
                Some(state) => {
                    *last = (last.0 + 1, state);
                    last.0
                }
                None => 0,
            };
            self.version.store(version, Ordering::Release);
            self.looked.store(now, Ordering::Release);
        }
        Some(self.version.load(Ordering::Acquire)).filter(|version| *version != 0)
    }
}

impl Portal {
    /// What anybody can see of releases, reports and the region, as bytes that change with it. Nothing while that cannot be told.
    async fn public_state(&self) -> Option<Vec<u8>> {
        let request = ListReleasesRequest { page_size: 1000, page_token: String::new() };
        let clients = self.anonymous(Lang::default());
        let (mut releases, mut reports) = (clients.releases(), clients.public_reports());
        let (releases, reports, region) = futures::join!(
            releases.list_releases(request),
            reports.count_public_reports(CountPublicReportsRequest {}),
            self.region(Lang::default())
        );
        let mut state = releases.ok()?.into_inner().encode_to_vec();
        // Pages of reports are not kept while their service does not answer: they cannot be made either.
        state.extend(reports.map(|answer| answer.into_inner().version).unwrap_or_default().into_bytes());
        state.extend(region.encode_to_vec());
        // A page of search results is made of the index, which follows what is public a moment later.
        let library = self.shelf().library().await;
        state.extend(library.into_iter().flat_map(|library| library.version().into_bytes()));
        Some(Sha256::digest(&state).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(address: &str, headers: &[(&str, &str)]) -> Request {
        let request = Request::get(address);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(Body::empty()).expect("a request")
    }

    #[test]
    fn only_requests_that_anybody_could_make_have_a_key() {
        assert!(key(&request("/releases", &[])).is_some());
        assert!(key(&request("/releases", &[("cookie", "a=1; zhijian_session=v4.x")])).is_none());
        assert!(
            key(&request("/releases", &[("cookie", "zhijian_session=")])).is_some(),
            "an empty one is none"
        );
        assert!(key(&request("/releases", &[("authorization", "Bearer x")])).is_none());
        assert!(key(&request("/releases", &[("accept-encoding", "gzip;q=0")])).is_none());
        assert!(key(&request(&format!("/search?q={}", "x".repeat(600)), &[])).is_none());
        let post = Request::post("/releases").body(Body::empty()).expect("a request");
        assert!(key(&post).is_none());
    }

    #[test]
    fn whatever_changes_the_answer_changes_the_key() {
        let asked = [
            request("/releases", &[]),
            request("/releases?page=2", &[]),
            request("/releases", &[("cookie", "zhijian_lang=en")]),
            request("/releases", &[("accept-encoding", "gzip, br")]),
            request("/releases", &[("host", "open.example.cn")]),
            request("/releases", &[("x-forwarded-proto", "https")]),
        ];
        let keys: std::collections::HashSet<String> = asked.iter().filter_map(key).collect();
        assert_eq!(keys.len(), asked.len());
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded() {
        let portal = Portal::new(zhijian_platform::Clients::at([]).expect("no address"));
        let front = Front::within(Router::new(), portal, 100_000);
        for n in 0..1000 {
            let body = axum::body::Bytes::from(vec![0; 10_000]);
            let tag = HeaderValue::from_static("\"x\"");
            let answer = Answer { headers: HeaderMap::new(), body, tag, version: 1, made: Instant::now() };
            front.kept.answers.insert(n.to_string(), Arc::new(answer));
            assert!(front.kept.answers.weight() <= 100_000);
        }
        assert!(!front.kept.answers.is_empty());
    }
}
