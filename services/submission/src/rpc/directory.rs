//! The register of organisations as the identity service gives it, kept for a moment: a page of progress asks for it often.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;
use zhijian_platform::{Clients, Error, Text};
use zhijian_proto::identity::v1::ListOrganisationsRequest;

use super::upstream;
use crate::domain::roster::Party;

/// How long an answer is used again.
const FRESH: Duration = Duration::from_secs(15);
/// How many organisations one answer holds.
const PAGE: i32 = 1000;

/// All organisations, in order of code.
pub struct Parties(Vec<Party>);

/// When the register was read, and what it held.
type Read = (Instant, Arc<Parties>);

/// The register of organisations; cheap to clone.
#[derive(Clone)]
pub struct Directory {
    clients: Clients,
    read: Arc<Mutex<Option<Read>>>,
}

impl Directory {
    /// A directory that asks as this service.
    pub fn new(clients: Clients) -> Self {
        Self { clients, read: Arc::default() }
    }

    /// All organisations.
    pub async fn parties(&self) -> Result<Arc<Parties>, Error> {
        let mut read = self.read.lock().await;
        if let Some((_, parties)) = read.as_ref().filter(|(time, _)| time.elapsed() < FRESH) {
            return Ok(parties.clone());
        }
        let mut parties: BTreeMap<String, Party> = BTreeMap::new();
        let mut page_token = String::new();
        loop {
            let request = ListOrganisationsRequest { page_size: PAGE, page_token, ..Default::default() };
            let answer = self.clients.organisations().list_organisations(request).await?.into_inner();
            for organisation in answer.organisations {
                let kind = upstream::kind(&organisation);
                let name = organisation
                    .name
                    .map(Text::from)
                    .unwrap_or_else(|| Text::new(organisation.code.clone(), organisation.code.clone()));
                let party = Party {
                    kind,
                    name,
                    district: organisation.district,
                    parent: organisation.parent_code,
                    demonstration: organisation.demonstration,
                    code: organisation.code,
                };
                parties.insert(party.code.clone(), party);
            }
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let parties = Arc::new(Parties(parties.into_values().collect()));
        *read = Some((Instant::now(), parties.clone()));
        Ok(parties)
    }
}

impl Parties {
    /// All of them, in order of code.
    pub fn all(&self) -> &[Party] {
        &self.0
    }

    /// The organisation of this code.
    pub fn get(&self, code: &str) -> Option<&Party> {
        self.0.binary_search_by(|party| party.code.as_str().cmp(code)).ok().and_then(|at| self.0.get(at))
    }

    /// What an organisation is called; its code if it is not registered.
    pub fn name(&self, code: &str) -> Text {
        self.get(code).map_or_else(|| Text::new(code, code), |party| party.name.clone())
    }
}
