//! Tables of the publication service.

use sea_orm_migration::prelude::*;

/// The migrations of this service, oldest first. Append; never change one that has been released.
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![]
}
