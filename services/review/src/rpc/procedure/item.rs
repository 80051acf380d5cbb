//! ItemService: moves the items of procedures from step to step.

use std::sync::Arc;

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Calendar, Call, Error, Grant, Page, Resource, Tx, Visibility, etag};
use zhijian_proto::review::v1::{
    self as wire, ApplyItemRequest, ApplyItemResponse, GetItemRequest, GetItemResponse, LapseItemRequest,
    LapseItemResponse, ListItemsRequest, ListItemsResponse, RemindItemsRequest, RemindItemsResponse,
    SaveItemRequest, SaveItemResponse, TakeStepRequest, TakeStepResponse, WithdrawItemRequest,
    WithdrawItemResponse, item_service_server::ItemService,
};

use super::{
    super::{Review, reminding},
    convert, includes, organisations, seen, step_resource,
};
use crate::{
    domain::{
        procedure::{Procedure, form::Form, item::Item},
        rectification::words,
        scheme::Actor,
    },
    store::{self, item::Turn, item_event::Event},
};

/// A comment has at most this many characters.
const MOST_COMMENT: usize = 2000;

#[tonic::async_trait]
impl ItemService for Review {
    async fn apply_item(
        &self,
        request: Request<ApplyItemRequest>,
    ) -> Result<Response<ApplyItemResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.apply(&call, request.into_inner()).await?))
    }

    async fn save_item(
        &self,
        request: Request<SaveItemRequest>,
    ) -> Result<Response<SaveItemResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (item, procedure) = self.item(&call, &input.item_id, "item.read").await?;
        let grant = call.authorise(&step_resource(procedure.steps()?, &item))?;
        let given = convert::given(&input.values);
        let sent = input.clone();
        let item = self
            .change(
                &call,
                &grant,
                &input.request_id,
                &input,
                &sent.item_id,
                &sent.etag,
                procedure,
                move |_, item, means| {
                    let next = item.save(means.procedure.steps()?, &given)?;
                    Ok((next, None))
                },
            )
            .await?;
        Ok(Response::new(SaveItemResponse { item: Some(item) }))
    }

    async fn take_step(
        &self,
        request: Request<TakeStepRequest>,
    ) -> Result<Response<TakeStepResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (item, procedure) = self.item(&call, &input.item_id, "item.read").await?;
        if procedure.steps()?.step(&input.step_code).is_none() {
            let codes = procedure.steps()?.steps.iter().map(|step| step.code.as_str()).collect::<Vec<_>>();
            return Err(no_step(&input.step_code, &codes.join(", ")).into());
        }
        // Who may take the step that is meant: where the item is at another, that is told and not who may take that.
        let meant = Item { at: input.step_code.clone(), ended: false, ..item };
        let grant = call.authorise(&step_resource(procedure.steps()?, &meant))?;
        let given = convert::given(&input.values);
        let comment = comment(&input.comment)?;
        let sent = input.clone();
        let (step, outcome) = (input.step_code.clone(), input.outcome_code.clone());
        let item = self
            .change(
                &call,
                &grant,
                &input.request_id,
                &input,
                &sent.item_id,
                &sent.etag,
                procedure,
                move |tx, item, means| {
                    let steps = means.procedure.steps()?;
                    let mut next = item.take(steps, &step, &outcome, &given, &comment)?;
                    let days = next.step(steps).and_then(|step| step.working_days);
                    next.due_date = days.map(|days| means.calendar.due(tx.now(), days));
                    let form = next.forms.get(&step).cloned().unwrap_or_default();
                    Ok((next, Some(Said { step, outcome, comment, form })))
                },
            )
            .await?;
        Ok(Response::new(TakeStepResponse { item: Some(item) }))
    }

    async fn withdraw_item(
        &self,
        request: Request<WithdrawItemRequest>,
    ) -> Result<Response<WithdrawItemResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (item, procedure) = self.item(&call, &input.item_id, "item.read").await?;
        let resource = Resource::new("item", &item.id).organisation(&item.organisation_code);
        let grant = call.authorise(&resource)?;
        let comment = words("reason", &input.reason).map_err(Error::from)?;
        let sent = input.clone();
        let item = self
            .change(
                &call,
                &grant,
                &input.request_id,
                &input,
                &sent.item_id,
                &sent.etag,
                procedure,
                move |_, item, means| {
                    let next = item.withdraw(means.procedure.steps()?)?;
                    Ok((next, Some(Said::stop("withdraw", &item, comment))))
                },
            )
            .await?;
        Ok(Response::new(WithdrawItemResponse { item: Some(item) }))
    }

    async fn lapse_item(
        &self,
        request: Request<LapseItemRequest>,
    ) -> Result<Response<LapseItemResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let (item, procedure) = self.item(&call, &input.item_id, "item.read").await?;
        let grant = call.authorise(&Resource::new("item", &item.id))?;
        let comment = words("reason", &input.reason).map_err(Error::from)?;
        let sent = input.clone();
        let item = self
            .change(
                &call,
                &grant,
                &input.request_id,
                &input,
                &sent.item_id,
                &sent.etag,
                procedure,
                move |tx, item, means| {
                    let next = item.lapse(means.procedure.steps()?, tx.now())?;
                    Ok((next, Some(Said::stop("lapse", &item, comment))))
                },
            )
            .await?;
        Ok(Response::new(LapseItemResponse { item: Some(item) }))
    }

    async fn remind_items(
        &self,
        request: Request<RemindItemsRequest>,
    ) -> Result<Response<RemindItemsResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::new("item", ""))?;
        let reminders = self.remind_of_items(request.into_inner().dry_run).await?;
        let (drafted, covered) = reminding::tally(&reminders);
        Ok(Response::new(RemindItemsResponse { drafted, covered, reminders }))
    }

    async fn get_item(&self, request: Request<GetItemRequest>) -> Result<Response<GetItemResponse>, Status> {
        let call = Call::of(&request)?;
        call.visible("item")?;
        let id = request.into_inner().item_id;
        let (item, procedure) = self.item(&call, &id, "item.read").await?;
        let history = store::item_event::of(self.ctx.db.reader(), &id).await?;
        let mut shown = shown(&call, &item, &procedure)?;
        shown.history = history.into_iter().map(convert::event).collect();
        Ok(Response::new(GetItemResponse { item: Some(shown) }))
    }

    async fn list_items(
        &self,
        request: Request<ListItemsRequest>,
    ) -> Result<Response<ListItemsResponse>, Status> {
        let call = Call::of(&request)?;
        let visibility = call.visible("item")?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let filter = store::item::Filter {
            procedure_id: Some(input.procedure_id).filter(|id| !id.is_empty()),
            organisation_code: Some(input.organisation_code).filter(|code| !code.is_empty()),
            at: Some(input.at).filter(|at| !at.is_empty()),
            turn: input.mine.then(|| turn(&call)),
            visibility,
        };
        let conn = self.ctx.db.reader();
        let (rows, next_page_token) = store::item::page(conn, &page, &filter).await?;
        let ids = rows.iter().map(|item| item.procedure_id.clone());
        let procedures = store::procedure::by_ids(conn, ids).await?;
        let items = rows
            .iter()
            .filter_map(|item| Some(shown(&call, item, procedures.get(&item.procedure_id)?)))
            .collect::<Result<_, Error>>()?;
        Ok(Response::new(ListItemsResponse { items, next_page_token }))
    }
}

