//! One programme's way from its low grade to its end, with the step that comes next.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{
        GetRectificationRequest, Measure, Rectification, Scheme, rectification, rectification::State,
    },
    submission::v1::Attachment,
};

use super::{
    forms::{claim_form, decision, escalation, plan_form, withdrawal},
    list::{due, programme},
    report,
};
use crate::{
    pages::results,
    say,
    web::{
        components::{button, done, grade, refusal, trail},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        prose,
        session::Visitor,
        states,
    },
};

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    done: String,
}

pub(super) async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after.done, &Attempt::default()).await
}

pub(super) async fn page(visitor: &Visitor, id: &str, after: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let request = GetRectificationRequest { rectification_id: id.to_owned() };
    let answer = visitor.clients().rectifications().get_rectification(request).await?.into_inner();
    let rectification = answer.rectification.ok_or_else(Failure::not_found)?;
    let schemes = results::schemes(visitor).await?;
    let mut shown = Shown { visitor, rectification: &rectification, schemes: &schemes, attempt, files: &[] };
    let files = match rectification.state() {
        State::Mending if shown.is_mine() => report::files(&shown).await?,
        _ => vec![],
    };
    shown.files = &files;
    Ok(render(&shown, after))
}

/// What the parts of the page are made from.
pub(super) struct Shown<'a> {
    pub visitor: &'a Visitor,
    pub rectification: &'a Rectification,
    pub schemes: &'a [Scheme],
    pub attempt: &'a Attempt,
    /// The files of the school's reports that can be named as evidence.
    pub files: &'a [Attachment],
}

impl Shown<'_> {
    pub fn address(&self) -> String {
        format!("/rectifications/{}", self.rectification.rectification_id)
    }

    fn is_mine(&self) -> bool {
        let code = self.rectification.entry.as_ref().map(|entry| entry.organisation_code.clone());
        code.is_some_and(|code| self.visitor.organisations(Role::School).contains(&code))
    }

    fn element<'s>(&'s self, code: &'s str) -> &'s str {
        let mut elements = self.schemes.iter().flat_map(|scheme| &scheme.elements);
        elements
            .find(|element| element.code == code)
            .map_or(code, |element| name_or(self.visitor.lang(), element.name.as_ref(), code))
    }
}

fn render(shown: &Shown<'_>, after: &str) -> Response {
    let Shown { visitor, rectification, schemes, attempt, .. } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    let entry = rectification.entry.clone().unwrap_or_default();
    let name = programme(visitor, &entry);
    let school = name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code);
    let title = say!(lang, "整改：{name}", "Rectification: {name}");
    let address = shown.address();
    let findings =
        rectification.findings.iter().map(|finding| (finding.element_code.as_str(), finding.score.as_str()));
    let content = html! {
        (trail(lang, &[("/rectifications", t("整改", "Rectification"))]))
        div.head { div {
            h1 { (title) " " (grade(&rectification.grade)) }
            p.lead { (school) (t("，", ", ")) (states::rectification(lang, rectification.state())) }
        } }
        (said(shown, after))
        (refusal(lang, attempt))
        @if rectification.reminding && shown.is_mine() { (reminder(shown)) }
        (steps(shown))
        dl.facts {
            @if !rectification.due_date.is_empty() { dt { (t("本步期限", "Step due")) } dd { (due(visitor, rectification)) } }
            @if let Some(level) = &rectification.level { dt { (t("处理", "Level")) } dd { strong { (name_or(lang, level.name.as_ref(), &level.code)) } } }
            @if let Some(level) = rectification.next_level.as_ref().filter(|_| rectification.state() != State::Closed) {
                dt { (t("逾期或复查不通过", "If late, or the re-check fails")) } dd { (name_or(lang, level.name.as_ref(), &level.code)) }
            }
            @if !rectification.new_grade.is_empty() {
                dt { (t("复查等级", "Grade of the re-check")) }
                dd { (grade(&rectification.new_grade)) " " (format::cut(&rectification.new_total, 2)) (t(" 分", " points")) }
            }
            @if rectification.outcome() == rectification::Outcome::Mended { dt { (t("后续", "Afterwards")) } dd { (t("下一年度列入必测专业", "Monitored again in the next year's round")) } }
            dt { (t("专业代码", "Programme code")) } dd { span.code { (entry.programme_code) } }
        }
        (next(shown))
        h2 { (t("得分最低的要素", "Elements scored lowest")) }
        (results::elements(lang, findings, schemes))
        @if !rectification.plan.is_empty() && rectification.state() != State::Opened {
            h2 { (t("整改方案", "The plan")) }
            (prose::set(&rectification.plan, 3))
            @if rectification.state() != State::Mending || !shown.is_mine() { (measures(shown)) }
        }
        (history(shown))
        @if visitor.has(Role::Commission) && !matches!(rectification.state(), State::Closed | State::Rechecking) { (withdrawal(shown)) }
    };
    workplace(visitor, Page::work(&title, &address, Place::Rectifications), attempt, content)
}

