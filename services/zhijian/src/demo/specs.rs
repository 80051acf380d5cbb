//! How each printed total is spread over institutions: one line an indicator, in an order in which every line speaks
//! only of those above it.

/// What a part is in proportion to.
#[derive(Clone, Copy)]
pub(crate) enum Base {
    /// The school's enrolment.
    Size,
    /// The square root of it: small schools have more than their share.
    Root,
    /// Another indicator's value.
    Of(&'static str),
}

/// Where the total comes from.
#[derive(Clone, Copy)]
pub(crate) enum Total {
    /// The printed figure of 2025.
    Printed,
    /// Not in the tables: chosen to agree with the report's text.
    Known(u64),
    /// The count whose quotient by the total of `of` comes out as the printed rate `rate`.
    Share { of: &'static str, rate: &'static str },
}

/// Who has any.
#[derive(Clone, Copy)]
pub(crate) enum Holders {
    All,
    /// So many institutions, the larger more likely.
    Some(usize),
    /// Those that have any of another indicator.
    With(&'static str),
    /// So many of those that have any of another indicator.
    SomeWith(usize, &'static str),
}

/// How one indicator is spread.
#[derive(Clone, Copy)]
pub(crate) struct Spec {
    pub code: &'static str,
    pub total: Total,
    pub base: Base,
    /// How far a part may stray from its proportion, in percent.
    pub noise: i64,
    /// Digits after the point.
    pub decimals: u32,
    pub holders: Holders,
    /// The least part of a holder.
    pub floor: u64,
    /// A part is at least so many percent of another indicator.
    pub at_least: Option<(&'static str, u64)>,
    /// A part is at most so many percent of another indicator.
    pub at_most: Option<(&'static str, u64)>,
}

impl Spec {
    const fn of(code: &'static str, base: Base, noise: i64) -> Self {
        Self {
            code,
            total: Total::Printed,
            base,
            noise,
            decimals: 0,
            holders: Holders::All,
            floor: 1,
            at_least: None,
            at_most: None,
        }
    }
    const fn total(mut self, total: Total) -> Self {
        self.total = total;
        self
    }
    const fn amount(mut self) -> Self {
        self.decimals = 2;
        self
    }
    const fn held_by(mut self, holders: Holders) -> Self {
        self.holders = holders;
        self
    }
    const fn floor(mut self, floor: u64) -> Self {
        self.floor = floor;
        self
    }
    const fn at_least(mut self, code: &'static str, percent: u64) -> Self {
        self.at_least = Some((code, percent));
        self
    }
    const fn at_most(mut self, code: &'static str, percent: u64) -> Self {
        self.at_most = Some((code, percent));
        self
    }
}

use Base::{Of, Root, Size};
use Holders::{Some as Few, SomeWith, With};

/// Higher vocational institutions.
pub(crate) const HIGHER: &[Spec] = &[
    Spec::of("SC01", Size, 12).total(Total::Known(24_108)).at_most("BAS02", 42),
    Spec::of("SC02", Of("SC01"), 3)
        .total(Total::Share { of: "SC01", rate: "SC04" })
        .at_least("SC01", 84)
        .at_most("SC01", 99),
    Spec::of("SC03", Of("SC01"), 55)
        .total(Total::Share { of: "SC01", rate: "SC05" })
        .at_least("SC01", 4)
        .at_most("SC02", 55),
    Spec::of("SAT01N", Size, 20).total(Total::Known(41_250)).at_most("BAS02", 85),
    Spec::of("RES05", Root, 25).floor(6),
    Spec::of("RES11N", Size, 60).held_by(Few(12)),
    Spec::of("RES11M", Size, 45).held_by(Few(22)),
    Spec::of("RES12", Size, 40).held_by(Few(12)),
    Spec::of("RES15", Of("RES05"), 50).held_by(Few(19)),
    Spec::of("POL06", Size, 16).floor(36),
    Spec::of("POL16", Of("POL06"), 45),
    Spec::of("BAS03", Of("POL06"), 50),
    Spec::of("BAS04", Of("POL06"), 9).at_least("POL06", 50).at_most("POL06", 84),
    Spec::of("BAS05", Of("BAS04"), 8).at_least("BAS04", 66).at_most("BAS04", 100),
    Spec::of("BAS11", Of("RES05"), 35).floor(8),
    Spec::of("BAS12", Of("RES05"), 45).floor(8),
    Spec::of("SVC06", Size, 75).amount().held_by(Few(23)).floor(100),
    Spec::of("SVC08", Size, 70).amount().held_by(Few(21)).floor(100),
    Spec::of("SVC10", Size, 60).held_by(Few(22)),
    Spec::of("SVC17", Size, 65).held_by(Few(24)).floor(120),
    Spec::of("SVC15", Of("SVC17"), 45).amount().held_by(With("SVC17")).floor(200),
    Spec::of("INT01", Size, 70).held_by(Few(14)).floor(2).at_most("BAS02", 10),
    Spec::of("INT03", Size, 60).held_by(Few(12)),
    Spec::of("INT05", Size, 70).held_by(Few(13)),
    Spec::of("INT06", Size, 60).held_by(SomeWith(8, "INT05")),
    Spec::of("INT07", Size, 60).held_by(SomeWith(7, "INT05")),
    Spec::of("INT08", Size, 0).held_by(Few(1)),
    Spec::of("INT09", Size, 30).held_by(Few(4)),
    Spec::of("INT17", Size, 40).held_by(Few(7)).at_least("INT09", 100),
    Spec::of("INT10", Of("INT17"), 40).held_by(With("INT17")),
    Spec::of("INT11", Of("INT10"), 45).held_by(With("INT10")).floor(12),
    Spec::of("INT18", Size, 55).held_by(Few(9)).floor(10),
    Spec::of("COP01", Size, 40).floor(20),
    Spec::of("COP02", Of("COP01"), 65).amount().held_by(Few(24)).floor(300),
    Spec::of("COP03", Of("BAS11"), 40).floor(2).at_most("BAS11", 85),
    Spec::of("COP04", Of("COP01"), 60).amount().held_by(Few(22)).floor(100),
    Spec::of("COP05", Size, 55).held_by(Few(22)),
    Spec::of("COP06", Size, 55).held_by(With("SVC06")),
    Spec::of("COP07", Size, 50).held_by(Few(21)),
    Spec::of("COP08", Size, 60).held_by(With("SVC17")).floor(40),
    Spec::of("COP10", Of("RES05"), 40).floor(8),
];

/// Specialised secondary schools and vocational high schools.
pub(crate) const SECONDARY: &[Spec] = &[
    Spec::of("SC01", Size, 12).total(Total::Known(12_104)).at_most("BAS02", 40),
    Spec::of("SC02", Of("SC01"), 3)
        .total(Total::Share { of: "SC01", rate: "SC04" })
        .at_least("SC01", 88)
        .at_most("SC01", 100),
    Spec::of("SC03", Of("SC01"), 4)
        .total(Total::Share { of: "SC01", rate: "SC05" })
        .at_least("SC01", 80)
        .at_most("SC02", 99),
    Spec::of("SAT01N", Size, 18).total(Total::Known(27_300)).at_most("BAS02", 90),
    Spec::of("RES05", Root, 28).floor(3),
    Spec::of("RES11N", Size, 50).held_by(Few(8)),
    Spec::of("RES11M", Size, 50).held_by(Few(27)),
    Spec::of("RES12", Size, 45).held_by(Few(24)),
    Spec::of("RES15", Of("RES05"), 50).held_by(Few(38)),
    Spec::of("POL06", Size, 18).floor(24),
    Spec::of("POL16", Of("POL06"), 55).held_by(Few(42)),
    Spec::of("BAS03", Of("POL06"), 50).held_by(Few(47)),
    Spec::of("BAS04", Of("POL06"), 14).at_least("POL06", 38).at_most("POL06", 74),
    Spec::of("BAS05", Of("BAS04"), 12).at_least("BAS04", 45).at_most("BAS04", 95),
    Spec::of("BAS12", Of("RES05"), 50),
    Spec::of("SVC06", Size, 60).amount().held_by(Few(19)).floor(50),
    Spec::of("SVC08", Size, 50).amount().held_by(Few(14)).floor(50),
    Spec::of("SVC11", Size, 55).held_by(Few(13)),
    Spec::of("SVC17", Size, 65).held_by(Few(46)).floor(60),
    Spec::of("SVC15", Of("SVC17"), 50).amount().held_by(SomeWith(36, "SVC17")).floor(100),
    Spec::of("SVC18", Size, 60).held_by(Few(17)).floor(8).at_most("BAS02", 60),
    Spec::of("SVC19", Size, 60).held_by(Few(40)).floor(6),
    Spec::of("SVC20", Size, 60).held_by(Few(30)).floor(3),
    Spec::of("SVC21", Size, 65).held_by(Few(44)).floor(5),
    Spec::of("INT01", Size, 50).held_by(Few(6)).floor(4).at_most("BAS02", 20),
    Spec::of("INT05", Size, 50).held_by(Few(9)),
    Spec::of("COP01", Of("RES05"), 45).floor(2),
    Spec::of("COP09", Of("RES05"), 30).at_most("RES05", 100),
    Spec::of("COP10", Of("RES05"), 45).held_by(Few(47)),
    Spec::of("COP11", Size, 55).held_by(Few(31)).floor(10).at_most("BAS02", 40),
    Spec::of("COP12", Of("SC01"), 50).held_by(Few(36)).floor(2).at_most("SC02", 60),
];
