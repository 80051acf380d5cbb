//! What the proofreader says, beside the passages it speaks of; and what people decide about it.

use axum::{Router, extract::Path, response::Response, routing::post};
use maud::{Markup, html};
use zhijian_proto::submission::v1::{
    DismissFindingRequest, ListRemarksRequest, Remark, RestoreFindingRequest, SectionKind, remark,
};

use super::{
    report::{Report, Standing},
    sections,
};
use crate::{
    pages::see_other,
    say,
    web::{
        components::{Field, Form, Kind, Mark, Sign, Tone, button, hidden, id_of},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::{name_or, text, words},
        link,
        prose::{self, Extras},
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/submissions/{id}/sections/{code}/dismiss", post(dismiss))
        .route("/submissions/{id}/sections/{code}/restore", post(restore))
}

/// The remarks that concern a section, for readers who may see them; nothing for the others.
pub async fn of_section(visitor: &Visitor, report: &Report, code: &str) -> Result<Vec<Remark>, Failure> {
    if report.standing(visitor) == Standing::Reader {
        return Ok(vec![]);
    }
    let request = ListRemarksRequest {
        submission_id: report.submission.submission_id.clone(),
        section_code: code.to_owned(),
    };
    Ok(visitor.clients().narratives().list_remarks(request).await?.into_inner().remarks)
}

/// Every remark on a report.
pub async fn of_report(visitor: &Visitor, report: &Report) -> Result<Vec<Remark>, Failure> {
    of_section(visitor, report, "").await
}

/// How many of the remarks still want something.
pub fn open(remarks: &[Remark]) -> usize {
    remarks.iter().filter(|remark| stands(remark) && remark.explanation.is_empty()).count()
}

fn stands(remark: &Remark) -> bool {
    let settled = remark.dismissal.as_ref().is_some_and(|dismissal| !dismissal.overruled);
    remark.weight() != remark::Weight::Info && !settled
}

/// A section's text with its remarks beside the passages.
pub struct Beside<'a> {
    pub visitor: &'a Visitor,
    pub report: &'a Report,
    pub code: &'a str,
    pub kinds: &'a [SectionKind],
    pub body: &'a str,
    pub remarks: &'a [Remark],
    pub extras: &'a Extras,
    pub attempt: &'a Attempt,
}

/// Some lines of a text that belong together, and where they begin.
#[derive(Debug, PartialEq, Eq)]
struct Passage<'a> {
    /// The first line's number.
    first: i32,
    text: Vec<&'a str>,
}

/// A text in passages: what stands between empty lines.
fn passages(body: &str) -> Vec<Passage<'_>> {
    let mut passages: Vec<Passage<'_>> = vec![];
    let mut open = false;
    for (number, line) in (1..).zip(body.lines()) {
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        match passages.last_mut().filter(|_| open) {
            Some(passage) => passage.text.push(line),
            None => passages.push(Passage { first: number, text: vec![line] }),
        }
        open = true;
    }
    passages
}

impl Passage<'_> {
    fn holds(&self, line: i32) -> bool {
        (self.first..self.first + i32::try_from(self.text.len()).unwrap_or(i32::MAX)).contains(&line)
    }
}

