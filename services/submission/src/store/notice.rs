//! Messages to organisations, and where they go.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, Condition, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*,
    sea_query::OnConflict,
};
use zhijian_platform::{Error, Page, Visibility};

use crate::domain::{notice::State, text::is_storable};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_notice")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub notice_id: String,
    pub cycle_year: i32,
    pub organisation_code: String,
    pub rule_code: String,
    pub due_day: String,
    pub language: String,
    pub subject: String,
    pub body: String,
    /// Ids with commas in between.
    pub submission_ids: String,
    pub state: String,
    pub attempts: i32,
    /// The operation that mails it; empty if none was asked for yet.
    pub operation_id: String,
    pub failure_zh: String,
    pub failure_en: String,
    pub send_after: Option<DateTimeUtc>,
    pub create_time: DateTimeUtc,
    pub approve_time: Option<DateTimeUtc>,
    pub sent_time: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Where it stands.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn state(&self) -> Result<State, Error> {
        State::parse(&self.state).ok_or_else(|| super::unreadable("notice", &self.notice_id, &self.state))
    }
}

/// Where an organisation gets its messages.
pub mod contact {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "submission_notice_contact")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_code: String,
        /// Empty for none.
        pub address: String,
        /// "zh" or "en".
        pub language: String,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which messages are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub cycle_year: Option<i32>,
    /// Empty means all.
    pub states: Vec<State>,
    pub organisation_code: Option<String>,
}

/// Adds drafts, leaving out those whose rule has spoken to their organisation; answers how many are new.
///
/// # Errors
/// The database's own.
pub async fn insert_new(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<u64, Error> {
    let mut added = 0;
    for rows in rows.chunks(super::ROWS_A_STATEMENT) {
        let rows = rows.iter().map(|row| row.clone().into_active_model().reset_all());
        added += Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([
                    Column::CycleYear,
                    Column::OrganisationCode,
                    Column::RuleCode,
                    Column::DueDay,
                ])
                .do_nothing()
                .to_owned(),
            )
            .exec_without_returning(conn)
            .await?;
    }
    Ok(added)
}

/// Whether a rule has spoken to an organisation about that day.
///
/// # Errors
/// The database's own.
pub async fn is_known(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    organisation_code: &str,
    rule_code: &str,
    due_day: &str,
) -> Result<bool, Error> {
    let query = Entity::find()
        .filter(Column::CycleYear.eq(cycle_year))
        .filter(Column::OrganisationCode.eq(organisation_code))
        .filter(Column::RuleCode.eq(rule_code))
        .filter(Column::DueDay.eq(due_day));
    Ok(query.count(conn).await? > 0)
}

/// The message of this id, if there is one.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, notice_id: &str) -> Result<Option<Model>, Error> {
    if !is_storable(notice_id) {
        return Ok(None);
    }
    Ok(Entity::find_by_id(notice_id).one(conn).await?)
}

/// The message of this id.
///
/// # Errors
/// NOT_FOUND if there is none; the database's own.
pub async fn get(conn: &impl ConnectionTrait, notice_id: &str) -> Result<Model, Error> {
    find(conn, notice_id).await?.ok_or_else(|| Error::not_found("notice", notice_id))
}

/// The messages of a page that the caller may see, newest first. Whoever does not see everybody's sees what was approved.
///
/// # Errors
/// The database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    page: &Page,
    filter: &Filter,
    visible: &Visibility,
) -> Result<Vec<Model>, Error> {
    let mut condition = Condition::all()
        .add_option(filter.cycle_year.map(|year| Column::CycleYear.eq(year)))
        .add_option(filter.organisation_code.as_ref().map(|code| Column::OrganisationCode.eq(code)))
        .add_option(page.after().filter(|key| is_storable(key)).map(|key| Column::NoticeId.lt(key)));
    if !filter.states.is_empty() {
        condition = condition.add(in_states(&filter.states));
    }
    if let Visibility::Only(codes) = visible {
        condition = condition.add(Column::OrganisationCode.is_in(codes)).add(in_states(&State::SHOWN));
    }
    Ok(Entity::find().filter(condition).order_by_desc(Column::NoticeId).limit(page.limit()).all(conn).await?)
}

fn in_states(states: &[State]) -> Expr {
    Column::State.is_in(states.iter().map(|state| state.as_str()))
}

