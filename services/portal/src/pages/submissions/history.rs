//! What happened to a report, and its revisions with what changed from each to the next.

use axum::{Router, extract::Path, routing::get};
use maud::{Markup, html};
use zhijian_proto::submission::v1::{
    Event, ListEventsRequest, ListRevisionsRequest, Revision, RevisionCheck, revision_check, submission,
};

use super::report::Report;
use crate::{
    say,
    web::{
        components::{Mark, Sign, Tone, trail},
        error::Answer,
        form::Attempt,
        format,
        i18n::words,
        layout::{Page, workplace},
        link,
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new().route("/submissions/{id}/history", get(show))
}

/// How many events a report's front page tells.
const LATEST: usize = 8;

async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    let lang = visitor.lang();
    let t = words(lang);
    let (mut first, mut second) = (visitor.clients().submissions(), visitor.clients().submissions());
    let events = first.list_events(ListEventsRequest { submission_id: id.clone() });
    let listed = second.list_revisions(ListRevisionsRequest { submission_id: id });
    let (events, listed) = futures::try_join!(events, listed)?;
    let events = events.into_inner().events;
    let title = t("经过", "History");
    let address = format!("{}/history", report.address());
    let content = html! {
        (trail(lang, &[report.above(&visitor), (&report.address(), &report.title(lang))]))
        div.head {
            div { h1 { (title) } p.lead { (states::submission(lang, report.submission.state())) } }
            div.actions { a.button href=(report.address()) { (t("回到年报", "Back to the report")) } }
        }
        (revisions(&visitor, &report, &listed.into_inner().revisions))
        h2 { (t("每一步", "Each step")) }
        (list(&visitor, events.iter().rev()))
    };
    Ok(workplace(&visitor, Page::work(title, &address, report.place(&visitor)), &Attempt::default(), content))
}

/// The newest events, and the way to all.
pub fn latest(visitor: &Visitor, report: &Report, events: &[Event]) -> Markup {
    let t = words(visitor.lang());
    html! {
        @if !events.is_empty() {
            div.table-head {
                h2 { (t("经过", "History")) }
                @if events.len() > LATEST { a href={ (report.address()) "/history" } { (t("全部经过", "All of it")) } }
            }
            (list(visitor, events.iter().rev().take(LATEST)))
        }
    }
}

fn list<'a>(visitor: &Visitor, events: impl Iterator<Item = &'a Event>) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    html! {
        ol.history {
            @for event in events {
                li {
                    span.grey { @if let Some(time) = format::moment(event.time.as_ref()) { (format::happened(lang, time, now)) } }
                    span {
                        @if event.account_name.is_empty() { (words(lang)("系统", "The system")) } @else { (event.account_name) }
                        " " (deed(visitor, event))
                        @if let Some((errors, warnings)) = late_findings(event) {
                            div.grey { (say!(lang, "{errors} 处错误，{warnings} 处提醒没有说明", "{errors} errors, {warnings} warnings without an explanation")) }
                        } @else if !event.comment.is_empty() {
                            div.grey.said { (event.comment) }
                        }
                    }
                }
            }
        }
    }
}

/// A check that ended after its receipt was given.
const LATE_CHECK: &str = "submission.check";

/// What such a check found: errors, and warnings without an explanation.
fn late_findings(event: &Event) -> Option<(&str, &str)> {
    event.comment.split_once(" / ").filter(|_| event.action == LATE_CHECK)
}

