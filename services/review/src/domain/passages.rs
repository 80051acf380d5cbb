//! Passages of a report that speak to a criterion: BM25 over pairs of Chinese characters and Latin words.
//!
//! Chinese is written without spaces, so every two neighbouring characters are a term; that needs no dictionary and misses no
//! name. The texts of one school are few and short: they are read afresh for each reader, and nothing is kept.

mod terms;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{Range, RangeInclusive},
};

use terms::{Term, terms_of};

/// A quote has at most this many characters.
pub const QUOTE: usize = 200;
/// How many words of the rubric a quote names.
const WORDS: usize = 8;
/// A sentence that is longer than a quote is cut so many characters before the first word that was looked for.
const LEAD: usize = 30;
/// BM25's saturation of repeated terms and its weight of length, as usual.
const SATURATION: f64 = 1.2;
const LENGTH: f64 = 0.75;
/// How much more a name says than a description.
const NAME: f64 = 2.0;
/// What scores less than this part of the best passage speaks of something else.
const PART_OF_BEST: f64 = 0.4;
/// How many different terms a passage must share with what is looked for.
const LEAST_TERMS: usize = 2;
/// Characters that only join words: no term spans them.
const JOINING: &str = "的和与或及并且其是否了";

/// What is looked for: the words of a criterion.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query(BTreeMap<Term, f64>);

/// A passage, with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The place of its text among those that were searched.
    pub text: usize,
    /// Its paragraph in the text, from 1; headings and tables are not counted.
    pub paragraph: usize,
    /// The lines of the paragraph, from 1.
    pub lines: RangeInclusive<usize>,
    /// The line on which the quote begins.
    pub line: usize,
    /// Where the quote stands in the text, in characters.
    pub place: Range<usize>,
    /// The text there, word for word; at most [`QUOTE`] characters.
    pub quote: String,
    /// What of the criterion's words is in the quote, the rarest first.
    pub words: Vec<String>,
}

impl Query {
    /// Reads what a criterion is called and what it looks at.
    pub fn new<'a>(
        names: impl IntoIterator<Item = &'a str>,
        descriptions: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut terms: BTreeMap<Term, f64> = BTreeMap::new();
        let names = names.into_iter().map(|text| (text, NAME));
        for (text, weight) in names.chain(descriptions.into_iter().map(|text| (text, 1.0))) {
            let characters: Vec<char> = text.chars().collect();
            for (term, place) in terms_of(&characters) {
                if !characters[place].iter().any(|c| JOINING.contains(*c)) {
                    let known = terms.entry(term).or_default();
                    *known = known.max(weight);
                }
            }
        }
        Self(terms)
    }
}

/// The passages of each query, at most `most` of them, the best first. A paragraph gives one passage a query.
pub fn rank(texts: &[&str], queries: &[Query], most: usize) -> Vec<Vec<Passage>> {
    let wanted: BTreeSet<&Term> = queries.iter().flat_map(|query| query.0.keys()).collect();
    let texts: Vec<Vec<char>> = texts.iter().map(|text| text.chars().collect()).collect();
    let mut paragraphs = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        paragraphs.extend(read(place, text, &wanted));
    }
    let mut found_in: BTreeMap<&Term, usize> = BTreeMap::new();
    for term in paragraphs.iter().flat_map(|paragraph| paragraph.terms.keys()) {
        *found_in.entry(term).or_default() += 1;
    }
    let count = number(paragraphs.len());
    let mean = paragraphs.iter().map(|paragraph| number(paragraph.length)).sum::<f64>() / count.max(1.0);
    let rarity = |term: &Term| {
        let found = number(found_in.get(term).copied().unwrap_or_default());
        (1.0 + (count - found + 0.5) / (found + 0.5)).ln()
    };
    let best_of = |query: &Query| {
        let mut scored: Vec<(f64, &Paragraph)> = paragraphs
            .iter()
            .filter_map(|paragraph| {
                let shared = query.0.iter().filter_map(|(term, weight)| {
                    let often = number(paragraph.terms.get(term)?.len());
                    let length = 1.0 - LENGTH + LENGTH * number(paragraph.length) / mean.max(1.0);
                    let often = often * (SATURATION + 1.0) / (often + SATURATION * length);
                    Some(weight * rarity(term) * often)
                });
                let shared: Vec<f64> = shared.collect();
                (shared.len() >= LEAST_TERMS.min(query.0.len())).then(|| (shared.iter().sum(), paragraph))
            })
            .filter(|(score, _)| *score > 0.0)
            .collect();
        // Sorting is stable: of equal ones the earlier comes first.
        scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let least = scored.first().map_or(0.0, |(best, _)| best * PART_OF_BEST);
        scored
            .into_iter()
            .take(most)
            .filter(|(score, _)| *score >= least)
            .map(|(_, paragraph)| paragraph.passage(&texts[paragraph.text], query, rarity))
            .collect()
    };
    queries.iter().map(best_of).collect()
}

