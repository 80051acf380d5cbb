//! A report in the results is opened again: asked for with a reason, opened or refused, given up, or put right.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    CancelCorrectionRequest, Correction, ListCorrectionsRequest, OpenCorrectionRequest,
    RefuseCorrectionRequest, RequestCorrectionRequest, WithdrawCorrectionRequest, correction,
};

use super::{
    actions::no_moment,
    report::{Report, Standing},
};
use crate::{
    pages::{cycles::moment_of, lookup::WHOLE_PAGE, see_other},
    say,
    web::{
        components::{Field, Form, Kind, base, button, done, empty, hidden, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::words,
        layout::{Page, workplace},
        link,
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/submissions/{id}/corrections", get(show).post(ask))
        .route("/submissions/{id}/corrections/open", post(open))
        .route("/submissions/{id}/corrections/{correction}/withdraw", post(withdraw))
        .route("/submissions/{id}/corrections/{correction}/refuse", post(refuse))
        .route("/submissions/{id}/corrections/{correction}/cancel", post(cancel))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after.done, &Attempt::default()).await
}

async fn page(visitor: &Visitor, id: &str, after: &str, attempt: &Attempt) -> Answer {
    let report = Report::load(visitor, id).await?;
    let request = ListCorrectionsRequest {
        page_size: WHOLE_PAGE,
        submission_id: id.to_owned(),
        ..ListCorrectionsRequest::default()
    };
    let listed = visitor.clients().corrections().list_corrections(request).await?.into_inner().corrections;
    let here = Here { visitor, report: &report, attempt, nothing: Attempt::default() };
    Ok(here.render(&listed, after))
}

struct Here<'a> {
    visitor: &'a Visitor,
    report: &'a Report,
    attempt: &'a Attempt,
    nothing: Attempt,
}

/// What the forms that concern no request say that they concern.
const NEW: &str = "new";