/// How many messages of a cycle are in each state.
///
/// # Errors
/// The database's own; INTERNAL if a row is not ours.
pub async fn count(conn: &impl ConnectionTrait, cycle_year: i32) -> Result<Vec<(State, i64)>, Error> {
    let rows: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Column::NoticeId.count(), "count")
        .filter(Column::CycleYear.eq(cycle_year))
        .group_by(Column::State)
        .order_by_asc(Column::State)
        .into_tuple()
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|(name, count)| {
            let state = State::parse(&name).ok_or_else(|| super::unreadable("notice", "state", &name))?;
            Ok((state, count))
        })
        .collect()
}

/// How many approved messages of a cycle go to organisations without an address.
///
/// # Errors
/// The database's own.
pub async fn without_address(conn: &impl ConnectionTrait, cycle_year: i32) -> Result<u64, Error> {
    let addressed = sea_orm::sea_query::Query::select()
        .column(contact::Column::OrganisationCode)
        .from(contact::Entity)
        .and_where(contact::Column::Address.ne(""))
        .to_owned();
    Ok(Entity::find()
        .filter(Column::CycleYear.eq(cycle_year))
        .filter(Column::State.eq(State::Approved.as_str()))
        .filter(Column::OrganisationCode.not_in_subquery(addressed))
        .count(conn)
        .await?)
}

/// The newest operation that mailed something of a cycle; nothing if none did.
///
/// # Errors
/// The database's own.
pub async fn last_operation(conn: &impl ConnectionTrait, cycle_year: i32) -> Result<Option<String>, Error> {
    Ok(Entity::find()
        .select_only()
        .column(Column::OperationId)
        .filter(Column::CycleYear.eq(cycle_year))
        .filter(Column::OperationId.ne(""))
        .order_by_desc(Column::OperationId)
        .into_tuple()
        .one(conn)
        .await?)
}

/// The messages that an operation is to mail, or was mailing when it was cut off.
///
/// # Errors
/// The database's own.
pub async fn of_operation(
    conn: &impl ConnectionTrait,
    operation_id: &str,
    state: State,
) -> Result<Vec<Model>, Error> {
    Ok(Entity::find()
        .filter(Column::OperationId.eq(operation_id))
        .filter(Column::State.eq(state.as_str()))
        .order_by_asc(Column::NoticeId)
        .all(conn)
        .await?)
}

/// Queued messages whose time has come.
///
/// # Errors
/// The database's own.
pub async fn due(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Model>, Error> {
    Ok(Entity::find()
        .filter(Column::State.eq(State::Queued.as_str()))
        .filter(Column::SendAfter.lte(now))
        .order_by_asc(Column::NoticeId)
        .limit(500)
        .all(conn)
        .await?)
}

/// Stores a changed message under its next version.
///
/// # Errors
/// The database's own.
pub async fn save(conn: &impl ConnectionTrait, mut row: Model) -> Result<Model, Error> {
    row.version += 1;
    let key = row.notice_id.clone();
    let change = row.clone().into_active_model().reset_all();
    Entity::update_many()
        .set(ActiveModel { notice_id: sea_orm::ActiveValue::NotSet, ..change })
        .filter(Column::NoticeId.eq(key))
        .exec(conn)
        .await?;
    Ok(row)
}

/// Where these organisations get their messages.
///
/// # Errors
/// The database's own.
pub async fn contacts(
    conn: &impl ConnectionTrait,
    codes: Vec<String>,
) -> Result<std::collections::HashMap<String, contact::Model>, Error> {
    let mut found = std::collections::HashMap::new();
    for codes in codes.chunks(super::ROWS_A_STATEMENT) {
        let rows =
            contact::Entity::find().filter(contact::Column::OrganisationCode.is_in(codes)).all(conn).await?;
        found.extend(rows.into_iter().map(|row| (row.organisation_code.clone(), row)));
    }
    Ok(found)
}

/// Sets where an organisation gets its messages.
///
/// # Errors
/// The database's own.
pub async fn set_contact(conn: &impl ConnectionTrait, row: &contact::Model) -> Result<(), Error> {
    let row = contact::ActiveModel {
        organisation_code: Set(row.organisation_code.clone()),
        address: Set(row.address.clone()),
        language: Set(row.language.clone()),
        version: Set(row.version),
    };
    contact::Entity::insert(row)
        .on_conflict(
            OnConflict::column(contact::Column::OrganisationCode)
                .update_columns([
                    contact::Column::Address,
                    contact::Column::Language,
                    contact::Column::Version,
                ])
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(())
}
