//! Signing in and out. A post that met an ended session is kept on the sign-in page and can be sent again after it.

use axum::{
    Router,
    extract::Query,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, HeaderValue, header};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::identity::v1::{SignInRequest, SignInResponse};

use super::see_other;
use crate::web::{
    components::{Field, Form, Kind, hidden, refusal},
    error::{Answer, Failure},
    form::{Attempt, FormData},
    format,
    i18n::words,
    layout::{Page, reading},
    link,
    session::{SetCookie, Visitor},
};

/// Fields of a kept post carry this before their names.
const KEPT: &str = "kept.";
/// Where a kept post goes.
const KEPT_FOR: &str = "kept_for";

pub fn routes() -> Router {
    Router::new().route("/sign-in", get(show).post(sign_in)).route("/sign-out", post(sign_out))
}

#[derive(Deserialize)]
struct Onward {
    #[serde(default)]
    next: String,
}

async fn show(visitor: Visitor, Query(onward): Query<Onward>) -> Response {
    let next = link::local(&onward.next).unwrap_or("/work");
    if visitor.account().is_some() {
        return see_other(next);
    }
    page(&visitor, &Attempt::default(), next)
}

fn page(visitor: &Visitor, attempt: &Attempt, next: &str) -> Response {
    let t = words(visitor.lang());
    let title = t("登录", "Sign in");
    let kept = kept_fields(&attempt.form);
    let content = html! {
        h1 { (title) }
        @if !kept.is_empty() {
            div.banner.need {
                p { (t("登录已过期。您刚才提交的内容都还在：登录之后点一下即可继续提交。",
                    "Your session has ended. What you just sent is kept: sign in, then send it with one click.")) }
            }
        }
        div.narrow {
            (refusal(visitor.lang(), attempt))
            (Form { action: "/sign-in", attempt, keep: "" }.around(html! {
                (hidden("next", next))
                @for (name, value) in &kept { (hidden(name, value)) }
                (Field::new(Kind::Text, "sign_in_name", t("用户名", "Name"), attempt, "").autocomplete("username"))
                (Field::new(Kind::Password, "password", t("密码", "Password"), attempt, "").autocomplete("current-password"))
                div.actions { button.primary type="submit" { (t("登录", "Sign in")) } }
            }))
        }
        p.grey.small {
            (t("首次安装，还没有账户？", "A new installation without accounts? "))
            a href="/setup" { (t("用开通码建立第一个账户", "Open the first one with the set-up code")) }
        }
    };
    let address = link::address("/sign-in", &[("next", if next == "/work" { "" } else { next })]);
    reading(visitor, Page::reading(title, &address), attempt, content)
}

/// The sign-in page for a post whose session has ended, with everything that was typed.
pub fn keep_post(visitor: &Visitor, path: &str, form: &FormData) -> Response {
    let mut pairs: Vec<(String, String)> =
        form.pairs().iter().map(|(name, value)| (format!("{KEPT}{name}"), value.clone())).collect();
    pairs.push((KEPT_FOR.to_owned(), path.to_owned()));
    let attempt = Attempt { form: FormData::new(pairs), ..Attempt::default() };
    page(visitor, &attempt, "/work")
}

fn kept_fields(form: &FormData) -> Vec<(String, String)> {
    form.pairs().iter().filter(|(name, _)| name == KEPT_FOR || name.starts_with(KEPT)).cloned().collect()
}

async fn sign_in(visitor: Visitor, headers: HeaderMap, form: FormData) -> Answer {
    let next = link::local(form.get("next")).unwrap_or("/work").to_owned();
    let request = SignInRequest {
        sign_in_name: form.get("sign_in_name").to_owned(),
        password: form.typed("password").unwrap_or_default().to_owned(),
    };
    let answer = match visitor.clients().sessions().sign_in(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            return Ok(page(&visitor, &Attempt::refused(form, status.into(), str::to_owned), &next));
        }
    };
    let mut response = match link::local(form.get(KEPT_FOR)) {
        Some(path) => resume(&visitor, path, &form),
        None => see_other(&next),
    };
    set_session(&visitor, &headers, &answer, &mut response);
    Ok(response)
}

/// Sets the cookie of a fresh session.
pub fn set_session(visitor: &Visitor, headers: &HeaderMap, answer: &SignInResponse, response: &mut Response) {
    let secure = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let ends = format::moment(answer.expire_time.as_ref()).unwrap_or_else(|| visitor.now());
    let cookie = SetCookie::Session { token: answer.token.clone(), ends };
    if let Some(value) = cookie.header(visitor.now(), secure) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
}

/// The kept post, one click from being sent.
fn resume(visitor: &Visitor, path: &str, form: &FormData) -> Response {
    let t = words(visitor.lang());
    let title = t("您已登录", "You are signed in");
    let fields: Markup = html! {
        @for (name, value) in form.pairs() {
            @if let Some(name) = name.strip_prefix(KEPT) { (hidden(name, value)) }
        }
    };
    reading(
        visitor,
        Page::reading(title, "/work"),
        &Attempt::default(),
        html! {
            h1 { (title) }
            p.lede { (t("刚才提交的内容都还在，还没有送出。", "What you sent before is kept and has not gone out yet.")) }
            form method="post" action=(path) {
                (fields)
                div.actions {
                    button.primary type="submit" { (t("继续提交刚才的内容", "Send it now")) }
                    a href="/work" { (t("放弃，去看待办", "Drop it and go to my work")) }
                }
            }
        },
    )
}

async fn sign_out() -> Result<Response, Failure> {
    let mut response = see_other("/");
    let now = chrono::Utc::now();
    if let Some(cookie) = SetCookie::SignedOut.header(now, false) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    // Pages read by this account do not stay behind on a shared computer.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response.into_response())
}
