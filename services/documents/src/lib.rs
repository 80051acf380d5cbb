//! The files people bring, read and written: workbooks, CSV, DOCX, PDF. Pure: bytes in, structure out, no I/O.
//!
//! Whatever cannot be used is a [`Refusal`], which says in words why and what to do. Nothing here panics, follows a
//! link or believes what a file says about its own size.

mod archive;
mod bytes;
pub mod docx;
pub mod kind;
mod limits;
mod number;
pub mod pdf;
mod refusal;
pub mod register;
pub mod sheet;

pub use kind::Kind;
pub use limits::{Bound, Limits};
pub use number::{Normalised, NotANumber, Number};
pub use refusal::Refusal;
