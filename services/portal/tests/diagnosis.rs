//! Diagnosis and map in pages.

mod common;

use std::sync::{Arc, Mutex};

use common::{
    Browser, Fake,
    world::{SCHOOL, in_year, refusal, text},
};
use http::{StatusCode, header};
use tonic::{Code, Request};
use zhijian_proto::{
    common::v1::Level,
    identity::v1::{ListOrganisationsRequest, ListOrganisationsResponse, Organisation},
    publication::v1::{
        diagnosed_measure::{Reason, Standing},
        map_sector, *,
    },
    submission::v1::cycle,
};

type Calls<T> = Arc<Mutex<Vec<T>>>;

fn taken<T>(calls: &Calls<T>) -> T {
    calls.lock().expect("no panic").remove(0)
}

fn organisations(fake: Fake) -> Fake {
    fake.on("identity.v1.OrganisationService/ListOrganisations", |_: Request<ListOrganisationsRequest>| {
        let one = |code: &str, name: &str| Organisation {
            code: code.into(),
            name: text(name, name),
            ..Organisation::default()
        };
        Ok(ListOrganisationsResponse {
            organisations: vec![one(SCHOOL, "演示松石学院"), one("4111000002", "演示青竹学院")],
            next_page_token: String::new(),
        })
    })
}

fn indicator(code: &str, name: &str, unit: &str) -> DiagnosedIndicator {
    DiagnosedIndicator {
        code: code.into(),
        name: text(name, name),
        unit: text(unit, unit),
        decimals: 2,
        direction: diagnosed_indicator::Direction::Up.into(),
        theme: text("学生发展", "Students"),
        ..DiagnosedIndicator::default()
    }
}

fn spread() -> ValueSpread {
    let values = ["90", "92", "94", "96", "98"];
    ValueSpread {
        count: 5,
        least: "90".into(),
        lower: "92".into(),
        median: "94".into(),
        upper: "96".into(),
        most: "98".into(),
        mad: "2".into(),
        values: values.map(str::to_owned).to_vec(),
    }
}

fn rules() -> DiagnosisRules {
    DiagnosisRules {
        min_peers: 5,
        strength_from: "75".into(),
        gap_to: "25".into(),
        fall_share: "0.1".into(),
        decline_years: 2,
        outlier_z: "3.5".into(),
        points: vec![5, 3, 2, 2, 1],
        ..DiagnosisRules::default()
    }
}

/// A school whose placement fell below its peers', and whose teachers are no sum of anything.
fn diagnosed(calls: &Calls<GetDiagnosisRequest>) -> Fake {
    let record = calls.clone();
    organisations(in_year(cycle::State::Released)).on(
        "publication.v1.DiagnosisService/GetDiagnosis",
        move |request: Request<GetDiagnosisRequest>| {
            let asked = request.into_inner();
            record.lock().expect("no panic").push(asked.clone());
            let point =
                |year, value: &str| DiagnosisPoint { year, value: value.into(), peer_median: "94".into() };
            let low = DiagnosedMeasure {
                indicator: Some(DiagnosedIndicator {
                    threshold: Some(DiagnosisThreshold {
                        at_least: "95".into(),
                        source: text("某某标准", "A standard"),
                        ..DiagnosisThreshold::default()
                    }),
                    ..indicator("SC04", "毕业去向落实率", "%")
                }),
                answer: AnswerState::Value.into(),
                value: "91".into(),
                peer_count: 5,
                peers: Some(spread()),
                percentile: "20".into(),
                favourable_percentile: "20".into(),
                standing: Standing::NotMet.into(),
                trend: vec![point(2025, "96.5"), point(2026, "91")],
                change: "-5.5".into(),
                reasons: vec![Reason::Threshold.into(), Reason::Gap.into()],
                priority: 40,
                ..DiagnosedMeasure::default()
            };
            let few = DiagnosedMeasure {
                indicator: Some(indicator("SC09", "月收入", "元")),
                answer: AnswerState::Value.into(),
                value: "5000".into(),
                peer_count: 3,
                ..DiagnosedMeasure::default()
            };
            let none = DiagnosedMeasure {
                indicator: Some(indicator("SC13", "自主创业率", "%")),
                answer: AnswerState::NotApplicable.into(),
                ..DiagnosedMeasure::default()
            };
            Ok(GetDiagnosisResponse {
                organisation_code: asked.organisation_code,
                organisation_name: text("演示松石学院", "Songshi"),
                group: Some(PeerGroup { code: "higher".into(), name: text("高等职业学校", "Higher") }),
                year: 2026,
                released: true,
                reported: true,
                member_count: 6,
                reported_count: 6,
                measures: vec![low, few, none],
                first: vec!["SC04".into()],
                unanswered: vec![UnansweredRequirement {
                    name: text("校舍面积", "Floor area"),
                    reason: text("没有填报", "not reported"),
                }],
                rules: Some(rules()),
            })
        },
    )
}

