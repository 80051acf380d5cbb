//! The register of organisations.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Condition, ExprTrait, Func, LikeExpr, OnConflict, Query},
};
use zhijian_platform::{Error, Page};

use super::former_name;
use crate::domain::{
    code::Code,
    date::Date,
    organisation::{Kind, Organisation},
    particulars::{FormerName, Merger, Ownership, Particulars},
    register::Register,
    text::Bilingual,
};

/// How many rows one statement writes or asks for: SQLite takes 32,766 values a statement.
const ROWS_A_STATEMENT: usize = 1000;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_organisation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub kind: String,
    pub name_zh: String,
    pub name_en: String,
    pub level: Option<String>,
    pub district: String,
    pub demonstration: bool,
    pub parent_code: Option<String>,
    pub create_time: DateTimeUtc,
    pub version: i64,
    pub ownership: Option<String>,
    pub supervising_body: String,
    pub website: String,
    pub credit_code: Option<String>,
    pub founding_date: Option<String>,
    pub closing_date: Option<String>,
    pub merged_into: Option<String>,
    pub merge_date: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// An organisation as it is registered.
#[derive(Debug, Clone)]
pub struct Registered {
    pub organisation: Organisation,
    pub create_time: DateTime<Utc>,
    pub version: i64,
}

/// Which organisations are asked for; the default is all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Kinds; empty for all.
    pub kinds: Vec<Kind>,
    /// Codes; empty for all.
    pub codes: Vec<String>,
    /// A part of the code, of a name or of a former name; empty for all.
    pub query: String,
    /// The district's name; empty for all.
    pub district: String,
    pub ownership: Option<Ownership>,
    /// Leaves out what has closed.
    pub existing_only: bool,
}

/// The organisation of this code, if it is registered.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, code: &Code) -> Result<Option<Registered>, Error> {
    let Some(row) = Entity::find_by_id(code.as_str()).one(conn).await? else { return Ok(None) };
    Ok(registered(conn, vec![row]).await?.pop())
}

/// The whole register.
///
/// # Errors
/// The database's own.
pub async fn all(conn: &impl ConnectionTrait) -> Result<HashMap<Code, Registered>, Error> {
    let rows = Entity::find().all(conn).await?;
    let mut names = former_name::all(conn).await?;
    rows.into_iter()
        .map(|row| {
            let names = names.remove(&row.code).unwrap_or_default();
            let registered = of_row(row, names)?;
            Ok((registered.organisation.code.clone(), registered))
        })
        .collect()
}

/// The entries of the register by code.
pub fn entries(register: &HashMap<Code, Registered>) -> Register {
    register.iter().map(|(code, registered)| (code.clone(), registered.organisation.clone())).collect()
}

/// The kinds of those of the organisations that are registered.
///
/// # Errors
/// The database's own.
pub async fn kinds<'c>(
    conn: &impl ConnectionTrait,
    codes: impl IntoIterator<Item = &'c Code>,
) -> Result<HashMap<String, Kind>, Error> {
    let rows: Vec<(String, String)> = Entity::find()
        .select_only()
        .column(Column::Code)
        .column(Column::Kind)
        .filter(Column::Code.is_in(codes.into_iter().map(Code::as_str)))
        .into_tuple()
        .all(conn)
        .await?;
    rows.into_iter().map(|(code, kind)| Ok((code, kind.parse().map_err(Error::internal)?))).collect()
}

/// The organisations of a page in order of code.
///
/// # Errors
/// The database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    page: &Page,
    filter: &Filter,
) -> Result<Vec<Registered>, Error> {
    let mut query = Entity::find().order_by_asc(Column::Code).limit(page.limit());
    if let Some(after) = page.after() {
        query = query.filter(Column::Code.gt(after));
    }
    if !filter.kinds.is_empty() {
        query = query.filter(Column::Kind.is_in(filter.kinds.iter().map(|kind| kind.as_str())));
    }
    if !filter.codes.is_empty() {
        query = query.filter(Column::Code.is_in(&filter.codes));
    }
    if !filter.district.is_empty() {
        query = query.filter(Column::District.eq(&filter.district));
    }
    if let Some(ownership) = filter.ownership {
        query = query.filter(Column::Ownership.eq(ownership.as_str()));
    }
    if filter.existing_only {
        query = query.filter(Column::ClosingDate.is_null());
    }
    if !filter.query.is_empty() {
        query = query.filter(containing(&filter.query));
    }
    registered(conn, query.all(conn).await?).await
}

