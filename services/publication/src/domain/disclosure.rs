//! What the public is not told of a single institution (`services/publication/disclosure`).
//!
//! Small counts of people are taken out of the pins, together with enough others that none can be found by subtraction, or
//! counts are rounded; what such cells add to each figure is kept as one exact sum. Everything public is computed from such
//! pins, so that no form can show what another withholds.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Deserialize;
use zhijian_platform::rules::{RulesDir, RulesError};

use super::{
    definition::Plan,
    figure::{Figure, Reading, Tally, TooLarge},
    lack::Lack,
    pin::{Pinned, PinnedIndicator, PinnedReport, PinnedSum, PinnedYear},
};

mod round;

const FOLDER: &str = "publication/disclosure";

/// The files in the binary.
const SHIPPED: &[(&str, &str)] =
    &[("publication/disclosure/2025.toml", include_str!("../../disclosure/2025.toml"))];

/// The rules of every year.
#[derive(Debug, Clone, Default)]
pub struct Disclosures(BTreeMap<i32, Disclosure>);

/// The rules in force from a year on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    year: i32,
    /// A count above zero and below this is withheld.
    pub minimum: u32,
    /// From how many institutions the withheld cells of an indicator come at least.
    pub institutions: usize,
    /// The codes of the counts that can point to persons.
    pub indicators: BTreeSet<String>,
    #[serde(default)]
    method: Method,
    /// What rounded counts are multiples of; for rounding alone.
    base: Option<u32>,
}

/// What stands where a count would tell too much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Method {
    /// Nothing but a mark.
    #[default]
    Withhold,
    /// The nearest multiple of the base, for every institution of the kind.
    Round,
}

/// The reports of one kind that hide cells of a family.
#[derive(Debug, Default)]
struct Hidden {
    /// The places of those that lose what is not rounded.
    withheld: BTreeSet<usize>,
    /// What the listed counts of every report of the kind are rounded to; nothing where they are withheld.
    base: Option<u32>,
}

impl Disclosures {
    /// Reads the shipped files and those of the rules directory.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let mut names: BTreeSet<String> = SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.extend(dir.extra(FOLDER));
        let mut files = BTreeMap::new();
        for name in names {
            let shipped = SHIPPED.iter().find(|(shipped, _)| *shipped == name).map_or("", |(_, text)| text);
            let file: Disclosure = zhijian_platform::rules::load(dir, &name, shipped)?;
            file.check(&name)?;
            files.insert(file.year, file);
        }
        Ok(Self(files))
    }

    /// The rules in force in `year`.
    pub fn of(&self, year: i32) -> Option<&Disclosure> {
        let newest = self.0.range(..=year).next_back().or_else(|| self.0.first_key_value());
        newest.map(|(_, rules)| rules)
    }
}

impl Disclosure {
    fn check(&self, file: &str) -> Result<(), RulesError> {
        let own = format!("{FOLDER}/{}.toml", self.year);
        if file != own {
            let detail = format!("a file of the year {} is called {own}", self.year);
            return Err(RulesError::content(file, "year", detail));
        }
        if !(1..=1000).contains(&self.minimum) {
            return Err(RulesError::content(file, "minimum", "must be between 1 and 1000"));
        }
        if !(2..=20).contains(&self.institutions) {
            return Err(RulesError::content(file, "institutions", "must be between 2 and 20"));
        }
        match (self.method, self.base) {
            (Method::Round, Some(2..=100)) | (Method::Withhold, None) => {}
            (Method::Round, _) => {
                let detail = "must be between 2 and 100 with method = \"round\"";
                return Err(RulesError::content(file, "base", detail));
            }
            (Method::Withhold, Some(_)) => {
                let detail = "means nothing without method = \"round\": leave it out, or round";
                return Err(RulesError::content(file, "base", detail));
            }
        }
        Ok(())
    }

    /// What counts are rounded to; nothing where they are withheld.
    pub fn base(&self) -> Option<u32> {
        self.base.filter(|_| self.method == Method::Round)
    }

    fn is_small(&self, code: &str, reading: Option<&Reading>) -> bool {
        let minimum = Decimal::from(self.minimum);
        self.indicators.contains(code)
            && matches!(reading, Some(Reading::Number(number)) if *number > Decimal::ZERO && *number < minimum)
    }

