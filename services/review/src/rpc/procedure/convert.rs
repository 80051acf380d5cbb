//! From procedures to the wire, and what was brought from it.

use std::collections::HashMap;

use chrono::Utc;
use rust_decimal::Decimal;
use zhijian_platform::{Error, etag, time::timestamp};
use zhijian_proto::review::v1 as wire;

use super::super::convert::{count, subject_kind};
use crate::{
    domain::{
        procedure::{
            Procedure, State,
            form::{Form, Given, Value},
            item::Item,
        },
        scheme::{Actor, End, Field, FieldKind, Gather, Procedure as Steps, RESERVED_ENDS, Step},
    },
    store::item_event::Event,
};

pub fn procedure(procedure: &Procedure, counts: &HashMap<String, i64>) -> Result<wire::Procedure, Error> {
    let of = procedure.steps()?;
    let places = of.steps.iter().map(|step| step.code.as_str());
    let places = places.chain(of.ends.iter().map(|end| end.code.as_str())).chain(RESERVED_ENDS);
    let counts = places.map(|code| wire::StepCount {
        code: code.to_owned(),
        count: count(counts.get(code).copied().unwrap_or_default()),
    });
    Ok(wire::Procedure {
        procedure_id: procedure.id.clone(),
        cycle_year: procedure.cycle_year,
        scheme_code: procedure.scheme.code().to_owned(),
        name: Some(procedure.name.clone().into()),
        state: match procedure.state {
            State::Open => wire::procedure::State::Open,
            State::Closed => wire::procedure::State::Closed,
        }
        .into(),
        subject: subject_kind(of.subject).into(),
        steps: steps(of),
        ends: ends(of),
        applies: of.gather == Gather::Applications,
        apply_due_date: procedure.apply_due_date.map(|due| due.to_string()).unwrap_or_default(),
        most_per_school: of.most_per_school.map(count).unwrap_or_default(),
        round_id: procedure.round_id.clone().unwrap_or_default(),
        counts: counts.collect(),
        create_time: Some(timestamp(procedure.create_time)),
        etag: etag::of(procedure.version),
    })
}

pub fn steps(of: &Steps) -> Vec<wire::Step> {
    of.steps.iter().map(step).collect()
}

pub fn ends(of: &Steps) -> Vec<wire::End> {
    of.ends.iter().map(end).collect()
}

fn step(step: &Step) -> wire::Step {
    wire::Step {
        code: step.code.clone(),
        name: Some(step.name.clone().into()),
        description: step.description.clone().map(Into::into),
        actor: match step.actor {
            Actor::School => wire::step::Actor::School,
            Actor::Supervisor => wire::step::Actor::Supervisor,
            Actor::Commission => wire::step::Actor::Commission,
            Actor::Chair => wire::step::Actor::Chair,
            Actor::Publisher => wire::step::Actor::Publisher,
        }
        .into(),
        working_days: step.working_days.map(count).unwrap_or_default(),
        review: step.review,
        optional: step.optional,
        fields: step.fields.iter().map(field).collect(),
        outcomes: step
            .outcomes
            .iter()
            .map(|way| wire::StepOutcome {
                code: way.code.clone(),
                name: Some(way.name.clone().into()),
                to_code: way.to.clone(),
                grades: way.grades.clone(),
                comment: way.comment,
            })
            .collect(),
        guards: step
            .guards
            .iter()
            .map(|guard| wire::Guard {
                outcome_codes: guard.ways.clone(),
                message: Some(guard.message.clone().into()),
            })
            .collect(),
    }
}

fn field(field: &Field) -> wire::FormField {
    let bound = |bound: Option<Decimal>| bound.map(|bound| bound.normalize().to_string()).unwrap_or_default();
    wire::FormField {
        code: field.code.clone(),
        name: Some(field.name.clone().into()),
        kind: match field.kind {
            FieldKind::Text => wire::form_field::Kind::Text,
            FieldKind::Number => wire::form_field::Kind::Number,
            FieldKind::Money => wire::form_field::Kind::Money,
            FieldKind::Choice => wire::form_field::Kind::Choice,
            FieldKind::File => wire::form_field::Kind::File,
            FieldKind::Shares => wire::form_field::Kind::Shares,
        }
        .into(),
        hint: field.hint.clone().map(Into::into),
        unit: field.unit.clone().map(Into::into),
        required: !field.optional,
        decimals: count(field.decimals),
        least: bound(field.least),
        most: bound(field.most),
        max_length: count(field.max_length),
        options: field
            .options
            .iter()
            .map(|option| wire::FormOption {
                code: option.code.clone(),
                name: Some(option.name.clone().into()),
            })
            .collect(),
    }
}

fn end(end: &End) -> wire::End {
    wire::End {
        code: end.code.clone(),
        name: Some(end.name.clone().into()),
        favourable: end.favourable,
        consequences: end
            .consequences
            .iter()
            .map(|one| wire::Consequence { code: one.code.clone(), text: Some(one.text.clone().into()) })
            .collect(),
    }
}

/// An item without its history, and without what the caller may do about it.
pub fn item(item: &Item, of: &Steps) -> wire::Item {
    let forms = of.steps.iter().filter_map(|step| {
        let form = item.forms.get(&step.code)?;
        Some(wire::StepForm { step_code: step.code.clone(), values: values(form) })
    });
    let at = item.at.clone();
    let (state, step_code, end_code) = match item.ended {
        true => (wire::item::State::Ended, String::new(), at),
        false => (wire::item::State::UnderWay, at, String::new()),
    };
    wire::Item {
        item_id: item.id.clone(),
        procedure_id: item.procedure_id.clone(),
        organisation_code: item.organisation_code.clone(),
        organisation_name: Some(item.organisation_name.clone().into()),
        subject: subject_kind(item.subject.kind).into(),
        title: Some(item.subject.name.clone().into()),
        programme_code: item.subject.code.clone(),
        state: state.into(),
        step_code,
        end_code,
        due_date: item.due_date.map(|due| due.to_string()).unwrap_or_default(),
        overdue: item.overdue(Utc::now()),
        forms: forms.collect(),
        mine: false,
        history: vec![],
        create_time: Some(timestamp(item.create_time)),
        etag: etag::of(item.version),
        withdrawable: false,
    }
}

fn values(form: &Form) -> Vec<wire::FieldValue> {
    let value = |(code, value): (&String, &Value)| {
        let (value, shares) = match value {
            Value::Text(text) => (text.clone(), vec![]),
            Value::Number(number) => (number.to_string(), vec![]),
            Value::Shares(shares) => (String::new(), shares.clone()),
        };
        let share = |share: crate::domain::procedure::form::Share| wire::Share {
            label: share.label,
            amount: share.amount.to_string(),
        };
        wire::FieldValue { field_code: code.clone(), value, shares: shares.into_iter().map(share).collect() }
    };
    form.iter().map(value).collect()
}

/// Values as they were sent.
pub fn given(values: &[wire::FieldValue]) -> Vec<Given> {
    values
        .iter()
        .map(|value| Given {
            field: value.field_code.clone(),
            value: value.value.clone(),
            shares: value.shares.iter().map(|row| (row.label.clone(), row.amount.clone())).collect(),
        })
        .collect()
}

/// Something that happened to an item.
pub fn event(event: Event) -> wire::ItemEvent {
    wire::ItemEvent {
        time: Some(timestamp(event.time)),
        step_code: event.step,
        outcome_code: event.outcome,
        to_code: event.to,
        comment: event.comment,
        values: values(&event.form),
    }
}
