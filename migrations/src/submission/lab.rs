//! Replays of draft rules: what was tried, how far it is, and what came of it.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Lab;

impl MigrationName for Lab {
    fn name(&self) -> &str {
        "submission_lab"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Lab {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("submission_lab_replay")
                    .col(string("replay_id").primary_key())
                    .col(string("name"))
                    .col(integer("catalogue_year"))
                    .col(string("cycle_years"))
                    .col(boolean("all_revisions"))
                    .col(text("rules_toml"))
                    .col(string("operation_id"))
                    .col(string("account_id"))
                    .col(string("account_name"))
                    .col(timestamp_with_time_zone("create_time"))
                    .col(timestamp_with_time_zone_null("end_time"))
                    .col(integer("place_year"))
                    .col(string("place_after"))
                    .col(integer("reports"))
                    .col(integer("revisions"))
                    .col(integer("left_out"))
                    .col(text("reports_by_kind"))
                    .col(big_integer("fires_new"))
                    .col(big_integer("fires_same"))
                    .col(big_integer("fires_gone"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("submission_lab_firing")
                    .col(string("replay_id"))
                    .col(big_integer("position"))
                    .col(string("rule_code"))
                    .col(string("change"))
                    .col(string("severity"))
                    .col(string("severity_in_force"))
                    .col(integer("cycle_year"))
                    .col(string("report_kind"))
                    .col(string("organisation_code"))
                    .col(string("subject_code"))
                    .col(string("submission_id"))
                    .col(integer("revision_number"))
                    .col(text("indicator_codes"))
                    .col(string("section_code"))
                    .col(text("computation"))
                    .col(text("message_zh"))
                    .col(text("message_en"))
                    .primary_key(Index::create().col("replay_id").col("position"))
                    .to_owned(),
            )
            .await?;
        for (name, column) in [
            ("submission_lab_firing_by_rule", "rule_code"),
            ("submission_lab_firing_by_organisation", "organisation_code"),
        ] {
            manager
                .create_index(
                    Index::create()
                        .name(name)
                        .table("submission_lab_firing")
                        .col("replay_id")
                        .col(column)
                        .col("position")
                        .to_owned(),
                )
                .await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("submission_lab_rule")
                    .col(string("replay_id"))
                    .col(integer("position"))
                    .col(string("rule_code"))
                    .col(string("standing"))
                    .col(string("severity"))
                    .col(string("severity_in_force"))
                    .col(text("message_zh"))
                    .col(text("message_en"))
                    .col(text("expression"))
                    .col(integer("reports"))
                    .col(integer("reports_fired"))
                    .col(integer("reports_fired_in_force"))
                    .col(integer("organisations_fired"))
                    .col(big_integer("fires_new"))
                    .col(big_integer("fires_same"))
                    .col(big_integer("fires_gone"))
                    .primary_key(Index::create().col("replay_id").col("position"))
                    .to_owned(),
            )
            .await
    }
}
