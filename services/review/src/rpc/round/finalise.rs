//! FinaliseRound: computes the grades and opens the rectifications.

use std::collections::HashMap;

use serde_json::json;
use zhijian_platform::{Calendar, Error, Tx, Violation, etag, id};
use zhijian_proto::{
    common::v1::ErrorReason,
    review::v1::{FinaliseRoundRequest, FinaliseRoundResponse},
};

use super::{super::convert::count, moved, with_progress};
use crate::{
    domain::{
        agreement,
        assignment::{Assignment, State as SheetState},
        entry::Entry,
        outcome::{Outcome, Standing, findings, standing},
        rectification::{Rectification, State as RectificationState},
        round::{Move, Round},
    },
    store,
};

/// A message names at most this many entries.
const NAMED: usize = 20;

pub(super) async fn finalise(
    tx: &Tx<'_>,
    sent: &FinaliseRoundRequest,
    calendar: &Calendar,
) -> Result<FinaliseRoundResponse, Error> {
    let conn = tx.conn();
    let round = store::round::get(conn, &sent.round_id).await?;
    let next = round.state.after(Move::Finalise)?;
    etag::check(&sent.etag, round.version)?;
    let entries = store::entry::of_round(conn, &round.id).await?;
    let assignments = store::assignment::of_round(conn, &round.id).await?;
    let panels = panels(&round, &entries, &assignments)?;
    let known = store::anchor::of_round(conn, &round.id).await?;
    let places = entries.iter().enumerate();
    let anchors = places.filter_map(|(place, entry)| Some((place, *known.get(&entry.id)?))).collect();
    let (graded, agreement) = agreement::grade(&round.scheme, &panels, anchors)?;
    let outcomes: Vec<(&Entry, Outcome)> = entries.iter().zip(graded).collect();
    let rectifications = open_rectifications(tx, &round, &outcomes, calendar);
    store::result::insert(conn, &outcomes).await?;
    store::agreement::insert(conn, &round.id, &agreement).await?;
    store::rectification::insert(conn, &rectifications).await?;
    for rectification in &rectifications {
        tx.audit(
            format!("rectification/{}", rectification.id),
            json!({
                "state": rectification.state.as_str(),
                "entry": rectification.entry_id,
                "grade": rectification.grade,
            }),
        );
    }
    let detail = json!({"graded": outcomes.len(), "rectifications": rectifications.len()});
    let round = moved(tx, &round, next, detail).await?;
    Ok(FinaliseRoundResponse {
        round: Some(with_progress(conn, &round).await?),
        rectifications_opened: count(rectifications.len()),
    })
}

/// The panel of every entry, complete.
///
/// # Errors
/// FAILED_PRECONDITION names the entries whose scores are not in, and those that want an arbiter.
fn panels<'a>(
    round: &Round,
    entries: &[Entry],
    assignments: &'a [Assignment],
) -> Result<Vec<Vec<&'a Assignment>>, Error> {
    let mut panels: HashMap<&str, Vec<&Assignment>> = HashMap::new();
    for assignment in assignments {
        panels.entry(&assignment.entry_id).or_default().push(assignment);
    }
    let mut complete = Vec::with_capacity(entries.len());
    let (mut waiting, mut disputed, mut short) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        let panel = panels.remove(entry.id.as_str()).unwrap_or_default();
        match standing(&round.scheme, &panel)? {
            Standing::Ready => {
                complete.push(panel.into_iter().filter(|seat| seat.state != SheetState::Abstained).collect());
            }
            Standing::Short(seats) => {
                let title = entry.title();
                short.push(Violation::new(
                    entry.id.clone(),
                    format!("“{}”有 {seats} 位专家退出，请再次分配补派专家。", title.zh),
                    format!(
                        "{}: {seats} reviewers gave their seats back. Assign again to fill them.",
                        title.en
                    ),
                ));
            }
            Standing::Waiting(sheets) => {
                let title = entry.title();
                waiting.push(Violation::new(
                    entry.id.clone(),
                    format!("“{}”还有 {sheets} 份评分未提交，请催促评审专家。", title.zh),
                    format!("{}: {sheets} reviewers have not handed in; remind them.", title.en),
                ));
            }
            Standing::WantsArbiter(spread) => {
                let (title, limit) = (entry.title(), round.scheme.definition().arbitration_spread);
                disputed.push(Violation::new(
                    entry.id.clone(),
                    format!(
                        "“{}”各专家总分相差 {spread} 分，超过 {limit} 分，需要仲裁：请再次分配，系统会增派一位专家。",
                        title.zh
                    ),
                    format!(
                        "{}: reviewers' totals differ by {spread}, more than {limit}. Assign again to add an arbiter.",
                        title.en
                    ),
                ));
            }
        }
    }
    let open: Vec<Violation> = shortened(short, "补派专家", "reviewers")
        .chain(shortened(disputed, "仲裁", "an arbiter"))
        .chain(shortened(waiting, "提交评分", "scores"))
        .collect();
    if open.is_empty() {
        return Ok(complete);
    }
    Err(Error::Precondition { reason: ErrorReason::IllegalState, violations: open })
}

/// The first violations, and how many more there are.
fn shortened(mut all: Vec<Violation>, zh: &str, en: &str) -> impl Iterator<Item = Violation> {
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    let rest = (more > 0).then(|| {
        Violation::new(
            "entries",
            format!("另有 {more} 个专业同样等待{zh}。"),
            format!("{more} more entries wait for {en} too."),
        )
    });
    all.into_iter().chain(rest)
}

fn open_rectifications(
    tx: &Tx<'_>,
    round: &Round,
    outcomes: &[(&Entry, Outcome)],
    calendar: &Calendar,
) -> Vec<Rectification> {
    let due = calendar.due(tx.now(), round.scheme.definition().rectification.plan_working_days);
    outcomes
        .iter()
        .filter_map(|(entry, outcome)| {
            Some(Rectification {
                findings: findings(&round.scheme, outcome)?,
                id: id::new("rct"),
                entry_id: entry.id.clone(),
                round_id: round.id.clone(),
                organisation_code: entry.organisation_code.clone(),
                grade: outcome.grade.clone(),
                state: RectificationState::Opened,
                plan_due_date: due,
                plan: String::new(),
                create_time: tx.now(),
                plan_time: None,
                due_date: None,
                measures: vec![],
                level: 0,
                regraded: None,
                outcome: None,
                version: 1,
            })
        })
        .collect()
}
