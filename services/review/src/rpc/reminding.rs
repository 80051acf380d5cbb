//! Schools are reminded of their rectifications, and of their steps in procedures, through the outbox upstream: once before a
//! date, once after it.

use std::{collections::BTreeMap, time::Duration};

use chrono::NaiveDate;
use zhijian_platform::{Error, Text, date_in_china, id};
use zhijian_proto::{review::v1::Reminder, submission::v1::PostNoticeRequest};

use super::Review;
use crate::{
    domain::{
        rectification::State,
        reminder::{Occasion, StepOccasion, reminds, working_days_left},
        scheme::{Actor, Scheme},
    },
    store,
};

/// How long after the start schools are reminded first, and how often then.
const FIRST: Duration = Duration::from_secs(60);
const OFTEN: Duration = Duration::from_secs(3600);

/// A message as the outbox is to have it.
struct Message {
    cycle_year: i32,
    organisation_code: String,
    rule_code: String,
    due: NaiveDate,
    left: i32,
    said: (Text, Text),
}

impl Review {
    /// Drafts what schools are to be reminded of today in their rectifications; answers every message, new or not. With
    /// `dry_run` nothing is drafted.
    ///
    /// # Errors
    /// The database's own, or the submission service's. What was drafted before stays.
    pub(super) async fn remind_of_rectifications(&self, dry_run: bool) -> Result<Vec<Reminder>, Error> {
        let conn = self.ctx.db.reader();
        let awaited = store::rectification::awaited(conn).await?;
        let rounds = store::round::by_ids(conn, awaited.iter().map(|one| one.round_id.clone())).await?;
        let entries = store::entry::by_ids(conn, awaited.iter().map(|one| one.entry_id.clone())).await?;
        let today = self.today();
        // One message a school, year, occasion and day.
        let mut found: BTreeMap<(i32, &str, Occasion, NaiveDate), Vec<Text>> = BTreeMap::new();
        for one in &awaited {
            let (Some(round), Some(entry), Some(due)) =
                (rounds.get(&one.round_id), entries.get(&one.entry_id), one.due())
            else {
                continue;
            };
            if self.speaks(&round.scheme, today, due) {
                let occasion = Occasion { measures: one.state == State::Mending, late: today > due };
                let key = (round.cycle_year, one.organisation_code.as_str(), occasion, due);
                found.entry(key).or_default().push(entry.subject.name.clone());
            }
        }
        let messages = found.into_iter().map(|((cycle_year, school, occasion, due), programmes)| {
            let left = working_days_left(&self.ctx.calendar, today, due);
            Message {
                cycle_year,
                organisation_code: school.to_owned(),
                rule_code: occasion.code().to_owned(),
                due,
                left,
                said: occasion.message(due, left, &programmes),
            }
        });
        self.post(messages.collect(), dry_run).await
    }

    /// The same for the steps of procedures that schools take, or who supervises them.
    ///
    /// # Errors
    /// The database's own, or the submission service's. What was drafted before stays.
    pub(super) async fn remind_of_items(&self, dry_run: bool) -> Result<Vec<Reminder>, Error> {
        let conn = self.ctx.db.reader();
        let awaited = store::item::awaited(conn).await?;
        let ids = awaited.iter().map(|item| item.procedure_id.clone());
        let procedures = store::procedure::by_ids(conn, ids).await?;
        let today = self.today();
        // One message an organisation, procedure and day.
        let mut found: BTreeMap<(&str, &str, NaiveDate), Vec<Text>> = BTreeMap::new();
        for item in &awaited {
            let (Some(procedure), Some(due)) = (procedures.get(&item.procedure_id), item.due_date) else {
                continue;
            };
            let steps = procedure.steps()?;
            let Some(step) = item.step(steps).filter(|step| !step.review) else { continue };
            let whose = match item.actor(steps) {
                Some(Actor::Supervisor) => &item.supervisor_code,
                _ => &item.organisation_code,
            };
            if self.speaks(&procedure.scheme, today, due) {
                let key = (whose.as_str(), item.procedure_id.as_str(), due);
                let (title, step) = (&item.subject.name, &step.name);
                let line =
                    Text::new(format!("{}（{}）", title.zh, step.zh), format!("{} ({})", title.en, step.en));
                found.entry(key).or_default().push(line);
            }
        }
        let messages = found.into_iter().filter_map(|((whose, procedure_id, due), items)| {
            let procedure = procedures.get(procedure_id)?;
            let left = working_days_left(&self.ctx.calendar, today, due);
            let occasion = StepOccasion { procedure: &procedure.name, late: today > due };
            Some(Message {
                cycle_year: procedure.cycle_year,
                organisation_code: whose.to_owned(),
                rule_code: occasion.code(procedure.scheme.code()),
                due,
                left,
                said: occasion.message(due, left, &items),
            })
        });
        self.post(messages.collect(), dry_run).await
    }

    fn today(&self) -> NaiveDate {
        date_in_china(self.ctx.db.clock().now())
    }

    /// Whether a scheme speaks of that day today.
    fn speaks(&self, scheme: &Scheme, today: NaiveDate, due: NaiveDate) -> bool {
        let left = working_days_left(&self.ctx.calendar, today, due);
        reminds(left, today > due, scheme.definition().review.follow_up.remind_working_days)
    }

    /// Puts messages into the outbox that it has not had yet, or asks which it has not had.
    async fn post(&self, messages: Vec<Message>, dry_run: bool) -> Result<Vec<Reminder>, Error> {
        let mut reminders = vec![];
        for Message { cycle_year, organisation_code, rule_code, due, left, said: (subject, body) } in messages
        {
            let mut reminder = Reminder {
                cycle_year,
                organisation_code,
                rule_code,
                due_date: due.to_string(),
                working_days_left: left,
                subject: Some(subject.into()),
                body: Some(body.into()),
                drafted: false,
            };
            // That a school is told once is the outbox's own rule; what is asked again must not be answered from memory.
            let request = PostNoticeRequest {
                request_id: id::derived_request_id(&id::new("rmd")),
                cycle_year,
                organisation_code: reminder.organisation_code.clone(),
                rule_code: reminder.rule_code.clone(),
                due_day: reminder.due_date.clone(),
                subject: reminder.subject.clone(),
                body: reminder.body.clone(),
                dry_run,
            };
            reminder.drafted = self.ctx.clients.notices().post_notice(request).await?.into_inner().drafted;
            reminders.push(reminder);
        }
        reminders.sort_by(|one, other| {
            let key = |one: &Reminder| (-one.cycle_year, one.organisation_code.clone(), one.due_date.clone());
            key(one).cmp(&key(other))
        });
        Ok(reminders)
    }

    /// Reminds by itself, until the process stops.
    pub(super) fn remind_hourly(&self) {
        let review = self.clone();
        self.ctx.tasks.spawn(async move {
            let stop = review.ctx.shutdown.clone();
            let mut wait = FIRST;
            while stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_some() {
                wait = OFTEN;
                if let Some(Err(error)) =
                    stop.run_until_cancelled(review.remind_of_rectifications(false)).await
                {
                    tracing::warn!(%error, "reminders of rectifications were put off");
                }
                if let Some(Err(error)) = stop.run_until_cancelled(review.remind_of_items(false)).await {
                    tracing::warn!(%error, "reminders of steps in procedures were put off");
                }
            }
        });
    }
}

/// How many of the messages are new, and how many are not.
pub(super) fn tally(reminders: &[Reminder]) -> (i32, i32) {
    let drafted = reminders.iter().filter(|one| one.drafted).count();
    (super::convert::count(drafted), super::convert::count(reminders.len() - drafted))
}
