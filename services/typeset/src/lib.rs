//! Sets a document in type. One model in; a web page, a book, a text document and plain Markdown out, with the same
//! chapters, numbers, tables and charts in each. Nothing here reads a database or a clock: the same document gives the
//! same bytes.

pub mod model;

pub use model::Document;
