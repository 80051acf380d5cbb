//! Signatures and keys as minisign writes them: Ed25519 over the BLAKE2b-512 of the file ("ED").
//!
//! Texts are taken only as this module would write them, so that no byte of a signature or key can change unseen.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use blake2::{Blake2b512, Digest};
use ed25519_compact::{KeyPair, Signature};

/// What minisign writes before a key and a signature; not signed, so that ours is always the same.
const UNTRUSTED: &str = "untrusted comment: ";
const KEY_COMMENT: &str = "zhijian release key ";
const SIGNATURE_COMMENT: &str = "zhijian release, signed manifest";
const TRUSTED: &str = "trusted comment: ";

/// The algorithm of keys and of signatures over a hash.
const ALGORITHM: [u8; 2] = *b"Ed";
const PREHASHED: [u8; 2] = *b"ED";

/// Why a key or a signature cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("this is not a minisign public key")]
    NoKey,
    #[error("the signature file is not as minisign writes it")]
    NoSignature,
    #[error("the signature is by another key")]
    OtherKey,
    #[error("the signature does not fit the manifest")]
    Wrong,
    #[error("the signature's comment was changed")]
    Comment,
}

/// A key that bundles are checked with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    id: [u8; 8],
    key: [u8; 32],
}

impl PublicKey {
    /// Reads a key: minisign's two lines, or the second alone.
    ///
    /// # Errors
    /// [`KeyError::NoKey`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let line = match text.split_once('\n') {
            Some((comment, line)) if comment.starts_with(UNTRUSTED) => line,
            Some(_) => return Err(KeyError::NoKey),
            None => text,
        };
        let bytes = STANDARD.decode(line.trim()).map_err(|_| KeyError::NoKey)?;
        let bytes: [u8; 42] = bytes.try_into().map_err(|_| KeyError::NoKey)?;
        let (algorithm, rest) = bytes.split_at(2);
        let (id, key) = rest.split_at(8);
        match (id.try_into(), key.try_into()) {
            (Ok(id), Ok(key)) if algorithm == ALGORITHM => Ok(Self { id, key }),
            _ => Err(KeyError::NoKey),
        }
    }

    /// The id as minisign shows it: 16 hexadecimal digits.
    pub fn id(&self) -> String {
        format!("{:016X}", u64::from_le_bytes(self.id))
    }

    /// The key in one line.
    pub fn line(&self) -> String {
        STANDARD.encode([&ALGORITHM[..], &self.id, &self.key].concat())
    }

    /// Checks the signature of `message`; answers the comment that is signed with it.
    ///
    /// # Errors
    /// Says what does not fit.
    pub fn check(&self, message: &[u8], signature: &str) -> Result<String, KeyError> {
        let mut lines = signature.split('\n');
        let mut next = || lines.next().ok_or(KeyError::NoSignature);
        let (comment, body, trusted, global, rest) = (next()?, next()?, next()?, next()?, next()?);
        let comment = comment.strip_prefix(UNTRUSTED);
        let trusted = trusted.strip_prefix(TRUSTED).ok_or(KeyError::NoSignature)?;
        if comment != Some(SIGNATURE_COMMENT) || !rest.is_empty() || lines.next().is_some() {
            return Err(KeyError::NoSignature);
        }
        let body: [u8; 74] = decoded(body)?;
        let global: [u8; 64] = decoded(global)?;
        let (head, own) = body.split_at(10);
        if head[..2] != PREHASHED {
            return Err(KeyError::NoSignature);
        }
        if head[2..] != self.id {
            return Err(KeyError::OtherKey);
        }
        let key = ed25519_compact::PublicKey::new(self.key);
        let fits = |message: &[u8], signature: &[u8]| {
            Signature::from_slice(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
        };
        if !fits(&Blake2b512::digest(message), own) {
            return Err(KeyError::Wrong);
        }
        if !fits(&[own, trusted.as_bytes()].concat(), &global) {
            return Err(KeyError::Comment);
        }
        Ok(trusted.to_owned())
    }
}

fn decoded<const N: usize>(line: &str) -> Result<[u8; N], KeyError> {
    let bytes = STANDARD.decode(line).map_err(|_| KeyError::NoSignature)?;
    bytes.try_into().map_err(|_| KeyError::NoSignature)
}

