//! What a file says about cells, whatever kind of file it is.

use std::collections::BTreeMap;

use zhijian_platform::Text;

use crate::domain::{
    catalogue::{Catalogue, Indicator},
    edit::{self, Given, Typed},
    value::Value,
};

/// The report that a file is for.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// Its year's catalogue.
    pub catalogue: &'a Catalogue,
    /// Its kind.
    pub kind: &'a str,
    /// Its id.
    pub submission_id: &'a str,
    /// Who submits it.
    pub organisation_code: &'a str,
    /// Its cycle.
    pub cycle_year: i32,
    /// The computed values, by code: a file may repeat them.
    pub derived: &'a BTreeMap<String, Value>,
}

impl<'a> Target<'a> {
    /// The indicator of this code, if the report has it.
    pub fn indicator(&self, code: &str) -> Option<&'a Indicator> {
        self.catalogue.indicators_of(self.kind).find(|indicator| indicator.code == code)
    }
}

/// Something that a person has to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A sheet and cell ("教学资源!E7"), a line ("12"), or "" for the file as a whole.
    pub place: String,
    /// The indicator, if it is about one.
    pub code: String,
    /// What is wrong and what to do.
    pub text: Text,
}

impl Fault {
    /// Something wrong at a place.
    pub fn new(place: &str, code: &str, text: Text) -> Self {
        Self { place: place.to_owned(), code: code.to_owned(), text }
    }
}

/// What a cell held when the file was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Its etag; "" if it was never saved.
    pub etag: String,
    /// Its value and note, if the file tells.
    pub content: Option<(Option<Value>, String)>,
}

/// One cell as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where.
    pub place: String,
    /// The indicator.
    pub code: String,
    /// Its value; nothing if the cell is empty.
    pub value: Option<Value>,
    /// Its note, if the file has notes.
    pub note: Option<String>,
    /// What it held when the file was made, if the file tells.
    pub base: Option<Base>,
}

/// A cell as it is written down, before it is understood.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    /// Where its value stands.
    pub place: String,
    /// The indicator's code.
    pub code: String,
    /// What stands where the value belongs.
    pub value: String,
    /// Whether 不适用 is ticked.
    pub not_applicable: bool,
    /// The reason of 不适用.
    pub reason: String,
    /// Its note, if the file has notes.
    pub note: Option<String>,
    /// What it held when the file was made, if the file tells.
    pub base: Option<Base>,
}

/// Everything that a file says.
#[derive(Debug, Default)]
pub struct Lines {
    /// The cells that were understood.
    pub lines: Vec<Line>,
    /// What was not.
    pub faults: Vec<Fault>,
    /// What is worth a look.
    pub notices: Vec<Fault>,
    /// How many rows have an indicator's code.
    pub rows_read: usize,
    places: BTreeMap<String, String>,
}

impl Lines {
    /// A file that cannot be used, and why.
    pub fn unusable(text: Text) -> Self {
        Self { faults: vec![Fault::new("", "", text)], ..Self::default() }
    }

    /// Notes something wrong.
    pub fn fault(&mut self, place: &str, code: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.faults.push(Fault::new(place, code, Text::new(zh, en)));
    }

    /// Notes something worth a look.
    pub fn notice(&mut self, place: &str, code: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.notices.push(Fault::new(place, code, Text::new(zh, en)));
    }

