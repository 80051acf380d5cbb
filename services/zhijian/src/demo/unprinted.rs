//! What the report prints no total of: invented figures that follow from those that it does print, school by school, and
//! keep the relations that the checks look at. Where the report's text gives a size, it is near it.

use super::{
    Level,
    dice::Dice,
    figures::{Ground, Table},
};

/// What a figure is in proportion to.
#[derive(Clone, Copy)]
enum Of {
    /// Another indicator, in units of that one's last digit.
    Code(&'static str),
    /// Nothing: the share itself is the figure, in units of the last digit.
    Alone,
}

/// How one figure comes about: a share of another, drawn once for each school and the same in every year but for a drift.
#[derive(Clone, Copy)]
struct Line {
    code: &'static str,
    decimals: u32,
    of: Of,
    /// Thousandths of the other figure; of `Alone`, units.
    share: (i64, i64),
    /// The least of a school that has any of the other figure.
    least: u64,
    /// It is never more than this other indicator.
    at_most: Option<&'static str>,
    /// How far it moves from a year to the next, in thousandths.
    drift: i64,
}

impl Line {
    const fn at_least(mut self, least: u64) -> Self {
        self.least = least;
        self
    }
    const fn at_most(mut self, code: &'static str) -> Self {
        self.at_most = Some(code);
        self
    }
    /// An amount or rate, with two digits after the point.
    const fn fine(mut self) -> Self {
        self.decimals = 2;
        self
    }
    const fn steady(mut self) -> Self {
        self.drift = 0;
        self
    }
}

const fn of(code: &'static str, other: &'static str, low: i64, high: i64) -> Line {
    let of = Of::Code(other);
    Line { code, decimals: 0, of, share: (low, high), least: 0, at_most: None, drift: 30 }
}

/// A figure of its own, between two numbers of units.
const fn alone(code: &'static str, low: i64, high: i64) -> Line {
    Line { code, decimals: 0, of: Of::Alone, share: (low, high), least: 0, at_most: None, drift: 4 }
}

/// Both levels, in an order in which every line speaks only of those above it, or of what is printed.
const BOTH: &[Line] = &[
    of("SC08N", "SC02", 780, 950),
    of("SVC02", "SVC01", 600, 850),
    of("SVC03", "SVC01", 20, 90),
    of("SVC04", "SVC01", 450, 700),
    of("SVC05", "SVC01", 150, 380),
    of("SC10", "SVC01", 5, 25),
    of("SC11", "SVC01", 180, 380),
    alone("SAT03", 9_050, 9_800).fine(),
    alone("SAT07", 9_100, 9_850).fine(),
    of("SAT07N", "SC01", 450, 800).at_least(1),
    alone("SAT08", 8_900, 9_700).fine(),
    of("SAT08N", "SC01", 350, 700).at_least(1),
    alone("SC14", 3_200, 5_900).fine(),
    of("POL05", "POL06", 1_300, 1_550),
    of("POL04", "POL05", 980, 1_120),
    alone("SAT09", 9_000, 9_800).fine(),
    of("SAT09N", "POL05", 550, 900).at_least(1),
    alone("SAT10", 9_200, 9_900).fine(),
    of("SAT10N", "COP01", 250, 600).at_least(1),
    alone("SAT11", 9_100, 9_850).fine(),
    of("RES04", "RES05", 220, 400).at_least(1).steady(),
    of("RES06", "RES05", 22_000, 38_000),
    of("RES07", "RES06", 48_000, 72_000),
    of("RES08", "RES06", 30, 90),
    of("RES09", "RES06", 80, 240),
    of("RES10", "RES05", 60, 200).steady(),
    of("RES11S", "RES05", 800, 2_200),
    of("RES17", "RES06", 40, 150),
    of("SVC07", "SVC06", 1_500, 3_500).fine(),
    of("SVC09", "SVC06", 50, 250).fine(),
    of("SVC13", "SVC17", 5, 16).at_least(1),
    of("SVC14", "SVC13", 16_000, 64_000),
    of("SVC16", "SVC14", 100, 350),
    of("INT02", "INT01", 60, 200).at_least(1).at_most("RES05").steady(),
    of("INT04", "INT05", 100, 350).steady(),
    of("INT12", "RES05", 0, 60).steady(),
    of("INT13", "INT12", 30_000, 110_000),
    of("INT15", "POL06", 0, 9).steady(),
    of("POL01", "BAS02", 940, 1_000).at_most("BAS02"),
    of("POL08", "POL06", 35, 70).at_least(1).steady(),
    of("POL09", "POL06", 15, 45).at_least(1).steady(),
    of("POL11", "POL01", 900, 985).at_most("POL01"),
    alone("POL12", 8_600, 9_750).fine(),
    of("POL13", "SC01", 420, 780),
    of("POL15", "RES05", 20, 110).steady(),
    of("POL17", "POL16", 40_000, 90_000),
    // Between 120 and 220 yuan an hour, in hundredths of 万元.
    of("POL18", "POL17", 1_200, 2_200).fine().at_least(1),
    of("POL19", "BAS02", 2_000, 5_000).fine(),
    of("POL20", "POL19", 60, 140).fine(),
    of("BAS17", "RES05", 0, 70).steady(),
    of("BAS18", "RES05", 0, 50).steady(),
    of("BAS19", "BAS02", 970, 1_030),
    of("RES03N", "POL06", 330, 450),
];

const HIGHER: &[Line] = &[
    of("SC07N", "SVC01", 680, 850),
    of("SAT11N", "BAS02", 120, 300),
    alone("SC09", 560_000, 780_000).fine(),
    of("SVC11", "SVC10", 150, 350),
    of("SVC12", "SVC11", 60_000, 400_000).fine(),
    of("INT14", "INT17", 15_000, 60_000),
    of("INT16", "BAS02", 0, 2).steady(),
    alone("POL02", 3_800_000, 6_200_000).fine(),
    of("POL03", "POL02", 80, 220).fine(),
    of("POL07", "BAS02", 3, 4).at_least(1).at_most("POL06"),
    of("POL10", "BAS02", 5, 6).at_least(1),
    of("POL14", "COP02", 300, 900).fine(),
    of("BAS06", "BAS02", 8_200_000, 11_000_000).fine(),
    of("BAS07", "BAS02", 2_200_000, 3_000_000).fine(),
    of("BAS08", "BAS02", 620_000, 970_000).fine(),
    of("BAS09", "BAS02", 110_000, 165_000).steady(),
    of("BAS10", "BAS02", 700_000, 1_080_000).steady(),
    of("BAS13", "BAS02", 600, 1_050),
    alone("BAS14", 7_600, 9_050).fine(),
    of("BAS16", "BAS02", 850_000, 1_300_000).fine(),
];

const SECONDARY: &[Line] = &[
    of("SAT11N", "BAS02", 350, 700),
    alone("SC09", 430_000, 560_000).fine(),
    of("SVC10", "SVC11", 1_200, 2_200).at_least(1),
    of("SVC12", "SVC11", 20_000, 120_000).fine(),
    of("INT14", "INT05", 5_000, 20_000),
    of("INT16", "BAS02", 0, 2).steady(),
    alone("POL02", 4_500_000, 7_500_000).fine(),
    of("POL03", "POL02", 80, 220).fine(),
    of("POL07", "BAS02", 3, 4).at_least(1).at_most("POL06"),
    of("POL10", "BAS02", 26, 34).at_least(3),
    // Between 2 and 9 万元 an enterprise.
    of("POL14", "COP01", 200_000, 900_000).fine(),
    of("BAS06", "BAS02", 7_600_000, 10_500_000).fine().at_least(4_120_000),
    of("BAS07", "BAS02", 1_800_000, 2_500_000).fine().at_least(900_000),
    of("BAS08", "BAS02", 420_000, 700_000).fine().at_least(33_000),
    of("BAS09", "BAS02", 75_000, 120_000).steady(),
    of("BAS10", "BAS02", 450_000, 720_000).steady(),
    of("BAS13", "BAS02", 1_050, 1_600),
    alone("BAS15", 9_720, 10_000).fine(),
    of("BAS16", "BAS02", 700_000, 1_100_000).fine(),
];

/// The parts of satisfaction that one questionnaire asks about: they share its valid responses.
const ONE_QUESTIONNAIRE: [&str; 5] = ["SAT02N", "SAT03N", "SAT04N", "SAT05N", "SAT06N"];
/// The largest rate, in hundredths of a percent.
const WHOLE: u64 = 10_000;

/// Adds the figures of a year; `last` is the year before, if it has them too.
pub(crate) fn add(table: &mut Table, ground: &Ground<'_>, last: Option<&Table>) {
    destinations(table, ground.level);
    intake(table, ground, last);
    let lines = match ground.level {
        Level::Higher => HIGHER,
        Level::Secondary => SECONDARY,
    };
    for line in BOTH.iter().chain(lines) {
        let values = (0..ground.enrolment.len()).map(|school| one(line, table, ground.level, school, last));
        let values = values.collect();
        table.set(line.code, line.decimals, values);
    }
    textbooks(table, ground);
    bandwidth(table, ground);
    each(table, ground, "SC12", |table, school| {
        table.unit("SVC01", school) - table.unit("SC10", school) - table.unit("SC11", school)
    });
    for code in ONE_QUESTIONNAIRE {
        each(table, ground, code, |table, school| table.unit("SAT01N", school));
    }
}

fn each(table: &mut Table, ground: &Ground<'_>, code: &'static str, value: impl Fn(&Table, usize) -> u64) {
    let values = (0..ground.enrolment.len()).map(|school| value(table, school)).collect();
    table.set(code, 0, values);
}

fn one(line: &Line, table: &Table, level: Level, school: usize, last: Option<&Table>) -> u64 {
    let label = format!("{level:?} {} school {school}", line.code);
    let share = Dice::of(&label).between(line.share.0, line.share.1) as u64;
    let drift = match last {
        Some(_) => Dice::of(&format!("{label} drift")).between(-line.drift, line.drift),
        None => 0,
    };
    let moved = share * (1_000 + drift) as u64;
    let value = match line.of {
        Of::Alone => moved / 1_000,
        Of::Code(code) => match table.unit(code, school) {
            0 => 0,
            other => ((other * moved + 500_000) / 1_000_000).max(line.least),
        },
    };
    let is_rate = line.decimals == 2 && matches!(line.of, Of::Alone) && line.share.1 <= WHOLE as i64;
    let value = if is_rate { value.min(WHOLE) } else { value };
    line.at_most.map_or(value, |code| value.min(table.unit(code, school)))
}

/// Those who neither study on nor went to work are few: founders of businesses, soldiers and the like. As in the report's
/// text, secondary schools have none of them.
fn destinations(table: &mut Table, level: Level) {
    let schools = table.units("SC01").unwrap_or_default().len();
    let mut working = Vec::with_capacity(schools);
    let mut founders = Vec::with_capacity(schools);
    for school in 0..schools {
        let placed = table.unit("SC02", school) - table.unit("SC03", school);
        let mut dice = Dice::of(&format!("{level:?} destinations school {school}"));
        let others = match level {
            Level::Higher => table.unit("SC01", school) * dice.between(5, 17) as u64 / 1_000,
            Level::Secondary => 0,
        };
        let others = others.min(placed);
        working.push(placed - others);
        founders.push(others * dice.between(25, 70) as u64 / 100);
    }
    table.set("SVC01", 0, working);
    table.set("SC13N", 0, founders);
}

/// As many begin as explain this year's enrolment: those who left, and what it grew by.
fn intake(table: &mut Table, ground: &Ground<'_>, last: Option<&Table>) {
    let values = (0..ground.enrolment.len()).map(|school| {
        let now = table.unit("BAS02", school);
        let mut dice = Dice::of(&format!("{:?} intake school {school}", ground.level));
        let before = last.map_or(now, |last| last.unit("BAS02", school));
        let left = table.unit("SC01", school) + now * dice.between(10, 35) as u64 / 1_000;
        (left + now).saturating_sub(before).max(20)
    });
    let values = values.collect();
    table.set("BAS01", 0, values);
}

/// A textbook may be of several kinds, and none of a kind is outside the whole.
fn textbooks(table: &mut Table, ground: &Ground<'_>) {
    let schools = ground.enrolment.len();
    let (mut all, mut national, mut new_form) = (vec![], vec![], vec![]);
    for school in 0..schools {
        let mut dice = Dice::of(&format!("{:?} textbooks school {school}", ground.level));
        let selected = table.unit("TBK01", school);
        let others = table.unit("RES05", school) * dice.between(300, 900) as u64 / 1_000;
        let whole = table.unit("RES15", school).max(selected) + others;
        all.push(whole);
        national.push(selected + (whole - selected) * dice.between(100, 300) as u64 / 1_000);
        new_form.push(whole * dice.between(200, 450) as u64 / 1_000);
    }
    table.set("RES13", 0, all);
    table.set("RES14", 0, national);
    table.set("RES16", 0, new_form);
}

/// Bandwidth comes in round numbers and seldom changes. In Mbps.
fn bandwidth(table: &mut Table, ground: &Ground<'_>) {
    let (outward, backbone): (&[u64], &[u64]) = match ground.level {
        Level::Higher => (&[1_000, 2_000, 3_000, 5_000, 10_000], &[10_000, 40_000, 100_000]),
        Level::Secondary => (&[300, 500, 1_000, 2_000], &[1_000, 10_000]),
    };
    for (code, sizes) in [("RES18", outward), ("RES19", backbone)] {
        let pick =
            |school: usize| *Dice::of(&format!("{:?} {code} school {school}", ground.level)).pick(sizes);
        table.set(code, 0, (0..ground.enrolment.len()).map(pick).collect());
    }
}

/// How a school makes its surveys: the same way in every year.
pub(crate) fn survey_method(school: &str, survey: &str) -> &'static str {
    let mut dice = Dice::of(&format!("survey {survey} {school}"));
    let methods: &[&'static str] = match survey {
        // Employers and parents are also asked by telephone.
        "SAT10" | "SAT11" => &["online", "online", "interview", "third_party"],
        _ => &["online", "online", "online", "paper", "third_party"],
    };
    dice.pick::<&'static str>(methods)
}
