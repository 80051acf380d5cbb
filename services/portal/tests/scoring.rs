//! The reviewer's desk and what surrounds it: saving while typing, the panel among itself, feedback and appeals.

mod common;

use std::{
    result::Result,
    sync::{Arc, Mutex},
};

use common::{
    Browser, Fake,
    world::{SCHOOL, in_year, refusal, text},
};
use http::StatusCode;
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt};
use zhijian_proto::{
    common::v1::{Value, value},
    review::v1::*,
    submission::v1::cycle,
};

/// The first call that was recorded.
fn taken<T>(calls: &Arc<Mutex<Vec<T>>>) -> T {
    calls.lock().expect("no panic").remove(0)
}

fn scheme() -> Scheme {
    let element =
        |code: &str, zh: &str| Element { code: code.into(), name: text(zh, code), ..Element::default() };
    Scheme {
        code: "pilot".into(),
        elements: vec![element("setting", "专业设置"), element("faculty", "师资队伍")],
        arbitration_spread: "10".into(),
        ..Scheme::default()
    }
}

fn entry() -> Entry {
    Entry {
        entry_id: "ent_1".into(),
        programme_name: text("大数据技术应用", "Big data"),
        organisation_code: SCHOOL.into(),
        organisation_name: text("演示职业学院", "Demo College"),
        ..Entry::default()
    }
}

fn sheet(state: assignment::State) -> Assignment {
    Assignment {
        assignment_id: "asg_1".into(),
        round_id: "rnd_1".into(),
        entry: Some(entry()),
        state: state.into(),
        etag: "v1".into(),
        ..Assignment::default()
    }
}

