//! Items: what organisations bring to a procedure, and how they move from step to step.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use zhijian_platform::{Error, Text, Violation, date_in_china};
use zhijian_proto::common::v1::ErrorReason;

use super::form::{self, Form, FormError, Value};
use crate::domain::{
    entry::{Entry, Subject},
    scheme::{Actor, Gather, Guard, Procedure, Scheme, Step, Way},
};

/// The end of an item that its school gave up.
pub const WITHDRAWN: &str = "withdrawn";
/// The end of an item that was not brought in time.
pub const LAPSED: &str = "lapsed";

/// What an organisation brings to a procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Identifies it ("itm_…").
    pub id: String,
    /// The procedure.
    pub procedure_id: String,
    /// The organisation.
    pub organisation_code: String,
    /// What the organisation is called.
    pub organisation_name: Text,
    /// Who supervises the organisation; empty if nobody but the region's commission does.
    pub supervisor_code: String,
    /// What it is about. Where it was gathered, the id is that of the programme or the submission.
    pub subject: Subject,
    /// Organisations whose present and past people cannot review it.
    pub barred: BTreeSet<String>,
    /// The step it is at, or the end.
    pub at: String,
    /// Whether `at` is an end.
    pub ended: bool,
    /// What was brought, by step, the present step's draft among it.
    pub forms: BTreeMap<String, Form>,
    /// How each step was last taken. A step that an item has been sent back before is not among them.
    pub taken: BTreeMap<String, String>,
    /// When the present step is due, if it has a date.
    pub due_date: Option<NaiveDate>,
    /// Whether it is an entry of the procedure's round of review.
    pub reviewed: bool,
    /// When it came.
    pub create_time: DateTime<Utc>,
    /// Counts its changes.
    pub version: i64,
}

/// Why a step is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TakeError {
    /// It has ended.
    #[error("the item has ended")]
    Ended,
    /// It is at another step, of this name.
    #[error("the item is at {}", .0.en)]
    Elsewhere(Text),
    /// Grades alone end a review.
    #[error("a review goes by grades")]
    Review,
    /// The step has no such way out; it has these.
    #[error("the step has no such outcome")]
    NoWay(Vec<String>),
    /// The form is not in order.
    #[error("the form is not in order")]
    Form(#[from] FormError),
    /// A guard does not hold.
    #[error("a guard does not hold: {}", .0.en)]
    Guard(Text),
    /// The way wants a comment.
    #[error("the outcome wants a comment")]
    Comment,
    /// The present step is not overdue.
    #[error("the step is not overdue")]
    NotDue,
}

