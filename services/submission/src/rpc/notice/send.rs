//! Mailing: queued → sending → sent or failed. A message is marked before it is handed over, so that after a crash it is known
//! to have been on its way; it is then left to a person, and never sent again by itself.

use std::time::Duration;

use chrono::{DateTime, Days, FixedOffset, NaiveTime, TimeZone, Utc};
use serde_json::json;
use zhijian_platform::{
    Call, Error, Resource, Text, Tx, date_in_china, etag,
    operations::{Job, Operations},
};
use zhijian_proto::{
    common::v1::operation,
    submission::v1::{SendNoticesRequest, SendNoticesResponse},
};

use super::{
    Notices, audited,
    draft::several,
    mail::{self, Letter, Outcome, Post},
};
use crate::{
    domain::notice::{State, Step},
    store::notice::{self as notices, Model},
};

/// The kind of its operations.
const OPERATION: &str = "submission.notices.send";
/// How long to wait before trying again, each time.
const PATIENCE: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];
/// When offices open, in hours of China's time.
const OPENING: u32 = 9;
/// How many holidays may follow each other.
const LONGEST_HOLIDAY: u32 = 60;

impl Notices {
    pub(super) async fn send(
        &self,
        call: Call,
        input: SendNoticesRequest,
    ) -> Result<SendNoticesResponse, Error> {
        let grant = call.authorise(&Resource::new("outbox", ""))?;
        let wanted = several(&input.notices)?;
        if self.rpc.ctx.mail.is_none() {
            return Err(Error::illegal_state(
                "mail",
                "还没有配置邮件服务器。消息批准后已显示在各单位的页面上，也可以下载为邮件文件另行发送。",
                "No mail server is configured. Approved messages are on the organisations' pages; they can be downloaded \
                 as mail files.",
            ));
        }
        let next = self.next_working_moment(self.rpc.ctx.db.clock().now());
        let parties = self.directory.parties().await?;
        let operations = self.rpc.ctx.operations.clone();
        let response = self
            .rpc
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut rows = vec![];
                    for wanted in wanted {
                        let mut row = notices::get(tx.conn(), &wanted.notice_id).await?;
                        etag::check(&wanted.etag, row.version)?;
                        row.state = row.state()?.after(Step::Queue)?.as_str().to_owned();
                        row.send_after = Some(next);
                        row.operation_id.clear();
                        rows.push(row);
                    }
                    let codes = rows.iter().map(|row| row.organisation_code.clone()).collect();
                    let contacts = notices::contacts(tx.conn(), codes).await?;
                    let mut answers = vec![];
                    let queued: Vec<String> = rows.iter().map(|row| row.notice_id.clone()).collect();
                    enqueue(tx, &operations, &mut rows, &queued).await?;
                    for row in rows {
                        let contact = contacts.get(&row.organisation_code);
                        let address = contact.map(|contact| contact.address.clone()).unwrap_or_default();
                        let name = parties.name(&row.organisation_code);
                        if address.is_empty() {
                            return Err(Error::illegal_state(
                                format!("notice-contact/{}", row.organisation_code),
                                format!("{}还没有登记邮箱，请先在“收件邮箱”中填写。", name.zh),
                                format!("{} has no mail address yet; set one first.", name.en),
                            ));
                        }
                        let row = notices::save(tx.conn(), row).await?;
                        tx.audit(audited(&row.notice_id), json!({ "state": row.state }));
                        answers.push(super::wire(row, name, address)?);
                    }
                    Ok(SendNoticesResponse { notices: answers })
                })
            })
            .await?;
        self.rpc.ctx.operations.wake();
        Ok(response)
    }

    /// Now, if today is worked; else the opening of the next working day.
    pub(super) fn next_working_moment(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let calendar = &self.rpc.ctx.calendar;
        let mut day = date_in_china(now);
        if calendar.is_working_day(day) {
            return now;
        }
        for _ in 0..LONGEST_HOLIDAY {
            day = day.checked_add_days(Days::new(1)).unwrap_or(day);
            if calendar.is_working_day(day) {
                break;
            }
        }
        let opening = NaiveTime::from_hms_opt(OPENING, 0, 0).unwrap_or_default();
        FixedOffset::east_opt(8 * 3600)
            .and_then(|china| china.from_local_datetime(&day.and_time(opening)).single())
            .map_or(now, |time| time.with_timezone(&Utc))
    }

    /// Mails what an operation was queued for.
    async fn run(&self, job: Job) -> Result<(), Error> {
        let conn = self.rpc.ctx.db.reader();
        // An earlier run of this operation was cut off while these were on their way.
        for row in notices::of_operation(conn, &job.operation_id, State::Sending).await? {
            let reason = mail::unknown("服务重启 / restarted");
            self.settle(&row.notice_id, Step::Fail, Some(reason)).await?;
        }
        let mut waiting = notices::of_operation(conn, &job.operation_id, State::Queued).await?;
        let Some(mail) = self.rpc.ctx.mail.clone() else {
            let reason = Text::new("邮件服务器的配置已取消。", "The mail server is not configured any more.");
            return self.fail_all(waiting, &reason).await;
        };
        let post = Post::open(&mail).map_err(Error::internal)?;
        let total = i32::try_from(waiting.len()).unwrap_or(i32::MAX);
        let (mut done, mut sent, mut failed) = (0, 0, 0);
        for turn in 0..=PATIENCE.len() {
            let wait = PATIENCE.get(turn);
            let note = format_note(sent, failed, waiting.len());
            job.progress(done, total, note).await?;
            // Nothing is marked as on its way while the server cannot be reached.
            if let Err(reason) = post.reach().await {
                let Some(wait) = wait else {
                    failed += waiting.len();
                    self.fail_all(waiting, &reason).await?;
                    waiting = vec![];
                    break;
                };
                tokio::time::sleep(*wait).await;
                continue;
            }
            let mut put_off = vec![];
            for row in waiting {
                let Some((row, address)) = self.claim(&row.notice_id, &job.operation_id).await? else {
                    done += 1;
                    continue;
                };
                let name = self.directory.parties().await?.name(&row.organisation_code);
                let letter = Letter::of(&row, &name, &address, Some(&mail));
                match post.send(&letter).await? {
                    Outcome::Taken => {
                        sent += 1;
                        self.settle(&row.notice_id, Step::Arrive, None).await?;
                    }
                    Outcome::PutOff(_) if wait.is_some() => {
                        self.settle(&row.notice_id, Step::PutBack, None).await?;
                        put_off.push(row);
                        continue;
                    }
                    Outcome::PutOff(reason) | Outcome::Refused(reason) | Outcome::Unknown(reason) => {
                        failed += 1;
                        self.settle(&row.notice_id, Step::Fail, Some(reason)).await?;
                    }
                }
                done += 1;
                job.progress(done, total, format_note(sent, failed, 0)).await?;
            }
            waiting = put_off;
            match wait {
                Some(wait) if !waiting.is_empty() => tokio::time::sleep(*wait).await,
                _ => break,
            }
        }
        job.progress(total, total, format_note(sent, failed, waiting.len())).await
    }

    async fn fail_all(&self, rows: Vec<Model>, reason: &Text) -> Result<(), Error> {
        for row in rows {
            self.settle(&row.notice_id, Step::Fail, Some(reason.clone())).await?;
        }
        Ok(())
    }

    /// Marks a message as on its way; nothing if it is somebody else's now. One without an address is settled at once.
    async fn claim(&self, notice_id: &str, operation_id: &str) -> Result<Option<(Model, String)>, Error> {
        let (id, operation_id) = (notice_id.to_owned(), operation_id.to_owned());
        self.rpc
            .ctx
            .db
            .mutate_as_system("notice.send", &audited(notice_id), move |tx| {
                Box::pin(async move {
                    let mut row = notices::get(tx.conn(), &id).await?;
                    if row.state()? != State::Queued || row.operation_id != operation_id {
                        tx.unchanged();
                        return Ok(None);
                    }
                    let contacts = notices::contacts(tx.conn(), vec![row.organisation_code.clone()]).await?;
                    let contact = contacts.get(&row.organisation_code);
                    let address = contact.map(|contact| contact.address.clone()).unwrap_or_default();
                    if address.is_empty() {
                        row.state = row.state()?.after(Step::Fail)?.as_str().to_owned();
                        "该单位没有登记邮箱。".clone_into(&mut row.failure_zh);
                        "The organisation has no mail address.".clone_into(&mut row.failure_en);
                    } else {
                        row.state = row.state()?.after(Step::Begin)?.as_str().to_owned();
                        row.attempts += 1;
                    }
                    let row = notices::save(tx.conn(), row).await?;
                    tx.audit(audited(&id), json!({ "state": row.state, "attempts": row.attempts }));
                    Ok((!address.is_empty()).then_some((row, address)))
                })
            })
            .await
    }

    /// Records what became of a message.
    async fn settle(&self, notice_id: &str, step: Step, reason: Option<Text>) -> Result<(), Error> {
        let id = notice_id.to_owned();
        self.rpc
            .ctx
            .db
            .mutate_as_system("notice.send", &audited(notice_id), move |tx| {
                Box::pin(async move {
                    let mut row = notices::get(tx.conn(), &id).await?;
                    let next = row.state()?.after(step)?;
                    row.state = next.as_str().to_owned();
                    let reason = reason.unwrap_or_else(|| Text::new("", ""));
                    (row.failure_zh, row.failure_en) = (reason.zh, reason.en);
                    if next == State::Sent {
                        row.sent_time = Some(tx.now());
                    }
                    tx.audit(audited(&id), json!({ "state": row.state, "reason": row.failure_zh }));
                    notices::save(tx.conn(), row).await?;
                    Ok(())
                })
            })
            .await
    }
}

