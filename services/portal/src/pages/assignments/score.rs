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
        Assignment, Element, Entry, EvidenceFile, GetAssignmentRequest, GetAssistanceResponse,
        GetEvidenceResponse, GetRoundRequest, ListSheetVersionsRequest, Round, Scheme, SheetVersion,
        assignment, round,
    },
    submission::v1::{GetProgrammeRequest, Programme},
};

use super::{assistance, autosave, criteria, evidence, file, hand_in, panel};
use crate::{
    pages::results,
    web::{
        components::{Field, Form, Kind, base, done, hidden, id_of, refusal, trail},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/assignments/{id}", get(show))
        .route("/assignments/next", get(hand_in::next))
        .route("/assignments/{id}/save", post(hand_in::save))
        .route("/assignments/{id}/autosave", post(autosave::save))
        .route("/assignments/{id}/abstain", post(hand_in::abstain))
        .route("/assignments/{id}/files/{sha256}", get(file::download))
        .route("/assignments/{id}/panel", get(panel::show))
        .route("/assignments/{id}/panel/say", post(panel::say))
        .route("/assignments/{id}/panel/revise", post(panel::revise))
        .route("/assignments/{id}/submit", post(hand_in::submit))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after.done, &Attempt::default()).await
}

/// One assignment with what it is scored by.
pub struct Task {
    pub assignment: Assignment,
    pub round: Round,
    pub scheme: Scheme,
    programme: Option<Programme>,
    versions: Vec<SheetVersion>,
    evidence: Option<GetEvidenceResponse>,
    help: Option<GetAssistanceResponse>,
    files: Vec<EvidenceFile>,
}

pub(super) async fn page(visitor: &Visitor, id: &str, after: &str, attempt: &Attempt) -> Answer {
    let mut task = task(visitor, id).await?;
    let request = ListSheetVersionsRequest { assignment_id: id.to_owned() };
    // What the sheet was before, like the evidence, is only beside it.
    let versions = visitor.clients().assignments().list_sheet_versions(request).await;
    task.versions = versions.map(|answer| answer.into_inner().versions).unwrap_or_default();
    (task.evidence, task.help, task.files) = tokio::join!(
        evidence::load(visitor, id),
        assistance::load(visitor, id),
        assistance::files(visitor, id)
    );
    Ok(render(visitor, &task, after, attempt))
}

/// What an assignment is scored by.
pub async fn task(visitor: &Visitor, id: &str) -> Result<Task, Failure> {
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
    Ok(Task {
        assignment,
        round,
        scheme,
        programme,
        versions: vec![],
        evidence: None,
        help: None,
        files: vec![],
    })
}

fn render(visitor: &Visitor, task: &Task, after: &str, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let assignment = &task.assignment;
    let entry = assignment.entry.clone().unwrap_or_default();
    let title = name_or(lang, entry.programme_name.as_ref(), &entry.programme_code).to_owned();
    let address = format!("/assignments/{}", assignment.assignment_id);
    let conflict = attempt.failure.as_ref().is_some_and(Failure::is_conflict);
    let apart = assignment.rectification.is_some() || assignment.appeal.is_some();
    let editable = assignment.state() == assignment::State::Open
        && (apart || task.round.state() == round::State::Scoring);
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
        @if let Some(rectification) = &assignment.rectification { (evidence::mended(visitor, rectification)) }
        @if let Some(appeal) = &assignment.appeal { (evidence::appealed(visitor, appeal, &task.scheme)) }
        @if !assignment.return_reason.is_empty() {
            div.banner.need {
                h2 { (t("组长退回了这份评分，请修改后重新提交", "The chair gave this sheet back; mend it and hand it in again")) }
                p { (assignment.return_reason) }
            }
        }
        @if conflict {
            div.banner.need role="alert" tabindex="-1" data-faults {
                h2 { (t("还没有保存：您在别的窗口改过这份评分", "Not saved yet: you changed these scores in another window")) }
                p { (t("下面是您在这里填的；别处保存的分数列在旁边。核对之后再保存一次。", "Below is what you typed here, with the scores saved elsewhere beside it. Look them over, then save again.")) }
            }
        } @else { (refusal(lang, attempt)) }
        div.desk {
            div {
                @if editable { (score_form(visitor, task, &address, conflict, attempt)) (abstaining(visitor, task, &address, attempt)) }
                @else { (read_only(visitor, task)) }
                (assistance::after(lang, &task.scheme, task.help.as_ref()))
                (panel::kept(visitor, &task.scheme, &task.versions))
            }
            @let column = assistance::in_column(lang, &assignment.assignment_id, task.help.as_ref(), &task.files);
            (evidence::aside(visitor, task.programme.as_ref(), &task.scheme, task.evidence.as_ref(), &column))
        }
    };
    workplace(visitor, Page::work(&title, &address, Place::Assignments), attempt, content)
}

