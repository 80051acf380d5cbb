//! The commission's part: taking a submission up, sending it back, accepting it.

use serde_json::json;
use zhijian_platform::{Call, Error, Grant, etag};
use zhijian_proto::submission::v1::{
    AcceptSubmissionRequest, AcceptSubmissionResponse, ReturnSubmissionRequest, ReturnSubmissionResponse,
    StartSubmissionReviewRequest, StartSubmissionReviewResponse, Submission,
};

use super::{Moving, audited, begin, finish};
use crate::{
    domain::{submission::Move, text::is_filled},
    rpc::{Actor, Rpc, convert},
};

/// How many characters the comment of a return may have.
const MAX_COMMENT: usize = 2000;

impl Rpc {
    pub(super) async fn start_review(
        &self,
        call: Call,
        input: StartSubmissionReviewRequest,
    ) -> Result<StartSubmissionReviewResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let review = Review::new(&call, row.submission_id, &input.etag, Move::StartReview, "");
        let answer = |submission| StartSubmissionReviewResponse { submission: Some(submission) };
        self.review(&grant, &input.request_id, &input, review, answer).await
    }

    pub(super) async fn send_back(
        &self,
        call: Call,
        input: ReturnSubmissionRequest,
    ) -> Result<ReturnSubmissionResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let comment = input.comment.trim();
        if !is_filled(comment, MAX_COMMENT) {
            return Err(Error::invalid(
                "comment",
                "退回时请写明要改什么（1–2000 字）。",
                "Say what to mend, in 1–2000 characters.",
            ));
        }
        let review = Review::new(&call, row.submission_id, &input.etag, Move::Return, comment);
        let answer = |submission| ReturnSubmissionResponse { submission: Some(submission) };
        self.review(&grant, &input.request_id, &input, review, answer).await
    }

    pub(super) async fn accept(
        &self,
        call: Call,
        input: AcceptSubmissionRequest,
    ) -> Result<AcceptSubmissionResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let review = Review::new(&call, row.submission_id, &input.etag, Move::Accept, "");
        let answer = |submission| AcceptSubmissionResponse { submission: Some(submission) };
        self.review(&grant, &input.request_id, &input, review, answer).await
    }

    /// A move of the commission's.
    async fn review<Input, Output>(
        &self,
        grant: &Grant,
        request_id: &str,
        input: &Input,
        review: Review,
        answer: fn(Submission) -> Output,
    ) -> Result<Output, Error>
    where
        Input: prost::Message,
        Output: prost::Message + Default + 'static,
    {
        self.ctx
            .db
            .mutate(grant, request_id, input, move |tx| {
                Box::pin(async move {
                    let Review { actor, submission_id, etag, step, comment } = review;
                    let Moving { mut row, next, .. } = begin(tx, &submission_id, step).await?;
                    etag::check(&etag, row.version)?;
                    tx.audit(audited(&submission_id), json!({ "state": next.as_str(), "comment": comment }));
                    if step == Move::Return {
                        row.return_comment.clone_from(&comment);
                    }
                    let row = finish(tx, row, next, actor, &comment).await?;
                    Ok(answer(convert::submission(row)?))
                })
            })
            .await
    }
}

/// What the commission does to a submission.
struct Review {
    actor: Actor,
    submission_id: String,
    etag: String,
    step: Move,
    comment: String,
}

impl Review {
    fn new(call: &Call, submission_id: String, etag: &str, step: Move, comment: &str) -> Self {
        Self {
            actor: Actor::of(call),
            submission_id,
            etag: etag.to_owned(),
            step,
            comment: comment.to_owned(),
        }
    }
}
