//! StaffingService: assignments in the background, and panels kept whole while people come and go.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use rust_decimal::Decimal;
use serde_json::json;
use tokio::sync::watch;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Resource, Text, etag, operations::Job, time::timestamp};
use zhijian_proto::review::v1::{
    AnchoredEntry, GetAssignmentRunRequest, GetAssignmentRunResponse, ListAnchorsRequest,
    ListAnchorsResponse, ListReleasesRequest, ListReleasesResponse, ReadmitReviewerRequest,
    ReadmitReviewerResponse, ReassignRoundRequest, ReassignRoundResponse, ReleaseReviewerRequest,
    ReleaseReviewerResponse, ReviewerRelease, SetAnchorsRequest, SetAnchorsResponse, StartAssignmentRequest,
    StartAssignmentResponse, staffing_service_server::StaffingService,
};

use super::{
    Review,
    mend::{Asked, Leaving},
    round::{assign::carry_out, with_progress},
};
use crate::{
    domain::{
        conflict,
        round::{Move, State},
    },
    store,
};

/// The kind of its operations.
const OPERATION: &str = "review.assign";
/// How often progress is told.
const TELL: Duration = Duration::from_millis(300);
/// The most anchors of a round.
const MOST_ANCHORS: usize = 100;

#[tonic::async_trait]
impl StaffingService for Review {
    async fn start_assignment(
        &self,
        request: Request<StartAssignmentRequest>,
    ) -> Result<Response<StartAssignmentResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("round", &input.round_id))?;
        let sent = input.clone();
        let operations = self.ctx.operations.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let round = store::round::get(tx.conn(), &sent.round_id).await?;
                    round.state.after(Move::Assign)?;
                    etag::check(&sent.etag, round.version)?;
                    let version = round.version.to_string().into_bytes();
                    let operation = operations.enqueue(tx, OPERATION, &round.id, version).await?;
                    store::assigning::put(tx.conn(), &round.id, &operation.operation_id).await?;
                    tx.audit(
                        format!("round/{}", round.id),
                        json!({"assigning": operation.operation_id, "version": round.version}),
                    );
                    Ok(StartAssignmentResponse { operation: Some(operation) })
                })
            })
            .await?;
        self.ctx.operations.wake();
        Ok(Response::new(response))
    }

    async fn get_assignment_run(
        &self,
        request: Request<GetAssignmentRunRequest>,
    ) -> Result<Response<GetAssignmentRunResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().round_id;
        call.authorise(&Resource::new("round", &id))?;
        let none = || Error::not_found("operation", &id);
        let newest = store::assigning::find(self.ctx.db.reader(), &id).await?.ok_or_else(none)?;
        let operation = self.ctx.operations.find(&newest).await?.ok_or_else(none)?;
        Ok(Response::new(GetAssignmentRunResponse { operation: Some(operation) }))
    }

    async fn reassign_round(
        &self,
        request: Request<ReassignRoundRequest>,
    ) -> Result<Response<ReassignRoundResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let asked = Asked { round_id: input.round_id.clone(), etag: input.etag.clone(), leaving: None };
        let (round, readjustment) = if input.dry_run {
            self.would_mend(&call, &asked).await?
        } else {
            let grant = call.authorise(&Resource::new("round", &input.round_id))?;
            let done = self.mend(&grant, &input.request_id, &input, asked, |round, readjustment| {
                ReassignRoundResponse { round: Some(round), readjustment: Some(readjustment) }
            });
            return Ok(Response::new(done.await?));
        };
        Ok(Response::new(ReassignRoundResponse { round: Some(round), readjustment: Some(readjustment) }))
    }

    async fn release_reviewer(
        &self,
        request: Request<ReleaseReviewerRequest>,
    ) -> Result<Response<ReleaseReviewerResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("round", &input.round_id))?;
        // A dry run may be asked before a reason is written.
        let reason = match input.dry_run {
            true => String::new(),
            false => conflict::reason(&input.reason)?,
        };
        let leaving = Leaving { account_id: input.reviewer_account_id.clone(), reason };
        let asked =
            Asked { round_id: input.round_id.clone(), etag: input.etag.clone(), leaving: Some(leaving) };
        if input.dry_run {
            let (round, readjustment) = self.would_mend(&call, &asked).await?;
            let answer = ReleaseReviewerResponse { round: Some(round), readjustment: Some(readjustment) };
            return Ok(Response::new(answer));
        }
        let done = self.mend(&grant, &input.request_id, &input, asked, |round, readjustment| {
            ReleaseReviewerResponse { round: Some(round), readjustment: Some(readjustment) }
        });
        Ok(Response::new(done.await?))
    }

    async fn readmit_reviewer(
        &self,
        request: Request<ReadmitReviewerRequest>,
    ) -> Result<Response<ReadmitReviewerResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("round", &input.round_id))?;
        let sent = input.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let account = &sent.reviewer_account_id;
                    if !store::release::remove(tx.conn(), &sent.round_id, account).await? {
                        return Err(Error::not_found("release", account));
                    }
                    tx.audit(format!("round/{}", sent.round_id), json!({"readmitted": account}));
                    Ok(ReadmitReviewerResponse {})
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn list_releases(
        &self,
        request: Request<ListReleasesRequest>,
    ) -> Result<Response<ListReleasesResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().round_id;
        call.authorise(&Resource::new("round", &id))?;
        let conn = self.ctx.db.reader();
        let names: HashMap<String, String> =
            store::reviewer::all(conn).await?.into_iter().map(|one| (one.account_id, one.name)).collect();
        let releases =
            store::release::of_round(conn, &id).await?.into_iter().map(|release| ReviewerRelease {
                reviewer_name: names.get(&release.account_id).cloned().unwrap_or_default(),
                reviewer_account_id: release.account_id,
                reason: release.reason,
                time: Some(timestamp(release.release_time)),
            });
        Ok(Response::new(ListReleasesResponse { releases: releases.collect() }))
    }

    async fn set_anchors(
        &self,
        request: Request<SetAnchorsRequest>,
    ) -> Result<Response<SetAnchorsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("round", &input.round_id))?;
        let anchors = anchors(&input.anchors)?;
        let sent = input.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    let round = store::round::get(conn, &sent.round_id).await?;
                    if round.state >= State::Finalised {
                        return Err(Error::illegal_state(
                            "state",
                            "本轮评审已经定级，不能再改锚点专业。",
                            "The round's grades are computed: its anchors cannot be changed any more.",
                        ));
                    }
                    etag::check(&sent.etag, round.version)?;
                    let known = store::entry::by_ids(conn, anchors.keys().cloned()).await?;
                    let strange = anchors
                        .keys()
                        .find(|id| known.get(*id).is_none_or(|entry| entry.round_id != round.id));
                    if let Some(strange) = strange {
                        return Err(Error::not_found("entry", strange));
                    }
                    store::anchor::replace(conn, &round.id, &anchors).await?;
                    let round = store::round::set_state(conn, &round, round.state).await?;
                    tx.audit(format!("round/{}", round.id), json!({"anchors": anchors}));
                    Ok(SetAnchorsResponse { round: Some(with_progress(conn, &round).await?) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn list_anchors(
        &self,
        request: Request<ListAnchorsRequest>,
    ) -> Result<Response<ListAnchorsResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().round_id;
        call.authorise(&Resource::new("round", &id))?;
        let anchors = store::anchor::of_round(self.ctx.db.reader(), &id).await?;
        let anchors =
            anchors.into_iter().map(|(entry_id, total)| AnchoredEntry { entry_id, total: total.to_string() });
        Ok(Response::new(ListAnchorsResponse { anchors: anchors.collect() }))
    }
}

