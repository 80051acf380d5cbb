//! What every check shares: the report taken apart, its pieces, its figures and its institutions.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::Datelike;

use crate::document::Document;
use crate::entry::Facts;
use crate::finding::Location;
use crate::form::dates::stated_window;
use crate::names::Institutions;
use crate::options::{Options, Window};
use crate::quotes::{Quotation, quotations};
use crate::unit::{Unit, units};

pub(crate) struct Context<'a, 'o> {
    pub document: Document<'a>,
    pub units: Vec<Unit>,
    pub facts: Facts,
    pub institutions: Institutions,
    pub quotations: Vec<Quotation>,
    pub options: &'o Options,
    window: Option<Window>,
    stated: Option<usize>,
    year: Option<i32>,
}

impl<'a, 'o> Context<'a, 'o> {
    pub fn read(text: &'a str, options: &'o Options) -> Self {
        let document = Document::read(text);
        let units = units(&document);
        let facts = Facts::of(&document);
        let stated =
            document.paragraphs.iter().enumerate().find_map(|(i, p)| Some((i, stated_window(p.text())?)));
        let window = options.window.or(stated.map(|(_, window)| window));
        let year = window.map(|w| w.to.year()).or_else(|| most_named_year(&document));
        let mut context = Self {
            document,
            units,
            facts,
            institutions: Institutions::default(),
            quotations: Vec::new(),
            options,
            window,
            stated: stated.map(|(paragraph, _)| paragraph),
            year,
        };
        context.institutions = Institutions::of(&context);
        context.quotations = quotations(&context);
        context
    }

    /// The source words of a part of a unit.
    pub fn quote_unit(&self, unit: usize, range: Range<usize>) -> Location {
        self.document.quote(&self.units[unit].norm, range)
    }

    /// The source words of a claim, number and unit included.
    pub fn quote_claim(&self, claim: usize) -> Location {
        let claim = &self.facts.claims[claim];
        let norm = &self.document.paragraphs[claim.paragraph].norm;
        let start = if norm.line_at(claim.lead.start) == norm.line_at(claim.quantity.start) {
            claim.lead.start
        } else {
            claim.quantity.start
        };
        self.document.quote(norm, start..claim.quantity.end)
    }

    /// The window given, or the one the report states.
    pub fn window(&self) -> Option<Window> {
        self.window
    }

    /// The paragraph that states the window.
    pub fn stated_window(&self) -> Option<usize> {
        self.stated
    }

    /// The year the report is about: the one its window ends in, else the one its text names most often.
    pub fn year(&self) -> Option<i32> {
        self.year
    }
}

fn most_named_year(document: &Document<'_>) -> Option<i32> {
    let mut counts = BTreeMap::<i32, usize>::new();
    for paragraph in &document.paragraphs {
        for (at, _) in paragraph.text().match_indices('年') {
            if let Some(year) = year_before(paragraph.text(), at) {
                *counts.entry(year).or_default() += 1;
            }
        }
    }
    counts.into_iter().max_by_key(|&(year, n)| (n, year)).map(|(year, _)| year)
}

/// Four digits of a plausible year that end at byte `at`.
pub(crate) fn year_before(text: &str, at: usize) -> Option<i32> {
    let digits = text.get(at.checked_sub(4)?..at)?;
    let alone = !text[..at - 4].ends_with(|c: char| c.is_ascii_digit());
    digits.parse().ok().filter(|y| alone && (1949..=2100).contains(y))
}
