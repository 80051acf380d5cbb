//! TraceService.

use std::{collections::BTreeSet, sync::Arc};

use rust_decimal::Decimal;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Context, Error, Objects, Page, Text, Visibility, time::timestamp};
use zhijian_proto::publication::v1::{
    GetTraceRequest, GetTraceResponse, Trace, TraceBand, TraceContribution, TraceGrade, TraceTerm,
    trace_service_server::TraceService,
};

use super::{early, reading};
use crate::{
    domain::{
        definition::{Library, Plan},
        derivation::{self, Named},
        disclosure::{Disclosure, Disclosures},
        edition::Editions,
        figure::ROUNDED,
        number::plain,
        pin::{Pinned, PinnedReport},
        table::Table,
    },
    kept::Kept,
    store::{self, table::Source},
};

/// How many releases' pins are kept read: that of a year, public and full, and the one before.
const KEPT: usize = 4;

/// Follows published numbers back.
pub struct Traces {
    ctx: Context,
    objects: Objects,
    library: Arc<Library>,
    editions: Arc<Editions>,
    disclosures: Arc<Disclosures>,
    /// Pins that were read lately, by their hash: they never change.
    read: Kept<Pinned>,
}

impl Traces {
    pub fn new(
        ctx: Context,
        objects: Objects,
        library: Arc<Library>,
        editions: Arc<Editions>,
        disclosures: Arc<Disclosures>,
    ) -> Self {
        Self { ctx, objects, library, editions, disclosures, read: Kept::new(KEPT) }
    }

    async fn pins(&self, hash: &str) -> Result<Arc<Pinned>, Error> {
        let read = async {
            let bytes = self.objects.bytes(hash).await?;
            let parsed = tokio::task::spawn_blocking(move || serde_json::from_slice::<Pinned>(&bytes));
            parsed.await.map_err(Error::internal)?.map_err(Error::internal)
        };
        // What has this hash never changes: it has no versions.
        self.read.get(hash, "", read).await
    }

    fn plan(&self, pinned: &Pinned) -> Result<Plan, Error> {
        // The pins' own definitions: the rules may have changed since.
        let pinned_library = Library::read(pinned.definitions.clone()).map_err(Error::internal)?;
        let edition = pinned_library.edition(pinned.year).or_else(|| self.library.edition(pinned.year));
        let mut plan = edition.map(|edition| edition.plan()).unwrap_or_default();
        if let Some(templates) = self.editions.of(pinned.year) {
            templates.want(&mut plan);
        }
        Ok(plan)
    }
}

/// The pins that the caller may see.
struct Seen {
    pins: Arc<Pinned>,
    /// Whether they are whole.
    full: bool,
}

