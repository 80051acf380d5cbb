//! What each side fills in on a rectification.

use maud::{Markup, html};
use zhijian_proto::review::v1::Measure;

use super::{moves::OFFERED, show::Shown};
use crate::{
    say,
    web::{
        components::{Field, Form, Kind, base},
        i18n::{name_or, text, words},
    },
};

/// The school writes its plan.
pub(super) fn plan_form(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, rectification, attempt, .. } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    let keep = format!("plan/{}", rectification.rectification_id);
    let mut offered = rectification.measures.clone();
    let covered = |code: &str| rectification.measures.iter().any(|measure| measure.element_code == code);
    for finding in rectification.findings.iter().filter(|finding| !covered(&finding.element_code)) {
        offered.push(Measure { element_code: finding.element_code.clone(), ..Measure::default() });
    }
    offered.resize(OFFERED, Measure::default());
    html! {
        h2 { (t("填写整改方案", "Write the plan")) }
        (Form { action: &shown.address(), attempt, keep: &keep }.around(html! {
            (base("etag", &rectification.etag))
            (Field::new(Kind::Lines, "plan", t("一校一专一策方案", "Plan for this programme"), attempt, &rectification.plan)
                .hint(t("20–5000 字。针对下面的要素，写明问题、原因和总体安排。", "20–5000 characters: for each element the problem, its cause, and what is planned.")))
            h3 { (t("逐条措施", "Measures")) }
            p.hint { (t("一条措施一行，空着的不提交。每条以后都要填报进展和佐证。", "One measure each; empty ones are not sent. Progress and evidence are reported for each later.")) }
            @for (place, measure) in offered.iter().enumerate() { (planned(shown, place, measure)) }
            div.actions {
                button.primary type="submit" { (t("提交整改方案", "Hand in the plan")) }
                span.saved data-saved aria-live="polite" {}
            }
        }))
    }
}

fn planned(shown: &Shown<'_>, place: usize, measure: &Measure) -> Markup {
    let (lang, attempt) = (shown.visitor.lang(), shown.attempt);
    let t = words(lang);
    let field = |name: &str| format!("measures[{place}].{name}");
    let (title, responsible, due, element) =
        (field("title"), field("responsible"), field("due_date"), field("element_code"));
    let chosen = attempt.form.or(&element, &measure.element_code).to_owned();
    let number = place + 1;
    html! {
        fieldset.measure {
            legend { (say!(lang, "措施 {number}", "Measure {number}")) }
            div.field {
                label for={ "f-" (element) } { (t("针对的要素", "Element")) }
                select id={ "f-" (element) } name=(element) {
                    option value="" selected[chosen.is_empty()] { (t("整体", "As a whole")) }
                    @for known in shown.schemes.first().map(|scheme| scheme.elements.as_slice()).unwrap_or_default() {
                        option value=(known.code) selected[chosen == known.code] { (text(lang, known.name.as_ref())) }
                    }
                }
            }
            (Field::new(Kind::Text, &title, t("做什么", "What is done"), attempt, &measure.title).optional(lang))
            (Field::new(Kind::Text, &responsible, t("责任人", "Responsible"), attempt, &measure.responsible).optional(lang))
            (Field::new(Kind::Date, &due, t("完成时间", "By when"), attempt, &measure.due_date).optional(lang))
        }
    }
}

/// The commission takes or returns the plan.
pub(super) fn decision(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, rectification, attempt, .. } = shown;
    let t = words(visitor.lang());
    html! {
        section.step-now {
            h2 { (t("审定方案", "Decide on the plan")) }
            (Form { action: &format!("{}/decide", shown.address()), attempt, keep: "" }.around(html! {
                (base("etag", &rectification.etag))
                (Field::new(Kind::Lines, "comment", t("意见", "Comment"), attempt, "")
                    .hint(t("退回时必须写明理由；通过时可以不写。", "Wanted when it is returned.")).optional(visitor.lang()))
                div.actions {
                    button.primary type="submit" name="decision" value="accept" { (t("通过方案", "Take the plan")) }
                    button type="submit" name="decision" value="return" { (t("退回修改", "Return it")) }
                }
            }))
        }
    }
}

/// The school says that everything is mended.
pub(super) fn claim_form(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, rectification, attempt, .. } = shown;
    let t = words(visitor.lang());
    let keep = format!("claim/{}", rectification.rectification_id);
    html! {
        section.step-now {
            h2 { (t("报告整改完成", "Report it as mended")) }
            (Form { action: &format!("{}/claim", shown.address()), attempt, keep: &keep }.around(html! {
                (base("etag", &rectification.etag))
                (Field::new(Kind::Lines, "comment", t("整改总结", "Summary"), attempt, "")
                    .hint(t("所有措施都完成之后填写，提交后由未参加过评审的专家复查。", "Once every measure is done. Reviewers who were not on the panel then re-check.")))
                div.actions { button type="submit" { (t("报告整改完成，申请复查", "Report it as mended")) } }
            }))
        }
    }
}

/// The commission goes one level further.
pub(super) fn escalation(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, rectification, attempt, .. } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    let level = rectification.next_level.as_ref();
    let name = level.map_or("", |level| name_or(lang, level.name.as_ref(), &level.code));
    html! {
        section.step-now {
            h2 { (say!(lang, "已逾期：升级为“{name}”", "Late: escalate to “{name}”")) }
            (Form { action: &format!("{}/escalate", shown.address()), attempt, keep: "" }.around(html! {
                (base("etag", &rectification.etag))
                (Field::new(Kind::Lines, "reason", t("理由（学校会看到）", "Reason (the school sees it)"), attempt, "").distinct("escalate"))
                div.actions { button type="submit" { (t("升级处理", "Escalate")) } }
            }))
        }
    }
}

/// The commission closes a rectification whose programme is given up.
pub(super) fn withdrawal(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, rectification, attempt, .. } = shown;
    let t = words(visitor.lang());
    html! {
        details {
            summary { (t("撤销专业", "Give the programme up")) }
            (Form { action: &format!("{}/withdraw", shown.address()), attempt, keep: "" }.around(html! {
                (base("etag", &rectification.etag))
                (Field::new(Kind::Lines, "reason", t("理由（学校会看到）", "Reason (the school sees it)"), attempt, "").distinct("withdraw"))
                div.actions { button type="submit" { (t("撤销专业并结束整改", "Give it up and close")) } }
            }))
        }
    }
}
