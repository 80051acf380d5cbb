//! What can go wrong in a request, and how a caller is told.

use std::{borrow::Cow, collections::HashMap, error::Error as StdError, fmt, time::Duration};

use sea_orm::{DbErr, RuntimeErr};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use zhijian_proto::common::v1::ErrorReason;

use crate::Lang;

/// The domain of every `ErrorInfo`.
pub const DOMAIN: &str = "zhijian";

/// How many bytes of violations an error names: details travel in a header, and clients take headers of 8 KiB at least.
const MAX_DETAILS: usize = 4096;

/// One text in the two languages of Zhijian.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The Chinese text.
    pub zh: String,
    /// The English text.
    pub en: String,
}

impl Text {
    /// Pairs the two texts.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The text in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

impl From<Text> for zhijian_proto::common::v1::Text {
    fn from(text: Text) -> Self {
        Self { zh: text.zh, en: text.en }
    }
}

impl From<zhijian_proto::common::v1::Text> for Text {
    fn from(text: zhijian_proto::common::v1::Text) -> Self {
        Self { zh: text.zh, en: text.en }
    }
}

/// One field or condition at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field in the request ("cells[3].value"), or the subject of the condition.
    pub field: String,
    /// What is wrong and what to do.
    pub description: Text,
}

impl Violation {
    /// Names a field and what is wrong with it.
    pub fn new(field: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { field: field.into(), description: Text::new(zh, en) }
    }
}

/// Why a request failed. Converted into a [`Status`] once, with rich details in the caller's language.
#[derive(Debug)]
pub enum Error {
    /// Fields of the request are wrong: INVALID_ARGUMENT.
    Invalid(Vec<Violation>),
    /// What the request names does not exist, or the caller may not know of it: NOT_FOUND.
    NotFound { resource: String },
    /// What the request would create is there already: ALREADY_EXISTS.
    AlreadyExists { resource: String },
    /// Somebody changed the resource since it was read: ABORTED. `current` helps the caller to merge.
    EtagMismatch { current: HashMap<String, String> },
    /// The state does not allow it: FAILED_PRECONDITION.
    Precondition { reason: ErrorReason, violations: Vec<Violation> },
    /// The `request_id` was used before for another request: INVALID_ARGUMENT.
    RequestReused,
    /// There is no valid token: UNAUTHENTICATED.
    SignInRequired,
    /// Name and password do not match: UNAUTHENTICATED.
    WrongCredentials,
    /// Too many tries: RESOURCE_EXHAUSTED.
    TooManyAttempts { retry_after: Duration },
    /// There is no room to store it: RESOURCE_EXHAUSTED.
    StorageFull(Box<dyn StdError + Send + Sync>),
    /// The policies refuse it: PERMISSION_DENIED.
    NotAllowed { action: String },
    /// Another service, or the database, cannot be reached just now: UNAVAILABLE.
    Unavailable(Box<dyn StdError + Send + Sync>),
    /// Another service refused; its status is handed on.
    Upstream(Box<Status>),
    /// A fault of ours: INTERNAL. The cause goes to the log, never to the caller.
    Internal(Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// One field at fault.
    pub fn invalid(field: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Invalid(vec![Violation::new(field, zh, en)])
    }

    /// `kind` of this `id` does not exist.
    pub fn not_found(kind: &str, id: impl fmt::Display) -> Self {
        Self::NotFound { resource: format!("{kind}/{id}") }
    }

    /// `kind` of this `id` exists already.
    pub fn already_exists(kind: &str, id: impl fmt::Display) -> Self {
        Self::AlreadyExists { resource: format!("{kind}/{id}") }
    }

    /// An etag that is not the current one.
    pub fn etag_mismatch(current: impl Into<String>) -> Self {
        Self::EtagMismatch { current: HashMap::from([("current_etag".to_owned(), current.into())]) }
    }

    /// A state that does not allow the move.
    pub fn illegal_state(subject: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Precondition {
            reason: ErrorReason::IllegalState,
            violations: vec![Violation::new(subject, zh, en)],
        }
    }

    /// A fault of ours.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    fn reason(&self) -> ErrorReason {
        match self {
            Self::Invalid(_) => ErrorReason::InvalidField,
            Self::NotFound { .. } => ErrorReason::NotFound,
            Self::AlreadyExists { .. } => ErrorReason::AlreadyExists,
            Self::EtagMismatch { .. } => ErrorReason::EtagMismatch,
            Self::Precondition { reason, .. } => *reason,
            Self::RequestReused => ErrorReason::RequestReused,
            Self::SignInRequired => ErrorReason::SignInRequired,
            Self::WrongCredentials => ErrorReason::WrongCredentials,
            Self::TooManyAttempts { .. } => ErrorReason::TooManyAttempts,
            Self::StorageFull(_) => ErrorReason::StorageFull,
            Self::NotAllowed { .. } => ErrorReason::NotAllowed,
            Self::Unavailable(_) => ErrorReason::Unavailable,
            Self::Upstream(_) | Self::Internal(_) => ErrorReason::Internal,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::Invalid(_) | Self::RequestReused => Code::InvalidArgument,
            Self::NotFound { .. } => Code::NotFound,
            Self::AlreadyExists { .. } => Code::AlreadyExists,
            Self::EtagMismatch { .. } => Code::Aborted,
            Self::Precondition { .. } => Code::FailedPrecondition,
            Self::SignInRequired | Self::WrongCredentials => Code::Unauthenticated,
            Self::TooManyAttempts { .. } | Self::StorageFull(_) => Code::ResourceExhausted,
            Self::NotAllowed { .. } => Code::PermissionDenied,
            Self::Unavailable(_) => Code::Unavailable,
            Self::Upstream(status) => status.code(),
            Self::Internal(_) => Code::Internal,
        }
    }

