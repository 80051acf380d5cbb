//! UpdateOrganisation: some fields of an entry change, and what they were stays in its history.

use sea_orm::ConnectionTrait;
use serde_json::json;
use zhijian_platform::{Error, Grant, etag};
use zhijian_proto::identity::v1::{self as proto, UpdateOrganisationRequest, UpdateOrganisationResponse};

use super::{
    fields::{self, Fields},
    organisation::{Actor, Organisations},
    read,
};
use crate::{
    domain::{
        code::Code,
        date::Date,
        organisation::{Organisation, OrganisationError},
        particulars::ParticularsError,
        register,
    },
    store::{self, organisation::Registered},
};

/// The fields that a mask may name.
const FIELDS: [&str; 13] = [
    "kind",
    "name",
    "level",
    "district",
    "parent_code",
    "ownership",
    "supervising_body",
    "website",
    "credit_code",
    "founding_date",
    "closing_date",
    "merger",
    "former_names",
];
/// How far supervisors are followed upwards.
const FLOORS: usize = 10;

impl Organisations {
    pub(super) async fn update(
        &self,
        grant: &Grant,
        actor: Actor,
        input: UpdateOrganisationRequest,
    ) -> Result<UpdateOrganisationResponse, Error> {
        let given = input.organisation.clone().unwrap_or_default();
        let code =
            Code::parse(&given.code).map_err(|broken| fields::invalid("organisation.code", &broken))?;
        let mask = mask(&input)?;
        let since = match input.rename_date.trim() {
            "" => None,
            text => Some(Date::parse(text).map_err(|broken| fields::invalid("rename_date", &broken))?),
        };
        let correction = input.correction;
        self.ctx
            .db
            .mutate(grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let found = store::organisation::find(tx.conn(), &code).await?;
                    let before = found.ok_or_else(|| Error::not_found("organisation", &code))?;
                    etag::check(&given.etag, before.version)?;
                    let mut entry = masked(&before, given, &mask)?;
                    rename(&before.organisation, &mut entry, since, correction)?;
                    check_relations(tx.conn(), &entry).await?;
                    let changes = register::changes(&before.organisation, &entry);
                    if entry == before.organisation {
                        tx.unchanged();
                        return Ok(UpdateOrganisationResponse { organisation: Some(before.into()) });
                    }
                    let fields: Vec<&str> = changes.iter().map(|change| change.field).collect();
                    tx.audit(format!("organisation/{code}"), json!({ "changed": fields }));
                    store::change::record(tx.conn(), &actor.at(tx.now()), &[(code, changes)]).await?;
                    let registered = store::organisation::update(tx.conn(), entry, &before).await?;
                    Ok(UpdateOrganisationResponse { organisation: Some(registered.into()) })
                })
            })
            .await
    }
}

fn mask(input: &UpdateOrganisationRequest) -> Result<Vec<String>, Error> {
    let paths = input.update_mask.clone().unwrap_or_default().paths;
    let unknown = paths.iter().find(|path| !FIELDS.contains(&path.as_str()));
    if paths.is_empty() || unknown.is_some() {
        let list = FIELDS.join(", ");
        return Err(Error::invalid(
            "update_mask",
            format!("请在 update_mask 中列出要修改的字段：{list}。"),
            format!("Name the fields to change in update_mask: {list}."),
        ));
    }
    Ok(paths)
}

/// The entry with the fields of the mask as they are given.
fn masked(before: &Registered, given: proto::Organisation, mask: &[String]) -> Result<Organisation, Error> {
    let mut message = proto::Organisation::from(before.clone());
    for path in mask {
        match path.as_str() {
            "kind" => message.kind = given.kind,
            "name" => message.name = given.name.clone(),
            "level" => message.level = given.level,
            "district" => message.district = given.district.clone(),
            "parent_code" => message.parent_code = given.parent_code.clone(),
            "ownership" => message.ownership = given.ownership,
            "supervising_body" => message.supervising_body = given.supervising_body.clone(),
            "website" => message.website = given.website.clone(),
            "credit_code" => message.credit_code = given.credit_code.clone(),
            "founding_date" => message.founding_date = given.founding_date.clone(),
            "closing_date" => message.closing_date = given.closing_date.clone(),
            "merger" => message.merger = given.merger.clone(),
            "former_names" => message.former_names = given.former_names.clone(),
            // The mask was checked.
            _ => {}
        }
    }
    let mut fields = Fields::default();
    let entry = read::organisation(&mut fields, Some(message));
    let entry = fields.finish(entry)?;
    entry
        .particulars
        .keeps_names_of(&before.organisation.particulars)
        .map_err(|broken| fields::invalid("organisation.former_names", &broken))?;
    Ok(entry)
}

/// Keeps a name that is given up.
fn rename(
    before: &Organisation,
    entry: &mut Organisation,
    since: Option<Date>,
    correction: bool,
) -> Result<(), Error> {
    if entry.name.zh() == before.name.zh() || correction {
        return Ok(());
    }
    let refused = |broken: ParticularsError| fields::invalid(broken.field(), &broken);
    let since = since.ok_or_else(|| refused(ParticularsError::NoRenameDate))?;
    let particulars = &mut entry.particulars;
    let too_early = particulars.founding.as_ref().is_some_and(|founding| since.last() < founding.first());
    let too_late = particulars.closing.as_ref().is_some_and(|closing| since.first() > closing.last());
    if too_early || too_late {
        return Err(refused(ParticularsError::RenameOutsideLife));
    }
    particulars.keep_name(&before.name, &since);
    Ok(())
}

/// Checks that the parent and what it was merged into are registered and fit.
///
/// # Errors
/// INVALID_ARGUMENT naming the field; the database's own.
pub(super) async fn check_relations(conn: &impl ConnectionTrait, entry: &Organisation) -> Result<(), Error> {
    let mut above = entry.parent.clone();
    for floor in 0..FLOORS {
        let Some(code) = above else { break };
        let refused = |broken: OrganisationError| fields::invalid("organisation.parent_code", &broken);
        if code == entry.code {
            return Err(refused(OrganisationError::UnderItself));
        }
        let parent = store::organisation::find(conn, &code).await?;
        if floor == 0 {
            let kind = parent.as_ref().map(|parent| parent.organisation.kind);
            kind.ok_or(OrganisationError::UnknownParent)
                .and_then(|kind| entry.check_parent(kind))
                .map_err(refused)?;
        }
        above = parent.and_then(|parent| parent.organisation.parent);
    }
    if let Some(merger) = &entry.particulars.merger {
        let refused = |broken: ParticularsError| fields::invalid("organisation.merger", &broken);
        let into = store::organisation::find(conn, &merger.into).await?;
        let into = into.ok_or_else(|| refused(ParticularsError::UnknownMerger))?;
        if into.organisation.particulars.merger.is_some_and(|back| back.into == entry.code) {
            return Err(refused(ParticularsError::MutualMerger));
        }
    }
    Ok(())
}
