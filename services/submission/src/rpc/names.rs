//! The institutions' names as the register has them, former ones with their days: what the proofreader compares with.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use tokio::sync::RwLock;
use zhijian_platform::{Clients, Error};
use zhijian_proofreader::{FormerName, RegisteredName};
use zhijian_proto::identity::v1::{ListOrganisationsRequest, Organisation, organisation::Kind};

/// Names hardly ever change, and a check that is a minute behind does no harm.
const KEPT: Duration = Duration::from_secs(60);
/// How many organisations one question asks for.
const PAGE: i32 = 1000;

/// The names, read once a minute.
#[derive(Clone, Default)]
pub struct Names(Arc<RwLock<Option<Read>>>);

/// When the names were read, and what they were.
type Read = (Instant, Arc<Register>);

/// The registered schools.
#[derive(Debug, Default)]
pub struct Register {
    /// As the proofreader takes them.
    pub names: Vec<RegisteredName>,
    by_code: HashMap<String, String>,
    /// The addresses of their sites, by code.
    sites: HashMap<String, String>,
}

impl Register {
    /// The name of the organisation with this code.
    pub fn name(&self, organisation_code: &str) -> Option<&str> {
        self.by_code.get(organisation_code).map(String::as_str)
    }

    /// The address of the organisation's own site; "" if the register has none.
    pub fn site(&self, organisation_code: &str) -> &str {
        self.sites.get(organisation_code).map_or("", String::as_str)
    }
}

impl Names {
    /// The address of a school's own site; "" if the register has none.
    pub async fn site(&self, clients: &Clients, code: &str) -> Result<String, Error> {
        Ok(self.of(clients).await?.site(code).to_owned())
    }

    /// The names of all registered schools.
    pub async fn of(&self, clients: &Clients) -> Result<Arc<Register>, Error> {
        if let Some((read, names)) = &*self.0.read().await
            && read.elapsed() < KEPT
        {
            return Ok(names.clone());
        }
        let names: Arc<Register> = match (read(clients).await, &*self.0.read().await) {
            (Ok(names), _) => names.into(),
            // Names of a while ago are better than no check while the identity service does not answer.
            (Err(error), Some((_, kept))) => {
                tracing::warn!(%error, "the register of institutions cannot be read; checking with the names of before");
                return Ok(kept.clone());
            }
            (Err(error), None) => return Err(error),
        };
        *self.0.write().await = Some((Instant::now(), names.clone()));
        Ok(names)
    }
}

async fn read(clients: &Clients) -> Result<Register, Error> {
    let kinds = [Kind::HigherVocational, Kind::SpecialisedSecondary, Kind::VocationalHigh];
    let mut register = Register::default();
    let mut page_token = String::new();
    loop {
        let request = ListOrganisationsRequest {
            page_size: PAGE,
            page_token,
            kinds: kinds.map(Into::into).to_vec(),
            ..ListOrganisationsRequest::default()
        };
        let page = clients.organisations().list_organisations(request).await?.into_inner();
        for organisation in page.organisations {
            let code = organisation.code.clone();
            if !organisation.website.is_empty() {
                register.sites.insert(code.clone(), organisation.website.clone());
            }
            if let Some(name) = registered(organisation) {
                register.by_code.insert(code, name.name.clone());
                register.names.push(name);
            }
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(register);
        }
    }
}

fn registered(organisation: Organisation) -> Option<RegisteredName> {
    let name = organisation.name?.zh;
    // A school that gave a name up and took it again still carries it.
    let former =
        organisation.former_names.into_iter().filter(|former| !former.mistaken).filter_map(|former| {
            let zh = former.name?.zh;
            (zh != name).then(|| FormerName { name: zh, until: last_day(&former.to_date) })
        });
    let former = former.collect();
    Some(RegisteredName { former, name, short: vec![] })
}

/// The last day that a date as exact as it is known may mean: 2012 is the end of the year, 2012-06 of the month.
fn last_day(date: &str) -> Option<NaiveDate> {
    let mut parts = date.split('-').map(|part| part.parse::<u32>().ok());
    let year = i32::try_from(parts.next()??).ok()?;
    let month = parts.next().flatten();
    if let (Some(month), Some(day)) = (month, parts.next().flatten()) {
        return NaiveDate::from_ymd_opt(year, month, day);
    }
    let (year, next) = match month {
        Some(month @ 1..=11) => (year, month + 1),
        _ => (year + 1, 1),
    };
    NaiveDate::from_ymd_opt(year, next, 1)?.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_ends_with_its_last_day() {
        for (date, last) in [
            ("2012", Some("2012-12-31")),
            ("2012-02", Some("2012-02-29")),
            ("2012-12", Some("2012-12-31")),
            ("2012-06-15", Some("2012-06-15")),
            ("", None),
        ] {
            assert_eq!(last_day(date).map(|day| day.to_string()).as_deref(), last, "{date}");
        }
    }
}