fn desk(state: assignment::State) -> Fake {
    in_year(cycle::State::Closed)
        .on("review.v1.SchemeService/ListSchemes", |_: Request<ListSchemesRequest>| {
            Ok(ListSchemesResponse { schemes: vec![scheme()] })
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
        .on("review.v1.AssignmentService/GetAssignment", move |_: Request<GetAssignmentRequest>| {
            let returned = "请核对评语。".to_owned();
            Ok(GetAssignmentResponse {
                assignment: Some(Assignment { return_reason: returned, ..sheet(state) }),
            })
        })
        .on("review.v1.AssignmentService/ListSheetVersions", |_: Request<ListSheetVersionsRequest>| {
            Ok(ListSheetVersionsResponse::default())
        })
}

#[tokio::test]
async fn the_evidence_stands_beside_the_rubric_and_scoring_does_not_wait_for_it() {
    let without = Browser::new(desk(assignment::State::Open).serve().await, "reviewer");
    let page = without.get("/assignments/asg_1").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("不影响评分") && page.body.contains("name=\"score.faculty\""),
        "{}",
        page.body
    );
    assert!(page.body.contains("组长退回了这份评分") && page.body.contains("请核对评语。"));
    assert!(page.body.contains("data-autosave=\"/assignments/asg_1/autosave\""));

    let fake = desk(assignment::State::Open).on(
        "review.v1.EvidenceService/GetEvidence",
        |_: Request<GetEvidenceRequest>| {
            let value = EvidenceValue {
                element_code: "faculty".into(),
                indicator_code: "RES02".into(),
                name: text("双师型教师比例", "Double-qualified teachers"),
                unit: text("%", "%"),
                value: Some(Value { kind: Some(value::Kind::Number("61.5".into())) }),
                ..EvidenceValue::default()
            };
            let section = EvidenceSection {
                section_code: "talent".into(),
                name: text("人才培养", "Talent"),
                body: "本年新建<b>两处</b>基地。".into(),
            };
            Ok(GetEvidenceResponse { values: vec![value], sections: vec![section], cases: vec![] })
        },
    );
    let page = Browser::new(fake.serve().await, "reviewer").get("/assignments/asg_1").await;
    assert!(page.body.contains("双师型教师比例（%）") && page.body.contains("61.5"), "{}", page.body);
    assert!(
        page.body.contains("人才培养") && !page.body.contains("<b>两处"),
        "what people write is never markup"
    );
}

#[tokio::test]
async fn saving_while_typing_answers_the_script_in_its_own_terms() {
    let calls: Arc<Mutex<Vec<SaveScoresRequest>>> = Arc::default();
    let record = calls.clone();
    let fake = desk(assignment::State::Open).on(
        "review.v1.AssignmentService/SaveScores",
        move |request: Request<SaveScoresRequest>| {
            let request = request.into_inner();
            record.lock().expect("no panic").push(request.clone());
            match request.scores.iter().find_map(|score| score.points.strip_prefix("refuse ")) {
                None => Ok(SaveScoresResponse {
                    assignment: Some(Assignment { etag: "v2".into(), ..Assignment::default() }),
                }),
                Some("conflict") => Err(refusal(Code::Aborted, "ETAG_MISMATCH", "改过了。")),
                Some("session") => Err(refusal(Code::Unauthenticated, "SIGN_IN_REQUIRED", "请先登录。")),
                Some("line") => Err(Status::unavailable("away")),
                Some(_) => {
                    let mut details = ErrorDetails::new();
                    details.add_bad_request_violation("scores[1].points", "分数无效。");
                    Err(Status::with_error_details(Code::InvalidArgument, "no", details))
                }
            }
        },
    );
    let browser = Browser::new(fake.serve().await, "reviewer");
    let save = async |points: &str| {
        let fields = [
            ("request_id", "r1"),
            ("etag", "v1"),
            ("score.setting", "80"),
            ("score.faculty", points),
            ("comment", "一\r\n二"),
        ];
        browser.post("/assignments/asg_1/autosave", &fields).await
    };
    let saved = save("81").await;
    assert_eq!((saved.status, saved.body.as_str()), (StatusCode::OK, r#"{"etag":"v2"}"#));
    let call = taken(&calls);
    assert_eq!((call.request_id.as_str(), call.comment.as_str(), call.scores.len()), ("r1", "一\n二", 2));
    assert!(save("refuse conflict").await.body.contains(r#""conflict":true"#));
    assert!(save("refuse session").await.body.contains(r#""signIn":true"#));
    assert!(save("refuse line").await.body.contains(r#""again":true"#));
    let odd = save("refuse it").await;
    assert!(
        odd.body.contains(r#""fields":["score.faculty"]"#) && odd.body.contains("分数无效。"),
        "{}",
        odd.body
    );
}

#[tokio::test]
async fn the_panel_is_shut_until_the_own_sheet_is_in() {
    let fake = desk(assignment::State::Open).on(
        "review.v1.DiscussionService/GetDiscussion",
        |_: Request<GetDiscussionRequest>| -> Result<GetDiscussionResponse, Status> {
            let mut details = ErrorDetails::new();
            details.add_precondition_failure_violation(
                "ILLEGAL_STATE",
                "state",
                "提交自己的评分之后，才能看到。",
            );
            Err(Status::with_error_details(Code::FailedPrecondition, "no", details))
        },
    );
    let page = Browser::new(fake.serve().await, "reviewer").get("/assignments/asg_1/panel").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("提交自己的评分之后") && page.body.contains("href=\"/assignments/asg_1\""));
}

#[tokio::test]
async fn a_revision_that_is_refused_keeps_what_was_typed() {
    let fake = desk(assignment::State::Submitted)
        .on("review.v1.DiscussionService/GetDiscussion", |_: Request<GetDiscussionRequest>| {
            let member = |zh: &str, own| PanelMember {
                label: text(zh, zh),
                own,
                state: assignment::State::Submitted.into(),
                total: "80".into(),
                ..PanelMember::default()
            };
            Ok(GetDiscussionResponse {
                members: vec![member("专家甲", true), member("专家乙", false)],
                open: true,
                may_revise: true,
                ..GetDiscussionResponse::default()
            })
        })
        .on(
            "review.v1.AssignmentService/ReviseScores",
            |_: Request<ReviseScoresRequest>| -> Result<ReviseScoresResponse, Status> {
                let mut details = ErrorDetails::new();
                details.add_bad_request_violation("reason", "这里写了 0 字。");
                Err(Status::with_error_details(Code::InvalidArgument, "no", details))
            },
        );
    let browser = Browser::new(fake.serve().await, "reviewer");
    let fields = [("etag", "v1"), ("score.setting", "83"), ("reason", ""), ("comment", "看过了")];
    let page = browser.post("/assignments/asg_1/panel/revise", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.input("score.setting").as_deref(), Some("83"));
    assert!(
        page.body.contains("这里写了 0 字。") && page.body.contains("看过了</textarea>"),
        "{}",
        page.body
    );
    assert!(page.body.contains("专家乙"));
}

fn result_of(terms: GetAppealTermsResponse) -> Fake {
    desk(assignment::State::Open)
        .on("review.v1.FeedbackService/GetFeedback", |_: Request<GetFeedbackRequest>| {
            let former = FormerResult {
                grade: "C-".into(),
                total: "55".into(),
                reason: "采信".into(),
                ..Default::default()
            };
            let result = zhijian_proto::review::v1::Result {
                grade: "B".into(),
                total: "78".into(),
                elements: vec![ElementResult { element_code: "faculty".into(), score: "78".into() }],
                former: vec![former],
                ..Default::default()
            };
            let feedback = Feedback {
                entry_id: "ent_1".into(),
                entry: Some(Entry { result: Some(result), ..entry() }),
                overall: "总体良好。".into(),
                remarks: vec![ElementRemark {
                    element_code: "faculty".into(), body: "结构合理。".into()
                }],
                ..Feedback::default()
            };
            Ok(GetFeedbackResponse { feedback: Some(feedback) })
        })
        .on("review.v1.AppealService/GetAppealTerms", move |_: Request<GetAppealTermsRequest>| {
            Ok(terms.clone())
        })
}

#[tokio::test]
async fn a_school_reads_its_feedback_and_former_grades_and_appeals() {
    let calls: Arc<Mutex<Vec<FileAppealRequest>>> = Arc::default();
    let record = calls.clone();
    let terms = GetAppealTermsResponse {
        grounds: vec![AppealGround { code: "facts".into(), name: text("事实有误", "Wrong facts") }],
        due_date: "2026-12-11".into(),
        open: true,
        ..GetAppealTermsResponse::default()
    };
    let fake = result_of(terms).on(
        "review.v1.AppealService/FileAppeal",
        move |request: Request<FileAppealRequest>| {
            record.lock().expect("no panic").push(request.into_inner());
            Ok(FileAppealResponse::default())
        },
    );
    let browser = Browser::new(fake.serve().await, "school");
    let page = browser.get("/results/ent_1").await;
    assert_eq!(page.status, StatusCode::OK);
    for told in ["总体良好。", "结构合理。", "原来的等级", "C-", "事实有误", "提交申诉"]
    {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    let fields = [("ground_code", "facts"), ("element", "faculty"), ("statement", "事实\r\n有误")];
    let sent = browser.post("/results/ent_1/appeal", &fields).await;
    assert_eq!(sent.location(), "/results/ent_1?done=appealed");
    let call = taken(&calls);
    assert_eq!(
        (call.ground_code.as_str(), call.element_codes.len(), call.statement.as_str()),
        ("facts", 1, "事实\n有误")
    );
}

#[tokio::test]
async fn nothing_is_offered_once_the_time_is_over() {
    let terms = GetAppealTermsResponse { due_date: "2026-01-09".into(), ..GetAppealTermsResponse::default() };
    let page = Browser::new(result_of(terms).serve().await, "school").get("/results/ent_1").await;
    assert!(page.body.contains("申诉期限已过") && !page.body.contains("提交申诉</button>"), "{}", page.body);
}
