//! The rules of collecting a year's reports. Nothing here does I/O.

pub mod catalogue;
pub mod check;
pub mod content;
pub mod cycle;
pub mod derive;
pub mod edit;
pub mod expression;
pub mod programme;
pub mod proofread;
pub mod submission;
pub mod text;
pub mod value;