    /// The sentence that a person reads.
    pub fn message(&self) -> Text {
        match self {
            Self::Invalid(violations) | Self::Precondition { violations, .. } => {
                match violations.as_slice() {
                    [only] => only.description.clone(),
                    several => Text::new(
                        format!("有 {} 处需要修改。", several.len()),
                        format!("{} things need mending.", several.len()),
                    ),
                }
            }
            Self::NotFound { resource } => {
                Text::new(format!("找不到 {resource}。"), format!("There is no {resource}."))
            }
            Self::AlreadyExists { resource } => {
                Text::new(format!("{resource} 已经存在。"), format!("{resource} exists already."))
            }
            Self::EtagMismatch { .. } => Text::new(
                "在您打开之后，别人修改过这里。请看过最新内容再保存。",
                "Somebody changed this after you opened it. Look at the newest content, then save again.",
            ),
            Self::RequestReused => Text::new(
                "这个 request_id 已用于另一个请求，请换一个新的。",
                "This request_id was used for a different request; use a new one.",
            ),
            Self::SignInRequired => Text::new("请先登录。", "Please sign in first."),
            Self::WrongCredentials => {
                Text::new("用户名或密码不对。", "The name or the password is not right.")
            }
            Self::TooManyAttempts { retry_after } => {
                let minutes = retry_after.as_secs().div_ceil(60);
                Text::new(
                    format!("尝试次数过多，请在 {minutes} 分钟后再试。"),
                    format!("Too many tries. Try again in {minutes} minutes."),
                )
            }
            Self::StorageFull(_) => Text::new(
                "服务器的存储空间已满，这次没有保存，原有内容没有变化。请联系管理员腾出空间，然后重试。",
                "The server is out of storage space: this was not saved, and nothing was changed. Ask the administrator to make room, then try again.",
            ),
            Self::NotAllowed { .. } => {
                Text::new("您的账户没有这项权限。", "Your account is not allowed to do this.")
            }
            Self::Unavailable(_) => Text::new(
                "服务暂时不可用，请稍后重试；重复提交是安全的。",
                "The service cannot answer just now. Try again shortly; repeating is safe.",
            ),
            Self::Upstream(status) => Text::new(status.message(), status.message()),
            Self::Internal(_) => Text::new(
                "系统出错了，您的数据没有改动。请重试；若仍不行，请把事件编号告诉管理员。",
                "Something failed on our side and nothing was changed. Try again; if it persists, tell the administrator the incident number.",
            ),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().en)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) | Self::StorageFull(cause) => {
                Some(cause.as_ref())
            }
            Self::Upstream(status) => Some(status.as_ref()),
            _ => None,
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        if let Error::Upstream(status) = error {
            return *status;
        }
        let lang = Lang::current();
        let mut metadata = HashMap::new();
        let mut details = ErrorDetails::new();
        match &error {
            Error::Invalid(violations) => {
                for (field, description) in told(violations, lang) {
                    details.add_bad_request_violation(field, description);
                }
            }
            Error::Precondition { reason, violations } => {
                for (subject, description) in told(violations, lang) {
                    details.add_precondition_failure_violation(reason_name(*reason), subject, description);
                }
            }
            Error::NotFound { resource } | Error::AlreadyExists { resource } => {
                metadata.insert("resource".to_owned(), resource.clone());
            }
            Error::EtagMismatch { current } => metadata.extend(current.clone()),
            Error::NotAllowed { action } => {
                metadata.insert("action".to_owned(), action.clone());
            }
            Error::TooManyAttempts { retry_after } => {
                details.set_retry_info(Some(*retry_after));
            }
            Error::Internal(_) => {
                let incident = crate::id::new("inc");
                tracing::error!(%incident, error = chain(&error), "request failed: incident {incident}");
                metadata.insert("incident".to_owned(), incident);
            }
            Error::StorageFull(_) => tracing::error!(error = chain(&error), "no storage space is left"),
            Error::Unavailable(_) => tracing::warn!(error = chain(&error), "dependency unavailable"),
            Error::RequestReused | Error::SignInRequired | Error::WrongCredentials | Error::Upstream(_) => {}
        }
        let message = error.message();
        details.set_error_info(reason_name(error.reason()), DOMAIN, metadata);
        details.set_localized_message(lang.tag(), message.get(lang));
        Status::with_error_details(error.code(), message.get(lang), details)
    }
}

