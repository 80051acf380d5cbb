//! What is in the results is put right: a new revision, while the old one stays.

use futures::TryStreamExt;
use tonic::Code;
use zhijian_proto::{common::v1::Value, submission::v1::*};

use crate::harness::*;

/// What the results say about an indicator of a report.
async fn in_results(world: &World, submission: &Submission, code: &str) -> (i32, Option<Value>) {
    let request = StreamAcceptedCellsRequest { cycle_year: submission.cycle_year, indicator_codes: vec![] };
    let stream = world.publication().submissions().stream_accepted_cells(request).await.expect("streamed");
    let rows: Vec<_> = stream.into_inner().try_collect().await.expect("read");
    let row =
        rows.into_iter().find(|row| row.submission_id == submission.submission_id).expect("in the results");
    let cell = row.cells.into_iter().find(|cell| cell.indicator_code == code).expect("filled in");
    (row.revision_number, cell.value)
}

/// The version of a year's results.
async fn version(world: &World, cycle_year: i32) -> String {
    let request = GetAcceptedVersionRequest { cycle_year };
    let answer = world.publication().submissions().get_accepted_version(request).await;
    answer.expect("answered").into_inner().version
}

fn ask(submission: &Submission, reason: &str) -> RequestCorrectionRequest {
    RequestCorrectionRequest {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        reason: reason.into(),
    }
}

fn open(submission: &Submission, correction_id: &str, etag: &str, reason: &str) -> OpenCorrectionRequest {
    OpenCorrectionRequest {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        correction_id: correction_id.into(),
        etag: etag.into(),
        reason: reason.into(),
        due_time: None,
    }
}

#[tokio::test]
async fn a_school_asks_and_a_released_report_is_corrected() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.submitted(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let mut school = world.school(COLLEGE).corrections();
        let mut commission = world.commission().corrections();
        let early = school.request_correction(ask(&submission, "填错了")).await.unwrap_err();
        assert_eq!(preconditions(&early)[0].0, "submission.state");
        world.accept(&submission).await.unwrap();
        world.close(2025).await;
        world.release(2025).await;
        let locked = world.save(&submission, vec![cell("ENT01", number("9"), "v1")]).await.unwrap_err();
        assert!(preconditions(&locked)[0].1.contains("申请更正"), "{:?}", preconditions(&locked));
        assert_eq!(world.get(&submission).await.lock.unwrap().kind(), lock::Kind::InResults);

        assert_eq!(
            violations(&school.request_correction(ask(&submission, "")).await.unwrap_err())[0].0,
            "reason"
        );
        let foreign =
            world.school(OTHER_COLLEGE).corrections().request_correction(ask(&submission, "改")).await;
        assert_eq!(foreign.unwrap_err().code(), Code::PermissionDenied);
        let request = ask(&submission, "投入设备值少写一位");
        let asked = school.request_correction(request.clone()).await.unwrap().into_inner();
        assert_eq!(school.request_correction(request).await.unwrap().into_inner(), asked);
        let asked = asked.correction.unwrap();
        let twice = school.request_correction(ask(&submission, "再问")).await.unwrap_err();
        assert_eq!(preconditions(&twice)[0].0, "request.state");
        let by_school =
            school.open_correction(open(&submission, &asked.correction_id, &asked.etag, "")).await;
        assert_eq!(by_school.unwrap_err().code(), Code::PermissionDenied);
        let request = open(&submission, &asked.correction_id, &asked.etag, "");
        let opened = commission.open_correction(request.clone()).await.unwrap().into_inner();
        assert_eq!(commission.open_correction(request).await.unwrap().into_inner(), opened);
        assert_eq!(opened.correction.unwrap().state(), correction::State::Open);

        let seen = world.get(&submission).await;
        assert_eq!(
            (seen.state(), seen.correcting, seen.accepted_revision),
            (submission::State::Draft, true, 1)
        );
        assert_eq!(seen.lock, None, "open although the year is released");
        assert!(seen.deadline.unwrap().own);
        world.put(&submission, &[("ENT01", "100")]).await;
        assert_eq!(
            in_results(&world, &submission, "ENT01").await,
            (1, number("10")),
            "not before it is accepted"
        );
        let before = version(&world, 2025).await;
        world.approve(&submission).await.unwrap();
        world.submit(&submission).await.unwrap();
        assert_eq!(version(&world, 2025).await, before, "not before it is accepted");
        assert_eq!(in_results(&world, &submission, "ENT01").await, (1, number("10")));
        let corrected = world.accept(&submission).await.unwrap();
        assert_eq!(corrected.state(), submission::State::Corrected);
        assert_eq!((corrected.accepted_revision, corrected.correcting), (2, false));
        assert_eq!(in_results(&world, &submission, "ENT01").await, (2, number("100")));
        assert_ne!(version(&world, 2025).await, before);
        assert_eq!(
            world.cells(&submission, 1).await["ENT01"].value,
            number("10"),
            "the old one stays readable"
        );
        let list =
            ListCorrectionsRequest { submission_id: submission.submission_id.clone(), ..Default::default() };
        let listed = school.list_corrections(list.clone()).await.unwrap().into_inner().corrections;
        assert_eq!(listed.len(), 1);
        assert_eq!(
            (listed[0].state(), listed[0].old_revision, listed[0].new_revision),
            (correction::State::Done, 1, 2)
        );
        let others = world.school(OTHER_COLLEGE).corrections().list_corrections(list).await.unwrap();
        assert!(others.into_inner().corrections.is_empty());

        // Last year's value is the corrected one.
        world.collecting(2026, None).await;
        let next = world.create(2026, "enterprise", COLLEGE, ENTERPRISE).await;
        assert_eq!(world.cells(&next, 0).await["ENT01"].last_value, number("100"));
    })
    .await;
}

