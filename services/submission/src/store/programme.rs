//! The register of programmes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    IntoActiveModel, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Condition, ExprTrait, Func, LikeExpr, OnConflict},
};
use zhijian_platform::{Error, Page, Text, id};

use crate::domain::{
    programme::{Key, Level, Pathway, Programme},
    text::is_storable,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_programme")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub programme_id: String,
    pub organisation_code: String,
    pub code: String,
    pub level: String,
    pub name_zh: String,
    pub name_en: String,
    pub opened_year: i32,
    pub pilot: bool,
    pub pathway_year: Option<i32>,
    pub pathway_places: Option<i32>,
    pub pathway_partner: Option<String>,
    pub pathway_partner_programme: Option<String>,
    pub pathway_sequence: Option<i32>,
    pub create_time: DateTimeUtc,
    pub version: i64,
    pub cluster: String,
    pub withdrawn_year: Option<i32>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A programme with its id and version.
#[derive(Debug, Clone)]
pub struct Registered {
    pub programme_id: String,
    pub programme: Programme,
    pub create_time: DateTime<Utc>,
    pub version: i64,
}

impl Registered {
    /// Its place in the register's order, as a page token's key.
    pub fn list_key(&self) -> String {
        let key = &self.programme.key;
        format!("{}/{}/{}", key.organisation_code, key.code, key.level.as_str())
    }
}

/// Which programmes are asked for; the default is all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Schools.
    pub organisation_codes: Option<Vec<String>>,
    /// Bounds of the opening year, both inclusive.
    pub opened_from: Option<i32>,
    pub opened_to: Option<i32>,
    /// Only pilots, or only others.
    pub pilot: Option<bool>,
    /// Only those with a pathway of this year.
    pub pathway_year: Option<i32>,
    /// A part of the code, of a name or of the cluster; empty for all.
    pub query: String,
    /// Leaves out what was withdrawn.
    pub running_only: bool,
    /// Only this level.
    pub level: Option<Level>,
}

/// The programme of this id, if there is one.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, programme_id: &str) -> Result<Option<Registered>, Error> {
    if !is_storable(programme_id) {
        return Ok(None);
    }
    Entity::find_by_id(programme_id).one(conn).await?.map(registered).transpose()
}

/// The programmes of a page, in order of school, code and level.
///
/// # Errors
/// INVALID_ARGUMENT if the page's key is not of this list; the database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    page: &Page,
    filter: &Filter,
) -> Result<Vec<Registered>, Error> {
    let mut query = Entity::find()
        .order_by_asc(Column::OrganisationCode)
        .order_by_asc(Column::Code)
        .order_by_asc(Column::Level)
        .limit(page.limit());
    if let Some(after) = page.after() {
        let [organisation, code, level] = super::key_parts(after)?;
        let columns = [Column::OrganisationCode, Column::Code, Column::Level].map(Expr::col);
        query = query.filter(
            Expr::tuple(columns.map(Into::into)).gt(Expr::tuple([organisation, code, level].map(Expr::val))),
        );
    }
    if let Some(codes) = &filter.organisation_codes {
        query = query.filter(Column::OrganisationCode.is_in(codes));
    }
    if let Some(year) = filter.opened_from {
        query = query.filter(Column::OpenedYear.gte(year));
    }
    if let Some(year) = filter.opened_to {
        query = query.filter(Column::OpenedYear.lte(year));
    }
    if let Some(pilot) = filter.pilot {
        query = query.filter(Column::Pilot.eq(pilot));
    }
    if let Some(year) = filter.pathway_year {
        query = query.filter(Column::PathwayYear.eq(year));
    }
    if filter.running_only {
        query = query.filter(Column::WithdrawnYear.is_null());
    }
    if let Some(level) = filter.level {
        query = query.filter(Column::Level.eq(level.as_str()));
    }
    if !filter.query.is_empty() {
        query = query.filter(containing(&filter.query));
    }
    query.all(conn).await?.into_iter().map(registered).collect()
}

/// What changes with the register: how many programmes it has, and the sum of their versions. None is ever taken out and a
/// version only grows, so every change makes it another pair.
///
/// # Errors
/// The database's own.
pub async fn version(conn: &impl ConnectionTrait) -> Result<(i64, i64), Error> {
    // PostgreSQL adds whole numbers of eight bytes into a numeric.
    let sum = Expr::col(Column::Version).sum().cast_as("bigint");
    let row: Option<(i64, Option<i64>)> = Entity::find()
        .select_only()
        .column_as(Column::ProgrammeId.count(), "programmes")
        .column_as(sum, "versions")
        .into_tuple()
        .one(conn)
        .await?;
    let (programmes, versions) = row.unwrap_or_default();
    Ok((programmes, versions.unwrap_or_default()))
}