#[tonic::async_trait]
impl TraceService for Traces {
    async fn get_trace(
        &self,
        request: Request<GetTraceRequest>,
    ) -> Result<Response<GetTraceResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let conn = self.ctx.db.reader();
        let reading = reading(&call, conn, input.year, input.version, input.draft).await?;
        let (release, source) = (reading.release, reading.source);
        let page = Page::parse(input.page_size, &input.page_token)?;
        let pin = store::pin::find(conn, release.year, source).await?;
        if reading.early {
            early::record(&self.ctx, &call, release.year, &input.trace_id).await?;
        }
        let public = self.pins(&pin.public_hash).await?;
        let seen = match call.visible("cell") {
            Ok(Visibility::All) => Seen { pins: self.pins(&pin.full_hash).await?, full: true },
            Ok(Visibility::Only(codes)) => {
                let full = self.pins(&pin.full_hash).await?;
                Seen { pins: Arc::new(with_own(&public, &full, &codes)), full: false }
            }
            Err(_) => Seen { pins: public.clone(), full: false },
        };
        let id = &input.trace_id;
        let plan = self.plan(&public)?;
        let named = derivation::resolve(id, &public, &plan, self.editions.of(release.year))
            .ok_or_else(|| Error::not_found("trace", id))?;
        let mut trace = match &named {
            Named::Figure { year, figure, organisation } => {
                // What everybody is told of the sums, and of the cells what this caller may see.
                let found = derivation::figure(&seen.pins, *year, figure, organisation.as_deref())
                    .ok_or_else(|| Error::not_found("trace", id))?;
                // A school that sees its own cells would add them twice to the sums that hold them.
                let told = match seen.full || organisation.is_some() {
                    true => None,
                    false => derivation::figure(&public, *year, figure, None),
                };
                let shown = told.as_ref().unwrap_or(&found);
                let (value, terms) = (shown.value, &shown.terms);
                if found.reports.is_empty() {
                    return Err(Error::not_found("trace", id).into());
                }
                let hides = found.withheld + found.rounded > 0;
                let rule = hides.then(|| self.disclosures.of(release.year)).flatten();
                let rows: Vec<&PinnedReport> = found
                    .reports
                    .iter()
                    .copied()
                    .filter(|report| page.after().is_none_or(|after| key(report).as_str() > after))
                    .take(usize::try_from(page.limit()).unwrap_or(usize::MAX))
                    .collect();
                let (rows, next_page_token) = page.finish(rows, |report| key(report));
                let contribution = |report: &PinnedReport| TraceContribution {
                    organisation_code: report.subject.clone(),
                    organisation_name: seen
                        .pins
                        .organisations
                        .get(&report.subject)
                        .map(|organisation| organisation.name.clone().into()),
                    report_kind: report.kind.clone(),
                    cells: derivation::cells(report, &found.terms),
                    submission_id: report.submission_id.clone(),
                    revision_number: report.revision,
                    accept_time: report.accept_time.map(timestamp),
                };
                let name = &found.name;
                let trace = Trace {
                    name: Some(
                        Text::new(format!("{year}年：{}", name.zh), format!("{year}: {}", name.en)).into(),
                    ),
                    value: value.map(plain).unwrap_or_default(),
                    unit: Some(found.unit.clone().into()),
                    formula: Some(found.formula.clone().into()),
                    terms: terms
                        .iter()
                        .map(|term| TraceTerm {
                            indicator_code: term.code.clone(),
                            name: Some(term.name.clone().into()),
                            unit: Some(term.unit.clone().into()),
                            sum: term.sum.map(plain).unwrap_or_default(),
                        })
                        .collect(),
                    contributions: rows.into_iter().map(contribution).collect(),
                    contribution_count: count(found.reports.len()),
                    withheld_count: count(found.withheld),
                    rounded_count: count(found.rounded),
                    rounded: shown.is_rounded,
                    rule: rule.map(|rule| why(rule).into()),
                    full: seen.full,
                    ..Trace::default()
                };
                return Ok(Response::new(GetTraceResponse {
                    trace: Some(self.placed(conn, (release.year, source), id, trace).await?),
                    next_page_token,
                }));
            }
            Named::Grades { scheme, counted } => graded(&public, scheme, counted)?,
            Named::OfTable { number, what } => {
                self.of_table(conn, (release.year, source), number, what).await?
            }
            Named::Published(key) => {
                let templates = self.editions.of(release.year);
                let found = templates.and_then(|templates| templates.published.get(key));
                let found = found.ok_or_else(|| Error::not_found("trace", id))?;
                Trace {
                    name: Some(found.name.clone().into()),
                    value: plain(found.value),
                    unit: Some(Text::new(found.unit.clone(), found.unit.clone()).into()),
                    formula: Some(
                        Text::new(
                            format!("不由年报汇总，引自{}", found.source.zh),
                            format!("not added up from reports; quoted from {}", found.source.en),
                        )
                        .into(),
                    ),
                    ..Trace::default()
                }
            }
            Named::Institutions(kinds) => institutions(&public, kinds, self.editions.of(release.year)),
        };
        trace.full = seen.full;
        let trace = self.placed(conn, (release.year, source), id, trace).await?;
        Ok(Response::new(GetTraceResponse { trace: Some(trace), next_page_token: String::new() }))
    }
}

impl Traces {
    /// The trace with its name and the tables that print it.
    async fn placed(
        &self,
        conn: &impl sea_orm::ConnectionTrait,
        (year, source): (i32, Source),
        id: &str,
        trace: Trace,
    ) -> Result<Trace, Error> {
        let tables = match trace.tables.is_empty() {
            true => {
                let tables = store::table::all(conn, year, source).await?.into_iter().map(|kept| kept.table);
                let prints =
                    |table: &Table| table.rows.iter().flat_map(|row| &row.cells).any(|cell| cell.trace == id);
                tables.filter(prints).map(|table| table.number).collect()
            }
            false => trace.tables.clone(),
        };
        Ok(Trace { trace_id: id.to_owned(), tables, ..trace })
    }

    /// A sum over a table's column, or the number of its lines.
    async fn of_table(
        &self,
        conn: &impl sea_orm::ConnectionTrait,
        (year, source): (i32, Source),
        number: &str,
        what: &str,
    ) -> Result<Trace, Error> {
        let table = store::table::find(conn, year, source, number).await?.table;
        let lines: Vec<_> = table.rows.iter().filter(|row| !row.total).collect();
        let (value, formula) = match table.columns.iter().position(|column| column.key == what) {
            Some(place) => {
                let cells = || lines.iter().filter_map(|row| row.cells.get(place));
                // Rounded numbers do not add up to the sum.
                let exact = cells().all(|cell| !cell.display.starts_with(ROUNDED));
                let numbers = cells().filter_map(|cell| cell.value.parse::<Decimal>().ok());
                let name = &table.columns[place].name;
                let formula = Text::new(
                    format!("表{number}“{}”一列之和", name.zh),
                    format!("the sum of the column “{}” of table {number}", name.en),
                );
                (exact.then(|| numbers.sum()), formula)
            }
            None if what == "count" => {
                let formula = Text::new(format!("表{number}的行数"), format!("the lines of table {number}"));
                (Some(Decimal::from(lines.len())), formula)
            }
            None => return Err(Error::not_found("trace", what)),
        };
        Ok(Trace {
            name: Some(table.title.into()),
            value: value.map(plain).unwrap_or_default(),
            formula: Some(formula.into()),
            tables: vec![number.to_owned()],
            ..Trace::default()
        })
    }
}

