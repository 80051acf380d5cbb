//! Where the library stands while it is looked after: built at the start, and anew when what is public changes or what could not
//! be read may have come.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use tokio::sync::{Mutex, RwLock, watch};
use zhijian_platform::{Clients, Lang};
use zhijian_proto::submission::v1::CountPublicReportsRequest;

use super::{Library, build, editions};
use crate::web::session::Portal;

/// How often it is asked whether anything changed; and how long after the first failure what was not read is tried again.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// The longest between two tries of what could not be read.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Where the library is kept while it is looked after.
#[derive(Clone, Default)]
pub struct Shelf(Arc<Inner>);

#[derive(Default)]
struct Inner {
    library: RwLock<Option<Arc<Library>>>,
    retry: Mutex<Retry>,
    built: watch::Sender<Built>,
}

/// How far the search index is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Built {
    /// How often another index took the place of the one before.
    pub generation: u64,
    /// Whether everything that is public was in the last one.
    pub whole: bool,
}

/// When what could not be read is tried again: later and later, so that a service in trouble is not asked for everything
/// every two seconds.
#[derive(Default)]
struct Retry {
    failures: u32,
    not_before: Option<Instant>,
}

impl Retry {
    fn is_due(&self, now: Instant) -> bool {
        self.not_before.is_none_or(|time| now >= time)
    }

    /// Counts a try that began at `begun`.
    fn tried(&mut self, begun: Instant, whole: bool) {
        if whole {
            *self = Self::default();
            return;
        }
        let wait = LOOK_AGAIN.saturating_mul(1 << self.failures.min(16)).min(LONGEST_WAIT);
        *self = Self { failures: self.failures + 1, not_before: begun.checked_add(wait) };
    }
}

impl Shelf {
    /// The library as it stands; nothing before it was first built.
    pub async fn library(&self) -> Option<Arc<Library>> {
        self.0.library.read().await.clone()
    }

    /// The library; waits for something to be in it the first time, but no longer than that.
    pub async fn library_within(&self, longest: Duration) -> Option<Arc<Library>> {
        let mut built = self.built();
        if let Some(library) = self.library().await {
            return Some(library);
        }
        let _ = tokio::time::timeout(longest, built.changed()).await;
        self.library().await
    }

    /// How far it is, to be awaited.
    pub fn built(&self) -> watch::Receiver<Built> {
        self.0.built.subscribe()
    }

    /// Builds the library if what is public has changed since, or if something is missing and it is time to try again. The
    /// first time the reports stand before the editions are read.
    ///
    /// # Errors
    /// Those of the services; what was built before then stays as it is.
    pub async fn refresh(&self, clients: &Clients) -> Result<(), tonic::Status> {
        let mut retry = self.0.retry.lock().await;
        let begun = Instant::now();
        let counted =
            clients.public_reports().count_public_reports(CountPublicReportsRequest {}).await?.into_inner();
        let mut before = self.library().await;
        let releases = match editions::releases(clients).await {
            Ok(releases) => Some(releases),
            // Reports are found without the editions until those can be had; but none that was found is lost for a while.
            Err(_) if before.is_none() => None,
            Err(status) => return Err(status),
        };
        let published = releases.as_deref().map_or_else(|| "-".to_owned(), editions::version);
        let public = format!("{} {published}", counted.version);
        let stands = before.as_ref().filter(|library| library.public == public);
        if stands.is_some_and(|library| library.whole || !retry.is_due(begun)) {
            return Ok(());
        }
        if before.is_none() && releases.as_ref().is_some_and(|releases| !releases.is_empty()) {
            let reports = build(clients, public.clone(), None, None).await?;
            before = Some(self.put(reports).await);
        }
        let library = build(clients, public, releases.as_deref(), before.as_deref()).await?;
        retry.tried(begun, library.whole);
        // A try that brought nothing leaves the pages that were made of what stands.
        if before.is_none_or(|before| before.version() != library.version()) {
            self.put(library).await;
        }
        Ok(())
    }

    async fn put(&self, library: Library) -> Arc<Library> {
        let (sources, parts, whole) = (library.sources.len(), library.index.len(), library.whole);
        let library = Arc::new(library);
        *self.0.library.write().await = Some(library.clone());
        self.0.built.send_modify(|built| *built = Built { generation: built.generation + 1, whole });
        tracing::info!(sources, parts, whole, "the search index is built");
        library
    }
}

/// Keeps the portal's library up to date for as long as the portal is there.
pub fn look_after(portal: &Portal) {
    let (shelf, clients): (Weak<Inner>, _) =
        (Arc::downgrade(&portal.shelf().0), portal.anonymous(Lang::default()));
    tokio::spawn(async move {
        while let Some(inner) = shelf.upgrade() {
            if let Err(status) = Shelf(inner).refresh(&clients).await {
                tracing::debug!(%status, "the search index could not be built; it will be tried again");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_tried_later_and_later_until_it_comes() {
        let begun = Instant::now();
        let mut retry = Retry::default();
        assert!(retry.is_due(begun));
        for seconds in [2, 4, 8, 16, 32, 60, 60] {
            retry.tried(begun, false);
            assert!(!retry.is_due(begun + Duration::from_millis(seconds * 1000 - 1)), "{seconds}");
            assert!(retry.is_due(begun + Duration::from_secs(seconds)), "{seconds}");
        }
        retry.tried(begun, true);
        assert!(retry.is_due(begun));
    }
}
