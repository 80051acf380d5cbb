//! How much two wordings have in common.

use std::collections::{HashMap, HashSet};

use crate::text::bare;

/// Pairs of neighbouring characters, punctuation left out.
pub(crate) fn bigrams(text: &str) -> HashSet<(char, char)> {
    let chars: Vec<char> = bare(text).chars().collect();
    chars.windows(2).map(|w| (w[0], w[1])).collect()
}

/// Share of common pairs, 0 to 1 (Dice).
pub(crate) fn likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (bigrams(a), bigrams(b));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    2.0 * a.intersection(&b).count() as f64 / (a.len() + b.len()) as f64
}

/// Longest run of characters two short texts have in common, punctuation left out.
pub(crate) fn common_run(a: &str, b: &str) -> usize {
    let a: Vec<char> = bare(a).chars().take(400).collect();
    let b: Vec<char> = bare(b).chars().take(400).collect();
    let mut longest = 0;
    let mut row = vec![0usize; b.len() + 1];
    for &x in &a {
        let mut diagonal = 0;
        for (j, &y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y { diagonal + 1 } else { 0 };
            longest = longest.max(row[j + 1]);
            diagonal = above;
        }
    }
    longest
}

/// Whether `short` can be had from `long` by leaving characters out.
pub(crate) fn is_within(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    short.chars().all(|c| rest.any(|r| r == c))
}

/// Where two wordings part: what the first has and what the second has in place of it.
pub(crate) fn difference(a: &str, b: &str) -> (String, String) {
    let (a, b): (Vec<char>, Vec<char>) = (bare(a).chars().collect(), bare(b).chars().collect());
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let most = a.len().min(b.len()) - head;
    let tail = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(x, y)| x == y).count();
    (a[head..a.len() - tail].iter().collect(), b[head..b.len() - tail].iter().collect())
}

/// How rare each pair of characters is in a report: common pairs say little about what a caption is about.
#[derive(Debug, Default)]
pub(crate) struct Rarity {
    paragraphs: f64,
    counts: HashMap<(char, char), u32>,
}

impl Rarity {
    pub fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut rarity = Self::default();
        for text in texts {
            rarity.paragraphs += 1.0;
            for pair in bigrams(text) {
                *rarity.counts.entry(pair).or_default() += 1;
            }
        }
        rarity
    }

    fn weight(&self, pair: (char, char)) -> f64 {
        let seen = f64::from(self.counts.get(&pair).copied().unwrap_or(0));
        ((self.paragraphs + 1.0) / (seen + 1.0)).ln().max(0.05)
    }

    /// How much of what `title` says `text` says too, 0 to 1, rare words counting most.
    pub fn covered(&self, title: &str, text: &str) -> f64 {
        let wanted = bigrams(title);
        let had = bigrams(text);
        let total: f64 = wanted.iter().map(|&p| self.weight(p)).sum();
        let common: f64 = wanted.iter().filter(|p| had.contains(p)).map(|&p| self.weight(p)).sum();
        if total > 0.0 { common / total } else { 0.0 }
    }
}