impl Beside<'_> {
    /// The text, passage by passage, each with what is said about it at its side.
    pub fn show(&self) -> Markup {
        let passages = passages(self.body);
        html! {
            div.beside {
                @for passage in &passages {
                    @let about = self.about(passage);
                    div.passage {
                        div { (self.set(passage, &about)) }
                        @if !about.is_empty() { div.margin { @for remark in about { (self.card(remark)) } } }
                    }
                }
                // A remark whose words were changed since, in a text that is not saved yet.
                @for remark in self.remarks.iter().filter(|remark| !self.placed(&passages, remark)) {
                    div.passage { div {} div.margin { (self.card(remark)) } }
                }
            }
        }
    }

    fn placed(&self, passages: &[Passage<'_>], remark: &Remark) -> bool {
        let line = self.line(remark);
        passages.iter().any(|passage| passage.holds(line))
    }

    /// The line in this section that a remark stands at.
    fn line(&self, remark: &Remark) -> i32 {
        let here = remark.places.iter().find(|place| place.section_code == self.code);
        here.map_or(0, |place| place.line)
    }

    fn about(&self, passage: &Passage<'_>) -> Vec<&Remark> {
        self.remarks.iter().filter(|remark| passage.holds(self.line(remark))).collect()
    }

    fn set(&self, passage: &Passage<'_>, about: &[&Remark]) -> Markup {
        let mut extras = self.extras.clone();
        for remark in self.remarks {
            for place in remark
                .places
                .iter()
                .filter(|place| place.section_code == self.code && passage.holds(place.line))
            {
                if !is_settled(remark) || about.iter().any(|one| one.finding_id == remark.finding_id) {
                    extras.marks.push((place.excerpt.clone(), id_of(&remark.finding_id)));
                }
            }
        }
        prose::set_with(&passage.text.join("\n"), 3, &extras)
    }

    fn card(&self, remark: &Remark) -> Markup {
        let lang = self.visitor.lang();
        let t = words(lang);
        html! {
            article.remark id=(id_of(&remark.finding_id)) {
                p { (weight(lang, remark)) }
                p { strong { (text(lang, remark.message.as_ref())) } }
                @if !remark.computation.is_empty() { p { code { (lang.pick(&remark.computation, &remark.computation_en)) } } }
                @if !remark.expected.is_empty() && !remark.actual.is_empty() {
                    p.small { span.grey { (t("文中：", "Text: ")) } (remark.actual) "　" span.grey { (t("应为：", "Should be: ")) } (remark.expected) }
                }
                (self.other_places(remark))
                @if !remark.explanation.is_empty() { p.small { span.grey { (t("说明：", "Explanation: ")) } (remark.explanation) } }
                (self.decision(remark))
            }
        }
    }

    /// Where else the finding looks: both places are quoted.
    fn other_places(&self, remark: &Remark) -> Markup {
        let lang = self.visitor.lang();
        let here = self.line(remark);
        let name = |code: &str| {
            let kind = self.kinds.iter().find(|kind| kind.code == code);
            kind.map_or(code.to_owned(), |kind| name_or(lang, kind.name.as_ref(), code).to_owned())
        };
        let others = &remark.places;
        html! {
            @if others.iter().any(|place| place.section_code != self.code || place.line != here) {
                ul.small.places-quoted {
                    @for place in others {
                        @let line = place.line;
                        li {
                            @if place.section_code == self.code { (say!(lang, "第 {line} 行", "Line {line}")) }
                            @else { a href=(self.report.section_address(&place.section_code)) { (name(&place.section_code)) (say!(lang, " 第 {line} 行", ", line {line}")) } }
                            "：" q { (place.excerpt) }
                        }
                    }
                }
            }
        }
    }

    fn decision(&self, remark: &Remark) -> Markup {
        let lang = self.visitor.lang();
        let t = words(lang);
        let standing = self.report.standing(self.visitor);
        let explainable = matches!(
            self.report.submission.state(),
            zhijian_proto::submission::v1::submission::State::Draft
                | zhijian_proto::submission::v1::submission::State::Approved
                | zhijian_proto::submission::v1::submission::State::Returned
        );
        html! {
            @match &remark.dismissal {
                Some(dismissal) if dismissal.overruled => {
                    p.small { (dismissal.account_name) (t(" 曾标为无需修改：", " had marked it as needing no change: ")) (dismissal.reason) }
                    p.small.need { (dismissal.overruled_by) (t(" 恢复了这一条：", " brought it back: ")) (dismissal.overruled_reason) }
                },
                Some(dismissal) => {
                    p.small { (dismissal.account_name) (t("：", ": ")) (dismissal.reason) }
                    @if standing == Standing::Owner && explainable {
                        (button(&self.action("restore"), self.attempt, &[("finding_id", &remark.finding_id)], t("恢复这一条", "Bring it back"), false))
                    } @else if standing == Standing::Desk { (self.reason(remark, "restore", t("恢复这一条", "Bring it back"), t("说明为什么仍须修改", "Say why it must still be mended"))) }
                },
                None if standing == Standing::Owner && explainable && remark.weight() != remark::Weight::Info => {
                    (self.reason(remark, "dismiss", t("无需修改", "Needs no change"), t("写明理由；同样的话以后不再提示，审核的人会看到。", "Say why. The same words are not marked again; the reviewers at the desk will read it.")))
                },
                None => {},
            }
        }
    }

    fn action(&self, what: &str) -> String {
        format!("{}/{what}", self.report.section_address(self.code))
    }

    /// A form that opens to ask for a reason.
    fn reason(&self, remark: &Remark, what: &str, label: &str, hint: &str) -> Markup {
        let t = words(self.visitor.lang());
        let mine = self.attempt.form.get("finding_id") == remark.finding_id;
        let nothing = Attempt::default();
        let attempt = if mine { self.attempt } else { &nothing };
        let keep = format!("{what}/{}/{}", self.report.submission.submission_id, remark.finding_id);
        html! {
            details open[mine && attempt.is_refused()] {
                summary { (label) }
                (Form { action: &self.action(what), attempt, keep: &keep }.around(html! {
                    (hidden("finding_id", &remark.finding_id))
                    (Field::new(Kind::Lines, "reason", t("理由", "Reason"), attempt, "").distinct(&remark.finding_id).hint(hint))
                    div.actions { button type="submit" { (label) } }
                }))
            }
        }
    }
}