#[tokio::test]
async fn a_school_sees_where_it_stands_and_what_to_look_at_first() {
    let calls = Calls::default();
    let browser = Browser::new(diagnosed(&calls).serve().await, "school");
    let page = browser.get("/diagnosis").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        (taken(&calls).organisation_code.as_str(), page.body.contains("id=\"school\"")),
        (SCHOOL, false)
    );
    for said in [
        "先看什么",
        "href=\"#i-SC04\"",
        "91.00%，高于 20% 的同类学校",
        "未达标",
        "短板",
        "比上一发布年度降 5.50 个百分点",
        "不低于 95.00%",
        "某某标准",
        "仅 3 所有数，不作比较",
        "不适用",
        "校舍面积",
        "尚未",
    ] {
        assert_eq!(page.body.contains(said), said != "尚未", "{said}: {}", page.body);
    }
    // Five peers and no name among them.
    assert_eq!(page.body.matches("<circle class=\"peer\"").count(), 5);
    assert!(!page.body.contains("演示青竹学院"), "{}", page.body);

    let file = browser.get("/diagnosis/file.csv").await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(
        file.body
            .contains("SC04,毕业去向落实率,%,91,5,90,92,94,96,98,20,-5.5,不低于 95.00%,未达标、短板\r\n"),
        "{}",
        file.body
    );
    assert_eq!(browser.get("/diagnosis?year=1999").await.status, StatusCode::NOT_FOUND);
    let english = browser.get_with("/diagnosis", "cookie", "zhijian_session=school; zhijian_lang=en").await;
    assert!(english.body.contains("What to look at first"), "{}", english.body);
}

#[tokio::test]
async fn the_commission_chooses_and_nobody_else_enters() {
    let calls = Calls::default();
    let clients = diagnosed(&calls).serve().await;
    let page = Browser::new(clients.clone(), "commission").get("/diagnosis?school=4111000002").await;
    assert_eq!(taken(&calls).organisation_code, "4111000002");
    assert!(page.body.contains("演示青竹学院"), "{}", page.body);
    assert_eq!(Browser::new(clients, "").get("/diagnosis").await.status, StatusCode::SEE_OTHER);

    // Before a year is released a school is told so.
    let waiting = organisations(in_year(cycle::State::Closed)).serve().await;
    let page = Browser::new(waiting, "school").get("/diagnosis").await;
    assert!(page.status == StatusCode::OK && page.body.contains("还没有可以探诊的年度"), "{}", page.body);
}

#[tokio::test]
async fn the_region_names_outliers_and_who_is_missing() {
    let calls: Calls<GetRegionDiagnosisRequest> = Calls::default();
    let record = calls.clone();
    let fake = in_year(cycle::State::Collecting).on(
        "publication.v1.DiagnosisService/GetRegionDiagnosis",
        move |request: Request<GetRegionDiagnosisRequest>| {
            record.lock().expect("no panic").push(request.into_inner());
            let named = |code: &str, name: &str| NamedInstitution {
                organisation_code: code.into(),
                organisation_name: text(name, name),
            };
            Ok(GetRegionDiagnosisResponse {
                year: 2026,
                groups: vec![PeerGroup { code: "higher".into(), name: text("高等职业学校", "Higher") }],
                group_code: "higher".into(),
                member_count: 6,
                distributions: vec![IndicatorDistribution {
                    indicator: Some(indicator("SC04", "毕业去向落实率", "%")),
                    spread: Some(spread()),
                    outliers: vec![named("4111000002", "演示青竹学院")],
                    outlier_count: 1,
                    ..IndicatorDistribution::default()
                }],
                indicator_code: "SC04".into(),
                institutions: vec![InstitutionPlace {
                    institution: Some(named("4111000002", "演示青竹学院")),
                    answer: AnswerState::Value.into(),
                    value: "98".into(),
                    percentile: "90".into(),
                    robust_z: "4".into(),
                    outlier: true,
                }],
                next_page_token: "more".into(),
                not_reported: vec![named("4111000003", "演示白桦学院")],
                not_reported_count: 1,
                released: false,
                rules: Some(rules()),
            })
        },
    );
    let browser = Browser::new(fake.serve().await, "commission");
    let page = browser.get("/diagnosis/region?group=higher&indicator=SC04").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!((taken(&calls).indicator_code.as_str(), page.body.contains("尚未发布")), ("SC04", true));
    for said in [
        "中位 94.00%，中间一半在 92.00% 至 96.00%",
        "1 所离群：演示青竹学院",
        "没有已接收年报的学校：演示白桦学院",
        "indicator=SC04&amp;page=more",
        "/diagnosis?year=2026&amp;school=4111000002",
    ] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let file = browser.get("/diagnosis/region/distributions.csv?group=higher").await;
    assert!(file.body.contains("SC04,毕业去向落实率,%,5,0,0,90,92,94,96,98,2,1,\r\n"), "{}", file.body);
    assert_eq!(browser.get("/diagnosis/region/other.csv").await.status, StatusCode::NOT_FOUND);
}

