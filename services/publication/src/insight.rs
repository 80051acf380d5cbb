//! What diagnosis and map ask of the other services, beyond what the tables need. The whole of a year is read once, and again
//! when its version says that it has changed.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use zhijian_platform::{Clients, Error, Text};
use zhijian_proto::{
    common::v1::{Level as LevelMessage, value},
    identity::v1::{ListOrganisationsRequest, Organisation, organisation::Kind},
    review::v1::{ListEntriesRequest, ListRoundsRequest, Round, Subject, round},
    submission::v1::{
        Cycle, GetAcceptedVersionRequest, GetCatalogueRequest, Indicator, ListCyclesRequest,
        ListProgrammesRequest, StreamAcceptedCellsRequest, cycle,
    },
};

use crate::{
    domain::{
        diagnosis::{
            rules::Rules,
            values::{YearValues, terms},
        },
        map::{
            filter::Level,
            supply::{Grade, Programme},
        },
    },
    kept::Kept,
    upstream,
};

/// How many years' values are kept: a year and those of its trend, for several years looked at in turn.
const KEPT_VALUES: usize = 16;
/// How many years' grades and numbers of students are kept.
const KEPT_YEARS: usize = 8;

/// The largest page that the services give.
const PAGE: i32 = 1000;

/// Reads the other services for diagnosis and map, and keeps what is large. What it keeps is the same whoever asks.
pub struct Insight {
    pub clients: Clients,
    /// By the rules' year and the year; then by kind of report.
    values: Kept<HashMap<String, Arc<YearValues>>>,
    /// By the year.
    students: Kept<BTreeMap<String, i64>>,
    programmes: Kept<Vec<Programme>>,
    /// By the year of the map.
    grades: Kept<HashMap<String, Grade>>,
}

impl Insight {
    /// Nothing is read yet.
    pub fn new(clients: Clients) -> Self {
        let (values, students) = (Kept::new(KEPT_VALUES), Kept::new(KEPT_YEARS));
        Self { clients, values, students, programmes: Kept::new(1), grades: Kept::new(KEPT_YEARS) }
    }

    /// What the accepted reports of a kind that the rules speak of say of the rules' indicators in a year.
    ///
    /// # Errors
    /// Those of the submission service.
    pub async fn values(
        &self,
        rules: &Rules,
        year: i32,
        report_kind: &str,
    ) -> Result<Arc<YearValues>, Error> {
        let version = self.accepted_version(year).await?;
        let slot = format!("{}/{year}", rules.year);
        let kinds = self.values.get(&slot, &version, values(&self.clients, rules, year)).await?;
        Ok(kinds.get(report_kind).cloned().unwrap_or_else(|| Arc::new(YearValues::of(report_kind))))
    }

    /// How many students each institution reported in a year, by code.
    ///
    /// # Errors
    /// Those of the submission service.
    pub async fn students(&self, year: i32) -> Result<Arc<BTreeMap<String, i64>>, Error> {
        let version = self.accepted_version(year).await?;
        self.students.get(&year.to_string(), &version, students(&self.clients, year)).await
    }

    /// The whole register of programmes, in order of school and code; a programme of no level is left out.
    ///
    /// # Errors
    /// Those of the submission service.
    pub async fn programmes(&self) -> Result<Arc<Vec<Programme>>, Error> {
        let request = ListProgrammesRequest { page_size: 1, ..Default::default() };
        let version = self.clients.programmes().list_programmes(request).await?.into_inner().version;
        self.programmes.get("", &version, programmes(&self.clients)).await
    }

    /// The newest grade of each programme among the revealed rounds of `years`, by the programme's id, for the map of `year`.
    ///
    /// # Errors
    /// Those of the review service.
    pub async fn grades(
        &self,
        year: i32,
        years: &BTreeSet<i32>,
    ) -> Result<Arc<HashMap<String, Grade>>, Error> {
        let rounds = revealed(&self.clients, years).await?;
        // A round has another etag when a result in it was replaced.
        let versions = rounds.iter().map(|round| format!("{}@{}", round.round_id, round.etag));
        let version = versions.collect::<Vec<_>>().join(" ");
        self.grades.get(&year.to_string(), &version, grades(&self.clients, &rounds)).await
    }

    async fn accepted_version(&self, year: i32) -> Result<String, Error> {
        let request = GetAcceptedVersionRequest { cycle_year: year };
        Ok(self.clients.submissions().get_accepted_version(request).await?.into_inner().version)
    }
}

/// All cycles, newest first.
///
/// # Errors
/// Those of the submission service.
pub async fn cycles(clients: &Clients) -> Result<Vec<Cycle>, Error> {
    let mut cycles = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListCyclesRequest { page_size: PAGE, page_token };
        let page = clients.cycles().list_cycles(request).await?.into_inner();
        cycles.extend(page.cycles);
        if page.next_page_token.is_empty() {
            return Ok(cycles);
        }
        page_token = page.next_page_token;
    }
}

/// Whether everybody may read what a year came to.
pub fn is_released(cycle: &Cycle) -> bool {
    cycle.state() == cycle::State::Released
}

/// The institutions of these kinds, by code; those that have ceased to exist are left out.
///
/// # Errors
/// Those of the identity service.
pub async fn institutions(
    clients: &Clients,
    kinds: &[Kind],
) -> Result<BTreeMap<String, Organisation>, Error> {
    let mut found = BTreeMap::new();
    let mut page_token = String::new();
    loop {
        let request = ListOrganisationsRequest {
            page_size: PAGE,
            page_token,
            kinds: kinds.iter().map(|kind| (*kind).into()).collect(),
            existing_only: true,
            ..Default::default()
        };
        let page = clients.organisations().list_organisations(request).await?.into_inner();
        found.extend(page.organisations.into_iter().map(|one| (one.code.clone(), one)));
        if page.next_page_token.is_empty() {
            return Ok(found);
        }
        page_token = page.next_page_token;
    }
}

