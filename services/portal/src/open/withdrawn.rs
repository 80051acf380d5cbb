//! What programs are told of data that were taken back: the address that always meant the newest is gone, those of versions
//! answer as before and say so.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, header};
use serde_json::{Value, json};
use zhijian_proto::publication::v1::Release;
use zhijian_tables::{Fact, Words};

use super::{
    Caller,
    problem::Problem,
    releases::headings,
    shape::{self, base, table_address},
};
use crate::web::{error::Failure, withdrawal::Withdrawal};

/// That a resource should not be relied upon any more, and since when (RFC 9745).
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");

/// Refuses the plain address of the tables of a release that was taken back, or of one of them; the problem names the
/// addresses of the versions. `file` is the number and the format of a table.
pub async fn gone(
    caller: &Caller,
    release: &Release,
    withdrawal: &Withdrawal,
    file: Option<(&str, &str)>,
) -> Response {
    let mut kept = vec![];
    for version in &withdrawal.kept {
        let base = base(release.year, *version);
        let address = match file {
            None => format!("{base}/tables"),
            Some((number, format)) => match headings(caller, release.year, *version).await {
                Ok(tables) if tables.iter().any(|table| table.number == number) => {
                    table_address(&base, number, format)
                }
                Ok(_) => continue,
                Err(failure) => return caller.refuse(&failure),
            },
        };
        kept.push(json!({ "version": version, "address": address }));
    }
    // What no version had was never there.
    if kept.is_empty() {
        return caller.refuse(&Failure::not_found());
    }
    let more = [("withdrawn", shown(withdrawal)), ("versions", Value::from(kept))];
    Problem::gone(withdrawal, caller.lang, caller.uri.path(), more).into_response()
}

/// A withdrawal as JSON.
pub fn shown(withdrawal: &Withdrawal) -> Value {
    json!({
        "time": withdrawal.time.map(|time| time.to_rfc3339()),
        "reason": shape::text(withdrawal.reason.as_ref()),
    })
}

/// A withdrawal as files of a table say it.
pub fn fact(withdrawal: &Withdrawal) -> Fact {
    let reason = shape::words(withdrawal.reason.as_ref());
    Fact {
        key: "withdrawn".to_owned(),
        name: Words::new("已撤回", "Withdrawn"),
        text: Words::new(
            format!("本数据已撤回。{}", reason.zh),
            format!("These data were withdrawn. {}", reason.en),
        ),
    }
}

/// Marks the answer of a version, whose bytes stay as they were signed: the headers say that it was taken back.
pub fn mark(mut response: Response, release: &Release, withdrawal: &Withdrawal) -> Response {
    let page = format!("</releases/{}>; rel=\"deprecation\"; type=\"text/html\"", release.year);
    let since = withdrawal.time.map(|time| format!("@{}", time.timestamp()));
    let headers = response.headers_mut();
    if let Some(since) = since.and_then(|since| HeaderValue::try_from(since).ok()) {
        headers.insert(DEPRECATION, since);
    }
    if let Ok(page) = HeaderValue::try_from(page) {
        // Beside the link to the next page, if there is one.
        headers.append(header::LINK, page);
    }
    response
}
