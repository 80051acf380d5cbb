//! Passwords, and the hashes that are kept of them.

use std::fmt;

use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version,
    password_hash::{self, Output, ParamsString, SaltString},
};

use super::Broken;

/// How many characters a password may have.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=200;
/// What OWASP recommends for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A password that somebody chose. It never shows itself.
pub struct Password(String);

impl Password {
    /// Takes a password as it is typed.
    ///
    /// # Errors
    /// [`PasswordError`] if it is too short or too long.
    pub fn parse(text: String) -> Result<Self, PasswordError> {
        if LENGTH.contains(&text.chars().count()) { Ok(Self(text)) } else { Err(PasswordError) }
    }

    /// A password that nobody knows.
    ///
    /// # Errors
    /// The operating system's, if it gives no random numbers.
    pub fn random() -> Result<Self, HashError> {
        Ok(Self(SaltString::encode_b64(&random::<32>()?)?.as_str().to_owned()))
    }

    /// Hashes the password with a salt of its own. Takes tens of milliseconds of a core, and 19 MiB of `scratch`.
    ///
    /// # Errors
    /// The operating system's, if it gives no random numbers; the algorithm's own.
    pub fn hash(&self, scratch: &mut Scratch) -> Result<PasswordHash, HashError> {
        let salt = SaltString::encode_b64(&random::<16>()?)?;
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(password_hash::Error::from)?;
        let hash = password_hash::PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params)?,
            salt: Some(salt.as_salt()),
            hash: Some(scratch.derive(params, Version::V0x13, &self.0, salt.as_salt())?),
        };
        Ok(PasswordHash(hash.to_string()))
    }
}

/// The memory in which passwords are hashed, used again and again: giving back and asking for 19 MiB each time would
/// leave the heap in tatters.
#[derive(Default)]
pub struct Scratch(Vec<Block>);

impl Scratch {
    fn derive(
        &mut self,
        params: Params,
        version: Version,
        password: &str,
        salt: password_hash::Salt<'_>,
    ) -> Result<Output, HashError> {
        let mut buffer = [0; password_hash::Salt::MAX_LENGTH];
        let salt = salt.decode_b64(&mut buffer)?;
        let mut output = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
        if self.0.len() < params.block_count() {
            self.0.resize(params.block_count(), Block::default());
        }
        Argon2::new(Algorithm::Argon2id, version, params)
            .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, &mut self.0)
            .map_err(password_hash::Error::from)?;
        Ok(Output::new(&output)?)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A text that cannot be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Choose a password of 10 to 200 characters.")]
pub struct PasswordError;

impl Broken for PasswordError {
    fn zh(&self) -> String {
        "密码应为 10 至 200 个字符。".to_owned()
    }
}

/// The argon2id hash of a password in PHC form, which carries its salt and parameters. It never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash as it was kept.
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// The text to keep.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the hash of `password`. Takes as long as hashing, whatever the answer.
    ///
    /// # Errors
    /// If what was kept is no hash.
    pub fn matches(&self, password: &str, scratch: &mut Scratch) -> Result<bool, HashError> {
        let kept = password_hash::PasswordHash::new(&self.0)?;
        let (Some(salt), Some(expected)) = (kept.salt, kept.hash) else {
            return Err(password_hash::Error::PhcStringField.into());
        };
        if kept.algorithm != ARGON2ID_IDENT {
            return Err(password_hash::Error::Algorithm.into());
        }
        let version = kept.version.map_or(Ok(Version::default()), Version::try_from);
        let version = version.map_err(password_hash::Error::from)?;
        // Two outputs are compared in constant time.
        Ok(scratch.derive(Params::try_from(&kept)?, version, password, salt)? == expected)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Why a password could not be hashed or compared: a fault of the machine or of what was kept.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    #[error("the operating system gave no random numbers: {0}")]
    Random(getrandom::Error),
    #[error("argon2: {0}")]
    Argon2(password_hash::Error),
}

impl From<password_hash::Error> for HashError {
    fn from(error: password_hash::Error) -> Self {
        Self::Argon2(error)
    }
}

fn random<const N: usize>() -> Result<[u8; N], HashError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(HashError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters_not_bytes() {
        for (length, taken) in [(9, false), (10, true), (200, true), (201, false)] {
            assert_eq!(Password::parse("密".repeat(length)).is_ok(), taken, "{length}");
        }
    }

    #[test]
    fn a_hash_matches_its_password_alone() {
        let mut scratch = Scratch::default();
        let password = Password::parse("演示-correct horse".to_owned()).unwrap();
        let hash = password.hash(&mut scratch).unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        assert!(hash.matches("演示-correct horse", &mut scratch).unwrap());
        assert!(!hash.matches("演示-correct hors", &mut scratch).unwrap());
        assert_ne!(password.hash(&mut scratch).unwrap(), hash, "each hash has a salt of its own");
    }

    #[test]
    fn the_library_alone_agrees() {
        use argon2::{PasswordHasher, PasswordVerifier};
        let mut scratch = Scratch::default();
        let ours = Password::parse("correct horse".to_owned()).unwrap().hash(&mut scratch).unwrap();
        let parsed = password_hash::PasswordHash::new(ours.as_str()).unwrap();
        assert!(Argon2::default().verify_password(b"correct horse", &parsed).is_ok());
        let salt = SaltString::encode_b64(b"sixteen bytes ok").unwrap();
        let small = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let theirs = small.hash_password(b"correct horse", &salt).unwrap().to_string();
        assert!(PasswordHash::kept(theirs.clone()).matches("correct horse", &mut scratch).unwrap());
        assert!(!PasswordHash::kept(theirs).matches("wrong horse", &mut scratch).unwrap());
    }

    #[test]
    fn what_was_kept_must_be_a_hash() {
        assert!(PasswordHash::kept("plain".to_owned()).matches("plain", &mut Scratch::default()).is_err());
    }

    #[test]
    fn nothing_secret_is_shown() {
        let password = Password::parse("correct horse".to_owned()).unwrap();
        assert_eq!(format!("{password:?}"), "Password(…)");
        assert_eq!(format!("{:?}", password.hash(&mut Scratch::default()).unwrap()), "PasswordHash(…)");
    }
}
