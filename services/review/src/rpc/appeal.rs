//! AppealService: grades that schools think wrong, before a panel that has not scored them.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Resource, Visibility, date_in_china, etag, id, time::timestamp};
use zhijian_proto::review::v1::{
    self as wire, AppointAppealPanelRequest, AppointAppealPanelResponse, DecideAppealRequest,
    DecideAppealResponse, FileAppealRequest, FileAppealResponse, GetAppealRequest, GetAppealResponse,
    GetAppealTermsRequest, GetAppealTermsResponse, ListAppealsRequest, ListAppealsResponse,
    WithdrawAppealRequest, WithdrawAppealResponse, appeal_service_server::AppealService,
};

use super::{Review, convert, fresh, hearing};
use crate::{
    domain::{
        appeal::{self, Appeal, Move, State},
        rectification::Regrade,
        round::State as RoundState,
        scheme::Scheme,
        scheme_review::Appeal as Rules,
    },
    store,
};

#[tonic::async_trait]
impl AppealService for Review {
    async fn get_appeal_terms(
        &self,
        request: Request<GetAppealTermsRequest>,
    ) -> Result<Response<GetAppealTermsResponse>, Status> {
        let call = Call::of(&request)?;
        let visibility = call.visible("appeal")?;
        let (entry, round, outcome) = self.graded(&visibility, &request.into_inner().entry_id).await?;
        self.record_read(&call, &round, &[entry.subject.code.as_str()], 1).await?;
        let conn = self.ctx.db.reader();
        let due = store::seal::reveals(conn, [round.id.clone()])
            .await?
            .remove(&round.id)
            .and_then(|reveal| reveal.appeal_due_date);
        let filed = store::appeal::of_entry(conn, &entry.id).await?;
        let today = date_in_china(self.ctx.db.clock().now());
        let open = filed.is_none() && due.is_some_and(|due| today <= due);
        let grounds = match due.and(round.scheme.definition().review.appeal.as_ref()) {
            Some(rules) => rules.grounds.iter().map(ground).collect(),
            None => vec![],
        };
        Ok(Response::new(GetAppealTermsResponse {
            grounds,
            due_date: due.map(|due| due.to_string()).unwrap_or_default(),
            open,
            appeal: filed.map(|filed| shown(filed, None, &round.scheme)),
            entry: Some(self.entry_with(entry, outcome).await?),
        }))
    }

