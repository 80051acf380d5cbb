//! Nobody sees a grade before the release is public, and everybody does afterwards, whatever fails in between.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::{
    publication::v1::{PublishReleaseRequest, Release, release},
    review::v1::{ListEntriesRequest, ListRoundsRequest, round},
    submission::v1::cycle,
};

use crate::{
    cycle_state, get,
    region::{Region, SCHOOLS},
    table,
};

/// Keeps a service from answering, and remembers which version of 2025 was public whenever grades were to be shown.
#[derive(Clone)]
pub struct Outage {
    /// How the paths end that are not answered; nothing while all are.
    down: Arc<Mutex<Option<&'static str>>>,
    public_at_reveals: Arc<Mutex<Vec<i32>>>,
    anybody: Clients,
}

impl Outage {
    /// None yet.
    pub fn before(anybody: Clients) -> Self {
        Self { down: Arc::default(), public_at_reveals: Arc::default(), anybody }
    }

    /// Stands between `router` and its callers.
    pub fn stand_before(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), stand))
    }

    /// From now on nothing is answered whose path ends so.
    pub fn of(&self, path: &'static str) {
        *self.down.lock().expect("not poisoned") = Some(path);
    }

    /// From now on everything is answered.
    pub fn over(&self) {
        *self.down.lock().expect("not poisoned") = None;
    }

    fn hits(&self, path: &str) -> bool {
        self.down.lock().expect("not poisoned").is_some_and(|end| path.ends_with(end))
    }
}

async fn stand(State(outage): State<Outage>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if path.ends_with("/RevealRound") {
        let version = get(&outage.anybody, 2025).await.map_or(0, |release| release.version);
        outage.public_at_reveals.lock().expect("not poisoned").push(version);
    }
    match outage.hits(&path) {
        true => Status::unavailable("an outage").into_http(),
        false => next.run(request).await,
    }
}

async fn publish(region: &Region, request: &PublishReleaseRequest) -> Result<Release, Status> {
    let response = region.second.releases().publish_release(request.clone()).await?;
    Ok(response.into_inner().release.expect("there"))
}

async fn are_revealed(region: &Region) -> bool {
    let listed = region.chair.rounds().list_rounds(ListRoundsRequest::default()).await.expect("listed");
    let rounds = listed.into_inner().rounds;
    assert_eq!(rounds.len(), 2);
    rounds.iter().all(|round| round.state() == round::State::Revealed)
}

/// Whether any school sees a grade of its own.
async fn schools_see_grades(region: &Region) -> bool {
    let mut seen = false;
    for (code, ..) in SCHOOLS {
        let listed = region.school(code).rounds().list_entries(ListEntriesRequest::default()).await;
        let entries = listed.expect("listed").into_inner().entries;
        seen |= entries.iter().any(|entry| entry.result.is_some());
    }
    seen
}

/// Publishes with `request`, the second agreement, while the review service first answers nothing, then does not show grades.
pub async fn holds_until_the_release_is_public(region: &mut Region, request: &PublishReleaseRequest) {
    region.outage.of("");
    let refused = publish(region, request).await.expect_err("the grades could not be shown");
    assert_eq!(refused.code(), Code::Unavailable);
    let waiting = get(&region.publisher, 2025).await.expect("there");
    assert_eq!((waiting.state(), waiting.version), (release::State::Notice, 0), "nothing was published");
    assert_eq!(cycle_state(region, 2025).await, cycle::State::Closed);

    region.outage.of("/RevealRound");
    let published = publish(region, request).await.expect("both services answered before");
    assert_eq!((published.state(), published.version), (release::State::Published, 1));
    let [owed] = published.owed_reveals.as_slice() else { panic!("{published:?}") };
    assert_eq!((owed.version, owed.attempts > 0), (1, true));
    assert!(owed.fault.as_ref().is_some_and(|fault| !fault.zh.is_empty() && !fault.en.is_empty()));
    let again = publish(region, request).await.expect("answered again");
    assert_eq!((again.version, again.etag, again.owed_reveals.len()), (1, published.etag, 1));
    let public = get(&region.anybody, 2025).await.expect("public");
    assert_eq!((public.state(), public.owed_reveals.len()), (release::State::Published, 0));
    table(&region.anybody, 2025, "2-1").await.expect("public");
    assert_eq!(cycle_state(region, 2025).await, cycle::State::Released, "what could be done was done");
    assert!(!are_revealed(region).await && !schools_see_grades(region).await);

    // Whoever starts next takes it up.
    region.outage.over();
    region.restart_publication().await;
    let done = async {
        while !get(&region.publisher, 2025).await.expect("there").owed_reveals.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), done).await.expect("it is done");
    assert!(are_revealed(region).await && schools_see_grades(region).await);
    let public = region.outage.public_at_reveals.lock().expect("not poisoned").clone();
    assert!(public.len() >= 3 && public.iter().all(|version| *version == 1), "{public:?}");
}
