//! What this service asks of the others, always upstream: identity, submission, review.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;
use tonic::Code;
use zhijian_platform::{Clients, Error, Text, id};
use zhijian_proto::{
    common::v1::value,
    identity::v1::{GetRegionRequest, ListOrganisationsRequest},
    review::v1::{GetDistributionRequest, ListRoundsRequest, RevealRoundRequest, Round, round},
    submission::v1::{
        Cycle, GetCatalogueRequest, GetCycleRequest, ListProgrammesRequest, ReleaseCycleRequest,
        StreamAcceptedCellsRequest, StreamAcceptedCellsResponse, cycle,
    },
};

use crate::domain::{
    facts::{GradeCount, Grading, PathwayRow, YearFacts},
    figure::{Reading, Report},
    lack::Lack,
};

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

/// Which kinds of report the catalogue of `year` asks for each indicator.
///
/// # Errors
/// Those of the submission service.
pub async fn asked(clients: &Clients, year: i32) -> Result<HashMap<String, BTreeSet<String>>, Error> {
    let response = clients.catalogues().get_catalogue(GetCatalogueRequest { year }).await?.into_inner();
    let indicators = response.catalogue.unwrap_or_default().indicators;
    Ok(indicators
        .into_iter()
        .map(|indicator| (indicator.code, indicator.report_kinds.into_iter().collect()))
        .collect())
}

/// Why the accepted reports of a year could not be added up.
pub enum Fault {
    /// The sums themselves.
    Lack(Lack),
    /// Everything else.
    Other(Error),
}

impl<E: Into<Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// Adds every accepted report of `year` to `facts` as it streams in.
///
/// # Errors
/// Those of the submission service; a sum that grows too large.
pub async fn add_accepted(clients: &Clients, year: i32, facts: &mut YearFacts) -> Result<(), Fault> {
    let indicator_codes: Vec<String> = facts.indicators().into_iter().collect();
    if indicator_codes.is_empty() {
        return Ok(());
    }
    let request = StreamAcceptedCellsRequest { cycle_year: year, indicator_codes };
    let mut reports = clients.submissions().stream_accepted_cells(request).await?.into_inner();
    while let Some(accepted) = reports.message().await? {
        facts.add(&report(accepted)?).map_err(Fault::Lack)?;
    }
    Ok(())
}

/// An accepted report as figures need it; texts are left out.
///
/// # Errors
/// A number that is no decimal.
pub fn report(accepted: StreamAcceptedCellsResponse) -> Result<Report, Error> {
    let mut readings = HashMap::with_capacity(accepted.cells.len());
    for cell in accepted.cells {
        let reading = match cell.value.and_then(|value| value.kind) {
            Some(value::Kind::Number(number)) => {
                let number = Decimal::from_str_exact(&number).map_err(|error| {
                    Error::internal(format!(
                        "{} of submission {} is not a decimal: {error}",
                        cell.indicator_code, accepted.submission_id
                    ))
                })?;
                Reading::Number(number)
            }
            Some(value::Kind::NotApplicable(_)) => Reading::NotApplicable,
            Some(value::Kind::Text(_)) | None => continue,
        };
        readings.insert(cell.indicator_code, reading);
    }
    let subject =
        if accepted.subject_code.is_empty() { accepted.organisation_code } else { accepted.subject_code };
    Ok(Report { kind: accepted.report_kind, subject, readings })
}

/// The grades of each scheme's newest finalised round of `year`; a scheme without one is absent.
///
/// # Errors
/// Those of the review service.
pub async fn gradings(
    clients: &Clients,
    year: i32,
    schemes: &BTreeSet<String>,
) -> Result<BTreeMap<String, Grading>, Error> {
    let mut gradings = BTreeMap::new();
    if schemes.is_empty() {
        return Ok(gradings);
    }
    // Newest first, so that the first of a scheme is the one that counts.
    for round in rounds(clients, year).await? {
        if !is_graded(&round)
            || !schemes.contains(&round.scheme_code)
            || gradings.contains_key(&round.scheme_code)
        {
            continue;
        }
        let request = GetDistributionRequest { round_id: round.round_id };
        let distribution = clients.rounds().get_distribution(request).await?.into_inner();
        let counts = distribution.counts.into_iter().map(|count| GradeCount {
            grade: count.grade,
            group: count.group,
            count: u64::from(count.count.unsigned_abs()),
        });
        gradings.insert(round.scheme_code, Grading { counts: counts.collect() });
    }
    Ok(gradings)
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

/// The names of the organisations with these codes; one that is not registered is absent.
///
/// # Errors
/// Those of the identity service.
pub async fn names(clients: &Clients, codes: &BTreeSet<String>) -> Result<HashMap<String, Text>, Error> {
    let codes: Vec<String> = codes.iter().cloned().collect();
    let mut names = HashMap::with_capacity(codes.len());
    // As many codes as a page holds, so that every answer is one page.
    for codes in codes.chunks(PAGE.unsigned_abs() as usize) {
        let request =
            ListOrganisationsRequest { page_size: PAGE, codes: codes.to_vec(), ..Default::default() };
        let page = clients.organisations().list_organisations(request).await?.into_inner();
        for organisation in page.organisations {
            names.insert(organisation.code, organisation.name.unwrap_or_default().into());
        }
    }
    Ok(names)
}

/// Marks the cycle of `year` as released and shows schools the grades of its finalised rounds. Repeating it changes
/// nothing; the requests' ids follow from `request_id`.
///
/// # Errors
/// Those of the submission and review services.
pub async fn reveal(clients: &Clients, year: i32, request_id: &str) -> Result<(), Error> {
    let derived = |step: &str| id::derived_request_id(&format!("publication/{request_id}/{step}"));
    let request = ReleaseCycleRequest { request_id: derived("cycle"), year };
    clients.cycles().release_cycle(request).await?;
    for round in rounds(clients, year).await?.into_iter().filter(is_graded) {
        let request_id = derived(&round.round_id);
        clients.rounds().reveal_round(RevealRoundRequest { request_id, round_id: round.round_id }).await?;
    }
    Ok(())
}
