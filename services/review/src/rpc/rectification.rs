//! RectificationService: follows low grades until they are mended.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Calendar, Call, Error, Page, Resource, Tx, Visibility, etag};
use zhijian_proto::review::v1::{
    self as wire, AppointRecheckRequest, AppointRecheckResponse, ClaimRectificationRequest,
    ClaimRectificationResponse, ConcludeRecheckRequest, ConcludeRecheckResponse,
    EscalateRectificationRequest, EscalateRectificationResponse, GetRectificationRequest,
    GetRectificationResponse, ListRectificationsRequest, ListRectificationsResponse,
    PlanRectificationRequest, PlanRectificationResponse, RemindRectificationsRequest,
    RemindRectificationsResponse, ReportMeasuresRequest, ReportMeasuresResponse,
    ReviewRectificationPlanRequest, ReviewRectificationPlanResponse, WithdrawProgrammeRequest,
    WithdrawProgrammeResponse, rectification_service_server::RectificationService,
};

use super::{Review, convert, files, recheck, reminding};
use crate::{
    domain::{
        entry::Entry,
        measure,
        rectification::{self, Move, Outcome, Rectification},
        round::{Round, State as RoundState},
    },
    store,
};

/// A move that was made: which, what the rectification is now, and what is said about it.
pub(super) struct Made {
    pub mv: Move,
    pub next: Rectification,
    pub comment: String,
}

/// What a rectification is moved with.
#[derive(Clone)]
pub(super) struct Means {
    pub round: Round,
    pub entry: Entry,
    pub calendar: Arc<Calendar>,
}

type Making<'t> = BoxFuture<'t, Result<Made, Error>>;

#[tonic::async_trait]
impl RectificationService for Review {
    async fn list_rectifications(
        &self,
        request: Request<ListRectificationsRequest>,
    ) -> Result<Response<ListRectificationsResponse>, Status> {
        let call = Call::of(&request)?;
        let visibility = call.visible("rectification")?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let filter = store::rectification::Filter {
            round_id: Some(input.round_id).filter(|id| !id.is_empty()),
            organisation_code: Some(input.organisation_code).filter(|code| !code.is_empty()),
            visibility,
        };
        let conn = self.ctx.db.reader();
        let (rows, next_page_token) = store::rectification::page(conn, &page, &filter).await?;
        let mut entries = store::entry::by_ids(conn, rows.iter().map(|row| row.entry_id.clone())).await?;
        let rounds = store::round::by_ids(conn, rows.iter().map(|row| row.round_id.clone())).await?;
        for round in rounds.values() {
            let of_round = rows.iter().filter(|row| row.round_id == round.id);
            let codes: Vec<&str> = of_round
                .filter_map(|row| entries.get(&row.entry_id).map(|entry| entry.subject.code.as_str()))
                .collect();
            self.record_read(&call, round, &codes, codes.len()).await?;
        }
        let now = self.ctx.db.clock().now();
        let rectifications = rows
            .into_iter()
            .filter_map(|row| {
                let entry = entries.remove(&row.entry_id);
                let scheme = &rounds.get(&row.round_id)?.scheme;
                let shown = convert::rectification(row, entry, scheme);
                Some(convert::timed(shown, scheme, &self.ctx.calendar, now))
            })
            .collect();
        Ok(Response::new(ListRectificationsResponse { rectifications, next_page_token }))
    }

    async fn get_rectification(
        &self,
        request: Request<GetRectificationRequest>,
    ) -> Result<Response<GetRectificationResponse>, Status> {
        let call = Call::of(&request)?;
        let visibility = call.visible("rectification")?;
        let id = request.into_inner().rectification_id;
        let (found, means) = self.rectification(&visibility, &id).await?;
        self.record_read(&call, &means.round, &[means.entry.subject.code.as_str()], 1).await?;
        let conn = self.ctx.db.reader();
        let history = store::rectification_event::of(conn, &id).await?;
        let sheets = match visibility {
            Visibility::All => recheck::sheets(conn, &found, &means.round.scheme).await?,
            Visibility::Only(_) => vec![],
        };
        let scheme = &means.round.scheme;
        let shown = convert::rectification(found, Some(means.entry), scheme);
        let mut shown = convert::timed(shown, scheme, &self.ctx.calendar, self.ctx.db.clock().now());
        shown.history = history.into_iter().map(|event| convert::event(event, scheme)).collect();
        shown.recheck_count = convert::count(sheets.len());
        shown.recheck_submitted = convert::count(sheets.iter().filter(|sheet| sheet.is_submitted()).count());
        Ok(Response::new(GetRectificationResponse { rectification: Some(shown) }))
    }

