//! Which of the reports to compare with is last year's.

use zhijian_proofreader::OtherText;

/// Earlier reports of the same institution, and all others: an earlier one has the same title but for its year.
pub(super) fn sorted(text: &str, others: &[(String, String)]) -> (Vec<OtherText>, Vec<OtherText>) {
    let title = title(text);
    let other = |(file, text): &(String, String)| OtherText { title: file.clone(), text: text.clone() };
    let (previous, others): (Vec<_>, Vec<_>) =
        others.iter().partition(|(_, other)| !title.is_empty() && self::title(other) == title);
    (previous.into_iter().map(other).collect(), others.into_iter().map(other).collect())
}

/// The first line's words without years, numbers and signs.
fn title(text: &str) -> String {
    let first = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    let words: String = first
        .chars()
        .filter(|c| c.is_alphabetic() && !"年度届〇零一二三四五六七八九十".contains(*c))
        .collect();
    if words.chars().count() >= 6 { words } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_years_report_has_the_same_title() {
        let report = |title: &str| (title.to_owned(), format!("# {title}\n\n正文。"));
        let others = [
            report("演示甲乙职业学院质量年度报告（2024年度）"),
            report("演示丙丁职业学院质量年度报告（2025年度）"),
        ];
        let (previous, others) = sorted("演示甲乙职业学院质量年度报告（2025年度）\n正文。", &others);
        assert_eq!((previous.len(), others.len()), (1, 1));
        assert!(previous[0].title.contains("甲乙"));
    }
}
