//! A draft of `rules.toml`: read as strictly as the files at start, with every fault told by line and key to whoever wrote
//! it.

use zhijian_platform::{
    Text,
    rules::{RulesDir, RulesError},
};

use super::{
    Catalogue, build,
    file::{CatalogueFile, RulesFile},
    load::{Source, file_name, shipped_text},
};
use crate::domain::expression::Bound;

/// How many bytes a draft may have.
pub const MAX_DRAFT: usize = 400_000;
/// How much stack a thread wants, in bytes, that reads a draft or runs its rules: the parser goes through a dozen functions
/// a level, and a level of evaluation takes some 40 KiB where the compiler does not optimise.
pub const STACK: usize = 64 << 20;

/// What is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line it is in, from 1; 0 if it is in none.
    pub line: usize,
    /// The column, from 1; 0 if the whole line is meant.
    pub column: usize,
    /// The entry and part at fault ("rule V10.when"); "" for the file as such.
    pub key: String,
    /// What is wrong with it.
    pub detail: String,
}

/// Why there is no catalogue of a draft.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The draft is at fault.
    #[error("line {}: {}: {}", .0.line, .0.key, .0.detail)]
    Fault(Fault),
    /// The files in force, which it builds upon, cannot be read any more.
    #[error(transparent)]
    InForce(#[from] RulesError),
}

impl Fault {
    /// Says where it is and what is wrong.
    pub fn text(&self) -> Text {
        let Self { line, column, key, detail } = self;
        let place = match (line, column) {
            (0, _) => Text::new("草案", "The draft"),
            (line, 0) => Text::new(format!("草案第 {line} 行"), format!("Line {line} of the draft")),
            (line, column) => Text::new(
                format!("草案第 {line} 行第 {column} 列"),
                format!("Line {line}, column {column} of the draft"),
            ),
        };
        if key.is_empty() {
            return Text::new(
                format!("{}读不懂：{detail}", place.zh),
                format!("{} cannot be read: {detail}", place.en),
            );
        }
        Text::new(
            format!("{}，{key}（{}）有误：{detail}", place.zh, part(key)),
            format!("{}, {key}: {detail}", place.en),
        )
    }
}

/// What a part of a rule is called.
fn part(key: &str) -> &'static str {
    match key.rsplit('.').next().unwrap_or_default() {
        "expression" => "应当成立的式子",
        "when" => "适用条件",
        "indicators" => "适用的指标",
        "report_kinds" => "适用的年报种类",
        "message" => "给学校看的提示",
        "hint" => "修改办法",
        "extends" => "沿用哪一年",
        "remove" => "不再沿用的规则",
        _ => "规则",
    }
}

/// The rules file of a year as it is written; nothing if the year has none.
///
/// # Errors
/// If it is there and cannot be read.
pub fn rules_text(dir: &RulesDir, year: i32) -> Result<Option<String>, RulesError> {
    if !(Source { dir }).has(year) {
        return Ok(None);
    }
    dir.text(&file_name(year, RulesFile::NAME), shipped_text::<RulesFile>(year)).map(Some)
}

/// The catalogue of `year` with the rules of a draft in place of its own.
///
/// The draft is a whole `rules.toml`. It may extend that year's own file or an earlier year's, since it is meant to take the
/// place of the one in force.
///
/// # Errors
/// What is wrong, with line and key.
pub fn draft(dir: &RulesDir, year: i32, text: &str) -> Result<Catalogue, DraftError> {
    let source = Source { dir };
    let fault = |key: &str, detail: String| {
        let (line, column) = (line_of(text, key), 0);
        DraftError::Fault(Fault { line, column, key: key.to_owned(), detail })
    };
    if text.trim().is_empty() {
        return Err(fault("", "there is nothing in it（没有内容）".to_owned()));
    }
    let unreadable = |error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        let (line, column) = place(text, at);
        let detail = error.message().trim().replace('\n', "; ");
        DraftError::Fault(Fault { line, column, key: String::new(), detail })
    };
    let table: toml::Table = toml::from_str(text).map_err(unreadable)?;
    if let Some((key, detail)) = unbounded(&table) {
        return Err(fault(&key, detail));
    }
    let file: RulesFile = toml::from_str(text).map_err(unreadable)?;
    if let Some(entry) = file.repeated() {
        return Err(fault(&entry, "the code is used twice（代码重复）".to_owned()));
    }
    let rules = match file.extends() {
        None => file,
        Some(base) if base > year || !source.has(base) => {
            let detail = format!("there are no rules of {base}, or they are later than {year}（没有这一年）");
            return Err(fault("extends", detail));
        }
        Some(base) => file.over(source.file(base)?).map_err(|code| {
            fault("remove", format!("the rules of {base} have no {code:?}（没有这条规则）"))
        })?,
    };
    build::build(year, source.file(year)?, source.file(year)?, rules).map_err(|error| match error {
        RulesError::Content { key, detail, .. } if key.starts_with("rule ") => fault(&key, detail),
        other => DraftError::InForce(other),
    })
}

