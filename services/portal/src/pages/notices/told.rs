//! What a school was told.

use maud::{Markup, html};
use zhijian_proto::{
    identity::v1::Role,
    submission::v1::{ListNoticesRequest, Notice},
};

use super::message;
use crate::{
    pages::lookup::Organisations,
    say,
    web::{
        components::empty,
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::words,
        layout::{Page, Place, workplace},
        session::Visitor,
    },
};

/// How many messages the page shows: some years of them.
const PAGE: i32 = 50;

async fn messages(visitor: &Visitor, cycle_year: i32) -> Result<Vec<Notice>, Failure> {
    let request = ListNoticesRequest { page_size: PAGE, cycle_year, ..ListNoticesRequest::default() };
    Ok(visitor.clients().notices().list_notices(request).await?.into_inner().notices)
}

/// The messages that were approved for the reader's organisations, newest first.
pub async fn page(visitor: &Visitor) -> Answer {
    let notices = messages(visitor, 0).await?;
    let own = visitor.organisations(Role::School);
    let organisations = Organisations::of(visitor, own.iter().map(String::as_str)).await?;
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("收到的提醒", "Reminders you got");
    let content = html! {
        div.head { div { h1 { (title) } } }
        @if notices.is_empty() {
            (empty(t("还没有收到提醒", "No reminder so far"), html! { (t("教育主管部门发出的催报提醒会保留在这里。", "What the commission reminds you of is kept here.")) }))
        }
        @for notice in &notices {
            section.notice-item {
                h2 { a href=(message::address(&notice.notice_id)) { (notice.subject) } }
                @if let Some(time) = format::moment(notice.approve_time.as_ref()) { p.grey.small { (format::happened(lang, time, visitor.now())) } }
                div.message lang=(notice.language) { (notice.body) }
            }
        }
        @for code in &own {
            p {
                @let name = organisations.plain(lang, code);
                a href={ "/notices/contacts/" (code) } { (say!(lang, "{name}的收件邮箱", "Where {name} gets its messages")) }
            }
        }
    };
    Ok(workplace(visitor, Page::work(title, "/notices", Place::Submissions), &Attempt::default(), content))
}

/// A line on a school's own page: how many reminders it got this year, and the newest.
pub async fn strip(visitor: &Visitor) -> Markup {
    let Some(cycle) = visitor.cycle().filter(|_| visitor.has(Role::School)) else { return html! {} };
    // The tasks are what the page is for: it is shown without reminders rather than not at all.
    let Ok(notices) = messages(visitor, cycle.year).await else { return html! {} };
    let lang = visitor.lang();
    let t = words(lang);
    let count = notices.len();
    html! {
        @if let Some(newest) = notices.first() {
            div.banner.need {
                p {
                    (say!(lang, "教育主管部门发来 {count} 条提醒，最近一条：", "The commission sent {count} reminders, the last of them: "))
                    a href=(message::address(&newest.notice_id)) { (newest.subject) }
                    @if let Some(time) = format::moment(newest.approve_time.as_ref()) { (t("（", " (")) (format::since(lang, time, visitor.now())) (t("）", ")")) }
                    " " a href="/notices" { (t("看全部", "See all")) }
                }
            }
        }
    }
}