    async fn remind_rectifications(
        &self,
        request: Request<RemindRectificationsRequest>,
    ) -> Result<Response<RemindRectificationsResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::new("rectification", ""))?;
        let reminders = self.remind_of_rectifications(request.into_inner().dry_run).await?;
        let (drafted, covered) = reminding::tally(&reminders);
        Ok(Response::new(RemindRectificationsResponse { drafted, covered, reminders }))
    }

    async fn plan_rectification(
        &self,
        request: Request<PlanRectificationRequest>,
    ) -> Result<Response<PlanRectificationResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (id, etag) = (input.rectification_id.clone(), input.etag.clone());
        let sent = input.clone();
        let rectification = self
            .moved(&call, &id, &input.request_id, &etag, &input, move |tx, present, means| {
                Box::pin(async move {
                    let state = present.state.after(Move::Plan)?;
                    let plan = rectification::plan(&sent.plan)?;
                    let given = sent.measures.into_iter().map(convert::measure_given).collect();
                    let measures = measure::plan(&means.round.scheme, given)?;
                    let plan_time = Some(tx.now());
                    let next = Rectification { state, plan, measures, plan_time, due_date: None, ..present };
                    Ok(Made { mv: Move::Plan, next, comment: String::new() })
                })
            })
            .await?;
        Ok(Response::new(PlanRectificationResponse { rectification: Some(rectification) }))
    }

    async fn review_rectification_plan(
        &self,
        request: Request<ReviewRectificationPlanRequest>,
    ) -> Result<Response<ReviewRectificationPlanResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (id, etag) = (input.rectification_id.clone(), input.etag.clone());
        let sent = input.clone();
        let rectification = self
            .moved(&call, &id, &input.request_id, &etag, &input, move |tx, present, means| {
                Box::pin(async move {
                    let days = &means.round.scheme.definition().rectification;
                    let (mv, days, comment) = match sent.accept {
                        true => (Move::AcceptPlan, days.mend_working_days, sent.comment.trim().to_owned()),
                        false => {
                            let comment = rectification::words("comment", &sent.comment)?;
                            (Move::ReturnPlan, days.plan_working_days, comment)
                        }
                    };
                    let state = present.state.after(mv)?;
                    let due_date = Some(means.calendar.due(tx.now(), days));
                    Ok(Made { mv, next: Rectification { state, due_date, ..present }, comment })
                })
            })
            .await?;
        Ok(Response::new(ReviewRectificationPlanResponse { rectification: Some(rectification) }))
    }

    async fn report_measures(
        &self,
        request: Request<ReportMeasuresRequest>,
    ) -> Result<Response<ReportMeasuresResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (id, etag) = (input.rectification_id.clone(), input.etag.clone());
        let sent = input.clone();
        let visibility = call.visible("rectification")?;
        let (found, _) = self.rectification(&visibility, &id).await?;
        let items = sent.measures.iter().enumerate().flat_map(|(place, measure)| {
            let items = convert::measure_given(measure.clone()).items.into_iter().enumerate();
            items.map(move |(item, given)| (format!("measures[{place}].items[{item}]"), given))
        });
        files::check(&self.ctx.clients, &found.organisation_code, items.collect()).await?;
        let rectification = self
            .moved(&call, &id, &input.request_id, &etag, &input, move |_, present, _| {
                Box::pin(async move {
                    let state = present.state.after(Move::Report)?;
                    let given: Vec<_> = sent.measures.into_iter().map(convert::measure_given).collect();
                    let measures = measure::report(&present.measures, &given)?;
                    let next = Rectification { state, measures, ..present };
                    Ok(Made { mv: Move::Report, next, comment: String::new() })
                })
            })
            .await?;
        Ok(Response::new(ReportMeasuresResponse { rectification: Some(rectification) }))
    }

    async fn claim_rectification(
        &self,
        request: Request<ClaimRectificationRequest>,
    ) -> Result<Response<ClaimRectificationResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (id, etag) = (input.rectification_id.clone(), input.etag.clone());
        let sent = input.clone();
        let rectification = self
            .moved(&call, &id, &input.request_id, &etag, &input, move |_, present, _| {
                Box::pin(async move {
                    let state = present.state.after(Move::Claim)?;
                    measure::all_done(&present.measures)?;
                    let comment = rectification::words("comment", &sent.comment)?;
                    Ok(Made { mv: Move::Claim, next: Rectification { state, ..present }, comment })
                })
            })
            .await?;
        Ok(Response::new(ClaimRectificationResponse { rectification: Some(rectification) }))
    }

    async fn appoint_recheck(
        &self,
        request: Request<AppointRecheckRequest>,
    ) -> Result<Response<AppointRecheckResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (id, etag) = (input.rectification_id.clone(), input.etag.clone());
        let rectification = self
            .moved(&call, &id, &input.request_id, &etag, &input, move |tx, present, means| {
                Box::pin(async move { recheck::appoint(tx, present, &means).await })
            })
            .await?;
        Ok(Response::new(AppointRecheckResponse { rectification: Some(rectification) }))
    }

    async fn conclude_recheck(
        &self,
        request: Request<ConcludeRecheckRequest>,
    ) -> Result<Response<ConcludeRecheckResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (id, etag) = (input.rectification_id.clone(), input.etag.clone());
        let rectification = self
            .moved(&call, &id, &input.request_id, &etag, &input, move |tx, present, means| {
                Box::pin(async move { recheck::conclude(tx, present, &means).await })
            })
            .await?;
        Ok(Response::new(ConcludeRecheckResponse { rectification: Some(rectification) }))
    }

    async fn escalate_rectification(
        &self,
        request: Request<EscalateRectificationRequest>,
    ) -> Result<Response<EscalateRectificationResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (id, etag) = (input.rectification_id.clone(), input.etag.clone());
        let sent = input.clone();
        let rectification = self
            .moved(&call, &id, &input.request_id, &etag, &input, move |tx, present, means| {
                Box::pin(async move {
                    let state = present.state.after(Move::Escalate)?;
                    let comment = rectification::words("reason", &sent.reason)?;
                    if !present.overdue(tx.now()) {
                        return Err(not_due(&present));
                    }
                    let levels = &means.round.scheme.definition().rectification.levels;
                    let next = present.next(levels).ok_or_else(no_further)?;
                    let due_date = Some(means.calendar.due(tx.now(), next.mend_working_days));
                    let level = present.level + 1;
                    let next = Rectification { state, level, due_date, ..present };
                    Ok(Made { mv: Move::Escalate, next, comment })
                })
            })
            .await?;
        Ok(Response::new(EscalateRectificationResponse { rectification: Some(rectification) }))
    }

    async fn withdraw_programme(
        &self,
        request: Request<WithdrawProgrammeRequest>,
    ) -> Result<Response<WithdrawProgrammeResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (id, etag) = (input.rectification_id.clone(), input.etag.clone());
        let sent = input.clone();
        let rectification = self
            .moved(&call, &id, &input.request_id, &etag, &input, move |_, present, _| {
                Box::pin(async move {
                    let state = present.state.after(Move::Withdraw)?;
                    let comment = rectification::words("reason", &sent.reason)?;
                    let outcome = Some(Outcome::Withdrawn);
                    let next = Rectification { state, outcome, due_date: None, ..present };
                    Ok(Made { mv: Move::Withdraw, next, comment })
                })
            })
            .await?;
        Ok(Response::new(WithdrawProgrammeResponse { rectification: Some(rectification) }))
    }
}

