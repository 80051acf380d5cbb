//! The manifest: a line a file, `SHA-256` two spaces `path`, in order of path.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{MANIFEST, SIGNATURE};

/// The longest path, in bytes.
const MAX_PATH: usize = 300;

/// Why a manifest cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    #[error("the manifest is not UTF-8")]
    Encoding,
    #[error("line {0} of the manifest is not a sum and a path")]
    Line(usize),
    #[error("line {line} of the manifest names a path that leaves the bundle: {path:?}")]
    Path { line: usize, path: String },
    #[error("line {0} of the manifest is out of order or named twice")]
    Order(usize),
}

/// The SHA-256 of `bytes`, in hex.
pub fn sum(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Whether a path stays inside the bundle on every system: parts of letters, digits, '.', '-' and '_', parted by '/'.
pub fn is_inside(path: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
    };
    path.len() <= MAX_PATH && path.split('/').all(part)
}

/// Writes the manifest of files by their sums.
pub fn write<'a>(sums: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let sorted: BTreeMap<&str, String> = sums.into_iter().collect();
    sorted.into_iter().map(|(path, sum)| format!("{sum}  {path}\n")).collect()
}

/// Reads a manifest: the sum of each file by its path.
///
/// # Errors
/// Says which line is at fault.
pub fn read(bytes: &[u8]) -> Result<BTreeMap<String, String>, ManifestError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ManifestError::Encoding)?;
    let mut sums = BTreeMap::new();
    let mut last = "";
    for (line, entry) in (1..).zip(text.split_inclusive('\n')) {
        let entry = entry.strip_suffix('\n').ok_or(ManifestError::Line(line))?;
        let (sum, path) = entry.split_once("  ").ok_or(ManifestError::Line(line))?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if sum.len() != 64 || !sum.bytes().all(is_hex) {
            return Err(ManifestError::Line(line));
        }
        if !is_inside(path) {
            return Err(ManifestError::Path { line, path: path.to_owned() });
        }
        if path <= last || path == MANIFEST || path == SIGNATURE {
            return Err(ManifestError::Order(line));
        }
        last = path;
        sums.insert(path.to_owned(), sum.to_owned());
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_in_order() {
        let text = write([("data/b.csv", sum(b"b")), ("a.html", sum(b"a"))]);
        assert!(
            text.starts_with("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a.html\n")
        );
        let sums = read(text.as_bytes()).expect("our own");
        assert_eq!(sums.keys().collect::<Vec<_>>(), ["a.html", "data/b.csv"]);
    }

    #[test]
    fn paths_that_leave_the_bundle_are_refused() {
        for path in ["../x", "a/../../x", "/etc/passwd", "a//b", "a\\b", ".git/config", "C:x", "", "a/", "é"]
        {
            assert!(!is_inside(path), "{path}");
            let line = format!("{}  {path}\n", sum(b""));
            assert!(read(line.as_bytes()).is_err(), "{path}");
        }
        assert!(is_inside("data/tables/2-1.csv"));
    }

    #[test]
    fn lines_out_of_order_and_half_lines_are_refused() {
        let one = write([("b", sum(b"b"))]);
        let two = write([("a", sum(b"a"))]);
        assert_eq!(read(format!("{one}{two}").as_bytes()), Err(ManifestError::Order(2)));
        assert_eq!(read(format!("{one}{one}").as_bytes()), Err(ManifestError::Order(2)));
        assert_eq!(read(one.trim_end().as_bytes()), Err(ManifestError::Line(1)));
        assert_eq!(read(one.to_uppercase().as_bytes()), Err(ManifestError::Line(1)));
        assert_eq!(read(b"\xff\n"), Err(ManifestError::Encoding));
    }
}