/// What was done, in words.
fn deed(visitor: &Visitor, event: &Event) -> &'static str {
    use submission::State;
    let t = words(visitor.lang());
    match (event.action.as_str(), event.state()) {
        ("submission.create", _) => t("新建了年报", "started the report"),
        ("submission.approve", _) => t("审定并作出真实性声明", "approved it and declared it true"),
        ("submission.submit", _) => t("提交了年报", "submitted it"),
        ("submission.review", State::UnderReview) => t("开始审核", "began the review"),
        ("submission.review", State::Returned) => t("退回修改", "returned it"),
        ("submission.review", State::Accepted) => t("接收了年报", "accepted it"),
        ("submission.review", State::Corrected) => t("接收了更正后的年报", "accepted the corrected report"),
        ("comment.answer", _) => t("答复了退回意见，回到草稿", "answered a remark; it is a draft"),
        ("cycle.release", _) => t("随年度结果发布", "published it with the year's results"),
        ("extension.decide", _) => t("同意延期", "gave more time"),
        (LATE_CHECK, _) => {
            t("在回执之后检查完毕，有发现", "finished the check after the receipt, with findings")
        }
        ("correction.decide", State::Draft) => t("开放更正", "opened it for correction"),
        ("correction.decide", _) => t(
            "取消更正，恢复为结果中的内容",
            "gave the correction up; the content of the results stands again",
        ),
        // Saving cells, sections, cases and files, by hand, by file or in bulk: the first change after a step is told.
        (_, State::Draft) => t("修改了内容，回到草稿", "changed its content; it is a draft"),
        _ => t("作出处理", "dealt with it"),
    }
}

/// The revisions, newest first; nothing before the first.
pub fn revisions(visitor: &Visitor, report: &Report, revisions: &[Revision]) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let compare = |from: i32, to: i32| {
        let (from, to) = (from.to_string(), to.to_string());
        link::address(
            &format!("{}/revisions/compare", report.address()),
            &[("from", from.as_str()), ("to", to.as_str())],
        )
    };
    let newest = revisions.last().map_or(0, |revision| revision.number);
    html! {
        @if newest > 0 {
            div.table-head {
                h2 { (t("提交过的版本", "Revisions")) }
                @if report.is_with_school() { a href=(compare(newest, 0)) { (say!(lang, "第 {newest} 版之后改了什么", "What changed since revision {newest}")) } }
            }
            div.scroll { table {
                thead { tr {
                    th scope="col" { (t("版本", "Revision")) }
                    th scope="col" { (t("提交时间", "Submitted")) }
                    th scope="col" { (t("声明人", "Declared by")) }
                    th scope="col" { (t("检查", "Checks")) }
                    th scope="col" { (t("回执", "Receipt")) }
                    th scope="col" { (t("改了什么", "What changed")) }
                } }
                tbody { @for revision in revisions.iter().rev() { tr {
                    @let number = revision.number;
                    th scope="row" {
                        (say!(lang, "第 {number} 版", "Revision {number}"))
                        @if number == report.submission.accepted_revision { div.small { (Mark::new(Sign::Tick, Tone::Done, t("在年度结果中", "In the results"))) } }
                    }
                    td { @if let Some(time) = format::moment(revision.create_time.as_ref()) { (format::happened(lang, time, now)) } }
                    td { @if let Some(declaration) = &revision.declaration { (declaration.office) " " (declaration.name) } }
                    td { (checked(visitor, revision.check.as_ref())) }
                    td { a href={ (report.address()) "/receipts/" (number) } { (t("看回执", "See it")) } }
                    td {
                        @if number > 1 {
                            @let before = number - 1;
                            a href=(compare(before, number)) { (say!(lang, "与第 {before} 版比较", "Against revision {before}")) }
                        } @else { span.grey { (t("第一次提交", "The first")) } }
                    }
                } } }
            } }
        }
    }
}

/// What the checks found in a revision.
pub fn checked(visitor: &Visitor, check: Option<&RevisionCheck>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let Some(check) = check else { return html! { span.grey { "—" } } };
    let (errors, warnings) = (check.errors, check.open_warnings);
    html! {
        @match check.state() {
            revision_check::State::Running => (Mark::new(Sign::Wait, Tone::Go, t("正在检查", "Being checked"))),
            revision_check::State::Superseded => span.grey { (t("检查结束前已有变化", "Moved on before the check ended")) },
            _ if errors + warnings == 0 => (Mark::new(Sign::Tick, Tone::Done, t("通过", "Passed"))),
            _ => {
                (Mark::new(Sign::Warn, Tone::Need, t("有发现", "Findings"))) " "
                (say!(lang, "{errors} 处错误，{warnings} 处提醒待说明", "{errors} errors, {warnings} warnings to explain"))
            },
        }
    }
}
