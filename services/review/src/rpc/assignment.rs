//! AssignmentService: the reviewers' work.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Grant, Page, Resource, Tx, etag};
use zhijian_proto::review::v1::{
    self as wire, AbstainAssignmentRequest, AbstainAssignmentResponse, GetAssignmentRequest,
    GetAssignmentResponse, GetNextAssignmentRequest, GetNextAssignmentResponse, ListAssignmentsRequest,
    ListAssignmentsResponse, ListSheetVersionsRequest, ListSheetVersionsResponse, ReturnScoresRequest,
    ReturnScoresResponse, ReviseScoresRequest, ReviseScoresResponse, SaveScoresRequest, SaveScoresResponse,
    SubmitScoresRequest, SubmitScoresResponse, assignment_service_server::AssignmentService,
};

use super::{
    Review, appeal, convert, for_all, hidden,
    sheet::{APPEAL, dressed},
};
use crate::{
    domain::{
        assignment::{Assignment, Move, State},
        entry::Entry,
        round::Round,
        scheme::Scheme,
        sheet::{self, Sheet, SheetError},
    },
    store,
};

#[tonic::async_trait]
impl AssignmentService for Review {
    async fn list_assignments(
        &self,
        request: Request<ListAssignmentsRequest>,
    ) -> Result<Response<ListAssignmentsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let everybodys = for_all(&call, "assignment")?;
        let own = !everybodys || input.round_id.is_empty();
        if own {
            call.authorise(&Resource::new("assignment", "").owner(call.actor_id()))?;
        }
        let filter = store::assignment::Filter {
            round_id: Some(input.round_id.clone()).filter(|id| !id.is_empty()),
            state: match input.state() {
                wire::assignment::State::Unspecified => None,
                wire::assignment::State::Open => Some(State::Open),
                wire::assignment::State::Submitted => Some(State::Submitted),
                wire::assignment::State::Abstained => Some(State::Abstained),
            },
            account_id: own.then(|| call.actor_id()),
        };
        let conn = self.ctx.db.reader();
        let (assignments, next_page_token) = store::assignment::page(conn, &page, &filter).await?;
        // A chair who also reviews may ask for the own ones; one who does not has forgotten the round.
        if everybodys && own && assignments.is_empty() && page.after().is_none() {
            return Err(Error::invalid(
                "round_id",
                "请指定评审轮次 round_id。",
                "Say which round: give its round_id.",
            )
            .into());
        }
        let rounds = store::round::by_ids(conn, assignments.iter().map(|one| one.round_id.clone())).await?;
        let entries = store::entry::by_ids(conn, assignments.iter().map(|one| one.entry_id.clone())).await?;
        let assignments = assignments
            .into_iter()
            .filter_map(|assignment| {
                let scheme = &rounds.get(&assignment.round_id)?.scheme;
                let entry = entries.get(&assignment.entry_id).cloned();
                Some(convert::assignment(assignment, entry, scheme))
            })
            .collect();
        let assignments = dressed(conn, assignments).await?;
        Ok(Response::new(ListAssignmentsResponse { assignments, next_page_token }))
    }

    async fn get_assignment(
        &self,
        request: Request<GetAssignmentRequest>,
    ) -> Result<Response<GetAssignmentResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().assignment_id;
        let everybodys = for_all(&call, "assignment")?;
        let (assignment, round, entry) = self.assignment(&id).await?;
        if !everybodys {
            let resource = Resource::new("assignment", &id).owner(&assignment.account_id);
            call.authorise(&resource).map_err(|error| hidden(error, "assignment", &id))?;
            shown(&round, &id)?;
        }
        let rectification = match &assignment.rectification_id {
            Some(id) => store::rectification::find(self.ctx.db.reader(), id).await?,
            None => None,
        };
        let appealed = match assignment.rectification_id.as_deref().filter(|id| id.starts_with(APPEAL)) {
            Some(id) => store::appeal::find(self.ctx.db.reader(), id).await?,
            None => None,
        };
        // Who hears an appeal is not led by the grade that is appealed.
        let appealed = appealed.map(|found| wire::Appeal {
            grade: String::new(),
            total: String::new(),
            new_grade: String::new(),
            new_total: String::new(),
            ..appeal::shown(found, None, &round.scheme)
        });
        let assignment = wire::Assignment {
            rectification: rectification.map(|found| convert::rectification(found, None, &round.scheme)),
            appeal: appealed,
            ..convert::assignment(assignment, Some(entry), &round.scheme)
        };
        let assignment = dressed(self.ctx.db.reader(), vec![assignment]).await?.pop();
        Ok(Response::new(GetAssignmentResponse { assignment }))
    }

    async fn get_next_assignment(
        &self,
        request: Request<GetNextAssignmentRequest>,
    ) -> Result<Response<GetNextAssignmentResponse>, Status> {
        let call = Call::of(&request)?;
        let assignment = self.next_assignment(&call, request.into_inner()).await?;
        Ok(Response::new(GetNextAssignmentResponse { assignment }))
    }

    async fn abstain_assignment(
        &self,
        request: Request<AbstainAssignmentRequest>,
    ) -> Result<Response<AbstainAssignmentResponse>, Status> {
        let call = Call::of(&request)?;
        let assignment = self.abstain(&call, request.into_inner()).await?;
        Ok(Response::new(AbstainAssignmentResponse { assignment: Some(assignment) }))
    }

    async fn revise_scores(
        &self,
        request: Request<ReviseScoresRequest>,
    ) -> Result<Response<ReviseScoresResponse>, Status> {
        let call = Call::of(&request)?;
        let assignment = self.revise(&call, request.into_inner()).await?;
        Ok(Response::new(ReviseScoresResponse { assignment: Some(assignment) }))
    }

    async fn return_scores(
        &self,
        request: Request<ReturnScoresRequest>,
    ) -> Result<Response<ReturnScoresResponse>, Status> {
        let call = Call::of(&request)?;
        let assignment = self.return_sheet(&call, request.into_inner()).await?;
        Ok(Response::new(ReturnScoresResponse { assignment: Some(assignment) }))
    }

    async fn list_sheet_versions(
        &self,
        request: Request<ListSheetVersionsRequest>,
    ) -> Result<Response<ListSheetVersionsResponse>, Status> {
        let call = Call::of(&request)?;
        let versions = self.sheet_versions(&call, &request.into_inner().assignment_id).await?;
        Ok(Response::new(ListSheetVersionsResponse { versions }))
    }

    async fn save_scores(
        &self,
        request: Request<SaveScoresRequest>,
    ) -> Result<Response<SaveScoresResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let id = input.assignment_id.clone();
        let (grant, round, entry) = self.own_assignment(&call, &id).await?;
        let sent = Sent::new(&input.etag, &input.scores, &input.comment);
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let present = unfinished(tx, &id, &sent.etag).await?;
                    let assignment = write(tx, sent.onto(present, &round.scheme)?).await?;
                    let assignment = convert::assignment(assignment, Some(entry), &round.scheme);
                    Ok(SaveScoresResponse { assignment: Some(assignment) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn submit_scores(
        &self,
        request: Request<SubmitScoresRequest>,
    ) -> Result<Response<SubmitScoresResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let id = input.assignment_id.clone();
        let (grant, round, entry) = self.own_assignment(&call, &id).await?;
        let sent = Sent::new(&input.etag, &input.scores, &input.comment);
        let model = self.asks(&round.scheme);
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let present = unfinished(tx, &id, &sent.etag).await?;
                    let mut assignment = sent.onto(present, &round.scheme)?;
                    assignment.sheet.complete(&round.scheme)?;
                    assignment.state = assignment.state.after(Move::Submit)?;
                    assignment.submit_time = Some(tx.now());
                    let assignment = write(tx, assignment).await?;
                    if let Some(model) = model {
                        let human = assignment.sheet.judged(&round.scheme);
                        store::suggestion::begin(tx, &assignment, &human, &model).await?;
                    }
                    let assignment = convert::assignment(assignment, Some(entry), &round.scheme);
                    Ok(SubmitScoresResponse { assignment: Some(assignment) })
                })
            })
            .await?;
        self.ask(input.assignment_id);
        Ok(Response::new(response))
    }
}

