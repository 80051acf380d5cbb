//! The first half of a streamed bulk save: which report each row is for, whether the caller may edit it, and what the row
//! says. It holds no transaction.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use zhijian_platform::{Call, Error, Resource, Text};
use zhijian_proto::submission::v1::{BulkReport, Cell};

use crate::{
    domain::{
        catalogue::{Catalogue, Indicator},
        edit::Edit,
        text::is_storable,
        transfer::bulk::{self, Reason, Refusal},
    },
    rpc::{Rpc, convert, known::Facts},
    store::{bulk as stored, report},
};

/// The indicators of one kind of report in one year's catalogue.
pub struct Kind {
    catalogue: Arc<Catalogue>,
    /// By code: the place in the catalogue, and whether it counts among the cells to fill in.
    indicators: HashMap<String, (usize, bool)>,
}

impl Kind {
    fn new(catalogue: Arc<Catalogue>, kind: &str) -> Self {
        let required: HashSet<&str> =
            catalogue.required_of(kind).map(|indicator| indicator.code.as_str()).collect();
        let asked: HashSet<&str> =
            catalogue.indicators_of(kind).map(|indicator| indicator.code.as_str()).collect();
        let indicators = catalogue
            .indicators
            .iter()
            .enumerate()
            .filter(|(_, indicator)| asked.contains(indicator.code.as_str()))
            .map(|(place, indicator)| {
                (indicator.code.clone(), (place, required.contains(indicator.code.as_str())))
            })
            .collect();
        Self { catalogue, indicators }
    }

    fn indicator(&self, code: &str) -> Option<&Indicator> {
        self.indicators.get(code).map(|(place, _)| &self.catalogue.indicators[*place])
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The table that an indicator stands in.
    pub fn group_of(&self, code: &str) -> &str {
        self.indicator(code).map(|indicator| indicator.group.as_str()).unwrap_or_default()
    }

    /// Whether a cell counts among those to fill in.
    pub fn is_required(&self, code: &str) -> bool {
        self.indicators.get(code).is_some_and(|(_, required)| *required)
    }
}

/// A row as it was read.
pub struct Row {
    pub number: i64,
    pub code: String,
    pub edit: Result<Edit, Refusal>,
}

/// A report that the caller may edit.
pub struct Target {
    pub facts: Arc<Facts>,
    pub kind: Arc<Kind>,
}

/// Some rows of one report.
pub struct Rows {
    /// Nothing if there is no such report, or it is not the caller's to edit; then every row is refused.
    pub target: Option<Target>,
    pub rows: Vec<Row>,
}

/// The rows of one transaction.
pub struct Prepared {
    pub first_row: i64,
    pub next_row: i64,
    pub reports: Vec<Rows>,
}

/// Prepares chunks, and remembers what it has looked up.
pub struct Preparer {
    rpc: Rpc,
    call: Call,
    cycle_year: i32,
    by_key: HashMap<(String, String, String), Arc<Facts>>,
    catalogue_years: HashMap<i32, i32>,
    kinds: HashMap<(i32, String), Arc<Kind>>,
}

impl Preparer {
    pub fn new(rpc: Rpc, call: Call, cycle_year: i32) -> Self {
        Self {
            rpc,
            call,
            cycle_year,
            by_key: HashMap::new(),
            catalogue_years: HashMap::new(),
            kinds: HashMap::new(),
        }
    }

    /// Looks up and reads the rows of a chunk.
    pub async fn prepare(&mut self, first_row: i64, reports: Vec<BulkReport>) -> Result<Prepared, Error> {
        let facts = self.look_up(&reports).await?;
        let mut prepared = Prepared { first_row, next_row: first_row, reports: Vec::new() };
        let mut allowed: HashMap<String, bool> = HashMap::new();
        for (report, facts) in reports.into_iter().zip(facts) {
            let target = match facts {
                None => None,
                Some(facts) => {
                    let allowed = *allowed.entry(facts.submission_id.clone()).or_insert_with(|| {
                        let resource = Resource::new("submission", &facts.submission_id)
                            .organisation(&facts.organisation_code);
                        self.call.authorise(&resource).is_ok()
                    });
                    let kind = self.kind(&facts)?;
                    allowed.then_some(Target { facts, kind })
                }
            };
            let kind = target.as_ref().map(|target| target.kind.clone());
            let rows = report.cells.into_iter().map(|cell| {
                let row = read(prepared.next_row, kind.as_deref(), cell);
                prepared.next_row += 1;
                row
            });
            let rows = rows.collect();
            prepared.reports.push(Rows { target, rows });
        }
        Ok(prepared)
    }

