//! The pages, one file each.

mod appeals;
mod assignments;
mod bundles;
mod burden;
mod cycle_terms;
mod cycles;
mod desk;
mod diagnosis;
mod directory;
mod editions;
mod exports;
mod federation;
mod funding;
mod home;
mod lab;
pub mod lookup;
mod map;
mod notices;
mod objections;
mod open_data;
mod oversight;
mod panel;
mod platforms;
mod procedures;
mod publish;
mod rectifications;
pub mod registry;
mod releases;
mod reminders;
mod results;
mod rounds;
mod rules;
pub mod search;
mod set_up;
pub mod sign_in;
mod submissions;
mod table;
pub mod trouble;
mod versions;
mod withdrawn;
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
        .merge(objections::routes())
        .merge(bundles::routes())
        .merge(federation::routes())
        .merge(editions::routes())
        .merge(directory::routes())
        .merge(search::routes())
        .merge(open_data::routes())
        .merge(versions::routes())
        .merge(sign_in::routes())
        .merge(set_up::routes())
        .merge(work::routes())
        .merge(submissions::routes())
        .merge(results::routes())
        .merge(appeals::routes())
        .merge(oversight::routes())
        .merge(rectifications::routes())
        .merge(reminders::routes())
        .merge(registry::routes())
        .merge(panel::routes())
        .merge(cycles::routes())
        .merge(cycle_terms::routes())
        .merge(desk::routes())
        .merge(diagnosis::routes())
        .merge(map::routes())
        .merge(funding::routes())
        .merge(platforms::routes())
        .merge(rules::routes())
        .merge(notices::routes())
        .merge(exports::routes())
        .merge(burden::routes())
        .merge(lab::routes())
        .merge(procedures::routes())
        .merge(rounds::routes())
        .merge(assignments::routes())
        .merge(publish::routes())
        .fallback(async || Failure::not_found())
}

/// Sends the reader on after a post, so that reloading asks and does not post again.
fn see_other(address: &str) -> Response {
    Redirect::to(address).into_response()
}
