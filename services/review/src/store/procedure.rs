//! Procedures.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*, sea_query::Expr,
};
use zhijian_platform::{Error, Page, Text, etag};

use super::{read_json, write_json};
use crate::domain::{
    procedure::Procedure,
    scheme::{Definition, Scheme},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_procedure")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub procedure_id: String,
    pub cycle_year: i32,
    pub scheme_code: String,
    pub scheme: String,
    pub name_zh: String,
    pub name_en: String,
    pub state: String,
    pub round_id: Option<String>,
    pub apply_due_date: Option<Date>,
    pub create_time: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Procedure {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        let definition: Definition = read_json(&row.scheme)?;
        Ok(Self {
            id: row.procedure_id,
            cycle_year: row.cycle_year,
            scheme: Arc::new(Scheme::new(definition).map_err(Error::internal)?),
            name: Text::new(row.name_zh, row.name_en),
            state: row.state.parse().map_err(Error::internal)?,
            round_id: row.round_id,
            apply_due_date: row.apply_due_date,
            create_time: row.create_time,
            version: row.version,
        })
    }
}

/// Which procedures a list is about.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of one cycle, if given.
    pub year: Option<i32>,
    /// Of one scheme, if given.
    pub scheme: Option<String>,
}

/// Stores a new procedure.
pub async fn insert(conn: &impl ConnectionTrait, new: &Procedure) -> Result<(), Error> {
    let row = ActiveModel {
        procedure_id: Set(new.id.clone()),
        cycle_year: Set(new.cycle_year),
        scheme_code: Set(new.scheme.code().to_owned()),
        scheme: Set(write_json(new.scheme.definition())?),
        name_zh: Set(new.name.zh.clone()),
        name_en: Set(new.name.en.clone()),
        state: Set(new.state.to_string()),
        round_id: Set(new.round_id.clone()),
        apply_due_date: Set(new.apply_due_date),
        create_time: Set(new.create_time),
        version: Set(new.version),
    };
    Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The id of the procedure of a scheme in a cycle.
pub async fn of_exercise(
    conn: &impl ConnectionTrait,
    year: i32,
    scheme: &str,
) -> Result<Option<String>, Error> {
    let query = Entity::find().select_only().column(Column::ProcedureId);
    let query = query.filter(Column::CycleYear.eq(year)).filter(Column::SchemeCode.eq(scheme));
    Ok(query.into_tuple().one(conn).await?)
}

/// The procedure of this id.
///
/// # Errors
/// NOT_FOUND if there is none.
pub async fn get(conn: &impl ConnectionTrait, id: &str) -> Result<Procedure, Error> {
    let row = Entity::find_by_id(id).one(conn).await?;
    row.ok_or_else(|| Error::not_found("procedure", id))?.try_into()
}

/// The procedures of these ids.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Procedure>, Error> {
    let ids: BTreeSet<String> = ids.into_iter().collect();
    let rows = Entity::find().filter(Column::ProcedureId.is_in(ids)).all(conn).await?;
    rows.into_iter().map(|row| Ok((row.procedure_id.clone(), row.try_into()?))).collect()
}

/// Some procedures, newest first.
pub async fn page(
    conn: &impl ConnectionTrait,
    page: &Page,
    filter: &Filter,
) -> Result<(Vec<Procedure>, String), Error> {
    let mut query = Entity::find().order_by_desc(Column::ProcedureId).limit(page.limit());
    if let Some(year) = filter.year {
        query = query.filter(Column::CycleYear.eq(year));
    }
    if let Some(scheme) = &filter.scheme {
        query = query.filter(Column::SchemeCode.eq(scheme));
    }
    if let Some(after) = page.after() {
        query = query.filter(Column::ProcedureId.lt(after));
    }
    let (rows, next) = page.finish(query.all(conn).await?, |row| row.procedure_id.clone());
    Ok((rows.into_iter().map(Procedure::try_from).collect::<Result<_, _>>()?, next))
}

/// Stores its state and its round, under the next version.
///
/// # Errors
/// ABORTED if somebody else changed it meanwhile.
pub async fn write(conn: &impl ConnectionTrait, written: &Procedure) -> Result<Procedure, Error> {
    let version = written.version + 1;
    let changed = Entity::update_many()
        .col_expr(Column::State, Expr::value(written.state.as_str()))
        .col_expr(Column::RoundId, Expr::value(written.round_id.clone()))
        .col_expr(Column::Version, Expr::value(version))
        .filter(Column::ProcedureId.eq(&written.id))
        .filter(Column::Version.eq(written.version))
        .exec(conn)
        .await?;
    if changed.rows_affected == 0 {
        return Err(Error::etag_mismatch(etag::of(version)));
    }
    Ok(Procedure { version, ..written.clone() })
}