    /// The reports that are named, in their order.
    async fn look_up(&mut self, reports: &[BulkReport]) -> Result<Vec<Option<Arc<Facts>>>, Error> {
        let (mut ids, mut keys) = (HashSet::new(), HashSet::new());
        for report in reports {
            if self.remembered(report).is_some() || !is_named_soundly(report) {
                continue;
            }
            if report.submission_id.is_empty() {
                keys.insert((
                    report.organisation_code.as_str(),
                    report.report_kind.as_str(),
                    subject(report),
                ));
            } else {
                ids.insert(report.submission_id.as_str());
            }
        }
        if !ids.is_empty() || !keys.is_empty() {
            let (ids, keys): (Vec<_>, Vec<_>) = (ids.into_iter().collect(), keys.into_iter().collect());
            let rows = stored::reports(self.rpc.ctx.db.reader(), &ids, self.cycle_year, &keys).await?;
            for row in rows {
                self.remember(row).await?;
            }
        }
        Ok(reports.iter().map(|report| self.remembered(report)).collect())
    }

    fn remembered(&self, report: &BulkReport) -> Option<Arc<Facts>> {
        if !report.submission_id.is_empty() {
            return self.rpc.known.get(&report.submission_id);
        }
        let key = (report.organisation_code.clone(), report.report_kind.clone(), subject(report).to_owned());
        self.by_key.get(&key).cloned()
    }

    async fn remember(&mut self, row: report::Model) -> Result<(), Error> {
        let catalogue_year = match self.catalogue_years.get(&row.cycle_year) {
            Some(year) => *year,
            None => {
                let year = self.rpc.cycle(row.cycle_year).await?.catalogue_year;
                self.catalogue_years.insert(row.cycle_year, year);
                year
            }
        };
        let key = (row.organisation_code.clone(), row.report_kind.clone(), row.subject_code.clone());
        let in_year = row.cycle_year == self.cycle_year;
        let facts = Arc::new(Facts::of(row, catalogue_year));
        self.rpc.known.remember(facts.clone());
        if in_year {
            self.by_key.insert(key, facts);
        }
        Ok(())
    }

    fn kind(&mut self, facts: &Facts) -> Result<Arc<Kind>, Error> {
        let key = (facts.catalogue_year, facts.report_kind.clone());
        if let Some(kind) = self.kinds.get(&key) {
            return Ok(kind.clone());
        }
        let catalogue = self.rpc.catalogue_of_year(facts.cycle_year, facts.catalogue_year)?;
        let kind = Arc::new(Kind::new(catalogue, &facts.report_kind));
        self.kinds.insert(key, kind.clone());
        Ok(kind)
    }
}

/// The organisation that a report is about; the submitter itself unless another is named.
fn subject(report: &BulkReport) -> &str {
    if report.subject_code.is_empty() { &report.organisation_code } else { &report.subject_code }
}

/// Whether the database can be asked for it.
fn is_named_soundly(report: &BulkReport) -> bool {
    [&report.submission_id, &report.organisation_code, &report.report_kind, &report.subject_code]
        .into_iter()
        .all(|text| is_storable(text))
}

fn read(number: i64, kind: Option<&Kind>, cell: Cell) -> Row {
    let code = cell.indicator_code.clone();
    let edit = match kind {
        Some(kind) => bulk::read(&kind.catalogue.units, kind.indicator(&code), convert::cell_given(cell)),
        None => Err(Refusal {
            reason: Reason::ReportUnknown,
            text: Text::new(
                "没有这份年报，或者它不归您填报。请核对年报编号，或机构代码、年报类型与对象代码。",
                "There is no such report, or it is not yours to edit. Check its id, or organisation, kind and subject.",
            ),
        }),
    };
    Row { number, code, edit }
}
