//! Texts that a spreadsheet program would run as a formula.

use std::borrow::Cow;

use crate::Number;

/// A text as it may stand in a CSV file: what Excel would take for a formula gets an apostrophe in front, which Excel
/// takes as "this is text". Plain numbers, negative ones included, stay as they are.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if is_dangerous(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The opposite of [`guarded`].
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_dangerous(rest) => rest,
        _ => text,
    }
}

/// Whether a text looks like a formula to a spreadsheet program, apostrophes in front apart.
pub(in crate::sheet) fn is_dangerous(text: &str) -> bool {
    let inner = text.trim_start_matches('\'');
    // Full-width signs are formulas too to programs set to Chinese or Japanese.
    let starts = inner.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    starts && !is_harmless(inner)
}

/// A number with a sign, a lone dash for "nothing", a list item's dash.
fn is_harmless(text: &str) -> bool {
    let only_dashes = text.chars().all(|c| matches!(c, '-' | '－')) && !text.is_empty();
    only_dashes || (text.starts_with(['-', '+']) && Number::parse(text).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        for text in ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "-1+1", "－A1", "'=1"] {
            assert_eq!(guarded(text), format!("'{text}"));
            assert_eq!(unguarded(&guarded(text)), text);
        }
        for text in ["-12.5", "+3", "-1,234.5", "-12%", "--", "-", "甲", "a=b", "", "'70年代", "12"] {
            assert_eq!(guarded(text), text);
            assert_eq!(unguarded(text), text);
        }
    }
}
