//! Where files are kept: under the SHA-256 of their content, in a directory or in S3.
//!
//! A file is stored before the row that names it is committed, so that a row never names a file that is not there. What a
//! failed commit leaves behind is swept. Contents never change; whoever reads one gets it verified.

use std::{io, ops::Range, path::Path as FilePath, sync::Arc, time::Duration};

use chrono::Utc;
use futures::{StreamExt, TryStreamExt, future::BoxFuture, stream::BoxStream};
use object_store::{
    Error as StoreError, GetOptions, ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem,
    path::Path,
};
use prost::bytes::{Bytes, BytesMut};
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

use crate::{Error, StartError, audit::hex};

/// The folder of the files, in a data directory or under an S3 prefix.
const FOLDER: &str = "objects";

/// The store of files; cheap to clone.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    /// "" or a path without a slash at its end.
    prefix: Arc<str>,
    /// Held for reading between storing a file and committing its row, for writing while one is swept.
    keeping: Arc<RwLock<()>>,
}

/// A stored file. Keep it until the row that names it is committed: so long it is not swept.
#[must_use = "an object that no row names is swept"]
pub struct Kept {
    /// The SHA-256 of the content, in hex.
    pub sha256: String,
    /// How many bytes it has.
    pub size: u64,
    _not_swept: OwnedRwLockReadGuard<()>,
}

impl Objects {
    /// Opens the store at `place`: a directory, or `s3://bucket/prefix` with the usual AWS variables; `objects` under
    /// `data` if absent.
    ///
    /// # Errors
    /// Says what to do if the place cannot be used. An S3 bucket is not asked before the first file.
    pub fn open(place: Option<&str>, data: &FilePath) -> Result<Self, StartError> {
        if let Some(bucket) = place.and_then(|place| place.strip_prefix("s3://")) {
            let (bucket, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
            let prefix = prefix.trim_matches('/');
            return Ok(Self::on(s3(bucket)?, prefix));
        }
        if let Some(scheme) = place.and_then(|place| Some(place.split_once("://")?.0)) {
            return Err(StartError::Objects {
                place: place.unwrap_or_default().to_owned(),
                detail: format!("{scheme}:// is not known; give a directory, or s3://bucket/prefix"),
            });
        }
        let directory = place.map_or_else(|| data.join(FOLDER), Into::into);
        let in_place = |source: io::Error| StartError::Data { path: directory.clone(), source };
        std::fs::create_dir_all(&directory).map_err(in_place)?;
        let store = LocalFileSystem::new_with_prefix(&directory)
            .map_err(|error| in_place(io::Error::other(error)))?
            .with_fsync(true);
        Ok(Self::on(Arc::new(store), ""))
    }

    /// Keeps files in `store`, under `prefix`.
    pub fn on(store: Arc<dyn ObjectStore>, prefix: &str) -> Self {
        Self { store, prefix: prefix.into(), keeping: Arc::default() }
    }

    /// The same store, in a folder of its own: what is kept here is not swept elsewhere, nor the other way round.
    pub fn folder(&self, name: &str) -> Self {
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        Self { prefix: format!("{}{slash}{name}", self.prefix).into(), ..self.clone() }
    }

    /// Stores a content. Storing it again is no harm, and mends a damaged copy.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED if there is no room, UNAVAILABLE if the store does not answer; nothing is kept then.
    pub async fn keep(&self, content: Bytes) -> Result<Kept, Error> {
        let not_swept = self.keeping.clone().read_owned().await;
        let size = content.len() as u64;
        let hashed = content.clone();
        let sha256 =
            tokio::task::spawn_blocking(move || sha256_of(&hashed)).await.map_err(Error::internal)?;
        let path = self.path(&sha256)?;
        self.store.put(&path, PutPayload::from(content)).await.map_err(unusable)?;
        Ok(Kept { sha256, size, _not_swept: not_swept })
    }

    /// The whole content, verified.
    ///
    /// # Errors
    /// INTERNAL if it is lost or damaged; UNAVAILABLE if the store does not answer.
    pub async fn bytes(&self, sha256: &str) -> Result<Bytes, Error> {
        let mut content = BytesMut::new();
        let mut stream = self.stream(sha256, None).await?;
        while let Some(chunk) = stream.try_next().await? {
            content.extend_from_slice(&chunk);
        }
        let content = content.freeze();
        if sha256_of(&content) != sha256 {
            return Err(damaged(sha256));
        }
        Ok(content)
    }

    /// A part of a content in chunks. All of the content is verified before the first chunk is given.
    ///
    /// # Errors
    /// INTERNAL if it is lost or damaged; UNAVAILABLE if the store does not answer.
    pub async fn read(
        &self,
        sha256: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        let mut all = self.stream(sha256, None).await?;
        let mut hash = Sha256::new();
        while let Some(chunk) = all.try_next().await? {
            hash.update(&chunk);
        }
        if hex(&hash.finalize()) != sha256 {
            return Err(damaged(sha256));
        }
        if range.is_empty() {
            return Ok(futures::stream::empty().boxed());
        }
        self.stream(sha256, Some(range)).await
    }

    async fn stream(
        &self,
        sha256: &str,
        range: Option<Range<u64>>,
    ) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        let mut options = GetOptions::new();
        options.range = range.map(Into::into);
        let found = self.store.get_opts(&self.path(sha256)?, options).await.map_err(unusable)?;
        Ok(found.into_stream().map_err(unusable).boxed())
    }

