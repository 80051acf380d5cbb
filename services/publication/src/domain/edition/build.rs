//! Sets editions: templates over the pins in, documents out.

use std::collections::BTreeMap;

use zhijian_platform::Text;
use zhijian_typeset::model::{self as set, Document, Inline, ReferenceKind};

use super::{
    Block, Chapter, Fault, Ground, Piece, Place, chart,
    fault::What,
    load::{Template, Templates},
};
use crate::domain::{facts::Facts, pin::Pinned, table::Table, template::Values};

/// What stands where there is no number.
pub(super) const NONE: &str = "—";
/// What some tables print instead; a report marks what is missing in one way.
const DASHES: &str = "--";

/// A report, set.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// Identifies it within the release.
    pub code: String,
    pub title: Text,
    /// The institution that it is of.
    pub organisation: Option<String>,
    pub document: Document,
    pub figures: usize,
    pub tables: usize,
    /// How many numbers of its text are bound.
    pub values: usize,
}

/// What every edition says of the release.
#[derive(Debug, Clone)]
pub struct Cover {
    pub demonstration: bool,
    /// Where the figures come from; may be empty.
    pub note: String,
}

/// The code of the report of an institution.
pub fn institution_code(organisation: &str) -> String {
    format!("institution-{organisation}")
}

/// The anchor of a chart.
pub fn chart_id(number: &str) -> String {
    format!("figure-{number}")
}

/// The anchor of a table.
pub(super) fn table_id(number: &str) -> String {
    format!("table-{number}")
}

/// Where the derivation of a number is shown.
pub(super) fn address(year: i32, trace: &str) -> Option<String> {
    (!trace.is_empty()).then(|| format!("/releases/{year}/trace/{trace}"))
}

/// An edition that binds to what is not there.
#[derive(Debug)]
pub struct LeftOut {
    pub title: Text,
    /// Each once, and at least one.
    pub faults: Vec<Fault>,
}

impl LeftOut {
    fn new(title: Text, mut faults: Vec<Fault>) -> Self {
        faults.sort();
        faults.dedup();
        Self { title, faults }
    }
}

/// Sets the region's editions, then the report of every institution, in order of code; and says which cannot be set.
pub fn build(
    templates: &Templates,
    pinned: &Pinned,
    facts: &Facts,
    tables: &BTreeMap<String, Table>,
    cover: &Cover,
) -> (Vec<Built>, Vec<LeftOut>) {
    let index = super::bind::Index::of(pinned);
    let ground = Ground { pinned, facts, tables, templates, index: &index, institution: None };
    let mut left_out = Vec::new();
    let mut built = Vec::new();
    for template in &templates.editions {
        match Setter::new(ground, cover).edition(template, &template.code, template.title.clone()) {
            Ok(edition) => built.push(edition),
            Err(faults) => {
                let title = Values::year(pinned.year).fill_text(&template.title);
                left_out.push(LeftOut::new(title, faults));
            }
        }
    }
    if let Some(template) = &templates.institution {
        for code in index.schools(pinned.year, &templates.schools) {
            let ground = Ground { institution: Some(code), ..ground };
            match institution(ground, template, cover, code) {
                Ok(edition) => built.push(edition),
                Err(faults) => left_out.push(LeftOut::new(Text::new(code, code), faults)),
            }
        }
    }
    (built, left_out)
}

fn institution(
    ground: Ground<'_>,
    template: &Template,
    cover: &Cover,
    code: &str,
) -> Result<Built, Vec<Fault>> {
    let place = Place { file: "publication/editions".to_owned(), line: 0, key: "institution".to_owned() };
    let name = ground.own_name().map_err(|what| vec![Fault { place, what }])?;
    let title = Text::new(
        template.title.zh.replace("{name}", &name.zh),
        template.title.en.replace("{name}", &name.en),
    );
    let mut built = Setter::new(ground, cover).edition(template, &institution_code(code), title)?;
    built.organisation = Some(code.to_owned());
    Ok(built)
}

/// Sets one edition, and counts what it sets.
pub(super) struct Setter<'a> {
    pub ground: Ground<'a>,
    cover: &'a Cover,
    pub words: Values,
    pub faults: Vec<Fault>,
    figures: usize,
    tables: usize,
    pub values: usize,
}

impl<'a> Setter<'a> {
    fn new(ground: Ground<'a>, cover: &'a Cover) -> Self {
        let words = Values::year(ground.pinned.year);
        Self { ground, cover, words, faults: vec![], figures: 0, tables: 0, values: 0 }
    }

    fn edition(mut self, template: &Template, code: &str, title: Text) -> Result<Built, Vec<Fault>> {
        let title = self.words.fill_text(&title);
        let chapters = template.chapters.iter().enumerate();
        let chapters = chapters.map(|(index, chapter)| self.chapter(index + 1, chapter)).collect();
        let note = match (template.note.as_str(), self.cover.note.as_str()) {
            (own, "") => own.to_owned(),
            ("", note) => note.to_owned(),
            (own, note) => format!("{own}{note}"),
        };
        let document = Document {
            title: title.zh.clone(),
            subtitle: self.words.fill(&template.subtitle),
            issuer: self.ground.templates.issuer.clone(),
            date: format!("{}年度", self.ground.pinned.year),
            lang: set::Lang::Zh,
            demonstration: self.cover.demonstration,
            note: self.words.fill(&note),
            chapters,
        };
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        Ok(Built {
            code: code.to_owned(),
            title,
            organisation: None,
            document,
            figures: self.figures,
            tables: self.tables,
            values: self.values,
        })
    }

