//! Sheets that are given back, discussion, sealed results, feedback, appeals, and who is monitored again.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Scoring;

impl MigrationName for Scoring {
    fn name(&self) -> &str {
        "review_scoring"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Scoring {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            sheet_event(),
            discussion(),
            reveal(),
            sealed_read(),
            feedback(),
            appeal(),
            former_result(),
            compulsory(),
        ] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("review_sheet_event_of", "review_sheet_event", ["assignment_id", "event_id"]),
            ("review_discussion_of", "review_discussion", ["entry_id", "comment_id"]),
            ("review_sealed_read_of", "review_sealed_read", ["round_id", "read_id"]),
            ("review_appeal_organisation", "review_appeal", ["organisation_code", "appeal_id"]),
            ("review_appeal_round", "review_appeal", ["round_id", "appeal_id"]),
            ("review_former_result_of", "review_former_result", ["entry_id", "former_id"]),
        ] {
            let [first, second] = columns;
            manager
                .create_index(Index::create().name(name).table(table).col(first).col(second).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn sheet_event() -> TableCreateStatement {
    Table::create()
        .table("review_sheet_event")
        .col(string("event_id").primary_key())
        .col(string("assignment_id"))
        .col(string("cause"))
        .col(text("reason"))
        .col(text("scores"))
        .col(text("comment"))
        .col(timestamp_with_time_zone_null("submit_time"))
        .col(timestamp_with_time_zone("time"))
        .to_owned()
}

fn discussion() -> TableCreateStatement {
    Table::create()
        .table("review_discussion")
        .col(string("comment_id").primary_key())
        .col(string("entry_id"))
        .col(string("occasion"))
        .col(string("assignment_id"))
        .col(text("body"))
        .col(timestamp_with_time_zone("time"))
        .to_owned()
}

fn reveal() -> TableCreateStatement {
    Table::create()
        .table("review_reveal")
        .col(string("round_id").primary_key())
        .col(timestamp_with_time_zone("time"))
        .col(date_null("appeal_due_date"))
        .to_owned()
}

fn sealed_read() -> TableCreateStatement {
    Table::create()
        .table("review_sealed_read")
        .col(string("read_id").primary_key())
        .col(string("round_id"))
        .col(timestamp_with_time_zone("time"))
        .col(string("account_id"))
        .col(string("account_name"))
        .col(string("action"))
        .col(text("what"))
        .col(integer("result_count"))
        .to_owned()
}

fn feedback() -> TableCreateStatement {
    Table::create()
        .table("review_feedback")
        .col(string("entry_id").primary_key())
        .col(string("state"))
        .col(text("overall"))
        .col(text("remarks"))
        .col(big_integer("version"))
        .to_owned()
}

fn appeal() -> TableCreateStatement {
    Table::create()
        .table("review_appeal")
        .col(string("appeal_id").primary_key())
        .col(string("entry_id").unique_key())
        .col(string("round_id"))
        .col(string("organisation_code"))
        .col(string("state"))
        .col(string("grade"))
        .col(string("total"))
        .col(string("ground_code"))
        .col(text("element_codes"))
        .col(text("statement"))
        .col(timestamp_with_time_zone("file_time"))
        .col(date("decide_due_date"))
        .col(boolean("upheld"))
        .col(text("reason"))
        .col(timestamp_with_time_zone_null("decide_time"))
        .col(string_null("new_grade"))
        .col(string_null("new_total"))
        .col(big_integer("version"))
        .to_owned()
}

fn former_result() -> TableCreateStatement {
    Table::create()
        .table("review_former_result")
        .col(string("former_id").primary_key())
        .col(string("entry_id"))
        .col(string("grade"))
        .col(string("total"))
        .col(text("elements"))
        .col(text("reason"))
        .col(timestamp_with_time_zone("until_time"))
        .to_owned()
}

fn compulsory() -> TableCreateStatement {
    Table::create()
        .table("review_compulsory")
        .col(string("entry_id").primary_key())
        .col(string("rectification_id"))
        .to_owned()
}