impl Here<'_> {
    /// What was refused, if it was this form: several stand on the page.
    fn attempt(&self, concerns: &str) -> &Attempt {
        if self.attempt.form.get("concerns") == concerns { self.attempt } else { &self.nothing }
    }

    fn address(&self) -> String {
        format!("{}/corrections", self.report.address())
    }

    fn render(&self, corrections: &[Correction], after: &str) -> Response {
        let (visitor, report) = (self.visitor, self.report);
        let lang = visitor.lang();
        let t = words(lang);
        let title = t("更正", "Corrections");
        let number = report.submission.accepted_revision;
        let waiting = corrections.iter().any(|one| one.state() == correction::State::Requested);
        let address = self.address();
        let content = html! {
            (trail(lang, &[report.above(visitor), (&report.address(), &report.title(lang))]))
            div.head {
                div {
                    h1 { (title) }
                    p.lead {
                        (states::submission(lang, report.submission.state()))
                        @if number > 0 { (say!(lang, "，年度结果采用第 {number} 版", "; the results hold revision {number}")) }
                    }
                }
                div.actions { a.button href=(report.address()) { (t("回到年报", "Back to the report")) } }
            }
            @match after {
                "asked" => (done(t("申请已提交，等教育主管部门决定。", "Asked: the commission decides."))),
                "opened" => (done(t("已开放更正，学校现在可以修改。", "Open for correction: the school can change it now."))),
                "refused" => (done(t("已回复学校：不同意更正。", "The school is told that it is refused, and why."))),
                "withdrawn" => (done(t("申请已撤回。", "The request is withdrawn."))),
                "cancelled" => (done(t("更正已取消，内容恢复为年度结果采用的一版。", "Given up: the content of the results stands again."))),
                _ => {},
            }
            (refusal(lang, self.attempt))
            @if report.is_in_results() && !waiting || self.attempt(NEW).is_refused() {
                @match report.standing(visitor) {
                    Standing::Owner => (self.ask_form()),
                    Standing::Desk => (self.open_form()),
                    Standing::Reader => {},
                }
            } @else if number == 0 {
                (empty(t("这份年报还没有进入年度结果", "The report is not in the results yet"), html! { (t("进入结果之前，退回修改即可，不需要更正。", "Until then it can be returned and mended; no correction is needed.")) }))
            }
            @if !corrections.is_empty() { h2 { (t("更正记录", "What there was")) } }
            @for one in corrections { (self.card(one)) }
        };
        workplace(visitor, Page::work(title, &address, report.place(visitor)), self.attempt, content)
    }

    fn ask_form(&self) -> Markup {
        let t = words(self.visitor.lang());
        let (address, attempt) = (self.address(), self.attempt(NEW));
        let keep = format!("correction/{}", self.report.submission.submission_id);
        html! {
            section id="ask" {
                h2 { (t("申请更正", "Ask for a correction")) }
                p { (t("同意之后年报回到草稿，改好后重新审定、提交和审核。新的一版被接收之前，结果里仍是现在这一版；旧版永远可以查到。", "If it is opened, the report is a draft again and goes through approval, submission and review once more. Until a new revision is accepted the results hold the present one, which stays readable for ever.")) }
                (Form { action: &address, attempt, keep: &keep }.around(html! {
                    (hidden("concerns", NEW))
                    (Field::new(Kind::Lines, "reason", t("更正理由", "Reason"), attempt, "").hint(t("写明哪一处错了、应为多少、依据是什么，不超过 500 字。", "What is wrong, what it should be, and how you know; at most 500 characters.")))
                    div.actions { button.primary type="submit" { (t("申请更正", "Ask for a correction")) } span.saved data-saved {} }
                }))
            }
        }
    }

    fn due_field<'a>(&self, attempt: &'a Attempt, distinct: &'a str) -> Field<'a> {
        let lang = self.visitor.lang();
        let t = words(lang);
        Field::new(
            Kind::Moment,
            "due_time",
            t("改好的期限（北京时间）", "To be submitted by (Beijing time)"),
            attempt,
            "",
        )
        .distinct(distinct)
        .optional(lang)
        .hint(t("不填就按规则给出的天数。", "Left empty: the days that the rules give."))
    }

    fn open_form(&self) -> Markup {
        let t = words(self.visitor.lang());
        let attempt = self.attempt(NEW);
        let keep = format!("correction/{}", self.report.submission.submission_id);
        html! {
            details id="open" open[attempt.is_refused()] {
                summary { (t("不经学校申请，直接开放更正", "Open it for correction without a request")) }
                (Form { action: &format!("{}/open", self.address()), attempt, keep: &keep }.around(html! {
                    (hidden("concerns", NEW)) (base("etag", &self.report.submission.etag))
                    (Field::new(Kind::Lines, "reason", t("理由", "Reason"), attempt, "").hint(t("学校会看到。", "The school reads this.")))
                    (self.due_field(attempt, NEW))
                    div.actions { button type="submit" { (t("开放更正", "Open for correction")) } }
                }))
            }
        }
    }

    fn card(&self, one: &Correction) -> Markup {
        let (visitor, report) = (self.visitor, self.report);
        let (lang, now) = (visitor.lang(), visitor.now());
        let t = words(lang);
        let happened = |time: Option<&prost_types::Timestamp>| {
            html! { @if let Some(time) = format::moment(time) { (format::happened(lang, time, now)) } }
        };
        let (old, new) = (one.old_revision, one.new_revision);
        let (from, to) = (old.to_string(), new.to_string());
        let compare = link::address(
            &format!("{}/revisions/compare", report.address()),
            &[("from", &from), ("to", &to)],
        );
        let due = report
            .submission
            .deadline
            .as_ref()
            .and_then(|deadline| format::moment(deadline.due_time.as_ref()));
        html! {
            article.request id=(id_of(&one.correction_id)) {
                h3 { (say!(lang, "更正第 {old} 版", "Correcting revision {old}")) " " (states::correction(lang, one.state())) }
                dl.facts {
                    dt { (t("理由", "Reason")) } dd.said { (one.reason) }
                    dt { (t("提出", "By")) } dd { (one.requester_name) (t("，", ", ")) (happened(one.create_time.as_ref())) }
                    @if !one.decision.is_empty() { dt { (t("答复", "Answer")) } dd.said { (one.decision) } }
                    @if !one.decider_name.is_empty() { dt { (t("决定", "Decided by")) } dd { (one.decider_name) (t("，", ", ")) (happened(one.decide_time.as_ref())) } }
                    @if let (correction::State::Open, Some(due)) = (one.state(), due) { dt { (t("改好的期限", "To be submitted by")) } dd { (format::deadline(lang, due, now)) } }
                    @if new > 0 { dt { (t("改了什么", "What changed")) } dd { a href=(compare) { (say!(lang, "第 {old} 版与第 {new} 版比较", "Revision {old} against {new}")) } } }
                }
                @match (one.state(), report.standing(visitor)) {
                    (correction::State::Requested, Standing::Desk) => (self.decision(one)),
                    (correction::State::Requested, Standing::Owner) => (self.one_button(one, "withdraw", t("撤回申请", "Withdraw the request"))),
                    (correction::State::Open, Standing::Desk) if report.is_with_school() => {
                        p.grey { (t("取消之后，学校在更正中的修改不再保留为草稿，内容恢复为年度结果采用的一版。", "Giving it up drops what the school has changed since; the content of the results stands again.")) }
                        (self.one_button(one, "cancel", t("取消更正", "Give the correction up")))
                    },
                    _ => {},
                }
            }
        }
    }

    fn one_button(&self, one: &Correction, verb: &str, label: &str) -> Markup {
        let action = format!("{}/{}/{verb}", self.address(), one.correction_id);
        button(&action, self.attempt(&one.correction_id), &[("etag", &one.etag)], label, false)
    }

    fn decision(&self, one: &Correction) -> Markup {
        let t = words(self.visitor.lang());
        let id = &one.correction_id;
        let attempt = self.attempt(id);
        let (open, refuse) = (format!("{}/open", self.address()), format!("{}/{id}/refuse", self.address()));
        html! {
            (Form { action: &open, attempt, keep: &format!("correction/{id}") }.around(html! {
                (hidden("concerns", id)) (hidden("correction_id", id)) (base("etag", &one.etag))
                (self.due_field(attempt, id))
                (Field::new(Kind::Lines, "decision", t("不同意的理由", "Why it is refused"), attempt, "").distinct(id).optional(self.visitor.lang())
                    .hint(t("不同意时必须写；同意时不用写。", "Needed when you refuse; left out when you open it.")))
                div.actions {
                    button.primary type="submit" { (t("同意，开放更正", "Open for correction")) }
                    button type="submit" formaction=(refuse) { (t("不同意", "Refuse")) }
                }
            }))
        }
    }
}

