//! What was read of somewhere else, kept in memory for as long as it holds.
//!
//! Every reading has a slot, which says what was read, and a version, which changes with what it would say. A reading is kept under the
//! version that was asked for before it was made: what changed in between is read again at the next request. Nothing that is
//! kept depends on who asks; who may see it is decided before, at every request.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;
use zhijian_platform::Error;

/// Readings of one kind, bounded in number; what was read first goes first.
#[derive(Debug)]
pub struct Kept<T> {
    most: usize,
    slots: Mutex<Vec<Slot<T>>>,
}

#[derive(Debug)]
struct Slot<T> {
    name: String,
    version: String,
    reading: Arc<OnceCell<Arc<T>>>,
}

impl<T> Kept<T> {
    /// Keeps no more than `most` readings.
    pub fn new(most: usize) -> Self {
        Self { most, slots: Mutex::default() }
    }

    /// What is kept in the slot of this name under this version; else what `read` gives. Of many who ask at once, one reads.
    ///
    /// # Errors
    /// Those of `read`; then nothing is kept.
    pub async fn get(
        &self,
        name: &str,
        version: &str,
        read: impl Future<Output = Result<T, Error>>,
    ) -> Result<Arc<T>, Error> {
        let reading = self.reading(name, version);
        reading.get_or_try_init(async || read.await.map(Arc::new)).await.cloned()
    }

    /// The place of a reading, made if there is none.
    fn reading(&self, name: &str, version: &str) -> Arc<OnceCell<Arc<T>>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.iter().find(|slot| slot.name == name && slot.version == version) {
            return slot.reading.clone();
        }
        slots.retain(|slot| slot.name != name);
        if slots.len() >= self.most {
            slots.remove(0);
        }
        let reading = Arc::<OnceCell<_>>::default();
        slots.push(Slot { name: name.to_owned(), version: version.to_owned(), reading: reading.clone() });
        reading
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A reading that counts how often it is made.
    async fn counted(count: &AtomicUsize) -> Result<usize, Error> {
        tokio::task::yield_now().await;
        Ok(count.fetch_add(1, Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_reading_is_made_once_for_all_until_its_version_changes() {
        let (kept, count) = (Kept::new(2), AtomicUsize::new(0));
        let ask = async |version| *kept.get("2025", version, counted(&count)).await.expect("read");
        assert_eq!(futures::join!(ask("1"), ask("1"), ask("1")), (0, 0, 0));
        assert_eq!((ask("2").await, ask("2").await), (1, 1));
    }

    #[tokio::test]
    async fn no_more_is_kept_than_was_agreed() {
        let (kept, count) = (Kept::new(2), AtomicUsize::new(0));
        let ask = async |name| *kept.get(name, "", counted(&count)).await.expect("read");
        assert_eq!((ask("a").await, ask("b").await, ask("c").await), (0, 1, 2));
        assert_eq!((ask("c").await, ask("b").await, ask("a").await), (2, 1, 3), "a had gone");
        assert_eq!(kept.slots.lock().expect("no panic").len(), 2);
    }

    #[tokio::test]
    async fn what_could_not_be_read_is_read_again() {
        let (kept, count) = (Kept::new(2), AtomicUsize::new(0));
        let failing = async { Err(Error::not_found("year", 2025)) };
        assert!(kept.get("2025", "1", failing).await.is_err());
        assert_eq!(*kept.get("2025", "1", counted(&count)).await.expect("read"), 0);
    }
}