fn on_map(calls: &Calls<MapFilter>) -> Fake {
    let record = calls.clone();
    let supply = |programmes| Some(Supply { programmes, institutions: 1, opened: 1, ..Supply::default() });
    in_year(cycle::State::Released)
        .on("publication.v1.MapService/GetMap", move |request: Request<GetMapRequest>| {
            let filter = request.into_inner().filter.expect("a filter");
            if filter.year != 2026 {
                return Err(refusal(Code::NotFound, "NOT_FOUND", "找不到 map。"));
            }
            record.lock().expect("no panic").push(filter);
            let sector = |code: &str, name: &str, programmes, standing: map_sector::Standing| MapSector {
                code: code.into(),
                name: text(name, name),
                supply: supply(programmes),
                standing: standing.into(),
                classes: vec![],
            };
            let industry = MapIndustry {
                code: "it".into(),
                name: text("新一代信息技术", "Information technology"),
                supply: supply(2),
                sectors: vec![
                    sector("it-1", "软件与信息服务", 2, map_sector::Standing::Crowded),
                    sector("it-2", "网络与通信", 0, map_sector::Standing::Gap),
                ],
            };
            Ok(GetMapResponse {
                year: 2026,
                released: true,
                total: supply(2),
                areas: vec![MapArea {
                    code: "advanced".into(),
                    name: text("高精尖产业", "Advanced"),
                    industries: vec![industry],
                }],
                unmatched: supply(0),
                districts: vec![MapDistrict {
                    name: "云川区".into(),
                    name_en: "Yunchuan".into(),
                    row: 1,
                    column: 1,
                    supply: supply(2),
                    institution_count: 1,
                    students: None,
                }],
                cells: vec![MapCell {
                    industry_code: "it".into(), district: "云川区".into(), programmes: 2
                }],
                flows: vec![MapFlow {
                    class_code: "51".into(),
                    class_name: text("电子与信息", "Electronics"),
                    industry_code: "it".into(),
                    programmes: 2,
                }],
                crowded: vec![CrowdedProgramme {
                    code: "510203".into(),
                    name: text("软件技术", "Software"),
                    level: Level::Higher.into(),
                    institutions: 9,
                }],
                rules: Some(MapRules {
                    note: text("演示用编者自拟", "Editors' own"),
                    editorial: true,
                    thin_below: 3,
                    crowded_times: 3,
                    crowded_institutions: 8,
                    min_institutions: 3,
                }),
                years: vec![2026],
            })
        })
        .on("publication.v1.MapService/ListMapProgrammes", |request: Request<ListMapProgrammesRequest>| {
            if request.get_ref().filter.as_ref().is_none_or(|filter| filter.year != 2026) {
                return Err(refusal(Code::NotFound, "NOT_FOUND", "找不到 map。"));
            }
            let programme = MapProgramme {
                code: "510203".into(),
                name: text("软件技术", "Software"),
                level: Level::Higher.into(),
                organisation_code: SCHOOL.into(),
                organisation_name: text("演示松石学院", "Songshi"),
                district: "云川区".into(),
                opened_year: 2015,
                sector_code: "it-1".into(),
                industry_code: "it".into(),
                grade: "A+".into(),
                grade_year: 2025,
                ..MapProgramme::default()
            };
            Ok(ListMapProgrammesResponse {
                programmes: vec![programme],
                next_page_token: String::new(),
                total_size: 1,
            })
        })
}

#[tokio::test]
async fn the_map_is_for_everybody_and_leads_down_to_institutions() {
    let calls = Calls::default();
    let browser = Browser::new(on_map(&calls).serve().await, "");
    let page = browser.get("/map?year=2026&level=higher&grade=A*").await;
    assert_eq!(page.status, StatusCode::OK);
    let asked = taken(&calls);
    assert_eq!((asked.level(), asked.grade.as_str(), asked.grade_group), (Level::Higher, "A", true));
    for said in [
        "/map?year=2026&amp;level=higher&amp;industry=it&amp;grade=A%2A",
        "云川区 2",
        "演示用编者自拟",
        "专业点（1 个）",
        "软件技术",
        "电子与信息 2",
        "school=4111000001",
    ] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    // Students of too few institutions are a dash, never a nought.
    assert!(page.body.contains("<td class=\"number\">—</td>"), "{}", page.body);
    assert_eq!(page.body.matches("看数据表").count(), 4, "{}", page.body);

    let page = browser.get("/map?year=2026&industry=it").await;
    assert!(
        page.body.contains("“新一代信息技术”共 2 个专业点") && page.body.contains("集中"),
        "{}",
        page.body
    );
    let file = browser.get("/map/programmes.csv?year=2026").await;
    assert!(file.body.contains("510203,软件技术,高职,4111000001,演示松石学院,云川区,新一代信息技术,软件与信息服务,2015,,A+,2025\r\n"), "{}", file.body);
    for missing in ["/map?year=2025", "/map/programmes.csv?year=1999"] {
        assert_eq!(browser.get(missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn before_any_release_the_map_says_so() {
    let browser = Browser::new(in_year(cycle::State::Collecting).serve().await, "");
    let page = browser.get("/map").await;
    assert!(page.status == StatusCode::OK && page.body.contains("还没有已发布的年度"), "{}", page.body);
}
