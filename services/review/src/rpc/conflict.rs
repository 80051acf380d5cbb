//! ConflictService: who may not review what, and what the chair rules.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Resource, Tx, time::timestamp};
use zhijian_proto::{
    identity::v1::{Organisation, organisation},
    review::v1::{
        self as wire, AddConflictRequest, AddConflictResponse, DismissConflictRequest,
        DismissConflictResponse, ListConflictsRequest, ListConflictsResponse, WithdrawRulingRequest,
        WithdrawRulingResponse, conflict_reason, conflict_service_server::ConflictService,
        list_conflicts_request::Show, ruling,
    },
};

use super::{Review, convert, relation::wire_kind, upstream};
use crate::{
    domain::{
        conflict::{self, Conflict, Decision, Ground, Index, Reason, Ruling},
        entry::Entry,
        reviewer::Reviewer,
        round::{Round, State},
    },
    store,
};

#[tonic::async_trait]
impl ConflictService for Review {
    async fn list_conflicts(
        &self,
        request: Request<ListConflictsRequest>,
    ) -> Result<Response<ListConflictsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::new("round", &input.round_id))?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let conn = self.ctx.db.reader();
        let round = store::round::get(conn, &input.round_id).await?;
        let scene = Scene {
            entries: store::entry::of_round(conn, &round.id).await?,
            reviewers: store::reviewer::all(conn).await?,
            ground: store::ruling::ground(conn, &round, self.ctx.db.clock().now()).await?,
            seats: seats(&store::assignment::of_round(conn, &round.id).await?),
        };
        let organisations =
            upstream::organisations(&self.ctx.clients, scene.entries.iter().flat_map(|one| &one.barred))
                .await?;
        let answer = tokio::task::spawn_blocking(move || scene.list(&input, &page, &organisations))
            .await
            .map_err(Error::internal)?;
        Ok(Response::new(answer?))
    }

    async fn dismiss_conflict(
        &self,
        request: Request<DismissConflictRequest>,
    ) -> Result<Response<DismissConflictResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("round", &input.round_id))?;
        let (sent, clients) = (input.clone(), self.organisations_of(&input.entry_id).await?);
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let pair =
                        Pair::find(tx, &sent.round_id, &sent.entry_id, &sent.reviewer_account_id).await?;
                    let reasons = conflict::dismiss(pair.conflict().as_ref())?;
                    let reason = conflict::reason(&sent.reason)?;
                    let pair = pair.rule(tx, Decision::Dismissed(reasons), reason).await?;
                    Ok(DismissConflictResponse { conflict: pair.shown(&clients) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn add_conflict(
        &self,
        request: Request<AddConflictRequest>,
    ) -> Result<Response<AddConflictResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("round", &input.round_id))?;
        let (sent, clients) = (input.clone(), self.organisations_of(&input.entry_id).await?);
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let pair =
                        Pair::find(tx, &sent.round_id, &sent.entry_id, &sent.reviewer_account_id).await?;
                    let reason = conflict::reason(&sent.reason)?;
                    let pair = pair.rule(tx, Decision::Added, reason).await?;
                    Ok(AddConflictResponse { conflict: pair.shown(&clients) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn withdraw_ruling(
        &self,
        request: Request<WithdrawRulingRequest>,
    ) -> Result<Response<WithdrawRulingResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("round", &input.round_id))?;
        let sent = input.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    open(&store::round::get(conn, &sent.round_id).await?)?;
                    let account = &sent.reviewer_account_id;
                    if !store::ruling::remove(conn, &sent.round_id, &sent.entry_id, account).await? {
                        return Err(Error::not_found("ruling", format!("{}/{account}", sent.entry_id)));
                    }
                    tx.audit(
                        format!("round/{}", sent.round_id),
                        json!({"conflict": "ruling withdrawn", "entry": sent.entry_id, "reviewer": account}),
                    );
                    Ok(WithdrawRulingResponse {})
                })
            })
            .await?;
        Ok(Response::new(response))
    }
}

impl Review {
    /// The organisations that an entry bars, as they are registered.
    async fn organisations_of(&self, entry_id: &str) -> Result<HashMap<String, Organisation>, Error> {
        let entries = store::entry::by_ids(self.ctx.db.reader(), [entry_id.to_owned()]).await?;
        upstream::organisations(&self.ctx.clients, entries.values().flat_map(|one| &one.barred)).await
    }
}

