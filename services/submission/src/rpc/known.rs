//! What never changes about a submission, so that saving one of its cells need not look it up first.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use zhijian_platform::{Call, Error, Grant, Resource};

use super::Rpc;
use crate::store::{cycle, report};

/// How many submissions are remembered: several regions' years.
const REMEMBERED: usize = 16_384;

/// Whose a submission is, and which rules it follows.
///
/// Whoever relies on it compares it with the row in the transaction, and forgets it if they differ.
#[derive(Debug, PartialEq, Eq)]
pub struct Facts {
    pub submission_id: String,
    pub organisation_code: String,
    pub report_kind: String,
    pub cycle_year: i32,
    pub catalogue_year: i32,
}

/// The submissions that were asked for, by id.
#[derive(Clone, Default)]
pub struct Known(Arc<RwLock<HashMap<String, Arc<Facts>>>>);

impl Facts {
    /// What a row says, and the catalogue that its cycle uses.
    pub fn of(row: report::Model, catalogue_year: i32) -> Self {
        Self {
            submission_id: row.submission_id,
            organisation_code: row.organisation_code,
            report_kind: row.report_kind,
            cycle_year: row.cycle_year,
            catalogue_year,
        }
    }

    /// Whether the rows still say so.
    pub fn holds(&self, row: &report::Model, cycle: &cycle::Model) -> bool {
        row.organisation_code == self.organisation_code
            && row.report_kind == self.report_kind
            && row.cycle_year == self.cycle_year
            && cycle.catalogue_year == self.catalogue_year
    }
}

impl Known {
    /// Forgets what turned out to be different; the caller asks again.
    pub fn stale(&self, facts: &Facts) -> Error {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&facts.submission_id);
        Error::Unavailable(format!("submission {} is another now", facts.submission_id).into())
    }

    pub fn get(&self, submission_id: &str) -> Option<Arc<Facts>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(submission_id).cloned()
    }

    pub fn remember(&self, facts: Arc<Facts>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(facts.submission_id.clone(), facts);
    }
}

impl Rpc {
    /// What is known of a submission, and the proof that the caller may do to it what the RPC declares.
    ///
    /// Whoever may not see everybody's learns nothing about which ids exist.
    pub(super) async fn admit_known(
        &self,
        call: &Call,
        submission_id: &str,
    ) -> Result<(Arc<Facts>, Grant), Error> {
        let resource = Resource::new("submission", submission_id);
        let facts = match self.known.get(submission_id) {
            Some(facts) => Some(facts),
            None => match report::find(self.ctx.db.reader(), submission_id).await? {
                Some(row) => {
                    let catalogue_year = self.cycle(row.cycle_year).await?.catalogue_year;
                    Some(Arc::new(Facts::of(row, catalogue_year)))
                }
                None => None,
            },
        };
        let Some(facts) = facts else {
            call.authorise(&resource)?;
            return Err(Error::not_found("submission", submission_id));
        };
        let grant = call.authorise(&resource.organisation(&facts.organisation_code))?;
        self.known.remember(facts.clone());
        Ok((facts, grant))
    }
}
