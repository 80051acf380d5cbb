//! Who calls, what for, and whether the policies let them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tonic::Request;
use zhijian_proto::identity::v1::Role;

use crate::{
    Error, Lang,
    authz::{ANY_ORGANISATION, Authority, Resource},
    token::Identity,
};

/// A role held in an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// "school", "reviewer", "chair", "publisher" or "commission".
    pub role: String,
    /// The organisation's ten-digit code.
    pub organisation: String,
}

/// The name of a role in tokens and policies; nothing for an unspecified one.
pub fn role_name(role: Role) -> Option<&'static str> {
    match role {
        Role::Unspecified => None,
        Role::School => Some("school"),
        Role::Reviewer => Some("reviewer"),
        Role::Chair => Some("chair"),
        Role::Publisher => Some("publisher"),
        Role::Commission => Some("commission"),
    }
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A person who has signed in.
    Account(Identity),
    /// Another of our services, by name.
    Service(String),
    /// Anybody.
    Anonymous,
}

impl Principal {
    /// The account's id, "service:NAME", or "" for anybody.
    pub fn actor_id(&self) -> String {
        match self {
            Self::Account(identity) => identity.account_id.clone(),
            Self::Service(name) => format!("service:{name}"),
            Self::Anonymous => String::new(),
        }
    }

    fn organisations(&self) -> Vec<String> {
        let Self::Account(identity) = self else { return vec![] };
        let mut codes: Vec<String> = identity.roles.iter().map(|grant| grant.organisation.clone()).collect();
        codes.sort();
        codes.dedup();
        codes
    }
}

/// Which organisations' things a caller may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody's.
    All,
    /// Those of the organisations with these codes; never empty.
    Only(Vec<String>),
}

/// One call of an RPC: the caller, the declared action and the way to the policy engine.
#[derive(Clone)]
pub struct Call {
    principal: Arc<Principal>,
    action: Arc<str>,
    authority: Arc<Authority>,
    asked: Arc<AtomicBool>,
    lang: Lang,
    expiry: Option<DateTime<Utc>>,
}

/// Proof that the policies allowed this call; [`crate::Db::mutate`] wants one.
#[derive(Debug, Clone)]
pub struct Grant {
    actor_id: Arc<str>,
    action: Arc<str>,
    lock_key: Arc<str>,
}

impl Call {
    pub(crate) fn new(
        principal: impl Into<Arc<Principal>>,
        action: &str,
        authority: Arc<Authority>,
        lang: Lang,
    ) -> Self {
        Self {
            principal: principal.into(),
            action: action.into(),
            authority,
            asked: Arc::default(),
            lang,
            expiry: None,
        }
    }

    pub(crate) fn until(self, expiry: Option<DateTime<Utc>>) -> Self {
        Self { expiry, ..self }
    }

    /// The call that the platform's layer put into the request.
    ///
    /// # Errors
    /// INTERNAL if the service is not behind the layer.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Error> {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Error::internal("a service answers without the platform's layer"))
    }

    /// Asks the policies whether the caller may do this to `resource`.
    ///
    /// # Errors
    /// PERMISSION_DENIED if not; UNAUTHENTICATED if signing in might help.
    pub fn authorise(&self, resource: &Resource) -> Result<Grant, Error> {
        self.asked.store(true, Ordering::Relaxed);
        if self.authority.allows(&self.principal, &self.action, resource) {
            let actor_id = self.principal.actor_id().into();
            return Ok(Grant { actor_id, action: self.action.clone(), lock_key: resource.lock_key().into() });
        }
        Err(self.refusal())
    }

    /// Asks the policies whether the caller may do something else as well, which decides how much is shown.
    pub fn may(&self, action: &str, resource: &Resource) -> bool {
        self.authority.allows(&self.principal, action, resource)
    }

    /// Asks the policies whose `kind` of things the caller may see.
    ///
    /// # Errors
    /// PERMISSION_DENIED or UNAUTHENTICATED if nobody's.
    pub fn visible(&self, kind: &str) -> Result<Visibility, Error> {
        self.asked.store(true, Ordering::Relaxed);
        let may = |organisation: &str| {
            let resource = Resource::new(kind, "").organisation(organisation);
            self.authority.allows(&self.principal, &self.action, &resource)
        };
        if may(ANY_ORGANISATION) {
            return Ok(Visibility::All);
        }
        let visible: Vec<String> =
            self.principal.organisations().into_iter().filter(|code| may(code)).collect();
        if visible.is_empty() { Err(self.refusal()) } else { Ok(Visibility::Only(visible)) }
    }

    /// Who calls.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The account's id, "service:NAME", or "" for anybody.
    pub fn actor_id(&self) -> String {
        self.principal.actor_id()
    }

    /// How pages call the caller; the service's name for a service, "" for anybody.
    pub fn display_name(&self) -> &str {
        match self.principal.as_ref() {
            Principal::Account(identity) => &identity.display_name,
            Principal::Service(name) => name,
            Principal::Anonymous => "",
        }
    }

    /// The declared action of the RPC.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// When the caller's token ends; nothing for anybody.
    pub fn expiry(&self) -> Option<DateTime<Utc>> {
        self.expiry
    }

    /// The language the caller reads.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    pub(crate) fn has_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    fn refusal(&self) -> Error {
        match self.principal.as_ref() {
            Principal::Anonymous => Error::SignInRequired,
            _ => Error::NotAllowed { action: self.action.to_string() },
        }
    }
}

impl Grant {
    /// Who acts: the account's id, "service:NAME", or "".
    pub fn actor_id(&self) -> &str {
        &self.actor_id
    }

    /// What was allowed.
    pub fn action(&self) -> &str {
        &self.action
    }

    pub(crate) fn lock_key(&self) -> &str {
        &self.lock_key
    }
}
