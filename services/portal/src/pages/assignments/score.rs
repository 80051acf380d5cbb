//! One programme, scored on its elements.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    review::v1::{
        Assignment, Element, Entry, GetAssignmentRequest, GetRoundRequest, ListAssignmentsRequest,
        Rectification, Round, SaveScoresRequest, Scheme, Score, SubmitScoresRequest, assignment, round,
    },
    submission::v1::{GetProgrammeRequest, Programme},
};

use super::criteria;
use crate::{
    pages::{results, see_other},
    say,
    web::{
        components::{Field, Form, Kind, base, done, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        link, prose,
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/assignments/{id}", get(show))
        .route("/assignments/{id}/save", post(save))
        .route("/assignments/{id}/submit", post(submit))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after.done, &Attempt::default()).await
}

struct Task {
    assignment: Assignment,
    round: Round,
    scheme: Scheme,
    programme: Option<Programme>,
}

async fn page(visitor: &Visitor, id: &str, after: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let request = GetAssignmentRequest { assignment_id: id.to_owned() };
    let answer = visitor.clients().assignments().get_assignment(request).await?.into_inner();
    let assignment = answer.assignment.ok_or_else(Failure::not_found)?;
    let request = GetRoundRequest { round_id: assignment.round_id.clone() };
    let round = visitor.clients().rounds().get_round(request).await?.into_inner().round.unwrap_or_default();
    let schemes = results::every_scheme(visitor).await?;
    let scheme =
        schemes.into_iter().find(|scheme| scheme.code == round.scheme_code).ok_or_else(Failure::not_found)?;
    let programme_id = assignment.entry.as_ref().map(|entry| entry.programme_id.clone()).unwrap_or_default();
    // The programme's particulars help, but scoring does not wait for them.
    let programme = visitor.clients().programmes().get_programme(GetProgrammeRequest { programme_id }).await;
    let programme = programme.ok().and_then(|answer| answer.into_inner().programme);
    Ok(render(visitor, &Task { assignment, round, scheme, programme }, after, attempt))
}

fn render(visitor: &Visitor, task: &Task, after: &str, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let assignment = &task.assignment;
    let entry = assignment.entry.clone().unwrap_or_default();
    let title = name_or(lang, entry.programme_name.as_ref(), &entry.programme_code).to_owned();
    let address = format!("/assignments/{}", assignment.assignment_id);
    let conflict = attempt.failure.as_ref().is_some_and(Failure::is_conflict);
    let rechecks = assignment.rectification.is_some();
    let editable = assignment.state() == assignment::State::Open
        && (rechecks || task.round.state() == round::State::Scoring);
    let content = html! {
        (trail(lang, &[("/assignments", t("评审任务", "Assignments"))]))
        div.head { div {
            h1 { (title) }
            p.lead { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) (t("，", ", ")) (states::assignment(lang, assignment.state())) }
        } }
        @match after {
            "saved" => (done(t("草稿已保存。", "The draft is saved."))),
            "next" => (done(t("上一个专业已提交，这是下一个。", "The last one is submitted; this is the next."))),
            _ => {},
        }
        (facts(visitor, task, &entry))
        @if let Some(rectification) = &assignment.rectification { (mended(visitor, rectification)) }
        @if conflict {
            div.banner.need role="alert" tabindex="-1" data-faults {
                h2 { (t("还没有保存：您在别的窗口改过这份评分", "Not saved yet: you changed these scores in another window")) }
                p { (t("下面是您在这里填的；别处保存的分数列在旁边。核对之后再保存一次。", "Below is what you typed here, with the scores saved elsewhere beside it. Look them over, then save again.")) }
            }
        } @else { (refusal(lang, attempt)) }
        @if editable { (score_form(visitor, task, &address, conflict, attempt)) } @else { (read_only(visitor, task)) }
    };
    workplace(visitor, Page::work(&title, &address, Place::Assignments), attempt, content)
}