/// Programmes with this text in code, name or cluster, whatever the case of Latin letters.
fn containing(text: &str) -> Condition {
    let escaped: String = text
        .to_lowercase()
        .chars()
        .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
        .collect();
    let like = || LikeExpr::new(format!("%{escaped}%")).escape('\\');
    [Column::Code, Column::NameZh, Column::NameEn, Column::Cluster]
        .into_iter()
        .fold(Condition::any(), |any, column| any.add(Func::lower(Expr::col(column)).like(like())))
}

/// What the register has of these schools, by key.
///
/// # Errors
/// The database's own.
pub async fn of_organisations(
    conn: &impl ConnectionTrait,
    codes: &BTreeSet<&str>,
) -> Result<BTreeMap<Key, Registered>, Error> {
    let codes: Vec<&str> = codes.iter().copied().collect();
    let mut found = BTreeMap::new();
    for codes in codes.chunks(super::ROWS_A_STATEMENT) {
        for row in
            Entity::find().filter(Column::OrganisationCode.is_in(codes.iter().copied())).all(conn).await?
        {
            let row = registered(row)?;
            found.insert(row.programme.key.clone(), row);
        }
    }
    Ok(found)
}

/// Writes programmes, each in place of the one of its id.
///
/// # Errors
/// The database's own.
pub async fn put(conn: &impl ConnectionTrait, rows: &[Registered]) -> Result<(), Error> {
    for rows in rows.chunks(super::ROWS_A_STATEMENT) {
        let rows = rows.iter().map(|row| model(row).into_active_model().reset_all());
        Entity::insert_many(rows)
            .on_conflict(
                OnConflict::column(Column::ProgrammeId)
                    .update_columns([
                        Column::NameZh,
                        Column::NameEn,
                        Column::OpenedYear,
                        Column::Pilot,
                        Column::PathwayYear,
                        Column::PathwayPlaces,
                        Column::PathwayPartner,
                        Column::PathwayPartnerProgramme,
                        Column::PathwaySequence,
                        Column::Version,
                        Column::Cluster,
                        Column::WithdrawnYear,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(conn)
            .await?;
    }
    Ok(())
}

/// A programme that is new to the register.
pub fn new(programme: Programme, now: DateTime<Utc>) -> Registered {
    Registered { programme_id: id::new("prg"), programme, create_time: now, version: 1 }
}

fn model(row: &Registered) -> Model {
    let Programme { key, name, opened_year, pilot, pathway, cluster, withdrawn_year } = row.programme.clone();
    let pathway = pathway.as_ref();
    Model {
        programme_id: row.programme_id.clone(),
        organisation_code: key.organisation_code,
        code: key.code,
        level: key.level.as_str().to_owned(),
        name_zh: name.zh,
        name_en: name.en,
        opened_year,
        pilot,
        pathway_year: pathway.map(|pathway| pathway.year),
        pathway_places: pathway.map(|pathway| pathway.places),
        pathway_partner: pathway.map(|pathway| pathway.partner.clone()),
        pathway_partner_programme: pathway.map(|pathway| pathway.partner_programme.clone()),
        pathway_sequence: pathway.map(|pathway| pathway.sequence),
        create_time: row.create_time,
        version: row.version,
        cluster,
        withdrawn_year,
    }
}

fn registered(row: Model) -> Result<Registered, Error> {
    let level = Level::parse(&row.level)
        .ok_or_else(|| super::unreadable("programme", &row.programme_id, &row.level))?;
    let pathway = row.pathway_year.map(|year| Pathway {
        year,
        places: row.pathway_places.unwrap_or_default(),
        partner: row.pathway_partner.unwrap_or_default(),
        partner_programme: row.pathway_partner_programme.unwrap_or_default(),
        sequence: row.pathway_sequence.unwrap_or_default(),
    });
    Ok(Registered {
        programme_id: row.programme_id,
        programme: Programme {
            key: Key { organisation_code: row.organisation_code, code: row.code, level },
            name: Text::new(row.name_zh, row.name_en),
            opened_year: row.opened_year,
            pilot: row.pilot,
            pathway,
            cluster: row.cluster,
            withdrawn_year: row.withdrawn_year,
        },
        create_time: row.create_time,
        version: row.version,
    })
}
