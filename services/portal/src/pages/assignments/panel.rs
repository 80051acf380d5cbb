//! The panel among itself: whoever has handed in sees the others' sheets, talks, and may revise once.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::review::v1::{
    AddDiscussionCommentRequest, Assignment, GetDiscussionRequest, GetDiscussionResponse,
    ListSheetVersionsRequest, PanelMember, ReviseScoresRequest, Scheme, SheetVersion, assignment,
    sheet_version::Cause,
};

use super::{
    hand_in,
    score::{self, Task},
};
use crate::{
    pages::{results, see_other},
    say,
    web::{
        components::{Field, Form, Kind, base, done, refusal, trail},
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
    let task = score::task(visitor, id).await?;
    let request = GetDiscussionRequest { assignment_id: id.to_owned() };
    let panel = match visitor.clients().discussions().get_discussion(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            if failure.conditions.is_empty() {
                return Err(failure);
            }
            return Ok(shut(visitor, &task, &failure));
        }
    };
    let request = ListSheetVersionsRequest { assignment_id: id.to_owned() };
    let versions = visitor.clients().assignments().list_sheet_versions(request).await?.into_inner().versions;
    Ok(render(visitor, &task, &panel, &versions, after, attempt))
}

fn heading(visitor: &Visitor, task: &Task) -> (String, String, Markup) {
    let lang = visitor.lang();
    let t = words(lang);
    let entry = task.assignment.entry.clone().unwrap_or_default();
    let name = name_or(lang, entry.programme_name.as_ref(), &entry.programme_code).to_owned();
    let title = say!(lang, "讨论：{name}", "Discussion: {name}");
    let own = format!("/assignments/{}", task.assignment.assignment_id);
    let content = html! {
        (trail(lang, &[("/assignments", t("评审任务", "Assignments")), (&own, &name)]))
        div.head { div {
            h1 { (title) }
            p.lead { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) }
        } }
    };
    (title, format!("{own}/panel"), content)
}

/// The panel is not open to the reader yet, and why.
fn shut(visitor: &Visitor, task: &Task, failure: &Failure) -> Response {
    let (title, address, heading) = heading(visitor, task);
    let t = words(visitor.lang());
    let content = html! {
        (heading)
        div.banner.need {
            @for condition in &failure.conditions { p { (condition.message) } }
            p { a href={ "/assignments/" (task.assignment.assignment_id) } { (t("去评分", "Go and score")) } }
        }
    };
    workplace(visitor, Page::work(&title, &address, Place::Assignments), &Attempt::default(), content)
}

fn render(
    visitor: &Visitor,
    task: &Task,
    panel: &GetDiscussionResponse,
    versions: &[SheetVersion],
    after: &str,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let (title, address, heading) = heading(visitor, task);
    let content = html! {
        (heading)
        @match after {
            "said" => (done(t("已发表。", "Said."))),
            "revised" => (done(t("修订已提交，原来的评分已留存。", "The revision is in; the old sheet is kept."))),
            _ => {},
        }
        (refusal(lang, attempt))
        p.hint { (t("没有提交的专家，其评分不显示；学校看不到这一页。", "Sheets that are not in are not shown. No school sees this page.")) }
        (sheets(visitor, &task.scheme, panel))
        (talk(visitor, &address, panel, attempt))
        @if panel.may_revise { (revision(visitor, task, &address, attempt)) }
        (kept(visitor, &task.scheme, versions))
    };
    workplace(visitor, Page::work(&title, &address, Place::Assignments), attempt, content)
}

fn points<'a>(member: &'a PanelMember, code: &str) -> &'a str {
    member.scores.iter().find(|score| score.element_code == code).map_or("", |score| &score.points)
}

/// Everybody's points, an element a row.
fn sheets(visitor: &Visitor, scheme: &Scheme, panel: &GetDiscussionResponse) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let limit = &scheme.arbitration_spread;
    let spread = &panel.spread;
    html! {
        h2 { (t("各位专家的评分", "The panel's scores")) }
        @if !spread.is_empty() { p { (say!(lang, "总分最多相差 {spread} 分；超过 {limit} 分时增派仲裁专家。", "Totals differ by {spread} at most; over {limit} an arbiter is added.")) } }
        div.scroll { table.data {
            thead { tr {
                th scope="col" { (t("要素", "Element")) }
                @for member in &panel.members {
                    th.number scope="col" {
                        (text(lang, member.label.as_ref()))
                        @if member.own { (t("（您）", " (you)")) }
                        @if member.revised { " " span.grey.small { (t("已修订", "revised")) } }
                    }
                }
            } }
            tbody {
                @for element in &scheme.elements {
                    tr {
                        th scope="row" { (text(lang, element.name.as_ref())) }
                        @for member in &panel.members { td.number { (dash(points(member, &element.code))) } }
                    }
                }
                tr {
                    th scope="row" { (t("总分", "Total")) }
                    @for member in &panel.members {
                        td.number { @if member.total.is_empty() { (t("未提交", "not in")) } @else { strong { (format::cut(&member.total, 2)) } } }
                    }
                }
            }
        } }
        @for member in panel.members.iter().filter(|member| !member.comment.is_empty()) {
            p { strong { (text(lang, member.label.as_ref())) } (t("的评语：", "'s comment: ")) (member.comment) }
        }
    }
}

