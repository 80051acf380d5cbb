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
