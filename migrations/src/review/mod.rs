//! Tables of the review service, a file a step.

use sea_orm_migration::MigrationTrait;

mod assistance;
mod base;
mod calibration;
mod funding;
mod panels;
mod procedure;
mod rectification;
mod scoring;

/// The migrations of this service, oldest first. Append; never change one that has been released.
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(base::M0001),
        Box::new(calibration::Calibration),
        Box::new(rectification::Rectification),
        Box::new(funding::Funding),
        Box::new(panels::Panels),
        Box::new(procedure::Subjects),
        Box::new(procedure::Procedures),
        Box::new(scoring::Scoring),
        Box::new(assistance::Assistance),
    ]
}
