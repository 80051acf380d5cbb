//! Every remark of the commission's on a report in one list, and what each side does about them.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::submission::v1::{
    AddCommentRequest, AnswerCommentRequest, Comment, DeleteCommentRequest, ResolveCommentRequest, comment,
};

use super::{
    cells_row::name_of,
    comment_card::{self, Said, Spot},
    lock,
    report::{Report, Standing},
};
use crate::{
    pages::see_other,
    say,
    web::{
        components::{Field, Form, Kind, Mark, Sign, Tone, done, empty, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
        i18n::{name_or, words},
        layout::{Page, workplace},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/submissions/{id}/comments", get(show).post(add))
        .route("/submissions/{id}/comments/{comment}/answer", post(answer))
        .route("/submissions/{id}/comments/{comment}/resolve", post(resolve))
        .route("/submissions/{id}/comments/{comment}/reopen", post(reopen))
        .route("/submissions/{id}/comments/{comment}/delete", post(delete))
}

/// How many remarks wait for the school, and for the commission.
pub fn waiting(comments: &[Comment]) -> (usize, usize) {
    let of = |state| comments.iter().filter(|comment| comment.state() == state).count();
    (of(comment::State::Open), of(comment::State::Answered))
}

/// What was done, told on the page that comes after.
pub fn told(lang: Lang, done: &str) -> Option<&'static str> {
    let t = words(lang);
    Some(match done {
        "noted" => {
            t("意见已记下，退回时发给学校。", "The remark is noted; it goes out when the report is returned.")
        }
        "answered" => {
            t("答复已保存，重新提交后教育主管部门会看到。", "The answer is saved; the commission sees it.")
        }
        "resolved" => t("已标为解决。", "Resolved."),
        "reopened" => t("已重新打开，等学校答复。", "Opened again: it waits for the school's answer."),
        "deleted" => t("意见已删除，学校没有看到。", "The remark is deleted; the school never saw it."),
        _ => return None,
    })
}

/// The report page's block about remarks; nothing if there are none.
pub fn panel(visitor: &Visitor, report: &Report, comments: &[Comment]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let address = format!("{}/comments", report.address());
    let (open, answered) = waiting(comments);
    let unsent = comments.iter().filter(|comment| comment.state() == comment::State::Unsent).count();
    let all = comments.len();
    let desk = report.standing(visitor) == Standing::Desk;
    html! {
        @if all > 0 || report.takes_comments() && desk {
            div.table-head { h2 { (t("教育主管部门的意见", "The commission's remarks")) } a href=(address) { (say!(lang, "全部 {all} 条", "all {all}")) } }
            p {
                @if open > 0 && desk { (Mark::new(Sign::Wait, Tone::Go, t("等学校答复", "Waits for the school"))) (say!(lang, " {open} 条　", " {open}  ")) }
                @else if open > 0 { (Mark::new(Sign::Warn, Tone::Need, t("待答复", "To be answered"))) (say!(lang, " {open} 条，答复之后才能提交　", " {open}, before it can be submitted  ")) }
                @if answered > 0 && desk { (Mark::new(Sign::Half, Tone::Need, t("学校已答复，待您确认", "Answered: see if it will do"))) (say!(lang, " {answered} 条　", " {answered}  ")) }
                @if unsent > 0 { (Mark::new(Sign::Empty, Tone::Quiet, t("未发出", "Not sent"))) (say!(lang, " {unsent} 条，退回时一并发给学校", " {unsent}, going out when you return the report")) }
                @if open + answered + unsent == 0 && all > 0 { (Mark::new(Sign::Tick, Tone::Done, t("都已处理", "All are settled"))) }
                @if all == 0 { span.grey { (t("意见写在指标、章节旁边，或在这里写对整份年报的意见。", "Remarks are written beside a cell or section; those on the whole, in the list.")) } }
            }
            @if !desk && open > 0 {
                ul {
                    @for comment in comments.iter().filter(|comment| comment.state() == comment::State::Open) {
                        li { a href=(place_address(report, comment)) { (place_name(lang, report, Spot::of(comment))) } (t("：", ": ")) span.grey { (shortened(&comment.body)) } }
                    }
                }
            }
        }
    }
}

/// How many characters of a remark a line quotes.
const QUOTED: usize = 60;

fn shortened(body: &str) -> String {
    match body.char_indices().nth(QUOTED) {
        Some((at, _)) => format!("{}…", &body[..at]),
        None => body.to_owned(),
    }
}

/// The name of the place of a remark.
fn place_name<'a>(lang: Lang, report: &'a Report, spot: Spot<'a>) -> &'a str {
    match spot {
        Spot::Cell(code) => name_of(lang, report, code),
        Spot::Section(code) => {
            let sections = report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
            let section = sections.iter().find(|section| section.code == code);
            section.map_or(code, |section| name_or(lang, section.name.as_ref(), code))
        }
        Spot::Whole => words(lang)("整份年报", "The whole report"),
    }
}

/// Where a remark stands beside what it is about.
fn place_address(report: &Report, comment: &Comment) -> String {
    let page = match Spot::of(comment) {
        Spot::Cell(code) => report.group_of(code).map(|group| report.cells_address(group)),
        Spot::Section(code) => Some(report.section_address(code)),
        Spot::Whole => None,
    };
    let page = page.unwrap_or_else(|| format!("{}/comments", report.address()));
    format!("{page}#{}", id_of(&comment.comment_id))
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
    let comments = comment_card::load(visitor, &report).await?;
    Ok(render(visitor, &report, &comments, after, attempt))
}

fn render(
    visitor: &Visitor,
    report: &Report,
    comments: &[Comment],
    after: &str,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("教育主管部门的意见", "The commission's remarks");
    let address = format!("{}/comments", report.address());
    let said = Said { visitor, report, comments, attempt, back: &address };
    let desk = report.standing(visitor) == Standing::Desk;
    let (open, answered) = waiting(comments);
    let groups: &[comment::State] = if desk {
        &[comment::State::Answered, comment::State::Unsent, comment::State::Open, comment::State::Resolved]
    } else {
        &[comment::State::Open, comment::State::Answered, comment::State::Resolved]
    };
    let content = html! {
        (trail(lang, &[report.above(visitor), (&report.address(), &report.title(lang))]))
        div.head {
            div {
                h1 { (title) }
                p.lead { (say!(lang, "{open} 条待答复，{answered} 条已答复。", "{open} to be answered, {answered} answered.")) }
            }
            div.actions { a.button href=(report.address()) { (t("回到年报", "Back to the report")) } }
        }
        @if let Some(message) = told(lang, after) { (done(message)) }
        (refusal(lang, attempt))
        @if !desk && open > 0 && !report.can_be_handed_in() { (lock::notice(visitor, report, None)) }
        @if comments.is_empty() {
            (empty(t("还没有意见", "There are no remarks"), html! {
                @if desk { (t("打开指标表或章节，在旁边写；或者在下面写对整份年报的意见。", "Open a table or section and write beside it; or remark on the whole below.")) }
                @else { (t("教育主管部门退回年报时，对各处的意见会列在这里。", "When the commission returns the report, its remarks are listed here.")) }
            }))
        }
        @for state in groups {
            @let of_state: Vec<&Comment> = comments.iter().filter(|comment| comment.state() == *state).collect();
            @if !of_state.is_empty() {
                @let count = of_state.len();
                h2 { (comment_card::mark(lang, *state, desk)) span.grey { (say!(lang, "　{count} 条", "  {count}")) } }
                @for comment in of_state {
                    h3 { a href=(place_address(report, comment)) { (place_name(lang, report, Spot::of(comment))) } }
                    (said.card(comment))
                }
            }
        }
        (said.shells_of(comments))
        @if said.can_add() { (on_any_place(visitor, report, &address, attempt)) }
    };
    workplace(visitor, Page::work(title, &address, report.place(visitor)), attempt, content)
}

/// The form of a remark on any place; a remark that was refused beside its place comes back here, as it was typed.
fn on_any_place(visitor: &Visitor, report: &Report, address: &str, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let nothing = Attempt::default();
    let attempt = if attempt.form.typed("body").is_some() { attempt } else { &nothing };
    let chosen = attempt.form.get("place");
    let id = id_of("place");
    let keep = format!("remark/{}/any", report.submission.submission_id);
    let option = |spot: Spot<'_>| {
        let key = spot.key();
        html! { option value=(key) selected[key == chosen] { (place_name(lang, report, spot)) } }
    };
    let sections = report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
    html! {
        section id="add" {
            h2 { (t("写一条意见", "Write a remark")) }
            (Form { action: address, attempt, keep: &keep }.around(html! {
                div.field {
                    label for=(id) { (t("针对", "About")) }
                    select id=(id) name="place" {
                        (option(Spot::Whole))
                        optgroup label=(t("章节", "Sections")) { @for section in sections { (option(Spot::Section(&section.code))) } }
                        @for (group, indicators) in report.groups() {
                            optgroup label=(name_or(lang, group.name.as_ref(), &group.code)) {
                                @for indicator in indicators { (option(Spot::Cell(&indicator.code))) }
                            }
                        }
                    }
                }
                (Field::new(Kind::Lines, "body", t("意见", "Remark"), attempt, "").hint(t("写明什么问题、怎样修改，不超过 1000 字。", "What is wrong, and how to mend it; at most 1000 characters.")))
                div.actions { button type="submit" { (t("记下意见", "Note the remark")) } span.saved data-saved {} }
            }))
        }
    }
}

