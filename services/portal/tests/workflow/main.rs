//! Deadlines, parts, corrections and receipts: each side's forms, from the page to the call and back.

#[path = "../common/mod.rs"]
mod common;
mod extensions;
mod remarks;

use std::sync::{Arc, Mutex};

use common::{
    Browser, Fake,
    world::{SCHOOL, refusal, report, standing, text},
};
use http::StatusCode;
use prost_types::Timestamp;
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt};
use zhijian_proto::submission::v1::*;

/// What was asked of a service, in order.
type Calls<T> = Arc<Mutex<Vec<T>>>;

fn taken<T>(calls: &Calls<T>) -> T {
    calls.lock().expect("no panic").remove(0)
}

/// Records the calls of an RPC and answers with nothing in particular.
fn recorded<In, Out>(fake: Fake, rpc: &str) -> (Fake, Calls<In>)
where
    In: prost::Message + Default + Clone + 'static,
    Out: prost::Message + Default + 'static,
{
    let calls: Calls<In> = Arc::default();
    let record = calls.clone();
    let fake = fake.on(rpc, move |request: Request<In>| {
        record.lock().expect("no panic").push(request.into_inner());
        Ok(Out::default())
    });
    (fake, calls)
}

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

/// The fourth of April 2030, 10:00 in Beijing.
const LATER: i64 = 1_901_498_400;

fn locked(kind: lock::Kind) -> Submission {
    let contact =
        Contact { name: "职教处".into(), phone: "010-1234".into(), email: "zj@example.cn".into() };
    let lock = Lock {
        kind: kind.into(),
        reason: text(
            "截止时间已过，联系人：职教处（010-1234）。",
            "The deadline has passed. Contact: 职教处.",
        ),
        until: at(LATER),
        contact: Some(contact),
    };
    Submission { lock: Some(lock), filled_cells: 2, ..report() }
}

fn returned() -> Submission {
    Submission {
        state: submission::State::Returned.into(),
        revision_number: 1,
        return_comment: "请核对就业数据。".into(),
        ..report()
    }
}

fn remark(state: comment::State) -> Comment {
    Comment {
        comment_id: "cmt_1".into(),
        submission_id: "sub_1".into(),
        revision_number: 1,
        indicator_code: "SC01".into(),
        body: "与学籍系统不符".into(),
        state: state.into(),
        author_name: "李处长".into(),
        etag: "k1".into(),
        ..Comment::default()
    }
}

