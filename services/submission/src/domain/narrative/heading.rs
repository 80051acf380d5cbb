//! Headings as people write them: which section of a report one belongs to, its number aside.

use std::collections::BTreeMap;

use serde::Deserialize;
use zhijian_platform::rules::{self, RulesDir, RulesError};

use crate::domain::catalogue::ReportKind;

const FILE: &str = "catalogue/narrative.toml";

/// Other headings of sections, by the section's code.
#[derive(Debug, Clone, Default)]
pub struct Synonyms(BTreeMap<String, Vec<String>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SynonymsFile {
    synonyms: BTreeMap<String, Vec<String>>,
}

/// How a heading was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// It is the section's name.
    Name,
    /// It is another name of the section.
    Synonym,
}

impl Synonyms {
    /// Reads the synonyms.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let file: SynonymsFile = rules::load(dir, FILE, include_str!("../../../catalogue/narrative.toml"))?;
        for (section, names) in &file.synonyms {
            if let Some(empty) = names.iter().find(|name| normalised(name).is_empty()) {
                let detail = format!("{empty:?} has nothing to tell it by");
                return Err(RulesError::content(FILE, format!("synonyms.{section}"), detail));
            }
        }
        Ok(Self(file.synonyms))
    }

    /// Checks that no two sections of a kind share a synonym.
    ///
    /// # Errors
    /// Names the file, the section and the synonym.
    pub fn check(&self, kind: &ReportKind) -> Result<(), RulesError> {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for section in &kind.sections {
            for name in self.0.get(&section.code).into_iter().flatten() {
                if let Some(other) = seen.insert(normalised(name), &section.code) {
                    let detail = format!("{name:?} stands for {other} too, in reports of kind {}", kind.code);
                    return Err(RulesError::content(FILE, format!("synonyms.{}", section.code), detail));
                }
            }
        }
        Ok(())
    }

    /// The section of a kind of report that a heading belongs to.
    pub fn section<'k>(&self, kind: &'k ReportKind, heading: &str) -> Option<(&'k str, Recognised)> {
        let heading = normalised(heading);
        if heading.is_empty() {
            return None;
        }
        let named = kind.sections.iter().find(|section| {
            [&section.name.zh, &section.name.en].iter().any(|name| normalised(name) == heading)
        });
        if let Some(section) = named {
            return Some((&section.code, Recognised::Name));
        }
        let synonym = kind.sections.iter().find(|section| {
            let names = self.0.get(&section.code).into_iter().flatten();
            names.into_iter().any(|name| normalised(name) == heading)
        });
        synonym.map(|section| (section.code.as_str(), Recognised::Synonym))
    }
}

/// A heading without its number, white space, punctuation, width and case.
pub fn normalised(heading: &str) -> String {
    let narrow: Vec<char> = heading.chars().map(narrow).collect();
    let mut rest = narrow.as_slice();
    loop {
        let shorter = without_number(trimmed(rest));
        if shorter.len() == rest.len() {
            break;
        }
        rest = shorter;
    }
    rest.iter().filter(|c| c.is_alphanumeric()).flat_map(|c| c.to_lowercase()).collect()
}

/// Full-width letters, digits and signs as half-width ones.
fn narrow(c: char) -> char {
    const FIRST: u32 = 0xFF01;
    const LAST: u32 = 0xFF5E;
    const SHIFT: u32 = 0xFEE0;
    match u32::from(c) {
        code @ FIRST..=LAST => char::from_u32(code - SHIFT).unwrap_or(c),
        _ => c,
    }
}

fn trimmed(text: &[char]) -> &[char] {
    let start = text.iter().take_while(|c| !c.is_alphanumeric() && **c != '(').count();
    &text[start..]
}

fn is_chinese_digit(c: char) -> bool {
    "一二三四五六七八九十百零〇壹贰叁肆伍陆柒捌玖拾".contains(c)
}

fn count(text: &[char], is: impl Fn(char) -> bool) -> usize {
    text.iter().take_while(|c| is(**c)).count()
}

