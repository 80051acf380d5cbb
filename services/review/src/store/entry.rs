//! What is under review.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, entity::prelude::*,
};
use zhijian_platform::{Error, Page, Text, Visibility};

use super::{insert_all, read_json, result, round, write_json};
use crate::domain::{
    entry::{Entry, Subject},
    outcome::Outcome,
    round::State,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: String,
    pub round_id: String,
    /// What is reviewed: a programme's id, code and name, or those of whatever `subject_kind` says.
    pub programme_id: String,
    pub programme_code: String,
    pub programme_name_zh: String,
    pub programme_name_en: String,
    pub organisation_code: String,
    pub organisation_name_zh: String,
    pub organisation_name_en: String,
    pub barred_codes: String,
    pub subject_kind: String,
    /// Points that follow from reported numbers: a JSON object of points by criterion.
    pub given: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(has_one = "result::Entity")]
    Result,
}

impl Related<result::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Result.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Entry {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        Ok(Self {
            barred: read_json(&row.barred_codes)?,
            id: row.entry_id,
            round_id: row.round_id,
            given: read_json(&row.given)?,
            subject: Subject {
                kind: row.subject_kind.parse().map_err(Error::internal)?,
                id: row.programme_id,
                code: row.programme_code,
                name: Text::new(row.programme_name_zh, row.programme_name_en),
            },
            organisation_code: row.organisation_code,
            organisation_name: Text::new(row.organisation_name_zh, row.organisation_name_en),
        })
    }
}

/// Which entries a list is about.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Of one round, if given.
    pub round_id: Option<String>,
    /// Of one organisation, if given.
    pub organisation_code: Option<String>,
    /// With one of these grades; all if empty. A caller who sees only some organisations' entries finds them
    /// by grades only where these are revealed.
    pub grades: Vec<String>,
    /// Whose the caller may see.
    pub visibility: Visibility,
}

/// Stores new entries.
pub async fn insert(conn: &impl ConnectionTrait, entries: &[Entry]) -> Result<(), Error> {
    let rows = entries.iter().map(|entry| {
        Ok(ActiveModel {
            entry_id: Set(entry.id.clone()),
            round_id: Set(entry.round_id.clone()),
            programme_id: Set(entry.subject.id.clone()),
            programme_code: Set(entry.subject.code.clone()),
            programme_name_zh: Set(entry.subject.name.zh.clone()),
            programme_name_en: Set(entry.subject.name.en.clone()),
            subject_kind: Set(entry.subject.kind.to_string()),
            given: Set(write_json(&entry.given)?),
            organisation_code: Set(entry.organisation_code.clone()),
            organisation_name_zh: Set(entry.organisation_name.zh.clone()),
            organisation_name_en: Set(entry.organisation_name.en.clone()),
            barred_codes: Set(write_json(&entry.barred)?),
        })
    });
    insert_all(conn, rows.collect::<Result<Vec<_>, Error>>()?).await
}

/// Every entry of a round, in order of school, then programme.
pub async fn of_round(conn: &impl ConnectionTrait, round_id: &str) -> Result<Vec<Entry>, Error> {
    let query = Entity::find().filter(Column::RoundId.eq(round_id)).order_by_asc(Column::EntryId);
    query.all(conn).await?.into_iter().map(Entry::try_from).collect()
}

/// The entries of these ids.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Entry>, Error> {
    let ids: BTreeSet<String> = ids.into_iter().collect();
    let rows = Entity::find().filter(Column::EntryId.is_in(ids)).all(conn).await?;
    rows.into_iter().map(|row| Ok((row.entry_id.clone(), row.try_into()?))).collect()
}

/// The points that follow from reported numbers, of those entries of these rounds that have some.
pub async fn given(
    conn: &impl ConnectionTrait,
    rounds: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, BTreeMap<String, Decimal>>, Error> {
    let query = Entity::find().select_only().column(Column::EntryId).column(Column::Given);
    let query = query.filter(Column::RoundId.is_in(rounds)).filter(Column::Given.ne("{}"));
    let rows: Vec<(String, String)> = query.into_tuple().all(conn).await?;
    rows.into_iter().map(|(entry, given)| Ok((entry, read_json(&given)?))).collect()
}

/// Some entries with their grades, in the order in which rounds gathered them: by school, then programme.
pub async fn page(
    conn: &impl ConnectionTrait,
    page: &Page,
    filter: &Filter,
) -> Result<(Vec<(Entry, Option<Outcome>)>, String), Error> {
    let mut query =
        Entity::find().find_also_related(result::Entity).order_by_asc(Column::EntryId).limit(page.limit());
    if let Some(round_id) = &filter.round_id {
        query = query.filter(Column::RoundId.eq(round_id));
    }
    if let Some(code) = &filter.organisation_code {
        query = query.filter(Column::OrganisationCode.eq(code));
    }
    if let Visibility::Only(codes) = &filter.visibility {
        query = query.filter(Column::OrganisationCode.is_in(codes));
    }
    if !filter.grades.is_empty() {
        query = query.filter(result::Column::Grade.is_in(&filter.grades));
        if filter.visibility != Visibility::All {
            let revealed = round::Entity::find()
                .select_only()
                .column(round::Column::RoundId)
                .filter(round::Column::State.eq(State::Revealed.as_str()))
                .into_query();
            query = query.filter(Column::RoundId.in_subquery(revealed));
        }
    }
    if let Some(after) = page.after() {
        query = query.filter(Column::EntryId.gt(after));
    }
    let (rows, next) = page.finish(query.all(conn).await?, |(row, _)| row.entry_id.clone());
    let rows = rows
        .into_iter()
        .map(|(row, result)| Ok((row.try_into()?, result.map(Outcome::try_from).transpose()?)))
        .collect::<Result<_, Error>>()?;
    Ok((rows, next))
}
