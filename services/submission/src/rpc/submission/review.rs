//! The commission's part: taking a submission up, sending it back, accepting it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use zhijian_platform::{Call, Error, Grant, Tx, Violation, etag};
use zhijian_proto::common::v1::ErrorReason;
use zhijian_proto::submission::v1::{
    AcceptSubmissionRequest, AcceptSubmissionResponse, ReturnSubmissionRequest, ReturnSubmissionResponse,
    StartSubmissionReviewRequest, StartSubmissionReviewResponse, Submission,
};

use super::{Moving, audited, begin, finish, standing::situation};
use crate::{
    domain::{
        deadline::Deadline,
        request,
        submission::{self, Move, State},
        text::is_filled,
    },
    rpc::{Actor, Rpc, convert},
    store::{comment, correction, explanation, report},
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
        let mut review = Review::new(&call, row.submission_id, &input.etag, Move::Return, comment);
        review.mend = Mend {
            due: input.mend_due_time.map(|time| convert::time("mend_due_time", time)).transpose()?,
            days: self.workflow.mend_days,
        };
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
                    let Review { actor, submission_id, etag, step, comment, mend } = review;
                    let Moving { mut row, cycle, mut next } = begin(tx, &submission_id, step).await?;
                    etag::check(&etag, row.version)?;
                    match step {
                        Move::Return => {
                            let due = mend.until(&situation(&row, &cycle)?.deadline, tx.now())?;
                            if let Some(due) = due {
                                report::give_until(tx.conn(), &mut row, Some(due)).await?;
                            }
                            comment::send(tx.conn(), &submission_id).await?;
                        }
                        Move::Accept => {
                            none_rejected(tx, &submission_id).await?;
                            next = take_into_results(tx, &mut row).await?;
                        }
                        _ => {}
                    }
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
    mend: Mend,
}

/// Until when a school has time to mend.
#[derive(Default)]
struct Mend {
    /// As the commission says.
    due: Option<DateTime<Utc>>,
    /// What the rules give where it says nothing.
    days: u32,
}

impl Mend {
    /// The report's new deadline of its own, if the one it has is not late enough.
    fn until(&self, present: &Deadline, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Error> {
        if let Some(due) = self.due {
            if due <= now {
                return Err(Error::invalid(
                    "mend_due_time",
                    "修改的截止时间必须在现在之后。",
                    "The time to mend ends in the future.",
                ));
            }
            return Ok(Some(due).filter(|_| present.due.is_none_or(|present| present < due)));
        }
        let given = now + TimeDelta::days(i64::from(self.days));
        Ok(present.due.is_some_and(|present| present < given).then_some(given))
    }
}

/// A report whose explanations were rejected goes back to its school.
async fn none_rejected(tx: &Tx<'_>, submission_id: &str) -> Result<(), Error> {
    let rejected = explanation::rejected(tx.conn(), submission_id).await?;
    if rejected.is_empty() {
        return Ok(());
    }
    let violation = |finding_id: String| {
        Violation::new(
            finding_id,
            "这一条的说明没有被认可，请退回学校，或改为认可。",
            "Its explanation was rejected: return the report, or accept the explanation.",
        )
    };
    Err(Error::Precondition {
        reason: ErrorReason::ChecksFailed,
        violations: rejected.into_iter().map(violation).collect(),
    })
}

/// The revision becomes the one in the results. What was remarked is settled, and a correction is done.
async fn take_into_results(tx: &Tx<'_>, row: &mut report::Model) -> Result<State, Error> {
    row.accepted_revision = row.revision_number;
    comment::settle(tx.conn(), &row.submission_id).await?;
    let next = submission::accepted(row.correction_from()?);
    if row.correcting() {
        let mut correction = correction::get(tx.conn(), &row.correction_id).await?;
        correction.state = request::State::Done.as_str().to_owned();
        correction.new_revision = row.revision_number;
        correction::save(tx.conn(), correction).await?;
        row.end_correction();
    }
    Ok(next)
}

impl Review {
    fn new(call: &Call, submission_id: String, etag: &str, step: Move, comment: &str) -> Self {
        Self {
            actor: Actor::of(call),
            submission_id,
            etag: etag.to_owned(),
            step,
            comment: comment.to_owned(),
            mend: Mend::default(),
        }
    }
}