#[tokio::test]
async fn every_page_that_would_change_something_says_why_until_when_and_whom_to_ask() {
    let browser = Browser::new(standing(locked(lock::Kind::Grace), vec![]).serve().await, "school");
    for page in ["", "/cells/SC", "/sections/talent", "/cases", "/attachments", "/narrative", "/transfer"] {
        let page = browser.get(&format!("/submissions/sub_1{page}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("截止时间已过"), "why: {}", page.body);
        assert!(page.body.contains("2030年4月4日 10:00"), "until when: {}", page.body);
        assert!(page.body.contains("href=\"tel:0101234\""), "whom to ask: {}", page.body);
        assert!(page.body.contains("href=\"mailto:zj@example.cn\""), "whom to ask: {}", page.body);
        assert!(page.body.contains("href=\"/extensions?year=2026\""), "the way out: {}", page.body);
        assert!(!page.body.contains("data-save"), "nothing can be saved: {}", page.body);
    }
    let front = browser.get("/submissions/sub_1").await;
    assert!(
        front.input("declaration.name").is_some(),
        "in the grace it can still be approved: {}",
        front.body
    );
    let english = browser.get("/submissions/sub_1/cells/SC?lang=en").await;
    assert!(
        english.body.contains("The deadline has passed. Contact: 职教处.")
            && english.body.contains("Call 010-1234")
    );
}

#[tokio::test]
async fn what_is_in_the_results_leads_to_a_correction() {
    let accepted = Submission {
        state: submission::State::Published.into(),
        revision_number: 1,
        accepted_revision: 1,
        ..locked(lock::Kind::InResults)
    };
    let (fake, calls) = recorded::<RequestCorrectionRequest, RequestCorrectionResponse>(
        standing(accepted, vec![]),
        "submission.v1.CorrectionService/RequestCorrection",
    );
    let fake = fake
        .on("submission.v1.CorrectionService/ListCorrections", |_: Request<ListCorrectionsRequest>| {
            Ok(ListCorrectionsResponse::default())
        });
    let browser = Browser::new(fake.serve().await, "school");
    let cells = browser.get("/submissions/sub_1/cells/SC").await;
    assert!(cells.body.contains("href=\"/submissions/sub_1/corrections\""), "{}", cells.body);
    let page = browser.get("/submissions/sub_1/corrections").await;
    assert!(page.body.contains("第 1 版") && page.input("concerns").is_some(), "{}", page.body);
    let sent = browser
        .post(
            "/submissions/sub_1/corrections",
            &[("concerns", "new"), ("reason", " 少填一个零 "), ("request_id", "r1")],
        )
        .await;
    assert_eq!(sent.location(), "/submissions/sub_1/corrections?done=asked");
    assert_eq!(taken(&calls).reason, "少填一个零");
}

#[tokio::test]
async fn a_correction_is_opened_until_a_moment_or_refused_with_a_reason() {
    let asked = Correction {
        correction_id: "cor_1".into(),
        submission_id: "sub_1".into(),
        reason: "少填一个零".into(),
        state: correction::State::Requested.into(),
        old_revision: 1,
        etag: "q1".into(),
        ..Correction::default()
    };
    let accepted = Submission { state: submission::State::Accepted.into(), accepted_revision: 1, ..report() };
    let (fake, opened) = recorded::<OpenCorrectionRequest, OpenCorrectionResponse>(
        standing(accepted, vec![]),
        "submission.v1.CorrectionService/OpenCorrection",
    );
    let fake = fake
        .on("submission.v1.CorrectionService/ListCorrections", move |_: Request<ListCorrectionsRequest>| {
            Ok(ListCorrectionsResponse { corrections: vec![asked.clone()], next_page_token: String::new() })
        })
        .on(
            "submission.v1.CorrectionService/RefuseCorrection",
            |_: Request<RefuseCorrectionRequest>| -> Result<RefuseCorrectionResponse, Status> {
                let mut details = ErrorDetails::new();
                details.add_bad_request_violation("decision", "请写明理由，1–500 字。");
                Err(Status::with_error_details(Code::InvalidArgument, "no", details))
            },
        );
    let browser = Browser::new(fake.serve().await, "commission");
    let page = browser.get("/submissions/sub_1/corrections").await;
    assert_eq!(page.input("correction_id").as_deref(), Some("cor_1"));
    let fields =
        [("concerns", "cor_1"), ("correction_id", "cor_1"), ("etag", "q1"), ("due_time", "2030-04-04T10:00")];
    let sent = browser.post("/submissions/sub_1/corrections/open", &fields).await;
    assert_eq!(sent.location(), "/submissions/sub_1/corrections?done=opened");
    let call = taken(&opened);
    assert_eq!((call.correction_id.as_str(), call.etag.as_str(), call.due_time), ("cor_1", "q1", at(LATER)));
    let refused = browser.post("/submissions/sub_1/corrections/cor_1/refuse", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("请写明理由") && refused.body.contains("2030-04-04T10:00"),
        "{}",
        refused.body
    );
}

fn limited() -> Fake {
    let rights = Rights { section_codes: vec!["talent".into()], ..Rights::default() };
    let editor = |name: &str, coordinator, sections: &[&str]| Editor {
        account_id: format!("acc_{name}"),
        account_name: name.into(),
        coordinator,
        section_codes: sections.iter().map(|code| (*code).to_owned()).collect(),
        ..Editor::default()
    };
    let editors = vec![editor("王校长", true, &[]), editor("孙老师", false, &["talent"])];
    standing(Submission { rights: Some(rights), ..report() }, vec![]).on(
        "submission.v1.EditorService/GetEditors",
        move |_: Request<GetEditorsRequest>| {
            let accounts = editors.clone();
            Ok(GetEditorsResponse { editors: editors.clone(), accounts, etag: "v3".into() })
        },
    )
}

#[tokio::test]
async fn an_editor_sees_own_parts_first_and_is_told_plainly_where_not_to_write() {
    let browser = Browser::new(limited().serve().await, "school");
    let front = browser.get("/submissions/sub_1").await;
    let (mine, others) =
        (front.body.find("我负责的章节").expect("mine"), front.body.find("其他指标表").expect("others"));
    assert!(mine < others, "{}", front.body);
    assert!(front.body.contains("由年报负责人王校长审定和提交"), "{}", front.body);
    assert!(front.input("declaration.name").is_none());
    let table = browser.get("/submissions/sub_1/cells/SC").await;
    assert!(table.body.contains("它由王校长负责") && !table.body.contains("data-save"), "{}", table.body);
    let section = browser.get("/submissions/sub_1/sections/talent").await;
    assert!(section.body.contains("data-save") && !section.body.contains("data-locked"), "{}", section.body);
    let plan = browser.get("/submissions/sub_1/editors").await;
    assert!(plan.body.contains("孙老师") && plan.input("etag").is_none(), "only to read: {}", plan.body);
}

#[tokio::test]
async fn the_head_hands_out_the_parts() {
    let account = |name: &str| Editor {
        account_id: format!("acc_{name}"),
        account_name: name.into(),
        ..Editor::default()
    };
    let accounts = vec![account("wang"), account("sun")];
    let fake = standing(report(), vec![]).on(
        "submission.v1.EditorService/GetEditors",
        move |_: Request<GetEditorsRequest>| {
            Ok(GetEditorsResponse { editors: vec![], accounts: accounts.clone(), etag: "v3".into() })
        },
    );
    let (fake, calls) =
        recorded::<SetEditorsRequest, SetEditorsResponse>(fake, "submission.v1.EditorService/SetEditors");
    let browser = Browser::new(fake.serve().await, "school");
    let nothing = browser.post("/submissions/sub_1/editors", &[("etag", "v3")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody was given anything");
    let fields = [
        ("etag", "v3"),
        ("coordinator.acc_wang", "1"),
        ("part.acc_sun", "section.talent"),
        ("part.acc_sun", "table.SC"),
    ];
    let sent = browser.post("/submissions/sub_1/editors", &fields).await;
    assert_eq!(sent.location(), "/submissions/sub_1/editors?done=saved");
    let plan = taken(&calls).editors;
    assert!(plan[0].coordinator && plan[0].account_id == "acc_wang");
    assert_eq!(
        (plan[1].section_codes.as_slice(), plan[1].group_codes.as_slice()),
        (&["talent".to_owned()][..], &["SC".to_owned()][..])
    );
    browser.post("/submissions/sub_1/editors", &[("etag", "v3"), ("clear", "1")]).await;
    assert!(taken(&calls).editors.is_empty());
}

#[tokio::test]
async fn a_deadline_that_passes_in_mid_edit_loses_nothing() {
    let saved: Calls<()> = Arc::default();
    let (tried, known) = (saved.clone(), saved);
    let fake = standing(report(), vec![])
        .on("submission.v1.SubmissionService/GetSubmission", move |_: Request<GetSubmissionRequest>| {
            let late = !known.lock().expect("no panic").is_empty();
            let submission = if late { locked(lock::Kind::PastDue) } else { report() };
            Ok(GetSubmissionResponse { submission: Some(submission) })
        })
        .on(
            "submission.v1.SubmissionService/SaveCells",
            move |_: Request<SaveCellsRequest>| -> Result<SaveCellsResponse, Status> {
                tried.lock().expect("no panic").push(());
                Err(refusal(Code::FailedPrecondition, "ILLEGAL_STATE", "截止时间已过。"))
            },
        );
    let browser = Browser::new(fake.serve().await, "school");
    let fields = [("v.SC01", "5001"), ("e.SC01", "c1"), ("w.SC01", "v\t5000\t"), ("request_id", "r1")];
    let page = browser.post("/submissions/sub_1/cells/SC", &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(page.input("v.SC01").as_deref(), Some("5001"), "what was typed is still there");
    assert!(page.body.contains("data-locked") && page.body.contains("申请延期"), "{}", page.body);
}

#[tokio::test]
async fn a_receipt_is_kept_printed_and_verified() {
    let fake = standing(Submission { revision_number: 1, ..report() }, vec![]).on(
        "submission.v1.SubmissionService/GetRevisionContent",
        |request: Request<GetRevisionContentRequest>| {
            assert_eq!(request.get_ref().revision_number, 1);
            Ok(GetRevisionContentResponse {
                content: b"{}".to_vec(),
                content_hash: "5947444e9c2e4c4e".into(),
            })
        },
    );
    let browser = Browser::new(fake.serve().await, "school");
    let page = browser.get("/submissions/sub_1/receipts/1").await;
    for told in ["rcp_7", "5947444e9c2e4c4e", "2026-01-21 20:53:20", SCHOOL, "sha256sum content-1.json"] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    let file = browser.get("/submissions/sub_1/receipts/1/receipt.txt").await;
    assert!(file.body.contains("rcp_7") && file.body.contains("5947444e9c2e4c4e"), "{}", file.body);
    assert_eq!(browser.get("/submissions/sub_1/receipts/1/content.json").await.body, "{}");
    assert_eq!(browser.get("/submissions/sub_1/receipts/9").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/submissions/sub_1/receipts/0/content.json").await.status, StatusCode::NOT_FOUND);
}
