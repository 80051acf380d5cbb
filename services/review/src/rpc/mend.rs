//! Mends the panels of a round, for whoever asks: because somebody leaves, or because something has come to light.

use std::collections::HashMap;

use prost::Message;
use serde_json::json;
use zhijian_platform::{Call, Error, Grant, Resource, Tx, etag};
use zhijian_proto::review::v1::{Readjustment, Round as WireRound, SeatChange};

use super::{
    Review,
    convert::count,
    round::{assign::new_seat, moved, with_progress},
};
use crate::{
    domain::{
        assignment::Assignment,
        conflict::Ground,
        entry::Entry,
        panel,
        readjust::{self, Change},
        reviewer::Reviewer,
        round::{Round, State},
    },
    store,
};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    pub round_id: String,
    pub etag: String,
    /// Who leaves, if somebody does.
    pub leaving: Option<Leaving>,
}

/// Somebody who leaves a round.
#[derive(Debug, Clone)]
pub struct Leaving {
    pub account_id: String,
    pub reason: String,
}

/// The facts that a change is made from.
struct Facts {
    round: Round,
    entries: Vec<Entry>,
    /// Who may sit.
    reviewers: Vec<Reviewer>,
    names: HashMap<String, String>,
    present: Vec<Assignment>,
    ground: Ground,
}

/// A change, and the version of the round that it was made for.
struct Mended {
    facts: Facts,
    change: Change,
}

impl Review {
    /// What mending would change.
    pub async fn would_mend(&self, call: &Call, asked: &Asked) -> Result<(WireRound, Readjustment), Error> {
        call.authorise(&Resource::new("round", &asked.round_id))?;
        let mended = self.mended(asked).await??;
        etag::check(&asked.etag, mended.facts.round.version)?;
        let round = with_progress(self.ctx.db.reader(), &mended.facts.round).await?;
        Ok((round, mended.told()))
    }

    /// Mends, and answers what `answer` makes of it.
    pub async fn mend<Request, Answer>(
        &self,
        grant: &Grant,
        request_id: &str,
        request: &Request,
        asked: Asked,
        answer: impl FnOnce(WireRound, Readjustment) -> Answer + Send + 'static,
    ) -> Result<Answer, Error>
    where
        Request: Message,
        Answer: Message + Default + 'static,
    {
        // Computed before the transaction, which takes it only if the round has not changed; an error waits, too, so
        // that a repeated request is answered as before.
        let mended = self.mended(&asked).await?;
        self.ctx
            .db
            .mutate(grant, request_id, request, move |tx| {
                Box::pin(async move {
                    let round = store::round::get(tx.conn(), &asked.round_id).await?;
                    mendable(&round)?;
                    etag::check(&asked.etag, round.version)?;
                    let mended = mended?;
                    let newest = store::assignment::of_round(tx.conn(), &round.id).await?;
                    // Reviewers save and hand in without changing the round.
                    let same = round.version == mended.facts.round.version && mended.still_holds(&newest);
                    if !same {
                        return Err(Error::etag_mismatch(etag::of(round.version)));
                    }
                    let round = mended.carry_out(tx, round, asked.leaving.as_ref()).await?;
                    Ok(answer(with_progress(tx.conn(), &round).await?, mended.told()))
                })
            })
            .await
    }

    async fn mended(&self, asked: &Asked) -> Result<Result<Mended, Error>, Error> {
        let conn = self.ctx.db.reader();
        let round = store::round::get(conn, &asked.round_id).await?;
        if let Err(error) = mendable(&round) {
            return Ok(Err(error));
        }
        let everybody = store::reviewer::all(conn).await?;
        let names = everybody.into_iter().map(|one| (one.account_id, one.name)).collect();
        let mut reviewers = store::release::available(conn, &round.id).await?;
        if let Some(Leaving { account_id, .. }) = &asked.leaving {
            let before = reviewers.len();
            reviewers.retain(|one| one.account_id != *account_id);
            if reviewers.len() == before {
                return Ok(Err(Error::not_found("reviewer", account_id)));
            }
        }
        let facts = Facts {
            entries: store::entry::of_round(conn, &round.id).await?,
            present: store::assignment::of_round(conn, &round.id).await?,
            ground: store::ruling::ground(conn, &round, self.ctx.db.clock().now()).await?,
            reviewers,
            names,
            round,
        };
        let mended = tokio::task::spawn_blocking(move || facts.mended()).await;
        mended.map_err(Error::internal)
    }
}

