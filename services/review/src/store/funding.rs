//! What differentiated funding is worked out from.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, entity::prelude::*,
};
use zhijian_platform::{Error, Visibility, etag};

use super::{read_json, write_json};
use crate::domain::funding::Input;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_funding_input")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub year: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub organisation_code: String,
    pub headcounts: String,
    pub performance: String,
    pub demonstration: bool,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Input {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        // Decimals are kept as texts: a JSON number would be a float to whoever reads it.
        let performance: BTreeMap<String, String> = read_json(&row.performance)?;
        let number = |(code, text): (String, String)| {
            text.parse::<Decimal>().map(|number| (code, number)).map_err(Error::internal)
        };
        Ok(Self {
            year: row.year,
            headcounts: read_json(&row.headcounts)?,
            performance: performance.into_iter().map(number).collect::<Result<_, _>>()?,
            organisation_code: row.organisation_code,
            demonstration: row.demonstration,
            version: row.version,
        })
    }
}

/// A school's of a year.
pub async fn find(
    conn: &impl ConnectionTrait,
    year: i32,
    organisation: &str,
) -> Result<Option<Input>, Error> {
    let key = (year, organisation.to_owned());
    Entity::find_by_id(key).one(conn).await?.map(Input::try_from).transpose()
}

/// Those of a year that may be seen, in order of school.
pub async fn of_year(
    conn: &impl ConnectionTrait,
    year: i32,
    visible: &Visibility,
) -> Result<Vec<Input>, Error> {
    let mut query = Entity::find().filter(Column::Year.eq(year)).order_by_asc(Column::OrganisationCode);
    if let Visibility::Only(codes) = visible {
        query = query.filter(Column::OrganisationCode.is_in(codes));
    }
    query.all(conn).await?.into_iter().map(Input::try_from).collect()
}

/// Enters a school's, or replaces that of this version.
///
/// # Errors
/// ABORTED if somebody else changed it meanwhile.
pub async fn put(conn: &impl ConnectionTrait, input: &Input) -> Result<Input, Error> {
    let version = input.version + 1;
    let performance: BTreeMap<&String, String> =
        input.performance.iter().map(|(code, number)| (code, number.to_string())).collect();
    let row = ActiveModel {
        year: Set(input.year),
        organisation_code: Set(input.organisation_code.clone()),
        headcounts: Set(write_json(&input.headcounts)?),
        performance: Set(write_json(&performance)?),
        demonstration: Set(input.demonstration),
        version: Set(version),
    };
    if input.version == 0 {
        Entity::insert(row).exec_without_returning(conn).await?;
    } else {
        let changed = Entity::update_many()
            .set(row)
            .filter(Column::Year.eq(input.year))
            .filter(Column::OrganisationCode.eq(&input.organisation_code))
            .filter(Column::Version.eq(input.version))
            .exec(conn)
            .await?;
        if changed.rows_affected == 0 {
            return Err(Error::etag_mismatch(etag::of(version)));
        }
    }
    Ok(Input { version, ..input.clone() })
}
