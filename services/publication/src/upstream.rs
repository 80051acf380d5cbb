//! What this service asks of the others, always upstream: identity, submission, review.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use tonic::Code;
use zhijian_platform::{Clients, Error, Text, id};
use zhijian_proto::{
    common::v1::value,
    identity::v1::{GetRegionRequest, ListOrganisationsRequest},
    review::v1::{
        GetRoundScoresRequest, ListRoundsRequest, RevealRoundRequest, Round, RoundScores, grading_rules,
        round,
    },
    submission::v1::{
        Cycle, GetCatalogueRequest, GetCycleRequest, ListProgrammesRequest, ReleaseCycleRequest,
        StreamAcceptedCellsRequest, StreamAcceptedCellsResponse, cycle,
    },
};

use crate::{
    domain::{
        facts::PathwayRow,
        figure::Reading,
        pin::{
            PinnedBand, PinnedElement, PinnedEntry, PinnedIndicator, PinnedJoin, PinnedOrganisation,
            PinnedReport, PinnedRound, PinnedRules, PinnedSheet,
        },
    },
    store::reveal::Owed,
};

mod cases;

pub use cases::cases;

/// The largest page that the services give.
const PAGE: i32 = 1000;

/// What the region says of itself.
pub struct Region {
    /// Whether its institutions are invented.
    pub demonstration: bool,
    /// Where the figures come from.
    pub note: Option<Text>,
}

/// The region's description.
///
/// # Errors
/// Those of the identity service.
pub async fn region(clients: &Clients) -> Result<Region, Error> {
    let region =
        clients.regions().get_region(GetRegionRequest {}).await?.into_inner().region.unwrap_or_default();
    let note = region.note.filter(|note| !note.zh.is_empty()).map(Into::into);
    Ok(Region { demonstration: region.demonstration, note })
}

/// What the region is called.
///
/// # Errors
/// Those of the identity service.
pub async fn region_name(clients: &Clients) -> Result<Text, Error> {
    let region = clients.regions().get_region(GetRegionRequest {}).await?.into_inner().region;
    Ok(region.and_then(|region| region.name).map_or_else(|| Text::new("", ""), Into::into))
}

/// The cycle of `year`, if it has one.
///
/// # Errors
/// Those of the submission service.
pub async fn cycle(clients: &Clients, year: i32) -> Result<Option<Cycle>, Error> {
    match clients.cycles().get_cycle(GetCycleRequest { year }).await {
        Ok(response) => Ok(response.into_inner().cycle),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(status.into()),
    }
}

/// Whether nothing of `cycle` can change any more.
pub fn is_settled(cycle: &Cycle) -> bool {
    matches!(cycle.state(), cycle::State::Closed | cycle::State::Released)
}

/// The cycle of `year`, whose collection has ended.
///
/// # Errors
/// NOT_FOUND if the year has none, FAILED_PRECONDITION if it is not closed.
pub async fn closed_cycle(clients: &Clients, year: i32) -> Result<Cycle, Error> {
    let cycle = cycle(clients, year).await?.ok_or_else(|| Error::not_found("cycle", year))?;
    if is_settled(&cycle) {
        return Ok(cycle);
    }
    Err(Error::illegal_state(
        format!("cycle/{year}"),
        format!("{year}年度尚未截止：请先截止该年度，再准备发布。"),
        format!("The cycle of {year} is not closed yet: close it first, then prepare its release."),
    ))
}

/// The indicators of the catalogue of `year`, by code.
///
/// # Errors
/// Those of the submission service.
pub async fn indicators(clients: &Clients, year: i32) -> Result<BTreeMap<String, PinnedIndicator>, Error> {
    let response = clients.catalogues().get_catalogue(GetCatalogueRequest { year }).await?.into_inner();
    let indicators = response.catalogue.unwrap_or_default().indicators;
    let pinned = indicators.into_iter().map(|indicator| {
        let found = PinnedIndicator {
            name: indicator.name.unwrap_or_default().into(),
            unit: indicator.unit.unwrap_or_default().into(),
            decimals: indicator.decimals.unsigned_abs(),
            report_kinds: indicator.report_kinds.into_iter().collect(),
            formula: indicator.formula,
        };
        (indicator.code, found)
    });
    Ok(pinned.collect())
}

/// The accepted reports of `year`, as far as these indicators.
///
/// # Errors
/// Those of the submission service.
pub async fn accepted(
    clients: &Clients,
    year: i32,
    indicators: &BTreeSet<String>,
) -> Result<Vec<PinnedReport>, Error> {
    if indicators.is_empty() {
        return Ok(vec![]);
    }
    let indicator_codes = indicators.iter().cloned().collect();
    let request = StreamAcceptedCellsRequest { cycle_year: year, indicator_codes };
    let mut stream = clients.submissions().stream_accepted_cells(request).await?.into_inner();
    let mut reports = Vec::new();
    while let Some(accepted) = stream.message().await? {
        reports.push(report(accepted)?);
    }
    Ok(reports)
}

