//! Refuses quantities that are typed into a template's text: a published number is bound.

use crate::domain::template::Values;

/// What stands between an amount and "per cent", written out.
const WRITTEN: &str = "〇零一二三四五六七八九十百千万亿点两半";

/// Looks for quantities in a text without bindings. Years are no quantities: `2025年`, `2024—2025学年`.
///
/// # Errors
/// Says which quantity is typed, or which placeholder is unknown.
pub fn check(text: &str) -> Result<(), String> {
    if let Some(unknown) = Values::year(2000).unknown(text) {
        return Err(format!("{{{unknown}}} means nothing here"));
    }
    // A placeholder of the year holds digits but is no number.
    let text = without_placeholders(text);
    if let Some(found) = written_share(&text) {
        return Err(typed(&found));
    }
    let mut rest = text.as_str();
    while let Some(start) = rest.find(is_digit) {
        let digits: String = rest[start..].chars().take_while(|c| is_digit(*c)).collect();
        let after = &rest[start + digits.len()..];
        if !(digits.chars().count() == 4 && is_year(after)) {
            let shown: String = rest[start..].chars().take(12).collect();
            return Err(typed(&shown));
        }
        rest = after;
    }
    Ok(())
}

fn typed(found: &str) -> String {
    format!(
        "the number at \"{found}\" is typed: bind it to the data, as in {{{{ value indicator=\"SC01\" scope=\"all\" }}}}"
    )
}

fn is_digit(c: char) -> bool {
    c.is_numeric() && !WRITTEN.contains(c)
}

fn is_year(after: &str) -> bool {
    let after = after.trim_start();
    if after.starts_with(['年', '届']) || after.starts_with("学年") {
        return true;
    }
    let Some(rest) = after.strip_prefix(['—', '–', '-', '至', '~', '～']) else { return false };
    let rest = rest.trim_start_matches('—');
    let digits = rest.chars().take_while(|c| c.is_ascii_digit()).count();
    digits == 4 && is_year(&rest[4..])
}

fn without_placeholders(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        kept.push_str(before);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

/// "百分之九十五" and the like.
fn written_share(text: &str) -> Option<String> {
    let (_, after) = text.split_once("分之")?;
    let amount: String = after.chars().take_while(|c| WRITTEN.contains(*c)).collect();
    (!amount.is_empty()).then(|| format!("分之{amount}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_and_words_are_no_quantities() {
        for text in [
            "2025年，三个方面齐头并进",
            "{year}年与{year-1}年相比",
            "2022—2024年",
            "“十四五”规划",
            "一校一专一策",
            "2024-2025学年",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn whatever_is_typed_is_named() {
        for text in [
            "共有 76 所",
            "占９５%",
            "达百分之九十五",
            "增长6.91%",
            "2025 所",
            "1+X 证书",
            "第 3 章",
            "½ 的学校",
        ] {
            let error = check(text).expect_err(text);
            assert!(error.contains("typed"), "{text}: {error}");
        }
        assert!(check("{month}月").expect_err("unknown").contains("{month}"));
    }
}
