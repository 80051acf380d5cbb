//! Closed intervals over exact decimals: what a printed number can stand for.

use rust_decimal::Decimal;

/// All values from `lo` to `hi`, both included. Operations return `None` where a result is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    pub lo: Decimal,
    pub hi: Decimal,
}

impl Interval {
    pub fn exact(v: Decimal) -> Self {
        Self { lo: v, hi: v }
    }

    /// `v` with half of `ulp` on either side.
    pub fn rounded(v: Decimal, ulp: Decimal) -> Self {
        let half = ulp / Decimal::TWO;
        Self { lo: v - half, hi: v + half }
    }

    pub fn new(lo: Decimal, hi: Decimal) -> Self {
        if lo <= hi { Self { lo, hi } } else { Self { lo: hi, hi: lo } }
    }

    pub fn meets(self, other: Self) -> bool {
        self.lo <= other.hi && other.lo <= self.hi
    }

    pub fn contains(self, v: Decimal) -> bool {
        self.lo <= v && v <= self.hi
    }

    /// The values both intervals allow.
    pub fn and(self, other: Self) -> Option<Self> {
        let lo = self.lo.max(other.lo);
        let hi = self.hi.min(other.hi);
        (lo <= hi).then_some(Self { lo, hi })
    }

    /// Distance between two intervals, zero where they meet.
    pub fn gap(self, other: Self) -> Decimal {
        if self.meets(other) {
            Decimal::ZERO
        } else if self.lo > other.hi {
            self.lo - other.hi
        } else {
            other.lo - self.hi
        }
    }

    pub fn mid(self) -> Decimal {
        (self.lo + self.hi) / Decimal::TWO
    }

    pub fn plus(self, other: Self) -> Option<Self> {
        Some(Self { lo: self.lo.checked_add(other.lo)?, hi: self.hi.checked_add(other.hi)? })
    }

    pub fn minus(self, other: Self) -> Option<Self> {
        Some(Self { lo: self.lo.checked_sub(other.hi)?, hi: self.hi.checked_sub(other.lo)? })
    }

    pub fn negate(self) -> Self {
        Self { lo: -self.hi, hi: -self.lo }
    }

    /// Product of two intervals, neither below zero.
    pub fn times(self, other: Self) -> Option<Self> {
        let corners = [
            self.lo.checked_mul(other.lo)?,
            self.lo.checked_mul(other.hi)?,
            self.hi.checked_mul(other.lo)?,
            self.hi.checked_mul(other.hi)?,
        ];
        Self::hull(&corners)
    }

    /// Quotient; `None` where the divisor may be zero or below.
    pub fn over(self, other: Self) -> Option<Self> {
        if other.lo <= Decimal::ZERO {
            return None;
        }
        let corners = [
            self.lo.checked_div(other.lo)?,
            self.lo.checked_div(other.hi)?,
            self.hi.checked_div(other.lo)?,
            self.hi.checked_div(other.hi)?,
        ];
        Self::hull(&corners)
    }

    /// Share of `other`, in per cent.
    pub fn percent_of(self, other: Self) -> Option<Self> {
        let hundred = Self::exact(Decimal::ONE_HUNDRED);
        self.over(other)?.times(hundred)
    }

    fn hull(corners: &[Decimal; 4]) -> Option<Self> {
        Some(Self { lo: *corners.iter().min()?, hi: *corners.iter().max()? })
    }
}

/// A decimal for people: no trailing zeros, at most `scale` places.
pub(crate) fn show(v: Decimal, scale: u32) -> String {
    v.round_dp_with_strategy(scale, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
        .normalize()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(s: &str) -> Decimal {
        s.parse().expect("decimal")
    }

    #[test]
    fn sums_and_shares_keep_the_printed_precision() {
        let a = Interval::rounded(dec("5.12"), dec("0.01"));
        let b = Interval::rounded(dec("3.31"), dec("0.01"));
        let sum = a.plus(b).expect("sum");
        assert!(sum.contains(dec("8.42")) && sum.contains(dec("8.44")) && !sum.contains(dec("8.45")));
        let share = Interval::exact(dec("5")).percent_of(Interval::exact(dec("11"))).expect("share");
        assert!(!share.meets(Interval::rounded(dec("45.46"), dec("0.01"))));
        assert!(share.meets(Interval::rounded(dec("45.45"), dec("0.01"))));
    }

    #[test]
    fn division_by_what_may_be_zero_has_no_result() {
        assert!(Interval::exact(dec("1")).over(Interval::new(dec("0"), dec("2"))).is_none());
    }
}
