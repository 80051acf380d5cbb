//! A round's panels while people come and go: who leaves, what changes then, and what has to be mended.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::review::v1::{
    GetRoundRequest, ListReleasesRequest, Readjustment, ReadmitReviewerRequest, ReassignRoundRequest,
    ReleaseReviewerRequest, Reviewer, ReviewerRelease, Round, SeatChange, round,
};

use crate::{
    pages::{panel::everybody, see_other},
    say,
    web::{
        components::{
            Field, Form, Kind, Mark, Sign, Tone, base, button, done, empty, hidden, id_of, refusal, trail,
        },
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/rounds/{id}/staffing", get(show))
        .route("/rounds/{id}/staffing/mend", post(mend))
        .route("/rounds/{id}/staffing/release", post(release))
        .route("/rounds/{id}/staffing/readmit", post(readmit))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

/// What the page shows.
struct Shown {
    round: Round,
    reviewers: Vec<Reviewer>,
    releases: Vec<ReviewerRelease>,
    /// What was tried: who would leave, if anybody, and what would change.
    tried: Option<(String, Readjustment)>,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after, None, &Attempt::default()).await
}

async fn page(
    visitor: &Visitor,
    id: &str,
    after: &After,
    tried: Option<(String, Readjustment)>,
    attempt: &Attempt,
) -> Answer {
    visitor.signed_in()?;
    let mut rounds = visitor.clients().rounds();
    let answer = rounds.get_round(GetRoundRequest { round_id: id.to_owned() }).await?.into_inner();
    let round = answer.round.ok_or_else(Failure::not_found)?;
    let request = ListReleasesRequest { round_id: id.to_owned() };
    let releases = visitor.clients().staffing().list_releases(request).await?.into_inner().releases;
    let reviewers = everybody(visitor).await?;
    Ok(render(visitor, &Shown { round, reviewers, releases, tried }, after, attempt))
}

fn render(visitor: &Visitor, shown: &Shown, after: &After, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let Shown { round, releases, tried, .. } = shown;
    let title = t("调整专家", "Adjust the panels");
    let up = format!("/rounds/{}", round.round_id);
    let address = format!("{up}/staffing");
    let name = name_or(lang, round.name.as_ref(), &round.round_id).to_owned();
    let mendable = matches!(round.state(), round::State::Assigned | round::State::Scoring);
    let content = html! {
        (trail(lang, &[("/rounds", t("评审轮次", "Rounds")), (&up, &name)]))
        div.head { div {
            h1 { (title) }
            p.lead { (t("有人退出，或发现新的回避时，只动非动不可的席位：已提交的评分都保留，其余能不动的都不动。先看会怎样变，再确认。", "When somebody leaves or a conflict comes to light, only what must move moves: sheets handed in stay, and of the others as many as can. Look at what would change, then confirm.")) }
        } }
        @match after.done.as_str() {
            "mended" => (done(t("已调整。", "The panels are mended."))),
            "released" => (done(t("专家已退出本轮，席位已由他人接替。", "The expert has left the round, and others have the seats."))),
            "readmitted" => (done(t("可以再次分配给这位专家。", "The expert can be assigned again."))),
            _ => {},
        }
        (refusal(lang, attempt))
        @if let Some((leaving, change)) = tried { (trial(visitor, shown, leaving, change, attempt)) }
        @if mendable {
            h2 { (t("专家退出", "Somebody leaves")) }
            (release_form(visitor, shown, attempt))
            h2 { (t("重新核对全部席位", "Check every seat")) }
            p { (t("专家信息、关系申报或回避裁定有变化之后，看看有没有席位需要换人。", "After the panel, a declaration or a ruling has changed: see whether any seat must move.")) }
            (button(&format!("{address}/mend"), attempt, &[("etag", &round.etag), ("try", "yes")], t("看会怎样变", "See what would change"), false))
        } @else {
            (empty(t("现在不能调整专家", "The panels cannot be adjusted now"), html! { a href=(up) { (t("回到本轮评审", "Back to the round")) } }))
        }
        @if !releases.is_empty() { (left(visitor, shown, attempt)) }
    };
    workplace(visitor, Page::work(title, &address, Place::Rounds), attempt, content)
}

fn release_form(visitor: &Visitor, shown: &Shown, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let gone = |id: &str| shown.releases.iter().any(|release| release.reviewer_account_id == id);
    let chosen = attempt.form.get("reviewer_id").to_owned();
    let action = format!("/rounds/{}/staffing/release", shown.round.round_id);
    (Form { action: &action, attempt, keep: "" }).around(html! {
        (base("etag", &shown.round.etag))
        (hidden("try", "yes"))
        div.field {
            label for=(id_of("reviewer_id")) { (t("哪位专家", "Who")) }
            select id=(id_of("reviewer_id")) name="reviewer_id" required {
                option value="" { (t("请选择", "Choose")) }
                @for one in shown.reviewers.iter().filter(|one| !gone(&one.account_id)) {
                    option value=(one.account_id) selected[one.account_id == chosen] { (one.name) }
                }
            }
        }
        div.actions { button type="submit" { (t("看会怎样变", "See what would change")) } }
    })
}

/// What would change, and the button that does it.
fn trial(
    visitor: &Visitor,
    shown: &Shown,
    leaving: &str,
    change: &Readjustment,
    attempt: &Attempt,
) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let Readjustment { changes, kept, submitted, disputed } = change;
    let removed = changes.iter().filter(|one| !one.added).count();
    let added = changes.len() - removed;
    let address = format!("/rounds/{}/staffing", shown.round.round_id);
    html! {
        div.banner role="status" {
            h2 { (t("会怎样变（还没有改动任何内容）", "What would change (nothing is changed yet)")) }
            p { (say!(lang, "收回 {removed} 个席位，新安排 {added} 个；{kept} 个不动，其中 {submitted} 份已提交。", "{removed} seats are taken back and {added} given; {kept} stay, {submitted} of them handed in.")) }
        }
        @if !disputed.is_empty() {
            div.banner.need {
                p { (t("下列评分已经提交，而专家现在须回避。它们不会自动作废，请评审组长处理：", "These sheets are handed in by experts who are in conflict now. They stay; the chair decides:")) }
                ul { @for one in disputed { li { (text(lang, one.title.as_ref())) (t("：", ": ")) (one.reviewer_name) } } }
            }
        }
        @if !changes.is_empty() { div.scroll { (table(visitor, changes)) } }
        @if leaving.is_empty() {
            @if !changes.is_empty() {
                (button(&format!("{address}/mend"), attempt, &[("etag", &shown.round.etag)], t("确认调整", "Adjust"), true))
            }
        } @else {
            (Form { action: &format!("{address}/release"), attempt, keep: "" }.around(html! {
                (hidden("etag", &shown.round.etag))
                (hidden("reviewer_id", leaving))
                (Field::new(Kind::Text, "reason", t("退出的原因", "Why the expert leaves"), attempt, "").hint(t("1 到 500 字，记入审计。", "1 to 500 characters; it is audited.")))
                div.actions { button.primary type="submit" { (t("确认退出并换人", "Confirm")) } }
            }))
        }
    }
}