/// Organisations with this text in code, name or former name, whatever the case of Latin letters.
fn containing(text: &str) -> Condition {
    let escaped: String = text
        .to_lowercase()
        .chars()
        .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
        .collect();
    let like = || LikeExpr::new(format!("%{escaped}%")).escape('\\');
    let former = Query::select()
        .column(former_name::Column::Code)
        .from(former_name::Entity)
        .and_where(Func::lower(Expr::col(former_name::Column::NameZh)).like(like()))
        .and_where(Expr::col(former_name::Column::Mistaken).eq(false))
        .to_owned();
    Condition::any()
        .add(Column::Code.like(like()))
        .add(Func::lower(Expr::col(Column::NameZh)).like(like()))
        .add(Func::lower(Expr::col(Column::NameEn)).like(like()))
        .add(Column::Code.in_subquery(former))
}

/// Registers an organisation.
///
/// # Errors
/// ALREADY_EXISTS if the code is taken; the database's own.
pub async fn insert(
    conn: &impl ConnectionTrait,
    organisation: Organisation,
    now: DateTime<Utc>,
) -> Result<Registered, Error> {
    let registered = Registered { organisation, create_time: now, version: 1 };
    let row = model(&registered).into_active_model().reset_all();
    Entity::insert(row).exec_without_returning(conn).await.map_err(|error| {
        super::unless_taken(error, || Error::already_exists("organisation", &registered.organisation.code))
    })?;
    former_name::put(conn, &[&registered.organisation]).await?;
    Ok(registered)
}

/// Writes entries, each in place of the one of its code. What stands under another comes after it.
///
/// # Errors
/// The database's own.
pub async fn put(conn: &impl ConnectionTrait, rows: &[Registered]) -> Result<(), Error> {
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        let models = rows.iter().map(|row| model(row).into_active_model().reset_all());
        let changing = Column::iter().filter(|column| !matches!(column, Column::Code | Column::CreateTime));
        Entity::insert_many(models)
            .on_conflict(OnConflict::column(Column::Code).update_columns(changing).to_owned())
            .exec_without_returning(conn)
            .await?;
    }
    let entries: Vec<&Organisation> = rows.iter().map(|row| &row.organisation).collect();
    former_name::put(conn, &entries).await
}

/// Replaces an entry by its next version.
///
/// # Errors
/// The database's own.
pub async fn update(
    conn: &impl ConnectionTrait,
    organisation: Organisation,
    before: &Registered,
) -> Result<Registered, Error> {
    let next = Registered { organisation, create_time: before.create_time, version: before.version + 1 };
    put(conn, std::slice::from_ref(&next)).await?;
    Ok(next)
}

fn model(registered: &Registered) -> Model {
    let entry = &registered.organisation;
    let particulars = &entry.particulars;
    let date = |date: &Option<Date>| date.as_ref().map(Date::to_string);
    let merger = particulars.merger.as_ref();
    Model {
        code: entry.code.to_string(),
        kind: entry.kind.as_str().to_owned(),
        name_zh: entry.name.zh().to_owned(),
        name_en: entry.name.en().to_owned(),
        level: entry.level.map(|level| level.as_str().to_owned()),
        district: entry.district.clone(),
        demonstration: entry.demonstration,
        parent_code: entry.parent.as_ref().map(Code::to_string),
        create_time: registered.create_time,
        version: registered.version,
        ownership: particulars.ownership.map(|ownership| ownership.as_str().to_owned()),
        supervising_body: particulars.supervising_body.clone(),
        website: particulars.website.clone(),
        credit_code: particulars.credit_code.clone(),
        founding_date: date(&particulars.founding),
        closing_date: date(&particulars.closing),
        merged_into: merger.map(|merger| merger.into.to_string()),
        merge_date: merger.map(|merger| merger.date.to_string()),
    }
}

async fn registered(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Registered>, Error> {
    let mut names = former_name::of(conn, rows.iter().map(|row| row.code.as_str())).await?;
    rows.into_iter()
        .map(|row| {
            let names = names.remove(&row.code).unwrap_or_default();
            of_row(row, names)
        })
        .collect()
}

fn of_row(row: Model, former_names: Vec<FormerName>) -> Result<Registered, Error> {
    let merger = match (row.merged_into, super::date(row.merge_date.as_deref())?) {
        (Some(into), Some(date)) => Some(Merger { into: Code::kept(into), date }),
        _ => None,
    };
    let particulars = Particulars {
        ownership: row.ownership.map(|one| one.parse()).transpose().map_err(Error::internal)?,
        supervising_body: row.supervising_body,
        website: row.website,
        credit_code: row.credit_code,
        founding: super::date(row.founding_date.as_deref())?,
        closing: super::date(row.closing_date.as_deref())?,
        merger,
        former_names,
    };
    let organisation = Organisation {
        code: Code::kept(row.code),
        kind: row.kind.parse().map_err(Error::internal)?,
        name: Bilingual::kept(row.name_zh, row.name_en),
        level: row.level.map(|level| level.parse()).transpose().map_err(Error::internal)?,
        district: row.district,
        demonstration: row.demonstration,
        parent: row.parent_code.map(Code::kept),
        particulars,
    };
    Ok(Registered { organisation, create_time: row.create_time, version: row.version })
}
