//! Whether a report can be worked on just now; if not, why, until when, and whom to ask.

use chrono::{DateTime, Utc};
use zhijian_platform::Text;

use super::{
    cycle::{self, Contact, WrongState},
    deadline::{Deadline, Phase, moment},
    submission::{IllegalMove, Move, State},
};

/// What kind of lock it is; each is opened in another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The year does not collect yet.
    NotOpen,
    /// It was submitted.
    WithCommission,
    /// The deadline has passed; it can be approved and submitted as it is.
    Grace,
    /// The deadline and the grace have passed.
    PastDue,
    /// The year was closed before it was accepted.
    Closed,
    /// It is in the results.
    InResults,
}

/// Why a school cannot change a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// What kind of lock it is.
    pub kind: Kind,
    /// Why, and what to do.
    pub reason: Text,
    /// When it ends or changes by itself.
    pub until: Option<DateTime<Utc>>,
    /// Whom to ask.
    pub contact: Option<Contact>,
}

/// Everything that decides whether a report can be worked on.
#[derive(Debug, Clone)]
pub struct Situation {
    /// Where the report stands.
    pub state: State,
    /// Whether it is a report in the results that is being put right.
    pub correcting: bool,
    /// Where its year stands.
    pub cycle: cycle::State,
    /// Until when it can be worked on.
    pub deadline: Deadline,
    /// Whom to ask.
    pub contact: Option<Contact>,
}

/// Why a step cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The state does not allow it. Whom to ask, if asking would help.
    Move(IllegalMove, Option<Contact>),
    /// The year does not allow it.
    Cycle(WrongState),
    /// The deadline has passed.
    Late(Lock),
}

impl Situation {
    /// Why the school cannot change the report at `now`; nothing if it can.
    pub fn lock(&self, now: DateTime<Utc>) -> Option<Lock> {
        let (kind, reason, until) = match self.state {
            State::Submitted | State::UnderReview => (
                Kind::WithCommission,
                Text::new(
                    "年报已提交，正由教育主管部门审核，审核期间不能修改。如发现问题，请联系退回。",
                    "The report was submitted and is with the commission; it cannot be changed meanwhile. Ask for its \
                     return if something is wrong.",
                ),
                None,
            ),
            State::Accepted | State::Published | State::Corrected => (
                Kind::InResults,
                Text::new(
                    "年报已进入本年度结果，内容不再变动。确需修改，请申请更正。",
                    "The report is in the year's results and does not change any more. Ask for a correction if it must.",
                ),
                None,
            ),
            State::Draft | State::Approved | State::Returned => self.lock_while_written(now)?,
        };
        let reason = with_contact(reason, self.contact.as_ref());
        Some(Lock { kind, reason, until, contact: self.contact.clone() })
    }

    /// The lock of a report that the school has.
    fn lock_while_written(&self, now: DateTime<Utc>) -> Option<(Kind, Text, Option<DateTime<Utc>>)> {
        if !self.correcting {
            match self.cycle {
                cycle::State::Draft => {
                    let text = Text::new("本年度尚未开放填报。", "The year is not open for reports yet.");
                    return Some((Kind::NotOpen, text, None));
                }
                cycle::State::Closed | cycle::State::Released => {
                    let text = Text::new(
                        "本年度填报已经截止，没有接收的年报不进入结果。",
                        "The year is closed; what was not accepted stays out of the results.",
                    );
                    return Some((Kind::Closed, text, None));
                }
                cycle::State::Collecting => {}
            }
        }
        let due = moment(self.deadline.due?);
        match (self.deadline.phase(now), self.deadline.grace_end()) {
            (Phase::Grace, Some(_)) if self.deadline.grace.editing => None,
            (Phase::Grace, Some(end)) => {
                let until = moment(end);
                let text = Text::new(
                    format!(
                        "填报截止时间是{}，已经过了。宽限期到{}：内容不能再改，但还可以审定和提交。需要修改，请申请延期。",
                        due.zh, until.zh
                    ),
                    format!(
                        "The deadline was {}. Until {} the report can still be approved and submitted as it is, but not \
                         changed. Ask for an extension if it must be.",
                        due.en, until.en
                    ),
                );
                Some((Kind::Grace, text, Some(end)))
            }
            (Phase::Past, end) => {
                let (zh, en) = match end.map(moment) {
                    None => (String::new(), String::new()),
                    Some(end) => (format!("，宽限期到{}", end.zh), format!(" with grace until {}", end.en)),
                };
                let text = Text::new(
                    format!("填报截止时间是{}{zh}，已经过了。仍需填报，请申请延期。", due.zh),
                    format!(
                        "The deadline was {}{en}. Ask for an extension if you still have to report.",
                        due.en
                    ),
                );
                Some((Kind::PastDue, text, None))
            }
            (Phase::Open | Phase::Grace, _) => None,
        }
    }

