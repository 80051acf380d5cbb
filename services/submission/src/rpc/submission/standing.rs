//! Where a report stands for whoever looks at it: its deadline, its lock, who may edit what, who edited last.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use zhijian_platform::{Call, Error, Principal, time::timestamp};
use zhijian_proto::submission::v1::{Deadline, LastEdit, Lock, Rights, Submission, lock};

use crate::{
    domain::{
        catalogue::Catalogue,
        deadline,
        lock::{Kind, Situation},
        parts::Part,
    },
    rpc::{Actor, convert},
    store::{cycle as cycles, report},
};

/// Everything that decides whether a report can be worked on.
pub fn situation(row: &report::Model, cycle: &cycles::Model) -> Result<Situation, Error> {
    Ok(Situation {
        state: row.state()?,
        correcting: row.correcting(),
        cycle: cycle.state()?,
        deadline: deadline::Deadline::of(cycle.due_time, row.own_due_time, cycle.grace()),
        contact: cycle.contact(),
    })
}

/// The tables that these indicators stand in.
pub fn tables_of<'a>(catalogue: &Catalogue, codes: impl IntoIterator<Item = &'a str>) -> BTreeSet<Part> {
    let wanted: BTreeSet<&str> = codes.into_iter().collect();
    let groups = catalogue.indicators.iter().filter(|indicator| wanted.contains(indicator.code.as_str()));
    groups.map(|indicator| Part::Group(indicator.group.clone())).collect()
}

/// Whoever changes content calls this first, within the transaction: it checks that the plan of editors lets the actor
/// change these parts, and notes that the actor did.
///
/// # Errors
/// FAILED_PRECONDITION, naming who edits the part.
pub fn work_on(
    row: &mut report::Model,
    catalogue: &Catalogue,
    parts: &BTreeSet<Part>,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let kind = super::working::kind_of(catalogue, row)?;
    row.plan()?.check(&actor.account_id, parts, catalogue, kind)?;
    row.note_edit(parts, (&actor.account_id, &actor.account_name), now)
}

/// Whether the caller is one of the organisation's own.
pub fn is_own(call: &Call, organisation_code: &str) -> bool {
    has_role(call, |role, organisation| role == "school" && organisation == organisation_code)
}

/// Whether the caller is the commission's.
pub fn is_commission(call: &Call) -> bool {
    has_role(call, |role, _| role == "commission")
}

fn has_role(call: &Call, wanted: impl Fn(&str, &str) -> bool) -> bool {
    match call.principal() {
        Principal::Account(identity) => {
            identity.roles.iter().any(|grant| wanted(&grant.role, &grant.organisation))
        }
        Principal::Service(_) | Principal::Anonymous => false,
    }
}

/// A submission with everything that depends on the moment and on who asks.
pub fn told(
    call: &Call,
    row: report::Model,
    cycle: &cycles::Model,
    now: DateTime<Utc>,
) -> Result<Submission, Error> {
    let situation = situation(&row, cycle)?;
    let deadline = Deadline {
        due_time: situation.deadline.due.map(timestamp),
        grace_end_time: situation.deadline.grace_end().map(timestamp),
        own: situation.deadline.own,
    };
    let lock = situation.lock(now).map(|lock| Lock {
        kind: kind(lock.kind).into(),
        reason: Some(lock.reason.into()),
        until: lock.until.map(timestamp),
        contact: lock.contact.map(convert::contact),
    });
    let rights = if is_own(call, &row.organisation_code) { Some(rights(call, &row)?) } else { None };
    let last_edits = row.last_edits()?.into_iter().map(|edit| {
        let (section_code, group_code) = codes(edit.part);
        LastEdit {
            section_code,
            group_code,
            account_id: edit.account_id,
            account_name: edit.account_name,
            time: Some(timestamp(edit.time)),
        }
    });
    let last_edits = last_edits.collect();
    Ok(Submission { deadline: Some(deadline), lock, rights, last_edits, ..convert::submission(row)? })
}

fn rights(call: &Call, row: &report::Model) -> Result<Rights, Error> {
    let (plan, account) = (row.plan()?, call.actor_id());
    if plan.coordinates(&account) {
        return Ok(Rights { all: true, coordinator: true, ..Rights::default() });
    }
    let mut rights = Rights::default();
    for part in plan.parts_of(&account) {
        match part {
            Part::Section(code) => rights.section_codes.push(code),
            Part::Group(code) => rights.group_codes.push(code),
        }
    }
    Ok(rights)
}

/// The section's code and the group's; one of them is empty.
fn codes(part: Part) -> (String, String) {
    match part {
        Part::Section(code) => (code, String::new()),
        Part::Group(code) => (String::new(), code),
    }
}

fn kind(kind: Kind) -> lock::Kind {
    match kind {
        Kind::NotOpen => lock::Kind::NotOpen,
        Kind::WithCommission => lock::Kind::WithCommission,
        Kind::Grace => lock::Kind::Grace,
        Kind::PastDue => lock::Kind::PastDue,
        Kind::Closed => lock::Kind::Closed,
        Kind::InResults => lock::Kind::InResults,
    }
}
