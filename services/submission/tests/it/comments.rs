//! Remarks on cells and sections: noted down, sent with the return, answered, settled.

use chrono::{TimeDelta, Utc};
use tonic::Code;
use zhijian_platform::time::timestamp;
use zhijian_proto::submission::v1::*;

use crate::harness::*;

fn on(submission: &Submission, indicator: &str, section: &str, body: &str) -> AddCommentRequest {
    AddCommentRequest {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        indicator_code: indicator.into(),
        section_code: section.into(),
        body: body.into(),
    }
}

async fn seen_by(clients: zhijian_platform::Clients, submission: &Submission) -> Vec<Comment> {
    let request = ListCommentsRequest { submission_id: submission.submission_id.clone() };
    clients.comments().list_comments(request).await.expect("read").into_inner().comments
}

fn answer(comment: &Comment, words: &str) -> AnswerCommentRequest {
    AnswerCommentRequest {
        request_id: id(),
        submission_id: comment.submission_id.clone(),
        comment_id: comment.comment_id.clone(),
        etag: comment.etag.clone(),
        answer: words.into(),
    }
}

#[tokio::test]
async fn remarks_go_with_the_return_and_want_answers() {
    each(|world| async move {
        world.collecting(2025, Some(timestamp(Utc::now() + TimeDelta::days(1)))).await;
        let submission = world.submitted(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let section = world.sections(&submission, 0).await.swap_remove(0).section_code;
        let mut commission = world.commission().comments();
        let mut school = world.school(COLLEGE).comments();

        let wrong = commission.add_comment(on(&submission, "SC01", "nowhere", " ")).await.unwrap_err();
        let fields: Vec<String> = violations(&wrong).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["indicator_code", "section_code", "section_code", "body"]);
        let by_school = school.add_comment(on(&submission, "ENT01", "", "好")).await.unwrap_err();
        assert_eq!(by_school.code(), Code::PermissionDenied);

        let request = on(&submission, "ENT01", "", "与合同金额不符，请核对");
        let first = commission.add_comment(request.clone()).await.unwrap().into_inner();
        assert_eq!(commission.add_comment(request).await.unwrap().into_inner(), first, "repeated safely");
        let first = first.comment.unwrap();
        assert_eq!((first.state(), first.revision_number), (comment::State::Unsent, 1));
        commission.add_comment(on(&submission, "", &section, "请补充企业简介")).await.unwrap();
        let third = commission.add_comment(on(&submission, "", "", "总体较好")).await.unwrap().into_inner();
        let third = third.comment.unwrap();
        let delete = DeleteCommentRequest {
            request_id: id(),
            submission_id: third.submission_id.clone(),
            comment_id: third.comment_id.clone(),
            etag: third.etag.clone(),
        };
        commission.delete_comment(delete).await.expect("not sent yet");
        assert!(
            seen_by(world.school(COLLEGE), &submission).await.is_empty(),
            "nothing is shown before the return"
        );
        assert_eq!(seen_by(world.commission(), &submission).await.len(), 2);
        let unseen = school.answer_comment(answer(&first, "好")).await.unwrap_err();
        assert!(matches!(unseen.code(), Code::FailedPrecondition | Code::NotFound), "{unseen:?}");

        let returned = world.send_back(&submission, "见批注").await.unwrap();
        assert_eq!(returned.state(), submission::State::Returned);
        let comments = seen_by(world.school(COLLEGE), &submission).await;
        assert_eq!(comments.len(), 2);
        assert!(comments.iter().all(|comment| comment.state() == comment::State::Open));
        assert_eq!(comments[0].body, "与合同金额不符，请核对");
        let late = commission.add_comment(on(&submission, "ENT01", "", "又")).await.unwrap_err();
        assert_eq!(preconditions(&late)[0].0, "submission.state");

        // Mended, but without a word on the remarks: the receipt is refused (C15).
        world.put(&submission, &[("ENT01", "12.5")]).await;
        world.approve(&submission).await.unwrap();
        let refused = world.submit(&submission).await.unwrap_err();
        assert_eq!(reason(&refused), "CHECKS_FAILED");
        let named = preconditions(&refused);
        assert_eq!(named.len(), 2);
        assert!(named[0].0.starts_with("C15:cmt_") && named[0].1.contains("ENT01"), "{named:?}");

        let answered = school.answer_comment(answer(&comments[0], "已按合同改为 12.5")).await.unwrap();
        let answered = answered.into_inner().comment.unwrap();
        assert_eq!(
            (answered.state(), answered.answer.as_str()),
            (comment::State::Answered, "已按合同改为 12.5")
        );
        let stale = school.answer_comment(answer(&comments[0], "再改")).await.unwrap_err();
        assert_eq!(stale.code(), Code::Aborted);
        let other = world.school(OTHER_COLLEGE).comments().answer_comment(answer(&comments[1], "？")).await;
        assert_eq!(other.unwrap_err().code(), Code::PermissionDenied);
        let resolve = |comment: &Comment, reopen| ResolveCommentRequest {
            request_id: id(),
            submission_id: comment.submission_id.clone(),
            comment_id: comment.comment_id.clone(),
            etag: comment.etag.clone(),
            reopen,
        };
        let by_school = school.resolve_comment(resolve(&comments[1], false)).await.unwrap_err();
        assert_eq!(by_school.code(), Code::PermissionDenied);
        let resolved = commission.resolve_comment(resolve(&comments[1], false)).await.unwrap().into_inner();
        let resolved = resolved.comment.unwrap();
        assert_eq!(resolved.state(), comment::State::Resolved);
        let settled = school.answer_comment(answer(&resolved, "好")).await.unwrap_err();
        assert_eq!(preconditions(&settled)[0].0, "comment.state");
        assert_eq!(
            world.get(&submission).await.state(),
            submission::State::Approved,
            "an answer changes nothing that was declared"
        );
        assert_eq!(world.submit(&submission).await.unwrap().receipt.unwrap().revision_number, 2);

        commission.add_comment(on(&submission, "ENT02", "", "可用")).await.unwrap();
        world.accept(&submission).await.unwrap();
        let comments = seen_by(world.school(COLLEGE), &submission).await;
        assert_eq!(comments.len(), 3, "what was noted is shown once it is accepted");
        assert!(comments.iter().all(|comment| comment.state() == comment::State::Resolved));
    })
    .await;
}

