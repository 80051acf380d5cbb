//! Following what was graded low: the list, one programme's way, and what each side does on it.

mod forms;
mod list;
mod moves;
mod report;
mod show;

pub use report::items;

use axum::{
    Router,
    routing::{get, post},
};

pub fn routes() -> Router {
    Router::new()
        .route("/rectifications", get(list::list))
        .route("/rectifications.csv", get(list::export_list))
        .route("/rectifications/{id}", get(show::show).post(moves::plan))
        .route("/rectifications/{id}/decide", post(moves::decide))
        .route("/rectifications/{id}/report", post(moves::report))
        .route("/rectifications/{id}/claim", post(moves::claim))
        .route("/rectifications/{id}/appoint", post(moves::appoint))
        .route("/rectifications/{id}/conclude", post(moves::conclude))
        .route("/rectifications/{id}/escalate", post(moves::escalate))
        .route("/rectifications/{id}/withdraw", post(moves::withdraw))
}
