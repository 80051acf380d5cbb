//! AssignRound: gives entries their panels, and arbiters while reviewers score.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use zhijian_platform::{Call, Error, Resource, Tx, etag, id};
use zhijian_proto::review::v1::{AssignRoundRequest, AssignRoundResponse};

use super::{super::convert::count, Review, moved, with_progress};
use crate::{
    domain::{
        assignment::{self, Assignment},
        entry::Entry,
        outcome::{Standing, standing},
        panel::{self, Want},
        reviewer::Reviewer,
        round::{Move, Round, State},
        sheet::Sheet,
    },
    store,
};

/// What would be assigned to a round as it stands.
struct Proposal {
    assignments: Vec<Assignment>,
    /// The answer but for the round.
    answer: AssignRoundResponse,
}

/// The facts that a proposal is made from.
struct Facts {
    round: Round,
    entries: Vec<Entry>,
    reviewers: Vec<Reviewer>,
    present: Vec<Assignment>,
}

impl Review {
    pub(super) async fn assign(
        &self,
        call: &Call,
        input: AssignRoundRequest,
    ) -> Result<AssignRoundResponse, Error> {
        let grant = call.authorise(&Resource::new("round", &input.round_id))?;
        // Looking for the best assignment takes a while in a large round, so it is done before the
        // transaction, which then takes it only if the round has not changed. An error waits too: a repeated
        // request is answered as before.
        let (version, proposal) = self.propose(&input.round_id).await?;
        if input.dry_run {
            let conn = self.ctx.db.reader();
            let round = store::round::get(conn, &input.round_id).await?;
            etag::check(&input.etag, round.version)?;
            return Ok(AssignRoundResponse {
                round: Some(with_progress(conn, &round).await?),
                ..proposal?.answer
            });
        }
        let sent = input.clone();
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let round = store::round::get(tx.conn(), &sent.round_id).await?;
                    let next = round.state.after(Move::Assign)?;
                    etag::check(&sent.etag, round.version)?;
                    let proposal = proposal?;
                    if round.version != version {
                        return Err(Error::etag_mismatch(etag::of(round.version)));
                    }
                    let round = carry_out(tx, round, next, &proposal).await?;
                    Ok(AssignRoundResponse {
                        round: Some(with_progress(tx.conn(), &round).await?),
                        ..proposal.answer
                    })
                })
            })
            .await
    }

    /// A proposal, and the version of the round that it was made for.
    async fn propose(&self, round_id: &str) -> Result<(i64, Result<Proposal, Error>), Error> {
        let conn = self.ctx.db.reader();
        let round = store::round::get(conn, round_id).await?;
        let version = round.version;
        if let Err(error) = round.state.after(Move::Assign) {
            return Ok((version, Err(error.into())));
        }
        let facts = Facts {
            entries: store::entry::of_round(conn, round_id).await?,
            reviewers: store::reviewer::all(conn).await?,
            present: match round.state {
                State::Scoring => store::assignment::of_round(conn, round_id).await?,
                _ => vec![],
            },
            round,
        };
        let proposal = tokio::task::spawn_blocking(move || facts.propose()).await.map_err(Error::internal)?;
        Ok((version, proposal))
    }
}

async fn carry_out(tx: &Tx<'_>, round: Round, next: State, proposal: &Proposal) -> Result<Round, Error> {
    let arbitrating = round.state == State::Scoring;
    if arbitrating && proposal.assignments.is_empty() {
        tx.unchanged();
        return Ok(round);
    }
    if !arbitrating {
        store::assignment::clear(tx.conn(), &round.id).await?;
    }
    store::assignment::insert(tx.conn(), &proposal.assignments).await?;
    let detail = json!({
        "assignments": proposal.answer.assignments,
        "arbiters": arbitrating,
        "conflicts_avoided": proposal.answer.conflicts_avoided,
        "matched_expertise": proposal.answer.matched_expertise,
    });
    moved(tx, &round, next, detail).await
}

impl Facts {
    fn propose(&self) -> Result<Proposal, Error> {
        let wants = self.wants()?;
        let mut loads: HashMap<String, u32> = HashMap::new();
        for assignment in &self.present {
            *loads.entry(assignment.account_id.clone()).or_default() += 1;
        }
        let plan = panel::form(&wants, &self.reviewers, &loads)
            .map_err(|error| panel::explain(error, &wants, &self.reviewers))?;
        let employers: HashMap<&str, &str> = self
            .reviewers
            .iter()
            .map(|reviewer| (reviewer.account_id.as_str(), reviewer.organisation_code.as_str()))
            .collect();
        let short = self.short()?;
        let assignments: Vec<Assignment> = plan
            .seats
            .iter()
            .map(|seat| Assignment {
                id: id::new("asg"),
                round_id: self.round.id.clone(),
                entry_id: seat.entry.clone(),
                account_id: seat.reviewer.clone(),
                organisation_code: employers
                    .get(seat.reviewer.as_str())
                    .copied()
                    .unwrap_or_default()
                    .to_owned(),
                arbiter: self.round.state == State::Scoring && !short.contains(&seat.entry),
                rectification_id: None,
                state: assignment::State::Open,
                sheet: Sheet::default(),
                comment: String::new(),
                submit_time: None,
                version: 1,
            })
            .collect();
        for assignment in &assignments {
            *loads.entry(assignment.account_id.clone()).or_default() += 1;
        }
        let used = || assignments.iter().filter_map(|assignment| loads.get(&assignment.account_id)).copied();
        let answer = AssignRoundResponse {
            round: None,
            conflicts_avoided: count(plan.conflicts),
            matched_expertise: count(plan.seats.iter().filter(|seat| seat.expert).count()),
            assignments: count(plan.seats.len()),
            least_load: count(used().min().unwrap_or_default()),
            greatest_load: count(used().max().unwrap_or_default()),
        };
        Ok(Proposal { assignments, answer })
    }

    /// The entries whose reviewers gave seats back while others score.
    fn short(&self) -> Result<HashSet<String>, Error> {
        let mut short = HashSet::new();
        if self.round.state == State::Scoring {
            for entry in &self.entries {
                let panel: Vec<_> = self.present.iter().filter(|seat| seat.entry_id == entry.id).collect();
                if matches!(standing(&self.round.scheme, &panel)?, Standing::Short(_)) {
                    short.insert(entry.id.clone());
                }
            }
        }
        Ok(short)
    }

    /// A whole panel for every entry; while reviewers score, an arbiter for every entry that wants one, and somebody for every
    /// seat that was given back.
    fn wants(&self) -> Result<Vec<Want<'_>>, Error> {
        let scheme = &self.round.scheme;
        if self.round.state != State::Scoring {
            let seats = scheme.definition().panel_size;
            return Ok(self.entries.iter().map(|entry| Want { entry, seats, panel: vec![] }).collect());
        }
        let mut panels: HashMap<&str, Vec<&Assignment>> = HashMap::new();
        for assignment in &self.present {
            panels.entry(&assignment.entry_id).or_default().push(assignment);
        }
        let mut wants = Vec::new();
        for entry in &self.entries {
            let panel = panels.remove(entry.id.as_str()).unwrap_or_default();
            match standing(scheme, &panel)? {
                Standing::WantsArbiter(_) => wants.push(Want { entry, seats: 1, panel }),
                Standing::Short(seats) => {
                    let seats = u32::try_from(seats).map_err(Error::internal)?;
                    wants.push(Want { entry, seats, panel });
                }
                Standing::Ready | Standing::Waiting(_) => {}
            }
        }
        Ok(wants)
    }
}
