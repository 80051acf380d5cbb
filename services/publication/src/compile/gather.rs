//! Fetches what the tables are computed from.

use std::collections::{BTreeSet, HashMap};

use zhijian_platform::{Clients, Error, Text, Violation};
use zhijian_proto::common::v1::ErrorReason;

use super::Progress;
use crate::{
    domain::{
        definition::{Edition, Plan},
        facts::{Facts, YearFacts},
        figure::Figure,
        lack::Lack,
    },
    upstream::{self, Fault},
};

/// Everything in `plan`, reduced to sums while it streams in.
pub(super) async fn facts(
    clients: &Clients,
    edition: &Edition,
    plan: Plan,
    progress: &mut Progress<'_>,
) -> Result<Facts, Error> {
    let mut facts = Facts::default();
    let mut figures = plan.figures;
    // The lists speak of the release's own year, which a plan of lists alone does not name.
    figures.entry(edition.year).or_default();
    for (year, figures) in figures {
        progress
            .step(Text::new(format!("正在汇总{year}年的年报"), format!("Adding up the reports of {year}")))
            .await?;
        let lists = if year == edition.year { plan.lists.clone() } else { BTreeSet::new() };
        if let Some(sums) = year_facts(clients, edition, year, figures, lists).await? {
            facts.years.insert(year, sums);
        }
    }
    progress
        .step(Text::new(
            "正在读取评审等级、贯通培养计划和机构名称",
            "Reading grades, pathways and names of organisations",
        ))
        .await?;
    facts.gradings = upstream::gradings(clients, edition.year, &plan.schemes).await?;
    if plan.pathways {
        facts.pathways = upstream::pathways(clients, edition.year).await?;
    }
    let listed = facts.listed_organisations();
    facts.names = if listed.is_empty() { HashMap::new() } else { upstream::names(clients, &listed).await? };
    Ok(facts)
}

/// The sums of a year; nothing for an earlier year without a cycle.
async fn year_facts(
    clients: &Clients,
    edition: &Edition,
    year: i32,
    figures: BTreeSet<Figure>,
    lists: BTreeSet<Figure>,
) -> Result<Option<YearFacts>, Error> {
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
    let asked = upstream::asked(clients, cycle.catalogue_year).await?;
    let mut sums = YearFacts::new(year, asked, figures, lists);
    match upstream::add_accepted(clients, year, &mut sums).await {
        Ok(()) => Ok(Some(sums)),
        Err(Fault::Lack(lack)) => Err(lacking(year, &lack)),
        Err(Fault::Other(error)) => Err(error),
    }
}

/// What keeps every table from being computed.
fn lacking(year: i32, lack: &Lack) -> Error {
    let text = lack.text();
    let violation = Violation::new(
        format!("cycle/{year}"),
        format!("无法编制：{}。", text.zh),
        format!("Nothing can be compiled: {}.", text.en),
    );
    Error::Precondition { reason: ErrorReason::DataMissing, violations: vec![violation] }
}