async fn ask(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = RequestCorrectionRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        reason: form.lines("reason").trim().to_owned(),
    };
    let outcome = visitor.clients().corrections().request_correction(request).await.map(|_| "asked");
    conclude(&visitor, &id, form, outcome).await
}

async fn open(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let due_time = moment_of(&form, "due_time");
    if due_time.is_none() && !form.get("due_time").is_empty() {
        let fault = no_moment(visitor.lang(), "due_time");
        return page(&visitor, &id, "", &Attempt::faulty(form, vec![fault])).await;
    }
    let request = OpenCorrectionRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        correction_id: form.get("correction_id").to_owned(),
        etag: form.get("etag").to_owned(),
        reason: form.lines("reason").trim().to_owned(),
        due_time,
    };
    let outcome = visitor.clients().corrections().open_correction(request).await.map(|_| "opened");
    conclude(&visitor, &id, form, outcome).await
}

async fn withdraw(
    visitor: Visitor,
    Path((id, correction_id)): Path<(String, String)>,
    form: FormData,
) -> Answer {
    let request = WithdrawCorrectionRequest {
        request_id: form.request_id(),
        correction_id,
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().corrections().withdraw_correction(request).await.map(|_| "withdrawn");
    conclude(&visitor, &id, form, outcome).await
}

async fn refuse(
    visitor: Visitor,
    Path((id, correction_id)): Path<(String, String)>,
    form: FormData,
) -> Answer {
    let request = RefuseCorrectionRequest {
        request_id: form.request_id(),
        correction_id,
        etag: form.get("etag").to_owned(),
        decision: form.lines("decision").trim().to_owned(),
    };
    let outcome = visitor.clients().corrections().refuse_correction(request).await.map(|_| "refused");
    conclude(&visitor, &id, form, outcome).await
}

async fn cancel(
    visitor: Visitor,
    Path((id, correction_id)): Path<(String, String)>,
    form: FormData,
) -> Answer {
    let request = CancelCorrectionRequest {
        request_id: form.request_id(),
        correction_id,
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().corrections().cancel_correction(request).await.map(|_| "cancelled");
    conclude(&visitor, &id, form, outcome).await
}

async fn conclude(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    outcome: Result<&str, tonic::Status>,
) -> Answer {
    match outcome {
        Ok(what) => {
            let address = format!("/submissions/{}/corrections", link::segment(id));
            Ok(see_other(&link::address(&address, &[("done", what)])))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(visitor, id, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}
