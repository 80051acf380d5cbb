//! What the chair watches over in a round: the sheets, who looked at sealed results, and the words for schools.

mod feedback;
mod reads;
mod sheets;

use axum::{
    Router,
    routing::{get, post},
};
use maud::{Markup, html};
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{Round, round},
};

use crate::{
    say,
    web::{i18n::words, session::Visitor},
};

pub fn routes() -> Router {
    Router::new()
        .route("/rounds/{id}/sheets", get(sheets::list))
        .route("/rounds/{id}/sheets/{assignment}", post(sheets::give_back))
        .route("/rounds/{id}/reads", get(reads::list))
        .route("/rounds/{id}/feedback", get(feedback::list))
        .route("/rounds/{id}/feedback/{entry}", get(feedback::show).post(feedback::save))
        .route("/rounds/{id}/feedback/{entry}/approve", post(feedback::approve))
}

/// The ways from a round to what is watched over, and what of it waits.
pub fn ways(visitor: &Visitor, round: &Round) -> Markup {
    use round::State;
    let lang = visitor.lang();
    let t = words(lang);
    let state = round.state();
    let (chair, watches) =
        (visitor.has(Role::Chair), visitor.has(Role::Chair) || visitor.has(Role::Commission));
    let graded = matches!(state, State::Finalised | State::Revealed);
    let to = |what: &str| format!("/rounds/{}/{what}", round.round_id);
    let short = round.short_count;
    html! {
        @if chair && short > 0 {
            div.banner.need { p {
                (say!(lang, "有 {short} 个评审席位因专家退出而空缺，请再次分配补派专家。", "{short} seats were given back: assign again to fill them.")) " "
                a href={ (to("sheets")) "?state=abstained" } { (t("看退出理由", "See why")) }
            } }
        }
        @if watches && state != State::Draft {
            (ways_of(&[
                (chair, to("sheets"), t("评分表", "Sheets")),
                (chair && graded, to("feedback"), t("给学校的反馈", "Feedback to schools")),
                (graded, to("reads"), t("公布前的查阅记录", "Who looked before the reveal")),
                (state == State::Revealed, format!("/appeals?round={}", round.round_id), t("申诉", "Appeals")),
            ]))
        }
    }
}

/// Links side by side: whether each is there, where it leads and what it is called.
fn ways_of(ways: &[(bool, String, &str)]) -> Markup {
    html! {
        p.ways {
            @for (place, (_, href, name)) in ways.iter().filter(|(there, ..)| *there).enumerate() {
                @if place > 0 { " · " }
                a href=(href) { (name) }
            }
        }
    }
}
