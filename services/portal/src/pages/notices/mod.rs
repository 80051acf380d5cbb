//! Reminders: the commission's outbox, one message in it, and what a school was told.

mod contact;
mod message;
mod outbox;
mod steps;
mod told;

use axum::{Router, extract::Query, routing::get};
use maud::Markup;
use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::Role,
    submission::v1::{Notice, NoticeRule, notice},
};

use crate::web::{
    components::{Mark, Sign, Tone},
    error::Answer,
    form::Attempt,
    i18n::{name_or, words},
    session::Visitor,
};

pub fn routes() -> Router {
    Router::new()
        .route("/notices", get(show))
        .merge(steps::routes())
        .merge(message::routes())
        .merge(contact::routes())
}

async fn show(visitor: Visitor, Query(asked): Query<outbox::Asked>) -> Answer {
    visitor.signed_in()?;
    if visitor.has(Role::Commission) {
        outbox::page(&visitor, &asked, &Attempt::default()).await
    } else {
        told::page(&visitor).await
    }
}

/// What a school's own page says about the reminders that it got; nothing if there is none.
pub async fn strip(visitor: &Visitor) -> Markup {
    told::strip(visitor).await
}

/// Where a message stands.
fn mark(lang: Lang, state: notice::State) -> Mark {
    use notice::State;
    let t = words(lang);
    match state {
        State::Unspecified | State::Draft => Mark::new(Sign::Empty, Tone::Need, t("草稿", "Draft")),
        State::Dropped => Mark::new(Sign::Cross, Tone::Quiet, t("已舍弃", "Dropped")),
        State::Approved => {
            Mark::new(Sign::Public, Tone::Done, t("已公布给单位", "Shown to the organisation"))
        }
        State::Queued => Mark::new(Sign::Wait, Tone::Go, t("待发邮件", "To be mailed")),
        State::Sending => Mark::new(Sign::Half, Tone::Go, t("正在发送", "Being mailed")),
        State::Sent => Mark::new(Sign::Tick, Tone::Done, t("已发邮件", "Mailed")),
        State::Failed => Mark::new(Sign::Warn, Tone::Wrong, t("邮件未发出", "Not mailed")),
        State::Delivered => Mark::new(Sign::Tick, Tone::Done, t("已另行送达", "Handed over another way")),
    }
}

const STATES: [notice::State; 8] = [
    notice::State::Draft,
    notice::State::Approved,
    notice::State::Queued,
    notice::State::Sending,
    notice::State::Sent,
    notice::State::Failed,
    notice::State::Delivered,
    notice::State::Dropped,
];

/// A state's short name in addresses.
fn key(state: notice::State) -> String {
    state.as_str_name().trim_start_matches("STATE_").to_ascii_lowercase()
}

fn from_key(name: &str) -> Option<notice::State> {
    STATES.into_iter().find(|state| key(*state) == name)
}

/// What the rule that drafted a message is called.
fn rule_name<'a>(lang: Lang, rules: &'a [NoticeRule], notice: &'a Notice) -> &'a str {
    let code = notice.rule_code.as_str();
    let rule = rules.iter().find(|rule| rule.code == code);
    rule.map_or_else(|| posted_name(lang, code), |rule| name_or(lang, rule.name.as_ref(), code))
}

/// What a message of the review service is called: its occasions are not among the rules of collecting.
fn posted_name(lang: Lang, code: &str) -> &str {
    let t = words(lang);
    match code {
        "rectification-plan-near" => t("整改方案将到期", "Rectification plan due soon"),
        "rectification-plan-late" => t("整改方案逾期", "Rectification plan late"),
        "rectification-measures-near" => t("整改完成将到期", "Mending due soon"),
        "rectification-measures-late" => t("整改完成逾期", "Mending late"),
        _ if code.starts_with("item-near-") => t("办理事项将到期", "Step of a procedure due soon"),
        _ if code.starts_with("item-late-") => t("办理事项逾期", "Step of a procedure late"),
        _ => code,
    }
}
