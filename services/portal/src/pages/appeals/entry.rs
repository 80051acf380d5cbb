//! One programme's result as its school sees it: scores, what the panel says, former grades, and the way to appeal.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{
        Feedback, FileAppealRequest, GetAppealTermsRequest, GetAppealTermsResponse, GetFeedbackRequest,
        Result as Grade, Scheme, appeal::State,
    },
};

use crate::{
    pages::{results, see_other},
    say,
    web::{
        components::{Field, Form, Kind, done, grade, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
    },
};

#[derive(Deserialize, Default)]
pub struct After {
    #[serde(default)]
    done: String,
}

pub async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after.done, &Attempt::default()).await
}

async fn page(visitor: &Visitor, id: &str, after: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let request = GetFeedbackRequest { entry_id: id.to_owned() };
    let feedback = visitor.clients().feedback().get_feedback(request).await?.into_inner();
    let feedback = feedback.feedback.ok_or_else(Failure::not_found)?;
    let request = GetAppealTermsRequest { entry_id: id.to_owned() };
    let terms = visitor.clients().appeals().get_appeal_terms(request).await?.into_inner();
    let schemes = results::schemes(visitor).await?;
    Ok(render(visitor, &feedback, &terms, &schemes, after, attempt))
}

fn render(
    visitor: &Visitor,
    feedback: &Feedback,
    terms: &GetAppealTermsResponse,
    schemes: &[Scheme],
    after: &str,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let entry = feedback.entry.clone().unwrap_or_default();
    let result = entry.result.clone().unwrap_or_default();
    let title = name_or(lang, entry.programme_name.as_ref(), &entry.programme_code).to_owned();
    let address = format!("/results/{}", feedback.entry_id);
    let content = html! {
        (trail(lang, &[("/results", t("监测结果", "Results"))]))
        div.head { div {
            h1 { (title) " " (grade(&result.grade)) }
            p.lead { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) (t("，总分 ", ", total ")) (format::cut(&result.total, 2)) }
        } }
        @if after == "appealed" { (done(t("申诉已提交，组长会安排没有参加过评审的专家复评。", "The appeal is in; reviewers who have not scored the programme will hear it."))) }
        (refusal(lang, attempt))
        (results::place(lang, &result, schemes))
        (former(visitor, &result))
        (said(visitor, feedback, &result, schemes))
        (appeal(visitor, &address, terms, schemes, attempt))
    };
    workplace(visitor, Page::work(&title, &address, Place::Results), attempt, content)
}

/// The grades that stood before.
pub fn former(visitor: &Visitor, result: &Grade) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    html! {
        @if !result.former.is_empty() {
            h2 { (t("原来的等级", "Former grades")) }
            table.data.narrow {
                thead { tr {
                    th scope="col" { (t("等级", "Grade")) }
                    th.number scope="col" { (t("总分", "Total")) }
                    th scope="col" { (t("改评时间", "Replaced")) }
                    th scope="col" { (t("理由", "Why")) }
                } }
                tbody {
                    @for one in &result.former {
                        tr {
                            td { (grade(&one.grade)) }
                            td.number { (format::cut(&one.total, 2)) }
                            td { @if let Some(time) = format::moment(one.until_time.as_ref()) { (format::happened(lang, time, now)) } }
                            td { (one.reason) }
                        }
                    }
                }
            }
        }
    }
}

fn said(visitor: &Visitor, feedback: &Feedback, result: &Grade, schemes: &[Scheme]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let remark = |code: &str| {
        feedback.remarks.iter().find(|remark| remark.element_code == code).map_or("", |remark| &remark.body)
    };
    let named = |code: &str| {
        let mut elements = schemes.iter().flat_map(|scheme| &scheme.elements);
        elements
            .find(|element| element.code == code)
            .map_or_else(|| code.to_owned(), |element| text(lang, element.name.as_ref()).to_owned())
    };
    html! {
        h2 { (t("分要素反馈", "Feedback by element")) }
        @if !feedback.overall.is_empty() { p { (feedback.overall) } }
        div.scroll { table.data {
            thead { tr {
                th scope="col" { (t("要素", "Element")) }
                th.number scope="col" { (t("得分", "Score")) }
                th scope="col" { (t("专家组意见", "What the panel says")) }
            } }
            tbody {
                @for element in &result.elements {
                    tr {
                        th scope="row" { (named(&element.element_code)) }
                        td.number { (format::figure(&format::cut(&element.score, 2), 3)) }
                        td { @if remark(&element.element_code).is_empty() { span.grey { "—" } } @else { (remark(&element.element_code)) } }
                    }
                }
            }
        } }
        p.hint { (t("得分由专家组各位的评分合成，意见由组长整理，均不署名。", "Scores are the panel's, joined; the words were edited by the chair. Nothing is signed.")) }
    }
}