/// The first text that is too long or too deep to be evaluated safely: its entry, and why.
fn unbounded(table: &toml::Table) -> Option<(String, String)> {
    let rules = table.get("rule").and_then(toml::Value::as_array).into_iter().flatten();
    for rule in rules.filter_map(toml::Value::as_table) {
        let code = rule.get("code").and_then(toml::Value::as_str).unwrap_or("?");
        for (key, value) in rule {
            if let Some(bound) = exceeded(value) {
                return Some((format!("rule {code}.{key}"), bound.to_string()));
            }
        }
    }
    None
}

fn exceeded(value: &toml::Value) -> Option<Bound> {
    match value {
        toml::Value::String(text) => Bound::exceeded_by(text),
        toml::Value::Array(values) => values.iter().find_map(exceeded),
        toml::Value::Table(table) => table.values().find_map(exceeded),
        _ => None,
    }
}

/// The line and column of a byte, from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before.get(line_start..).map_or(0, |line| line.chars().count());
    (before.matches('\n').count() + 1, column + 1)
}

/// The line, from 1, of an entry's part ("rule V10.when"): the part's own, else that of the entry's code; 0 if the draft
/// does not write it, since it may come from the year that is extended.
fn line_of(text: &str, key: &str) -> usize {
    let assigns = |line: &str, name: &str| {
        line.trim_start().strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let lines: Vec<&str> = text.lines().collect();
    let Some(entry) = key.strip_prefix("rule ") else {
        return lines.iter().position(|line| assigns(line, key)).map_or(0, |at| at + 1);
    };
    let (code, part) = entry.split_once('.').unwrap_or((entry, "code"));
    let names = |line: &&str| assigns(line, "code") && line.contains(&format!("\"{code}\""));
    // Of two entries with one code, the second is too many.
    let at = match part {
        "code" => lines.iter().rposition(&names),
        _ => lines.iter().position(&names),
    };
    let Some(at) = at else { return 0 };
    let is_head = |line: &&str| line.trim_start().starts_with("[[");
    let first = lines[..at].iter().rposition(&is_head).unwrap_or(at);
    let end = lines[at..].iter().position(&is_head).map_or(lines.len(), |next| at + next);
    let own = lines[first..end].iter().position(|line| assigns(line, part));
    own.map_or(at + 1, |own| first + own + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::{
        check::Beside,
        derive::Cells,
        expression::{MAX_DEPTH, MAX_OPERATORS},
        lab::{Past, compare, standings},
        value::Value,
    };

    fn fault(text: &str) -> Fault {
        match draft(&RulesDir::default(), 2025, text) {
            Err(DraftError::Fault(fault)) => fault,
            other => panic!("{:?}", other.map(|catalogue| catalogue.rules.len())),
        }
    }

    const RULE: &str = r#"
extends = 2025

[[rule]]
code = "V90"
report_kinds = ["higher"]
severity = "warning"
expression = "SC02 > 0"
message = { zh = "没有落实去向的毕业生。", en = "Nobody found a place." }
hint = { zh = "请核对。", en = "Check it." }
stage = "values"
"#;

    #[test]
    fn a_draft_stands_in_for_the_rules_of_its_year() {
        let dir = RulesDir::default();
        let own = rules_text(&dir, 2025).unwrap().unwrap();
        let whole = draft(&dir, 2025, &own).unwrap();
        let more = draft(&dir, 2025, RULE).unwrap();
        assert_eq!(more.rules.len(), whole.rules.len() + 1);
        assert_eq!(more.indicators.len(), whole.indicators.len());
        let fewer = draft(&dir, 2025, "extends = 2025\nremove = [\"V10\"]").unwrap();
        assert_eq!(fewer.rules.len(), whole.rules.len() - 1);
        assert!(rules_text(&dir, 1999).unwrap().is_none());
    }

    #[test]
    fn every_fault_is_told_by_line_and_key() {
        let broken = fault("extends = 2025\n[[rule]]\ncode = V90\n");
        assert_eq!((broken.line, broken.key.as_str()), (3, ""), "{broken:?}");
        let unknown = fault(&RULE.replace("severity =", "gravity ="));
        assert_eq!(unknown.line, 7, "{unknown:?}");
        assert!(unknown.detail.contains("gravity"), "{unknown:?}");
        let expression = fault(&RULE.replace("SC02 > 0", "SC02 > NOPE"));
        assert_eq!((expression.line, expression.key.as_str()), (8, "rule V90.expression"), "{expression:?}");
        assert!(expression.detail.contains("NOPE"), "{expression:?}");
        let kinds = fault(&RULE.replace("[\"higher\"]", "[\"lower\"]"));
        assert_eq!((kinds.line, kinds.key.as_str()), (6, "rule V90.report_kinds"));
        let twice = fault(&format!("{RULE}{}", RULE.replace("extends = 2025", "")));
        assert_eq!((twice.line, twice.key.as_str()), (16, "rule V90"), "{twice:?}");
        let later = fault("extends = 2026");
        assert_eq!((later.line, later.key.as_str()), (1, "extends"));
        let missing = fault("extends = 2025\nremove = [\"V99\"]");
        assert_eq!((missing.line, missing.key.as_str()), (2, "remove"));
        assert_eq!(fault("  \n").line, 0);
        assert!(kinds.text().zh.contains("第 6 行") && kinds.text().en.contains("Line 6"));
    }

    #[test]
    fn expressions_have_bounds_and_within_them_never_exhaust_the_stack() {
        let with = |expression: &str| RULE.replace("SC02 > 0", expression);
        let deep = fault(&with(&format!("{}SC02{} > 0", "(".repeat(200), ")".repeat(200))));
        assert!(deep.detail.contains("嵌套"), "{deep:?}");
        let long = fault(&with(&format!("SC02{} > 0", " + SC01".repeat(200))));
        assert!(long.detail.contains("1000"), "{long:?}");
        for many in ["+1".repeat(300), "&&true".repeat(100), "?true:true".repeat(90)] {
            let many = fault(&with(&format!("SC02 > 0{many}")));
            assert!(many.detail.contains("64"), "{many:?}");
        }
        let most = MAX_OPERATORS;
        let allowed = [
            format!("SC02{} > 0", "+1".repeat(most - 1)),
            format!("{}true", "!".repeat(most)),
            format!("{}SC02 > 0", "-".repeat(most - 1)),
            format!("{}false", "true?true:".repeat(most)),
            format!("{}true", "true&&".repeat(most / 2)),
            format!("{}SC02{} > 0", "(-".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH)),
            format!("SC02{}", ".a".repeat(most)),
        ];
        let past = Past {
            kind: "higher".into(),
            cells: [
                ("SC01".to_owned(), Value::Number(1.into())),
                ("SC02".to_owned(), Value::Number(2.into())),
            ]
            .into(),
            last: Cells::new(),
            sections: BTreeMap::new(),
            beside: Beside::default(),
            beside_draft: Beside::default(),
        };
        let all = std::thread::Builder::new().stack_size(STACK).spawn(move || {
            let drafts = allowed
                .into_iter()
                .filter_map(|expression| draft(&RulesDir::default(), 2025, &with(&expression)).ok());
            let read = drafts.inspect(|draft| {
                assert!(compare(draft, draft, &past).is_some());
                assert!(!standings(draft, draft).is_empty());
            });
            read.count()
        });
        let read = all.expect("a thread").join().expect("no overflow");
        assert!(read >= 5, "{read} of them are expressions");
    }
}
