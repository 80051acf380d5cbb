//! RoundService: runs rounds of review.

pub(super) mod assign;
mod create;
mod finalise;

use std::collections::HashMap;

pub use create::selected;
use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_grading::Distribution;
use zhijian_platform::{Calendar, Call, Error, Page, Resource, Tx, Visibility, etag, time::timestamp};
use zhijian_proto::review::v1::{
    self as wire, AssignRoundRequest, AssignRoundResponse, CreateRoundRequest, CreateRoundResponse,
    FinaliseRoundRequest, FinaliseRoundResponse, GetAgreementRequest, GetAgreementResponse,
    GetDistributionRequest, GetDistributionResponse, GetRoundRequest, GetRoundResponse, GradeCount,
    ListEntriesRequest, ListEntriesResponse, ListRoundsRequest, ListRoundsResponse, OpenRoundRequest,
    OpenRoundResponse, RevealRoundRequest, RevealRoundResponse, round_service_server::RoundService,
};

use super::{Review, convert};
use crate::{
    domain::round::{Move, Round, State},
    store,
};

#[tonic::async_trait]
impl RoundService for Review {
    async fn create_round(
        &self,
        request: Request<CreateRoundRequest>,
    ) -> Result<Response<CreateRoundResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.create(&call, request.into_inner()).await?))
    }

    async fn get_round(
        &self,
        request: Request<GetRoundRequest>,
    ) -> Result<Response<GetRoundResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().round_id;
        call.authorise(&Resource::new("round", &id))?;
        let conn = self.ctx.db.reader();
        let round = store::round::get(conn, &id).await?;
        let reveal = store::seal::reveals(conn, [id.clone()]).await?.remove(&id);
        let shown = wire::Round {
            reveal_time: reveal.map(|reveal| timestamp(reveal.time)),
            ..with_progress(conn, &round).await?
        };
        Ok(Response::new(GetRoundResponse { round: Some(shown) }))
    }

    async fn list_rounds(
        &self,
        request: Request<ListRoundsRequest>,
    ) -> Result<Response<ListRoundsResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::new("round", ""))?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let year = Some(input.cycle_year).filter(|year| *year != 0);
        let conn = self.ctx.db.reader();
        let (rounds, next_page_token) = store::round::page(conn, &page, year).await?;
        let progress = store::round::progress(conn, rounds.iter().map(|round| round.id.clone())).await?;
        let rounds = rounds
            .iter()
            .map(|round| convert::round(round, progress.get(&round.id).copied().unwrap_or_default()))
            .collect();
        Ok(Response::new(ListRoundsResponse { rounds, next_page_token }))
    }

    async fn assign_round(
        &self,
        request: Request<AssignRoundRequest>,
    ) -> Result<Response<AssignRoundResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.assign(&call, request.into_inner()).await?))
    }

    async fn open_round(
        &self,
        request: Request<OpenRoundRequest>,
    ) -> Result<Response<OpenRoundResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("round", &input.round_id))?;
        let sent = input.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let round = store::round::get(tx.conn(), &sent.round_id).await?;
                    let next = round.state.after(Move::Open)?;
                    etag::check(&sent.etag, round.version)?;
                    let round = moved(tx, &round, next, json!({})).await?;
                    Ok(OpenRoundResponse { round: Some(with_progress(tx.conn(), &round).await?) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn finalise_round(
        &self,
        request: Request<FinaliseRoundRequest>,
    ) -> Result<Response<FinaliseRoundResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("round", &input.round_id))?;
        let (sent, calendar) = (input.clone(), self.ctx.calendar.clone());
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move { finalise::finalise(tx, &sent, &calendar).await })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn reveal_round(
        &self,
        request: Request<RevealRoundRequest>,
    ) -> Result<Response<RevealRoundResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("round", &input.round_id))?;
        let (sent, calendar) = (input.clone(), self.ctx.calendar.clone());
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let found = store::round::get(tx.conn(), &sent.round_id).await?;
                    let round = match found.state.after(Move::Reveal)? == found.state {
                        true => {
                            tx.unchanged();
                            found
                        }
                        false => reveal(tx, &found, &calendar).await?,
                    };
                    Ok(RevealRoundResponse { round: Some(with_progress(tx.conn(), &round).await?) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn list_entries(
        &self,
        request: Request<ListEntriesRequest>,
    ) -> Result<Response<ListEntriesResponse>, Status> {
        let call = Call::of(&request)?;
        let visibility = call.visible("entry")?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let everybodys = visibility == Visibility::All;
        let filter = store::entry::Filter {
            round_id: Some(input.round_id).filter(|id| !id.is_empty()),
            organisation_code: Some(input.organisation_code).filter(|code| !code.is_empty()),
            grades: input.grades,
            visibility,
        };
        let conn = self.ctx.db.reader();
        let (rows, next_page_token) = store::entry::page(conn, &page, &filter).await?;
        let rounds = store::round::by_ids(conn, rows.iter().map(|(entry, _)| entry.round_id.clone())).await?;
        let progress = match everybodys {
            true => store::assignment::progress(conn, rows.iter().map(|(entry, _)| entry.id.clone())).await?,
            false => Default::default(),
        };
        if everybodys {
            for round in rounds.values() {
                let graded =
                    rows.iter().filter(|(entry, result)| entry.round_id == round.id && result.is_some());
                let codes: Vec<&str> = graded.map(|(entry, _)| entry.subject.code.as_str()).collect();
                self.record_read(&call, round, &codes, codes.len()).await?;
            }
        }
        let ids = || rows.iter().map(|(entry, _)| entry.id.clone());
        let mut former = store::former_result::of(conn, ids()).await?;
        let compulsory = store::compulsory::among(conn, ids()).await?;
        let mut replaced = HashMap::new();
        for (entry, rows) in former.drain() {
            replaced.insert(entry, convert::former(rows)?);
        }
        let entries = rows
            .into_iter()
            .filter_map(|(entry, outcome)| {
                let round = rounds.get(&entry.round_id)?;
                let mut shown = wire::Entry {
                    compulsory: compulsory.contains(&entry.id),
                    result: outcome.filter(|_| everybodys || round.state == State::Revealed).map(|outcome| {
                        wire::Result {
                            former: replaced.remove(&entry.id).unwrap_or_default(),
                            ..convert::result_for(outcome, everybodys)
                        }
                    }),
                    ..convert::entry(entry)
                };
                if everybodys {
                    let of_entry = progress.get(&shown.entry_id).copied().unwrap_or_default();
                    let panel_size = convert::count(round.scheme.definition().panel_size);
                    shown.submitted_count = of_entry.submitted;
                    shown.panel_size = of_entry.assignments.max(panel_size);
                }
                Some(shown)
            })
            .collect();
        Ok(Response::new(ListEntriesResponse { entries, next_page_token }))
    }

    async fn get_distribution(
        &self,
        request: Request<GetDistributionRequest>,
    ) -> Result<Response<GetDistributionResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().round_id;
        call.authorise(&Resource::new("round", &id))?;
        let conn = self.ctx.db.reader();
        let round = store::round::get(conn, &id).await?;
        if !round.state.has_grades() {
            return Err(Error::illegal_state(
                "state",
                "本轮评审尚未定级，还没有等级分布。",
                "The round is not finalised yet, so there are no grades to count.",
            )
            .into());
        }
        let counted = store::result::counts(conn, &id).await?;
        self.record_read(&call, &round, &[], counted.values().sum()).await?;
        let bands = round.scheme.bands();
        let grades = bands.iter().enumerate().flat_map(|(place, band)| {
            std::iter::repeat_n(place, counted.get(&band.grade).copied().unwrap_or_default())
        });
        let distribution = Distribution::new(round.scheme.rubric(), grades);
        let counts = distribution
            .grades
            .into_iter()
            .zip(bands)
            .map(|(grade, band)| GradeCount {
                grade: grade.name,
                group: band.group.clone(),
                count: convert::count(grade.count),
            })
            .collect();
        Ok(Response::new(GetDistributionResponse { counts, total: convert::count(distribution.total) }))
    }

    async fn get_agreement(
        &self,
        request: Request<GetAgreementRequest>,
    ) -> Result<Response<GetAgreementResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().round_id;
        Ok(Response::new(self.agreement(&call, &id).await?))
    }
}

