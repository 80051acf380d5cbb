//! Lists page by key: the token is the last key of the page before.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::Error;

const DEFAULT_SIZE: u64 = 100;
const MAX_SIZE: i32 = 1000;

/// One page that a caller asked for.
#[derive(Debug, Clone)]
pub struct Page {
    size: u64,
    after: Option<String>,
}

impl Page {
    /// Reads `page_size` and `page_token`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT if the size is negative or the token is not one of ours. A size over 1000 means 1000.
    pub fn parse(page_size: i32, page_token: &str) -> Result<Self, Error> {
        let size = match page_size {
            0 => DEFAULT_SIZE,
            size if size > 0 => u64::from(size.min(MAX_SIZE).unsigned_abs()),
            _ => {
                return Err(Error::invalid(
                    "page_size",
                    "page_size 不能为负数。",
                    "page_size cannot be negative.",
                ));
            }
        };
        let after = match page_token {
            "" => None,
            token => Some(
                URL_SAFE_NO_PAD
                    .decode(token)
                    .ok()
                    .and_then(|bytes| String::from_utf8(bytes).ok())
                    .ok_or_else(|| {
                        Error::invalid(
                            "page_token",
                            "page_token 无效：请使用上一页返回的值，或留空从头开始。",
                            "The page_token is not valid: use the one the last page returned, or none to start over.",
                        )
                    })?,
            ),
        };
        Ok(Self { size, after })
    }

    /// The key after which the page begins.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// How many rows to query: one more than the page holds, to know whether another follows.
    pub fn limit(&self) -> u64 {
        self.size + 1
    }

    /// Cuts the queried rows to the page, and makes the token of the next ("" on the last).
    pub fn finish<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> String) -> (Vec<T>, String) {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        if rows.len() <= size {
            return (rows, String::new());
        }
        rows.truncate(size);
        let token = rows.last().map(|row| URL_SAFE_NO_PAD.encode(key(row))).unwrap_or_default();
        (rows, token)
    }
}
