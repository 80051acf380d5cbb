//! One message: as its recipient sees it, and, while it is a draft, the words to change.

use axum::{
    Router,
    extract::{Path, Query},
    response::IntoResponse,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    submission::v1::{
        DownloadNoticeRequest, GetNoticeRequest, GetOutboxRequest, ListNoticeRulesRequest, Notice,
        UpdateNoticeRequest, notice,
    },
};

use super::{mark, rule_name};
use crate::{
    pages::see_other,
    web::{
        components::{Field, Form, Kind, base, button, done, hidden, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        link, piece,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/notices/{id}", get(show).post(save)).route("/notices/{id}/file", get(file))
}

/// The page of a message.
pub fn address(notice_id: &str) -> String {
    format!("/notices/{}", link::segment(notice_id))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after.done, &Attempt::default()).await
}

/// The page, or the page again with a step that was refused.
pub async fn page(visitor: &Visitor, id: &str, after: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let request = GetNoticeRequest { notice_id: id.to_owned() };
    let answer = visitor.clients().notices().get_notice(request).await?.into_inner();
    let notice = answer.notice.ok_or_else(Failure::not_found)?;
    let lang = visitor.lang();
    let t = words(lang);
    let desk = visitor.has(Role::Commission);
    let (mut rule, mut mailing) = (String::new(), false);
    if desk {
        let mut client = visitor.clients().notices();
        let rules = client.list_notice_rules(ListNoticeRulesRequest {}).await?.into_inner().rules;
        rule_name(lang, &rules, &notice).clone_into(&mut rule);
        let outbox = client.get_outbox(GetOutboxRequest { cycle_year: notice.cycle_year }).await?;
        mailing = outbox.into_inner().mail_configured;
    }
    let above = format!("/notices?year={}", notice.cycle_year);
    let draft = desk && notice.state() == notice::State::Draft;
    let content = html! {
        (trail(lang, &[(&above, t("催报", "Reminders"))]))
        div.head {
            div {
                h1 { (notice.subject) }
                p.lead { (mark(lang, notice.state())) }
            }
            div.actions { @if desk { (next(visitor, &notice, mailing, attempt)) } }
        }
        @match after {
            "saved" => (done(t("已保存。批准之后学校才会看到。", "Saved. The school sees it once it is approved."))),
            "approved" => (done(t("已批准，学校现在能看到。", "Approved; the school sees it now."))),
            "queued" => (done(t("已排队发送。", "Queued to be mailed."))),
            "delivered" => (done(t("已标记为另行送达。", "Marked as handed over another way."))),
            "dropped" => (done(t("已舍弃，不会再起草。", "Dropped; it is not drafted again."))),
            _ => {},
        }
        (refusal(lang, attempt))
        @if let Some(failure) = &notice.failure { div.banner.wrong { p { (text(lang, Some(failure))) } } }
        (facts(visitor, &notice, &rule, desk))
        h2 { (t("收件单位看到的样子", "As its recipient sees it")) }
        article.message lang=(notice.language) { strong { (notice.subject) } "\n\n" (notice.body) }
        p.get { a href={ (address(&notice.notice_id)) "/file" } download { (t("下载邮件文件", "Download as a mail file")) } }
        @if draft { (words_form(visitor, &notice, attempt)) }
    };
    let place = if desk { Place::Desk } else { Place::Submissions };
    Ok(workplace(visitor, Page::work(&notice.subject, &address(id), place), attempt, content))
}

fn facts(visitor: &Visitor, notice: &Notice, rule: &str, desk: bool) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let moment = |time: Option<&prost_types::Timestamp>| format::moment(time);
    html! {
        dl.facts {
            dt { (t("收件单位", "To")) } dd { (name_or(lang, notice.organisation_name.as_ref(), &notice.organisation_code)) }
            @if desk {
                dt { (t("规则", "Rule")) } dd { (rule) }
                dt { (t("邮箱", "Mailbox")) }
                dd {
                    @if notice.address.is_empty() { (t("没有登记", "none")) } @else { (notice.address) }
                    " " a href={ "/notices/contacts/" (notice.organisation_code) } { (t("修改", "Change")) }
                }
            }
            @if let Some(time) = moment(notice.create_time.as_ref()).filter(|_| desk) { dt { (t("起草", "Drafted")) } dd { (format::happened(lang, time, now)) } }
            @if let Some(time) = moment(notice.approve_time.as_ref()) { dt { (t("公布", "Shown")) } dd { (format::happened(lang, time, now)) } }
            @if let Some(time) = moment(notice.sent_time.as_ref()) { dt { (t("送达", "Sent")) } dd { (format::happened(lang, time, now)) } }
            @if notice.attempts > 1 { dt { (t("发送次数", "Attempts")) } dd { (notice.attempts) } }
            @if !notice.submission_ids.is_empty() {
                dt { (t("涉及的年报", "Reports")) }
                dd { @for (index, id) in notice.submission_ids.iter().enumerate() {
                    @if index > 0 { (t("、", ", ")) }
                    a href={ "/submissions/" (id) } { (t("第", "no. ")) (index + 1) (t("份", "")) }
                } }
            }
        }
    }
}

