//! Why something cannot be changed now, until when, whom to ask, and the way out. It stands wherever a form would.

use maud::{Markup, html};
use zhijian_proto::submission::v1::{Contact, Lock, lock, submission};

use super::report::{Part, Report, Standing};
use crate::{
    say,
    web::{
        format,
        i18n::{text, words},
        link,
        session::Visitor,
    },
};

/// What is in the way of changing a part of the report, or the report as a whole; nothing if nothing is.
pub fn notice(visitor: &Visitor, report: &Report, part: Option<Part<'_>>) -> Markup {
    match report.standing(visitor) {
        Standing::Owner => match &report.submission.lock {
            Some(lock) => locked(visitor, report, lock),
            None => html! {
                @if report.submission.state() == submission::State::Approved { (will_withdraw(visitor)) }
                @if let Some(part) = part.filter(|part| !report.allows(*part)) { (not_yours(visitor, report, part)) }
            },
        },
        Standing::Desk => for_desk(visitor, report),
        Standing::Reader => html! {},
    }
}

/// What changing an approved report means.
fn will_withdraw(visitor: &Visitor) -> Markup {
    let t = words(visitor.lang());
    html! {
        div.banner.need { p { (t("这份年报已审定。修改任何内容，审定就自动撤回，须重新审定。", "This report is approved. Changing anything withdraws the approval; it has to be approved again.")) } }
    }
}

fn locked(visitor: &Visitor, report: &Report, lock: &Lock) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let year = report.submission.cycle_year.to_string();
    let extension = link::address("/extensions", &[("year", &year)]);
    html! {
        div.banner data-locked {
            h2 { (t("现在不能修改", "This cannot be changed now")) }
            p { (text(lang, lock.reason.as_ref())) }
            @if let Some(until) = format::moment(lock.until.as_ref()) {
                p { (t("到何时：", "Until: ")) (format::deadline(lang, until, now)) }
            }
            // The reason names whom to ask; these reach them by a touch.
            @if let Some(contact) = &lock.contact { p { (ways_to_reach(visitor, contact)) } }
            @match lock.kind() {
                lock::Kind::Grace => p {
                    a href={ (report.address()) "#approve" } { (t("去审定和提交", "Approve and submit")) } "　"
                    a href=(extension) { (t("申请延期", "Ask for an extension")) }
                },
                lock::Kind::PastDue => p { a href=(extension) { (t("申请延期", "Ask for an extension")) } },
                lock::Kind::InResults => p { a href={ (report.address()) "/corrections" } { (t("申请更正", "Ask for a correction")) } },
                _ => {},
            }
        }
    }
}

/// Whom to ask, and how.
pub fn whom_to_ask(visitor: &Visitor, contact: &Contact) -> Markup {
    let t = words(visitor.lang());
    html! { p { (t("有问题请找：", "Whom to ask: ")) (contact.name) "　" (ways_to_reach(visitor, contact)) } }
}

fn ways_to_reach(visitor: &Visitor, contact: &Contact) -> Markup {
    let t = words(visitor.lang());
    let dialled: String = contact.phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    html! {
        @if !contact.phone.is_empty() { a href={ "tel:" (dialled) } { (t("拨打 ", "Call ")) (contact.phone) } "　" }
        @if !contact.email.is_empty() { a href={ "mailto:" (link::segment(&contact.email).replace("%40", "@")) } { (t("写信给 ", "Write to ")) (contact.email) } }
    }
}

/// That somebody else edits this part, and who.
fn not_yours(visitor: &Visitor, report: &Report, part: Part<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let between = t("、", ", ");
    let (who, coordinators) = (report.who_edits(part).join(between), report.coordinators().join(between));
    html! {
        div.banner data-locked {
            h2 { (t("这一部分您只能看，不能改", "You can read this part, not change it")) }
            p { (say!(lang, "按填报分工，它由{who}负责。需要调整，请找负责人{coordinators}。", "By the plan of who edits what, it is with {who}. To change that, ask {coordinators}, who coordinates.")) }
            p {
                a href={ (report.address()) "#mine" } { (t("看我负责的部分", "See the parts that are mine")) } "　"
                a href={ (report.address()) "/editors" } { (t("看分工", "See who edits what")) }
            }
        }
    }
}

/// The desk changes nothing; it remarks.
fn for_desk(visitor: &Visitor, report: &Report) -> Markup {
    let t = words(visitor.lang());
    html! {
        @if report.takes_comments() {
            p.grey { (t("内容由学校修改。您的意见写在指标或章节旁边，退回时一并发给学校。", "The school changes the content. Write your remarks beside the cell or section; they go out when you return the report.")) }
        } @else if report.is_with_school() {
            p.grey { (t("学校正在填报，内容还会变。", "The school is still at work on it.")) }
        }
    }
}