#[tokio::test]
async fn a_correction_that_is_given_up_leaves_everything_as_it_was() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.submitted(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let accepted = world.accept(&submission).await.unwrap();
        let mut commission = world.commission().corrections();
        let nameless =
            commission.open_correction(open(&submission, "", &accepted.etag, "")).await.unwrap_err();
        assert_eq!(violations(&nameless)[0].0, "reason");
        let stale = commission.open_correction(open(&submission, "", "v1", "核对口径")).await.unwrap_err();
        assert_eq!(stale.code(), Code::Aborted);
        let opened =
            commission.open_correction(open(&submission, "", &accepted.etag, "核对口径")).await.unwrap();
        let opened = opened.into_inner().correction.unwrap();
        let before = (world.cells(&submission, 1).await, world.sections(&submission, 1).await);
        world.put(&submission, &[("ENT01", "100"), ("ENT02", "101")]).await;
        let section = world.sections(&submission, 0).await.swap_remove(0);
        world
            .write(&submission, &section.section_code, &format!("改写过的内容。{PROSE}"), &section.etag)
            .await
            .unwrap();

        let cancel = |etag: &str| CancelCorrectionRequest {
            request_id: id(),
            correction_id: opened.correction_id.clone(),
            etag: etag.into(),
        };
        let mut school = world.school(COLLEGE).corrections();
        assert_eq!(
            school.cancel_correction(cancel(&opened.etag)).await.unwrap_err().code(),
            Code::PermissionDenied
        );
        world.approve(&submission).await.unwrap();
        world.submit(&submission).await.unwrap();
        let refused = commission.cancel_correction(cancel(&opened.etag)).await.unwrap_err();
        assert_eq!(preconditions(&refused)[0].0, "submission.state");
        world.send_back(&submission, "不必改了").await.unwrap();
        commission.cancel_correction(cancel(&opened.etag)).await.expect("given up");

        let seen = world.get(&submission).await;
        assert_eq!(
            (seen.state(), seen.correcting, seen.accepted_revision),
            (submission::State::Accepted, false, 1)
        );
        assert!(seen.declaration.is_some() && seen.lock.is_some());
        let (cells, sections) = (world.cells(&submission, 0).await, world.sections(&submission, 0).await);
        for (code, cell) in &before.0 {
            assert_eq!(cells[code].value, cell.value, "{code}");
        }
        let bodies = |sections: &[Section]| -> Vec<String> {
            sections.iter().map(|section| section.body.clone()).collect()
        };
        assert_eq!(bodies(&sections), bodies(&before.1));
        assert_eq!(in_results(&world, &submission, "ENT01").await, (1, number("10")));
        let again = commission.cancel_correction(cancel(&opened.etag)).await.unwrap_err();
        assert_eq!(again.code(), Code::Aborted);
        world.close(2025).await;
        world.release(2025).await;
        assert_eq!(world.get(&submission).await.state(), submission::State::Published);
    })
    .await;
}

#[tokio::test]
async fn what_is_released_meanwhile_comes_back_as_corrected() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.submitted(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let accepted = world.accept(&submission).await.unwrap();
        let mut commission = world.commission().corrections();
        commission.open_correction(open(&submission, "", &accepted.etag, "核对口径")).await.unwrap();
        world.close(2025).await;
        world.release(2025).await;
        assert_eq!(in_results(&world, &submission, "ENT01").await, (1, number("10")));
        world.put(&submission, &[("ENT01", "100")]).await;
        world.approve(&submission).await.unwrap();
        world.submit(&submission).await.unwrap();
        assert_eq!(world.accept(&submission).await.unwrap().state(), submission::State::Corrected);
    })
    .await;
}

#[tokio::test]
async fn a_request_is_refused_with_a_reason_or_taken_back() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.submitted(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        world.accept(&submission).await.unwrap();
        let mut school = world.school(COLLEGE).corrections();
        let mut commission = world.commission().corrections();
        let asked =
            school.request_correction(ask(&submission, "改")).await.unwrap().into_inner().correction.unwrap();
        let withdraw = WithdrawCorrectionRequest {
            request_id: id(),
            correction_id: asked.correction_id.clone(),
            etag: asked.etag.clone(),
        };
        let withdrawn = school.withdraw_correction(withdraw).await.unwrap().into_inner().correction.unwrap();
        assert_eq!(withdrawn.state(), correction::State::Withdrawn);
        let asked =
            school.request_correction(ask(&submission, "改")).await.unwrap().into_inner().correction.unwrap();
        let refuse = |decision: &str| RefuseCorrectionRequest {
            request_id: id(),
            correction_id: asked.correction_id.clone(),
            etag: asked.etag.clone(),
            decision: decision.into(),
        };
        let silent = commission.refuse_correction(refuse(" ")).await.unwrap_err();
        assert_eq!(violations(&silent)[0].0, "decision");
        let refused =
            commission.refuse_correction(refuse("口径无误")).await.unwrap().into_inner().correction.unwrap();
        assert_eq!((refused.state(), refused.decision.as_str()), (correction::State::Refused, "口径无误"));
        let settled =
            commission.open_correction(open(&submission, &asked.correction_id, &refused.etag, "")).await;
        assert_eq!(preconditions(&settled.unwrap_err())[0].0, "request.state");
        assert_eq!(world.get(&submission).await.state(), submission::State::Accepted);
    })
    .await;
}