/// A paragraph with what was looked for in it.
struct Paragraph {
    text: usize,
    number: usize,
    place: Range<usize>,
    lines: RangeInclusive<usize>,
    /// How many terms it has, looked for or not.
    length: usize,
    terms: BTreeMap<Term, Vec<Range<usize>>>,
}

impl Paragraph {
    /// The sentences that say most of what is looked for, as far as they fit.
    fn passage(&self, text: &[char], query: &Query, rarity: impl Fn(&Term) -> f64) -> Passage {
        let wanted: Vec<(&Term, f64, &Vec<Range<usize>>)> = query
            .0
            .iter()
            .filter_map(|(term, weight)| Some((term, weight * rarity(term), self.terms.get(term)?)))
            .collect();
        let inside = |part: &Range<usize>, at: &Range<usize>| part.start <= at.start && at.end <= part.end;
        let said = |part: &Range<usize>| -> f64 {
            let there = wanted.iter().filter(|(_, _, places)| places.iter().any(|at| inside(part, at)));
            there.map(|(_, weight, _)| weight).sum()
        };
        let sentences = sentences(text, self.place.clone());
        let mut best: Option<(f64, Range<usize>)> = None;
        for (from, first) in sentences.iter().enumerate() {
            for last in &sentences[from..] {
                let part = first.start..last.end;
                if part.len() > QUOTE && last.start > first.start {
                    break;
                }
                let part = if part.len() > QUOTE { self.cut(part, &wanted) } else { part };
                let score = said(&part);
                let better = best.as_ref().is_none_or(|(known, shortest)| {
                    score > *known || (score >= *known && part.len() < shortest.len())
                });
                if better {
                    best = Some((score, part));
                }
            }
        }
        let place = best.map_or(self.place.start..self.place.start, |(_, part)| part);
        let before = self.place.start..place.start;
        Passage {
            text: self.text,
            paragraph: self.number,
            line: self.lines.start() + text[before].iter().filter(|c| **c == '\n').count(),
            lines: self.lines.clone(),
            quote: text[place.clone()].iter().collect(),
            words: words(text, &place, &wanted),
            place,
        }
    }

    /// A sentence that is too long, from shortly before the first thing that was looked for.
    fn cut(&self, sentence: Range<usize>, wanted: &[(&Term, f64, &Vec<Range<usize>>)]) -> Range<usize> {
        let places = wanted.iter().flat_map(|(_, _, places)| places.iter());
        let first = places.map(|at| at.start).filter(|at| sentence.contains(at)).min();
        let start = first.unwrap_or(sentence.start).saturating_sub(LEAD).max(sentence.start);
        start..(start + QUOTE).min(sentence.end)
    }
}

