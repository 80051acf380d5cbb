//! Chance that falls the same way every time: each purpose has its own stream, named by a label.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use sha2::{Digest, Sha256};

/// A stream of chance. Two dice with the same label roll the same numbers, on every machine and in every version;
/// changing what one purpose draws leaves the others as they were.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream called `label`.
    pub(crate) fn of(label: &str) -> Self {
        let seed = Sha256::new().chain_update("zhijian demonstration\0").chain_update(label).finalize();
        Self(ChaCha8Rng::from_seed(seed.into()))
    }

    /// A number in `0..bound`; 0 if the bound is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // Multiply and shift: the bias is below 2^-32 for the small bounds used here.
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// A number between both ends, inclusive.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        debug_assert!(low <= high);
        low + self.below((high - low + 1) as u64) as i64
    }

    /// True in `percent` of a hundred rolls.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `items`, which must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// Puts `items` in a random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end as u64 + 1) as usize);
        }
    }

    /// An index drawn in proportion to `weights`; `None` if they are all zero.
    pub(crate) fn weighted(&mut self, weights: &[u64]) -> Option<usize> {
        let total: u64 = weights.iter().sum();
        if total == 0 {
            return None;
        }
        let mut left = self.below(total);
        weights.iter().position(|&weight| {
            let here = left < weight;
            left = left.saturating_sub(weight);
            here
        })
    }

    /// `count` different indices (or as many as have a weight), drawn in proportion to `weights`; in ascending order.
    pub(crate) fn draw(&mut self, count: usize, weights: &[u64]) -> Vec<usize> {
        let mut weights = weights.to_vec();
        let mut drawn = Vec::with_capacity(count);
        while drawn.len() < count {
            let Some(index) = self.weighted(&weights) else { break };
            weights[index] = 0;
            drawn.push(index);
        }
        drawn.sort_unstable();
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_always_rolls_the_same_and_another_label_does_not() {
        let rolls = |label: &str| -> Vec<u64> {
            let mut dice = Dice::of(label);
            (0..20).map(|_| dice.below(1_000_000)).collect()
        };
        assert_eq!(rolls("a"), rolls("a"));
        assert_ne!(rolls("a"), rolls("b"));
    }

    #[test]
    fn draws_are_distinct_and_never_weightless() {
        let drawn = Dice::of("draw").draw(5, &[3, 0, 1, 9, 0, 2, 7]);
        assert_eq!(drawn, [0, 2, 3, 5, 6]);
    }
}