fn is_settled(remark: &Remark) -> bool {
    remark.dismissal.as_ref().is_some_and(|dismissal| !dismissal.overruled)
}

fn weight(lang: zhijian_platform::Lang, remark: &Remark) -> Mark {
    let t = words(lang);
    if let Some(dismissal) = remark.dismissal.as_ref().filter(|dismissal| !dismissal.overruled) {
        return if dismissal.wants_review {
            Mark::new(
                Sign::Tick,
                Tone::Go,
                t("已标为无需修改，审核时会再看", "Marked as needing no change; the desk will look at it"),
            )
        } else {
            Mark::new(Sign::Tick, Tone::Done, t("已标为无需修改", "Marked as needing no change"))
        };
    }
    if !remark.explanation.is_empty() {
        return Mark::new(Sign::Tick, Tone::Done, t("已说明", "Explained"));
    }
    match remark.weight() {
        remark::Weight::Error => Mark::new(Sign::Cross, Tone::Wrong, t("疑似错误", "Looks wrong")),
        remark::Weight::Warning => Mark::new(Sign::Warn, Tone::Need, t("请核对", "To be checked")),
        remark::Weight::Info | remark::Weight::Unspecified => {
            Mark::new(Sign::Empty, Tone::Quiet, t("提示", "Note"))
        }
    }
}

async fn dismiss(visitor: Visitor, Path((id, code)): Path<(String, String)>, form: FormData) -> Answer {
    let request = DismissFindingRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        finding_id: form.get("finding_id").to_owned(),
        reason: form.lines("reason").trim().to_owned(),
    };
    let outcome = visitor.clients().narratives().dismiss_finding(request).await.map(|_| "dismissed");
    conclude(&visitor, &id, &code, form, outcome).await
}

async fn restore(visitor: Visitor, Path((id, code)): Path<(String, String)>, form: FormData) -> Answer {
    let request = RestoreFindingRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        finding_id: form.get("finding_id").to_owned(),
        reason: form.lines("reason").trim().to_owned(),
    };
    let outcome = visitor.clients().narratives().restore_finding(request).await.map(|_| "restored");
    conclude(&visitor, &id, &code, form, outcome).await
}

async fn conclude(
    visitor: &Visitor,
    id: &str,
    code: &str,
    form: FormData,
    outcome: Result<&str, tonic::Status>,
) -> Result<Response, Failure> {
    match outcome {
        Ok(what) => {
            let anchor = link::segment(&id_of(form.get("finding_id")));
            let (id, code) = (link::segment(id), link::segment(code));
            Ok(see_other(&format!("/submissions/{id}/sections/{code}?done={what}#{anchor}")))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let report = Report::load(visitor, id).await?;
            sections::page(visitor, &report, code, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_in_passages_with_the_numbers_of_its_lines() {
        let passages = passages("# 标题\n\n第一行\n第二行\n\n\n| 年 |\n|-|");
        let told: Vec<(i32, usize)> =
            passages.iter().map(|passage| (passage.first, passage.text.len())).collect();
        assert_eq!(told, [(1, 1), (3, 2), (7, 2)]);
        assert!(passages[1].holds(4) && !passages[1].holds(5));
    }
}
