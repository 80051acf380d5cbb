//! OrganisationService.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Context, Error, Page, Resource};
use zhijian_proto::identity::v1::{
    CreateOrganisationRequest, CreateOrganisationResponse, GetOrganisationRequest, GetOrganisationResponse,
    ListOrganisationsRequest, ListOrganisationsResponse, organisation_service_server::OrganisationService,
};

use super::{
    fields::{self, Fields},
    read,
};
use crate::{
    domain::{code::Code, organisation::OrganisationError},
    store,
};

/// How many codes one list may ask for.
const CODES: usize = 1000;

/// Keeps the register of organisations.
pub(crate) struct Organisations {
    ctx: Context,
}

impl Organisations {
    pub fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[tonic::async_trait]
impl OrganisationService for Organisations {
    async fn create_organisation(
        &self,
        request: Request<CreateOrganisationRequest>,
    ) -> Result<Response<CreateOrganisationResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let code =
            input.organisation.as_ref().map(|organisation| organisation.code.as_str()).unwrap_or_default();
        let grant = call.authorise(&Resource::new("organisation", code))?;
        let mut fields = Fields::default();
        let organisation = read::organisation(&mut fields, input.organisation.clone());
        let organisation = fields.finish(organisation)?;
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    if let Some(parent) = &organisation.parent {
                        let parent = store::organisation::find(tx.conn(), parent).await?;
                        parent
                            .ok_or(OrganisationError::UnknownParent)
                            .and_then(|parent| organisation.check_parent(parent.organisation.kind))
                            .map_err(|broken| fields::invalid("organisation.parent_code", &broken))?;
                    }
                    let registered = store::organisation::insert(tx.conn(), organisation, tx.now()).await?;
                    let organisation = &registered.organisation;
                    tx.audit(
                        format!("organisation/{}", organisation.code),
                        json!({ "kind": organisation.kind.as_str(), "name": organisation.name.zh() }),
                    );
                    Ok(CreateOrganisationResponse { organisation: Some(registered.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn get_organisation(
        &self,
        request: Request<GetOrganisationRequest>,
    ) -> Result<Response<GetOrganisationResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::new("organisation", &input.code))?;
        let code = Code::parse(&input.code).map_err(|broken| fields::invalid("code", &broken))?;
        let registered = store::organisation::find(self.ctx.db.reader(), &code)
            .await?
            .ok_or_else(|| Error::not_found("organisation", code))?;
        Ok(Response::new(GetOrganisationResponse { organisation: Some(registered.into()) }))
    }

    async fn list_organisations(
        &self,
        request: Request<ListOrganisationsRequest>,
    ) -> Result<Response<ListOrganisationsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::region())?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let mut fields = Fields::default();
        let kinds = input
            .kinds
            .iter()
            .enumerate()
            .map(|(index, kind)| fields.take(format!("kinds[{index}]"), read::kind(*kind)))
            .collect::<Option<Vec<_>>>();
        let kinds = fields.finish(kinds)?;
        if input.codes.len() > CODES {
            return Err(Error::invalid(
                "codes",
                format!("一次最多查询 {CODES} 个代码，请分批查询。"),
                format!("Ask for at most {CODES} codes at once; split them over several calls."),
            )
            .into());
        }
        let rows = store::organisation::list(self.ctx.db.reader(), &page, &kinds, &input.codes).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.organisation.code.to_string());
        Ok(Response::new(ListOrganisationsResponse {
            organisations: rows.into_iter().map(Into::into).collect(),
            next_page_token,
        }))
    }
}
