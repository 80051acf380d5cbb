//! What bindings come to over the pins.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use zhijian_platform::Text;

use super::{Binding, ChangeKind, Fault, Look, Place, Scoped, Templates, fault::What};
use crate::domain::{
    facts::{Asked, Facts, hidden},
    figure::{Figure, Measure, Outcome, ROUNDED, Tally, Told, TooLarge, WITHHELD},
    number::NumberFormat,
    pin::{Pinned, PinnedReport},
    table::{Cell, Table},
    trace,
};

/// Digits after the point of rates and means.
const RATE_DECIMALS: u32 = 2;
/// What stands where an institution's number is not for the public.
pub const NOT_TOLD: &str = "（不单列）";

/// What an edition is made of.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub pinned: &'a Pinned,
    pub facts: &'a Facts,
    pub tables: &'a BTreeMap<String, Table>,
    pub templates: &'a Templates,
    pub index: &'a Index<'a>,
    /// The institution that the edition is of.
    pub institution: Option<&'a str>,
}

/// The reports of each year by the organisation that they are about.
#[derive(Debug, Default)]
pub struct Index<'a>(BTreeMap<i32, BTreeMap<&'a str, Vec<&'a PinnedReport>>>);

impl<'a> Index<'a> {
    /// Of the pins.
    pub fn of(pinned: &'a Pinned) -> Self {
        let years = pinned.years.iter().map(|(year, pins)| {
            let mut reports: BTreeMap<&str, Vec<&PinnedReport>> = BTreeMap::new();
            for report in &pins.reports {
                reports.entry(&report.subject).or_default().push(report);
            }
            (*year, reports)
        });
        Self(years.collect())
    }

    /// The organisations with a report of one of these kinds, in order of code.
    pub fn schools(&self, year: i32, kinds: &[String]) -> impl Iterator<Item = &'a str> {
        let reports = self.0.get(&year).into_iter().flatten();
        reports
            .filter(move |(_, reports)| reports.iter().any(|report| kinds.contains(&report.kind)))
            .map(|(code, _)| *code)
    }
}

/// A bound number as readers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub display: String,
    /// Unrounded; nothing for words.
    pub value: Option<Decimal>,
    /// Its name, by which it is followed back; empty for words.
    pub trace: String,
}

