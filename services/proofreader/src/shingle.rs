//! Finds shared passages in linear time: winnowed fingerprints of character runs, extended to their full length.

use std::collections::HashMap;
use std::ops::Range;

use crate::report::fnv;

/// Characters per fingerprint: a shared run this long or longer is found for sure once it spans a whole window.
const RUN: usize = 16;
/// Fingerprints per window, of which the smallest is kept.
const WINDOW: usize = 12;
/// Places kept per fingerprint; a phrase more frequent than this is boilerplate.
const PLACES: usize = 6;

/// The letters and ideographs of some paragraphs, with their winnowed fingerprints.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// Per paragraph: characters and the byte each starts at.
    paragraphs: Vec<Vec<(char, u32)>>,
    /// Fingerprint to places (paragraph, character).
    index: HashMap<u64, Vec<(u32, u32)>>,
    picked: Vec<(u64, u32, u32)>,
}

/// A run of characters two traces share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passage {
    /// Paragraph and character in the first trace.
    pub left: (usize, usize),
    /// Paragraph and character in the second.
    pub right: (usize, usize),
    pub chars: usize,
}

impl Trace {
    pub fn of(paragraphs: &[&str]) -> Self {
        let mut trace = Self::default();
        for (number, text) in paragraphs.iter().enumerate() {
            let chars: Vec<(char, u32)> = text
                .char_indices()
                .filter(|(_, c)| c.is_alphanumeric())
                .map(|(at, c)| (c, at as u32))
                .collect();
            for (hash, at) in winnow(&chars) {
                let places = trace.index.entry(hash).or_default();
                if places.len() < PLACES {
                    places.push((number as u32, at as u32));
                }
                trace.picked.push((hash, number as u32, at as u32));
            }
            trace.paragraphs.push(chars);
        }
        trace
    }

    /// The bytes of a run of characters in its paragraph.
    pub fn bytes(&self, paragraph: usize, start: usize, chars: usize) -> Range<usize> {
        let all = &self.paragraphs[paragraph];
        let from = all[start].1 as usize;
        let (last, at) = all[start + chars - 1];
        from..at as usize + last.len_utf8()
    }

    pub fn words(&self, paragraph: usize, start: usize, chars: usize) -> String {
        self.paragraphs[paragraph][start..start + chars].iter().map(|(c, _)| c).collect()
    }
}

/// The smallest fingerprint of each window, with its character.
fn winnow(chars: &[(char, u32)]) -> Vec<(u64, usize)> {
    let mut picked: Vec<(u64, usize)> = Vec::new();
    if chars.len() < RUN {
        return picked;
    }
    let hashes: Vec<u64> = chars
        .windows(RUN)
        .map(|run| run.iter().fold(0xcbf2_9ce4_8422_2325, |h, (c, _)| fnv(h, &(*c as u32).to_le_bytes())))
        .collect();
    let mut last = None;
    for start in 0..=hashes.len().saturating_sub(WINDOW) {
        let end = (start + WINDOW).min(hashes.len());
        let smallest = (start..end).min_by_key(|&i| (hashes[i], usize::MAX - i));
        if let Some(i) = smallest.filter(|i| last != Some(*i)) {
            last = Some(i);
            picked.push((hashes[i], i));
        }
    }
    picked
}

/// Runs of at least `shortest` characters that two traces share, each once.
pub(crate) fn matches(left: &Trace, right: &Trace, shortest: usize) -> Vec<Passage> {
    let mut found: Vec<Passage> = Vec::new();
    let mut covered: HashMap<(u32, u32), Vec<Passage>> = HashMap::new();
    let same = std::ptr::eq(left, right);
    for &(hash, paragraph, at) in &left.picked {
        let Some(places) = right.index.get(&hash).filter(|p| p.len() < PLACES) else { continue };
        for &(other, other_at) in places {
            if same && (other, other_at) <= (paragraph, at) {
                continue;
            }
            let key = (paragraph, other);
            let known = covered.get(&key).is_some_and(|all| {
                all.iter().any(|p| {
                    let ahead = (at as usize).checked_sub(p.left.1);
                    ahead.is_some_and(|a| a < p.chars) && ahead == (other_at as usize).checked_sub(p.right.1)
                })
            });
            if known {
                continue;
            }
            let passage =
                extend(left, right, (paragraph as usize, at as usize), (other as usize, other_at as usize));
            if passage.chars >= RUN {
                covered.entry(key).or_default().push(passage);
            }
            if passage.chars >= shortest {
                found.push(passage);
            }
        }
    }
    found
}

