//! CommentService.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, etag, id};
use zhijian_proto::submission::v1::{
    AddCommentRequest, AddCommentResponse, AnswerCommentRequest, AnswerCommentResponse, Comment,
    DeleteCommentRequest, DeleteCommentResponse, ListCommentsRequest, ListCommentsResponse,
    ResolveCommentRequest, ResolveCommentResponse, comment_service_server::CommentService,
};

use super::{
    Actor, Rpc, convert,
    submission::{Moving, audited, begin, finish, standing::is_commission, working::kind_of},
};
use crate::{
    domain::{
        comment::{self, State},
        submission::{self, IllegalMove, Move},
    },
    store::{comment as comments, report},
};

#[tonic::async_trait]
impl CommentService for Rpc {
    async fn add_comment(
        &self,
        request: Request<AddCommentRequest>,
    ) -> Result<Response<AddCommentResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let place = (input.indicator_code.as_str(), input.section_code.as_str());
        comment::check(&catalogue, kind_of(&catalogue, &row)?, place, &input.body).map_err(Error::Invalid)?;
        let given = input.clone();
        let (author_id, author_name) = (call.actor_id(), call.display_name().to_owned());
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let row = report::get(tx.conn(), &given.submission_id).await?;
                    with_commission(&row)?;
                    let comment = comments::Model {
                        comment_id: id::new("cmt"),
                        submission_id: row.submission_id,
                        revision_number: row.revision_number,
                        indicator_code: given.indicator_code,
                        section_code: given.section_code,
                        body: given.body.trim().to_owned(),
                        answer: String::new(),
                        state: State::Unsent.as_str().to_owned(),
                        author_id,
                        author_name,
                        create_time: tx.now(),
                        answerer_name: String::new(),
                        answer_time: None,
                        version: 1,
                    };
                    comments::insert(tx.conn(), &comment).await?;
                    let detail = json!({
                        "comment": comment.comment_id,
                        "indicator_code": comment.indicator_code,
                        "section_code": comment.section_code,
                        "body": comment.body,
                    });
                    tx.audit(audited(&comment.submission_id), detail);
                    Ok(AddCommentResponse { comment: Some(convert::comment(comment)?) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn delete_comment(
        &self,
        request: Request<DeleteCommentRequest>,
    ) -> Result<Response<DeleteCommentResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (_, grant) = self.admit(&call, &input.submission_id).await?;
        let given = input.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let comment = comments::get(tx.conn(), &given.submission_id, &given.comment_id).await?;
                    etag::check(&given.etag, comment.version)?;
                    comment.state()?.delete()?;
                    comments::delete(tx.conn(), &comment.comment_id).await?;
                    let detail = json!({ "comment": comment.comment_id, "deleted": true });
                    tx.audit(audited(&comment.submission_id), detail);
                    Ok(DeleteCommentResponse {})
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn answer_comment(
        &self,
        request: Request<AnswerCommentRequest>,
    ) -> Result<Response<AnswerCommentResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (_, grant) = self.admit(&call, &input.submission_id).await?;
        comment::words("answer", &input.answer).map_err(|wrong| Error::Invalid(vec![wrong]))?;
        let given = input.clone();
        let actor = Actor::of(&call);
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    // As an explanation: it changes nothing that was declared, but may be all that a return asked for.
                    let Moving { row, next, .. } = begin(tx, &given.submission_id, Move::Explain).await?;
                    let mut comment = seen(tx.conn(), &given.submission_id, &given.comment_id).await?;
                    etag::check(&given.etag, comment.version)?;
                    comment.state = comment.state()?.answer()?.as_str().to_owned();
                    comment.answer = given.answer.trim().to_owned();
                    comment.answerer_name.clone_from(&actor.account_name);
                    comment.answer_time = Some(tx.now());
                    let comment = comments::save(tx.conn(), comment).await?;
                    let detail = json!({ "comment": comment.comment_id, "answer": comment.answer });
                    tx.audit(audited(&comment.submission_id), detail);
                    if row.state()? != next {
                        finish(tx, row, next, actor, "").await?;
                    }
                    Ok(AnswerCommentResponse { comment: Some(convert::comment(comment)?) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn resolve_comment(
        &self,
        request: Request<ResolveCommentRequest>,
    ) -> Result<Response<ResolveCommentResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (_, grant) = self.admit(&call, &input.submission_id).await?;
        let given = input.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut comment =
                        comments::get(tx.conn(), &given.submission_id, &given.comment_id).await?;
                    etag::check(&given.etag, comment.version)?;
                    comment.state = comment.state()?.resolve(given.reopen)?.as_str().to_owned();
                    let comment = comments::save(tx.conn(), comment).await?;
                    let detail = json!({ "comment": comment.comment_id, "state": comment.state });
                    tx.audit(audited(&comment.submission_id), detail);
                    Ok(ResolveCommentResponse { comment: Some(convert::comment(comment)?) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn list_comments(
        &self,
        request: Request<ListCommentsRequest>,
    ) -> Result<Response<ListCommentsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let all = is_commission(&call);
        let rows = comments::list(self.ctx.db.reader(), &row.submission_id).await?;
        let shown = rows.into_iter().filter(|row| all || row.state != State::Unsent.as_str());
        let comments: Vec<Comment> = shown.map(convert::comment).collect::<Result<_, Error>>()?;
        Ok(Response::new(ListCommentsResponse { comments }))
    }
}

/// A remark that the school may know of.
async fn seen(
    conn: &impl sea_orm::ConnectionTrait,
    submission_id: &str,
    comment_id: &str,
) -> Result<comments::Model, Error> {
    let comment = comments::get(conn, submission_id, comment_id).await?;
    match comment.state()? {
        State::Unsent => Err(Error::not_found("comment", comment_id)),
        State::Open | State::Answered | State::Resolved => Ok(comment),
    }
}

/// Checks that the commission has the report.
fn with_commission(row: &report::Model) -> Result<(), Error> {
    match row.state()? {
        submission::State::Submitted | submission::State::UnderReview => Ok(()),
        state => {
            let text = IllegalMove { step: Move::Return, state }.text();
            Err(Error::illegal_state("submission.state", text.zh, text.en))
        }
    }
}
