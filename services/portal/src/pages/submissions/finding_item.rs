//! One finding: what is wrong, where, and what its readers can do about it.

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::submission::v1::{
    ExplanationDecision, ExplanationProposal, Finding, RuleStanding, Severity, explanation_decision::Verdict,
    submission,
};

use super::report::{Report, Standing};
use crate::{
    say,
    web::{
        components::{Field, Form, Kind, hidden, id_of},
        form::Attempt,
        format,
        i18n::{name_or, text, words},
        session::Visitor,
        states,
    },
};

pub fn item(
    visitor: &Visitor,
    report: &Report,
    finding: &Finding,
    address: &str,
    attempt: &Attempt,
) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let hint = text(lang, finding.hint.as_ref());
    let warns = finding.severity() == Severity::Warning;
    let answered = !finding.explanation.is_empty();
    // One page holds several forms for each warning; what was typed belongs to the one that was sent.
    let mine = attempt.form.get("finding_id") == finding.finding_id;
    let nothing = Attempt::default();
    let attempt = if mine { attempt } else { &nothing };
    html! {
        section.finding-item id=(id_of(&finding.finding_id)) {
            h3 { (text(lang, finding.message.as_ref())) }
            p {
                (states::severity(lang, finding.severity(), !finding.open)) " "
                span.grey.code { (finding.rule_code) }
                (whether_new(lang, finding))
            }
            p {
                @if !finding.computation.is_empty() { code { (lang.pick(&finding.computation, &finding.computation_en)) } "　" }
                (places(visitor, report, finding))
            }
            @if !hint.is_empty() && (!answered || finding.open) { p { (hint) } }
            @if answered && (finding.decision.is_some() || finding.carried_from != 0) { (said(visitor, finding)) }
            @if warns && report.editable(visitor) {
                @if let Some(proposal) = &finding.proposal { (offer(visitor, finding, proposal, address, attempt)) }
                (explanation(visitor, report, finding, address, attempt))
            } @else if answered && finding.decision.is_none() && finding.carried_from == 0 {
                p { (t("说明：", "Explanation: ")) (finding.explanation) }
            } @else if warns && !answered && report.standing(visitor) == Standing::Desk {
                p.grey { (t("学校还没有说明。", "The school has not explained it.")) }
            }
            @if warns && answered && decides(visitor, report) { (decision_form(visitor, report, finding, address, attempt)) }
        }
    }
}

/// The mark of a rule that is not the same as the year before.
pub fn whether_new(lang: Lang, finding: &Finding) -> Markup {
    let standing = finding.standing();
    html! {
        @if matches!(standing, RuleStanding::New | RuleStanding::Changed) {
            " " (states::standing(lang, standing)) span.grey.small { (words(lang)("的规则", " rule")) }
        }
    }
}

fn decides(visitor: &Visitor, report: &Report) -> bool {
    report.standing(visitor) == Standing::Desk
        && matches!(report.submission.state(), submission::State::Submitted | submission::State::UnderReview)
}

/// The explanation with what the commission said of it.
fn said(visitor: &Visitor, finding: &Finding) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        p {
            (t("说明：", "Explanation: ")) (finding.explanation)
            @if finding.carried_from != 0 {
                @let year = finding.carried_from;
                " " span.grey { (say!(lang, "（沿用 {year} 年的说明）", "(taken over from {year})")) }
            }
        }
        @if let Some(decision) = &finding.decision { (verdict(visitor, finding, decision)) }
    }
}

fn verdict(visitor: &Visitor, finding: &Finding, decision: &ExplanationDecision) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let accepted = decision.verdict() == Verdict::Accepted;
    let year = decision.expires_year;
    html! {
        p {
            strong { @if accepted { (t("已认可", "Accepted")) } @else { (t("未认可", "Rejected")) } }
            @if !decision.reason.is_empty() { (t("：", ": ")) (decision.reason) }
            span.grey.small {
                " " (decision.account_name)
                @if let Some(time) = format::moment(decision.time.as_ref()) { " " (format::happened(lang, time, now)) }
            }
        }
        @if accepted {
            p.grey.small {
                (range(lang, &decision.low, &decision.high))
                (say!(lang, "有效期至 {year} 年。", "It holds until {year}."))
                @if finding.open { " " (t("现在的值已超出范围，请重新说明。", "The value is beyond it now: explain it anew.")) }
            }
        } @else if finding.open {
            p { (t("请改正数据，或重新说明。", "Mend the figure, or explain it anew.")) }
        }
    }
}

