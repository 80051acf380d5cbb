//! CSV files that Excel opens as they are meant.

use super::guard;

/// A CSV file in the making: UTF-8 with a mark, commas, CRLF, formulas guarded. Rows can be taken out as they are made, so
/// that a long file is never held whole.
#[derive(Debug)]
pub struct Csv {
    out: Vec<u8>,
}

impl Default for Csv {
    fn default() -> Self {
        Self::new()
    }
}

impl Csv {
    /// An empty file; the mark is its first three bytes.
    pub fn new() -> Self {
        Self { out: b"\xEF\xBB\xBF".to_vec() }
    }

    /// Adds a row.
    pub fn row<T: AsRef<str>>(&mut self, fields: impl IntoIterator<Item = T>) -> &mut Self {
        let start = self.out.len();
        for (index, field) in fields.into_iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.field(&guard::guarded(field.as_ref()));
        }
        if self.out.len() == start {
            // An empty line would be no row at all.
            self.out.extend_from_slice(b"\"\"");
        }
        self.out.extend_from_slice(b"\r\n");
        self
    }

    /// What was written since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// The rest of the file, or all of it if nothing was taken.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    fn field(&mut self, text: &str) {
        let trimmed = text.trim();
        if trimmed.len() == text.len() && !text.contains([',', ';', '\t', '"', '\r', '\n']) {
            self.out.extend_from_slice(text.as_bytes());
            return;
        }
        self.out.push(b'"');
        self.out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        self.out.push(b'"');
    }
}
