//! Diagnosis and map of the same region, before and after its results are released.

use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::{Level, Text},
    publication::v1::{
        AnswerState, GetDiagnosisRequest, GetDiagnosisResponse, GetMapRequest, GetMapResponse,
        GetRegionDiagnosisRequest, GetRegionDiagnosisResponse, ListMapProgrammesRequest, MapFilter,
        map_filter::Change,
    },
    submission::v1::{ImportProgrammesRequest, Programme},
};

use crate::region::{COMMISSION, Region, SCHOOLS, request_id};

const SCHOOL: &str = SCHOOLS[0].0;
const OTHER: &str = SCHOOLS[1].0;

async fn diagnosis(clients: &Clients, code: &str, year: i32) -> Result<GetDiagnosisResponse, Status> {
    let request = GetDiagnosisRequest { organisation_code: code.to_owned(), year };
    Ok(clients.diagnosis().get_diagnosis(request).await?.into_inner())
}

async fn region_diagnosis(
    clients: &Clients,
    request: GetRegionDiagnosisRequest,
) -> Result<GetRegionDiagnosisResponse, Status> {
    Ok(clients.diagnosis().get_region_diagnosis(request).await?.into_inner())
}

fn of(year: i32) -> GetRegionDiagnosisRequest {
    GetRegionDiagnosisRequest { year, ..Default::default() }
}

async fn map(clients: &Clients, filter: MapFilter) -> Result<GetMapResponse, Status> {
    Ok(clients.map().get_map(GetMapRequest { filter: Some(filter) }).await?.into_inner())
}

fn in_year(year: i32) -> MapFilter {
    MapFilter { year, ..Default::default() }
}

fn code<T: std::fmt::Debug>(refused: Result<T, Status>) -> Code {
    refused.expect_err("refused").code()
}

/// As many institutions of the first group have reported for 2025.
pub async fn has_reports(region: &Region, reported: i32) {
    let higher = region_diagnosis(&region.commission, of(2025)).await.expect("seen");
    assert_eq!(higher.member_count - higher.not_reported_count, reported);
}

/// A programme that is registered, and then withdrawn, is on the map at the next look.
pub async fn a_changed_register_is_shown(region: &Region) {
    let put = async |withdrawn_year: i32| {
        let programme = Programme {
            organisation_code: OTHER.to_owned(),
            code: "510203".to_owned(),
            name: Some(Text { zh: "软件技术".to_owned(), en: "Software".to_owned() }),
            level: Level::Higher.into(),
            opened_year: 2015,
            withdrawn_year,
            ..Default::default()
        };
        let programmes = vec![programme];
        let request = ImportProgrammesRequest { request_id: request_id(), programmes, dry_run: false };
        region.commission.programmes().import_programmes(request).await.expect("imported");
        map(&region.anybody, in_year(2025)).await.expect("public").total.expect("counted").programmes
    };
    assert_eq!((put(0).await, put(2020).await), (10, 9));
}

/// The commission looks at what is not released; nobody else does.
pub async fn before_the_release(region: &Region) {
    let school = region.school(SCHOOL);
    assert_eq!(code(diagnosis(&school, SCHOOL, 2025).await), Code::PermissionDenied);
    assert_eq!(code(diagnosis(&region.anybody, SCHOOL, 2025).await), Code::Unauthenticated);
    assert_eq!(code(region_diagnosis(&school, of(2025)).await), Code::PermissionDenied);
    for clients in [&region.anybody, &school] {
        assert_eq!(code(map(clients, in_year(2025)).await), Code::NotFound);
    }
    let provisional = diagnosis(&region.commission, SCHOOL, 2025).await.expect("seen");
    assert!(!provisional.released && provisional.reported, "{provisional:?}");
    let provisional = map(&region.publisher, in_year(2025)).await.expect("seen");
    assert!(!provisional.released && provisional.years.contains(&2025), "{provisional:?}");
    // Grades that schools do not know yet are on no map.
    assert!(provisional.total.expect("counted").grades.is_empty());
}

/// A school sees itself, the region's page stays the commission's, and the map is everybody's.
pub async fn after_the_release(region: &Region) {
    the_school_sees_itself(region).await;
    the_commission_sees_everybody(region).await;
    the_map_is_public(region).await;
    programmes_are_listed_page_by_page(region).await;
}

async fn the_school_sees_itself(region: &Region) {
    let school = region.school(SCHOOL);
    let own = diagnosis(&school, SCHOOL, 2025).await.expect("released");
    assert_eq!(
        (own.group.expect("a group").code.as_str(), own.member_count, own.reported_count),
        ("higher", 2, 2)
    );
    let placement =
        own.measures.iter().find(|one| one.indicator.as_ref().is_some_and(|known| known.code == "SC04"));
    let placement = placement.expect("asked of everybody");
    assert_eq!((placement.answer(), placement.peer_count), (AnswerState::Value, 1));
    // One other institution would be named by its value.
    assert!(placement.peers.is_none() && placement.percentile.is_empty() && !placement.strength);
    // 2024 is closed, and not released.
    assert_eq!(placement.trend.iter().map(|point| point.year).collect::<Vec<_>>(), [2025]);
    let named = placement.indicator.clone().expect("there").name.expect("the catalogue's").zh;
    assert_eq!(named, "毕业去向落实率");

    assert_eq!(code(diagnosis(&school, OTHER, 2025).await), Code::PermissionDenied);
    assert_eq!(code(diagnosis(&school, SCHOOL, 2024).await), Code::PermissionDenied);
    assert_eq!(code(diagnosis(&school, SCHOOL, 1999).await), Code::PermissionDenied);
    assert_eq!(code(diagnosis(&region.commission, SCHOOL, 1999).await), Code::NotFound);
    assert_eq!(code(diagnosis(&region.commission, COMMISSION, 2025).await), Code::NotFound);
    assert_eq!(code(diagnosis(&region.commission, "no such code", 2025).await), Code::NotFound);
}

