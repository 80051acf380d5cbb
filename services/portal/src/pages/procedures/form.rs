//! The form of a step, made from its fields; and from what was typed, its values.

use maud::{Markup, html};
use zhijian_proto::review::v1::{FieldValue, FormField, Share, Step, form_field::Kind as FieldKind};

use super::item::Shown;
use crate::{
    say,
    web::{
        components::{Field, Form, Kind, base, hidden, id_of},
        form::{Fault, FormData},
        i18n::{name_or, text, words},
    },
};

/// How many rows a field of shares offers at least, and how many empty ones below those that are filled.
const ROWS: usize = 6;
const MORE: usize = 3;
/// The most rows that are read.
const MOST_ROWS: usize = 60;

/// The form's name of a field.
pub fn name_of(code: &str) -> String {
    format!("value.{code}")
}

fn row_name(code: &str, row: usize, part: &str) -> String {
    format!("share.{code}.{row}.{part}")
}

/// The values of a step as they were typed, in the order of its fields.
pub fn values(step: &Step, form: &FormData) -> Vec<FieldValue> {
    let value = |field: &FormField| {
        if field.kind() != FieldKind::Shares {
            return FieldValue {
                field_code: field.code.clone(),
                value: form.lines(&name_of(&field.code)),
                shares: vec![],
            };
        }
        let row = |row: usize| Share {
            label: form.get(&row_name(&field.code, row, "label")).to_owned(),
            amount: form.get(&row_name(&field.code, row, "amount")).to_owned(),
        };
        let mut shares: Vec<Share> = (0..MOST_ROWS).map(row).collect();
        // Empty rows in between keep their places, so that faults find theirs.
        while shares.last().is_some_and(|share| share.label.is_empty() && share.amount.is_empty()) {
            shares.pop();
        }
        FieldValue { field_code: field.code.clone(), value: String::new(), shares }
    };
    step.fields.iter().map(value).collect()
}

/// The form's field that a path of the contract ("values[3].shares[1].amount") speaks of.
pub fn field_of(path: &str, sent: &[FieldValue]) -> String {
    let place = path.strip_prefix("values[").and_then(|rest| rest.split_once(']'));
    let Some((place, rest)) = place else { return path.to_owned() };
    let Some(value) = place.parse::<usize>().ok().and_then(|place| sent.get(place)) else {
        return path.to_owned();
    };
    let row = rest.strip_prefix(".shares[").and_then(|rest| rest.split_once("]."));
    match row.and_then(|(row, part)| Some((row.parse::<usize>().ok()?, part))) {
        Some((row, part)) => row_name(&value.field_code, row, part),
        None if rest.starts_with(".shares") => row_name(&value.field_code, 0, "label"),
        None => name_of(&value.field_code),
    }
}

/// A condition that speaks of a field that is empty, with the field where it can be met.
pub fn missing(condition: &Fault, sent: &[FieldValue], step: &Step) -> Fault {
    let known = sent.iter().any(|value| value.field_code == condition.field);
    let shares =
        step.fields.iter().any(|field| field.code == condition.field && field.kind() == FieldKind::Shares);
    let field = match (known, shares) {
        (false, _) => String::new(),
        (true, true) => row_name(&condition.field, 0, "label"),
        (true, false) => name_of(&condition.field),
    };
    Fault { field, message: condition.message.clone() }
}

/// The present step's form, with a button for each way out of it.
pub fn form(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, item, attempt, .. } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    let Some(step) = shown.step() else { return html! {} };
    let address = shown.address();
    let save = format!("{address}/save");
    let keep = format!("item/{}/{}", item.item_id, step.code);
    let described = text(lang, step.description.as_ref());
    let comments = step.outcomes.iter().any(|way| way.comment);
    html! {
        section.step-now {
            h2 { (name_or(lang, step.name.as_ref(), &step.code)) }
            @if !described.is_empty() { p { (described) } }
            @if !step.guards.is_empty() {
                ul.hint { @for guard in &step.guards { li { (text(lang, guard.message.as_ref())) } } }
            }
            (Form { action: &address, attempt, keep: &keep }.around(html! {
                (base("etag", &item.etag))
                (hidden("step_code", &step.code))
                @for field in &step.fields { (input(shown, step, field)) }
                @if comments {
                    (Field::new(Kind::Lines, "comment", t("意见", "Comment"), attempt, "")
                        .hint(t("退回或不同意时必须写明理由，学校会看到。", "Wanted when it is returned or refused; the school sees it.")).optional(lang))
                }
                div.actions {
                    @for (index, way) in step.outcomes.iter().enumerate() {
                        button.primary[index == 0] type="submit" name="outcome_code" value=(way.code) { (name_or(lang, way.name.as_ref(), &way.code)) }
                    }
                    @if !step.fields.is_empty() { button type="submit" formaction=(save) data-save { (t("存草稿", "Save the draft")) } }
                    span.saved data-saved aria-live="polite" {}
                }
            }))
        }
    }
}

