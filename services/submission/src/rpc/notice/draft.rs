//! Drafts by the rules, and their approval.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use serde_json::json;
use zhijian_platform::{Call, Error, Lang, Page, Resource, Text, Tx, date_in_china, etag, id};
use zhijian_proto::submission::v1::{
    ApproveNoticesRequest, ApproveNoticesResponse, DraftNoticesRequest, DraftNoticesResponse, NoticeVersion,
};

use super::{MAX_NOTICES, Notices, audited};
use crate::{
    domain::{
        deadline::Deadline,
        notice::{Line, NOT_BEGUN, Occasion, State, Step, write},
        roster,
    },
    store::{
        cycle as cycles,
        notice::{self as notices, Model},
        progress::{self, Filter, Order, Question},
    },
};

/// How many lines one query fetches.
const PAGE: i32 = 1000;

/// The reports of one organisation that a rule concerns.
struct Concern {
    rule: usize,
    due: NaiveDate,
    began: NaiveDate,
    lines: Vec<Line>,
    submission_ids: Vec<String>,
}

impl Notices {
    pub(super) async fn draft(
        &self,
        call: Call,
        input: DraftNoticesRequest,
    ) -> Result<DraftNoticesResponse, Error> {
        let grant = call.authorise(&Resource::new("outbox", input.cycle_year.to_string()))?;
        let cycle = self.rpc.cycle(input.cycle_year).await?;
        cycle.state()?.collecting()?;
        let rows = self.drafts(&cycle).await?;
        self.rpc
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| Box::pin(add(tx, cycle.year, rows)))
            .await
    }

    /// Drafts what the rules say today for every year that collects. A rule that has spoken stays silent.
    ///
    /// # Errors
    /// The database's own, or the identity service's.
    pub async fn draft_all(&self) -> Result<(), Error> {
        let page = Page::parse(PAGE, "")?;
        for cycle in cycles::list(self.rpc.ctx.db.reader(), &page).await? {
            if cycle.state()?.collecting().is_err() {
                continue;
            }
            let rows = self.drafts(&cycle).await?;
            let (year, lock) = (cycle.year, format!("outbox/{}", cycle.year));
            self.rpc
                .ctx
                .db
                .mutate_as_system("notice.draft", &lock, move |tx| Box::pin(add(tx, year, rows)))
                .await?;
        }
        Ok(())
    }

    /// What the rules would say today, one message an organisation.
    async fn drafts(&self, cycle: &cycles::Model) -> Result<Vec<Model>, Error> {
        let now = self.rpc.ctx.db.clock().now();
        let today = date_in_china(now);
        let catalogue = self.rpc.catalogue(cycle)?;
        let parties = self.directory.parties().await?;
        let duties = roster::duties(&catalogue, parties.all());
        let question =
            Question { cycle_year: cycle.year, duties: &duties, due: cycle.due_time, now, idle_since: now };
        let filter = Filter { states: vec![NOT_BEGUN, "draft", "approved", "returned"], ..Filter::default() };
        let mut concerns: BTreeMap<String, Concern> = BTreeMap::new();
        let mut page_token = String::new();
        loop {
            let page = Page::parse(PAGE, &page_token)?;
            let conn = self.rpc.ctx.db.reader();
            let lines = progress::list(conn, &question, &filter, Order::Organisation, false, &page).await?;
            let (lines, next) = page.finish(lines, progress::Line::key);
            for line in lines {
                // A school that was given more time is reminded by its own day.
                let Some(due_time) = Deadline::of(cycle.due_time, line.own_due_time, cycle.grace()).due
                else {
                    continue;
                };
                let due = date_in_china(due_time);
                let calendar = &self.rpc.ctx.calendar;
                let Some((rule, began)) = self.reminders.holding(calendar, &line.state, due, today) else {
                    continue;
                };
                let at = self.reminders.rules.iter().position(|known| known.code == rule.code).unwrap_or(0);
                let concern = concerns.entry(line.organisation_code.clone()).or_insert_with(|| Concern {
                    rule: at,
                    due,
                    began,
                    lines: vec![],
                    submission_ids: vec![],
                });
                // One message for all its reports, in the words of the rule that began last.
                if began > concern.began {
                    (concern.rule, concern.began, concern.due) = (at, began, due);
                }
                let kind = catalogue.kind(&line.report_kind).map(|kind| kind.name.clone());
                concern.lines.push(Line {
                    kind: kind
                        .unwrap_or_else(|| Text::new(line.report_kind.clone(), line.report_kind.clone())),
                    subject: parties.name(&line.subject_code),
                    state: line.state,
                    filled: line.filled_cells,
                    required: line.required_cells,
                });
                concern.submission_ids.extend(line.submission_id);
            }
            page_token = next;
            if page_token.is_empty() {
                break;
            }
        }
        let contacts =
            notices::contacts(self.rpc.ctx.db.reader(), concerns.keys().cloned().collect()).await?;
        let rows = concerns.into_iter().filter_map(|(organisation_code, concern)| {
            let rule = self.reminders.rules.get(concern.rule)?;
            let chosen = contacts.get(&organisation_code).map(|contact| contact.language.clone());
            let language = chosen.unwrap_or_else(|| self.reminders.language.clone());
            let occasion = Occasion {
                organisation: parties.name(&organisation_code),
                cycle: Text::new(cycle.name_zh.clone(), cycle.name_en.clone()),
                due: concern.due,
                today,
                lines: concern.lines,
            };
            let lang = if language == "en" { Lang::En } else { Lang::Zh };
            let (subject, body) = write(&self.reminders, rule, lang, &occasion);
            Some(Model {
                notice_id: id::new("ntc"),
                cycle_year: cycle.year,
                organisation_code,
                rule_code: rule.code.clone(),
                due_day: concern.due.to_string(),
                language,
                subject,
                body,
                submission_ids: concern.submission_ids.join(","),
                state: State::Draft.as_str().to_owned(),
                attempts: 0,
                operation_id: String::new(),
                failure_zh: String::new(),
                failure_en: String::new(),
                send_after: None,
                create_time: now,
                approve_time: None,
                sent_time: None,
                version: 1,
            })
        });
        Ok(rows.collect())
    }

    pub(super) async fn approve(
        &self,
        call: Call,
        input: ApproveNoticesRequest,
    ) -> Result<ApproveNoticesResponse, Error> {
        let grant = call.authorise(&Resource::new("outbox", ""))?;
        let wanted = several(&input.notices)?;
        let parties = self.directory.parties().await?;
        let (mailing, next) =
            (self.rpc.ctx.mail.is_some(), self.next_working_moment(self.rpc.ctx.db.clock().now()));
        let operations = self.rpc.ctx.operations.clone();
        let rows = self
            .rpc
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut rows = vec![];
                    for wanted in wanted {
                        let mut row = notices::get(tx.conn(), &wanted.notice_id).await?;
                        etag::check(&wanted.etag, row.version)?;
                        row.state = row.state()?.after(Step::Approve)?.as_str().to_owned();
                        row.approve_time = Some(tx.now());
                        rows.push(row);
                    }
                    let codes = rows.iter().map(|row| row.organisation_code.clone()).collect();
                    let contacts = notices::contacts(tx.conn(), codes).await?;
                    let address = |row: &Model| {
                        let contact = contacts.get(&row.organisation_code);
                        contact.map(|contact| contact.address.clone()).unwrap_or_default()
                    };
                    let mut queued = vec![];
                    for row in &mut rows {
                        if mailing && !address(row).is_empty() {
                            row.state = row.state()?.after(Step::Queue)?.as_str().to_owned();
                            row.send_after = Some(next);
                            queued.push(row.notice_id.clone());
                        }
                    }
                    super::send::enqueue(tx, &operations, &mut rows, &queued).await?;
                    let mut answers = vec![];
                    for row in rows {
                        let row = notices::save(tx.conn(), row).await?;
                        tx.audit(audited(&row.notice_id), json!({ "state": row.state }));
                        let (name, address) = (parties.name(&row.organisation_code), address(&row));
                        answers.push(super::wire(row, name, address)?);
                    }
                    Ok(ApproveNoticesResponse { notices: answers })
                })
            })
            .await?;
        self.rpc.ctx.operations.wake();
        Ok(rows)
    }
}

