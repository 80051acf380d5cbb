//! From what is kept into messages.

use zhijian_platform::{etag, time::timestamp};
use zhijian_proto::{
    common::v1::{Level as LevelMessage, Text},
    identity::v1::{
        self as proto,
        organisation::{Kind as KindMessage, Ownership as OwnershipMessage},
    },
};

use crate::{
    domain::{
        code::Code,
        date::Date,
        organisation::{Kind, Level},
        particulars::{FormerName, Ownership},
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
        let particulars = organisation.particulars;
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
            ownership: particulars.ownership.map(OwnershipMessage::from).unwrap_or_default().into(),
            supervising_body: particulars.supervising_body,
            website: particulars.website,
            credit_code: particulars.credit_code.unwrap_or_default(),
            founding_date: written(particulars.founding.as_ref()),
            closing_date: written(particulars.closing.as_ref()),
            merger: particulars.merger.map(|merger| proto::Merger {
                into_code: merger.into.to_string(),
                date: merger.date.to_string(),
            }),
            former_names: particulars.former_names.into_iter().map(proto::FormerName::from).collect(),
        }
    }
}

impl From<Ownership> for OwnershipMessage {
    fn from(ownership: Ownership) -> Self {
        match ownership {
            Ownership::Public => Self::Public,
            Ownership::Private => Self::Private,
        }
    }
}

impl From<FormerName> for proto::FormerName {
    fn from(name: FormerName) -> Self {
        Self {
            from_date: written(name.from.as_ref()),
            to_date: written(name.to.as_ref()),
            name: Some(Text { zh: name.zh, en: name.en }),
            mistaken: name.mistaken,
        }
    }
}

fn written(date: Option<&Date>) -> String {
    date.map(Date::to_string).unwrap_or_default()
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
