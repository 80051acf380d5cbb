//! ProcedureService and ItemService: procedures, and what moves through them.

mod apply;
mod convert;
mod gather;
mod item;
mod review;

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Principal, Resource, Text, Visibility, etag, id};
use zhijian_proto::review::v1::{
    self as wire, CloseProcedureRequest, CloseProcedureResponse, ConcludeReviewRequest,
    ConcludeReviewResponse, CreateProcedureRequest, CreateProcedureResponse, GetProcedureRequest,
    GetProcedureResponse, ListProceduresRequest, ListProceduresResponse, StartReviewRequest,
    StartReviewResponse, procedure_service_server::ProcedureService,
};

pub(super) use convert::{ends, steps};

use super::{Review, upstream};
use crate::{
    domain::{
        procedure::{Procedure, ProcedureError, State},
        scheme::{Gather, Procedure as Steps},
    },
    store,
};

#[tonic::async_trait]
impl ProcedureService for Review {
    async fn create_procedure(
        &self,
        request: Request<CreateProcedureRequest>,
    ) -> Result<Response<CreateProcedureResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.open_procedure(&call, request.into_inner()).await?))
    }

    async fn get_procedure(
        &self,
        request: Request<GetProcedureRequest>,
    ) -> Result<Response<GetProcedureResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().procedure_id;
        call.authorise(&Resource::new("procedure", &id))?;
        let conn = self.ctx.db.reader();
        let procedure = store::procedure::get(conn, &id).await?;
        let visibility = seen(&call, "item.list");
        let procedure = counted(conn, &procedure, &visibility).await?;
        Ok(Response::new(GetProcedureResponse { procedure: Some(procedure) }))
    }

    async fn list_procedures(
        &self,
        request: Request<ListProceduresRequest>,
    ) -> Result<Response<ListProceduresResponse>, Status> {
        let call = Call::of(&request)?;
        call.authorise(&Resource::new("procedure", ""))?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let filter = store::procedure::Filter {
            year: Some(input.cycle_year).filter(|year| *year != 0),
            scheme: Some(input.scheme_code).filter(|code| !code.is_empty()),
        };
        let conn = self.ctx.db.reader();
        let (rows, next_page_token) = store::procedure::page(conn, &page, &filter).await?;
        let visibility = seen(&call, "item.list");
        let ids = rows.iter().map(|procedure| procedure.id.clone());
        let counts = store::item::counts(conn, ids, &visibility).await?;
        let none = HashMap::new();
        let procedures = rows
            .iter()
            .map(|procedure| convert::procedure(procedure, counts.get(&procedure.id).unwrap_or(&none)))
            .collect::<Result<_, Error>>()?;
        Ok(Response::new(ListProceduresResponse { procedures, next_page_token }))
    }

    async fn start_review(
        &self,
        request: Request<StartReviewRequest>,
    ) -> Result<Response<StartReviewResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.begin_review(&call, request.into_inner()).await?))
    }

    async fn conclude_review(
        &self,
        request: Request<ConcludeReviewRequest>,
    ) -> Result<Response<ConcludeReviewResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.end_review(&call, request.into_inner()).await?))
    }

    async fn close_procedure(
        &self,
        request: Request<CloseProcedureRequest>,
    ) -> Result<Response<CloseProcedureResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("procedure", &input.procedure_id))?;
        let sent = input.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let procedure = store::procedure::get(tx.conn(), &sent.procedure_id).await?;
                    procedure.is_open()?;
                    let under_way = store::item::under_way(tx.conn(), &procedure.id).await?;
                    if under_way > 0 {
                        return Err(ProcedureError::UnderWay(under_way).into());
                    }
                    etag::check(&sent.etag, procedure.version)?;
                    let closed = Procedure { state: State::Closed, ..procedure };
                    let closed = store::procedure::write(tx.conn(), &closed).await?;
                    tx.audit(format!("procedure/{}", closed.id), json!({"state": closed.state.as_str()}));
                    let procedure = counted(tx.conn(), &closed, &Visibility::All).await?;
                    Ok(CloseProcedureResponse { procedure: Some(procedure) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }
}

