//! The commission's desk in pages: progress, reminders, exports, burden, and what changed between two revisions.

#[path = "../common/mod.rs"]
mod common;
mod reminders;

use std::sync::{Arc, Mutex};

use common::{
    Browser, Fake,
    world::{SCHOOL, number, refusal, reporting, text},
};
use http::{StatusCode, header};
use tonic::{Code, Request};
use zhijian_proto::{
    common::v1::{Operation, operation},
    submission::v1::{list_progress_request::Order, progress_filter::Condition, *},
};

type Calls<T> = Arc<Mutex<Vec<T>>>;

fn taken<T>(calls: &Calls<T>) -> T {
    calls.lock().expect("no panic").remove(0)
}

fn count(kind: &str, district: &str, state: submission::State, count: i32, late: i32) -> ProgressCount {
    ProgressCount {
        report_kind: kind.into(),
        district: district.into(),
        state: state.into(),
        count,
        late,
        ..ProgressCount::default()
    }
}

/// A desk with six expected reports, of which it lists one that was given more time and one that is late.
fn desk(calls: &Calls<ListProgressRequest>) -> Fake {
    let record = calls.clone();
    reporting(vec![])
        .on("submission.v1.DeskService/CountProgress", |_: Request<CountProgressRequest>| {
            use submission::State;
            Ok(CountProgressResponse {
                counts: vec![
                    count("higher", "东城区", State::Accepted, 2, 0),
                    count("higher", "东城区", State::Draft, 1, 1),
                    count("higher", "", State::Submitted, 1, 0),
                    count("higher", "海淀区", State::Unspecified, 2, 2),
                ],
            })
        })
        .on("submission.v1.DeskService/ListProgress", move |request: Request<ListProgressRequest>| {
            record.lock().expect("no panic").push(request.into_inner());
            let at = |seconds: i64| Some(prost_types::Timestamp { seconds, nanos: 0 });
            let one = |code: &str, name: &str| Progress {
                report_kind: "higher".into(),
                organisation_code: code.into(),
                subject_code: code.into(),
                organisation_name: text(name, name),
                subject_name: text(name, name),
                district: "东城区".into(),
                filled_cells: 30,
                required_cells: 135,
                written_sections: 3,
                required_sections: 9,
                ..Progress::default()
            };
            Ok(ListProgressResponse {
                progress: vec![
                    Progress {
                        submission_id: "sub_1".into(),
                        state: submission::State::Draft.into(),
                        due_time: at(4_000_000_000),
                        extended: true,
                        ..one(SCHOOL, "演示松石学院")
                    },
                    Progress {
                        due_time: at(1_700_000_000),
                        grace_end_time: at(1_700_003_600),
                        late: true,
                        ..one("4111000002", "演示青竹学院")
                    },
                ],
                next_page_token: "more".into(),
                total_size: 6,
            })
        })
}

#[tokio::test]
async fn the_desk_counts_by_kind_and_district_and_keeps_its_filter_in_the_address() {
    let calls = Calls::default();
    let browser = Browser::new(desk(&calls).serve().await, "commission");
    let page = browser
        .get("/desk?year=2026&district=%E4%B8%9C%E5%9F%8E%E5%8C%BA&want=late&sort=-filled&q=%E6%9D%BE%E7%9F%B3")
        .await;
    assert_eq!(page.status, StatusCode::OK);
    let call = taken(&calls);
    let filter = call.filter.clone().expect("a filter");
    assert_eq!((filter.condition(), filter.district.as_str()), (Condition::Late, "东城区"));
    assert_eq!((call.order(), call.descending, filter.search.as_str()), (Order::Filled, true, "松石"));

    // The finding stands above its chart, and the table behind it leads to the reports.
    assert!(page.body.contains("应交 6 份，已接收 2 份"), "{}", page.body);
    assert!(page.body.contains("3 个区（含市属）中 0 个已全部接收"), "{}", page.body);
    assert!(page.body.contains("href=\"/desk?year=2026&amp;kind=higher&amp;state=not-begun#reports\">2</a>"));
    assert!(page.body.contains("市属（不分区）"));
    assert!(page.body.contains("aria-sort=\"descending\""), "{}", page.body);
    assert!(page.body.contains("已准予延期") && page.body.contains("逾期"), "{}", page.body);
    assert!(page.body.contains("/desk/files/progress.xlsx?year=2026&amp;district="), "{}", page.body);
    // The next page keeps the filter.
    assert!(page.body.contains("sort=-filled&amp;page=more"), "{}", page.body);

    let english =
        browser.get_with("/desk?year=2026", "cookie", "zhijian_session=commission; zhijian_lang=en").await;
    assert!(english.body.contains("2 of 6 reports are accepted"), "{}", english.body);
}