/// What can be done with it now.
fn next(visitor: &Visitor, notice: &Notice, mailing: bool, attempt: &Attempt) -> Markup {
    use notice::State;
    let t = words(visitor.lang());
    let version = format!("{} {}", notice.notice_id, notice.etag);
    let year = notice.cycle_year.to_string();
    let fields = [("notice", version.as_str()), ("one", notice.notice_id.as_str()), ("year", &year)];
    html! {
        @match notice.state() {
            State::Draft => {
                (button("/notices/approve", attempt, &fields, t("批准", "Approve"), true))
                (button(&format!("{}/drop", address(&notice.notice_id)), attempt, &[("etag", &notice.etag)], t("舍弃", "Drop"), false))
            },
            State::Approved | State::Failed => {
                @if mailing && !notice.address.is_empty() { (button("/notices/send", attempt, &fields, t("发邮件", "Mail it"), true)) }
                (button("/notices/deliver", attempt, &fields, t("标记为已另行送达", "Mark as handed over"), !mailing))
            },
            _ => {},
        }
    }
}

fn words_form(visitor: &Visitor, notice: &Notice, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let keep = format!("notice/{}", notice.notice_id);
    // After a conflict the page shows what stands there now beside what was typed: the next save is made upon that.
    let conflict = attempt.failure.as_ref().is_some_and(Failure::is_conflict);
    let etag = if conflict { &notice.etag } else { attempt.form.or("etag", &notice.etag) };
    html! {
        h2 { (t("改写", "Change the words")) }
        (Form { action: &address(&notice.notice_id), attempt, keep: &keep }.around(html! {
            (base("etag", etag))
            (hidden("one", &notice.notice_id))
            (Field::new(Kind::Text, "subject", t("标题", "Subject"), attempt, &notice.subject).hint(t("1–120 字。", "1–120 characters.")))
            (Field::new(Kind::Lines, "body", t("正文", "Text"), attempt, &notice.body).hint(t("1–4000 字；原样显示，不含格式。", "1–4000 characters; shown as written.")))
            div.actions {
                button type="submit" data-save { (t("保存改写", "Save the words")) }
                span.saved data-saved {}
            }
        }))
    }
}

async fn save(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = UpdateNoticeRequest {
        request_id: form.request_id(),
        notice_id: id.clone(),
        etag: form.get("etag").to_owned(),
        subject: form.get("subject").to_owned(),
        body: form.lines("body"),
    };
    match visitor.clients().notices().update_notice(request).await {
        Ok(_) => Ok(see_other(&link::address(&address(&id), &[("done", "saved")]))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(&visitor, &id, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

async fn file(visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.signed_in()?;
    let request = DownloadNoticeRequest { notice_id: id };
    let answer = visitor.clients().notices().download_notice(request).await?.into_inner();
    Ok(piece::attachment(&answer.file_name, answer.data.into_response()))
}
