//! Who had to be mended last year is monitored this year, whatever the selection says.

use std::collections::HashMap;

use tonic::Code;
use zhijian_platform::{Clients, Error};
use zhijian_proto::submission::v1::{GetProgrammeRequest, Programme};

use crate::{
    domain::{entry::Entry, scheme::Scheme},
    store,
};

/// The rectifications that make programmes compulsory, by programme.
pub type Compulsory = HashMap<String, String>;

/// Adds to the selected programmes those that must be monitored again. Programmes that run no more are left out.
pub async fn add(
    conn: &impl sea_orm::ConnectionTrait,
    clients: &Clients,
    scheme: &Scheme,
    year: i32,
    programmes: &mut Vec<Programme>,
) -> Result<Compulsory, Error> {
    if !scheme.definition().review.follow_up.monitor_next_year {
        return Ok(Compulsory::new());
    }
    let wanted: Compulsory =
        store::compulsory::programmes(conn, scheme.code(), year).await?.into_iter().collect();
    let mut client = clients.programmes();
    for programme_id in wanted.keys() {
        if programmes.iter().any(|programme| programme.programme_id == *programme_id) {
            continue;
        }
        let request = GetProgrammeRequest { programme_id: programme_id.clone() };
        match client.get_programme(request).await {
            Ok(answer) => programmes
                .extend(answer.into_inner().programme.filter(|programme| programme.withdrawn_year == 0)),
            Err(status) if status.code() == Code::NotFound => {}
            Err(status) => return Err(status.into()),
        }
    }
    Ok(wanted)
}

/// The marks of the entries that are compulsory: pairs of entry and rectification.
pub fn marks(entries: &[Entry], compulsory: &Compulsory) -> Vec<(String, String)> {
    let mark = |entry: &Entry| Some((entry.id.clone(), compulsory.get(&entry.subject.id)?.clone()));
    entries.iter().filter_map(mark).collect()
}
