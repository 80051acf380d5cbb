//! Lists: institutions by an indicator, programmes with a pathway.

use super::{Body, Renderer, count, number, row};
use crate::domain::{
    definition::{Institutions, ProgrammeField, Programmes},
    facts::{Asked, PathwayRow},
    figure::{ROUNDED, Told, WITHHELD},
    lack::Lack,
    table::{Cell, Row},
    trace,
};

impl Renderer<'_> {
    pub(super) fn institutions(&mut self, layout: &Institutions) -> Body {
        let columns = vec![
            self.heading(&layout.sequence, true),
            self.heading(&layout.name, false),
            self.heading(&layout.value, true),
        ];
        let year = self.edition.year;
        let figure = layout.figure();
        let listed = match self.facts.years.get(&year) {
            None => vec![],
            Some(facts) => match facts.asked(&figure) {
                Asked::Unknown(indicator) => {
                    self.lacks.insert(Lack::NotInCatalogue { year, indicator });
                    vec![]
                }
                Asked::Yes | Asked::No => facts.list(&figure).unwrap_or_else(|lack| {
                    self.lacks.insert(lack);
                    vec![]
                }),
            },
        };
        let rows: Vec<Row> = (1_u64..)
            .zip(listed)
            .map(|(sequence, (organisation, value))| {
                let name = trace::of_institution(year, &figure, organisation);
                let value = match value {
                    Told::Withheld => Cell::word(WITHHELD),
                    Told::Number(value) => number(value, &layout.format).traced(name),
                    Told::Rounded(value) => {
                        let told = number(value, &layout.format).traced(name);
                        Cell { display: format!("{ROUNDED}{}", told.display), ..told }
                    }
                };
                row(vec![count(sequence), self.name(organisation), value])
            })
            .collect();
        Body { columns, count: rows.len() as u64, rows }
    }

    pub(super) fn programmes(&mut self, layout: &Programmes) -> Body {
        if self.facts.pathways.is_empty() {
            self.lacks.insert(Lack::NoPathways { year: self.edition.year });
        }
        let columns = layout
            .columns
            .iter()
            .map(|column| {
                let numeric = matches!(column.field, ProgrammeField::Sequence | ProgrammeField::Places);
                self.column(&column.key, &column.zh, &column.en, None, numeric)
            })
            .collect();
        let rows: Vec<Row> = self
            .facts
            .pathways
            .iter()
            .map(|pathway| {
                let cells = layout.columns.iter().map(|column| self.pathway_cell(pathway, column.field));
                row(cells.collect())
            })
            .collect();
        Body { columns, count: rows.len() as u64, rows }
    }

    fn pathway_cell(&mut self, pathway: &PathwayRow, field: ProgrammeField) -> Cell {
        match field {
            ProgrammeField::Sequence => count(pathway.sequence),
            ProgrammeField::Institution => self.name(&pathway.organisation_code),
            ProgrammeField::Programme => Cell::text(pathway.programme.clone()),
            ProgrammeField::Code => Cell::word(&pathway.programme_code),
            ProgrammeField::Places => count(pathway.places),
            ProgrammeField::Partner => Cell::word(&pathway.partner),
            ProgrammeField::PartnerProgramme => Cell::word(&pathway.partner_programme),
        }
    }
}
