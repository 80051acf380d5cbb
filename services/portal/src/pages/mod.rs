//! The pages, one file each.

mod assignments;
mod burden;
mod cycles;
mod desk;
mod exports;
mod home;
pub mod lookup;
mod notices;
mod publish;
mod rectifications;
mod registry;
mod releases;
mod results;
mod rounds;
mod set_up;
pub mod sign_in;
mod submissions;
mod table;
pub mod trouble;
mod work;

use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
};

use crate::web::error::Failure;

/// Every page.
pub fn routes() -> Router {
    Router::new()
        .merge(home::routes())
        .merge(releases::routes())
        .merge(table::routes())
        .merge(sign_in::routes())
        .merge(set_up::routes())
        .merge(work::routes())
        .merge(submissions::routes())
        .merge(results::routes())
        .merge(rectifications::routes())
        .merge(registry::routes())
        .merge(cycles::routes())
        .merge(desk::routes())
        .merge(notices::routes())
        .merge(exports::routes())
        .merge(burden::routes())
        .merge(rounds::routes())
        .merge(assignments::routes())
        .merge(publish::routes())
        .fallback(async || Failure::not_found())
}

/// Sends the reader on after a post, so that reloading asks and does not post again.
fn see_other(address: &str) -> Response {
    Redirect::to(address).into_response()
}
