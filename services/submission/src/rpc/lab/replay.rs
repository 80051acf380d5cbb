//! The work of a replay: page by page, each page's firings and the place reached in one transaction, so that whoever takes
//! it up after a crash goes on where it stopped and counts nothing twice.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;
use zhijian_platform::{Error, Text, operations::Job};

use super::{Lab, deep, wire::severity_name};
use crate::{
    domain::{
        catalogue::Catalogue,
        lab::{self as trial, Change, Compared, Firing, Past},
    },
    rpc::peers::Peers,
    store::{
        lab::{self, firing, rule},
        material, report, revision,
    },
};

/// The kind of its operations, and what its steps are called in the audit trail.
pub const KIND: &str = "submission.lab";
/// How many reports one transaction takes.
const PAGE: u64 = 25;

/// Lets this process do replays.
pub fn handle(lab: &Lab) {
    let worker = lab.clone();
    lab.rpc.ctx.operations.handle(KIND, move |job| {
        let worker = worker.clone();
        async move { worker.run(job).await }
    });
}

/// A report with those of its revisions that are replayed.
struct Replayed {
    row: report::Model,
    revisions: Vec<(i32, Past)>,
}

/// What came of one page of reports.
#[derive(Default)]
struct Outcome {
    firings: Vec<firing::Model>,
    /// How many reports of each kind were compared.
    by_kind: BTreeMap<String, i32>,
    revisions: i32,
    left_out: i32,
}

impl Lab {
    async fn run(&self, job: Job) -> Result<(), Error> {
        let conn = self.rpc.ctx.db.reader();
        let mut row = lab::get(conn, &job.resource).await?;
        if row.end_time.is_some() {
            return Ok(());
        }
        let year = row.catalogue_year;
        let draft = self.draft(year, row.rules_toml.clone()).await?;
        let draft = draft.map_err(|violation| Error::Invalid(vec![violation]))?;
        let in_force = self.rpc.catalogue_of_year(year, year)?;
        // Of this replay alone: what a draft asks of the peers is nobody else's business.
        let peers = [Peers::default(), Peers::default()];
        let mut total = 0;
        for year in row.years() {
            total += lab::total(conn, year).await?;
        }
        let small = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        let note = Text::new("正在回放年报", "Replaying reports");
        job.progress(row.reports + row.left_out, small(total), note.clone()).await?;
        while let Some((year, reports)) = self.next(&row).await? {
            let place = reports.last().map(report::Model::list_key).unwrap_or_default();
            let replayed = self.read(reports, row.all_revisions, [&in_force, &draft], &peers).await?;
            let (draft, in_force) = (draft.clone(), in_force.clone());
            let outcome = deep(move || compare(&draft, &in_force, replayed)).await?;
            row = self.keep(row, year, place, outcome).await?;
            job.progress(row.reports + row.left_out, small(total), note.clone()).await?;
        }
        self.finish(row, draft, in_force).await
    }

    /// The reports that come next, with their year; nothing at the end.
    async fn next(&self, row: &lab::Model) -> Result<Option<(i32, Vec<report::Model>)>, Error> {
        for year in row.years().into_iter().filter(|year| *year >= row.place_year) {
            let after = if year == row.place_year { row.place_after.as_str() } else { "" };
            let reports = lab::reports(self.rpc.ctx.db.reader(), year, after, PAGE).await?;
            if !reports.is_empty() {
                return Ok(Some((year, reports)));
            }
        }
        Ok(None)
    }

    /// The reports' revisions, each with what the rules in force and those of the draft speak of besides.
    async fn read(
        &self,
        reports: Vec<report::Model>,
        all: bool,
        [in_force, draft]: [&Catalogue; 2],
        [peers, peers_draft]: &[Peers; 2],
    ) -> Result<Vec<Replayed>, Error> {
        let conn = self.rpc.ctx.db.reader();
        let mut read = vec![];
        for row in reports {
            let cycle = self.rpc.cycle(row.cycle_year).await?;
            let mut revisions = vec![];
            for found in lab::revisions(conn, &row, all).await? {
                let cells = found.cells()?;
                let notes: BTreeMap<String, String> =
                    cells.iter().map(|(code, cell)| (code.clone(), cell.note.clone())).collect();
                let material = material::revision(conn, &row.submission_id, found.number).await?;
                let rpc = &self.rpc;
                let beside = rpc.beside(&row, &cycle, (in_force, peers), (notes.clone(), &material)).await?;
                let beside_draft = rpc.beside(&row, &cycle, (draft, peers_draft), (notes, &material)).await?;
                let cells = cells.into_iter().filter(|(_, cell)| !cell.derived);
                let past = Past {
                    kind: row.report_kind.clone(),
                    cells: cells.map(|(code, cell)| (code, cell.value)).collect(),
                    last: revision::last_year(conn, &row).await?,
                    sections: found.sections()?,
                    beside,
                    beside_draft,
                };
                revisions.push((found.number, past));
            }
            read.push(Replayed { row, revisions });
        }
        Ok(read)
    }