    /// Deletes what is older than `age` and not `wanted`; answers how many files that were.
    ///
    /// # Errors
    /// The store's own, or what `wanted` answers.
    pub async fn sweep(
        &self,
        age: Duration,
        wanted: impl Fn(String) -> BoxFuture<'static, Result<bool, Error>>,
    ) -> Result<u64, Error> {
        let prefix = Path::parse(&*self.prefix).map_err(Error::internal)?;
        let mut listed = self.store.list(Some(&prefix));
        let mut swept = 0;
        while let Some(found) = listed.try_next().await.map_err(unusable)? {
            let Some(sha256) = self.name_of(&found.location) else { continue };
            if !is_old(found.last_modified, age) || wanted(sha256.clone()).await? {
                continue;
            }
            // Nobody of this process is between storing and committing now; whoever did so elsewhere made it young again.
            let _alone = self.keeping.write().await;
            let still_old = match self.store.head(&found.location).await {
                Ok(now) => is_old(now.last_modified, age),
                Err(StoreError::NotFound { .. }) => false,
                Err(error) => return Err(unusable(error)),
            };
            if still_old && !wanted(sha256.clone()).await? {
                self.store.delete(&found.location).await.map_err(unusable)?;
                tracing::info!(
                    object = sha256,
                    size = found.size,
                    "swept a file that nothing names: {sha256}"
                );
                swept += 1;
            }
        }
        Ok(swept)
    }

    /// Two levels, so that no directory grows without bound.
    fn path(&self, sha256: &str) -> Result<Path, Error> {
        let Some((head, tail)) = sha256.split_at_checked(2).filter(|_| is_sha256(sha256)) else {
            return Err(Error::internal(format!("{sha256:?} is no SHA-256")));
        };
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        Path::parse(format!("{}{slash}{head}/{tail}", self.prefix)).map_err(Error::internal)
    }

    fn name_of(&self, location: &Path) -> Option<String> {
        let path = location.as_ref().strip_prefix(&*self.prefix)?.trim_start_matches('/');
        let (head, tail) = path.split_once('/')?;
        Some(format!("{head}{tail}")).filter(|name| head.len() == 2 && is_sha256(name))
    }
}

/// The SHA-256 of a content, in hex.
pub fn sha256_of(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// Whether a text is a SHA-256 as this module writes it: 64 lower-case hexadecimal digits.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_old(modified: chrono::DateTime<Utc>, age: Duration) -> bool {
    (Utc::now() - modified).to_std().is_ok_and(|passed| passed >= age)
}

fn damaged(sha256: &str) -> Error {
    Error::internal(format!("the stored file {sha256} is damaged: its content has another SHA-256"))
}

/// A disk that is full is told as such; whatever else a store complains of may pass.
fn unusable(error: StoreError) -> Error {
    if let StoreError::NotFound { .. } = error {
        return Error::Internal(Box::new(error));
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(here) = cause {
        if let Some(io) = here.downcast_ref::<io::Error>()
            && matches!(
                io.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
            )
        {
            return Error::StorageFull(Box::new(error));
        }
        cause = here.source();
    }
    Error::Unavailable(Box::new(error))
}

#[cfg(feature = "s3")]
fn s3(bucket: &str) -> Result<Arc<dyn ObjectStore>, StartError> {
    let store = object_store::aws::AmazonS3Builder::from_env().with_bucket_name(bucket).build();
    let store = store.map_err(|error| StartError::Objects {
        place: format!("s3://{bucket}"),
        detail: format!(
            "{error}; check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT"
        ),
    })?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "s3"))]