fn said(shown: &Shown<'_>, after: &str) -> Markup {
    let t = words(shown.visitor.lang());
    let told = match after {
        "planned" => t("方案已提交，等待教委审定。", "The plan is handed in; the commission decides on it."),
        "accepted" => t("方案已通过，学校可以开始整改。", "The plan is taken; the school can begin."),
        "returned" => t("方案已退回学校。", "The plan is returned to the school."),
        "reported" => t("进展已保存。", "The progress is saved."),
        "claimed" => t("已报告整改完成，等待复查。", "It is reported as mended; a re-check follows."),
        "appointed" => t("复查专家已经可以看到任务。", "The re-check's reviewers see their assignments."),
        "concluded" => t("复查结论已经作出。", "The re-check is concluded."),
        "escalated" => t("已升级处理，并重新计算期限。", "It is one level further, with a new date."),
        "withdrawn" => t("已撤销专业，整改结束。", "The programme is given up; the rectification is closed."),
        _ => return html! {},
    };
    done(told)
}

/// The school is told that a date is near, or has passed.
fn reminder(shown: &Shown<'_>) -> Markup {
    let lang = shown.visitor.lang();
    let t = words(lang);
    let (left, past) = (shown.rectification.working_days_left, -shown.rectification.working_days_left);
    html! {
        div.banner.need role="status" { p {
            @if shown.rectification.overdue { (say!(lang, "本步已逾期 {past} 个工作日，可能升级处理。", "This step is {past} working days late and may be escalated.")) }
            @else if left == 0 { (t("本步今天到期。", "This step is due today.")) }
            @else { (say!(lang, "本步还有 {left} 个工作日到期。", "This step is due in {left} working days.")) }
        } }
    }
}

fn steps(shown: &Shown<'_>) -> Markup {
    let t = words(shown.visitor.lang());
    let at = match shown.rectification.state() {
        State::Unspecified | State::Opened => 0,
        State::Planned => 1,
        State::Mending => 2,
        State::Claimed => 3,
        State::Rechecking => 4,
        State::Closed => 5,
    };
    let names = [
        t("学校提交方案", "Plan"),
        t("教委审定", "Decision"),
        t("学校整改", "Mending"),
        t("安排复查", "Appointment"),
        t("专家复查", "Re-check"),
        t("结束", "Closed"),
    ];
    html! {
        ol.steps {
            @for (index, name) in names.iter().enumerate() {
                li class=[(index < at).then_some("past")] aria-current=[(index == at).then_some("step")] { (name) }
            }
        }
    }
}

