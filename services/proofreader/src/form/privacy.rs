//! Personal identifiers that must not be published.

use std::sync::LazyLock;

use regex::Regex;

use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};

static DIGITS: LazyLock<Regex> = LazyLock::new(|| Regex::new("\\d{17}[\\dXx]|\\d{11}").expect("pattern"));
static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("[A-Za-z0-9._-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+").expect("pattern"));

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    for (index, unit) in context.units.iter().enumerate() {
        let text = unit.text();
        for hit in DIGITS.find_iter(text) {
            let alone = !text[..hit.start()].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '.')
                && !text[hit.end()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.');
            let kind = match hit.as_str().len() {
                18 if is_identity_number(hit.as_str()) => Some("身份证号码"),
                11 if is_mobile(hit.as_str()) => Some("手机号码"),
                _ => None,
            };
            if let Some(kind) = kind.filter(|_| alone) {
                add(context, index, hit.range(), kind, Severity::Error, report);
            }
        }
        for hit in EMAIL.find_iter(text) {
            add(context, index, hit.range(), "电子邮箱", Severity::Info, report);
        }
    }
}

fn is_mobile(digits: &str) -> bool {
    let mut chars = digits.bytes();
    chars.next() == Some(b'1') && chars.next().is_some_and(|b| (b'3'..=b'9').contains(&b))
}

/// GB 11643: a plausible birth date and the check digit.
fn is_identity_number(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let bytes = number.as_bytes();
    let date = number.get(6..14).and_then(|d| chrono::NaiveDate::parse_from_str(d, "%Y%m%d").ok());
    let sum: u32 = bytes.iter().zip(WEIGHTS).map(|(b, w)| u32::from(b.wrapping_sub(b'0')) * w).sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    date.is_some() && bytes.last().map(u8::to_ascii_uppercase) == Some(check)
}

fn add(
    context: &Context<'_, '_>,
    unit: usize,
    range: std::ops::Range<usize>,
    kind: &str,
    severity: Severity,
    report: &mut Report,
) {
    let line = context.units[unit].norm.line_at(range.start);
    let text = &context.units[unit].text()[range];
    let shown: String = text.chars().take(3).chain("…".chars()).collect();
    report.add(Draft {
        class: Class::Form,
        severity,
        rule: "form.personal-identifier",
        zh: format!("含有{kind}“{shown}”，公开前请删去或隐去。"),
        en: "A personal identifier must not be published.".into(),
        // The identifier itself stays out of the finding.
        locations: vec![crate::finding::Location { line: line + 1, excerpt: shown.clone() }],
        expected: String::new(),
        actual: shown,
        computation: format!("格式与{kind}相符。"),
        computation_en: "It has the form of a personal identifier.".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(is_identity_number("11010519491231002X"));
        assert!(!is_identity_number("110105194912310021"));
        assert!(is_mobile("13800138000"));
        assert!(!is_mobile("12800138000"));
    }
}