fn s3(bucket: &str) -> Result<Arc<dyn ObjectStore>, StartError> {
    Err(StartError::Objects {
        place: format!("s3://{bucket}"),
        detail:
            "this program was built without S3: build it with `--features s3` (the container image is), or \
                 give a directory"
                .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(directory: &FilePath) -> Objects {
        Objects::open(None, directory).expect("a fresh directory can be used")
    }

    async fn collected(mut stream: BoxStream<'static, Result<Bytes, Error>>) -> Vec<u8> {
        let mut all = vec![];
        while let Some(chunk) = stream.try_next().await.expect("read") {
            all.extend_from_slice(&chunk);
        }
        all
    }

    #[tokio::test]
    async fn what_is_kept_is_read_back_whole_and_in_parts() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let objects = objects(directory.path());
        let content: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
        let kept = objects.keep(content.clone().into()).await.expect("kept");
        assert_eq!((kept.size, kept.sha256.as_str()), (100_000, sha256_of(&content).as_str()));
        assert_eq!(objects.bytes(&kept.sha256).await.expect("read"), content);
        let part = objects.read(&kept.sha256, 1000..1007).await.expect("read");
        assert_eq!(collected(part).await, &content[1000..1007]);
        let tail = objects.read(&kept.sha256, 99_990..200_000).await.expect("read");
        assert_eq!(collected(tail).await, &content[99_990..]);
        assert!(collected(objects.read(&kept.sha256, 7..7).await.expect("read")).await.is_empty());
    }

    #[tokio::test]
    async fn a_damaged_file_is_never_handed_out_and_is_mended_by_storing_it_again() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let objects = objects(directory.path());
        let kept = objects.keep(Bytes::from_static(b"signed and sealed")).await.expect("kept");
        let (head, tail) = kept.sha256.split_at(2);
        std::fs::write(directory.path().join(FOLDER).join(head).join(tail), b"signed and sea1ed")
            .expect("written");
        assert!(matches!(objects.bytes(&kept.sha256).await, Err(Error::Internal(_))));
        assert!(matches!(objects.read(&kept.sha256, 0..4).await, Err(Error::Internal(_))));
        let again = objects.keep(Bytes::from_static(b"signed and sealed")).await.expect("kept");
        assert!(objects.bytes(&again.sha256).await.is_ok());
        let unknown = "0".repeat(64);
        assert!(matches!(objects.bytes(&unknown).await, Err(Error::Internal(_))));
        assert!(matches!(objects.bytes("../../etc/passwd").await, Err(Error::Internal(_))));
    }

    #[tokio::test]
    async fn only_what_is_old_and_unwanted_is_swept() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let objects = objects(directory.path());
        let wanted = objects.keep(Bytes::from_static(b"wanted")).await.expect("kept").sha256;
        let orphan = objects.keep(Bytes::from_static(b"orphan")).await.expect("kept").sha256;
        let is_wanted = |sha256: String| -> BoxFuture<'static, Result<bool, Error>> {
            Box::pin(async move { Ok(sha256 == sha256_of(b"wanted")) })
        };
        assert_eq!(objects.sweep(Duration::from_secs(3600), is_wanted).await.expect("swept"), 0);
        assert_eq!(objects.sweep(Duration::ZERO, is_wanted).await.expect("swept"), 1);
        assert!(objects.bytes(&wanted).await.is_ok());
        assert!(objects.bytes(&orphan).await.is_err());
    }

    #[tokio::test]
    async fn nothing_is_swept_between_storing_and_committing() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let objects = objects(directory.path());
        let kept = objects.keep(Bytes::from_static(b"not committed yet")).await.expect("kept");
        let sweeper = objects.clone();
        let sweeping = tokio::spawn(async move {
            sweeper.sweep(Duration::ZERO, |_| Box::pin(async { Ok(false) })).await.expect("swept")
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(objects.bytes(&kept.sha256).await.is_ok());
        drop(kept);
        assert_eq!(sweeping.await.expect("ended"), 1);
    }

    /// Against a server that speaks S3, where `ZHIJIAN_TEST_S3` names a bucket on it and the AWS variables lead there.
    #[cfg(feature = "s3")]
    #[tokio::test]
    async fn a_bucket_keeps_files_as_a_directory_does() {
        let Ok(place) = std::env::var("ZHIJIAN_TEST_S3") else {
            eprintln!("NOT RUN: set ZHIJIAN_TEST_S3=s3://bucket/prefix, AWS_ENDPOINT and the keys");
            return;
        };
        let directory = tempfile::tempdir().expect("a temporary directory");
        let objects = Objects::open(Some(&place), directory.path()).expect("the variables suffice");
        let kept = objects.keep(Bytes::from_static(b"signed and sealed")).await.expect("kept").sha256;
        assert_eq!(objects.bytes(&kept).await.expect("read"), b"signed and sealed".as_slice());
        assert_eq!(collected(objects.read(&kept, 7..10).await.expect("read")).await, b"and");
        let unwanted = |_| -> BoxFuture<'static, Result<bool, Error>> { Box::pin(async { Ok(false) }) };
        assert_eq!(objects.sweep(Duration::from_secs(3600), unwanted).await.expect("swept"), 0);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(objects.sweep(Duration::from_secs(1), unwanted).await.expect("swept"), 1);
        assert!(objects.bytes(&kept).await.is_err());
    }

    #[test]
    fn a_place_that_cannot_be_used_is_told_in_words() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let unknown =
            Objects::open(Some("gs://bucket"), directory.path()).err().expect("refused").to_string();
        assert!(unknown.contains("s3://bucket/prefix"), "{unknown}");
        #[cfg(not(feature = "s3"))]
        {
            let s3 =
                Objects::open(Some("s3://bucket/x"), directory.path()).err().expect("refused").to_string();
            assert!(s3.contains("--features s3"), "{s3}");
        }
    }
}