fn format_note(sent: usize, failed: usize, waiting: usize) -> Text {
    Text::new(
        format!("已发 {sent}，失败 {failed}，等待 {waiting}"),
        format!("{sent} sent, {failed} failed, {waiting} waiting"),
    )
}

/// Queues an operation for the messages among `rows` that are named and whose time has come; the others wait for
/// [`wake_due`].
pub(super) async fn enqueue(
    tx: &Tx<'_>,
    operations: &Operations,
    rows: &mut [Model],
    named: &[String],
) -> Result<(), Error> {
    let ready =
        |row: &Model| named.contains(&row.notice_id) && row.send_after.is_some_and(|after| after <= tx.now());
    let Some(first) = rows.iter().find(|row| ready(row)) else { return Ok(()) };
    let resource = format!("outbox/{}", first.cycle_year);
    let operation = operations.enqueue(tx, OPERATION, &resource, vec![]).await?;
    for row in rows.iter_mut().filter(|row| ready(row)) {
        row.operation_id.clone_from(&operation.operation_id);
    }
    Ok(())
}

/// Does the work of mailing. Repeatable: see [`Notices::run`].
pub fn handle(notices: &Notices) {
    let worker = notices.clone();
    notices.rpc.ctx.operations.handle(OPERATION, move |job| {
        let worker = worker.clone();
        async move { worker.run(job).await }
    });
}