/// Rulings matter until the grades are computed.
fn open(round: &Round) -> Result<(), Error> {
    if round.state < State::Finalised {
        return Ok(());
    }
    Err(Error::illegal_state(
        "state",
        "本轮评审已经定级，不能再改回避。有异议请走申诉程序。",
        "The round's grades are computed: conflicts cannot be changed any more. Objections go by way of appeal.",
    ))
}

fn seats(assignments: &[crate::domain::assignment::Assignment]) -> HashSet<(String, String)> {
    assignments.iter().map(|seat| (seat.entry_id.clone(), seat.account_id.clone())).collect()
}

/// Everything that the conflicts of a round are told from.
struct Scene {
    entries: Vec<Entry>,
    reviewers: Vec<Reviewer>,
    ground: Ground,
    seats: HashSet<(String, String)>,
}

impl Scene {
    fn list(
        &self,
        input: &ListConflictsRequest,
        page: &Page,
        organisations: &HashMap<String, Organisation>,
    ) -> Result<ListConflictsResponse, Error> {
        let index = Index::new(&self.reviewers, &self.ground);
        let mut rows: Vec<(String, &Entry, &Reviewer, Conflict)> = Vec::new();
        let of_school = |entry: &&Entry| {
            input.organisation_code.is_empty() || entry.organisation_code == input.organisation_code
        };
        let mut total = 0_usize;
        for entry in self.entries.iter().filter(of_school) {
            let mut of_entry: Vec<_> = index
                .of(entry)
                .into_iter()
                .map(|(place, conflict)| (&self.reviewers[place], conflict))
                .filter(|(reviewer, conflict)| self.wanted(input, entry, reviewer, conflict))
                .collect();
            of_entry.sort_by(|(one, _), (other, _)| one.account_id.cmp(&other.account_id));
            total += of_entry.len();
            rows.extend(of_entry.into_iter().map(|(reviewer, conflict)| {
                (format!("{}/{}", entry.id, reviewer.account_id), entry, reviewer, conflict)
            }));
        }
        let after = page.after().unwrap_or_default();
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
        let rows: Vec<_> = rows.into_iter().filter(|row| row.0.as_str() > after).take(limit).collect();
        let (rows, next_page_token) = page.finish(rows, |row| row.0.clone());
        let conflicts = rows.into_iter().map(|(_, entry, reviewer, conflict)| {
            let pair = (entry.id.clone(), reviewer.account_id.clone());
            let seated = self.seats.contains(&pair);
            shown(entry, reviewer, &conflict, self.ground.rulings.get(&pair), seated, organisations)
        });
        Ok(ListConflictsResponse {
            conflicts: conflicts.collect(),
            next_page_token,
            total: convert::count(total),
        })
    }

    fn wanted(
        &self,
        input: &ListConflictsRequest,
        entry: &Entry,
        reviewer: &Reviewer,
        conflict: &Conflict,
    ) -> bool {
        let seated = || self.seats.contains(&(entry.id.clone(), reviewer.account_id.clone()));
        (input.reviewer_account_id.is_empty() || reviewer.account_id == input.reviewer_account_id)
            && match input.show() {
                Show::Unspecified => true,
                Show::InForce => conflict.in_force(),
                Show::Dismissed => !conflict.in_force(),
                Show::Seated => conflict.in_force() && seated(),
            }
    }
}

/// An entry and an expert about whom a ruling is made.
struct Pair {
    round: Round,
    entry: Entry,
    reviewer: Reviewer,
    ground: Ground,
    seated: bool,
}

impl Pair {
    async fn find(tx: &Tx<'_>, round_id: &str, entry_id: &str, account_id: &str) -> Result<Self, Error> {
        let conn = tx.conn();
        let round = store::round::get(conn, round_id).await?;
        open(&round)?;
        let mut entries = store::entry::by_ids(conn, [entry_id.to_owned()]).await?;
        let entry = entries.remove(entry_id).filter(|entry| entry.round_id == round.id);
        let entry = entry.ok_or_else(|| Error::not_found("entry", entry_id))?;
        let reviewer = store::reviewer::find(conn, account_id).await?;
        let mut reviewer = reviewer.ok_or_else(|| Error::not_found("reviewer", account_id))?;
        reviewer.relations = store::relation::of_account(conn, account_id).await?;
        let ground = store::ruling::ground(conn, &round, tx.now()).await?;
        let seats = store::assignment::of_entry(conn, entry_id).await?;
        let seated = seats.iter().any(|seat| seat.account_id == account_id);
        Ok(Self { round, entry, reviewer, ground, seated })
    }

