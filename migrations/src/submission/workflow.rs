//! Deadlines with grace, extensions, corrections, remarks, and who edits what.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Workflow;

impl MigrationName for Workflow {
    fn name(&self) -> &str {
        "submission_workflow"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Workflow {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            integer("grace_hours").default(0),
            boolean("grace_editing").default(false),
            string("contact_name").default(""),
            string("contact_phone").default(""),
            string("contact_email").default(""),
        ] {
            add(manager, "submission_cycle", column).await?;
        }
        for column in [
            integer("accepted_revision").default(0),
            string("correction_id").default(""),
            string("correction_from").default(""),
            &mut timestamp_with_time_zone_null("own_due_time"),
            text("editing_plan").default(""),
            text("last_edits").default(""),
        ] {
            add(manager, "submission_report", column).await?;
        }
        // What was accepted so far is what its newest revision says.
        let accepted = Query::update()
            .table("submission_report")
            .value("accepted_revision", Expr::col("revision_number"))
            .and_where(Expr::col("state").is_in(["accepted", "published"]))
            .to_owned();
        manager.execute(accepted).await?;
        for table in [revision_check(), comment(), extension(), correction()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

async fn add(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: impl IntoColumnDef,
) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}

fn revision_check() -> TableCreateStatement {
    Table::create()
        .table("submission_revision_check")
        .col(string("submission_id"))
        .col(integer("number"))
        .col(string("state"))
        .col(integer("errors"))
        .col(integer("open_warnings"))
        .col(timestamp_with_time_zone_null("end_time"))
        .primary_key(Index::create().col("submission_id").col("number"))
        .to_owned()
}

fn comment() -> TableCreateStatement {
    Table::create()
        .table("submission_comment")
        .col(string("comment_id").primary_key())
        .col(string("submission_id"))
        .col(integer("revision_number"))
        .col(string("indicator_code"))
        .col(string("section_code"))
        .col(text("body"))
        .col(text("answer"))
        .col(string("state"))
        .col(string("author_id"))
        .col(string("author_name"))
        .col(timestamp_with_time_zone("create_time"))
        .col(string("answerer_name"))
        .col(timestamp_with_time_zone_null("answer_time"))
        .col(big_integer("version"))
        .to_owned()
}

fn extension() -> TableCreateStatement {
    Table::create()
        .table("submission_extension")
        .col(string("extension_id").primary_key())
        .col(integer("cycle_year"))
        .col(string("organisation_code"))
        .col(text("reason"))
        .col(timestamp_with_time_zone("wanted_time"))
        .col(string("state"))
        .col(timestamp_with_time_zone_null("granted_time"))
        .col(text("decision"))
        .col(string("requester_name"))
        .col(timestamp_with_time_zone("create_time"))
        .col(string("decider_name"))
        .col(timestamp_with_time_zone_null("decide_time"))
        .col(big_integer("version"))
        .to_owned()
}

fn correction() -> TableCreateStatement {
    Table::create()
        .table("submission_correction")
        .col(string("correction_id").primary_key())
        .col(string("submission_id"))
        .col(integer("cycle_year"))
        .col(string("organisation_code"))
        .col(text("reason"))
        .col(string("state"))
        .col(integer("old_revision"))
        .col(integer("new_revision"))
        .col(text("decision"))
        .col(string("requester_name"))
        .col(timestamp_with_time_zone("create_time"))
        .col(string("decider_name"))
        .col(timestamp_with_time_zone_null("decide_time"))
        .col(big_integer("version"))
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
    vec![
        index("submission_comment_submission", "submission_comment", &["submission_id", "comment_id"]),
        index(
            "submission_extension_school",
            "submission_extension",
            &["cycle_year", "organisation_code", "extension_id"],
        ),
        index(
            "submission_correction_submission",
            "submission_correction",
            &["submission_id", "correction_id"],
        ),
    ]
}
