//! Entries about other things than programmes; procedures, their items, and what happened to these.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Subjects;

impl MigrationName for Subjects {
    fn name(&self) -> &str {
        "review_procedure_subjects"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Subjects {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite takes no more.
        let columns =
            [string("subject_kind").default("programme").to_owned(), text("given").default("{}").to_owned()];
        for column in columns {
            manager.alter_table(Table::alter().table("review_entry").add_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

pub struct Procedures;

impl MigrationName for Procedures {
    fn name(&self) -> &str {
        "review_procedure_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Procedures {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [procedure(), item(), item_event()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("review_item_procedure", "review_item", ["procedure_id", "at"]),
            ("review_item_organisation", "review_item", ["organisation_code", "due_order"]),
            ("review_item_due", "review_item", ["due_order", "item_id"]),
            ("review_item_event_of", "review_item_event", ["item_id", "event_id"]),
        ] {
            let [first, second] = columns;
            manager
                .create_index(Index::create().name(name).table(table).col(first).col(second).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn procedure() -> TableCreateStatement {
    Table::create()
        .table("review_procedure")
        .col(string("procedure_id").primary_key())
        .col(integer("cycle_year"))
        .col(string("scheme_code"))
        .col(text("scheme"))
        .col(string("name_zh"))
        .col(string("name_en"))
        .col(string("state"))
        .col(string_null("round_id"))
        .col(date_null("apply_due_date"))
        .col(timestamp_with_time_zone("create_time"))
        .col(big_integer("version"))
        .index(
            Index::create().name("review_procedure_exercise").unique().col("cycle_year").col("scheme_code"),
        )
        .to_owned()
}

fn item() -> TableCreateStatement {
    Table::create()
        .table("review_item")
        .col(string("item_id").primary_key())
        .col(string("procedure_id"))
        .col(string("organisation_code"))
        .col(string("organisation_name_zh"))
        .col(string("organisation_name_en"))
        .col(string("supervisor_code"))
        .col(string("subject_kind"))
        .col(string("subject_id"))
        .col(string("programme_code"))
        .col(string("title_zh"))
        .col(string("title_en"))
        .col(text("barred_codes"))
        .col(string("at"))
        .col(boolean("ended"))
        .col(string("actor"))
        .col(text("forms"))
        .col(text("taken"))
        .col(date_null("due_date"))
        .col(string("due_order"))
        .col(boolean("reviewed"))
        .col(timestamp_with_time_zone("create_time"))
        .col(big_integer("version"))
        .foreign_key(
            ForeignKey::create()
                .name("review_item_procedure_id")
                .from("review_item", "procedure_id")
                .to("review_procedure", "procedure_id"),
        )
        .to_owned()
}

fn item_event() -> TableCreateStatement {
    Table::create()
        .table("review_item_event")
        .col(string("event_id").primary_key())
        .col(string("item_id"))
        .col(timestamp_with_time_zone("time"))
        .col(string("step"))
        .col(string("outcome"))
        .col(string("led_to"))
        .col(text("comment"))
        .col(text("form"))
        .to_owned()
}