/// Whom a report is about: whoever hands it in, unless it says otherwise.
fn subject(organisation_code: &str, subject_code: String) -> String {
    if subject_code.is_empty() { organisation_code.to_owned() } else { subject_code }
}

/// An accepted report; texts are left out.
///
/// # Errors
/// A number that is no decimal.
pub fn report(accepted: StreamAcceptedCellsResponse) -> Result<PinnedReport, Error> {
    let mut cells = BTreeMap::new();
    for cell in accepted.cells {
        let reading = match cell.value.and_then(|value| value.kind) {
            Some(value::Kind::Number(number)) => {
                Reading::Number(decimal(&number, &cell.indicator_code, &accepted.submission_id)?)
            }
            Some(value::Kind::NotApplicable(_)) => Reading::NotApplicable,
            Some(value::Kind::Text(_)) | None => continue,
        };
        cells.insert(cell.indicator_code, reading);
    }
    let subject = subject(&accepted.organisation_code, accepted.subject_code);
    Ok(PinnedReport {
        submission_id: accepted.submission_id,
        revision: accepted.revision_number,
        kind: accepted.report_kind,
        organisation: accepted.organisation_code,
        subject,
        accept_time: accepted.accept_time.as_ref().and_then(moment),
        cells,
    })
}

fn decimal(text: &str, what: &str, of: &str) -> Result<Decimal, Error> {
    Decimal::from_str_exact(text)
        .map_err(|error| Error::internal(format!("{what} of {of} is not a decimal: {error}")))
}

fn moment(time: &prost_types::Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(time.seconds, time.nanos.unsigned_abs())
}

/// Each scheme's newest finalised round of `year`; a scheme without one is absent.
///
/// # Errors
/// Those of the review service.
pub async fn graded_rounds(
    clients: &Clients,
    year: i32,
    schemes: &BTreeSet<String>,
) -> Result<BTreeMap<String, PinnedRound>, Error> {
    let mut pinned = BTreeMap::new();
    if schemes.is_empty() {
        return Ok(pinned);
    }
    // Newest first, so that the first of a scheme is the one that counts.
    for round in rounds(clients, year).await? {
        if !is_graded(&round)
            || !schemes.contains(&round.scheme_code)
            || pinned.contains_key(&round.scheme_code)
        {
            continue;
        }
        let request = GetRoundScoresRequest { round_id: round.round_id };
        let scores = clients.scores().get_round_scores(request).await?.into_inner().scores;
        pinned.insert(round.scheme_code, scored(scores.unwrap_or_default())?);
    }
    Ok(pinned)
}

fn scored(scores: RoundScores) -> Result<PinnedRound, Error> {
    let id = scores.round_id;
    let number = |text: &str, what: &str| decimal(text, what, &id);
    let size = |count: i32| usize::try_from(count).unwrap_or_default();
    let rules = scores.rules.unwrap_or_default();
    let join = match rules.join() {
        grading_rules::Join::Mean => PinnedJoin::Mean,
        grading_rules::Join::TrimmedMean => PinnedJoin::TrimmedMean,
        grading_rules::Join::Median | grading_rules::Join::Unspecified => PinnedJoin::Median,
    };
    let elements = scores.elements.into_iter().map(|element| {
        Ok(PinnedElement { weight: number(&element.weight, "a weight")?, code: element.code })
    });
    let bands = scores.bands.into_iter().map(|band| {
        let cut_off = number(&band.cut_off, "a cut-off")?;
        Ok(PinnedBand { grade: band.grade, group: band.group, cut_off })
    });
    let entries = scores.entries.into_iter().map(|entry| {
        let anchor = Some(&entry.anchor).filter(|anchor| !anchor.is_empty());
        Ok(PinnedEntry {
            total: number(&entry.total, "a total")?,
            anchor: anchor.map(|anchor| number(anchor, "an anchor")).transpose()?,
            grade: entry.grade,
            heard: entry.heard,
        })
    });
    let sheets = scores.sheets.into_iter().map(|sheet| {
        let scores = sheet.scores.iter().map(|score| number(score, "a score"));
        Ok(PinnedSheet {
            entry: size(sheet.entry),
            reviewer: size(sheet.reviewer),
            scores: scores.collect::<Result<_, Error>>()?,
            hearing: sheet.hearing,
        })
    });
    Ok(PinnedRound {
        elements: elements.collect::<Result<_, Error>>()?,
        bands: bands.collect::<Result<_, Error>>()?,
        rules: PinnedRules {
            join,
            trim: size(rules.trim),
            calibrate: rules.calibrate,
            places: rules.places.iter().map(|place| size(*place)).collect(),
            percentiles: rules
                .percentiles
                .iter()
                .map(|share| number(share, "a percentile"))
                .collect::<Result<_, Error>>()?,
            ties_up: rules.ties_up,
        },
        entries: entries.collect::<Result<_, Error>>()?,
        sheets: sheets.collect::<Result<_, Error>>()?,
        name: scores.name.unwrap_or_default().into(),
        round_id: id.clone(),
    })
}

