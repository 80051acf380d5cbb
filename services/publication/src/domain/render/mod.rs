//! Makes tables from definitions and facts.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use zhijian_platform::Text;

use super::{
    definition::{Edition, Heading, Layout, TableDefinition},
    facts::{Asked, Facts},
    figure::{Figure, Outcome, ROUNDED},
    lack::Lack,
    number::{NumberFormat, plain},
    table::{Cell, Column, Row, Table},
    template::Values,
    trace,
};

mod grades;
mod indicators;
mod lists;
#[cfg(test)]
mod tests;

/// What became of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rendered {
    /// It is complete.
    Table(Table),
    /// There is nothing to show, and the edition does without it.
    LeftOut,
}

/// Computes one table of an edition.
///
/// # Errors
/// Everything that lacks, each once.
pub fn table(
    edition: &Edition,
    definition: &TableDefinition,
    facts: &Facts,
) -> Result<Rendered, BTreeSet<Lack>> {
    let mut renderer = Renderer { edition, definition, facts, lacks: BTreeSet::new() };
    let body = match &definition.layout {
        Layout::IndicatorsByLevel(layout) => renderer.indicators_by_level(layout),
        Layout::Years(layout) => renderer.years(layout),
        Layout::OneRow(layout) => renderer.one_row(layout),
        Layout::Grades(layout) => renderer.grades(layout),
        Layout::Institutions(layout) => renderer.institutions(layout),
        Layout::Programmes(layout) => renderer.programmes(layout),
    };
    let lacks = renderer.lacks;
    if lacks.is_empty() {
        let values = Values { year: edition.year, count: Some(body.count) };
        let mut source = values.fill_text(&definition.source);
        let mut cells = body.rows.iter().flat_map(|row| &row.cells);
        if cells.any(|cell| cell.display.starts_with(ROUNDED)) {
            let bases = facts.years.get(&edition.year).map(|facts| &facts.rounded_to);
            let note = rounded_note(bases.into_iter().flatten());
            source = Text::new(format!("{}{}", source.zh, note.zh), format!("{} {}", source.en, note.en));
        }
        return Ok(Rendered::Table(Table {
            number: definition.number.clone(),
            title: values.fill_text(&definition.title),
            source,
            columns: body.columns,
            rows: body.rows,
        }));
    }
    if edition.is_optional(&definition.number) && lacks.iter().all(Lack::is_absence) {
        return Ok(Rendered::LeftOut);
    }
    Err(lacks)
}

/// What is said wherever an institution's count is told rounded, to multiples of `bases`.
pub fn rounded_note<'b>(bases: impl Iterator<Item = &'b u32>) -> Text {
    let bases: Vec<String> = bases.map(u32::to_string).collect();
    Text::new(
        format!(
            "“{ROUNDED}”表示该校的人数按公布的规则就近取 {} 的倍数，合计数不受影响。",
            bases.join(" 或 ")
        ),
        format!(
            "“{ROUNDED}” marks an institution's count that is rounded by rule to a multiple of {}; sums are not affected.",
            bases.join(" or ")
        ),
    )
}

/// A table without its caption.
struct Body {
    columns: Vec<Column>,
    rows: Vec<Row>,
    /// What `{count}` in the source names.
    count: u64,
}

struct Renderer<'a> {
    edition: &'a Edition,
    definition: &'a TableDefinition,
    facts: &'a Facts,
    lacks: BTreeSet<Lack>,
}

impl Renderer<'_> {
    /// The number of `year`, or the mark where the reports were not asked for it or none applies.
    fn figure(&mut self, year: i32, figure: &Figure, format: &NumberFormat) -> Cell {
        let mark = Cell::word(&self.definition.not_asked);
        let Some(facts) = self.facts.years.get(&year) else { return mark };
        match facts.asked(figure) {
            Asked::Yes => {}
            Asked::No => return mark,
            // An indicator that is new this year has no past.
            Asked::Unknown(_) if year < self.edition.year => return mark,
            Asked::Unknown(indicator) => {
                self.lacks.insert(Lack::NotInCatalogue { year, indicator });
                return mark;
            }
        }
        match facts.outcome(figure) {
            Ok(Outcome::Value(value)) => number(value, format).traced(trace::figure(year, figure)),
            Ok(_) => mark,
            Err(lack) => {
                self.lacks.insert(lack);
                mark
            }
        }
    }

    fn report_count<'k>(&self, kinds: impl IntoIterator<Item = &'k String>) -> u64 {
        let kinds: BTreeSet<&String> = kinds.into_iter().collect();
        self.facts.years.get(&self.edition.year).map_or(0, |facts| facts.report_count(&kinds))
    }

    fn column(&self, key: &str, zh: &str, en: &str, unit: Option<&str>, numeric: bool) -> Column {
        Column {
            key: key.to_owned(),
            name: Values::year(self.edition.year).fill_text(&Text::new(zh, en)),
            unit: unit.map(|unit| self.edition.unit(unit)),
            numeric,
        }
    }

    fn heading(&self, heading: &Heading, numeric: bool) -> Column {
        self.column(&heading.key, &heading.zh, &heading.en, heading.unit.as_deref(), numeric)
    }

    fn name(&mut self, organisation: &str) -> Cell {
        match self.facts.names.get(organisation) {
            Some(name) => Cell::text(name.clone()),
            None => {
                self.lacks.insert(Lack::NoName { organisation: organisation.to_owned() });
                Cell::default()
            }
        }
    }
}

fn number(value: Decimal, format: &NumberFormat) -> Cell {
    Cell { display: format.display(value), value: plain(value), ..Cell::default() }
}

fn count(value: impl Into<Decimal>) -> Cell {
    number(value.into(), &NumberFormat::default())
}

fn row(cells: Vec<Cell>) -> Row {
    Row { cells, total: false }
}
