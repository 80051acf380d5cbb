//! What a file changes: each of its cells against what it held when the file was made, and against what is stored now.

use zhijian_platform::etag;

use super::lines::{Base, Line};
use crate::domain::edit::{Edit, StoredCell, StoredCells};

/// A cell that the file changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where it stands in the file.
    pub place: String,
    /// The cell as it is stored; nothing if it was never saved.
    pub stored: Option<StoredCell>,
    /// The change, with the stored cell's etag.
    pub edit: Edit,
}

/// What a file changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What only the file changed.
    pub changes: Vec<Difference>,
    /// What the file changed, and somebody else too since the file was made.
    pub conflicts: Vec<Difference>,
}

/// Compares the lines of a file with what is stored, in the order of the file.
///
/// A cell that the file leaves as it was when it was made stays as it is now, so that an old file undoes nobody's work. An
/// empty cell empties what is stored only if the file tells what it held.
pub fn compare(stored: &StoredCells, lines: &[Line]) -> Comparison {
    let mut comparison = Comparison::default();
    for line in lines {
        let now = stored.get(&line.code);
        let (value, note) = now.map_or((None, ""), |cell| (cell.value.as_ref(), cell.note.as_str()));
        let new_note = line.note.as_deref().unwrap_or(note);
        let is = |value: Option<&_>, note: &str| line.value.as_ref() == value && new_note == note;
        if is(value, note) {
            continue;
        }
        let current = now.map(|cell| etag::of(cell.version)).unwrap_or_default();
        let difference = Difference {
            place: line.place.clone(),
            stored: now.cloned(),
            edit: Edit {
                code: line.code.clone(),
                value: line.value.clone(),
                conversion: None,
                note: new_note.to_owned(),
                etag: current.clone(),
            },
        };
        match &line.base {
            None if line.value.is_none() => {}
            None => comparison.changes.push(difference),
            Some(Base { etag, .. }) if *etag == current => comparison.changes.push(difference),
            Some(Base { content: Some((value, note)), .. }) if untouched(line, value.as_ref(), note) => {}
            Some(_) => comparison.conflicts.push(difference),
        }
    }
    comparison
}

/// Whether the file has a cell as it was when the file was made.
fn untouched(line: &Line, value: Option<&crate::domain::value::Value>, note: &str) -> bool {
    line.value.as_ref() == value && line.note.as_deref().is_none_or(|given| given == note)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{edit, value::Value};

    fn stored(value: Option<u32>, version: i64) -> StoredCells {
        let value = value.map(|value| Value::Number(value.into()));
        StoredCells::from([("SC01".to_owned(), StoredCell { value, note: String::new(), version })])
    }

    fn line(value: Option<u32>, base: Option<(&str, Option<Option<u32>>)>) -> Line {
        let number = |value: Option<u32>| value.map(|value| Value::Number(value.into()));
        Line {
            place: "计分卡!E4".into(),
            code: "SC01".into(),
            value: number(value),
            note: None,
            base: base.map(|(etag, content)| Base {
                etag: etag.into(),
                content: content.map(|value| (number(value), String::new())),
            }),
        }
    }

    fn found(stored: &StoredCells, line: Line) -> (usize, usize) {
        let Comparison { changes, conflicts } = compare(stored, &[line]);
        (changes.len(), conflicts.len())
    }

    #[test]
    fn an_old_file_undoes_nobodys_work() {
        let now = stored(Some(12), 2);
        let base = Some(("v1", Some(Some(10))));
        assert_eq!(
            found(&now, line(Some(10), base)),
            (0, 0),
            "untouched in the file, changed by somebody else"
        );
        assert_eq!(found(&now, line(Some(11), base)), (0, 1), "changed by both");
        assert_eq!(found(&now, line(Some(12), base)), (0, 0), "changed by both to the same");
        assert_eq!(found(&now, line(None, base)), (0, 1), "emptied in the file, changed by somebody else");
        let fresh = Some(("v2", Some(Some(12))));
        assert_eq!(found(&now, line(Some(11), fresh)), (1, 0));
        assert_eq!(found(&now, line(None, fresh)), (1, 0), "emptied on purpose");
        assert_eq!(found(&now, line(Some(11), None)), (1, 0), "the file does not tell what it held");
        assert_eq!(found(&now, line(None, None)), (0, 0), "an empty cell in such a file says nothing");
        assert_eq!(found(&now, line(Some(10), Some(("v1", None)))), (0, 1), "only the etag is known");
    }

    proptest! {
        /// Whatever is taken from a file is saved by SaveCells's own rules, and comparing again finds nothing.
        #[test]
        fn what_is_applied_is_done(
            now in (proptest::option::of(0_u32..4), 1_i64..4),
            given in proptest::option::of(0_u32..4),
            base in proptest::option::of((0_i64..4, proptest::option::of(proptest::option::of(0_u32..4)))),
        ) {
            let mut cells = stored(now.0, now.1);
            let etag = base.map(|(version, _)| if version == 0 { String::new() } else { etag::of(version) });
            let base = base.map(|(_, content)| content);
            let line = line(given, etag.as_deref().zip(base));
            let comparison = compare(&cells, std::slice::from_ref(&line));
            let edits: Vec<Edit> =
                comparison.changes.iter().chain(&comparison.conflicts).map(|difference| difference.edit.clone()).collect();
            prop_assert!(edit::conflicts(&cells, &edits).is_empty());
            edit::apply(&mut cells, edits);
            prop_assert_eq!(compare(&cells, &[line]), Comparison::default());
        }
    }
}
