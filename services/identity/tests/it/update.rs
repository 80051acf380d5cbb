//! Entries of the register that change, and what they were.

use prost_types::FieldMask;
use tonic::Code;
use zhijian_proto::identity::v1::{
    FormerName, GetOrganisationRequest, ListOrganisationChangesRequest, ListOrganisationsRequest, Merger,
    Organisation, UpdateOrganisationRequest, organisation::Ownership,
};

use crate::support::{Identity, SCHOOL, fields, refused, register, request_id, school, text};

const OTHER: &str = "3611000002";

async fn read(identity: &Identity, code: &str, day: &str) -> (Organisation, Option<String>) {
    let request = GetOrganisationRequest { code: code.to_owned(), name_date: day.to_owned() };
    let answer = identity.anybody().organisations().get_organisation(request).await.expect("registered");
    let answer = answer.into_inner();
    (answer.organisation.expect("given"), answer.name_on_date.map(|name| name.zh))
}

fn update(name: &str, organisation: Organisation, mask: &[&str]) -> UpdateOrganisationRequest {
    UpdateOrganisationRequest {
        request_id: request_id(name),
        organisation: Some(organisation),
        update_mask: Some(FieldMask { paths: mask.iter().map(|path| (*path).to_owned()).collect() }),
        ..UpdateOrganisationRequest::default()
    }
}

#[tokio::test]
async fn a_new_name_keeps_the_old_one_and_its_days() {
    for identity in Identity::each_set_up().await {
        identity.register_school().await;
        let mut organisations = identity.commission().organisations();
        let (before, _) = read(&identity, SCHOOL, "").await;
        let named = Organisation {
            name: text("演示职业学院", "Demonstration College"),
            founding_date: "1985年9月".to_owned(),
            district: "不在掩码里".to_owned(),
            ..before.clone()
        };
        let without = update("no date", named.clone(), &["name", "founding_date"]);
        let status = organisations.update_organisation(without.clone()).await;
        assert_eq!(fields(&refused(status, Code::InvalidArgument, "INVALID_FIELD")), ["rename_date"]);
        let early = UpdateOrganisationRequest {
            request_id: request_id("early"),
            rename_date: "1985-08-31".to_owned(),
            ..without.clone()
        };
        let status = organisations.update_organisation(early).await;
        assert_eq!(fields(&refused(status, Code::InvalidArgument, "INVALID_FIELD")), ["rename_date"]);

        let dated = UpdateOrganisationRequest {
            request_id: request_id("dated"),
            rename_date: "2024-09-01".to_owned(),
            ..without
        };
        let renamed = organisations.update_organisation(dated.clone()).await.expect("renamed").into_inner();
        let again = organisations.update_organisation(dated.clone()).await.expect("repeated").into_inner();
        assert_eq!(again, renamed);
        let renamed = renamed.organisation.expect("given");
        assert_eq!(renamed.district, before.district, "not in the mask");
        assert_eq!(renamed.founding_date, "1985-09");
        let kept = FormerName {
            name: before.name.clone(),
            from_date: "1985-09".to_owned(),
            to_date: "2024-08-31".to_owned(),
            mistaken: false,
        };
        assert_eq!(renamed.former_names, std::slice::from_ref(&kept));
        for (day, name) in [
            ("1985-08-31", None),
            ("2024-08-31", Some("演示中等专业学校")),
            ("2024-09-01", Some("演示职业学院")),
        ] {
            assert_eq!(read(&identity, SCHOOL, day).await.1.as_deref(), name, "{day}");
        }

        let stale = UpdateOrganisationRequest { request_id: request_id("stale"), ..dated };
        refused(organisations.update_organisation(stale).await, Code::Aborted, "ETAG_MISMATCH");
        let dropped = Organisation { former_names: vec![], ..renamed.clone() };
        let status = organisations.update_organisation(update("drop", dropped, &["former_names"])).await;
        let status = refused(status, Code::InvalidArgument, "INVALID_FIELD");
        assert_eq!(fields(&status), ["organisation.former_names"]);
        let mistaken =
            Organisation { former_names: vec![FormerName { mistaken: true, ..kept }], ..renamed.clone() };
        let marked = organisations.update_organisation(update("mark", mistaken, &["former_names"])).await;
        assert!(marked.expect("marked").into_inner().organisation.expect("given").former_names[0].mistaken);
        assert_eq!(read(&identity, SCHOOL, "2024-08-31").await.1.as_deref(), Some("演示职业学院"));
        let unknown = update("unknown", renamed, &["code"]);
        let status = organisations.update_organisation(unknown).await;
        assert_eq!(fields(&refused(status, Code::InvalidArgument, "INVALID_FIELD")), ["update_mask"]);
    }
}

