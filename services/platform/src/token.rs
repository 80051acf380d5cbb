//! Tokens: PASETO v4.public, signed with Ed25519. A person's carries the roles; a service's names the service.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use ed25519_compact::{KeyPair, PublicKey};
use pasetors::{
    Public,
    claims::{Claims, ClaimsValidationRules},
    footer::Footer,
    keys::{AsymmetricPublicKey, AsymmetricSecretKey},
    public,
    token::UntrustedToken,
    version4::V4,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Error, Keys, Principal,
    call::RoleGrant,
    keys::{key_id, paserk_id},
};

/// How long a person's token is good for.
pub const LIFETIME: Duration = Duration::from_secs(60 * 60);
const SERVICE_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// What a person's token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The account's id.
    pub account_id: String,
    /// How pages call the person.
    pub display_name: String,
    /// The roles at the time of signing in.
    pub roles: Vec<RoleGrant>,
}

/// Issues and verifies tokens.
#[derive(Clone)]
pub struct Tokens {
    keys: Arc<Keys>,
    people: Arc<RwLock<HashMap<String, PublicKey>>>,
    verified: Arc<RwLock<Verified>>,
}

/// Tokens whose signature was found good, by their SHA-256: checking one costs more than the rest of a small call.
type Verified = HashMap<[u8; 32], (Arc<Principal>, DateTime<Utc>)>;

/// How many verified tokens are remembered.
const REMEMBERED: usize = 4096;

/// Why a token is not good.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is malformed, forged or expired.
    Bad,
    /// It may be good, but is signed with a key that this process has not seen yet.
    UnknownKey,
}

impl Tokens {
    pub(crate) fn new(keys: Arc<Keys>) -> Self {
        let people = keys.token().map(|pair| (key_id(&pair.pk), pair.pk)).into_iter().collect();
        Self { keys, people: Arc::new(RwLock::new(people)), verified: Arc::default() }
    }

    /// A token for a person, and when it ends.
    ///
    /// # Errors
    /// INTERNAL in a process that does not hold the key.
    pub fn issue(&self, identity: &Identity) -> Result<(String, DateTime<Utc>), Error> {
        let pair = self.keys.token().ok_or_else(|| Error::internal("this process does not sign tokens"))?;
        let identity = serde_json::to_value(identity).map_err(Error::internal)?;
        let token =
            sign(pair, LIFETIME, "identity", identity).map_err(|error| Error::internal(error.to_string()))?;
        Ok((token, Utc::now() + LIFETIME))
    }

    /// The public keys of people's tokens that this process signs with: key id and 32 bytes.
    pub fn verification_keys(&self) -> Vec<(String, Vec<u8>)> {
        self.keys.token().map(|pair| (key_id(&pair.pk), pair.pk.to_vec())).into_iter().collect()
    }

    pub(crate) fn issue_service(&self, service: &str) -> Result<String, Error> {
        sign(self.keys.service(), SERVICE_LIFETIME, "service", service.into())
            .map_err(|error| Error::internal(error.to_string()))
    }

    pub(crate) fn learn(&self, key: PublicKey) {
        self.people.write().unwrap_or_else(PoisonError::into_inner).insert(key_id(&key), key);
    }

    /// Who holds `token`, and until when it is good.
    pub(crate) fn verify(&self, token: &str) -> Result<(Arc<Principal>, DateTime<Utc>), Refusal> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let known = self.verified.read().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        match known {
            Some((principal, expiry)) if Utc::now() < expiry => return Ok((principal, expiry)),
            Some(_) => return Err(Refusal::Bad),
            None => {}
        }
        let (principal, expiry) = self.verify_signature(token)?;
        let principal = Arc::new(principal);
        let mut verified = self.verified.write().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= REMEMBERED {
            verified.clear();
        }
        verified.insert(digest, (principal.clone(), expiry));
        Ok((principal, expiry))
    }

    fn verify_signature(&self, token: &str) -> Result<(Principal, DateTime<Utc>), Refusal> {
        let untrusted = UntrustedToken::<Public, V4>::try_from(token).map_err(|_| Refusal::Bad)?;
        let mut footer = Footer::new();
        footer.parse_bytes(untrusted.untrusted_footer()).map_err(|_| Refusal::Bad)?;
        let id = footer.get_claim("kid").and_then(|id| id.as_str()).ok_or(Refusal::Bad)?;
        let from_service = id == self.keys.service_key_id();
        let key = if from_service {
            self.keys.service().pk
        } else {
            let people = self.people.read().unwrap_or_else(PoisonError::into_inner);
            *people.get(id).ok_or(Refusal::UnknownKey)?
        };
        let key = AsymmetricPublicKey::<V4>::from(key.as_ref()).map_err(|_| Refusal::Bad)?;
        let trusted = public::verify(&key, &untrusted, &ClaimsValidationRules::new(), None, None)
            .map_err(|_| Refusal::Bad)?;
        let claims = trusted.payload_claims().ok_or(Refusal::Bad)?;
        let claim = |name| claims.get_claim(name).cloned().ok_or(Refusal::Bad);
        let expiry = claim("exp")?;
        let expiry = expiry.as_str().and_then(|time| time.parse().ok()).ok_or(Refusal::Bad)?;
        if from_service {
            let service = claim("service")?.as_str().ok_or(Refusal::Bad)?.to_owned();
            return Ok((Principal::Service(service), expiry));
        }
        let identity: Identity = serde_json::from_value(claim("identity")?).map_err(|_| Refusal::Bad)?;
        Ok((Principal::Account(identity), expiry))
    }
}

fn sign(
    pair: &KeyPair,
    lifetime: Duration,
    claim: &str,
    value: serde_json::Value,
) -> Result<String, pasetors::errors::Error> {
    let mut claims = Claims::new_expires_in(&lifetime)?;
    claims.add_additional(claim, value)?;
    let mut footer = Footer::new();
    footer.key_id(&paserk_id(&pair.pk)?);
    let secret = AsymmetricSecretKey::<V4>::from(pair.sk.as_ref())?;
    public::sign(&secret, &claims, Some(&footer), None)
}
