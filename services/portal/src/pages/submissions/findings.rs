//! What the year's rules found, and the school's explanations.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    DecideExplanationRequest, ExplainFindingRequest, Finding, Severity, TakeOverExplanationRequest,
    explanation_decision::Verdict, submission,
};

use super::{
    finding_item::{item, places, whether_new},
    lock,
    report::Report,
    show::open_findings,
};
use crate::{
    pages::see_other,
    say,
    web::{
        components::{done, empty, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::{text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/submissions/{id}/findings", get(show).post(explain))
        .route("/submissions/{id}/findings/take-over", post(take_over))
        .route("/submissions/{id}/findings/decide", post(decide))
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
    let mut findings = report.findings(visitor).await?;
    findings.sort_by_key(|finding| (finding.stage, !finding.open, finding.severity));
    Ok(render(visitor, &report, &findings, after, attempt))
}

fn render(
    visitor: &Visitor,
    report: &Report,
    findings: &[Finding],
    after: &str,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("检查结果", "Findings");
    let address = format!("{}/findings", report.address());
    let (errors, warnings) = open_findings(findings);
    let content = html! {
        (trail(lang, &[("/submissions", t("年报填报", "Reports")), (&report.address(), &report.title(lang))]))
        div.head {
            div {
                h1 { (title) }
                p.lead {
                    @if errors + warnings == 0 { (t("没有妨碍提交的问题。", "Nothing stands in the way of submitting.")) }
                    @else { (say!(lang, "{errors} 处错误须改正，{warnings} 处提醒须说明或改正。", "{errors} errors to mend, {warnings} warnings to explain or mend.")) }
                }
            }
            div.actions {
                a.button href=(report.address()) { (t("回到年报", "Back to the report")) }
                a href={ "/rules/" (report.catalogue.year) "#" (report.submission.report_kind) } { (t("看检查规则", "See the rules")) }
                @if speaks_of_publication(report) { a href={ (report.address()) "/public" } { (t("公开网址", "Publication")) } }
            }
        }
        @if after == "taken" { (done(t("已沿用往年的说明。", "The earlier year's explanation is taken over."))) }
        @if after == "decided" { (done(t("审核意见已保存。", "The decision is saved."))) }
        @if after == "explained" { (done(t("说明已保存。", "The explanation is saved."))) }
        (lock::notice(visitor, report, None))
        (refusal(lang, attempt))
        @if findings.is_empty() {
            (empty(t("检查没有发现问题", "The checks found nothing"),
                html! {
                    @if report.submission.state() == submission::State::Draft {
                        (t("接下来可以回到年报，由负责人审定。", "The report can now be approved.")) " "
                        a href={ (report.address()) "#approve" } { (t("去审定", "Approve")) }
                    } @else {
                        a href=(report.address()) { (t("回到年报看下一步", "See the next step on the report")) }
                    }
                }))
        }
        @for stage in findings.chunk_by(|one, next| one.stage == next.stage) {
            @if let Some(first) = stage.first() {
                h2 { (states::stage(lang, first.stage())) }
            }
            @for group in grouped(stage) {
                @if group.len() >= MANY { (together(visitor, report, group)) }
                @else { @for finding in group { (item(visitor, report, finding, &address, attempt)) } }
            }
        }
    };
    workplace(visitor, Page::work(title, &address, Place::Submissions), attempt, content)
}

/// From so many on, findings of one rule stand together.
const MANY: usize = 4;

/// Findings in runs that one rule made and that ask for the same: to be mended. Those to be explained stand alone.
fn grouped(findings: &[Finding]) -> impl Iterator<Item = &[Finding]> {
    findings.chunk_by(|one, next| {
        one.rule_code == next.rule_code && one.hint == next.hint && next.severity() == Severity::Error
    })
}

/// Many findings of one rule: what to do once, then each with its place.
fn together(visitor: &Visitor, report: &Report, findings: &[Finding]) -> Markup {
    let lang = visitor.lang();
    let Some(first) = findings.first() else { return html! {} };
    let count = findings.len();
    html! {
        section.finding-item {
            h3 { (text(lang, first.hint.as_ref())) }
            p {
                (states::severity(lang, first.severity(), false)) " " span.grey.code { (first.rule_code) }
                (whether_new(lang, first))
                (say!(lang, "，{count} 处", ", {count} places"))
            }
            ul.together {
                @for finding in findings {
                    li id=(id_of(&finding.finding_id)) {
                        (text(lang, finding.message.as_ref())) " " (places(visitor, report, finding))
                    }
                }
            }
        }
    }
}

async fn explain(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let finding_id = form.get("finding_id").to_owned();
    let request = ExplainFindingRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        finding_id: finding_id.clone(),
        explanation: form.lines("explanation").trim().to_owned(),
    };
    let outcome = visitor.clients().submissions().explain_finding(request).await.map(|_| "explained");
    conclude(&visitor, &id, form, outcome).await
}

/// Back to the finding, or the page again with what was typed.
async fn conclude(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    outcome: Result<&str, tonic::Status>,
) -> Answer {
    match outcome {
        Ok(done) => {
            let anchor = link::segment(&id_of(form.get("finding_id")));
            Ok(see_other(&format!("/submissions/{}/findings?done={done}#{anchor}", link::segment(id))))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(visitor, id, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

async fn take_over(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = TakeOverExplanationRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        finding_id: form.get("finding_id").to_owned(),
    };
    let outcome = visitor.clients().explanations().take_over_explanation(request).await.map(|_| "taken");
    conclude(&visitor, &id, form, outcome).await
}

async fn decide(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let verdict = match form.get("verdict") {
        "accepted" => Verdict::Accepted,
        "rejected" => Verdict::Rejected,
        _ => Verdict::Unspecified,
    };
    let rejects = verdict == Verdict::Rejected;
    let bound = |name: &str| if rejects { String::new() } else { form.get(name).trim().to_owned() };
    let request = DecideExplanationRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        finding_id: form.get("finding_id").to_owned(),
        verdict: verdict.into(),
        reason: form.lines("reason").trim().to_owned(),
        low: bound("low"),
        high: bound("high"),
        // What is no year is refused by the service, with the years there are.
        expires_year: match bound("expires_year").as_str() {
            "" => 0,
            year => year.parse().unwrap_or(-1),
        },
    };
    let outcome = visitor.clients().explanations().decide_explanation(request).await.map(|_| "decided");
    conclude(&visitor, &id, form, outcome).await
}

/// Whether rules of this report's kind look at where it is public.
fn speaks_of_publication(report: &Report) -> bool {
    report.catalogue.rules.iter().any(|rule| {
        rule.expression.contains("public.") && rule.report_kinds.contains(&report.submission.report_kind)
    })
}