fn appeal(
    visitor: &Visitor,
    address: &str,
    terms: &GetAppealTermsResponse,
    schemes: &[Scheme],
    attempt: &Attempt,
) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    html! {
        h2 id="appeal" { (t("申诉", "Appeal")) }
        @if let Some(filed) = &terms.appeal {
            p {
                (states::appeal(lang, filed))
                @if matches!(filed.state(), State::Filed | State::Hearing) {
                    (t("，应当办结：", ", to be decided by ")) (format::deadline_day(lang, &filed.decide_due_date, now))
                }
            }
            p { a href={ "/appeals/" (filed.appeal_id) } { (t("看申诉进展", "See how it stands")) } }
        } @else if terms.due_date.is_empty() {
            p.grey { (t("本轮结果不受理申诉。", "Grades of this round cannot be appealed.")) }
        } @else if !terms.open {
            p.grey { (t("申诉期限已过：", "Appeals were taken until ")) (format::exact_day(lang, &terms.due_date, now)) }
        } @else if visitor.has(Role::School) {
            p { (t("申诉期限：", "Appeals are taken until ")) (format::deadline_day(lang, &terms.due_date, now))
                (t("。每个专业只能申诉一次；复评不会降低等级。", ". Each grade can be appealed once; a hearing never lowers it.")) }
            (form(visitor, address, terms, schemes, attempt))
        }
    }
}

fn form(
    visitor: &Visitor,
    address: &str,
    terms: &GetAppealTermsResponse,
    schemes: &[Scheme],
    attempt: &Attempt,
) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let action = format!("{address}/appeal");
    let chosen = attempt.form.get("ground_code");
    let ticked =
        |code: &str| attempt.form.pairs().iter().any(|(name, value)| name == "element" && value == code);
    let scored: Vec<&str> = terms
        .entry
        .as_ref()
        .and_then(|entry| entry.result.as_ref())
        .map(|result| result.elements.iter().map(|element| element.element_code.as_str()).collect())
        .unwrap_or_default();
    let named = |code: &str| {
        let mut elements = schemes.iter().flat_map(|scheme| &scheme.elements);
        elements
            .find(|element| element.code == code)
            .map_or_else(|| code.to_owned(), |element| text(lang, element.name.as_ref()).to_owned())
    };
    html! {
        (Form { action: &action, attempt, keep: &action }.around(html! {
            div.field {
                label for="f-ground_code" { (t("申诉理由", "Ground")) }
                @if let Some(fault) = attempt.fault("ground_code") { span.wrong-text id="f-ground_code-wrong" { (fault) } }
                select id="f-ground_code" name="ground_code" required {
                    option value="" { (t("请选择", "Choose one")) }
                    @for ground in &terms.grounds {
                        option value=(ground.code) selected[ground.code == chosen] { (name_or(lang, ground.name.as_ref(), &ground.code)) }
                    }
                }
            }
            fieldset {
                legend { (t("涉及的要素（不选表示整体）", "Elements concerned (none means the whole)")) }
                div.boxes { @for code in scored {
                    label { input type="checkbox" name="element" value=(code) checked[ticked(code)]; " " (named(code)) }
                } }
            }
            (Field::new(Kind::Lines, "statement", t("申诉说明", "Statement"), attempt, "")
                .hint(t("20–5000 字。写明哪项事实或材料有出入，出处在哪里。", "20–5000 characters: which fact or document was mistaken, and where it stands.")))
            div.actions {
                button.primary type="submit" { (t("提交申诉", "File the appeal")) }
                span.saved data-saved aria-live="polite" {}
            }
        }))
    }
}

pub async fn file(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let chosen = form.pairs().iter().filter(|(name, _)| name == "element").map(|(_, code)| code.clone());
    let request = FileAppealRequest {
        request_id: form.request_id(),
        entry_id: id.clone(),
        ground_code: form.get("ground_code").to_owned(),
        element_codes: chosen.collect(),
        statement: form.lines("statement"),
    };
    match visitor.clients().appeals().file_appeal(request).await {
        Ok(_) => Ok(see_other(&link::address(
            &format!("/results/{}", link::segment(&id)),
            &[("done", "appealed")],
        ))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(&visitor, &id, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

/// How a result is spoken of in a line.
pub fn line(visitor: &Visitor, letter: &str, total: &str) -> Markup {
    let total = format::cut(total, 2);
    html! { (grade(letter)) " " (say!(visitor.lang(), "{total} 分", "{total} points")) }
}