/// Known totals by entry.
fn anchors(sent: &[AnchoredEntry]) -> Result<BTreeMap<String, Decimal>, Error> {
    if sent.len() > MOST_ANCHORS {
        return Err(Error::invalid(
            "anchors",
            format!("锚点专业最多 {MOST_ANCHORS} 个。"),
            format!("A round has at most {MOST_ANCHORS} anchors."),
        ));
    }
    let mut anchors = BTreeMap::new();
    for (place, anchor) in sent.iter().enumerate() {
        let total = anchor.total.trim().parse::<Decimal>().ok();
        let total = total
            .filter(|total| *total >= Decimal::ZERO && *total <= Decimal::ONE_HUNDRED && total.scale() <= 6);
        let total = total.ok_or_else(|| {
            Error::invalid(
                format!("anchors[{place}].total"),
                format!("“{}”不是 0 到 100 的分数（最多六位小数）。", anchor.total),
                format!(
                    "{:?} is no score from 0 to 100 of at most six digits after the point.",
                    anchor.total
                ),
            )
        })?;
        anchors.insert(anchor.entry_id.clone(), total);
    }
    Ok(anchors)
}

/// Does the work of assignments in the background. Repeatable: what was carried out is not carried out again.
pub fn handle(review: &Review) {
    let worker = review.clone();
    review.ctx.operations.handle(OPERATION, move |job| {
        let worker = worker.clone();
        async move { worker.run(job).await }
    });
}

impl Review {
    async fn run(&self, job: Job) -> Result<(), Error> {
        let asked: i64 = std::str::from_utf8(&job.payload)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Error::internal("an assignment was queued without a version"))?;
        let (tell, mut told) = watch::channel((0_u64, 0_u64));
        let worker = self.clone();
        let round_id = job.resource.clone();
        let work = tokio::spawn(async move {
            let watch = Box::new(move |done, total| {
                tell.send_replace((done, total));
            });
            worker.propose(&round_id, watch).await
        });
        // The channel closes when the proposal is made.
        while told.changed().await.is_ok() {
            let (done, total) = *told.borrow_and_update();
            let count = |seats: u64| i32::try_from(seats).unwrap_or(i32::MAX);
            let note = Text::new(
                format!("已安排 {done} 个席位，共 {total} 个"),
                format!("{done} of {total} seats are filled"),
            );
            job.progress(count(done), count(total), note).await?;
            tokio::time::sleep(TELL).await;
        }
        let (version, proposal) = work.await.map_err(Error::internal)??;
        let (round_id, operation_id) = (job.resource.clone(), job.operation_id.clone());
        self.ctx
            .db
            .mutate_as_system("round.assign", &format!("round/{round_id}"), move |tx| {
                Box::pin(async move {
                    let round = store::round::get(tx.conn(), &round_id).await?;
                    // A worker died between carrying it out and saying so.
                    if round.version == asked + 1 && round.state == State::Assigned {
                        tx.unchanged();
                        return Ok(());
                    }
                    let next = round.state.after(Move::Assign)?;
                    if round.version != asked || version != asked {
                        return Err(Error::illegal_state(
                            "round",
                            "分配期间本轮评审有了改动，没有写入。请刷新页面后再分配一次。",
                            "The round was changed meanwhile and nothing was written. Load the page and assign again.",
                        ));
                    }
                    carry_out(tx, round, next, &proposal?).await?;
                    tx.audit(format!("round/{round_id}"), json!({"operation": operation_id}));
                    Ok(())
                })
            })
            .await
    }
}