/// What a re-check looks at: the school's plan, and what it says of each measure.
fn mended(visitor: &Visitor, rectification: &Rectification) -> Markup {
    let t = words(visitor.lang());
    html! {
        section.step-now {
            h2 { (t("这是一次整改复查", "This is a re-check")) }
            p { (t("请对照整改方案和佐证材料，重新给每个要素评分。", "Score every element afresh, with the plan and its evidence before you.")) }
            (prose::set(&rectification.plan, 3))
            ol {
                @for measure in &rectification.measures {
                    li {
                        (measure.title)
                        @if !measure.progress.is_empty() { p { (t("进展：", "Progress: ")) (measure.progress) } }
                        @if !measure.evidence.is_empty() { p { (t("佐证：", "Evidence: ")) (measure.evidence) } }
                    }
                }
            }
        }
    }
}

fn facts(visitor: &Visitor, task: &Task, entry: &Entry) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    html! {
        dl.facts {
            dt { (t("轮次", "Round")) } dd { (name_or(lang, task.round.name.as_ref(), &task.round.round_id)) }
            @if let Some(due) = format::moment(task.round.due_time.as_ref()) { dt { (t("截止", "Due")) } dd { (format::deadline(lang, due, now)) } }
            @if !entry.programme_code.is_empty() { dt { (t("专业代码", "Programme code")) } dd { span.code { (entry.programme_code) } } }
            @if let Some(programme) = &task.programme {
                @let year = programme.opened_year;
                dt { (t("首次招生", "First students")) } dd { (say!(lang, "{year} 年", "{year}")) }
            }
        }
    }
}

fn field(code: &str) -> String {
    format!("score.{code}")
}

fn points<'a>(assignment: &'a Assignment, code: &str) -> &'a str {
    assignment.scores.iter().find(|score| score.element_code == code).map_or("", |score| &score.points)
}

fn score_form(visitor: &Visitor, task: &Task, address: &str, conflict: bool, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let assignment = &task.assignment;
    let save = format!("{address}/save");
    let keep = format!("scores/{}", assignment.assignment_id);
    Form { action: &save, attempt, keep: &keep }.around(html! {
        (base("etag", &assignment.etag))
        div.elements {
            @for element in &task.scheme.elements { (element_row(visitor, assignment, element, conflict, attempt)) }
        }
        (Field::new(Kind::Lines, "comment", t("评语", "Comment"), attempt, &assignment.comment)
            .hint(t("给学校看，不署名；至多 2000 字。", "For the school, unsigned; at most 2000 characters."))
            .optional(visitor.lang()))
        div.stick { div.actions {
            button type="submit" data-save { (t("存草稿", "Save the draft")) }
            button.primary type="submit" formaction={ (address) "/submit" } { (t("提交评分，下一个", "Submit, go to the next")) }
            span.saved data-saved aria-live="polite" {}
        } }
    })
}

fn element_row(
    visitor: &Visitor,
    assignment: &Assignment,
    element: &Element,
    conflict: bool,
    attempt: &Attempt,
) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let input = |path: &str, attempt: &Attempt| points_input(visitor, assignment, path, conflict, attempt);
    if !element.criteria.is_empty() {
        return criteria::rows(lang, element, &assignment.scores, attempt, input);
    }
    let id = id_of(&field(&element.code));
    html! {
        div.element {
            div {
                p.name { label for=(id) { (text(lang, element.name.as_ref())) } " " span.grey.small { (t("权重 ", "weight ")) (element.weight) } }
                p.hint id={ (id) "-hint" } { (text(lang, element.description.as_ref())) }
                (criteria::anchors(lang, &element.anchors))
            }
            div { (input(&element.code, attempt)) }
        }
    }
}

/// The field for the points of an element or a criterion.
fn points_input(
    visitor: &Visitor,
    assignment: &Assignment,
    path: &str,
    conflict: bool,
    attempt: &Attempt,
) -> Markup {
    let t = words(visitor.lang());
    let name = field(path);
    let id = id_of(&name);
    let stored = points(assignment, path);
    let typed = attempt.form.or(&name, stored);
    let fault = attempt.fault(&name);
    html! {
        input.points type="text" inputmode="decimal" autocomplete="off" id=(id) name=(name) value=(typed)
            placeholder="0–100" aria-describedby={ (id) "-hint" } aria-invalid=[fault.map(|_| "true")];
        @if let Some(fault) = fault { span.wrong-text { (fault) } }
        @if conflict && typed != stored { span.hint { (t("别处保存：", "Saved elsewhere: ")) strong { @if stored.is_empty() { "—" } @else { (stored) } } } }
    }
}

