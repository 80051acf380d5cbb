//! CycleService.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Grant, Page, Resource, Violation, etag, time};
use zhijian_proto::submission::v1::{
    CloseCycleRequest, CloseCycleResponse, CreateCycleRequest, CreateCycleResponse, Cycle, GetCycleRequest,
    GetCycleResponse, ListCyclesRequest, ListCyclesResponse, OpenCycleRequest, OpenCycleResponse,
    ReleaseCycleRequest, ReleaseCycleResponse, UpdateCycleRequest, UpdateCycleResponse,
    cycle_service_server::CycleService,
};

use super::{Actor, Rpc, convert};
use crate::{
    domain::cycle::{Change, Definition, Given, State, WrongState},
    store::{cycle as cycles, event, report},
};

#[tonic::async_trait]
impl CycleService for Rpc {
    async fn create_cycle(
        &self,
        request: Request<CreateCycleRequest>,
    ) -> Result<Response<CreateCycleResponse>, Status> {
        let grant = Call::of(&request)?.authorise(&Resource::region())?;
        let input = request.into_inner();
        let definition = self.definition(input.cycle.clone().unwrap_or_default())?;
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let row = cycles::insert(tx.conn(), definition, tx.now()).await?;
                    let detail = json!({
                        "state": row.state,
                        "window": [row.window_start, row.window_end],
                        "due_time": row.due_time,
                        "catalogue_year": row.catalogue_year,
                    });
                    tx.audit(format!("cycle/{}", row.year), detail);
                    Ok(CreateCycleResponse { cycle: Some(convert::cycle(row)?) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn get_cycle(
        &self,
        request: Request<GetCycleRequest>,
    ) -> Result<Response<GetCycleResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let cycle = self.cycle(request.into_inner().year).await?;
        Ok(Response::new(GetCycleResponse { cycle: Some(convert::cycle(cycle)?) }))
    }

    async fn list_cycles(
        &self,
        request: Request<ListCyclesRequest>,
    ) -> Result<Response<ListCyclesResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let rows = cycles::list(self.ctx.db.reader(), &page).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.year.to_string());
        let cycles = rows.into_iter().map(convert::cycle).collect::<Result<_, _>>()?;
        Ok(Response::new(ListCyclesResponse { cycles, next_page_token }))
    }

    async fn update_cycle(
        &self,
        request: Request<UpdateCycleRequest>,
    ) -> Result<Response<UpdateCycleResponse>, Status> {
        let grant = Call::of(&request)?.authorise(&Resource::region())?;
        let input = request.into_inner();
        let cycle = input.cycle.clone().unwrap_or_default();
        let (year, etag) = (cycle.year, cycle.etag.clone());
        let change = Change::read(&given(&cycle)?).map_err(Error::Invalid)?;
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let found = cycles::find(tx.conn(), year).await?;
                    let row = found.ok_or_else(|| Error::not_found("cycle", year))?;
                    etag::check(&etag, row.version)?;
                    row.state()?.changeable()?;
                    let row = cycles::change(tx.conn(), row, change).await?;
                    let detail = json!({
                        "name": row.name_zh,
                        "due_time": row.due_time,
                        "grace_hours": row.grace_hours,
                        "grace_editing": row.grace_editing,
                        "contact": row.contact_name,
                    });
                    tx.audit(format!("cycle/{year}"), detail);
                    Ok(UpdateCycleResponse { cycle: Some(convert::cycle(row)?) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn open_cycle(
        &self,
        request: Request<OpenCycleRequest>,
    ) -> Result<Response<OpenCycleResponse>, Status> {
        let grant = Call::of(&request)?.authorise(&Resource::region())?;
        let input = request.into_inner();
        let step = Step { year: input.year, etag: input.etag.clone(), next: State::open };
        let cycle = |cycle| OpenCycleResponse { cycle: Some(cycle) };
        Ok(Response::new(self.move_cycle(&grant, &input.request_id, &input, step, cycle).await?))
    }

    async fn close_cycle(
        &self,
        request: Request<CloseCycleRequest>,
    ) -> Result<Response<CloseCycleResponse>, Status> {
        let grant = Call::of(&request)?.authorise(&Resource::region())?;
        let input = request.into_inner();
        let step = Step { year: input.year, etag: input.etag.clone(), next: State::close };
        let cycle = |cycle| CloseCycleResponse { cycle: Some(cycle) };
        Ok(Response::new(self.move_cycle(&grant, &input.request_id, &input, step, cycle).await?))
    }

    async fn release_cycle(
        &self,
        request: Request<ReleaseCycleRequest>,
    ) -> Result<Response<ReleaseCycleResponse>, Status> {
        let call = Call::of(&request)?;
        let grant = call.authorise(&Resource::region())?;
        let actor = Actor::of(&call);
        let input = request.into_inner();
        let year = input.year;
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    let row =
                        cycles::find(conn, year).await?.ok_or_else(|| Error::not_found("cycle", year))?;
                    let before = row.state()?;
                    let next = before.release()?;
                    if next == before {
                        tx.unchanged();
                        return Ok(ReleaseCycleResponse { cycle: Some(convert::cycle(row)?) });
                    }
                    event::insert_publications(conn, &actor.at(tx.now()), year).await?;
                    let published = report::publish_accepted(conn, year, tx.now()).await?;
                    let row = cycles::set_state(conn, row, next).await?;
                    tx.audit(format!("cycle/{year}"), json!({ "state": row.state, "published": published }));
                    Ok(ReleaseCycleResponse { cycle: Some(convert::cycle(row)?) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }
}

/// A cycle as it is given, with a deadline that exists.
fn given(cycle: &Cycle) -> Result<Given<'_>, Error> {
    let due = match cycle.due_time {
        None => None,
        Some(given) => Some(time::datetime(given).ok_or_else(|| {
            Error::Invalid(vec![Violation::new(
                "cycle.due_time",
                "截止时间不是有效的时间。",
                "The deadline is not a valid time.",
            )])
        })?),
    };
    Ok(Given {
        year: cycle.year,
        name: cycle.name.clone().map(Into::into),
        window_start: &cycle.window_start,
        window_end: &cycle.window_end,
        due,
        catalogue_year: cycle.catalogue_year,
        grace: convert::grace_given(cycle.grace),
        contact: convert::contact_given(cycle.contact.clone()),
    })
}

/// A move of a cycle that an etag guards.
struct Step {
    year: i32,
    etag: String,
    next: fn(State) -> Result<State, WrongState>,
}

impl Rpc {
    fn definition(&self, cycle: Cycle) -> Result<Definition, Error> {
        Definition::read(&given(&cycle)?, |year| self.catalogues.get(year).is_some()).map_err(Error::Invalid)
    }

    async fn move_cycle<Input, Output>(
        &self,
        grant: &Grant,
        request_id: &str,
        input: &Input,
        step: Step,
        answer: fn(Cycle) -> Output,
    ) -> Result<Output, Error>
    where
        Input: prost::Message,
        Output: prost::Message + Default + 'static,
    {
        self.ctx
            .db
            .mutate(grant, request_id, input, move |tx| {
                Box::pin(async move {
                    let year = step.year;
                    let found = cycles::find(tx.conn(), year).await?;
                    let row = found.ok_or_else(|| Error::not_found("cycle", year))?;
                    etag::check(&step.etag, row.version)?;
                    let next = (step.next)(row.state()?)?;
                    let row = cycles::set_state(tx.conn(), row, next).await?;
                    tx.audit(format!("cycle/{year}"), json!({ "state": row.state }));
                    Ok(answer(convert::cycle(row)?))
                })
            })
            .await
    }
}