/// Queues an operation for messages whose time has come and that no live operation has in hand.
///
/// # Errors
/// The database's own.
pub async fn wake_due(notices: &Notices) -> Result<(), Error> {
    let mut due = vec![];
    for row in notices::due(notices.rpc.ctx.db.reader(), notices.rpc.ctx.db.clock().now()).await? {
        let operation = match row.operation_id.as_str() {
            "" => None,
            id => notices.rpc.ctx.operations.find(id).await?,
        };
        let live = operation.is_some_and(|operation| {
            matches!(operation.state(), operation::State::Queued | operation::State::Running)
        });
        if !live {
            due.push(row.notice_id);
        }
    }
    if due.is_empty() {
        return Ok(());
    }
    let operations = notices.rpc.ctx.operations.clone();
    notices
        .rpc
        .ctx
        .db
        .mutate_as_system("notice.send", "outbox/", move |tx| {
            Box::pin(async move {
                let mut rows = vec![];
                for id in &due {
                    let row = notices::get(tx.conn(), id).await?;
                    if row.state()? == State::Queued {
                        rows.push(row);
                    }
                }
                tx.unchanged();
                enqueue(tx, &operations, &mut rows, &due).await?;
                for row in rows {
                    notices::save(tx.conn(), row).await?;
                }
                Ok(())
            })
        })
        .await?;
    notices.rpc.ctx.operations.wake();
    Ok(())
}
