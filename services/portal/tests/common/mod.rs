//! Stand-ins for the services: a real gRPC server whose answers a test decides, and a browser without a window.
#![allow(dead_code)]

pub mod world;

use std::{collections::BTreeMap, time::Duration};

use axum::{body::Body, routing::MethodRouter};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use prost::Message;
use tokio::sync::watch;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Response, Status, service::Routes};
use tonic_prost::ProstCodec;
use tower::{ServiceExt, service_fn};
use zhijian_platform::Clients;
use zhijian_portal::Built;

/// A gRPC server that answers what it was told to.
#[derive(Default)]
pub struct Fake {
    answers: BTreeMap<String, MethodRouter>,
}

impl Fake {
    /// Answers one RPC ("submission.v1.CycleService/GetCycle"). What was told last about it holds.
    pub fn on<In, Out>(
        mut self,
        rpc: &str,
        answer: impl Fn(tonic::Request<In>) -> Result<Out, Status> + Clone + Send + Sync + 'static,
    ) -> Self
    where
        In: Message + Default + 'static,
        Out: Message + Default + 'static,
    {
        let handler = move |request: Request<Body>| {
            let answer = answer.clone();
            async move {
                let service = service_fn(move |request: tonic::Request<In>| {
                    let answer = answer.clone();
                    async move { answer(request).map(Response::new) }
                });
                let mut grpc = tonic::server::Grpc::new(ProstCodec::<Out, In>::default());
                grpc.unary(service, request).await.map(Body::new)
            }
        };
        self.answers.insert(format!("/zhijian.{rpc}"), axum::routing::post(handler));
        self
    }

    /// Answers one RPC with a stream of messages.
    pub fn streams<In, Out>(
        mut self,
        rpc: &str,
        answer: impl Fn(tonic::Request<In>) -> Result<Vec<Out>, Status> + Clone + Send + Sync + 'static,
    ) -> Self
    where
        In: Message + Default + 'static,
        Out: Message + Default + 'static,
    {
        let handler = move |request: Request<Body>| {
            let answer = answer.clone();
            async move {
                let service = service_fn(move |request: tonic::Request<In>| {
                    let answer = answer.clone();
                    async move {
                        let messages = answer(request)?.into_iter().map(Ok::<Out, Status>);
                        Ok::<_, Status>(Response::new(tokio_stream::iter(messages)))
                    }
                });
                let mut grpc = tonic::server::Grpc::new(ProstCodec::<Out, In>::default());
                grpc.server_streaming(service, request).await.map(Body::new)
            }
        };
        self.answers.insert(format!("/zhijian.{rpc}"), axum::routing::post(handler));
        self
    }

    /// Starts it, and answers clients that reach it. What it was not told answers UNIMPLEMENTED.
    pub async fn serve(self) -> Clients {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let told = self.answers.into_iter();
        let router = told.fold(axum::Router::new(), |router, (path, answer)| router.route(&path, answer));
        let router = router.fallback(async || Status::unimplemented("not told").into_http::<Body>());
        let server = tonic::transport::Server::builder().add_routes(Routes::from(router));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        let services = ["identity", "submission", "review", "publication"];
        Clients::at(services.map(|service| (service, address.clone()))).expect("a URL")
    }
}

/// Waits for a search index later than the generation `after` that is as wanted; answers its generation.
pub async fn indexed(index: &mut watch::Receiver<Built>, after: u64, wanted: impl Fn(Built) -> bool) -> u64 {
    let waiting = index.wait_for(|built| built.generation > after && wanted(*built));
    // Only a portal that never gets there takes this long.
    let built =
        tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("the search index was built");
    built.expect("the portal is there").generation
}

/// An answer of the pages.
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    /// Where it sends the reader.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().expect("an address"))
    }

    /// The value of the first input of that name.
    pub fn input(&self, name: &str) -> Option<String> {
        let at = self.body.find(&format!("name=\"{name}\""))?;
        let tag = &self.body[at..at + self.body[at..].find('>')?];
        let value = tag.split("value=\"").nth(1)?;
        Some(value.split('"').next()?.replace("&quot;", "\"").replace("&amp;", "&"))
    }
}

/// A browser: one visitor with a cookie.
pub struct Browser {
    router: axum::Router,
    cookie: String,
    search_index: watch::Receiver<Built>,
    /// Of the search index that was waited for last.
    generation: u64,
}

impl Browser {
    /// A visitor to pages on these services. `token` is the session's; "" for nobody.
    pub fn new(clients: Clients, token: &str) -> Self {
        let cookie = if token.is_empty() { String::new() } else { format!("zhijian_session={token}") };
        let (router, search_index) = zhijian_portal::indexed_on(clients);
        Self { router, cookie, search_index, generation: 0 }
    }

    /// Waits until the search index holds everything that is public; the next time, until another one does.
    pub async fn indexed(&mut self) {
        self.indexed_as(|built| built.whole).await;
    }

    /// Waits for a search index that is as wanted, later than the one that was waited for before.
    pub async fn indexed_as(&mut self, wanted: impl Fn(Built) -> bool) {
        self.generation = indexed(&mut self.search_index, self.generation, wanted).await;
    }

    /// Asks for a page.
    pub async fn get(&self, address: &str) -> Page {
        self.send(Request::get(address), Body::empty()).await
    }

    /// Asks for a page with one more header.
    pub async fn get_with(&self, address: &str, name: &str, value: &str) -> Page {
        self.send(Request::get(address).header(name, value), Body::empty()).await
    }

    /// Posts a form from one of our own pages.
    pub async fn post(&self, address: &str, fields: &[(&str, &str)]) -> Page {
        self.post_from("same-origin", address, fields).await
    }

    /// Posts a form as `site` says ("cross-site").
    pub async fn post_from(&self, site: &str, address: &str, fields: &[(&str, &str)]) -> Page {
        let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let request = Request::post(address)
            .header("sec-fetch-site", site)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(pairs.join("&"))).await
    }

    async fn send(&self, request: http::request::Builder, body: Body) -> Page {
        let request = request.header(header::COOKIE, &self.cookie).body(body).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let body = String::from_utf8(bytes.to_vec()).expect("text");
        Page { status: parts.status, headers: parts.headers, body }
    }
}
