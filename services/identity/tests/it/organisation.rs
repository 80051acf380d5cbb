//! The register of organisations.

use tonic::Code;
use zhijian_proto::{
    common::v1::Level,
    identity::v1::{
        GetOrganisationRequest, ListOrganisationsRequest, ListOrganisationsResponse, Organisation,
        organisation::Kind,
    },
};

use crate::support::{COMMISSION, Identity, SCHOOL, fields, refused, register, request_id, school, text};

fn enterprise(code: &str, parent: &str) -> Organisation {
    Organisation {
        code: code.to_owned(),
        kind: Kind::Enterprise.into(),
        name: text("演示企业", "Demonstration Enterprise"),
        parent_code: parent.to_owned(),
        ..Organisation::default()
    }
}

async fn list(identity: &Identity, request: ListOrganisationsRequest) -> ListOrganisationsResponse {
    identity
        .anybody()
        .organisations()
        .list_organisations(request)
        .await
        .expect("anybody may list")
        .into_inner()
}

fn codes(response: &ListOrganisationsResponse) -> Vec<&str> {
    response.organisations.iter().map(|organisation| organisation.code.as_str()).collect()
}

#[tokio::test]
async fn what_is_registered_is_answered_as_it_was_given() {
    for identity in Identity::each_set_up().await {
        let mut organisations = identity.commission().organisations();
        let created = organisations.create_organisation(register(school(SCHOOL))).await.expect("registered");
        let created = created.into_inner();
        let again = organisations.create_organisation(register(school(SCHOOL))).await.expect("repeated");
        assert_eq!(again.into_inner(), created);

        let read = organisations
            .get_organisation(GetOrganisationRequest { code: SCHOOL.to_owned(), ..Default::default() })
            .await;
        let read = read.expect("registered").into_inner().organisation.expect("given");
        assert_eq!(Some(&read), created.organisation.as_ref());
        assert!(read.create_time.is_some() && !read.etag.is_empty());
        assert_eq!(Organisation { create_time: None, etag: String::new(), ..read }, school(SCHOOL));

        let mut taken = register(school(SCHOOL));
        taken.request_id = request_id("the same code");
        refused(organisations.create_organisation(taken).await, Code::AlreadyExists, "ALREADY_EXISTS");
        let missing = GetOrganisationRequest { code: "3611999999".to_owned(), ..Default::default() };
        refused(organisations.get_organisation(missing).await, Code::NotFound, "NOT_FOUND");
        let no_code = GetOrganisationRequest { code: "36".to_owned(), ..Default::default() };
        refused(organisations.get_organisation(no_code).await, Code::InvalidArgument, "INVALID_FIELD");
    }
}

#[tokio::test]
async fn every_field_at_fault_is_named() {
    for identity in Identity::each_set_up().await {
        let mut organisations = identity.commission().organisations();
        let mut refusal = async |organisation: Organisation| {
            let status = organisations.create_organisation(register(organisation)).await;
            fields(&refused(status, Code::InvalidArgument, "INVALID_FIELD"))
        };
        assert_eq!(
            refusal(Organisation::default()).await,
            ["organisation.kind", "organisation.code", "organisation.name"],
        );
        let higher = Organisation { kind: Kind::HigherVocational.into(), ..school(SCHOOL) };
        assert_eq!(refusal(higher).await, ["organisation.code", "organisation.level"]);
        let district = Organisation {
            code: "9111000001".to_owned(),
            kind: Kind::DistrictCommission.into(),
            level: Level::Unspecified.into(),
            district: String::new(),
            ..school(SCHOOL)
        };
        assert_eq!(refusal(district).await, ["organisation.district"]);
        let orphan = Organisation { parent_code: "9111999999".to_owned(), ..school(SCHOOL) };
        assert_eq!(refusal(orphan).await, ["organisation.parent_code"]);
        let long = Organisation { name: text(&"长".repeat(101), "Long"), ..school(SCHOOL) };
        assert_eq!(refusal(long).await, ["organisation.name"]);
    }
}

#[tokio::test]
async fn a_parent_must_be_registered_and_fit() {
    for identity in Identity::each_set_up().await {
        identity.register_school().await;
        let mut organisations = identity.commission().organisations();
        let bound = enterprise("9211000001", SCHOOL);
        organisations.create_organisation(register(bound)).await.expect("an enterprise is bound to a school");
        let under = enterprise("9211000002", "9211000001");
        let status = organisations.create_organisation(register(under)).await;
        let status = refused(status, Code::InvalidArgument, "INVALID_FIELD");
        assert_eq!(fields(&status), ["organisation.parent_code"]);
    }
}

#[tokio::test]
async fn lists_page_in_order_of_code_and_filter() {
    for identity in Identity::each_set_up().await {
        let mut organisations = identity.commission().organisations();
        for serial in [3, 1, 2] {
            let school = school(&format!("361100000{serial}"));
            organisations.create_organisation(register(school)).await.expect("registered");
        }
        let enterprise = enterprise("9211000001", SCHOOL);
        organisations.create_organisation(register(enterprise)).await.expect("registered");

        let everything = list(&identity, ListOrganisationsRequest::default()).await;
        assert_eq!(codes(&everything), ["3611000001", "3611000002", "3611000003", COMMISSION, "9211000001"],);
        let mut paged = Vec::new();
        let mut page_token = String::new();
        loop {
            let page =
                list(&identity, ListOrganisationsRequest { page_size: 2, page_token, ..Default::default() })
                    .await;
            assert!(page.organisations.len() <= 2);
            paged.extend(page.organisations);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(paged, everything.organisations);

        let kinds = vec![Kind::Commission.into(), Kind::Enterprise.into()];
        let by_kind = list(&identity, ListOrganisationsRequest { kinds, ..Default::default() }).await;
        assert_eq!(codes(&by_kind), [COMMISSION, "9211000001"]);
        let asked = vec!["3611000003".to_owned(), "3611000001".to_owned(), "3611999999".to_owned()];
        let by_code =
            list(&identity, ListOrganisationsRequest { codes: asked.clone(), ..Default::default() }).await;
        assert_eq!(codes(&by_code), ["3611000001", "3611000003"]);
        let kinds = vec![Kind::Enterprise.into()];
        let neither =
            list(&identity, ListOrganisationsRequest { kinds, codes: asked, ..Default::default() }).await;
        assert!(neither.organisations.is_empty());

        for bad in [
            ListOrganisationsRequest { page_size: -1, ..Default::default() },
            ListOrganisationsRequest { page_token: "not a token".to_owned(), ..Default::default() },
            ListOrganisationsRequest { kinds: vec![99], ..Default::default() },
            ListOrganisationsRequest { codes: vec![SCHOOL.to_owned(); 1001], ..Default::default() },
        ] {
            let status = identity.anybody().organisations().list_organisations(bad).await;
            refused(status, Code::InvalidArgument, "INVALID_FIELD");
        }
    }
}
