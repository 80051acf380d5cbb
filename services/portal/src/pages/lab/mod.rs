//! The rule lab: drafts of rules, tried on reports that were handed in, before they bite.

mod fields;
mod files;
mod new;
mod show;
mod whom;

use axum::{Router, routing::get};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::{
    common::v1::operation,
    submission::v1::{GetReplayRequest, ListReplaysRequest, Replay},
};

use axum::extract::Query;

use crate::web::{
    components::{Mark, Sign, Tone, empty, pager, trail},
    error::{Answer, Failure},
    form::Attempt,
    format,
    i18n::words,
    layout::{Page, Place, workplace},
    link,
    session::Visitor,
};

pub fn routes() -> Router {
    Router::new()
        .route("/lab", get(list))
        .merge(new::routes())
        .merge(show::routes())
        .merge(whom::routes())
        .merge(files::routes())
}

/// How many replays one page lists.
const LISTED: i32 = 50;

#[derive(Deserialize, Default)]
struct At {
    #[serde(default)]
    page: String,
}

/// The replay of an address.
async fn find(visitor: &Visitor, replay_id: &str) -> Result<Replay, Failure> {
    let request = GetReplayRequest { replay_id: replay_id.to_owned() };
    let answer = visitor.clients().lab().get_replay(request).await?.into_inner();
    answer.replay.ok_or_else(Failure::not_found)
}

/// Where a replay stands.
fn state(lang: Lang, replay: &Replay) -> Mark {
    let t = words(lang);
    match replay.operation.as_ref().map(|operation| operation.state()) {
        Some(operation::State::Succeeded) => Mark::new(Sign::Tick, Tone::Done, t("已完成", "Done")),
        Some(operation::State::Failed) => Mark::new(Sign::Cross, Tone::Wrong, t("没有完成", "Failed")),
        Some(operation::State::Running) => Mark::new(Sign::Half, Tone::Go, t("正在回放", "Replaying")),
        _ => Mark::new(Sign::Wait, Tone::Go, t("排队中", "Queued")),
    }
}

/// "2024、2025".
fn years(lang: Lang, replay: &Replay) -> String {
    let years: Vec<String> = replay.cycle_years.iter().map(ToString::to_string).collect();
    years.join(lang.pick("、", ", "))
}

async fn list(visitor: Visitor, Query(at): Query<At>) -> Answer {
    visitor.signed_in()?;
    let request = ListReplaysRequest { page_size: LISTED, page_token: at.page.clone() };
    let answer = visitor.clients().lab().list_replays(request).await?.into_inner();
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("规则试行", "Rule lab");
    let next = (!answer.next_page_token.is_empty())
        .then(|| link::address("/lab", &[("page", &answer.next_page_token)]));
    let content = html! {
        (trail(lang, &[("/cycles", t("年度", "Cycles"))]))
        div.head {
            div {
                h1 { (title) }
                p.lead { (t("规则草案先在已交的年报上试行：看每条规则会提出多少问题、涉及哪些单位，再决定是否采用。试行不改动任何年报和规则。", "A draft of rules is tried on reports that were handed in, to see how often each rule fires and for whom before it is adopted. No report and no rule is touched.")) }
            }
            div.actions { a.button.primary href="/lab/new" { (t("试行一份草案", "Try a draft")) } }
        }
        @if answer.replays.is_empty() {
            (empty(t("还没有试行过规则草案", "No draft has been tried yet"), html! { a href="/lab/new" { (t("试行第一份", "Try the first one")) } }))
        } @else {
            div.scroll { table {
                thead { tr {
                    th scope="col" { (t("名称", "Name")) }
                    th scope="col" { (t("状态", "State")) }
                    th scope="col" { (t("试行年度", "Tried on")) }
                    th.number scope="col" { (t("年报", "Reports")) }
                    th.number scope="col" { (t("新提出", "Newly fires")) }
                    th.number scope="col" { (t("不再提出", "No longer")) }
                    th.number scope="col" { (t("与现行相同", "Unchanged")) }
                    th scope="col" { (t("试行人", "By")) }
                    th scope="col" { (t("时间", "When")) }
                } }
                tbody { @for replay in &answer.replays { (row(&visitor, replay)) } }
            } }
        }
        (pager(lang, "/lab", next.as_deref(), at.page.is_empty()))
    };
    Ok(workplace(&visitor, Page::work(title, "/lab", Place::Cycles), &Attempt::default(), content))
}

fn row(visitor: &Visitor, replay: &Replay) -> Markup {
    let lang = visitor.lang();
    let done = replay.end_time.is_some();
    let figure = |number: i64| html! { @if done { (number) } @else { span.grey { "—" } } };
    html! {
        tr {
            th scope="row" { a href={ "/lab/" (replay.replay_id) } { (replay.name) } }
            td { (state(lang, replay)) }
            td { (years(lang, replay)) }
            td.number { (figure(replay.reports.into())) }
            td.number { (figure(replay.newly_fires)) }
            td.number { (figure(replay.no_longer_fires)) }
            td.number { (figure(replay.unchanged)) }
            td { (replay.author) }
            td { @if let Some(time) = format::moment(replay.create_time.as_ref()) { (format::happened(lang, time, visitor.now())) } }
        }
    }
}
