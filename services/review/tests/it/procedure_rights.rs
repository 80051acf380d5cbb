//! Who sees and moves what in procedures.

use tonic::Code;
use zhijian_platform::Clients;
use zhijian_proto::review::v1::*;

use crate::{
    procedures::{apply, counts, create, items, try_apply, try_take},
    world::*,
};

#[tokio::test]
async fn everybody_sees_and_moves_only_what_is_theirs() {
    in_each_world(2, 0, async |world| {
        let opened = create(&world, "social-service").await;
        let item = apply(&world, &opened, 0, "").await;
        let (own, other) = (world.as_school(&school(0)), world.as_school(&school(1)));
        let get_it = || GetItemRequest { item_id: item.item_id.clone() };
        refused(other.items().get_item(get_it()).await, Code::NotFound);
        refused(try_take(&other, &item, "apply", "submit", vec![], "").await, Code::NotFound);
        refused(try_apply(&other, &opened, &school(0), "").await, Code::PermissionDenied);
        refused(
            try_take(&world.commission, &item, "apply", "submit", vec![], "").await,
            Code::PermissionDenied,
        );
        refused(try_take(&own, &item, "approve", "approve", vec![], "").await, Code::PermissionDenied);
        let all = || ListItemsRequest { procedure_id: opened.procedure_id.clone(), ..Default::default() };
        let mine = || ListItemsRequest { mine: true, ..all() };
        assert_eq!((items(&own, all()).await.len(), items(&own, mine()).await.len()), (1, 1));
        assert_eq!(items(&other, all()).await.len(), 0);
        let district = world.as_school(DISTRICT);
        assert_eq!((items(&district, all()).await.len(), items(&district, mine()).await.len()), (1, 0));
        let publisher = world.test.as_account("acc_publisher", &[("publisher", "9011000001")]);
        assert_eq!((items(&publisher, all()).await.len(), items(&publisher, mine()).await.len()), (1, 0));
        let reviewer = world.as_reviewer("acc_reviewer");
        refused(reviewer.items().list_items(all()).await, Code::PermissionDenied);
        refused(reviewer.items().get_item(get_it()).await, Code::PermissionDenied);
        let anybody =
            Clients::with(&own, zhijian_platform::Credential::Anonymous, zhijian_platform::Lang::Zh);
        refused(anybody.items().list_items(all()).await, Code::Unauthenticated);

        let lapse = |etag: &str| LapseItemRequest {
            request_id: request_id(),
            item_id: item.item_id.clone(),
            etag: etag.into(),
            reason: "逾期".into(),
        };
        refused(world.commission.items().lapse_item(lapse(&item.etag)).await, Code::FailedPrecondition);
        refused(own.items().lapse_item(lapse(&item.etag)).await, Code::PermissionDenied);
        let withdraw = |etag: &str| WithdrawItemRequest {
            request_id: request_id(),
            item_id: item.item_id.clone(),
            etag: etag.into(),
            reason: "本年不再申报".into(),
        };
        refused(own.items().withdraw_item(withdraw("v9")).await, Code::Aborted);
        refused(other.items().withdraw_item(withdraw(&item.etag)).await, Code::NotFound);
        let request = withdraw(&item.etag);
        let gone = ok(own.items().withdraw_item(request.clone()).await).item.expect("one");
        assert_eq!((gone.end_code.as_str(), gone.mine, gone.withdrawable), ("withdrawn", false, false));
        let repeated = ok(own.items().withdraw_item(request).await).item.expect("one");
        assert_eq!(repeated, gone, "a repeated request is answered as before");
        refused(own.items().withdraw_item(withdraw(&gone.etag)).await, Code::FailedPrecondition);
        // What was withdrawn does not count against the one item that a school may bring.
        apply(&world, &opened, 0, "").await;

        let again = CreateProcedureRequest {
            request_id: request_id(),
            cycle_year: YEAR,
            scheme_code: "social-service".into(),
        };
        refused(world.commission.procedures().create_procedure(again.clone()).await, Code::AlreadyExists);
        refused(own.procedures().create_procedure(again).await, Code::PermissionDenied);
        let list = ListProceduresRequest::default();
        let seen = ok(other.procedures().list_procedures(list).await).procedures;
        assert_eq!((seen.len(), counts(&seen[0])), (1, vec![]), "others' items are not even counted");
    })
    .await;
}
