//! Hashes and compares passwords off the event loop, no more at once than there are cores.

use std::{
    num::NonZero,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};
use zhijian_platform::Error;

use crate::domain::password::{HashError, Password, PasswordHash, Scratch};

/// Gives out turns at the cores.
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
    scratches: Arc<Mutex<Vec<Scratch>>>,
    /// The hash of a password that nobody knows: compared where there is no account, so that an unknown name takes as
    /// long to refuse as a wrong password.
    decoy: PasswordHash,
}

impl Hasher {
    /// As many turns as there are cores.
    ///
    /// # Errors
    /// If the machine cannot hash.
    pub async fn new() -> Result<Self, Error> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Ok(Self {
            turns: Arc::new(Semaphore::new(cores)),
            scratches: Arc::default(),
            decoy: blocking(|| Password::random()?.hash(&mut Scratch::default())).await?,
        })
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// INTERNAL if there are no more turns to come; there are as long as the service lives.
    pub async fn turn(&self) -> Result<Turn, Error> {
        let permit = self.turns.clone().acquire_owned().await.map_err(Error::internal)?;
        let scratch = lock(&self.scratches).pop().unwrap_or_default();
        Ok(Turn { scratch, scratches: self.scratches.clone(), decoy: self.decoy.clone(), _permit: permit })
    }
}

/// One turn at a core. The work keeps the turn until it is done, even if the caller goes away.
pub(crate) struct Turn {
    scratch: Scratch,
    scratches: Arc<Mutex<Vec<Scratch>>>,
    decoy: PasswordHash,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.scratches).push(std::mem::take(&mut self.scratch));
    }
}

fn lock(scratches: &Mutex<Vec<Scratch>>) -> std::sync::MutexGuard<'_, Vec<Scratch>> {
    scratches.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Turn {
    /// Hashes a password.
    ///
    /// # Errors
    /// INTERNAL if the machine cannot.
    pub async fn hash(self, password: Password) -> Result<PasswordHash, Error> {
        let mut turn = self;
        blocking(move || password.hash(&mut turn.scratch)).await
    }

    /// Whether `hash` is there and is the password's; gives the turn back for what must happen within it.
    ///
    /// # Errors
    /// INTERNAL if what was kept is no hash.
    pub async fn matches(self, hash: Option<PasswordHash>, password: String) -> Result<(bool, Self), Error> {
        let mut turn = self;
        blocking(move || {
            let kept = hash.as_ref().unwrap_or(&turn.decoy);
            let matches = kept.matches(&password, &mut turn.scratch)?;
            Ok((matches && hash.is_some(), turn))
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
) -> Result<T, Error> {
    spawn_blocking(work).await.map_err(Error::internal)?.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_of_a_hash_that_is_there_matches() {
        let hasher = Hasher::new().await.unwrap();
        let hash = |text: &str| Password::parse(text.to_owned()).unwrap();
        let kept = hasher.turn().await.unwrap().hash(hash("correct horse")).await.unwrap();
        let mut turn = hasher.turn().await.unwrap();
        for (hash, password, expected) in [
            (Some(kept.clone()), "correct horse", true),
            (Some(kept), "wrong horse", false),
            (None, "correct horse", false),
        ] {
            let (matches, again) = turn.matches(hash, password.to_owned()).await.unwrap();
            assert_eq!(matches, expected);
            turn = again;
        }
    }

    #[tokio::test]
    async fn turns_are_bounded_and_come_back() {
        let hasher = Hasher::new().await.unwrap();
        let most = hasher.turns.available_permits();
        let mut taken = Vec::new();
        for _ in 0..most {
            taken.push(hasher.turn().await.unwrap());
        }
        let waiting = hasher.turn();
        tokio::pin!(waiting);
        assert!(futures::poll!(waiting.as_mut()).is_pending());
        taken.pop();
        assert!(waiting.await.is_ok());
    }
}
