//! Full-text search that understands Chinese, in memory and without I/O.
//!
//! Chinese is looked up by pairs of neighbouring characters, which needs no dictionary and misses nothing; Latin words and
//! numbers are looked up whole. Results are ranked by BM25, counted by facet, and shown with the words found marked.
//!
//! ```
//! use zhijian_search::{Builder, Document, Query};
//!
//! let mut builder = Builder::new(1);
//! builder.add(Document {
//!     key: "sub_1/talent".into(),
//!     title: "人才培养".into(),
//!     name: "演示职业学院".into(),
//!     body: "学校深化产教融合，与 12 家企业共建现场工程师班。".into(),
//!     facets: vec!["2025".into()],
//! });
//! let index = builder.finish();
//! let found = index.search(&Query { text: "产教融合 企业", limit: 10, ..Query::default() });
//! assert_eq!(found.total, 1);
//! assert!(found.hits[0].snippet.iter().any(|piece| piece.hit && piece.text == "产教融合"));
//! ```

mod index;
mod postings;
mod search;
mod snippet;
mod text;

pub use index::{Builder, Index};
pub use search::{FacetCount, Hit, MAX_QUERY, MAX_REACH, Query, Results};
pub use snippet::Piece;

/// What can be found: a section of a report, a case, a passage of what was published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Names it for whoever shows it.
    pub key: String,
    /// Its heading; words in it weigh more.
    pub title: String,
    /// Whom it is about; found, too.
    pub name: String,
    /// The text.
    pub body: String,
    /// Its value of each facet; "" for none.
    pub facets: Vec<String>,
}