fn input(shown: &Shown<'_>, step: &Step, field: &FormField) -> Markup {
    let lang = shown.visitor.lang();
    let attempt = shown.attempt;
    let t = words(lang);
    let stored = shown.item.forms.iter().find(|form| form.step_code == step.code);
    let stored = stored.and_then(|form| form.values.iter().find(|value| value.field_code == field.code));
    let value = stored.map_or("", |value| value.value.as_str());
    let (name, own) = (name_of(&field.code), name_or(lang, field.name.as_ref(), &field.code));
    let unit = text(lang, field.unit.as_ref());
    let label = match unit.is_empty() {
        true => own.to_owned(),
        false => say!(lang, "{own}（{unit}）", "{own} ({unit})"),
    };
    let hint = text(lang, field.hint.as_ref());
    let most = field.max_length;
    let hint = match (hint.is_empty(), field.kind()) {
        (false, _) => hint.to_owned(),
        (true, FieldKind::Text) => say!(lang, "至多 {most} 字。", "At most {most} characters."),
        (true, FieldKind::File) => {
            t("材料的网址，或附件编号。", "The document's address, or the id of an attachment.").to_owned()
        }
        (true, _) => String::new(),
    };
    let plain = |kind| {
        html! { (Field::new(kind, &name, &label, attempt, value).hint(&hint).optional_if(!field.required, lang)) }
    };
    match field.kind() {
        FieldKind::Shares => rows(shown, field, &label, &hint, stored.map_or(&[], |value| &value.shares)),
        FieldKind::Choice => {
            let id = id_of(&name);
            let chosen = attempt.form.or(&name, value);
            let fault = attempt.fault(&name);
            html! {
                div.field {
                    label for=(id) { (label) }
                    select id=(id) name=(name) aria-invalid=[fault.map(|_| "true")] {
                        option value="" selected[chosen.is_empty()] { (t("请选择", "Choose one")) }
                        @for option in &field.options {
                            option value=(option.code) selected[chosen == option.code] { (name_or(lang, option.name.as_ref(), &option.code)) }
                        }
                    }
                    @if let Some(fault) = fault { span.wrong-text { (fault) } }
                }
            }
        }
        FieldKind::Text if most > 100 => plain(Kind::Lines),
        _ => plain(Kind::Text),
    }
}

fn rows(shown: &Shown<'_>, field: &FormField, label: &str, hint: &str, stored: &[Share]) -> Markup {
    let (lang, attempt) = (shown.visitor.lang(), shown.attempt);
    let t = words(lang);
    let typed =
        (0..MOST_ROWS).rev().find(|row| !attempt.form.get(&row_name(&field.code, *row, "label")).is_empty());
    let filled = stored.len().max(typed.map_or(0, |row| row + 1));
    let offered = (filled + MORE).clamp(ROWS, MOST_ROWS);
    html! {
        fieldset.measure {
            legend { (label) }
            @if !hint.is_empty() { p.hint { (hint) } }
            table.data.narrow {
                thead { tr { th scope="col" { (t("对象", "Whose")) } th.number scope="col" { (t("金额", "Amount")) } } }
                tbody { @for row in 0..offered {
                    @let share = stored.get(row).cloned().unwrap_or_default();
                    @let (whose, amount) = (row_name(&field.code, row, "label"), row_name(&field.code, row, "amount"));
                    @let number = row + 1;
                    tr {
                        td { (cell(shown, &whose, &share.label, &say!(lang, "第 {number} 行对象", "Row {number}: whose"), false)) }
                        td { (cell(shown, &amount, &share.amount, &say!(lang, "第 {number} 行金额", "Row {number}: amount"), true)) }
                    }
                } }
            }
        }
    }
}

fn cell(shown: &Shown<'_>, name: &str, stored: &str, label: &str, number: bool) -> Markup {
    let attempt = shown.attempt;
    let fault = attempt.fault(name);
    html! {
        input type="text" id=(id_of(name)) name=(name) value=(attempt.form.or(name, stored)) aria-label=(label)
            autocomplete="off" inputmode=[number.then_some("decimal")] aria-invalid=[fault.map(|_| "true")];
        @if let Some(fault) = fault { span.wrong-text { (fault) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step() -> Step {
        let field = |code: &str, kind: FieldKind| FormField {
            code: code.into(),
            kind: kind.into(),
            ..FormField::default()
        };
        Step {
            fields: vec![field("notice", FieldKind::File), field("shares", FieldKind::Shares)],
            ..Step::default()
        }
    }

    #[test]
    fn rows_keep_their_places_and_faults_find_their_fields() {
        let typed =
            [("value.notice", "https://a"), ("share.shares.0.label", "甲"), ("share.shares.2.amount", "5")];
        let form =
            FormData::new(typed.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect());
        let sent = values(&step(), &form);
        assert_eq!((sent[0].value.as_str(), sent[1].shares.len()), ("https://a", 3));
        assert_eq!(field_of("values[0].value", &sent), "value.notice");
        assert_eq!(field_of("values[1].shares[2].label", &sent), "share.shares.2.label");
        assert_eq!(field_of("values[1].shares", &sent), "share.shares.0.label");
        assert_eq!(field_of("comment", &sent), "comment");
        let empty = Fault { field: "notice".into(), message: "空".into() };
        assert_eq!(missing(&empty, &sent, &step()).field, "value.notice");
        let guard = Fault { field: "guard".into(), message: "超".into() };
        assert_eq!(missing(&guard, &sent, &step()).field, "");
    }
}
