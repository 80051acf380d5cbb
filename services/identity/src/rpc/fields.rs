//! Collects what is wrong with a request, so that a caller hears of everything at once.

use zhijian_platform::{Error, Violation};

use crate::domain::Broken;

/// The fields found at fault so far.
#[derive(Default)]
pub(super) struct Fields(Vec<Violation>);

impl Fields {
    /// The value if it is good; otherwise notes which field is at fault.
    pub fn take<T>(&mut self, field: impl Into<String>, result: Result<T, impl Broken>) -> Option<T> {
        result.map_err(|broken| self.0.push(broken.at(field))).ok()
    }

    /// Notes one more field at fault.
    pub fn refuse(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    /// The whole that was read, if no field of the request is at fault.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming every field at fault.
    pub fn finish<T>(self, whole: Option<T>) -> Result<T, Error> {
        match whole {
            Some(whole) if self.0.is_empty() => Ok(whole),
            _ => Err(Error::Invalid(self.0)),
        }
    }
}

/// One field at fault, by its path in the request.
pub(super) fn invalid(field: impl Into<String>, broken: &impl Broken) -> Error {
    Error::Invalid(vec![broken.at(field)])
}
