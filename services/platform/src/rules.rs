//! Rules that are data: TOML files shipped in the binary, which a directory may override.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// Why a rule file cannot be used. The text names the file, and the line or key at fault.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The file is there but cannot be read.
    #[error("cannot read {file}: check that it is readable")]
    Read { file: String, source: std::io::Error },
    /// The file is not valid TOML, lacks a key or has one that is unknown.
    #[error("{file}: {detail}")]
    Syntax { file: String, detail: String },
    /// The content contradicts itself.
    #[error("{file}: {key}: {detail}")]
    Content { file: String, key: String, detail: String },
}

impl RulesError {
    /// A key whose value is wrong.
    pub fn content(file: &str, key: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Content { file: file.to_owned(), key: key.into(), detail: detail.into() }
    }
}

/// Where rule files are taken from before the shipped ones.
#[derive(Debug, Clone, Default)]
pub struct RulesDir(Option<PathBuf>);

impl RulesDir {
    /// Overrides from `directory`, if given.
    pub fn new(directory: Option<PathBuf>) -> Self {
        Self(directory)
    }

    /// The text of `name` ("review/schemes/pilot-monitoring.toml"): the directory's file if there is one, else `shipped`.
    ///
    /// # Errors
    /// [`RulesError::Read`] if the file exists and cannot be read.
    pub fn text(&self, name: &str, shipped: &str) -> Result<String, RulesError> {
        match self.path(name) {
            Some(path) => read(&path),
            None => Ok(shipped.to_owned()),
        }
    }

    /// The file names directly under `folder` that end in `.toml` in the overriding directory, in order.
    pub fn extra(&self, folder: &str) -> Vec<String> {
        let Some(root) = &self.0 else { return vec![] };
        let mut names: Vec<String> = std::fs::read_dir(root.join(folder))
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".toml"))
            .map(|name| format!("{folder}/{name}"))
            .collect();
        names.sort();
        names
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.0.as_ref().map(|root| root.join(name)).filter(|path| path.exists())
    }
}

fn read(path: &Path) -> Result<String, RulesError> {
    std::fs::read_to_string(path)
        .map_err(|source| RulesError::Read { file: path.display().to_string(), source })
}

/// Reads `name` as `T`.
///
/// # Errors
/// Names the file, and the line and key at fault.
pub fn load<T: DeserializeOwned>(dir: &RulesDir, name: &str, shipped: &str) -> Result<T, RulesError> {
    let text = dir.text(name, shipped)?;
    toml::from_str(&text)
        .map_err(|error| RulesError::Syntax { file: name.to_owned(), detail: error.to_string() })
}
