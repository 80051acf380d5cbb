//! The step of review: items become entries of a round, and move on by their grades.

use serde_json::json;
use zhijian_platform::{Call, Error, Resource, Text, Tx, Violation, Visibility, etag, id, time::datetime};
use zhijian_proto::{
    common::v1::ErrorReason,
    review::v1::{ConcludeReviewRequest, ConcludeReviewResponse, StartReviewRequest, StartReviewResponse},
};

use super::{
    super::{Review, convert::count, round::reveal},
    counted,
};
use crate::{
    domain::{
        procedure::{Procedure, ProcedureError, item::Item},
        round::{Round, State as RoundState},
        scheme::Procedure as Steps,
    },
    store::{self, item_event::Event},
};

/// A message names at most this many items.
const NAMED: usize = 20;

impl Review {
    pub(super) async fn begin_review(
        &self,
        call: &Call,
        input: StartReviewRequest,
    ) -> Result<StartReviewResponse, Error> {
        let grant = call.authorise(&Resource::new("procedure", &input.procedure_id))?;
        let due_time = match input.due_time {
            None => None,
            Some(time) => Some(datetime(time).ok_or_else(|| {
                Error::invalid("due_time", "截止时间超出范围。", "The due time is out of range.")
            })?),
        };
        let sent = input.clone();
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    let procedure = store::procedure::get(conn, &sent.procedure_id).await?;
                    procedure.is_open()?;
                    if procedure.round_id.is_some() {
                        return Err(ProcedureError::ReviewBegun.into());
                    }
                    let steps = procedure.steps()?.clone();
                    let items = ready(&steps, store::item::of_procedure(conn, &procedure.id).await?)?;
                    etag::check(&sent.etag, procedure.version)?;
                    let (year, scheme) = (procedure.cycle_year, procedure.scheme.code());
                    if let Some(round) = store::round::of_exercise(conn, year, scheme).await? {
                        return Err(Error::already_exists("round", round));
                    }
                    let round = Round {
                        id: id::new("rnd"),
                        cycle_year: year,
                        scheme: procedure.scheme.clone(),
                        name: Text::new(procedure.name.zh.clone(), procedure.name.en.clone()),
                        state: RoundState::Draft,
                        entry_count: count(items.len()),
                        due_time,
                        create_time: tx.now(),
                        version: 1,
                    };
                    let entries: Vec<_> = items
                        .iter()
                        .map(|item| item.entry(id::new("ent"), &round.id, &round.scheme))
                        .collect();
                    store::round::insert(conn, &round).await?;
                    store::entry::insert(conn, &entries).await?;
                    for item in items {
                        store::item::write(conn, &steps, &Item { reviewed: true, ..item }).await?;
                    }
                    let next = Procedure { round_id: Some(round.id.clone()), ..procedure };
                    let next = store::procedure::write(conn, &next).await?;
                    let detail = json!({"round": round.id, "entries": round.entry_count});
                    tx.audit(format!("procedure/{}", next.id), detail.clone());
                    tx.audit(format!("round/{}", round.id), json!({"state": "draft", "procedure": next.id}));
                    let procedure = counted(conn, &next, &Visibility::All).await?;
                    Ok(StartReviewResponse { procedure: Some(procedure), entry_count: round.entry_count })
                })
            })
            .await
    }

    pub(super) async fn end_review(
        &self,
        call: &Call,
        input: ConcludeReviewRequest,
    ) -> Result<ConcludeReviewResponse, Error> {
        let grant = call.authorise(&Resource::new("procedure", &input.procedure_id))?;
        let (sent, calendar) = (input.clone(), self.ctx.calendar.clone());
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    let procedure = store::procedure::get(conn, &sent.procedure_id).await?;
                    procedure.is_open()?;
                    let round_id = procedure.round_id.clone().ok_or(ProcedureError::ReviewNotBegun)?;
                    let round = store::round::get(conn, &round_id).await?;
                    let steps = procedure.steps()?.clone();
                    concludable(&steps, &round)?;
                    etag::check(&sent.etag, procedure.version)?;
                    if round.state == RoundState::Finalised {
                        reveal(tx, &round, &calendar).await?;
                    }
                    let moved = move_by_grades(tx, &procedure, &steps, &round_id, &calendar).await?;
                    if moved == 0 {
                        tx.unchanged();
                        let procedure = counted(conn, &procedure, &Visibility::All).await?;
                        return Ok(ConcludeReviewResponse { procedure: Some(procedure), moved_count: 0 });
                    }
                    let next = store::procedure::write(conn, &procedure).await?;
                    tx.audit(
                        format!("procedure/{}", next.id),
                        json!({"review": "concluded", "moved": moved}),
                    );
                    let procedure = counted(conn, &next, &Visibility::All).await?;
                    Ok(ConcludeReviewResponse { procedure: Some(procedure), moved_count: count(moved) })
                })
            })
            .await
    }
}

