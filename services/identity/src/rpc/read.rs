//! From messages into domain types. A message that is missing reads as an empty one, so that its fields are asked for.

use zhijian_platform::time;
use zhijian_proto::{
    common::v1::{Level as LevelMessage, Text},
    identity::v1::{self as proto, organisation::Kind as KindMessage},
};

use super::fields::Fields;
use crate::domain::{
    Broken,
    code::Code,
    credit,
    date::{Date, DateError},
    organisation::{DISTRICT, Kind, Level, Organisation},
    particulars::{FormerName, Merger, Ownership, Particulars, SUPERVISING_BODY},
    region::Region,
    role::{self, Role, RoleError, RoleGrant},
    text::{self, Bilingual, TextError},
};

/// A value of an enumeration that was not chosen, or that this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("Choose one of the values that the contract lists.")]
pub(super) struct Unspecified;

impl Broken for Unspecified {
    fn zh(&self) -> String {
        "请从规定的取值中选择一个。".to_owned()
    }
}

/// A time that is no time.
#[derive(Debug, thiserror::Error)]
#[error("Give a time between the years 1 and 9999.")]
struct OutOfRange;

impl Broken for OutOfRange {
    fn zh(&self) -> String {
        "请填写公元 1 年至 9999 年之间的时间。".to_owned()
    }
}

/// The kind of this number on the wire.
pub(super) fn kind(number: i32) -> Result<Kind, Unspecified> {
    match KindMessage::try_from(number).unwrap_or_default() {
        KindMessage::Unspecified => Err(Unspecified),
        KindMessage::HigherVocational => Ok(Kind::HigherVocational),
        KindMessage::SpecialisedSecondary => Ok(Kind::SpecialisedSecondary),
        KindMessage::VocationalHigh => Ok(Kind::VocationalHigh),
        KindMessage::DistrictCommission => Ok(Kind::DistrictCommission),
        KindMessage::Enterprise => Ok(Kind::Enterprise),
        KindMessage::Commission => Ok(Kind::Commission),
        KindMessage::EvaluationBody => Ok(Kind::EvaluationBody),
    }
}

/// The role of this number on the wire.
pub(super) fn role(number: i32) -> Result<Role, Unspecified> {
    match proto::Role::try_from(number).unwrap_or_default() {
        proto::Role::Unspecified => Err(Unspecified),
        proto::Role::School => Ok(Role::School),
        proto::Role::Reviewer => Ok(Role::Reviewer),
        proto::Role::Chair => Ok(Role::Chair),
        proto::Role::Publisher => Ok(Role::Publisher),
        proto::Role::Commission => Ok(Role::Commission),
    }
}

/// The role of this number on the wire, or none for 0.
pub(super) fn optional_role(number: i32) -> Result<Option<Role>, Unspecified> {
    if number == 0 { Ok(None) } else { role(number).map(Some) }
}

/// The level of this number on the wire, or none for 0.
fn level(number: i32) -> Result<Option<Level>, Unspecified> {
    match LevelMessage::try_from(number) {
        Err(_) => Err(Unspecified),
        Ok(LevelMessage::Unspecified) => Ok(None),
        Ok(LevelMessage::Secondary) => Ok(Some(Level::Secondary)),
        Ok(LevelMessage::Higher) => Ok(Some(Level::Higher)),
    }
}

/// The organisation in the field "organisation".
pub(super) fn organisation(
    fields: &mut Fields,
    message: Option<proto::Organisation>,
) -> Option<Organisation> {
    let message = message.unwrap_or_default();
    let kind = fields.take("organisation.kind", kind(message.kind));
    let code = fields.take("organisation.code", Code::parse(&message.code));
    let name = fields.take("organisation.name", bilingual(message.name.clone(), text::NAME));
    let level = fields.take("organisation.level", level(message.level));
    let district = fields.take("organisation.district", line_or_empty(&message.district, DISTRICT));
    let parent = match message.parent_code.as_str() {
        "" => Some(None),
        code => fields.take("organisation.parent_code", Code::parse(code)).map(Some),
    };
    let particulars = particulars(fields, &message);
    let organisation = Organisation {
        code: code?,
        kind: kind?,
        name: name?,
        level: level?,
        district: district?,
        demonstration: message.demonstration,
        parent: parent?,
        particulars: particulars?,
    };
    check(fields, &organisation);
    Some(organisation)
}

/// Notes what the parts of an organisation do not have to do with each other.
pub(super) fn check(fields: &mut Fields, organisation: &Organisation) {
    for broken in organisation.check().err().into_iter().flatten() {
        fields.refuse(broken.at(format!("organisation.{}", broken.field())));
    }
    let particulars = organisation.particulars.check(&organisation.code, organisation.kind);
    for broken in particulars.err().into_iter().flatten() {
        fields.refuse(broken.at(format!("organisation.{}", broken.field())));
    }
}

/// The ownership of this number on the wire, or none for 0.
pub(super) fn ownership(number: i32) -> Result<Option<Ownership>, Unspecified> {
    match proto::organisation::Ownership::try_from(number) {
        Err(_) => Err(Unspecified),
        Ok(proto::organisation::Ownership::Unspecified) => Ok(None),
        Ok(proto::organisation::Ownership::Public) => Ok(Some(Ownership::Public)),
        Ok(proto::organisation::Ownership::Private) => Ok(Some(Ownership::Private)),
    }
}

