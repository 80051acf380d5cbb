//! CorrectionService.

mod steps;

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Grant, Page, Resource, etag, id};
use zhijian_proto::submission::v1::{
    CancelCorrectionRequest, CancelCorrectionResponse, ListCorrectionsRequest, ListCorrectionsResponse,
    OpenCorrectionRequest, OpenCorrectionResponse, RefuseCorrectionRequest, RefuseCorrectionResponse,
    RequestCorrectionRequest, RequestCorrectionResponse, WithdrawCorrectionRequest,
    WithdrawCorrectionResponse, correction_service_server::CorrectionService,
};

use self::steps::{Decided, Opening};
use super::{Actor, Rpc, convert, submission::audited};
use crate::{
    domain::{
        request::{self, State},
        submission::{IllegalMove, Move},
        text::is_storable,
    },
    store::{correction, report},
};

#[tonic::async_trait]
impl CorrectionService for Rpc {
    async fn request_correction(
        &self,
        request: Request<RequestCorrectionRequest>,
    ) -> Result<Response<RequestCorrectionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (_, grant) = self.admit(&call, &input.submission_id).await?;
        request::reason("reason", &input.reason).map_err(|wrong| Error::Invalid(vec![wrong]))?;
        let given = input.clone();
        let requester_name = call.display_name().to_owned();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let row = report::get(tx.conn(), &given.submission_id).await?;
                    correctable(tx.conn(), &row).await?;
                    let asked = asked(&row, &given.reason, requester_name, tx.now());
                    correction::insert(tx.conn(), &asked).await?;
                    let detail = json!({
                        "correction": asked.correction_id,
                        "state": asked.state,
                        "reason": asked.reason,
                    });
                    tx.audit(audited(&asked.submission_id), detail);
                    Ok(RequestCorrectionResponse { correction: Some(convert::correction(asked)?) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn withdraw_correction(
        &self,
        request: Request<WithdrawCorrectionRequest>,
    ) -> Result<Response<WithdrawCorrectionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = self.admit_correction(&call, &input.correction_id).await?;
        let step = Decided::new(&call, &input.correction_id, &input.etag, State::Withdrawn, "");
        let answer = |correction| WithdrawCorrectionResponse { correction: Some(correction) };
        Ok(Response::new(self.decide(&grant, &input.request_id, &input, step, answer).await?))
    }

    async fn open_correction(
        &self,
        request: Request<OpenCorrectionRequest>,
    ) -> Result<Response<OpenCorrectionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (_, grant) = self.admit(&call, &input.submission_id).await?;
        if input.correction_id.is_empty() {
            request::reason("reason", &input.reason).map_err(|wrong| Error::Invalid(vec![wrong]))?;
        }
        let due = input.due_time.map(|time| convert::time("due_time", time)).transpose()?;
        let opening =
            Opening { given: input.clone(), actor: Actor::of(&call), due, days: self.workflow.mend_days };
        Ok(Response::new(self.open(&grant, &input, opening).await?))
    }

    async fn refuse_correction(
        &self,
        request: Request<RefuseCorrectionRequest>,
    ) -> Result<Response<RefuseCorrectionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = self.admit_correction(&call, &input.correction_id).await?;
        request::reason("decision", &input.decision).map_err(|wrong| Error::Invalid(vec![wrong]))?;
        let step = Decided::new(&call, &input.correction_id, &input.etag, State::Refused, &input.decision);
        let answer = |correction| RefuseCorrectionResponse { correction: Some(correction) };
        Ok(Response::new(self.decide(&grant, &input.request_id, &input, step, answer).await?))
    }

    async fn cancel_correction(
        &self,
        request: Request<CancelCorrectionRequest>,
    ) -> Result<Response<CancelCorrectionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = self.admit_correction(&call, &input.correction_id).await?;
        Ok(Response::new(self.cancel(&grant, &input, Actor::of(&call)).await?))
    }

    async fn list_corrections(
        &self,
        request: Request<ListCorrectionsRequest>,
    ) -> Result<Response<ListCorrectionsResponse>, Status> {
        let visible = Call::of(&request)?.visible("correction")?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        if !is_storable(&input.submission_id) || !is_storable(&input.organisation_code) {
            return Ok(Response::new(ListCorrectionsResponse::default()));
        }
        let filter = correction::Filter {
            cycle_year: (input.cycle_year != 0).then_some(input.cycle_year),
            states: input.states().filter_map(convert::correction_state_given).collect(),
            submission_id: (!input.submission_id.is_empty()).then_some(input.submission_id),
            organisation_code: (!input.organisation_code.is_empty()).then_some(input.organisation_code),
        };
        let rows = correction::list(self.ctx.db.reader(), &page, &filter, &visible).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.correction_id.clone());
        let corrections = rows.into_iter().map(convert::correction).collect::<Result<_, _>>()?;
        Ok(Response::new(ListCorrectionsResponse { corrections, next_page_token }))
    }
}

impl Rpc {
    /// The proof that the caller may do to this correction what the RPC declares. Moves of the same report wait for it.
    async fn admit_correction(&self, call: &Call, correction_id: &str) -> Result<Grant, Error> {
        match correction::find(self.ctx.db.reader(), correction_id).await? {
            Some(row) => {
                let resource = Resource::new("submission", &row.submission_id);
                call.authorise(&resource.organisation(&row.organisation_code))
            }
            None => {
                call.authorise(&Resource::new("correction", correction_id))?;
                Err(Error::not_found("correction", correction_id))
            }
        }
    }
}

/// Checks that a report is in the results, and that nothing else of the kind is on its way.
async fn correctable(conn: &impl sea_orm::ConnectionTrait, row: &report::Model) -> Result<(), Error> {
    let state = row.state()?;
    if state.after(Move::Correct).is_err() {
        let text = IllegalMove { step: Move::Correct, state }.text();
        return Err(Error::illegal_state("submission.state", text.zh, text.en));
    }
    if correction::is_requested(conn, &row.submission_id).await? {
        return Err(Error::illegal_state(
            "request.state",
            "这份年报已经有一项更正申请在等待决定。",
            "A correction of this report waits for a decision already.",
        ));
    }
    Ok(())
}

/// A correction that is asked for.
fn asked(
    row: &report::Model,
    reason: &str,
    requester_name: String,
    now: chrono::DateTime<chrono::Utc>,
) -> correction::Model {
    correction::Model {
        correction_id: id::new("cor"),
        submission_id: row.submission_id.clone(),
        cycle_year: row.cycle_year,
        organisation_code: row.organisation_code.clone(),
        reason: reason.trim().to_owned(),
        state: State::Requested.as_str().to_owned(),
        old_revision: row.accepted_revision,
        new_revision: 0,
        decision: String::new(),
        requester_name,
        create_time: now,
        decider_name: String::new(),
        decide_time: None,
        version: 1,
    }
}

/// The request of this id, if it is as it was read.
async fn unchanged(
    conn: &impl sea_orm::ConnectionTrait,
    correction_id: &str,
    etag: &str,
) -> Result<correction::Model, Error> {
    let row = correction::get(conn, correction_id).await?;
    etag::check(etag, row.version)?;
    Ok(row)
}
