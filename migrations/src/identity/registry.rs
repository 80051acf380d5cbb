//! The register of organisations in full: particulars, former names, and what was changed when by whom.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Registry;

impl MigrationName for Registry {
    fn name(&self) -> &str {
        "identity_registry"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Registry {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            string_null("ownership"),
            string("supervising_body").default("").take(),
            string("website").default("").take(),
            string_null("credit_code"),
            string_null("founding_date"),
            string_null("closing_date"),
            string_null("merged_into"),
            string_null("merge_date"),
        ];
        // SQLite adds one column a statement.
        for column in columns {
            let alter = Table::alter().table("identity_organisation").add_column(column).to_owned();
            manager.alter_table(alter).await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("identity_organisation_district")
                    .table("identity_organisation")
                    .col("district")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("identity_organisation_name")
                    .col(string("code"))
                    // Former names in their order, oldest first.
                    .col(integer("place"))
                    .col(string("name_zh"))
                    .col(string("name_en"))
                    .col(string_null("from_date"))
                    .col(string_null("to_date"))
                    .col(boolean("mistaken"))
                    .primary_key(Index::create().col("code").col("place"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("identity_organisation_name_code")
                            .from("identity_organisation_name", "code")
                            .to("identity_organisation", "code"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("identity_organisation_change")
                    .col(big_integer("change_id").auto_increment().primary_key())
                    .col(string("code"))
                    .col(timestamp_with_time_zone("time"))
                    .col(string("account_name"))
                    .col(string("action"))
                    .col(text("changes"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("identity_organisation_change_code")
                    .table("identity_organisation_change")
                    .col("code")
                    .col("change_id")
                    .to_owned(),
            )
            .await
    }
}
