//! The index, and how it is built.

use std::collections::HashMap;

use crate::{
    Document,
    postings::Postings,
    text::{Term, even, terms},
};

/// How much more a word of the heading weighs than one of the text.
const TITLE: u32 = 3;
/// BM25: how soon repeating a word stops mattering, and how much long texts are held back.
const K1: f32 = 1.2;
const B: f32 = 0.75;

/// What is put into an index.
pub struct Builder {
    index: Index,
    lengths: Vec<u32>,
}

/// Documents that can be searched.
#[derive(Default)]
pub struct Index {
    pub(crate) documents: Vec<Document>,
    pub(crate) terms: HashMap<Term, Postings>,
    /// What a document's length adds to the divisor of BM25.
    pub(crate) norms: Vec<f32>,
    pub(crate) facets: Vec<Facet>,
}

/// One facet: its values, and each document's.
#[derive(Default)]
pub(crate) struct Facet {
    pub values: Vec<String>,
    by_value: HashMap<String, u32>,
    pub of: Vec<u32>,
}

impl Builder {
    /// An empty index whose documents have so many facets.
    pub fn new(facets: usize) -> Self {
        let facets = (0..facets).map(|_| Facet::default()).collect();
        Self { index: Index { facets, ..Index::default() }, lengths: vec![] }
    }

    /// Adds a document.
    pub fn add(&mut self, document: Document) {
        let number = u32::try_from(self.index.documents.len()).unwrap_or(u32::MAX);
        let mut times: HashMap<Term, u32> = HashMap::new();
        let mut length = 0;
        for (text, weight) in [(&document.title, TITLE), (&document.name, 1), (&document.body, 1)] {
            for found in terms(&even(text)) {
                *times.entry(found.term).or_default() += weight;
                length += 1;
            }
        }
        for (term, times) in times {
            self.index.terms.entry(term).or_default().push(number, times);
        }
        for (at, facet) in self.index.facets.iter_mut().enumerate() {
            facet.push(document.facets.get(at).map_or("", String::as_str));
        }
        self.lengths.push(length);
        self.index.documents.push(document);
    }

    /// The index, which does not change any more.
    pub fn finish(self) -> Index {
        let Self { mut index, lengths } = self;
        let sum: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
        let mean = (sum as f32 / lengths.len().max(1) as f32).max(1.0);
        index.norms = lengths.iter().map(|length| K1 * (1.0 - B + B * *length as f32 / mean)).collect();
        index.terms.values_mut().for_each(Postings::shrink);
        index.documents.shrink_to_fit();
        index
    }
}

impl Facet {
    fn push(&mut self, value: &str) {
        let next = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        let number = *self.by_value.entry(value.to_owned()).or_insert_with(|| {
            self.values.push(value.to_owned());
            next
        });
        self.of.push(number);
    }

    /// The number of a value.
    pub fn number(&self, value: &str) -> Option<u32> {
        self.by_value.get(value).copied()
    }
}

impl Index {
    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// Every document, in the order in which they were added.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// About how many bytes the places of terms take, without the texts themselves.
    pub fn bytes(&self) -> usize {
        let entry = size_of::<Term>();
        self.terms.values().map(|postings| postings.bytes() + entry).sum()
    }

    /// How much a word counts in a document, by BM25.
    pub(crate) fn weight(&self, rarity: f32, document: u32, times: u32) -> f32 {
        let times = times as f32;
        rarity * times * (K1 + 1.0) / (times + self.norms[document as usize])
    }

    /// How rare a word is, by BM25; never negative.
    pub(crate) fn rarity(&self, documents: u32) -> f32 {
        let (all, with) = (self.documents.len() as f32, documents as f32);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }
}