async fn add(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let (indicator_code, section_code) = match Spot::parse(form.get("place")) {
        Spot::Cell(code) => (code.to_owned(), String::new()),
        Spot::Section(code) => (String::new(), code.to_owned()),
        Spot::Whole => (String::new(), String::new()),
    };
    let request = AddCommentRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        indicator_code,
        section_code,
        body: form.lines("body").trim().to_owned(),
    };
    let outcome = visitor.clients().comments().add_comment(request).await;
    let outcome = outcome.map(|answer| answer.into_inner().comment.unwrap_or_default().comment_id);
    conclude(&visitor, &id, form, "noted", outcome).await
}

async fn answer(visitor: Visitor, Path((id, comment_id)): Path<(String, String)>, form: FormData) -> Answer {
    let request = AnswerCommentRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        comment_id: comment_id.clone(),
        etag: form.get("etag").to_owned(),
        answer: form.lines("answer").trim().to_owned(),
    };
    let outcome = visitor.clients().comments().answer_comment(request).await.map(|_| comment_id);
    conclude(&visitor, &id, form, "answered", outcome).await
}

async fn resolve(visitor: Visitor, Path((id, comment_id)): Path<(String, String)>, form: FormData) -> Answer {
    settle(visitor, id, comment_id, form, false).await
}

