//! MapService.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Resource};
use zhijian_proto::{
    identity::v1::{Organisation, organisation::Kind},
    publication::v1::{
        GetMapRequest, GetMapResponse, ListMapProgrammesRequest, ListMapProgrammesResponse, MapFilter,
        map_service_server::MapService,
    },
    submission::v1::{Cycle, cycle},
};

use super::map_convert::{self as convert, Districts};
use crate::{
    domain::map::{
        filter::Filter,
        rules::{Industries, Library},
        supply::{Counted, Grade, Item, Programme},
    },
    insight::{self, Insight},
};

/// The kinds of organisation that run programmes.
const KINDS: [Kind; 3] = [Kind::HigherVocational, Kind::SpecialisedSecondary, Kind::VocationalHigh];

/// Matches programmes with industries and districts.
pub struct Map {
    insight: Arc<Insight>,
    library: Arc<Library>,
}

/// What the map of a year is drawn from.
struct Ground<'a> {
    rules: &'a Industries,
    institutions: BTreeMap<String, Organisation>,
    programmes: Arc<Vec<Programme>>,
    grades: Arc<HashMap<String, Grade>>,
    released: bool,
    /// Those that the caller may choose, newest first.
    years: Vec<i32>,
}

impl Map {
    pub fn new(insight: Arc<Insight>, library: Arc<Library>) -> Self {
        Self { insight, library }
    }

    /// Everything about a year that the caller may see. To whoever may not see the year, it does not exist.
    async fn ground(&self, call: &Call, year: i32) -> Result<Ground<'_>, Error> {
        let clients = &self.insight.clients;
        let cycles = insight::cycles(clients).await?;
        let resource = |released: bool| Resource::new("map", year.to_string()).public(released);
        let begun: Vec<&Cycle> = cycles.iter().filter(|one| one.state() != cycle::State::Draft).collect();
        let found = begun.iter().find(|one| one.year == year);
        let released = found.is_some_and(|one| insight::is_released(one));
        let allowed = call.authorise(&resource(released));
        if found.is_none() || allowed.is_err() {
            return Err(Error::not_found("map", year));
        }
        let sees_all = call.may("map.read", &resource(false));
        let chosen = begun.iter().filter(|one| sees_all || insight::is_released(one));
        let years = chosen.map(|one| one.year).collect();
        let rules = self.library.of(year).ok_or_else(|| Error::not_found("map rules", year))?;
        let published = cycles.iter().filter(|one| insight::is_released(one) && one.year <= year);
        let graded: BTreeSet<i32> = published.map(|one| one.year).collect();
        Ok(Ground {
            rules,
            institutions: insight::institutions(clients, &KINDS).await?,
            programmes: self.insight.programmes().await?,
            grades: self.insight.grades(year, &graded).await?,
            released,
            years,
        })
    }
}

impl Ground<'_> {
    /// The programmes of institutions that exist, with what they match.
    fn items(&self) -> impl Iterator<Item = Item<'_>> {
        self.programmes.iter().filter_map(|programme| {
            let institution = self.institutions.get(&programme.organisation)?;
            let sector = self.rules.sector_of(&programme.code);
            let sector = sector.and_then(|one| Some((one, self.rules.industry(&one.industry)?)));
            Some(Item {
                programme,
                district: &institution.district,
                sector,
                grade: self.grades.get(&programme.id),
            })
        })
    }
}

fn filter(filter: Option<MapFilter>) -> Result<Filter, Error> {
    let missing = || Error::invalid("filter.year", "请给出年度。", "Say which year.");
    convert::filter(filter.filter(|one| one.year != 0).ok_or_else(missing)?)
}

#[tonic::async_trait]
impl MapService for Map {
    async fn get_map(&self, request: Request<GetMapRequest>) -> Result<Response<GetMapResponse>, Status> {
        let call = Call::of(&request)?;
        let asked = request.into_inner().filter;
        let ground = self.ground(&call, asked.as_ref().map_or(0, |one| one.year)).await;
        let filter = filter(asked)?;
        let ground = ground?;
        let counted = Counted::of(ground.rules, &filter, ground.items());
        let students = self.insight.students(filter.year).await?;
        let districts =
            Districts { rules: ground.rules, institutions: &ground.institutions, students: &students };
        Ok(Response::new(GetMapResponse {
            year: filter.year,
            released: ground.released,
            total: Some(convert::supply(&counted.total)),
            areas: convert::areas(ground.rules, &counted),
            unmatched: Some(convert::supply(&counted.unmatched)),
            districts: districts.tiles(&counted),
            cells: convert::cells(ground.rules, &counted),
            flows: convert::flows(ground.rules, &counted),
            crowded: counted.crowded.iter().map(convert::crowded).collect(),
            rules: Some(convert::rules(ground.rules)),
            years: ground.years,
        }))
    }

    async fn list_map_programmes(
        &self,
        request: Request<ListMapProgrammesRequest>,
    ) -> Result<Response<ListMapProgrammesResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let ground = self.ground(&call, input.filter.as_ref().map_or(0, |one| one.year)).await;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let filter = filter(input.filter)?;
        let ground = ground?;
        let mut left: Vec<Item<'_>> =
            ground.items().filter(|item| filter.leaves(item) && filter.counts(item)).collect();
        left.sort_by_cached_key(key);
        let total_size = i32::try_from(left.len()).unwrap_or(i32::MAX);
        let begin = page.after().map_or(0, |after| left.partition_point(|item| key(item).as_str() <= after));
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
        let rows: Vec<Item<'_>> = left.into_iter().skip(begin).take(limit).collect();
        let (rows, next_page_token) = page.finish(rows, key);
        let programmes = rows.iter().map(|item| convert::programme(item, &ground.institutions)).collect();
        Ok(Response::new(ListMapProgrammesResponse { programmes, next_page_token, total_size }))
    }
}

/// By institution, then by code; the id tells apart what a school runs at two levels.
fn key(item: &Item<'_>) -> String {
    let programme = item.programme;
    format!("{}/{}/{}", programme.organisation, programme.code, programme.id)
}
