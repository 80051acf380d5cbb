//! Tables of the submission service, a file a step.

use sea_orm_migration::MigrationTrait;

mod base;
mod checks;
mod effort;
mod lab;
mod narrative;
mod notice;
mod programme_registry;
mod transfer;
mod workflow;

/// The migrations of this service, oldest first. Append; never change one that has been released.
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(base::M0001),
        Box::new(narrative::Narrative),
        Box::new(programme_registry::ProgrammeRegistry),
        Box::new(workflow::Workflow),
        Box::new(transfer::Transfer),
        Box::new(notice::Notice),
        Box::new(effort::Effort),
        Box::new(checks::Checks),
        Box::new(lab::Lab),
    ]
}
