//! The words for schools: the chair makes them of what the reviewers wrote.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::review::v1::{
    ApproveFeedbackRequest, ElementRemark, Feedback, GetFeedbackRequest, GetRoundRequest, ListEntriesRequest,
    SaveFeedbackRequest, Scheme, feedback,
};

use crate::{
    pages::{results, see_other},
    say,
    web::{
        components::{Field, Form, Kind, base, button, done, empty, grade, pager, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

#[derive(Deserialize, Default)]
pub struct Filter {
    #[serde(default)]
    page: String,
    #[serde(default)]
    done: String,
}

/// The programmes of a round, each with the way to its feedback.
pub async fn list(visitor: Visitor, Path(id): Path<String>, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let round = visitor.clients().rounds().get_round(GetRoundRequest { round_id: id.clone() }).await?;
    let round = round.into_inner().round.unwrap_or_default();
    let request = ListEntriesRequest {
        page_size: 50,
        page_token: filter.page.clone(),
        round_id: id.clone(),
        ..ListEntriesRequest::default()
    };
    let answer = visitor.clients().rounds().list_entries(request).await?.into_inner();
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("给学校的反馈", "Feedback to schools");
    let up = format!("/rounds/{}", link::segment(&id));
    let address = |page: &str| link::address(&format!("{up}/feedback"), &[("page", page)]);
    let next = (!answer.next_page_token.is_empty()).then(|| address(&answer.next_page_token));
    let content = html! {
        (trail(lang, &[("/rounds", t("评审轮次", "Rounds")), (&up, name_or(lang, round.name.as_ref(), &id))]))
        div.head { div { h1 { (title) } } }
        @if answer.entries.is_empty() { (empty(t("没有专业", "No programmes"), html! {})) }
        @else { div.scroll { table {
            thead { tr {
                th scope="col" { (t("专业", "Programme")) }
                th scope="col" { (t("学校", "School")) }
                th scope="col" { (t("等级", "Grade")) }
            } }
            tbody {
                @for entry in &answer.entries {
                    tr {
                        th scope="row" { a href={ (up) "/feedback/" (entry.entry_id) } { (name_or(lang, entry.programme_name.as_ref(), &entry.programme_code)) } }
                        td { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) }
                        td { @if let Some(result) = &entry.result { (grade(&result.grade)) } }
                    }
                }
            }
        } } }
        (pager(lang, &address(""), next.as_deref(), filter.page.is_empty()))
    };
    Ok(workplace(&visitor, Page::work(title, &address(""), Place::Rounds), &Attempt::default(), content))
}

pub async fn show(
    visitor: Visitor,
    Path((id, entry)): Path<(String, String)>,
    Query(filter): Query<Filter>,
) -> Answer {
    page(&visitor, (&id, &entry), &filter.done, &Attempt::default()).await
}

async fn page(visitor: &Visitor, (id, entry): (&str, &str), after: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let request = GetFeedbackRequest { entry_id: entry.to_owned() };
    let feedback = visitor.clients().feedback().get_feedback(request).await?.into_inner();
    let feedback = feedback.feedback.ok_or_else(Failure::not_found)?;
    if feedback.state() == feedback::State::Unspecified {
        return Err(Failure::not_found());
    }
    let schemes = results::schemes(visitor).await?;
    Ok(render(visitor, id, &feedback, &schemes, after, attempt))
}

fn render(
    visitor: &Visitor,
    round_id: &str,
    feedback: &Feedback,
    schemes: &[Scheme],
    after: &str,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let entry = feedback.entry.clone().unwrap_or_default();
    let name = name_or(lang, entry.programme_name.as_ref(), &entry.programme_code).to_owned();
    let title = say!(lang, "反馈：{name}", "Feedback: {name}");
    let up = format!("/rounds/{}/feedback", link::segment(round_id));
    let address = format!("{up}/{}", feedback.entry_id);
    let approved = feedback.state() == feedback::State::Approved;
    let content = html! {
        (trail(lang, &[(&up, t("给学校的反馈", "Feedback to schools"))]))
        div.head { div {
            h1 { (title) }
            p.lead { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) }
        } }
        @match after {
            "saved" => (done(t("已保存，学校还看不到。", "Saved; the school does not see it yet."))),
            "approved" => (done(t("已审定。等级公布之后，学校可以看到。", "Approved: the school sees it once the grades are revealed."))),
            _ => {},
        }
        (refusal(lang, attempt))
        h2 { (t("专家的原话", "The reviewers' own words")) }
        p.hint { (t("不署名，按文字排序。请整理后再给学校，不要留下谁写的痕迹。", "Unsigned, in the order of the alphabet. Edit them for the school, and leave no trace of who wrote what.")) }
        @if feedback.comments.is_empty() { p.grey { (t("专家没有写评语。", "The reviewers wrote nothing.")) } }
        ul { @for comment in &feedback.comments { li { (comment) } } }
        @if approved {
            h2 { (t("已审定的反馈", "The approved feedback")) }
            p { (feedback.overall) }
            dl { @for remark in &feedback.remarks { dt { (element(visitor, schemes, &remark.element_code)) } dd { (remark.body) } } }
        } @else {
            (words_form(visitor, &address, feedback, schemes, attempt))
            @if !feedback.etag.is_empty() {
                (button(&format!("{address}/approve"), &Attempt::default(), &[("etag", &feedback.etag)], t("审定，公布后给学校看", "Approve it for the school"), false))
            }
        }
    };
    workplace(visitor, Page::work(&title, &address, Place::Rounds), attempt, content)
}

fn element<'s>(visitor: &Visitor, schemes: &'s [Scheme], code: &'s str) -> &'s str {
    let mut elements = schemes.iter().flat_map(|scheme| &scheme.elements);
    elements
        .find(|element| element.code == code)
        .map_or(code, |element| text(visitor.lang(), element.name.as_ref()))
}

fn words_form(
    visitor: &Visitor,
    address: &str,
    feedback: &Feedback,
    schemes: &[Scheme],
    attempt: &Attempt,
) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let result = feedback.entry.as_ref().and_then(|entry| entry.result.clone()).unwrap_or_default();
    let kept = |code: &str| {
        feedback.remarks.iter().find(|remark| remark.element_code == code).map_or("", |remark| &remark.body)
    };
    html! {
        h2 { (t("给学校的话", "Words for the school")) }
        (Form { action: address, attempt, keep: address }.around(html! {
            (base("etag", &feedback.etag))
            (Field::new(Kind::Lines, "overall", t("总体意见", "Overall"), attempt, &feedback.overall).optional(lang))
            @for scored in &result.elements {
                @let name = format!("remark.{}", scored.element_code);
                @let score = format::cut(&scored.score, 2);
                @let label = format!("{}（{score}）", element(visitor, schemes, &scored.element_code));
                (Field::new(Kind::Lines, &name, &label, attempt, kept(&scored.element_code)).optional(lang))
            }
            div.actions {
                button.primary type="submit" data-save { (t("保存反馈", "Save the feedback")) }
                span.saved data-saved aria-live="polite" {}
            }
        }))
    }
}