/// What of the terms is in a part of the text: neighbours joined, the rarest first.
fn words(text: &[char], part: &Range<usize>, wanted: &[(&Term, f64, &Vec<Range<usize>>)]) -> Vec<String> {
    let mut places: Vec<(Range<usize>, f64)> = wanted
        .iter()
        .flat_map(|(_, weight, places)| places.iter().map(|at| (at.clone(), *weight)))
        .filter(|(at, _)| part.start <= at.start && at.end <= part.end)
        .collect();
    places.sort_by_key(|(at, _)| (at.start, at.end));
    let mut joined: Vec<(Range<usize>, f64)> = Vec::new();
    for (at, weight) in places {
        match joined.last_mut() {
            Some((last, sum)) if at.start < last.end => {
                last.end = last.end.max(at.end);
                *sum += weight;
            }
            _ => joined.push((at, weight)),
        }
    }
    joined.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let mut words: Vec<String> = Vec::new();
    for (at, _) in joined {
        let word: String = text[at].iter().collect();
        if words.len() < WORDS && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// The paragraphs of a text: lines that no empty line, heading, table or picture parts.
fn read(text: usize, characters: &[char], wanted: &BTreeSet<&Term>) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut open: Option<(Range<usize>, RangeInclusive<usize>)> = None;
    let mut close = |open: Option<(Range<usize>, RangeInclusive<usize>)>| {
        let Some((place, lines)) = open else { return };
        let mut terms: BTreeMap<Term, Vec<Range<usize>>> = BTreeMap::new();
        let mut length = 0;
        for (term, at) in terms_of(&characters[place.clone()]) {
            length += 1;
            if wanted.contains(&term) {
                terms.entry(term).or_default().push(place.start + at.start..place.start + at.end);
            }
        }
        paragraphs.push(Paragraph { text, number: paragraphs.len() + 1, place, lines, length, terms });
    };
    let mut start = 0;
    for (line, of_line) in characters.split(|c| *c == '\n').enumerate() {
        let begins = of_line.iter().position(|c| !c.is_whitespace());
        let ends = of_line.iter().rposition(|c| !c.is_whitespace()).map(|last| start + last + 1);
        let prose = begins.filter(|at| !is_markup(&of_line[*at..])).zip(ends);
        match prose {
            None => close(open.take()),
            Some((begins, ends)) => {
                let (from, first) = open
                    .take()
                    .map_or((start + begins, line + 1), |(place, lines)| (place.start, *lines.start()));
                open = Some((from..ends, first..=line + 1));
            }
        }
        start += of_line.len() + 1;
    }
    close(open);
    paragraphs
}

fn is_markup(line: &[char]) -> bool {
    matches!(line, ['#' | '|', ..] | ['!', '[', ..])
}

/// The sentences of a part of a text, without the space around them.
fn sentences(text: &[char], part: Range<usize>) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = part.start;
    for at in part.clone() {
        let ends = match text[at] {
            '。' | '！' | '？' | '；' | '!' | '?' | ';' | '\n' => true,
            '.' => text.get(at + 1).is_none_or(|next| next.is_whitespace()),
            _ => false,
        };
        if ends || at + 1 == part.end {
            let own = &text[start..=at];
            let from = own.iter().position(|c| !c.is_whitespace());
            let to = own.iter().rposition(|c| !c.is_whitespace());
            if let Some((from, to)) = from.zip(to) {
                sentences.push(start + from..start + to + 1);
            }
            start = at + 1;
        }
    }
    sentences
}

