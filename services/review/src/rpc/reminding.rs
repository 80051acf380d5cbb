//! Schools are reminded of their rectifications through the outbox upstream: once before a date, once after it.

use std::{collections::BTreeMap, time::Duration};

use chrono::NaiveDate;
use zhijian_platform::{Error, Text, date_in_china, id};
use zhijian_proto::submission::v1::PostNoticeRequest;

use super::Review;
use crate::{
    domain::{
        rectification::State,
        reminder::{Occasion, reminds, working_days_left},
    },
    store,
};

/// How long after the start schools are reminded first, and how often then.
const FIRST: Duration = Duration::from_secs(60);
const OFTEN: Duration = Duration::from_secs(3600);

impl Review {
    /// Drafts what schools are to be reminded of today; answers how many messages are new, and how many are not.
    ///
    /// # Errors
    /// The database's own, or the submission service's. What was drafted before stays.
    pub(super) async fn remind(&self) -> Result<(usize, usize), Error> {
        let conn = self.ctx.db.reader();
        let awaited = store::rectification::awaited(conn).await?;
        let rounds = store::round::by_ids(conn, awaited.iter().map(|one| one.round_id.clone())).await?;
        let entries = store::entry::by_ids(conn, awaited.iter().map(|one| one.entry_id.clone())).await?;
        let today = date_in_china(self.ctx.db.clock().now());
        // One message a school, year, occasion and day.
        let mut messages: BTreeMap<(i32, &str, Occasion, NaiveDate), Vec<Text>> = BTreeMap::new();
        for one in &awaited {
            let (Some(round), Some(entry), Some(due)) =
                (rounds.get(&one.round_id), entries.get(&one.entry_id), one.due())
            else {
                continue;
            };
            let left = working_days_left(&self.ctx.calendar, today, due);
            let late = today > due;
            if reminds(left, late, round.scheme.definition().review.follow_up.remind_working_days) {
                let occasion = Occasion { measures: one.state == State::Mending, late };
                let key = (round.cycle_year, one.organisation_code.as_str(), occasion, due);
                messages.entry(key).or_default().push(entry.subject.name.clone());
            }
        }
        let (mut drafted, mut covered) = (0, 0);
        for ((cycle_year, school, occasion, due), programmes) in messages {
            let left = working_days_left(&self.ctx.calendar, today, due);
            let (subject, body) = occasion.message(due, left, &programmes);
            // That a school is told once is the outbox's own rule; what is asked again must not be answered from memory.
            let request = PostNoticeRequest {
                request_id: id::derived_request_id(&id::new("rmd")),
                cycle_year,
                organisation_code: school.to_owned(),
                rule_code: occasion.code().to_owned(),
                due_day: due.to_string(),
                subject: Some(subject.into()),
                body: Some(body.into()),
            };
            match self.ctx.clients.notices().post_notice(request).await?.into_inner().drafted {
                true => drafted += 1,
                false => covered += 1,
            }
        }
        Ok((drafted, covered))
    }

    /// Reminds by itself, until the process stops.
    pub(super) fn remind_hourly(&self) {
        let review = self.clone();
        self.ctx.tasks.spawn(async move {
            let stop = review.ctx.shutdown.clone();
            let mut wait = FIRST;
            while stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_some() {
                wait = OFTEN;
                if let Some(Err(error)) = stop.run_until_cancelled(review.remind()).await {
                    tracing::warn!(%error, "reminders of rectifications were put off");
                }
            }
        });
    }
}