fn not_due(present: &Rectification) -> Error {
    let due = present.due().map(|due| due.to_string()).unwrap_or_default();
    Error::illegal_state(
        "due_date",
        format!("期限是 {due}，还没有过，不能升级处理。"),
        format!("It is due on {due}, which has not passed."),
    )
}

fn no_further() -> Error {
    Error::illegal_state(
        "level",
        "已经是最后一级，不能再升级；可以撤销专业。",
        "It is at the last level; the programme can be withdrawn.",
    )
}

impl Review {
    /// Makes a move, in one transaction with its entry in the history.
    async fn moved<Q>(
        &self,
        call: &Call,
        id: &str,
        request_id: &str,
        given_etag: &str,
        request: &Q,
        make: impl for<'t> FnOnce(&'t Tx<'t>, Rectification, Means) -> Making<'t> + Send + 'static,
    ) -> Result<wire::Rectification, Error>
    where
        Q: prost::Message + Clone,
    {
        let visibility = call.visible("rectification")?;
        let (found, means) = self.rectification(&visibility, id).await?;
        let resource = Resource::new("rectification", &found.id).organisation(&found.organisation_code);
        let grant = call.authorise(&resource)?;
        let (id, given_etag) = (id.to_owned(), given_etag.to_owned());
        self.ctx
            .db
            .mutate(&grant, request_id, request, move |tx| {
                Box::pin(async move {
                    let present = store::rectification::find(tx.conn(), &id).await?;
                    let present = present.ok_or_else(|| Error::not_found("rectification", &id))?;
                    // What the state does not allow is told before who was quicker.
                    let version = present.version;
                    let Made { mv, next, comment } = make(tx, present, means.clone()).await?;
                    etag::check(&given_etag, version)?;
                    let next = store::rectification::write(tx.conn(), &next).await?;
                    store::rectification_event::add(tx.conn(), &next, mv, &comment, tx.now()).await?;
                    tx.audit(
                        format!("rectification/{}", next.id),
                        json!({"move": mv.as_str(), "state": next.state.as_str(), "level": next.level}),
                    );
                    let scheme = &means.round.scheme;
                    let shown = convert::rectification(next, Some(means.entry), scheme);
                    Ok(convert::timed(shown, scheme, &means.calendar, tx.now()))
                })
            })
            .await
    }

    /// A rectification that the caller may see. A school sees its own, once its grades are revealed.
    async fn rectification(
        &self,
        visibility: &Visibility,
        id: &str,
    ) -> Result<(Rectification, Means), Error> {
        let missing = || Error::not_found("rectification", id);
        let conn = self.ctx.db.reader();
        let found = store::rectification::find(conn, id).await?.ok_or_else(missing)?;
        let round = store::round::get(conn, &found.round_id).await?;
        if let Visibility::Only(codes) = visibility
            && (!codes.contains(&found.organisation_code) || round.state != RoundState::Revealed)
        {
            return Err(missing());
        }
        let mut entries = store::entry::by_ids(conn, [found.entry_id.clone()]).await?;
        let entry = entries.remove(&found.entry_id).ok_or_else(missing)?;
        Ok((found, Means { round, entry, calendar: self.ctx.calendar.clone() }))
    }
}
