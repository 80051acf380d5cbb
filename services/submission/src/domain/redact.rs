//! What is left out of texts before the public reads them: how to reach persons, and their identity numbers.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands in its place.
const LEFT_OUT: &str = "（已隐去）";

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:[A-Za-z0-9._%+-]+)[@＠][A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+").expect("pattern")
});
/// Identity numbers, mobile numbers (with or without +86, parted or not), and numbers with an area code.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\d{17}[\dXx]|(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|[(（]?0\d{2,3}[)）]?[-－—– ]?[2-9]\d{6,7}(?:[-－转]\d{1,5})?",
    )
    .expect("pattern")
});

/// The text without e-mail addresses, telephone and identity numbers.
pub fn redact(text: &str) -> String {
    let text = EMAIL.replace_all(text, LEFT_OUT);
    let alone = |at: &Captures<'_>| {
        let hit = at.get(0).map(|hit| hit.range()).unwrap_or_default();
        let digit = |c: char| c.is_ascii_alphanumeric() || c == '.';
        !text[..hit.start].ends_with(digit) && !text[hit.end..].starts_with(digit)
    };
    let numbers = NUMBER.replace_all(
        &text,
        |at: &Captures<'_>| {
            if alone(at) { LEFT_OUT.to_owned() } else { at[0].to_owned() }
        },
    );
    numbers.into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn persons_cannot_be_reached_through_a_report() {
        for (text, shown) in [
            ("联系人邮箱zhang.san@school.edu.cn。", "联系人邮箱（已隐去）。"),
            ("电话13800138000，", "电话（已隐去），"),
            ("电话+86 138-0013-8000", "电话（已隐去）"),
            ("电话：010-66096114", "电话：（已隐去）"),
            ("（010）66096114转8012", "（已隐去）"),
            ("身份证11010519491231002X号", "身份证（已隐去）号"),
        ] {
            assert_eq!(redact(text), shown, "{text}");
        }
    }

    #[test]
    fn figures_stay() {
        for text in [
            "经费 13800138.00 元",
            "指标 0.13800138000",
            "毕业生4903人，占50.05%",
            "标识码4111000001",
            "2024年9月1日—2025年8月31日",
            "专业代码510201、760207W",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_left_out_stays_out(text in ".{0,80}") {
            let once = redact(&text);
            prop_assert_eq!(redact(&once), once);
        }
    }
}
