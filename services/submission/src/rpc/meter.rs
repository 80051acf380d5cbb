//! What the trail does not hold: saves that were refused, and runs of the checks. Counted in memory and written now and then,
//! so that no save pays for it; a crash loses the last moments' counts and nothing else.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use zhijian_platform::Error;

/// How many reports are counted between two writings; more are not told apart.
const MOST: usize = 10_000;

/// Refused saves and checks of one report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Saves that were refused.
    pub rejected: i64,
    /// Runs of the checks.
    pub checks: i64,
}

/// Counts by report; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<HashMap<String, Counts>>>);

impl Meter {
    /// Counts a save that was refused for what it held, or for what somebody else had saved in between. Whoever may not
    /// save at all counts for nothing.
    pub fn refused(&self, submission_id: &str, error: &Error) {
        if matches!(error, Error::Invalid(_) | Error::EtagMismatch { .. } | Error::Precondition { .. }) {
            self.count(submission_id, |counts| counts.rejected += 1);
        }
    }

    /// Counts a run of the checks.
    pub fn checked(&self, submission_id: &str) {
        self.count(submission_id, |counts| counts.checks += 1);
    }

    /// What was counted since the last call.
    pub fn take(&self) -> HashMap<String, Counts> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn count(&self, submission_id: &str, add: impl FnOnce(&mut Counts)) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() < MOST || counts.contains_key(submission_id) {
            add(counts.entry(submission_id.to_owned()).or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_taken_once() {
        let meter = Meter::default();
        let conflict = Error::etag_mismatch("v2");
        meter.refused("sub_1", &conflict);
        meter.refused("sub_1", &Error::invalid("cells", "错", "wrong"));
        meter.refused("sub_1", &Error::SignInRequired);
        meter.checked("sub_1");
        assert_eq!(meter.take(), HashMap::from([("sub_1".to_owned(), Counts { rejected: 2, checks: 1 })]));
        assert_eq!(meter.take(), HashMap::new());
    }
}
