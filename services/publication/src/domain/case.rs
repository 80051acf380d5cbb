//! Cases (案例) of accepted reports: which of them an edition sets, and their texts as paragraphs.

use std::collections::{BTreeMap, BTreeSet};

use super::pin::PinnedCase;

/// Which cases of the year's accepted reports a template wants.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// The kinds of report that carry them.
    pub report_kinds: Vec<String>,
    /// The section that they belong to; nothing for all.
    pub section: Option<String>,
    /// How many over all institutions; nothing for every one.
    pub most: Option<usize>,
}

impl Wanted {
    fn covers(&self, case: &PinnedCase) -> bool {
        self.report_kinds.contains(&case.kind)
            && self.section.as_ref().is_none_or(|section| *section == case.section)
    }
}

/// The cases that are wanted: the first of each institution in order of code, then the second of each, and so on, so that
/// no institution has two before every one has one.
pub fn chosen<'c>(cases: &'c [PinnedCase], wanted: &Wanted) -> Vec<&'c PinnedCase> {
    let mut turns: BTreeMap<&str, usize> = BTreeMap::new();
    let mut placed: Vec<(usize, &PinnedCase)> = cases
        .iter()
        .filter(|case| wanted.covers(case))
        .map(|case| {
            let turn = turns.entry(&case.subject).or_default();
            *turn += 1;
            (*turn, case)
        })
        .collect();
    placed.sort_by_key(|(turn, case)| (*turn, &case.subject));
    placed.truncate(wanted.most.unwrap_or(usize::MAX));
    placed.into_iter().map(|(_, case)| case).collect()
}

/// The cases that at least one of `wanted` sets, in their order. What is chosen of them is what is chosen of all: whatever
/// comes before a chosen case of its institution is chosen too.
pub fn needed(cases: Vec<PinnedCase>, wanted: &BTreeSet<Wanted>) -> Vec<PinnedCase> {
    let ids: BTreeSet<String> =
        wanted.iter().flat_map(|wanted| chosen(&cases, wanted)).map(|case| case.case_id.clone()).collect();
    cases.into_iter().filter(|case| ids.contains(&case.case_id)).collect()
}

/// A case's text, plain or Markdown, as paragraphs without marks. Pictures do not come along.
pub fn paragraphs(body: &str) -> Vec<String> {
    body.lines().map(words).filter(|words| !words.is_empty()).collect()
}

/// The words of one line; none of a picture or of the rule of a table.
fn words(line: &str) -> String {
    let line = line.trim();
    let is_rule = line.len() >= 3 && line.chars().all(|c| matches!(c, '|' | '-' | ':' | '*' | '_' | ' '));
    if is_rule || line.starts_with("![") {
        return String::new();
    }
    let line = line.trim_start_matches('>').trim_start();
    let heading = line.trim_start_matches('#');
    let line = if heading.starts_with(' ') { heading.trim_start() } else { line };
    let line = ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line);
    let row = line.strip_prefix('|').and_then(|row| row.trim_end().strip_suffix('|'));
    let line = match row {
        Some(row) => {
            row.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("，")
        }
        None => line.replace("**", "").replace("__", "").replace('`', ""),
    };
    unescaped(&line).trim().to_owned()
}

/// Without the strokes that keep marks from being read as such.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = character == '\\' && characters.peek().is_some_and(char::is_ascii_punctuation);
        plain.push(if escaped { characters.next().unwrap_or(character) } else { character });
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn case(id: usize, kind: &str, subject: &str, section: &str) -> PinnedCase {
        PinnedCase {
            case_id: format!("cas_{id}"),
            submission_id: format!("sub_{subject}"),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            section: section.to_owned(),
            title: format!("案例{id}"),
            body: "正文。".to_owned(),
        }
    }

    fn wanted(kinds: &[&str], section: Option<&str>, most: Option<usize>) -> Wanted {
        let report_kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        Wanted { report_kinds, section: section.map(str::to_owned), most }
    }

    #[test]
    fn no_institution_has_two_before_every_one_has_one() {
        let cases = [
            case(1, "higher", "1", "talent"),
            case(2, "higher", "1", "talent"),
            case(3, "higher", "2", "service"),
            case(4, "secondary", "3", "talent"),
            case(5, "higher", "4", "talent"),
        ];
        let ids = |wanted: Wanted| -> Vec<&str> {
            chosen(&cases, &wanted).into_iter().map(|case| case.case_id.as_str()).collect()
        };
        let both = ["higher", "secondary"];
        assert_eq!(ids(wanted(&both, None, Some(20))), ["cas_1", "cas_3", "cas_4", "cas_5", "cas_2"]);
        assert_eq!(ids(wanted(&both, Some("talent"), Some(3))), ["cas_1", "cas_4", "cas_5"]);
        assert_eq!(ids(wanted(&["higher"], Some("talent"), Some(3))), ["cas_1", "cas_5", "cas_2"]);
        assert_eq!(ids(wanted(&["district"], None, None)), [""; 0]);
    }

    #[test]
    fn what_people_write_becomes_paragraphs() {
        let body = "## 背景\n\n　　学校**牵头**，企业参与。\n- 第一步：`调研`\n> 引文\n![图 1](attachment:att_1)\n| 年份 | 人数 |\n|---|---|\n| 2024 | 30 |\n***\n3 \\* 4\n#话题\n";
        let told = [
            "背景",
            "学校牵头，企业参与。",
            "第一步：调研",
            "引文",
            "年份，人数",
            "2024，30",
            "3 * 4",
            "#话题",
        ];
        assert_eq!(paragraphs(body), told);
        assert!(paragraphs(" \n\n").is_empty());
    }

    proptest! {
        /// The pins hold no more than what is set, and the same is set of them as of everything.
        #[test]
        fn the_needed_cases_give_what_all_of_them_give(
            drawn in proptest::collection::vec((0..2_usize, 0..5_usize, 0..3_usize), 0..40),
            wants in proptest::collection::btree_set((0..3_usize, 0..4_usize, 1..6_usize), 1..5),
        ) {
            let (kinds, sections) = (["higher", "secondary"], ["talent", "service", "culture"]);
            let mut cases: Vec<PinnedCase> = drawn
                .iter()
                .enumerate()
                .map(|(id, (kind, subject, section))| case(id, kinds[*kind], &subject.to_string(), sections[*section]))
                .collect();
            cases.sort_by(|a, b| a.subject.cmp(&b.subject));
            let wants: BTreeSet<Wanted> = wants
                .into_iter()
                .map(|(kind, section, most)| {
                    let kinds = if kind < 2 { &kinds[kind..=kind] } else { &kinds[..] };
                    wanted(kinds, sections.get(section).copied(), (most < 5).then_some(most))
                })
                .collect();
            let kept = needed(cases.clone(), &wants);
            let mut set = BTreeSet::new();
            for want in &wants {
                let of_all = chosen(&cases, want);
                prop_assert_eq!(&of_all, &chosen(&kept, want));
                prop_assert!(want.most.is_none_or(|most| of_all.len() <= most));
                set.extend(of_all.into_iter().map(|case| case.case_id.clone()));
            }
            prop_assert_eq!(set.len(), kept.len());
        }
    }
}
