//! Tables of the publication service, a file a step.

use sea_orm_migration::MigrationTrait;

mod base;
mod edition;
mod lifecycle;
mod reveal;

/// The migrations of this service, oldest first. Append; never change one that has been released.
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(base::M0001),
        Box::new(edition::Editions),
        Box::new(lifecycle::Lifecycle),
        Box::new(reveal::Reveals),
    ]
}
