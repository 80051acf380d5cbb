//! Hearing appeals: a fresh panel scores, and its result may take the old one's place.

use sea_orm::ConnectionTrait;
use serde_json::json;
use zhijian_platform::{Error, Tx, Violation};
use zhijian_proto::common::v1::ErrorReason;

use super::fresh;
use crate::{
    domain::{
        appeal::{self, Appeal, Move, State},
        entry::Entry,
        outcome::{Outcome, OutcomeError, outcome},
        rectification::{self, Outcome as Ending, Rectification, Regrade, words},
        round::Round,
        scheme::Scheme,
        scheme_review::Appeal as Rules,
    },
    store,
};

/// What an appeal is moved with.
#[derive(Clone)]
pub struct Means {
    pub round: Round,
    pub entry: Entry,
}

impl Means {
    /// What the scheme says of appeals.
    ///
    /// # Errors
    /// INTERNAL if the round's scheme has none: then nothing could have been filed.
    pub fn rules(&self) -> Result<&Rules, Error> {
        let rules = self.round.scheme.definition().review.appeal.as_ref();
        rules.ok_or_else(|| Error::internal("an appeal in a round whose scheme has none"))
    }
}

/// Seats a panel that has not scored the entry; in a hearing, fills the seats that were given back.
pub async fn appoint(tx: &Tx<'_>, present: Appeal, means: &Means) -> Result<Appeal, Error> {
    let state = present.state.after(Move::Appoint)?;
    let seated = fresh::sheets(tx.conn(), &present.entry_id, &present.id).await?.len();
    let size = usize::try_from(means.rules()?.panel_size).unwrap_or(usize::MAX);
    if seated >= size {
        return Err(appeal::IllegalMove { mv: Move::Appoint, state: State::Hearing }.into());
    }
    let lack = u32::try_from(size - seated).map_err(Error::internal)?;
    fresh::seat(tx, &means.round, &means.entry, lack, &present.id).await?;
    Ok(Appeal { state, ..present })
}

/// What the fresh panel's sheets give.
///
/// # Errors
/// FAILED_PRECONDITION if some are not in.
pub async fn outcome_of(
    conn: &impl ConnectionTrait,
    present: &Appeal,
    means: &Means,
) -> Result<Outcome, Error> {
    let scheme = &means.round.scheme;
    let sheets = fresh::sheets(conn, &present.entry_id, &present.id).await?;
    let size = usize::try_from(means.rules()?.panel_size).unwrap_or(usize::MAX);
    let submitted = sheets.iter().filter(|sheet| sheet.is_submitted()).count();
    if submitted < size {
        let open = size - submitted;
        return Err(Error::Precondition {
            reason: ErrorReason::IllegalState,
            violations: vec![Violation::new(
                "panel",
                format!("还差 {open} 份复评评分，请催促或补派专家。"),
                format!("{open} sheets of the hearing are not in; remind the reviewers or fill their seats."),
            )],
        });
    }
    let points = sheets.iter().map(|sheet| sheet.sheet.complete(scheme)).collect::<Result<Vec<_>, _>>();
    let points = points.map_err(OutcomeError::from)?;
    let grade = zhijian_grading::grade(scheme.rubric(), &points).map_err(OutcomeError::from)?;
    let mut new = outcome(scheme, grade);
    if scheme.definition().grading.rank.is_some() {
        place_among(scheme, &mut new, store::result::of_round(conn, &means.round.id).await?);
    }
    Ok(new)
}

/// Where grades go by rank, a new total takes the best grade that some entry with no more points has: nobody else's grade
/// is touched.
fn place_among(scheme: &Scheme, new: &mut Outcome, others: Vec<Outcome>) {
    let place = |grade: &str| scheme.bands().iter().position(|band| band.grade == grade);
    let best = others
        .into_iter()
        .filter(|other| other.total <= new.total)
        .min_by_key(|other| place(&other.grade).unwrap_or(usize::MAX));
    if let Some(best) = best {
        (new.grade, new.group, new.to_next) = (best.grade, best.group, None);
    }
}

/// Ends an appeal with a reason. Upheld, the new result takes the old one's place, and a rectification that has lost its
/// cause is lifted.
pub async fn decide(
    tx: &Tx<'_>,
    present: Appeal,
    means: &Means,
    uphold: bool,
    reason: &str,
) -> Result<Appeal, Error> {
    let state = present.state.after(if uphold { Move::Uphold } else { Move::Dismiss })?;
    let reason = words("reason", reason)?;
    let decided = Appeal { state, reason, decide_time: Some(tx.now()), ..present };
    let conn = tx.conn();
    if !uphold {
        fresh::close(tx, &decided.entry_id, &decided.id).await?;
        return Ok(decided);
    }
    let new = outcome_of(conn, &decided, means).await?;
    appeal::better(new.total, decided.against.total)?;
    let old = store::result::find(conn, &decided.entry_id).await?;
    let old = old.ok_or_else(|| Error::not_found("entry", &decided.entry_id))?;
    store::former_result::keep(tx, &decided.entry_id, &old, &decided.reason).await?;
    let regraded = Some(Regrade { grade: new.grade.clone(), total: new.total });
    let bands = means.round.scheme.bands();
    let rectify = bands.iter().any(|band| band.grade == new.grade && band.rectify);
    tx.audit(
        format!("entry/{}", decided.entry_id),
        json!({"grade": new.grade, "former_grade": old.grade, "appeal": decided.id}),
    );
    store::result::replace(conn, &means.entry, new).await?;
    if !rectify {
        lift(tx, &decided).await?;
    }
    Ok(Appeal { upheld: true, regraded, ..decided })
}

/// Closes the entry's rectification, if one is open.
async fn lift(tx: &Tx<'_>, decided: &Appeal) -> Result<(), Error> {
    let conn = tx.conn();
    let Some(found) = store::rectification::of_entry(conn, &decided.entry_id).await? else { return Ok(()) };
    let Ok(state) = found.state.after(rectification::Move::Lift) else { return Ok(()) };
    let outcome = Some(Ending::Lifted);
    let next = Rectification { state, outcome, due_date: None, regraded: decided.regraded.clone(), ..found };
    let next = store::rectification::write(conn, &next).await?;
    fresh::close(tx, &next.entry_id, &next.id).await?;
    let (mv, now) = (rectification::Move::Lift, tx.now());
    store::rectification_event::add(conn, &next, mv, &decided.reason, now).await?;
    tx.audit(
        format!("rectification/{}", next.id),
        json!({"move": mv.as_str(), "state": next.state.as_str(), "appeal": decided.id}),
    );
    Ok(())
}