/// Puts drafts into the outbox; answers how many are new.
pub(super) async fn add(
    tx: &Tx<'_>,
    cycle_year: i32,
    rows: Vec<Model>,
) -> Result<DraftNoticesResponse, Error> {
    let all = rows.len() as u64;
    let rows: Vec<Model> = rows.into_iter().map(|row| Model { create_time: tx.now(), ..row }).collect();
    let drafted = if rows.is_empty() { 0 } else { notices::insert_new(tx.conn(), rows).await? };
    if drafted == 0 {
        tx.unchanged();
    } else {
        tx.audit(format!("outbox/{cycle_year}"), json!({ "drafted": drafted }));
    }
    let count = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
    Ok(DraftNoticesResponse { drafted: count(drafted), covered: count(all.saturating_sub(drafted)) })
}

/// The messages of a call, each named once.
pub(super) fn several(given: &[NoticeVersion]) -> Result<Vec<NoticeVersion>, Error> {
    let distinct: HashSet<&str> = given.iter().map(|one| one.notice_id.as_str()).collect();
    if given.is_empty() || given.len() > MAX_NOTICES || distinct.len() < given.len() {
        return Err(Error::invalid(
            "notices",
            "一次请选择 1–500 条消息，每条一次。",
            "Choose 1–500 messages, each once.",
        ));
    }
    Ok(given.to_vec())
}