/// Panels are mended while there are panels and no grades yet.
fn mendable(round: &Round) -> Result<(), Error> {
    match round.state {
        State::Assigned | State::Scoring => Ok(()),
        State::Draft => Err(Error::illegal_state(
            "state",
            "本轮评审还没有分配专家，请先分配。",
            "The round has no panels yet: assign reviewers first.",
        )),
        State::Finalised | State::Revealed => Err(Error::illegal_state(
            "state",
            "本轮评审已经定级，不能再调整专家。",
            "The round's grades are computed: its panels cannot change any more.",
        )),
    }
}

impl Facts {
    fn mended(self) -> Result<Mended, Error> {
        let size = self.round.scheme.definition().panel_size;
        let change = readjust::readjust(&self.ground, &self.entries, &self.reviewers, &self.present, size)
            .map_err(|error| {
                panel::explain_of(error, &self.entries.iter().collect::<Vec<_>>(), &self.reviewers)
            })?;
        Ok(Mended { facts: self, change })
    }
}

impl Mended {
    /// Whether nobody has handed in or been seated since.
    fn still_holds(&self, newest: &[Assignment]) -> bool {
        let look = |seats: &[Assignment]| -> Vec<(String, bool)> {
            seats.iter().map(|seat| (seat.id.clone(), seat.is_submitted())).collect()
        };
        look(newest) == look(&self.facts.present)
    }

    async fn carry_out(&self, tx: &Tx<'_>, round: Round, leaving: Option<&Leaving>) -> Result<Round, Error> {
        let conn = tx.conn();
        if let Some(Leaving { account_id, reason }) = leaving {
            store::release::insert(conn, &round.id, account_id, reason, tx.now()).await?;
        }
        if leaving.is_none() && self.change.removed.is_empty() && self.change.added.is_empty() {
            tx.unchanged();
            return Ok(round);
        }
        store::release::vacate(conn, &self.change.removed, tx.now()).await?;
        let by_account: HashMap<&str, &Reviewer> =
            self.facts.reviewers.iter().map(|one| (one.account_id.as_str(), one)).collect();
        let arbiters: HashMap<&str, usize> = self.change.removed.iter().filter(|seat| seat.arbiter).fold(
            HashMap::new(),
            |mut counts, seat| {
                *counts.entry(seat.entry_id.as_str()).or_default() += 1;
                counts
            },
        );
        let mut left = arbiters;
        let mut seats = Vec::with_capacity(self.change.added.len());
        for (entry_id, account_id) in &self.change.added {
            let Some(reviewer) = by_account.get(account_id.as_str()) else { continue };
            // Who takes an arbiter's seat arbitrates.
            let arbiter = left.get_mut(entry_id.as_str()).filter(|left| **left > 0).map(|left| *left -= 1);
            seats.push(new_seat(&round.id, entry_id, reviewer, arbiter.is_some()));
        }
        store::assignment::insert(conn, &seats).await?;
        let pair = |entry: &str, account: &str| format!("{entry}/{account}");
        let detail = json!({
            "released": leaving.map(|leaving| &leaving.account_id),
            "reason": leaving.map(|leaving| &leaving.reason),
            "taken_back": self.change.removed.iter().map(|seat| pair(&seat.entry_id, &seat.account_id)).collect::<Vec<_>>(),
            "given": self.change.added.iter().map(|(entry, account)| pair(entry, account)).collect::<Vec<_>>(),
        });
        let state = round.state;
        moved(tx, &round, state, detail).await
    }

    fn told(&self) -> Readjustment {
        let Facts { entries, names, present, .. } = &self.facts;
        let titles: HashMap<&str, &Entry> = entries.iter().map(|entry| (entry.id.as_str(), entry)).collect();
        let seat = |entry_id: &str, account_id: &str| SeatChange {
            entry_id: entry_id.to_owned(),
            title: titles.get(entry_id).map(|entry| entry.title().into()),
            reviewer_account_id: account_id.to_owned(),
            reviewer_name: names.get(account_id).cloned().unwrap_or_default(),
            added: false,
            begun: false,
        };
        let removed = self
            .change
            .removed
            .iter()
            .map(|one| SeatChange { begun: one.version > 1, ..seat(&one.entry_id, &one.account_id) });
        let added = self.change.added.iter();
        let added = added.map(|(entry, account)| SeatChange { added: true, ..seat(entry, account) });
        let mut changes: Vec<SeatChange> = removed.chain(added).collect();
        changes.sort_by(|a, b| (&a.entry_id, a.added).cmp(&(&b.entry_id, b.added)));
        Readjustment {
            changes,
            kept: count(present.len() - self.change.removed.len()),
            submitted: count(present.iter().filter(|seat| seat.is_submitted()).count()),
            disputed: self.change.disputed.iter().map(|one| seat(&one.entry_id, &one.account_id)).collect(),
        }
    }
}
