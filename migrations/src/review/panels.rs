//! What experts declare, what the chair rules, who leaves a round, and how an assignment in the background is going.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Panels;

impl MigrationName for Panels {
    fn name(&self) -> &str {
        "review_panels"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Panels {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [relation(), ruling(), release(), vacated(), assigning(), anchor()] {
            manager.create_table(table).await?;
        }
        let index = Index::create()
            .name("review_relation_account")
            .table("review_relation")
            .col("account_id")
            .col("relation_id")
            .to_owned();
        manager.create_index(index).await
    }
}

fn relation() -> TableCreateStatement {
    Table::create()
        .table("review_relation")
        .col(string("relation_id").primary_key())
        .col(string("account_id"))
        .col(string("kind"))
        .col(string("organisation_code"))
        .col(string("programme_code"))
        .col(text("note"))
        .col(string("ended_on"))
        .col(boolean("by_self"))
        .col(timestamp_with_time_zone("declare_time"))
        .to_owned()
}

fn ruling() -> TableCreateStatement {
    Table::create()
        .table("review_conflict_ruling")
        .col(string("round_id"))
        .col(string("entry_id"))
        .col(string("account_id"))
        .col(string("kind"))
        .col(text("dismissed"))
        .col(text("reason"))
        .col(timestamp_with_time_zone("rule_time"))
        .primary_key(Index::create().col("round_id").col("entry_id").col("account_id"))
        .to_owned()
}

fn release() -> TableCreateStatement {
    Table::create()
        .table("review_release")
        .col(string("round_id"))
        .col(string("account_id"))
        .col(text("reason"))
        .col(timestamp_with_time_zone("release_time"))
        .primary_key(Index::create().col("round_id").col("account_id"))
        .to_owned()
}

fn vacated() -> TableCreateStatement {
    Table::create()
        .table("review_vacated")
        .col(string("assignment_id").primary_key())
        .col(string("round_id"))
        .col(string("entry_id"))
        .col(string("account_id"))
        .col(text("scores"))
        .col(text("comment"))
        .col(timestamp_with_time_zone("vacate_time"))
        .to_owned()
}

fn assigning() -> TableCreateStatement {
    Table::create()
        .table("review_assigning")
        .col(string("round_id").primary_key())
        .col(string("operation_id"))
        .to_owned()
}

fn anchor() -> TableCreateStatement {
    Table::create()
        .table("review_anchor")
        .col(string("round_id"))
        .col(string("entry_id"))
        .col(string("total"))
        .primary_key(Index::create().col("round_id").col("entry_id"))
        .to_owned()
}
