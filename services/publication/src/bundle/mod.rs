//! A release as a signed, immutable directory that any static host serves and anybody checks without a server.
//!
//! `manifest.txt` names every other file with its SHA-256, in the form that `sha256sum -c` reads; `manifest.txt.minisig`
//! signs it with Ed25519 as minisign does. `data/pins.json` holds what the tables are computed from.

mod archive;
mod content;
mod manifest;
mod pages;
mod shelf;
mod sign;
mod verify;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use archive::{ArchiveError, pack, unpack};
pub use content::{Content, ContentError, EditionFile, content, seal};
pub use shelf::{Directory, Shelf};
pub use sign::{KeyError, PublicKey, SigningKey};
pub use verify::{Fault, KeySource, Verified, verify};

/// The format that this version writes and reads.
pub const FORMAT: &str = "zhijian.bundle/1";
/// The sums of every other file.
pub const MANIFEST: &str = "manifest.txt";
/// The signature of the manifest.
pub const SIGNATURE: &str = "manifest.txt.minisig";
/// The key that the signer claims.
pub const KEY: &str = "minisign.pub";
/// What release this is.
pub const RELEASE: &str = "release.json";
/// What the tables are computed from.
pub const PINS: &str = "data/pins.json";

/// The files of a bundle, by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What release a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// [`FORMAT`].
    pub format: String,
    pub region: zhijian_platform::Text,
    pub year: i32,
    /// The version of the release, from 1.
    pub version: u32,
    /// "original", "erratum", "revision" or "addition".
    pub kind: String,
    pub title: zhijian_platform::Text,
    /// What was announced with a correction.
    pub text: Option<zhijian_platform::Text>,
    /// RFC 3339.
    pub publish_time: String,
    /// Whether the institutions are invented.
    pub demonstration: bool,
    /// Where the figures come from.
    pub note: Option<zhijian_platform::Text>,
    /// The numbers of the tables, in order.
    pub tables: Vec<String>,
}
