//! Checks a bundle without any server: signature, sums, and every table and grade computed again.

use std::{collections::BTreeSet, fmt, io};

use super::{
    About, FORMAT, KEY, MANIFEST, PINS, RELEASE, SIGNATURE, Shelf,
    manifest::{self, ManifestError},
    sign::{KeyError, PublicKey},
};
use crate::domain::pin::{self, Pinned, RecomputeError};

/// Whose key the bundle was checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// The reader's own.
    Given,
    /// The one inside the bundle, which proves only that the bundle is whole: whoever makes another bundle can put
    /// another key into it.
    Contained,
}

/// What is wrong with a bundle.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{path} is missing")]
    Missing { path: String },
    #[error("{path} cannot be read")]
    Unreadable { path: String, source: io::Error },
    #[error("{path} is not in the manifest")]
    Extra { path: String },
    #[error("{path} is a link or no file")]
    NoFile { path: String },
    #[error("{path} was changed: its sum is not the manifest's")]
    Changed { path: String },
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Signature(#[from] KeyError),
    #[error("{path} is not as this version writes it: {detail}")]
    Unfit { path: String, detail: String },
    #[error("the tables cannot be computed again: {0}")]
    Recompute(#[from] RecomputeError),
    #[error("table {number} is not what the pins give")]
    Table { number: String },
}

/// A bundle that holds.
pub struct Verified {
    pub about: About,
    pub pinned: Pinned,
    pub key: PublicKey,
    pub key_source: KeySource,
    /// What was signed along.
    pub comment: String,
    pub files: usize,
    pub bytes: u64,
    /// How many tables and how many grades were computed again.
    pub tables: usize,
    pub grades: usize,
}

/// Checks the bundle with `key`, or with its own.
///
/// # Errors
/// Everything that is wrong with it, as far as it can be told: never empty.
pub fn verify(shelf: &impl Shelf, key: Option<PublicKey>) -> Result<Verified, Vec<Fault>> {
    let read = |path: &str| shelf.read(path).map_err(|source| fault_of(path, source));
    let one = |fault: Fault| vec![fault];
    let text = |path: &str| -> Result<String, Fault> {
        String::from_utf8(read(path)?)
            .map_err(|_| Fault::Unfit { path: path.to_owned(), detail: "it is not UTF-8".to_owned() })
    };
    let manifest_bytes = read(MANIFEST).map_err(one)?;
    let signature = text(SIGNATURE).map_err(one)?;
    let (key, key_source) = match key {
        Some(key) => (key, KeySource::Given),
        None => (
            PublicKey::parse(&text(KEY).map_err(one)?).map_err(|error| one(error.into()))?,
            KeySource::Contained,
        ),
    };
    // Nothing that a stranger may have written is looked at before the signature holds.
    let comment = key.check(&manifest_bytes, &signature).map_err(|error| one(error.into()))?;
    let sums = manifest::read(&manifest_bytes).map_err(|error| one(error.into()))?;

    let (paths, odd) =
        shelf.list().map_err(|source| one(Fault::Unreadable { path: ".".to_owned(), source }))?;
    let mut faults: Vec<Fault> = odd.into_iter().map(|path| Fault::NoFile { path }).collect();
    let known = |path: &&String| !sums.contains_key(*path) && *path != MANIFEST && *path != SIGNATURE;
    faults.extend(paths.iter().filter(known).map(|path| Fault::Extra { path: path.clone() }));
    let mut bytes = u64::try_from(manifest_bytes.len()).unwrap_or(u64::MAX);
    for (path, sum) in &sums {
        match read(path) {
            Ok(content) if manifest::sum(&content) == *sum => {
                bytes = bytes.saturating_add(u64::try_from(content.len()).unwrap_or(u64::MAX));
            }
            Ok(_) => faults.push(Fault::Changed { path: path.clone() }),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }

    let about: About = parsed(RELEASE, &read(RELEASE).map_err(one)?).map_err(one)?;
    if about.format != FORMAT {
        return Err(one(unfit(
            RELEASE,
            format!("the format is {:?}; this version reads {FORMAT:?}", about.format),
        )));
    }
    let pinned: Pinned = parsed(PINS, &read(PINS).map_err(one)?).map_err(one)?;
    if pinned.year != about.year {
        return Err(one(unfit(PINS, format!("it is of {}, the release of {}", pinned.year, about.year))));
    }
    let made = pin::recompute(&pinned).map_err(|error| one(error.into()))?;
    let grades = pin::recompute_grades(&pinned).map_err(|error| one(error.into()))?;
    let mut faults = Vec::new();
    let computed: BTreeSet<&str> = made.tables.iter().map(|one| one.table.number.as_str()).collect();
    let told: BTreeSet<&str> = about.tables.iter().map(String::as_str).collect();
    for number in computed.symmetric_difference(&told) {
        faults.push(Fault::Table { number: (*number).to_owned() });
    }
    for one in &made.tables {
        let number = &one.table.number;
        let json = super::content::table_json(&one.table);
        let same = read(&super::content::table_path(number, "csv"))
            .is_ok_and(|csv| csv == one.csv.as_bytes())
            && read(&super::content::table_path(number, "json")).is_ok_and(|told| told == json);
        if !same {
            faults.push(Fault::Table { number: number.clone() });
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Verified {
        about,
        key,
        key_source,
        comment,
        files: sums.len() + 2,
        bytes,
        tables: made.tables.len(),
        grades: grades.values().map(Vec::len).sum(),
        pinned,
    })
}

fn fault_of(path: &str, source: io::Error) -> Fault {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => Fault::Missing { path },
        io::ErrorKind::InvalidData => Fault::NoFile { path },
        _ => Fault::Unreadable { path, source },
    }
}

fn unfit(path: &str, detail: impl fmt::Display) -> Fault {
    Fault::Unfit { path: path.to_owned(), detail: detail.to_string() }
}

fn parsed<T: serde::de::DeserializeOwned>(path: &str, bytes: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|error| unfit(path, error))
}