/// What a reviewer sends, before it is checked.
pub(super) struct Sent {
    pub(super) etag: String,
    scores: Vec<wire::Score>,
    comment: String,
}

impl Sent {
    pub(super) fn new(etag: &str, scores: &[wire::Score], comment: &str) -> Self {
        Self { etag: etag.to_owned(), scores: scores.to_vec(), comment: comment.to_owned() }
    }

    /// The assignment with what was sent in place of its draft.
    pub(super) fn onto(&self, present: Assignment, scheme: &Scheme) -> Result<Assignment, SheetError> {
        let scores = self.scores.iter().map(|score| (score.element_code.as_str(), score.points.as_str()));
        Ok(Assignment {
            sheet: Sheet::parse(scheme, scores)?.keeping(&present.sheet, scheme),
            comment: sheet::comment(&self.comment)?,
            ..present
        })
    }
}

/// The assignment, if its scores may still change and the caller has seen the newest.
async fn unfinished(tx: &Tx<'_>, id: &str, given: &str) -> Result<Assignment, Error> {
    let found = store::assignment::find(tx.conn(), id).await?;
    let present = found.ok_or_else(|| Error::not_found("assignment", id))?;
    present.state.edit()?;
    etag::check(given, present.version)?;
    Ok(present)
}

pub(super) async fn write(tx: &Tx<'_>, assignment: Assignment) -> Result<Assignment, Error> {
    let assignment = store::assignment::write(tx.conn(), &assignment).await?;
    tx.audit(format!("assignment/{}", assignment.id), json!({"state": assignment.state.as_str()}));
    Ok(assignment)
}

impl Review {
    pub(super) async fn assignment(&self, id: &str) -> Result<(Assignment, Round, Entry), Error> {
        let conn = self.ctx.db.reader();
        let missing = || Error::not_found("assignment", id);
        let assignment = store::assignment::find(conn, id).await?.ok_or_else(missing)?;
        let round = store::round::get(conn, &assignment.round_id).await?;
        let mut entries = store::entry::by_ids(conn, [assignment.entry_id.clone()]).await?;
        let entry = entries.remove(&assignment.entry_id).ok_or_else(missing)?;
        Ok((assignment, round, entry))
    }

    /// Leave to score the caller's own assignment.
    ///
    /// # Errors
    /// NOT_FOUND if it is another's, or reviewers do not see it yet; FAILED_PRECONDITION once grades are
    /// computed.
    pub(super) async fn own_assignment(&self, call: &Call, id: &str) -> Result<(Grant, Round, Entry), Error> {
        // First whether the caller scores anything at all: others learn nothing about ids.
        call.authorise(&Resource::new("assignment", id).owner(call.actor_id()))?;
        let (assignment, round, entry) = self.assignment(id).await?;
        let resource = Resource::new("assignment", id).owner(&assignment.account_id);
        let grant = call.authorise(&resource).map_err(|error| hidden(error, "assignment", id))?;
        shown(&round, id)?;
        Ok((grant, round, entry))
    }
}

fn shown(round: &Round, assignment_id: &str) -> Result<(), Error> {
    if round.state.shows_assignments() { Ok(()) } else { Err(Error::not_found("assignment", assignment_id)) }
}
