//! The steps that each role takes, from the page to the call and back.

mod common;

use std::sync::{Arc, Mutex};

use common::{
    Browser, Fake,
    world::{SCHOOL, at_the_front, in_year, people, refusal, reporting, text},
};
use http::StatusCode;
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt};
use zhijian_proto::{
    common::v1::{GetOperationRequest, GetOperationResponse, Operation, operation},
    publication::v1::{
        GetReleaseRequest, GetReleaseResponse, ListTablesRequest, ListTablesResponse, OpenNoticeRequest,
        OpenNoticeResponse, Release, release,
    },
    review::v1::{
        AssignRoundRequest, AssignRoundResponse, Assignment, Element, Entry, GetAssignmentRequest,
        GetAssignmentResponse, GetNextAssignmentRequest, GetNextAssignmentResponse, GetRoundRequest,
        GetRoundResponse, ListEntriesRequest, ListEntriesResponse, ListSchemesRequest, ListSchemesResponse,
        Round, Scheme, SubmitScoresRequest, SubmitScoresResponse, assignment, round,
    },
    submission::v1::{
        ApproveSubmissionRequest, ApproveSubmissionResponse, Receipt, SubmitSubmissionRequest,
        SubmitSubmissionResponse, cycle,
    },
};

/// The first call that was recorded.
fn taken<T>(calls: &Arc<Mutex<Vec<T>>>) -> T {
    calls.lock().expect("no panic").remove(0)
}

fn report_page() -> Fake {
    at_the_front(reporting(vec![]))
}

#[tokio::test]
async fn submitting_shows_the_receipt_at_an_address_that_can_be_kept() {
    let fake = report_page().on(
        "submission.v1.SubmissionService/SubmitSubmission",
        |_: Request<SubmitSubmissionRequest>| {
            let receipt = Receipt { receipt_id: "rcp_7".into(), revision_number: 1, ..Receipt::default() };
            Ok(SubmitSubmissionResponse { receipt: Some(receipt), submission: None })
        },
    );
    let browser = Browser::new(fake.serve().await, "school");
    let sent = browser.post("/submissions/sub_1/submit", &[("etag", "v3"), ("request_id", "r1")]).await;
    assert_eq!(sent.location(), "/submissions/sub_1/receipts/1?done=submitted");
    let cookies: Vec<&str> =
        sent.headers.get_all("set-cookie").iter().filter_map(|c| c.to_str().ok()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("zhijian_taken=r1;")), "{cookies:?}");
    let page = browser.get(sent.location()).await;
    assert!(page.body.contains("rcp_7") && page.body.contains("5947444e9c2e4c4e"), "{}", page.body);
}

#[tokio::test]
async fn a_refused_declaration_keeps_the_name_and_marks_the_office() {
    let fake = report_page().on(
        "submission.v1.SubmissionService/ApproveSubmission",
        |_: Request<ApproveSubmissionRequest>| -> Result<ApproveSubmissionResponse, Status> {
            let mut details = ErrorDetails::new();
            details.add_bad_request_violation("declaration.office", "声明人职务应为 1–60 字。");
            Err(Status::with_error_details(Code::InvalidArgument, "no", details))
        },
    );
    let browser = Browser::new(fake.serve().await, "school");
    let fields = [("declaration.name", "李校长"), ("declaration.office", ""), ("etag", "v3")];
    let page = browser.post("/submissions/sub_1/approve", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.input("declaration.name").as_deref(), Some("李校长"));
    assert!(page.body.contains("href=\"#f-declaration.office\""), "{}", page.body);
    assert!(page.body.contains("aria-describedby=\"f-declaration.office-hint f-declaration.office-wrong\""));
}

fn scoring() -> Fake {
    let element =
        |code: &str, zh: &str| Element { code: code.into(), name: text(zh, code), ..Element::default() };
    let scheme = Scheme {
        code: "pilot".into(),
        elements: vec![element("setting", "专业设置"), element("teaching", "教学实施")],
        ..Scheme::default()
    };
    in_year(cycle::State::Closed)
        .on("review.v1.SchemeService/ListSchemes", move |_: Request<ListSchemesRequest>| {
            Ok(ListSchemesResponse { schemes: vec![scheme.clone()] })
        })
        .on("review.v1.RoundService/GetRound", |_: Request<GetRoundRequest>| {
            let round = Round {
                round_id: "rnd_1".into(),
                scheme_code: "pilot".into(),
                state: round::State::Scoring.into(),
                ..Round::default()
            };
            Ok(GetRoundResponse { round: Some(round) })
        })
        .on("review.v1.AssignmentService/GetAssignment", |_: Request<GetAssignmentRequest>| {
            Ok(GetAssignmentResponse { assignment: Some(assigned("asg_1")) })
        })
}

