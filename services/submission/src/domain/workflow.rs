//! How long things may take, from `submission/workflow.toml`.

use std::time::Duration;

use serde::Deserialize;
use zhijian_platform::rules::{self, RulesDir, RulesError};

const FILE: &str = "submission/workflow.toml";

/// The longest patience with a check, in milliseconds: whoever submits is waiting.
const MAX_PATIENCE: u64 = 20_000;
/// The longest time to mend, in days.
const MAX_MEND_DAYS: u32 = 365;

/// The figures of the workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    check_patience_ms: u64,
    /// How many days a school has to mend what was returned, or to correct what was opened, where no date is given.
    pub mend_days: u32,
}

impl Workflow {
    /// Reads the shipped file, or the one of the rules directory.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let read: Self = rules::load(dir, FILE, include_str!("../../catalogue/workflow.toml"))?;
        if read.check_patience_ms > MAX_PATIENCE {
            let detail = format!("must be at most {MAX_PATIENCE}: whoever submits is waiting");
            return Err(RulesError::content(FILE, "check_patience_ms", detail));
        }
        if !(1..=MAX_MEND_DAYS).contains(&read.mend_days) {
            return Err(RulesError::content(FILE, "mend_days", format!("must lie within 1–{MAX_MEND_DAYS}")));
        }
        Ok(read)
    }

    /// How long a submission waits for its check before the receipt is given without it.
    pub fn check_patience(&self) -> Duration {
        Duration::from_millis(self.check_patience_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_figures_are_sound_and_wrong_ones_are_named() {
        Workflow::load(&RulesDir::default()).expect("the shipped file is sound");
        for (text, key) in [
            ("check_patience_ms = 60000\nmend_days = 7", "check_patience_ms"),
            ("check_patience_ms = 100\nmend_days = 0", "mend_days"),
            ("check_patience_ms = 100", "mend_days"),
            ("check_patience_ms = 100\nmend_days = 7\nmendays = 8", "mendays"),
        ] {
            let directory = tempfile::tempdir().expect("a directory");
            std::fs::create_dir(directory.path().join("submission")).expect("made");
            std::fs::write(directory.path().join(FILE), text).expect("written");
            let error =
                Workflow::load(&RulesDir::new(Some(directory.path().to_owned()))).unwrap_err().to_string();
            assert!(error.contains(FILE) && error.contains(key), "{error}");
        }
    }
}
