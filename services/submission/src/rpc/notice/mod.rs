//! NoticeService.

mod contact;
mod deliver;
mod draft;
pub mod mail;
mod post;
mod send;

use std::sync::Arc;

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Resource, Text, Violation, etag, time::timestamp};
use zhijian_proto::submission::v1::{
    ApproveNoticesRequest, ApproveNoticesResponse, DeliverNoticesRequest, DeliverNoticesResponse,
    DownloadNoticeRequest, DownloadNoticeResponse, DraftNoticesRequest, DraftNoticesResponse,
    DropNoticeRequest, DropNoticeResponse, GetNoticeContactRequest, GetNoticeContactResponse,
    GetNoticeRequest, GetNoticeResponse, GetOutboxRequest, GetOutboxResponse, ListNoticeRulesRequest,
    ListNoticeRulesResponse, ListNoticesRequest, ListNoticesResponse, Notice, NoticeCount, NoticeRule,
    NoticeVersion, PostNoticeRequest, PostNoticeResponse, SendNoticesRequest, SendNoticesResponse,
    SetNoticeContactRequest, SetNoticeContactResponse, UpdateNoticeRequest, UpdateNoticeResponse, notice,
    notice_rule::DaysCounted, notice_service_server::NoticeService,
};

use super::{Rpc, directory::Directory};
use crate::{
    domain::{
        notice::{Counted, MAX_BODY, MAX_SUBJECT, Reminders, State, Step, WrongStep},
        text::{is_filled, is_storable},
    },
    store::notice as notices,
};
pub use send::{handle, wake_due};

/// How many messages one call approves or sends.
const MAX_NOTICES: usize = 500;

/// What answers the outbox.
#[derive(Clone)]
pub struct Notices {
    pub rpc: Rpc,
    pub directory: Directory,
    pub reminders: Arc<Reminders>,
}

impl From<WrongStep> for Error {
    fn from(error: WrongStep) -> Self {
        let text = error.text();
        Self::illegal_state("notice.state", text.zh, text.en)
    }
}

