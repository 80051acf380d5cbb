//! Two people agree: one proposes to publish, another one confirms.

use axum::extract::Path;
use maud::{Markup, html};
use zhijian_proto::{
    identity::v1::Role,
    publication::v1::{
        ProposePublicationRequest, PublishReleaseRequest, Release, TakeBackProposalRequest, VersionKind,
        release,
    },
};

use super::{conclude, show::notice_over, show::step};
use crate::{
    say,
    web::{
        error::Answer, form::Attempt, form::FormData, format, i18n::text, i18n::words, session::Visitor,
        year::Year,
    },
};

pub async fn propose(visitor: Visitor, Path(Year(year)): Path<Year>, form: FormData) -> Answer {
    let request =
        ProposePublicationRequest { request_id: form.request_id(), year, etag: form.get("etag").to_owned() };
    let outcome = visitor.clients().releases().propose_publication(request).await;
    conclude(&visitor, year, form, outcome).await
}

pub async fn take_back(visitor: Visitor, Path(Year(year)): Path<Year>, form: FormData) -> Answer {
    let request =
        TakeBackProposalRequest { request_id: form.request_id(), year, etag: form.get("etag").to_owned() };
    let outcome = visitor.clients().releases().take_back_proposal(request).await;
    conclude(&visitor, year, form, outcome).await
}

pub async fn publish(visitor: Visitor, Path(Year(year)): Path<Year>, form: FormData) -> Answer {
    let request =
        PublishReleaseRequest { request_id: form.request_id(), year, etag: form.get("etag").to_owned() };
    let outcome = visitor.clients().releases().publish_release(request).await;
    conclude(&visitor, year, form, outcome).await
}

/// Whether publication can be proposed as things stand.
pub fn is_ready(visitor: &Visitor, release: &Release) -> bool {
    use release::State;
    match (release.state(), &release.correction) {
        (State::Notice, _) => notice_over(visitor, release),
        (State::Published | State::Corrected, Some(correction)) => {
            correction.compiled || correction.kind() == VersionKind::Withdrawal
        }
        _ => false,
    }
}

/// Whether the visitor is the one who proposed.
fn is_own(visitor: &Visitor, release: &Release) -> bool {
    let proposer = release.proposal.as_ref().map(|proposal| proposal.account_id.as_str());
    visitor.account().is_some_and(|account| Some(account.account_id.as_str()) == proposer)
}

/// The button of the next agreement.
pub fn next(visitor: &Visitor, release: &Release, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    if !visitor.has(Role::Publisher) {
        return html! {};
    }
    html! {
        @if release.proposal.is_some() {
            @if !is_own(visitor, release) {
                (step(release, attempt, "publish", t("确认发布", "Confirm and publish"), true))
            }
            (step(release, attempt, "take-back", t("撤回提议", "Take the proposal back"), false))
        } @else if is_ready(visitor, release) {
            (step(release, attempt, "propose", t("提出发布", "Propose publication"), true))
        }
    }
}

/// Who has proposed what, and who is to confirm it.
pub fn standing(visitor: &Visitor, release: &Release) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let Some(proposal) = &release.proposal else {
        return html! {
            @if is_ready(visitor, release) {
                p.grey { (t("发布须由两位发布人完成：一位提出，另一位确认。", "Publishing takes two publishers: one proposes, another one confirms.")) }
            }
        };
    };
    let (name, version) = (&proposal.name, release.version + 1);
    html! {
        div.banner.need {
            h2 { (t("等待另一位发布人确认", "Waiting for another publisher to confirm")) }
            p {
                (say!(lang, "{name}提出发布第 {version} 版", "{name} proposed to publish version {version}"))
                @if let Some(time) = format::moment(proposal.time.as_ref()) { (t("，", ", ")) (format::happened(lang, time, now)) }
                (t("。", "."))
            }
            @if is_own(visitor, release) {
                p { (t("您已提出，不能由您自己确认。", "You proposed it, so you cannot confirm it yourself.")) }
            } @else if visitor.has(Role::Publisher) {
                p { (t("请核对数据表；确认之后立即对所有人公开。", "Look over the tables: what you confirm is public at once.")) }
            }
        }
    }
}

/// What is public while schools do not see their grades yet.
pub fn owed(visitor: &Visitor, release: &Release) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        @for owed in &release.owed_reveals {
            @let version = owed.version;
            div.banner.need role="status" {
                h2 { (say!(lang, "第 {version} 版已经公开，学校还看不到自己的等级", "Version {version} is public, but schools do not see their grades yet")) }
                @if owed.fault.is_some() { p { (text(lang, owed.fault.as_ref())) } }
                p.hint { (t("系统会自动重试，直到完成；不需要再次发布。", "It is tried again until it succeeds; nothing need be published again.")) }
            }
        }
    }
}
