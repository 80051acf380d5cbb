//! What was published and taken back: when, why, and which versions stay at their addresses.

use chrono::{DateTime, Utc};
use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::Text,
    publication::v1::{ListVersionsRequest, Release, VersionKind, release},
};

use super::{error::Failure, format};

/// That a release was taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Withdrawal {
    /// When.
    pub time: Option<DateTime<Utc>>,
    /// Why, as it was announced.
    pub reason: Option<Text>,
    /// The versions that had been published, newest first.
    pub kept: Vec<i32>,
}

impl Withdrawal {
    /// The withdrawal of a release; nothing if it stands.
    ///
    /// # Errors
    /// Those of the publication service.
    pub async fn of(clients: &Clients, release: &Release) -> Result<Option<Self>, Failure> {
        if release.state() != release::State::Withdrawn {
            return Ok(None);
        }
        let request = ListVersionsRequest { year: release.year };
        let versions = clients.release_corrections().list_versions(request).await?.into_inner().versions;
        let (taken_back, kept): (Vec<_>, Vec<_>) =
            versions.into_iter().partition(|version| version.kind() == VersionKind::Withdrawal);
        let announced = taken_back.into_iter().next().unwrap_or_default();
        Ok(Some(Self {
            time: format::moment(announced.publish_time.as_ref()),
            reason: announced.text,
            kept: kept.into_iter().map(|version| version.number).collect(),
        }))
    }
}
