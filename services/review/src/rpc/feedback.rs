//! FeedbackService: what the panel thought, without a trace of who thought it.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Resource, Visibility, etag};
use zhijian_proto::review::v1::{
    self as wire, ApproveFeedbackRequest, ApproveFeedbackResponse, GetFeedbackRequest, GetFeedbackResponse,
    SaveFeedbackRequest, SaveFeedbackResponse, feedback_service_server::FeedbackService,
};

use super::{Review, convert};
use crate::{
    domain::{
        assignment::State as SheetState,
        entry::Entry,
        feedback::{self, Feedback, State},
        outcome::Outcome,
        round::{Round, State as RoundState},
    },
    store,
};

#[tonic::async_trait]
impl FeedbackService for Review {
    async fn get_feedback(
        &self,
        request: Request<GetFeedbackRequest>,
    ) -> Result<Response<GetFeedbackResponse>, Status> {
        let call = Call::of(&request)?;
        let visibility = call.visible("feedback")?;
        let (entry, round, outcome) = self.graded(&visibility, &request.into_inner().entry_id).await?;
        let words = store::feedback::get(self.ctx.db.reader(), &entry.id).await?;
        // Only who words the feedback sees what it is made from.
        let chair = call.may("feedback.edit", &Resource::new("feedback", &entry.id));
        self.record_read(&call, &round, &[entry.subject.code.as_str()], 1).await?;
        let mut shown = self.with_entry(words, entry, outcome).await?;
        if chair {
            shown.comments = self.comments(&shown.entry_id).await?;
        } else {
            if shown.state() != wire::feedback::State::Approved {
                (shown.overall, shown.remarks) = (String::new(), vec![]);
            }
            (shown.state, shown.etag) = (0, String::new());
        }
        Ok(Response::new(GetFeedbackResponse { feedback: Some(shown) }))
    }

    async fn save_feedback(
        &self,
        request: Request<SaveFeedbackRequest>,
    ) -> Result<Response<SaveFeedbackResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("feedback", &input.entry_id))?;
        let (entry, round, outcome) = self.graded(&Visibility::All, &input.entry_id).await?;
        let sent = input.clone();
        let feedback = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let present = store::feedback::get(tx.conn(), &sent.entry_id).await?;
                    present.edit()?;
                    let given: Vec<(String, String)> =
                        sent.remarks.into_iter().map(|remark| (remark.element_code, remark.body)).collect();
                    let (overall, remarks) = feedback::read(&round.scheme, &sent.overall, &given)?;
                    check(&sent.etag, &present)?;
                    let next = Feedback { overall, remarks, ..present };
                    let kept = store::feedback::write(tx.conn(), &next).await?;
                    tx.audit(format!("feedback/{}", kept.entry_id), json!({"state": kept.state.as_str()}));
                    Ok(SaveFeedbackResponse { feedback: Some(shown(kept)) })
                })
            })
            .await?
            .feedback
            .unwrap_or_default();
        let feedback = wire::Feedback { entry: Some(self.entry_with(entry, outcome).await?), ..feedback };
        Ok(Response::new(SaveFeedbackResponse { feedback: Some(feedback) }))
    }

    async fn approve_feedback(
        &self,
        request: Request<ApproveFeedbackRequest>,
    ) -> Result<Response<ApproveFeedbackResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("feedback", &input.entry_id))?;
        let (entry, _, outcome) = self.graded(&Visibility::All, &input.entry_id).await?;
        let sent = input.clone();
        let feedback = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let present = store::feedback::get(tx.conn(), &sent.entry_id).await?;
                    present.edit()?;
                    if present.version == 0 {
                        return Err(Error::illegal_state(
                            "state",
                            "还没有写反馈意见，请先写好并保存。",
                            "There is no feedback yet: write it first.",
                        ));
                    }
                    check(&sent.etag, &present)?;
                    let next = Feedback { state: State::Approved, ..present };
                    let kept = store::feedback::write(tx.conn(), &next).await?;
                    tx.audit(format!("feedback/{}", kept.entry_id), json!({"state": kept.state.as_str()}));
                    Ok(ApproveFeedbackResponse { feedback: Some(shown(kept)) })
                })
            })
            .await?
            .feedback
            .unwrap_or_default();
        let feedback = wire::Feedback { entry: Some(self.entry_with(entry, outcome).await?), ..feedback };
        Ok(Response::new(ApproveFeedbackResponse { feedback: Some(feedback) }))
    }
}