async fn reopen(visitor: Visitor, Path((id, comment_id)): Path<(String, String)>, form: FormData) -> Answer {
    settle(visitor, id, comment_id, form, true).await
}

async fn settle(visitor: Visitor, id: String, comment_id: String, form: FormData, reopen: bool) -> Answer {
    let request = ResolveCommentRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        comment_id: comment_id.clone(),
        etag: form.get("etag").to_owned(),
        reopen,
    };
    let outcome = visitor.clients().comments().resolve_comment(request).await.map(|_| comment_id);
    conclude(&visitor, &id, form, if reopen { "reopened" } else { "resolved" }, outcome).await
}

async fn delete(visitor: Visitor, Path((id, comment_id)): Path<(String, String)>, form: FormData) -> Answer {
    let request = DeleteCommentRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        comment_id,
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().comments().delete_comment(request).await.map(|_| String::new());
    conclude(&visitor, &id, form, "deleted", outcome).await
}

/// Goes back to the page that the form stood on, or shows the list with what was refused.
async fn conclude(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    what: &str,
    outcome: Result<String, tonic::Status>,
) -> Answer {
    match outcome {
        Ok(comment_id) => {
            let own = format!("/submissions/{}/", link::segment(id));
            let list = format!("{own}comments");
            let back = link::local(form.get("back")).filter(|back| back.starts_with(&own)).unwrap_or(&list);
            let anchor =
                if comment_id.is_empty() { String::new() } else { format!("#{}", id_of(&comment_id)) };
            Ok(see_other(&format!("{}{anchor}", link::address(back, &[("done", what)]))))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let mut attempt = Attempt::refused(form, failure, |field| {
                if matches!(field, "indicator_code" | "section_code") {
                    "place".to_owned()
                } else {
                    field.to_owned()
                }
            });
            if attempt.faults.is_empty() && attempt.failure.as_ref().is_some_and(Failure::is_conflict) {
                let message = words(visitor.lang())(
                    "别人刚刚处理过这条意见。下面是它现在的样子，您写的也还在；请核对后再保存。",
                    "Somebody has just dealt with this remark. Below it stands as it is now, with what you wrote; check, then save again.",
                );
                attempt.faults.push(Fault { field: String::new(), message: message.to_owned() });
            }
            page(visitor, id, "", &attempt).await
        }
    }
}
