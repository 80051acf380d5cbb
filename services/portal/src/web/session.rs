//! Who reads a page: language, account, and the services as that person reaches them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::extract::FromRequestParts;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use tokio::sync::RwLock;
use tonic::Code;
use zhijian_platform::{Clients, Credential, Lang};
use zhijian_proto::{
    identity::v1::{Account, GetRegionRequest, GetSessionRequest, Region, RenewTokenRequest, Role},
    submission::v1::{Cycle, ListCyclesRequest, cycle},
};

use super::{error::Failure, form::FormData, format, library::Shelf, link};

const SESSION: &str = "zhijian_session";
const LANGUAGE: &str = "zhijian_lang";
/// Tells the script which form was taken, so that what the browser kept of it can go.
const TAKEN: &str = "zhijian_taken";
/// A token that ends sooner than this is renewed while its owner is at work.
const RENEW_WITHIN: chrono::Duration = chrono::Duration::minutes(40);
/// The region's name and note stand on every page and hardly ever change.
const REGION_KEPT: Duration = Duration::from_secs(5);

/// What every request to the pages shares.
#[derive(Clone)]
pub struct Portal {
    clients: Clients,
    region: Arc<RwLock<Option<(Instant, Region)>>>,
    shelf: Shelf,
}

/// The reader of a page; cheap to clone.
#[derive(Clone)]
pub struct Visitor(Arc<Inner>);

struct Inner {
    lang: Lang,
    clients: Clients,
    account: Option<Account>,
    region: Region,
    cycle: Option<Cycle>,
    now: DateTime<Utc>,
    address: String,
    origin: String,
    shelf: Shelf,
}

/// A cookie to set with the answer.
pub enum SetCookie {
    /// The session's token, until it ends.
    Session { token: String, ends: DateTime<Utc> },
    /// No session any more.
    SignedOut,
    /// The language chosen.
    Language(Lang),
    /// The form with this request id was taken.
    Taken(String),
}

impl SetCookie {
    /// The header's value. `secure` keeps the cookie off unencrypted connections.
    pub fn header(&self, now: DateTime<Utc>, secure: bool) -> Option<HeaderValue> {
        let (name, value, age) = match self {
            Self::Session { token, ends } => (SESSION, token.as_str(), (*ends - now).num_seconds().max(0)),
            Self::SignedOut => (SESSION, "", 0),
            Self::Language(lang) => (LANGUAGE, lang.pick("zh", "en"), 365 * 24 * 3600),
            Self::Taken(request_id) => (TAKEN, request_id.as_str(), 60),
        };
        if !value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.=+/".contains(c)) {
            return None;
        }
        let unread = if matches!(self, Self::Taken(_)) { "" } else { "; HttpOnly" };
        let secure = if secure { "; Secure" } else { "" };
        HeaderValue::try_from(format!("{name}={value}; Path=/; Max-Age={age}{unread}; SameSite=Lax{secure}"))
            .ok()
    }
}

impl Portal {
    /// Pages that reach the services through `clients`.
    pub fn new(clients: Clients) -> Self {
        Self { clients, region: Arc::default(), shelf: Shelf::default() }
    }

    /// The services, called as anybody.
    pub fn anonymous(&self, lang: Lang) -> Clients {
        self.clients.with(Credential::Anonymous, lang)
    }

    /// The public reports, indexed.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Finds out who asks. The cookies are to be set with the answer.
    ///
    /// # Errors
    /// If there is a session and it cannot be told just now whether it still stands.
    pub async fn visitor(&self, parts: &Parts) -> Result<(Visitor, Vec<SetCookie>), Failure> {
        let query = parts.uri.query().unwrap_or_default();
        let chosen = query.split('&').find_map(|pair| match pair {
            "lang=zh" => Some(Lang::Zh),
            "lang=en" => Some(Lang::En),
            _ => None,
        });
        let kept = cookie(&parts.headers, LANGUAGE).map(|tag| if tag == "en" { Lang::En } else { Lang::Zh });
        let lang = chosen.or(kept).unwrap_or_default();
        let mut cookies: Vec<SetCookie> = chosen.map(SetCookie::Language).into_iter().collect();
        let token = cookie(&parts.headers, SESSION);
        let clients = match &token {
            Some(token) => self.clients.with(Credential::Token(token.as_str().into()), lang),
            None => self.anonymous(lang),
        };
        let now = Utc::now();
        let session = async {
            match &token {
                Some(_) => session(&clients, now).await,
                None => Ok(Session::None),
            }
        };
        let cycle = async {
            match &token {
                Some(_) => current_cycle(&clients).await,
                None => None,
            }
        };
        let (region, session, cycle) = futures::join!(self.region(lang), session, cycle);
        let (clients, account) = match session? {
            Session::None => (clients, None),
            Session::Ended => {
                cookies.push(SetCookie::SignedOut);
                (self.anonymous(lang), None)
            }
            Session::Stands(account, renewed) => {
                let clients = match &renewed {
                    Some((token, _)) => self.clients.with(Credential::Token(token.as_str().into()), lang),
                    None => clients,
                };
                cookies.extend(renewed.map(|(token, ends)| SetCookie::Session { token, ends }));
                (clients, Some(account))
            }
        };
        let address = match link::without(query, "lang").as_str() {
            "" => parts.uri.path().to_owned(),
            query => format!("{}?{query}", parts.uri.path()),
        };
        let origin = crate::open::origin(&parts.headers);
        let inner =
            Inner { lang, clients, account, region, cycle, now, address, origin, shelf: self.shelf.clone() };
        Ok((Visitor(Arc::new(inner)), cookies))
    }

