//! Which account holds which role where.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*,
};
use zhijian_platform::Error;

use crate::domain::{
    code::Code,
    role::{Role, RoleGrant},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_role")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub organisation_code: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How many times a role is held in all, and keeps anybody else from changing that within their transaction.
///
/// # Errors
/// The database's own.
pub async fn count_holders(conn: &impl ConnectionTrait, role: Role) -> Result<u64, Error> {
    let holders = Entity::find()
        .filter(Column::Role.eq(role.as_str()))
        .order_by_asc(Column::AccountId)
        .order_by_asc(Column::OrganisationCode)
        .lock_exclusive()
        .all(conn)
        .await?;
    Ok(holders.len() as u64)
}

/// The roles of these accounts, by account and in order.
pub(super) async fn of<'a>(
    conn: &impl ConnectionTrait,
    account_ids: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, Vec<RoleGrant>>, Error> {
    let rows = Entity::find().filter(Column::AccountId.is_in(account_ids)).all(conn).await?;
    let mut roles: HashMap<String, Vec<RoleGrant>> = HashMap::new();
    for row in rows {
        let role = row.role.parse().map_err(Error::internal)?;
        let grant = RoleGrant { role, organisation: Code::kept(row.organisation_code) };
        roles.entry(row.account_id).or_default().push(grant);
    }
    roles.values_mut().for_each(|grants| grants.sort());
    Ok(roles)
}

pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    account_id: &str,
    grants: &[RoleGrant],
) -> Result<(), Error> {
    if grants.is_empty() {
        return Ok(());
    }
    let rows = grants.iter().map(|grant| ActiveModel {
        account_id: Set(account_id.to_owned()),
        role: Set(grant.role.as_str().to_owned()),
        organisation_code: Set(grant.organisation.to_string()),
    });
    Entity::insert_many(rows).exec_without_returning(conn).await?;
    Ok(())
}

pub(super) async fn delete(
    conn: &impl ConnectionTrait,
    account_id: &str,
    grant: &RoleGrant,
) -> Result<(), Error> {
    let key = (account_id.to_owned(), grant.role.as_str().to_owned(), grant.organisation.to_string());
    Entity::delete_by_id(key).exec(conn).await?;
    Ok(())
}
