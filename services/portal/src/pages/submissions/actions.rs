//! The steps of a report: approve, submit; take up, return, accept.

use axum::{Router, extract::Path, routing::post};
use maud::{Markup, html};
use zhijian_proto::submission::v1::{
    AcceptSubmissionRequest, ApproveSubmissionRequest, Declaration, ReturnSubmissionRequest,
    StartSubmissionReviewRequest, SubmitSubmissionRequest, cycle, submission,
};

use super::{
    report::{Report, Standing},
    show::{After, page},
};
use crate::{
    pages::see_other,
    web::{
        components::{Field, Form, Kind, base, button, hidden},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::{text, words},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/submissions/{id}/approve", post(approve))
        .route("/submissions/{id}/submit", post(submit))
        .route("/submissions/{id}/start", post(start))
        .route("/submissions/{id}/return", post(send_back))
        .route("/submissions/{id}/accept", post(accept))
}

/// The next step where it is a single button.
pub fn one_click(visitor: &Visitor, report: &Report, attempt: &Attempt) -> Markup {
    use submission::State;
    let t = words(visitor.lang());
    let submission = &report.submission;
    let step = |name: &str, label, primary| {
        let action = format!("{}/{name}", report.address());
        button(&action, attempt, &[("etag", &submission.etag)], label, primary)
    };
    html! {
        @match (report.standing(visitor), submission.state()) {
            (Standing::Owner, State::Approved) => (step("submit", t("提交年报", "Submit the report"), true)),
            (Standing::Desk, State::Submitted) => {
                (step("accept", t("接收", "Accept"), true))
                (step("start", t("开始审核", "Begin the review"), false))
            },
            (Standing::Desk, State::UnderReview) => (step("accept", t("接收", "Accept"), true)),
            _ => {},
        }
    }
}

/// The next step where it is a form: the declaration, or the reason for returning.
pub fn forms(
    visitor: &Visitor,
    report: &Report,
    (errors, warnings): (usize, usize),
    complete: bool,
    attempt: &Attempt,
) -> Markup {
    use submission::State;
    let state = report.submission.state();
    match report.standing(visitor) {
        Standing::Owner if state == State::Draft && report.cycle.state() == cycle::State::Collecting => {
            approval(visitor, report, complete && errors + warnings == 0, attempt)
        }
        Standing::Desk if matches!(state, State::Submitted | State::UnderReview) => {
            returning(visitor, report, attempt)
        }
        _ => html! {},
    }
}

fn approval(visitor: &Visitor, report: &Report, ready: bool, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let signatory = report.kind().map(|kind| text(lang, kind.signatory.as_ref())).unwrap_or_default();
    let action = format!("{}/approve", report.address());
    let keep = format!("approve/{}", report.submission.submission_id);
    if !ready && !attempt.is_refused() {
        return html! {
            section id="approve" {
                h2 { (t("审定与真实性声明", "Approval and declaration")) }
                p.grey { (t("填全指标、处理完检查结果之后，由", "Once all indicators are filled in and no finding stands open, the "))
                    (signatory) (t("在这里审定。", " approves it here.")) }
            }
        };
    }
    html! {
        section id="approve" {
            h2 { (t("审定与真实性声明", "Approval and declaration")) }
            p { (t("由", "By the ")) (signatory) (t("对内容的真实性负责。审定之后就可以提交；再改内容，审定自动撤回。", ", who vouches for the content. It can be submitted then; changing it withdraws the approval.")) }
            (Form { action: &action, attempt, keep: &keep }.around(html! {
                (base("etag", &report.submission.etag))
                (Field::new(Kind::Text, "declaration.name", t("姓名", "Name"), attempt, "").autocomplete("name"))
                (Field::new(Kind::Text, "declaration.office", t("职务", "Office"), attempt, "").hint(t("例如：校长", "For instance: principal")))
                p { (t("我声明：本报告所载数据和内容真实、准确、完整。", "I declare that the data and content of this report are true, exact and complete.")) }
                div.actions { button.primary type="submit" { (t("审定", "Approve")) } }
            }))
        }
    }
}

fn returning(visitor: &Visitor, report: &Report, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let action = format!("{}/return", report.address());
    let keep = format!("return/{}", report.submission.submission_id);
    html! {
        section id="return" {
            h2 { (t("退回修改", "Return for mending")) }
            (Form { action: &action, attempt, keep: &keep }.around(html! {
                (hidden("etag", &report.submission.etag))
                (Field::new(Kind::Lines, "comment", t("退回意见", "What to mend"), attempt, "")
                    .hint(t("写明哪一项、什么问题、怎样修改；学校会看到原文。", "Say which item, what is wrong, how to mend it; the school reads this.")))
                div.actions { button type="submit" { (t("退回", "Return")) } }
            }))
        }
    }
}

/// Goes on after a step, or shows the page again with why it was refused.
async fn conclude(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    outcome: Result<Vec<(&str, String)>, tonic::Status>,
) -> Answer {
    match outcome {
        Ok(after) => {
            let pairs: Vec<(&str, &str)> =
                after.iter().map(|(name, value)| (*name, value.as_str())).collect();
            Ok(see_other(&link::address(&format!("/submissions/{}", link::segment(id)), &pairs)))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(visitor, id, &After::default(), &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

fn after(what: &str) -> Vec<(&'static str, String)> {
    vec![("done", what.to_owned())]
}

async fn approve(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let declaration = Declaration {
        name: form.get("declaration.name").to_owned(),
        office: form.get("declaration.office").to_owned(),
        time: None,
    };
    let request = ApproveSubmissionRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        etag: form.get("etag").to_owned(),
        declaration: Some(declaration),
    };
    let outcome =
        visitor.clients().submissions().approve_submission(request).await.map(|_| after("approved"));
    conclude(&visitor, &id, form, outcome).await
}

async fn submit(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = SubmitSubmissionRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().submissions().submit_submission(request).await.map(|answer| {
        let receipt = answer.into_inner().receipt.unwrap_or_default();
        vec![("receipt", receipt.receipt_id)]
    });
    conclude(&visitor, &id, form, outcome).await
}

async fn start(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = StartSubmissionReviewRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    let outcome =
        visitor.clients().submissions().start_submission_review(request).await.map(|_| after("started"));
    conclude(&visitor, &id, form, outcome).await
}

async fn send_back(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = ReturnSubmissionRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        etag: form.get("etag").to_owned(),
        comment: form.lines("comment").trim().to_owned(),
        ..Default::default()
    };
    let outcome = visitor.clients().submissions().return_submission(request).await.map(|_| after("returned"));
    conclude(&visitor, &id, form, outcome).await
}

async fn accept(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = AcceptSubmissionRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().submissions().accept_submission(request).await.map(|_| after("accepted"));
    conclude(&visitor, &id, form, outcome).await
}
