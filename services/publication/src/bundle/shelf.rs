//! Where a bundle lies: in a directory, or in memory.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::Files;

/// What a bundle is read from.
pub trait Shelf {
    /// Every file's path, parted by '/'; and what lies there that is no file, with why.
    ///
    /// # Errors
    /// If the place cannot be read.
    fn list(&self) -> io::Result<(Vec<String>, Vec<String>)>;

    /// A file's content.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;
}

impl Shelf for Files {
    fn list(&self) -> io::Result<(Vec<String>, Vec<String>)> {
        Ok((self.keys().cloned().collect(), vec![]))
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A bundle in a directory. Links are never followed.
pub struct Directory(PathBuf);

impl Directory {
    /// The bundle in `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    fn walk(
        &self,
        under: &str,
        folder: &Path,
        files: &mut Vec<String>,
        odd: &mut Vec<String>,
    ) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = if under.is_empty() { name.into_owned() } else { format!("{under}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.walk(&path, &entry.path(), files, odd)?;
            } else if kind.is_file() {
                files.push(path);
            } else {
                odd.push(path);
            }
        }
        Ok(())
    }
}

impl Shelf for Directory {
    fn list(&self) -> io::Result<(Vec<String>, Vec<String>)> {
        let (mut files, mut odd) = (vec![], vec![]);
        self.walk("", &self.0, &mut files, &mut odd)?;
        files.sort();
        odd.sort();
        Ok((files, odd))
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        // A path of the manifest that is inside the bundle by its letters may still lead out by a link.
        let mut place = self.0.clone();
        for part in path.split('/') {
            place.push(part);
            if fs::symlink_metadata(&place)?.file_type().is_symlink() {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a link"));
            }
        }
        fs::read(place)
    }
}
