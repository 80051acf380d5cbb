//! The outbox: what the rules drafted, what was approved, what became of it.

use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    common::v1::operation,
    submission::v1::{
        Cycle, GetOutboxRequest, GetOutboxResponse, ListNoticeRulesRequest, ListNoticesRequest, Notice,
        NoticeRule, cycle, notice, notice_rule::DaysCounted,
    },
};

use super::{STATES, from_key, key, mark, rule_name};
use crate::{
    pages::{desk, lookup},
    say,
    web::{
        components::{Form, button, done, empty, hidden, pager, refusal},
        error::Answer,
        form::Attempt,
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
    },
};

/// How many messages one page lists.
const PAGE: i32 = 50;
/// How often a page that waits for mail asks for itself again, in seconds.
const REFRESH: u32 = 3;

/// The query of the outbox's address.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    pub year: String,
    pub state: String,
    pub page: String,
    /// Whether the messages of this page are chosen to begin with.
    pub all: String,
    /// What was done before.
    pub done: String,
    /// How many the last step concerned.
    pub count: String,
}

struct Shown<'a> {
    asked: &'a Asked,
    cycles: &'a [Cycle],
    cycle: &'a Cycle,
    outbox: &'a GetOutboxResponse,
    rules: &'a [NoticeRule],
    notices: &'a [Notice],
    next: &'a str,
    attempt: &'a Attempt,
}

fn title(visitor: &Visitor) -> &'static str {
    words(visitor.lang())("催报", "Reminders")
}

/// The outbox, or the outbox again with a step that was refused.
pub async fn page(visitor: &Visitor, asked: &Asked, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let cycles = lookup::cycles(visitor).await?;
    let Some(cycle) = desk::chosen(visitor, &cycles, &asked.year) else {
        return Ok(desk::no_year(visitor, title(visitor), "/notices"));
    };
    let clients = visitor.clients();
    let (mut first, mut second, mut third) = (clients.notices(), clients.notices(), clients.notices());
    let outbox = first.get_outbox(GetOutboxRequest { cycle_year: cycle.year });
    let rules = second.list_notice_rules(ListNoticeRulesRequest {});
    let notices = third.list_notices(ListNoticesRequest {
        page_size: PAGE,
        page_token: asked.page.clone(),
        cycle_year: cycle.year,
        states: from_key(&asked.state).map(Into::into).into_iter().collect(),
        organisation_code: String::new(),
    });
    let (outbox, rules, notices) = futures::try_join!(outbox, rules, notices)?;
    let notices = notices.into_inner();
    let shown = Shown {
        asked,
        cycles: &cycles,
        cycle,
        outbox: &outbox.into_inner(),
        rules: &rules.into_inner().rules,
        notices: &notices.notices,
        next: &notices.next_page_token,
        attempt,
    };
    Ok(render(visitor, &shown))
}

fn address(shown: &Shown<'_>, state: &str, page: &str, all: &str) -> String {
    let year = shown.cycle.year.to_string();
    link::address("/notices", &[("year", &year), ("state", state), ("page", page), ("all", all)])
}

fn render(visitor: &Visitor, shown: &Shown<'_>) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let (asked, attempt) = (shown.asked, shown.attempt);
    let here = address(shown, &asked.state, &asked.page, "");
    let next = (!shown.next.is_empty()).then(|| address(shown, &asked.state, shown.next, ""));
    let collecting = shown.cycle.state() == cycle::State::Collecting;
    let year = shown.cycle.year.to_string();
    let mailing = shown.outbox.operation.as_ref().is_some_and(|operation| {
        matches!(operation.state(), operation::State::Queued | operation::State::Running)
    });
    let nothing_drafted = count(shown, notice::State::Draft) == 0;
    let content = html! {
        div.head {
            div {
                h1 { (title(visitor)) }
                p.lead { (t("按规则起草，逐条看过、批准之后，学校才会看到。", "Drafted by rule; schools see nothing before somebody has looked at it and approved.")) }
            }
            div.actions { @if collecting {
                (button("/notices/draft", attempt, &[("year", &year)], t("按规则起草", "Draft by the rules"), nothing_drafted))
            } }
        }
        (desk::tabs(visitor, "/notices", shown.cycle.year))
        (desk::years(visitor, "/notices", shown.cycles, shown.cycle))
        (after(visitor, asked))
        (refusal(lang, attempt))
        (mail(visitor, shown))
        nav.tabs aria-label=(t("消息状态", "States of messages")) {
            a href=(address(shown, "", "", "")) aria-current=[asked.state.is_empty().then_some("page")] { (t("全部", "All")) }
            @for state in STATES {
                @let count = count(shown, state);
                @if count > 0 || asked.state == key(state) {
                    a href=(address(shown, &key(state), "", "")) aria-current=[(asked.state == key(state)).then_some("page")] {
                        (mark(lang, state).word) " " span.ratio { (count) }
                    }
                }
            }
        }
        @if shown.notices.is_empty() {
            (empty(t("这里没有消息", "No message here"), html! {
                @if collecting { (t("点“按规则起草”，系统会按截止日期和各校状态写好提醒，供您逐条审阅。", "“Draft by the rules” writes reminders from the due date and each school's state, for you to look at.")) }
                @else { (t("年度正在填报时才会起草提醒。", "Reminders are drafted while a year collects.")) }
            }))
        } @else { (list(visitor, shown)) }
        (pager(lang, &address(shown, &asked.state, "", ""), next.as_deref(), asked.page.is_empty()))
        (rules(visitor, shown.rules))
    };
    let page = Page { refresh: mailing.then_some(REFRESH), ..Page::work(title(visitor), &here, Place::Desk) };
    workplace(visitor, page, attempt, content)
}

