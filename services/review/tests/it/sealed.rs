//! Sealed, then revealed: nobody sees results before their time but on record.

use tonic::Code;
use zhijian_proto::review::v1::*;

use crate::world::*;

pub async fn reads(world: &World, round_id: &str) -> Vec<SealedRead> {
    let request = ListSealedReadsRequest { round_id: round_id.into(), ..Default::default() };
    ok(world.chair.seals().list_sealed_reads(request).await).reads
}

#[tokio::test]
async fn every_read_of_sealed_results_is_recorded_and_reads_of_revealed_ones_are_not() {
    in_each_world(1, 3, async |world| {
        world.programmes(&school(0), &["710201", "710202"], "").await;
        let accounts = world.reviewers(3).await;
        let round = world.open_round().await;
        let id = &round.round_id;
        world.submit_all(id, |_| "55".into()).await;
        world.entries(&world.chair, id).await;
        ok(world.try_finalise(id).await);
        assert_eq!(reads(&world, id).await, [], "there was nothing to see before");

        let entry = world.entries(&world.commission, id).await.remove(0);
        let distribution = || GetDistributionRequest { round_id: id.clone() };
        ok(world.publication.rounds().get_distribution(distribution()).await);
        let agreement = GetAgreementRequest { round_id: id.clone() };
        ok(world.chair.rounds().get_agreement(agreement).await);
        let listed = ListRectificationsRequest::default();
        let opened = ok(world.chair.rectifications().list_rectifications(listed).await).rectifications;
        let get = GetRectificationRequest { rectification_id: opened[0].rectification_id.clone() };
        ok(world.commission.rectifications().get_rectification(get).await);
        let feedback = || GetFeedbackRequest { entry_id: entry.entry_id.clone() };
        ok(world.chair.feedback().get_feedback(feedback()).await);
        // Who may not look learns nothing, and nothing is recorded of it.
        let own = world.as_school(&school(0));
        refused(own.feedback().get_feedback(feedback()).await, Code::NotFound);
        assert_eq!(world.entries(&own, id).await[0].result, None);
        let reviewer = world.as_reviewer(&accounts[0]);
        refused(reviewer.rounds().get_distribution(distribution()).await, Code::PermissionDenied);

        let told: Vec<(String, String, String, i32)> = reads(&world, id)
            .await
            .into_iter()
            .rev()
            .map(|one| (one.action, one.account_id, one.what, one.count))
            .collect();
        let read =
            |action: &str, who: &str, what: &str, count| (action.into(), who.into(), what.into(), count);
        let first = told[4].2.clone();
        assert_eq!(
            told,
            [
                read("entry.list", "acc_commission", "710201 710202", 2),
                read("round.distribution", "service:publication", "", 2),
                read("round.agreement", "acc_chair", "", 2),
                read("rectification.list", "acc_chair", "710201 710202", 2),
                read("rectification.read", "acc_commission", &first, 1),
                read("feedback.read", "acc_chair", "710201", 1),
            ]
        );
        let list = ListSealedReadsRequest { round_id: id.clone(), ..Default::default() };
        refused(own.seals().list_sealed_reads(list.clone()).await, Code::PermissionDenied);
        refused(reviewer.seals().list_sealed_reads(list.clone()).await, Code::PermissionDenied);
        assert_eq!(ok(world.commission.seals().list_sealed_reads(list).await).reads.len(), 6);

        ok(world.try_reveal(id).await);
        world.entries(&world.chair, id).await;
        assert_eq!(reads(&world, id).await.len(), 6, "what is revealed is read freely");
        assert!(world.round(id).await.reveal_time.is_some());
    })
    .await;
}

#[tokio::test]
async fn feedback_is_worded_by_the_chair_and_read_once_it_is_approved_and_revealed() {
    in_each_world(1, 3, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        world.reviewers(3).await;
        let round = world.open_round().await;
        let id = &round.round_id;
        let entry = world.entries(&world.chair, id).await.remove(0);
        let get = || GetFeedbackRequest { entry_id: entry.entry_id.clone() };
        refused(world.chair.feedback().get_feedback(get()).await, Code::FailedPrecondition);
        world.submit_all(id, |_| "70".into()).await;
        ok(world.try_finalise(id).await);
        let empty = ok(world.chair.feedback().get_feedback(get()).await).feedback.expect("one");
        assert_eq!(empty.comments, ["建议加强实践教学。", "建议加强实践教学。", "建议加强实践教学。"]);
        let save = |etag: &str, element: &str| SaveFeedbackRequest {
            request_id: request_id(),
            entry_id: entry.entry_id.clone(),
            etag: etag.into(),
            overall: "总体良好。".into(),
            remarks: vec![ElementRemark {
                element_code: element.into(), body: "实践学时还要落实。".into()
            }],
        };
        let odd = world.chair.feedback().save_feedback(save("", "weather")).await;
        assert!(violations(&refused(odd, Code::InvalidArgument)).contains_key("remarks[0].element_code"));
        let kept =
            ok(world.chair.feedback().save_feedback(save("", "practice")).await).feedback.expect("one");
        refused(world.chair.feedback().save_feedback(save("", "practice")).await, Code::Aborted);
        ok(world.try_reveal(id).await);
        let own = world.as_school(&school(0));
        let before = ok(own.feedback().get_feedback(get()).await).feedback.expect("one");
        assert_eq!((before.overall.as_str(), before.remarks.len(), before.comments.len()), ("", 0, 0));
        assert_eq!(before.entry.expect("an entry").result.expect("a result").elements.len(), 10);
        let approve = ApproveFeedbackRequest {
            request_id: request_id(),
            entry_id: entry.entry_id.clone(),
            etag: kept.etag.clone(),
        };
        refused(own.feedback().approve_feedback(approve.clone()).await, Code::PermissionDenied);
        let approved = ok(world.chair.feedback().approve_feedback(approve).await).feedback.expect("one");
        let after = ok(own.feedback().get_feedback(get()).await).feedback.expect("one");
        assert_eq!((after.overall.as_str(), after.remarks.len()), ("总体良好。", 1));
        assert_eq!((after.comments.len(), after.state, after.etag.as_str()), (0, 0, ""));
        let late = world.chair.feedback().save_feedback(save(&approved.etag, "practice")).await;
        refused(late, Code::FailedPrecondition);
        refused(world.as_school(&school(1)).feedback().get_feedback(get()).await, Code::NotFound);
    })
    .await;
}
