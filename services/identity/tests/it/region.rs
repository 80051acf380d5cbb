//! The region's description, and the trail of its changes.

use tonic::Code;
use zhijian_proto::identity::v1::{
    GetRegionRequest, ListAuditEntriesRequest, Region, UpdateRegionRequest, UpdateRegionResponse,
};

use crate::support::{Identity, fields, refused, request_id, text};

async fn region(identity: &Identity) -> Region {
    let response = identity.anybody().regions().get_region(GetRegionRequest {}).await.expect("a region");
    response.into_inner().region.expect("described")
}

async fn update(
    identity: &Identity,
    name: &str,
    region: Region,
) -> Result<UpdateRegionResponse, tonic::Status> {
    let request = UpdateRegionRequest { request_id: request_id(name), region: Some(region) };
    Ok(identity.commission().regions().update_region(request).await?.into_inner())
}

#[tokio::test]
async fn whoever_saves_over_somebody_elses_change_is_told() {
    for identity in Identity::each_set_up().await {
        let read = region(&identity).await;
        let mut mine = read.clone();
        mine.note = text("数据来源：2025 年报告", "Figures: the 2025 report");
        mine.demonstration = true;
        mine.demonstration_load_time = Some(prost_types::Timestamp { seconds: 1_750_000_000, nanos: 0 });
        let answer =
            update(&identity, "mine", mine.clone()).await.expect("updated").region.expect("answered");
        assert_ne!(answer.etag, read.etag);
        assert_eq!(region(&identity).await, answer);
        assert_eq!(Region { etag: read.etag.clone(), ..answer.clone() }, mine);

        refused(update(&identity, "theirs", read.clone()).await, Code::Aborted, "ETAG_MISMATCH");
        let blind = Region { etag: String::new(), ..read };
        refused(update(&identity, "blind", blind).await, Code::InvalidArgument, "INVALID_FIELD");
        // The same request again is answered as it was, though its etag is no longer the current one.
        assert_eq!(
            update(&identity, "mine", mine.clone()).await.expect("repeated").region,
            Some(answer.clone())
        );
        let reused = update(&identity, "mine", Region { demonstration: false, ..mine }).await;
        refused(reused, Code::InvalidArgument, "REQUEST_REUSED");
        assert_eq!(region(&identity).await, answer);
    }
}

#[tokio::test]
async fn a_description_needs_both_languages_and_a_real_time() {
    for identity in Identity::each_set_up().await {
        let bad = Region {
            name: text("演示市", ""),
            note: text("只有中文", ""),
            demonstration_load_time: Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 }),
            ..region(&identity).await
        };
        let status = refused(update(&identity, "bad", bad).await, Code::InvalidArgument, "INVALID_FIELD");
        assert_eq!(fields(&status), ["region.name", "region.note", "region.demonstration_load_time"]);
    }
}

#[tokio::test]
async fn every_change_is_in_the_trail_newest_first() {
    for identity in Identity::each_set_up().await {
        for round in ["first", "second"] {
            let read = region(&identity).await;
            update(&identity, round, read).await.expect("updated");
        }
        identity.register_school().await;
        let list = |page_size, page_token, resource: &str| {
            let request = ListAuditEntriesRequest { page_size, page_token, resource: resource.to_owned() };
            let mut audit = identity.commission().audit();
            async move { audit.list_audit_entries(request).await.expect("listed").into_inner() }
        };
        let all = list(0, String::new(), "").await;
        let actions: Vec<_> = all.entries.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["organisation.create", "region.update", "region.update", "session.set_up"]);
        assert_eq!(all.entries[0].account_id, "acc_commission");
        assert_eq!(all.entries[3].account_id, "");
        assert!(all.next_page_token.is_empty());

        let first = list(1, String::new(), "region").await;
        assert_eq!(first.entries, [all.entries[1].clone()]);
        let second = list(1, first.next_page_token, "region").await;
        assert_eq!(second.entries, [all.entries[2].clone()]);
        assert!(second.next_page_token.is_empty());
    }
}