async fn the_commission_sees_everybody(region: &Region) {
    let higher = region_diagnosis(&region.commission, of(2025)).await.expect("seen");
    assert_eq!(
        (higher.group_code.as_str(), higher.member_count, higher.not_reported_count),
        ("higher", 2, 0)
    );
    assert_eq!(higher.groups.len(), 3);
    assert_eq!(higher.institutions.len(), 2);
    let of_all =
        higher.distributions.iter().filter_map(|one| one.spread.as_ref()).all(|spread| spread.count <= 2);
    assert!(of_all);

    let page = |page_token: String| GetRegionDiagnosisRequest {
        indicator_code: "RES01".to_owned(),
        page_size: 1,
        page_token,
        ..of(2025)
    };
    let first = region_diagnosis(&region.commission, page(String::new())).await.expect("a page");
    let second = region_diagnosis(&region.commission, page(first.next_page_token)).await.expect("a page");
    assert!(second.next_page_token.is_empty());
    let institution =
        |page: &GetRegionDiagnosisResponse| page.institutions[0].institution.clone().expect("named");
    assert_ne!(first.institutions[0].institution, Some(institution(&second)));

    for request in [
        GetRegionDiagnosisRequest { group_code: "primary".to_owned(), ..of(2025) },
        GetRegionDiagnosisRequest { indicator_code: "BAS15".to_owned(), ..of(2025) },
        GetRegionDiagnosisRequest { page_size: -1, ..of(2025) },
        GetRegionDiagnosisRequest { page_token: "nonsense".to_owned(), ..of(2025) },
    ] {
        assert_eq!(code(region_diagnosis(&region.commission, request).await), Code::InvalidArgument);
    }
    assert_eq!(code(region_diagnosis(&region.commission, of(1999)).await), Code::NotFound);
    assert_eq!(code(region_diagnosis(&region.school(SCHOOL), of(2025)).await), Code::PermissionDenied);
}

async fn the_map_is_public(region: &Region) {
    let whole = map(&region.anybody, in_year(2025)).await.expect("public");
    assert!(whole.released);
    assert_eq!(whole.years, [2025]);
    let total = whole.total.clone().expect("counted");
    // Two with a pathway, four new ones, three pilots; all of one school, none opened in 2025.
    assert_eq!((total.programmes, total.institutions, total.opened), (9, 1, 0));
    assert_eq!(total.grades.iter().map(|one| one.count).sum::<i32>(), 7);
    assert_eq!(total.grades.first().expect("graded").grade, "A+");
    let industries: Vec<_> = whole.areas.iter().flat_map(|area| &area.industries).collect();
    let sectors = industries.iter().map(|one| one.sectors.len()).sum::<usize>();
    assert_eq!((whole.areas.len(), industries.len(), sectors), (3, 17, 47));
    let counted: i32 =
        industries.iter().filter_map(|one| one.supply.as_ref()).map(|supply| supply.programmes).sum();
    assert_eq!(counted + whole.unmatched.expect("counted").programmes, 9);
    assert_eq!(whole.flows.iter().map(|flow| flow.programmes).sum::<i32>(), 9);
    // The institutions of this region have no district, and enough of them to tell their students.
    assert_eq!(whole.districts.len(), 1);
    assert!(whole.districts[0].students.is_some_and(|students| students > 0));

    let of = async |filter: MapFilter| {
        map(&region.anybody, filter).await.expect("public").total.expect("counted").programmes
    };
    assert_eq!(of(MapFilter { change: Change::New.into(), ..in_year(2025) }).await, 0);
    assert_eq!(of(MapFilter { level: Level::Secondary.into(), ..in_year(2025) }).await, 0);
    assert_eq!(of(MapFilter { industry_code: "it".to_owned(), ..in_year(2025) }).await, 1);
    assert_eq!(of(MapFilter { grade: "A".to_owned(), grade_group: true, ..in_year(2025) }).await, 3);
    assert_eq!(of(MapFilter { grade: "C-".to_owned(), ..in_year(2025) }).await, 1);
    assert_eq!(of(MapFilter { organisation_code: OTHER.to_owned(), ..in_year(2025) }).await, 0);

    // 2024 is not released; 1999 never was. Nobody outside can tell them apart.
    for year in [2024, 1999] {
        assert_eq!(code(map(&region.anybody, in_year(year)).await), Code::NotFound, "{year}");
    }
    assert_eq!(code(map(&region.anybody, in_year(0)).await), Code::InvalidArgument);
    let odd = MapFilter { level: 9, ..in_year(2025) };
    assert_eq!(code(map(&region.anybody, odd).await), Code::InvalidArgument);
}

async fn programmes_are_listed_page_by_page(region: &Region) {
    let mut listed = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListMapProgrammesRequest { filter: Some(in_year(2025)), page_size: 4, page_token };
        let page = region.anybody.map().list_map_programmes(request).await.expect("public").into_inner();
        assert!(page.programmes.len() <= 4 && page.total_size == 9);
        listed.extend(page.programmes);
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    let codes: Vec<&str> = listed.iter().map(|one| one.code.as_str()).collect();
    assert!(codes.is_sorted() && codes.len() == 9, "{codes:?}");
    let graded = listed.iter().find(|one| one.code == "510202").expect("listed");
    assert_eq!((graded.grade.as_str(), graded.grade_year, graded.industry_code.as_str()), ("A+", 2025, "it"));
    assert!(graded.organisation_name.as_ref().is_some_and(|name| name.zh.contains("甲职业学院")));
}