/// What the reader can do now.
fn next(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, rectification, attempt, .. } = shown;
    let t = words(visitor.lang());
    let (commission, chair) = (visitor.has(Role::Commission), visitor.has(Role::Chair));
    let address = shown.address();
    let plain = |verb: &str, label| {
        button(&format!("{address}/{verb}"), attempt, &[("etag", &rectification.etag)], label, true)
    };
    html! {
        @match rectification.state() {
            State::Opened | State::Unspecified if shown.is_mine() => (plan_form(shown)),
            State::Planned if commission => (decision(shown)),
            State::Mending if shown.is_mine() => { (report::form(shown)) (claim_form(shown)) },
            State::Claimed if chair => {
                section.step-now {
                    h2 { (t("安排独立复查", "Appoint an independent re-check")) }
                    p { (t("系统会从没有参加过本专业评审、也没有利益冲突的单位里选专家。", "Reviewers come from organisations that have not scored this programme and have no conflict.")) }
                    (plain("appoint", t("安排复查专家", "Appoint the re-check")))
                }
            },
            State::Rechecking if chair => {
                @let (submitted, count) = (rectification.recheck_submitted, rectification.recheck_count);
                section.step-now {
                    h2 { (t("作出复查结论", "Conclude the re-check")) }
                    p { (say!(visitor.lang(), "已提交 {submitted} / {count} 份复查评分。", "{submitted} of {count} sheets are in.")) }
                    (plain("conclude", t("作出复查结论", "Conclude the re-check")))
                }
            },
            _ => {},
        }
        @if commission && rectification.overdue && rectification.next_level.is_some() { (escalation(shown)) }
    }
}

pub(super) fn about(shown: &Shown<'_>, measure: &Measure) -> Markup {
    let (lang, now) = (shown.visitor.lang(), shown.visitor.now());
    let t = words(lang);
    html! {
        p.grey.small {
            @if measure.element_code.is_empty() { (t("整体", "As a whole")) } @else { (shown.element(&measure.element_code)) }
            @if !measure.responsible.is_empty() { (t("，责任人：", ", responsible: ")) (measure.responsible) }
            @if !measure.due_date.is_empty() { (t("，完成时间：", ", by ")) (format::exact_day(lang, &measure.due_date, now)) }
        }
    }
}

fn measures(shown: &Shown<'_>) -> Markup {
    let t = words(shown.visitor.lang());
    html! {
        @if !shown.rectification.measures.is_empty() {
            ol {
                @for measure in &shown.rectification.measures {
                    li {
                        (measure.title)
                        @if measure.done { span.grey { (t("（已完成）", " (done)")) } }
                        (about(shown, measure))
                        @if !measure.progress.is_empty() { p { (t("进展：", "Progress: ")) (measure.progress) } }
                        @if !measure.evidence.is_empty() { p { (t("佐证：", "Evidence: ")) (measure.evidence) } }
                        (report::items(shown.visitor.lang(), &measure.items))
                    }
                }
            }
        }
    }
}

fn history(shown: &Shown<'_>) -> Markup {
    let (lang, now) = (shown.visitor.lang(), shown.visitor.now());
    let t = words(lang);
    html! {
        @if !shown.rectification.history.is_empty() {
            h2 { (t("经过", "What happened")) }
            ol.history {
                @for event in shown.rectification.history.iter().rev() {
                    li {
                        span.grey { @if let Some(time) = format::moment(event.time.as_ref()) { (format::happened(lang, time, now)) } }
                        div {
                            (deed(shown, &event.action))
                            @if let Some(level) = event.level.as_ref().filter(|_| matches!(event.action.as_str(), "fail" | "escalate")) {
                                (t("，升级为", "; now ")) (name_or(lang, level.name.as_ref(), &level.code))
                            }
                            @if !event.comment.is_empty() { p.grey { (event.comment) } }
                        }
                    }
                }
            }
        }
    }
}

fn deed<'a>(shown: &Shown<'_>, action: &'a str) -> &'a str {
    let t = words(shown.visitor.lang());
    match action {
        "plan" => t("学校提交了方案", "the school handed in its plan"),
        "accept-plan" => t("教委通过了方案", "the commission took the plan"),
        "return-plan" => t("教委退回了方案", "the commission returned the plan"),
        "report" => t("学校填报了进展", "the school reported progress"),
        "claim" => t("学校报告整改完成", "the school reported it as mended"),
        "appoint" => t("安排了独立复查", "an independent re-check was appointed"),
        "pass" => t("复查通过", "the re-check passed"),
        "fail" => t("复查未通过", "the re-check did not pass"),
        "escalate" => t("逾期，升级处理", "late, and escalated"),
        "withdraw" => t("撤销专业", "the programme was given up"),
        "lift" => t("申诉得到支持，整改解除", "an appeal was upheld, and the rectification lifted"),
        other => other,
    }
}