pub async fn save(visitor: Visitor, Path((id, entry)): Path<(String, String)>, form: FormData) -> Answer {
    let sent: Vec<ElementRemark> = form
        .pairs()
        .iter()
        .filter_map(|(name, value)| {
            let element_code = name.strip_prefix("remark.")?.to_owned();
            Some(ElementRemark { element_code, body: value.replace("\r\n", "\n") })
        })
        .collect();
    let request = SaveFeedbackRequest {
        request_id: form.request_id(),
        entry_id: entry.clone(),
        etag: form.get("etag").to_owned(),
        overall: form.lines("overall"),
        remarks: sent.clone(),
    };
    match visitor.clients().feedback().save_feedback(request).await {
        Ok(_) => Ok(see_other(&on(&id, &entry, "saved"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let field_of = |path: &str| {
                let place =
                    path.strip_prefix("remarks[").and_then(|rest| rest.split(']').next()?.parse().ok());
                let remark = place.and_then(|place: usize| sent.get(place));
                remark.map_or_else(|| path.to_owned(), |remark| format!("remark.{}", remark.element_code))
            };
            page(&visitor, (&id, &entry), "", &Attempt::refused(form, failure, field_of)).await
        }
    }
}

pub async fn approve(visitor: Visitor, Path((id, entry)): Path<(String, String)>, form: FormData) -> Answer {
    let request = ApproveFeedbackRequest {
        request_id: form.request_id(),
        entry_id: entry.clone(),
        etag: form.get("etag").to_owned(),
    };
    match visitor.clients().feedback().approve_feedback(request).await {
        Ok(_) => Ok(see_other(&on(&id, &entry, "approved"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(&visitor, (&id, &entry), "", &Attempt::failed(form, failure)).await
        }
    }
}

fn on(id: &str, entry: &str, done: &str) -> String {
    let path = format!("/rounds/{}/feedback/{}", link::segment(id), link::segment(entry));
    link::address(&path, &[("done", done)])
}
