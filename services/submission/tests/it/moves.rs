//! Every move is safe to repeat, guards against two tabs, and never waits for a slow check.

use tokio_util::sync::CancellationToken;
use tonic::Code;
use zhijian_proto::submission::v1::*;

use crate::harness::*;

#[tokio::test]
async fn every_move_is_safe_to_repeat_and_refuses_a_stale_tab() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let (mut school, mut commission) =
            (world.school(COLLEGE).submissions(), world.commission().submissions());
        let request = CreateSubmissionRequest {
            request_id: id(),
            cycle_year: 2025,
            report_kind: "enterprise".into(),
            organisation_code: COLLEGE.into(),
            subject_code: ENTERPRISE.into(),
        };
        let created = school.create_submission(request.clone()).await.unwrap().into_inner();
        assert_eq!(school.create_submission(request).await.unwrap().into_inner(), created);
        let submission = created.submission.unwrap();
        let submission_id = submission.submission_id.clone();
        world.fill(&submission).await;

        // Two tabs of the head: both show the same report, the second knows that the first has acted.
        let shown = world.get(&submission).await.etag;
        let approve = ApproveSubmissionRequest {
            request_id: id(),
            submission_id: submission_id.clone(),
            etag: shown.clone(),
            declaration: Some(Declaration { name: "甲".into(), office: "校长".into(), time: None }),
        };
        let approved = school.approve_submission(approve.clone()).await.unwrap().into_inner();
        assert_eq!(school.approve_submission(approve.clone()).await.unwrap().into_inner(), approved);
        let other_tab = ApproveSubmissionRequest { request_id: id(), ..approve };
        assert_eq!(reason(&school.approve_submission(other_tab).await.unwrap_err()), "ILLEGAL_STATE");

        let etag = approved.submission.unwrap().etag;
        let submit = SubmitSubmissionRequest { request_id: id(), submission_id: submission_id.clone(), etag };
        let stale = SubmitSubmissionRequest { request_id: id(), etag: shown, ..submit.clone() };
        assert_eq!(school.submit_submission(stale).await.unwrap_err().code(), Code::Aborted);
        let submitted = school.submit_submission(submit.clone()).await.unwrap().into_inner();
        assert_eq!(school.submit_submission(submit).await.unwrap().into_inner(), submitted);

        let etag = submitted.submission.unwrap().etag;
        let start = StartSubmissionReviewRequest {
            request_id: id(),
            submission_id: submission_id.clone(),
            etag: etag.clone(),
        };
        let started = commission.start_submission_review(start.clone()).await.unwrap().into_inner();
        assert_eq!(commission.start_submission_review(start).await.unwrap().into_inner(), started);
        let current = started.submission.unwrap().etag;
        let back = ReturnSubmissionRequest {
            request_id: id(),
            submission_id: submission_id.clone(),
            etag: current,
            comment: "请修改".into(),
            mend_due_time: None,
        };
        let stale = ReturnSubmissionRequest { request_id: id(), etag: etag.clone(), ..back.clone() };
        assert_eq!(commission.return_submission(stale).await.unwrap_err().code(), Code::Aborted);
        let returned = commission.return_submission(back.clone()).await.unwrap().into_inner();
        assert_eq!(commission.return_submission(back).await.unwrap().into_inner(), returned);

        world.put(&submission, &[("ENT01", "12.5")]).await;
        world.approve(&submission).await.unwrap();
        let submitted = world.submit(&submission).await.unwrap().submission.unwrap();
        let accept = AcceptSubmissionRequest {
            request_id: id(),
            submission_id: submission_id.clone(),
            etag: submitted.etag,
        };
        let stale = AcceptSubmissionRequest { request_id: id(), etag, ..accept.clone() };
        assert_eq!(commission.accept_submission(stale).await.unwrap_err().code(), Code::Aborted);
        let accepted = commission.accept_submission(accept.clone()).await.unwrap().into_inner();
        assert_eq!(commission.accept_submission(accept).await.unwrap().into_inner(), accepted);
        assert_eq!(world.history(&submission).await.len(), 9, "nothing happened twice");
    })
    .await;
}

async fn check_of(world: &World, submission: &Submission) -> RevisionCheck {
    let request = ListRevisionsRequest { submission_id: submission.submission_id.clone() };
    let mut client = world.school(COLLEGE).submissions();
    let mut revisions = client.list_revisions(request).await.unwrap().into_inner().revisions;
    let revision = revisions.pop().expect("a revision");
    assert!(revision.receipt_id.starts_with("rcp_"));
    revision.check.expect("it is told where the check stands")
}

#[tokio::test]
async fn a_slow_check_never_delays_the_receipt_and_is_done_afterwards() {
    let rules = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(rules.path().join("submission")).expect("made");
    // No patience at all: every check is too slow.
    let text = "check_patience_ms = 0\nmend_days = 7\n";
    std::fs::write(rules.path().join("submission/workflow.toml"), text).expect("written");
    each_with_rules(Some(rules.path()), |world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        world.approve(&submission).await.unwrap();
        // The report is empty: its check, once it is done, finds errors.
        let answer = world.submit(&submission).await.expect("the receipt is given");
        assert_eq!(answer.receipt.expect("a receipt").revision_number, 1);
        assert_eq!(check_of(&world, &submission).await.state(), revision_check::State::Running);

        let stop = CancellationToken::new();
        let worker = tokio::spawn(world.test.ctx.operations.clone().work_until(stop.clone()));
        let ended = async || {
            let check = check_of(&world, &submission).await;
            (check.state() != revision_check::State::Running).then_some(check)
        };
        let check = world.test.until("the end of the check", ended).await;
        assert_eq!(check.state(), revision_check::State::Done);
        assert!(check.errors > 0 && check.end_time.is_some(), "{check:?}");
        let history = world.history(&submission).await;
        let last = history.last().expect("an event");
        assert_eq!(*last, ("submission.check".to_owned(), submission::State::Submitted));

        // A report that moved on before its check: nobody waits for it any more.
        world.send_back(&submission, "指标都没有填").await.unwrap();
        stop.cancel();
        worker.await.expect("it stops");
        world.put(&submission, &[("ENT01", "12.5")]).await;
        world.approve(&submission).await.unwrap();
        world.submit(&submission).await.unwrap();
        world.send_back(&submission, "还是不行").await.unwrap();
        let stop = CancellationToken::new();
        let worker = tokio::spawn(world.test.ctx.operations.clone().work_until(stop.clone()));
        let check = world.test.until("the end of the second check", ended).await;
        assert_eq!(check.state(), revision_check::State::Superseded);
        stop.cancel();
        worker.await.expect("it stops");
    })
    .await;
}
