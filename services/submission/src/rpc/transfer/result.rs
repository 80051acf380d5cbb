//! What an import found and did, as the wire has it.

use std::collections::HashMap;

use zhijian_platform::{Error, Text, etag};
use zhijian_proto::submission::v1::{
    Cell, CellChange, ConflictChoice, ImportFault, ImportResult, SaveCellsResponse,
};

use crate::{
    domain::{
        catalogue::Catalogue,
        transfer::{
            compare::{Comparison, Difference},
            lines::{Fault, Lines},
        },
    },
    rpc::convert,
    store::report,
};

/// What a file would change.
pub fn preview(
    catalogue: &Catalogue,
    row: report::Model,
    lines: Lines,
    comparison: &Comparison,
) -> Result<ImportResult, Error> {
    held(catalogue, row, &lines, comparison, false)
}

/// What a file would change, and why it did not: conflicts, or a report that is another since the preview.
pub fn held(
    catalogue: &Catalogue,
    row: report::Model,
    lines: &Lines,
    comparison: &Comparison,
    stale: bool,
) -> Result<ImportResult, Error> {
    let mut notices: Vec<ImportFault> = lines.notices.iter().map(fault).collect();
    if stale {
        let text = Text::new(
            "预览之后有人改过这份年报，所以没有写入。下面是重新比较的结果，请再看一遍。",
            "Somebody changed the report after the preview, so nothing was saved. Look at the new comparison.",
        );
        notices.insert(0, fault(&Fault::new("", "", text)));
    }
    let places: HashMap<&str, usize> = catalogue
        .indicators
        .iter()
        .enumerate()
        .map(|(place, indicator)| (indicator.code.as_str(), place))
        .collect();
    let in_order = |differences: &[Difference]| {
        let mut changes: Vec<CellChange> = differences.iter().map(change).collect();
        changes.sort_by_key(|change| places.get(change.indicator_code.as_str()).copied());
        changes
    };
    Ok(ImportResult {
        applied: false,
        changes: in_order(&comparison.changes),
        conflicts: in_order(&comparison.conflicts),
        faults: lines.faults.iter().map(fault).collect(),
        notices,
        rows_read: i32::try_from(lines.rows_read).unwrap_or(i32::MAX),
        submission: Some(convert::submission(row)?),
        cells: vec![],
    })
}

/// What a file has changed.
pub fn applied(
    lines: &Lines,
    comparison: &Comparison,
    choice: ConflictChoice,
    saved: SaveCellsResponse,
) -> ImportResult {
    let mut changes: Vec<CellChange> = comparison.changes.iter().map(change).collect();
    let mut conflicts: Vec<CellChange> = comparison.conflicts.iter().map(change).collect();
    if choice == ConflictChoice::Replace {
        changes.append(&mut conflicts);
    }
    ImportResult {
        applied: true,
        changes,
        conflicts,
        faults: vec![],
        notices: lines.notices.iter().map(fault).collect(),
        rows_read: i32::try_from(lines.rows_read).unwrap_or(i32::MAX),
        submission: saved.submission,
        cells: saved.cells,
    }
}

fn fault(fault: &Fault) -> ImportFault {
    ImportFault {
        place: fault.place.clone(),
        indicator_code: fault.code.clone(),
        message: Some(fault.text.clone().into()),
    }
}

fn change(difference: &Difference) -> CellChange {
    let edit = &difference.edit;
    let stored = difference.stored.as_ref().map(|cell| Cell {
        indicator_code: edit.code.clone(),
        value: cell.value.clone().map(convert::value),
        note: cell.note.clone(),
        etag: etag::of(cell.version),
        ..Default::default()
    });
    let given = Cell {
        indicator_code: edit.code.clone(),
        value: edit.value.clone().map(convert::value),
        note: edit.note.clone(),
        etag: edit.etag.clone(),
        ..Default::default()
    };
    CellChange {
        indicator_code: edit.code.clone(),
        place: difference.place.clone(),
        stored: Some(
            stored.unwrap_or_else(|| Cell { indicator_code: edit.code.clone(), ..Default::default() }),
        ),
        given: Some(given),
    }
}
