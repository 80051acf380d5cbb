//! Passwords, and the hashes that are kept of them.

use std::fmt;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, SaltString},
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

    /// Hashes the password with a salt of its own. Takes tens of milliseconds of a core, and 19 MiB.
    ///
    /// # Errors
    /// The operating system's, if it gives no random numbers; the algorithm's own.
    pub fn hash(&self) -> Result<PasswordHash, HashError> {
        let salt = SaltString::encode_b64(&random::<16>()?)?;
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(password_hash::Error::from)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Ok(PasswordHash(argon2.hash_password(self.0.as_bytes(), &salt)?.to_string()))
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
    pub fn matches(&self, password: &str) -> Result<bool, HashError> {
        let hash = password_hash::PasswordHash::new(&self.0)?;
        match Argon2::default().verify_password(password.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(password_hash::Error::Password) => Ok(false),
            Err(error) => Err(error.into()),
        }
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
        let password = Password::parse("演示-correct horse".to_owned()).unwrap();
        let hash = password.hash().unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        assert!(hash.matches("演示-correct horse").unwrap());
        assert!(!hash.matches("演示-correct hors").unwrap());
        assert_ne!(password.hash().unwrap(), hash, "each hash has a salt of its own");
    }

    #[test]
    fn what_was_kept_must_be_a_hash() {
        assert!(PasswordHash::kept("plain".to_owned()).matches("plain").is_err());
    }

    #[test]
    fn nothing_secret_is_shown() {
        let password = Password::parse("correct horse".to_owned()).unwrap();
        assert_eq!(format!("{password:?}"), "Password(…)");
        assert_eq!(format!("{:?}", password.hash().unwrap()), "PasswordHash(…)");
    }
}