#[tokio::test]
async fn history_says_what_was_changed_and_is_for_the_school_itself() {
    for identity in Identity::each_set_up().await {
        identity.register_school().await;
        let mut organisations = identity.commission().organisations();
        let (before, _) = read(&identity, SCHOOL, "").await;
        let slip =
            Organisation { name: text("演示中专学校", "Demonstration School"), ..before.clone() };
        let corrected = UpdateOrganisationRequest { correction: true, ..update("slip", slip, &["name"]) };
        let corrected = organisations.update_organisation(corrected).await.expect("corrected").into_inner();
        let corrected = corrected.organisation.expect("given");
        assert_eq!(corrected.former_names, [], "a slip was never carried");
        let same = organisations.update_organisation(update("same", corrected.clone(), &["name"])).await;
        assert_eq!(same.expect("unchanged").into_inner().organisation.expect("given").etag, corrected.etag);

        let request = || ListOrganisationChangesRequest { code: SCHOOL.to_owned(), ..Default::default() };
        let own = identity.test.as_account("acc_school", &[("school", SCHOOL)]);
        let listed = own.registry().list_organisation_changes(request()).await.expect("its own").into_inner();
        let told: Vec<_> = listed
            .changes
            .iter()
            .map(|change| (change.action.as_str(), change.account_name.as_str(), change.changes.len()))
            .collect();
        assert_eq!(told[0], ("organisation.update", "acc_commission", 1));
        assert_eq!(told[1].0, "organisation.create");
        let change = &listed.changes[0].changes[0];
        assert_eq!((change.field.as_str(), change.old_value.as_str()), ("name", "演示中等专业学校"));
        assert_eq!(change.new_value, "演示中专学校");
        let first = ListOrganisationChangesRequest { page_size: 1, ..request() };
        let page = own.registry().list_organisation_changes(first.clone()).await.expect("paged").into_inner();
        let next = ListOrganisationChangesRequest { page_token: page.next_page_token, ..first };
        let page = own.registry().list_organisation_changes(next).await.expect("paged").into_inner();
        assert_eq!(page.changes[..], listed.changes[1..]);

        let other = identity.test.as_account("acc_other", &[("school", OTHER)]);
        let status = other.registry().list_organisation_changes(request()).await;
        refused(status, Code::PermissionDenied, "NOT_ALLOWED");
        let status = own.organisations().update_organisation(update("school", before, &["website"])).await;
        refused(status, Code::PermissionDenied, "NOT_ALLOWED");
    }
}

#[tokio::test]
async fn particulars_are_kept_checked_and_searched() {
    for identity in Identity::each_set_up().await {
        identity.register_school().await;
        let full = Organisation {
            code: OTHER.to_owned(),
            name: text("演示第二职业学校", "Second Demo School"),
            ownership: Ownership::Private.into(),
            supervising_body: "演示集团".to_owned(),
            website: "https://www.example.edu.cn".to_owned(),
            credit_code: "91350100M000100Y43".to_owned(),
            founding_date: "1990".to_owned(),
            closing_date: "2020-08".to_owned(),
            merger: Some(Merger { into_code: SCHOOL.to_owned(), date: "2020-08".to_owned() }),
            former_names: vec![FormerName {
                name: text("演示Nursing_100%护士学校", ""),
                from_date: String::new(),
                to_date: "1999".to_owned(),
                mistaken: false,
            }],
            ..school(OTHER)
        };
        let mut organisations = identity.commission().organisations();
        organisations.create_organisation(register(full.clone())).await.expect("registered");
        let (kept, _) = read(&identity, OTHER, "").await;
        assert_eq!(Organisation { create_time: None, etag: String::new(), ..kept.clone() }, full);

        let found = async |request: ListOrganisationsRequest| -> Vec<String> {
            let answer =
                identity.anybody().organisations().list_organisations(request).await.expect("listed");
            answer.into_inner().organisations.into_iter().map(|organisation| organisation.code).collect()
        };
        let query = |query: &str| ListOrganisationsRequest { query: query.to_owned(), ..Default::default() };
        assert_eq!(found(query("nursing_100%")).await, [OTHER], "a former name, whatever the case");
        assert_eq!(found(query("second demo")).await, [OTHER]);
        assert_eq!(found(query("36110000")).await, [SCHOOL, OTHER]);
        assert_eq!(found(query("没有这所学校")).await, [] as [&str; 0]);
        assert_eq!(found(query("%%")).await, [] as [&str; 0], "signs mean themselves");
        let district = ListOrganisationsRequest { district: "演示区".into(), ..Default::default() };
        assert_eq!(found(district.clone()).await, [SCHOOL, OTHER]);
        assert_eq!(
            found(ListOrganisationsRequest { existing_only: true, ..district.clone() }).await,
            [SCHOOL]
        );
        let private = ListOrganisationsRequest { ownership: Ownership::Private.into(), ..district };
        assert_eq!(found(private).await, [OTHER]);

        let wrong = Organisation {
            website: "javascript:alert(1)".to_owned(),
            credit_code: "91350100M000100Y44".to_owned(),
            merger: Some(Merger { into_code: "36".to_owned(), date: "某日".to_owned() }),
            ..kept.clone()
        };
        let mask = ["website", "credit_code", "merger"];
        let status = organisations.update_organisation(update("wrong", wrong, &mask)).await;
        let mut named = fields(&refused(status, Code::InvalidArgument, "INVALID_FIELD"));
        named.sort();
        assert_eq!(
            named,
            ["organisation.credit_code", "organisation.merger.date", "organisation.merger.into_code"]
        );
        let (survivor, _) = read(&identity, SCHOOL, "").await;
        let back = Organisation {
            merger: Some(Merger { into_code: OTHER.to_owned(), date: "2021".to_owned() }),
            ..survivor
        };
        let status = organisations.update_organisation(update("back", back, &["merger"])).await;
        assert_eq!(fields(&refused(status, Code::InvalidArgument, "INVALID_FIELD")), ["organisation.merger"]);
    }
}
