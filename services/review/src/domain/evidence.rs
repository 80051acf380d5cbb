//! Documents that show what was done: on the web, or files of the school's own reports.

use serde::{Deserialize, Serialize};
use zhijian_platform::Violation;

const MAX_ITEMS: usize = 20;
const TITLE: std::ops::RangeInclusive<usize> = 1..=200;
const MAX_LINK: usize = 2000;
const HASH_LENGTH: usize = 64;

/// One document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it is.
    pub title: String,
    /// Its address; empty for a file of a report.
    pub link: String,
    /// The SHA-256 of its content, in hex; may be empty for a link.
    pub sha256: String,
}

impl Item {
    /// Without surrounding space, and with the hash in small letters.
    pub fn trimmed(&self) -> Self {
        Self {
            title: self.title.trim().to_owned(),
            link: self.link.trim().to_owned(),
            sha256: self.sha256.trim().to_ascii_lowercase(),
        }
    }

    /// Whether it names a file of one of the school's reports.
    pub fn is_file(&self) -> bool {
        self.link.trim().is_empty()
    }
}

/// What is wrong with the documents of a measure; `path` is where it stands in the request.
pub fn faults(path: &str, items: &[Item]) -> Vec<Violation> {
    let mut faults = Vec::new();
    if items.len() > MAX_ITEMS {
        faults.push(Violation::new(
            format!("{path}.items"),
            "每条措施最多 20 份佐证。",
            "At most 20 a measure.",
        ));
    }
    for (place, item) in items.iter().map(Item::trimmed).enumerate() {
        let mut fault = |field: &str, zh: &str, en: &str| {
            faults.push(Violation::new(format!("{path}.items[{place}].{field}"), zh, en));
        };
        if !TITLE.contains(&item.title.chars().count()) {
            fault("title", "材料名称请写 1–200 字。", "Name the document in 1–200 characters.");
        }
        let web = item.link.starts_with("https://") || item.link.starts_with("http://");
        let odd = item.link.chars().any(|c| c.is_whitespace() || c.is_control());
        if !item.is_file() && (!web || odd || item.link.chars().count() > MAX_LINK) {
            fault(
                "link",
                "网址须以 http:// 或 https:// 开头，中间没有空格。",
                "Give an address that begins with http:// or https://, without spaces.",
            );
        }
        let hash = item.sha256.len() == HASH_LENGTH && item.sha256.chars().all(|c| c.is_ascii_hexdigit());
        if !hash && (item.is_file() || !item.sha256.is_empty()) {
            fault(
                "sha256",
                "请给出网址，或者选择年报里的一份附件。",
                "Give an address, or choose one of the report's files.",
            );
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_named_and_found() {
        let item = |title: &str, link: &str, sha256: &str| Item {
            title: title.into(),
            link: link.into(),
            sha256: sha256.into(),
        };
        let named = |item: Item| {
            faults("measures[0]", &[item]).into_iter().map(|fault| fault.field).collect::<Vec<_>>()
        };
        assert!(named(item("验收报告", " https://example.org/a ", "")).is_empty());
        assert!(named(item("验收报告", "", &"A".repeat(64))).is_empty());
        assert_eq!(named(item("", "https://example.org", "")), ["measures[0].items[0].title"]);
        assert_eq!(named(item("甲", "javascript:alert(1)", "")), ["measures[0].items[0].link"]);
        assert_eq!(named(item("甲", "", "abc")), ["measures[0].items[0].sha256"]);
        assert_eq!(named(item("甲", "https://example.org", "xyz")), ["measures[0].items[0].sha256"]);
    }
}
