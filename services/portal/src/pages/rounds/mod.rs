//! Rounds of review, as the chair runs them.

mod agreement;
mod assistance;
mod conflicts;
mod entries;
mod entry;
mod list;
mod rulings;
mod show;
mod staffing;
mod trial;

use axum::Router;

pub fn routes() -> Router {
    Router::new()
        .merge(list::routes())
        .merge(show::routes())
        .merge(conflicts::routes())
        .merge(staffing::routes())
        .merge(entry::routes())
}
