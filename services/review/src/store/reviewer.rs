//! The panel of experts.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, entity::prelude::*,
};
use zhijian_platform::{Error, Page, etag};

use super::{join_key, read_json, split_key, write_json};
use crate::domain::reviewer::Reviewer;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_reviewer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    pub name: String,
    pub organisation_code: String,
    pub past_organisation_codes: String,
    pub expertise: String,
    pub max_load: i32,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Reviewer {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        Ok(Self {
            past: read_json(&row.past_organisation_codes)?,
            relations: vec![],
            expertise: read_json(&row.expertise)?,
            account_id: row.account_id,
            name: row.name,
            organisation_code: row.organisation_code,
            max_load: row.max_load,
            version: row.version,
        })
    }
}

/// The reviewer with this account.
pub async fn find(conn: &impl ConnectionTrait, account_id: &str) -> Result<Option<Reviewer>, Error> {
    Entity::find_by_id(account_id).one(conn).await?.map(Reviewer::try_from).transpose()
}

/// Every reviewer, with what each declared.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Reviewer>, Error> {
    let mut relations = super::relation::all(conn).await?;
    let rows = Entity::find().order_by_asc(Column::Name).order_by_asc(Column::AccountId).all(conn).await?;
    rows.into_iter()
        .map(|row| {
            let relations = relations.remove(&row.account_id).unwrap_or_default();
            Ok(Reviewer { relations, ..Reviewer::try_from(row)? })
        })
        .collect()
}

/// Some reviewers, in order of name, then account.
pub async fn page(conn: &impl ConnectionTrait, page: &Page) -> Result<(Vec<Reviewer>, String), Error> {
    let mut query =
        Entity::find().order_by_asc(Column::Name).order_by_asc(Column::AccountId).limit(page.limit());
    if let Some(after) = page.after() {
        let (name, account_id) = split_key(after)?;
        let same_name = Condition::all().add(Column::Name.eq(name)).add(Column::AccountId.gt(account_id));
        query = query.filter(Condition::any().add(Column::Name.gt(name)).add(same_name));
    }
    let rows = query.all(conn).await?;
    let (rows, next) = page.finish(rows, |row| join_key(&row.name, &row.account_id));
    Ok((rows.into_iter().map(Reviewer::try_from).collect::<Result<_, _>>()?, next))
}

/// Enters a reviewer, or replaces the entry of this version.
///
/// # Errors
/// ABORTED if somebody else changed it meanwhile.
pub async fn put(conn: &impl ConnectionTrait, reviewer: &Reviewer) -> Result<Reviewer, Error> {
    let version = reviewer.version + 1;
    let row = ActiveModel {
        account_id: Set(reviewer.account_id.clone()),
        name: Set(reviewer.name.clone()),
        organisation_code: Set(reviewer.organisation_code.clone()),
        past_organisation_codes: Set(write_json(&reviewer.past)?),
        expertise: Set(write_json(&reviewer.expertise)?),
        max_load: Set(reviewer.max_load),
        version: Set(version),
    };
    if reviewer.version == 0 {
        Entity::insert(row).exec_without_returning(conn).await?;
    } else {
        let changed = Entity::update_many()
            .set(row)
            .filter(Column::AccountId.eq(&reviewer.account_id))
            .filter(Column::Version.eq(reviewer.version))
            .exec(conn)
            .await?;
        if changed.rows_affected == 0 {
            return Err(Error::etag_mismatch(etag::of(version)));
        }
    }
    Ok(Reviewer { version, ..reviewer.clone() })
}