fn facts(visitor: &Visitor, task: &Task, entry: &Entry) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    html! {
        dl.facts {
            dt { (t("轮次", "Round")) } dd { (name_or(lang, task.round.name.as_ref(), &task.round.round_id)) }
            @if let Some(due) = format::moment(task.round.due_time.as_ref()) { dt { (t("截止", "Due")) } dd { (format::deadline(lang, due, now)) } }
            @if !entry.programme_code.is_empty() { dt { (t("专业代码", "Programme code")) } dd { span.code { (entry.programme_code) } } }
            @if task.assignment.arbiter { dt { (t("席位", "Seat")) } dd { (t("仲裁专家：原专家组总分相差过大", "Arbiter: the panel's totals differ too far")) } }
        }
    }
}

/// The field of an element's or a criterion's points.
pub(super) fn field(code: &str) -> String {
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
    let autosave = format!("{address}/autosave");
    Form { action: &save, attempt, keep: &keep }.around(html! {
        (base("etag", &assignment.etag))
        div hidden data-autosave=(autosave) {}
        div.elements {
            @for element in &task.scheme.elements {
                (element_row(visitor, assignment, element, conflict, attempt))
                (assistance::beside(visitor.lang(), element, task.help.as_ref()))
            }
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

/// The reviewer gives the seat back.
fn abstaining(visitor: &Visitor, task: &Task, address: &str, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let action = format!("{address}/abstain");
    let keep = format!("abstain/{}", task.assignment.assignment_id);
    html! {
        details open[attempt.form.typed("abstain").is_some()] {
            summary { (t("不能评审这个专业？", "Cannot review this programme?")) }
            (Form { action: &action, attempt, keep: &keep }.around(html! {
                (base("etag", &task.assignment.etag))
                (hidden("abstain", "yes"))
                (Field::new(Kind::Lines, "reason", t("退出理由", "Why"), attempt, "")
                    .hint(t("例如发现需要回避，或不熟悉这个领域。只有组长看得到；退出后由组长补派专家。", "A conflict that you have noticed, say, or a field you do not know. The chair alone reads it and fills the seat.")))
                div.actions { button type="submit" { (t("退出这份评审", "Give the seat back")) } }
            }))
        }
    }
}

pub fn element_row(
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
    if task.assignment.state() == assignment::State::Abstained {
        return html! { div.banner { p { (t("您已退出这份评审：", "You gave this seat back: ")) (task.assignment.abstain_reason) } } };
    }
    html! {
        h2 { (t("您的评分", "Your scores")) }
        (criteria::table(lang, &task.scheme.elements, &task.assignment.scores))
        @if !task.assignment.comment.is_empty() { h2 { (t("评语", "Comment")) } p { (task.assignment.comment) } }
        @if let Some(time) = format::moment(task.assignment.submit_time.as_ref()) {
            p.grey { (t("提交于 ", "Submitted ")) (format::happened(lang, time, visitor.now())) }
        }
        (panel::way(visitor, &task.assignment))
    }
}
