//! Tables of indicators: by level, by year, in one row.

use zhijian_platform::Text;

use super::{Body, Renderer, row};
use crate::domain::{
    definition::{IndicatorsByLevel, MeasureColumn, OneRow, Years},
    figure::Figure,
    table::{Cell, Column},
    template::Values,
};

impl Renderer<'_> {
    pub(super) fn indicators_by_level(&mut self, layout: &IndicatorsByLevel) -> Body {
        let year = self.edition.year;
        let mut columns = vec![self.heading(&layout.label, false)];
        columns.extend(layout.unit.iter().map(|unit| self.heading(unit, false)));
        columns.extend(
            layout.columns.iter().map(|column| self.column(&column.key, &column.zh, &column.en, None, true)),
        );
        let mut rows = Vec::with_capacity(layout.rows.len());
        for line in &layout.rows {
            let name = Values::year(year).fill_text(&Text::new(line.zh.clone(), line.en.clone()));
            let unit = line.unit.as_deref().map(|unit| self.edition.unit(unit));
            let mut cells = if layout.unit.is_some() {
                vec![Cell::text(name), unit.map(Cell::text).unwrap_or_default()]
            } else {
                vec![Cell::text(self.definition.brackets.join(name, unit.as_ref()))]
            };
            for column in &layout.columns {
                let figure =
                    Figure { report_kinds: column.report_kinds.clone(), measure: line.measure.clone() };
                cells.push(self.figure(year, &figure, &line.format));
            }
            rows.push(row(cells));
        }
        let count = self.report_count(layout.columns.iter().flat_map(|column| &column.report_kinds));
        Body { columns, rows, count }
    }

    pub(super) fn years(&mut self, layout: &Years) -> Body {
        let mut columns = vec![self.heading(&layout.label, false)];
        columns.extend(self.measure_columns(&layout.columns));
        let years: Vec<i32> = self
            .edition
            .shown_years()
            .filter(|year| *year == self.edition.year || self.facts.years.contains_key(year))
            .collect();
        let rows = years
            .into_iter()
            .map(|year| {
                let mut cells = vec![Cell::text(Values::year(year).fill_text(&layout.row))];
                cells.extend(self.measures(year, &layout.report_kinds, &layout.columns));
                row(cells)
            })
            .collect();
        Body { columns, rows, count: self.report_count(&layout.report_kinds) }
    }

    pub(super) fn one_row(&mut self, layout: &OneRow) -> Body {
        let cells = self.measures(self.edition.year, &layout.report_kinds, &layout.columns);
        Body {
            columns: self.measure_columns(&layout.columns),
            rows: vec![row(cells)],
            count: self.report_count(&layout.report_kinds),
        }
    }

    fn measure_columns(&self, columns: &[MeasureColumn]) -> Vec<Column> {
        columns
            .iter()
            .map(|column| self.column(&column.key, &column.zh, &column.en, column.unit.as_deref(), true))
            .collect()
    }

    fn measures(&mut self, year: i32, report_kinds: &[String], columns: &[MeasureColumn]) -> Vec<Cell> {
        columns
            .iter()
            .map(|column| {
                let figure = Figure { report_kinds: report_kinds.to_vec(), measure: column.measure.clone() };
                self.figure(year, &figure, &column.format)
            })
            .collect()
    }
}
