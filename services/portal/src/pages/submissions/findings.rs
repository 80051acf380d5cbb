//! What the year's rules found, and the school's explanations.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{ExplainFindingRequest, Finding, Severity, submission};

use super::{
    report::{Report, Standing},
    show::open_findings,
};
use crate::{
    pages::see_other,
    say,
    web::{
        components::{Field, Form, Kind, done, empty, hidden, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new().route("/submissions/{id}/findings", get(show).post(explain))
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
    findings.sort_by_key(|finding| {
        let settled = finding.severity() == Severity::Warning && !finding.explanation.is_empty();
        (settled, finding.severity)
    });
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
            div.actions { a.button href=(report.address()) { (t("回到年报", "Back to the report")) } }
        }
        @if after == "explained" { (done(t("说明已保存。", "The explanation is saved."))) }
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
        @for group in grouped(findings) {
            @if group.len() >= MANY { (together(visitor, report, group)) }
            @else { @for finding in group { (item(visitor, report, finding, &address, attempt)) } }
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
            h2 { (text(lang, first.hint.as_ref())) }
            p {
                (states::severity(lang, first.severity(), false)) " " span.grey.code { (first.rule_code) }
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

fn item(visitor: &Visitor, report: &Report, finding: &Finding, address: &str, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let hint = text(lang, finding.hint.as_ref());
    let asks = finding.severity() == Severity::Warning && report.editable(visitor);
    html! {
        section.finding-item id=(id_of(&finding.finding_id)) {
            h2 { (text(lang, finding.message.as_ref())) }
            p { (states::severity(lang, finding.severity(), !finding.explanation.is_empty())) " " span.grey.code { (finding.rule_code) } }
            p {
                @if !finding.computation.is_empty() { code { (finding.computation) } "　" }
                (places(visitor, report, finding))
            }
            @if !hint.is_empty() && finding.explanation.is_empty() { p { (hint) } }
            @if asks {
                (explanation(visitor, report, finding, address, attempt))
            } @else if !finding.explanation.is_empty() {
                p { (t("说明：", "Explanation: ")) (finding.explanation) }
            } @else if finding.severity() == Severity::Warning && report.standing(visitor) == Standing::Desk {
                p.grey { (t("学校还没有说明。", "The school has not explained it.")) }
            }
        }
    }
}

/// Links to the cells and the section that a finding concerns.
fn places(visitor: &Visitor, report: &Report, finding: &Finding) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let name = |code: &str| {
        let indicator = report.catalogue.indicators.iter().find(|indicator| indicator.code == code);
        indicator.map_or(code.to_owned(), |indicator| name_or(lang, indicator.name.as_ref(), code).to_owned())
    };
    let line = finding.line;
    html! {
        @for code in &finding.indicator_codes {
            @if let Some(group) = report.group_of(code) {
                a href={ (report.cells_address(group)) "#" (id_of(&format!("v.{code}"))) } { (name(code)) } " "
                span.grey.code.small { (code) } "　"
            }
        }
        @if !finding.section_code.is_empty() {
            a href=(report.section_address(&finding.section_code)) {
                (t("看正文", "See the text"))
                @if line > 0 { (say!(lang, "第 {line} 行", ", line {line}")) }
            }
        }
    }
}

fn explanation(
    visitor: &Visitor,
    report: &Report,
    finding: &Finding,
    address: &str,
    attempt: &Attempt,
) -> Markup {
    let t = words(visitor.lang());
    // One page holds a form for each warning; what was typed belongs to the one that was sent.
    let mine = attempt.form.get("finding_id") == finding.finding_id;
    let nothing = Attempt::default();
    let attempt = if mine { attempt } else { &nothing };
    let keep = format!("finding/{}/{}", report.submission.submission_id, finding.finding_id);
    html! {
        (Form { action: address, attempt, keep: &keep }.around(html! {
            (hidden("finding_id", &finding.finding_id))
            (Field::new(Kind::Lines, "explanation", t("说明", "Explanation"), attempt, &finding.explanation)
                .distinct(&finding.finding_id)
                .hint(t("如果数据确实如此，写明原因；审核的人会看到。", "If the figure is right, say why; the reviewers at the desk will read it.")))
            div.actions { button type="submit" { (t("保存说明", "Save the explanation")) } span.saved data-saved {} }
        }))
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
    match visitor.clients().submissions().explain_finding(request).await {
        Ok(_) => {
            let anchor = link::segment(&id_of(&finding_id));
            Ok(see_other(&format!("/submissions/{}/findings?done=explained#{anchor}", link::segment(&id))))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(&visitor, &id, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}
