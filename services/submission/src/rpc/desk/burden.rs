//! How much work a year asks: read from the sealed trail of what was saved, summed by report and place, never by account.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use zhijian_platform::{Call, Error, Page, Resource, Text, audit};
use zhijian_proto::submission::v1::{
    GetBurdenRequest, GetBurdenResponse, GetReportBurdenRequest, GetReportBurdenResponse, KindBurden,
    ListBurdenRequest, ListBurdenResponse, PlaceBurden, ReportBurden, ReportPlace, Spread as WireSpread,
};

use super::Desk;
use crate::{
    domain::{
        catalogue::Catalogue,
        effort::{self, Spread, Touched},
    },
    rpc::{Rpc, directory::Parties},
    store::{effort as efforts, report},
};

/// How many entries of the trail one step reads.
const BATCH: u64 = 500;

/// What was saved in the reports of one batch, in the trail's order.
type Saves = BTreeMap<String, Vec<(DateTime<Utc>, Touched)>>;

impl Desk {
    pub(super) async fn burden(
        &self,
        call: Call,
        input: GetBurdenRequest,
    ) -> Result<GetBurdenResponse, Error> {
        call.authorise(&Resource::region())?;
        let cycle = self.rpc.cycle(input.cycle_year).await?;
        let catalogue = self.rpc.catalogue(&cycle)?;
        let conn = self.rpc.ctx.db.reader();
        let reports = efforts::of_year(conn, cycle.year).await?;
        let submitted = efforts::first_submissions(conn, cycle.year).await?;
        let places = efforts::places_of_year(conn, cycle.year).await?;
        let kinds = catalogue.kinds.iter().filter_map(|kind| {
            let of: Vec<_> = reports.iter().filter(|(_, row)| row.report_kind == kind.code).collect();
            let spread = |value: &dyn Fn(&efforts::report::Model) -> i64| {
                Some(wire(Spread::of(of.iter().map(|(sums, _)| value(sums)).collect())))
            };
            let hours = of.iter().filter_map(|(_, row)| hours(row, submitted.get(&row.submission_id)));
            (!of.is_empty()).then(|| KindBurden {
                report_kind: kind.code.clone(),
                seconds: spread(&|sums| sums.seconds),
                edits: spread(&|sums| sums.edits),
                rejected: spread(&|sums| sums.rejected),
                checks: spread(&|sums| sums.checks),
                submit_hours: Some(wire(Spread::of(hours.collect()))),
            })
        });
        Ok(GetBurdenResponse {
            kinds: kinds.collect(),
            places: by_place(&catalogue, places),
            gap_minutes: i32::try_from(effort::GAP.num_minutes()).unwrap_or(i32::MAX),
        })
    }

    pub(super) async fn list_burden(
        &self,
        call: Call,
        input: ListBurdenRequest,
    ) -> Result<ListBurdenResponse, Error> {
        let visible = call.visible("submission")?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let year = self.rpc.cycle(input.cycle_year).await?.year;
        let conn = self.rpc.ctx.db.reader();
        let rows = efforts::list(conn, year, &page, &visible).await?;
        let (rows, next_page_token) =
            page.finish(rows, |(sums, _)| format!("{}/{}", sums.seconds, sums.submission_id));
        let submitted = efforts::first_submissions(conn, year).await?;
        let parties = self.directory.parties().await?;
        let reports = rows.into_iter().map(|(sums, row)| of_report(&parties, &submitted, sums, row));
        Ok(ListBurdenResponse { reports: reports.collect(), next_page_token })
    }

    pub(super) async fn report_burden(
        &self,
        call: Call,
        input: GetReportBurdenRequest,
    ) -> Result<GetReportBurdenResponse, Error> {
        let (row, _) = self.rpc.admit(&call, &input.submission_id).await?;
        let catalogue = self.rpc.catalogue(&self.rpc.cycle(row.cycle_year).await?)?;
        let conn = self.rpc.ctx.db.reader();
        let (sums, places) = efforts::of_report(conn, &row.submission_id).await?;
        let submitted = efforts::first_submissions(conn, row.cycle_year).await?;
        let kind = row.report_kind.clone();
        let places = places.into_iter().map(|one| (kind.clone(), one.place, one.seconds, one.edits));
        let places = by_place(&catalogue, places.collect()).into_iter().map(|burden| ReportPlace {
            // A spread over one report is its number.
            seconds: burden.seconds.map_or(0, |spread| spread.most),
            edits: burden.edits.map_or(0, |spread| spread.most),
            place: burden.place,
            name: burden.name,
        });
        let places = places.collect();
        let parties = self.directory.parties().await?;
        Ok(GetReportBurdenResponse {
            report: Some(of_report(&parties, &submitted, sums, row)),
            places,
            gap_minutes: i32::try_from(effort::GAP.num_minutes()).unwrap_or(i32::MAX),
        })
    }
}

fn of_report(
    parties: &Parties,
    submitted: &BTreeMap<String, DateTime<Utc>>,
    sums: efforts::report::Model,
    row: report::Model,
) -> ReportBurden {
    ReportBurden {
        submit_hours: hours(&row, submitted.get(&row.submission_id)),
        organisation_name: Some(parties.name(&row.organisation_code).into()),
        subject_name: Some(parties.name(&row.subject_code).into()),
        submission_id: row.submission_id,
        report_kind: row.report_kind,
        organisation_code: row.organisation_code,
        subject_code: row.subject_code,
        seconds: sums.seconds,
        edits: sums.edits,
        sessions: sums.sessions,
        rejected: sums.rejected,
        checks: sums.checks,
    }
}