    /// The state after `step`, if it can be taken at `now`.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn after(&self, step: Move, now: DateTime<Utc>) -> Result<State, Refusal> {
        let next = self.state.after(step).map_err(|error| Refusal::Move(error, self.contact.clone()))?;
        // What is being corrected goes its way whatever the year does; and it is how corrections begin and end.
        if !self.correcting && step != Move::Correct {
            self.cycle.collecting().map_err(Refusal::Cycle)?;
        }
        if step.is_schools()
            && let Some(lock) = self.lock(now)
            && (lock.kind == Kind::PastDue || step == Move::Edit)
        {
            return Err(Refusal::Late(lock));
        }
        Ok(next)
    }
}

/// A sentence, and whom to ask about it.
pub fn with_contact(text: Text, contact: Option<&Contact>) -> Text {
    let whom = contact.map_or_else(
        || Text::new("请联系教育主管部门。", "Ask the commission."),
        |contact| {
            let ways: Vec<&str> = [&contact.phone, &contact.email]
                .into_iter()
                .map(String::as_str)
                .filter(|way| !way.is_empty())
                .collect();
            Text::new(
                format!("联系人：{}（{}）。", contact.name, ways.join("，")),
                format!("Contact: {} ({}).", contact.name, ways.join(", ")),
            )
        },
    );
    Text::new(format!("{}{}", text.zh, whom.zh), format!("{} {}", text.en, whom.en))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::deadline::Grace;

    fn due() -> DateTime<Utc> {
        "2026-11-30T09:00:00Z".parse().expect("a moment")
    }

    fn situation(state: State, grace: Grace) -> Situation {
        Situation {
            state,
            correcting: false,
            cycle: cycle::State::Collecting,
            deadline: Deadline::of(Some(due()), None, grace),
            contact: Some(Contact {
                name: "职教处".into(), phone: "010-0000".into(), email: String::new()
            }),
        }
    }

    #[test]
    fn every_state_that_cannot_be_edited_says_why() {
        for state in State::ALL {
            for cycle in
                [cycle::State::Draft, cycle::State::Collecting, cycle::State::Closed, cycle::State::Released]
            {
                for hours in [-1, 1, 30] {
                    let now = due() + TimeDelta::hours(hours);
                    let situation =
                        Situation { cycle, ..situation(state, Grace { hours: 24, editing: false }) };
                    let lock = situation.lock(now);
                    assert_eq!(
                        lock.is_some(),
                        situation.after(Move::Edit, now).is_err(),
                        "{situation:?} {hours}"
                    );
                    if let Some(lock) = lock {
                        assert!(lock.reason.zh.contains("职教处（010-0000）"), "{}", lock.reason.zh);
                        assert!(lock.reason.en.contains("职教处"), "{}", lock.reason.en);
                    }
                }
            }
        }
    }

    #[test]
    fn in_the_grace_only_what_the_year_allows_is_possible() {
        let now = due() + TimeDelta::hours(2);
        let strict = Grace { hours: 24, editing: false };
        let refused = situation(State::Draft, strict).after(Move::Edit, now).unwrap_err();
        let Refusal::Late(lock) = refused else { panic!("{refused:?}") };
        assert_eq!((lock.kind, lock.until), (Kind::Grace, Some(due() + TimeDelta::hours(24))));
        assert!(lock.reason.zh.contains("2026年12月1日 17:00"), "{}", lock.reason.zh);
        assert_eq!(situation(State::Draft, strict).after(Move::Approve, now), Ok(State::Approved));
        assert_eq!(situation(State::Approved, strict).after(Move::Submit, now), Ok(State::Submitted));
        let mild = Grace { hours: 24, editing: true };
        assert_eq!(situation(State::Draft, mild).after(Move::Edit, now), Ok(State::Draft));
        let after = due() + TimeDelta::hours(25);
        for step in [Move::Edit, Move::Explain, Move::Approve] {
            let refused = situation(State::Draft, mild).after(step, after).unwrap_err();
            assert!(matches!(refused, Refusal::Late(Lock { kind: Kind::PastDue, .. })), "{refused:?}");
        }
    }

    #[test]
    fn the_commission_has_no_deadline_and_a_correction_no_year() {
        let now = due() + TimeDelta::days(90);
        let grace = Grace::default();
        assert_eq!(situation(State::Submitted, grace).after(Move::Accept, now), Ok(State::Accepted));
        let closed = Situation { cycle: cycle::State::Closed, ..situation(State::Submitted, grace) };
        assert!(matches!(closed.after(Move::Accept, now), Err(Refusal::Cycle(_))));
        let correcting = Situation { correcting: true, ..closed };
        assert_eq!(correcting.after(Move::Accept, now), Ok(State::Accepted));
        let published = Situation { cycle: cycle::State::Released, ..situation(State::Published, grace) };
        assert_eq!(published.after(Move::Correct, now), Ok(State::Draft));
        let own = Deadline::of(Some(due()), Some(now + TimeDelta::days(1)), grace);
        let open = Situation { state: State::Draft, deadline: own, ..correcting };
        assert_eq!(open.after(Move::Edit, now), Ok(State::Draft));
    }
}
