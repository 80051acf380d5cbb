//! Sets a document in type. One model in; a web page, a book, a text document and plain Markdown out, with the same
//! chapters, numbers, tables and charts in each. Nothing here reads a database or a clock: the same document gives the
//! same bytes.

pub mod chart;
pub mod docx;
mod fonts;
pub mod html;
pub mod markdown;
pub mod model;
pub mod pdf;
mod picture;
mod print;
mod text;

pub use model::Document;
