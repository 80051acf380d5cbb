//! The tables of a release as its files define them (`services/publication/tables`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use zhijian_platform::Text;

use super::{
    case::Wanted,
    figure::{Figure, Measure},
    number::NumberFormat,
    table::Brackets,
};

mod check;
mod load;

pub use load::Library;

/// The tables of one year, complete and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// The release's year.
    pub year: i32,
    /// The files that define it, by name, as they were read.
    pub sources: BTreeMap<String, String>,
    /// How many years the tables by year show, the release's own first.
    pub years: u32,
    /// The tables in order of number.
    pub tables: Vec<TableDefinition>,
    optional: BTreeSet<String>,
    units: BTreeMap<String, String>,
}

impl Edition {
    /// Whether the release does without table `number` where there is nothing to list.
    pub fn is_optional(&self, number: &str) -> bool {
        self.optional.contains(number)
    }

    /// A unit in the two languages.
    pub fn unit(&self, zh: &str) -> Text {
        Text::new(zh, self.units.get(zh).map_or(zh, String::as_str))
    }

    /// The years that the tables by year show, newest first.
    pub fn shown_years(&self) -> impl Iterator<Item = i32> {
        (self.year.saturating_sub_unsigned(self.years.saturating_sub(1))..=self.year).rev()
    }

    /// What must be fetched to compute the tables.
    pub fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        for table in &self.tables {
            let mut want = |year: i32, report_kinds: &[String], measure: &Measure| {
                let figure = Figure { report_kinds: report_kinds.to_vec(), measure: measure.clone() };
                plan.figures.entry(year).or_default().insert(figure);
            };
            match &table.layout {
                Layout::IndicatorsByLevel(layout) => {
                    for (column, row) in layout
                        .columns
                        .iter()
                        .flat_map(|column| layout.rows.iter().map(move |row| (column, row)))
                    {
                        want(self.year, &column.report_kinds, &row.measure);
                    }
                }
                Layout::Years(layout) => {
                    for (year, column) in self
                        .shown_years()
                        .flat_map(|year| layout.columns.iter().map(move |column| (year, column)))
                    {
                        want(year, &layout.report_kinds, &column.measure);
                    }
                }
                Layout::OneRow(layout) => {
                    for column in &layout.columns {
                        want(self.year, &layout.report_kinds, &column.measure);
                    }
                }
                Layout::Grades(layout) => {
                    plan.schemes.insert(layout.scheme.clone());
                }
                Layout::Institutions(layout) => {
                    plan.lists.insert(layout.figure());
                }
                Layout::Programmes(_) => plan.pathways = true,
            }
        }
        plan
    }
}

/// What the tables of an edition need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The figures of each year.
    pub figures: BTreeMap<i32, BTreeSet<Figure>>,
    /// Figures of each year that are told of one institution alone.
    pub own: BTreeMap<i32, BTreeSet<Figure>>,
    /// Figures of the release's year that are listed by institution.
    pub lists: BTreeSet<Figure>,
    /// The schemes whose grades are counted.
    pub schemes: BTreeSet<String>,
    /// Whether the programmes with a pathway are listed.
    pub pathways: bool,
    /// The cases of the year's reports that editions set.
    pub cases: BTreeSet<Wanted>,
}

