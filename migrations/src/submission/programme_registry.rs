//! The register of programmes in full: the cluster, and since when a programme is withdrawn.

use sea_orm_migration::{prelude::*, schema::*};

pub struct ProgrammeRegistry;

impl MigrationName for ProgrammeRegistry {
    fn name(&self) -> &str {
        "submission_programme_registry"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ProgrammeRegistry {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column a statement.
        for column in [string("cluster").default("").take(), integer_null("withdrawn_year")] {
            let alter = Table::alter().table("submission_programme").add_column(column).to_owned();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