    async fn file_appeal(
        &self,
        request: Request<FileAppealRequest>,
    ) -> Result<Response<FileAppealResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let visibility = call.visible("appeal")?;
        let (entry, round, _) = self.graded(&visibility, &input.entry_id).await?;
        let resource = Resource::new("entry", &entry.id).organisation(&entry.organisation_code);
        let grant = call.authorise(&resource)?;
        let (sent, calendar) = (input.clone(), self.ctx.calendar.clone());
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    if let Some(filed) = store::appeal::of_entry(conn, &entry.id).await? {
                        return Err(Error::already_exists("appeal", filed.id));
                    }
                    let reveal = store::seal::reveals(conn, [round.id.clone()]).await?.remove(&round.id);
                    let due = reveal.and_then(|reveal| reveal.appeal_due_date);
                    let rules = round.scheme.definition().review.appeal.as_ref();
                    let (Some(rules), Some(due)) = (rules, due) else { return Err(not_offered()) };
                    if date_in_china(tx.now()) > due {
                        return Err(too_late(due));
                    }
                    let statement =
                        appeal::read(&round.scheme, &sent.ground_code, &sent.element_codes, &sent.statement)?;
                    let outcome = store::result::find(conn, &entry.id).await?;
                    let outcome = outcome.ok_or_else(|| Error::not_found("entry", &entry.id))?;
                    let filed = Appeal {
                        id: id::new("apl"),
                        entry_id: entry.id.clone(),
                        round_id: entry.round_id.clone(),
                        organisation_code: entry.organisation_code.clone(),
                        state: State::Filed,
                        against: Regrade { grade: outcome.grade, total: outcome.total },
                        ground_code: sent.ground_code,
                        element_codes: sent.element_codes,
                        statement,
                        file_time: tx.now(),
                        decide_due_date: calendar.due(tx.now(), rules.decide_working_days),
                        upheld: false,
                        reason: String::new(),
                        decide_time: None,
                        regraded: None,
                        version: 1,
                    };
                    store::appeal::insert(conn, &filed).await?;
                    tx.audit(
                        format!("appeal/{}", filed.id),
                        json!({"state": filed.state.as_str(), "entry": filed.entry_id, "ground": filed.ground_code}),
                    );
                    let filed = shown(filed, Some(convert::entry(entry)), &round.scheme);
                    Ok(FileAppealResponse { appeal: Some(filed) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn withdraw_appeal(
        &self,
        request: Request<WithdrawAppealRequest>,
    ) -> Result<Response<WithdrawAppealResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (id, tag) = (input.appeal_id.clone(), input.etag.clone());
        let appeal = self
            .appeal_moved(&call, (&id, &tag), &input.request_id, &input, move |_, present, _| {
                Box::pin(async move {
                    let state = present.state.after(Move::Withdraw)?;
                    Ok(Appeal { state, ..present })
                })
            })
            .await?;
        Ok(Response::new(WithdrawAppealResponse { appeal: Some(appeal) }))
    }

    async fn get_appeal(
        &self,
        request: Request<GetAppealRequest>,
    ) -> Result<Response<GetAppealResponse>, Status> {
        let call = Call::of(&request)?;
        let visibility = call.visible("appeal")?;
        let id = request.into_inner().appeal_id;
        let (found, means) = self.appeal(&visibility, &id).await?;
        let decides = call.may("appeal.decide", &Resource::new("appeal", &id));
        let mut one = shown(found.clone(), Some(convert::entry(means.entry.clone())), &means.round.scheme);
        if decides && found.state != State::Filed {
            let conn = self.ctx.db.reader();
            let sheets = fresh::sheets(conn, &found.entry_id, &found.id).await?;
            one.panel_count = convert::count(sheets.len());
            one.submitted_count = convert::count(sheets.iter().filter(|sheet| sheet.is_submitted()).count());
            let lack = means.rules()?.panel_size.saturating_sub(one.panel_count.unsigned_abs());
            one.short_count = if found.state == State::Hearing { convert::count(lack) } else { 0 };
            for sheet in &sheets {
                let reviewer = store::reviewer::find(conn, &sheet.account_id).await?;
                let (name, organisation_code) =
                    reviewer.map(|known| (known.name, known.organisation_code)).unwrap_or_default();
                one.panel.push(wire::AppealReviewer {
                    account_id: sheet.account_id.clone(),
                    name,
                    organisation_code,
                    submitted: sheet.is_submitted(),
                });
            }
            if let Ok(outcome) = hearing::outcome_of(conn, &found, &means).await {
                (one.hearing_grade, one.hearing_total) = (outcome.grade, outcome.total.to_string());
            }
        }
        Ok(Response::new(GetAppealResponse { appeal: Some(one) }))
    }

    async fn list_appeals(
        &self,
        request: Request<ListAppealsRequest>,
    ) -> Result<Response<ListAppealsResponse>, Status> {
        let visibility = Call::of(&request)?.visible("appeal")?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let filter = store::appeal::Filter {
            state: match input.state() {
                wire::appeal::State::Unspecified => None,
                wire::appeal::State::Filed => Some(State::Filed),
                wire::appeal::State::Hearing => Some(State::Hearing),
                wire::appeal::State::Decided => Some(State::Decided),
                wire::appeal::State::Withdrawn => Some(State::Withdrawn),
            },
            round_id: Some(input.round_id).filter(|id| !id.is_empty()),
            visibility,
        };
        let conn = self.ctx.db.reader();
        let (rows, next_page_token) = store::appeal::page(conn, &page, &filter).await?;
        let mut entries = store::entry::by_ids(conn, rows.iter().map(|row| row.entry_id.clone())).await?;
        let rounds = store::round::by_ids(conn, rows.iter().map(|row| row.round_id.clone())).await?;
        let appeals = rows.into_iter().filter_map(|row| {
            let round = rounds.get(&row.round_id)?;
            let entry = entries.remove(&row.entry_id).map(convert::entry);
            Some(shown(row, entry, &round.scheme))
        });
        Ok(Response::new(ListAppealsResponse { appeals: appeals.collect(), next_page_token }))
    }

    async fn appoint_appeal_panel(
        &self,
        request: Request<AppointAppealPanelRequest>,
    ) -> Result<Response<AppointAppealPanelResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (id, tag) = (input.appeal_id.clone(), input.etag.clone());
        let appeal = self
            .appeal_moved(&call, (&id, &tag), &input.request_id, &input, move |tx, present, means| {
                Box::pin(async move { hearing::appoint(tx, present, &means).await })
            })
            .await?;
        Ok(Response::new(AppointAppealPanelResponse { appeal: Some(appeal) }))
    }

    async fn decide_appeal(
        &self,
        request: Request<DecideAppealRequest>,
    ) -> Result<Response<DecideAppealResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (id, tag, sent) = (input.appeal_id.clone(), input.etag.clone(), input.clone());
        let appeal = self
            .appeal_moved(&call, (&id, &tag), &input.request_id, &input, move |tx, present, means| {
                Box::pin(async move { hearing::decide(tx, present, &means, sent.uphold, &sent.reason).await })
            })
            .await?;
        Ok(Response::new(DecideAppealResponse { appeal: Some(appeal) }))
    }
}

