//! Compiles the editions: sets every document and stores it.

use std::collections::BTreeMap;

use zhijian_platform::{Error, Text};
use zhijian_proto::common::v1::ErrorReason;

use super::{Compiler, Progress};
use crate::{
    domain::{
        edition::{self, Built, Cover, Fault, Templates},
        facts::Facts,
        pin::Pinned,
        table::Table,
    },
    store::{edition::Edition, table::Kept},
    upstream::Region,
};

/// A failed compilation names at most this many faults.
const NAMED: usize = 20;

impl Compiler {
    /// Sets and stores the editions of a release.
    ///
    /// # Errors
    /// DATA_MISSING names the files and lines that bind to what is not there; the store's own.
    pub(super) async fn editions(
        &self,
        templates: &Templates,
        pinned: &Pinned,
        facts: &Facts,
        tables: &[Kept],
        region: &Region,
        progress: &mut Progress<'_>,
    ) -> Result<Vec<Edition>, Error> {
        progress.step(Text::new("正在编制各版年报", "Setting the editions")).await?;
        let tables: BTreeMap<String, Table> =
            tables.iter().map(|kept| (kept.table.number.clone(), kept.table.clone())).collect();
        let note = region.note.as_ref().map(|note| note.zh.clone()).unwrap_or_default();
        let cover = Cover { demonstration: region.demonstration, note };
        let built = edition::build(templates, pinned, facts, &tables, &cover).map_err(faults)?;
        let mut editions = Vec::with_capacity(built.len());
        for (place, built) in (1..).zip(built) {
            editions.push(self.stored(place, built).await?);
        }
        Ok(editions)
    }

    async fn stored(&self, place: i32, built: Built) -> Result<Edition, Error> {
        let document = serde_json::to_vec(&built.document).map_err(Error::internal)?;
        let kept = self.objects.keep(document.into()).await?;
        let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        Ok(Edition {
            code: built.code,
            organisation_code: built.organisation.unwrap_or_default(),
            title: built.title,
            figures: count(built.figures),
            tables: count(built.tables),
            values: count(built.values),
            document_hash: kept.sha256,
            place,
        })
    }
}

fn faults(faults: Vec<Fault>) -> Error {
    let violations = faults.iter().take(NAMED).map(Fault::violation).collect();
    Error::Precondition { reason: ErrorReason::DataMissing, violations }
}
