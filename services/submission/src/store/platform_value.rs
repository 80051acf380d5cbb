//! What the two platforms hold of each institution, and the loads that brought it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    Condition, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*, sea_query::OnConflict,
};
use zhijian_platform::{Error, Page};

use super::{ROWS_A_STATEMENT, bad_token, unreadable};
use crate::domain::{
    check::{PlatformValue, PlatformValues},
    platform_table::{Held, Key},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_platform_value")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub cycle_year: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub organisation_code: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub indicator_code: String,
    pub platform: String,
    /// A decimal.
    pub value: String,
    pub scope: String,
    /// A day as `2025-12-31`.
    pub date: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The place in the order of [`page`].
    pub fn list_key(&self) -> String {
        format!("{}/{}", self.organisation_code, self.indicator_code)
    }

    /// As rules see it.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn held(&self) -> Result<PlatformValue, Error> {
        let fault = |value: &str| unreadable("platform value", &self.list_key(), value);
        Ok(PlatformValue {
            value: self.value.parse().map_err(|_| fault(&self.value))?,
            date: self.date.parse().map_err(|_| fault(&self.date))?,
            scope: self.scope.clone(),
        })
    }
}

/// What is held of an institution in a year, by indicator code.
///
/// # Errors
/// The database's own.
pub async fn of_organisation(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    organisation_code: &str,
) -> Result<PlatformValues, Error> {
    let rows = Entity::find()
        .filter(Column::CycleYear.eq(cycle_year))
        .filter(Column::OrganisationCode.eq(organisation_code))
        .all(conn)
        .await?;
    rows.into_iter().map(|row| Ok((row.indicator_code.clone(), row.held()?))).collect()
}

/// What is held of these institutions in a year.
///
/// # Errors
/// The database's own.
pub async fn of_organisations(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    codes: &BTreeSet<&str>,
) -> Result<BTreeMap<Key, Held>, Error> {
    let codes: Vec<&str> = codes.iter().copied().collect();
    let mut known = BTreeMap::new();
    for codes in codes.chunks(ROWS_A_STATEMENT) {
        let rows = Entity::find()
            .filter(Column::CycleYear.eq(cycle_year))
            .filter(Column::OrganisationCode.is_in(codes.iter().copied()))
            .all(conn)
            .await?;
        for row in rows {
            let held = Held { platform: row.platform.clone(), held: row.held()? };
            let key = Key { organisation_code: row.organisation_code, indicator_code: row.indicator_code };
            known.insert(key, held);
        }
    }
    Ok(known)
}

/// The values of a year after a place in the order of institution and indicator.
///
/// # Errors
/// INVALID_ARGUMENT for a token of another list; the database's own.
pub async fn page(
    conn: &impl ConnectionTrait,
    page: &Page,
    cycle_year: i32,
    organisations: Option<&[String]>,
    platform: Option<&str>,
) -> Result<Vec<Model>, Error> {
    let mut query = Entity::find()
        .filter(Column::CycleYear.eq(cycle_year))
        .order_by_asc(Column::OrganisationCode)
        .order_by_asc(Column::IndicatorCode)
        .limit(page.limit());
    if let Some(codes) = organisations {
        query = query.filter(Column::OrganisationCode.is_in(codes.iter().map(String::as_str)));
    }
    if let Some(platform) = platform {
        query = query.filter(Column::Platform.eq(platform));
    }
    if let Some(key) = page.after() {
        let (organisation, indicator) = key.split_once('/').ok_or_else(bad_token)?;
        query = query.filter(
            Condition::any().add(Column::OrganisationCode.gt(organisation)).add(
                Condition::all()
                    .add(Column::OrganisationCode.eq(organisation))
                    .add(Column::IndicatorCode.gt(indicator)),
            ),
        );
    }
    Ok(query.all(conn).await?)
}

/// Writes values in place of what was there.
///
/// # Errors
/// The database's own.
pub async fn put(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), Error> {
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        Entity::insert_many(rows.iter().cloned().map(|row| row.into_active_model().reset_all()))
            .on_conflict(
                OnConflict::columns([Column::CycleYear, Column::OrganisationCode, Column::IndicatorCode])
                    .update_columns([Column::Platform, Column::Value, Column::Scope, Column::Date])
                    .to_owned(),
            )
            .exec_without_returning(conn)
            .await?;
    }
    Ok(())
}

/// The loads that changed something.
pub mod load {
    use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*};
    use zhijian_platform::Error;

    /// How many are listed.
    const LISTED: u64 = 100;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "submission_platform_load")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub load_id: String,
        pub cycle_year: i32,
        pub platform: String,
        pub file_name: String,
        pub created: i32,
        pub updated: i32,
        pub account_id: String,
        pub account_name: String,
        pub time: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    /// Adds a load.
    ///
    /// # Errors
    /// The database's own.
    pub async fn insert(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
        Entity::insert(row.into_active_model().reset_all()).exec_without_returning(conn).await?;
        Ok(())
    }

    /// The newest loads of a year.
    ///
    /// # Errors
    /// The database's own.
    pub async fn list(conn: &impl ConnectionTrait, cycle_year: i32) -> Result<Vec<Model>, Error> {
        Ok(Entity::find()
            .filter(Column::CycleYear.eq(cycle_year))
            .order_by_desc(Column::Time)
            .order_by_desc(Column::LoadId)
            .limit(LISTED)
            .all(conn)
            .await?)
    }
}
