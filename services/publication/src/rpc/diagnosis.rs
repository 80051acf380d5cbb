//! DiagnosisService.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Clients, Error, Page, Resource};
use zhijian_proto::{
    identity::v1::Organisation,
    publication::v1::{
        GetDiagnosisRequest, GetDiagnosisResponse, GetRegionDiagnosisRequest, GetRegionDiagnosisResponse,
        UnansweredRequirement, diagnosis_service_server::DiagnosisService,
    },
    submission::v1::{Cycle, cycle},
};

use super::diagnosis_convert::{self as convert, Shown};
use crate::{
    domain::diagnosis::{
        institution, region,
        rules::{Library, PeerGroup, Rules},
    },
    insight::{self, Insight},
};

/// The most institutions that an answer names outside its page.
const MOST_NAMED: usize = 1000;

/// Looks at institutions among their peers.
pub struct Diagnosis {
    insight: Arc<Insight>,
    library: Arc<Library>,
}

impl Diagnosis {
    pub fn new(insight: Arc<Insight>, library: Arc<Library>) -> Self {
        Self { insight, library }
    }

    fn clients(&self) -> &Clients {
        &self.insight.clients
    }

    fn rules(&self, year: i32) -> Result<&Rules, Error> {
        self.library.of(year).ok_or_else(|| Error::not_found("diagnosis rules", year))
    }

    /// The cycle of `year`, of which reports may have been accepted.
    async fn cycles(&self, year: i32) -> Result<(Cycle, Vec<Cycle>), Error> {
        let cycles = insight::cycles(self.clients()).await?;
        let begun = |cycle: &&Cycle| cycle.year == year && cycle.state() != cycle::State::Draft;
        let cycle = cycles.iter().find(begun).cloned().ok_or_else(|| Error::not_found("cycle", year))?;
        Ok((cycle, cycles))
    }
}

#[tonic::async_trait]
impl DiagnosisService for Diagnosis {
    async fn get_diagnosis(
        &self,
        request: Request<GetDiagnosisRequest>,
    ) -> Result<Response<GetDiagnosisResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let found = self.cycles(input.year).await;
        // Whether a year exists is told to nobody who may not see the institution.
        let released = found.as_ref().is_ok_and(|(cycle, _)| insight::is_released(cycle));
        call.authorise(&Resource::for_organisation(&input.organisation_code).public(released))?;
        let (cycle, cycles) = found?;
        let rules = self.rules(input.year)?;
        let (group, members) = self.peers(rules, &input.organisation_code).await?;
        let mut years = BTreeMap::new();
        let earlier = cycles.iter().filter(|one| one.year < input.year && insight::is_released(one));
        for one in std::iter::once(&cycle).chain(earlier).take(rules.trend_years) {
            years.insert(one.year, self.insight.values(rules, one.year, &group.report_kind).await?);
        }
        let catalogue = insight::indicators(self.clients(), cycle.catalogue_year).await?;
        let codes = insight::codes(&members);
        let ground = institution::Ground {
            rules,
            group,
            organisation: &input.organisation_code,
            year: input.year,
            members: &codes,
            years: &years,
        };
        let measures = institution::diagnose(&ground);
        let reported = |code: &String| years.get(&input.year).is_some_and(|values| values.has(code));
        let first = institution::first(rules, &measures);
        let shown = Shown { rules, group, catalogue: &catalogue };
        let unanswered = rules.unanswered.iter().filter(|one| one.groups.contains(&group.code));
        Ok(Response::new(GetDiagnosisResponse {
            organisation_name: Some(insight::name(&members, &input.organisation_code).into()),
            group: Some(convert::group(group)),
            year: input.year,
            released,
            reported: reported(&input.organisation_code),
            member_count: convert::count(codes.len()),
            reported_count: convert::count(codes.iter().filter(|code| reported(code)).count()),
            measures: measures.iter().map(|one| shown.measure(one)).collect(),
            first: first.iter().map(|one| one.indicator.code.clone()).collect(),
            unanswered: unanswered
                .map(|one| UnansweredRequirement {
                    name: Some(one.name.clone().into()),
                    reason: Some(one.reason.clone().into()),
                })
                .collect(),
            rules: Some(convert::rules(rules)),
            organisation_code: input.organisation_code,
        }))
    }

    async fn get_region_diagnosis(
        &self,
        request: Request<GetRegionDiagnosisRequest>,
    ) -> Result<Response<GetRegionDiagnosisResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::region())?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let (cycle, _) = self.cycles(input.year).await?;
        let rules = self.rules(input.year)?;
        let group = chosen_group(rules, &input.group_code)?;
        let indicator = chosen_indicator(rules, group, &input.indicator_code)?;
        let members = insight::institutions(self.clients(), &group.kinds()).await?;
        let values = self.insight.values(rules, input.year, &group.report_kind).await?;
        let catalogue = insight::indicators(self.clients(), cycle.catalogue_year).await?;
        let codes = insight::codes(&members);
        let ground = region::Ground { rules, group, members: &codes, values: &values };
        let shown = Shown { rules, group, catalogue: &catalogue };
        let ranking = ground.ranking(indicator);
        let after = page.after().unwrap_or_default();
        let begin = match ranking.iter().position(|place| place.organisation == after) {
            Some(place) => place + 1,
            None if after.is_empty() => 0,
            None => {
                return Err(Error::invalid(
                    "page_token",
                    "page_token 无效：请从头开始。",
                    "The page_token is not valid: start over.",
                )
                .into());
            }
        };
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
        let rows: Vec<&region::Place<'_>> = ranking.iter().skip(begin).take(limit).collect();
        let (rows, next_page_token) = page.finish(rows, |place| place.organisation.to_owned());
        let missing = ground.not_reported();
        let named = |code: &str| convert::named(code, &members);
        Ok(Response::new(GetRegionDiagnosisResponse {
            year: input.year,
            released: insight::is_released(&cycle),
            groups: rules.peer_groups.iter().map(convert::group).collect(),
            group_code: group.code.clone(),
            member_count: convert::count(codes.len()),
            distributions: ground
                .distributions()
                .iter()
                .map(|one| shown.distribution(one, one.indicator.code == indicator, &members))
                .collect(),
            indicator_code: indicator.to_owned(),
            institutions: rows.into_iter().map(|place| shown.place(place, &members)).collect(),
            next_page_token,
            not_reported_count: convert::count(missing.len()),
            not_reported: missing.into_iter().take(MOST_NAMED).map(named).collect(),
            rules: Some(convert::rules(rules)),
        }))
    }
}

