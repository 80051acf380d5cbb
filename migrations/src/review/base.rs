//! The first tables.

use sea_orm_migration::{prelude::*, schema::*};

pub struct M0001;

impl MigrationName for M0001 {
    fn name(&self) -> &str {
        "review_0001"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M0001 {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [reviewer(), round(), entry(), assignment(), result(), rectification()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("review_reviewer_name", "review_reviewer", ["name", "account_id"]),
            ("review_entry_round", "review_entry", ["round_id", "entry_id"]),
            ("review_entry_organisation", "review_entry", ["organisation_code", "entry_id"]),
            ("review_assignment_round", "review_assignment", ["round_id", "assignment_id"]),
            ("review_assignment_account", "review_assignment", ["account_id", "assignment_id"]),
            ("review_result_round", "review_result", ["round_id", "grade"]),
            ("review_rectification_due", "review_rectification", ["plan_due_date", "rectification_id"]),
            ("review_rectification_round", "review_rectification", ["round_id", "plan_due_date"]),
            (
                "review_rectification_organisation",
                "review_rectification",
                ["organisation_code", "plan_due_date"],
            ),
        ] {
            let [first, second] = columns;
            manager
                .create_index(Index::create().name(name).table(table).col(first).col(second).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn reviewer() -> TableCreateStatement {
    Table::create()
        .table("review_reviewer")
        .col(string("account_id").primary_key())
        .col(string("name"))
        .col(string("organisation_code"))
        .col(text("past_organisation_codes"))
        .col(text("expertise"))
        .col(integer("max_load"))
        .col(big_integer("version"))
        .to_owned()
}

fn round() -> TableCreateStatement {
    Table::create()
        .table("review_round")
        .col(string("round_id").primary_key())
        .col(integer("cycle_year"))
        .col(string("scheme_code"))
        .col(text("scheme"))
        .col(string("name_zh"))
        .col(string("name_en"))
        .col(string("state"))
        .col(integer("entry_count"))
        .col(timestamp_with_time_zone_null("due_time"))
        .col(timestamp_with_time_zone("create_time"))
        .col(big_integer("version"))
        .index(Index::create().name("review_round_exercise").unique().col("cycle_year").col("scheme_code"))
        .to_owned()
}

fn entry() -> TableCreateStatement {
    Table::create()
        .table("review_entry")
        .col(string("entry_id").primary_key())
        .col(string("round_id"))
        .col(string("programme_id"))
        .col(string("programme_code"))
        .col(string("programme_name_zh"))
        .col(string("programme_name_en"))
        .col(string("organisation_code"))
        .col(string("organisation_name_zh"))
        .col(string("organisation_name_en"))
        .col(text("barred_codes"))
        .foreign_key(&mut belongs_to("review_entry", "round_id", "review_round"))
        .index(Index::create().name("review_entry_programme").unique().col("round_id").col("programme_id"))
        .to_owned()
}

fn assignment() -> TableCreateStatement {
    Table::create()
        .table("review_assignment")
        .col(string("assignment_id").primary_key())
        .col(string("round_id"))
        .col(string("entry_id"))
        .col(string("account_id"))
        .col(string("organisation_code"))
        .col(boolean("arbiter"))
        .col(string("state"))
        .col(text("scores"))
        .col(text("comment"))
        .col(timestamp_with_time_zone_null("submit_time"))
        .col(big_integer("version"))
        .foreign_key(&mut belongs_to("review_assignment", "entry_id", "review_entry"))
        .index(Index::create().name("review_assignment_seat").unique().col("entry_id").col("account_id"))
        .to_owned()
}

fn result() -> TableCreateStatement {
    Table::create()
        .table("review_result")
        .col(string("entry_id").primary_key())
        .col(string("round_id"))
        .col(string("grade"))
        .col(string("band_group"))
        .col(string("total"))
        .col(text("elements"))
        .col(string_null("to_next"))
        .col(boolean("decided_by_one"))
        .col(string("spread"))
        .foreign_key(&mut belongs_to("review_result", "entry_id", "review_entry"))
        .to_owned()
}

fn rectification() -> TableCreateStatement {
    Table::create()
        .table("review_rectification")
        .col(string("rectification_id").primary_key())
        .col(string("entry_id").unique_key())
        .col(string("round_id"))
        .col(string("organisation_code"))
        .col(string("grade"))
        .col(string("state"))
        .col(text("findings"))
        .col(date("plan_due_date"))
        .col(text("plan"))
        .col(timestamp_with_time_zone("create_time"))
        .col(timestamp_with_time_zone_null("plan_time"))
        .col(big_integer("version"))
        .foreign_key(&mut belongs_to("review_rectification", "entry_id", "review_entry"))
        .to_owned()
}

/// A foreign key to the column of the same name.
fn belongs_to(table: &'static str, column: &'static str, parent: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("{table}_{column}")).from(table, column).to(parent, column).to_owned()
}