fn table(visitor: &Visitor, changes: &[SeatChange]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("专业", "Programme")) }
                th scope="col" { (t("变化", "Change")) }
                th scope="col" { (t("专家", "Expert")) }
            } }
            tbody { @for one in changes { tr {
                th scope="row" { (text(lang, one.title.as_ref())) }
                td {
                    @if one.added { (Mark::new(Sign::Tick, Tone::Go, t("新安排", "given"))) }
                    @else { (Mark::new(Sign::Back, Tone::Quiet, t("收回", "taken back"))) }
                    @if one.begun { " " span.small.grey { (t("已写草稿，将存档", "has a draft, which is kept")) } }
                }
                td { (one.reviewer_name) }
            } } }
        }
    }
}

fn left(visitor: &Visitor, shown: &Shown, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let action = format!("/rounds/{}/staffing/readmit", shown.round.round_id);
    html! {
        h2 { (t("已退出本轮的专家", "Who has left the round")) }
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("专家", "Expert")) }
                th scope="col" { (t("原因", "Why")) }
                th scope="col" { span.hidden { (t("操作", "Actions")) } }
            } }
            tbody { @for one in &shown.releases { tr {
                th scope="row" { (one.reviewer_name) }
                td { (one.reason) }
                td { (button(&action, attempt, &[("reviewer_id", &one.reviewer_account_id)], t("允许再次分配", "Let be assigned again"), false)) }
            } } }
        } }
    }
}

