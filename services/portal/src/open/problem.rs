//! An error as `application/problem+json` (RFC 9457).

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tonic::Code;
use zhijian_platform::Lang;
use zhijian_tables::query::{Fault, MAX_CONDITIONS, MAX_SEARCH};

use crate::{
    say,
    web::{error::Failure, format, i18n, withdrawal::Withdrawal},
};

/// What went wrong, in the reader's language.
pub struct Problem {
    status: StatusCode,
    title: String,
    detail: String,
    instance: String,
    wrong: Vec<Wrong>,
    /// Members that only this sort of problem has.
    more: Vec<(&'static str, Value)>,
    lang: Lang,
}

/// An argument that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Its name.
    pub parameter: String,
    /// What is wrong with it, and what would be right.
    pub detail: String,
}

impl Wrong {
    /// Puts the two together.
    pub fn new(parameter: &str, detail: impl Into<String>) -> Self {
        Self { parameter: parameter.to_owned(), detail: detail.into() }
    }

    /// What is wrong with a query of a table.
    pub fn of_query(lang: Lang, fault: &Fault) -> Self {
        match fault {
            Fault::Column { column, known } => {
                let known = known.join(", ");
                Self::new(
                    "columns",
                    say!(
                        lang,
                        "没有名为“{column}”的列。可用的列：{known}。",
                        "There is no column {column}. There are: {known}."
                    ),
                )
            }
            Fault::Twice { column } => Self::new(
                "columns",
                say!(lang, "“{column}”列写了两次。", "Column {column} is asked for twice."),
            ),
            Fault::Condition { text } => Self::new(
                "where",
                say!(
                    lang,
                    "“{text}”不是条件。条件写作“列:比较:值”，比较是 eq、ne、lt、le、gt、ge、has 之一，例如 count:ge:10。",
                    "{text} is not a condition. Write column:test:value, the test one of eq, ne, lt, le, gt, ge, has; for example count:ge:10."
                ),
            ),
            Fault::Words { column } => Self::new(
                "where",
                say!(
                    lang,
                    "“{column}”列是文字，不能比大小；可用 eq、ne、has。",
                    "Column {column} holds words, which have no order; use eq, ne or has."
                ),
            ),
            Fault::Number { value } => {
                Self::new("where", say!(lang, "“{value}”不是数。", "{value} is not a number."))
            }
            Fault::Conditions => Self::new(
                "where",
                say!(
                    lang,
                    "条件最多 {MAX_CONDITIONS} 个。",
                    "At most {MAX_CONDITIONS} conditions are taken."
                ),
            ),
            Fault::Search => Self::new(
                "q",
                say!(
                    lang,
                    "查找的文字最多 {MAX_SEARCH} 个字。",
                    "The text looked for has at most {MAX_SEARCH} characters."
                ),
            ),
        }
    }
}

impl Problem {
    /// A failure.
    pub fn of(failure: &Failure, lang: Lang, path: &str) -> Self {
        // To the open data, what one may not see is not there.
        let hidden = matches!(failure.code, Code::NotFound | Code::PermissionDenied | Code::Unauthenticated);
        let status = if hidden { StatusCode::NOT_FOUND } else { failure.status() };
        let (title, detail) = if hidden {
            (
                lang.pick("没有这项数据", "There is no such data"),
                lang.pick(
                    "没有这一年或这张表，或者还没有发布。可用的地址见 /open/v1/openapi.json。",
                    "There is no such year or table, or it is not public. See /open/v1/openapi.json for what there is.",
                ),
            )
        } else if status == StatusCode::SERVICE_UNAVAILABLE {
            (
                lang.pick("服务暂时没有应答", "The service does not answer just now"),
                lang.pick("请稍后再试。", "Please try again shortly."),
            )
        } else {
            (lang.pick("请求没有成功", "The request failed"), failure.message.as_str())
        };
        Self::new(status, title, detail, lang, path)
    }

    /// The open data can only be read.
    pub fn method_not_allowed(lang: Lang, path: &str) -> Self {
        let title = lang.pick("开放数据只能读取", "The open data can only be read");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, title, lang.pick("请使用 GET。", "Use GET."), lang, path)
    }

    /// Arguments that cannot be taken.
    pub fn arguments(wrong: Vec<Wrong>, lang: Lang, path: &str) -> Self {
        let title = lang.pick("请求中有参数不对", "Some arguments cannot be taken");
        let detail = wrong.iter().map(|wrong| wrong.detail.as_str()).collect::<Vec<_>>().join(" ");
        Self { wrong, ..Self::new(StatusCode::BAD_REQUEST, title, &detail, lang, path) }
    }

    /// What was published here was taken back. `more` says when, why, and where its versions are.
    pub fn gone(
        withdrawal: &Withdrawal,
        lang: Lang,
        path: &str,
        more: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Self {
        let title = lang.pick("这份结果已撤回", "These results were withdrawn");
        let day = withdrawal.time.map(|time| format::day(time).to_string()).unwrap_or_default();
        let reason = i18n::text(lang, withdrawal.reason.as_ref());
        let detail = say!(
            lang,
            "{day} 撤回：{reason} 发布过的各版仍在 versions 所列的地址。",
            "Withdrawn on {day}: {reason} The versions that had been published stay at the addresses in versions."
        );
        let more = more.into_iter().collect();
        Self { more, ..Self::new(StatusCode::GONE, title, &detail, lang, path) }
    }

    fn new(status: StatusCode, title: &str, detail: &str, lang: Lang, path: &str) -> Self {
        let (title, detail, instance) = (title.to_owned(), detail.to_owned(), path.to_owned());
        Self { status, title, detail, instance, wrong: vec![], more: vec![], lang }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": "about:blank",
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "instance": self.instance,
        });
        if !self.wrong.is_empty() {
            let wrong =
                self.wrong.iter().map(|one| json!({ "parameter": one.parameter, "detail": one.detail }));
            body["errors"] = wrong.collect();
        }
        for (name, value) in self.more {
            body[name] = value;
        }
        let headers = [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CONTENT_LANGUAGE, self.lang.tag()),
            (header::VARY, "Accept-Language"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (self.status, headers, body.to_string()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_not_there() {
        let hidden =
            Problem::of(&Failure::refused(Code::PermissionDenied), Lang::En, "/open/v1/releases/2026");
        assert_eq!(hidden.status, StatusCode::NOT_FOUND);
        assert_eq!(hidden.title, "There is no such data");
        let response = hidden.into_response();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
}