#[tokio::test]
async fn an_answer_may_be_all_that_a_return_asked_for() {
    each(|world| async move {
        world.collecting(2025, Some(timestamp(Utc::now() + TimeDelta::days(1)))).await;
        let submission = world.submitted(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let mut commission = world.commission().comments();
        commission.add_comment(on(&submission, "ENT01", "", "是否含税？")).await.unwrap();
        world.send_back(&submission, "请答复").await.unwrap();
        assert!(world.approve(&submission).await.is_err(), "nothing was done about it yet");
        let open = seen_by(world.school(COLLEGE), &submission).await.swap_remove(0);
        world.school(COLLEGE).comments().answer_comment(answer(&open, "不含税，数据无误。")).await.unwrap();
        assert_eq!(world.get(&submission).await.state(), submission::State::Draft);
        world.approve(&submission).await.expect("declared again, without a change");
        assert_eq!(world.submit(&submission).await.unwrap().receipt.unwrap().revision_number, 2);
    })
    .await;
}

#[tokio::test]
async fn a_return_gives_time_to_mend_whatever_the_year_says() {
    each(|world| async move {
        let due = Utc::now() + TimeDelta::hours(1);
        world.collecting(2025, Some(timestamp(due))).await;
        let submission = world.submitted(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let clock = world.test.ctx.db.clock();
        clock.hold(due + TimeDelta::days(30));
        let back = |mend: Option<chrono::DateTime<Utc>>, etag: &str| ReturnSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: etag.into(),
            comment: "请修改".into(),
            mend_due_time: mend.map(timestamp),
        };
        let mut commission = world.commission().submissions();
        let past = commission.return_submission(back(Some(due), &submission.etag)).await.unwrap_err();
        assert_eq!(violations(&past)[0].0, "mend_due_time");
        commission.return_submission(back(None, &submission.etag)).await.expect("returned");
        let seen = world.get(&submission).await;
        let until = clock.now() + TimeDelta::days(7);
        assert_eq!(seen.deadline.unwrap().due_time, Some(timestamp(until)), "as many days as the rules give");
        world.put(&submission, &[("ENT01", "12.5")]).await;
        clock.hold(until + TimeDelta::milliseconds(1));
        let late = world.approve(&submission).await.unwrap_err();
        assert_eq!(preconditions(&late)[0].0, "cycle.due_time");
    })
    .await;
}
