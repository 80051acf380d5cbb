//! How the loader works: patiently, a bounded number of things at a time, telling how far it is.

use std::time::Duration;

use tokio::task::JoinSet;
use tonic::{Code, Response, Status};

use super::Progress;

/// How many things are under way at once.
const IN_FLIGHT: usize = 16;
/// How often a call is repeated while a service cannot be reached, and how long to wait the first time.
const PATIENCE: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// Tells how far the load is.
pub(super) struct Tell<'a, P> {
    progress: &'a P,
}

impl<'a, P: Fn(Progress)> Tell<'a, P> {
    pub(super) fn new(progress: &'a P) -> Self {
        Self { progress }
    }

    pub(super) fn tell(&self, step: &str, done: usize, total: usize) {
        (self.progress)(Progress { step: step.to_owned(), done, total });
    }

    /// Does `work` on every item, a bounded number at a time; answers in no particular order. The first error ends it.
    pub(super) async fn each<T, R, W, F>(&self, step: &str, items: Vec<T>, work: W) -> anyhow::Result<Vec<R>>
    where
        W: Fn(T) -> F,
        F: Future<Output = anyhow::Result<R>> + Send + 'static,
        R: Send + 'static,
    {
        let total = items.len();
        let mut results = Vec::with_capacity(total);
        let mut under_way = JoinSet::new();
        let mut items = items.into_iter();
        self.tell(step, 0, total);
        loop {
            while under_way.len() < IN_FLIGHT
                && let Some(item) = items.next()
            {
                under_way.spawn(work(item));
            }
            let Some(result) = under_way.join_next().await else { break };
            results.push(result??);
            self.tell(step, results.len(), total);
        }
        Ok(results)
    }
}

/// Makes a call, and makes it again while the service cannot be reached: request ids make that safe.
pub(super) async fn patiently<T, F>(mut call: impl FnMut() -> F) -> Result<T, Status>
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let mut wait = FIRST_WAIT;
    for _ in 1..PATIENCE {
        match call().await {
            Err(status) if status.code() == Code::Unavailable => {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            result => return result.map(Response::into_inner),
        }
    }
    call().await.map(Response::into_inner)
}

/// Calls an RPC patiently: `rpc!(clients, cycles.get_cycle(request))?` is the answer, the error names the call.
macro_rules! rpc {
    ($clients:expr, $service:ident.$method:ident($request:expr)) => {{
        let (clients, request) = (&$clients, $request);
        anyhow::Context::with_context(
            $crate::demo::loader::work::patiently(|| {
                let (mut client, request) = (clients.$service(), request.clone());
                async move { client.$method(request).await }
            })
            .await,
            || concat!(stringify!($service), ".", stringify!($method), " failed"),
        )
    }};
}
pub(super) use rpc;

/// Whether an error is a refusal with this code.
pub(super) fn is(error: &anyhow::Error, code: Code) -> bool {
    error.downcast_ref::<Status>().is_some_and(|status| status.code() == code)
}

/// Calls a List RPC page by page: `pages!(clients, rounds.list_rounds(request), rounds)?` is every row.
macro_rules! pages {
    ($clients:expr, $service:ident.$method:ident($request:expr), $rows:ident) => {{
        let mut request = $request;
        request.page_size = 1000;
        let mut rows = Vec::new();
        loop {
            match $crate::demo::loader::work::rpc!($clients, $service.$method(request.clone())) {
                Err(error) => break Err(error),
                Ok(answer) => {
                    rows.extend(answer.$rows);
                    if answer.next_page_token.is_empty() {
                        break Ok(rows);
                    }
                    request.page_token = answer.next_page_token;
                }
            }
        }
    }};
}
pub(super) use pages;
