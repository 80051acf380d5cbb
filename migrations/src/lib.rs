//! The schema of every service, forward-only, one module a service.

use sea_orm_migration::prelude::*;

mod identity;
mod platform;
mod publication;
mod review;
mod submission;

/// Runs the migrations of all services, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        [platform::all(), identity::all(), submission::all(), review::all(), publication::all()]
            .into_iter()
            .flatten()
            .collect()
    }
}