impl Review {
    /// How far the reviewers agree; with their names for the chair alone.
    async fn agreement(&self, call: &Call, id: &str) -> Result<GetAgreementResponse, Error> {
        call.authorise(&Resource::new("round", id))?;
        let conn = self.ctx.db.reader();
        let round = store::round::get(conn, id).await?;
        let agreement = match round.state.has_grades() {
            true => store::agreement::find(conn, id).await?,
            false => None,
        };
        let agreement = agreement.ok_or_else(|| {
            Error::illegal_state(
                "state",
                "本轮评审尚未定级，还没有一致性数据。",
                "The round is not finalised yet, so there is no agreement to tell.",
            )
        })?;
        self.record_read(call, &round, &[], convert::size(round.entry_count)).await?;
        let with_names = call.may("assignment.list", &Resource::new("round", id));
        Ok(GetAgreementResponse { agreement: Some(convert::agreement(agreement, with_names)) })
    }
}

/// Shows the grades of a finalised round.
pub async fn reveal(tx: &Tx<'_>, round: &Round, calendar: &Calendar) -> Result<Round, Error> {
    let next = round.state.after(Move::Reveal)?;
    // The time for a plan runs from the day on which schools learn of their grades.
    let days = round.scheme.definition().rectification.plan_working_days;
    let due = calendar.due(tx.now(), days);
    store::rectification::set_due(tx.conn(), &round.id, due).await?;
    let appeal = round.scheme.definition().review.appeal.as_ref();
    let until = appeal.map(|rules| calendar.due(tx.now(), rules.file_working_days));
    store::seal::revealed(tx, &round.id, until).await?;
    moved(tx, round, next, json!({"plan_due_date": due.to_string()})).await
}

/// Moves a round and records it, with what else there is to say.
pub(super) async fn moved(
    tx: &Tx<'_>,
    round: &Round,
    next: State,
    mut detail: serde_json::Value,
) -> Result<Round, Error> {
    let round = store::round::set_state(tx.conn(), round, next).await?;
    detail["state"] = json!(next.as_str());
    tx.audit(format!("round/{}", round.id), detail);
    Ok(round)
}

/// The round on the wire, with how far its assignments are.
pub(super) async fn with_progress(
    conn: &impl sea_orm::ConnectionTrait,
    round: &Round,
) -> Result<wire::Round, Error> {
    let progress = store::round::progress(conn, [round.id.clone()]).await?;
    Ok(convert::round(round, progress.get(&round.id).copied().unwrap_or_default()))
}
