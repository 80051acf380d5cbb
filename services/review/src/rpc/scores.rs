//! ScoreService: what a round was graded from, without names.

use std::collections::{BTreeMap, HashMap};

use sea_orm::ConnectionTrait;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Resource, objects::sha256_of};
use zhijian_proto::review::v1::{
    GetRoundScoresRequest, GetRoundScoresResponse, GradingRules, RoundScores, ScoredBand, ScoredElement,
    ScoredEntry, ScoredSheet, grading_rules, score_service_server::ScoreService,
};

use super::{Review, convert::count, fresh};
use crate::{
    domain::{
        assignment::{Assignment, State as SheetState},
        grading::{Grading, Join, TieRule},
        outcome::{Outcome, OutcomeError},
        round::Round,
    },
    store,
};

#[tonic::async_trait]
impl ScoreService for Review {
    async fn get_round_scores(
        &self,
        request: Request<GetRoundScoresRequest>,
    ) -> Result<Response<GetRoundScoresResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().round_id;
        call.authorise(&Resource::new("round", &id))?;
        let conn = self.ctx.db.reader();
        let round = store::round::get(conn, &id).await?;
        if !round.state.has_grades() {
            return Err(Error::illegal_state(
                "state",
                "本轮评审尚未定级，还没有可供复算的评分。",
                "The round is not finalised yet, so there are no scores to compute grades from.",
            )
            .into());
        }
        let scores = scores(conn, &round).await?;
        self.record_read(&call, &round, &[], scores.entries.len()).await?;
        Ok(Response::new(GetRoundScoresResponse { scores: Some(scores) }))
    }
}

async fn scores(conn: &impl ConnectionTrait, round: &Round) -> Result<RoundScores, Error> {
    let mut entries = store::entry::of_round(conn, &round.id).await?;
    // Ids are known to few and their hashes to nobody, so that the order tells nothing about the entries.
    entries.sort_by_cached_key(|entry| sha256_of(entry.id.as_bytes()));
    let outcomes = store::result::by_entry(conn, &round.id).await?;
    let mut replaced = store::former_result::of(conn, entries.iter().map(|entry| entry.id.clone())).await?;
    let anchors = store::anchor::of_round(conn, &round.id).await?;
    let mut sheets = Vec::new();
    for sheet in store::assignment::of_round(conn, &round.id).await? {
        sheets.push((sheet, false));
    }
    for id in replaced.keys() {
        sheets.extend(hearing(conn, id).await?.into_iter().map(|sheet| (sheet, true)));
    }
    sheets.retain(|(sheet, _)| sheet.state != SheetState::Abstained);
    let reviewers = pseudonyms(sheets.iter().map(|(sheet, _)| sheet));
    let places: HashMap<&str, usize> =
        entries.iter().enumerate().map(|(place, entry)| (entry.id.as_str(), place)).collect();
    let mut shown = Vec::with_capacity(sheets.len());
    for (sheet, hearing) in &sheets {
        let points = sheet.sheet.complete(&round.scheme).map_err(OutcomeError::from)?;
        shown.push(ScoredSheet {
            entry: count(places[sheet.entry_id.as_str()]),
            reviewer: count(reviewers[sheet.account_id.as_str()]),
            scores: points.iter().map(ToString::to_string).collect(),
            hearing: *hearing,
        });
    }
    shown.sort_by_key(|sheet| (sheet.entry, sheet.hearing, sheet.reviewer));
    let scored = entries.iter().map(|entry| {
        let outcome = outcomes.get(&entry.id).ok_or_else(|| Error::not_found("entry", &entry.id))?;
        Ok(scored(outcome, anchors.get(&entry.id), replaced.remove(&entry.id).is_some()))
    });
    Ok(RoundScores {
        entries: scored.collect::<Result<_, Error>>()?,
        round_id: round.id.clone(),
        scheme_code: round.scheme.code().to_owned(),
        name: Some(round.scheme.name().clone().into()),
        elements: elements(round),
        bands: bands(round),
        rules: Some(rules(&round.scheme.definition().grading)),
        sheets: shown,
    })
}

/// The sheets of the hearing that replaced an entry's result.
async fn hearing(conn: &impl ConnectionTrait, entry_id: &str) -> Result<Vec<Assignment>, Error> {
    match store::appeal::of_entry(conn, entry_id).await?.filter(|appeal| appeal.upheld) {
        Some(appeal) => fresh::sheets(conn, entry_id, &appeal.id).await,
        None => Ok(vec![]),
    }
}

/// A number for every reviewer, in the order of hashes of ids that only the reviewer and the chair know.
fn pseudonyms<'a>(sheets: impl Iterator<Item = &'a Assignment>) -> HashMap<&'a str, usize> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for sheet in sheets {
        let id = first.entry(&sheet.account_id).or_insert(&sheet.id);
        *id = (*id).min(&sheet.id);
    }
    let mut order: Vec<(String, &str)> =
        first.into_iter().map(|(account, id)| (sha256_of(id.as_bytes()), account)).collect();
    order.sort();
    order.into_iter().enumerate().map(|(place, (_, account))| (account, place)).collect()
}

fn scored(outcome: &Outcome, anchor: Option<&rust_decimal::Decimal>, heard: bool) -> ScoredEntry {
    ScoredEntry {
        grade: outcome.grade.clone(),
        total: outcome.total.to_string(),
        anchor: anchor.map(ToString::to_string).unwrap_or_default(),
        heard,
    }
}

fn elements(round: &Round) -> Vec<ScoredElement> {
    let elements = round.scheme.elements().iter();
    elements
        .map(|element| ScoredElement { code: element.code.clone(), weight: element.weight.to_string() })
        .collect()
}

fn bands(round: &Round) -> Vec<ScoredBand> {
    let bands = round.scheme.bands().iter();
    bands
        .map(|band| ScoredBand {
            grade: band.grade.clone(),
            group: band.group.clone(),
            cut_off: band.cut_off.to_string(),
        })
        .collect()
}

fn rules(grading: &Grading) -> GradingRules {
    let join = match grading.join {
        Join::Median => grading_rules::Join::Median,
        Join::Mean => grading_rules::Join::Mean,
        Join::TrimmedMean => grading_rules::Join::TrimmedMean,
    };
    let rank = grading.rank.as_ref();
    GradingRules {
        join: join.into(),
        trim: count(grading.trim),
        calibrate: grading.calibrate,
        places: rank.map(|rank| rank.places.iter().map(|place| count(*place)).collect()).unwrap_or_default(),
        percentiles: rank
            .map(|rank| rank.percentiles.iter().map(ToString::to_string).collect())
            .unwrap_or_default(),
        ties_up: rank.is_some_and(|rank| rank.ties == TieRule::Up),
    }
}
