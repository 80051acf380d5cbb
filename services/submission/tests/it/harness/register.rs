//! The organisations there are.

use std::collections::BTreeMap;

use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Resource};
use zhijian_proto::{
    common::v1::Text,
    identity::v1::{
        CreateOrganisationRequest, CreateOrganisationResponse, FormerName, GetOrganisationRequest,
        GetOrganisationResponse, ListOrganisationsRequest, ListOrganisationsResponse, Organisation,
        UpdateOrganisationRequest, UpdateOrganisationResponse, organisation::Kind as OrganisationKind,
        organisation_service_server::OrganisationService,
    },
};

use super::{COLLEGE, COMMISSION, DISTRICT, ENTERPRISE, ENTERPRISES, OTHER_COLLEGE, SCHOOL};

/// The register of organisations, as the identity service would answer.
pub(super) struct Register(BTreeMap<String, Organisation>);

impl Register {
    pub(super) fn new() -> Self {
        let mut kinds = vec![
            (COLLEGE.to_owned(), OrganisationKind::HigherVocational),
            (OTHER_COLLEGE.to_owned(), OrganisationKind::HigherVocational),
            (SCHOOL.to_owned(), OrganisationKind::SpecialisedSecondary),
            (DISTRICT.to_owned(), OrganisationKind::DistrictCommission),
            (COMMISSION.to_owned(), OrganisationKind::Commission),
        ];
        kinds.extend((0..ENTERPRISES).map(|number| (enterprise(number), OrganisationKind::Enterprise)));
        let organisation = |(code, kind): (String, OrganisationKind)| {
            let school = [COLLEGE, OTHER_COLLEGE, SCHOOL].contains(&code.as_str());
            let organisation = Organisation {
                former_names: if code == COLLEGE { vec![former_name()] } else { vec![] },
                parent_code: if kind == OrganisationKind::Enterprise {
                    COLLEGE.to_owned()
                } else {
                    String::new()
                },
                kind: kind.into(),
                name: Some(Text { zh: format!("演示机构{code}"), en: format!("Demo {code}") }),
                district: if school { "东城区".to_owned() } else { String::new() },
                code: code.clone(),
                ..Default::default()
            };
            (code, organisation)
        };
        Self(kinds.into_iter().map(organisation).collect())
    }
}

/// The name that the college carried until 2019.
pub const FORMER_NAME: &str = "演示松石职业技术学校";

fn former_name() -> FormerName {
    FormerName {
        name: Some(Text { zh: FORMER_NAME.to_owned(), en: String::new() }),
        to_date: "2019-06".to_owned(),
        ..Default::default()
    }
}

pub fn enterprise(number: u32) -> String {
    (ENTERPRISE.parse::<u64>().unwrap() + u64::from(number)).to_string()
}

#[tonic::async_trait]
impl OrganisationService for Register {
    async fn create_organisation(
        &self,
        _: Request<CreateOrganisationRequest>,
    ) -> Result<Response<CreateOrganisationResponse>, Status> {
        Err(Status::unimplemented("the register of these tests is fixed"))
    }

    async fn update_organisation(
        &self,
        _: Request<UpdateOrganisationRequest>,
    ) -> Result<Response<UpdateOrganisationResponse>, Status> {
        Err(Status::unimplemented("the register of these tests is fixed"))
    }

    async fn get_organisation(
        &self,
        _: Request<GetOrganisationRequest>,
    ) -> Result<Response<GetOrganisationResponse>, Status> {
        Err(Status::unimplemented("the register of these tests is read by list"))
    }

    async fn list_organisations(
        &self,
        request: Request<ListOrganisationsRequest>,
    ) -> Result<Response<ListOrganisationsResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let codes = request.into_inner().codes;
        let wanted = |organisation: &&Organisation| codes.is_empty() || codes.contains(&organisation.code);
        let organisations = self.0.values().filter(wanted).cloned().collect();
        Ok(Response::new(ListOrganisationsResponse { organisations, next_page_token: String::new() }))
    }
}
