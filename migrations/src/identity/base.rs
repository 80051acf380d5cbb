//! The first tables.

use sea_orm_migration::{prelude::*, schema::*};

pub struct M0001;

impl MigrationName for M0001 {
    fn name(&self) -> &str {
        "identity_0001"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M0001 {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // At most one row: an installation serves one region.
        manager
            .create_table(
                Table::create()
                    .table("identity_region")
                    .col(integer("region_id").primary_key())
                    .col(string("name_zh"))
                    .col(string("name_en"))
                    .col(boolean("demonstration"))
                    .col(text_null("note_zh"))
                    .col(text_null("note_en"))
                    .col(timestamp_with_time_zone_null("demonstration_load_time"))
                    .col(big_integer("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("identity_organisation")
                    .col(string("code").primary_key())
                    .col(string("kind"))
                    .col(string("name_zh"))
                    .col(string("name_en"))
                    .col(string_null("level"))
                    .col(string("district"))
                    .col(boolean("demonstration"))
                    .col(string_null("parent_code"))
                    .col(timestamp_with_time_zone("create_time"))
                    .col(big_integer("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("identity_organisation_parent")
                            .from("identity_organisation", "parent_code")
                            .to("identity_organisation", "code"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("identity_organisation_kind")
                    .table("identity_organisation")
                    .col("kind")
                    .col("code")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("identity_account")
                    .col(string("account_id").primary_key())
                    .col(string("sign_in_name").unique_key())
                    .col(string("display_name"))
                    .col(string("password_hash"))
                    .col(timestamp_with_time_zone("create_time"))
                    .col(big_integer("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("identity_role")
                    .col(string("account_id"))
                    .col(string("role"))
                    .col(string("organisation_code"))
                    .primary_key(Index::create().col("account_id").col("role").col("organisation_code"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("identity_role_account")
                            .from("identity_role", "account_id")
                            .to("identity_account", "account_id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("identity_role_organisation")
                            .from("identity_role", "organisation_code")
                            .to("identity_organisation", "code"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("identity_role_role")
                    .table("identity_role")
                    .col("role")
                    .col("account_id")
                    .to_owned(),
            )
            .await?;
        // No foreign key to the account: tries at names that nobody has are counted just the same.
        manager
            .create_table(
                Table::create()
                    .table("identity_attempt")
                    .col(big_integer("attempt_id").auto_increment().primary_key())
                    .col(string("sign_in_name"))
                    .col(timestamp_with_time_zone("time"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("identity_attempt_name")
                    .table("identity_attempt")
                    .col("sign_in_name")
                    .col("time")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("identity_attempt_time")
                    .table("identity_attempt")
                    .col("time")
                    .to_owned(),
            )
            .await
    }
}