    /// The pins that everybody may have. `plan` names the figures that are computed from them.
    ///
    /// # Errors
    /// Says which withheld sum grows too large.
    pub fn disclosed(&self, pinned: &Pinned, plan: &Plan) -> Result<Pinned, Lack> {
        let mut public = pinned.clone();
        let none = BTreeSet::new();
        for (year, pins) in &mut public.years {
            let figures = plan.figures.get(year).unwrap_or(&none);
            let lists = if *year == pinned.year { &plan.lists } else { &none };
            let own = plan.own.get(year).unwrap_or(&none);
            self.withhold(*year, pins, figures, lists.union(own).cloned().collect())?;
        }
        Ok(public)
    }

    fn withhold(
        &self,
        year: i32,
        pins: &mut PinnedYear,
        figures: &BTreeSet<Figure>,
        of_institutions: BTreeSet<Figure>,
    ) -> Result<(), Lack> {
        let kinds: BTreeSet<String> = pins.reports.iter().map(|report| report.kind.clone()).collect();
        let full = pins.reports.clone();
        for family in families(&pins.indicators, figures.iter().chain(&of_institutions)) {
            if family.is_disjoint(&self.indicators) {
                continue;
            }
            for kind in &kinds {
                let hidden = self.hidden(&full, &pins.indicators, kind, &family);
                pins.rounded_to.extend(hidden.base);
                self.hide(&mut pins.reports, kind, &family, &hidden);
            }
            for figure in figures {
                let codes = figure.measure.indicators();
                if !codes.iter().all(|code| family.contains(*code)) {
                    continue;
                }
                let hides = |public: &PinnedReport| {
                    codes
                        .iter()
                        .any(|code| public.cells.get(*code).is_some_and(|reading| reading.is_hidden()))
                };
                let hidden =
                    full.iter().zip(&pins.reports).filter(|(_, public)| hides(public)).map(|(full, _)| full);
                let tally = sum(figure, hidden)
                    .map_err(|TooLarge| Lack::TooLarge { year, indicator: codes.join("、") })?;
                if tally.is_answered() {
                    pins.withheld.push(PinnedSum { figure: figure.clone(), tally });
                }
            }
        }
        Ok(())
    }

    /// Which reports of a kind hide cells of a family, and how.
    fn hidden(
        &self,
        reports: &[PinnedReport],
        indicators: &BTreeMap<String, PinnedIndicator>,
        kind: &str,
        family: &BTreeSet<String>,
    ) -> Hidden {
        let withheld = self.of_kind(reports, kind, family, self.institutions);
        match self.base().filter(|_| !withheld.is_empty()) {
            None => Hidden { withheld, base: None },
            // Where rounding would not hide enough, the counts are withheld after all.
            Some(base) => round::Rounding::of(self, base, reports, indicators, kind, family)
                .hidden()
                .unwrap_or(Hidden { withheld, base: None }),
        }
    }

    fn hide(&self, reports: &mut [PinnedReport], kind: &str, family: &BTreeSet<String>, hidden: &Hidden) {
        let of_kind = reports.iter_mut().enumerate().filter(|(_, report)| report.kind == kind);
        for (place, report) in of_kind {
            for (code, reading) in report.cells.iter_mut().filter(|(code, _)| family.contains(*code)) {
                let Reading::Number(number) = *reading else { continue };
                match hidden.base.filter(|_| self.indicators.contains(code)) {
                    Some(base) => *reading = Reading::Rounded(round::rounded(number, base)),
                    None if hidden.withheld.contains(&place) => *reading = Reading::Withheld,
                    None => {}
                }
            }
        }
    }

    /// Whether a report has a small count in a family.
    fn has_small(&self, report: &PinnedReport, family: &BTreeSet<String>) -> bool {
        family.iter().any(|code| self.is_small(code, report.cells.get(code)))
    }

