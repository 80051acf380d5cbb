//! One section's text.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    Finding, ListSectionsRequest, SaveSectionRequest, Section, SectionKind, submission,
};

use super::{cells::will_withdraw, report::Report, show::bounds};
use crate::{
    pages::see_other,
    say,
    web::{
        components::{Field, Form, Kind, base, done, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        prose,
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new().route("/submissions/{id}/sections/{code}", get(show).post(save))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(
    visitor: Visitor,
    Path((id, code)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    page(&visitor, &report, &code, &after.done, &Attempt::default()).await
}

async fn page(visitor: &Visitor, report: &Report, code: &str, after: &str, attempt: &Attempt) -> Answer {
    let kinds: &[SectionKind] = report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
    let at = kinds.iter().position(|kind| kind.code == code).ok_or_else(Failure::not_found)?;
    let request =
        ListSectionsRequest { submission_id: report.submission.submission_id.clone(), revision_number: 0 };
    let sections = visitor.clients().submissions().list_sections(request).await?.into_inner().sections;
    let section = sections.into_iter().find(|section| section.section_code == code).unwrap_or_default();
    let findings = report.findings(visitor).await?;
    let of_section = findings.into_iter().filter(|finding| finding.section_code == code).collect();
    let shown = Shown { report, kinds, at, section, findings: of_section };
    Ok(render(visitor, &shown, after, attempt))
}

struct Shown<'a> {
    report: &'a Report,
    kinds: &'a [SectionKind],
    at: usize,
    section: Section,
    findings: Vec<Finding>,
}

fn render(visitor: &Visitor, shown: &Shown<'_>, after: &str, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let Shown { report, kinds, at, section, findings } = shown;
    let kind = &kinds[*at];
    let address = report.section_address(&kind.code);
    let title = name_or(lang, kind.name.as_ref(), &kind.code).to_owned();
    let keep = format!("section/{}/{}", report.submission.submission_id, kind.code);
    let editable = report.editable(visitor);
    let conflict = attempt.failure.as_ref().is_some_and(Failure::is_conflict);
    let content = html! {
        (trail(lang, &[("/submissions", t("年报填报", "Reports")), (&report.address(), &report.title(lang))]))
        div.head { div {
            h1 { (title) }
            p.lead { (bounds(visitor, kind)) (t("，", ", ")) (states::submission(lang, report.submission.state())) }
        } }
        @if after == "saved" { (done(t("已保存到系统。", "Saved."))) }
        @if editable && report.submission.state() == submission::State::Approved { (will_withdraw(visitor)) }
        @if conflict { (theirs(visitor, &section.body)) } @else { (refusal(lang, attempt)) }
        @for finding in findings { (remark(visitor, finding)) }
        @if editable {
            (Form { action: &address, attempt, keep: &keep }.around(html! {
                (base("etag", &section.etag))
                (Field::new(Kind::Long, "section.body", t("正文", "Text"), attempt, &section.body)
                    .hint(t("可以用 Markdown：# 标题、- 列表、| 表格 |。", "Markdown works: # heading, - list, | table |."))
                    .optional_if(kind.min_characters == 0, lang))
                div.stick { div.actions {
                    button.primary type="submit" data-save { (t("保存", "Save")) }
                    span.saved data-saved aria-live="polite" {}
                } }
            }))
        } @else if section.body.is_empty() {
            p.grey { (t("这一节没有内容。", "This section is empty.")) }
        } @else {
            (prose::set(&section.body, 2))
        }
        (neighbours(visitor, shown))
    };
    workplace(visitor, Page::work(&title, &address, Place::Submissions), attempt, content)
}

/// What a colleague saved meanwhile, to be compared with what was typed.
fn theirs(visitor: &Visitor, body: &str) -> Markup {
    let t = words(visitor.lang());
    html! {
        div.banner.need role="alert" tabindex="-1" data-faults {
            h2 { (t("还没有保存：同事刚刚改过这一节", "Not saved yet: a colleague has just changed this section")) }
            p { (t("下面先是同事保存的全文，再是您写的。合并之后再保存一次，就以您的为准。", "Below stands your colleague's text, then yours. Merge them, then save again: yours will stand.")) }
        }
        div.field {
            label for="theirs" { (t("同事保存的全文", "Your colleague's text")) }
            textarea id="theirs" readonly { "\n" (body) }
        }
    }
}

/// A finding in this text.
fn remark(visitor: &Visitor, finding: &Finding) -> Markup {
    let lang = visitor.lang();
    let line = finding.line;
    html! {
        p {
            (states::severity(lang, finding.severity(), !finding.explanation.is_empty())) " "
            @if line > 0 { (say!(lang, "第 {line} 行：", "Line {line}: ")) }
            (text(lang, finding.message.as_ref())) " "
            span.grey { (text(lang, finding.hint.as_ref())) }
        }
    }
}

fn neighbours(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let lang = visitor.lang();
    let link = |kind: &SectionKind, arrow: (&str, &str)| {
        html! { a href=(shown.report.section_address(&kind.code)) { (arrow.0) (name_or(lang, kind.name.as_ref(), &kind.code)) (arrow.1) } }
    };
    html! {
        nav.pager aria-label=(words(lang)("前后章节", "Neighbouring sections")) {
            @if let Some(kind) = shown.at.checked_sub(1).and_then(|at| shown.kinds.get(at)) { (link(kind, ("← ", ""))) }
            @if let Some(kind) = shown.kinds.get(shown.at + 1) { (link(kind, ("", " →"))) }
        }
    }
}

async fn save(visitor: Visitor, Path((id, code)): Path<(String, String)>, form: FormData) -> Answer {
    let section = Section {
        section_code: code.clone(),
        body: form.lines("section.body"),
        etag: form.get("etag").to_owned(),
    };
    let request = SaveSectionRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        section: Some(section),
    };
    match visitor.clients().submissions().save_section(request).await {
        Ok(_) => Ok(see_other(&format!("/submissions/{id}/sections/{code}?done=saved"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let report = Report::load(&visitor, &id).await?;
            page(&visitor, &report, &code, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}