fn graded(pinned: &Pinned, scheme: &str, counted: &BTreeSet<String>) -> Result<Trace, Error> {
    let round = pinned.rounds.get(scheme).ok_or_else(|| Error::not_found("trace", scheme))?;
    let bands = derivation::bands(round);
    let total: usize =
        bands.iter().filter(|(grade, ..)| counted.contains(*grade)).map(|(.., count)| count).sum();
    let letters: Vec<&str> =
        bands.iter().map(|(grade, ..)| *grade).filter(|grade| counted.contains(*grade)).collect();
    let name = Text::new(
        format!("{}：{}", round.name.zh, letters.join("、")),
        format!("{}: {}", round.name.en, letters.join(", ")),
    );
    Ok(Trace {
        name: Some(name.into()),
        value: total.to_string(),
        unit: Some(Text::new("个专业", "programmes").into()),
        formula: Some(
            Text::new(
                "专家评分按评审方案合成总分，总分达到分数线即得相应等级；此数为各等级专业数之和，占比由此算出",
                "Reviewers' scores are joined as the scheme says, and a total that reaches a cut-off gets its grade; the \
                 number adds up the programmes of the grades counted, and shares follow from it",
            )
            .into(),
        ),
        grade: Some(TraceGrade {
            scheme_code: scheme.to_owned(),
            round_name: Some(round.name.clone().into()),
            round_id: round.round_id.clone(),
            bands: bands
                .into_iter()
                .map(|(grade, cut_off, programmes)| TraceBand {
                    grade: grade.to_owned(),
                    cut_off: plain(cut_off),
                    count: count(programmes),
                    counted: counted.contains(grade),
                })
                .collect(),
            entries: count(round.entries.len()),
            sheets: count(round.sheets.len()),
        }),
        ..Trace::default()
    })
}

fn institutions(
    pinned: &Pinned,
    kinds: &[String],
    templates: Option<&crate::domain::edition::Templates>,
) -> Trace {
    let schools = templates.map(|templates| templates.schools.as_slice()).unwrap_or_default();
    let reports = pinned.years.get(&pinned.year).map(|pins| pins.reports.as_slice()).unwrap_or_default();
    let counted: BTreeSet<&str> = reports
        .iter()
        .filter(|report| schools.contains(&report.kind))
        .filter(|report| {
            let found = pinned.organisations.get(&report.subject);
            found.is_some_and(|found| kinds.is_empty() || kinds.contains(&found.kind))
        })
        .map(|report| report.subject.as_str())
        .collect();
    Trace {
        name: Some(Text::new("职业院校数", "Number of institutions").into()),
        value: counted.len().to_string(),
        formula: Some(
            Text::new(
                "机构库中年报已被接收的院校数，按机构类别计",
                "the institutions of the register whose report was accepted, by kind",
            )
            .into(),
        ),
        ..Trace::default()
    }
}

/// The public pins with every cell of these organisations.
fn with_own(public: &Pinned, full: &Pinned, codes: &[String]) -> Pinned {
    let mut seen = public.clone();
    for (year, pins) in &mut seen.years {
        let Some(whole) = full.years.get(year) else { continue };
        for (report, whole) in pins.reports.iter_mut().zip(&whole.reports) {
            if codes.contains(&report.organisation) {
                report.cells.clone_from(&whole.cells);
            }
        }
    }
    seen
}

fn key(report: &PinnedReport) -> String {
    format!("{}/{}", report.subject, report.submission_id)
}

fn why(rule: &Disclosure) -> Text {
    let (minimum, institutions) = (rule.minimum, rule.institutions);
    if let Some(base) = rule.base() {
        return Text::new(
            format!(
                "同类学校中有人数不足 {minimum} 人的，各校的人数一律就近取 {base} 的倍数，以“≈”标出；可据以推算的比率连同至少 {institutions} 所学校的一并不列，以“*”标出；合计数不受影响。"
            ),
            format!(
                "Where one institution of a kind has a count of people below {minimum}, the counts of all are rounded to multiples of {base} and marked “≈”; rates that would tell more are withheld, together with those of at least {institutions} institutions in all, and marked “*”; sums are not affected."
            ),
        );
    }
    Text::new(
        format!(
            "某校的人数不足 {minimum} 人的，该校数不单列，并连同至少 {institutions} 所学校的数一并不列，以免由总数推算；合计数不受影响。"
        ),
        format!(
            "An institution's count of people below {minimum} is withheld, together with those of at least {institutions} institutions in all, so that it cannot be found by subtraction; sums are not affected."
        ),
    )
}

fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
