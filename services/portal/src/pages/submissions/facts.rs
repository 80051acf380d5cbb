//! Where a report stands: its deadline, its checks, who vouches for it.

use maud::{Markup, html};
use zhijian_proto::submission::v1::{Declaration, Extension, cycle, extension, submission};

use super::{
    report::Standing,
    show::{Shown, open_findings},
};
use crate::{
    say,
    web::{chart::progress, components::Mark, format, i18n::words, link, session::Visitor, states},
};

/// The facts, each with its name.
pub fn show(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let report = shown.report;
    let submission = &report.submission;
    let (errors, warnings) = open_findings(&shown.findings);
    let accepted = submission.accepted_revision;
    html! {
        h2 { (t("情况", "Where it stands")) }
        dl.facts {
            dt { (t("填报单位", "Submitted by")) }
            dd { (report.organisations.name(lang, &submission.organisation_code)) }
            (deadline(visitor, shown))
            dt { (t("指标", "Indicators")) }
            dd { (progress(lang, submission.filled_cells, submission.required_cells)) }
            dt { (t("检查", "Checks")) }
            dd {
                a href={ (report.address()) "/findings" } {
                    @if errors + warnings == 0 { (t("没有待处理的结果", "nothing stands open")) }
                    @else { (say!(lang, "{errors} 处错误，{warnings} 处提醒待说明", "{errors} errors, {warnings} warnings to explain")) }
                }
            }
            @if accepted > 0 {
                dt { (t("年度结果采用", "In the results")) }
                dd { (say!(lang, "第 {accepted} 版", "revision {accepted}")) }
            }
            @if let Some(declaration) = submission.declaration.as_ref().filter(|_| declared_now(submission.state())) {
                dt { (t("真实性声明", "Declaration")) }
                dd {
                    (declaration.office) " " (declaration.name)
                    @if let Some(time) = format::moment(declaration.time.as_ref()) { div.grey { (format::happened(lang, time, visitor.now())) } }
                }
            }
            @if report.standing(visitor) != Standing::Reader {
                dt { (t("分工", "Who edits what")) }
                dd { a href={ (report.address()) "/editors" } { (t("谁负责哪一部分", "see or change")) } }
            }
            @if report.standing(visitor) != Standing::Reader {
                dt { (t("填报负担", "Burden")) }
                dd { a href={ (report.address()) "/burden" } { (t("各表各节用时", "Time by table and section")) } }
            }
            @if accepted > 0 {
                dt { (t("更正", "Corrections")) }
                dd { a href={ (report.address()) "/corrections" } { (t("申请更正、看更正记录", "ask for one, or see those there were")) } }
            }
        }
    }
}

/// The deadline and the grace, exact and relative, and what was asked for.
fn deadline(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let report = shown.report;
    let deadline = report.submission.deadline.as_ref();
    let due = match deadline {
        Some(deadline) => deadline.due_time.as_ref(),
        None => report.cycle.due_time.as_ref(),
    };
    let grace = deadline.and_then(|deadline| format::moment(deadline.grace_end_time.as_ref()));
    let own = deadline.is_some_and(|deadline| deadline.own);
    let extendable = report.standing(visitor) == Standing::Owner
        && report.is_with_school()
        && !report.submission.correcting
        && report.cycle.state() == cycle::State::Collecting;
    let year = report.submission.cycle_year.to_string();
    let address = link::address("/extensions", &[("year", &year)]);
    html! {
        @if let Some(due) = format::moment(due) {
            dt { (t("截止", "Due")) }
            dd {
                @if report.is_with_school() { (format::deadline(lang, due, now)) } @else { (format::exact(lang, due, now)) }
                @if own { div.grey { (t("这是单独给这份年报的期限。", "Given to this report alone.")) } }
                @if let Some(grace) = grace.filter(|_| report.is_with_school()) {
                    div.grey { (t("宽限到 ", "Grace until ")) (format::deadline(lang, grace, now)) }
                }
                @if let Some(asked) = shown.extensions.first() { div { a href=(address) { (t("延期申请", "Extension")) } (t("：", ": ")) (extension_words(visitor, asked)) } }
                @else if extendable { div { a href=(address) { (t("时间不够？申请延期", "Not enough time? Ask for an extension")) } } }
            }
        }
    }
}

/// Where a request for more time stands, in a line.
fn extension_words(visitor: &Visitor, asked: &Extension) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let time = match asked.state() {
        extension::State::Granted => asked.granted_time.as_ref(),
        _ => asked.wanted_time.as_ref(),
    };
    let mark: Mark = states::extension(lang, asked.state());
    html! {
        (mark)
        @if let Some(time) = format::moment(time) { " " (format::exact(lang, time, now)) }
    }
}

/// Whether a declaration speaks of the content as it stands: one of a returned report spoke of the revision before.
fn declared_now(state: submission::State) -> bool {
    !matches!(state, submission::State::Draft | submission::State::Returned)
}

/// The head's word, in full.
pub fn declared(visitor: &Visitor, declaration: &Declaration) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    html! {
        h2 { (t("真实性声明", "Declaration of truthfulness")) }
        p { (t("“我声明：本报告所载数据和内容真实、准确、完整。”", "“I declare that the data and content of this report are true, exact and complete.”")) }
        p {
            (t("声明人：", "Declared by ")) (declaration.name) (t("，职务：", ", ")) (declaration.office)
            @if let Some(time) = format::moment(declaration.time.as_ref()) { (t("，时间：", ", ")) (format::happened(lang, time, now)) }
        }
    }
}
