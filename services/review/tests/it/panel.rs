//! The register of reviewers.

use tonic::Code;
use zhijian_proto::review::v1::*;

use crate::world::*;

#[tokio::test]
async fn reviewers_are_entered_replaced_and_checked() {
    in_each_world(1, 2, async |world| {
        let account_id = world.account("zhang", &body(0)).await;
        let mut reviewers = world.chair.reviewers();
        let reviewer = Reviewer {
            account_id: account_id.clone(),
            name: String::new(),
            organisation_code: body(0),
            past_employers: vec![left(&school(0), "2023-08")],
            expertise: vec!["71".into()],
            max_load: 12,
            etag: String::new(),
        };
        let register = |reviewer: Reviewer| RegisterReviewerRequest {
            request_id: request_id(),
            reviewer: Some(reviewer),
        };
        let entered =
            ok(reviewers.register_reviewer(register(reviewer.clone())).await).reviewer.expect("one");
        assert_eq!(
            entered,
            Reviewer { name: "专家zhang".into(), etag: entered.etag.clone(), ..reviewer.clone() }
        );

        refused(
            reviewers.register_reviewer(register(Reviewer { max_load: 20, ..reviewer.clone() })).await,
            Code::InvalidArgument,
        );
        let replaced = Reviewer { max_load: 20, ..entered.clone() };
        let replaced = ok(reviewers.register_reviewer(register(replaced)).await).reviewer.expect("one");
        assert_eq!(replaced.max_load, 20);
        assert_ne!(replaced.etag, entered.etag);
        refused(reviewers.register_reviewer(register(entered.clone())).await, Code::Aborted);

        let wrong = Reviewer { organisation_code: "93".into(), max_load: 0, ..replaced.clone() };
        let told =
            violations(&refused(reviewers.register_reviewer(register(wrong)).await, Code::InvalidArgument));
        assert_eq!(told.keys().collect::<Vec<_>>(), ["reviewer.max_load", "reviewer.organisation_code"]);
        let unknown =
            Reviewer { past_employers: vec![left(&school(0), ""), left(&school(9), "")], ..replaced.clone() };
        let told =
            violations(&refused(reviewers.register_reviewer(register(unknown)).await, Code::InvalidArgument));
        assert_eq!(told.keys().collect::<Vec<_>>(), ["reviewer.past_employers[1].organisation_code"]);
        let nobody = Reviewer { account_id: "acc_nobody".into(), etag: String::new(), ..reviewer.clone() };
        let told =
            violations(&refused(reviewers.register_reviewer(register(nobody)).await, Code::InvalidArgument));
        assert_eq!(told.keys().collect::<Vec<_>>(), ["reviewer.account_id"]);
    })
    .await;
}
