//! A failure in words: what happened, what was kept, what to do.

use axum::response::Response;
use maud::html;
use tonic::Code;

use crate::web::{
    components::hidden,
    error::Failure,
    form::{Attempt, FormData},
    i18n::words,
    layout::{Page, reading},
    session::Visitor,
    upload::UPLOAD_REFUSED,
};

/// The page about a failure. `posted` is the form that met it, with its address: where it is unknown whether it was
/// taken, it can be sent again from here.
pub fn page(visitor: &Visitor, failure: &Failure, posted: Option<(&str, &FormData)>) -> Response {
    let t = words(visitor.lang());
    let (title, what, next) = match failure.code {
        Code::NotFound => (
            t("没有这个页面", "There is no such page"),
            t(
                "地址可能写错了，或者内容不对您开放。",
                "The address may be wrong, or the content is not open to you.",
            ),
            t(
                "请核对地址，或从首页、待办重新进入。",
                "Check the address, or start again from the front page.",
            ),
        ),
        Code::PermissionDenied => (
            t("您的账户没有这项权限", "Your account is not allowed to do this"),
            t("没有改动任何内容。", "Nothing was changed."),
            t(
                "如果您应当有这项权限，请联系教育主管部门的管理员。",
                "If you should be allowed, ask the commission's administrator.",
            ),
        ),
        Code::Aborted => (
            t("别人刚刚改过这里", "Somebody has just changed this"),
            t(
                "您的这一步没有执行，对方的改动还在。",
                "Your step was not carried out; the other change stands.",
            ),
            t("请返回上一页，看过最新内容再操作。", "Go back, look at the newest content, then try again."),
        ),
        Code::InvalidArgument if failure.reason == UPLOAD_REFUSED => (
            t("文件没有收下", "The file was not taken"),
            t("没有改动任何内容。", "Nothing was changed."),
            t("请返回上一页，换一个文件再上传。", "Go back and upload another file."),
        ),
        Code::InvalidArgument | Code::OutOfRange => (
            t("这个请求读不懂", "This request cannot be read"),
            t("没有改动任何内容。", "Nothing was changed."),
            t("请返回上一页再试一次。", "Go back and try again."),
        ),
        Code::FailedPrecondition | Code::AlreadyExists => (
            t("现在还不能这样做", "This cannot be done now"),
            t("没有改动任何内容。", "Nothing was changed."),
            t("请返回上一页，看看还缺什么。", "Go back to see what stands in the way."),
        ),
        Code::ResourceExhausted => (
            t("请求太频繁", "Too many requests"),
            t("没有改动任何内容。", "Nothing was changed."),
            t("请过几分钟再试。", "Try again in a few minutes."),
        ),
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => (
            t("服务暂时没有应答", "The service does not answer just now"),
            t(
                "如果您刚才提交了表单，重复提交是安全的，不会记两次。",
                "If you just sent a form, sending it again is safe: it counts once.",
            ),
            t("请稍等片刻，刷新本页。", "Wait a moment, then reload this page."),
        ),
        _ => (
            t("系统出错了", "Something failed on our side"),
            t("您的数据没有改动。", "Your data was not changed."),
            t(
                "请重试；若仍不行，请把下面的编号告诉管理员。",
                "Try again; if it persists, tell the administrator the number below.",
            ),
        ),
    };
    let mut told: Vec<&str> = failure.conditions.iter().map(|condition| condition.message.as_str()).collect();
    told.extend(failure.fields.iter().map(|fault| fault.message.as_str()));
    let generic =
        matches!(failure.code, Code::NotFound | Code::PermissionDenied | Code::Internal | Code::Unknown);
    if told.is_empty() && !generic && !failure.message.is_empty() {
        told.push(&failure.message);
    }
    let again = posted.filter(|(_, form)| failure.outcome_unknown() && !form.is_empty());
    let attempt = Attempt { failure: Some(failure.clone()), ..Attempt::default() };
    reading(
        visitor,
        Page::reading(title, visitor.address()),
        &attempt,
        html! {
            h1 { (title) }
            @if told.is_empty() { p.lede { (what) } }
            @else { ul { @for reason in told { li { (reason) } } } p { (what) } }
            @if let Some((path, form)) = again {
                p { (t("您填写的内容都还在这一页。", "Everything you typed is still on this page.")) }
                form method="post" action=(path) {
                    @for (name, value) in form.pairs().iter().filter(|(name, _)| name != "password") { (hidden(name, value)) }
                    div.actions { button.primary type="submit" { (t("再提交一次", "Send it again")) } }
                }
            } @else {
                p { (next) }
            }
            @if let Some(incident) = &failure.incident { p { (t("事件编号：", "Incident: ")) span.code { (incident) } } }
            p {
                a href="/" { (t("首页", "Front page")) }
                @if visitor.account().is_some() { (t("，", ", ")) a href="/work" { (t("我的待办", "my work")) } }
            }
        },
    )
}