impl Ground<'_> {
    /// What a binding comes to.
    ///
    /// # Errors
    /// Says what is not there.
    pub fn bind(&self, place: &Place, binding: &Binding) -> Result<Bound, Fault> {
        self.binding(binding).map_err(|what| Fault { place: place.clone(), what })
    }

    fn binding(&self, binding: &Binding) -> Result<Bound, What> {
        match binding {
            Binding::Value { figure, back, look } => self.value(figure, self.pinned.year - back, look),
            Binding::Change { figure, kind, look } => self.change(figure, *kind, look),
            Binding::Cell { table, row, column } => {
                let cell = self.cell(table, row, column)?;
                Ok(told(cell))
            }
            Binding::Count { table, unit } => {
                let lines = self.lines(table)?.len();
                Ok(Bound {
                    display: format!("{lines}{unit}"),
                    value: Some(Decimal::from(lines)),
                    trace: trace::of_table(self.pinned.year, table, "count"),
                })
            }
            Binding::Total { table, column, unit } => {
                let place = self.column(table, column)?;
                let numbers = self.lines(table)?.into_iter().filter_map(|row| row.get(place));
                let mut sum = Decimal::ZERO;
                for cell in numbers {
                    if cell.display.starts_with(ROUNDED) {
                        return Err(What::Rounded { number: table.clone() });
                    }
                    let number: Decimal =
                        cell.value.parse().map_err(|_| What::NoCell { number: table.clone() })?;
                    sum = sum.checked_add(number).ok_or(What::TooLarge)?;
                }
                Ok(Bound {
                    display: format!("{}{unit}", plain(sum)),
                    value: Some(sum),
                    trace: trace::of_table(self.pinned.year, table, column),
                })
            }
            Binding::Institutions { kinds, unit } => self.institutions(kinds, unit),
            Binding::Published(key) => {
                let found = &self.templates.published[key];
                Ok(Bound {
                    display: format!("{}{}", plain(found.value), found.unit),
                    value: Some(found.value),
                    trace: trace::published(self.pinned.year, key),
                })
            }
            Binding::Name => {
                let name = self.own_name()?;
                Ok(Bound { display: name.zh, value: None, trace: String::new() })
            }
        }
    }

    /// The name of the edition's institution.
    pub fn own_name(&self) -> Result<Text, What> {
        let code = self.institution.unwrap_or_default();
        let found = self.pinned.organisations.get(code);
        Ok(found.ok_or_else(|| What::MissingSchools { code: code.to_owned() })?.name.clone())
    }

    fn value(&self, figure: &Scoped, year: i32, look: &Look) -> Result<Bound, What> {
        let (format, unit) = self.look(&figure.figure.measure, year, look);
        let trace = match self.institution.filter(|_| figure.own) {
            Some(code) => trace::of_institution(year, &figure.figure, code),
            None => trace::figure(year, &figure.figure),
        };
        let (mark, value) = match self.number(figure, year)? {
            Told::Number(value) => (String::new(), value),
            Told::Rounded(value) => (ROUNDED.to_string(), value),
            Told::Withheld => return Ok(not_told()),
        };
        Ok(Bound { display: format!("{mark}{}{unit}", format.display(value)), value: Some(value), trace })
    }

    fn change(&self, figure: &Scoped, kind: ChangeKind, look: &Look) -> Result<Bound, What> {
        let year = self.pinned.year;
        if !self.pinned.years.contains_key(&(year - 1)) {
            return Err(What::NoLastYear { year: year - 1 });
        }
        // What is told of rounded numbers would seem exact.
        let (Told::Number(now), Told::Number(last)) =
            (self.number(figure, year)?, self.number(figure, year - 1)?)
        else {
            return Ok(not_told());
        };
        let (format, unit) = self.look(&figure.figure.measure, year, look);
        // What is told of two printed numbers follows from them as printed.
        let (now, last) = (printed(&format, now), printed(&format, last));
        let difference = now.checked_sub(last).ok_or(What::TooLarge)?;
        let amount = difference.abs();
        let (value, words, shown) = match kind {
            ChangeKind::Relative => {
                if last.is_zero() {
                    return Err(What::DivisionByNothing { year: year - 1 });
                }
                let share = difference
                    .checked_mul(Decimal::ONE_HUNDRED)
                    .and_then(|product| product.checked_div(last.abs()))
                    .ok_or(What::TooLarge)?;
                let percent = NumberFormat {
                    decimals: look.decimals.unwrap_or(RATE_DECIMALS),
                    trim: false,
                    suffix: "%".to_owned(),
                };
                (share, ("升", "降"), percent.display(share.abs()))
            }
            ChangeKind::Absolute => {
                (difference, ("增加", "减少"), format!("{}{unit}", format.display(amount)))
            }
            ChangeKind::Points => {
                (difference, ("提高", "下降"), format!("{}个百分点", format.display(amount)))
            }
        };
        let display = match value {
            zero if zero.is_zero() => "持平".to_owned(),
            up if up.is_sign_positive() => format!("{}{shown}", words.0),
            _ => format!("{}{shown}", words.1),
        };
        let trace = match self.institution.filter(|_| figure.own) {
            Some(code) => trace::of_institution(year, &figure.figure, code),
            None => trace::figure(year, &figure.figure),
        };
        Ok(Bound { display, value: Some(value), trace })
    }

    /// What is told of a figure's number.
    pub fn number(&self, figure: &Scoped, year: i32) -> Result<Told, What> {
        let facts = self.facts.years.get(&year).ok_or(What::NoLastYear { year })?;
        if let Asked::Unknown(indicator) = facts.asked(&figure.figure) {
            return Err(What::UnknownIndicator { year, indicator });
        }
        if figure.own {
            return self.own_number(&figure.figure, year);
        }
        match facts.outcome(&figure.figure) {
            Ok(Outcome::Value(value)) => Ok(Told::Number(value)),
            Ok(Outcome::Undefined) => Err(What::Undefined { year }),
            Ok(Outcome::Missing) => Err(What::NoAnswer { year }),
            Err(_) => Err(What::NoAnswer { year }),
        }
    }

    /// A figure over the institution's own reports.
    fn own_number(&self, figure: &Figure, year: i32) -> Result<Told, What> {
        let mut tally = Tally::default();
        let mut rounded = None;
        // A rate is not added up, should an institution hand in more than one report.
        let mut told = 0;
        for report in self.own_reports(year).filter(|report| figure.report_kinds.contains(&report.kind)) {
            let report = report.report();
            told += 1;
            match hidden(&figure.measure, &report) {
                None => {}
                Some(Told::Rounded(number)) => {
                    rounded = Some(number);
                    continue;
                }
                Some(_) => return Ok(Told::Withheld),
            }
            tally.add(&figure.measure, &report).map_err(|TooLarge| What::TooLarge)?;
        }
        if told > 1
            && matches!(figure.measure, Measure::Sum(_))
            && self.look(&figure.measure, year, &Look::default()).1 == "%"
        {
            return Err(What::Undefined { year });
        }
        if let Some(rounded) = rounded {
            // A sum with a rounded part is no multiple of the base.
            return Ok(if told == 1 { Told::Rounded(rounded) } else { Told::Withheld });
        }
        match tally.outcome(&figure.measure).map_err(|TooLarge| What::TooLarge)? {
            Outcome::Value(value) => Ok(Told::Number(value)),
            Outcome::Undefined => Err(What::Undefined { year }),
            Outcome::Missing => Err(What::NoAnswer { year }),
        }
    }

    /// The institution's reports of a year.
    pub fn own_reports(&self, year: i32) -> impl Iterator<Item = &PinnedReport> {
        let own = self.institution.unwrap_or_default();
        self.index.0.get(&year).and_then(|reports| reports.get(own)).into_iter().flatten().copied()
    }

    fn institutions(&self, kinds: &[String], unit: &str) -> Result<Bound, What> {
        let year = self.pinned.year;
        let mut counted = std::collections::BTreeSet::new();
        let reports = self.pinned.years.get(&year).map(|pins| pins.reports.as_slice()).unwrap_or_default();
        for report in reports.iter().filter(|report| self.templates.schools.contains(&report.kind)) {
            let found = self.pinned.organisations.get(&report.subject);
            let found = found.ok_or_else(|| What::MissingSchools { code: report.subject.clone() })?;
            if kinds.is_empty() || kinds.contains(&found.kind) {
                counted.insert(&report.subject);
            }
        }
        if counted.is_empty() {
            return Err(What::MissingSchools { code: String::new() });
        }
        Ok(Bound {
            display: format!("{}{unit}", counted.len()),
            value: Some(Decimal::from(counted.len())),
            trace: trace::institutions(year, kinds),
        })
    }

    /// How a measure's numbers are written, and their unit.
    pub fn look(&self, measure: &Measure, year: i32, look: &Look) -> (NumberFormat, String) {
        let own = measure.indicators()[0];
        let found = self.pinned.years.get(&year).and_then(|pins| pins.indicators.get(own));
        let (decimals, trim, unit) = match measure {
            Measure::Sum(_) => {
                let decimals = found.map_or(0, |found| found.decimals);
                (decimals, true, found.map(|found| found.unit.zh.clone()).unwrap_or_default())
            }
            Measure::Ratio { per: 100, .. } => (RATE_DECIMALS, false, "%".to_owned()),
            Measure::Ratio { .. } => (RATE_DECIMALS, false, String::new()),
            Measure::Mean { .. } => {
                (RATE_DECIMALS, false, found.map(|found| found.unit.zh.clone()).unwrap_or_default())
            }
        };
        let format = NumberFormat {
            decimals: look.decimals.unwrap_or(decimals),
            trim: trim && look.decimals.is_none(),
            suffix: String::new(),
        };
        (format, look.unit.clone().unwrap_or(unit))
    }

    fn table(&self, number: &str) -> Result<&Table, What> {
        let table = self.tables.get(number).ok_or_else(|| What::NoTable { number: number.to_owned() })?;
        match table.rows.is_empty() {
            true => Err(What::EmptyTable { number: number.to_owned() }),
            false => Ok(table),
        }
    }

    /// The cells of a table's lines, sums left out.
    fn lines(&self, number: &str) -> Result<Vec<&[Cell]>, What> {
        let rows = self.table(number)?.rows.iter();
        Ok(rows.filter(|row| !row.total).map(|row| row.cells.as_slice()).collect())
    }

    fn column(&self, number: &str, key: &str) -> Result<usize, What> {
        let found = self.table(number)?.columns.iter().position(|column| column.key == key);
        found.ok_or_else(|| What::NoCell { number: number.to_owned() })
    }

    fn cell(&self, number: &str, row: &str, column: &str) -> Result<&Cell, What> {
        let place = self.column(number, column)?;
        let rows = self.table(number)?.rows.iter();
        let mut named = rows.filter(|line| line.cells.first().is_some_and(|cell| cell.display == row));
        let cell = named.next().and_then(|line| line.cells.get(place));
        cell.ok_or_else(|| What::NoCell { number: number.to_owned() })
    }

    /// A table that is set whole.
    ///
    /// # Errors
    /// If the release has none of that number, or it is empty.
    pub fn whole_table(&self, place: &Place, number: &str) -> Result<&Table, Fault> {
        self.table(number).map_err(|what| Fault { place: place.clone(), what })
    }
}

/// What stands for a number that is not for the public.
fn not_told() -> Bound {
    Bound { display: NOT_TOLD.to_owned(), value: None, trace: String::new() }
}

fn told(cell: &Cell) -> Bound {
    let display = if cell.display == WITHHELD { NOT_TOLD.to_owned() } else { cell.display.clone() };
    Bound { display, value: cell.value.parse().ok(), trace: cell.trace.clone() }
}

/// The number that readers see.
fn printed(format: &NumberFormat, value: Decimal) -> Decimal {
    format.display(value).parse().unwrap_or(value)
}

fn plain(value: Decimal) -> String {
    crate::domain::number::plain(value)
}
