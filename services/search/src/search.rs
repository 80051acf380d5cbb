//! Searching.

use std::{cmp::Ordering, collections::BinaryHeap};

use crate::{
    Document, Index, Piece,
    postings::Postings,
    snippet,
    text::{Term, even, terms},
};

/// The longest text that is looked for, in characters; what goes beyond it is cut off.
pub const MAX_QUERY: usize = 100;
/// The most terms that are looked for.
const MAX_TERMS: usize = 64;
/// How far results can be paged.
pub const MAX_REACH: usize = 1000;

/// What is looked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<'a> {
    /// The words.
    pub text: &'a str,
    /// For each facet the value wanted, if any.
    pub filters: &'a [Option<&'a str>],
    /// How many results are passed over; at most [`MAX_REACH`].
    pub offset: usize,
    /// How many are wanted.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Results<'a> {
    /// How many documents.
    pub total: usize,
    /// No document has every word: these have at least half of them.
    pub loose: bool,
    /// The text was longer than [`MAX_QUERY`], and its end was not looked for.
    pub cut: bool,
    /// The page asked for, best first.
    pub hits: Vec<Hit<'a>>,
    /// For each facet how many documents have which value, were the facet not filtered; most first.
    pub facets: Vec<Vec<FacetCount<'a>>>,
}

/// How many documents have a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FacetCount<'a> {
    /// The value.
    pub value: &'a str,
    /// How many.
    pub count: u32,
}

/// One that was found.
#[derive(Debug, Clone)]
pub struct Hit<'a> {
    /// The document.
    pub document: &'a Document,
    /// How well it fits; only to be compared within one search.
    pub score: f32,
    /// Its heading, with what was found in it.
    pub title: Vec<Piece>,
    /// The part of its text where most was found.
    pub snippet: Vec<Piece>,
}

/// The words as they are looked up.
struct Wanted {
    terms: Vec<Term>,
    cut: bool,
}

impl Wanted {
    fn read(text: &str) -> Self {
        let cut = text.chars().nth(MAX_QUERY).is_some();
        let text: String = text.chars().take(MAX_QUERY).collect();
        let mut wanted: Vec<Term> = vec![];
        for found in terms(&even(&text)) {
            if wanted.len() < MAX_TERMS && !wanted.contains(&found.term) {
                wanted.push(found.term);
            }
        }
        Self { terms: wanted, cut }
    }
}

/// What a document has of the words.
struct Scores {
    scores: Vec<f32>,
    terms: Vec<u8>,
    touched: Vec<u32>,
}

