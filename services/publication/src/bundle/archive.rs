//! A bundle as one file to send: a ZIP of its files.

use std::io::{Cursor, Read, Write};

use zip::{CompressionMethod, ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::{Files, manifest::is_inside};

/// How many files and bytes an archive may unpack to.
const MOST_FILES: usize = 20_000;
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// Why an archive cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("this is not a ZIP file that can be read")]
    Zip(#[from] ZipError),
    #[error("the file cannot be read")]
    Read(#[from] std::io::Error),
    #[error("the archive names a path that leaves the bundle: {0:?}")]
    Path(String),
    #[error("the archive holds more than {MOST_FILES} files or {MOST_BYTES} bytes")]
    TooLarge,
}

/// Packs files, each of them always to the same bytes.
///
/// # Errors
/// The writer's own.
pub fn pack(files: &Files) -> Result<Vec<u8>, ArchiveError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    for (path, content) in files {
        zip.start_file(path, options)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Unpacks an archive into memory.
///
/// # Errors
/// Says what is wrong with it.
pub fn unpack(archive: &[u8]) -> Result<Files, ArchiveError> {
    let mut zip = ZipArchive::new(Cursor::new(archive))?;
    if zip.len() > MOST_FILES {
        return Err(ArchiveError::TooLarge);
    }
    let mut files = Files::new();
    let mut left = MOST_BYTES;
    for index in 0..zip.len() {
        let file = zip.by_index(index)?;
        if file.is_dir() {
            continue;
        }
        let path = file.name()?.into_owned();
        if file.is_symlink() || !is_inside(&path) || files.contains_key(&path) {
            return Err(ArchiveError::Path(path));
        }
        let mut content = Vec::new();
        // What the archive says of its sizes is not believed.
        file.take(left + 1).read_to_end(&mut content)?;
        left = left
            .checked_sub(u64::try_from(content.len()).unwrap_or(u64::MAX))
            .ok_or(ArchiveError::TooLarge)?;
        files.insert(path, content);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_unpacks_and_packs_to_the_same_bytes() {
        let files =
            Files::from([("a/b.txt".to_owned(), b"hello".to_vec()), ("c.txt".to_owned(), vec![0; 100_000])]);
        let archive = pack(&files).expect("in memory");
        assert!(archive.len() < 2_000);
        assert_eq!(archive, pack(&files).expect("in memory"));
        assert_eq!(unpack(&archive).expect("our own"), files);
    }

    #[test]
    fn a_climbing_path_is_refused() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("../evil.txt", SimpleFileOptions::default()).expect("written");
        zip.write_all(b"x").expect("written");
        let archive = zip.finish().expect("finished").into_inner();
        assert!(matches!(unpack(&archive), Err(ArchiveError::Path(path)) if path == "../evil.txt"));
        assert!(matches!(unpack(b"no zip"), Err(ArchiveError::Zip(_))));
    }
}
