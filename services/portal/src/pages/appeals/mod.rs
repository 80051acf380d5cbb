//! Feedback and appeals: what a school learns of one programme, and what becomes of its word against the grade.

mod entry;
mod list;
mod show;

use axum::{
    Router,
    routing::{get, post},
};

pub use list::open_of as open_appeals;

pub fn routes() -> Router {
    Router::new()
        .route("/results/{entry}", get(entry::show))
        .route("/results/{entry}/appeal", post(entry::file))
        .route("/appeals", get(list::list))
        .route("/appeals/{id}", get(show::show))
        .route("/appeals/{id}/withdraw", post(show::withdraw))
        .route("/appeals/{id}/appoint", post(show::appoint))
        .route("/appeals/{id}/decide", post(show::decide))
}
