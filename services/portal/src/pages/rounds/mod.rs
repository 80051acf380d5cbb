//! Rounds of review, as the chair runs them.

mod agreement;
mod entries;
mod list;
mod show;

use axum::Router;

pub fn routes() -> Router {
    Router::new().merge(list::routes()).merge(show::routes())
}