    /// The places of the reports of a kind that lose their cells of a family: those with a small count, and the smallest
    /// others that hide them, until there are `institutions`.
    fn of_kind(
        &self,
        reports: &[PinnedReport],
        kind: &str,
        family: &BTreeSet<String>,
        institutions: usize,
    ) -> BTreeSet<usize> {
        let of_kind: Vec<usize> = (0..reports.len()).filter(|place| reports[*place].kind == *kind).collect();
        let small = |place: &usize| self.has_small(&reports[*place], family);
        let mut withheld: BTreeSet<usize> = of_kind.iter().copied().filter(small).collect();
        // The sum of a rate is over those that answer both of its halves: subtracted from the sum of one half, it leaves those
        // that answer this half alone. So each is hidden among those that answer the same, and then among all.
        let answers = |place: &usize| -> BTreeSet<&String> {
            let cells = reports[*place].cells.iter();
            let told = cells
                .filter(|(code, reading)| family.contains(*code) && matches!(reading, Reading::Number(_)));
            told.map(|(code, _)| code).collect()
        };
        let patterns: BTreeSet<BTreeSet<&String>> = withheld.iter().map(answers).collect();
        for pattern in patterns {
            let alike: Vec<usize> =
                of_kind.iter().copied().filter(|place| answers(place) == pattern).collect();
            self.join(reports, &alike, family, institutions, &mut withheld);
        }
        self.join(reports, &of_kind, family, institutions, &mut withheld);
        withheld
    }

    /// Adds to the reports that withhold the smallest others of `among`, until those of `among` hide one another.
    fn join(
        &self,
        reports: &[PinnedReport],
        among: &[usize],
        family: &BTreeSet<String>,
        institutions: usize,
        withheld: &mut BTreeSet<usize>,
    ) {
        for code in family.intersection(&self.indicators) {
            let positive = |place: &usize| match reports[*place].cells.get(code) {
                Some(Reading::Number(number)) if *number > Decimal::ZERO => Some(*number),
                _ => None,
            };
            let mut others: Vec<(Decimal, usize)> = among
                .iter()
                .filter(|place| !withheld.contains(place))
                .filter_map(|place| Some((positive(place)?, *place)))
                .collect();
            others.sort_unstable();
            let mut others = others.into_iter();
            loop {
                let told: Vec<Decimal> =
                    among.iter().filter(|place| withheld.contains(place)).filter_map(positive).collect();
                let enough =
                    told.len() >= institutions && told.iter().sum::<Decimal>() >= Decimal::from(self.minimum);
                // Cells that are no small count stand here for the family's sake alone; one of them alone would be found
                // by subtraction all the same, and with it the rate that hides the small one.
                if told.is_empty() || enough {
                    break;
                }
                match others.next() {
                    Some((_, place)) => withheld.insert(place),
                    None => break,
                };
            }
        }
    }
}

fn sum<'a>(figure: &Figure, reports: impl Iterator<Item = &'a PinnedReport>) -> Result<Tally, TooLarge> {
    let mut tally = Tally::default();
    for report in reports.filter(|report| figure.report_kinds.contains(&report.kind)) {
        tally.add(&figure.measure, &report.report())?;
    }
    Ok(tally)
}

/// The indicators by what ties them together: a rate, a mean, a formula. Of two such, the third is found by arithmetic.
fn families<'f>(
    indicators: &BTreeMap<String, PinnedIndicator>,
    figures: impl Iterator<Item = &'f Figure>,
) -> Vec<BTreeSet<String>> {
    let mut families: Vec<BTreeSet<String>> =
        indicators.keys().map(|code| BTreeSet::from([code.clone()])).collect();
    let mut tie = |codes: BTreeSet<&str>| {
        let (tied, mut rest): (Vec<BTreeSet<String>>, Vec<BTreeSet<String>>) =
            families.drain(..).partition(|family| family.iter().any(|code| codes.contains(code.as_str())));
        rest.push(tied.into_iter().flatten().collect());
        families = rest;
    };
    for figure in figures {
        tie(figure.measure.indicators().into_iter().collect());
    }
    for (code, indicator) in indicators.iter().filter(|(_, indicator)| !indicator.formula.is_empty()) {
        let words = indicator.formula.split(|c: char| !c.is_ascii_alphanumeric());
        let known = words.filter(|word| indicators.contains_key(*word));
        tie(known.chain([code.as_str()]).collect());
    }
    families.retain(|family| !family.is_empty());
    families
}