impl Plan {
    /// The indicators that are read of each year, the release's own included.
    pub fn indicators(&self, own: i32) -> BTreeMap<i32, BTreeSet<String>> {
        let codes = |figures: &BTreeSet<Figure>| -> BTreeSet<String> {
            figures.iter().flat_map(|figure| figure.measure.indicators()).map(str::to_owned).collect()
        };
        let mut years: BTreeMap<i32, BTreeSet<String>> =
            self.figures.iter().map(|(year, figures)| (*year, codes(figures))).collect();
        for (year, figures) in &self.own {
            years.entry(*year).or_default().extend(codes(figures));
        }
        years.entry(own).or_default().extend(codes(&self.lists));
        years
    }
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableDefinition {
    /// Chapter and place ("2-2").
    pub number: String,
    /// The caption; may hold placeholders of the year.
    pub title: Text,
    /// What the table was computed from; may also hold `{count}`.
    pub source: Text,
    /// The brackets around units.
    #[serde(default)]
    pub brackets: Brackets,
    /// What stands where a kind of report is not asked, or where all answer that it does not apply.
    #[serde(default = "dash")]
    pub not_asked: String,
    /// What the rows and columns are.
    pub layout: Layout,
}

fn dash() -> String {
    "—".to_owned()
}

/// The shape of a table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// A row for each indicator, a column for each level of education.
    IndicatorsByLevel(IndicatorsByLevel),
    /// A row for each year, a column for each indicator.
    Years(Years),
    /// A single row, a column for each indicator.
    OneRow(OneRow),
    /// A row for each grade of a scheme's round.
    Grades(Grades),
    /// A row for each institution with more than zero.
    Institutions(Institutions),
    /// A row for each programme with a pathway in the year.
    Programmes(Programmes),
}

/// See [`Layout::IndicatorsByLevel`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorsByLevel {
    /// The heading over the rows' names.
    pub label: Heading,
    /// The heading over the units; without it, units stand in brackets behind the names.
    pub unit: Option<Heading>,
    pub columns: Vec<LevelColumn>,
    pub rows: Vec<IndicatorRow>,
}

/// A column of one level of education.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelColumn {
    pub key: String,
    pub zh: String,
    pub en: String,
    /// The kinds of report that are added up.
    pub report_kinds: Vec<String>,
}

/// A row of one indicator.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorRow {
    pub zh: String,
    pub en: String,
    pub unit: Option<String>,
    pub measure: Measure,
    #[serde(default)]
    pub format: NumberFormat,
}

/// See [`Layout::Years`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Years {
    /// The heading over the years.
    pub label: Heading,
    /// How a year is written.
    pub row: Text,
    pub report_kinds: Vec<String>,
    pub columns: Vec<MeasureColumn>,
}

/// See [`Layout::OneRow`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneRow {
    pub report_kinds: Vec<String>,
    pub columns: Vec<MeasureColumn>,
}

/// A column of one indicator.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureColumn {
    pub key: String,
    pub zh: String,
    pub en: String,
    pub unit: Option<String>,
    pub measure: Measure,
    #[serde(default)]
    pub format: NumberFormat,
}

/// See [`Layout::Grades`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grades {
    /// The scheme whose newest finalised round is counted.
    pub scheme: String,
    /// How shares are written; a whole is written without decimals.
    pub share: NumberFormat,
    /// Leaves out the grades of a group (A, B, C) that nobody got.
    #[serde(default)]
    pub omit_empty_groups: bool,
    pub columns: Vec<FieldColumn<GradeField>>,
    /// The name of the last row, which adds up.
    pub total: Text,
}

/// What a column of a distribution of grades shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GradeField {
    Grade,
    Count,
    Share,
    Group,
    GroupCount,
    GroupShare,
}

/// See [`Layout::Institutions`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Institutions {
    /// The kinds of report; the list runs by kind in this order, then by the institutions' codes.
    pub report_kinds: Vec<String>,
    pub measure: Measure,
    #[serde(default)]
    pub format: NumberFormat,
    pub sequence: Heading,
    pub name: Heading,
    pub value: Heading,
}

impl Institutions {
    /// What is computed for each institution.
    pub fn figure(&self) -> Figure {
        Figure { report_kinds: self.report_kinds.clone(), measure: self.measure.clone() }
    }
}

/// See [`Layout::Programmes`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programmes {
    pub columns: Vec<FieldColumn<ProgrammeField>>,
}

/// What a column of a list of programmes shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProgrammeField {
    Sequence,
    Institution,
    Programme,
    Code,
    Places,
    Partner,
    PartnerProgramme,
}

/// A column that shows one field of what the rows are.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldColumn<F> {
    pub key: String,
    pub zh: String,
    pub en: String,
    pub field: F,
}

/// A heading, with the unit that it names in brackets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    pub key: String,
    pub zh: String,
    pub en: String,
    pub unit: Option<String>,
}