impl Item {
    /// The step it is at.
    pub fn step<'p>(&self, procedure: &'p Procedure) -> Option<&'p Step> {
        procedure.step(&self.at).filter(|_| !self.ended)
    }

    /// Who takes the present step. What a supervisor does falls to the commission where there is none.
    pub fn actor(&self, procedure: &Procedure) -> Option<Actor> {
        self.step(procedure).map(|step| match step.actor {
            Actor::Supervisor if self.supervisor_code.is_empty() => Actor::Commission,
            actor => actor,
        })
    }

    /// Whether the present step is late.
    pub fn overdue(&self, now: DateTime<Utc>) -> bool {
        !self.ended && self.due_date.is_some_and(|due| date_in_china(now) > due)
    }

    /// Keeps the form of the present step as a draft.
    ///
    /// # Errors
    /// [`TakeError`] if it has ended, is under review, or the form cannot be read.
    pub fn save(&self, procedure: &Procedure, sent: &[form::Given]) -> Result<Self, TakeError> {
        let step = self.step(procedure).ok_or(TakeError::Ended)?;
        if step.review {
            return Err(TakeError::Review);
        }
        let mut next = self.clone();
        next.forms.insert(step.code.clone(), form::read(step, sent)?);
        Ok(next)
    }

    /// Takes the step `code` by the way `outcome`, with what was brought.
    ///
    /// # Errors
    /// [`TakeError`] says why it cannot be taken.
    pub fn take(
        &self,
        procedure: &Procedure,
        code: &str,
        outcome: &str,
        sent: &[form::Given],
        comment: &str,
    ) -> Result<Self, TakeError> {
        let step = self.step(procedure).ok_or(TakeError::Ended)?;
        if step.code != code {
            return Err(TakeError::Elsewhere(step.name.clone()));
        }
        if step.review {
            return Err(TakeError::Review);
        }
        let known = || TakeError::NoWay(step.outcomes.iter().map(|way| way.code.clone()).collect());
        let way = step.way(outcome).ok_or_else(known)?;
        let mut next = self.save(procedure, sent)?;
        match way.comment {
            // Whoever refuses something says why, and need not fill in what goes with sending it on.
            true if comment.trim().is_empty() => return Err(TakeError::Comment),
            true => {}
            false => form::complete(step, &next.forms[&step.code])?,
        }
        for guard in
            step.guards.iter().filter(|guard| guard.ways.is_empty() || guard.ways.contains(&way.code))
        {
            if !next.holds(guard) {
                return Err(TakeError::Guard(guard.message.clone()));
            }
        }
        next.go(procedure, &step.code, way);
        Ok(next)
    }

    /// Takes the step of review by a grade.
    ///
    /// # Errors
    /// [`TakeError`] if it is not at that step, or no way is for the grade.
    pub fn graded<'p>(&self, procedure: &'p Procedure, grade: &str) -> Result<(Self, &'p Way), TakeError> {
        let step = self.step(procedure).ok_or(TakeError::Ended)?;
        if !step.review {
            return Err(TakeError::Elsewhere(step.name.clone()));
        }
        let way = step.way_of_grade(grade).ok_or_else(|| TakeError::NoWay(vec![]))?;
        let mut next = self.clone();
        next.go(procedure, &step.code, way);
        Ok((next, way))
    }

    /// Ends it at its school's wish.
    ///
    /// # Errors
    /// [`TakeError`] if it has ended, or is under review.
    pub fn withdraw(&self, procedure: &Procedure) -> Result<Self, TakeError> {
        let step = self.step(procedure).ok_or(TakeError::Ended)?;
        if step.review && self.reviewed {
            return Err(TakeError::Review);
        }
        Ok(self.stopped(WITHDRAWN))
    }

    /// Ends it because the present step is overdue.
    ///
    /// # Errors
    /// [`TakeError`] if it has ended, is under review or is not late.
    pub fn lapse(&self, procedure: &Procedure, now: DateTime<Utc>) -> Result<Self, TakeError> {
        let step = self.step(procedure).ok_or(TakeError::Ended)?;
        if step.review {
            return Err(TakeError::Review);
        }
        if !self.overdue(now) {
            return Err(TakeError::NotDue);
        }
        Ok(self.stopped(LAPSED))
    }

    /// What experts review of it, with the points that follow from its numbers.
    pub fn entry(&self, id: String, round_id: &str, scheme: &Scheme) -> Entry {
        let subject = match scheme.procedure().map(|procedure| procedure.gather) {
            Some(Gather::Programmes) => self.subject.clone(),
            _ => Subject { id: self.id.clone(), ..self.subject.clone() },
        };
        let given = scheme.marks().filter_map(|mark| {
            let quantity = mark.quantity()?;
            let (step, field) = quantity.field.split_once('.')?;
            let Value::Number(actual) = self.forms.get(step)?.get(field)? else { return None };
            Some((mark.path(), quantity.points(*actual)))
        });
        Entry {
            id,
            round_id: round_id.to_owned(),
            subject,
            organisation_code: self.organisation_code.clone(),
            organisation_name: self.organisation_name.clone(),
            barred: self.barred.clone(),
            given: given.collect(),
        }
    }

    fn stopped(&self, end: &str) -> Self {
        Self { at: end.to_owned(), ended: true, due_date: None, ..self.clone() }
    }

    fn go(&mut self, procedure: &Procedure, step: &str, way: &Way) {
        self.taken.insert(step.to_owned(), way.code.clone());
        self.at = way.to.clone();
        self.ended = procedure.end(&way.to).is_some();
        if let Some(to) = procedure.place(&way.to) {
            // What comes after the step it goes to has to be done again, whatever it was.
            self.taken.retain(|taken, _| procedure.place(taken).is_some_and(|place| place < to));
        }
    }

    fn holds(&self, guard: &Guard) -> bool {
        if let Some(wanted) = &guard.taken {
            return self.taken.get(&wanted.step).is_some_and(|by| wanted.by.contains(by));
        }
        self.sum(&guard.sum) <= self.sum(&guard.at_most)
    }

    /// What fields of money, as "step.field", add up to.
    fn sum(&self, paths: &[String]) -> Decimal {
        let value = |path: &String| {
            let (step, field) = path.split_once('.')?;
            Some(self.forms.get(step)?.get(field)?.money())
        };
        paths.iter().filter_map(value).sum()
    }
}

impl From<TakeError> for Error {
    fn from(error: TakeError) -> Self {
        let (field, zh, en): (_, String, String) = match error {
            TakeError::Form(error) => return error.into(),
            TakeError::NoWay(ways) => {
                let ways = ways.join(", ");
                return Self::invalid(
                    "outcome_code",
                    format!("这一步没有这种办理结果，可用的有：{ways}。"),
                    format!("The step has no such outcome; it has: {ways}."),
                );
            }
            TakeError::Comment => {
                return Self::invalid(
                    "comment",
                    "请写明意见或理由。",
                    "Say why: this outcome wants a comment.",
                );
            }
            TakeError::Guard(message) => {
                return Self::Precondition {
                    reason: ErrorReason::IllegalState,
                    violations: vec![Violation { field: "guard".to_owned(), description: message }],
                };
            }
            TakeError::Ended => {
                ("state", "这一项已经办结。".into(), "It has ended: nothing more is done about it.".into())
            }
            TakeError::Elsewhere(at) => (
                "step_code",
                format!("这一项现在处于“{}”环节，请按顺序办理，不能跳过。", at.zh),
                format!("It is at the step “{}”: steps are taken in order, and none is skipped.", at.en),
            ),
            TakeError::Review => (
                "state",
                "正在专家评审，由评审结果决定下一步。".into(),
                "It is with the experts: the grade decides what comes next.".into(),
            ),
            TakeError::NotDue => (
                "due_date",
                "本步期限还没有过，不能按逾期处理。".into(),
                "The date of the present step has not passed.".into(),
            ),
        };
        Self::illegal_state(field, zh, en)
    }
}