fn extend(left: &Trace, right: &Trace, a: (usize, usize), b: (usize, usize)) -> Passage {
    let (x, y) = (&left.paragraphs[a.0], &right.paragraphs[b.0]);
    let back = x[..a.1].iter().rev().zip(y[..b.1].iter().rev()).take_while(|(p, q)| p.0 == q.0).count();
    let ahead = x[a.1..].iter().zip(&y[b.1..]).take_while(|(p, q)| p.0 == q.0).count();
    Passage { left: (a.0, a.1 - back), right: (b.0, b.1 - back), chars: back + ahead }
}

/// A report's fingerprints for comparison with thousands of others: one in four of those that [`check`](crate::check)
/// compares passages by, which is enough to tell how much two reports share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketch(Vec<u64>);

impl Sketch {
    /// Fingerprints of a text; the same text gives the same sketch on every machine.
    pub fn of(text: &str) -> Self {
        let mut hashes: Vec<u64> = Vec::new();
        for line in text.lines() {
            let chars: Vec<(char, u32)> = line
                .char_indices()
                .filter(|(_, c)| c.is_alphanumeric())
                .map(|(at, c)| (c, at as u32))
                .collect();
            hashes.extend(winnow(&chars).into_iter().map(|(hash, _)| hash).filter(|h| h % 4 == 0));
        }
        hashes.sort_unstable();
        hashes.dedup();
        Self(hashes)
    }
}

/// Reports compared with each other; adding one does not touch the others.
#[derive(Debug, Default)]
pub struct Corpus {
    sizes: Vec<usize>,
    holders: HashMap<u64, Holders>,
}

/// The reports that hold a fingerprint. Nearly always there is one, and a list for each would take most of the memory.
#[derive(Debug)]
struct Holders {
    first: u32,
    #[expect(clippy::box_collection, reason = "8 bytes instead of 24 where there is nearly always none")]
    others: Option<Box<Vec<u32>>>,
}

impl Holders {
    fn add(&mut self, report: u32) {
        self.others.get_or_insert_default().push(report);
    }

    fn len(&self) -> usize {
        1 + self.others.as_ref().map_or(0, |o| o.len())
    }

    fn each(&self) -> impl Iterator<Item = u32> + '_ {
        std::iter::once(self.first).chain(self.others.iter().flat_map(|o| o.iter().copied()))
    }
}

/// How much of a report another one holds too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// Number of the other report, in order of [`Corpus::add`].
    pub report: usize,
    /// Common fingerprints over the smaller report's, 0 to 1.
    pub share: f64,
}

impl Corpus {
    /// Adds a report and returns its number.
    pub fn add(&mut self, sketch: &Sketch) -> usize {
        let number = self.sizes.len();
        self.sizes.push(sketch.0.len());
        for &hash in &sketch.0 {
            let report = number as u32;
            let known = self.holders.entry(hash).and_modify(|h| h.add(report));
            known.or_insert(Holders { first: report, others: None });
        }
        number
    }

    /// Reports that share at least `least` (0 to 1) with a sketch, the most alike first.
    pub fn alike(&self, sketch: &Sketch, least: f64) -> Vec<Overlap> {
        // What a twentieth of all reports hold is boilerplate of the form, not copied text.
        let common = (self.sizes.len() / 20).max(20);
        let mut counts: HashMap<u32, usize> = HashMap::new();
        for holders in sketch.0.iter().filter_map(|h| self.holders.get(h)).filter(|h| h.len() <= common) {
            for report in holders.each() {
                *counts.entry(report).or_default() += 1;
            }
        }
        let mut found: Vec<Overlap> = counts
            .into_iter()
            .map(|(report, n)| {
                let smaller = self.sizes[report as usize].min(sketch.0.len()).max(1);
                Overlap { report: report as usize, share: n as f64 / smaller as f64 }
            })
            .filter(|o| o.share >= least)
            .collect();
        found.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.report.cmp(&b.report)));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_run_is_found_whole() {
        let shared = "坚持以立德树人为根本任务以提质培优为核心以改革创新为动力全面推进内涵式发展的各项工作取得新的成效";
        let a = format!("甲校在过去一年里{shared}。");
        let b = format!("乙校{shared}，师生满意。");
        let found = matches(&Trace::of(&[&a]), &Trace::of(&[&b]), 40);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].chars, shared.chars().count());
    }

    #[test]
    fn a_corpus_finds_the_copy() {
        let text = |seed: u32| -> String {
            (0..4000u32)
                .map(|i| {
                    char::from_u32(
                        0x4e00 + (i.wrapping_mul(2_654_435_761).wrapping_add(seed * 7919) >> 7) % 3000,
                    )
                    .unwrap_or('一')
                })
                .collect()
        };
        let mut corpus = Corpus::default();
        for seed in 0..30 {
            corpus.add(&Sketch::of(&text(seed)));
        }
        let found = corpus.alike(&Sketch::of(&text(7)), 0.5);
        assert_eq!(found.first().map(|o| o.report), Some(7));
        assert_eq!(found.len(), 1);
    }
}