/// The indicators of a year's catalogue, by code.
///
/// # Errors
/// Those of the submission service.
pub async fn indicators(
    clients: &Clients,
    catalogue_year: i32,
) -> Result<BTreeMap<String, Indicator>, Error> {
    let request = GetCatalogueRequest { year: catalogue_year };
    let catalogue =
        clients.catalogues().get_catalogue(request).await?.into_inner().catalogue.unwrap_or_default();
    Ok(catalogue.indicators.into_iter().map(|one| (one.code.clone(), one)).collect())
}

/// The names of some institutions; the code of one that is not among them.
pub fn name(institutions: &BTreeMap<String, Organisation>, code: &str) -> Text {
    let name = institutions.get(code).and_then(|one| one.name.clone());
    name.map_or_else(|| Text::new(code, code), Into::into)
}

/// The codes of some institutions.
pub fn codes(institutions: &BTreeMap<String, Organisation>) -> BTreeSet<String> {
    institutions.keys().cloned().collect()
}

/// The revealed rounds of some years, newest year first.
async fn revealed(clients: &Clients, years: &BTreeSet<i32>) -> Result<Vec<Round>, Error> {
    let mut rounds = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListRoundsRequest { page_size: PAGE, page_token, cycle_year: 0 };
        let page = clients.rounds().list_rounds(request).await?.into_inner();
        let wanted =
            |round: &Round| round.state() == round::State::Revealed && years.contains(&round.cycle_year);
        rounds.extend(page.rounds.into_iter().filter(wanted));
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    // Stable: of a year the round that was opened last comes first, as the list has them.
    rounds.sort_by_key(|round| std::cmp::Reverse(round.cycle_year));
    Ok(rounds)
}

/// The indicator of how many students an institution has.
const STUDENTS: &str = "BAS02";

/// How many students each institution reported in a year, by code.
async fn students(clients: &Clients, year: i32) -> Result<BTreeMap<String, i64>, Error> {
    let mut students = BTreeMap::new();
    let request = StreamAcceptedCellsRequest { cycle_year: year, indicator_codes: vec![STUDENTS.to_owned()] };
    let mut reports = clients.submissions().stream_accepted_cells(request).await?.into_inner();
    while let Some(accepted) = reports.message().await? {
        for cell in accepted.cells {
            if let Some(value::Kind::Number(number)) = cell.value.and_then(|value| value.kind)
                && let Ok(number) = number.parse::<i64>()
            {
                *students.entry(accepted.organisation_code.clone()).or_default() += number;
            }
        }
    }
    Ok(students)
}

/// What the accepted reports of a year say, while they stream in; by kind of report.
async fn values(
    clients: &Clients,
    rules: &Rules,
    year: i32,
) -> Result<HashMap<String, Arc<YearValues>>, Error> {
    let kinds = rules.peer_groups.iter().map(|group| &group.report_kind);
    let mut values: HashMap<String, YearValues> =
        kinds.map(|kind| (kind.clone(), YearValues::of(kind))).collect();
    let request = StreamAcceptedCellsRequest { cycle_year: year, indicator_codes: terms(rules) };
    let mut reports = clients.submissions().stream_accepted_cells(request).await?.into_inner();
    while let Some(accepted) = reports.message().await? {
        if let Some(of_kind) = values.get_mut(&accepted.report_kind) {
            of_kind.add(rules, &upstream::report(accepted)?.report());
        }
    }
    Ok(values.into_iter().map(|(kind, values)| (kind, Arc::new(values))).collect())
}

async fn programmes(clients: &Clients) -> Result<Vec<Programme>, Error> {
    let mut programmes = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListProgrammesRequest { page_size: PAGE, page_token, ..Default::default() };
        let page = clients.programmes().list_programmes(request).await?.into_inner();
        programmes.extend(page.programmes.into_iter().filter_map(|one| {
            let level = match one.level() {
                LevelMessage::Secondary => Level::Secondary,
                LevelMessage::Higher => Level::Higher,
                LevelMessage::Unspecified => return None,
            };
            Some(Programme {
                level,
                name: one.name.unwrap_or_default().into(),
                id: one.programme_id,
                code: one.code,
                organisation: one.organisation_code,
                opened: one.opened_year,
                withdrawn: (one.withdrawn_year != 0).then_some(one.withdrawn_year),
            })
        }));
        if page.next_page_token.is_empty() {
            return Ok(programmes);
        }
        page_token = page.next_page_token;
    }
}

/// The newest grade of each programme among these rounds, which are newest first.
async fn grades(clients: &Clients, rounds: &[Round]) -> Result<HashMap<String, Grade>, Error> {
    let mut grades: HashMap<String, Grade> = HashMap::new();
    for round in rounds {
        let mut page_token = String::new();
        loop {
            let request = ListEntriesRequest {
                page_size: PAGE,
                page_token,
                round_id: round.round_id.clone(),
                ..Default::default()
            };
            let page = clients.rounds().list_entries(request).await?.into_inner();
            for entry in page.entries {
                let programme = entry.subject() == Subject::Programme;
                let Some(result) = entry.result.filter(|_| programme) else { continue };
                // Newest round first: what is there already is newer.
                let grade = || Grade { grade: result.grade, group: result.group, year: round.cycle_year };
                grades.entry(entry.programme_id).or_insert_with(grade);
            }
            if page.next_page_token.is_empty() {
                break;
            }
            page_token = page.next_page_token;
        }
    }
    Ok(grades)
}
