//! What each line of a report is.

use super::label::{Label, heading_mark, leading_label};
use crate::text::Norm;

/// The part a line plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Blank,
    /// A number standing alone: a page number.
    PageNumber,
    /// An entry of the contents or of a list of figures, tables or cases.
    Contents,
    /// A heading: level, number (0 where it has none) and title.
    Heading(u8, u32, String),
    /// A caption or a case's title.
    Caption(Label, String),
    /// A table's row, as cells.
    Row(Vec<String>),
    /// A footnote.
    Footnote,
    /// A source line or a note below a table or figure.
    Note,
    /// Running text.
    Body,
}

/// Longest title taken for a caption or heading, in characters.
const TITLE_CHARS: usize = 80;

/// Words with which prose goes on after naming a figure; a caption does not begin with them.
const PROSE_AFTER_LABEL: &[&str] = &[
    "显示",
    "所示",
    "可见",
    "中的",
    "中，",
    "反映",
    "表明",
    "给出",
    "列出",
    "展示了",
    "为例",
    "、",
    "和",
    "与",
    "至",
    "，",
    "）",
    "。",
    "是",
    "可知",
    "及",
];

/// Classifies a line by itself; contents entries are found from their neighbours before this is asked.
pub(crate) fn role(source: &str, after_row: bool) -> Role {
    let norm = Norm::of_line(0, source).text;
    if norm.is_empty() {
        return if after_row && source.contains('\t') { cells(source) } else { Role::Blank };
    }
    let trimmed = source.trim();
    if trimmed.starts_with('|') && trimmed.matches('|').count() >= 2 {
        return markdown_cells(trimmed);
    }
    if norm.len() <= 4 && norm.bytes().all(|b| b.is_ascii_digit()) && !source.contains('\t') {
        return Role::PageNumber;
    }
    let filled = source.split('\t').filter(|c| !c.trim().is_empty()).count();
    if let Some(caption) = caption(&norm).filter(|_| filled <= 2) {
        return caption;
    }
    if filled >= 2 || (after_row && source.contains('\t')) {
        return cells(source);
    }
    if trimmed.starts_with(['¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹']) || trimmed.starts_with("[^")
    {
        return Role::Footnote;
    }
    if ["数据来源", "资料来源", "来源：", "注：", "说明：", "备注："].iter().any(|w| norm.starts_with(w))
    {
        return Role::Note;
    }
    heading(&norm).unwrap_or(Role::Body)
}

fn caption(norm: &str) -> Option<Role> {
    let plain = norm.trim_start_matches(['#', '*', '>']).trim_end_matches('*');
    let (label, used) = leading_label(plain)?;
    let rest = &plain[used..];
    if PROSE_AFTER_LABEL.iter().any(|w| rest.starts_with(w)) {
        return None;
    }
    let title = rest.trim_start_matches(['：', ' ', '.', '*', '、', '|']).trim();
    let fits = !title.is_empty()
        && title.chars().count() <= TITLE_CHARS
        && !title.contains('。')
        && !title.ends_with(['，', '；', '、']);
    fits.then(|| Role::Caption(label, title.to_owned()))
}

fn heading(norm: &str) -> Option<Role> {
    let hashes = norm.bytes().take_while(|&b| b == b'#').count();
    let plain = norm.trim_start_matches(['#', '*']).trim_end_matches('*').trim();
    let short = plain.chars().count() <= TITLE_CHARS
        && !plain.contains('。')
        && !plain.ends_with(['；', '，', '：', '、'])
        && plain.chars().count() >= 2;
    if !short {
        return None;
    }
    match heading_mark(plain) {
        Some((level, number, used)) if used < plain.len() => {
            Some(Role::Heading(level, number, plain[used..].trim().to_owned()))
        }
        None if (1..=6).contains(&hashes) => Some(Role::Heading(hashes as u8, 0, plain.to_owned())),
        _ => None,
    }
}

fn cells(source: &str) -> Role {
    Role::Row(source.split('\t').map(|c| Norm::of_line(0, c).text).collect())
}

fn markdown_cells(trimmed: &str) -> Role {
    let inner = trimmed.trim_matches('|');
    let cells: Vec<String> = inner.split('|').map(|c| Norm::of_line(0, c).text).collect();
    let rule = cells.iter().all(|c| !c.is_empty() && c.chars().all(|c| matches!(c, '-' | '—' | ':' | '：')));
    if rule { Role::Blank } else { Role::Row(cells) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles() {
        assert!(
            matches!(role("表 2-1 2025 年情况", false), Role::Caption(l, t) if l.number == 1 && t == "2025年情况")
        );
        assert!(matches!(role("图 2-3 显示，三年来……。", false), Role::Body));
        assert!(matches!(role("A+\t3\t6.8%", false), Role::Row(c) if c.len() == 3));
        assert!(matches!(role("| a | b |", false), Role::Row(c) if c == ["a", "b"]));
        assert_eq!(role("|---|---|", true), Role::Blank);
        assert!(matches!(role("（一）办学规模", false), Role::Heading(2, 1, _)));
        assert!(matches!(role("1. 首先做好这件事。", false), Role::Body));
        assert_eq!(role("数据来源：平台", false), Role::Note);
        assert_eq!(role("27", false), Role::PageNumber);
    }
}