fn assigned(id: &str) -> Assignment {
    let entry = Entry {
        programme_name: text("大数据技术应用", "Big data"),
        organisation_code: SCHOOL.into(),
        organisation_name: text("演示职业学院", "Demo College"),
        ..Entry::default()
    };
    Assignment {
        assignment_id: id.into(),
        round_id: "rnd_1".into(),
        entry: Some(entry),
        state: assignment::State::Open.into(),
        etag: "v1".into(),
        ..Assignment::default()
    }
}

#[tokio::test]
async fn a_score_that_is_missing_is_linked_to_its_element() {
    let fake = scoring().on(
        "review.v1.AssignmentService/SubmitScores",
        |_: Request<SubmitScoresRequest>| -> Result<SubmitScoresResponse, Status> {
            let mut details = ErrorDetails::new();
            details.add_precondition_failure_violation("ILLEGAL_STATE", "teaching", "“教学实施”还没有评分。");
            Err(Status::with_error_details(Code::FailedPrecondition, "no", details))
        },
    );
    let browser = Browser::new(fake.serve().await, "reviewer");
    let fields = [("score.setting", "88.5"), ("score.teaching", ""), ("comment", "不错"), ("etag", "v1")];
    let page = browser.post("/assignments/asg_1/submit", &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.body.contains("href=\"#f-score.teaching\""), "{}", page.body);
    assert_eq!(page.input("score.setting").as_deref(), Some("88.5"));
    assert!(page.body.contains("不错</textarea>"), "{}", page.body);
}

#[tokio::test]
async fn handing_in_scores_goes_on_to_the_next_programme_that_is_open() {
    let calls: Arc<Mutex<Vec<SubmitScoresRequest>>> = Arc::default();
    let record = calls.clone();
    let fake = scoring()
        .on("review.v1.AssignmentService/SubmitScores", move |request: Request<SubmitScoresRequest>| {
            record.lock().expect("no panic").push(request.into_inner());
            Ok(SubmitScoresResponse::default())
        })
        .on("review.v1.AssignmentService/GetNextAssignment", |request: Request<GetNextAssignmentRequest>| {
            assert_eq!(request.get_ref().after_assignment_id, "asg_1");
            Ok(GetNextAssignmentResponse { assignment: Some(assigned("asg_2")) })
        });
    let browser = Browser::new(fake.serve().await, "reviewer");
    let fields =
        [("score.setting", "88.5"), ("score.teaching", "90"), ("comment", "一\r\n二"), ("etag", "v1")];
    let sent = browser.post("/assignments/asg_1/submit", &fields).await;
    assert_eq!(sent.location(), "/assignments/asg_2?done=next");
    let call = taken(&calls);
    assert_eq!((call.scores.len(), call.scores[1].points.as_str()), (2, "90"));
    assert_eq!((call.comment.as_str(), call.etag.as_str()), ("一\n二", "v1"));
}

