//! One round: the step that comes next, how far it is, its grades and programmes.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    common::v1::{Operation, operation},
    identity::v1::Role,
    review::v1::{
        AssignRoundRequest, AssignRoundResponse, FinaliseRoundRequest, GetAssignmentRunRequest,
        GetDistributionRequest, GetRoundRequest, ListEntriesRequest, ListEntriesResponse, OpenRoundRequest,
        Round, StartAssignmentRequest, round,
    },
};

use super::{agreement, agreement::Known, assistance, entries, trial::trial};
use crate::{
    pages::{oversight, see_other},
    say,
    web::{
        chart::{Bar, Caption, finding, grade_strip, progress},
        components::{button, done, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
    },
};

/// A round of so many programmes is assigned in the background: a reader should not wait for an answer that long.
const LARGE: i32 = 600;

pub fn routes() -> Router {
    Router::new()
        .route("/rounds/{id}", get(show))
        .route("/rounds/{id}/entries.csv", get(entries::export))
        .route("/rounds/{id}/try", post(try_assignment))
        .route("/rounds/{id}/assign", post(assign))
        .route("/rounds/{id}/assign-aside", post(assign_aside))
        .route("/rounds/{id}/open", post(open))
        .route("/rounds/{id}/finalise", post(finalise))
}

/// What of the programmes is shown, and what the last step left to say.
#[derive(Deserialize, Default)]
pub struct Filter {
    #[serde(default)]
    pub grade: String,
    #[serde(default)]
    pub page: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    opened: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(filter): Query<Filter>) -> Answer {
    page(&visitor, &id, &filter, None, &Attempt::default()).await
}

async fn page(
    visitor: &Visitor,
    id: &str,
    filter: &Filter,
    tried: Option<&AssignRoundResponse>,
    attempt: &Attempt,
) -> Answer {
    visitor.signed_in()?;
    let mut rounds = visitor.clients().rounds();
    let answer = rounds.get_round(GetRoundRequest { round_id: id.to_owned() }).await?.into_inner();
    let round = answer.round.ok_or_else(Failure::not_found)?;
    let graded = matches!(round.state(), round::State::Finalised | round::State::Revealed);
    let bars = if graded {
        let answer =
            rounds.get_distribution(GetDistributionRequest { round_id: id.to_owned() }).await?.into_inner();
        let count = |count: i32| u32::try_from(count).unwrap_or_default();
        answer
            .counts
            .into_iter()
            .map(|one| Bar { grade: one.grade, group: one.group, count: count(one.count) })
            .collect()
    } else {
        vec![]
    };
    let request = ListEntriesRequest {
        page_size: 50,
        page_token: filter.page.clone(),
        round_id: id.to_owned(),
        organisation_code: String::new(),
        grades: (!filter.grade.is_empty()).then(|| filter.grade.clone()).into_iter().collect(),
    };
    let entries = rounds.list_entries(request).await?.into_inner();
    let known = if graded { Some(agreement::load(visitor, &round).await?) } else { None };
    let run = if graded { None } else { newest_run(visitor, id).await };
    let machine = assistance::section(visitor, &round).await;
    Ok(render(
        visitor,
        (&round, run.as_ref()),
        (&bars, known.as_ref()),
        &entries,
        &machine,
        (filter, tried),
        attempt,
    ))
}

/// The newest assignment in the background, as far as the reader may know of it.
async fn newest_run(visitor: &Visitor, id: &str) -> Option<Operation> {
    if !visitor.has(Role::Chair) {
        return None;
    }
    let request = GetAssignmentRunRequest { round_id: id.to_owned() };
    visitor.clients().staffing().get_assignment_run(request).await.ok()?.into_inner().operation
}

fn is_running(operation: &Operation) -> bool {
    matches!(operation.state(), operation::State::Queued | operation::State::Running)
}

fn render(
    visitor: &Visitor,
    (round, run): (&Round, Option<&Operation>),
    (bars, known): (&[Bar], Option<&Known>),
    entries: &ListEntriesResponse,
    machine: &Markup,
    (filter, tried): (&Filter, Option<&AssignRoundResponse>),
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = name_or(lang, round.name.as_ref(), &round.round_id).to_owned();
    let address = format!("/rounds/{}", round.round_id);
    let running = run.filter(|run| is_running(run));
    let content = html! {
        (trail(lang, &[("/rounds", t("评审轮次", "Rounds"))]))
        div.head {
            div { h1 { (title) } p.lead { (states::round(lang, round.state())) } }
            div.actions { @if visitor.has(Role::Chair) && running.is_none() { (step(visitor, round, attempt)) } }
        }
        (steps(visitor, round.state()))
        (said(visitor, round, filter))
        (refusal(lang, attempt))
        (assigning(visitor, run))
        @if let Some(tried) = tried { (trial(visitor, tried)) }
        (oversight::ways(visitor, round))
        (facts(visitor, round))
        (beside(visitor, round))
        @if let Some(known) = known {
            @let caption = finding(lang, bars);
            @let source = agreement::source(visitor, known);
            (grade_strip(lang, bars, &Caption { about: "", title: &caption, source: &source }))
        }
        (entries::list(visitor, round, entries, filter, bars))
        @if let Some(known) = known { (agreement::section(visitor, known)) }
        (machine)
    };
    let page = Page { refresh: running.map(|_| 2), ..Page::work(&title, &address, Place::Rounds) };
    workplace(visitor, page, attempt, content)
}

/// How an assignment in the background is going, or why it came to nothing.
fn assigning(visitor: &Visitor, run: Option<&Operation>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let Some(run) = run else { return html! {} };
    let note = lang.pick(run.note_zh.as_str(), run.note_en.as_str());
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    html! {
        @if is_running(run) {
            div.banner role="status" {
                p { (t("正在分配专家，完成后这一页会自动更新。", "Reviewers are being assigned; the page follows by itself.")) }
                @if run.total > 0 { p { (progress(lang, count(run.done), count(run.total))) } }
                @if !note.is_empty() { p.small { (note) } }
            }
        } @else if run.state() == operation::State::Failed {
            div.banner.wrong role="alert" {
                h2 { (t("上次分配没有完成，没有改动任何内容", "The last assignment came to nothing; nothing was changed")) }
                @for line in note.lines() { p { (line) } }
            }
        }
    }
}

/// The pages that go with a round.
fn beside(visitor: &Visitor, round: &Round) -> Markup {
    let t = words(visitor.lang());
    let chair = visitor.has(Role::Chair);
    let mendable = matches!(round.state(), round::State::Assigned | round::State::Scoring);
    html! {
        @if chair || visitor.has(Role::Commission) {
            p {
                a href={ "/rounds/" (round.round_id) "/conflicts" } { (t("回避：谁不能评哪个专业", "Conflicts: who may not review what")) }
                @if chair && mendable { " · " a href={ "/rounds/" (round.round_id) "/staffing" } { (t("调整专家：有人退出时", "Adjust the panels: when somebody leaves")) } }
            }
        }
    }
}

/// The one step that comes next.
fn step(visitor: &Visitor, round: &Round, attempt: &Attempt) -> Markup {
    use round::State;
    let t = words(visitor.lang());
    let step = |verb: &str, label, primary| {
        let action = format!("/rounds/{}/{verb}", round.round_id);
        button(&action, attempt, &[("etag", &round.etag)], label, primary)
    };
    let assign = if round.entry_count >= LARGE { "assign-aside" } else { "assign" };
    let complete = round.assignment_count > 0 && round.submitted_count >= round.assignment_count;
    let short = round.short_count > 0;
    html! {
        @match round.state() {
            State::Draft | State::Unspecified => {
                (step("try", t("试分配", "Try an assignment"), false))
                (step(assign, t("分配专家", "Assign the panel"), true))
            },
            State::Assigned => {
                (step(assign, t("重新分配", "Assign again"), false))
                (step("open", t("开放评分", "Open for scoring"), true))
            },
            State::Scoring => {
                @if short { (step("assign", t("补派专家", "Fill the seats given back"), true)) }
                @else if complete { (step("assign", t("增派仲裁专家", "Add arbiters"), false)) }
                (step("finalise", t("定级", "Finalise the grades"), complete && !short))
            },
            State::Finalised | State::Revealed => {},
        }
    }
}

fn steps(visitor: &Visitor, state: round::State) -> Markup {
    use round::State;
    let t = words(visitor.lang());
    let at = match state {
        State::Draft | State::Unspecified => 0,
        State::Assigned => 1,
        State::Scoring => 2,
        State::Finalised => 3,
        State::Revealed => 4,
    };
    let names = [
        t("分配专家", "Assign"),
        t("开放评分", "Open"),
        t("评分", "Score"),
        t("定级", "Finalise"),
        t("向学校发布", "Show to schools"),
    ];
    html! {
        ol.steps {
            @for (index, name) in names.iter().enumerate() {
                li class=[(index < at).then_some("past")] aria-current=[(index == at).then_some("step")] { (name) }
            }
        }
    }
}

fn said(visitor: &Visitor, round: &Round, filter: &Filter) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let opened = &filter.opened;
    html! {
        @match filter.done.as_str() {
            "assigned" if round.state() == round::State::Scoring => {
                (done(t("已增派仲裁专家，他们现在可以看到任务。", "Arbiters are added; they see their assignments now.")))
            },
            "assigned" => (done(t("已分配。专家还看不到，开放评分之后才能看到。", "Assigned. Reviewers see nothing until the round is open."))),
            "open" => (done(t("已开放评分，专家现在可以看到任务。", "Open: reviewers see their assignments now."))),
            "finalised" => {
                div.banner.done role="status" {
                    p { (say!(lang, "已定级，开出 {opened} 份整改单。", "Finalised; {opened} rectifications were opened.")) " "
                        a href={ "/rectifications?round=" (round.round_id) } { (t("看整改单", "See them")) } }
                }
            },
            _ => {},
        }
    }
}