/// Takes one number off the front, if what is there can only be one.
fn without_number(text: &[char]) -> &[char] {
    let digit = |c: char| is_chinese_digit(c) || c.is_ascii_digit();
    match text {
        // 第三章, 第2部分
        ['第', rest @ ..] => {
            let digits = count(rest, digit);
            let unit = &rest[digits..];
            let length = match unit {
                ['部', '分', ..] => 2,
                ['章' | '节' | '篇' | '部', ..] => 1,
                _ => return text,
            };
            if digits == 0 { text } else { &unit[length..] }
        }
        // （一）, (2)
        ['(', rest @ ..] => {
            let digits = count(rest, digit);
            match rest.get(digits) {
                Some(')') if digits > 0 => &rest[digits + 1..],
                _ => text,
            }
        }
        // 一、 三． 四 ; 一 alone begins words too
        [first, ..] if is_chinese_digit(*first) => {
            let digits = count(text, is_chinese_digit);
            match text.get(digits) {
                Some(c) if !c.is_alphanumeric() => &text[digits + 1..],
                _ => text,
            }
        }
        // 1. 2.3 4) 5　and 1前言, yet not 2025年
        [first, ..] if first.is_ascii_digit() => {
            let digits = count(text, |c| c.is_ascii_digit() || c == '.');
            match text.get(digits) {
                Some(c) if "年月日个项届次%".contains(*c) => text,
                Some(c) if c.is_ascii_alphabetic() => text,
                Some(_) => &text[digits..],
                None => text,
            }
        }
        // Ⅳ. or ⅳ
        [first, ..] if ('Ⅰ'..='ⅿ').contains(first) => &text[count(text, |c| ('Ⅰ'..='ⅿ').contains(&c))..],
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;
    use crate::domain::catalogue::Catalogues;

    fn kind() -> &'static ReportKind {
        Catalogues::shipped().get(2026).expect("2026 is shipped").kind("higher").expect("a kind of 2026")
    }

    #[test]
    fn the_shipped_synonyms_fit_every_shipped_kind() {
        let synonyms = Synonyms::load(&RulesDir::default()).expect("sound");
        for year in [2024, 2025, 2026] {
            for kind in &Catalogues::shipped().get(year).expect("shipped").kinds {
                synonyms.check(kind).expect("no two sections share one");
            }
        }
        let of = |heading| synonyms.section(kind(), heading);
        assert_eq!(of("第三章　服务贡献"), Some(("service", Recognised::Name)));
        assert_eq!(of("六、国际交流与合作"), Some(("international", Recognised::Synonym)));
        assert_eq!(of("4 Cultural Heritage"), Some(("culture", Recognised::Name)));
        assert_eq!(of("服务贡献典型案例"), None);
        assert_eq!(of("2025年"), None);
        assert_eq!(of("一、"), None);
    }

    #[test]
    fn what_only_looks_like_a_number_stays() {
        assert_eq!(normalised("一流专业建设"), "一流专业建设");
        assert_eq!(normalised("2025年度概况"), "2025年度概况");
        assert_eq!(normalised("第一课堂"), "第一课堂");
        assert_eq!(normalised("1+X证书"), "x证书");
        assert_eq!(normalised("３．２　产教融合："), "产教融合");
    }

    proptest! {
        /// However a heading is numbered, spaced or punctuated, it finds the same section.
        #[test]
        fn numbers_do_not_matter(
            section in 0_usize..9,
            number in select(vec!["", "一、", "第一章 ", "第2部分　", "（三）", "(4)", "5.", "6.1 ", "7.1.2　", "８．", "Ⅸ．", "第十一章", "1 "]),
            space in select(vec!["", " ", "　"]),
            after in select(vec!["", "：", "。", "  "]),
        ) {
            let synonyms = Synonyms::load(&RulesDir::default()).expect("sound");
            let section = &kind().sections[section];
            let spaced: String = section.name.zh.chars().flat_map(|c| [c.to_string(), space.to_owned()]).collect();
            let heading = format!("{number}{spaced}{after}");
            prop_assert_eq!(synonyms.section(kind(), &heading), Some((section.code.as_str(), Recognised::Name)), "{}", heading);
        }

        #[test]
        fn anything_at_all_is_normalised(heading in "\\PC{0,40}") {
            let once = normalised(&heading);
            prop_assert!(once.chars().all(char::is_alphanumeric));
        }
    }
}