async fn mend(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let dry_run = form.get("try") == "yes";
    let request = ReassignRoundRequest {
        request_id: form.request_id(),
        round_id: id.clone(),
        etag: form.get("etag").to_owned(),
        dry_run,
    };
    let outcome = visitor.clients().staffing().reassign_round(request).await;
    let outcome = outcome.map(|answer| answer.into_inner().readjustment.unwrap_or_default());
    conclude(&visitor, &id, form, dry_run, outcome, "mended").await
}

async fn release(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let dry_run = form.get("try") == "yes";
    let request = ReleaseReviewerRequest {
        request_id: form.request_id(),
        round_id: id.clone(),
        etag: form.get("etag").to_owned(),
        reviewer_account_id: form.get("reviewer_id").to_owned(),
        reason: form.get("reason").to_owned(),
        dry_run,
    };
    let outcome = visitor.clients().staffing().release_reviewer(request).await;
    let outcome = outcome.map(|answer| answer.into_inner().readjustment.unwrap_or_default());
    conclude(&visitor, &id, form, dry_run, outcome, "released").await
}

async fn readmit(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = ReadmitReviewerRequest {
        request_id: form.request_id(),
        round_id: id.clone(),
        reviewer_account_id: form.get("reviewer_id").to_owned(),
    };
    let outcome = visitor.clients().staffing().readmit_reviewer(request).await;
    conclude(&visitor, &id, form, false, outcome.map(|_| Readjustment::default()), "readmitted").await
}

/// Shows what was tried, goes on after what was done, or shows the page again with why it was refused.
async fn conclude(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    dry_run: bool,
    outcome: Result<Readjustment, tonic::Status>,
    word: &str,
) -> Answer {
    match outcome {
        Ok(change) if dry_run => {
            let tried = (form.get("reviewer_id").to_owned(), change);
            page(visitor, id, &After::default(), Some(tried), &Attempt::default()).await
        }
        Ok(_) => Ok(see_other(&link::address(
            &format!("/rounds/{}/staffing", link::segment(id)),
            &[("done", word)],
        ))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let attempt = Attempt::refused(form, failure, |path| match path {
                "reviewer_account_id" => "reviewer_id".to_owned(),
                other => other.to_owned(),
            });
            // Why somebody leaves is asked below what would change, so that is shown once more.
            let tried =
                if dry_run || word != "released" { None } else { tried_again(visitor, id, &attempt).await };
            page(visitor, id, &After::default(), tried, &attempt).await
        }
    }
}

async fn tried_again(visitor: &Visitor, id: &str, attempt: &Attempt) -> Option<(String, Readjustment)> {
    let leaving = attempt.form.get("reviewer_id").to_owned();
    let request = ReleaseReviewerRequest {
        round_id: id.to_owned(),
        etag: attempt.form.get("etag").to_owned(),
        reviewer_account_id: leaving.clone(),
        dry_run: true,
        ..ReleaseReviewerRequest::default()
    };
    let answer = visitor.clients().staffing().release_reviewer(request).await.ok()?;
    Some((leaving, answer.into_inner().readjustment.unwrap_or_default()))
}