fn facts(visitor: &Visitor, round: &Round) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let scoring = matches!(round.state(), round::State::Assigned | round::State::Scoring);
    html! {
        dl.facts {
            dt { (t("年度", "Year")) } dd { (round.cycle_year) }
            dt { (t("专业", "Programmes")) } dd { (round.entry_count) }
            @if round.assignment_count > 0 {
                dt { (t("评分进度", "Scores in")) } dd { (progress(lang, round.submitted_count, round.assignment_count)) }
            }
            @if let Some(due) = format::moment(round.due_time.as_ref()) {
                dt { (t("评分截止", "Scores due")) }
                dd { @if scoring { (format::deadline(lang, due, now)) } @else { (format::exact(lang, due, now)) } }
            }
        }
    }
}

/// Goes on after a step, or shows the page again with why it was refused.
async fn conclude(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    outcome: Result<Vec<(&str, String)>, tonic::Status>,
) -> Answer {
    match outcome {
        Ok(after) => {
            let pairs: Vec<(&str, &str)> =
                after.iter().map(|(name, value)| (*name, value.as_str())).collect();
            Ok(see_other(&link::address(&format!("/rounds/{}", link::segment(id)), &pairs)))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(visitor, id, &Filter::default(), None, &Attempt::failed(form, failure)).await
        }
    }
}