    fn conflict(&self) -> Option<Conflict> {
        Index::new(std::slice::from_ref(&self.reviewer), &self.ground).of(&self.entry).remove(&0)
    }

    async fn rule(mut self, tx: &Tx<'_>, decision: Decision, reason: String) -> Result<Self, Error> {
        let what = if decision == Decision::Added { "added" } else { "dismissed" };
        let ruling = Ruling {
            entry_id: self.entry.id.clone(),
            account_id: self.reviewer.account_id.clone(),
            decision,
            reason,
            time: tx.now(),
        };
        store::ruling::put(tx.conn(), &self.round.id, &ruling).await?;
        tx.audit(
            format!("round/{}", self.round.id),
            json!({
                "conflict": what,
                "entry": ruling.entry_id,
                "reviewer": ruling.account_id,
                "reason": ruling.reason,
            }),
        );
        self.ground.rulings.insert((ruling.entry_id.clone(), ruling.account_id.clone()), ruling);
        Ok(self)
    }

    fn shown(&self, organisations: &HashMap<String, Organisation>) -> Option<wire::Conflict> {
        let pair = (self.entry.id.clone(), self.reviewer.account_id.clone());
        let ruling = self.ground.rulings.get(&pair);
        let conflict = self.conflict()?;
        Some(shown(&self.entry, &self.reviewer, &conflict, ruling, self.seated, organisations))
    }
}

fn shown(
    entry: &Entry,
    reviewer: &Reviewer,
    conflict: &Conflict,
    ruling: Option<&Ruling>,
    seated: bool,
    organisations: &HashMap<String, Organisation>,
) -> wire::Conflict {
    let reasons = conflict.reasons.iter().map(|(reason, dismissed)| wire::ConflictReason {
        dismissed: *dismissed,
        ..reason_shown(entry, reviewer, reason, ruling, organisations)
    });
    wire::Conflict {
        entry_id: entry.id.clone(),
        entry_title: Some(entry.title().into()),
        organisation_code: entry.organisation_code.clone(),
        reviewer_account_id: reviewer.account_id.clone(),
        reviewer_name: reviewer.name.clone(),
        reasons: reasons.collect(),
        in_force: conflict.in_force(),
        seated,
        ruling: ruling.map(|ruling| wire::Ruling {
            kind: match ruling.decision {
                Decision::Dismissed(_) => ruling::Kind::Dismissed,
                Decision::Added => ruling::Kind::Added,
            }
            .into(),
            reason: ruling.reason.clone(),
            time: Some(timestamp(ruling.time)),
        }),
    }
}

fn reason_shown(
    entry: &Entry,
    reviewer: &Reviewer,
    reason: &Reason,
    ruling: Option<&Ruling>,
    organisations: &HashMap<String, Organisation>,
) -> wire::ConflictReason {
    use conflict_reason::Kind;
    let of = |kind: Kind, organisation: &str| wire::ConflictReason {
        kind: kind.into(),
        organisation_code: organisation.to_owned(),
        ..wire::ConflictReason::default()
    };
    match reason {
        Reason::Own { organisation } => of(Kind::Own, organisation),
        Reason::Barred { organisation } => of(connection(entry, organisation, organisations), organisation),
        Reason::Recent { organisation, left_on } => {
            wire::ConflictReason { date: left_on.clone(), ..of(Kind::Recent, organisation) }
        }
        Reason::Relation { .. } => {
            let mut shown = of(Kind::Relation, &entry.organisation_code);
            if let Some(relation) = conflict::relation(reviewer, reason) {
                shown.relation = wire_kind(relation.kind).into();
                shown.note = relation.note.clone();
                shown.date = relation.ended_on.clone();
            }
            shown
        }
        Reason::Added => wire::ConflictReason {
            note: ruling.map(|ruling| ruling.reason.clone()).unwrap_or_default(),
            ..of(Kind::Added, &entry.organisation_code)
        },
    }
}

/// What an organisation that an entry bars is to it: a commission supervises, anything else is a pathway's partner.
fn connection(
    entry: &Entry,
    code: &str,
    organisations: &HashMap<String, Organisation>,
) -> conflict_reason::Kind {
    use organisation::Kind;
    let above = organisations.get(&entry.organisation_code).is_some_and(|school| school.parent_code == code);
    let rules = organisations
        .get(code)
        .is_some_and(|one| matches!(one.kind(), Kind::DistrictCommission | Kind::Commission));
    if above || rules { conflict_reason::Kind::Supervising } else { conflict_reason::Kind::Partner }
}
