//! Replays as the wire has them.

use zhijian_platform::{Error, Text, time::timestamp};
use zhijian_proto::{
    common::v1::{Operation, operation},
    submission::v1::{
        Firing, Replay, ReplayOrganisation, ReplayRule, Severity as WireSeverity,
        firing::Change as WireChange, replay::Revisions, replay_rule::Standing as WireStanding,
    },
};

use crate::{
    domain::{
        catalogue::Severity,
        lab::{Change, Standing},
    },
    store::lab::{Model, firing, rule},
};

/// A severity's name in the database; "" for none.
pub fn severity_name(severity: Option<Severity>) -> &'static str {
    match severity {
        None => "",
        Some(Severity::Error) => "error",
        Some(Severity::Warning) => "warning",
        Some(Severity::Info) => "info",
    }
}

fn severity(name: &str) -> Result<WireSeverity, Error> {
    Ok(match name {
        "" => WireSeverity::Unspecified,
        "error" => WireSeverity::Error,
        "warning" => WireSeverity::Warning,
        "info" => WireSeverity::Info,
        other => return Err(Error::internal(format!("there is no severity {other:?}"))),
    })
}

/// The change that a filter asks for.
pub fn change_given(change: WireChange) -> Option<&'static str> {
    match change {
        WireChange::Unspecified => None,
        WireChange::New => Some(Change::New.as_str()),
        WireChange::Gone => Some(Change::Gone.as_str()),
        WireChange::Same => Some(Change::Same.as_str()),
    }
}

/// A replay without its draft.
pub fn replay(row: Model, operation: Option<Operation>) -> Replay {
    // An operation that was cleared away has ended long ago.
    let operation = operation.unwrap_or_else(|| Operation {
        operation_id: row.operation_id.clone(),
        state: if row.end_time.is_some() { operation::State::Succeeded } else { operation::State::Failed }
            .into(),
        ..Default::default()
    });
    let result = row.end_time.is_some();
    let count = |number: i64| if result { number } else { 0 };
    let small = |number: i32| if result { number } else { 0 };
    let revisions = if row.all_revisions { Revisions::All } else { Revisions::Latest };
    Replay {
        cycle_years: row.years(),
        replay_id: row.replay_id,
        name: row.name,
        catalogue_year: row.catalogue_year,
        revisions: revisions.into(),
        rules_toml: String::new(),
        operation: Some(operation),
        author: row.account_name,
        create_time: Some(timestamp(row.create_time)),
        end_time: row.end_time.map(timestamp),
        reports: small(row.reports),
        revisions_replayed: small(row.revisions),
        reports_left_out: small(row.left_out),
        fires: count(row.fires_new + row.fires_same),
        newly_fires: count(row.fires_new),
        unchanged: count(row.fires_same),
        no_longer_fires: count(row.fires_gone),
    }
}

pub fn rule(row: rule::Model) -> Result<ReplayRule, Error> {
    let standing = match Standing::parse(&row.standing) {
        Some(Standing::New) => WireStanding::New,
        Some(Standing::Changed) => WireStanding::Changed,
        Some(Standing::Carried) => WireStanding::Carried,
        Some(Standing::Removed) => WireStanding::Removed,
        None => return Err(Error::internal(format!("there is no standing {:?}", row.standing))),
    };
    Ok(ReplayRule {
        rule_code: row.rule_code,
        standing: standing.into(),
        severity: severity(&row.severity)?.into(),
        severity_in_force: severity(&row.severity_in_force)?.into(),
        message: Some(Text::new(row.message_zh, row.message_en).into()),
        expression: row.expression,
        reports: row.reports,
        reports_fired: row.reports_fired,
        reports_fired_in_force: row.reports_fired_in_force,
        organisations_fired: row.organisations_fired,
        fires: row.fires_new + row.fires_same,
        newly_fires: row.fires_new,
        unchanged: row.fires_same,
        no_longer_fires: row.fires_gone,
    })
}

pub fn organisation(row: firing::OfOrganisation) -> ReplayOrganisation {
    ReplayOrganisation {
        organisation_code: row.organisation_code,
        rules_fired: i32::try_from(row.rules_fired).unwrap_or(i32::MAX),
        fires: row.fires_new + row.fires_same,
        newly_fires: row.fires_new,
        unchanged: row.fires_same,
        no_longer_fires: row.fires_gone,
        errors: row.errors,
        errors_in_force: row.errors_in_force,
    }
}

pub fn firing(row: firing::Model) -> Result<Firing, Error> {
    let change = match Change::parse(&row.change) {
        Some(Change::New) => WireChange::New,
        Some(Change::Gone) => WireChange::Gone,
        Some(Change::Same) => WireChange::Same,
        None => return Err(Error::internal(format!("there is no change {:?}", row.change))),
    };
    let codes = row.indicator_codes.split(',').filter(|code| !code.is_empty());
    Ok(Firing {
        indicator_codes: codes.map(str::to_owned).collect(),
        rule_code: row.rule_code,
        change: change.into(),
        severity: severity(&row.severity)?.into(),
        severity_in_force: severity(&row.severity_in_force)?.into(),
        cycle_year: row.cycle_year,
        report_kind: row.report_kind,
        organisation_code: row.organisation_code,
        subject_code: row.subject_code,
        submission_id: row.submission_id,
        revision_number: row.revision_number,
        section_code: row.section_code,
        computation: row.computation,
        message: Some(Text::new(row.message_zh, row.message_en).into()),
    })
}
