//! Accounts and their roles.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*,
    sea_query::Query,
};
use zhijian_platform::{Error, Page, id};

use super::role;
use crate::domain::{
    account::{DisplayName, SignInName},
    password::PasswordHash,
    role::{Role, RoleGrant},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    pub sign_in_name: String,
    pub display_name: String,
    pub password_hash: KeptHash,
    pub create_time: DateTimeUtc,
    pub version: i64,
}

/// A hash as a column, which shows itself no more than the hash does.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct KeptHash(String);

impl std::fmt::Debug for KeptHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeptHash(…)")
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// An account with its roles, without its hash.
#[derive(Debug, Clone)]
pub struct Account {
    pub account_id: String,
    pub sign_in_name: String,
    pub display_name: String,
    /// In order of role, then organisation.
    pub roles: Vec<RoleGrant>,
    pub create_time: DateTime<Utc>,
    pub version: i64,
}

/// Whether anybody has an account.
///
/// # Errors
/// The database's own.
pub async fn any(conn: &impl ConnectionTrait) -> Result<bool, Error> {
    let first: Option<String> =
        Entity::find().select_only().column(Column::AccountId).limit(1).into_tuple().one(conn).await?;
    Ok(first.is_some())
}

/// The account of this id, if there is one.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, account_id: &str) -> Result<Option<Account>, Error> {
    let rows = Entity::find_by_id(account_id).all(conn).await?;
    Ok(with_roles(conn, rows).await?.pop())
}

/// The id and hash behind a sign-in name, if somebody has it.
///
/// # Errors
/// The database's own.
pub async fn find_hash(
    conn: &impl ConnectionTrait,
    name: &SignInName,
) -> Result<Option<(String, PasswordHash)>, Error> {
    let row = Entity::find().filter(Column::SignInName.eq(name.as_str())).one(conn).await?;
    Ok(row.map(|row| (row.account_id, PasswordHash::kept(row.password_hash.0))))
}

/// The accounts of a page in order of sign-in name, all or those that hold a role.
///
/// # Errors
/// The database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    page: &Page,
    held: Option<Role>,
) -> Result<Vec<Account>, Error> {
    let mut query = Entity::find().order_by_asc(Column::SignInName).limit(page.limit());
    if let Some(after) = page.after() {
        query = query.filter(Column::SignInName.gt(after));
    }
    if let Some(held) = held {
        let holders = Query::select()
            .column(role::Column::AccountId)
            .from(role::Entity)
            .and_where(role::Column::Role.eq(held.as_str()))
            .to_owned();
        query = query.filter(Column::AccountId.in_subquery(holders));
    }
    let rows = query.all(conn).await?;
    with_roles(conn, rows).await
}

/// Opens an account with its first roles, in order.
///
/// # Errors
/// ALREADY_EXISTS if the sign-in name is taken; the database's own.
pub async fn insert(
    conn: &impl ConnectionTrait,
    sign_in_name: &SignInName,
    display_name: &DisplayName,
    hash: &PasswordHash,
    roles: Vec<RoleGrant>,
    now: DateTime<Utc>,
) -> Result<Account, Error> {
    let account = Account {
        account_id: id::new("acc"),
        sign_in_name: sign_in_name.to_string(),
        display_name: display_name.as_str().to_owned(),
        roles,
        create_time: now,
        version: 1,
    };
    let row = ActiveModel {
        account_id: Set(account.account_id.clone()),
        sign_in_name: Set(account.sign_in_name.clone()),
        display_name: Set(account.display_name.clone()),
        password_hash: Set(KeptHash(hash.as_str().to_owned())),
        create_time: Set(account.create_time),
        version: Set(account.version),
    };
    Entity::insert(row)
        .exec_without_returning(conn)
        .await
        .map_err(|error| super::unless_taken(error, || Error::already_exists("account", sign_in_name)))?;
    role::insert(conn, &account.account_id, &account.roles).await?;
    Ok(account)
}

/// Gives an account a role that it does not hold.
///
/// # Errors
/// The database's own.
pub async fn grant(
    conn: &impl ConnectionTrait,
    mut account: Account,
    grant: RoleGrant,
) -> Result<Account, Error> {
    role::insert(conn, &account.account_id, std::slice::from_ref(&grant)).await?;
    account.roles.push(grant);
    account.roles.sort();
    changed(conn, account).await
}

/// Takes a role from an account that holds it.
///
/// # Errors
/// The database's own.
pub async fn revoke(
    conn: &impl ConnectionTrait,
    mut account: Account,
    grant: &RoleGrant,
) -> Result<Account, Error> {
    role::delete(conn, &account.account_id, grant).await?;
    account.roles.retain(|held| held != grant);
    changed(conn, account).await
}

async fn changed(conn: &impl ConnectionTrait, mut account: Account) -> Result<Account, Error> {
    account.version += 1;
    Entity::update_many()
        .col_expr(Column::Version, account.version.into())
        .filter(Column::AccountId.eq(&account.account_id))
        .exec(conn)
        .await?;
    Ok(account)
}

/// Adds their roles to accounts, in one query for all of them.
async fn with_roles(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Account>, Error> {
    let ids = rows.iter().map(|row| row.account_id.as_str());
    let mut roles: HashMap<String, Vec<RoleGrant>> = role::of(conn, ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| Account {
            roles: roles.remove(&row.account_id).unwrap_or_default(),
            account_id: row.account_id,
            sign_in_name: row.sign_in_name,
            display_name: row.display_name,
            create_time: row.create_time,
            version: row.version,
        })
        .collect())
}