impl Review {
    async fn open_procedure(
        &self,
        call: &Call,
        input: CreateProcedureRequest,
    ) -> Result<CreateProcedureResponse, Error> {
        let exercise = format!("{}/{}", input.cycle_year, input.scheme_code);
        let grant = call.authorise(&Resource::new("procedure", &exercise))?;
        let scheme =
            self.schemes.get(&input.scheme_code).ok_or_else(|| self.no_scheme(&input.scheme_code))?;
        let steps = scheme.procedure().ok_or_else(|| self.no_scheme(&input.scheme_code))?.clone();
        upstream::check_cycle(&self.ctx.clients, input.cycle_year).await?;
        let name = scheme.name();
        let mut procedure = Procedure {
            id: id::new("prc"),
            cycle_year: input.cycle_year,
            scheme: scheme.clone(),
            name: Text::new(
                format!("{}年{}", input.cycle_year, name.zh),
                format!("{} {}", name.en, input.cycle_year),
            ),
            state: State::Open,
            round_id: None,
            apply_due_date: None,
            create_time: Default::default(),
            version: 1,
        };
        let mut items = self.gathered(&procedure, &steps).await?;
        let calendar = self.ctx.calendar.clone();
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    let (year, code) = (procedure.cycle_year, procedure.scheme.code());
                    if store::procedure::of_exercise(conn, year, code).await?.is_some() {
                        return Err(Error::already_exists("procedure", exercise));
                    }
                    if steps.gather != Gather::Applications && items.is_empty() {
                        return Err(gather::nothing(&procedure));
                    }
                    let days = steps.first().and_then(|step| step.working_days);
                    let due = days.map(|days| calendar.due(tx.now(), days));
                    procedure.create_time = tx.now();
                    procedure.apply_due_date = due.filter(|_| steps.gather == Gather::Applications);
                    for item in &mut items {
                        (item.create_time, item.due_date) = (tx.now(), due);
                    }
                    store::procedure::insert(conn, &procedure).await?;
                    store::item::insert(conn, &steps, &items).await?;
                    tx.audit(
                        format!("procedure/{}", procedure.id),
                        json!({"state": "open", "cycle_year": year, "scheme": code, "items": items.len()}),
                    );
                    let procedure = counted(conn, &procedure, &Visibility::All).await?;
                    Ok(CreateProcedureResponse { procedure: Some(procedure) })
                })
            })
            .await
    }

    fn no_scheme(&self, code: &str) -> Error {
        let known = self.schemes.iter().filter(|scheme| scheme.procedure().is_some());
        let known = known.map(|scheme| scheme.code()).collect::<Vec<_>>().join(", ");
        Error::invalid(
            "scheme_code",
            format!("没有分步骤办理的方案“{code}”，可用的方案有：{known}。"),
            format!("There is no scheme {code:?} with steps; there are: {known}."),
        )
    }
}

/// The procedure on the wire, with how many items are where.
async fn counted(
    conn: &impl ConnectionTrait,
    procedure: &Procedure,
    visibility: &Visibility,
) -> Result<wire::Procedure, Error> {
    let counts = store::item::counts(conn, [procedure.id.clone()], visibility).await?;
    convert::procedure(procedure, counts.get(&procedure.id).unwrap_or(&HashMap::new()))
}

/// Whose items the caller may see by an action that is not the call's own; nobody's is a list of nobody.
fn seen(call: &Call, action: &str) -> Visibility {
    if call.may(action, &Resource::new("item", "")) {
        return Visibility::All;
    }
    let own = organisations(call).into_iter();
    Visibility::Only(own.filter(|code| call.may(action, &Resource::for_organisation(code))).collect())
}

/// The organisations in which the caller has a role.
fn organisations(call: &Call) -> Vec<String> {
    let Principal::Account(identity) = call.principal() else { return vec![] };
    let codes: std::collections::BTreeSet<String> =
        identity.roles.iter().map(|grant| grant.organisation.clone()).collect();
    codes.into_iter().collect()
}

/// Whether the items of `visibility` include one of this organisation under this supervisor.
fn includes(visibility: &Visibility, organisation: &str, supervisor: &str) -> bool {
    match visibility {
        Visibility::All => true,
        Visibility::Only(codes) => codes.iter().any(|code| code == organisation || code == supervisor),
    }
}

/// What the policies are asked about who takes a step: the role in the resource's kind, whose in its organisation.
fn step_resource(steps: &Steps, item: &crate::domain::procedure::item::Item) -> Resource {
    use crate::domain::scheme::Actor;
    let actor = item.actor(steps);
    let resource = Resource::new(format!("step-{}", actor.map_or("none", Actor::as_str)), &item.id);
    match actor {
        Some(Actor::School) => resource.organisation(&item.organisation_code),
        Some(Actor::Supervisor) => resource.organisation(&item.supervisor_code),
        _ => resource,
    }
}