fn is_graded(round: &Round) -> bool {
    matches!(round.state(), round::State::Finalised | round::State::Revealed)
}

async fn rounds(clients: &Clients, year: i32) -> Result<Vec<Round>, Error> {
    let mut rounds = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListRoundsRequest { page_size: PAGE, page_token, cycle_year: year };
        let page = clients.rounds().list_rounds(request).await?.into_inner();
        rounds.extend(page.rounds);
        if page.next_page_token.is_empty() {
            return Ok(rounds);
        }
        page_token = page.next_page_token;
    }
}

/// The programmes that have a pathway of `year`, in the plan's order.
///
/// # Errors
/// Those of the submission service.
pub async fn pathways(clients: &Clients, year: i32) -> Result<Vec<PathwayRow>, Error> {
    let mut rows = Vec::new();
    let mut page_token = String::new();
    loop {
        let request =
            ListProgrammesRequest { page_size: PAGE, page_token, pathway_year: year, ..Default::default() };
        let page = clients.programmes().list_programmes(request).await?.into_inner();
        for programme in page.programmes {
            let Some(pathway) = programme.pathway.filter(|pathway| pathway.year == year) else { continue };
            rows.push(PathwayRow {
                sequence: pathway.sequence,
                organisation_code: programme.organisation_code,
                programme: programme.name.unwrap_or_default().into(),
                programme_code: programme.code,
                places: pathway.places,
                partner: pathway.partner,
                partner_programme: pathway.partner_programme,
            });
        }
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    rows.sort_by(|a, b| {
        (a.sequence, &a.organisation_code, &a.programme_code).cmp(&(
            b.sequence,
            &b.organisation_code,
            &b.programme_code,
        ))
    });
    Ok(rows)
}

/// The organisations with these codes; one that is not registered is absent.
///
/// # Errors
/// Those of the identity service.
pub async fn organisations(
    clients: &Clients,
    codes: &BTreeSet<String>,
) -> Result<BTreeMap<String, PinnedOrganisation>, Error> {
    let codes: Vec<String> = codes.iter().cloned().collect();
    let mut found = BTreeMap::new();
    // As many codes as a page holds, so that every answer is one page.
    for codes in codes.chunks(PAGE.unsigned_abs() as usize) {
        let request =
            ListOrganisationsRequest { page_size: PAGE, codes: codes.to_vec(), ..Default::default() };
        let page = clients.organisations().list_organisations(request).await?.into_inner();
        for organisation in page.organisations {
            let kind = organisation.kind().as_str_name().trim_start_matches("KIND_").to_owned();
            let name = organisation.name.unwrap_or_default().into();
            found.insert(organisation.code, PinnedOrganisation { name, kind });
        }
    }
    Ok(found)
}

/// Asks the other services whether the grades of `year` can be shown: both answer, and nothing of the cycle can change any
/// more. The rounds whose grades are to be shown.
///
/// # Errors
/// Those of the submission and review services; FAILED_PRECONDITION if the cycle is not closed.
pub async fn to_reveal(clients: &Clients, year: i32) -> Result<Vec<String>, Error> {
    closed_cycle(clients, year).await?;
    let graded = rounds(clients, year).await?.into_iter().filter(is_graded);
    Ok(graded.map(|round| round.round_id).collect())
}

/// Marks the cycle of a published year as released and shows schools the grades of its rounds. Repeating it changes
/// nothing: the requests' ids follow from the version. What one service refuses does not keep the others from theirs.
///
/// # Errors
/// The first of those of the submission and review services.
pub async fn reveal(clients: &Clients, owed: &Owed) -> Result<(), Error> {
    let Owed { year, version, .. } = *owed;
    let derived = |step: &str| id::derived_request_id(&format!("publication/{year}/{version}/{step}"));
    let request = ReleaseCycleRequest { request_id: derived("cycle"), year };
    let mut outcome = clients.cycles().release_cycle(request).await.map(|_| ());
    for round_id in &owed.rounds {
        let request = RevealRoundRequest { request_id: derived(round_id), round_id: round_id.clone() };
        outcome = outcome.and(clients.rounds().reveal_round(request).await.map(|_| ()));
    }
    Ok(outcome?)
}
