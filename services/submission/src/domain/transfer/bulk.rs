//! The verdict on one row of a streamed bulk save.

use zhijian_platform::{Text, etag};

use crate::domain::{
    catalogue::Indicator,
    edit::{self, Edit, Given, StoredCell},
    units::Units,
    value::{Value, shorten},
};

/// Why a row is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There is no such report, or it is not the caller's to edit.
    ReportUnknown,
    /// Its state or its cycle does not allow editing.
    NotEditable,
    /// Reports of its kind have no such indicator.
    IndicatorUnknown,
    /// The value or the note cannot be taken.
    ValueInvalid,
    /// The cell holds something else.
    Conflict,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 5] =
        [Self::ReportUnknown, Self::NotEditable, Self::IndicatorUnknown, Self::ValueInvalid, Self::Conflict];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReportUnknown => "report_unknown",
            Self::NotEditable => "not_editable",
            Self::IndicatorUnknown => "indicator_unknown",
            Self::ValueInvalid => "value_invalid",
            Self::Conflict => "conflict",
        }
    }

    /// The reason of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// A row that is refused, and what its sender is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why, for programs.
    pub reason: Reason,
    /// Why, for people.
    pub text: Text,
}

/// What becomes of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is to hold this.
    Save(StoredCell),
    /// It holds this already.
    Unchanged,
    /// It stays as it is.
    Refused(Refusal),
}

/// Reads a row for `indicator`, which its kind of report asks for, or not.
///
/// # Errors
/// [`Refusal`]; nothing is guessed.
pub fn read(units: &Units, indicator: Option<&Indicator>, given: Given) -> Result<Edit, Refusal> {
    let Some(indicator) = indicator else {
        let text = Text::new(
            format!("这类年报没有指标 {:?}，请核对代码。", shorten(&given.code)),
            format!("This kind of report has no indicator {:?}; check the code.", shorten(&given.code)),
        );
        return Err(Refusal { reason: Reason::IndicatorUnknown, text });
    };
    edit::read_one(units, indicator, given).map_err(|text| Refusal { reason: Reason::ValueInvalid, text })
}

/// Judges an edit against what is stored. An empty note leaves the stored one.
pub fn judge(stored: Option<&StoredCell>, edit: Edit, overwrite: bool) -> Verdict {
    let value = stored.and_then(|cell| cell.value.as_ref());
    let note = stored.map(|cell| cell.note.as_str()).unwrap_or_default();
    if value == edit.value.as_ref() && (edit.note.is_empty() || edit.note == note) {
        return Verdict::Unchanged;
    }
    let version = stored.map_or(0, |cell| cell.version);
    let clear = if edit.etag.is_empty() {
        overwrite || value.is_none() || value == edit.value.as_ref()
    } else {
        stored.is_some() && edit.etag == etag::of(version)
    };
    if !clear {
        return Verdict::Refused(conflict(&edit.code, value));
    }
    let note = if edit.note.is_empty() { note.to_owned() } else { edit.note };
    Verdict::Save(StoredCell { value: edit.value, note, version: version + 1 })
}

fn conflict(code: &str, value: Option<&Value>) -> Refusal {
    let (zh, en) = match value {
        None => ("空白".to_owned(), "empty".to_owned()),
        Some(Value::Number(number)) => (number.to_string(), number.to_string()),
        Some(Value::Text(text)) => (text.clone(), text.clone()),
        Some(Value::NotApplicable(reason)) => {
            (format!("不适用（{reason}）"), format!("not applicable ({reason})"))
        }
    };
    Refusal {
        reason: Reason::Conflict,
        text: Text::new(
            format!("{code} 现在是“{zh}”，没有覆盖。确要覆盖请选择“覆盖已有的值”，或带上最新的 etag。"),
            format!(
                "{code} holds “{en}” and was not replaced. Ask for overwriting, or send its newest etag."
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edit(value: Option<u32>, note: &str, etag: &str) -> Edit {
        Edit {
            code: "SC01".into(),
            value: value.map(|value| Value::Number(value.into())),
            note: note.into(),
            etag: etag.into(),
            conversion: None,
        }
    }

    fn cell(value: Option<u32>, note: &str, version: i64) -> StoredCell {
        StoredCell { value: value.map(|value| Value::Number(value.into())), note: note.into(), version }
    }

    #[test]
    fn what_holds_another_value_is_not_replaced_unasked() {
        let refused = judge(Some(&cell(Some(5), "", 3)), edit(Some(6), "", ""), false);
        let Verdict::Refused(refusal) = refused else { panic!("{refused:?}") };
        assert_eq!(refusal.reason, Reason::Conflict);
        assert!(refusal.text.zh.contains("“5”"), "{}", refusal.text.zh);
        let saved = Verdict::Save(cell(Some(6), "", 4));
        assert_eq!(judge(Some(&cell(Some(5), "", 3)), edit(Some(6), "", ""), true), saved);
        assert_eq!(judge(Some(&cell(Some(5), "", 3)), edit(Some(6), "", "v3"), false), saved);
        assert_eq!(
            judge(Some(&cell(None, "", 3)), edit(Some(6), "", ""), false),
            saved,
            "emptied cells are free"
        );
        let stale = judge(Some(&cell(Some(5), "", 3)), edit(Some(6), "", "v2"), true);
        assert!(
            matches!(stale, Verdict::Refused(_)),
            "an etag is checked also where overwriting is asked for"
        );
    }

    #[test]
    fn a_note_stays_unless_another_is_given() {
        let kept = judge(Some(&cell(Some(5), "说明", 1)), edit(Some(6), "", ""), true);
        assert_eq!(kept, Verdict::Save(cell(Some(6), "说明", 2)));
        let noted = judge(Some(&cell(Some(5), "", 1)), edit(Some(5), "说明", ""), false);
        assert_eq!(noted, Verdict::Save(cell(Some(5), "说明", 2)));
    }

    #[test]
    fn reasons_read_back() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(reason));
        }
        assert_eq!(Reason::parse("other"), None);
    }

    proptest! {
        /// A row sent again finds its own work done.
        #[test]
        fn repeating_a_row_changes_nothing(
            before in proptest::option::of((proptest::option::of(0_u32..3), 1_i64..9)),
            value in proptest::option::of(0_u32..3),
            overwrite: bool,
        ) {
            let stored = before.map(|(value, version)| cell(value, "", version));
            if let Verdict::Save(saved) = judge(stored.as_ref(), edit(value, "", ""), overwrite) {
                prop_assert_eq!(judge(Some(&saved), edit(value, "", ""), overwrite), Verdict::Unchanged);
            }
        }
    }
}