fn count(shown: &Shown<'_>, state: notice::State) -> i32 {
    shown.outbox.counts.iter().filter(|count| count.state() == state).map(|count| count.count).sum()
}

/// What the last step did.
fn after(visitor: &Visitor, asked: &Asked) -> Markup {
    let lang = visitor.lang();
    let count: u32 = asked.count.parse().unwrap_or_default();
    let said = match asked.done.as_str() {
        "drafted" if count == 0 => lang
            .pick(
                "没有新的草稿：按规则该提醒的都已起草过。",
                "Nothing new: whatever the rules ask for was drafted before.",
            )
            .to_owned(),
        "drafted" => say!(
            lang,
            "新起草 {count} 条，请逐条看过再批准。",
            "{count} new drafts: look at each, then approve."
        ),
        "approved" => {
            say!(lang, "已批准 {count} 条，学校现在能看到。", "{count} approved; the schools see them now.")
        }
        "queued" => say!(lang, "{count} 条已排队发送。", "{count} queued to be mailed."),
        "delivered" => {
            say!(lang, "{count} 条已标记为另行送达。", "{count} marked as handed over another way.")
        }
        "dropped" => lang.pick("已舍弃，不会再起草。", "Dropped; it is not drafted again.").to_owned(),
        _ => return html! {},
    };
    done(&said)
}

/// Whether messages leave by mail, and what to do where they do not.
fn mail(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let without = shown.outbox.without_address;
    html! {
        @if shown.outbox.mail_configured {
            p.hint {
                (t("批准后由 ", "Approved messages are mailed from ")) (shown.outbox.mail_from) (t(" 发出邮件，同时显示在学校页面上；遇休息日顺延到下一个工作日。", " and shown on the schools' pages; mail waits for working days."))
                @if without > 0 { " " (say!(lang, "其中 {without} 条所属单位没有登记邮箱。", "{without} of them have no mail address.")) }
            }
            @if let Some(operation) = &shown.outbox.operation {
                p.hint { (t("最近一次发送：", "The last mailing: ")) (lang.pick(&operation.note_zh, &operation.note_en)) }
            }
        } @else {
            p.hint { (t("没有配置邮件服务器。批准后显示在学校页面上；也可以下载邮件文件，用自己的邮箱发出或电话通知，再标记为“已另行送达”。",
                "No mail server is configured. Approved messages are shown on the schools' pages; you can also download the mail file, send it from your own mailbox or telephone, and mark it as handed over.")) }
        }
    }
}

/// The value of a choice: which message, as it was seen.
fn version(notice: &Notice) -> String {
    format!("{} {}", notice.notice_id, notice.etag)
}