impl Index {
    /// Finds the documents that have every word; if there is none, those that have at least half of them.
    pub fn search(&self, query: &Query<'_>) -> Results<'_> {
        let wanted = Wanted::read(query.text);
        if wanted.terms.is_empty() {
            return Results {
                cut: wanted.cut,
                facets: vec![vec![]; self.facets.len()],
                ..Results::default()
            };
        }
        let scored = self.score(&wanted.terms);
        let all = u8::try_from(wanted.terms.len()).unwrap_or(u8::MAX);
        let strict = scored.touched.iter().any(|document| scored.terms[*document as usize] == all);
        let least = if strict { all } else { all.div_ceil(2) };
        let loose = !strict && !scored.touched.is_empty();
        let mut results = self.collect(query, &scored, least);
        results.hits.iter_mut().for_each(|hit| self.show(hit, &wanted.terms));
        Results { loose: loose && results.total > 0, cut: wanted.cut, ..results }
    }

    fn score(&self, wanted: &[Term]) -> Scores {
        let mut scored = Scores {
            scores: vec![0.0; self.documents.len()],
            terms: vec![0; self.documents.len()],
            touched: vec![],
        };
        for term in wanted {
            match term {
                Term::Single(c) => self.score_single(*c, &mut scored),
                _ => {
                    if let Some(postings) = self.terms.get(term) {
                        self.score_term(postings, &mut scored);
                    }
                }
            }
        }
        scored
    }

    fn score_term(&self, postings: &Postings, scored: &mut Scores) {
        let rarity = self.rarity(postings.count());
        for (document, times) in postings.iter() {
            scored.add(document, self.weight(rarity, document, times));
        }
    }

    /// One character is found in every pair that it is a part of.
    fn score_single(&self, wanted: char, scored: &mut Scores) {
        let mut times: Vec<u32> = vec![0; self.documents.len()];
        for (term, postings) in &self.terms {
            let here = match term {
                Term::Pair(a, b) => *a == wanted || *b == wanted,
                Term::Single(a) => *a == wanted,
                Term::Word(_) => false,
            };
            if here {
                for (document, found) in postings.iter() {
                    times[document as usize] += found;
                }
            }
        }
        let documents = times.iter().filter(|times| **times > 0).count();
        let rarity = self.rarity(u32::try_from(documents).unwrap_or(u32::MAX));
        for (document, times) in (0_u32..).zip(times).filter(|(_, times)| *times > 0) {
            scored.add(document, self.weight(rarity, document, times));
        }
    }

    fn collect(&self, query: &Query<'_>, scored: &Scores, least: u8) -> Results<'_> {
        // A value that no document has matches none.
        let filters: Vec<Option<Option<u32>>> = self
            .facets
            .iter()
            .enumerate()
            .map(|(at, facet)| query.filters.get(at).copied().flatten().map(|value| facet.number(value)))
            .collect();
        let mut counts: Vec<Vec<u32>> = self.facets.iter().map(|facet| vec![0; facet.values.len()]).collect();
        let mut best: BinaryHeap<Ranked> = BinaryHeap::new();
        let reach = query.offset.min(MAX_REACH).saturating_add(query.limit.min(MAX_REACH));
        let mut total = 0;
        for &document in &scored.touched {
            let at = document as usize;
            if scored.terms[at] < least {
                continue;
            }
            let mut against = self
                .facets
                .iter()
                .zip(&filters)
                .enumerate()
                .filter(|(_, (facet, filter))| filter.is_some_and(|value| value != Some(facet.of[at])))
                .map(|(facet, _)| facet);
            match (against.next(), against.next()) {
                (None, _) => {
                    total += 1;
                    for (counts, facet) in counts.iter_mut().zip(&self.facets) {
                        counts[facet.of[at] as usize] += 1;
                    }
                    // More words first, then the score.
                    best.push(Ranked { terms: scored.terms[at], score: scored.scores[at], document });
                    if best.len() > reach {
                        best.pop();
                    }
                }
                (Some(only), None) => counts[only][self.facets[only].of[at] as usize] += 1,
                (Some(_), Some(_)) => {}
            }
        }
        let hits = best.into_sorted_vec().into_iter().skip(query.offset.min(MAX_REACH));
        let hits = hits.map(|ranked| Hit {
            document: &self.documents[ranked.document as usize],
            score: ranked.score,
            title: vec![],
            snippet: vec![],
        });
        let facets = self.facets.iter().zip(counts).map(|(facet, counts)| {
            let values =
                facet.values.iter().zip(counts).filter(|(value, count)| *count > 0 && !value.is_empty());
            let mut values: Vec<FacetCount<'_>> =
                values.map(|(value, count)| FacetCount { value, count }).collect();
            values.sort_by(|one, other| other.count.cmp(&one.count).then(one.value.cmp(other.value)));
            values
        });
        Results { total, hits: hits.collect(), facets: facets.collect(), ..Results::default() }
    }

    fn show(&self, hit: &mut Hit<'_>, wanted: &[Term]) {
        hit.title = snippet::whole(&hit.document.title, wanted);
        hit.snippet = snippet::best(&hit.document.body, wanted);
    }
}

impl Scores {
    fn add(&mut self, document: u32, score: f32) {
        let at = document as usize;
        if self.terms[at] == 0 {
            self.touched.push(document);
        }
        self.terms[at] += 1;
        self.scores[at] += score;
    }
}

/// A document in the heap of the best: the greatest is the worst.
struct Ranked {
    terms: u8,
    score: f32,
    document: u32,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .terms
            .cmp(&self.terms)
            .then_with(|| other.score.total_cmp(&self.score))
            .then_with(|| self.document.cmp(&other.document))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}
