//! A reviewer's work.

mod criteria;
mod list;
mod score;

use axum::Router;

pub fn routes() -> Router {
    Router::new().merge(list::routes()).merge(score::routes())
}
