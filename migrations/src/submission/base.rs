//! The first tables.

use sea_orm_migration::{prelude::*, schema::*};

pub struct M0001;

impl MigrationName for M0001 {
    fn name(&self) -> &str {
        "submission_0001"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M0001 {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [cycle(), programme(), report(), cell(), section(), explanation(), revision(), event()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn cycle() -> TableCreateStatement {
    Table::create()
        .table("submission_cycle")
        .col(integer("year").primary_key())
        .col(string("name_zh"))
        .col(string("name_en"))
        .col(string("window_start"))
        .col(string("window_end"))
        .col(timestamp_with_time_zone_null("due_time"))
        .col(integer("catalogue_year"))
        .col(string("state"))
        .col(timestamp_with_time_zone("create_time"))
        .col(big_integer("version"))
        .to_owned()
}

fn programme() -> TableCreateStatement {
    Table::create()
        .table("submission_programme")
        .col(string("programme_id").primary_key())
        .col(string("organisation_code"))
        .col(string("code"))
        .col(string("level"))
        .col(string("name_zh"))
        .col(string("name_en"))
        .col(integer("opened_year"))
        .col(boolean("pilot"))
        .col(integer_null("pathway_year"))
        .col(integer_null("pathway_places"))
        .col(string_null("pathway_partner"))
        .col(string_null("pathway_partner_programme"))
        .col(integer_null("pathway_sequence"))
        .col(timestamp_with_time_zone("create_time"))
        .col(big_integer("version"))
        .to_owned()
}

fn report() -> TableCreateStatement {
    Table::create()
        .table("submission_report")
        .col(string("submission_id").primary_key())
        .col(integer("cycle_year"))
        .col(string("report_kind"))
        .col(string("organisation_code"))
        .col(string("subject_code"))
        .col(string("state"))
        .col(integer("revision_number"))
        .col(integer("filled_cells"))
        .col(integer("required_cells"))
        .col(string("declaration_name"))
        .col(string("declaration_office"))
        .col(timestamp_with_time_zone_null("declaration_time"))
        .col(text("return_comment"))
        .col(timestamp_with_time_zone("create_time"))
        .col(timestamp_with_time_zone("update_time"))
        .col(big_integer("version"))
        .to_owned()
}

fn cell() -> TableCreateStatement {
    Table::create()
        .table("submission_cell")
        .col(string("submission_id"))
        .col(string("indicator_code"))
        .col(string("kind"))
        .col(string("value"))
        .col(string("note"))
        .col(big_integer("version"))
        .primary_key(Index::create().col("submission_id").col("indicator_code"))
        .to_owned()
}

fn section() -> TableCreateStatement {
    Table::create()
        .table("submission_section")
        .col(string("submission_id"))
        .col(string("section_code"))
        .col(text("body"))
        .col(big_integer("version"))
        .primary_key(Index::create().col("submission_id").col("section_code"))
        .to_owned()
}

fn explanation() -> TableCreateStatement {
    Table::create()
        .table("submission_explanation")
        .col(string("submission_id"))
        .col(string("finding_id"))
        .col(text("explanation"))
        .col(string("account_id"))
        .col(timestamp_with_time_zone("time"))
        .primary_key(Index::create().col("submission_id").col("finding_id"))
        .to_owned()
}

fn revision() -> TableCreateStatement {
    Table::create()
        .table("submission_revision")
        .col(string("submission_id"))
        .col(integer("number"))
        .col(string("receipt_id").unique_key())
        .col(string("content_hash"))
        .col(text("cells"))
        .col(text("sections"))
        .col(text("explanations"))
        .col(string("declaration_name"))
        .col(string("declaration_office"))
        .col(timestamp_with_time_zone("declaration_time"))
        .col(timestamp_with_time_zone("create_time"))
        .primary_key(Index::create().col("submission_id").col("number"))
        .to_owned()
}

fn event() -> TableCreateStatement {
    Table::create()
        .table("submission_event")
        .col(big_integer("event_id").auto_increment().primary_key())
        .col(string("submission_id"))
        .col(timestamp_with_time_zone("time"))
        .col(string("action"))
        .col(string("account_id"))
        .col(string("account_name"))
        .col(string("state"))
        .col(text("comment"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table);
        for column in columns {
            index.col(*column);
        }
        index
    };
    let report = ["cycle_year", "report_kind", "subject_code", "organisation_code"];
    vec![
        // A programme is known by school, code and level; the register is listed in this order.
        index("submission_programme_key", "submission_programme", &["organisation_code", "code", "level"])
            .unique()
            .take(),
        index("submission_programme_pathway", "submission_programme", &["pathway_year"]),
        // One report of a kind and subject a year and organisation; also finds last year's.
        index("submission_report_key", "submission_report", &report).unique().take(),
        // What lists page by, over all years and within one.
        index(
            "submission_report_list",
            "submission_report",
            &["organisation_code", "report_kind", "submission_id"],
        ),
        index(
            "submission_report_cycle_list",
            "submission_report",
            &["cycle_year", "organisation_code", "report_kind", "submission_id"],
        ),
        // Counts by kind and state, and what was accepted in a year.
        index(
            "submission_report_state",
            "submission_report",
            &["cycle_year", "state", "report_kind", "submission_id"],
        ),
        index("submission_event_submission", "submission_event", &["submission_id", "event_id"]),
    ]
}
