//! What organisations bring to procedures.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, entity::prelude::*, sea_query::Expr,
};
use zhijian_platform::{Error, Page, Text, Visibility, etag};

use super::{insert_all, join_key, read_json, split_key, write_json};
use crate::domain::{
    entry::Subject,
    procedure::item::Item,
    scheme::{Actor, Procedure},
};

/// Where items without a date stand in the order of dates.
const NO_DATE: &str = "9999-12-31";

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: String,
    pub procedure_id: String,
    pub organisation_code: String,
    pub organisation_name_zh: String,
    pub organisation_name_en: String,
    pub supervisor_code: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub programme_code: String,
    pub title_zh: String,
    pub title_en: String,
    pub barred_codes: String,
    pub at: String,
    pub ended: bool,
    /// Who takes the present step; empty once it has ended. It follows from `at`, and is here to be found by.
    pub actor: String,
    pub forms: String,
    pub taken: String,
    pub due_date: Option<Date>,
    /// The due date as text, the far future for none: what lists are ordered by.
    pub due_order: String,
    pub reviewed: bool,
    pub create_time: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Item {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        Ok(Self {
            barred: read_json(&row.barred_codes)?,
            forms: read_json(&row.forms)?,
            taken: read_json(&row.taken)?,
            subject: Subject {
                kind: row.subject_kind.parse().map_err(Error::internal)?,
                id: row.subject_id,
                code: row.programme_code,
                name: Text::new(row.title_zh, row.title_en),
            },
            id: row.item_id,
            procedure_id: row.procedure_id,
            organisation_code: row.organisation_code,
            organisation_name: Text::new(row.organisation_name_zh, row.organisation_name_en),
            supervisor_code: row.supervisor_code,
            at: row.at,
            ended: row.ended,
            due_date: row.due_date,
            reviewed: row.reviewed,
            create_time: row.create_time,
            version: row.version,
        })
    }
}

/// Whose turn it is.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    /// Roles of the region that the caller has.
    pub region: Vec<Actor>,
    /// Organisations that the caller acts for, be it as the school or as its supervisor.
    pub organisations: Vec<String>,
}

/// Which items a list is about.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Of one procedure, if given.
    pub procedure_id: Option<String>,
    /// Of one organisation, if given.
    pub organisation_code: Option<String>,
    /// At one step or end, if given.
    pub at: Option<String>,
    /// Those whose present step these take, if given.
    pub turn: Option<Turn>,
    /// Whose the caller may see: those of its organisations, and of organisations that these supervise.
    pub visibility: Visibility,
}

/// Stores new items.
pub async fn insert(conn: &impl ConnectionTrait, procedure: &Procedure, items: &[Item]) -> Result<(), Error> {
    let rows = items.iter().map(|item| {
        Ok(ActiveModel {
            item_id: Set(item.id.clone()),
            procedure_id: Set(item.procedure_id.clone()),
            organisation_code: Set(item.organisation_code.clone()),
            organisation_name_zh: Set(item.organisation_name.zh.clone()),
            organisation_name_en: Set(item.organisation_name.en.clone()),
            supervisor_code: Set(item.supervisor_code.clone()),
            subject_kind: Set(item.subject.kind.to_string()),
            subject_id: Set(item.subject.id.clone()),
            programme_code: Set(item.subject.code.clone()),
            title_zh: Set(item.subject.name.zh.clone()),
            title_en: Set(item.subject.name.en.clone()),
            barred_codes: Set(write_json(&item.barred)?),
            at: Set(item.at.clone()),
            ended: Set(item.ended),
            actor: Set(actor(procedure, item)),
            forms: Set(write_json(&item.forms)?),
            taken: Set(write_json(&item.taken)?),
            due_date: Set(item.due_date),
            due_order: Set(due_order(item)),
            reviewed: Set(item.reviewed),
            create_time: Set(item.create_time),
            version: Set(item.version),
        })
    });
    insert_all(conn, rows.collect::<Result<Vec<_>, Error>>()?).await
}

fn actor(procedure: &Procedure, item: &Item) -> String {
    item.actor(procedure).map(Actor::as_str).unwrap_or_default().to_owned()
}

fn due_order(item: &Item) -> String {
    item.due_date.map_or_else(|| NO_DATE.to_owned(), |due| due.to_string())
}

/// The item of this id.
pub async fn find(conn: &impl ConnectionTrait, id: &str) -> Result<Option<Item>, Error> {
    Entity::find_by_id(id).one(conn).await?.map(Item::try_from).transpose()
}

/// Every item of a procedure, in order of organisation, then of what it is about.
pub async fn of_procedure(conn: &impl ConnectionTrait, procedure_id: &str) -> Result<Vec<Item>, Error> {
    let query = Entity::find()
        .filter(Column::ProcedureId.eq(procedure_id))
        .order_by_asc(Column::OrganisationCode)
        .order_by_asc(Column::ProgrammeCode)
        .order_by_asc(Column::ItemId);
    query.all(conn).await?.into_iter().map(Item::try_from).collect()
}

/// How many items a school has brought to a procedure, those it gave up left out.
pub async fn brought(
    conn: &impl ConnectionTrait,
    procedure_id: &str,
    organisation_code: &str,
) -> Result<u64, Error> {
    let query = Entity::find()
        .filter(Column::ProcedureId.eq(procedure_id))
        .filter(Column::OrganisationCode.eq(organisation_code))
        .filter(Column::At.ne(crate::domain::procedure::item::WITHDRAWN));
    Ok(query.count(conn).await?)
}

