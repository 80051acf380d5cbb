//! Who is who: the types and rules, without any input or output.

pub mod account;
pub mod code;
pub mod credit;
pub mod date;
pub mod organisation;
pub mod particulars;
pub mod password;
pub mod region;
pub mod register;
pub mod role;
pub mod text;
pub mod throttle;

use zhijian_platform::Violation;

/// A rule that a field of a request breaks. `Display` says in English what to do about it.
pub trait Broken: std::error::Error {
    /// The same in Chinese.
    fn zh(&self) -> String;

    /// Names the field at fault by its path in the request.
    fn at(&self, field: impl Into<String>) -> Violation {
        Violation::new(field, self.zh(), self.to_string())
    }
}

/// A stored name that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the table holds {0:?}, which this version does not know")]
pub struct Unknown(pub String);
