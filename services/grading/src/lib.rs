//! Scores in, grades out; and who reviews what. Pure: no clock, no database, no randomness.
//!
//! - [`Rubric`] is what a scheme asks for: weighted elements, the bands with their cut-offs, and how scores are joined.
//! - [`grade`] turns the sheets of a panel into a [`Grade`] that explains itself.
//! - [`grade_round`] grades a whole round: with reviewers' severities taken off, by cut-offs or by rank, and says how far
//!   the reviewers agree.
//! - [`allot`] gives so many places to the best, and never splits a tie.
//! - [`Distribution`] counts grades and computes shares from the counts.
//! - [`assign`] gives every entry its panel, or says which rule is in the way; [`readjust`] mends panels with the least
//!   disturbance.
//!
//! Every number that decides is exact, and the same input gives the same output in whatever order it comes.

mod allot;
mod assign;
mod calibrate;
mod distribution;
mod exact;
mod grade;
mod method;
mod reliability;
mod round;
mod rubric;

pub use allot::{Allotment, Tie, Ties, allot, places};
pub use assign::{
    AssignError, Entry, Obstacle, Plan, Present, Readjusted, Reviewer, Seat, assign, assign_watched, readjust,
};
pub use calibrate::Calibration;
pub use distribution::{Count, Distribution, share};
pub use grade::{Grade, GradeError, grade, spread};
pub use method::Method;
pub use round::{Bounds, Reliability, RoundGrade, RoundResult, Rules, Sheet, grade_round};
pub use rubric::{Band, Element, Rubric, RubricError};
