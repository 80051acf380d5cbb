//! An item's way: the steps behind and before it, what was brought in each, and what happened.

use maud::{Markup, html};
use zhijian_proto::review::v1::{FieldValue, FormField, ItemEvent, Step, form_field::Kind};

use super::{item::Shown, place};
use crate::web::{
    format,
    i18n::{name_or, text, words},
    prose,
};

/// The steps as a line, the present one marked. Steps that were passed by are not shown once it has ended.
pub fn steps(shown: &Shown<'_>) -> Markup {
    let lang = shown.visitor.lang();
    let at = shown.procedure.steps.iter().position(|step| step.code == shown.item.step_code);
    let was_at = |step: &Step| shown.item.history.iter().any(|event| event.step_code == step.code);
    html! {
        ol.steps {
            @for (index, step) in shown.procedure.steps.iter().enumerate() {
                @let past = at.is_none_or(|at| index < at);
                @if !past || !step.optional || was_at(step) {
                    li class=[past.then_some("past")] aria-current=[(at == Some(index)).then_some("step")] { (name_or(lang, step.name.as_ref(), &step.code)) }
                }
            }
            @if at.is_none() { li aria-current="step" { (place(lang, shown.procedure, &shown.item.end_code)) } }
        }
    }
}

/// What was brought in the steps so far; the present step's draft is in its form.
pub fn brought(shown: &Shown<'_>) -> Markup {
    let lang = shown.visitor.lang();
    let t = words(lang);
    let present = |code: &str| shown.item.mine && code == shown.item.step_code;
    let forms = shown.item.forms.iter().filter(|form| !form.values.is_empty() && !present(&form.step_code));
    let step = |code: &str| shown.procedure.steps.iter().find(|step| step.code == code);
    html! {
        @for (index, form) in forms.enumerate() {
            @if index == 0 { h2 { (t("已填报的内容", "What was brought")) } }
            @if let Some(step) = step(&form.step_code) {
                h3 { (name_or(lang, step.name.as_ref(), &step.code)) }
                dl.facts {
                    @for field in &step.fields {
                        @if let Some(value) = form.values.iter().find(|value| value.field_code == field.code) {
                            dt { (name_or(lang, field.name.as_ref(), &field.code)) }
                            dd { (said(shown, field, value)) }
                        }
                    }
                }
            }
        }
    }
}

fn said(shown: &Shown<'_>, field: &FormField, value: &FieldValue) -> Markup {
    let lang = shown.visitor.lang();
    let unit = text(lang, field.unit.as_ref());
    html! {
        @match field.kind() {
            Kind::Shares => table.data.narrow { tbody { @for share in &value.shares { tr {
                th scope="row" { (share.label) }
                td.number { (format::fixed(&share.amount, 2)) " " span.unit { (unit) } }
            } } } },
            Kind::Choice => {
                @let chosen = field.options.iter().find(|option| option.code == value.value);
                (name_or(lang, chosen.and_then(|option| option.name.as_ref()), &value.value))
            },
            Kind::File if value.value.starts_with("http") => a href=(value.value) rel="noopener noreferrer" { (value.value) },
            Kind::Number | Kind::Money => { (value.value) " " span.unit { (unit) } },
            _ => (prose::set(&value.value, 4)),
        }
    }
}

/// What happened, newest first.
pub fn history(shown: &Shown<'_>) -> Markup {
    let (lang, now) = (shown.visitor.lang(), shown.visitor.now());
    let t = words(lang);
    html! {
        @if !shown.item.history.is_empty() {
            h2 { (t("经过", "What happened")) }
            ol.history {
                @for event in shown.item.history.iter().rev() {
                    li {
                        span.grey { @if let Some(time) = format::moment(event.time.as_ref()) { (format::happened(lang, time, now)) } }
                        div {
                            (place(lang, shown.procedure, &event.step_code)) (t("：", ": ")) (deed(shown, event))
                            @if event.to_code != event.step_code { (t(" → ", " → ")) (place(lang, shown.procedure, &event.to_code)) }
                            @if !event.comment.is_empty() { p.grey { (event.comment) } }
                        }
                    }
                }
            }
        }
    }
}

fn deed<'a>(shown: &'a Shown<'_>, event: &'a ItemEvent) -> &'a str {
    let lang = shown.visitor.lang();
    let t = words(lang);
    let step = shown.procedure.steps.iter().find(|step| step.code == event.step_code);
    let way = step.and_then(|step| step.outcomes.iter().find(|way| way.code == event.outcome_code));
    match (way, event.outcome_code.as_str()) {
        (Some(way), code) => name_or(lang, way.name.as_ref(), code),
        (None, "apply") => t("开始填报", "begun"),
        (None, "withdraw") => t("学校撤回", "withdrawn by the school"),
        (None, "lapse") => t("逾期终止", "lapsed"),
        (None, code) => code,
    }
}