fn hours(row: &report::Model, submitted: Option<&DateTime<Utc>>) -> Option<i64> {
    Some((*submitted? - row.create_time).num_hours().max(0))
}

fn wire(spread: Spread) -> WireSpread {
    WireSpread {
        least: spread.least,
        lower: spread.lower,
        median: spread.median,
        upper: spread.upper,
        most: spread.most,
        count: i32::try_from(spread.count).unwrap_or(i32::MAX),
    }
}

/// Tables and sections in the order of their kind of report; what belongs to none comes last.
fn by_place(catalogue: &Catalogue, rows: Vec<(String, String, i64, i64)>) -> Vec<PlaceBurden> {
    let mut sums: HashMap<(String, String), (Vec<i64>, Vec<i64>)> = HashMap::new();
    for (kind, place, seconds, edits) in rows {
        let of = sums.entry((kind, place)).or_default();
        of.0.push(seconds);
        of.1.push(edits);
    }
    let mut burdens = vec![];
    for kind in &catalogue.kinds {
        let mut place = |place: String, name: Text| {
            if let Some((seconds, edits)) = sums.remove(&(kind.code.clone(), place.clone())) {
                burdens.push(PlaceBurden {
                    report_kind: kind.code.clone(),
                    place,
                    name: Some(name.into()),
                    seconds: Some(wire(Spread::of(seconds))),
                    edits: Some(wire(Spread::of(edits))),
                });
            }
        };
        for group in &catalogue.groups {
            place(group.code.clone(), group.name.clone());
        }
        for section in &kind.sections {
            place(effort::section_place(&section.code), section.name.clone());
        }
        place(String::new(), Text::new("其他", "Other"));
    }
    burdens
}

/// Reads what was sealed since the last time into the sums, and writes what was counted in memory; answers how many entries
/// were read. Safe to call from several processes at once.
///
/// # Errors
/// The database's own.
pub async fn fold(rpc: &Rpc) -> Result<usize, Error> {
    let mut read = 0;
    loop {
        let mark = efforts::mark(rpc.ctx.db.reader()).await?;
        let entries = audit::sealed_after(rpc.ctx.db.reader(), mark, BATCH).await?;
        let Some(last) = entries.last().and_then(|entry| entry.seal.as_ref()).map(|(number, _)| *number)
        else {
            break;
        };
        read += entries.len();
        let saves = saves(rpc, entries).await?;
        rpc.ctx
            .db
            .mutate_as_system("burden.fold", "burden", move |tx| {
                Box::pin(async move {
                    tx.unchanged();
                    // Another process was faster: it has read the same entries.
                    if efforts::mark(tx.conn()).await? != mark {
                        return Ok(());
                    }
                    for (submission_id, saves) in saves {
                        let mut effort = efforts::load(tx.conn(), &submission_id).await?;
                        for (time, touched) in saves {
                            effort.add(time, &touched);
                        }
                        efforts::save(tx.conn(), &submission_id, &effort).await?;
                    }
                    efforts::set_mark(tx.conn(), last).await
                })
            })
            .await?;
    }
    write_counts(rpc).await?;
    Ok(read)
}

async fn saves(rpc: &Rpc, entries: Vec<audit::Entry>) -> Result<Saves, Error> {
    let mut catalogues: HashMap<i32, std::sync::Arc<Catalogue>> = HashMap::new();
    let mut known: HashMap<String, Option<i32>> = HashMap::new();
    let mut saves = Saves::new();
    for entry in entries {
        let Some(submission_id) = entry.resource.strip_prefix("submission/") else { continue };
        let year = match known.get(submission_id) {
            Some(year) => *year,
            None => {
                let row = report::find(rpc.ctx.db.reader(), submission_id).await?;
                let year = row.map(|row| row.cycle_year);
                known.insert(submission_id.to_owned(), year);
                year
            }
        };
        let Some(year) = year else { continue };
        let catalogue = match catalogues.get(&year) {
            Some(catalogue) => catalogue.clone(),
            None => {
                let catalogue = rpc.catalogue(&rpc.cycle(year).await?)?;
                catalogues.insert(year, catalogue.clone());
                catalogue
            }
        };
        let detail: serde_json::Value = serde_json::from_str(&entry.detail).map_err(Error::internal)?;
        if let Some(touched) = effort::touched(&catalogue, &detail) {
            saves.entry(submission_id.to_owned()).or_default().push((entry.time, touched));
        }
    }
    Ok(saves)
}

async fn write_counts(rpc: &Rpc) -> Result<(), Error> {
    let mut counted = vec![];
    for (submission_id, counts) in rpc.meter.take() {
        if report::find(rpc.ctx.db.reader(), &submission_id).await?.is_some() {
            counted.push((submission_id, counts));
        }
    }
    if counted.is_empty() {
        return Ok(());
    }
    rpc.ctx
        .db
        .mutate_as_system("burden.fold", "burden", move |tx| {
            Box::pin(async move {
                tx.unchanged();
                for (submission_id, counts) in counted {
                    efforts::add_counts(tx.conn(), &submission_id, counts.rejected, counts.checks).await?;
                }
                Ok(())
            })
        })
        .await
}