fn range(lang: Lang, low: &str, high: &str) -> Markup {
    html! { @if !low.is_empty() { (say!(lang, "适用范围 {low}–{high}，", "For values from {low} to {high}. ")) } }
}

/// An explanation of an earlier year, and the button that takes it over.
fn offer(
    visitor: &Visitor,
    finding: &Finding,
    proposal: &ExplanationProposal,
    address: &str,
    attempt: &Attempt,
) -> Markup {
    let lang = visitor.lang();
    let (year, until) = (proposal.year, proposal.expires_year);
    let action = format!("{address}/take-over");
    html! {
        div.banner {
            p { (say!(lang, "{year} 年的说明已被认可：", "The explanation of {year} was accepted: ")) "“" (proposal.explanation) "”" }
            p.grey.small { (range(lang, &proposal.low, &proposal.high)) (say!(lang, "有效期至 {until} 年。", "It holds until {until}.")) }
            (Form::plain(&action, attempt).around(html! {
                (hidden("finding_id", &finding.finding_id))
                button type="submit" { (say!(lang, "沿用 {year} 年的说明", "Take over the explanation of {year}")) }
            }))
        }
    }
}

/// Links to the cells, the section or the page that a finding concerns.
pub fn places(visitor: &Visitor, report: &Report, finding: &Finding) -> Markup {
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
        @if finding.rule_code.starts_with("C11") {
            a href={ (report.address()) "/public" } { (t("公开网址", "Publication")) }
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

/// Accepting or rejecting an explanation, folded away until it is wanted.
fn decision_form(
    visitor: &Visitor,
    report: &Report,
    finding: &Finding,
    address: &str,
    attempt: &Attempt,
) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let action = format!("{address}/decide");
    let present = finding.decision.clone().unwrap_or_default();
    let until =
        if present.expires_year > 0 { present.expires_year } else { report.submission.cycle_year + 1 };
    let distinct = finding.finding_id.as_str();
    let field = |kind, name, label, stored| Field::new(kind, name, label, attempt, stored).distinct(distinct);
    let until = until.to_string();
    html! {
        details open[attempt.is_refused()] {
            summary { @if finding.decision.is_some() { (t("更改审核意见", "Change the decision")) } @else { (t("审核这条说明", "Decide on this explanation")) } }
            (Form::plain(&action, attempt).around(html! {
                (hidden("finding_id", &finding.finding_id))
                (field(Kind::Lines, "reason", t("意见", "Reason"), &present.reason)
                    .hint(t("不认可时必填；学校会看到。", "Needed for a rejection; the school reads it.")))
                @if !finding.value.is_empty() {
                    @let value = finding.value.as_str();
                    p.hint { (say!(lang, "现在的值是 {value}。范围两端都不填，则按规则的幅度。", "The value is {value} now. With both ends empty, the rule's own range holds.")) }
                    (field(Kind::Text, "low", t("适用范围：不低于", "From"), &present.low).optional(lang))
                    (field(Kind::Text, "high", t("不高于", "to"), &present.high).optional(lang))
                }
                (field(Kind::Whole, "expires_year", t("有效期至（年度）", "Holds until (year)"), &until)
                    .hint(t("到那一年为止，范围内的同一情况只需沿用，不再重写。", "Until then the same case within the range is offered again instead of asked again.")))
                div.actions {
                    button.primary type="submit" name="verdict" value="accepted" { (t("认可", "Accept")) }
                    button type="submit" name="verdict" value="rejected" { (t("不认可", "Reject")) }
                }
            }))
        }
    }
}
