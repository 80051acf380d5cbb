//! The year in an address.

use serde::Deserialize;

/// A year in an address. What is no number is the year 0, of which there is nothing, so that the reader is told in words
/// that the page does not exist.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(from = "String")]
pub struct Year(pub i32);

impl From<String> for Year {
    fn from(text: String) -> Self {
        Self(text.parse().unwrap_or_default())
    }
}