/// The particulars of the organisation in the field "organisation".
fn particulars(fields: &mut Fields, message: &proto::Organisation) -> Option<Particulars> {
    let ownership = fields.take("organisation.ownership", ownership(message.ownership));
    let body = line_or_empty(&message.supervising_body, SUPERVISING_BODY);
    let supervising_body = fields.take("organisation.supervising_body", body);
    let credit_code = match message.credit_code.trim() {
        "" => Some(None),
        code => fields.take("organisation.credit_code", credit::parse(code)).map(Some),
    };
    let founding = fields.take("organisation.founding_date", date(&message.founding_date));
    let closing = fields.take("organisation.closing_date", date(&message.closing_date));
    let merger = match &message.merger {
        None => Some(None),
        Some(merger) => {
            let into = fields.take("organisation.merger.into_code", Code::parse(&merger.into_code));
            let date = fields.take("organisation.merger.date", Date::parse(&merger.date));
            into.zip(date).map(|(into, date)| Some(Merger { into, date }))
        }
    };
    let names = message.former_names.iter().enumerate();
    let former_names: Option<Vec<FormerName>> =
        names.map(|(place, name)| former_name(fields, place, name)).collect::<Vec<_>>().into_iter().collect();
    let mut particulars = Particulars {
        ownership: ownership?,
        supervising_body: supervising_body?,
        website: message.website.trim().to_owned(),
        credit_code: credit_code?,
        founding: founding?,
        closing: closing?,
        merger: merger?,
        former_names: former_names?,
    };
    particulars.settle();
    Some(particulars)
}

fn former_name(fields: &mut Fields, place: usize, message: &proto::FormerName) -> Option<FormerName> {
    let path = format!("organisation.former_names[{place}]");
    let name = message.name.clone().unwrap_or_default();
    let zh = fields.take(format!("{path}.name"), text::line(&name.zh, text::NAME));
    let en = fields.take(format!("{path}.name"), line_or_empty(&name.en, text::NAME));
    let from = fields.take(format!("{path}.from_date"), date(&message.from_date));
    let to = fields.take(format!("{path}.to_date"), date(&message.to_date));
    Some(FormerName { zh: zh?, en: en?, from: from?, to: to?, mistaken: message.mistaken })
}

/// A date, or none where the field is empty.
fn date(text: &str) -> Result<Option<Date>, DateError> {
    if text.trim().is_empty() { Ok(None) } else { Date::parse(text).map(Some) }
}

/// The region in the field "region".
pub(super) fn region(fields: &mut Fields, message: Option<proto::Region>) -> Option<Region> {
    let message = message.unwrap_or_default();
    let name = fields.take("region.name", bilingual(message.name, text::NAME));
    let note = match message.note {
        None => Some(None),
        Some(note) if note.zh.is_empty() && note.en.is_empty() => Some(None),
        note => fields.take("region.note", bilingual(note, text::NOTE)).map(Some),
    };
    let demonstration_load_time = match message.demonstration_load_time {
        None => Some(None),
        Some(time) => {
            let time = time::datetime(time).ok_or(OutOfRange);
            fields.take("region.demonstration_load_time", time).map(Some)
        }
    };
    Some(Region {
        name: name?,
        demonstration: message.demonstration,
        note: note?,
        demonstration_load_time: demonstration_load_time?,
    })
}

/// The roles in the field "account.roles", in order and each once.
pub(super) fn roles(fields: &mut Fields, messages: &[proto::RoleGrant]) -> Option<Vec<RoleGrant>> {
    let mut grants = Vec::with_capacity(messages.len().min(role::MOST));
    if messages.len() > role::MOST {
        return fields.take("account.roles", Err(RoleError::TooMany));
    }
    for (index, message) in messages.iter().enumerate() {
        grants.push(role_grant(fields, &role_path(index), message));
    }
    let mut grants = grants.into_iter().collect::<Option<Vec<_>>>()?;
    grants.sort();
    grants.dedup();
    Some(grants)
}

/// The path of a role of a new account.
fn role_path(index: usize) -> String {
    format!("account.roles[{index}]")
}

/// The role in the field at `path`.
pub(super) fn role_grant(fields: &mut Fields, path: &str, message: &proto::RoleGrant) -> Option<RoleGrant> {
    let role = fields.take(format!("{path}.role"), role(message.role));
    let organisation =
        fields.take(format!("{path}.organisation_code"), Code::parse(&message.organisation_code));
    Some(RoleGrant { role: role?, organisation: organisation? })
}

fn bilingual(message: Option<Text>, longest: usize) -> Result<Bilingual, TextError> {
    let Text { zh, en } = message.unwrap_or_default();
    Bilingual::parse(&zh, &en, longest)
}

fn line_or_empty(text: &str, longest: usize) -> Result<String, TextError> {
    match text::line(text, longest) {
        Err(TextError::Empty) => Ok(String::new()),
        read => read,
    }
}