fn read_only(visitor: &Visitor, task: &Task) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        h2 { (t("您的评分", "Your scores")) }
        (criteria::table(lang, &task.scheme.elements, &task.assignment.scores))
        @if !task.assignment.comment.is_empty() { h2 { (t("评语", "Comment")) } p { (task.assignment.comment) } }
        @if let Some(time) = format::moment(task.assignment.submit_time.as_ref()) {
            p.grey { (t("提交于 ", "Submitted ")) (format::happened(lang, time, visitor.now())) }
        }
    }
}

/// The scores of the form, in its order; an element left open has no points.
fn scores(form: &FormData) -> Vec<Score> {
    let scores = form.pairs().iter().filter_map(|(name, value)| {
        let code = name.strip_prefix("score.")?;
        Some(Score { element_code: code.to_owned(), points: value.trim().to_owned() })
    });
    scores.collect()
}

/// The form field that a path of the contract ("scores[3].points") speaks of.
fn field_of(path: &str, sent: &[Score]) -> String {
    let index = path
        .strip_prefix("scores[")
        .and_then(|rest| rest.split(']').next())
        .and_then(|index| index.parse().ok());
    match index.and_then(|index: usize| sent.get(index)) {
        Some(score) => field(&score.element_code),
        None => path.to_owned(),
    }
}

/// A condition that speaks of an element, with the field where it can be met.
fn missing_score(condition: &Fault, sent: &[Score]) -> Fault {
    let scored = sent.iter().any(|score| score.element_code == condition.field);
    let field = if scored { field(&condition.field) } else { String::new() };
    Fault { field, message: condition.message.clone() }
}

async fn refused(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    sent: &[Score],
    status: tonic::Status,
) -> Answer {
    let failure = Failure::from(status).on_form()?;
    let missing: Vec<Fault> =
        failure.conditions.iter().map(|condition| missing_score(condition, sent)).collect();
    let mut attempt = Attempt::refused(form, failure, |path| field_of(path, sent));
    attempt.faults.retain(|fault| !fault.field.is_empty());
    attempt.faults.extend(missing);
    page(visitor, id, "", &attempt).await
}

async fn save(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let sent = scores(&form);
    let request = SaveScoresRequest {
        request_id: form.request_id(),
        assignment_id: id.clone(),
        etag: form.get("etag").to_owned(),
        scores: sent.clone(),
        comment: form.lines("comment"),
    };
    match visitor.clients().assignments().save_scores(request).await {
        Ok(_) => Ok(see_other(&format!("/assignments/{}?done=saved", link::segment(&id)))),
        Err(status) => refused(&visitor, &id, form, &sent, status).await,
    }
}

async fn submit(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let sent = scores(&form);
    let request = SubmitScoresRequest {
        request_id: form.request_id(),
        assignment_id: id.clone(),
        etag: form.get("etag").to_owned(),
        scores: sent.clone(),
        comment: form.lines("comment"),
    };
    if let Err(status) = visitor.clients().assignments().submit_scores(request).await {
        return refused(&visitor, &id, form, &sent, status).await;
    }
    let request = ListAssignmentsRequest {
        page_size: 1,
        state: assignment::State::Open.into(),
        ..ListAssignmentsRequest::default()
    };
    let open = visitor.clients().assignments().list_assignments(request).await?.into_inner().assignments;
    Ok(match open.first() {
        Some(next) => see_other(&format!("/assignments/{}?done=next", next.assignment_id)),
        None => see_other("/assignments?done=all"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_keep_the_forms_order_and_faults_find_their_fields() {
        let pairs = [("etag", "v1"), ("score.setting", " 88.5 "), ("score.teaching", ""), ("comment", "好")];
        let form = FormData::new(
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        );
        let sent = scores(&form);
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[0], Score { element_code: "setting".into(), points: "88.5".into() });
        assert_eq!(field_of("scores[1].points", &sent), "score.teaching");
        assert_eq!(field_of("comment", &sent), "comment");
    }
}
