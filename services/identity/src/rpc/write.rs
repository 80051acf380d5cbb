//! From what is kept into messages.

use zhijian_platform::{etag, time::timestamp};
use zhijian_proto::{
    common::v1::{Level as LevelMessage, Text},
    identity::v1::{self as proto, organisation::Kind as KindMessage},
};

use crate::{
    domain::{
        code::Code,
        organisation::{Kind, Level},
        role::{Role, RoleGrant},
        text::Bilingual,
    },
    store::{account::Account, organisation::Registered, region::Kept},
};

impl From<Bilingual> for Text {
    fn from(text: Bilingual) -> Self {
        let (zh, en) = text.into_parts();
        Self { zh, en }
    }
}

impl From<Kind> for KindMessage {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::HigherVocational => Self::HigherVocational,
            Kind::SpecialisedSecondary => Self::SpecialisedSecondary,
            Kind::VocationalHigh => Self::VocationalHigh,
            Kind::DistrictCommission => Self::DistrictCommission,
            Kind::Enterprise => Self::Enterprise,
            Kind::Commission => Self::Commission,
            Kind::EvaluationBody => Self::EvaluationBody,
        }
    }
}

impl From<Role> for proto::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::School => Self::School,
            Role::Reviewer => Self::Reviewer,
            Role::Chair => Self::Chair,
            Role::Publisher => Self::Publisher,
            Role::Commission => Self::Commission,
        }
    }
}

impl From<RoleGrant> for proto::RoleGrant {
    fn from(grant: RoleGrant) -> Self {
        Self { role: proto::Role::from(grant.role).into(), organisation_code: grant.organisation.to_string() }
    }
}

impl From<Kept> for proto::Region {
    fn from(kept: Kept) -> Self {
        let region = kept.region;
        Self {
            name: Some(region.name.into()),
            demonstration: region.demonstration,
            note: region.note.map(Text::from),
            demonstration_load_time: region.demonstration_load_time.map(timestamp),
            etag: etag::of(kept.version),
        }
    }
}

impl From<Registered> for proto::Organisation {
    fn from(registered: Registered) -> Self {
        let organisation = registered.organisation;
        let level = match organisation.level {
            None => LevelMessage::Unspecified,
            Some(Level::Secondary) => LevelMessage::Secondary,
            Some(Level::Higher) => LevelMessage::Higher,
        };
        Self {
            code: organisation.code.to_string(),
            kind: KindMessage::from(organisation.kind).into(),
            name: Some(organisation.name.into()),
            level: level.into(),
            district: organisation.district,
            demonstration: organisation.demonstration,
            parent_code: organisation.parent.as_ref().map(Code::to_string).unwrap_or_default(),
            create_time: Some(timestamp(registered.create_time)),
            etag: etag::of(registered.version),
        }
    }
}

impl From<Account> for proto::Account {
    fn from(account: Account) -> Self {
        Self {
            account_id: account.account_id,
            sign_in_name: account.sign_in_name,
            display_name: account.display_name,
            roles: account.roles.into_iter().map(proto::RoleGrant::from).collect(),
            create_time: Some(timestamp(account.create_time)),
            etag: etag::of(account.version),
        }
    }
}
