//! A reviewer's work.

pub mod assistance;
mod autosave;
mod criteria;
mod evidence;
mod file;
mod hand_in;
mod list;
mod panel;
mod score;

use axum::Router;

pub fn routes() -> Router {
    Router::new().merge(list::routes()).merge(score::routes())
}