fn list(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let (asked, attempt) = (shown.asked, shown.attempt);
    let has = |wanted: &[notice::State]| shown.notices.iter().any(|one| wanted.contains(&one.state()));
    let sendable = [notice::State::Approved, notice::State::Failed];
    let chosen = |notice: &Notice| {
        let typed = attempt.form.pairs().iter().any(|(name, value)| {
            name == "notice" && value.split(' ').next() == Some(notice.notice_id.as_str())
        });
        typed || (attempt.form.is_empty() && !asked.all.is_empty())
    };
    let drafts = has(&[notice::State::Draft]);
    Form::plain("/notices/approve", attempt).around(html! {
        (hidden("year", &shown.cycle.year.to_string()))
        (hidden("state", &asked.state))
        div.scroll { table {
            thead { tr {
                th scope="col" { a href=(address(shown, &asked.state, &asked.page, "1")) { (t("全选", "All")) } }
                th scope="col" { (t("单位", "Organisation")) }
                th scope="col" { (t("消息", "Message")) }
                th scope="col" { (t("规则", "Rule")) }
                th scope="col" { (t("状态", "State")) }
                th scope="col" { (t("邮箱", "Mailbox")) }
            } }
            tbody { @for notice in shown.notices {
                @let name = name_or(lang, notice.organisation_name.as_ref(), &notice.organisation_code);
                tr {
                    td { @if !matches!(notice.state(), notice::State::Dropped | notice::State::Sent | notice::State::Delivered | notice::State::Sending | notice::State::Queued) {
                        input type="checkbox" name="notice" value=(version(notice)) checked[chosen(notice)]
                            aria-label=(say!(lang, "选择给{name}的消息", "Choose the message to {name}"));
                    } }
                    th scope="row" { (name) }
                    td {
                        a href={ "/notices/" (notice.notice_id) } { (notice.subject) }
                        details { summary.small { (t("看正文", "Show the text")) } div.message lang=(notice.language) { (notice.body) } }
                    }
                    td { (rule_name(lang, shown.rules, notice)) }
                    td {
                        (mark(lang, notice.state()))
                        (when(visitor, notice))
                        @if let Some(failure) = &notice.failure { div.small { (text(lang, Some(failure))) } }
                    }
                    td {
                        @if notice.address.is_empty() { a href={ "/notices/contacts/" (notice.organisation_code) } { (t("登记邮箱", "Set one")) } }
                        @else { a href={ "/notices/contacts/" (notice.organisation_code) } { (notice.address) } }
                    }
                }
            } }
        } }
        div.stick { div.actions {
            @if drafts {
                button.primary type="submit" { (t("批准所选", "Approve the chosen")) }
            }
            @if has(&sendable) {
                @if shown.outbox.mail_configured {
                    button type="submit" formaction="/notices/send" { (t("发邮件", "Mail the chosen")) }
                }
                button type="submit" formaction="/notices/deliver" { (t("标记为已另行送达", "Mark as handed over")) }
            }
        } }
    })
}

/// When it was sent, or will be.
fn when(visitor: &Visitor, notice: &Notice) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let sent = format::moment(notice.sent_time.as_ref());
    let later = format::moment(notice.send_after.as_ref())
        .filter(|time| notice.state() == notice::State::Queued && *time > now);
    html! {
        @if let Some(time) = sent { div.small { (format::happened(lang, time, now)) } }
        @if let Some(time) = later { div.small { (t("将于 ", "leaves ")) (format::exact(lang, time, now)) } }
    }
}

/// When which rule speaks to whom.
fn rules(visitor: &Visitor, rules: &[NoticeRule]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let when = |rule: &NoticeRule| {
        let count = rule.days_from_due.unsigned_abs();
        let working = rule.days_counted() == DaysCounted::Working;
        let days = match (working, count) {
            (true, 1) => t("个工作日", "working day"),
            (true, _) => t("个工作日", "working days"),
            (false, 1) => t("个自然日", "calendar day"),
            (false, _) => t("个自然日", "calendar days"),
        };
        match rule.days_from_due {
            0 => t("当日起", "from the day itself").to_owned(),
            before if before < 0 => say!(lang, "前 {count} {days}起", "from {count} {days} before"),
            _ => say!(lang, "后 {count} {days}起", "from {count} {days} after"),
        }
    };
    let to = |rule: &NoticeRule| -> String {
        let word = |name: &String| match states::submission_from_key(name) {
            Some(state) => states::submission(lang, state).word,
            None => t("未开始", "Not begun"),
        };
        rule.states.iter().map(word).collect::<Vec<_>>().join(t("、", ", "))
    };
    html! {
        h2 { (t("规则", "Rules")) }
        p.hint { (t("每条规则对同一单位、同一截止日只提醒一次；获准延期的单位按自己的截止日计算。规则是数据文件，可由管理员修改。",
            "A rule speaks to an organisation once for each due day; one that was given more time is reminded by its own day. The rules are a data file.")) }
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("规则", "Rule")) }
                th scope="col" { (t("相对截止日", "From the due day")) }
                th scope="col" { (t("提醒哪些年报", "Which reports")) }
            } }
            tbody { @for rule in rules { tr {
                th scope="row" { (name_or(lang, rule.name.as_ref(), &rule.code)) }
                td { (when(rule)) }
                td { (to(rule)) }
            } } }
        } }
    }
}
