//! Reminders and where they go; the exports of a year.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Notice;

impl MigrationName for Notice {
    fn name(&self) -> &str {
        "submission_notice"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Notice {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [notice(), contact(), export()] {
            manager.create_table(table).await?;
        }
        let index = |name: &'static str, columns: &[&'static str]| {
            let mut index = Index::create();
            index.name(name).table("submission_notice");
            for column in columns {
                index.col(*column);
            }
            index
        };
        // A rule speaks to an organisation once for each due day.
        let key = ["cycle_year", "organisation_code", "rule_code", "due_day"];
        manager.create_index(index("submission_notice_key", &key).unique().take()).await?;
        manager.create_index(index("submission_notice_state", &["state", "send_after"])).await?;
        manager.create_index(index("submission_notice_own", &["organisation_code", "notice_id"])).await
    }
}

fn notice() -> TableCreateStatement {
    Table::create()
        .table("submission_notice")
        .col(string("notice_id").primary_key())
        .col(integer("cycle_year"))
        .col(string("organisation_code"))
        .col(string("rule_code"))
        .col(string("due_day"))
        .col(string("language"))
        .col(string("subject"))
        .col(text("body"))
        .col(text("submission_ids"))
        .col(string("state"))
        .col(integer("attempts"))
        .col(string("operation_id"))
        .col(text("failure_zh"))
        .col(text("failure_en"))
        .col(timestamp_with_time_zone_null("send_after"))
        .col(timestamp_with_time_zone("create_time"))
        .col(timestamp_with_time_zone_null("approve_time"))
        .col(timestamp_with_time_zone_null("sent_time"))
        .col(big_integer("version"))
        .to_owned()
}

fn contact() -> TableCreateStatement {
    Table::create()
        .table("submission_notice_contact")
        .col(string("organisation_code").primary_key())
        .col(string("address"))
        .col(string("language"))
        .col(big_integer("version"))
        .to_owned()
}

fn export() -> TableCreateStatement {
    Table::create()
        .table("submission_export")
        .col(string("export_id").primary_key())
        .col(integer("cycle_year"))
        .col(string("format"))
        .col(string("operation_id"))
        .col(string("object"))
        .col(big_integer("size"))
        .col(string("sha256"))
        .col(integer("submissions"))
        .col(big_integer("cells"))
        .col(timestamp_with_time_zone("create_time"))
        .col(timestamp_with_time_zone("expire_time"))
        .to_owned()
}
