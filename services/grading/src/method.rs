//! How the scores of a panel become one.

use std::cmp::Ordering;

/// How the scores that a panel gave to one element are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// The middle score; of an even panel the mean of the two in the middle.
    #[default]
    Median,
    /// The mean of all.
    Mean,
    /// The mean without this many of the highest and as many of the lowest; in a panel too small for that, the median.
    TrimmedMean {
        /// How many are left out at each end.
        each_end: usize,
    },
}

impl Method {
    /// Joins scores, which it reorders, into a numerator over [`Self::denominator`] of their number.
    pub(crate) fn join(self, scores: &mut [i64]) -> i64 {
        let n = scores.len();
        match self.kept(n) {
            Kept::Middle => {
                sort(scores);
                if n == 0 { 0 } else { scores[(n - 1) / 2] + scores[n / 2] }
            }
            Kept::All => scores.iter().sum(),
            Kept::Without(ends) => {
                sort(scores);
                scores[ends..n - ends].iter().sum()
            }
        }
    }

    pub(crate) fn denominator(self, n: usize) -> i64 {
        let kept = match self.kept(n) {
            Kept::Middle => 2,
            Kept::All => n,
            Kept::Without(ends) => n - 2 * ends,
        };
        i64::try_from(kept).unwrap_or(i64::MAX).max(1)
    }

    fn kept(self, n: usize) -> Kept {
        match self {
            Self::Median => Kept::Middle,
            Self::Mean | Self::TrimmedMean { each_end: 0 } => Kept::All,
            Self::TrimmedMean { each_end } if n > 2 * each_end => Kept::Without(each_end),
            Self::TrimmedMean { .. } => Kept::Middle,
        }
    }
}

enum Kept {
    Middle,
    All,
    Without(usize),
}

/// Panels are small: of three, comparing beats sorting.
fn sort(scores: &mut [i64]) {
    if let [a, b, c] = scores {
        if (*a).cmp(b) == Ordering::Greater {
            std::mem::swap(a, b);
        }
        if (*b).cmp(c) == Ordering::Greater {
            std::mem::swap(b, c);
        }
        if (*a).cmp(b) == Ordering::Greater {
            std::mem::swap(a, b);
        }
    } else {
        scores.sort_unstable();
    }
}
