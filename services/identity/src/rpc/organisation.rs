//! OrganisationService.

use chrono::{DateTime, Utc};
use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Context, Error, Page, Resource};
use zhijian_proto::common::v1::Text;
use zhijian_proto::identity::v1::{
    CreateOrganisationRequest, CreateOrganisationResponse, GetOrganisationRequest, GetOrganisationResponse,
    ListOrganisationsRequest, ListOrganisationsResponse, UpdateOrganisationRequest,
    UpdateOrganisationResponse, organisation_service_server::OrganisationService,
};

use super::{
    fields::{self, Fields},
    read, update,
};
use crate::{
    domain::{code::Code, date::Date, register},
    store::{self, change::Deed, organisation::Filter},
};

/// How many codes one list may ask for.
const CODES: usize = 1000;
/// The longest text searched for, in characters.
const QUERY: usize = 100;

/// What changes of the register wait for each other about: the register as a whole, since an import reads all of it.
pub(super) fn register_resource() -> Resource {
    Resource::new("organisation", "")
}

/// Keeps the register of organisations.
pub(crate) struct Organisations {
    pub(super) ctx: Context,
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
        let grant = call.authorise(&register_resource())?;
        let mut fields = Fields::default();
        let organisation = read::organisation(&mut fields, input.organisation.clone());
        let organisation = fields.finish(organisation)?;
        let deed = Actor::of(&call);
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    update::check_relations(tx.conn(), &organisation).await?;
                    let registered = store::organisation::insert(tx.conn(), organisation, tx.now()).await?;
                    let organisation = &registered.organisation;
                    tx.audit(
                        format!("organisation/{}", organisation.code),
                        json!({ "kind": organisation.kind.as_str(), "name": organisation.name.zh() }),
                    );
                    let begun = [(organisation.code.clone(), register::beginnings(organisation))];
                    store::change::record(tx.conn(), &deed.at(tx.now()), &begun).await?;
                    Ok(CreateOrganisationResponse { organisation: Some(registered.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn update_organisation(
        &self,
        request: Request<UpdateOrganisationRequest>,
    ) -> Result<Response<UpdateOrganisationResponse>, Status> {
        let call = Call::of(&request)?;
        let grant = call.authorise(&register_resource())?;
        Ok(Response::new(self.update(&grant, Actor::of(&call), request.into_inner()).await?))
    }

    async fn get_organisation(
        &self,
        request: Request<GetOrganisationRequest>,
    ) -> Result<Response<GetOrganisationResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::new("organisation", &input.code))?;
        let code = Code::parse(&input.code).map_err(|broken| fields::invalid("code", &broken))?;
        let day = match input.name_date.as_str() {
            "" => None,
            text => Some(Date::parse(text).map_err(|broken| fields::invalid("name_date", &broken))?),
        };
        let registered = store::organisation::find(self.ctx.db.reader(), &code)
            .await?
            .ok_or_else(|| Error::not_found("organisation", code))?;
        let entry = &registered.organisation;
        let name_on_date = day
            .and_then(|day| entry.particulars.name_on(&entry.name, day.first()))
            .map(|(zh, en)| Text { zh: zh.to_owned(), en: en.to_owned() });
        Ok(Response::new(GetOrganisationResponse { organisation: Some(registered.into()), name_on_date }))
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
        let ownership =
            read::ownership(input.ownership).map_err(|broken| fields::invalid("ownership", &broken))?;
        let query = input.query.trim().to_owned();
        if query.chars().count() > QUERY || query.contains('\0') {
            return Err(Error::invalid(
                "query",
                format!("查找内容最多 {QUERY} 个字。"),
                format!("Search for at most {QUERY} characters."),
            )
            .into());
        }
        let district = input.district.replace('\0', "");
        let existing_only = input.existing_only;
        let filter = Filter { kinds, codes: input.codes, query, district, ownership, existing_only };
        let rows = store::organisation::list(self.ctx.db.reader(), &page, &filter).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.organisation.code.to_string());
        Ok(Response::new(ListOrganisationsResponse {
            organisations: rows.into_iter().map(Into::into).collect(),
            next_page_token,
        }))
    }
}

/// Who changes the register.
#[derive(Debug, Clone)]
pub(super) struct Actor {
    name: String,
    action: String,
}

impl Actor {
    pub fn of(call: &Call) -> Self {
        Self { name: call.display_name().to_owned(), action: call.action().to_owned() }
    }

    /// The change as its history has it.
    pub fn at(&self, time: DateTime<Utc>) -> Deed {
        Deed { time, account_name: self.name.clone(), action: self.action.clone() }
    }
}