fn not_offered() -> Error {
    Error::illegal_state("scheme", "本轮结果不受理申诉。", "Grades of this round cannot be appealed.")
}

fn too_late(due: chrono::NaiveDate) -> Error {
    Error::illegal_state(
        "due_date",
        format!("申诉期限是 {due}，已经过了。"),
        format!("Appeals were taken until {due}."),
    )
}

fn ground(ground: &crate::domain::scheme_review::Ground) -> wire::AppealGround {
    wire::AppealGround { code: ground.code.clone(), name: Some(ground.name.clone().into()) }
}

/// An appeal without a word about who hears it.
pub(super) fn shown(one: Appeal, entry: Option<wire::Entry>, scheme: &Scheme) -> wire::Appeal {
    let rules: Option<&Rules> = scheme.definition().review.appeal.as_ref();
    let known = rules.and_then(|rules| rules.grounds.iter().find(|known| known.code == one.ground_code));
    let (new_grade, new_total) =
        one.regraded.map(|new| (new.grade, new.total.to_string())).unwrap_or_default();
    wire::Appeal {
        entry,
        state: match one.state {
            State::Filed => wire::appeal::State::Filed,
            State::Hearing => wire::appeal::State::Hearing,
            State::Decided => wire::appeal::State::Decided,
            State::Withdrawn => wire::appeal::State::Withdrawn,
        }
        .into(),
        ground: known.map(ground),
        appeal_id: one.id,
        grade: one.against.grade,
        total: one.against.total.to_string(),
        element_codes: one.element_codes,
        statement: one.statement,
        file_time: Some(timestamp(one.file_time)),
        decide_due_date: one.decide_due_date.to_string(),
        upheld: one.upheld,
        reason: one.reason,
        decide_time: one.decide_time.map(timestamp),
        new_grade,
        new_total,
        etag: etag::of(one.version),
        ..wire::Appeal::default()
    }
}

impl Review {
    /// An appeal that the caller may see.
    async fn appeal(&self, visibility: &Visibility, id: &str) -> Result<(Appeal, hearing::Means), Error> {
        let missing = || Error::not_found("appeal", id);
        let conn = self.ctx.db.reader();
        let found = store::appeal::find(conn, id).await?.ok_or_else(missing)?;
        if let Visibility::Only(codes) = visibility
            && !codes.contains(&found.organisation_code)
        {
            return Err(missing());
        }
        let round = store::round::get(conn, &found.round_id).await?;
        debug_assert!(round.state == RoundState::Revealed, "nobody appeals what nobody has seen");
        let mut entries = store::entry::by_ids(conn, [found.entry_id.clone()]).await?;
        let entry = entries.remove(&found.entry_id).ok_or_else(missing)?;
        Ok((found, hearing::Means { round, entry }))
    }

    /// Makes a move, in one transaction with what it brings about.
    async fn appeal_moved<Q>(
        &self,
        call: &Call,
        (id, given_etag): (&str, &str),
        request_id: &str,
        request: &Q,
        make: impl for<'t> FnOnce(
            &'t zhijian_platform::Tx<'t>,
            Appeal,
            hearing::Means,
        ) -> futures::future::BoxFuture<'t, Result<Appeal, Error>>
        + Send
        + 'static,
    ) -> Result<wire::Appeal, Error>
    where
        Q: prost::Message + Clone,
    {
        let visibility = call.visible("appeal")?;
        let (found, means) = self.appeal(&visibility, id).await?;
        // Under the entry's name: a result is replaced in the same transaction.
        let resource = Resource::new("entry", &found.entry_id).organisation(&found.organisation_code);
        let grant = call.authorise(&resource)?;
        let (id, given_etag) = (id.to_owned(), given_etag.to_owned());
        let answer: FileAppealResponse = self
            .ctx
            .db
            .mutate(&grant, request_id, request, move |tx| {
                Box::pin(async move {
                    let present = store::appeal::find(tx.conn(), &id).await?;
                    let present = present.ok_or_else(|| Error::not_found("appeal", &id))?;
                    let version = present.version;
                    let next = make(tx, present, means.clone()).await?;
                    // What the state does not allow is told before who was quicker.
                    etag::check(&given_etag, version)?;
                    let next = store::appeal::write(tx.conn(), &next).await?;
                    tx.audit(
                        format!("appeal/{}", next.id),
                        json!({"state": next.state.as_str(), "upheld": next.upheld}),
                    );
                    let next = shown(next, Some(convert::entry(means.entry)), &means.round.scheme);
                    Ok(FileAppealResponse { appeal: Some(next) })
                })
            })
            .await?;
        Ok(answer.appeal.unwrap_or_default())
    }
}
