//! SubmissionService.

mod accepted;
mod accepted_cases;
pub(super) mod after;
mod answers;
mod attachment;
mod beside;
mod case;
mod create;
mod edit;
mod explain;
mod hand_in;
mod material;
mod narrative;
mod read;
mod review;
mod revision_content;
pub(super) mod standing;
mod take_in;
pub(super) mod working;

use futures::stream::BoxStream;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Grant, Principal, Resource, Tx};
use zhijian_proto::submission::v1::{
    AcceptSubmissionRequest, AcceptSubmissionResponse, ApproveSubmissionRequest, ApproveSubmissionResponse,
    CheckSubmissionRequest, CheckSubmissionResponse, CountSubmissionsRequest, CountSubmissionsResponse,
    CreateSubmissionRequest, CreateSubmissionResponse, ExplainFindingRequest, ExplainFindingResponse,
    GetAcceptedVersionRequest, GetAcceptedVersionResponse, GetCellsRequest, GetCellsResponse,
    GetRevisionContentRequest, GetRevisionContentResponse, GetSubmissionRequest, GetSubmissionResponse,
    ListEventsRequest, ListEventsResponse, ListRevisionsRequest, ListRevisionsResponse, ListSectionsRequest,
    ListSectionsResponse, ListSubmissionsRequest, ListSubmissionsResponse, ReturnSubmissionRequest,
    ReturnSubmissionResponse, SaveCellsRequest, SaveCellsResponse, SaveSectionRequest, SaveSectionResponse,
    StartSubmissionReviewRequest, StartSubmissionReviewResponse, StreamAcceptedCellsRequest,
    StreamAcceptedCellsResponse, SubmitSubmissionRequest, SubmitSubmissionResponse,
    submission_service_server::SubmissionService,
};

pub(super) use edit::change_cells;

use super::{Actor, Rpc};
use crate::{
    domain::submission::{Move, State},
    store::{cycle as cycles, event, report},
};

#[tonic::async_trait]
impl SubmissionService for Rpc {
    type StreamAcceptedCellsStream = BoxStream<'static, Result<StreamAcceptedCellsResponse, Status>>;

