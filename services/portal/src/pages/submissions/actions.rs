//! The steps of a report: approve, submit; take up, return, accept.

use axum::{Router, extract::Path, routing::post};
use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::submission::v1::{
    AcceptSubmissionRequest, ApproveSubmissionRequest, Comment, Declaration, ReturnSubmissionRequest,
    StartSubmissionReviewRequest, SubmitSubmissionRequest, comment, submission,
};

use super::{
    report::{Report, Standing},
    show::{After, page},
};
use crate::{
    pages::{cycles::moment_of, see_other},
    say,
    web::{
        components::{Field, Form, Kind, base, button, hidden},
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
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

/// What stands in the way of handing a report in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InTheWay {
    /// Required cells without a value.
    pub empty: i32,
    pub errors: usize,
    /// Warnings without an explanation.
    pub warnings: usize,
    /// Remarks of the commission's without an answer.
    pub unanswered: usize,
}

impl InTheWay {
    /// How many findings stand open.
    pub fn findings(&self) -> usize {
        self.errors + self.warnings
    }

    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Each thing in the way, with where it is dealt with.
    fn list(&self, visitor: &Visitor, report: &Report) -> Markup {
        let lang = visitor.lang();
        let Self { empty, errors, warnings, unanswered } = *self;
        let address = report.address();
        html! {
            ul {
                @if empty > 0 { li { (say!(lang, "还有 {empty} 项必填指标没有填", "{empty} required indicators are empty")) } }
                @if errors > 0 { li { a href={ (address) "/findings" } { (say!(lang, "{errors} 处错误要改正", "{errors} errors to mend")) } } }
                @if warnings > 0 { li { a href={ (address) "/findings" } { (say!(lang, "{warnings} 处提醒要说明", "{warnings} warnings to explain")) } } }
                @if unanswered > 0 { li { a href={ (address) "/comments" } { (say!(lang, "{unanswered} 条意见要答复", "{unanswered} remarks to answer")) } } }
            }
        }
    }
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
            (Standing::Owner, State::Approved) if report.coordinates() && report.can_be_handed_in() => {
                (step("submit", t("提交年报", "Submit the report"), true))
            },
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
    way: &InTheWay,
    comments: &[Comment],
    attempt: &Attempt,
) -> Markup {
    use submission::State;
    let state = report.submission.state();
    match report.standing(visitor) {
        Standing::Owner if report.is_with_school() && report.can_be_handed_in() => html! {
            section id="approve" {
                @if !report.coordinates() { (for_coordinators(visitor, report)) }
                @else if state == State::Approved { (to_submit(visitor, report, way)) }
                @else { (approval(visitor, report, way, attempt)) }
            }
        },
        Standing::Desk if matches!(state, State::Submitted | State::UnderReview) => {
            returning(visitor, report, comments, attempt)
        }
        _ => html! {},
    }
}

/// That others approve and submit.
fn for_coordinators(visitor: &Visitor, report: &Report) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let who = report.coordinators().join(t("、", ", "));
    html! {
        h2 { (t("审定和提交", "Approval and submission")) }
        p { (say!(lang, "由年报负责人{who}审定和提交。您负责的部分写好就可以了。", "{who} approves and submits. Your part is done once it is written.")) }
    }
}

fn to_submit(visitor: &Visitor, report: &Report, way: &InTheWay) -> Markup {
    let t = words(visitor.lang());
    html! {
        h2 { (t("提交", "Submission")) }
        @if way.is_nothing() {
            p { (t("提交之后立即得到回执，内容不再改动；检查较慢时，回执照给，检查随后完成。", "You get a receipt at once, and the content does not change any more. Should the checks take long, they follow the receipt.")) }
        } @else {
            p { (t("提交之前还要处理：", "Before it can be submitted:")) }
            (way.list(visitor, report))
        }
    }
}

/// Who signs, within a sentence.
fn signatory(lang: Lang, report: &Report) -> String {
    let name = report.kind().map(|kind| text(lang, kind.signatory.as_ref())).unwrap_or_default();
    match name.strip_prefix("The ") {
        Some(rest) => format!("the {rest}"),
        None => name.to_owned(),
    }
}