    /// Writes a page's firings and the place reached. If another worker was there first, its place counts, and nothing is
    /// written.
    async fn keep(
        &self,
        seen: lab::Model,
        year: i32,
        place: String,
        outcome: Outcome,
    ) -> Result<lab::Model, Error> {
        let key = format!("replay/{}", seen.replay_id);
        let resource = key.clone();
        self.rpc
            .ctx
            .db
            .mutate_as_system(KIND, &key, move |tx| {
                Box::pin(async move {
                    let mut row = lab::get(tx.conn(), &seen.replay_id).await?;
                    if (row.place_year, &row.place_after) != (seen.place_year, &seen.place_after) {
                        tx.unchanged();
                        return Ok(row);
                    }
                    let mut position = row.stored();
                    let mut firings = outcome.firings;
                    for firing in &mut firings {
                        position += 1;
                        firing.position = position;
                        firing.replay_id.clone_from(&row.replay_id);
                        match Change::parse(&firing.change) {
                            Some(Change::New) => row.fires_new += 1,
                            Some(Change::Same) => row.fires_same += 1,
                            Some(Change::Gone) => row.fires_gone += 1,
                            None => return Err(Error::internal("a firing without a change")),
                        }
                    }
                    firing::insert(tx.conn(), firings).await?;
                    let mut by_kind = row.by_kind()?;
                    for (kind, count) in outcome.by_kind {
                        row.reports += count;
                        *by_kind.entry(kind).or_default() += count;
                    }
                    row.reports_by_kind = serde_json::to_string(&by_kind).map_err(Error::internal)?;
                    row.revisions += outcome.revisions;
                    row.left_out += outcome.left_out;
                    (row.place_year, row.place_after) = (year, place);
                    lab::save(tx.conn(), row.clone()).await?;
                    tx.audit(resource, json!({ "reports": row.reports, "firings": row.stored() }));
                    Ok(row)
                })
            })
            .await
    }

    /// Adds up what the rules did, once.
    async fn finish(
        &self,
        row: lab::Model,
        draft: Arc<Catalogue>,
        in_force: Arc<Catalogue>,
    ) -> Result<(), Error> {
        let key = format!("replay/{}", row.replay_id);
        let resource = key.clone();
        self.rpc
            .ctx
            .db
            .mutate_as_system(KIND, &key, move |tx| {
                Box::pin(async move {
                    let mut row = lab::get(tx.conn(), &row.replay_id).await?;
                    if row.end_time.is_some() {
                        tx.unchanged();
                        return Ok(());
                    }
                    let sums = firing::by_rule(tx.conn(), &row.replay_id).await?;
                    let by_kind = row.by_kind()?;
                    let rules = trial::standings(&draft, &in_force);
                    let rules = (1..).zip(&rules).map(|(position, compared)| {
                        let code = &compared.rule.code;
                        let sum = sums.iter().find(|sum| sum.rule_code == *code).cloned().unwrap_or_default();
                        summed(&row.replay_id, position, compared, &by_kind, &sum)
                    });
                    rule::insert(tx.conn(), rules.collect()).await?;
                    row.end_time = Some(tx.now());
                    tx.audit(resource, json!({ "reports": row.reports, "firings": row.stored() }));
                    lab::save(tx.conn(), row).await
                })
            })
            .await
    }
}

fn compare(draft: &Catalogue, in_force: &Catalogue, replayed: Vec<Replayed>) -> Outcome {
    let mut outcome = Outcome::default();
    for Replayed { row, revisions } in replayed {
        let mut known = false;
        for (number, past) in revisions {
            let Some(firings) = trial::compare(draft, in_force, &past) else { continue };
            known = true;
            outcome.revisions += 1;
            outcome.firings.extend(firings.into_iter().map(|firing| fired(&row, number, firing)));
        }
        if known {
            *outcome.by_kind.entry(row.report_kind).or_default() += 1;
        } else {
            outcome.left_out += 1;
        }
    }
    outcome
}

/// A firing as it is stored; its replay and position are still open.
fn fired(row: &report::Model, revision_number: i32, firing: Firing) -> firing::Model {
    let Firing { change, severity, in_force, finding } = firing;
    firing::Model {
        replay_id: String::new(),
        position: 0,
        rule_code: finding.rule_code,
        change: change.as_str().to_owned(),
        severity: severity_name(severity).to_owned(),
        severity_in_force: severity_name(in_force).to_owned(),
        cycle_year: row.cycle_year,
        report_kind: row.report_kind.clone(),
        organisation_code: row.organisation_code.clone(),
        subject_code: row.subject_code.clone(),
        submission_id: row.submission_id.clone(),
        revision_number,
        indicator_codes: finding.indicator_codes.join(","),
        section_code: finding.section_code,
        computation: finding.computation,
        message_zh: finding.message.zh,
        message_en: finding.message.en,
    }
}

fn summed(
    replay_id: &str,
    position: i32,
    compared: &Compared<'_>,
    by_kind: &BTreeMap<String, i32>,
    sum: &firing::OfRule,
) -> rule::Model {
    let small = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    let Text { zh, en } = compared.message().clone();
    rule::Model {
        replay_id: replay_id.to_owned(),
        position,
        rule_code: compared.rule.code.clone(),
        standing: compared.standing.as_str().to_owned(),
        severity: severity_name(Some(compared.rule.severity)).to_owned(),
        severity_in_force: severity_name(compared.in_force).to_owned(),
        message_zh: zh,
        message_en: en,
        expression: compared.expression(),
        reports: compared.rule.report_kinds.iter().filter_map(|kind| by_kind.get(kind)).sum(),
        reports_fired: small(sum.reports_fired),
        reports_fired_in_force: small(sum.reports_fired_in_force),
        organisations_fired: small(sum.organisations_fired),
        fires_new: sum.fires_new,
        fires_same: sum.fires_same,
        fires_gone: sum.fires_gone,
    }
}
