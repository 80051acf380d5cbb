//! What a file says of where its table comes from, in the same words wherever the table is written.

use crate::{Fact, Words};

/// Where a published table comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin<'a> {
    /// What it was computed from.
    pub source: Words,
    /// The title of its release.
    pub release: Words,
    /// The version of the release, from 1; 0 if it has none yet.
    pub version: u32,
    /// The note of the release; empty if it has none.
    pub note: Words,
    /// The SHA-256 of its CSV, in hex; empty where a manifest says it.
    pub content_hash: &'a str,
    /// Whether it is about invented institutions.
    pub demonstration: bool,
}

impl Origin<'_> {
    /// As facts, in the order in which files show them.
    pub fn facts(self) -> Vec<Fact> {
        let fact = |key: &str, zh: &str, en: &str, text: Words| Fact {
            key: key.to_owned(),
            name: Words::new(zh, en),
            text,
        };
        let mut facts = vec![
            fact("source", "来源", "Source", self.source),
            fact("release", "发布", "Release", self.release),
        ];
        if self.version > 0 {
            let version = self.version;
            let said = Words::new(format!("第 {version} 版"), format!("version {version}"));
            facts.push(fact("version", "版本", "Version", said));
        }
        if self.note != Words::default() {
            facts.push(fact("note", "说明", "Note", self.note));
        }
        if !self.content_hash.is_empty() {
            let said = Words::new(self.content_hash, self.content_hash);
            facts.push(fact("content_hash", "CSV 的 SHA-256", "SHA-256 of the CSV", said));
        }
        if self.demonstration {
            let said = Words::new("演示数据：机构为虚构", "Invented institutions");
            facts.push(fact("demonstration", "演示", "Demonstration", said));
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_said() {
        let keys = |origin: Origin<'_>| origin.facts().into_iter().map(|fact| fact.key).collect::<Vec<_>>();
        assert_eq!(keys(Origin::default()), ["source", "release"]);
        let whole = Origin {
            version: 2,
            note: Words::new("说明", "A note"),
            content_hash: "c0ffee",
            demonstration: true,
            ..Origin::default()
        };
        assert_eq!(keys(whole), ["source", "release", "version", "note", "content_hash", "demonstration"]);
    }
}
