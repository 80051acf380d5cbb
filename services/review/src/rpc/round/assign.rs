//! AssignRound: gives entries their panels, and arbiters while reviewers score.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::json;
use zhijian_platform::{Call, Error, Resource, Tx, etag, id};
use zhijian_proto::review::v1::{
    AssignRoundRequest, AssignRoundResponse, PlannedLoad, PlannedPanel, PlannedSeat,
};

use super::{super::convert::count, Review, moved, with_progress};
use crate::{
    domain::{
        assignment::{self, Assignment},
        conflict::Ground,
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
pub(in crate::rpc) struct Proposal {
    assignments: Vec<Assignment>,
    /// The answer but for the round; without the lists that only a dry run gives.
    answer: AssignRoundResponse,
    panels: Vec<PlannedPanel>,
    loads: Vec<PlannedLoad>,
}

/// Who hears how many seats are filled, of how many.
pub(in crate::rpc) type Watch = Box<dyn FnMut(u64, u64) + Send>;

/// The facts that a proposal is made from.
struct Facts {
    round: Round,
    entries: Vec<Entry>,
    reviewers: Vec<Reviewer>,
    present: Vec<Assignment>,
    ground: Ground,
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
        let (version, proposal) = self.propose(&input.round_id, Box::new(|_, _| {})).await?;
        if input.dry_run {
            let conn = self.ctx.db.reader();
            let round = store::round::get(conn, &input.round_id).await?;
            etag::check(&input.etag, round.version)?;
            let proposal = proposal?;
            return Ok(AssignRoundResponse {
                round: Some(with_progress(conn, &round).await?),
                panels: proposal.panels,
                loads: proposal.loads,
                ..proposal.answer
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
    pub(in crate::rpc) async fn propose(
        &self,
        round_id: &str,
        mut watch: Watch,
    ) -> Result<(i64, Result<Proposal, Error>), Error> {
        let conn = self.ctx.db.reader();
        let round = store::round::get(conn, round_id).await?;
        let version = round.version;
        if let Err(error) = round.state.after(Move::Assign) {
            return Ok((version, Err(error.into())));
        }
        let facts = Facts {
            entries: store::entry::of_round(conn, round_id).await?,
            reviewers: store::release::available(conn, round_id).await?,
            ground: store::ruling::ground(conn, &round, self.ctx.db.clock().now()).await?,
            present: match round.state {
                State::Scoring => store::assignment::of_round(conn, round_id).await?,
                _ => vec![],
            },
            round,
        };
        let proposal =
            tokio::task::spawn_blocking(move || facts.propose(&mut *watch)).await.map_err(Error::internal)?;
        Ok((version, proposal))
    }
}

/// Puts a proposal in the place of what was assigned before.
pub(in crate::rpc) async fn carry_out(
    tx: &Tx<'_>,
    round: Round,
    next: State,
    proposal: &Proposal,
) -> Result<Round, Error> {
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
    fn propose(&self, watch: &mut dyn FnMut(u64, u64)) -> Result<Proposal, Error> {
        let wants = self.wants()?;
        let mut loads: HashMap<String, u32> = HashMap::new();
        for assignment in &self.present {
            *loads.entry(assignment.account_id.clone()).or_default() += 1;
        }
        let plan = panel::form(&self.ground, &wants, &self.reviewers, &loads, watch)
            .map_err(|error| panel::explain(error, &wants, &self.reviewers))?;
        let by_account: HashMap<&str, &Reviewer> =
            self.reviewers.iter().map(|reviewer| (reviewer.account_id.as_str(), reviewer)).collect();
        let short = self.short()?;
        let scoring = self.round.state == State::Scoring;
        let assignments: Vec<Assignment> = plan
            .seats
            .iter()
            .filter_map(|seat| {
                let reviewer = by_account.get(seat.reviewer.as_str())?;
                let arbiter = scoring && !short.contains(&seat.entry);
                Some(new_seat(&self.round.id, &seat.entry, reviewer, arbiter))
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
            panels: vec![],
            loads: vec![],
        };
        let mut seats: BTreeMap<&str, Vec<PlannedSeat>> = BTreeMap::new();
        for seat in &plan.seats {
            let name = by_account.get(seat.reviewer.as_str()).map(|reviewer| reviewer.name.clone());
            seats.entry(&seat.entry).or_default().push(PlannedSeat {
                reviewer_account_id: seat.reviewer.clone(),
                reviewer_name: name.unwrap_or_default(),
                expert: seat.expert,
            });
        }
        let panels = wants.iter().map(|want| PlannedPanel {
            entry_id: want.entry.id.clone(),
            title: Some(want.entry.title().into()),
            seats: seats.remove(want.entry.id.as_str()).unwrap_or_default(),
        });
        let panels = panels.collect();
        let loads = self.reviewers.iter().map(|reviewer| PlannedLoad {
            reviewer_account_id: reviewer.account_id.clone(),
            reviewer_name: reviewer.name.clone(),
            load: count(loads.get(&reviewer.account_id).copied().unwrap_or_default()),
            max_load: reviewer.max_load,
        });
        Ok(Proposal { assignments, answer, panels, loads: loads.collect() })
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

/// A seat on a panel, with nothing on its sheet.
pub(in crate::rpc) fn new_seat(
    round_id: &str,
    entry_id: &str,
    reviewer: &Reviewer,
    arbiter: bool,
) -> Assignment {
    Assignment {
        id: id::new("asg"),
        round_id: round_id.to_owned(),
        entry_id: entry_id.to_owned(),
        account_id: reviewer.account_id.clone(),
        organisation_code: reviewer.organisation_code.clone(),
        arbiter,
        rectification_id: None,
        state: assignment::State::Open,
        sheet: Sheet::default(),
        comment: String::new(),
        submit_time: None,
        version: 1,
    }
}