impl Diagnosis {
    /// The peer group of an institution, and everybody in it.
    async fn peers<'r>(
        &self,
        rules: &'r Rules,
        organisation: &str,
    ) -> Result<(&'r PeerGroup, BTreeMap<String, Organisation>), Error> {
        let unknown = || Error::not_found("institution", organisation);
        let all: BTreeSet<_> = rules.peer_groups.iter().flat_map(PeerGroup::kinds).map(i32::from).collect();
        let kinds: Vec<_> = all.into_iter().filter_map(|kind| kind.try_into().ok()).collect();
        let mut institutions = insight::institutions(self.clients(), &kinds).await?;
        let kind = institutions.get(organisation).ok_or_else(unknown)?.kind();
        let group = rules.group_of(kind).ok_or_else(unknown)?;
        let kinds = group.kinds();
        institutions.retain(|_, one| kinds.contains(&one.kind()));
        Ok((group, institutions))
    }
}

fn chosen_group<'r>(rules: &'r Rules, code: &str) -> Result<&'r PeerGroup, Error> {
    let group = if code.is_empty() { rules.peer_groups.first() } else { rules.group(code) };
    group.ok_or_else(|| {
        Error::invalid(
            "group_code",
            "没有这一类学校：请从页面上的类别中选择。",
            "There is no such group of institutions: choose one of those shown.",
        )
    })
}

fn chosen_indicator<'r>(rules: &'r Rules, group: &PeerGroup, code: &str) -> Result<&'r str, Error> {
    let asked = rules.indicators_of(&group.code);
    let found = if code.is_empty() { asked.first() } else { asked.iter().find(|one| one.code == code) };
    found.map(|one| one.code.as_str()).ok_or_else(|| {
        Error::invalid(
            "indicator_code",
            "探诊规则里没有这项指标：请从页面上的指标中选择。",
            "The rules of the diagnosis do not have this indicator for the group: choose one of those shown.",
        )
    })
}
