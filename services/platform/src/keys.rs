//! The keys of an installation: one signs people's tokens, one signs between services and the audit trail.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use ed25519_compact::{KeyPair, PublicKey, Seed};
use pasetors::{
    keys::AsymmetricPublicKey,
    paserk::{FormatAsPaserk, Id},
    version4::V4,
};

use sha2::{Digest, Sha256};

use crate::audit::{hex, unhex};

/// Ed25519 key pairs, kept as files of 64 hexadecimal digits (the seed) that only their owner can read.
pub struct Keys {
    token: Option<KeyPair>,
    service: KeyPair,
    service_key_id: String,
}

impl Keys {
    /// Reads the keys, making those that are not there yet. Only the identity service signs people's tokens, so that
    /// only it is given a `token_file`.
    ///
    /// # Errors
    /// If a file cannot be read or made, or does not hold a key.
    pub fn open(token_file: Option<&Path>, service_file: &Path) -> io::Result<Self> {
        let token = token_file.map(read_or_make).transpose()?;
        let service = read_or_make(service_file)?;
        let service_key_id = key_id(&service.pk);
        Ok(Self { token, service, service_key_id })
    }

    /// The pair that signs people's tokens, where this process has it.
    pub fn token(&self) -> Option<&KeyPair> {
        self.token.as_ref()
    }

    /// The pair that all services share.
    pub fn service(&self) -> &KeyPair {
        &self.service
    }

    /// A pair of its own for one use, which every process that has the services' key derives alike.
    pub fn for_use(&self, name: &str) -> KeyPair {
        let digest = Sha256::new()
            .chain_update(b"zhijian key for ")
            .chain_update(name)
            .chain_update([0])
            .chain_update(self.service.sk.seed().as_ref())
            .finalize();
        KeyPair::from_seed(Seed::new(digest.into()))
    }

    /// The id of the services' key.
    pub fn service_key_id(&self) -> &str {
        &self.service_key_id
    }
}

/// The id of a public key, as PASERK defines it ("k4.pid.…").
pub(crate) fn key_id(key: &PublicKey) -> String {
    let mut text = String::new();
    // Neither step can fail for a key of the right length; an empty id matches no key.
    if let Ok(id) = paserk_id(key)
        && id.fmt(&mut text).is_err()
    {
        text.clear();
    }
    text
}

pub(crate) fn paserk_id(key: &PublicKey) -> Result<Id, pasetors::errors::Error> {
    AsymmetricPublicKey::<V4>::from(key.as_ref()).map(|key| Id::from(&key))
}

/// Reads the key in `file`, or makes one there.
///
/// # Errors
/// If the file cannot be read or made, or does not hold a key.
pub(crate) fn read_or_make(file: &Path) -> io::Result<KeyPair> {
    if let Some(seed) = make(file)? {
        return Ok(KeyPair::from_seed(seed));
    }
    let text = fs::read_to_string(file)?;
    let seed = unhex(text.trim()).and_then(|bytes| Seed::from_slice(&bytes).ok()).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!(
                "{} does not hold a key (64 hexadecimal digits); restore it from a backup",
                file.display()
            ),
        )
    })?;
    Ok(KeyPair::from_seed(seed))
}

fn make(file: &Path) -> io::Result<Option<Seed>> {
    let seed = Seed::generate();
    Ok(write_secret(file, &hex(seed.as_ref()))?.then_some(seed))
}

/// Writes a secret into a new file that only its owner can read; answers false if the file is there already.
///
/// # Errors
/// If the file cannot be made.
pub(crate) fn write_secret(file: &Path, secret: &str) -> io::Result<bool> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(mut handle) => {
            handle.write_all(secret.as_bytes())?;
            handle.sync_all()?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}