/// What is said about a move, for the history.
pub(super) struct Said {
    pub step: String,
    pub outcome: String,
    pub comment: String,
    pub form: Form,
}

impl Said {
    fn stop(outcome: &str, item: &Item, comment: String) -> Self {
        Self { step: item.at.clone(), outcome: outcome.to_owned(), comment, form: Form::new() }
    }
}

/// What an item is changed with.
struct Means {
    procedure: Procedure,
    calendar: Arc<Calendar>,
}

impl Review {
    /// An item that the caller may see, with its procedure.
    async fn item(&self, call: &Call, id: &str, action: &str) -> Result<(Item, Procedure), Error> {
        let missing = || Error::not_found("item", id);
        let conn = self.ctx.db.reader();
        let found = store::item::find(conn, id).await?;
        let visibility = seen(call, action);
        let visible = |item: &Item| includes(&visibility, &item.organisation_code, &item.supervisor_code);
        let Some(item) = found.filter(visible) else {
            // Whoever sees no items at all learns nothing about which there are.
            if visibility == Visibility::Only(vec![]) {
                call.visible("item")?;
            }
            return Err(missing());
        };
        let procedure = store::procedure::get(conn, &item.procedure_id).await?;
        Ok((item, procedure))
    }

    /// Changes an item, in one transaction with its entry in the history if there is something to say.
    #[expect(clippy::too_many_arguments, reason = "what every change of an item wants, named at each call")]
    async fn change<Q>(
        &self,
        call: &Call,
        grant: &Grant,
        request_id: &str,
        request: &Q,
        id: &str,
        given_etag: &str,
        procedure: Procedure,
        make: impl FnOnce(&Tx<'_>, Item, &Means) -> Result<(Item, Option<Said>), Error> + Send + 'static,
    ) -> Result<wire::Item, Error>
    where
        Q: prost::Message + Clone,
    {
        let (id, given_etag, call) = (id.to_owned(), given_etag.to_owned(), call.clone());
        let means = Means { procedure, calendar: self.ctx.calendar.clone() };
        self.ctx
            .db
            .mutate(grant, request_id, request, move |tx| {
                Box::pin(async move {
                    let present = store::item::find(tx.conn(), &id).await?;
                    let present = present.ok_or_else(|| Error::not_found("item", &id))?;
                    // What the state does not allow is told before who was quicker.
                    let version = present.version;
                    let (next, said) = make(tx, present, &means)?;
                    etag::check(&given_etag, version)?;
                    let next = store::item::write(tx.conn(), means.procedure.steps()?, &next).await?;
                    match said {
                        Some(said) => record(tx, &next, said).await?,
                        None => tx.audit(format!("item/{}", next.id), json!({"draft": next.at})),
                    }
                    shown(&call, &next, &means.procedure)
                })
            })
            .await
    }
}

/// Writes into the history what was said about a move.
pub(super) async fn record(tx: &Tx<'_>, item: &Item, said: Said) -> Result<(), Error> {
    let detail = json!({"step": said.step, "outcome": said.outcome, "to": item.at});
    tx.audit(format!("item/{}", item.id), detail);
    let event = Event {
        item_id: item.id.clone(),
        time: tx.now(),
        step: said.step,
        outcome: said.outcome,
        to: item.at.clone(),
        comment: said.comment,
        form: said.form,
    };
    store::item_event::add(tx.conn(), &[event]).await
}

/// An item on the wire, with what the caller may do about it.
pub(super) fn shown(call: &Call, item: &Item, procedure: &Procedure) -> Result<wire::Item, Error> {
    let steps = procedure.steps()?;
    let acts = item.step(steps).is_some_and(|step| !step.review);
    let own = Resource::new("item", &item.id).organisation(&item.organisation_code);
    Ok(wire::Item {
        mine: acts && call.may("item.act", &step_resource(steps, item)),
        withdrawable: item.withdraw(steps).is_ok() && call.may("item.withdraw", &own),
        ..convert::item(item, steps)
    })
}

/// Whose turns are the caller's.
fn turn(call: &Call) -> Turn {
    let region = [Actor::Commission, Actor::Chair, Actor::Publisher];
    let of = |actor: Actor| Resource::new(format!("step-{}", actor.as_str()), "");
    let supervises = |code: &String| call.may("item.act", &of(Actor::Supervisor).organisation(code));
    Turn {
        region: region.into_iter().filter(|actor| call.may("item.act", &of(*actor))).collect(),
        organisations: organisations(call).into_iter().filter(supervises).collect(),
    }
}

fn no_step(code: &str, known: &str) -> Error {
    Error::invalid(
        "step_code",
        format!("没有“{code}”这个步骤，可用的有：{known}。"),
        format!("There is no step {code:?}; there are: {known}."),
    )
}

fn comment(text: &str) -> Result<String, Error> {
    let text = text.trim();
    match text.chars().count() {
        count if count > MOST_COMMENT => Err(Error::invalid(
            "comment",
            format!("意见有 {count} 字，最多 {MOST_COMMENT} 字，请精简。"),
            format!("The comment has {count} characters; shorten it to at most {MOST_COMMENT}."),
        )),
        _ => Ok(text.to_owned()),
    }
}
