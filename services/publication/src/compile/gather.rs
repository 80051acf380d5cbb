//! Fetches what a release is computed from.

use std::collections::{BTreeMap, BTreeSet};

use zhijian_platform::{Clients, Error, Text, Violation};
use zhijian_proto::common::v1::ErrorReason;

use super::Progress;
use crate::{
    domain::{
        case,
        definition::{Edition, Plan},
        lack::Lack,
        pin::{FORMAT, Pinned, PinnedYear},
    },
    upstream,
};

/// Everything in `plan`, as it stands now.
pub(super) async fn pins(
    clients: &Clients,
    edition: &Edition,
    plan: &Plan,
    progress: &mut Progress<'_>,
) -> Result<Pinned, Error> {
    let mut years = BTreeMap::new();
    for (year, indicators) in plan.indicators(edition.year) {
        progress
            .step(Text::new(format!("正在读取{year}年的年报"), format!("Reading the reports of {year}")))
            .await?;
        if let Some(pins) = year_pins(clients, edition, year, &indicators).await? {
            years.insert(year, pins);
        }
    }
    progress
        .step(Text::new(
            "正在读取评审等级、贯通培养计划、案例和机构名称",
            "Reading grades, pathways, cases and names of organisations",
        ))
        .await?;
    let rounds = upstream::graded_rounds(clients, edition.year, &plan.schemes).await?;
    let pathways = if plan.pathways { upstream::pathways(clients, edition.year).await? } else { Vec::new() };
    let cases = case::needed(upstream::cases(clients, edition.year, &plan.cases).await?, &plan.cases);
    let reports = years.values().flat_map(|year: &PinnedYear| &year.reports);
    let mut codes: BTreeSet<String> = reports.map(|report| report.subject.clone()).collect();
    codes.extend(pathways.iter().map(|row| row.organisation_code.clone()));
    codes.extend(cases.iter().map(|case| case.subject.clone()));
    Ok(Pinned {
        format: FORMAT.to_owned(),
        year: edition.year,
        definitions: edition.sources.clone(),
        years,
        rounds,
        pathways,
        organisations: upstream::organisations(clients, &codes).await?,
        cases,
    })
}

/// The reports of a year; nothing for an earlier year without a cycle.
async fn year_pins(
    clients: &Clients,
    edition: &Edition,
    year: i32,
    wanted: &BTreeSet<String>,
) -> Result<Option<PinnedYear>, Error> {
    let cycle = if year == edition.year {
        upstream::closed_cycle(clients, year).await?
    } else {
        match upstream::cycle(clients, year).await? {
            None => return Ok(None),
            Some(cycle) if !upstream::is_settled(&cycle) => {
                return Err(lacking(year, &Lack::Collecting { year }));
            }
            Some(cycle) => cycle,
        }
    };
    let mut indicators = upstream::indicators(clients, cycle.catalogue_year).await?;
    indicators.retain(|code, _| wanted.contains(code));
    let reports = upstream::accepted(clients, year, wanted).await?;
    Ok(Some(PinnedYear { indicators, reports, ..PinnedYear::default() }))
}

/// What keeps every table from being computed.
pub(super) fn lacking(year: i32, lack: &Lack) -> Error {
    let text = lack.text();
    let violation = Violation::new(
        format!("cycle/{year}"),
        format!("无法编制：{}。", text.zh),
        format!("Nothing can be compiled: {}.", text.en),
    );
    Error::Precondition { reason: ErrorReason::DataMissing, violations: vec![violation] }
}
