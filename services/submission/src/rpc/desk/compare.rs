//! What is different between two revisions.

use zhijian_platform::{Call, Error};
use zhijian_proto::{
    common::v1::Value as WireValue,
    submission::v1::{
        Change as WireChange, CompareRevisionsRequest, CompareRevisionsResponse, Passage as WirePassage,
        change, passage,
    },
};

use super::Desk;
use crate::{
    domain::{
        compare::{self, Change, Passage, Piece, Side, What},
        content::Cell,
    },
    rpc::{convert, submission::working::kind_of},
    store::{material, report, revision},
};

impl Desk {
    pub(super) async fn compare(
        &self,
        call: Call,
        input: CompareRevisionsRequest,
    ) -> Result<CompareRevisionsResponse, Error> {
        let (row, _) = self.rpc.admit(&call, &input.submission_id).await?;
        let catalogue = self.rpc.catalogue(&self.rpc.cycle(row.cycle_year).await?)?;
        let old = self.side(&row, input.from_revision).await?;
        let new = self.side(&row, input.to_revision).await?;
        // Two long texts take some time to compare: away from the threads that answer requests.
        let comparison = tokio::task::spawn_blocking(move || {
            let kind = kind_of(&catalogue, &row)?;
            Ok::<_, Error>(compare::compare(&catalogue, kind, &old, &new))
        });
        let comparison = comparison.await.map_err(Error::internal)??;
        Ok(CompareRevisionsResponse {
            changes: comparison.changes.into_iter().map(wire).collect(),
            unchanged_cells: i32::try_from(comparison.unchanged_cells).unwrap_or(i32::MAX),
            unchanged_sections: i32::try_from(comparison.unchanged_sections).unwrap_or(i32::MAX),
        })
    }

    /// The content of a revision; the working copy's for 0.
    async fn side(&self, row: &report::Model, number: i32) -> Result<Side, Error> {
        if number == 0 {
            let working = self.rpc.working(row.clone()).await?;
            let typed = &working.cells;
            let cells = working.values().into_iter().map(|(code, value)| {
                let note = typed.get(&code).map(|cell| cell.note.clone()).unwrap_or_default();
                let derived = !typed.contains_key(&code);
                (code, Cell { derived, note, value })
            });
            let cells = cells.collect();
            return Ok(Side {
                cells,
                sections: working.sections,
                explanations: working.explanations,
                material: working.material,
            });
        }
        let found = revision::get(self.rpc.ctx.db.reader(), &row.submission_id, number).await?;
        let explanations = serde_json::from_str(&found.explanations).map_err(Error::internal)?;
        let material = material::revision(self.rpc.ctx.db.reader(), &row.submission_id, number).await?;
        Ok(Side { cells: found.cells()?, sections: found.sections()?, explanations, material })
    }
}

fn wire(change: Change) -> WireChange {
    let kind = match change.what {
        What::Cell => change::Kind::Cell,
        What::Section => change::Kind::Section,
        What::Explanation => change::Kind::Explanation,
        What::Case => change::Kind::Case,
        What::Attachment => change::Kind::Attachment,
    };
    let value = |cell: &Option<Cell>| -> Option<WireValue> {
        cell.as_ref().map(|cell| convert::value(cell.value.clone()))
    };
    let note = |cell: &Option<Cell>| cell.as_ref().map(|cell| cell.note.clone()).unwrap_or_default();
    WireChange {
        kind: kind.into(),
        old_value: value(&change.old),
        new_value: value(&change.new),
        old_note: note(&change.old),
        new_note: note(&change.new),
        derived: change.new.as_ref().or(change.old.as_ref()).is_some_and(|cell| cell.derived),
        code: change.code,
        name: Some(change.name.into()),
        difference: change.difference.map(|number| number.to_string()).unwrap_or_default(),
        percent: change.percent.map(|number| number.to_string()).unwrap_or_default(),
        unit: Some(change.unit.into()),
        passages: change.passages.into_iter().map(passage).collect(),
    }
}

fn passage(passage: Passage) -> WirePassage {
    let kind = match passage.piece {
        Piece::Same => passage::Kind::Same,
        Piece::Removed => passage::Kind::Removed,
        Piece::Added => passage::Kind::Added,
        Piece::Skipped => passage::Kind::Skipped,
    };
    WirePassage {
        kind: kind.into(),
        text: passage.text,
        characters: i32::try_from(passage.skipped).unwrap_or(i32::MAX),
    }
}