fn approval(visitor: &Visitor, report: &Report, way: &InTheWay, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let signatory = signatory(lang, report);
    let action = format!("{}/approve", report.address());
    let keep = format!("approve/{}", report.submission.submission_id);
    let refused = attempt.is_refused() && attempt.form.typed("declaration.name").is_some();
    let returned = report.submission.state() == submission::State::Returned;
    html! {
        h2 { (t("审定与真实性声明", "Approval and declaration")) }
        @if !refused && !way.is_nothing() {
            p.grey { (say!(lang, "处理完下面这些之后，由{signatory}在这里审定：", "Once these are dealt with, {signatory} approves it here:")) }
            (way.list(visitor, report))
        } @else if !refused && returned {
            p.grey { (say!(lang, "按退回意见修改，或答复意见之后，由{signatory}在这里重新审定。", "Once what was asked for is mended or answered, {signatory} approves it here again.")) }
        } @else {
            p { (say!(lang, "由{signatory}对内容的真实性负责。审定之后就可以提交；再改内容，审定自动撤回。", "By {signatory}, who vouches for the content. It can be submitted then; changing it withdraws the approval.")) }
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

fn returning(visitor: &Visitor, report: &Report, comments: &[Comment], attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let action = format!("{}/return", report.address());
    let keep = format!("return/{}", report.submission.submission_id);
    let of = |state| comments.iter().filter(|comment| comment.state() == state).count();
    let (unsent, unsettled) =
        (of(comment::State::Unsent), of(comment::State::Open) + of(comment::State::Answered));
    html! {
        @if unsettled > 0 {
            p { (say!(lang, "还有 {unsettled} 条意见没有了结；接收即表示都已解决。", "{unsettled} remarks are not settled; accepting the report settles them.")) }
        }
        section id="return" {
            h2 { (t("退回修改", "Return for mending")) }
            @if unsent > 0 {
                p { a href={ (report.address()) "/comments" } { (say!(lang, "{unsent} 条意见", "{unsent} remarks")) } (t("会随退回发给学校。", " go to the school with the return.")) }
            }
            (Form { action: &action, attempt, keep: &keep }.around(html! {
                (hidden("etag", &report.submission.etag))
                (Field::new(Kind::Lines, "comment", t("退回意见", "What to mend"), attempt, "")
                    .hint(t("总的说明；对某一格、某一节的意见写在它旁边，学校一条一条答复。", "In general; remarks on a cell or section stand beside it, and the school answers each.")))
                (Field::new(Kind::Moment, "mend_due_time", t("改好的期限（北京时间）", "To be mended by (Beijing time)"), attempt, "").optional(lang)
                    .hint(t("不填就按规则给出的天数，且不早于学校原来的期限。", "Left empty: the days that the rules give, and no earlier than the school's own deadline.")))
                div.actions { button type="submit" { (t("退回", "Return")) } }
            }))
        }
    }
}

/// That a field wants a day and a time.
pub fn no_moment(lang: Lang, field: &str) -> Fault {
    let message = words(lang)(
        "请写日期和时间，例如 2026-11-30 17:00。",
        "Write a day and time, such as 2026-11-30 17:00.",
    );
    Fault { field: field.to_owned(), message: message.to_owned() }
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
    let outcome = visitor
        .clients()
        .submissions()
        .submit_submission(request)
        .await
        .map(|answer| answer.into_inner().receipt.unwrap_or_default().revision_number);
    match outcome {
        Ok(number) => {
            let address = format!("/submissions/{}/receipts/{number}", link::segment(&id));
            Ok(see_other(&link::address(&address, &[("done", "submitted")])))
        }
        Err(status) => conclude(&visitor, &id, form, Err(status)).await,
    }
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
    if !form.get("mend_due_time").is_empty() && moment_of(&form, "mend_due_time").is_none() {
        let fault = no_moment(visitor.lang(), "mend_due_time");
        return page(&visitor, &id, &After::default(), &Attempt::faulty(form, vec![fault])).await;
    }
    let request = ReturnSubmissionRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        etag: form.get("etag").to_owned(),
        comment: form.lines("comment").trim().to_owned(),
        mend_due_time: moment_of(&form, "mend_due_time"),
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
