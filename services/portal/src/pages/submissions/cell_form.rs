//! Cells between the contract and the ledger's form. A row sends what was typed and what it was typed upon, so that only
//! what changed is saved, and a change by somebody else is noticed.

use zhijian_proto::{
    common::v1::{Value, value},
    submission::v1::{Cell, Indicator, indicator},
};

use crate::web::form::FormData;

/// What one row of the ledger shows or sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The number or choice, as typed.
    pub value: String,
    /// Whether "not applicable" is ticked.
    pub not_applicable: bool,
    /// Why it does not apply.
    pub reason: String,
    /// The remark.
    pub note: String,
}

/// The names of a row's fields.
pub struct Names {
    pub value: String,
    pub not_applicable: String,
    pub reason: String,
    pub note: String,
    pub etag: String,
    pub was: String,
}

impl Names {
    /// Those of an indicator's row.
    pub fn of(code: &str) -> Self {
        let name = |prefix: &str| format!("{prefix}.{code}");
        Self {
            value: name("v"),
            not_applicable: name("x"),
            reason: name("r"),
            note: name("n"),
            etag: name("e"),
            was: name("w"),
        }
    }
}

impl Typed {
    /// What a stored cell shows.
    pub fn stored(cell: &Cell) -> Self {
        let mut typed = Self { note: cell.note.clone(), ..Self::default() };
        match cell.value.as_ref().and_then(|value| value.kind.as_ref()) {
            Some(value::Kind::Number(text) | value::Kind::Text(text)) => typed.value.clone_from(text),
            Some(value::Kind::NotApplicable(reason)) => {
                typed.not_applicable = true;
                typed.reason.clone_from(reason);
            }
            None => {}
        }
        typed
    }

    /// What a row sent; nothing if the form has no such row.
    pub fn sent(form: &FormData, code: &str) -> Option<Self> {
        let names = Names::of(code);
        form.typed(&names.etag)?;
        Some(Self {
            value: form.get(&names.value).to_owned(),
            not_applicable: form.typed(&names.not_applicable).is_some(),
            reason: form.get(&names.reason).to_owned(),
            note: form.get(&names.note).to_owned(),
        })
    }

    /// One line that two rows share exactly if they say the same.
    pub fn fingerprint(&self) -> String {
        // Nobody can type a tab into a field of one line.
        const BETWEEN: char = '\t';
        if self.not_applicable {
            format!("x{BETWEEN}{}{BETWEEN}{}", self.reason, self.note)
        } else {
            format!("v{BETWEEN}{}{BETWEEN}{}", self.value, self.note)
        }
    }

    /// The value as the contract wants it; empty rows have none.
    pub fn value(&self, indicator: &Indicator) -> Option<Value> {
        let kind = if self.not_applicable {
            value::Kind::NotApplicable(self.reason.clone())
        } else if self.value.is_empty() {
            return None;
        } else if indicator.kind() == indicator::Kind::Choice {
            value::Kind::Text(self.value.clone())
        } else {
            value::Kind::Number(plain_number(&self.value))
        };
        Some(Value { kind: Some(kind) })
    }
}

/// The cells of a table that the form changes, each with its index in the request.
pub fn changed(form: &FormData, indicators: &[&Indicator]) -> Vec<Cell> {
    let of_row = |indicator: &&Indicator| {
        let typed = Typed::sent(form, &indicator.code)?;
        let names = Names::of(&indicator.code);
        if form.typed(&names.was) == Some(&typed.fingerprint()) {
            return None;
        }
        Some(Cell {
            indicator_code: indicator.code.clone(),
            value: typed.value(indicator),
            note: typed.note,
            etag: form.get(&names.etag).to_owned(),
            ..Cell::default()
        })
    };
    indicators.iter().filter_map(of_row).collect()
}

/// The form field that a path of the contract ("cells[3].value") speaks of.
pub fn field_of(path: &str, sent: &[Cell]) -> String {
    let index = path
        .strip_prefix("cells[")
        .and_then(|rest| rest.split(']').next())
        .and_then(|index| index.parse().ok());
    let Some(cell) = index.and_then(|index: usize| sent.get(index)) else { return String::new() };
    let names = Names::of(&cell.indicator_code);
    let not_applicable = matches!(cell.value, Some(Value { kind: Some(value::Kind::NotApplicable(_)) }));
    if path.ends_with(".note") {
        names.note
    } else if not_applicable {
        names.reason
    } else {
        names.value
    }
}

