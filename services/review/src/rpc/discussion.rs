//! DiscussionService: panels talk, once each has scored alone.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Text, time::timestamp};
use zhijian_proto::review::v1::{
    self as wire, AddDiscussionCommentRequest, AddDiscussionCommentResponse, GetDiscussionRequest,
    GetDiscussionResponse, discussion_service_server::DiscussionService,
};

use super::{Review, convert, sheet};
use crate::{
    domain::{
        assignment::Assignment,
        discussion::{self, label, own_is_in, panel},
        outcome::OutcomeError,
        rectification::words,
        round::Round,
        scheme::Scheme,
    },
    store,
};

#[tonic::async_trait]
impl DiscussionService for Review {
    async fn get_discussion(
        &self,
        request: Request<GetDiscussionRequest>,
    ) -> Result<Response<GetDiscussionResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().assignment_id;
        let (own, round) = self.seen_assignment(&call, &id).await?;
        // The chair reads along; a reviewer's own sheet comes first.
        if own.account_id == call.actor_id() {
            own_is_in(&own)?;
        }
        Ok(Response::new(self.discussion(&own, &round).await?))
    }

    async fn add_discussion_comment(
        &self,
        request: Request<AddDiscussionCommentRequest>,
    ) -> Result<Response<AddDiscussionCommentResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let id = input.assignment_id.clone();
        let (grant, round, _) = self.own_assignment(&call, &id).await?;
        held(&round.scheme)?;
        let labels = self.labels_of(&id, &round).await?;
        let sent = input.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    let found = store::assignment::find(conn, &id).await?;
                    let own = found.ok_or_else(|| Error::not_found("assignment", &id))?;
                    own_is_in(&own)?;
                    let body = words("body", &sent.body)?;
                    let now = store::round::get(conn, &round.id).await?;
                    if !sheet::still_scoring(conn, &own, &now).await? {
                        return Err(closed());
                    }
                    let comment = store::discussion::add(tx, &own, &body).await?;
                    tx.audit(format!("assignment/{id}"), json!({"discussion": comment.comment_id}));
                    Ok(AddDiscussionCommentResponse { comment: Some(shown(comment, &labels, &id)) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }
}

fn closed() -> Error {
    Error::illegal_state(
        "state",
        "评分已经结束，讨论也随之关闭。",
        "Scoring is over, and the discussion with it.",
    )
}

fn held(scheme: &Scheme) -> Result<(), Error> {
    if scheme.definition().review.discussion.held {
        return Ok(());
    }
    Err(Error::illegal_state("scheme", "本方案不设专家讨论。", "This scheme has no discussion."))
}

fn shown(
    comment: store::discussion::Model,
    labels: &HashMap<String, Text>,
    own: &str,
) -> wire::DiscussionComment {
    let gone = || Text::new("已退出的专家", "A reviewer who left");
    wire::DiscussionComment {
        label: Some(labels.get(&comment.assignment_id).cloned().unwrap_or_else(gone).into()),
        own: comment.assignment_id == own,
        body: comment.body,
        time: Some(timestamp(comment.time)),
    }
}

impl Review {
    /// What the members of a panel are called, by assignment.
    async fn labels(&self, members: &[&Assignment], scheme: &Scheme) -> Result<HashMap<String, Text>, Error> {
        let names: HashMap<String, String> = match scheme.definition().review.discussion.names {
            false => HashMap::new(),
            true => store::reviewer::all(self.ctx.db.reader())
                .await?
                .into_iter()
                .map(|reviewer| (reviewer.account_id, reviewer.name))
                .collect(),
        };
        let called = |(place, seat): (usize, &&Assignment)| {
            let name = names.get(&seat.account_id).map(|name| Text::new(name.clone(), name.clone()));
            (seat.id.clone(), name.unwrap_or_else(|| label(place, seat.arbiter)))
        };
        Ok(members.iter().enumerate().map(called).collect())
    }

    async fn labels_of(&self, id: &str, round: &Round) -> Result<HashMap<String, Text>, Error> {
        let (own, _, _) = self.assignment(id).await?;
        let all = store::assignment::of_entry(self.ctx.db.reader(), &own.entry_id).await?;
        self.labels(&panel(&own, &all), &round.scheme).await
    }

    async fn discussion(&self, own: &Assignment, round: &Round) -> Result<GetDiscussionResponse, Error> {
        let scheme = &round.scheme;
        held(scheme)?;
        let conn = self.ctx.db.reader();
        let all = store::assignment::of_entry(conn, &own.entry_id).await?;
        let members = panel(own, &all);
        let labels = self.labels(&members, scheme).await?;
        let standing = sheet::revision(conn, own, &round.id).await?;
        let events = store::sheet_event::of(conn, members.iter().map(|seat| seat.id.clone())).await?;
        let mut totals = vec![];
        let mut shown_members = vec![];
        for seat in &members {
            let revised = events
                .iter()
                .any(|event| event.assignment_id == seat.id && event.cause == store::sheet_event::REVISED);
            let mut member = wire::PanelMember {
                label: labels.get(&seat.id).cloned().map(Into::into),
                own: seat.id == own.id,
                arbiter: seat.arbiter,
                state: convert::assignment_state(seat.state).into(),
                revised,
                ..wire::PanelMember::default()
            };
            // Whoever has not handed in yet is not overlooked: drafts are the reviewer's own.
            if sheet::is_in(seat) {
                let total = total(scheme, seat)?;
                totals.push(total);
                member.scores = convert::scores(&seat.sheet, scheme);
                member.total = total.normalize().to_string();
                member.comment.clone_from(&seat.comment);
            }
            shown_members.push(member);
        }
        let spread = match (totals.iter().max(), totals.iter().min()) {
            (Some(most), Some(least)) if totals.len() > 1 => (*most - *least).normalize().to_string(),
            _ => String::new(),
        };
        let comments = store::discussion::of(conn, own).await?;
        Ok(GetDiscussionResponse {
            members: shown_members,
            comments: comments.into_iter().map(|comment| shown(comment, &labels, &own.id)).collect(),
            spread,
            open: standing.open,
            may_revise: discussion::may_revise(own, standing.revised, standing.spoken, standing.open),
        })
    }
}

/// The weighted sum of one sheet.
fn total(scheme: &Scheme, seat: &Assignment) -> Result<Decimal, Error> {
    let points = seat.sheet.complete(scheme).map_err(OutcomeError::from)?;
    let weighted = scheme.elements().iter().zip(points).map(|(element, points)| element.weight * points);
    Ok(weighted.sum())
}
