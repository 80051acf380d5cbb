//! Scores in, grades out; and who reviews what. Pure: no clock, no database, no randomness.
//!
//! - [`Rubric`] is what a scheme asks for: weighted elements and the bands with their cut-offs.
//! - [`grade`] turns the sheets of a panel into a [`Grade`] that explains itself.
//! - [`Distribution`] counts grades and computes shares from the counts.
//! - [`assign`] gives every entry its panel, or says which rule is in the way.
//!
//! Every number is an exact decimal, and the same input gives the same output in whatever order it comes.

mod assign;
mod distribution;
mod grade;
mod rubric;

pub use assign::{AssignError, Entry, Obstacle, Plan, Reviewer, Seat, assign};
pub use distribution::{Count, Distribution, share};
pub use grade::{Grade, GradeError, grade, spread};
pub use rubric::{Band, Element, Rubric, RubricError};