#[tonic::async_trait]
impl NoticeService for Notices {
    async fn list_notice_rules(
        &self,
        request: Request<ListNoticeRulesRequest>,
    ) -> Result<Response<ListNoticeRulesResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let rules = self.reminders.rules.iter().map(|rule| NoticeRule {
            code: rule.code.clone(),
            name: Some(rule.name.clone().into()),
            days_from_due: rule.days,
            states: rule.states.clone(),
            subject: Some(rule.subject.clone().into()),
            body: Some(rule.body.clone().into()),
            days_counted: match rule.counted {
                Counted::Calendar => DaysCounted::Calendar,
                Counted::Working => DaysCounted::Working,
            }
            .into(),
        });
        Ok(Response::new(ListNoticeRulesResponse { rules: rules.collect() }))
    }

    async fn draft_notices(
        &self,
        request: Request<DraftNoticesRequest>,
    ) -> Result<Response<DraftNoticesResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.draft(call, request.into_inner()).await?))
    }

    async fn post_notice(
        &self,
        request: Request<PostNoticeRequest>,
    ) -> Result<Response<PostNoticeResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.post(call, request.into_inner()).await?))
    }

    async fn list_notices(
        &self,
        request: Request<ListNoticesRequest>,
    ) -> Result<Response<ListNoticesResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.list(call, request.into_inner()).await?))
    }

    async fn get_notice(
        &self,
        request: Request<GetNoticeRequest>,
    ) -> Result<Response<GetNoticeResponse>, Status> {
        let call = Call::of(&request)?;
        let row = self.admit(&call, &request.into_inner().notice_id).await?;
        let notice = self.shown(vec![row]).await?.pop();
        Ok(Response::new(GetNoticeResponse { notice }))
    }

    async fn get_outbox(
        &self,
        request: Request<GetOutboxRequest>,
    ) -> Result<Response<GetOutboxResponse>, Status> {
        let call = Call::of(&request)?;
        call.authorise(&Resource::region())?;
        let year = request.into_inner().cycle_year;
        let conn = self.rpc.ctx.db.reader();
        let counts = notices::count(conn, year).await?;
        let operation = match notices::last_operation(conn, year).await? {
            Some(id) => self.rpc.ctx.operations.find(&id).await?,
            None => None,
        };
        let without = notices::without_address(conn, year).await?;
        let mail = self.rpc.ctx.mail.as_ref();
        Ok(Response::new(GetOutboxResponse {
            counts: counts
                .into_iter()
                .map(|(state, count)| NoticeCount {
                    state: wire_state(state).into(),
                    count: i32::try_from(count).unwrap_or(i32::MAX),
                })
                .collect(),
            mail_configured: mail.is_some(),
            mail_from: mail.map(|mail| mail.from.clone()).unwrap_or_default(),
            without_address: i32::try_from(without).unwrap_or(i32::MAX),
            operation,
        }))
    }

    async fn update_notice(
        &self,
        request: Request<UpdateNoticeRequest>,
    ) -> Result<Response<UpdateNoticeResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("notice", &input.notice_id))?;
        let (subject, body) = (input.subject.trim().to_owned(), input.body.trim().replace("\r\n", "\n"));
        let mut violations = vec![];
        if !is_filled(&subject, MAX_SUBJECT) || subject.contains(['\n', '\r']) {
            violations.push(Violation::new(
                "subject",
                "标题请写 1–120 字，不换行。",
                "A subject has 1–120 characters on one line.",
            ));
        }
        if !is_filled(&body, MAX_BODY) {
            violations.push(Violation::new("body", "正文请写 1–4000 字。", "A body has 1–4000 characters."));
        }
        if !violations.is_empty() {
            return Err(Error::Invalid(violations).into());
        }
        let wanted = NoticeVersion { notice_id: input.notice_id.clone(), etag: input.etag.clone() };
        let row = self
            .change(&grant, &input.request_id, &input, wanted, Step::Edit, move |row| {
                row.subject = subject;
                row.body = body;
            })
            .await?;
        Ok(Response::new(UpdateNoticeResponse { notice: Some(row) }))
    }

    async fn drop_notice(
        &self,
        request: Request<DropNoticeRequest>,
    ) -> Result<Response<DropNoticeResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("notice", &input.notice_id))?;
        let wanted = NoticeVersion { notice_id: input.notice_id.clone(), etag: input.etag.clone() };
        let row = self.change(&grant, &input.request_id, &input, wanted, Step::Drop, |_| {}).await?;
        Ok(Response::new(DropNoticeResponse { notice: Some(row) }))
    }

    async fn approve_notices(
        &self,
        request: Request<ApproveNoticesRequest>,
    ) -> Result<Response<ApproveNoticesResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.approve(call, request.into_inner()).await?))
    }

    async fn send_notices(
        &self,
        request: Request<SendNoticesRequest>,
    ) -> Result<Response<SendNoticesResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.send(call, request.into_inner()).await?))
    }

    async fn deliver_notices(
        &self,
        request: Request<DeliverNoticesRequest>,
    ) -> Result<Response<DeliverNoticesResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.deliver(call, request.into_inner()).await?))
    }

    async fn download_notice(
        &self,
        request: Request<DownloadNoticeRequest>,
    ) -> Result<Response<DownloadNoticeResponse>, Status> {
        let call = Call::of(&request)?;
        let row = self.admit(&call, &request.into_inner().notice_id).await?;
        let conn = self.rpc.ctx.db.reader();
        let contacts = notices::contacts(conn, vec![row.organisation_code.clone()]).await?;
        let address = contacts.get(&row.organisation_code).map(|contact| contact.address.as_str());
        let parties = self.directory.parties().await?;
        let name = parties.name(&row.organisation_code);
        let message = mail::Letter::of(&row, &name, address.unwrap_or_default(), self.rpc.ctx.mail.as_ref());
        let answer = DownloadNoticeResponse {
            data: message.as_file()?,
            file_name: format!("{}-{}.eml", row.organisation_code, row.rule_code),
        };
        Ok(Response::new(answer))
    }

    async fn set_notice_contact(
        &self,
        request: Request<SetNoticeContactRequest>,
    ) -> Result<Response<SetNoticeContactResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.set_contact(call, request.into_inner()).await?))
    }

    async fn get_notice_contact(
        &self,
        request: Request<GetNoticeContactRequest>,
    ) -> Result<Response<GetNoticeContactResponse>, Status> {
        let call = Call::of(&request)?;
        let code = request.into_inner().organisation_code;
        let contact = self.contact(&call, code).await?;
        Ok(Response::new(GetNoticeContactResponse { contact: Some(contact) }))
    }
}

impl Notices {
    /// The message of this id, if the caller may see it.
    async fn admit(&self, call: &Call, notice_id: &str) -> Result<notices::Model, Error> {
        let Some(row) = notices::find(self.rpc.ctx.db.reader(), notice_id).await? else {
            call.authorise(&Resource::new("notice", notice_id))?;
            return Err(Error::not_found("notice", notice_id));
        };
        call.authorise(&Resource::new("notice", notice_id).organisation(&row.organisation_code))?;
        // Who sees only what was approved learns nothing of a draft.
        let everything = call.visible("notice")? == zhijian_platform::Visibility::All;
        if !everything && !State::SHOWN.contains(&row.state()?) {
            return Err(Error::not_found("notice", notice_id));
        }
        Ok(row)
    }