/// How many items of a procedure have not ended.
pub async fn under_way(conn: &impl ConnectionTrait, procedure_id: &str) -> Result<u64, Error> {
    let query = Entity::find().filter(Column::ProcedureId.eq(procedure_id)).filter(Column::Ended.eq(false));
    Ok(query.count(conn).await?)
}

/// Those that have a date and wait for a school, or for who supervises it.
pub async fn awaited(conn: &impl ConnectionTrait) -> Result<Vec<Item>, Error> {
    let query = Entity::find()
        .filter(Column::Ended.eq(false))
        .filter(Column::DueDate.is_not_null())
        .filter(Column::Actor.is_in([Actor::School.as_str(), Actor::Supervisor.as_str()]))
        .order_by_asc(Column::ItemId);
    query.all(conn).await?.into_iter().map(Item::try_from).collect()
}

/// How many items that the caller may see are at each step and end of each procedure.
pub async fn counts(
    conn: &impl ConnectionTrait,
    procedures: impl IntoIterator<Item = String>,
    visibility: &Visibility,
) -> Result<HashMap<String, HashMap<String, i64>>, Error> {
    let rows: Vec<(String, String, i64)> = Entity::find()
        .select_only()
        .column(Column::ProcedureId)
        .column(Column::At)
        .column_as(Column::ItemId.count(), "items")
        .filter(Column::ProcedureId.is_in(procedures))
        .filter(seen(visibility))
        .group_by(Column::ProcedureId)
        .group_by(Column::At)
        .into_tuple()
        .all(conn)
        .await?;
    let mut counts: HashMap<String, HashMap<String, i64>> = HashMap::new();
    for (procedure, at, count) in rows {
        counts.entry(procedure).or_default().insert(at, count);
    }
    Ok(counts)
}

fn seen(visibility: &Visibility) -> Condition {
    match visibility {
        Visibility::All => Condition::all(),
        Visibility::Only(codes) => Condition::any()
            .add(Column::OrganisationCode.is_in(codes))
            .add(Column::SupervisorCode.is_in(codes)),
    }
}

/// Some items, those due first coming first.
pub async fn page(
    conn: &impl ConnectionTrait,
    page: &Page,
    filter: &Filter,
) -> Result<(Vec<Item>, String), Error> {
    let mut query = Entity::find()
        .filter(seen(&filter.visibility))
        .order_by_asc(Column::DueOrder)
        .order_by_asc(Column::ItemId)
        .limit(page.limit());
    if let Some(procedure) = &filter.procedure_id {
        query = query.filter(Column::ProcedureId.eq(procedure));
    }
    if let Some(code) = &filter.organisation_code {
        query = query.filter(Column::OrganisationCode.eq(code));
    }
    if let Some(at) = &filter.at {
        query = query.filter(Column::At.eq(at));
    }
    if let Some(turn) = &filter.turn {
        let of = |actor: Actor, whose: Column| {
            Condition::all()
                .add(Column::Actor.eq(actor.as_str()))
                .add(whose.is_in(turn.organisations.iter().cloned()))
        };
        let region = turn.region.iter().map(|actor| actor.as_str());
        query = query.filter(
            Condition::any()
                .add(Column::Actor.is_in(region))
                .add(of(Actor::School, Column::OrganisationCode))
                .add(of(Actor::Supervisor, Column::SupervisorCode)),
        );
    }
    if let Some(after) = page.after() {
        let (due, id) = split_key(after)?;
        let same_day = Condition::all().add(Column::DueOrder.eq(due)).add(Column::ItemId.gt(id));
        query = query.filter(Condition::any().add(Column::DueOrder.gt(due)).add(same_day));
    }
    let (rows, next) = page.finish(query.all(conn).await?, |row| join_key(&row.due_order, &row.item_id));
    Ok((rows.into_iter().map(Item::try_from).collect::<Result<_, _>>()?, next))
}

/// Stores what has changed, under the next version.
///
/// # Errors
/// ABORTED if somebody else changed it meanwhile.
pub async fn write(
    conn: &impl ConnectionTrait,
    procedure: &Procedure,
    written: &Item,
) -> Result<Item, Error> {
    let version = written.version + 1;
    let changed = Entity::update_many()
        .col_expr(Column::At, Expr::value(written.at.clone()))
        .col_expr(Column::Ended, Expr::value(written.ended))
        .col_expr(Column::Actor, Expr::value(actor(procedure, written)))
        .col_expr(Column::Forms, Expr::value(write_json(&written.forms)?))
        .col_expr(Column::Taken, Expr::value(write_json(&written.taken)?))
        .col_expr(Column::DueDate, Expr::value(written.due_date))
        .col_expr(Column::DueOrder, Expr::value(due_order(written)))
        .col_expr(Column::Reviewed, Expr::value(written.reviewed))
        .col_expr(Column::Version, Expr::value(version))
        .filter(Column::ItemId.eq(&written.id))
        .filter(Column::Version.eq(written.version))
        .exec(conn)
        .await?;
    if changed.rows_affected == 0 {
        return Err(Error::etag_mismatch(etag::of(version)));
    }
    Ok(Item { version, ..written.clone() })
}
