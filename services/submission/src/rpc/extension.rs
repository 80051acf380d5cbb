//! ExtensionService.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Grant, Page, Resource, etag, id};
use zhijian_proto::submission::v1::{
    Extension, GrantExtensionRequest, GrantExtensionResponse, ListExtensionsRequest, ListExtensionsResponse,
    RefuseExtensionRequest, RefuseExtensionResponse, RequestExtensionRequest, RequestExtensionResponse,
    WithdrawExtensionRequest, WithdrawExtensionResponse, extension_service_server::ExtensionService,
};

use super::{Actor, Rpc, convert};
use crate::{
    domain::{
        deadline::Deadline,
        request::{self, State},
        text::{is_organisation_code, is_storable},
    },
    store::{cycle as cycles, event, extension, report},
};

#[tonic::async_trait]
impl ExtensionService for Rpc {
    async fn request_extension(
        &self,
        request: Request<RequestExtensionRequest>,
    ) -> Result<Response<RequestExtensionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::for_organisation(&input.organisation_code))?;
        if !is_organisation_code(&input.organisation_code) {
            return Err(Error::invalid(
                "organisation_code",
                "请填写十位的机构代码。",
                "Give the organisation's code of ten digits.",
            )
            .into());
        }
        request::reason("reason", &input.reason).map_err(|wrong| Error::Invalid(vec![wrong]))?;
        let wanted = convert::time("wanted_time", input.wanted_time.unwrap_or_default())?;
        let given = input.clone();
        let requester_name = call.display_name().to_owned();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let (year, code) = (given.cycle_year, given.organisation_code);
                    let cycle = cycles::hold(tx.conn(), year).await?;
                    cycle.state()?.collecting()?;
                    if cycle.due_time.is_none() {
                        return Err(Error::illegal_state(
                            "cycle.due_time",
                            "本年度没有截止时间，不需要申请延期。",
                            "The year has no deadline; there is nothing to extend.",
                        ));
                    }
                    if extension::is_requested(tx.conn(), year, &code).await? {
                        return Err(Error::illegal_state(
                            "request.state",
                            "已经有一项延期申请在等待决定。要改，请先撤回。",
                            "A request waits for a decision already; withdraw it to ask for something else.",
                        ));
                    }
                    let own = extension::latest(tx.conn(), year, &code).await?;
                    let deadline = Deadline::of(cycle.due_time, own, cycle.grace());
                    request::later("wanted_time", wanted, &deadline, tx.now())
                        .map_err(|wrong| Error::Invalid(vec![wrong]))?;
                    let row = extension::Model {
                        extension_id: id::new("ext"),
                        cycle_year: year,
                        organisation_code: code,
                        reason: given.reason.trim().to_owned(),
                        wanted_time: wanted,
                        state: State::Requested.as_str().to_owned(),
                        granted_time: None,
                        decision: String::new(),
                        requester_name,
                        create_time: tx.now(),
                        decider_name: String::new(),
                        decide_time: None,
                        version: 1,
                    };
                    extension::insert(tx.conn(), &row).await?;
                    let detail = json!({
                        "state": row.state,
                        "organisation_code": row.organisation_code,
                        "cycle_year": row.cycle_year,
                        "wanted_time": row.wanted_time,
                        "reason": row.reason,
                    });
                    tx.audit(audited(&row.extension_id), detail);
                    Ok(RequestExtensionResponse { extension: Some(convert::extension(row)?) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn withdraw_extension(
        &self,
        request: Request<WithdrawExtensionRequest>,
    ) -> Result<Response<WithdrawExtensionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = self.admit_extension(&call, &input.extension_id).await?;
        let step = Step::new(&call, &input.extension_id, &input.etag, State::Withdrawn);
        let answer = |extension| WithdrawExtensionResponse { extension: Some(extension) };
        Ok(Response::new(self.settle(&grant, &input.request_id, &input, step, answer).await?))
    }

    async fn grant_extension(
        &self,
        request: Request<GrantExtensionRequest>,
    ) -> Result<Response<GrantExtensionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = self.admit_extension(&call, &input.extension_id).await?;
        if !input.decision.trim().is_empty() {
            request::reason("decision", &input.decision).map_err(|wrong| Error::Invalid(vec![wrong]))?;
        }
        let mut step = Step::new(&call, &input.extension_id, &input.etag, State::Granted);
        step.decision = input.decision.trim().to_owned();
        step.granted = input.granted_time.map(|time| convert::time("granted_time", time)).transpose()?;
        let answer = |extension| GrantExtensionResponse { extension: Some(extension) };
        Ok(Response::new(self.settle(&grant, &input.request_id, &input, step, answer).await?))
    }

    async fn refuse_extension(
        &self,
        request: Request<RefuseExtensionRequest>,
    ) -> Result<Response<RefuseExtensionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = self.admit_extension(&call, &input.extension_id).await?;
        request::reason("decision", &input.decision).map_err(|wrong| Error::Invalid(vec![wrong]))?;
        let mut step = Step::new(&call, &input.extension_id, &input.etag, State::Refused);
        step.decision = input.decision.trim().to_owned();
        let answer = |extension| RefuseExtensionResponse { extension: Some(extension) };
        Ok(Response::new(self.settle(&grant, &input.request_id, &input, step, answer).await?))
    }

    async fn list_extensions(
        &self,
        request: Request<ListExtensionsRequest>,
    ) -> Result<Response<ListExtensionsResponse>, Status> {
        let visible = Call::of(&request)?.visible("extension")?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        if !is_storable(&input.organisation_code) {
            return Ok(Response::new(ListExtensionsResponse::default()));
        }
        let filter = extension::Filter {
            cycle_year: (input.cycle_year != 0).then_some(input.cycle_year),
            states: input.states().filter_map(convert::extension_state_given).collect(),
            organisation_code: (!input.organisation_code.is_empty()).then_some(input.organisation_code),
        };
        let rows = extension::list(self.ctx.db.reader(), &page, &filter, &visible).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.extension_id.clone());
        let extensions = rows.into_iter().map(convert::extension).collect::<Result<_, _>>()?;
        Ok(Response::new(ListExtensionsResponse { extensions, next_page_token }))
    }
}