/// The items at the step of review, once all have come so far or ended.
fn ready(steps: &Steps, items: Vec<Item>) -> Result<Vec<Item>, Error> {
    let (here, before): (Vec<Item>, Vec<Item>) = items
        .into_iter()
        .filter(|item| !item.ended)
        .partition(|item| item.step(steps).is_some_and(|step| step.review));
    let mut violations: Vec<Violation> = before
        .iter()
        .take(NAMED)
        .map(|item| {
            let at = item.step(steps).map(|step| step.name.clone());
            let at = at.unwrap_or_else(|| Text::new("", ""));
            let (school, own) = (&item.organisation_name, &item.subject.name);
            Violation::new(
                item.id.clone(),
                format!("{}“{}”还在“{}”环节。", school.zh, own.zh, at.zh),
                format!("{}, “{}” is still at the step “{}”.", school.en, own.en, at.en),
            )
        })
        .collect();
    let more = before.len().saturating_sub(NAMED);
    if more > 0 {
        violations.push(Violation::new(
            "items",
            format!("另有 {more} 项还没有到评审环节。"),
            format!("{more} more have not come to the review."),
        ));
    }
    if here.is_empty() && violations.is_empty() {
        violations.push(Violation::new("items", "没有等待评审的对象。", "There is nothing to review."));
    }
    if violations.is_empty() {
        return Ok(here);
    }
    Err(Error::Precondition { reason: ErrorReason::IllegalState, violations })
}

fn concludable(steps: &Steps, round: &Round) -> Result<(), Error> {
    let (least, zh, en) = match steps.sealed_until_release {
        true => (
            RoundState::Revealed,
            "等级要等结果发布之后才公布，届时再按等级办理。",
            "The grades stay sealed until the results are released: conclude the review then.",
        ),
        false => (
            RoundState::Finalised,
            "专家评审还没有定级，请先完成定级。",
            "The round of review is not finalised yet: finalise it first.",
        ),
    };
    if round.state >= least { Ok(()) } else { Err(Error::illegal_state("round", zh, en)) }
}

async fn move_by_grades(
    tx: &Tx<'_>,
    procedure: &Procedure,
    steps: &Steps,
    round_id: &str,
    calendar: &zhijian_platform::Calendar,
) -> Result<usize, Error> {
    let conn = tx.conn();
    let grades = store::result::grades(conn, round_id).await?;
    let entries = store::entry::of_round(conn, round_id).await?;
    let by_subject: std::collections::HashMap<&str, &str> = entries
        .iter()
        .filter_map(|entry| Some((entry.subject.id.as_str(), grades.get(&entry.id)?.as_str())))
        .collect();
    let mut events = Vec::new();
    for item in store::item::of_procedure(conn, &procedure.id).await? {
        let waits = item.reviewed && item.step(steps).is_some_and(|step| step.review);
        let grade = by_subject.get(item.id.as_str()).or_else(|| by_subject.get(item.subject.id.as_str()));
        let Some(grade) = grade.filter(|_| waits) else { continue };
        let (mut next, way) = item.graded(steps, grade)?;
        let days = next.step(steps).and_then(|step| step.working_days);
        next.due_date = days.map(|days| calendar.due(tx.now(), days));
        events.push(Event {
            item_id: item.id.clone(),
            time: tx.now(),
            step: item.at.clone(),
            outcome: way.code.clone(),
            to: way.to.clone(),
            comment: (*grade).to_owned(),
            form: Default::default(),
        });
        store::item::write(conn, steps, &next).await?;
        tx.audit(format!("item/{}", item.id), json!({"step": item.at, "outcome": way.code, "to": way.to}));
    }
    store::item_event::add(conn, &events).await?;
    Ok(events.len())
}