/// The key as minisign's two lines.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{UNTRUSTED}{KEY_COMMENT}{}", self.id())?;
        writeln!(f, "{}", self.line())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

/// The key that an installation signs its bundles with.
#[derive(Clone)]
pub struct SigningKey(KeyPair);

impl SigningKey {
    /// Signs with this pair.
    pub fn new(pair: KeyPair) -> Self {
        Self(pair)
    }

    /// What others check with.
    pub fn public(&self) -> PublicKey {
        let key = *self.0.pk;
        let hash = Blake2b512::digest(key);
        let mut id = [0; 8];
        id.copy_from_slice(&hash[..8]);
        PublicKey { id, key }
    }

    /// The signature of `message` as minisign writes it. `comment` is signed along, and is one line.
    pub fn sign(&self, message: &[u8], comment: &str) -> String {
        let own = self.0.sk.sign(Blake2b512::digest(message), None);
        let global = self.0.sk.sign([own.as_ref(), comment.as_bytes()].concat(), None);
        let body = STANDARD.encode([&PREHASHED[..], &self.public().id, own.as_ref()].concat());
        let global = STANDARD.encode(global.as_ref());
        format!("{UNTRUSTED}{SIGNATURE_COMMENT}\n{body}\n{TRUSTED}{comment}\n{global}\n")
    }
}

#[cfg(test)]
mod tests {
    use ed25519_compact::Seed;
    use proptest::prelude::*;

    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::new(KeyPair::from_seed(Seed::new([seed; 32])))
    }

    #[test]
    fn a_key_reads_back_with_and_without_its_comment() {
        let public = key(1).public();
        assert_eq!(PublicKey::parse(&public.to_string()), Ok(public));
        assert_eq!(PublicKey::parse(&public.line()), Ok(public));
        for wrong in ["", "RWQ", "x\ny", "untrusted comment: x\nRWQ="] {
            assert_eq!(PublicKey::parse(wrong), Err(KeyError::NoKey), "{wrong}");
        }
    }

    #[test]
    fn another_key_is_told() {
        let signature = key(1).sign(b"manifest", "year 2025");
        assert_eq!(key(1).public().check(b"manifest", &signature), Ok("year 2025".to_owned()));
        assert_eq!(key(2).public().check(b"manifest", &signature), Err(KeyError::OtherKey));
        assert_eq!(key(1).public().check(b"manifesT", &signature), Err(KeyError::Wrong));
    }

    #[test]
    fn minisign_itself_takes_our_signatures() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        std::fs::write(path("manifest.txt"), b"sums\n").expect("written");
        std::fs::write(path("manifest.txt.minisig"), key(7).sign(b"sums\n", "year 2025")).expect("written");
        std::fs::write(path("minisign.pub"), key(7).public().to_string()).expect("written");
        let verify = |file: &str| {
            std::process::Command::new("minisign")
                .args(["-V", "-H", "-m", file, "-x", "manifest.txt.minisig", "-p", "minisign.pub"])
                .current_dir(directory.path())
                .output()
        };
        let output = match verify("manifest.txt") {
            Ok(output) => output,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                assert!(std::env::var("ZHIJIAN_REQUIRE_MINISIGN").is_err(), "minisign is required here");
                eprintln!("NOT RUN: there is no minisign on this machine");
                return;
            }
            Err(error) => panic!("{error}"),
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("year 2025"));
        std::fs::write(path("manifest.txt"), b"sumz\n").expect("written");
        assert!(!verify("manifest.txt").expect("it runs").status.success());
    }

    proptest! {
        #[test]
        fn every_changed_byte_of_a_signature_is_seen(at in any::<prop::sample::Index>(), by in 1_u8..=255) {
            let signature = key(3).sign(b"manifest", "year 2025").into_bytes();
            let mut changed = signature.clone();
            let at = at.index(changed.len());
            changed[at] ^= by;
            let taken = std::str::from_utf8(&changed)
                .is_ok_and(|changed| key(3).public().check(b"manifest", changed).is_ok());
            prop_assert!(!taken, "byte {} became {}", at, changed[at]);
        }
    }
}