/// As many violations as fit, and a last one that counts the rest.
fn told(violations: &[Violation], lang: Lang) -> Vec<(String, String)> {
    let mut room = MAX_DETAILS;
    let mut told = Vec::new();
    for (index, violation) in violations.iter().enumerate() {
        let description = violation.description.get(lang);
        let size = violation.field.len() + description.len();
        if size > room {
            let rest = violations.len() - index;
            let more = lang.pick("另有", "and");
            told.push((String::new(), format!("{more} {rest} {}", lang.pick("处。", "more."))));
            break;
        }
        room -= size;
        told.push((violation.field.clone(), description.to_owned()));
    }
    told
}

fn reason_name(reason: ErrorReason) -> &'static str {
    reason.as_str_name().trim_start_matches("ERROR_REASON_")
}

fn chain(error: &dyn StdError) -> String {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(Box::new(error)),
            full if is_full(&full) => Self::StorageFull(Box::new(full)),
            passing if is_passing(&passing) => Self::Unavailable(Box::new(passing)),
            other => Self::Internal(Box::new(other)),
        }
    }
}

/// Whether the database has no room left: SQLite's FULL, PostgreSQL's disk_full.
pub(crate) fn is_full(error: &DbErr) -> bool {
    code(error).is_some_and(|code| matches!(code.as_ref(), "13" | "53100"))
}

/// Whether the same statement may succeed in a moment: the connection broke off, the server is starting or stopping or has too
/// many connections, or another transaction stood in the way.
fn is_passing(error: &DbErr) -> bool {
    use sea_orm::sqlx::Error as Cause;
    let lost = matches!(
        cause(error),
        Some(Cause::Io(_) | Cause::Tls(_) | Cause::PoolTimedOut | Cause::PoolClosed | Cause::WorkerCrashed)
    );
    lost || code(error).is_some_and(|code| {
        // PostgreSQL's classes of lost connections, and SQLite's BUSY.
        code.starts_with("08")
            || matches!(code.as_ref(), "57P01" | "57P02" | "57P03" | "53300" | "40001" | "40P01" | "5")
    })
}

fn cause(error: &DbErr) -> Option<&sea_orm::sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

fn code(error: &DbErr) -> Option<Cow<'_, str>> {
    cause(error)?.as_database_error()?.code()
}

/// A status received from another service.
impl From<Status> for Error {
    fn from(status: Status) -> Self {
        match status.code() {
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => {
                Self::Unavailable(Box::new(status))
            }
            Code::Internal | Code::Unknown | Code::Unauthenticated | Code::Unimplemented | Code::DataLoss => {
                Self::Internal(Box::new(status))
            }
            _ => Self::Upstream(Box::new(status)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_with_hundreds_of_violations_still_fits_into_a_header() {
        let violations =
            (0..800).map(|i| Violation::new(format!("cells[{i}].value"), "必须是数", "must be a number"));
        let status = Status::from(Error::Invalid(violations.collect()));
        let bytes = status.details().len();
        assert!(bytes < 6 * 1024, "{bytes} bytes");
        let details = status.get_error_details();
        let named = &details.bad_request().expect("violations").field_violations;
        assert_eq!(named[0].field, "cells[0].value");
        let rest = &named.last().expect("not empty").description;
        assert_eq!(*rest, format!("另有 {} 处。", 800 - (named.len() - 1)));
    }

    #[test]
    fn what_failed_inside_is_not_told_outside() {
        let status = Status::from(Error::internal("password of the database is hunter2"));
        assert!(!format!("{status:?}").contains("hunter2"));
        assert!(status.get_error_details().error_info().expect("info").metadata.contains_key("incident"));
    }
}
