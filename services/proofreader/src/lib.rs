//! The proofreader: a report's text in, its contradictions out.
//!
//! [`check`] reads plain text (tables tab-separated or Markdown) and returns what a careful reader with a calculator
//! would mark. It does no I/O, keeps no state, and its cost is linear in the length of the text.
//!
//! ```
//! use zhijian_proofreader::{Options, check};
//!
//! let text = "全市职业院校共有学生100人，其中高职学生60人，中职学生45人。";
//! let findings = check(text, &Options::default());
//! assert_eq!(findings[0].rule, "arithmetic.sum");
//! ```

mod arithmetic;
mod claim;
mod context;
mod contradiction;
mod document;
mod duplication;
mod entry;
mod finding;
mod form;
mod interval;
mod metric;
mod names;
mod options;
mod quantity;
mod quotes;
mod reference;
mod report;
mod scope;
mod shingle;
mod similar;
mod source;
mod text;
mod unit;

pub use finding::{Class, Finding, Location, Severity};
pub use options::{Figure, FormerName, Options, OtherText, RegisteredName, Window};
pub use shingle::{Corpus, Overlap, Sketch};

/// Reads `text` and returns what is wrong with it, ordered by line.
pub fn check(text: &str, options: &Options) -> Vec<Finding> {
    let context = context::Context::read(text, options);
    let mut report = report::Report::default();
    arithmetic::check(&context, &mut report);
    contradiction::check(&context, &mut report);
    reference::check(&context, &mut report);
    names::check(&context, &mut report);
    duplication::check(&context, &mut report);
    form::check(&context, &mut report);
    source::check(&context, &mut report);
    report.finish()
}
