//! Differentiated funding: what a school gets for its students, by dated coefficients.

mod estimate;
mod input;
mod policy;

pub use estimate::{Change, Estimate, Line, estimate, money};
pub use input::{Input, headcounts, performance};
pub use policy::{Coefficient, FormulaKind, Policies, Policy, StudyLevel, place_of, sensible, sensible_base};