#[tokio::test]
async fn trying_an_assignment_shows_what_would_come_of_it() {
    let calls: Arc<Mutex<Vec<AssignRoundRequest>>> = Arc::default();
    let record = calls.clone();
    let fake = scoring()
        .on("review.v1.RoundService/ListEntries", |_: Request<ListEntriesRequest>| {
            Ok(ListEntriesResponse::default())
        })
        .on("review.v1.RoundService/AssignRound", move |request: Request<AssignRoundRequest>| {
            record.lock().expect("no panic").push(request.into_inner());
            Ok(AssignRoundResponse {
                assignments: 132,
                matched_expertise: 130,
                ..AssignRoundResponse::default()
            })
        });
    let browser = Browser::new(fake.serve().await, "chair");
    let page = browser.post("/rounds/rnd_1/try", &[("etag", "v1"), ("request_id", "r1")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("没有改动任何内容") && page.body.contains("130 / 132"), "{}", page.body);
    assert!(taken(&calls).dry_run);
}

fn publishing(state: release::State, operation: operation::State) -> Fake {
    in_year(cycle::State::Closed)
        .on("publication.v1.ReleaseService/GetRelease", move |_: Request<GetReleaseRequest>| {
            let release = Release {
                year: 2026,
                state: state.into(),
                compile_operation_id: "op_1".into(),
                etag: "v2".into(),
                ..Release::default()
            };
            Ok(GetReleaseResponse { release: Some(release) })
        })
        .on("publication.v1.TableService/ListTables", |_: Request<ListTablesRequest>| {
            Ok(ListTablesResponse::default())
        })
        .on("common.v1.OperationService/GetOperation", move |_: Request<GetOperationRequest>| {
            let operation = Operation {
                operation_id: "op_1".into(),
                state: operation.into(),
                done: 3,
                total: 13,
                note_zh: "正在汇总".into(),
                ..Operation::default()
            };
            Ok(GetOperationResponse { operation: Some(operation) })
        })
}

#[tokio::test]
async fn a_page_that_waits_asks_again_with_and_without_script() {
    let fake = publishing(release::State::Draft, operation::State::Running);
    let browser = Browser::new(fake.serve().await, "publisher");
    let page = browser.get("/publish/2026").await;
    assert!(page.body.contains("http-equiv=\"refresh\" content=\"2\""), "{}", page.body);
    assert!(page.body.contains("data-operation=\"/publish/2026/operation\""));
    assert!(page.body.contains("正在汇总（3/13）"));
    let state = browser.get("/publish/2026/operation").await;
    let state: serde_json::Value = serde_json::from_str(&state.body).expect("JSON");
    assert_eq!(
        state,
        serde_json::json!({"ended": false, "done": 3, "total": 13, "note": "正在汇总（3/13）"})
    );
}

#[tokio::test]
async fn a_failed_compilation_says_why_and_can_be_repeated() {
    let fake = publishing(release::State::Draft, operation::State::Failed);
    let browser = Browser::new(fake.serve().await, "publisher");
    let page = browser.get("/publish/2026").await;
    assert!(
        page.body.contains("上一次编制没有完成") && page.body.contains("/publish/2026/compile"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("http-equiv=\"refresh\""));
}

#[tokio::test]
async fn the_notice_opens_for_a_whole_number_of_working_days() {
    let calls: Arc<Mutex<Vec<OpenNoticeRequest>>> = Arc::default();
    let record = calls.clone();
    let fake = publishing(release::State::Compiled, operation::State::Succeeded).on(
        "publication.v1.ReleaseService/OpenNotice",
        move |request: Request<OpenNoticeRequest>| {
            record.lock().expect("no panic").push(request.into_inner());
            Ok(OpenNoticeResponse::default())
        },
    );
    let browser = Browser::new(fake.serve().await, "publisher");
    let wrong = browser.post("/publish/2026/notice", &[("working_days", "五天"), ("etag", "v2")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.input("working_days").as_deref(), Some("五天"));
    assert!(calls.lock().expect("no panic").is_empty(), "nothing was asked");
    let right = browser.post("/publish/2026/notice", &[("working_days", "7"), ("etag", "v2")]).await;
    assert_eq!(right.location(), "/publish/2026");
    let call = taken(&calls);
    assert_eq!((call.working_days, call.etag.as_str(), call.year), (7, "v2", 2026));
}

#[tokio::test]
async fn what_a_role_may_not_see_is_said_in_words() {
    let fake =
        people().on("review.v1.AssignmentService/GetAssignment", |_: Request<GetAssignmentRequest>| {
            Err::<GetAssignmentResponse, _>(refusal(
                Code::PermissionDenied,
                "NOT_ALLOWED",
                "您的账户没有这项权限。",
            ))
        });
    let browser = Browser::new(fake.serve().await, "school");
    let page = browser.get("/assignments/asg_1").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(
        page.body.contains("您的账户没有这项权限") && !page.body.contains("NOT_ALLOWED"),
        "{}",
        page.body
    );
}
