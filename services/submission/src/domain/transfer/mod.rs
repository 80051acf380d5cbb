//! Cells that come and go in bulk: as a spreadsheet, as CSV or JSON, as a stream.

pub mod bulk;
pub mod compare;
pub mod export;
pub mod json;
pub mod lines;
pub mod table;
pub mod template;