    /// A reader of whom only the language is known, for pages about trouble.
    pub fn stranger(&self, lang: Lang) -> Visitor {
        Visitor(Arc::new(Inner {
            lang,
            clients: self.anonymous(lang),
            account: None,
            region: Region::default(),
            cycle: None,
            now: Utc::now(),
            address: "/".to_owned(),
            origin: String::new(),
            shelf: self.shelf.clone(),
        }))
    }

    /// The region; the last known one while the identity service does not answer.
    pub async fn region(&self, lang: Lang) -> Region {
        if let Some((read, region)) = &*self.region.read().await
            && read.elapsed() < REGION_KEPT
        {
            return region.clone();
        }
        match self.anonymous(lang).regions().get_region(GetRegionRequest {}).await {
            Ok(answer) => {
                let region = answer.into_inner().region.unwrap_or_default();
                *self.region.write().await = Some((Instant::now(), region.clone()));
                region
            }
            Err(status) => {
                // Before the set-up there is none.
                if status.code() != Code::NotFound {
                    tracing::warn!(%status, "the region cannot be read");
                }
                self.region.read().await.as_ref().map(|(_, region)| region.clone()).unwrap_or_default()
            }
        }
    }
}

enum Session {
    None,
    Ended,
    Stands(Account, Option<(String, DateTime<Utc>)>),
}

async fn session(clients: &Clients, now: DateTime<Utc>) -> Result<Session, Failure> {
    let answer = match clients.sessions().get_session(GetSessionRequest {}).await {
        Ok(answer) => answer.into_inner(),
        Err(status) if matches!(status.code(), Code::Unauthenticated | Code::NotFound) => {
            return Ok(Session::Ended);
        }
        Err(status) => return Err(status.into()),
    };
    let ends = format::moment(answer.expire_time.as_ref());
    let account = answer.account.unwrap_or_default();
    if ends.is_none_or(|ends| ends - now > RENEW_WITHIN) {
        return Ok(Session::Stands(account, None));
    }
    // A renewal that fails leaves the token that still stands.
    let renewed = clients.sessions().renew_token(RenewTokenRequest {}).await.ok().and_then(|answer| {
        let answer = answer.into_inner();
        Some((answer.token, format::moment(answer.expire_time.as_ref())?))
    });
    Ok(Session::Stands(account, renewed))
}

/// The cycle that is collecting, else the newest.
async fn current_cycle(clients: &Clients) -> Option<Cycle> {
    let request = ListCyclesRequest { page_size: 20, page_token: String::new() };
    let cycles = clients.cycles().list_cycles(request).await.ok()?.into_inner().cycles;
    let collecting = cycles.iter().find(|cycle| cycle.state() == cycle::State::Collecting).cloned();
    collecting.or_else(|| cycles.into_iter().next())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

impl Visitor {
    /// The language the page is in.
    pub fn lang(&self) -> Lang {
        self.0.lang
    }

    /// The services, called as this reader and in this language.
    pub fn clients(&self) -> &Clients {
        &self.0.clients
    }

    /// Who has signed in, if anybody.
    pub fn account(&self) -> Option<&Account> {
        self.0.account.as_ref()
    }

    /// The region whose pages these are.
    pub fn region(&self) -> &Region {
        &self.0.region
    }

    /// The year at work; only known for readers who have signed in.
    pub fn cycle(&self) -> Option<&Cycle> {
        self.0.cycle.as_ref()
    }

    /// When the page was asked for.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.now
    }

    /// Path and query of this page, without the choice of language.
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// Where this site is, as the reader called it ("https://open.example.cn").
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The public reports, indexed.
    pub fn shelf(&self) -> &Shelf {
        &self.0.shelf
    }

    /// Whether the reader holds a role anywhere.
    pub fn has(&self, role: Role) -> bool {
        self.account().is_some_and(|account| account.roles.iter().any(|grant| grant.role() == role))
    }

    /// The organisations in which the reader holds a role.
    pub fn organisations(&self, role: Role) -> Vec<String> {
        let grants = self.account().map(|account| account.roles.as_slice()).unwrap_or_default();
        grants
            .iter()
            .filter(|grant| grant.role() == role)
            .map(|grant| grant.organisation_code.clone())
            .collect()
    }

    /// Passes readers who have signed in.
    ///
    /// # Errors
    /// The failure that leads to the sign-in page.
    pub fn signed_in(&self) -> Result<&Account, Failure> {
        self.account().ok_or_else(|| Failure::refused(Code::Unauthenticated))
    }
}

/// Put there by the pages' outer layer.
impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Failure::refused(Code::Internal))
    }
}

/// Put there by the pages' outer layer.
impl<S: Sync> FromRequestParts<S> for FormData {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("x_zhijian_lang=en; zhijian_lang=zh; zhijian_session="),
        );
        assert_eq!(cookie(&headers, LANGUAGE).as_deref(), Some("zh"));
        assert_eq!(cookie(&headers, SESSION), None);
    }

    #[test]
    fn the_session_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let now = Utc::now();
        let cookie =
            SetCookie::Session { token: "v4.public.x".into(), ends: now + chrono::Duration::minutes(60) };
        let header = cookie.header(now, true).expect("a valid header");
        assert_eq!(
            header,
            "zhijian_session=v4.public.x; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure"
        );
        let header = SetCookie::SignedOut.header(now, false).expect("a valid header");
        assert_eq!(header, "zhijian_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        assert!(SetCookie::Taken("x; Path=/elsewhere".into()).header(now, false).is_none());
    }
}