/// An etag is empty before anything was kept.
fn tag(of: &Feedback) -> String {
    if of.version == 0 { String::new() } else { etag::of(of.version) }
}

fn check(given: &str, present: &Feedback) -> Result<(), Error> {
    match present.version {
        0 if given.is_empty() => Ok(()),
        // Somebody else wrote the first words meanwhile.
        version if given.is_empty() => Err(Error::etag_mismatch(etag::of(version))),
        version => etag::check(given, version),
    }
}

fn shown(of: Feedback) -> wire::Feedback {
    wire::Feedback {
        etag: tag(&of),
        state: match of.state {
            State::Draft => wire::feedback::State::Draft,
            State::Approved => wire::feedback::State::Approved,
        }
        .into(),
        entry_id: of.entry_id,
        entry: None,
        overall: of.overall,
        remarks: of
            .remarks
            .into_iter()
            .map(|remark| wire::ElementRemark { element_code: remark.element_code, body: remark.body })
            .collect(),
        comments: vec![],
    }
}

impl Review {
    /// An entry with its result, as far as the caller may see it: a school its own, once the grades are revealed.
    ///
    /// # Errors
    /// NOT_FOUND where there is none to see; FAILED_PRECONDITION before grades are computed, to those who see everything.
    pub(super) async fn graded(
        &self,
        visibility: &Visibility,
        entry_id: &str,
    ) -> Result<(Entry, Round, Outcome), Error> {
        let missing = || Error::not_found("entry", entry_id);
        let conn = self.ctx.db.reader();
        let entry = store::entry::by_ids(conn, [entry_id.to_owned()]).await?.remove(entry_id);
        let entry = entry.ok_or_else(missing)?;
        let round = store::round::get(conn, &entry.round_id).await?;
        if let Visibility::Only(codes) = visibility
            && (!codes.contains(&entry.organisation_code) || round.state != RoundState::Revealed)
        {
            return Err(missing());
        }
        let outcome = store::result::find(conn, entry_id).await?.ok_or_else(|| {
            Error::illegal_state(
                "state",
                "本轮评审尚未定级，还没有结果。",
                "The round is not finalised yet, so there is no result.",
            )
        })?;
        Ok((entry, round, outcome))
    }

    /// An entry on the wire, with its result and those that stood before.
    pub(super) async fn entry_with(&self, entry: Entry, outcome: Outcome) -> Result<wire::Entry, Error> {
        let mut former = store::former_result::of(self.ctx.db.reader(), [entry.id.clone()]).await?;
        let former = former.remove(&entry.id).unwrap_or_default();
        let result = wire::Result { former: convert::former(former)?, ..convert::result_for(outcome, false) };
        Ok(wire::Entry { result: Some(result), ..convert::entry(entry) })
    }

    async fn with_entry(
        &self,
        words: Feedback,
        entry: Entry,
        outcome: Outcome,
    ) -> Result<wire::Feedback, Error> {
        Ok(wire::Feedback { entry: Some(self.entry_with(entry, outcome).await?), ..shown(words) })
    }

    /// What the panel wrote, in the order of the words and not of who wrote them.
    async fn comments(&self, entry_id: &str) -> Result<Vec<String>, Error> {
        let all = store::assignment::of_entry(self.ctx.db.reader(), entry_id).await?;
        let mut comments: Vec<String> = all
            .into_iter()
            .filter(|sheet| sheet.rectification_id.is_none() && sheet.state == SheetState::Submitted)
            .map(|sheet| sheet.comment)
            .filter(|comment| !comment.is_empty())
            .collect();
        comments.sort();
        Ok(comments)
    }
}