    async fn create_submission(
        &self,
        request: Request<CreateSubmissionRequest>,
    ) -> Result<Response<CreateSubmissionResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.create(call, request.into_inner()).await?))
    }

    async fn get_submission(
        &self,
        request: Request<GetSubmissionRequest>,
    ) -> Result<Response<GetSubmissionResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.get(call, request.into_inner()).await?))
    }

    async fn list_submissions(
        &self,
        request: Request<ListSubmissionsRequest>,
    ) -> Result<Response<ListSubmissionsResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.list(call, request.into_inner()).await?))
    }

    async fn count_submissions(
        &self,
        request: Request<CountSubmissionsRequest>,
    ) -> Result<Response<CountSubmissionsResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.count(call, request.into_inner()).await?))
    }

    async fn get_cells(
        &self,
        request: Request<GetCellsRequest>,
    ) -> Result<Response<GetCellsResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.cells(call, request.into_inner()).await?))
    }

    async fn save_cells(
        &self,
        request: Request<SaveCellsRequest>,
    ) -> Result<Response<SaveCellsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let submission_id = input.submission_id.clone();
        let saved = self.save_cells(call, input).await;
        Ok(Response::new(saved.inspect_err(|error| self.meter.refused(&submission_id, error))?))
    }

    async fn save_section(
        &self,
        request: Request<SaveSectionRequest>,
    ) -> Result<Response<SaveSectionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let submission_id = input.submission_id.clone();
        let saved = self.save_section(call, input).await;
        Ok(Response::new(saved.inspect_err(|error| self.meter.refused(&submission_id, error))?))
    }

    async fn list_sections(
        &self,
        request: Request<ListSectionsRequest>,
    ) -> Result<Response<ListSectionsResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.sections(call, request.into_inner()).await?))
    }

    async fn check_submission(
        &self,
        request: Request<CheckSubmissionRequest>,
    ) -> Result<Response<CheckSubmissionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let submission_id = input.submission_id.clone();
        // The burden is people's: another service that looks a report through is not counted.
        let by_person = matches!(call.principal(), Principal::Account(_));
        let checked = self.check(call, input).await?;
        if by_person {
            self.meter.checked(&submission_id);
        }
        Ok(Response::new(checked))
    }

    async fn explain_finding(
        &self,
        request: Request<ExplainFindingRequest>,
    ) -> Result<Response<ExplainFindingResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.explain(call, request.into_inner()).await?))
    }

    async fn approve_submission(
        &self,
        request: Request<ApproveSubmissionRequest>,
    ) -> Result<Response<ApproveSubmissionResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.approve(call, request.into_inner()).await?))
    }

    async fn submit_submission(
        &self,
        request: Request<SubmitSubmissionRequest>,
    ) -> Result<Response<SubmitSubmissionResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.submit(call, request.into_inner()).await?))
    }

    async fn start_submission_review(
        &self,
        request: Request<StartSubmissionReviewRequest>,
    ) -> Result<Response<StartSubmissionReviewResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.start_review(call, request.into_inner()).await?))
    }

    async fn return_submission(
        &self,
        request: Request<ReturnSubmissionRequest>,
    ) -> Result<Response<ReturnSubmissionResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.send_back(call, request.into_inner()).await?))
    }

    async fn accept_submission(
        &self,
        request: Request<AcceptSubmissionRequest>,
    ) -> Result<Response<AcceptSubmissionResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.accept(call, request.into_inner()).await?))
    }

    async fn list_revisions(
        &self,
        request: Request<ListRevisionsRequest>,
    ) -> Result<Response<ListRevisionsResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.revisions(call, request.into_inner()).await?))
    }

    async fn get_revision_content(
        &self,
        request: Request<GetRevisionContentRequest>,
    ) -> Result<Response<GetRevisionContentResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.revision_content(call, request.into_inner()).await?))
    }

    async fn list_events(
        &self,
        request: Request<ListEventsRequest>,
    ) -> Result<Response<ListEventsResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.events(call, request.into_inner()).await?))
    }

    async fn stream_accepted_cells(
        &self,
        request: Request<StreamAcceptedCellsRequest>,
    ) -> Result<Response<Self::StreamAcceptedCellsStream>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.accepted(call, request.into_inner()).await?))
    }

    async fn get_accepted_version(
        &self,
        request: Request<GetAcceptedVersionRequest>,
    ) -> Result<Response<GetAcceptedVersionResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.accepted_version(&call, request.into_inner()).await?))
    }
}

impl Rpc {
    /// The submission of this id, and the proof that the caller may do to it what the RPC declares.
    ///
    /// Whoever may not see everybody's learns nothing about which ids exist.
    pub(super) async fn admit(
        &self,
        call: &Call,
        submission_id: &str,
    ) -> Result<(report::Model, Grant), Error> {
        let resource = Resource::new("submission", submission_id);
        match report::find(self.ctx.db.reader(), submission_id).await? {
            Some(row) => {
                let grant = call.authorise(&resource.organisation(&row.organisation_code))?;
                Ok((row, grant))
            }
            None => {
                call.authorise(&resource)?;
                Err(Error::not_found("submission", submission_id))
            }
        }
    }
}

/// A submission about to move, as the transaction sees it.
pub(super) struct Moving {
    pub row: report::Model,
    pub cycle: cycles::Model,
    pub next: State,
}

/// Reads a submission in a transaction and asks whether `step` is possible now. Its cycle stays as it is until the end.
pub(super) async fn begin(tx: &Tx<'_>, submission_id: &str, step: Move) -> Result<Moving, Error> {
    let row = report::get(tx.conn(), submission_id).await?;
    let cycle = cycles::hold(tx.conn(), row.cycle_year).await?;
    let next = standing::situation(&row, &cycle)?.after(step, tx.now())?;
    Ok(Moving { row, cycle, next })
}

/// Stores a submission that has moved, and the event if its state is another now.
pub(super) async fn finish(
    tx: &Tx<'_>,
    mut row: report::Model,
    next: State,
    actor: Actor,
    comment: &str,
) -> Result<report::Model, Error> {
    if row.state()? != next {
        event::insert(tx.conn(), &actor.at(tx.now()), &row.submission_id, next, comment).await?;
        if next == State::Draft {
            row.set_declaration(None);
        }
        row.state = next.as_str().to_owned();
    }
    report::save(tx.conn(), row, tx.now()).await
}

/// The id of a submission in the audit trail, and of the lock on it.
pub(super) fn audited(submission_id: &str) -> String {
    format!("submission/{submission_id}")
}
