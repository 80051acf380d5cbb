//! A language model's suggestions: asked for once a sheet is in, kept beside it, compared with it.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::json;
use zhijian_platform::{Error, time::timestamp};
use zhijian_proto::review::v1::{self as wire, AbsentCount, GetSuggestionAgreementResponse, MarkAgreement};

use super::{
    super::{Review, convert::count, evidence},
    Model, prompt,
    reading::Reading,
};
use crate::{
    domain::{
        assignment::Assignment,
        concord::{Concord, concord},
        round::Round,
        scheme::Scheme,
        suggestion::{self, Absent, Suggestion},
    },
    store,
};

/// How it is called in the audit trail.
const ACTION: &str = "review.suggest";

impl Review {
    /// The name of the model that is asked about sheets of this scheme, if one is.
    pub(in super::super) fn asks(&self, scheme: &Scheme) -> Option<String> {
        let model = self.model.as_ref().filter(|_| scheme.definition().review.assistance.model);
        model.map(|model| model.name().to_owned())
    }

    /// Asks the model about a sheet that has come in, aside: nobody waits for it.
    pub(in super::super) fn ask(&self, assignment_id: String) {
        let Some(model) = self.model.clone() else { return };
        let review = self.clone();
        self.ctx.tasks.spawn(async move {
            let stopped = review.ctx.shutdown.clone();
            let asked = stopped.run_until_cancelled(review.suggest(&model, &assignment_id)).await;
            if let Some(Err(error)) = asked {
                tracing::warn!(%error, assignment_id, "no suggestion could be kept");
            }
            // Whoever waits for work that is done aside looks again.
            review.ctx.operations.wake();
        });
    }

    /// Asks about the sheets that a stop has left waiting, one after the other.
    pub(in super::super) fn ask_again(&self) {
        let Some(model) = self.model.clone() else { return };
        let review = self.clone();
        self.ctx.tasks.spawn(async move {
            let all = async {
                for id in store::suggestion::waiting(review.ctx.db.reader()).await? {
                    review.suggest(&model, &id).await?;
                }
                Ok::<_, Error>(())
            };
            if let Some(Err(error)) = review.ctx.shutdown.clone().run_until_cancelled(all).await {
                tracing::warn!(%error, "the sheets that wait for suggestions cannot be read");
            }
        });
    }

    async fn suggest(&self, model: &Model, assignment_id: &str) -> Result<(), Error> {
        let conn = self.ctx.db.reader();
        let rows = store::suggestion::of(conn, assignment_id).await?;
        let waiting = rows.iter().filter(|row| row.absent.as_deref() == Some(Absent::Waiting.as_str()));
        let marks: Vec<String> = waiting.map(|row| row.mark_code.clone()).collect();
        if marks.is_empty() {
            return Ok(());
        }
        let (seat, round, entry) = self.assignment(assignment_id).await?;
        let suggested = match self.asked_before(model, &seat).await? {
            Some(known) => marks.iter().map(|mark| (mark.clone(), known_or_silent(&known, mark))).collect(),
            None => self.answer(model, &round, &entry.organisation_code, &marks).await?,
        };
        let id = assignment_id.to_owned();
        let name = model.name().to_owned();
        let given = suggested.values().filter(|one| one.points.is_ok()).count();
        self.ctx
            .db
            .mutate_as_system(ACTION, &format!("assignment/{assignment_id}"), move |tx| {
                Box::pin(async move {
                    tx.audit(
                        format!("assignment/{id}"),
                        json!({"suggested": given, "absent": suggested.len() - given, "model": name}),
                    );
                    store::suggestion::settle(tx, &id, &suggested).await
                })
            })
            .await
    }

    /// What the same model has said of the entry beside another's sheet.
    async fn asked_before(
        &self,
        model: &Model,
        seat: &Assignment,
    ) -> Result<Option<BTreeMap<String, Suggestion>>, Error> {
        let rows = store::suggestion::of_entry(self.ctx.db.reader(), &seat.entry_id).await?;
        let mut known = BTreeMap::new();
        for row in rows.iter().filter(|row| row.model == model.name() && row.points.is_some()) {
            known.insert(row.mark_code.clone(), row.suggestion()?);
        }
        Ok(Some(known).filter(|known| !known.is_empty()))
    }

