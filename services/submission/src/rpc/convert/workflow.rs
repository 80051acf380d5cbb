//! Deadlines, remarks, requests and checks, between the wire and the domain.

use chrono::{DateTime, SubsecRound, Utc};
use zhijian_platform::{Error, etag, time::timestamp};
use zhijian_proto::submission::v1 as wire;

use crate::{
    domain::{comment, cycle::Contact, deadline::Grace, request},
    store,
};

/// What is possible in the grace, as the wire has it.
pub fn allows(editing: bool) -> wire::grace::Allows {
    if editing { wire::grace::Allows::Editing } else { wire::grace::Allows::Submitting }
}

/// The grace that the wire names.
pub fn grace_given(given: Option<wire::Grace>) -> Grace {
    given.map_or_else(Grace::default, |grace| Grace {
        hours: grace.hours,
        editing: grace.allows() == wire::grace::Allows::Editing,
    })
}

pub fn contact(contact: Contact) -> wire::Contact {
    let Contact { name, phone, email } = contact;
    wire::Contact { name, phone, email }
}

pub fn contact_given(given: Option<wire::Contact>) -> Option<Contact> {
    given.map(|wire::Contact { name, phone, email }| Contact { name, phone, email })
}

/// A moment that the wire names.
///
/// # Errors
/// INVALID_ARGUMENT if there is no such moment.
pub fn time(field: &str, given: prost_types::Timestamp) -> Result<DateTime<Utc>, Error> {
    // The wire's absent time is the beginning of 1970, which nobody means.
    let moment = zhijian_platform::time::datetime(given).filter(|time| time.timestamp() > 0);
    let moment = moment.map(|time| time.trunc_subsecs(3));
    moment.ok_or_else(|| Error::invalid(field, "请填写有效的时间。", "Give a valid time."))
}

pub fn revision_check(row: store::revision_check::Model) -> wire::RevisionCheck {
    use wire::revision_check::State;
    let state = match row.state.as_str() {
        store::revision_check::RUNNING => State::Running,
        store::revision_check::SUPERSEDED => State::Superseded,
        _ => State::Done,
    };
    wire::RevisionCheck {
        state: state.into(),
        errors: row.errors,
        open_warnings: row.open_warnings,
        end_time: row.end_time.map(timestamp),
    }
}

pub fn comment(row: store::comment::Model) -> Result<wire::Comment, Error> {
    let state = match row.state()? {
        comment::State::Unsent => wire::comment::State::Unsent,
        comment::State::Open => wire::comment::State::Open,
        comment::State::Answered => wire::comment::State::Answered,
        comment::State::Resolved => wire::comment::State::Resolved,
    };
    Ok(wire::Comment {
        state: state.into(),
        comment_id: row.comment_id,
        submission_id: row.submission_id,
        revision_number: row.revision_number,
        indicator_code: row.indicator_code,
        section_code: row.section_code,
        body: row.body,
        answer: row.answer,
        author_name: row.author_name,
        create_time: Some(timestamp(row.create_time)),
        answerer_name: row.answerer_name,
        answer_time: row.answer_time.map(timestamp),
        etag: etag::of(row.version),
    })
}

pub fn extension(row: store::extension::Model) -> Result<wire::Extension, Error> {
    let state = match row.state()? {
        request::State::Requested => wire::extension::State::Requested,
        request::State::Granted => wire::extension::State::Granted,
        request::State::Refused => wire::extension::State::Refused,
        request::State::Withdrawn => wire::extension::State::Withdrawn,
        request::State::Cancelled | request::State::Done => wire::extension::State::Unspecified,
    };
    Ok(wire::Extension {
        state: state.into(),
        extension_id: row.extension_id,
        cycle_year: row.cycle_year,
        organisation_code: row.organisation_code,
        reason: row.reason,
        wanted_time: Some(timestamp(row.wanted_time)),
        granted_time: row.granted_time.map(timestamp),
        decision: row.decision,
        requester_name: row.requester_name,
        create_time: Some(timestamp(row.create_time)),
        decider_name: row.decider_name,
        decide_time: row.decide_time.map(timestamp),
        etag: etag::of(row.version),
    })
}

/// The state that the wire names; nothing for an unspecified one.
pub fn extension_state_given(state: wire::extension::State) -> Option<request::State> {
    match state {
        wire::extension::State::Unspecified => None,
        wire::extension::State::Requested => Some(request::State::Requested),
        wire::extension::State::Granted => Some(request::State::Granted),
        wire::extension::State::Refused => Some(request::State::Refused),
        wire::extension::State::Withdrawn => Some(request::State::Withdrawn),
    }
}

pub fn correction(row: store::correction::Model) -> Result<wire::Correction, Error> {
    let state = match row.state()? {
        request::State::Requested => wire::correction::State::Requested,
        request::State::Granted => wire::correction::State::Open,
        request::State::Refused => wire::correction::State::Refused,
        request::State::Withdrawn => wire::correction::State::Withdrawn,
        request::State::Cancelled => wire::correction::State::Cancelled,
        request::State::Done => wire::correction::State::Done,
    };
    Ok(wire::Correction {
        state: state.into(),
        correction_id: row.correction_id,
        submission_id: row.submission_id,
        cycle_year: row.cycle_year,
        organisation_code: row.organisation_code,
        reason: row.reason,
        old_revision: row.old_revision,
        new_revision: row.new_revision,
        decision: row.decision,
        requester_name: row.requester_name,
        create_time: Some(timestamp(row.create_time)),
        decider_name: row.decider_name,
        decide_time: row.decide_time.map(timestamp),
        etag: etag::of(row.version),
    })
}

/// The state that the wire names; nothing for an unspecified one.
pub fn correction_state_given(state: wire::correction::State) -> Option<request::State> {
    match state {
        wire::correction::State::Unspecified => None,
        wire::correction::State::Requested => Some(request::State::Requested),
        wire::correction::State::Open => Some(request::State::Granted),
        wire::correction::State::Refused => Some(request::State::Refused),
        wire::correction::State::Withdrawn => Some(request::State::Withdrawn),
        wire::correction::State::Cancelled => Some(request::State::Cancelled),
        wire::correction::State::Done => Some(request::State::Done),
    }
}