    async fn list(&self, call: Call, input: ListNoticesRequest) -> Result<ListNoticesResponse, Error> {
        let visible = call.visible("notice")?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        if !is_storable(&input.organisation_code) {
            return Ok(ListNoticesResponse::default());
        }
        let filter = notices::Filter {
            cycle_year: (input.cycle_year != 0).then_some(input.cycle_year),
            states: input.states().filter_map(state_given).collect(),
            organisation_code: (!input.organisation_code.is_empty()).then_some(input.organisation_code),
        };
        let rows = notices::list(self.rpc.ctx.db.reader(), &page, &filter, &visible).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.notice_id.clone());
        Ok(ListNoticesResponse { notices: self.shown(rows).await?, next_page_token })
    }

    /// Messages with the names and addresses that belong to them.
    async fn shown(&self, rows: Vec<notices::Model>) -> Result<Vec<Notice>, Error> {
        let codes = rows.iter().map(|row| row.organisation_code.clone()).collect();
        let contacts = notices::contacts(self.rpc.ctx.db.reader(), codes).await?;
        let parties = self.directory.parties().await?;
        rows.into_iter()
            .map(|row| {
                let address = contacts.get(&row.organisation_code).map(|contact| contact.address.clone());
                let name = parties.name(&row.organisation_code);
                wire(row, name, address.unwrap_or_default())
            })
            .collect()
    }

    /// Changes one message by `step`, if it is still as the caller saw it.
    async fn change<Input: prost::Message>(
        &self,
        grant: &zhijian_platform::Grant,
        request_id: &str,
        input: &Input,
        wanted: NoticeVersion,
        step: Step,
        apply: impl FnOnce(&mut notices::Model) + Send + 'static,
    ) -> Result<Notice, Error> {
        let parties = self.directory.parties().await?;
        self.rpc
            .ctx
            .db
            .mutate(grant, request_id, input, move |tx| {
                Box::pin(async move {
                    let mut row = notices::get(tx.conn(), &wanted.notice_id).await?;
                    etag::check(&wanted.etag, row.version)?;
                    row.state = row.state()?.after(step)?.as_str().to_owned();
                    apply(&mut row);
                    let row = notices::save(tx.conn(), row).await?;
                    tx.audit(audited(&row.notice_id), json!({ "state": row.state, "subject": row.subject }));
                    let contacts = notices::contacts(tx.conn(), vec![row.organisation_code.clone()]).await?;
                    let address = contacts.get(&row.organisation_code).map(|contact| contact.address.clone());
                    let name = parties.name(&row.organisation_code);
                    wire(row, name, address.unwrap_or_default())
                })
            })
            .await
    }
}

/// The id of a message in the audit trail.
fn audited(notice_id: &str) -> String {
    format!("notice/{notice_id}")
}

fn wire_state(state: State) -> notice::State {
    match state {
        State::Draft => notice::State::Draft,
        State::Dropped => notice::State::Dropped,
        State::Approved => notice::State::Approved,
        State::Queued => notice::State::Queued,
        State::Sending => notice::State::Sending,
        State::Sent => notice::State::Sent,
        State::Failed => notice::State::Failed,
        State::Delivered => notice::State::Delivered,
    }
}

fn state_given(state: notice::State) -> Option<State> {
    State::ALL.into_iter().find(|known| wire_state(*known) == state)
}

fn wire(row: notices::Model, name: Text, address: String) -> Result<Notice, Error> {
    let state = row.state()?;
    let failure =
        (state == State::Failed).then(|| Text::new(row.failure_zh.clone(), row.failure_en.clone()).into());
    Ok(Notice {
        state: wire_state(state).into(),
        organisation_name: Some(name.into()),
        etag: etag::of(row.version),
        submission_ids: row
            .submission_ids
            .split(',')
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect(),
        failure,
        address,
        notice_id: row.notice_id,
        cycle_year: row.cycle_year,
        rule_code: row.rule_code,
        organisation_code: row.organisation_code,
        language: row.language,
        subject: row.subject,
        body: row.body,
        attempts: row.attempts,
        send_after: row.send_after.map(timestamp),
        create_time: Some(timestamp(row.create_time)),
        approve_time: row.approve_time.map(timestamp),
        sent_time: row.sent_time.map(timestamp),
    })
}