/// A number as people type it, in the contract's notation: full-width digits become plain ones, and separators of
/// thousands go where they stand in the right places. Anything else stays as it is, for the service to judge.
fn plain_number(typed: &str) -> String {
    let narrow: String = typed
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
            '．' | '。' => '.',
            '，' => ',',
            '－' | '−' => '-',
            other => other,
        })
        .collect();
    let (whole, fraction) =
        narrow.split_once('.').map_or((narrow.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut groups = whole.trim_start_matches('-').split(',');
    let first = groups.next().unwrap_or_default();
    let digits = |group: &str, length: std::ops::RangeInclusive<usize>| {
        length.contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit())
    };
    let grouped = whole.contains(',') && digits(first, 1..=3) && groups.all(|group| digits(group, 3..=3));
    if !grouped {
        return narrow;
    }
    let whole = whole.replace(',', "");
    fraction.map_or(whole.clone(), |fraction| format!("{whole}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> FormData {
        FormData::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn indicator(code: &str) -> Indicator {
        Indicator { code: code.into(), kind: indicator::Kind::Count.into(), ..Indicator::default() }
    }

    fn number(text: &str) -> Option<Value> {
        Some(Value { kind: Some(value::Kind::Number(text.into())) })
    }

    #[test]
    fn only_rows_that_changed_are_sent() {
        let (first, second) = (indicator("SC01"), indicator("SC02"));
        let was = Typed::stored(&Cell { value: number("12"), ..Cell::default() }).fingerprint();
        let form = form(&[
            ("v.SC01", "12"),
            ("r.SC01", ""),
            ("n.SC01", ""),
            ("e.SC01", "v1"),
            ("w.SC01", &was),
            ("v.SC02", " 1,234.50 "),
            ("r.SC02", ""),
            ("n.SC02", "复核过"),
            ("e.SC02", ""),
            ("w.SC02", &Typed::default().fingerprint()),
        ]);
        let cells = changed(&form, &[&first, &second]);
        assert_eq!(cells.len(), 1);
        assert_eq!(cells[0].indicator_code, "SC02");
        assert_eq!(cells[0].value, number("1234.50"));
        assert_eq!(cells[0].note, "复核过");
    }

    #[test]
    fn a_row_that_was_emptied_is_sent_without_a_value() {
        let indicator = indicator("SC01");
        let was = Typed::stored(&Cell { value: number("12"), ..Cell::default() }).fingerprint();
        let form = form(&[("v.SC01", ""), ("e.SC01", "v1"), ("w.SC01", &was)]);
        let cells = changed(&form, &[&indicator]);
        assert_eq!(cells[0].value, None);
        assert_eq!(cells[0].etag, "v1");
    }

    #[test]
    fn not_applicable_needs_its_reason_in_the_reasons_field() {
        let indicator = indicator("SC01");
        let form = form(&[
            ("v.SC01", "5"),
            ("x.SC01", "on"),
            ("r.SC01", "没有毕业生"),
            ("e.SC01", ""),
            ("w.SC01", ""),
        ]);
        let cells = changed(&form, &[&indicator]);
        assert_eq!(
            cells[0].value,
            Some(Value { kind: Some(value::Kind::NotApplicable("没有毕业生".into())) })
        );
        assert_eq!(field_of("cells[0].value", &cells), "r.SC01");
        assert_eq!(field_of("cells[0].note", &cells), "n.SC01");
        assert_eq!(field_of("cells[7].value", &cells), "");
        assert_eq!(field_of("submission_id", &cells), "");
    }

    #[test]
    fn numbers_are_understood_as_people_type_them() {
        assert_eq!(plain_number("１２３４．５"), "1234.5");
        assert_eq!(plain_number("12,345,678"), "12345678");
        assert_eq!(plain_number("-1,234.50"), "-1234.50");
        // Not separators of thousands: left for the service to refuse.
        assert_eq!(plain_number("1,23"), "1,23");
        assert_eq!(plain_number("约三千"), "约三千");
    }
}