/// What is done to a request.
struct Step {
    actor: Actor,
    extension_id: String,
    etag: String,
    next: State,
    decision: String,
    granted: Option<chrono::DateTime<chrono::Utc>>,
}

impl Step {
    fn new(call: &Call, extension_id: &str, etag: &str, next: State) -> Self {
        Self {
            actor: Actor::of(call),
            extension_id: extension_id.to_owned(),
            etag: etag.to_owned(),
            next,
            decision: String::new(),
            granted: None,
        }
    }
}

fn audited(extension_id: &str) -> String {
    format!("extension/{extension_id}")
}

impl Rpc {
    /// The proof that the caller may do to this extension what the RPC declares.
    async fn admit_extension(&self, call: &Call, extension_id: &str) -> Result<Grant, Error> {
        match extension::find(self.ctx.db.reader(), extension_id).await? {
            // Waits for the school's other requests, and for reports that it is just beginning.
            Some(row) => call.authorise(&Resource::for_organisation(&row.organisation_code)),
            None => {
                call.authorise(&Resource::new("extension", extension_id))?;
                Err(Error::not_found("extension", extension_id))
            }
        }
    }

    async fn settle<Input, Output>(
        &self,
        grant: &Grant,
        request_id: &str,
        input: &Input,
        step: Step,
        answer: fn(Extension) -> Output,
    ) -> Result<Output, Error>
    where
        Input: prost::Message,
        Output: prost::Message + Default + 'static,
    {
        self.ctx
            .db
            .mutate(grant, request_id, input, move |tx| {
                Box::pin(async move {
                    let mut row = extension::get(tx.conn(), &step.extension_id).await?;
                    etag::check(&step.etag, row.version)?;
                    row.state = row.state()?.settle(step.next)?.as_str().to_owned();
                    let deed = step.actor.at(tx.now());
                    if step.next != State::Withdrawn {
                        row.decision = step.decision;
                        row.decider_name.clone_from(&deed.account_name);
                        row.decide_time = Some(tx.now());
                    }
                    if step.next == State::Granted {
                        let due = step.granted.unwrap_or(row.wanted_time);
                        let cycle = cycles::hold(tx.conn(), row.cycle_year).await?;
                        cycle.state()?.collecting()?;
                        let own =
                            extension::latest(tx.conn(), row.cycle_year, &row.organisation_code).await?;
                        let deadline = Deadline::of(cycle.due_time, own, cycle.grace());
                        request::later("granted_time", due, &deadline, tx.now())
                            .map_err(|wrong| Error::Invalid(vec![wrong]))?;
                        row.granted_time = Some(due);
                        let (year, code) = (row.cycle_year, &row.organisation_code);
                        report::extend(tx.conn(), year, code, due, tx.now()).await?;
                        for report in report::of_organisation(tx.conn(), year, code).await? {
                            let state = report.state()?;
                            event::insert(tx.conn(), &deed, &report.submission_id, state, &row.decision)
                                .await?;
                        }
                    }
                    let detail = json!({
                        "state": row.state,
                        "granted_time": row.granted_time,
                        "decision": row.decision,
                    });
                    tx.audit(audited(&row.extension_id), detail);
                    let row = extension::save(tx.conn(), row).await?;
                    Ok(answer(convert::extension(row)?))
                })
            })
            .await
    }
}