    async fn answer(
        &self,
        model: &Model,
        round: &Round,
        school: &str,
        marks: &[String],
    ) -> Result<BTreeMap<String, Suggestion>, Error> {
        let clients = &self.ctx.clients;
        let reading = Reading::gather(clients, round.cycle_year, school).await?;
        let passages = reading.quoted(reading.passages(&round.scheme));
        let values = evidence::gather(clients, &round.scheme, round.cycle_year, school).await?.values;
        if passages.is_empty() && values.is_empty() {
            return Ok(suggestion::absent(marks, Absent::NoReport));
        }
        let question = prompt::question(&round.scheme, &passages, &values);
        Ok(match model.ask(prompt::SYSTEM, &question).await {
            Ok(answer) => suggestion::read(&answer, marks),
            Err(why) => suggestion::absent(marks, why),
        })
    }

    /// What was suggested for a sheet, once it is in.
    pub(super) async fn suggestions_of(
        &self,
        seat: &Assignment,
        round: &Round,
    ) -> Result<Vec<wire::Suggestion>, Error> {
        if !seat.is_submitted() {
            return Ok(vec![]);
        }
        let rows = store::suggestion::of(self.ctx.db.reader(), &seat.id).await?;
        let mut shown = Vec::with_capacity(rows.len());
        for mark in round.scheme.marks().map(|mark| mark.path()) {
            let Some(row) = rows.iter().find(|row| row.mark_code == mark) else { continue };
            let suggestion = row.suggestion()?;
            shown.push(wire::Suggestion {
                mark_code: mark,
                points: suggestion.points.map(|points| points.to_string()).unwrap_or_default(),
                absent: suggestion.points.err().map(|why| why.text().into()),
                reason: suggestion.reason,
                model: row.model.clone(),
                human_points: row.human_points.clone(),
                time: Some(timestamp(row.time)),
            });
        }
        Ok(shown)
    }

    /// How far the suggestions of a round agree with people.
    pub(super) async fn suggestion_agreement(
        &self,
        id: &str,
    ) -> Result<GetSuggestionAgreementResponse, Error> {
        let conn = self.ctx.db.reader();
        let round = store::round::get(conn, id).await?;
        let rows = store::suggestion::of_round(conn, id).await?;
        let mut pairs: BTreeMap<&str, Vec<(Decimal, Decimal)>> = BTreeMap::new();
        let mut absent: BTreeMap<&'static str, (Absent, usize)> = BTreeMap::new();
        for row in &rows {
            match row.suggestion()?.points {
                Ok(points) => pairs.entry(&row.mark_code).or_default().push((row.human()?, points)),
                Err(why) => absent.entry(why.as_str()).or_insert((why, 0)).1 += 1,
            }
        }
        let cut_offs: Vec<Decimal> = round.scheme.bands().iter().map(|band| band.cut_off).collect();
        let tolerance = round.scheme.definition().review.assistance.tolerance;
        let of = |mark: &str, pairs: &[(Decimal, Decimal)]| {
            concord(pairs, &cut_offs, tolerance).map(|found| agreement(mark, found))
        };
        let marks = round.scheme.marks().map(|mark| mark.path());
        let all: Vec<(Decimal, Decimal)> = pairs.values().flatten().copied().collect();
        let models: BTreeSet<&str> = rows.iter().map(|row| row.model.as_str()).collect();
        Ok(GetSuggestionAgreementResponse {
            marks: marks.filter_map(|mark| of(&mark, pairs.get(mark.as_str())?)).collect(),
            whole: of("", &all),
            asked: count(rows.len()),
            absent: absent
                .into_values()
                .map(|(why, times)| AbsentCount { reason: Some(why.text().into()), count: count(times) })
                .collect(),
            models: models.into_iter().map(str::to_owned).collect(),
            tolerance: tolerance.normalize().to_string(),
        })
    }
}

fn known_or_silent(known: &BTreeMap<String, Suggestion>, mark: &str) -> Suggestion {
    let silent = || Suggestion { points: Err(Absent::Silent), reason: String::new() };
    known.get(mark).cloned().unwrap_or_else(silent)
}

fn agreement(mark: &str, found: Concord) -> MarkAgreement {
    MarkAgreement {
        mark_code: mark.to_owned(),
        pairs: count(found.pairs),
        within: count(found.within),
        mean_difference: found.mean_difference.to_string(),
        mean_distance: found.mean_distance.to_string(),
        kappa: found.kappa.map(|kappa| kappa.to_string()).unwrap_or_default(),
    }
}
