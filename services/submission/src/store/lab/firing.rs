//! The firings of replays, and what they add up to.

use sea_orm::{
    Condition, FromQueryResult, IntoActiveModel, QueryOrder, QuerySelect, Statement, entity::prelude::*,
};
use zhijian_platform::{Error, Page};

use crate::{
    domain::text::is_storable,
    store::{ROWS_A_STATEMENT, bad_token},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_lab_firing")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub replay_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub rule_code: String,
    pub change: String,
    /// "" if the draft does not fire.
    pub severity: String,
    /// "" if the rules in force do not fire.
    pub severity_in_force: String,
    pub cycle_year: i32,
    pub report_kind: String,
    pub organisation_code: String,
    pub subject_code: String,
    pub submission_id: String,
    pub revision_number: i32,
    /// Codes with commas in between.
    pub indicator_codes: String,
    pub section_code: String,
    pub computation: String,
    pub message_zh: String,
    pub message_en: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Which firings are wanted; what is empty does not filter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub rule_code: String,
    pub organisation_code: String,
    pub change: Option<&'static str>,
}

/// Adds firings.
///
/// # Errors
/// The database's own.
pub async fn insert(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), Error> {
    for chunk in rows.chunks(ROWS_A_STATEMENT) {
        let rows = chunk.iter().cloned().map(|row| row.into_active_model().reset_all());
        Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// The firings of a page, in the order of the replay.
///
/// # Errors
/// INVALID_ARGUMENT if the page's token is not of this list; the database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    page: &Page,
    replay_id: &str,
    filter: &Filter,
) -> Result<Vec<Model>, Error> {
    let given = |text: &str| !text.is_empty();
    if !is_storable(&filter.rule_code) || !is_storable(&filter.organisation_code) {
        return Ok(vec![]);
    }
    let after = page.after().map(|key| key.parse::<i64>().map_err(|_| bad_token())).transpose()?;
    let condition = Condition::all()
        .add(Column::ReplayId.eq(replay_id))
        .add_option(after.map(|after| Column::Position.gt(after)))
        .add_option(given(&filter.rule_code).then(|| Column::RuleCode.eq(&filter.rule_code)))
        .add_option(
            given(&filter.organisation_code).then(|| Column::OrganisationCode.eq(&filter.organisation_code)),
        )
        .add_option(filter.change.map(|change| Column::Change.eq(change)));
    Ok(Entity::find().filter(condition).order_by_asc(Column::Position).limit(page.limit()).all(conn).await?)
}

/// What the firings of one rule add up to.
#[derive(Debug, Clone, Default, FromQueryResult)]
pub struct OfRule {
    pub rule_code: String,
    pub fires_new: i64,
    pub fires_same: i64,
    pub fires_gone: i64,
    pub reports_fired: i64,
    pub reports_fired_in_force: i64,
    pub organisations_fired: i64,
}

/// What the firings of one organisation add up to.
#[derive(Debug, Clone, FromQueryResult)]
pub struct OfOrganisation {
    pub organisation_code: String,
    pub fires_new: i64,
    pub fires_same: i64,
    pub fires_gone: i64,
    pub rules_fired: i64,
    pub errors: i64,
    pub errors_in_force: i64,
}

/// The three counts that every sum has.
const COUNTS: &str = "COUNT(CASE WHEN change = 'new' THEN 1 END) AS fires_new, \
    COUNT(CASE WHEN change = 'same' THEN 1 END) AS fires_same, \
    COUNT(CASE WHEN change = 'gone' THEN 1 END) AS fires_gone";

/// What the firings of a replay add up to, rule by rule.
///
/// # Errors
/// The database's own.
pub async fn by_rule(conn: &impl ConnectionTrait, replay_id: &str) -> Result<Vec<OfRule>, Error> {
    let sql = format!(
        "SELECT rule_code, {COUNTS}, \
         COUNT(DISTINCT CASE WHEN change <> 'gone' THEN submission_id END) AS reports_fired, \
         COUNT(DISTINCT CASE WHEN change <> 'new' THEN submission_id END) AS reports_fired_in_force, \
         COUNT(DISTINCT CASE WHEN change <> 'gone' THEN organisation_code END) AS organisations_fired \
         FROM submission_lab_firing WHERE replay_id = $1 GROUP BY rule_code"
    );
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, [replay_id.into()]);
    Ok(OfRule::find_by_statement(statement).all(conn).await?)
}

/// What the firings of a page's organisations add up to, in order of code; of one rule, if one is given.
///
/// # Errors
/// The database's own.
pub async fn by_organisation(
    conn: &impl ConnectionTrait,
    page: &Page,
    replay_id: &str,
    rule_code: &str,
) -> Result<Vec<OfOrganisation>, Error> {
    if !is_storable(rule_code) {
        return Ok(vec![]);
    }
    let after = page.after().filter(|key| is_storable(key)).unwrap_or_default();
    let sql = format!(
        "SELECT organisation_code, {COUNTS}, \
         COUNT(DISTINCT CASE WHEN change <> 'gone' THEN rule_code END) AS rules_fired, \
         COUNT(CASE WHEN severity = 'error' THEN 1 END) AS errors, \
         COUNT(CASE WHEN severity_in_force = 'error' THEN 1 END) AS errors_in_force \
         FROM submission_lab_firing \
         WHERE replay_id = $1 AND organisation_code > $2 AND ($3 = '' OR rule_code = $3) \
         GROUP BY organisation_code ORDER BY organisation_code LIMIT $4"
    );
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX);
    let values = [replay_id.into(), after.into(), rule_code.into(), limit.into()];
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    Ok(OfOrganisation::find_by_statement(statement).all(conn).await?)
}
