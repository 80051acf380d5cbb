//! What a form sent, kept so that it can be shown again, and what was wrong with it.

use std::sync::Arc;

use uuid::Uuid;

use super::error::Failure;

/// The fields of a posted form, in order. Empty where nothing was posted.
#[derive(Debug, Clone, Default)]
pub struct FormData(Arc<Vec<(String, String)>>);

/// The hidden field that makes a repeated post safe.
pub const REQUEST_ID: &str = "request_id";

impl FormData {
    /// Takes the fields as they came.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(Arc::new(pairs))
    }

    /// Whether anything was posted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All fields.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// A field as typed, if it was sent.
    pub fn typed(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A field without surrounding space; empty if it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.typed(name).map_or("", str::trim)
    }

    /// A text of several lines: as typed, but with the line ends of text files instead of those of forms.
    pub fn lines(&self, name: &str) -> String {
        self.typed(name).unwrap_or_default().replace("\r\n", "\n")
    }

    /// What to show in a field: what was typed, else what is stored.
    pub fn or<'a>(&'a self, name: &str, stored: &'a str) -> &'a str {
        self.typed(name).unwrap_or(stored)
    }

    /// The form's request id; a fresh one if it carries none.
    pub fn request_id(&self) -> String {
        match self.get(REQUEST_ID) {
            "" => Uuid::now_v7().to_string(),
            id => id.to_owned(),
        }
    }
}

/// One thing that is wrong with a form: where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The name of the form's field; empty if it concerns no single one.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// One showing of a form: nothing typed yet, or what was typed and why it was not taken.
#[derive(Debug, Clone, Default)]
pub struct Attempt {
    /// What was typed.
    pub form: FormData,
    /// Why it was not taken.
    pub failure: Option<Failure>,
    /// What is wrong, each with the form's own field name.
    pub faults: Vec<Fault>,
}

impl Attempt {
    /// A refused form. `field_of` translates the contract's field paths into the form's field names.
    pub fn refused(form: FormData, failure: Failure, field_of: impl Fn(&str) -> String) -> Self {
        let faults = failure
            .fields
            .iter()
            .map(|fault| Fault { field: field_of(&fault.field), message: fault.message.clone() })
            .chain(
                failure
                    .conditions
                    .iter()
                    .map(|condition| Fault { field: String::new(), message: condition.message.clone() }),
            )
            .collect();
        Self { form, failure: Some(failure), faults }
    }

    /// A refused form that has no fields to point at.
    pub fn failed(form: FormData, failure: Failure) -> Self {
        Self::refused(form, failure, |_| String::new())
    }

    /// A form that the pages themselves refuse, before asking any service.
    pub fn faulty(form: FormData, faults: Vec<Fault>) -> Self {
        Self { form, failure: None, faults }
    }

    /// What is wrong with one field.
    pub fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|fault| fault.field == field).map(|fault| fault.message.as_str())
    }

    /// Whether something was refused.
    pub fn is_refused(&self) -> bool {
        self.failure.is_some() || !self.faults.is_empty()
    }

    /// The request id for the next try: the same while it is unknown whether the last one arrived, else a fresh one.
    pub fn next_request_id(&self) -> String {
        match &self.failure {
            Some(failure) if failure.outcome_unknown() => self.form.request_id(),
            _ => Uuid::now_v7().to_string(),
        }
    }
}