#[tokio::test]
async fn the_list_is_exported_as_it_is_filtered() {
    let asked: Calls<ExportProgressRequest> = Calls::default();
    let record = asked.clone();
    let fake = desk(&Calls::default()).streams(
        "submission.v1.DeskService/ExportProgress",
        move |request: Request<ExportProgressRequest>| {
            record.lock().expect("no panic").push(request.into_inner());
            let piece = |data: &str| ExportProgressResponse { data: data.as_bytes().to_vec() };
            Ok(vec![piece("\u{feff}甲,"), piece("乙\r\n")])
        },
    );
    let browser = Browser::new(fake.serve().await, "commission");
    let file = browser.get("/desk/files/progress.csv?year=2026&kind=higher&sort=state").await;
    assert_eq!(file.body, "\u{feff}甲,乙\r\n");
    assert_eq!(file.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert_eq!(file.headers[header::CONTENT_DISPOSITION], "attachment; filename*=UTF-8''progress-2026.csv");
    let call = taken(&asked);
    assert_eq!((call.format(), call.order()), (FileFormat::Csv, Order::State));
    assert_eq!(call.filter.expect("a filter").report_kind, "higher");
    assert_eq!(browser.get("/desk/files/progress.pdf?year=2026").await.status, StatusCode::NOT_FOUND);
}

fn export(state: operation::State) -> Export {
    let finished = state == operation::State::Succeeded;
    Export {
        export_id: "exp_1".into(),
        cycle_year: 2026,
        format: FileFormat::Xlsx.into(),
        operation: Some(Operation { state: state.into(), done: 3, total: 8, ..Operation::default() }),
        file_name: "全部 2026.xlsx".into(),
        size: if finished { 4 } else { 0 },
        sha256: if finished { "5947444e9c2e4c4e00".into() } else { String::new() },
        ..Export::default()
    }
}

fn exporting(state: operation::State) -> Fake {
    reporting(vec![])
        .on("submission.v1.DeskService/ListExports", move |_: Request<ListExportsRequest>| {
            Ok(ListExportsResponse { exports: vec![export(state)], next_page_token: String::new() })
        })
        .on("submission.v1.DeskService/GetExport", move |_: Request<GetExportRequest>| {
            Ok(GetExportResponse { export: Some(export(state)) })
        })
        .on("submission.v1.DeskService/StartExport", |request: Request<StartExportRequest>| {
            if request.get_ref().format() == FileFormat::Unspecified {
                return Err(refusal(Code::InvalidArgument, "INVALID_FIELD", "请选择文件格式。"));
            }
            Ok(StartExportResponse { export: Some(export(operation::State::Queued)) })
        })
        .streams("submission.v1.DeskService/DownloadExport", |_: Request<DownloadExportRequest>| {
            let piece = |data: &str| DownloadExportResponse { data: data.as_bytes().to_vec() };
            Ok(vec![piece("ab"), piece("cd")])
        })
}

#[tokio::test]
async fn an_export_is_begun_followed_and_fetched() {
    let browser = Browser::new(exporting(operation::State::Running).serve().await, "commission");
    let sent = browser.post("/exports", &[("year", "2026"), ("format", "xlsx")]).await;
    assert_eq!(sent.location(), "/exports");
    let page = browser.get("/exports").await;
    assert!(page.body.contains("data-operation=\"/exports/exp_1/operation\""), "{}", page.body);
    assert!(page.body.contains("http-equiv=\"refresh\""), "it is followed without script as well");
    let state: serde_json::Value =
        serde_json::from_str(&browser.get("/exports/exp_1/operation").await.body).expect("JSON");
    assert_eq!((state["ended"].as_bool(), state["done"].as_i64()), (Some(false), Some(3)));
    let wrong = browser.post("/exports", &[("year", "2026"), ("format", "pdf")]).await;
    assert!(wrong.body.contains("请选择文件格式"), "{}", wrong.body);

    let browser = Browser::new(exporting(operation::State::Succeeded).serve().await, "commission");
    let page = browser.get("/exports").await;
    assert!(
        page.body.contains("href=\"/exports/exp_1/file\"") && !page.body.contains("refresh"),
        "{}",
        page.body
    );
    let file = browser.get("/exports/exp_1/file").await;
    assert_eq!(file.body, "abcd");
    assert_eq!(file.headers[header::CONTENT_LENGTH], "4");
    let named = file.headers[header::CONTENT_DISPOSITION].to_str().expect("ASCII");
    assert!(named.contains("%E5%85%A8%E9%83%A8%202026.xlsx"), "{named}");
}

#[tokio::test]
async fn the_burden_is_shown_by_place_with_its_chart_and_table() {
    let spread = |median: i64| {
        Some(Spread { least: 60, lower: median / 2, median, upper: median * 2, most: median * 4, count: 5 })
    };
    let place = move |place: &str, zh: &str, median: i64| PlaceBurden {
        report_kind: "higher".into(),
        place: place.into(),
        name: text(zh, zh),
        seconds: spread(median),
        edits: spread(9),
    };
    let report = || ReportBurden {
        submission_id: "sub_1".into(),
        report_kind: "higher".into(),
        subject_name: text("演示松石学院", "Demo College"),
        seconds: 7260,
        edits: 140,
        sessions: 4,
        submit_hours: Some(30),
        ..ReportBurden::default()
    };
    let fake = reporting(vec![])
        .on("submission.v1.DeskService/GetBurden", move |_: Request<GetBurdenRequest>| {
            Ok(GetBurdenResponse {
                kinds: vec![KindBurden {
                    report_kind: "higher".into(),
                    seconds: spread(3600),
                    edits: spread(120),
                    ..KindBurden::default()
                }],
                places: vec![place("SC", "计分卡", 600), place("section:talent", "人才培养", 2400)],
                gap_minutes: 10,
            })
        })
        .on("submission.v1.DeskService/ListBurden", move |_: Request<ListBurdenRequest>| {
            Ok(ListBurdenResponse { reports: vec![report()], next_page_token: String::new() })
        })
        .on("submission.v1.DeskService/GetReportBurden", move |_: Request<GetReportBurdenRequest>| {
            let place = |place: &str, zh: &str, seconds: i64| ReportPlace {
                place: place.into(),
                name: text(zh, zh),
                seconds,
                edits: 3,
            };
            Ok(GetReportBurdenResponse {
                report: Some(report()),
                places: vec![place("SC", "计分卡", 1860), place("section:talent", "人才培养", 5400)],
                gap_minutes: 10,
            })
        });
    let clients = fake.serve().await;
    let page = Browser::new(clients.clone(), "commission").get("/burden?year=2026").await;
    assert!(page.body.contains("最费时的是“人才培养”：中位 40 分"), "{}", page.body);
    assert!(page.body.contains("看数据表") && page.body.contains("不按人统计"), "{}", page.body);
    assert!(page.body.contains("/submissions/sub_1/burden") && page.body.contains("2 小时 1 分"));
    let own = Browser::new(clients, "school").get("/submissions/sub_1/burden").await;
    assert_eq!(own.status, StatusCode::OK);
    assert!(own.body.contains("“人才培养”用时最多：1 小时 30 分"), "{}", own.body);
    assert!(own.body.contains(">31 分</td>"), "{}", own.body);
}

#[tokio::test]
async fn two_revisions_are_compared_at_an_address_that_can_be_sent_on() {
    let asked: Calls<CompareRevisionsRequest> = Calls::default();
    let record = asked.clone();
    let fake = reporting(vec![])
        .on("submission.v1.SubmissionService/ListRevisions", |_: Request<ListRevisionsRequest>| {
            let revision = |number: i32| Revision { number, ..Revision::default() };
            Ok(ListRevisionsResponse { revisions: vec![revision(1), revision(2)] })
        })
        .on(
            "submission.v1.DeskService/CompareRevisions",
            move |request: Request<CompareRevisionsRequest>| {
                let request = request.into_inner();
                if request.from_revision > 2 {
                    return Err(refusal(Code::NotFound, "NOT_FOUND", "没有第 7 版。"));
                }
                record.lock().expect("no panic").push(request);
                let passage = |kind: passage::Kind, text: &str| Passage {
                    kind: kind.into(),
                    text: text.into(),
                    characters: 0,
                };
                Ok(CompareRevisionsResponse {
                    changes: vec![
                        Change {
                            kind: change::Kind::Cell.into(),
                            code: "SC01".into(),
                            name: text("毕业生人数", "Graduates"),
                            unit: text("人", "people"),
                            old_value: number("1000"),
                            new_value: number("800"),
                            difference: "-200".into(),
                            percent: "-20".into(),
                            ..Change::default()
                        },
                        Change {
                            kind: change::Kind::Section.into(),
                            code: "talent".into(),
                            name: text("人才培养", "Talent"),
                            passages: vec![
                                passage(passage::Kind::Same, "学校"),
                                passage(passage::Kind::Removed, "稳步"),
                                passage(passage::Kind::Added, "显著"),
                                passage(passage::Kind::Same, "提高"),
                            ],
                            ..Change::default()
                        },
                    ],
                    unchanged_cells: 40,
                    unchanged_sections: 6,
                })
            },
        );
    let clients = fake.serve().await;
    for who in ["school", "commission"] {
        let page =
            Browser::new(clients.clone(), who).get("/submissions/sub_1/revisions/compare?from=1&to=2").await;
        assert_eq!(page.status, StatusCode::OK, "{who}");
        let call = taken(&asked);
        assert_eq!((call.from_revision, call.to_revision), (1, 2));
        assert!(page.body.contains("学校<del>稳步</del><ins>显著</ins>提高"), "{}", page.body);
        assert!(
            page.body.contains("<del>1000</del>") && page.body.contains("<ins>800</ins>"),
            "{}",
            page.body
        );
        assert!(page.body.contains("−200") && page.body.contains("40 项相同"), "{}", page.body);
    }
    // Without a choice: what the school works on, against what it handed in last.
    Browser::new(clients.clone(), "school").get("/submissions/sub_1/revisions/compare").await;
    let call = taken(&asked);
    assert_eq!((call.from_revision, call.to_revision), (2, 0));
    let missing =
        Browser::new(clients, "school").get("/submissions/sub_1/revisions/compare?from=7&to=1").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}
