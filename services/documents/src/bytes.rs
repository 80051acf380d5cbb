//! Small helpers on bytes, and the fence around parsers that are not ours.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Refusal;

/// Whether `needle` occurs in `hay`.
pub(crate) fn contains(hay: &[u8], needle: &[u8]) -> bool {
    find(hay, needle).is_some()
}

/// Where `needle` first occurs in `hay`.
pub(crate) fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len().max(1)).position(|w| w == needle)
}

/// Where `needle` last occurs in `hay`.
pub(crate) fn last(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len().max(1)).rposition(|w| w == needle)
}

/// How often `needle` occurs in `hay`.
pub(crate) fn count(hay: &[u8], needle: &[u8]) -> usize {
    hay.windows(needle.len().max(1)).filter(|w| *w == needle).count()
}

/// Runs a parser of someone else; a panic in it means that the file is damaged.
pub(crate) fn fenced<T>(part: &str, parse: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(parse)).unwrap_or_else(|_| Err(Refusal::damaged(part)))
}