    /// Finds the indicator that a code in a file means, and notes what is wrong with the code: unknown, or there twice.
    pub fn indicator<'a>(&mut self, target: &Target<'a>, place: &str, code: &str) -> Option<&'a Indicator> {
        self.rows_read += 1;
        let Some(indicator) = target.indicator(code) else {
            let known = target.catalogue.indicators.iter().any(|indicator| indicator.code == code);
            let (zh, en) = if known {
                (
                    format!("这类年报不填指标 {code}，请删除这一行。"),
                    format!("This kind of report has no indicator {code}; delete the row."),
                )
            } else {
                let code: String = code.chars().take(20).collect();
                (
                    format!("没有代码为“{code}”的指标。请不要改动代码，必要时重新下载模板。"),
                    format!(
                        "There is no indicator with code “{code}”. Leave codes as they are, or download anew."
                    ),
                )
            };
            self.fault(place, "", zh, en);
            return None;
        };
        if let Some(earlier) = self.places.insert(code.to_owned(), place.to_owned()) {
            self.fault(
                place,
                code,
                format!("{code} 已经在 {earlier} 出现过，请只保留一行。"),
                format!("{code} stands at {earlier} already; keep one row."),
            );
            return None;
        }
        Some(indicator)
    }

    /// Understands one cell.
    pub fn read(&mut self, target: &Target<'_>, indicator: &Indicator, raw: Raw) {
        let Raw { place, code, value, not_applicable, reason, note, base } = raw;
        let (value, reason) = match not_applicable_in(&value) {
            Some(inline) if reason.trim().is_empty() => (String::new(), Some(inline.to_owned())),
            Some(_) => (String::new(), Some(reason)),
            None if not_applicable => (value, Some(reason)),
            None => (value, None),
        };
        let filled = !value.trim().is_empty();
        if indicator.formula.is_some() {
            self.read_derived(target, &place, &code, value.trim());
            return;
        }
        let typed = match (reason, filled) {
            (Some(_), true) => {
                self.fault(
                    &place,
                    &code,
                    format!("{code} 既填了值又选了“不适用”，请只保留一个。"),
                    format!("{code} has a value and is marked not applicable; keep one of them."),
                );
                return;
            }
            (Some(reason), false) => Typed::NotApplicable(reason),
            (None, false) => Typed::Nothing,
            (None, true) if indicator.options.is_empty() => Typed::Number(value),
            (None, true) => Typed::Option(value.trim().to_owned()),
        };
        let given = Given {
            code: code.clone(),
            typed,
            unit: String::new(),
            note: note.clone().unwrap_or_default(),
            etag: String::new(),
        };
        match edit::read_one(&target.catalogue.units, indicator, given) {
            Ok(edit) => {
                if let Some(conversion) = &edit.conversion {
                    let text = conversion.text();
                    self.notices.push(Fault::new(&place, &code, text));
                }
                let note = note.map(|_| edit.note);
                self.lines.push(Line { place, code, value: edit.value, note, base });
            }
            Err(text) => self.faults.push(Fault { place, code, text }),
        }
    }

    /// What is computed may be repeated in a file, and not changed.
    fn read_derived(&mut self, target: &Target<'_>, place: &str, code: &str, given: &str) {
        let computed = target.derived.get(code);
        let same = match computed {
            Some(Value::Number(number)) => given
                .trim_end_matches('%')
                .parse::<rust_decimal::Decimal>()
                .is_ok_and(|given| given == *number),
            _ => false,
        };
        if !given.is_empty() && !same {
            // What was computed when the file was made may be another number now, and nobody typed it.
            let is_number = given.trim_end_matches('%').parse::<rust_decimal::Decimal>().is_ok();
            let (zh, en) = (
                format!("{code} 由系统按公式计算，表中的“{given}”没有采用。"),
                format!("{code} is computed; the “{given}” in the file was not taken."),
            );
            if is_number {
                self.notice(place, code, zh, en);
            } else {
                self.fault(place, code, zh, en);
            }
        }
    }
}

/// The reason after 不适用, where that is what stands in the cell of the value.
fn not_applicable_in(text: &str) -> Option<&str> {
    let text = text.trim();
    let rest = text.strip_prefix("不适用").or_else(|| {
        let end = "not applicable".len();
        text.get(..end).filter(|head| head.eq_ignore_ascii_case("not applicable")).map(|_| &text[end..])
    })?;
    let rest = rest.trim_start_matches([' ', '：', ':', '，', ',', '（', '(']);
    Some(rest.trim_end_matches(['）', ')']).trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_applicable_is_read_from_the_cell_of_the_value() {
        assert_eq!(not_applicable_in(" 不适用：无毕业生"), Some("无毕业生"));
        assert_eq!(not_applicable_in("不适用（无毕业生）"), Some("无毕业生"));
        assert_eq!(not_applicable_in("不适用"), Some(""));
        assert_eq!(not_applicable_in("Not applicable: none"), Some("none"));
        assert_eq!(not_applicable_in("12"), None);
    }
}