    fn chapter(&mut self, number: usize, chapter: &Chapter) -> set::Chapter {
        let (mut section, mut part, mut own_tables, mut own_cases) = (0, 0, 0, 0);
        let mut blocks = Vec::with_capacity(chapter.blocks.len());
        for block in &chapter.blocks {
            let block = match block {
                Block::Heading(level, title) => {
                    let counted = match level {
                        1 => {
                            (section, part) = (section + 1, 0);
                            format!("{number}.{section}")
                        }
                        _ => {
                            part += 1;
                            format!("{number}.{section}.{part}")
                        }
                    };
                    self.heading(*level, counted, title)
                }
                Block::Paragraph(pieces) => set::Block::Paragraph(self.pieces(pieces)),
                Block::List { ordered, items } => {
                    let items = items.iter().map(|pieces| self.pieces(pieces)).collect();
                    set::Block::List(set::List { ordered: *ordered, items })
                }
                Block::Table(place, number) => match self.ground.whole_table(place, number) {
                    Ok(table) => {
                        self.tables += 1;
                        set::Block::Table(self.table(table))
                    }
                    Err(fault) => {
                        self.faults.push(fault);
                        continue;
                    }
                },
                Block::Chart(place, number) => match self.chart(place, number) {
                    Ok(chart) => {
                        self.figures += 1;
                        set::Block::Chart(chart)
                    }
                    Err(faults) => {
                        self.faults.extend(faults);
                        continue;
                    }
                },
                Block::Cases(place, cases) => {
                    let found = self.cases(place, cases, number, own_cases);
                    own_cases += found.len();
                    if let Some(title) = cases.title.as_ref().filter(|_| !found.is_empty()) {
                        (section, part) = (section + 1, 0);
                        blocks.push(self.heading(1, format!("{number}.{section}"), title));
                    }
                    blocks.extend(found.into_iter().map(set::Block::Case));
                    continue;
                }
                Block::Indicators(place, indicators) => {
                    own_tables += 1;
                    self.tables += 1;
                    let table = self.indicators(place, indicators, &format!("{number}-{own_tables}"));
                    set::Block::Table(table)
                }
            };
            blocks.push(block);
        }
        set::Chapter {
            id: format!("chapter-{number}"),
            number: number.to_string(),
            title: self.words.fill(&chapter.title),
            blocks,
        }
    }

    fn heading(&self, level: u8, number: String, title: &str) -> set::Block {
        let id = format!("section-{number}");
        set::Block::Heading(set::Heading { level, id, number, title: self.words.fill(title) })
    }

    fn pieces(&mut self, pieces: &[Piece]) -> set::Text {
        let mut line = Vec::with_capacity(pieces.len());
        for piece in pieces {
            line.push(match piece {
                Piece::Text(text) => Inline::Text(self.words.fill(text)),
                Piece::Strong(text) => Inline::Strong(self.words.fill(text)),
                Piece::Footnote(pieces) => Inline::Footnote(self.pieces(pieces)),
                Piece::TableReference(place, number) => {
                    if let Err(fault) = self.ground.whole_table(place, number) {
                        self.faults.push(fault);
                    }
                    let (kind, id) = (ReferenceKind::Table, table_id(number));
                    Inline::Reference { kind, number: number.clone(), id }
                }
                Piece::ChartReference(place, number) => {
                    if !self.ground.templates.charts.contains_key(number) {
                        self.no_chart(place, number);
                    }
                    let (kind, id) = (ReferenceKind::Figure, chart_id(number));
                    Inline::Reference { kind, number: number.clone(), id }
                }
                Piece::Bound(place, binding) => match self.ground.bind(place, binding) {
                    Ok(bound) => {
                        self.values += usize::from(bound.value.is_some());
                        let href = address(self.ground.pinned.year, &bound.trace);
                        Inline::Bound { display: bound.display, href }
                    }
                    Err(fault) => {
                        self.faults.push(fault);
                        continue;
                    }
                },
            });
        }
        line
    }

    fn no_chart(&mut self, place: &Place, number: &str) {
        let what = What::NoChart { number: number.to_owned() };
        self.faults.push(Fault { place: place.clone(), what });
    }

    fn chart(&mut self, place: &Place, number: &str) -> Result<set::Chart, Vec<Fault>> {
        match self.ground.templates.charts.get(number) {
            Some(template) => chart::chart(&self.ground, template),
            None => {
                let what = What::NoChart { number: number.to_owned() };
                Err(vec![Fault { place: place.clone(), what }])
            }
        }
    }

    fn table(&self, table: &Table) -> set::Table {
        let year = self.ground.pinned.year;
        let columns = table.columns.iter().map(|column| set::Column {
            name: column.name.zh.clone(),
            unit: column.unit.as_ref().map(|unit| unit.zh.clone()).unwrap_or_default(),
            numeric: column.numeric,
        });
        let rows = table.rows.iter().map(|row| set::Row {
            cells: row
                .cells
                .iter()
                .map(|cell| set::Cell {
                    display: if cell.display == DASHES { NONE.to_owned() } else { cell.display.clone() },
                    value: cell.value.parse().ok(),
                    href: address(year, &cell.trace),
                })
                .collect(),
            total: row.total,
        });
        set::Table {
            number: table.number.clone(),
            id: table_id(&table.number),
            title: table.title.zh.clone(),
            columns: columns.collect(),
            rows: rows.collect(),
            source: table.source.zh.replace(DASHES, NONE),
            notes: vec![],
        }
    }
}