fn dash(points: &str) -> &str {
    if points.is_empty() { "—" } else { points }
}

fn talk(visitor: &Visitor, address: &str, panel: &GetDiscussionResponse, attempt: &Attempt) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let action = format!("{address}/say");
    html! {
        h2 id="talk" { (t("讨论", "Discussion")) }
        @if panel.comments.is_empty() { p.grey { (t("还没有人发言。", "Nobody has said anything yet.")) } }
        ol.talk {
            @for comment in &panel.comments {
                li {
                    p { strong { (text(lang, comment.label.as_ref())) @if comment.own { (t("（您）", " (you)")) } } " "
                        @if let Some(time) = format::moment(comment.time.as_ref()) { span.grey.small { (format::happened(lang, time, now)) } } }
                    p { (comment.body) }
                }
            }
        }
        @if panel.open {
            (Form { action: &action, attempt, keep: address }.around(html! {
                (Field::new(Kind::Lines, "body", t("发言", "Say something"), attempt, "")
                    .hint(t("1–2000 字，发出后不能修改；请只谈证据和标准。", "1–2000 characters; it cannot be changed afterwards. Speak of evidence and standards.")))
                div.actions {
                    button type="submit" data-save { (t("发表", "Say it")) }
                    span.saved data-saved aria-live="polite" {}
                }
            }))
        } @else {
            p.grey { (t("评分已结束，讨论关闭。", "Scoring is over; the discussion is closed.")) }
        }
    }
}

fn revision(visitor: &Visitor, task: &Task, address: &str, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let action = format!("{address}/revise");
    let keep = format!("revise/{}", task.assignment.assignment_id);
    html! {
        section.step-now {
            h2 id="revise" { (t("修订我的评分", "Revise my scores")) }
            p { (t("讨论之后可以修订一次。原来的评分会留存。", "After the discussion you may revise once. The old sheet is kept.")) }
            (Form { action: &action, attempt, keep: &keep }.around(html! {
                (base("etag", &task.assignment.etag))
                div.elements {
                    @for element in &task.scheme.elements {
                        (score::element_row(visitor, &task.assignment, element, false, attempt))
                    }
                }
                (Field::new(Kind::Lines, "comment", t("评语", "Comment"), attempt, &task.assignment.comment).optional(visitor.lang()))
                (Field::new(Kind::Lines, "reason", t("修订理由", "Why"), attempt, ""))
                div.actions {
                    button.primary type="submit" { (t("提交修订", "Hand in the revision")) }
                    span.saved data-saved aria-live="polite" {}
                }
            }))
        }
    }
}

/// What the sheet was before.
pub fn kept(visitor: &Visitor, scheme: &Scheme, versions: &[SheetVersion]) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    html! {
        @if !versions.is_empty() { h2 { (t("留存的评分", "Sheets that were kept")) } }
        @for version in versions {
            @let cause = match version.cause() {
                Cause::Returned => t("组长退回", "returned by the chair"),
                Cause::Revised => t("讨论后修订", "revised after discussion"),
                Cause::Abstained => t("退出评审", "seat given back"),
                Cause::Unspecified => "",
            };
            details {
                summary {
                    (cause)
                    @if let Some(time) = format::moment(version.time.as_ref()) { (t("，", ", ")) (format::happened(lang, time, now)) }
                }
                p { (version.reason) }
                (results::elements(lang, version.scores.iter().map(|score| (score.element_code.as_str(), score.points.as_str())), std::slice::from_ref(scheme)))
                @if !version.comment.is_empty() { p { (version.comment) } }
            }
        }
    }
}

/// The way from the own sheet to the panel.
pub fn way(visitor: &Visitor, assignment: &Assignment) -> Markup {
    let t = words(visitor.lang());
    html! {
        @if assignment.state() == assignment::State::Submitted {
            p { a.button href={ "/assignments/" (assignment.assignment_id) "/panel" } { (t("看其他专家的评分，参加讨论", "See the panel's scores, and talk")) } }
        } @else { (states::assignment(visitor.lang(), assignment.state())) }
    }
}

fn on(id: &str, what: &str) -> String {
    format!("/assignments/{}/panel?done={what}", link::segment(id))
}

pub async fn say(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = AddDiscussionCommentRequest {
        request_id: form.request_id(),
        assignment_id: id.clone(),
        body: form.lines("body"),
    };
    match visitor.clients().discussions().add_discussion_comment(request).await {
        Ok(_) => Ok(see_other(&on(&id, "said"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(&visitor, &id, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

pub async fn revise(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let sent = hand_in::scores(&form);
    let request = ReviseScoresRequest {
        request_id: form.request_id(),
        assignment_id: id.clone(),
        etag: form.get("etag").to_owned(),
        scores: sent.clone(),
        comment: form.lines("comment"),
        reason: form.lines("reason"),
    };
    match visitor.clients().assignments().revise_scores(request).await {
        Ok(_) => Ok(see_other(&on(&id, "revised"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let attempt = Attempt::refused(form, failure, |path| hand_in::field_of(path, &sent));
            page(&visitor, &id, "", &attempt).await
        }
    }
}