/// A count, for weighing alone.
fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REPORT: &str = "# 师资队伍\n\n学校现有专任教师 120 人，其中双师型教师 78 人，占 65%。聘请行业导师 30 人，\
        承担实践课程。\n\n| 指标 | 数值 |\n| --- | --- |\n| 双师型教师 | 78 |\n\n## 校园活动\n\n\
        本年度举办运动会和文化节。\n学生参加合唱比赛。\n\n学校与 25 家企业合作，共建 IoT 实训基地 6 个。";

    fn query(name: &str, description: &str) -> Query {
        Query::new([name], [description])
    }

    #[test]
    fn what_speaks_to_a_criterion_is_quoted_with_its_place() {
        let faculty = query("师资队伍", "专任教师、双师型教师和行业导师的数量与结构是否合理。");
        let integration = query("产教融合", "合作企业是否稳定，是否共建 ＩｏＴ 实训基地。");
        let nothing = query("国际交流", "留学生培养的规模。");
        let found = rank(&["", REPORT], &[faculty, integration, nothing], 3);
        let [first] = found[0].as_slice() else { panic!("{:?}", found[0]) };
        assert_eq!((first.text, first.paragraph, first.line), (1, 1, 3));
        assert!(
            first.quote.starts_with("学校现有专任教师") && first.quote.ends_with("承担实践课程。"),
            "{first:?}"
        );
        assert!(first.words.contains(&"双师型教师".to_owned()), "{:?}", first.words);
        let [second] = found[1].as_slice() else { panic!("{:?}", found[1]) };
        assert_eq!((second.paragraph, second.line), (3, 14));
        assert!(second.words.contains(&"IoT".to_owned()), "{:?}", second.words);
        assert!(found[2].is_empty(), "one shared pair is chance: {:?}", found[2]);
    }

    #[test]
    fn the_sentence_that_says_most_is_quoted_and_long_ones_are_cut() {
        let filler = "其他内容".repeat(60);
        let text =
            format!("{filler}。双师型教师占比达到六成。{filler}。\n\n开头{filler}双师型教师{filler}结尾");
        let found = rank(&[&text], &[query("双师型教师", "占比")], 5).remove(0);
        assert_eq!(found[0].quote, "双师型教师占比达到六成。");
        assert!(found[1].quote.contains("双师型教师"));
        assert_eq!(found[1].quote.chars().count(), QUOTE);
    }

    #[test]
    fn a_rare_word_weighs_more_than_a_common_one() {
        let text = "学校重视教学质量。\n\n学校重视教学管理。\n\n学校重视教学督导。\n\n学校设有教学督导室，开展教学督导。";
        let found = rank(&[text], &[query("教学督导", "学校重视")], 4).remove(0);
        assert_eq!(found[0].words[0], "教学督导");
        assert!([3, 4].contains(&found[0].paragraph), "{found:?}");
        assert!(found.iter().all(|passage| passage.paragraph != 1) || found.len() == 4);
    }

    proptest! {
        #[test]
        fn quotes_are_word_for_word_at_their_places(
            text in "[双师型教师企业合作。；\n #|a-cA-C0-9，！.]{0,400}", name in "[双师型教师企业合a-c]{0,8}",
        ) {
            let characters: Vec<char> = text.chars().collect();
            let found = rank(&[&text], &[query(&name, "双师型教师与企业合作")], 3).remove(0);
            prop_assert!(found.len() <= 3);
            for passage in found {
                let there: String = characters[passage.place.clone()].iter().collect();
                prop_assert_eq!(&there, &passage.quote);
                prop_assert!(passage.place.len() <= QUOTE && !passage.words.is_empty());
                prop_assert!(passage.words.iter().all(|word| passage.quote.contains(word.as_str())));
                let line = 1 + characters[..passage.place.start].iter().filter(|c| **c == '\n').count();
                prop_assert_eq!(line, passage.line);
                prop_assert!(passage.lines.contains(&passage.line));
            }
        }

        #[test]
        fn more_of_what_is_looked_for_never_ranks_lower(count in 2_usize..6) {
            let weak = "学校开展双师工作与其他各项工作。";
            let strong = format!("学校{}工作。", "双师型教师".repeat(count));
            let text = format!("{weak}\n\n{strong}\n\n校园绿化面积增加。");
            let found = rank(&[&text], &[query("双师型教师", "")], 2).remove(0);
            prop_assert_eq!(found[0].paragraph, 2);
        }
    }
}
