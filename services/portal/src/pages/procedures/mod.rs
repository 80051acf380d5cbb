//! Procedures: which there are, what moves through them, and one item's way from step to step.

mod form;
mod item;
mod list;
mod moves;
mod show;
mod timeline;

use axum::{
    Router,
    routing::{get, post},
};
use zhijian_platform::Lang;
use zhijian_proto::review::v1::{Item, Procedure, step::Actor};

use crate::web::{
    components::{Mark, Sign, Tone},
    i18n::{name_or, words},
};

pub fn routes() -> Router {
    Router::new()
        .route("/procedures", get(list::list).post(moves::create))
        .route("/procedures/{id}", get(show::show))
        .route("/procedures/{id}/apply", post(moves::apply))
        .route("/procedures/{id}/start", post(moves::start))
        .route("/procedures/{id}/conclude", post(moves::conclude))
        .route("/procedures/{id}/close", post(moves::close))
        .route("/items/{id}", get(item::show).post(moves::take))
        .route("/items/{id}/save", post(moves::save))
        .route("/items/{id}/withdraw", post(moves::withdraw))
        .route("/items/{id}/lapse", post(moves::lapse))
}

/// The step or the end that an item is at, in words.
fn place<'a>(lang: Lang, procedure: &'a Procedure, code: &'a str) -> &'a str {
    let t = words(lang);
    match code {
        "withdrawn" => return t("已撤回", "Withdrawn"),
        "lapsed" => return t("逾期终止", "Lapsed"),
        _ => {}
    }
    let step = procedure.steps.iter().find(|step| step.code == code).map(|step| step.name.as_ref());
    let end = || procedure.ends.iter().find(|end| end.code == code).map(|end| end.name.as_ref());
    name_or(lang, step.or_else(end).flatten(), code)
}

/// Where an item is.
fn at(item: &Item) -> &str {
    if item.end_code.is_empty() { &item.step_code } else { &item.end_code }
}

/// Whether an item is the reader's to move, with others, or over.
pub fn mark(lang: Lang, item: &Item) -> Mark {
    let t = words(lang);
    match (item.end_code.is_empty(), item.mine, item.overdue) {
        (false, ..) => Mark::new(Sign::Tick, Tone::Done, t("已办结", "Ended")),
        (true, true, true) => Mark::new(Sign::Warn, Tone::Wrong, t("逾期，待我办理", "Late, yours to do")),
        (true, true, false) => Mark::new(Sign::Half, Tone::Need, t("待我办理", "Yours to do")),
        (true, false, true) => Mark::new(Sign::Warn, Tone::Wrong, t("逾期", "Late")),
        (true, false, false) => Mark::new(Sign::Wait, Tone::Go, t("办理中", "Under way")),
    }
}

/// Who acts in a step.
fn actor(lang: Lang, actor: Actor) -> &'static str {
    let t = words(lang);
    match actor {
        Actor::Unspecified => "",
        Actor::School => t("学校", "The school"),
        Actor::Supervisor => t("主管部门", "The supervising authority"),
        Actor::Commission => t("市教委", "The commission"),
        Actor::Chair => t("专家组", "The experts"),
        Actor::Publisher => t("发布人员", "The publisher"),
    }
}

/// What an item is called: an institution by its name, anything else with its school's.
pub fn title(lang: Lang, item: &Item) -> String {
    let school = name_or(lang, item.organisation_name.as_ref(), &item.organisation_code);
    let own = name_or(lang, item.title.as_ref(), "");
    if own.is_empty() || own == school { school.to_owned() } else { own.to_owned() }
}