fn assignment(id: &str, form: &FormData, dry_run: bool) -> AssignRoundRequest {
    AssignRoundRequest {
        request_id: form.request_id(),
        round_id: id.to_owned(),
        etag: form.get("etag").to_owned(),
        dry_run,
    }
}

async fn try_assignment(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    match visitor.clients().rounds().assign_round(assignment(&id, &form, true)).await {
        Ok(tried) => {
            page(&visitor, &id, &Filter::default(), Some(&tried.into_inner()), &Attempt::default()).await
        }
        Err(status) => conclude(&visitor, &id, form, Err(status)).await,
    }
}

/// Assigns in the background; the page shows how it is going.
async fn assign_aside(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = StartAssignmentRequest {
        request_id: form.request_id(),
        round_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().staffing().start_assignment(request).await.map(|_| vec![]);
    conclude(&visitor, &id, form, outcome).await
}

async fn assign(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let outcome = visitor.clients().rounds().assign_round(assignment(&id, &form, false)).await;
    let outcome = outcome.map(|_| vec![("done", "assigned".to_owned())]);
    conclude(&visitor, &id, form, outcome).await
}

async fn open(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = OpenRoundRequest {
        request_id: form.request_id(),
        round_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    let outcome =
        visitor.clients().rounds().open_round(request).await.map(|_| vec![("done", "open".to_owned())]);
    conclude(&visitor, &id, form, outcome).await
}

async fn finalise(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = FinaliseRoundRequest {
        request_id: form.request_id(),
        round_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().rounds().finalise_round(request).await.map(|answer| {
        let opened = answer.into_inner().rectifications_opened.to_string();
        vec![("done", "finalised".to_owned()), ("opened", opened)]
    });
    conclude(&visitor, &id, form, outcome).await
}
